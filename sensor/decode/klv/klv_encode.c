#include "sensor/decode/klv/klv_encode.h"

#include <errno.h>
#include <string.h>

#define LENGTH_OCTETS_MAX 5
#define OID_OCTETS_MAX 4

static void fail(struct klv_encode *e, int error)
{
	if (!e->error)
		e->error = error;
}

static void append(struct klv_encode *e, const void *data, size_t size)
{
	if (!e->error && size > sizeof(e->bytes) - e->n)
		fail(e, -ENOBUFS);
	if (e->error || !size)
		return;
	memcpy(e->bytes + e->n, data, size);
	e->n += size;
}

static size_t make_length(uint8_t *p, size_t length)
{
	size_t octets = 1;

	if (length < 0x80) {
		p[0] = (uint8_t)length;
		return 1;
	}
	for (size_t rest = length; rest >>= 8;)
		octets++;
	p[0] = (uint8_t)(0x80 | octets);
	for (size_t i = octets; i; i--, length >>= 8)
		p[i] = (uint8_t)length;
	return 1 + octets;
}

static void append_oid(struct klv_encode *e, uint32_t v)
{
	uint8_t octets[OID_OCTETS_MAX];
	size_t n = 0;

	if (v >> (7 * OID_OCTETS_MAX)) {
		fail(e, -ERANGE);
		return;
	}
	for (unsigned i = OID_OCTETS_MAX; i--;)
		if (i == 0 || v >> (7 * i))
			octets[n++] = (uint8_t)((v >> (7 * i) & 0x7f) | (i ? 0x80 : 0));
	append(e, octets, n);
}

static struct klv_encode_level *top(struct klv_encode *e)
{
	return &e->levels[e->level];
}

static const struct klv_tag *tag_of(struct klv_encode *e, unsigned number)
{
	const struct klv_encode_level *l = top(e);

	if (!e->error && l->kind != KLV_SERIES && number < l->table->n && l->table->tags[number].name &&
		(l->kind == KLV_PACK ? number == l->row : number > 0))
		return &l->table->tags[number];
	fail(e, -EINVAL);
	return NULL;
}

static void append_item(struct klv_encode *e, unsigned number, const void *data, size_t size)
{
	uint8_t length[LENGTH_OCTETS_MAX];

	if (top(e)->kind == KLV_PACK) {
		top(e)->row++;
	} else {
		append_oid(e, number);
		append(e, length, make_length(length, size));
	}
	append(e, data, size);
}

/* Puts the length of what came after @start before it. */
static void insert_length(struct klv_encode *e, size_t start)
{
	uint8_t length[LENGTH_OCTETS_MAX];
	size_t content = e->n - start, n = make_length(length, content);

	append(e, length, n); /* makes room */
	if (e->error)
		return;
	memmove(e->bytes + start + n, e->bytes + start, content);
	memcpy(e->bytes + start, length, n);
}

static void push(struct klv_encode *e, const struct klv_table *table, enum klv_kind kind)
{
	if (e->level + 1 == KLV_ENCODE_LEVELS)
		fail(e, -EINVAL);
	if (e->error)
		return;
	e->level++;
	*top(e) = (struct klv_encode_level){ table, (uint8_t)kind, 0, e->n };
}

void klv_encode_begin(struct klv_encode *e, const struct klv_set *set)
{
	e->n = 0;
	e->error = 0;
	e->set = set;
	e->level = 0;
	append(e, set->label, KLV_LABEL_SIZE);
	*top(e) = (struct klv_encode_level){ set->table, KLV_SET, 0, e->n };
}

void klv_encode_number(struct klv_encode *e, unsigned number, double v, size_t size)
{
	const struct klv_tag *t = tag_of(e, number);
	uint8_t octets[8];

	if (!t)
		return;
	size = size ? size : t->length;

	int r = klv_value_write(t, v, octets, size);

	if (r < 0)
		fail(e, r);
	else
		append_item(e, number, octets, size);
}

void klv_encode_bytes(struct klv_encode *e, unsigned number, const void *data, size_t size)
{
	const struct klv_tag *t = tag_of(e, number);

	if (t && size > t->max_length)
		fail(e, -EINVAL);
	else if (t)
		append_item(e, number, data, size);
}

void klv_encode_item(struct klv_encode *e, const struct klv_item *item)
{
	struct klv_value v;
	uint8_t octets[8];
	int r = 0;

	/* Codes for "no value" differ (a NaN's sign, a producer's own): they are kept as they are. */
	if (item->tag->kind >= _KLV_NUMBER_MAX || !klv_value_read(item, &v)) {
		klv_encode_bytes(e, item->number, item->data, item->size);
		return;
	}
	r = klv_value_write_exact(item->tag, &v, octets, item->size);
	if (r < 0)
		fail(e, r);
	else if (tag_of(e, item->number))
		append_item(e, item->number, octets, item->size);
}

void klv_encode_open(struct klv_encode *e, unsigned number)
{
	const struct klv_tag *t = tag_of(e, number);

	if (t && !t->inner)
		fail(e, -EINVAL);
	if (e->error)
		return;
	append_oid(e, number);
	push(e, t->inner, t->kind);
}

void klv_encode_member(struct klv_encode *e, uint32_t id)
{
	if (top(e)->kind != KLV_SERIES)
		fail(e, -EINVAL);
	push(e, top(e)->table, KLV_SET);
	append_oid(e, id);
}

void klv_encode_close(struct klv_encode *e)
{
	if (!e->level)
		fail(e, -EINVAL);
	if (e->error)
		return;
	insert_length(e, top(e)->start);
	e->level--;
}

ssize_t klv_encode_end(struct klv_encode *e, bool checksum)
{
	static const uint8_t room[] = { 1, 2, 0, 0 }; /* item 1 of two octets */
	uint16_t sum;

	if (e->level)
		fail(e, -EINVAL);
	if (checksum)
		append(e, room, sizeof(room));
	insert_length(e, top(e)->start);
	if (e->error)
		return e->error;
	if (checksum) {
		sum = klv_sum(e->bytes, e->n - 2);
		e->bytes[e->n - 2] = (uint8_t)(sum >> 8);
		e->bytes[e->n - 1] = (uint8_t)sum;
	}
	return (ssize_t)e->n;
}
