/*
 * test-nmea-recordings - our reading of recorded NMEA 0183 against another one, made here by the plainest means.
 *
 * A voyage of 63,318 lines (OpenCPN): every RMC and GLL position, speed and course line by line, and what was dropped with its
 * reason. The sentences of other projects' tests (go-nmea, marine-api): good and bad ones, and which field is bad.
 */
#include "tests/assert_near.h"

#include "recording.h"
#include "sensor/decode/nmea/nmea.h"
#include "sensor/decode/nmea/nmea_encode.h"

#define VOYAGE "opencpn-Go_to_Guernesey.txt"
#define SENTENCES "gonmea-marineapi-radar-sentences.txt"
#define FIELDS_MAX 32

static const char *dir;

struct seen {
	unsigned messages, same; /* of the messages: written again byte for byte */
	struct nmea_message last;
};

static void take(void *user, const struct nmea_message *m)
{
	struct seen *s = user;

	s->messages++;
	s->last = *m;
}

/* Our reading of one line: is the sentence written again as it was? */
static bool comes_back(const struct nmea_message *m, const char *line)
{
	char out[256];
	struct jot j;

	jot_init(&j, out, sizeof(out));
	nmea_encode_sentence(m, &j);
	return !j.full && j.len >= 2 && strlen(line) == j.len - 2 && !memcmp(line, out, j.len - 2);
}

/* --- the other reading --- */

/* "$...*hh" with the right hh, and nothing else on the line. */
static bool is_good(const char *line)
{
	unsigned sum = 0, want;
	const char *p = line + 1;
	char rest;

	if (*line != '$')
		return false;
	while (*p && *p != '*')
		sum ^= (unsigned char)*p++;
	return sscanf(p, "*%2x%c", &want, &rest) == 1 && strlen(p) == 3 && want == sum;
}

/* Splits @line at its commas, the checksum cut off. */
static unsigned split(char *line, char *fields[FIELDS_MAX])
{
	unsigned n = 0;

	line[strcspn(line, "*")] = '\0';
	while (n < FIELDS_MAX && (fields[n] = strsep(&line, ",")))
		n++;
	return n;
}

static double degrees(const char *angle, const char *side)
{
	double v = atof(angle), deg = floor(v / 100), minutes = v - deg * 100;

	deg += minutes / 60;
	return *side == 'S' || *side == 'W' ? -deg : deg;
}

static void compare_number(const char *text, const struct nmea_number *ours)
{
	if (*text)
		assert_near(nmea_value_real(ours), atof(text), 1e-9);
	else
		assert_true(isnan(nmea_value_real(ours)));
}

static void compare_place(char **fields, const struct nmea_place *lat, const struct nmea_place *lon)
{
	if (!*fields[0] || !*fields[2]) {
		assert_true(isnan(nmea_value_degrees(lat)) || isnan(nmea_value_degrees(lon)));
		return;
	}
	assert_near(nmea_value_degrees(lat), degrees(fields[0], fields[1]), 1e-9);
	assert_near(nmea_value_degrees(lon), degrees(fields[2], fields[3]), 1e-9);
}

static unsigned places;

static void compare(char *line, const struct nmea_message *m)
{
	char *f[FIELDS_MAX];
	unsigned n = split(line, f);

	assert_memory_equal(f[0] + 3, m->layout->id, 3);
	if (n > 9 && nmea_message_is(m, "RMC")) {
		compare_place(&f[3], &m->rmc.lat, &m->rmc.lon);
		compare_number(f[7], &m->rmc.speed);
		compare_number(f[8], &m->rmc.course);
		compare_number(f[1], &m->rmc.utc);
		compare_number(f[9], &m->rmc.date);
		assert_int_equal(*f[2], m->rmc.status);
		places++;
	} else if (n > 6 && nmea_message_is(m, "GLL")) {
		compare_place(&f[1], &m->gll.lat, &m->gll.lon);
		compare_number(f[5], &m->gll.utc);
		assert_int_equal(*f[6], m->gll.status);
		places++;
	}
}

static void voyage_is_read_as_another_reads_it(void **state)
{
	FILE *file = recording_open(dir, VOYAGE);
	struct nmea whole = { 0 }, one = { 0 };
	struct seen seen = { 0 };
	char line[1024];
	size_t size;
	char *data = recording_read(dir, VOYAGE, 0, &size);
	unsigned good = 0;

	(void)state;
	nmea_decode(&whole, data, size, 0, take, &seen);
	seen.messages = 0;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';

		unsigned before = seen.messages;
		bool is = is_good(line);

		nmea_decode(&one, line, strlen(line), 0, take, &seen);
		good += is;
		if (seen.messages == before)
			continue;
		assert_true(is);
		seen.same += comes_back(&seen.last, line);
		compare(line, &seen.last);
	}
	pclose(file);
	free(data);
	print_message("OpenCPN: %u messages, %u come back, %u places compared\n", seen.messages, seen.same, places);
	assert_int_equal(seen.messages, 44984);
	assert_int_equal(seen.same, seen.messages);
	assert_int_equal(places, seen.messages);
	assert_int_equal(good, whole.stats.sentences - whole.stats.ais);
	assert_int_equal(whole.stats.ais, 18124);
	assert_int_equal(whole.stats.faults[NMEA_FAULT_FIELD], 0);
	/* Line by line or in one: the same, but for the line ends. */
	one.stats.bytes = whole.stats.bytes;
	assert_memory_equal(&one.stats, &whole.stats, sizeof(one.stats));
}

static void others_test_sentences_are_read(void **state)
{
	struct nmea n = { 0 };
	struct seen seen = { 0 };
	FILE *file = recording_open(dir, SENTENCES);
	char line[256];
	unsigned strings = 0;

	(void)state;
	while (fgets(line, sizeof(line), file)) {
		unsigned before = seen.messages;
		uint64_t bad = n.stats.faults[NMEA_FAULT_FIELD];

		line[strcspn(line, "\r\n")] = '\0';
		strings++;
		nmea_decode(&n, line, strlen(line), 0, take, &seen);
		assert_true(n.stats.faults[NMEA_FAULT_FIELD] <= bad + 1); /* each bad one is bad in one field */
		if (seen.messages > before)
			seen.same += comes_back(&seen.last, line);
	}
	pclose(file);
	print_message("go-nmea, marine-api: %u strings, %u messages, %u come back; %u fields, %u armours bad\n", strings, seen.messages,
		seen.same, (unsigned)n.stats.faults[NMEA_FAULT_FIELD], (unsigned)n.stats.faults[NMEA_FAULT_ARMOUR]);
	assert_int_equal(strings, 86);
	assert_int_equal(seen.messages, 81); /* and five HSC, which we do not decode */
	assert_int_equal(n.stats.others, 5);
	assert_int_equal(seen.same, 21);
	assert_int_equal(n.stats.faults[NMEA_FAULT_FIELD], 58);
	assert_int_equal(n.stats.faults[NMEA_FAULT_ARMOUR], 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(voyage_is_read_as_another_reads_it),
		cmocka_unit_test(others_test_sentences_are_read),
	};

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
