#include "sensor/decode/ais/ais_encode.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/geo.h"

#define CHARS_PER_SENTENCE 60 /* "!AIVDM,2,1,3,A," and ",0*hh\r\n" leave 60 of 82 */

static void put(struct ais_encode_message *m, unsigned width, int64_t value)
{
	assert(m->bits + width <= AIS_ENCODE_BITS_MAX);
	for (unsigned i = width; i-- > 0; m->bits++)
		if ((uint64_t)value >> i & 1)
			m->bytes[m->bits / 8] |= (uint8_t)(0x80 >> m->bits % 8);
}

static void begin(struct ais_encode_message *m, unsigned type, uint32_t mmsi)
{
	*m = (struct ais_encode_message){ 0 };
	put(m, 6, type);
	put(m, 2, 0); /* repeat indicator */
	put(m, 30, mmsi);
}

/* M.1371-5 table 47: '@'..'_' are 0..31, ' '..'?' are 32..63; '@' pads. */
static void put_text(struct ais_encode_message *m, unsigned chars, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	for (unsigned i = 0; i < chars; i++) {
		unsigned c = i < n ? (unsigned char)text[i] : '@';
		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		if (c < ' ' || c > '_')
			c = '?';
		put(m, 6, c & 0x3f);
	}
}

/* 1/10000 minute; 181 and 91 degrees mean not available. */
static void put_lon_lat(struct ais_encode_message *m, double lon_rad, double lat_rad)
{
	put(m, 28, isnan(lon_rad) ? 181 * 600000 : llround(lon_rad / GEO_DEG * 600000));
	put(m, 27, isnan(lat_rad) ? 91 * 600000 : llround(lat_rad / GEO_DEG * 600000));
}

static unsigned speed_code(double sog_mps)
{
	if (isnan(sog_mps))
		return 1023;
	double code = round(sog_mps / GEO_KNOT_MPS * 10);
	return code > 1022 ? 1022 : (unsigned)code;
}

static unsigned course_code(double cog_rad)
{
	return isnan(cog_rad) ? 3600 : (unsigned)lround(geo_wrap_2pi(cog_rad) / GEO_DEG * 10) % 3600;
}

static unsigned heading_code(double heading_rad)
{
	return isnan(heading_rad) ? 511 : (unsigned)lround(geo_wrap_2pi(heading_rad) / GEO_DEG) % 360;
}

/* 4.733 sqrt(degrees a minute), 126 at most; -128 = not available. */
static int turn_code(double rot_rad_s)
{
	if (isnan(rot_rad_s))
		return -128;
	double code = fmin(round(4.733 * sqrt(fabs(rot_rad_s) / GEO_DEG * 60)), 126);
	return (int)copysign(code, rot_rad_s);
}

void ais_encode_type1(const struct ais_encode_position *p, struct ais_encode_message *ret_m)
{
	begin(ret_m, 1, p->mmsi);
	put(ret_m, 4, p->status);
	put(ret_m, 8, turn_code(p->rot_rad_s));
	put(ret_m, 10, speed_code(p->sog_mps));
	put(ret_m, 1, p->accurate);
	put_lon_lat(ret_m, p->lon_rad, p->lat_rad);
	put(ret_m, 12, course_code(p->cog_rad));
	put(ret_m, 9, heading_code(p->heading_rad));
	put(ret_m, 6, p->second);
	put(ret_m, 2, 0);  /* special manoeuvre: not available */
	put(ret_m, 3, 0);  /* spare */
	put(ret_m, 1, 0);  /* RAIM */
	put(ret_m, 19, 0); /* SOTDMA state: UTC direct, new slot */
}

void ais_encode_type4(const struct ais_encode_base *b, struct ais_encode_message *ret_m)
{
	time_t t = (time_t)(b->time_ns / CLOCK_NS_PER_S);
	struct tm tm;
	gmtime_r(&t, &tm);
	begin(ret_m, 4, b->mmsi);
	put(ret_m, 14, tm.tm_year + 1900);
	put(ret_m, 4, tm.tm_mon + 1);
	put(ret_m, 5, tm.tm_mday);
	put(ret_m, 5, tm.tm_hour);
	put(ret_m, 6, tm.tm_min);
	put(ret_m, 6, tm.tm_sec);
	put(ret_m, 1, 1);
	put_lon_lat(ret_m, b->lon_rad, b->lat_rad);
	put(ret_m, 4, 7); /* position device: surveyed */
	put(ret_m, 10, 0);
	put(ret_m, 1, 0);
	put(ret_m, 19, 0);
}

static void put_dimensions(struct ais_encode_message *m, const struct ais_encode_static *s)
{
	put(m, 9, s->bow_m);
	put(m, 9, s->stern_m);
	put(m, 6, s->port_m);
	put(m, 6, s->starboard_m);
}

void ais_encode_type5(const struct ais_encode_static *s, struct ais_encode_message *ret_m)
{
	begin(ret_m, 5, s->mmsi);
	put(ret_m, 2, 2); /* M.1371-5 station */
	put(ret_m, 30, s->imo);
	put_text(ret_m, 7, s->callsign);
	put_text(ret_m, 20, s->name);
	put(ret_m, 8, s->ship_type);
	put_dimensions(ret_m, s);
	put(ret_m, 4, 1); /* position device: GPS */
	put(ret_m, 4, s->eta_month);
	put(ret_m, 5, s->eta_day);
	put(ret_m, 5, s->eta_hour);
	put(ret_m, 6, s->eta_minute);
	put(ret_m, 8, isnan(s->draught_m) ? 0 : lround(fmin(s->draught_m * 10, 255)));
	put_text(ret_m, 20, s->destination);
	put(ret_m, 1, 0); /* DTE available */
	put(ret_m, 1, 0);
}

void ais_encode_type14(uint32_t mmsi, const char *text, struct ais_encode_message *ret_m)
{
	size_t n = strlen(text);
	begin(ret_m, 14, mmsi);
	put(ret_m, 2, 0);
	put_text(ret_m, n > 156 ? 156 : (unsigned)n, text);
	/* On air a message is a number of octets (M.1371-5 annex 2, 3.3.7). */
	put(ret_m, (8 - ret_m->bits % 8) % 8, 0);
}

void ais_encode_type18(const struct ais_encode_position *p, struct ais_encode_message *ret_m)
{
	begin(ret_m, 18, p->mmsi);
	put(ret_m, 8, 0);
	put(ret_m, 10, speed_code(p->sog_mps));
	put(ret_m, 1, p->accurate);
	put_lon_lat(ret_m, p->lon_rad, p->lat_rad);
	put(ret_m, 12, course_code(p->cog_rad));
	put(ret_m, 9, heading_code(p->heading_rad));
	put(ret_m, 6, p->second);
	put(ret_m, 2, 0);
	put(ret_m, 1, 1); /* carrier sense unit */
	put(ret_m, 1, 0); /* no display */
	put(ret_m, 1, 1); /* DSC */
	put(ret_m, 1, 1); /* whole marine band */
	put(ret_m, 1, 1); /* obeys message 22 */
	put(ret_m, 1, 0); /* autonomous */
	put(ret_m, 1, 0); /* RAIM */
	put(ret_m, 20, 0xe0006); /* M.1371-5 annex 7: what a carrier sense unit sends as its state */
}

void ais_encode_type21(const struct ais_encode_aton *a, struct ais_encode_message *ret_m)
{
	size_t n = strlen(a->name), extra = n > 34 ? 14 : n > 20 ? n - 20 : 0;
	begin(ret_m, 21, a->mmsi);
	put(ret_m, 5, a->kind);
	put_text(ret_m, 20, a->name);
	put(ret_m, 1, 1);
	put_lon_lat(ret_m, a->lon_rad, a->lat_rad);
	put(ret_m, 30, 0); /* dimensions: none */
	put(ret_m, 4, 7);  /* surveyed */
	put(ret_m, 6, a->second);
	put(ret_m, 1, a->off_position);
	put(ret_m, 8, 0);
	put(ret_m, 1, 0);
	put(ret_m, 1, a->is_virtual);
	put(ret_m, 1, 0);
	put(ret_m, 1, 0);
	if (extra) {
		put_text(ret_m, (unsigned)extra, a->name + 20);
		put(ret_m, (8 - ret_m->bits % 8) % 8, 0);
	}
}

void ais_encode_type24a(uint32_t mmsi, const char *name, struct ais_encode_message *ret_m)
{
	begin(ret_m, 24, mmsi);
	put(ret_m, 2, 0);
	put_text(ret_m, 20, name);
}

void ais_encode_type24b(const struct ais_encode_static *s, struct ais_encode_message *ret_m)
{
	begin(ret_m, 24, s->mmsi);
	put(ret_m, 2, 1);
	put(ret_m, 8, s->ship_type);
	put_text(ret_m, 3, "VDT"); /* vendor; imaginary */
	put(ret_m, 4, 1);
	put(ret_m, 20, s->mmsi % 1000000);
	put_text(ret_m, 7, s->callsign);
	put_dimensions(ret_m, s);
	put(ret_m, 4, 1);
	put(ret_m, 2, 0);
}

static unsigned six_bits(const struct ais_encode_message *m, unsigned at)
{
	unsigned v = 0;
	for (unsigned i = at; i < at + 6; i++)
		v = v << 1 | (i < m->bits && m->bytes[i / 8] >> (7 - i % 8) & 1);
	return v;
}

static void finish_sentence(char *line)
{
	uint8_t sum = 0;
	for (const char *c = line + 1; *c; c++)
		sum ^= (uint8_t)*c;
	size_t n = strlen(line);
	snprintf(line + n, AIS_ENCODE_SENTENCE_MAX - n, "*%02X\r\n", sum);
}

unsigned ais_encode_sentences(const struct ais_encode_message *m, char channel, unsigned seq,
	char ret_lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX])
{
	unsigned chars = (m->bits + 5) / 6, fill = chars * 6 - m->bits;
	unsigned total = (chars + CHARS_PER_SENTENCE - 1) / CHARS_PER_SENTENCE;

	for (unsigned i = 0; i < total; i++) {
		char *line = ret_lines[i];
		unsigned from = i * CHARS_PER_SENTENCE, last = i + 1 == total;
		unsigned end = last ? chars : from + CHARS_PER_SENTENCE;
		size_t n = (size_t)snprintf(line, AIS_ENCODE_SENTENCE_MAX, "!AIVDM,%u,%u,", total, i + 1);
		if (total > 1)
			line[n++] = (char)('0' + seq % 10);
		n += (size_t)snprintf(line + n, AIS_ENCODE_SENTENCE_MAX - n, ",%c,", channel);
		for (unsigned k = from; k < end; k++) {
			unsigned v = six_bits(m, k * 6);
			line[n++] = (char)(v < 40 ? v + 48 : v + 56);
		}
		snprintf(line + n, AIS_ENCODE_SENTENCE_MAX - n, ",%u", last ? fill : 0);
		finish_sentence(line);
	}
	return total;
}
