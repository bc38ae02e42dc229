/* put(get(decode(x))) == x, bit for bit, over every record of every capture; what is not canonical is counted. */
#include "tests/assert_near.h"

#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/asterix_values.h"
#include "sensor/decode/container.h"
#include "tests/golden/recording.h"

static const char *dir;

/* What is known of each capture. */
static const struct capture {
	const char *name;
	uint8_t cat; /* of which the edition is not the newest; 0 = all are */
	const char *edition;
	unsigned records, other; /* other: not canonical */
} captures[] = {
	{ "cat034-048-mtr-padded-260429.pcap", 0, NULL, 19907, 0 },
	{ "cat062-fds.pcap", 0, NULL, 25712, 0 },
	{ "cat010-lebl-smr.ast", 0, NULL, 52659, 0 },
	{ "jade-cat062-065-30min.ff", 0, NULL, 34225, 0 },
	{ "asterix.pcap", 0, NULL, 48, 47 }, /* I062/060: the spare bit is set */
	{ "cat_034_048.pcap", 0, NULL, 162, 0 },
	{ "cat_062_065.pcap", 0, NULL, 3, 0 },
	{ "cat048.raw", 0, NULL, 1, 0 },
	{ "cat062cat065.raw", 0, NULL, 3, 1 }, /* I062/390: a third octet of presence bits, none set */
	{ "cat21_re.ast", 0, NULL, 2, 0 },
	{ "parsegps.gps", 0, NULL, 18, 0 },
	{ "jasterix-unit/cat001ed1.1.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat002ed1.0.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat010ed0.31.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat021ed0.26.bin", 21, "0.26", 1, 0 },
	{ "jasterix-unit/cat021ed2.1.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat034ed1.26.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat048ed1.15.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat048ed1.23.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat062ed1.12.bin", 0, NULL, 1, 1 }, /* likewise */
	{ "jasterix-unit/cat062ed1.16.bin", 0, NULL, 1, 1 }, /* an FSPEC octet with no item */
	{ "jasterix-unit/cat063ed1.0.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat065ed1.3.bin", 0, NULL, 1, 0 },
	{ "jasterix-unit/cat247ed1.2.bin", 0, NULL, 1, 0 },
};

struct counts {
	unsigned records, other;
};

static void take(void *user, const struct asterix_record *r)
{
	static uint64_t v[ASTERIX_VALUES_MAX(UINT16_MAX)];
	static uint8_t again[UINT16_MAX];
	struct counts *c = user;
	ssize_t n = asterix_values_get(r, v, sizeof(v) / sizeof(v[0]));

	assert_true(n > 0);
	n = asterix_values_put(r->category, v, (size_t)n, again, sizeof(again));
	c->records++;
	if (n == (ssize_t)r->size && !memcmp(again, r->start, r->size))
		return;
	if (c->other++ < 3) {
		print_message("CAT%03u, %zd of %u octets:", r->category->cat, n, r->size);
		for (unsigned i = 0; i < r->size; i++)
			print_message(n > (ssize_t)i && again[i] == r->start[i] ? " %02x" : " [%02x]", r->start[i]);
		print_message("\n");
	}
}

static void read_capture(const struct capture *capture, struct counts *ret_counts)
{
	struct asterix_profile profile = asterix_profile_newest;
	char why[ASTERIX_PROFILE_TEXT_MAX];
	struct asterix_stats stats = { 0 };
	struct container_datagram d;
	struct container c;
	size_t size;
	uint8_t *data = (uint8_t *)recording_read(dir, capture->name, BITS_SLACK, &size);

	if (capture->cat)
		assert_int_equal(asterix_profile_set(&profile, capture->cat, capture->edition, why), 0);
	if (container_init(&c, data, size) == 0)
		while (container_next(&c, &d))
			asterix_decode_as(&profile, d.data, d.size, &stats, take, ret_counts);
	else
		asterix_decode_as(&profile, data, size, &stats, take, ret_counts);
	free(data);
}

static void every_canonical_record_comes_out_as_it_was(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		struct counts counts = { 0 };

		read_capture(&captures[i], &counts);
		print_message("%s: %u records, %u of them not canonical\n", captures[i].name, counts.records, counts.other);
		assert_int_equal(counts.records, captures[i].records);
		assert_int_equal(counts.other, captures[i].other);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_canonical_record_comes_out_as_it_was) };

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
