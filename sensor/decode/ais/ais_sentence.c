#include "sensor/decode/ais/ais_sentence.h"

#include <endian.h>
#include <string.h>

#include "sensor/decode/ais/ais_scan.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
/* Unix times above this are in ms: as seconds it would be the year 5138. */
#define TAG_SECONDS_MAX INT64_C(100000000000)
/* A sentence is 82 characters by the standard, up to 200 seen; the bound keeps adversarial lines linear in time. */
#define SENTENCE_MAX 512

/* Letters have bit 6; their bit 5 is the case. */
static char upper(char c)
{
	return (char)(c & ~((c & 0x40) >> 1));
}

/* Are the two characters at @p the hexadecimal digits of @v? Either case. */
static inline bool is_hex(const char *p, uint8_t v)
{
	static const char digits[] = "0123456789ABCDEF";
	char high = digits[v >> 4], low = digits[v & 15];

	return (p[0] == high && p[1] == low) || (upper(p[0]) == high && upper(p[1]) == low);
}

/*
 * Eight digits at once: neighbours become numbers of two digits, those of four, of eight. UINT64_MAX when one is no digit.
 * Adding 0x76 to a byte below 0x80 raises its high bit when it is above 9.
 */
static uint64_t eight_digits(const char *p)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	v = le64toh(v) ^ '0' * each;
	if ((v | (v + 0x76 * each)) & 0x80 * each)
		return UINT64_MAX;
	v = (v * 10 + (v >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v * 100 + (v >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (v * 10000 + (v >> 32)) & UINT32_MAX;
}

/* A decimal number; -1 when empty, not a number, or above 15 digits. */
static int64_t number(const char *p, const char *end)
{
	uint64_t v = 0;

	if (p == end || end - p > 15)
		return -1;
	if (end - p >= 8) {
		v = eight_digits(p);
		if (v == UINT64_MAX)
			return -1;
		p += 8;
	}
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (uint64_t)(*p - '0');
	}
	return (int64_t)v;
}

/* As much of it as there is room for, NULs behind it. */
static void copy_station(struct ais_sentence *s, const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	if (n >= sizeof(s->station))
		n = sizeof(s->station) - 1;
	memcpy(s->station, p, n);
	memset(s->station + n, 0, sizeof(s->station) - n);
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
static __attribute__((noinline)) void parse_trailer(const char *p, const char *end, struct ais_sentence *s)
{
	while (p < end && *p == ',') {
		const char *field = p + 1;
		bool is_station = field < end && (*field == 'b' || *field == 'r');

		p = ais_scan_field(field, end);
		if (is_station && p - field > 1) {
			copy_station(s, field, p);
			continue;
		}
		if (p < end && *p == ',')
			continue;

		int64_t t = number(field, p);

		if (t > NS_PER_S / 10)
			s->time_ns = unix_time_ns(t);
	}
	s->end = p;
}

bool ais_sentence_is_vdm(const char *p, const char *end)
{
	return end - p > 7 && p[0] == '!' && (memcmp(p + 3, "VDM,", 4) == 0 || memcmp(p + 3, "VDO,", 4) == 0);
}

static bool set_part(struct ais_sentence *s, int64_t n, int64_t i)
{
	/* Some receivers say 0 of 0, or 1 of 0, for a message in one sentence. */
	if (n == 0 && (i == 0 || i == 1))
		n = i = 1;
	s->n = (uint8_t)n;
	s->i = (uint8_t)i;
	return n >= 1 && n <= 9 && i >= 1 && i <= n;
}

/* n, i, seq and channel of any width. Returns the payload or NULL. */
static __attribute__((noinline)) const char *parse_any_head(const char *p, const char *end, struct ais_sentence *s)
{
	const char *comma[4], *q = p;

	for (unsigned k = 0; k < 4; k++, q++) {
		q = memchr(q, ',', (size_t)(end - q));
		if (!q)
			return NULL;
		comma[k] = q;
	}

	int64_t seq = number(comma[1] + 1, comma[2]);

	s->seq = seq < 0 || seq > 254 ? 255 : (uint8_t)seq;
	s->channel = comma[2] + 1 < comma[3] ? comma[2][1] : 0;
	return set_part(s, number(p, comma[0]), number(comma[0] + 1, comma[1])) ? q : NULL;
}

/* Eight characters as a number, the first one lowest. */
#define HEAD(a, b, c, d, e, f, g, h)                                                                                   \
	((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 |        \
		(uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

/*
 * The same for the forms that nearly every sentence has: `1,1,,A,` and `2,1,3,A,` with one character each.
 * @p: the first byte behind `!ttVDM,`; @end is at least 8 bytes on
 */
static const char *parse_head(const char *p, const char *end, struct ais_sentence *s)
{
	uint64_t head;

	memcpy(&head, p, sizeof(head));
	head = le64toh(head);
	if ((head & HEAD(255, 255, 255, 255, 255, 0, 255, 0)) == HEAD('1', ',', '1', ',', ',', 0, ',', 0) && p[5] != ',') {
		s->channel = p[5];
		s->n = s->i = 1;
		s->seq = 255;
		return p + 7;
	}
	/* 0xf0: any digit, and what looks like one */
	if ((head & HEAD(0xf0, 255, 0xf0, 255, 0xf0, 255, 0, 255)) == HEAD('0', ',', '0', ',', '0', ',', 0, ',') &&
		p[4] <= '9' && p[6] != ',') {
		s->channel = p[6];
		s->seq = (uint8_t)(p[4] - '0');
		return set_part(s, p[0] - '0', p[2] - '0') ? p + 8 : NULL;
	}
	return parse_any_head(p, end, s);
}

/* The fields between `!ttVDM,` and the '*' at @star. */
static bool parse_fields(const char *p, const char *star, struct ais_sentence *s)
{
	s->talker = (uint16_t)((uint8_t)p[1] << 8 | (uint8_t)p[2]);
	s->own = p[5] == 'O';
	p += 7;

	const char *payload = star - p >= 8 ? parse_head(p, star, s) : parse_any_head(p, star, s);

	if (!payload || star - payload < 2 || star[-2] != ',' || star[-1] < '0' || star[-1] > '5')
		return false;
	s->fill = (uint8_t)(star[-1] - '0');
	s->payload = payload;
	s->payload_len = (unsigned)(star - 2 - payload);
	return true;
}

static bool is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

enum ais_fault ais_sentence_parse(const char *p, const char *end, struct ais_sentence *ret_s)
{
	struct ais_scan_body body = ais_scan_body(p + 1, end - p > SENTENCE_MAX ? p + SENTENCE_MAX : end);
	const char *star = body.stop;

	/* Also when another sentence starts before this one's checksum. */
	if (end - star < 3 || *star != '*')
		return AIS_FAULT_TRUNCATED;
	ret_s->end = star + 3;
	if (!is_hex(star + 1, body.sum))
		return is_line_end(star[1]) || is_line_end(star[2]) ? AIS_FAULT_TRUNCATED : AIS_FAULT_CHECKSUM;
	if (!parse_fields(p, star, ret_s))
		return AIS_FAULT_FORMAT;
	ret_s->group = 0;
	ret_s->time_ns = 0;
	memset(ret_s->station, 0, sizeof(ret_s->station));
	if (ret_s->end < end && *ret_s->end == ',')
		parse_trailer(ret_s->end, end, ret_s);
	return AIS_FAULT_NONE;
}

/* `g:1-3-73`: sentence 1 of 3 of group 73. */
static uint32_t parse_group(const char *p, const char *end)
{
	const char *dash = memrchr(p, '-', (size_t)(end - p));
	int64_t id = dash ? number(dash + 1, end) : -1;

	return id < 0 || id > UINT32_MAX ? 0 : (uint32_t)id;
}

static void set_tag(struct ais_sentence *s, char code, const char *p, const char *end)
{
	if (code == 'c')
		s->time_ns = unix_time_ns(number(p, end));
	else if (code == 's')
		copy_station(s, p, end);
	else if (code == 'g')
		s->group = parse_group(p, end);
}

enum ais_fault ais_sentence_tag(const char *p, const char *end, struct ais_sentence *s)
{
	if (end - p < 6 || end[-4] != '*')
		return AIS_FAULT_TAG;

	const char *star = end - 4;
	struct ais_scan_body body = ais_scan_body(p + 1, star);

	if (body.stop != star || !is_hex(star + 1, body.sum))
		return AIS_FAULT_TAG;
	for (const char *q = p + 1; q < star; q++) {
		const char *tag = q, *comma = memchr(q, ',', (size_t)(star - q));

		q = comma ? comma : star;
		if (q - tag > 2 && tag[1] == ':')
			set_tag(s, tag[0], tag + 2, q);
	}
	return AIS_FAULT_NONE;
}
