/* encode(decode(x)) == x for MISB KLV, and what the encoder refuses. */
#include <errno.h>

#include "tests/assert_near.h"

#include "klv_make.h"
#include "sensor/decode/klv/klv_st0601.h"

static struct klv_encode first, second;

static void again_open(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
	if (bracket == '[' && tag->kind != KLV_SERIES)
		return; /* a list: its items stand alone */
	if (name)
		for (unsigned i = 0; i < 256; i++) {
			const struct klv_table *t = second.levels[second.level].table;

			if (i < t->n && &t->tags[i] == tag)
				klv_encode_open(&second, i);
		}
}

static void again_close(void *user, const struct klv_tag *tag, char bracket)
{
	if (bracket != ']' || tag->kind == KLV_SERIES)
		klv_encode_close(&second);
}

static void again_value(void *user, const char *name, const struct klv_item *i)
{
	struct klv_value id;

	if (i->tag->kind == KLV_OID) {
		assert_true(klv_value_read(i, &id));
		klv_encode_member(&second, (uint32_t)id.num);
	} else if (i->tag != &klv_st0601.tags[KLV_ST0601_CHECKSUM]) {
		klv_encode_item(&second, i);
	}
}

static void take(void *user, const struct klv_packet *p)
{
	static const struct klv_visitor again = { again_open, again_close, again_value };
	struct klv_stats stats = { 0 };

	klv_encode_begin(&second, p->set);
	klv_walk(p, &stats, &again, NULL);
	for (unsigned i = 0; i < _KLV_FAULT_MAX; i++)
		assert_int_equal(stats.faults[i], 0);
	*(ssize_t *)user = klv_encode_end(&second, p->checksum != KLV_CHECKSUM_NONE);
}

static void assert_same_again(size_t size)
{
	struct klv_stats stats = { 0 };
	ssize_t n = 0;

	klv_decode(first.bytes, size, &stats, take, &n);
	assert_int_equal(n, size);
	assert_memory_equal(first.bytes, second.bytes, size);
}

static void every_tag_at_every_part_of_its_range_survives(void **state)
{
	for (double part = 0; part <= 1; part += 0.0625)
		assert_same_again(klv_make_full(&first, part));
}

static void values_that_are_none_survive(void **state)
{
	klv_encode_begin(&first, klv_set_find("ST0601"));
	for (unsigned i = 2; i < klv_st0601.n; i++) {
		const struct klv_tag *t = &klv_st0601.tags[i];

		if (t->name && (t->kind == KLV_SIGNED || t->kind == KLV_IMAPB))
			klv_encode_number(&first, i, i & 1 ? (double)NAN : 1e9, 0);
		else if (t->name)
			klv_encode_bytes(&first, i, NULL, 0);
	}
	assert_same_again((size_t)klv_encode_end(&first, true));
}

static void other_sets_survive(void **state)
{
	klv_encode_begin(&first, klv_set_find("ST0903"));
	klv_encode_open(&first, 101);
	klv_make_target(&first, 0, 1, 2);
	klv_make_target(&first, 0xfffffff, 1, 2);
	klv_encode_close(&first);
	assert_same_again((size_t)klv_encode_end(&first, false));
	klv_encode_begin(&first, klv_set_find("ST0102"));
	klv_encode_number(&first, 1, 5, 0);
	assert_same_again((size_t)klv_encode_end(&first, false));
}

static void lists_survive_next_to_each_other(void **state)
{
	klv_encode_begin(&first, klv_set_find("ST0601"));
	klv_encode_bytes(&first, 115, "a", 1);
	klv_encode_bytes(&first, 115, "bc", 2);
	klv_encode_bytes(&first, 116, "d", 1);
	assert_same_again((size_t)klv_encode_end(&first, true));
}

static void lengths_are_the_shortest(void **state)
{
	static const struct {
		size_t content, octets;
	} lengths[] = { { 127, 1 }, { 128, 2 }, { 255, 2 }, { 256, 3 }, { 65535, 3 } };
	static uint8_t zeros[65535];

	for (unsigned i = 0; i < 5; i++) {
		size_t rest = lengths[i].content - 2, inner = rest > 128 ? rest > 257 ? 3 : 2 : 1;

		klv_encode_begin(&first, klv_set_find("ST0601"));
		klv_encode_bytes(&first, 73, zeros, rest + 1 - inner);
		assert_int_equal(klv_encode_end(&first, false), 16 + lengths[i].octets + lengths[i].content);
	}
}

static void any_number_is_within_a_step(void **state)
{
	const struct klv_table *t = &klv_st0601;
	uint8_t data[8];

	for (unsigned i = 0; i < t->n; i++) {
		const struct klv_tag *g = &t->tags[i];
		double min = (double)g->min / g->den, span = ((double)g->max - g->min) / g->den;

		for (double part = 0.001; g->name && span > 0 && part < 1; part += 0.0137) {
			struct klv_item item = { g, i, data, g->length };
			struct klv_value v;

			assert_int_equal(klv_value_write(g, min + part * span, data, g->length), 0);
			assert_true(klv_value_read(&item, &v));
			assert_near(klv_value_number(&item), min + part * span, (double)v.step / (double)v.den);
		}
	}
}

static void mistakes_are_told_at_the_end(void **state)
{
	const struct klv_set *set = klv_set_find("ST0601");
	static uint8_t zeros[65535];

	klv_encode_begin(&first, set);
	klv_encode_number(&first, 144, 1, 0); /* no such tag */
	klv_encode_number(&first, 65, 19, 0);
	assert_int_equal(klv_encode_end(&first, true), -EINVAL);
	klv_encode_begin(&first, klv_set_find("ST0903"));
	klv_encode_open(&first, 101);
	klv_encode_member(&first, 1);
	klv_encode_number(&first, 0, 1, 1); /* a member's number is no item */
	klv_encode_close(&first);
	klv_encode_close(&first);
	assert_int_equal(klv_encode_end(&first, true), -EINVAL);
	klv_encode_begin(&first, set);
	klv_encode_number(&first, 5, 361, 0);
	assert_int_equal(klv_encode_end(&first, true), -ERANGE);
	klv_encode_begin(&first, set);
	klv_encode_number(&first, 3, 1, 0); /* a text */
	assert_int_equal(klv_encode_end(&first, true), -EINVAL);
	klv_encode_begin(&first, set);
	klv_encode_open(&first, 74);
	assert_int_equal(klv_encode_end(&first, true), -EINVAL);
	klv_encode_begin(&first, set);
	klv_encode_close(&first);
	assert_int_equal(klv_encode_end(&first, true), -EINVAL);
	klv_encode_begin(&first, set);
	klv_encode_member(&first, 1);
	assert_int_equal(klv_encode_end(&first, true), -EINVAL);
	klv_encode_begin(&first, set);
	klv_encode_bytes(&first, 73, zeros, sizeof(zeros));
	klv_encode_bytes(&first, 73, zeros, sizeof(zeros));
	assert_int_equal(klv_encode_end(&first, true), -ENOBUFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tag_at_every_part_of_its_range_survives),
		cmocka_unit_test(values_that_are_none_survive),
		cmocka_unit_test(other_sets_survive),
		cmocka_unit_test(lists_survive_next_to_each_other),
		cmocka_unit_test(lengths_are_the_shortest),
		cmocka_unit_test(any_number_is_within_a_step),
		cmocka_unit_test(mistakes_are_told_at_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
