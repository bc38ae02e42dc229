#include "sensor/decode/ais/ais_encode.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/geo.h"
#include "sensor/decode/ais/ais_fields.h"
#include "sensor/decode/ais/ais_table.h"

#define CHARS_PER_SENTENCE 60 /* "!AIVDM,2,1,3,A," and ",0*hh\r\n" leave 60 of 82 */

#define AIS_OF struct ais_message

static const struct ais_message_field head_fields[] = {
	UINT("type", 0, 6, type),
	UINT("repeat", 6, 2, repeat),
	UINT("mmsi", 8, 30, mmsi),
};
static const struct ais_message_layout head = LAYOUT(head_fields, 38, 38);

static bool length_fits(const struct ais_message_layout *l, unsigned n_bits)
{
	return l && n_bits >= l->min_bits && n_bits <= l->max_bits;
}

int ais_encode_message(const struct ais_message *m, struct ais_encode_message *ret_e)
{
	const struct ais_message_layout *l = ais_message_layout(m);

	if (!m->layout || !length_fits(l, m->bits))
		return -EINVAL;
	memset(ret_e, 0, sizeof(*ret_e));
	ret_e->bits = m->bits;
	ais_fields_put(&head, m, 38, ret_e->bytes);
	ais_fields_put(l, m, m->bits, ret_e->bytes);
	return 0;
}

int ais_encode_application(struct ais_message *m, unsigned n_bits)
{
	const struct ais_message_layout *l = ais_application_layout(m->application);
	struct ais_binary *b = &m->binary;
	int32_t type;

	if (!length_fits(l, n_bits))
		return -EINVAL;
	ais_application_key(m->application, &type, &b->dac, &b->fid);
	m->layout = (unsigned)m->type;
	m->bits = (m->type == 6 ? 88 : 56) + n_bits;
	memset(&b->data, 0, sizeof(b->data));
	b->data.bits = n_bits;
	ais_fields_put(l, m, n_bits, b->data.bytes);
	return 0;
}

bool ais_encode_is_canonical(const struct ais_message *m, const uint8_t *bits)
{
	struct ais_encode_message e;
	unsigned rest = m->bits % 8;

	if (ais_encode_message(m, &e) < 0 || memcmp(e.bytes, bits, m->bits / 8) != 0)
		return false;
	return !rest || (e.bytes[m->bits / 8] ^ bits[m->bits / 8]) >> (8 - rest) == 0;
}

/* --- from values --- */

/* 1/10000 minute; 181 and 91 degrees mean not available. */
static int32_t lon_code(double lon_rad)
{
	return isnan(lon_rad) ? AIS_LON_NONE : (int32_t)lround(lon_rad / GEO_DEG * 600000);
}

static int32_t lat_code(double lat_rad)
{
	return isnan(lat_rad) ? AIS_LAT_NONE : (int32_t)lround(lat_rad / GEO_DEG * 600000);
}

static int32_t speed_code(double sog_mps)
{
	if (isnan(sog_mps))
		return 1023;
	double code = round(sog_mps / GEO_KNOT_MPS * 10);
	return code > 1022 ? 1022 : (int32_t)code;
}

static int32_t course_code(double cog_rad)
{
	return isnan(cog_rad) ? 3600 : (int32_t)lround(geo_wrap_2pi(cog_rad) / GEO_DEG * 10) % 3600;
}

static int32_t heading_code(double heading_rad)
{
	return isnan(heading_rad) ? 511 : (int32_t)lround(geo_wrap_2pi(heading_rad) / GEO_DEG) % 360;
}

/* 4.733 sqrt(degrees a minute), 126 at most; -128 = not available. */
static int32_t turn_code(double rot_rad_s)
{
	if (isnan(rot_rad_s))
		return -128;
	double code = fmin(round(4.733 * sqrt(fabs(rot_rad_s) / GEO_DEG * 60)), 126);
	return (int32_t)copysign(code, rot_rad_s);
}


static struct ais_message start(unsigned layout, int32_t type, uint32_t mmsi, unsigned bits)
{
	return (struct ais_message){ .type = type, .mmsi = (int32_t)mmsi, .layout = layout, .bits = bits };
}

/* Cut to what the field has room for. */
static void set_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}
#define SET_TEXT(to, text) set_text(to, sizeof(to), text)

static void finish(const struct ais_message *m, struct ais_encode_message *ret_m)
{
	int r = ais_encode_message(m, ret_m);

	assert(r == 0);
	(void)r;
}

void ais_encode_type1(const struct ais_encode_position *p, struct ais_encode_message *ret_m)
{
	struct ais_message m = start(1, 1, p->mmsi, 168);

	/* Special manoeuvre: not available. SOTDMA state: UTC direct, new slot. */
	m.position = (struct ais_position){ .status = (int32_t)p->status, .turn = turn_code(p->rot_rad_s),
		.speed = speed_code(p->sog_mps), .accuracy = p->accurate, .lon = lon_code(p->lon_rad),
		.lat = lat_code(p->lat_rad), .course = course_code(p->cog_rad), .heading = heading_code(p->heading_rad),
		.second = (int32_t)p->second };
	finish(&m, ret_m);
}

void ais_encode_type4(const struct ais_encode_base *b, struct ais_encode_message *ret_m)
{
	struct ais_message m = start(4, 4, b->mmsi, 168);
	time_t t = (time_t)(b->time_ns / CLOCK_NS_PER_S);
	struct tm tm;

	gmtime_r(&t, &tm);
	m.base = (struct ais_base){ .year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday, .hour = tm.tm_hour,
		.minute = tm.tm_min, .second = tm.tm_sec, .accuracy = 1, .lon = lon_code(b->lon_rad),
		.lat = lat_code(b->lat_rad), .epfd = 7 /* surveyed */ };
	finish(&m, ret_m);
}

void ais_encode_type5(const struct ais_encode_static *s, struct ais_encode_message *ret_m)
{
	struct ais_message m = start(5, 5, s->mmsi, 424);

	m.fixed = (struct ais_static){ .ais_version = 2 /* M.1371-5 */, .imo = (int32_t)s->imo, .shiptype = (int32_t)s->ship_type,
		.to_bow = (int32_t)s->bow_m, .to_stern = (int32_t)s->stern_m, .to_port = (int32_t)s->port_m,
		.to_starboard = (int32_t)s->starboard_m, .epfd = 1 /* GPS */, .month = (int32_t)s->eta_month,
		.day = (int32_t)s->eta_day, .hour = (int32_t)s->eta_hour, .minute = (int32_t)s->eta_minute,
		.draught = isnan(s->draught_m) ? 0 : (int32_t)lround(fmin(s->draught_m * 10, 255)) };
	SET_TEXT(m.fixed.callsign, s->callsign);
	SET_TEXT(m.fixed.shipname, s->name);
	SET_TEXT(m.fixed.destination, s->destination);
	finish(&m, ret_m);
}

void ais_encode_type14(uint32_t mmsi, const char *text, struct ais_encode_message *ret_m)
{
	unsigned n = (unsigned)strnlen(text, 156);
	/* On air a message is a number of octets (M.1371-5 annex 2, 3.3.7). */
	struct ais_message m = start(14, 14, mmsi, (40 + 6 * n + 7) / 8 * 8);

	snprintf(m.text.text, n + 1, "%s", text);
	finish(&m, ret_m);
}

void ais_encode_type18(const struct ais_encode_position *p, struct ais_encode_message *ret_m)
{
	struct ais_message m = start(18, 18, p->mmsi, 168);

	/* A carrier sense unit without display, for the whole marine band, autonomous; annex 7: what it sends as its state. */
	m.class_b = (struct ais_class_b){ .speed = speed_code(p->sog_mps), .accuracy = p->accurate, .lon = lon_code(p->lon_rad),
		.lat = lat_code(p->lat_rad), .course = course_code(p->cog_rad), .heading = heading_code(p->heading_rad),
		.second = (int32_t)p->second, .cs = 1, .dsc = 1, .band = 1, .msg22 = 1, .radio = 0xe0006 };
	finish(&m, ret_m);
}

void ais_encode_type21(const struct ais_encode_aton *a, struct ais_encode_message *ret_m)
{
	unsigned n = (unsigned)strnlen(a->name, 34), extra = n > 20 ? n - 20 : 0;
	struct ais_message m = start(21, 21, a->mmsi, (272 + 6 * extra + 7) / 8 * 8);

	m.aton = (struct ais_aton){ .aid_type = (int32_t)a->kind, .accuracy = 1, .lon = lon_code(a->lon_rad),
		.lat = lat_code(a->lat_rad), .epfd = 7 /* surveyed */, .second = (int32_t)a->second,
		.off_position = a->off_position, .virtual_aid = a->is_virtual };
	SET_TEXT(m.aton.name, a->name);
	finish(&m, ret_m);
}

void ais_encode_type24a(uint32_t mmsi, const char *name, struct ais_encode_message *ret_m)
{
	struct ais_message m = start(24, 24, mmsi, 160);

	SET_TEXT(m.static_b.shipname, name);
	finish(&m, ret_m);
}

void ais_encode_type24b(const struct ais_encode_static *s, struct ais_encode_message *ret_m)
{
	struct ais_message m = start(AIS_LAYOUT_PART_B, 24, s->mmsi, 168);

	m.static_b = (struct ais_static_b){ .partno = 1, .shiptype = (int32_t)s->ship_type, .vendorid = "VDT" /* imaginary */,
		.model = 1, .serial = (int32_t)(s->mmsi % 1000000), .to_bow = (int32_t)s->bow_m,
		.to_stern = (int32_t)s->stern_m, .to_port = (int32_t)s->port_m, .to_starboard = (int32_t)s->starboard_m,
		.epfd = 1 };
	SET_TEXT(m.static_b.callsign, s->callsign);
	finish(&m, ret_m);
}

/* --- sentences --- */

static uint8_t checksum(const char *text)
{
	uint8_t sum = 0;

	for (; *text; text++)
		sum ^= (uint8_t)*text;
	return sum;
}

/* Appends @name and the rest, a comma before all but the first. */
__attribute__((format(printf, 3, 4))) static void tag_part(char *text, unsigned *n, const char *format, ...)
{
	va_list args;

	if (*n > 1)
		text[(*n)++] = ',';
	va_start(args, format);
	*n += (unsigned)vsnprintf(text + *n, AIS_ENCODE_TAG_MAX - *n, format, args);
	va_end(args);
}

unsigned ais_encode_tag(const struct ais_encode_tag *t, char ret_text[AIS_ENCODE_TAG_MAX])
{
	unsigned n = 1;

	snprintf(ret_text, AIS_ENCODE_TAG_MAX, "\\");
	if (t->parts)
		tag_part(ret_text, &n, "g:%u-%u-%u", t->part % 10, t->parts % 10, t->group % 10000);
	if (t->source)
		tag_part(ret_text, &n, "s:%.15s", t->source);
	if (t->time_ms)
		tag_part(ret_text, &n, "c:%lld", (long long)t->time_ms);
	return n + (unsigned)snprintf(ret_text + n, AIS_ENCODE_TAG_MAX - n, "*%02X\\", checksum(ret_text + 1));
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
	size_t n = strlen(line);

	snprintf(line + n, AIS_ENCODE_SENTENCE_MAX - n, "*%02X\r\n", checksum(line + 1));
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
