/*
 * test-adsb-peers - our decode of real Mode S frames against readsb 3.14's BaseStation lines of the same frames, and against
 * pyModeS's sample lists, which name each reply's address.
 *
 * Both sides have one line a frame, in order. readsb's times are of the recording: fields 5 and 11 to 22 are compared.
 */
#include "tests/assert_near.h"

#include <math.h>

#include "recording.h"
#include "sensor/decode/adsb/adsb.h"
#include "sensor/decode/adsb/adsb_encode.h"
#include "sensor/decode/adsb/adsb_sbs.h"

#define FRAMES_MAX 4096

struct decoded {
	unsigned n;
	struct adsb_message m[FRAMES_MAX];
};

static const char *dir;
static struct adsb adsb;
static struct decoded ours;
static unsigned agree, differ;
static unsigned late, gaps, grounds, callsigns, guesses; /* differences that docs/decoders.md explains */

static void take(void *user, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	struct decoded *d = user;

	assert_true(d->n < FRAMES_MAX);
	d->m[d->n++] = *m;
}

static void decode(const char *name)
{
	size_t size;
	char *data = recording_read(dir, name, BITS_SLACK, &size);

	ours.n = 0;
	adsb_decode(&adsb, (const uint8_t *)data, size, 0, NULL, take, &ours);
	free(data);
	for (unsigned i = 0; i < _ADSB_FAULT_MAX; i++)
		assert_int_equal(adsb.stats.faults[i], 0);
}

static int fresh(void **state)
{
	memset(&adsb, 0, sizeof(adsb));
	agree = differ = late = gaps = grounds = callsigns = guesses = 0;
	return 0;
}

/* What readsb makes of a frame. */
static int32_t kind_of(const struct adsb_message *m)
{
	static const int8_t of_df[32] = { [0] = 7, [4] = 5, [5] = 6, [11] = 8, [16] = 7, [20] = 5, [21] = 6 };
	static const int8_t of_tc[32] = { 3, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 3 };

	return m->df == 17 ? of_tc[m->tc] : of_df[m->df];
}

static void compare(unsigned line, const char *what, int32_t theirs, int32_t our, int32_t tolerance)
{
	if (theirs == our || (theirs != ADSB_NONE && our != ADSB_NONE && abs(theirs - our) <= tolerance)) {
		agree += theirs != ADSB_NONE;
		return;
	}
	if (differ++ < 20)
		print_error("line %u %s: theirs %d, ours %d\n", line, what, theirs, our);
}

/* Rounded to whole knots and degrees there. */
static int32_t whole(int32_t milli, int32_t turn)
{
	int32_t v = milli == ADSB_NONE ? ADSB_NONE : (milli + 500) / 1000;

	return v == turn ? 0 : v;
}

/*
 * Ours is believed at the second fix: until then theirs is first. Later a place that only we have is one that they, fed minutes of
 * flight within a second, took for a jump.
 */
static void compare_place(unsigned line, const struct adsb_message *theirs, const struct adsb_message *our, bool *begun)
{
	bool has = our->v[ADSB_LAT_E7] != ADSB_NONE, have = theirs->v[ADSB_LAT_E7] != ADSB_NONE;

	if (have && !has && !*begun) {
		late++;
		return;
	}
	*begun = *begun || has;
	if (has && !have) {
		gaps++;
		return;
	}
	compare(line, "lat", theirs->v[ADSB_LAT_E7], our->v[ADSB_LAT_E7], 6); /* six decimals there */
	compare(line, "lon", theirs->v[ADSB_LON_E7], our->v[ADSB_LON_E7], 6);
}

/* Only squitters' names are in their lines; a reply's must be the one that its sender squitters. */
static void compare_callsign(unsigned line, const struct adsb_message *theirs, const struct adsb_message *our)
{
	if (our->df >= 20 && *our->callsign && !*theirs->callsign) {
		callsigns++;
		assert_string_equal(our->callsign, "AMC421");
		return;
	}
	agree += *theirs->callsign && !strcmp(theirs->callsign, our->callsign);
	if (strcmp(theirs->callsign, our->callsign) && differ++ < 20)
		print_error("line %u callsign: theirs %s, ours %s\n", line, theirs->callsign, our->callsign);
}

/* Flight status and vertical status of replies are not taken for "airborne" there; Annex 10 says that they mean it. */
static void compare_ground(unsigned line, const struct adsb_message *theirs, const struct adsb_message *our)
{
	if (theirs->v[ADSB_GROUND] == ADSB_NONE && our->v[ADSB_GROUND] == 0 && our->df != 11 && our->df != 17) {
		grounds++;
		return;
	}
	compare(line, "ground", theirs->v[ADSB_GROUND], our->v[ADSB_GROUND], 0);
}

/* They take what looks like Comm-B registers 5,0 and 6,0 for them; no reply says which register it holds. */
static void compare_motion(unsigned line, const char *what, int32_t theirs, int32_t our, unsigned df)
{
	if (df >= 20 && our == ADSB_NONE && theirs != ADSB_NONE)
		guesses++;
	else
		compare(line, what, theirs, our, 0);
}

static void compare_flags(unsigned line, const struct adsb_message *t, const struct adsb_message *m)
{
	compare(line, "alert", t->v[ADSB_ALERT], m->v[ADSB_ALERT], 0);
	compare(line, "spi", t->v[ADSB_SPI], m->v[ADSB_SPI], 0);
	compare_ground(line, t, m);
	/* Theirs is said with every squawk: 7500, 7600, 7700. */
	if (t->v[ADSB_EMERGENCY_FLAG] != ADSB_NONE) {
		int32_t s = m->v[ADSB_SQUAWK];

		compare(line, "emergency", t->v[ADSB_EMERGENCY_FLAG], s == 07500 || s == 07600 || s == 07700, 0);
	}
}

static void compare_line(unsigned line, const struct adsb_message *t, const struct adsb_message *m, bool *begun)
{
	compare(line, "kind", t->v[ADSB_SBS], kind_of(m), 0);
	compare(line, "address", (int32_t)t->address, (int32_t)m->address, 0);
	assert_true(m->is_verified);
	compare_callsign(line, t, m);
	compare(line, "altitude", t->v[ADSB_ALT_FT], m->v[ADSB_ALT_FT], 0);
	compare_motion(line, "speed", whole(t->v[ADSB_GS_MILLIKT], -1), whole(m->v[ADSB_GS_MILLIKT], -1), m->df);
	compare_motion(line, "track", whole(t->v[ADSB_TRACK_MILLIDEG], 360), whole(m->v[ADSB_TRACK_MILLIDEG], 360), m->df);
	compare_motion(line, "rate", t->v[ADSB_VRATE_FPM], m->v[ADSB_VRATE_FPM], m->df);
	compare(line, "squawk", t->v[ADSB_SQUAWK], m->v[ADSB_SQUAWK], 0);
	compare_place(line, t, m, begun);
	compare_flags(line, t, m);
}

static void compare_all(const char *capture, const char *recorded)
{
	FILE *f = recording_open(dir, recorded);
	char line[512];
	bool begun = false;
	unsigned n = 0;

	decode(capture);
	for (; fgets(line, sizeof(line), f); n++) {
		struct adsb_message theirs;

		assert_true(n < ours.n);
		assert_int_equal(adsb_sbs_decode(line, strcspn(line, "\r\n"), &theirs), ADSB_FAULT_NONE);
		compare_line(n + 1, &theirs, &ours.m[n], &begun);
	}
	pclose(f);
	assert_int_equal(n, ours.n);
	print_message("readsb, %s: %u lines, %u values agree, %u differ; explained: %u places earlier, %u kept, %u airborne, %u names, %u guesses\n",
		capture, n, agree, differ, late, gaps, grounds, callsigns, guesses);
}

static void every_value_agrees_with_readsb(void **state)
{
	compare_all("antirez-modes1-demod.avr", "antirez-modes1.readsb.sbs");
	assert_int_equal(ours.n, 217);
	assert_int_equal(differ, 0);
	assert_int_equal(late, 1);
	assert_int_equal(gaps, 0);
	assert_int_equal(guesses, 7);
	assert_int_equal(callsigns, 1);
	assert_true(agree > 1000);
}

static void every_squitter_agrees_with_readsb(void **state)
{
	compare_all("pymodes-sample_data_adsb.avr", "pymodes-sample_data_adsb.readsb.sbs");
	assert_int_equal(ours.n, 1000);
	assert_int_equal(differ, 0);
	assert_int_equal(late, 1);
	assert_int_equal(gaps, 1);
	assert_int_equal(grounds, 0);
	assert_true(agree > 6000);
}

/* The same frames as text and as binary give the same messages. */
static void both_forms_are_one(void **state)
{
	static struct decoded text;
	static const char *const names[] = { "pymodes-sample_data_adsb", "pymodes-sample_data_commb_df20", "pymodes-sample_data_commb_df21" };
	char name[128];

	for (unsigned k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		snprintf(name, sizeof(name), "%s.avr", names[k]);
		decode(name);
		text = ours;
		snprintf(name, sizeof(name), "%s.beast", names[k]);
		decode(name);
		assert_int_equal(text.n, ours.n);
		for (unsigned i = 0; i < text.n; i++)
			assert_memory_equal(text.m[i].bytes, ours.m[i].bytes, ADSB_MESSAGE_LONG);
	}
}

/* Frames whose parity gives another address than the list does. */
static bool is_misnamed(const char *line)
{
	static const char *const frames[] = { "A03F40002EC423613A3527BE77D1", "A000009CC6500030AA0000E16CC9" };

	return strstr(line, frames[0]) || strstr(line, frames[1]);
}

/* Of squitters time,frame,address,type code; of replies time,address,frame. */
static bool read_row(const char *line, bool squitters, unsigned *ret_address, unsigned *ret_tc)
{
	if (squitters)
		return sscanf(line, "%*[^,],%*[^,],%x,%u", ret_address, ret_tc) == 2;
	return sscanf(line, "%*[^,],%x", ret_address) == 1;
}

static unsigned compare_list(const char *list, bool squitters)
{
	FILE *f = recording_open(dir, list);
	char line[512];
	unsigned n = 0;

	for (; fgets(line, sizeof(line), f); n++) {
		unsigned address, tc = 0;

		assert_true(n < ours.n);
		assert_true(read_row(line, squitters, &address, &tc));
		if (!is_misnamed(line))
			compare(n + 1, "address", (int32_t)address, (int32_t)ours.m[n].address, 0);
		if (ours.m[n].df == 17)
			compare(n + 1, "type", (int32_t)tc, ours.m[n].tc, 0);
	}
	pclose(f);
	assert_int_equal(n, ours.n);
	return n;
}

static void every_address_agrees_with_pymodes(void **state)
{
	decode("pymodes-sample_data_adsb.beast");
	assert_int_equal(compare_list("pymodes-sample_data_adsb.csv", true), 1000);
	decode("pymodes-sample_data_commb_df20.beast");
	assert_int_equal(compare_list("pymodes-sample_data_commb_df20.csv", false), 2500);
	decode("pymodes-sample_data_commb_df21.beast");
	assert_int_equal(compare_list("pymodes-sample_data_commb_df21.csv", false), 2500);
	print_message("pyModeS: %u addresses and types agree, %u differ\n", agree, differ);
	assert_int_equal(differ, 0);
	assert_int_equal(agree, 6998);
}

/* No squitter of theirs is in these files: not one is believed; with an all-call of each beforehand, all are. */
static void replies_are_believed_after_squitters_only(void **state)
{
	decode("pymodes-sample_data_commb_df20.avr");
	for (unsigned i = 0; i < ours.n; i++)
		assert_false(ours.m[i].is_verified);
	for (unsigned i = 0; i < ours.n; i++) {
		struct adsb_message m;

		adsb_encode_all_call(ours.m[i].address, 5, &m);
		(void)adsb_aircraft_take(&adsb.table, &m, 0, NULL);
	}
	decode("pymodes-sample_data_commb_df20.avr");
	for (unsigned i = 0; i < ours.n; i++)
		assert_true(ours.m[i].is_verified);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_value_agrees_with_readsb, fresh),
		cmocka_unit_test_setup(every_squitter_agrees_with_readsb, fresh),
		cmocka_unit_test_setup(both_forms_are_one, fresh),
		cmocka_unit_test_setup(every_address_agrees_with_pymodes, fresh),
		cmocka_unit_test_setup(replies_are_believed_after_squitters_only, fresh),
	};

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
