/* Every object decoder; what decodes must encode, and decode again to the same bytes. First byte: the kind. */
#include "common/canon.h"
#include "common/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static union {
	struct plot plot;
	struct site site;
	struct track track;
	struct wire_withdraw withdraw;
	struct wire_health health;
} object;

static int get(unsigned kind, const void *data, size_t size)
{
	switch (kind) {
	case WIRE_PLOT: return wire_get_plot(data, size, &object.plot);
	case WIRE_SITE: return wire_get_site(data, size, &object.site);
	case WIRE_HEALTH: return wire_get_health(data, size, &object.health);
	case WIRE_TRACK: return wire_get_track(data, size, &object.track);
	case WIRE_WITHDRAW: return wire_get_withdraw(data, size, &object.withdraw);
	default: return -1;
	}
}

static ssize_t put(unsigned kind, void *buf, size_t cap)
{
	switch (kind) {
	case WIRE_PLOT: return wire_put_plot(buf, cap, &object.plot);
	case WIRE_SITE: return wire_put_site(buf, cap, &object.site);
	case WIRE_HEALTH: return wire_put_health(buf, cap, &object.health);
	case WIRE_TRACK: return wire_put_track(buf, cap, &object.track);
	default: return wire_put_withdraw(buf, cap, &object.withdraw);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buf[2 * WIRE_OBJECT_MAX];
	struct canon_in i;

	if (size < 1)
		return 0;
	canon_in_init(&i, data + 1, size - 1);
	canon_skip(&i);
	unsigned kind = data[0] % 8;
	if (get(kind, data + 1, size - 1) < 0)
		return 0;
	ssize_t n = put(kind, buf, sizeof(buf));
	if (n < 0 || get(kind, buf, (size_t)n) < 0)
		abort();
	return 0;
}
