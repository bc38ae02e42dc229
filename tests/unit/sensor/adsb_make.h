/* adsb_make - frames for tests, from hex or from values, and what the decoder makes of bytes. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "sensor/decode/adsb/adsb.h"
#include "sensor/decode/adsb/adsb_encode.h"
#include "sensor/decode/adsb/adsb_json.h"

#define ADSB_MAKE_MAX 64

/* What came out of adsb_decode(), the last ADSB_MAKE_MAX of it. */
struct adsb_made {
	unsigned n;
	struct adsb_message m[ADSB_MAKE_MAX];
	struct adsb_aircraft aircraft[ADSB_MAKE_MAX];
	bool has_aircraft[ADSB_MAKE_MAX];
};

static inline void adsb_made_take(void *user, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	struct adsb_made *made = user;
	unsigned i = made->n++ % ADSB_MAKE_MAX;

	made->m[i] = *m;
	made->has_aircraft[i] = a != NULL;
	if (a)
		made->aircraft[i] = *a;
}

/* @data is copied to memory of its own, so that a sanitizer sees a read past its end. */
static inline void adsb_made_decode(struct adsb *a, const void *data, size_t size, int64_t recv_ns,
	const struct adsb_cpr_point *site, struct adsb_made *made)
{
	uint8_t *exact = malloc(size ? size : 1);

	memcpy(exact, data, size);
	adsb_decode(a, exact, size, recv_ns, site, adsb_made_take, made);
	free(exact);
}

static inline void adsb_made_text(struct adsb *a, const char *text, int64_t recv_ns, struct adsb_made *made)
{
	adsb_made_decode(a, text, strlen(text), recv_ns, NULL, made);
}

/* One message as Beast bytes through the decoder. */
static inline void adsb_made_message(struct adsb *a, const struct adsb_message *m, int64_t recv_ns,
	const struct adsb_cpr_point *site, struct adsb_made *made)
{
	uint8_t frame[ADSB_MESSAGE_LONG], bytes[ADSB_ENCODE_BEAST_MAX];
	int size = adsb_message_encode(m, frame);

	adsb_made_decode(a, bytes, adsb_encode_beast(frame, (size_t)size, 0, 100, bytes), recv_ns, site, made);
}

static inline size_t adsb_made_hex(const char *hex, uint8_t frame[static ADSB_MESSAGE_LONG])
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++)
		sscanf(hex + 2 * i, "%2hhx", &frame[i]);
	return n;
}

static inline const struct adsb_message *adsb_made_last(const struct adsb_made *made)
{
	return &made->m[(made->n - 1) % ADSB_MAKE_MAX];
}
