/* bounds - FORMAT's checksum of FILE as one datagram, for test-bounds.py to count the instructions of. */
#include <stdio.h>
#include <stdlib.h>

#include "sensor/decode/format.h"

static uint8_t data[(1 << 16) + BITS_SLACK];

int main(int argc, char **argv)
{
	const struct format *format = argc == 3 ? format_find(argv[1]) : NULL;
	FILE *f = format ? fopen(argv[2], "re") : NULL;
	void *state = format ? calloc(1, format->state_size) : NULL;

	if (!f || !state || format->init(state, &(struct format_options){ 0 }) < 0)
		return 2;

	struct format_bytes bytes = { data, fread(data, 1, sizeof(data) - BITS_SLACK, f), 1, 1 };

	printf("%016llx\n", (unsigned long long)format->hash(state, &bytes, 0));
	fclose(f);
	free(state);
	return 0;
}
