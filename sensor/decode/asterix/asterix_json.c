#include "sensor/decode/asterix/asterix_json.h"

#include "sensor/decode/asterix/asterix_time.h"
#include "sensor/decode/asterix/asterix_walk.h"

#define TEXT_MAX 256 /* no field is wider than 255 bits */

/* ICAO annex 10, volume IV, table 3-9: 1..26 letters, 32 space, 48..57 digits; anything else is not a character. */
void asterix_json_icao(const uint8_t *p, unsigned bit, unsigned n, char *out)
{
	unsigned end = 0;

	for (unsigned i = 0; i < n; i++, bit += 6) {
		unsigned v = (unsigned)bits_get(p, bit, 6);

		out[i] = v >= 1 && v <= 26 ? (char)('@' + v) : v == 32 || (v >= 48 && v <= 57) ? (char)v : '?';
		if (v == 0)
			out[i] = ' ';
		if (out[i] != ' ')
			end = i + 1;
	}
	out[end] = '\0';
}

static void put_octal(struct jot *j, const uint8_t *p, unsigned bit, unsigned width)
{
	char text[TEXT_MAX];
	unsigned n = width / 3;

	for (unsigned i = 0; i < n; i++)
		text[i] = (char)('0' + bits_get(p, bit + 3 * i, 3));
	jot_text(j, text, n);
}

static void put_icao(struct jot *j, const uint8_t *p, unsigned bit, unsigned width)
{
	char text[TEXT_MAX];

	asterix_json_icao(p, bit, width / 6, text);
	jot_text(j, text, strlen(text));
}

static void put_value(struct jot *j, const char *name, const struct asterix_field *f, const uint8_t *p, unsigned bit)
{
	if (name)
		jot_key(j, name);
	switch (f->kind) {
	case ASTERIX_UINT:
		jot_int(j, (int64_t)bits_get(p, bit, f->width));
		break;
	case ASTERIX_INT:
		jot_int(j, bits_get_signed(p, bit, f->width));
		break;
	case ASTERIX_QUANTITY:
		jot_scaled(j, (int64_t)bits_get(p, bit, f->width), f->num, f->den, f->decimals);
		break;
	case ASTERIX_SIGNED:
		jot_scaled(j, bits_get_signed(p, bit, f->width), f->num, f->den, f->decimals);
		break;
	case ASTERIX_OCTAL:
		put_octal(j, p, bit, f->width);
		break;
	case ASTERIX_HEX:
		jot_hex(j, p + bit / 8, f->width / 8);
		break;
	case ASTERIX_SPEED:
		if (bits_get(p, bit - 1, 1))
			jot_scaled(j, (int64_t)bits_get(p, bit, f->width), 1, 1000, 3);
		else
			jot_scaled(j, (int64_t)bits_get(p, bit, f->width), f->num, f->den, f->decimals);
		break;
	case ASTERIX_ICAO:
		put_icao(j, p, bit, f->width);
		break;
	case ASTERIX_ASCII:
		jot_text(j, (const char *)p + bit / 8, f->width / 8);
		break;
	}
}

/* A nameless field is the whole value; anything else makes an object. */
static bool is_plain(const struct asterix_item *item)
{
	return !item->fields[0].name && item->fields[0].kind < ASTERIX_SPARE;
}

static void put_open(void *user, const char *name, char bracket)
{
	if (name)
		jot_key(user, name);
	jot_open(user, bracket);
}

static void put_close(void *user, char bracket)
{
	jot_close(user, bracket);
}

/* Stops at an FX bit of 0. Returns how many bits were passed. */
static unsigned put_fields(struct jot *j, const struct asterix_item *item, const uint8_t *p)
{
	unsigned bit = 0;

	for (unsigned i = 0; i < item->n_fields; i++) {
		const struct asterix_field *f = &item->fields[i];

		if (f->kind < ASTERIX_SPARE)
			put_value(j, f->name, f, p, bit);
		else if (f->kind == ASTERIX_OPEN)
			put_open(j, f->name, '{');
		else if (f->kind == ASTERIX_CLOSE)
			put_close(j, '}');
		bit += f->width;
		if (f->kind == ASTERIX_FX && !(p[(bit - 1) >> 3] & 1))
			break;
	}
	return bit;
}

static const uint8_t *put_part(void *user, const char *name, const struct asterix_item *item, const uint8_t *p)
{
	unsigned bits = item->fields[0].width;

	if (is_plain(item)) {
		put_value(user, name, &item->fields[0], p, 0);
	} else {
		put_open(user, name, '{');
		bits = put_fields(user, item, p);
		put_close(user, '}');
	}
	return asterix_walk_part_end(item, p, bits);
}

static void put_bytes(void *user, const struct asterix_item *item, const uint8_t *p, size_t n)
{
	jot_key(user, item->name);
	if (item->n_fields && item->fields[0].kind == ASTERIX_ASCII)
		jot_text(user, (const char *)p, n);
	else
		jot_hex(user, p, n);
}

static const struct asterix_visitor json_visitor = { NULL, put_open, put_close, put_part, put_bytes };

static void put_time(struct jot *j, const struct asterix_record *r, int64_t near_ns)
{
	int64_t time_ns;

	jot_key(j, "time");
	if (near_ns && asterix_time_of(r, near_ns, &time_ns))
		jot_scaled(j, time_ns, 1, INT64_C(1000000000), 7);
	else
		jot_null(j);
}

void asterix_json_put(struct jot *j, const struct asterix_record *r, int64_t near_ns)
{
	jot_open(j, '{');
	jot_key(j, "cat");
	jot_int(j, r->category->cat);
	put_time(j, r, near_ns);
	jot_key(j, "items");
	jot_open(j, '{');
	asterix_walk_record(r, &json_visitor, j);
	jot_close(j, '}');
	jot_close(j, '}');
}
