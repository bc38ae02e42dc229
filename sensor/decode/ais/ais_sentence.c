#include "sensor/decode/ais/ais_sentence.h"

#include <string.h>

#include "sensor/decode/ais/ais_scan.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
/* Unix times above this are in ms: as seconds it would be the year 5138. */
#define TAG_SECONDS_MAX INT64_C(100000000000)
/* A sentence is 82 characters by the standard, up to 200 seen; the bound keeps adversarial lines linear in time. */
#define SENTENCE_MAX 512

/* Are the two characters at @p the hexadecimal digits of @v? Either case. */
static inline bool is_hex(const char *p, uint8_t v)
{
	static const char digits[] = "0123456789ABCDEF";

	/* Letters have bit 6; their bit 5 is the case. */
	return (p[0] & ~((p[0] & 0x40) >> 1)) == digits[v >> 4] && (p[1] & ~((p[1] & 0x40) >> 1)) == digits[v & 15];
}

/* A decimal number; -1 when empty, not a number, or above 15 digits. */
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
static const char *parse_any_head(const char *p, const char *end, struct ais_sentence *s)
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

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The same for the forms that nearly every sentence has: `1,1,,A,` and `2,1,3,A,` with one character each.
 * @p: the first byte behind `!ttVDM,`; @end is at least 8 bytes on
 */
static const char *parse_head(const char *p, const char *end, struct ais_sentence *s)
{
	bool lone = memcmp(p, "1,1,,", 5) == 0;
	const char *channel = p + 5 + !lone;

	if (channel[0] == ',' || channel[1] != ',')
		return parse_any_head(p, end, s);
	s->channel = channel[0];
	if (lone) {
		s->n = s->i = 1;
		s->seq = 255;
		return channel + 2;
	}
	if (p[1] != ',' || p[3] != ',' || p[5] != ',' || !is_digit(p[0]) || !is_digit(p[2]) || !is_digit(p[4]))
		return parse_any_head(p, end, s);
	s->seq = (uint8_t)(p[4] - '0');
	return set_part(s, p[0] - '0', p[2] - '0') ? channel + 2 : NULL;
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
	uint8_t sum;
	const char *star = ais_scan_body(p + 1, end - p > SENTENCE_MAX ? p + SENTENCE_MAX : end, &sum);

	/* Also when another sentence starts before this one's checksum. */
	if (end - star < 3 || *star != '*')
		return AIS_FAULT_TRUNCATED;
	ret_s->end = star + 3;
	if (!is_hex(star + 1, sum))
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
	const char *star = end - 4;
	uint8_t sum;

	if (end - p < 6 || *star != '*' || ais_scan_body(p + 1, star, &sum) != star || !is_hex(star + 1, sum))
		return AIS_FAULT_TAG;
	for (const char *q = p + 1; q < star; q++) {
		const char *tag = q, *comma = memchr(q, ',', (size_t)(star - q));

		q = comma ? comma : star;
		if (q - tag > 2 && tag[1] == ':')
			set_tag(s, tag[0], tag + 2, q);
	}
	return AIS_FAULT_NONE;
}
