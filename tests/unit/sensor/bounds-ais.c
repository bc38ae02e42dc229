/* bounds-ais - decodes FILE as one datagram, for test-ais-bounds.py to count the instructions of. */
#include <stdio.h>

#include "sensor/decode/ais/ais.h"

static void take(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	(void)s;
	*(uint64_t *)user = ais_message_hash(m, *(uint64_t *)user);
}

int main(int argc, char **argv)
{
	static char data[1 << 16];
	static struct ais a;
	FILE *f = argc == 2 ? fopen(argv[1], "re") : NULL;
	uint64_t hash = 0;

	if (!f)
		return 2;

	size_t n = fread(data, 1, sizeof(data), f);

	fclose(f);
	ais_init(&a);
	ais_decode(&a, data, n, 1, 1, take, &hash);
	printf("%llu messages, hash %016llx\n", (unsigned long long)a.stats.messages, (unsigned long long)hash);
	return 0;
}
