/* fuzz-ais - any bytes as an AIS datagram: sentences, reassembly, messages, JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/ais.h"
#include "sensor/decode/ais_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	char buf[4096];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	ais_json_put(&j, m);
	if (j.full || s->end == NULL)
		abort(); /* the longest message's JSON is below 2 KiB */
	*(uint64_t *)user ^= ais_message_hash(m, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ais a;
	uint64_t hash = 0;

	ais_init(&a);
	/* Twice: the second datagram meets the first one's fragments. */
	ais_decode(&a, (const char *)data, size, 1, 1000, take, &hash);
	ais_decode(&a, (const char *)data, size, 1, INT64_C(2000000000), take, &hash);
	return 0;
}
