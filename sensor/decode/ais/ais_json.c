#include "sensor/decode/ais/ais_json.h"

#include <string.h>

#include "sensor/decode/ais/ais_fields.h"
#include "sensor/decode/ais/ais_mmsi.h"

static void put_turn(struct jot *j, int32_t raw)
{
	/* M.1371-5 table 48: ROT_AIS = 4.733 sqrt(deg/min). +-127: faster than 5 deg in 30 s, no indicator */
	if (raw == 127 || raw == -127)
		jot_text(j, raw > 0 ? "fastright" : "fastleft", raw > 0 ? 9 : 8);
	else
		jot_scaled(j, (int64_t)raw * (raw < 0 ? -raw : raw), 1000000, 22401289, 4);
}

/* @v as at least @width digits, and what follows them. */
static char *put_digits(char *p, int32_t v, unsigned width, char behind)
{
	char digits[12], *end = digits + sizeof(digits), *d = end;

	for (uint32_t left = (uint32_t)v; left || end - d < (int)width; left /= 10)
		*--d = (char)('0' + left % 10);
	memcpy(p, d, (size_t)(end - d));
	p += end - d;
	*p = behind;
	return p + 1;
}

/* Numbers of two digits with these behind each; the first has four when it is a year. */
static void put_time(struct jot *j, const int32_t *v, const char *behind, unsigned first_width)
{
	char buf[96], *p = buf;

	for (unsigned i = 0; behind[i]; i++)
		p = put_digits(p, v[i], i ? 2 : first_width, behind[i]);
	jot_text(j, buf, (size_t)(p - buf));
}

/* gpsd's way: number of bits, colon, hex. */
static void put_data(struct jot *j, const struct ais_data *d)
{
	static const char hex[] = "0123456789abcdef";
	char buf[2 * AIS_DATA_BYTES + 16];
	size_t n = (size_t)(put_digits(buf, (int32_t)d->bits, 1, ':') - buf);

	for (unsigned i = 0; i * 8 < d->bits; i++) {
		buf[n++] = hex[d->bytes[i] >> 4];
		buf[n++] = hex[d->bytes[i] & 15];
	}
	jot_text(j, buf, n);
}

static void put_level(struct jot *j, const struct ais_message_field *f, int32_t raw)
{
	int32_t positive = 1 << (f->width - 1), amount = raw & (positive - 1);

	if (amount)
		jot_int(j, raw & positive ? amount : -amount);
	else
		jot_null(j);
}

static void put_number(struct jot *j, const struct ais_message_field *f, int32_t raw)
{
	if (raw >= f->none && raw <= f->none_to)
		jot_null(j);
	else if (f->kind == AIS_FIELD_TURN)
		put_turn(j, raw);
	else if (f->kind == AIS_FIELD_LEVEL)
		put_level(j, f, raw);
	else if (f->kind == AIS_FIELD_BOOL)
		jot_bool(j, raw);
	else if (f->den == 1)
		jot_int(j, raw * f->num + f->add);
	else
		jot_scaled(j, raw * f->num + f->add, 1, f->den, (unsigned)f->decimals);
}

#define NUMBERS                                                                                                        \
	(1u << AIS_FIELD_UINT | 1u << AIS_FIELD_INT | 1u << AIS_FIELD_BOOL | 1u << AIS_FIELD_TURN | 1u << AIS_FIELD_LEVEL | \
		1u << AIS_FIELD_TAIL)

/* What is no number. */
static void put_other(struct jot *j, const struct ais_message_field *f, const char *at)
{
	switch (f->kind) {
	case AIS_FIELD_TEXT:
	case AIS_FIELD_TEXT_SAID:
		jot_text(j, at, strlen(at));
		break;
	case AIS_FIELD_DATA:
		put_data(j, (const struct ais_data *)at);
		break;
	case AIS_FIELD_ETA:
		put_time(j, (const int32_t *)at, "-T:Z", 2);
		break;
	case AIS_FIELD_DAYTIME:
		put_time(j, (const int32_t *)at, "T:Z", 2);
		break;
	case AIS_FIELD_TIMESTAMP:
		put_time(j, (const int32_t *)at, "--T::Z", 4);
		break;
	}
}

static bool is_shown(const struct ais_message_field *f, const char *at)
{
	return f->kind != AIS_FIELD_PART && f->kind != AIS_FIELD_TEXT_MORE && (f->kind != AIS_FIELD_TEXT_SAID || *at);
}

static void put_field(struct jot *j, const struct ais_message_field *f, const char *at)
{
	if (!is_shown(f, at))
		return;
	jot_key(j, f->name);
	if (NUMBERS >> f->kind & 1)
		put_number(j, f, *(const int32_t *)at);
	else
		put_other(j, f, at);
}

static void put_fields(struct jot *j, const struct ais_message_layout *l, const void *from)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		put_field(j, &l->fields[i], (const char *)from + l->fields[i].offset);
}

static void put_group(struct jot *j, const struct ais_message_group *g, const void *from)
{
	unsigned n = *(const unsigned *)((const char *)from + g->count);

	jot_key(j, g->name);
	jot_open(j, '[');
	for (unsigned i = 0; i < n; i++) {
		const void *item;
		const struct ais_message_layout *l = ais_fields_group(g, from, i, &item);

		jot_open(j, '{');
		put_fields(j, l, item);
		jot_close(j, '}');
	}
	jot_close(j, ']');
}

/* What kind of station it is, unless a ship: gpsd has no such name. */
static void put_class(struct jot *j, int32_t mmsi)
{
	enum ais_mmsi_class class = ais_mmsi_classify((uint32_t)mmsi);
	const char *name = ais_mmsi_name(class);

	if (class == AIS_MMSI_SHIP)
		return;
	jot_key(j, "mmsi_class");
	jot_text(j, name, strlen(name));
}

void ais_json_put(struct jot *j, const struct ais_message *m)
{
	const struct ais_message_layout *app = ais_application_layout(m->application);

	jot_open(j, '{');
	jot_key(j, "class");
	jot_text(j, "AIS", 3);
	jot_key(j, "type");
	jot_int(j, m->type);
	jot_key(j, "repeat");
	jot_int(j, m->repeat);
	jot_key(j, "mmsi");
	jot_int(j, m->mmsi);
	put_class(j, m->mmsi);
	jot_key(j, "scaled");
	jot_bool(j, true);
	put_fields(j, ais_message_layout(m), m);
	if (app)
		put_fields(j, app, m);
	if (app && app->group)
		put_group(j, app->group, m);
	jot_close(j, '}');
}
