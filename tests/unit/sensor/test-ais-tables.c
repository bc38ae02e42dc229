/*
 * test-ais-tables - what holds for every field of every table: decode(encode(v)) == v and encode(decode(x)) == x.
 *
 * The tables themselves drive it, so a table that is wrong in itself is not found here but against the peers (tests/golden)
 * and against messages made by hand (test-ais, test-ais-application).
 */
#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/ais/ais_encode.h"
#include "sensor/decode/ais/ais_fields.h"
#include "sensor/decode/ais/ais_json.h"

#define SEED UINT64_C(20261124)
#define ROUNDS 40

static uint64_t dice;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t roll(void)
{
	uint64_t z = dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool is_signed(const struct ais_message_field *f)
{
	return f->kind == AIS_FIELD_INT || f->kind == AIS_FIELD_TURN;
}

static int32_t lowest(const struct ais_message_field *f)
{
	return is_signed(f) ? -(1 << (f->width - 1)) : 0;
}

static int32_t highest(const struct ais_message_field *f)
{
	return (int32_t)((INT64_C(1) << (f->width - is_signed(f))) - 1);
}

static bool is_number(const struct ais_message_field *f)
{
	return f->width && f->kind != AIS_FIELD_TEXT && f->kind != AIS_FIELD_TEXT_MORE && f->kind != AIS_FIELD_DATA;
}

/* Any characters, and a NUL where the decoder puts it. */
static void fill_text(char *text, unsigned n)
{
	unsigned end = 0, at = n;

	for (unsigned i = 0; i < n; i++)
		text[i] = (char)(' ' + roll() % 64);
	if (n && roll() % 2) { /* padded, as most are */
		unsigned from = (unsigned)(roll() % n);

		memset(text + from, roll() % 2 ? ' ' : '@', n - from);
	}
	for (unsigned i = 0; i < n && at == n; i++)
		if (text[i] == '@')
			at = i;
	for (unsigned i = 0; i < at; i++)
		if (text[i] != ' ')
			end = i + 1;
	memmove(text + end + 1, text + end, n - end);
	text[end] = '\0';
}

static void fill_data(struct ais_data *d, unsigned n_bits)
{
	memset(d, 0, sizeof(*d));
	d->bits = n_bits;
	for (unsigned i = 0; i * 8 < n_bits; i++)
		d->bytes[i] = (uint8_t)roll();
	if (n_bits % 8)
		d->bytes[n_bits / 8] &= (uint8_t)(0xff00 >> n_bits % 8);
}

static const struct ais_message_field *extension_of(const struct ais_message_layout *l, const struct ais_message_field *text)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		if (l->fields[i].kind == AIS_FIELD_TEXT_MORE && l->fields[i].offset == text->offset)
			return &l->fields[i];
	return NULL;
}

static unsigned characters(const struct ais_message_field *f, unsigned n_bits)
{
	unsigned left = n_bits > f->bit ? n_bits - f->bit : 0;

	return (left < f->width ? left : f->width) / 6;
}

static void fill_field(const struct ais_message_layout *l, const struct ais_message_field *f, unsigned n_bits, char *at)
{
	if (f->kind == AIS_FIELD_TEXT) {
		const struct ais_message_field *more = extension_of(l, f);

		fill_text(at, characters(f, n_bits) + (more ? characters(more, n_bits) : 0));
	} else if (f->kind == AIS_FIELD_DATA) {
		fill_data((struct ais_data *)at, n_bits - f->bit - f->width);
	} else if (is_number(f)) {
		*(int32_t *)at = lowest(f) + (int32_t)(roll() & (UINT64_MAX >> (64 - f->width)));
	}
}

static void fill(const struct ais_message_layout *l, unsigned n_bits, void *to)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		fill_field(l, &l->fields[i], n_bits, (char *)to + l->fields[i].offset);

	const struct ais_message_group *g = l->group;

	if (!g)
		return;

	unsigned n = n_bits > g->bit ? (n_bits - g->bit) / g->stride : 0;

	*(int32_t *)((char *)to + g->count) = (int32_t)(n < g->max ? n : g->max);
	for (unsigned i = 0; i < n && i < g->max; i++) {
		char *item = (char *)to + g->items + i * g->size;
		unsigned kind = g->kind_bits ? (unsigned)roll() % (1u << g->kind_bits) : 0;

		fill(&g->kinds[kind < g->n_kinds ? kind : g->n_kinds - 1], g->stride, item);
		if (g->kind_bits)
			*(int32_t *)item = (int32_t)kind;
	}
}

/* What makes the decoder choose this layout and no other of its type. */
static void set_selectors(struct ais_message *m)
{
	unsigned flags = m->type == 25 ? m->layout - AIS_LAYOUT_SLOT_STRUCTURED + 1 : m->layout - AIS_LAYOUT_SLOTS_STRUCTURED + 1;

	if (m->type == 22)
		m->channels.addressed = m->layout == AIS_LAYOUT_CHANNELS_ADDRESSED;
	else if (m->type == 24)
		m->static_b.partno = m->layout == 24 ? 0 : m->layout == AIS_LAYOUT_PART_OTHER ? 3 : 1;
	if (m->type != 25 && m->type != 26)
		return;
	if (m->layout == (unsigned)m->type)
		flags = 0;
	m->slot_binary.addressed = flags >= 2;
	m->slot_binary.structured = flags & 1;
}

static struct ais_message blank(unsigned layout, unsigned n_bits)
{
	struct ais_message m = { .mmsi = layout == AIS_LAYOUT_PART_B_AUXILIARY ? 982110001 : 211000001, .repeat = 3,
		.layout = layout, .bits = n_bits };

	ais_message_layout_at(layout, &m.type);
	return m;
}

static enum ais_fault decode(const uint8_t *bytes, unsigned n_bits, struct ais_message *ret_m)
{
	uint8_t bits[AIS_MESSAGE_BYTES] = { 0 };

	memcpy(bits, bytes, (n_bits + 7) / 8);
	if (n_bits % 8)
		bits[n_bits / 8] &= (uint8_t)(0xff00 >> n_bits % 8);
	return ais_message_decode(bits, n_bits, ret_m);
}

/* Through the air and back; what comes back is the same and gives the same bits. */
static struct ais_message there_and_back(const struct ais_message *m)
{
	struct ais_encode_message e, again;
	struct ais_message back;

	assert_int_equal(ais_encode_message(m, &e), 0);
	assert_int_equal(decode(e.bytes, e.bits, &back), AIS_FAULT_NONE);
	assert_int_equal(back.layout, m->layout);
	assert_true(ais_encode_is_canonical(&back, e.bytes));
	assert_int_equal(ais_encode_message(&back, &again), 0);
	assert_int_equal(again.bits, e.bits);
	assert_memory_equal(again.bytes, e.bytes, sizeof(e.bytes));
	return back;
}

static void check_value(struct ais_message m, const struct ais_message_field *f, int32_t value)
{
	size_t at = f->offset;

	*(int32_t *)((char *)&m + at) = value;
	set_selectors(&m);
	value = *(int32_t *)((char *)&m + at);

	struct ais_message back = there_and_back(&m);

	if (*(int32_t *)((char *)&back + at) != value)
		fail_msg("type %d layout %u %s: %d became %d", m.type, m.layout, f->name, value,
			*(int32_t *)((char *)&back + at));
}

static void every_field_of_every_type_survives_at_both_ends(void **state)
{
	unsigned fields = 0;

	(void)state;
	for (unsigned layout = 1; layout < _AIS_LAYOUT_MAX; layout++) {
		int32_t type;
		const struct ais_message_layout *l = ais_message_layout_at(layout, &type);

		for (unsigned i = 0; i < l->n_fields; i++) {
			const struct ais_message_field *f = &l->fields[i];
			struct ais_message m = blank(layout, l->max_bits);

			if (!is_number(f))
				continue;
			check_value(m, f, lowest(f));
			check_value(m, f, highest(f));
			if (f->none != AIS_FIELD_ALWAYS)
				check_value(m, f, f->none);
			fields++;
		}
	}
	print_message("%u fields of 27 types\n", fields);
	assert_true(fields > 270);
}

static void no_field_overlaps_another(void **state)
{
	(void)state;
	for (unsigned layout = 1; layout < _AIS_LAYOUT_MAX; layout++) {
		int32_t type;
		const struct ais_message_layout *l = ais_message_layout_at(layout, &type);
		uint8_t taken[AIS_MESSAGE_BITS_MAX] = { 0 };

		for (unsigned i = 0; i < l->n_fields; i++)
			for (unsigned k = 0; k < l->fields[i].width && l->fields[i].kind < AIS_FIELD_DATA; k++)
				if (taken[l->fields[i].bit + k]++)
					fail_msg("type %d: %s", type, l->fields[i].name);
	}
}

static struct ais_message anything(unsigned layout)
{
	int32_t type;
	const struct ais_message_layout *l = ais_message_layout_at(layout, &type);
	struct ais_message m = blank(layout, l->min_bits + (unsigned)(roll() % (l->max_bits - l->min_bits + 1)));

	fill(l, m.bits, &m);
	set_selectors(&m);
	return m;
}

static void any_values_of_every_type_survive(void **state)
{
	(void)state;
	dice = SEED;
	for (unsigned layout = 1; layout < _AIS_LAYOUT_MAX; layout++)
		for (unsigned i = 0; i < ROUNDS; i++) {
			struct ais_message m = anything(layout);

			there_and_back(&m);
		}
}

/* What can be decoded can be encoded, and says the same then, canonical or not. */
static void check_bits(const uint8_t *bytes, unsigned n_bits)
{
	struct ais_message m, back;
	struct ais_encode_message e;

	if (decode(bytes, n_bits, &m) != AIS_FAULT_NONE)
		return;
	assert_int_equal(ais_encode_message(&m, &e), 0);
	assert_int_equal(decode(e.bytes, e.bits, &back), AIS_FAULT_NONE);
	assert_int_equal(ais_message_hash(&back, 1), ais_message_hash(&m, 1));
}

static void every_truncation_of_every_type_is_decoded_or_refused(void **state)
{
	(void)state;
	dice = SEED + 1;
	for (unsigned layout = 1; layout < _AIS_LAYOUT_MAX; layout++) {
		struct ais_encode_message e;
		struct ais_message m = anything(layout), cut;
		const struct ais_message_layout *l = ais_message_layout(&m);

		assert_int_equal(ais_encode_message(&m, &e), 0);
		for (unsigned n = 0; n < e.bits; n++) {
			check_bits(e.bytes, n);
			if (n < l->min_bits && m.type != 22 && m.type != 24 && m.type != 25 && m.type != 26)
				assert_int_equal(decode(e.bytes, n, &cut), AIS_FAULT_LENGTH);
		}
	}
}

static void every_flipped_bit_is_harmless(void **state)
{
	(void)state;
	dice = SEED + 2;
	for (unsigned layout = 1; layout < _AIS_LAYOUT_MAX; layout++) {
		struct ais_encode_message e;
		struct ais_message m = anything(layout);

		assert_int_equal(ais_encode_message(&m, &e), 0);
		for (unsigned n = 0; n < e.bits; n++) {
			e.bytes[n / 8] ^= (uint8_t)(0x80 >> n % 8);
			check_bits(e.bytes, e.bits);
			e.bytes[n / 8] ^= (uint8_t)(0x80 >> n % 8);
		}
	}
}

/* --- applications --- */

static struct ais_message with_application(unsigned application, unsigned n_bits)
{
	struct ais_message m = { .mmsi = 211000001, .application = application };
	int32_t dac, fid;

	ais_application_key(application, &m.type, &dac, &fid);
	fill(ais_application_layout(application), n_bits, &m);
	/* Its other form has another layout. */
	if (m.type == 8 && dac == 1 && fid == 21)
		m.binary.app.observation.wmo = 0;
	assert_int_equal(ais_encode_application(&m, n_bits), 0);
	return m;
}

static void check_application(const struct ais_message *m)
{
	struct ais_message back = there_and_back(m);
	struct ais_data data = back.binary.data;

	assert_int_equal(back.application, m->application);
	assert_int_equal(ais_message_hash(&back, 1), ais_message_hash(m, 1));
	assert_int_equal(ais_encode_application(&back, data.bits), 0);
	assert_memory_equal(back.binary.data.bytes, data.bytes, sizeof(data.bytes));
}

static void any_values_of_every_application_survive(void **state)
{
	const struct ais_message_layout *l;

	(void)state;
	dice = SEED + 3;
	for (unsigned a = 1; (l = ais_application_layout(a)); a++)
		for (unsigned i = 0; i < ROUNDS; i++) {
			unsigned room = 1080 - 88, max = l->max_bits < room ? l->max_bits : room;
			struct ais_message m = with_application(a, l->min_bits + (unsigned)(roll() % (max - l->min_bits + 1)));

			check_application(&m);
		}
}

static void every_truncation_and_flipped_bit_of_an_application_is_harmless(void **state)
{
	const struct ais_message_layout *l;

	(void)state;
	dice = SEED + 5;
	for (unsigned a = 1; (l = ais_application_layout(a)); a++) {
		struct ais_message m = with_application(a, l->max_bits < 992 ? l->max_bits : 992);
		struct ais_encode_message e;

		assert_int_equal(ais_encode_message(&m, &e), 0);
		for (unsigned n = 0; n < e.bits; n++) {
			check_bits(e.bytes, n);
			e.bytes[n / 8] ^= (uint8_t)(0x80 >> n % 8);
			check_bits(e.bytes, e.bits);
			e.bytes[n / 8] ^= (uint8_t)(0x80 >> n % 8);
		}
	}
}

static void set_and_check(struct ais_message m, const struct ais_message_field *f, int32_t value)
{
	struct ais_message back;

	*(int32_t *)((char *)&m + f->offset) = value;
	assert_int_equal(ais_encode_application(&m, m.binary.data.bits), 0);
	back = there_and_back(&m);
	if (back.application != m.application)
		return; /* the WMO form of 1/21 */
	if (*(int32_t *)((char *)&back + f->offset) != value)
		fail_msg("%d/%d %s: %d", m.binary.dac, m.binary.fid, f->name, value);
}

static void every_field_of_every_application_survives_at_both_ends(void **state)
{
	const struct ais_message_layout *l;
	unsigned fields = 0;

	(void)state;
	for (unsigned a = 1; (l = ais_application_layout(a)); a++) {
		struct ais_message m = with_application(a, l->min_bits);

		for (unsigned i = 0; i < l->n_fields; i++) {
			const struct ais_message_field *f = &l->fields[i];

			if (!is_number(f))
				continue;
			set_and_check(m, f, lowest(f));
			set_and_check(m, f, highest(f));
			if (f->none != AIS_FIELD_ALWAYS)
				set_and_check(m, f, f->none);
			fields++;
		}
	}
	print_message("%u fields of applications\n", fields);
	assert_true(fields >= 190);
}

/* The items of a group: each kind, each field, as the only one in a message. */
static void check_item(unsigned a, const struct ais_message_group *g, unsigned kind, const struct ais_message_field *f,
	int32_t value)
{
	struct ais_message m = with_application(a, g->bit + g->stride), back;
	char *item = (char *)&m + g->items;

	memset(item, 0, g->size);
	*(int32_t *)(item + f->offset) = value;
	if (g->kind_bits)
		*(int32_t *)item = (int32_t)kind;
	value = *(int32_t *)(item + f->offset);
	assert_int_equal(ais_encode_application(&m, g->bit + g->stride), 0);
	back = there_and_back(&m);
	assert_int_equal(*(int32_t *)((char *)&back + g->count), 1);
	if (*(int32_t *)((char *)&back + g->items + f->offset) != value)
		fail_msg("%s %s: %d", g->name, f->name, value);
}

static void every_field_of_every_item_survives_at_both_ends(void **state)
{
	const struct ais_message_layout *l;

	(void)state;
	for (unsigned a = 1; (l = ais_application_layout(a)); a++)
		for (unsigned k = 0; l->group && k < l->group->n_kinds; k++)
			for (unsigned i = 0; i < l->group->kinds[k].n_fields; i++) {
				const struct ais_message_field *f = &l->group->kinds[k].fields[i];

				if (!is_number(f) || l->group->bit + l->group->stride < l->min_bits)
					continue;
				check_item(a, l->group, k, f, lowest(f));
				check_item(a, l->group, k, f, highest(f));
				if (f->none != AIS_FIELD_ALWAYS)
					check_item(a, l->group, k, f, f->none);
			}
}

/* --- the rest --- */

static void what_has_no_layout_or_a_wrong_length_is_not_encoded(void **state)
{
	struct ais_encode_message e = { .bits = 7 };
	struct ais_message m = blank(1, 167);

	(void)state;
	assert_int_equal(ais_encode_message(&m, &e), -EINVAL);
	m = blank(0, 0);
	assert_int_equal(ais_encode_message(&m, &e), -EINVAL);
	assert_int_equal(e.bits, 7);
	m.application = 1;
	assert_int_equal(ais_encode_application(&m, 10), -EINVAL);
}

static void spare_bits_that_are_set_are_not_canonical(void **state)
{
	struct ais_encode_message e;
	struct ais_message m = blank(1, 168);

	(void)state;
	assert_int_equal(ais_encode_message(&m, &e), 0);
	e.bytes[145 / 8] |= 0x80 >> 145 % 8;
	assert_int_equal(decode(e.bytes, e.bits, &m), AIS_FAULT_NONE);
	assert_false(ais_encode_is_canonical(&m, e.bytes));
}

static void longest_json_is_below_what_readers_allow(void **state)
{
	static char buf[8192];
	const struct ais_message_layout *l;
	size_t longest = 0;
	struct jot j;

	(void)state;
	dice = SEED + 4;
	for (unsigned a = 1; (l = ais_application_layout(a)); a++) {
		struct ais_message m = with_application(a, l->max_bits < 992 ? l->max_bits : 992);

		jot_init(&j, buf, sizeof(buf));
		ais_json_put(&j, &m);
		assert_false(j.full);
		longest = j.len > longest ? j.len : longest;
	}
	print_message("longest JSON: %zu bytes\n", longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_every_type_survives_at_both_ends),
		cmocka_unit_test(no_field_overlaps_another),
		cmocka_unit_test(any_values_of_every_type_survive),
		cmocka_unit_test(every_truncation_of_every_type_is_decoded_or_refused),
		cmocka_unit_test(every_flipped_bit_is_harmless),
		cmocka_unit_test(any_values_of_every_application_survive),
		cmocka_unit_test(every_truncation_and_flipped_bit_of_an_application_is_harmless),
		cmocka_unit_test(every_field_of_every_application_survives_at_both_ends),
		cmocka_unit_test(every_field_of_every_item_survives_at_both_ends),
		cmocka_unit_test(what_has_no_layout_or_a_wrong_length_is_not_encoded),
		cmocka_unit_test(spare_bits_that_are_set_are_not_canonical),
		cmocka_unit_test(longest_json_is_below_what_readers_allow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
