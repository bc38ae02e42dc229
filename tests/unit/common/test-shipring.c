#include "common/shipring.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>

static struct shipring *filled(unsigned n)
{
	struct shipring *ring;
	assert_int_equal(shipring_new(4, 8, 1000, &ring), 0);
	for (unsigned i = 1; i <= n; i++) {
		char text[8] = { (char)('a' + i - 1) };
		assert_int_equal(shipring_push(ring, i, 3, text, 2), 0);
	}
	return ring;
}

static void records_come_in_order_after_the_cursor(void **state)
{
	struct shipring *ring = filled(3);
	struct ship_record r[8];
	uint64_t last, withheld;
	assert_int_equal(shipring_read(ring, 1, r, 8, 100, &last, &withheld), 2);
	assert_int_equal(r[0].seq, 2);
	assert_string_equal(r[0].data, "b");
	assert_int_equal(last, 3);
	assert_int_equal(withheld, 0);
	assert_int_equal(shipring_read(ring, 3, r, 8, 100, &last, &withheld), 0);
	assert_int_equal(last, 3);
	shipring_free(ring);
}

static void overwritten_records_are_told_as_withheld_and_counted(void **state)
{
	struct shipring *ring = filled(6);
	struct ship_record r[8];
	uint64_t last, withheld;
	assert_int_equal(shipring_read(ring, 0, r, 8, 100, &last, &withheld), 4);
	assert_int_equal(r[0].seq, 3);
	assert_int_equal(withheld, 2);
	assert_int_equal(shipring_lost(ring), 2);
	shipring_free(ring);
}

static void acknowledged_records_are_not_lost(void **state)
{
	struct shipring *ring = filled(4);
	shipring_acked(ring, 999, 4); /* another epoch: not ours */
	shipring_acked(ring, 1000, 4);
	assert_int_equal(shipring_push(ring, 5, 3, "e", 2), 0);
	assert_int_equal(shipring_lost(ring), 0);
	shipring_free(ring);
}

static void limits_hold(void **state)
{
	struct shipring *ring = filled(4);
	struct ship_record r[8];
	uint64_t last, withheld;
	assert_int_equal(shipring_push(ring, 1, 3, "123456789", 9), -EMSGSIZE);
	assert_int_equal(shipring_read(ring, 0, r, 2, 100, &last, &withheld), 2);
	assert_int_equal(last, 2);
	assert_int_equal(shipring_read(ring, 0, r, 8, 3, &last, &withheld), 1);
	shipring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_in_order_after_the_cursor),
		cmocka_unit_test(overwritten_records_are_told_as_withheld_and_counted),
		cmocka_unit_test(acknowledged_records_are_not_lost),
		cmocka_unit_test(limits_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
