#include "sensor/decode/ais/ais_sentence.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
/* Unix times above this are in ms: as seconds it would be the year 5138. */
#define TAG_SECONDS_MAX INT64_C(100000000000)
/* A sentence is 82 characters by the standard, up to 200 seen; the bound keeps adversarial lines linear in time. */
#define SENTENCE_MAX 512

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* XOR of all bytes, eight at a time. */
static uint8_t xor_bytes(const char *p, const char *end)
{
	uint64_t sum = 0, x;

	for (; end - p >= 8; p += 8) {
		memcpy(&x, p, sizeof(x));
		sum ^= x;
	}
	sum ^= sum >> 32;
	sum ^= sum >> 16;
	sum ^= sum >> 8;
	for (; p < end; p++)
		sum ^= (uint8_t)*p;
	return (uint8_t)sum;
}

/* Is `*hh` at @star the XOR of what lies between @from and it? */
static bool checksum_good(const char *from, const char *star)
{
	int high = hex_digit(star[1]), low = hex_digit(star[2]);

	return high >= 0 && low >= 0 && xor_bytes(from, star) == (high << 4 | low);
}

/* A decimal number; -1 when empty, not a number, or above 12 digits. */
static int64_t number(const char *p, const char *end)
{
	int64_t v = 0;

	if (p == end || end - p > 15)
		return -1;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p - '0');
	}
	return v;
}

/* The field from *p to the next comma, which is skipped. False when there is no comma. */
static bool field(const char **p, const char *end, const char **ret_start, const char **ret_end)
{
	const char *q = *p;

	while (q < end && *q != ',')
		q++;
	if (q == end)
		return false;
	*ret_start = *p;
	*ret_end = q;
	*p = q + 1;
	return true;
}

static void copy_station(struct ais_sentence *s, const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	if (n >= sizeof(s->station))
		n = sizeof(s->station) - 1;
	memcpy(s->station, p, n);
	s->station[n] = '\0';
}

static int64_t unix_time_ns(int64_t t)
{
	if (t <= 0)
		return 0;
	if (t > TAG_SECONDS_MAX)
		return t / 1000 > TAG_SECONDS_MAX / 20 ? 0 : t * NS_PER_MS;
	return t > TAG_SECONDS_MAX / 20 ? 0 : t * NS_PER_S;
}

/* What receiver networks put behind the checksum: fields of which one is a station, the last a Unix time. */
static void parse_trailer(const char *p, const char *end, struct ais_sentence *s)
{
	while (p < end && *p == ',') {
		const char *q = ++p;

		while (q < end && *q != ',' && *q != '!' && *q != '\\' && *q != '$')
			q++;

		int64_t t = number(p, q);

		if (t > NS_PER_S / 10 && !(q < end && *q == ','))
			s->time_ns = unix_time_ns(t);
		else if (q - p > 1 && (*p == 'b' || *p == 'r') && t < 0)
			copy_station(s, p, q);
		p = q;
	}
	s->end = p;
}

bool ais_sentence_is_vdm(const char *p, const char *end)
{
	return end - p > 7 && p[0] == '!' && p[3] == 'V' && p[4] == 'D' && (p[5] == 'M' || p[5] == 'O') &&
		p[6] == ',';
}

/* n, i, seq and channel; *p is left at the payload. */
static bool parse_head(const char **p, const char *end, struct ais_sentence *s)
{
	const char *a, *b;

	if (!field(p, end, &a, &b))
		return false;
	int64_t n = number(a, b);

	if (!field(p, end, &a, &b))
		return false;
	int64_t i = number(a, b);

	if (!field(p, end, &a, &b))
		return false;
	int64_t seq = number(a, b);

	if (!field(p, end, &a, &b))
		return false;
	/* Some receivers say 0 of 0, or 1 of 0, for a message in one sentence. */
	if (n == 0 && (i == 0 || i == 1))
		n = i = 1;
	if (n < 1 || n > 9 || i < 1 || i > n)
		return false;
	s->n = (uint8_t)n;
	s->i = (uint8_t)i;
	s->seq = seq < 0 || seq > 254 ? 255 : (uint8_t)seq;
	s->channel = a < b ? *a : 0;
	return true;
}

enum ais_fault ais_sentence_parse(const char *p, const char *end, struct ais_sentence *ret_s)
{
	if (end - p > SENTENCE_MAX)
		end = p + SENTENCE_MAX;

	const char *star = memchr(p, '*', (size_t)(end - p));
	const char *next = memchr(p + 1, '!', (size_t)((star ? star : end) - p - 1));

	if (next || !star || end - star < 3) /* another sentence starts before this one's checksum */
		return AIS_FAULT_TRUNCATED;

	struct ais_sentence s = { .end = star + 3 };

	if (!checksum_good(p + 1, star)) {
		*ret_s = s;
		return AIS_FAULT_CHECKSUM;
	}
	s.talker = (uint16_t)((uint8_t)p[1] << 8 | (uint8_t)p[2]);
	s.own = p[5] == 'O';

	const char *q = p + 7;

	if (!parse_head(&q, star, &s) || star - q < 2 || star[-2] != ',' || star[-1] < '0' ||
		star[-1] > '5') {
		*ret_s = s;
		return AIS_FAULT_FORMAT;
	}
	s.fill = (uint8_t)(star[-1] - '0');
	s.payload = q;
	s.payload_len = (unsigned)(star - 2 - q);
	if (s.end < end && *s.end == ',')
		parse_trailer(s.end, end, &s);
	*ret_s = s;
	return AIS_FAULT_NONE;
}

enum ais_fault ais_sentence_tag(const char *p, const char *end, struct ais_sentence *s)
{
	const char *star = memrchr(p, '*', (size_t)(end - p));

	if (!star || end - star != 4 || !checksum_good(p + 1, star))
		return AIS_FAULT_TAG;

	for (const char *q = p + 1; q < star;) {
		const char *comma = memchr(q, ',', (size_t)(star - q));
		const char *stop = comma ? comma : star;

		if (stop - q > 2 && q[1] == ':') {
			if (q[0] == 'c')
				s->time_ns = unix_time_ns(number(q + 2, stop));
			else if (q[0] == 's')
				copy_station(s, q + 2, stop);
		}
		q = stop + 1;
	}
	return AIS_FAULT_NONE;
}
