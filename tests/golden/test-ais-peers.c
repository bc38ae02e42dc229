/*
 * test-ais-peers - our AIS decode against recorded decodes of AIS-catcher 0.70 (scaled) and gpsdecode 3.22 (-u, unscaled).
 *
 * Every field both sides have must agree: numbers within 2e-4. What differs is listed below with the reason why the
 * peer is wrong; anything else fails. A peer's opinion on whether a message exists is not compared where its length
 * rules differ from the standard's: gpsdecode refuses some types 21, 24 and 5 (docs/decoders.md).
 */
#include "tests/assert_near.h"

#include "recording.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_armour.h"
#include "sensor/decode/ais/ais_encode.h"
#include "sensor/decode/ais/ais_json.h"

#define TOLERANCE 2e-4
#define MESSAGES_MAX 20000

static const char *dir;
static struct ais_message *ours;
static unsigned n_ours;
static unsigned agreed, all_agreed, known, differ, pairs;

static void keep(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	(void)user;
	(void)s;
	if (m->layout && n_ours < MESSAGES_MAX)
		ours[n_ours++] = *m;
}

static json_t *our_json(const struct ais_message *m)
{
	char buf[8192];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	ais_json_put(&j, m);
	assert_false(j.full);

	json_t *o = json_loadb(buf, j.len, 0, NULL);

	assert_non_null(o);
	return o;
}

static bool is_number(const json_t *v)
{
	return json_is_number(v) || json_is_boolean(v);
}

static double number(const json_t *v)
{
	return json_is_boolean(v) ? json_boolean_value(v) : json_number_value(v);
}

static bool same(const json_t *a, const json_t *b)
{
	if (is_number(a) && is_number(b))
		return fabs(number(a) - number(b)) <= TOLERANCE;
	return json_equal(a, b);
}

static void report(const char *peer, const struct ais_message *m, const char *key, const json_t *theirs, const json_t *our)
{
	char *a = theirs ? json_dumps(theirs, JSON_ENCODE_ANY) : NULL, *b = our ? json_dumps(our, JSON_ENCODE_ANY) : NULL;

	if (differ++ < 20)
		print_error("%s type %d mmsi %d %s: theirs %s, ours %s\n", peer, m->type, m->mmsi, key, a, b);
	free(a);
	free(b);
}

/* Keys that say nothing about the message's content. */
static bool is_envelope(const char *key)
{
	static const char *const keys[] = { "class", "device", "scaled", "version", "driver", "hardware", "rxtime", "rxuxtime",
		"channel", "nmea" };
	size_t n = strlen(key);

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return true;
	return n > 5 && !strcmp(key + n - 5, "_text");
}

static bool is_raw(const struct ais_message_field *f)
{
	return f->width && f->kind != AIS_FIELD_TEXT && f->kind != AIS_FIELD_TEXT_MORE && f->kind != AIS_FIELD_DATA;
}

static const int32_t *raw_in(const struct ais_message_layout *l, const void *from, const char *key)
{
	for (unsigned i = 0; l && i < l->n_fields; i++)
		if (is_raw(&l->fields[i]) && !strcmp(l->fields[i].name, key))
			return (const int32_t *)((const char *)from + l->fields[i].offset);
	return NULL;
}

/* A raw value of ours by gpsd's name, from the tables themselves; NULL when there is none. */
static const int32_t *raw_value(const struct ais_message *m, const char *key)
{
	const int32_t *raw = raw_in(ais_message_layout(m), m, key);

	return raw ? raw : raw_in(ais_application_layout(m->application), m, key);
}

/*
 * An application we keep raw. Some peers decode others (St. Lawrence Seaway, 0/0, 1/4), and gpsdecode decodes messages that are too
 * short for their fields as if zeros followed.
 */
static bool is_raw_application(const struct ais_message *m)
{
	return (m->type == 6 || m->type == 8) && !m->application;
}

/* --- AIS-catcher --- */

/*
 * Rate of turn is made an integer by cutting value + 0.5, which is right for positive values only; M.1371-5 table 48
 * gives ROT = (raw / 4.733)^2, a real number. "More than 5 degrees in 30 s" (+-127) appears as the number 127 deg/min,
 * which it does not mean.
 */
static bool catcher_cuts_turn(const char *key, const json_t *theirs, const json_t *our)
{
	if (strcmp(key, "turn"))
		return false;
	if (json_is_string(our))
		return number(theirs) == (!strcmp(json_string_value(our), "fastright") ? 127 : -127);
	return is_number(our) && trunc(number(our) + 0.5) == number(theirs);
}

/* A name extension (M.1371-5 table 73) is left out; up to there the names are equal. */
static bool catcher_drops_name_extension(const struct ais_message *m, const char *key, const json_t *theirs, const json_t *our)
{
	return m->type == 21 && !strcmp(key, "name") && strlen(json_string_value(theirs)) >= 19 &&
		!strncmp(json_string_value(our), json_string_value(theirs), strlen(json_string_value(theirs)));
}

/*
 * A direction of 360 and above, or a sea state above 12, in 1/11 and 1/31: not available or reserved (SN.1/Circ.236 annex 2: "the highest
 * binary value"; Circ.289 annex: 360, 13). It is shown as if it were one.
 */
static bool catcher_shows_reserved(const struct ais_message *m, const char *key, const json_t *theirs, const json_t *our)
{
	return m->application && json_is_null(our) && (strstr(key, "dir") ? number(theirs) >= 360 :
		!strcmp(key, "seastate") && number(theirs) > 12);
}

/* The corners of a 22: 181 and 91 degrees are "not available" (M.1371-5 3.20). */
static bool catcher_shows_no_corner(const struct ais_message *m, const json_t *theirs, const json_t *our)
{
	return m->type == 22 && json_is_null(our) && (number(theirs) == 181 || number(theirs) == 91);
}

/* The last of an odd number of hex digits is left out. */
static bool catcher_drops_half_byte(const char *key, const json_t *theirs, const json_t *our)
{
	return !strcmp(key, "data") && !strncmp(json_string_value(theirs), json_string_value(our), json_string_length(theirs)) &&
		!strcmp(json_string_value(our) + json_string_length(theirs), "0");
}

/* Names of its own for fields, or bits of fields, that gpsd names otherwise. */
static const struct alias {
	const char *theirs, *ours;
	unsigned shift, mask;
} aliases[] = {
	{ "station_type", "stationtype", 0, 15 },
	{ "aton_status", "regional", 0, 255 },
	{ "alt_sensor", "regional", 7, 1 }, /* M.1371-5 3.7: the first of the eight bits */
	{ "turn_unscaled", "turn", 0, ~0u },
	{ "crew_count", "crew", 0, 255 },
	{ "passenger_count", "passengers", 0, 8191 },
	{ "shipboard_personnel_count", "personnel", 0, 255 },
	{ "health", "alarm", 0, 1 },
	{ "off_position", "off_pos", 0, 1 },
	{ "dac", "app_id", 6, 1023 },
	{ "fid", "app_id", 0, 63 },
};

/* The communication state bit by bit, which `radio` has whole, and what is no field of the message. */
static bool is_derived(const char *key)
{
	static const char *const keys[] = { "sync_state", "slot_timeout", "slot_offset", "slot_number", "received_stations", "utc_hour",
		"utc_minute", "ai_available", "vdes_capabilities", "power" };

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

/* A key that our JSON has not: a part of a time, or named otherwise. */
static void compare_catcher_raw(const struct ais_message *m, const char *key, const json_t *theirs)
{
	struct alias a = { key, key, 0, ~0u };
	const int32_t *raw;

	for (unsigned i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcmp(aliases[i].theirs, key))
			a = aliases[i];
	raw = raw_value(m, a.ours);
	if (raw && (int32_t)((uint32_t)*raw >> a.shift & a.mask) == (int32_t)number(theirs))
		agreed++;
	else if (!is_raw_application(m) && !is_derived(key))
		report("AIS-catcher", m, key, theirs, NULL);
}

static void compare_catcher(const struct ais_message *m, const json_t *peer)
{
	json_t *our = our_json(m), *theirs;
	const char *key;

	json_object_foreach((json_t *)peer, key, theirs) {
		const json_t *v = json_object_get(our, key);

		if (is_envelope(key))
			continue;
		if (!v)
			compare_catcher_raw(m, key, theirs);
		else if (same(theirs, v))
			agreed++;
		else if (catcher_cuts_turn(key, theirs, v) || catcher_drops_name_extension(m, key, theirs, v) ||
			catcher_shows_reserved(m, key, theirs, v) || catcher_shows_no_corner(m, theirs, v) ||
			catcher_drops_half_byte(key, theirs, v))
			known++;
		else
			report("AIS-catcher", m, key, theirs, v);
	}
	json_decref(our);
}

static void every_field_agrees_with_ais_catcher(void **state)
{
	FILE *f = recording_open(dir, "go-ais-alltypes.aivdm.aiscatcher5.json.gz");
	static struct ais a;
	unsigned messages = 0;

	(void)state;
	agreed = known = differ = 0;
	for (json_t *peer; (peer = recording_next(f)); json_decref(peer)) {
		json_t *line;
		size_t i;

		ais_init(&a);
		n_ours = 0;
		json_array_foreach(json_object_get(peer, "nmea"), i, line)
			ais_decode(&a, json_string_value(line), json_string_length(line), 0, 0, keep, NULL);
		/* Whatever AIS-catcher could decode, so can we. */
		assert_int_equal(a.stats.messages, 1);
		if (n_ours) {
			compare_catcher(&ours[0], peer);
			messages++;
		}
	}
	print_message("AIS-catcher: %u messages, %u fields agree, %u known faults, %u differ\n", messages, agreed, known, differ);
	assert_true(messages > 5600 && agreed >= 66000);
	assert_int_equal(differ, 0);
}

/* --- gpsdecode --- */

/*
 * A type 1 whose sentence claims 5 fill bits it does not have (163 bits; the standard has 168): gpsdecode reads the last field as if
 * the bits that are left were its low ones.
 */
static bool gpsd_shifts_cut_field(const char *key, const json_t *theirs, const int32_t *raw)
{
	return !strcmp(key, "radio") && raw && number(theirs) == *raw >> 5 && *raw >> 5;
}

/* 25 and 26, addressed: the two spare bits behind the destination (M.1371-5 3.23, 3.24: "Spare 0/2") are taken for data. */
static bool gpsd_forgets_spare(const struct ais_message *m, const char *key)
{
	return (m->type == 25 || m->type == 26) && m->slot_binary.addressed && (!strcmp(key, "app_id") || !strcmp(key, "data"));
}

/* A 25 or 26 without a destination or an application has neither; gpsdecode says 0. */
static bool gpsd_says_zero(const struct ais_message *m, const json_t *theirs, const json_t *our)
{
	return (m->type == 25 || m->type == 26) && !our && number(theirs) == 0;
}

/* The communication state of a 26 is always 0, and what lies behind the data's last bit is shown with it. */
static bool gpsd_forgets_tail(const struct ais_message *m, const char *key, const json_t *theirs, const json_t *our)
{
	if (m->type != 26)
		return false;
	if (!strcmp(key, "radio"))
		return number(theirs) == 0;
	return !strcmp(key, "data") && !strncmp(json_string_value(theirs), json_string_value(our), json_string_length(our) - 1);
}

/* A part of a 15 or 20 that the message's end cuts is read as if it were whole; M.1371-5 3.13 and 3.18: parts are whole or not there. */
static bool gpsd_reads_past_end(const struct ais_message *m, const char *key)
{
	const struct ais_message_layout *l = ais_message_layout(m);

	for (unsigned i = 0; i < l->n_fields; i++)
		if (!strcmp(l->fields[i].name, key))
			return l->open && (unsigned)l->fields[i].bit + l->fields[i].width > m->bits;
	return false;
}

/* The vendor's three characters are read as seven: model and serial number are shown as text, too (M.1371-5 3.22, table of part B). */
static bool gpsd_reads_long_vendor(const struct ais_message *m, const char *key, const json_t *theirs, const json_t *our)
{
	return m->type == 24 && !strcmp(key, "vendorid") &&
		!strncmp(json_string_value(theirs), json_string_value(our), json_string_length(our));
}

static void compare_gpsd(const struct ais_message *m, const json_t *peer)
{
	json_t *our = our_json(m), *theirs;
	const char *key;

	json_object_foreach((json_t *)peer, key, theirs) {
		const json_t *v = json_object_get(our, key);
		const int32_t *raw = raw_value(m, key);

		if (is_envelope(key) || (!v && (is_raw_application(m) || gpsd_says_zero(m, theirs, v))))
			continue;
		if (raw && is_number(theirs) ? number(theirs) == *raw : v && same(theirs, v))
			agreed++;
		else if (gpsd_shifts_cut_field(key, theirs, raw) || gpsd_forgets_spare(m, key) ||
			gpsd_forgets_tail(m, key, theirs, v) || gpsd_reads_past_end(m, key) ||
			gpsd_reads_long_vendor(m, key, theirs, v))
			known++;
		else
			report("gpsdecode", m, key, theirs, v);
	}
	json_decref(our);
}

/* A type 24 of theirs is joined from both parts, which is what our part B says when its part A has come. */
static void compare_gpsd_pair(const json_t *peer, unsigned n)
{
	int mmsi = (int)json_integer_value(json_object_get(peer, "mmsi"));

	for (unsigned k = 0; k < n; k++) {
		if (ours[k].type != 24 || ours[k].mmsi != mmsi || ours[k].static_b.partno != 1 || !ours[k].static_b.shipname[0])
			continue;
		compare_gpsd(&ours[k], peer);
		pairs++;
		return;
	}
}

/* Goes through both in order; a message of ours that gpsdecode refused is passed over. */
static void compare_gpsd_file(const char *capture, const char *recording, unsigned min_messages)
{
	static struct ais a;
	size_t size;
	char *text = recording_read(dir, capture, 0, &size);
	FILE *f = recording_open(dir, recording);
	unsigned at = 0, messages = 0, refused = 0, missing = 0;

	agreed = differ = n_ours = 0;
	ais_init(&a);
	ais_decode(&a, text, size, 0, 0, keep, NULL);
	for (json_t *peer; (peer = recording_next(f)); json_decref(peer)) {
		int type = (int)json_integer_value(json_object_get(peer, "type"));
		int mmsi = (int)json_integer_value(json_object_get(peer, "mmsi"));
		unsigned k = at;

		if (type == 24)
			compare_gpsd_pair(peer, n_ours);
		if (type == 24 || !json_object_get(peer, "type"))
			continue;
		while (k < n_ours && (ours[k].type != type || ours[k].mmsi != mmsi))
			k++;
		if (k == n_ours) {
			missing++;
			print_error("not decoded: type %d of %d\n", type, mmsi);
			continue;
		}
		for (; at < k; at++)
			refused += ours[at].type != 24;
		compare_gpsd(&ours[at++], peer);
		messages++;
	}
	free(text);
	print_message("gpsdecode %s: %u messages, %u fields agree, %u differ, %u it refused\n", capture, messages, agreed, differ,
		refused);
	all_agreed += agreed;
	assert_true(messages >= min_messages);
	assert_int_equal(missing, 0); /* whatever gpsdecode could decode, so can we */
	assert_int_equal(differ, 0);
}

/* A log with its decodes in it: each object belongs to the newest sentence of that type and MMSI in front of it. */
static void compare_gpsd_log(const char *recording, unsigned min_messages)
{
	static struct ais a;
	FILE *f = recording_open(dir, recording);
	char *line = NULL;
	size_t cap = 0;
	unsigned messages = 0;

	agreed = differ = n_ours = 0;
	ais_init(&a);
	for (ssize_t n; (n = getline(&line, &cap, f)) > 0;) {
		json_t *peer = *line == '{' ? json_loads(line, 0, NULL) : NULL;
		unsigned k = n_ours;

		if (*line == '!')
			ais_decode(&a, line, (size_t)n, 0, 0, keep, NULL);
		while (peer && k && (ours[k - 1].type != json_integer_value(json_object_get(peer, "type")) ||
			ours[k - 1].mmsi != json_integer_value(json_object_get(peer, "mmsi"))))
			k--;
		if (peer && k && ours[k - 1].type != 24) {
			compare_gpsd(&ours[k - 1], peer);
			messages++;
		}
		if (peer && json_integer_value(json_object_get(peer, "type")) == 24)
			compare_gpsd_pair(peer, n_ours);
		json_decref(peer);
	}
	free(line);
	pclose(f);
	print_message("gpsd %s: %u messages, %u fields agree, %u differ\n", recording, messages, agreed, differ);
	all_agreed += agreed;
	assert_true(messages >= min_messages);
	assert_int_equal(differ, 0);
}

static void every_field_agrees_with_gpsdecode(void **state)
{
	(void)state;
	known = 0;
	compare_gpsd_file("go-ais-alltypes.aivdm", "go-ais-alltypes.aivdm.gpsdecode-u.json.gz", 5397);
	compare_gpsd_file("noaadata-uscg-test.ais", "noaadata-uscg-test.ais.gpsdecode-u.json.gz", 853);
	compare_gpsd_file("libais-typeexamples.nmea", "libais-typeexamples.nmea.gpsdecode-u.json.gz", 25);
	compare_gpsd_log("gpsd-ais-nmea.log.chk", 267);
	compare_gpsd_file("gpsd-sample.aivdm", "sample.aivdm.ju.chk", 95);
	print_message("gpsdecode: %u known faults, %u types 24 joined\n", known, pairs);
	assert_int_equal(known, 38);
	assert_int_equal(pairs, 9);
	assert_true(all_agreed >= 84475);
}

/* --- encoding --- */

struct round_trips {
	unsigned total, canonical, by_type[28];
};

/* Encoded messages say the same; how many are the same to the bit is counted: the others have spare bits set. */
static void round_trip(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	struct round_trips *r = user;
	struct ais_encode_message e;
	struct ais_message back;
	uint8_t bits[AIS_MESSAGE_BYTES] = { 0 }, again[AIS_MESSAGE_BYTES] = { 0 };

	assert_int_equal(ais_encode_message(m, &e), 0);
	memcpy(bits, e.bytes, (e.bits + 7) / 8);
	assert_int_equal(ais_message_decode(bits, e.bits, &back), AIS_FAULT_NONE);
	assert_int_equal(ais_message_hash(&back, 1), ais_message_hash(m, 1));
	assert_true(ais_encode_is_canonical(&back, bits));
	r->total++;
	/* A message in one sentence can be compared with what was sent. */
	if (s->n != 1 || ais_armour_decode(s->payload, s->payload_len, again) < 0)
		return;
	if (ais_encode_is_canonical(m, again))
		r->canonical++;
	else
		r->by_type[m->type]++;
}

static void every_message_survives_encoding(void **state)
{
	static const char *const captures[] = { "go-ais-alltypes.aivdm", "noaadata-uscg-test.ais", "gpsd-sample.aivdm",
		"gpsd-ais-nmea.log", "libais-test.aivdm", "libais-typeexamples.nmea", "pyais-nmea_data_sample.txt", "pyais-mixed.txt" };
	struct round_trips r = { 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		static struct ais a;
		size_t size;
		char *text = recording_read(dir, captures[i], 64, &size);

		ais_init(&a);
		ais_decode(&a, text, size, 0, 0, round_trip, &r);
		free(text);
	}
	print_message("encode: %u messages, %u of one sentence the same to the bit, not canonical:", r.total, r.canonical);
	for (int t = 1; t < 28; t++)
		if (r.by_type[t])
			print_message(" type %d %u", t, r.by_type[t]);
	print_message("\n");
	assert_true(r.total > 7000 && r.canonical > 6000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_agrees_with_ais_catcher),
		cmocka_unit_test(every_field_agrees_with_gpsdecode),
		cmocka_unit_test(every_message_survives_encoding),
	};

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	ours = calloc(MESSAGES_MAX, sizeof(*ours));
	if (!ours)
		return 1;

	int r = cmocka_run_group_tests(tests, NULL, NULL);

	free(ours);
	return r;
}
