/* fuzz-asterix - any bytes as an ASTERIX datagram: blocks, records, JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *user, const struct asterix_record *r)
{
	static char buf[ASTERIX_JSON_MAX];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	asterix_json_put(&j, r, INT64_C(1764000000000000000));
	*(uint64_t *)user = asterix_json_hash(r, *(uint64_t *)user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct asterix_stats stats = { 0 };
	uint64_t hash = 0;
	uint8_t *copy = malloc(size + BITS_SLACK);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	/* The slack's value must not matter. */
	memset(copy + size, 0xa5, BITS_SLACK);
	asterix_decode(copy, size, &stats, take, &hash);

	uint64_t first = hash;

	hash = 0;
	memset(copy + size, 0x5a, BITS_SLACK);
	asterix_decode(copy, size, &stats, take, &hash);
	if (hash != first)
		abort();
	free(copy);
	return 0;
}
