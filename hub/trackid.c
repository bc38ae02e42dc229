#include "hub/trackid.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *trackid_format(const struct track_id *id, char *buf)
{
	snprintf(buf, TRACKID_TEXT_MAX, "%.*s-%" PRIu32 "-%" PRIu32, TRACK_ORIGIN_MAX - 1, id->origin, id->epoch,
		id->birth);
	return buf;
}

/* Digits up to @end, no sign, no leading zero but "0" itself: one text per id. */
static int parse_u32(const char *p, const char *end, uint32_t *ret_v)
{
	if (p == end || end - p > 10 || (*p == '0' && end - p > 1))
		return -EINVAL;
	uint64_t v = 0;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		v = v * 10 + (uint64_t)(*p - '0');
	}
	if (v > UINT32_MAX)
		return -EINVAL;
	*ret_v = (uint32_t)v;
	return 0;
}

bool trackid_origin_ok(const char *origin)
{
	size_t n = strnlen(origin, TRACK_ORIGIN_MAX);
	if (n == 0 || n >= TRACK_ORIGIN_MAX || origin[0] < 'a' || origin[0] > 'z')
		return false;
	return strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789") == n;
}

int trackid_parse(const char *text, struct track_id *ret_id)
{
	assert(ret_id);

	const char *d1 = strchr(text, '-');
	const char *d2 = d1 ? strchr(d1 + 1, '-') : NULL;
	if (!d2 || d1 - text >= TRACK_ORIGIN_MAX)
		return -EINVAL;

	struct track_id id = { 0 };
	memcpy(id.origin, text, (size_t)(d1 - text));
	if (!trackid_origin_ok(id.origin) || parse_u32(d1 + 1, d2, &id.epoch) < 0 ||
		parse_u32(d2 + 1, d2 + 1 + strnlen(d2 + 1, 12), &id.birth) < 0)
		return -EINVAL;
	*ret_id = id;
	return 0;
}

bool trackid_equal(const struct track_id *a, const struct track_id *b)
{
	return a->birth == b->birth && a->epoch == b->epoch && !strncmp(a->origin, b->origin, TRACK_ORIGIN_MAX);
}

uint64_t trackid_hash(const struct track_id *id)
{
	/* FNV-1a, 64 bit. Ids come from authenticated peers; a table has a fixed capacity anyway. */
	uint64_t h = UINT64_C(14695981039346656037);
	for (const char *p = id->origin; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(1099511628211);
	for (unsigned i = 0; i < 32; i += 8) {
		h = (h ^ (uint8_t)(id->epoch >> i)) * UINT64_C(1099511628211);
		h = (h ^ (uint8_t)(id->birth >> i)) * UINT64_C(1099511628211);
	}
	return h ^ (h >> 32);
}
