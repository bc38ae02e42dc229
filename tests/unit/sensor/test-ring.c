#include "tests/assert_near.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sensor/decode/ring.h"

static struct ring *open_new(void)
{
	struct ring *r;
	bool is_new;

	assert_int_equal(ring_open(-1, 1000, &r, &is_new), 0);
	assert_true(is_new);
	return r;
}

static void add(struct ring *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct ring_slot *slot = ring_ahead(r, i);

		slot->size = 4;
		memcpy(slot->data, &(uint32_t){ (uint32_t)ring_head(r) + 1 + i }, 4);
	}
	ring_publish(r, n);
}

static void numbers_are_dense_and_slots_hold_what_was_written(void **state)
{
	struct ring *r = open_new();

	(void)state;
	assert_int_equal(ring_head(r), 0);
	assert_int_equal(ring_room(r), RING_SLOTS);
	assert_null(ring_at(r, 1));
	add(r, 3);
	add(r, 2);
	assert_int_equal(ring_head(r), 5);
	for (uint32_t n = 1; n <= 5; n++)
		assert_memory_equal(ring_at(r, n)->data, &n, 4);
	assert_null(ring_at(r, 6));
	assert_null(ring_at(r, 0));
	ring_free(r);
}

static void acknowledging_frees_and_never_goes_back_or_ahead(void **state)
{
	struct ring *r = open_new();

	(void)state;
	add(r, 10);
	ring_ack(r, 4);
	assert_int_equal(ring_room(r), RING_SLOTS - 6);
	ring_ack(r, 2);
	assert_int_equal(ring_acked(r), 4);
	ring_ack(r, 11);
	assert_int_equal(ring_acked(r), 4);
	assert_non_null(ring_at(r, 1)); /* acknowledged, but not overwritten yet */
	ring_free(r);
}

static void full_ring_has_no_room(void **state)
{
	struct ring *r = open_new();

	(void)state;
	for (unsigned left = RING_SLOTS; left; left -= 64)
		add(r, 64);
	assert_int_equal(ring_room(r), 0);
	assert_int_equal(ring_oldest(r), 1);
	ring_ack(r, 100);
	assert_int_equal(ring_room(r), 100);
	add(r, 100);
	assert_non_null(ring_at(r, 101));
	assert_null(ring_at(r, 100)); /* its slot is another's now */
	ring_free(r);
}

static void ring_is_taken_up_where_it_was_left(void **state)
{
	struct ring *r = open_new(), *again;
	int fd = fcntl(ring_fd(r), F_DUPFD_CLOEXEC, 3);
	bool is_new;
	uint32_t five = 5, version = ring_site_version(r, 77, 5000000000);

	(void)state;
	add(r, 5);
	ring_ack(r, 2);
	ring_free(r);
	assert_int_equal(ring_open(fd, 2000, &again, &is_new), 0);
	assert_false(is_new);
	assert_int_equal(ring_epoch(again), 1000);
	assert_int_equal(ring_head(again), 5);
	assert_int_equal(ring_acked(again), 2);
	assert_memory_equal(ring_at(again, 5)->data, &five, 4);
	assert_int_equal(ring_site_version(again, 77, 9000000000), version);
	assert_true(ring_site_version(again, 78, 1) > version); /* also when the clock went back */
	ring_free(again);
	close(fd);
}

static void descriptor_that_holds_no_ring_is_not_trusted(void **state)
{
	struct ring *r, *good = open_new();
	bool is_new;
	int fd = memfd_create("x", MFD_CLOEXEC);

	(void)state;
	/* Empty, then of the right size but zero, then with counters that cannot be. */
	assert_int_equal(ring_open(fd, 3000, &r, &is_new), 0);
	assert_true(is_new);
	ring_free(r);

	off_t size = lseek(ring_fd(good), 0, SEEK_END);
	char header[4096];

	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(ring_open(fd, 3000, &r, &is_new), 0);
	assert_true(is_new);
	ring_free(r);
	add(good, 1);
	assert_int_equal(pread(ring_fd(good), header, sizeof(header), 0), sizeof(header));
	assert_int_equal(pwrite(fd, header, sizeof(header), 0), sizeof(header));
	assert_int_equal(ring_open(fd, 3000, &r, &is_new), 0);
	assert_false(is_new);
	ring_free(r);
	memset(header + 32, 0xff, 8); /* head */
	assert_int_equal(pwrite(fd, header, sizeof(header), 0), sizeof(header));
	assert_int_equal(ring_open(fd, 3000, &r, &is_new), 0);
	assert_true(is_new);
	assert_int_equal(ring_epoch(r), 3000);
	ring_free(r);
	ring_free(good);
	close(fd);
}

static void a_tally_is_kept_whole_with_its_number(void **state)
{
	struct ring *r = open_new(), *again;
	bool is_new;
	uint64_t counts[3], kept[3] = { 1, 2, 3 };

	(void)state;
	assert_int_equal(ring_tallied(r, counts, sizeof(counts)), 0);
	assert_int_equal(counts[0] + counts[1] + counts[2], 0);
	for (uint64_t upto = 5; upto < 8; upto++) {
		kept[0] = upto * upto;
		ring_tally(r, upto, kept, sizeof(kept));
		assert_int_equal(ring_open(ring_fd(r), 1, &again, &is_new), 0);
		assert_false(is_new);
		assert_int_equal(ring_tallied(again, counts, sizeof(counts)), upto);
		assert_memory_equal(counts, kept, sizeof(kept));
		ring_free(again);
	}
	ring_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tally_is_kept_whole_with_its_number),
		cmocka_unit_test(numbers_are_dense_and_slots_hold_what_was_written),
		cmocka_unit_test(acknowledging_frees_and_never_goes_back_or_ahead),
		cmocka_unit_test(full_ring_has_no_room),
		cmocka_unit_test(ring_is_taken_up_where_it_was_left),
		cmocka_unit_test(descriptor_that_holds_no_ring_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
