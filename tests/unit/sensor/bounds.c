/*
 * bounds - FORMAT's checksum of FILE as one datagram, for test-bounds.py to count the instructions of.
 *
 * FILE may be @NUMBER: the datagram of that number in nmea_worst.h. A number too many is exit code 3. FORMAT "nothing" only
 * reads or makes it: what is not charged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/format.h"
#include "tests/nmea_worst.h"

static uint8_t data[(1 << 16) + BITS_SLACK];

static size_t read_input(const char *path)
{
	unsigned long number = strtoul(path + 1, NULL, 10);
	FILE *f;

	if (*path == '@') {
		if (number >= NMEA_WORST_N)
			exit(3);
		nmea_worst_make((unsigned)number, (char *)data);
		return NMEA_WORST_SIZE;
	}
	f = fopen(path, "re");
	if (!f)
		exit(2);

	size_t n = fread(data, 1, sizeof(data) - BITS_SLACK, f);

	fclose(f);
	return n;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "nothing"))
		return read_input(argv[2]) == 0;

	const struct format *format = argc == 3 ? format_find(argv[1]) : NULL;
	void *state = format ? calloc(1, format->state_size) : NULL;

	if (!state || format->init(state, &(struct format_options){ 0 }) < 0)
		return 2;

	struct format_bytes bytes = { data, read_input(argv[2]), 1, 1 };

	printf("%016llx\n", (unsigned long long)format->hash(state, &bytes, 0));
	free(state);
	return 0;
}
