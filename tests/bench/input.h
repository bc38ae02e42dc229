/*
 * input - what decoders are measured on: bytes of real captures beside the source tree, or of our own encoders, repeated.
 *
 * A benchmark may end where it stands: memory that runs out ends it.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "sensor/decode/bits.h"

#define INPUT_SIZE_MIN (50u << 20)
#define INPUT_ROUNDS 3 /* the best counts: the host is shared */

struct input {
	uint8_t *data; /* BITS_SLACK bytes behind it */
	size_t size, cap;
	const char *origin;
};

static inline void input_reserve(struct input *in, size_t size)
{
	if (in->size + size + BITS_SLACK <= in->cap)
		return;
	in->cap = 2 * (in->size + size + BITS_SLACK);
	in->data = realloc(in->data, in->cap);
	if (!in->data)
		exit(1);
}

static inline void input_append(struct input *in, const void *data, size_t size)
{
	input_reserve(in, size);
	memcpy(in->data + in->size, data, size);
	in->size += size;
}

/* Again and again until INPUT_SIZE_MIN. */
static inline void input_repeat(struct input *in)
{
	size_t unit = in->size;

	while (unit && in->size < INPUT_SIZE_MIN) {
		input_reserve(in, unit);
		memcpy(in->data + in->size, in->data, unit);
		in->size += unit;
	}
	input_reserve(in, 0);
}

/* A whole file. False when it is not there. */
static inline bool input_read(struct input *in, const char *path)
{
	FILE *f = fopen(path, "re");
	char buf[1 << 16];

	if (!f)
		return false;
	for (size_t n; (n = fread(buf, 1, sizeof(buf), f)) > 0;)
		input_append(in, buf, n);
	fclose(f);
	return true;
}

/* How fast this machine reads memory now, one core, MB/s: what no decoder can pass. */
static inline double input_memory_mb_s(void)
{
	size_t n = (256u << 20) / sizeof(uint64_t);
	uint64_t *words = malloc(n * sizeof(uint64_t)), sum = 0;
	double best = 0;

	if (!words)
		exit(1);
	memset(words, 1, n * sizeof(uint64_t));
	for (int round = 0; round < INPUT_ROUNDS; round++) {
		int64_t begin_ns = clock_mono_ns();

		for (size_t i = 0; i < n; i += 8)
			for (size_t k = 0; k < 8; k++)
				sum += words[i + k];

		double rate = (double)(n * sizeof(uint64_t)) * 1e3 / (double)(clock_mono_ns() - begin_ns);

		best = rate > best ? rate : best;
	}
	*(volatile uint64_t *)words = sum;
	free(words);
	return best;
}
