/*
 * test-framing - recordings of FINAL and GPS framing to their last octet: every frame, every block in it, no gap.
 */
#include "tests/assert_near.h"

#include "recording.h"
#include "sensor/decode/bits.h"
#include "sensor/decode/container.h"

static const char *dir;

struct count {
	uint64_t frames, blocks, octets; /* octets: of frames that blocks tile exactly */
	int64_t first_ns, last_ns;
};

static bool tiled(const struct container_datagram *d, uint64_t *blocks)
{
	size_t at = 0;

	for (; d->size - at > 3; (*blocks)++) {
		size_t length = (size_t)d->data[at + 1] << 8 | d->data[at + 2];

		if (length < 4 || length > d->size - at)
			return false;
		at += length;
	}
	return at == d->size;
}

static struct count count(const char *name)
{
	struct container_datagram d;
	struct container c;
	struct count n = { 0 };
	size_t size;
	char *data = recording_read(dir, name, BITS_SLACK, &size);

	assert_int_equal(container_init(&c, (const uint8_t *)data, size), 0);
	while (container_next(&c, &d)) {
		assert_true(tiled(&d, &n.blocks));
		assert_true(d.time_ns >= n.last_ns);
		n.first_ns = n.frames++ ? n.first_ns : d.time_ns;
		n.last_ns = d.time_ns;
		n.octets += d.size;
	}
	assert_int_equal(c.skipped + c.truncated, 0);
	assert_int_equal(c.at, size);
	free(data);
	return n;
}

static void half_an_hour_of_final_is_read(void **state)
{
	struct count n = count("jade-cat062-065-30min.ff");

	(void)state;
	assert_int_equal(n.frames, 18163);
	assert_int_equal(n.octets, 3003761 - 18163 * 12);
	assert_int_equal(n.last_ns - n.first_ns, INT64_C(1800000000000));
}

static void a_gps_recording_is_read(void **state)
{
	struct count n = count("parsegps.gps");

	(void)state;
	assert_int_equal(n.frames, 15);
	assert_int_equal(n.blocks, 15);
	assert_int_equal(n.octets, 3013 - 2200 - 15 * 10);
}

static void raw_recordings_are_neither(void **state)
{
	static const char *const names[] = { "cat010-lebl-smr.ast", "cat048.raw", "cat062cat065.raw", "cat21_re.ast" };
	size_t size;

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *data = recording_read(dir, names[i], BITS_SLACK, &size);

		assert_false(container_is((const uint8_t *)data, size));
		free(data);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_an_hour_of_final_is_read),
		cmocka_unit_test(a_gps_recording_is_read),
		cmocka_unit_test(raw_recordings_are_neither),
	};

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
