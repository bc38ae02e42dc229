/* fuzz-klv - any bytes as KLV or a transport stream: packets, items, JSON, checksum, plots, their encoding, re-encoding. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/klv/klv_encode.h"
#include "sensor/decode/klv/klv_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct site site = { .feed = "uav1", .sensor = PLOT_SENSOR_CAMERA, .version = 1 };
static char line[FORMAT_LINE_MAX];
static struct klv_encode encode;

static void begin_line(void *user, struct jot *ret_j)
{
	jot_init(ret_j, line, sizeof(line));
}

static void end_line(void *user, struct jot *j)
{
	if (!j->full && (j->len < 2 || line[0] != '{' || line[j->len - 1] != '}'))
		abort();
}

/* Every plot we make can be encoded and is accepted by the other side. */
static void take_plot(void *user, const struct plot *plot)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct plot back;
	ssize_t size = wire_put_plot(buf, sizeof(buf), plot);

	if (size <= 0 || size > 512 || wire_get_plot(buf, (size_t)size, &back) < 0)
		abort();
}

/* Whatever value is read from octets, the same octets are written for it. */
static void take_value(void *user, const char *name, const struct klv_item *i)
{
	struct klv_value v;
	uint8_t back[8];

	if (i->tag->kind >= _KLV_NUMBER_MAX || !klv_value_read(i, &v) || (i->tag->kind == KLV_OID && i->data[0] == 0x80))
		return;
	if (klv_value_write_exact(i->tag, &v, back, i->size) < 0 || memcmp(back, i->data, i->size))
		abort();
}

static void pass_open(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
}

static void pass_close(void *user, const struct klv_tag *tag, char bracket)
{
}

static void take_packet(void *user, const struct klv_packet *p)
{
	static const struct klv_visitor values = { pass_open, pass_close, take_value };
	struct klv_stats stats = { 0 };

	klv_walk(p, &stats, &values, NULL);
	klv_encode_begin(&encode, p->set);
	klv_encode_bytes(&encode, 3, p->value, p->value_size < 100 ? p->value_size : 100);
	if (klv_encode_end(&encode, true) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t *state;
	const struct format_bytes b = { data, size, 1, INT64_C(1764000000123456789) };
	const struct plotting p = { &site, 256, 256, b.recv_ns, 1000 };
	struct klv_stats stats = { 0 };

	if (!state)
		state = calloc(1, klv_format.state_size);
	if (!state)
		return 0;
	klv_format.reset(state);
	klv_format.json(state, &b, &(struct format_lines){ begin_line, end_line, NULL });
	klv_format.reset(state);

	uint64_t once = klv_format.hash(state, &b, 0);

	klv_format.reset(state);
	if (klv_format.hash(state, &b, 0) != once)
		abort();
	klv_format.plots(state, &b, &p, &(struct format_plots){ take_plot, NULL });
	if (klv_format.cut(data, size) > size)
		abort();
	klv_format.is(data, size);
	klv_decode(data, size, &stats, take_packet, NULL);
	return 0;
}
