#include "sensor/decode/klv/klv_json.h"

#include <string.h>

#include "sensor/decode/klv/klv_value.h"

#define DECIMALS_MAX 13 /* jot_scaled()'s */

/* So many that a digit of the last place is below a thousandth of the octets' step. */
static unsigned decimals(const struct klv_value *v)
{
	unsigned n = 0;

	for (double unit = 1; n < DECIMALS_MAX && unit * (double)v->step < 1000 * (double)v->den; n++)
		unit *= 10;
	return n;
}

static void put_number(struct jot *j, const struct klv_item *i)
{
	struct klv_value v;

	if (!klv_value_read(i, &v))
		jot_null(j);
	else if (v.den == 1)
		jot_int(j, v.num);
	else
		jot_scaled(j, v.num, 1, v.den, i->tag->kind == KLV_TIME ? 6 : decimals(&v));
}

static void put_text(struct jot *j, const struct klv_item *i)
{
	jot_text(j, (const char *)i->data, i->size);
}

/* ST 0102 item 13 is UTF-16, big-endian; older producers send octets. */
static void put_utf16(struct jot *j, const struct klv_item *i)
{
	char text[KLV_UTF16_MAX / 2];
	size_t n = 0;

	if (i->size & 1 || i->data[0]) {
		put_text(j, i);
		return;
	}
	for (size_t at = 0; at < i->size; at += 2)
		text[n++] = i->data[at] ? '?' : (char)i->data[at + 1];
	jot_text(j, text, n);
}

static void put_bytes(struct jot *j, const struct klv_item *i)
{
	jot_hex(j, i->data, i->size);
}

static void (*const put[_KLV_KIND_MAX])(struct jot *j, const struct klv_item *i) = {
	[KLV_UINT] = put_number,
	[KLV_INT] = put_number,
	[KLV_TIME] = put_number,
	[KLV_MAPPED] = put_number,
	[KLV_SIGNED] = put_number,
	[KLV_IMAPB] = put_number,
	[KLV_OID] = put_number,
	[KLV_TEXT] = put_text,
	[KLV_UTF16] = put_utf16,
	[KLV_BYTES] = put_bytes,
};

static void json_open(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
	(void)tag;
	if (name)
		jot_key(user, name);
	jot_open(user, bracket);
}

static void json_close(void *user, const struct klv_tag *tag, char bracket)
{
	(void)tag;
	jot_close(user, bracket);
}

static void json_value(void *user, const char *name, const struct klv_item *i)
{
	if (name)
		jot_key(user, name);
	if (i->size)
		put[i->tag->kind](user, i);
	else
		jot_null(user);
}

static const struct klv_visitor json_visitor = { json_open, json_close, json_value };

void klv_json_put(struct jot *j, const struct klv_packet *p, struct klv_stats *stats)
{
	jot_open(j, '{');
	jot_key(j, "class");
	jot_text(j, "KLV", 3);
	jot_key(j, "set");
	jot_text(j, p->set->name, strlen(p->set->name));
	jot_key(j, "checksum_ok");
	if (p->checksum == KLV_CHECKSUM_NONE)
		jot_null(j);
	else
		jot_bool(j, p->checksum == KLV_CHECKSUM_GOOD);
	klv_walk(p, stats, &json_visitor, j);
	jot_close(j, '}');
}

static void mix(uint64_t *h, uint64_t v)
{
	*h = (*h ^ v) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio: spreads every bit upwards */
	*h ^= *h >> 29;
}

static void hash_open(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
	(void)name;
	(void)tag;
	mix(user, (uint8_t)bracket);
}

static void hash_close(void *user, const struct klv_tag *tag, char bracket)
{
	(void)tag;
	mix(user, (uint8_t)bracket);
}

static void hash_value(void *user, const char *name, const struct klv_item *i)
{
	double v;
	uint64_t bits;

	(void)name;
	mix(user, (uint64_t)i->number << 32 | i->size);
	if (i->tag->kind < _KLV_NUMBER_MAX) {
		v = klv_value_number(i);
		memcpy(&bits, &v, sizeof(bits));
		mix(user, bits);
		return;
	}
	for (size_t n = 0; n < i->size; n++)
		mix(user, i->data[n]);
}

static const struct klv_visitor hash_visitor = { hash_open, hash_close, hash_value };

uint64_t klv_json_hash(const struct klv_packet *p, struct klv_stats *stats, uint64_t seed)
{
	mix(&seed, (uint64_t)p->checksum << 16 | p->computed);
	klv_walk(p, stats, &hash_visitor, &seed);
	return seed;
}
