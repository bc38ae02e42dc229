/*
 * nmea_make - sentences for tests, made character by character and independent of the encoder; and a decoder with its outputs kept.
 */
#pragma once

#include "sensor/decode/nmea/nmea.h"
#include "sensor/decode/nmea/nmea_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NMEA_MAKE_MAX 2048

static inline unsigned nmea_make_sum(const char *p)
{
	unsigned sum = 0;

	while (*p)
		sum ^= (unsigned char)*p++;
	return sum;
}

/* "$BODY*hh\r\n" into @out, NMEA_MAKE_MAX. */
static inline const char *nmea_make(char start, const char *body, char *out)
{
	snprintf(out, NMEA_MAKE_MAX, "%c%s*%02X\r\n", start, body, nmea_make_sum(body));
	return out;
}

/* "\BODY*hh\" and what is behind it. */
static inline const char *nmea_make_tagged(const char *tag, const char *rest, char *out)
{
	snprintf(out, NMEA_MAKE_MAX, "\\%.200s*%02X\\%.1800s", tag, nmea_make_sum(tag), rest);
	return out;
}

/* The last decode. */
struct nmea_made {
	struct nmea n;
	unsigned messages;
	struct nmea_message last; /* its texts point into `bytes` */
	char *bytes;		  /* exactly as long as they are, so that a sanitizer sees a read past them */
	char json[8192];
	size_t json_len;
};

static inline void nmea_made_take(void *user, const struct nmea_message *m)
{
	struct nmea_made *d = user;
	struct jot j;

	d->messages++;
	d->last = *m;
	jot_init(&j, d->json, sizeof(d->json) - 1);
	nmea_json_put(&j, m);
	d->json[j.full ? 0 : j.len] = '\0';
	d->json_len = j.len;
}

/* Decodes @size bytes with fresh counts; the line counters' sources stay. */
static inline void nmea_made_decode(struct nmea_made *d, const char *data, size_t size)
{
	free(d->bytes);
	d->bytes = malloc(size ? size : 1);
	if (!d->bytes)
		exit(1);
	memcpy(d->bytes, data, size);
	memset(&d->n.stats, 0, sizeof(d->n.stats));
	d->messages = 0;
	nmea_decode(&d->n, d->bytes, size, 1, nmea_made_take, d);
}

/* All faults together. */
static inline uint64_t nmea_made_faults(const struct nmea_made *d)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < _NMEA_FAULT_MAX; i++)
		sum += d->n.stats.faults[i];
	return sum;
}
