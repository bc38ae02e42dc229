#include "sensor/decode/klv/klv.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include "sensor/decode/klv/klv_st0102.h"
#include "sensor/decode/klv/klv_st0601.h"
#include "sensor/decode/klv/klv_st0903.h"

#define BER_OCTETS_MAX 4 /* of a long length */
#define OID_OCTETS_MAX 4 /* of a tag: 28 bits */
#define TAGS_MAX 192	 /* tags whose repetition is noticed: all that the tables have */
#define PREFIX_SIZE 4	 /* 06 0E 2B 34: any SMPTE label */

static const struct klv_set sets[] = {
	{ "ST0601", "\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\0\0", &klv_st0601 },
	{ "ST0903", "\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x03\x06\0\0", &klv_st0903 },
	{ "ST0102", "\x06\x0e\x2b\x34\x02\x03\x01\x01\x0e\x01\x03\x03\x02\0\0", &klv_st0102 },
};
#define N_SETS (sizeof(sets) / sizeof(sets[0]))

struct cursor {
	const uint8_t *at, *end;
};

struct walk {
	struct klv_stats *stats;
	const struct klv_visitor *visitor;
	void *user;
};

/* --- BER --- */

/* Return: 1; 0 when the end comes first; -EBADMSG when it is no definite length of at most four octets. */
static int take_length(struct cursor *c, size_t *ret)
{
	size_t have = (size_t)(c->end - c->at), v = 0;

	if (!have)
		return 0;
	if (*c->at < 0x80) {
		*ret = *c->at++;
		return 1;
	}

	unsigned n = *c->at & 0x7f;

	if (n == 0 || n > BER_OCTETS_MAX)
		return -EBADMSG;
	if (n >= have)
		return 0;
	for (unsigned i = 1; i <= n; i++)
		v = v << 8 | c->at[i];
	c->at += 1 + n;
	*ret = v;
	return 1;
}

static bool take_oid(struct cursor *c, unsigned *ret)
{
	unsigned v = 0;

	for (unsigned i = 0; i < OID_OCTETS_MAX && c->at < c->end; i++) {
		uint8_t octet = *c->at++;

		v = v << 7 | (octet & 0x7f);
		if (octet < 0x80) {
			*ret = v;
			return true;
		}
	}
	return false;
}

/* The octets after a length; false when they are not all there. */
static bool take_counted(struct cursor *c, struct cursor *ret)
{
	size_t size;

	if (take_length(c, &size) <= 0 || size > (size_t)(c->end - c->at))
		return false;
	*ret = (struct cursor){ c->at, c->at + size };
	c->at += size;
	return true;
}

/* --- items --- */

/* Row 0 is what a series' members begin with, and of packs: no item has that tag. */
static const struct klv_tag *find_tag(const struct klv_table *table, unsigned number)
{
	return number && number < table->n && table->tags[number].name ? &table->tags[number] : NULL;
}

/* The next item, of whatever tag and length; false at the end and at what is no item. */
static bool take_item(struct cursor *c, const struct klv_table *table, struct klv_item *ret)
{
	struct cursor value;

	/* Nearly always a tag and a length of one octet each. */
	if (c->end - c->at >= 2 && !((c->at[0] | c->at[1]) & 0x80) && c->at[1] <= c->end - c->at - 2) {
		ret->number = c->at[0];
		value = (struct cursor){ c->at + 2, c->at + 2 + c->at[1] };
		c->at = value.end;
	} else if (!take_oid(c, &ret->number) || !take_counted(c, &value)) {
		return false;
	}
	ret->tag = find_tag(table, ret->number);
	ret->data = value.at;
	ret->size = (size_t)(value.end - value.at);
	return true;
}

static bool length_fits(const struct klv_item *i)
{
	return !i->size || (i->size >= i->tag->min_length && i->size <= i->tag->max_length);
}

static void fault(struct walk *w, enum klv_fault which)
{
	w->stats->faults[which]++;
}

static void give(struct walk *w, const char *name, const struct klv_item *i)
{
	w->stats->items++;
	w->visitor->value(w->user, name, i);
}

static void walk_pack(struct walk *w, const struct klv_item *pack)
{
	const struct klv_table *t = pack->tag->inner;
	const uint8_t *at = pack->data, *end = at + pack->size;

	for (unsigned row = 0; row < t->n && at < end; row++) {
		struct klv_item i = { &t->tags[row], row, at, t->tags[row].length };

		if (i.size > (size_t)(end - at))
			break;
		give(w, i.tag->name, &i);
		at += i.size;
	}
	if (at < end)
		fault(w, KLV_FAULT_LENGTH);
}

/* Every other item of the same tag behind this one, too. */
static void walk_list(struct walk *w, const struct klv_item *first, struct cursor rest, const struct klv_table *table)
{
	struct klv_item i;

	w->visitor->open(w->user, first->tag->name, first->tag, '[');
	give(w, NULL, first);
	while (rest.at < rest.end && take_item(&rest, table, &i))
		if (i.tag == first->tag && length_fits(&i))
			give(w, NULL, &i);
	w->visitor->close(w->user, first->tag, ']');
}

/* Sets stand in sets as deep as the tables say, five levels: no input makes it deeper. */
static void walk_set(struct walk *w, struct cursor c, const struct klv_table *table);

/* A member of a series: its number, then a set. */
static void walk_member(struct walk *w, const struct klv_tag *series, struct cursor c)
{
	struct klv_item i = { series->inner->tags, 0, c.at, 0 };
	unsigned number;

	if (!take_oid(&c, &number)) {
		fault(w, KLV_FAULT_ITEM);
		return;
	}
	i.size = (size_t)(c.at - i.data);
	w->visitor->open(w->user, NULL, series, '{');
	give(w, i.tag->name, &i);
	walk_set(w, c, series->inner);
	w->visitor->close(w->user, series, '}');
}

static void walk_series(struct walk *w, const struct klv_item *series)
{
	struct cursor c = { series->data, series->data + series->size }, member;

	for (unsigned n = 0; c.at < c.end; n++) {
		bool whole = take_counted(&c, &member);

		if (!whole || n == KLV_MEMBERS_MAX) {
			fault(w, whole ? KLV_FAULT_MEMBERS : KLV_FAULT_ITEM);
			return;
		}
		walk_member(w, series->tag, member);
	}
}

static void walk_inner(struct walk *w, const struct klv_item *i)
{
	const char *brackets = i->tag->kind == KLV_SERIES ? "[]" : "{}";

	w->visitor->open(w->user, i->tag->name, i->tag, brackets[0]);
	if (i->tag->kind == KLV_PACK)
		walk_pack(w, i);
	else if (i->tag->kind == KLV_SERIES)
		walk_series(w, i);
	else
		walk_set(w, (struct cursor){ i->data, i->data + i->size }, i->tag->inner);
	w->visitor->close(w->user, i->tag, brackets[1]);
}

/* What speaks against an item. */
static enum klv_fault judge(const struct klv_item *i, uint64_t *seen, bool *ret_seen_before)
{
	uint64_t *word, bit = UINT64_C(1) << (i->number & 63);

	if (!i->tag)
		return KLV_FAULT_TAG;
	if (!length_fits(i))
		return KLV_FAULT_LENGTH;
	word = &seen[i->number / 64];
	*ret_seen_before = *word & bit;
	*word |= bit;
	return *ret_seen_before && !i->tag->repeats ? KLV_FAULT_REPEATED : _KLV_FAULT_MAX;
}

static void walk_set(struct walk *w, struct cursor c, const struct klv_table *table)
{
	uint64_t seen[TAGS_MAX / 64] = { 0 };
	struct klv_item i;

	while (c.at < c.end) {
		bool before = false;

		if (!take_item(&c, table, &i)) {
			fault(w, KLV_FAULT_ITEM);
			return;
		}

		enum klv_fault why = judge(&i, seen, &before);

		if (why != _KLV_FAULT_MAX)
			fault(w, why);
		else if (i.tag->repeats && !before)
			walk_list(w, &i, c, table);
		else if (i.size && i.tag->inner)
			walk_inner(w, &i);
		else if (!before)
			give(w, i.tag->name, &i);
	}
}

void klv_walk(const struct klv_packet *p, struct klv_stats *stats, const struct klv_visitor *v, void *user)
{
	struct walk w = { stats, v, user };

	walk_set(&w, (struct cursor){ p->value, p->value + p->value_size }, p->set->table);
}

/* --- packets --- */

uint16_t klv_sum(const uint8_t *data, size_t size)
{
	uint32_t even = 0, odd = 0;
	size_t i = 0;

	for (; i + 1 < size; i += 2) {
		even += data[i];
		odd += data[i + 1];
	}
	if (i < size)
		even += data[i];
	return (uint16_t)((even << 8) + odd);
}

/* ST 0601 item 1 wherever it stands; what follows it, it does not cover. */
static void check_sum(struct klv_packet *p, struct klv_stats *stats)
{
	struct cursor c = { p->value, p->value + p->value_size };
	struct klv_item i;

	p->checksum = KLV_CHECKSUM_NONE;
	p->computed = 0;
	while (c.at < c.end && take_item(&c, p->set->table, &i))
		if (i.number == KLV_ST0601_CHECKSUM && i.size == 2) {
			p->computed = klv_sum(p->data, (size_t)(i.data - p->data));
			p->checksum = p->computed == (i.data[0] << 8 | i.data[1]) ? KLV_CHECKSUM_GOOD : KLV_CHECKSUM_BAD;
			stats->faults[KLV_FAULT_CHECKSUM] += p->checksum == KLV_CHECKSUM_BAD;
			return;
		}
	stats->faults[KLV_FAULT_NO_CHECKSUM]++;
}

static const struct klv_set *find_label(const uint8_t *data, size_t size)
{
	for (unsigned i = 0; i < N_SETS; i++)
		if (size >= KLV_LABEL_SIZE && !memcmp(data, sets[i].label, KLV_LABEL_SIZE))
			return &sets[i];
	return NULL;
}

static bool is_prefix(const uint8_t *data, size_t size)
{
	return size >= KLV_LABEL_SIZE && !memcmp(data, sets[0].label, PREFIX_SIZE);
}

/* The next known label behind @data[@from]; @size when there is none. */
static size_t find_next(const uint8_t *data, size_t size, size_t from)
{
	while (from < size) {
		const uint8_t *at = memmem(data + from, size - from, sets[0].label, PREFIX_SIZE);

		if (!at)
			break;
		from = (size_t)(at - data);
		if (find_label(at, size - from))
			return from;
		from++;
	}
	return size;
}

/*
 * One label and its length at the front of @data, with what they promise.
 * Return: octets of the whole packet; 0 when it is longer than @size; -EBADMSG when its length is none.
 */
static ssize_t measure(const uint8_t *data, size_t size, struct klv_packet *p)
{
	struct cursor c = { data + KLV_LABEL_SIZE, data + size };
	size_t length;
	int r = take_length(&c, &length);

	if (r < 0 || (r > 0 && length > KLV_PACKET_MAX))
		return -EBADMSG;
	if (r == 0 || length > (size_t)(c.end - c.at))
		return 0;
	p->data = data;
	p->value = c.at;
	p->value_size = length;
	p->size = (size_t)(c.at - data) + length;
	return (ssize_t)p->size;
}

/* Behind a packet is another or nothing: then the four octets that every label begins with were one's. */
static bool ends_well(const uint8_t *data, size_t size, size_t n)
{
	return n == size || is_prefix(data + n, size - n);
}

/* What stands at the front of @data, which begins with any label. Return: octets to go on behind; 0 when nothing whole does. */
static size_t take_packet(const uint8_t *data, size_t size, struct klv_stats *stats, klv_sink sink, void *user)
{
	struct klv_packet p = { .set = find_label(data, size) };
	ssize_t n = measure(data, size, &p);

	if (n <= 0) {
		stats->faults[n < 0 ? KLV_FAULT_BER : KLV_FAULT_TRUNCATED] += p.set != NULL;
		return 0;
	}
	if (!p.set && !ends_well(data, size, (size_t)n))
		return 0;
	if (!p.set) {
		stats->faults[KLV_FAULT_LABEL]++;
		return (size_t)n;
	}
	stats->packets++;
	if (p.set == &sets[0])
		check_sum(&p, stats);
	sink(user, &p);
	return (size_t)n;
}

void klv_decode(const uint8_t *data, size_t size, struct klv_stats *stats, klv_sink sink, void *user)
{
	for (size_t at = 0; at < size;) {
		size_t n = is_prefix(data + at, size - at) ? take_packet(data + at, size - at, stats, sink, user) : 0;

		if (n) {
			at += n;
			continue;
		}

		size_t next = find_next(data, size, at + 1);

		stats->skipped_bytes += next - at;
		at = next;
	}
}

size_t klv_cut(const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at + KLV_LABEL_SIZE <= size) {
		struct klv_packet p = { 0 };
		ssize_t n = is_prefix(data + at, size - at) ? measure(data + at, size - at, &p) : -EBADMSG;

		if (n == 0)
			return at;
		if (n < 0 || (!find_label(data + at, size - at) && !ends_well(data + at, size - at, (size_t)n)))
			n = (ssize_t)(find_next(data, size, at + 1) - at);
		at += (size_t)n;
		/* The last octets behind no packet may be the beginning of a label. */
		if (at == size && p.size != (size_t)n)
			at = size - (KLV_LABEL_SIZE - 1);
	}
	return at;
}

bool klv_is(const uint8_t *data, size_t size)
{
	return find_label(data, size) != NULL;
}

const struct klv_set *klv_set_find(const char *name)
{
	for (unsigned i = 0; i < N_SETS; i++)
		if (!strcmp(sets[i].name, name))
			return &sets[i];
	return NULL;
}
