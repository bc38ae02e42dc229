#include "tests/assert_near.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/stream.h"

static struct stream s;
static struct ring *ring;

static int set_up(void **state)
{
	bool is_new;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.format = format_find("ais");
	return ring_open(-1, 1, &ring, &is_new);
}

static int tear_down(void **state)
{
	(void)state;
	ring_free(ring);
	return 0;
}

static void put(const void *data, size_t n)
{
	size_t space;
	uint8_t *p = stream_space(&s, &space);

	assert_true(n <= space);
	memcpy(p, data, n);
	stream_added(&s, n);
}

/* All that lies in the ring, joined. */
static size_t joined(uint8_t *buf)
{
	size_t n = 0;

	for (uint64_t i = 1; i <= ring_head(ring); i++) {
		const struct ring_slot *slot = ring_at(ring, i);

		memcpy(buf + n, slot->data, slot->size);
		n += slot->size;
	}
	return n;
}

#define LINE "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n"

static const char *corpora; /* a folder of inputs for each format: the fuzzer's */

/* What a decoder makes of the ring's slots, one after the other. */
static uint64_t meaning(const struct format *f)
{
	uint64_t hash = 0;
	void *state = calloc(1, f->state_size);

	assert_non_null(state);
	assert_int_equal(f->init(state, &(struct format_options){ 0 }), 0);
	for (uint64_t i = 1; i <= ring_head(ring); i++) {
		const struct ring_slot *slot = ring_at(ring, i);

		hash = f->hash(state, &(struct format_bytes){ slot->data, slot->size, 0, 0 }, hash);
	}
	free(state);
	return hash;
}

static void expect_split(const uint8_t *data, size_t size, size_t at, uint64_t expected_size, uint64_t expected_hash)
{
	static uint8_t got[STREAM_WINDOW];

	put(data, at);
	assert_true(stream_move(&s, ring, 0, 1) >= 0);
	put(data + at, size - at);
	assert_true(stream_move(&s, ring, 0, 1) >= 0);
	assert_int_equal(joined(got), expected_size);
	assert_memory_equal(got, data, expected_size);
	if (meaning(s.format) != expected_hash)
		fail_msg("%s means something else when split at %zu of %zu", s.format->name, at, size);
}

static void restart(void **state)
{
	const struct format *f = s.format;

	tear_down(state);
	assert_int_equal(set_up(state), 0);
	s.format = f;
}

/* Every split of @data, the single bytes last. */
static void split_everywhere(void **state, const uint8_t *data, size_t size)
{
	static uint8_t got[STREAM_WINDOW];

	put(data, size);
	assert_true(stream_move(&s, ring, 0, 1) >= 0);

	size_t whole = joined(got);
	uint64_t hash = meaning(s.format);

	for (size_t at = 0; at <= size; at++) {
		restart(state);
		expect_split(data, size, at, whole, hash);
	}
	restart(state);
	for (size_t i = 0; i < size; i++) {
		put(data + i, 1);
		assert_true(stream_move(&s, ring, 0, 1) >= 0);
	}
	assert_int_equal(joined(got), whole);
	assert_true(meaning(s.format) == hash);
	restart(state);
}

/* IEC 61162-450 frames datagrams: its headers never stand in a stream. */
static bool is_datagram(const uint8_t *data, size_t size)
{
	return size > 5 && (!memcmp(data, "UdPbC", 5) || !memcmp(data, "RaUdP", 5) || !memcmp(data, "RrUdP", 5));
}

static void every_split_of_every_format_gives_the_same_messages(void **state)
{
	static uint8_t data[1536];
	unsigned inputs = 0;
	char pattern[512];
	glob_t files;

	for (unsigned k = 0; format_at(k); k++) {
		s.format = format_at(k);
		snprintf(pattern, sizeof(pattern), "%s/%s/*", corpora, s.format->name);
		assert_int_equal(glob(pattern, 0, NULL, &files), 0); /* each format has a corpus of its name */
		for (size_t i = 0; i < files.gl_pathc; i++, inputs++) {
			FILE *f = fopen(files.gl_pathv[i], "re");

			assert_non_null(f);

			size_t size = fread(data, 1, sizeof(data), f);

			fclose(f);
			if (!is_datagram(data, size))
				split_everywhere(state, data, size);
		}
		globfree(&files);
	}
	print_message("%u inputs\n", inputs);
}

static void slots_carry_time_and_source(void **state)
{
	(void)state;
	put(LINE, sizeof(LINE) - 1);
	assert_int_equal(stream_move(&s, ring, 0xc0000201, 17), 1);
	assert_int_equal(ring_at(ring, 1)->recv_ns, 17);
	assert_int_equal(ring_at(ring, 1)->source, 0xc0000201);
	assert_int_equal(s.stats.slots, 1);
	assert_int_equal(s.stats.bytes, sizeof(LINE) - 1);
}

static void many_messages_fill_slots_at_their_boundaries(void **state)
{
	unsigned lines = 0;

	(void)state;
	for (; lines < 1000; lines++)
		put(LINE, sizeof(LINE) - 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), (1000 + 40) / 41);
	for (uint64_t i = 1; i <= ring_head(ring); i++)
		assert_int_equal(ring_at(ring, i)->size % (sizeof(LINE) - 1), 0);
}

static void message_above_a_slot_is_dropped_alone(void **state)
{
	static char longer[3000];
	uint8_t got[4096];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\n';
	put(longer, sizeof(longer));
	put(LINE, sizeof(LINE) - 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), 2);
	assert_int_equal(s.stats.oversized, 1);
	assert_int_equal(ring_at(ring, 1)->size, 0);
	assert_true(ring_at(ring, 1)->oversized);
	assert_int_equal(joined(got), sizeof(LINE) - 1);
}

static void message_of_just_a_slot_is_kept(void **state)
{
	static char line[RING_DATA_MAX];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	put(line, sizeof(line));
	assert_int_equal(stream_move(&s, ring, 0, 1), 1);
	assert_int_equal(ring_at(ring, 1)->size, RING_DATA_MAX);
}

static void full_window_without_a_boundary_is_dropped_and_counted(void **state)
{
	static char junk[STREAM_WINDOW];

	(void)state;
	put(junk, sizeof(junk) - 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), 0);
	put(junk, 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), -EBADMSG);
	assert_int_equal(s.size, 0);
	assert_int_equal(s.stats.overruns, 1);
	assert_int_equal(s.stats.lost_bytes, STREAM_WINDOW);
}

static void half_message_at_the_end_is_dropped_and_counted(void **state)
{
	(void)state;
	put(LINE, 20);
	stream_end(&s);
	put(LINE, sizeof(LINE) - 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), 1);
	assert_int_equal(ring_at(ring, 1)->size, sizeof(LINE) - 1);
	assert_int_equal(s.stats.lost_bytes, 20);
}

static void full_ring_keeps_the_window(void **state)
{
	(void)state;
	ring_publish(ring, ring_room(ring) - 1);
	put(LINE, sizeof(LINE) - 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), 1);
	put(LINE, sizeof(LINE) - 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), 0);
	assert_int_equal(s.size, sizeof(LINE) - 1);
	ring_ack(ring, 1);
	assert_int_equal(stream_move(&s, ring, 0, 1), 1);
	assert_int_equal(s.size, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_split_of_every_format_gives_the_same_messages),
		TEST(slots_carry_time_and_source),
		TEST(many_messages_fill_slots_at_their_boundaries),
		TEST(message_above_a_slot_is_dropped_alone),
		TEST(message_of_just_a_slot_is_kept),
		TEST(full_window_without_a_boundary_is_dropped_and_counted),
		TEST(half_message_at_the_end_is_dropped_and_counted),
		TEST(full_ring_keeps_the_window),
	};

	if (argc != 2)
		return 2;
	corpora = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
