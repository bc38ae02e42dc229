/* Every category's table against the specification's profile, and against what the readers rely on. */
#include "tests/assert_near.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_profile.h"

/* The standard user application profiles in FRN order; "-" is a spare place. A category's second line is its other layout. */
static const struct profile {
	unsigned cat;
	const char *edition, *items;
} profiles[] = {
	{ 1, "1.4", "010 020 040 070 090 130 141 050 120 131 080 100 060 030 150 - - - - SP RFS" },
	{ 1, "track", "010 020 161 040 042 200 070 090 141 130 131 120 170 210 050 080 100 060 030 SP RFS 150" },
	{ 2, "1.2", "010 000 020 030 041 050 060 070 100 090 080 - SP RFS" },
	{ 10, "1.1", "010 000 020 140 041 040 042 200 202 161 170 060 220 245 250 300 090 091 270 550 310 500 280 131 210 - SP RE" },
	{ 21, "2.7", "010 040 161 015 071 130 131 072 150 151 080 073 074 075 076 140 090 210 070 230 145 152 200 155 157 "
		     "160 165 077 170 020 220 146 148 110 016 008 271 132 250 260 400 295 - - - - - RE SP" },
	{ 21, "0.26", "010 040 030 130 080 140 090 210 230 145 150 151 152 155 157 160 165 170 095 032 200 020 220 146 148 110 "
		      "070 131 - - - - - RE SP" },
	{ 21, "0.23", "010 040 030 130 080 140 090 210 230 145 150 151 152 155 157 160 165 170 095 032 200 020 220 146 148 110 "
		      "070 131 - - - - - RE SP" },
	{ 23, "1.3", "010 000 015 070 100 101 200 110 120 - - - RE SP" },
	{ 34, "1.29", "010 000 030 020 041 050 060 070 100 110 120 090 RE SP" },
	{ 48, "1.32", "010 140 020 040 070 090 130 220 240 250 161 042 200 170 210 030 080 100 110 120 230 260 055 050 065 060 SP RE" },
	{ 62, "1.21", "010 - 015 070 105 100 185 210 060 245 380 040 080 290 200 295 136 130 135 220 390 270 300 110 120 510 "
		      "500 340 - - - - - RE SP" },
	{ 63, "1.7", "010 015 030 050 060 070 080 081 090 091 092 - RE SP" },
	{ 65, "1.6", "010 000 015 030 020 040 050 - - - - - RE SP" },
	{ 240, "1.3", "010 000 020 030 040 041 048 049 050 051 052 140 RE SP" },
	{ 247, "1.3", "010 015 140 550 - SP RE" },
};
#define N_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

static const struct asterix_category *table(const struct profile *p)
{
	for (unsigned i = 0; asterix_profile_at(i); i++) {
		const struct asterix_category *c = asterix_profile_at(i);

		if (c->cat == p->cat && !strcmp(p->edition, "track"))
			return c->other;
		if (c->cat == p->cat && !strcmp(c->edition, p->edition))
			return c;
	}
	fail_msg("no table for CAT%03u %s", p->cat, p->edition);
	return NULL;
}

static void every_item_stands_at_its_frn(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILES; i++) {
		const struct asterix_category *c = table(&profiles[i]);
		char text[512] = "";

		for (unsigned n = 0; n < c->n_uap; n++) {
			const char *name = c->uap[n].kind == ASTERIX_ITEM_UNUSED ? "-" : c->uap[n].name;

			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", n ? " " : "", name);
		}
		if (strcmp(text, profiles[i].items))
			fail_msg("CAT%03u %s: %s", c->cat, c->edition, text);
	}
}

static void every_table_is_listed(void **state)
{
	unsigned n = 0;

	(void)state;
	while (asterix_profile_at(n)) {
		assert_non_null(asterix_profile_newest.of[asterix_profile_at(n)->cat]);
		n++;
	}
	assert_int_equal(n + 1, N_PROFILES); /* CAT001 has two lines */
}

/* Bits of the fields; an FX bit must be the last of an octet, registers and texts must begin with one. */
static unsigned width(const struct asterix_item *item)
{
	unsigned bits = 0, depth = 0;

	for (unsigned i = 0; i < item->n_fields; i++) {
		const struct asterix_field *f = &item->fields[i];

		if (f->kind == ASTERIX_HEX || f->kind == ASTERIX_ASCII)
			assert_true(bits % 8 == 0 && f->width % 8 == 0);
		else if (f->kind == ASTERIX_ICAO)
			assert_int_equal(f->width % 6, 0);
		else if (f->kind == ASTERIX_OCTAL)
			assert_int_equal(f->width % 3, 0);
		else
			assert_true(f->width <= 57); /* one load */
		if (f->kind == ASTERIX_SPEED)
			assert_true(bits > 0);
		depth += f->kind == ASTERIX_OPEN;
		depth -= f->kind == ASTERIX_CLOSE;
		bits += f->width;
		if (f->kind == ASTERIX_FX)
			assert_int_equal(bits % 8, 0);
		assert_true(f->den > 0);
	}
	assert_int_equal(depth, 0);
	return bits;
}

static void check_item(const struct asterix_item *item, unsigned depth);

static void check_subs(const struct asterix_item *item, unsigned depth)
{
	assert_true(item->n_subs > 0 && depth < 5);
	if (item->kind == ASTERIX_ITEM_SEQUENCE)
		return; /* the profile itself */
	for (unsigned i = 0; i < item->n_subs; i++)
		check_item(&item->subs[i], depth + 1);
}

static void check_item(const struct asterix_item *item, unsigned depth)
{
	unsigned bits = width(item);

	if (item->kind == ASTERIX_ITEM_UNUSED)
		return;
	assert_non_null(item->name);
	switch (item->kind) {
	case ASTERIX_ITEM_FIXED:
	case ASTERIX_ITEM_REPETITIVE:
	case ASTERIX_ITEM_REPETITIVE_FX:
		if (bits != 8u * item->size)
			fail_msg("%s: %u bits in %u octets", item->name, bits, item->size);
		break;
	case ASTERIX_ITEM_EXTENDED:
		assert_true(bits % 8 == 0 && bits >= 8u * item->size && item->size > 0);
		break;
	case ASTERIX_ITEM_COMPOUND:
	case ASTERIX_ITEM_SEQUENCE:
		check_subs(item, depth);
		break;
	case ASTERIX_ITEM_EXPLICIT:
		if (item->n_subs)
			check_subs(item, depth);
		break;
	case ASTERIX_ITEM_RUN:
		assert_true(item->size > 0 && bits == 8);
		break;
	}
}

static void every_item_is_as_long_as_its_fields(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILES; i++) {
		const struct asterix_category *c = table(&profiles[i]);

		assert_true(c->n_uap <= ASTERIX_UAP_MAX);
		for (unsigned n = 0; n < c->n_uap; n++)
			check_item(&c->uap[n], 0);
	}
}

/* Times of day are read, and rewritten by `vedette send`, by the table's word. */
static void times_of_day_are_24_bits_but_one(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILES; i++) {
		const struct asterix_category *c = table(&profiles[i]);

		assert_true(c->time_frn[0] > 0);
		for (unsigned n = 0; n < ASTERIX_TIMES_MAX && c->time_frn[n]; n++) {
			const struct asterix_item *item = &c->uap[c->time_frn[n] - 1];

			assert_int_equal(item->size, c->cat == 1 ? 2 : 3);
			assert_true(item->kind == ASTERIX_ITEM_FIXED && item->fields[0].num == 1 && item->fields[0].den == 128);
		}
	}
}

static void editions_choose_tables(void **state)
{
	struct asterix_profile p = asterix_profile_newest;
	char why[ASTERIX_PROFILE_TEXT_MAX];

	(void)state;
	assert_string_equal(p.of[21]->edition, "2.7");
	assert_int_equal(asterix_profile_set(&p, 21, "0.26", why), 0);
	assert_string_equal(p.of[21]->edition, "0.26");
	assert_int_equal(asterix_profile_set(&p, 21, "0.25", why), 0);
	assert_string_equal(p.of[21]->edition, "0.26");
	assert_int_equal(asterix_profile_set(&p, 21, "0.23", why), 0);
	assert_string_equal(p.of[21]->edition, "0.23");
	assert_int_equal(asterix_profile_set(&p, 21, "2.4", why), 0);
	assert_string_equal(p.of[21]->edition, "2.7");
	assert_int_equal(asterix_profile_set(&p, 48, "1.15", why), 0);
}

static void unknown_edition_names_the_known(void **state)
{
	struct asterix_profile p = asterix_profile_newest;
	char why[ASTERIX_PROFILE_TEXT_MAX];

	(void)state;
	assert_int_equal(asterix_profile_set(&p, 21, "3.0", why), -EINVAL);
	assert_string_equal(why, "CAT021 is known in 2.1 to 2.7, 0.24 to 0.26, 0.23");
	assert_string_equal(p.of[21]->edition, "2.7");
	assert_int_equal(asterix_profile_set(&p, 240, "1.4", why), -EINVAL);
	assert_string_equal(why, "CAT240 is known in 1.3");
	assert_int_equal(asterix_profile_set(&p, 7, "1.0", why), -EINVAL);
	assert_string_equal(why, "CAT007 is not known");
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(asterix_profile_set(&p, 48, (const char *[]){ "", "1", "1.", ".1", "x", "1.2x", "-1.3", "1.-3" }[i], why),
			-EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_stands_at_its_frn),
		cmocka_unit_test(every_table_is_listed),
		cmocka_unit_test(every_item_is_as_long_as_its_fields),
		cmocka_unit_test(times_of_day_are_24_bits_but_one),
		cmocka_unit_test(editions_choose_tables),
		cmocka_unit_test(unknown_edition_names_the_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
