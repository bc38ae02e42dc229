#include "sensor/camera/blobs.h"
#include "sensor/camera/motion.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define W 320
#define H 180

static uint8_t luma[W * H], chroma[W * H / 4];

/* A still sea with a little noise (xorshift, fixed seed) and a dark hull 20 x 6 at (x, y). */
static void paint(int hull_x, int hull_y)
{
	static uint32_t seed = 1;
	for (int i = 0; i < W * H; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		luma[i] = (uint8_t)(120 + seed % 5);
	}
	memset(chroma, 128, sizeof(chroma));
	for (int y = hull_y; y < hull_y + 6; y++)
		for (int x = hull_x; x < hull_x + 20; x++)
			if (x >= 0 && x < W && y >= 0 && y < H)
				luma[y * W + x] = 40;
}

static int step(struct motion *m, struct motion_blob *blobs, bool *global)
{
	return motion_frame(m, luma, W, chroma, chroma, W / 2, blobs, global);
}

static void a_moving_hull_is_one_blob_where_it_is(void **state)
{
	struct motion *m;
	struct motion_blob blobs[MOTION_BLOBS_MAX];
	bool global;
	assert_int_equal(motion_new(W, H, &m), 0);
	for (int i = 0; i < 40; i++) { /* learn the empty sea */
		paint(-100, 0);
		assert_int_equal(step(m, blobs, &global), 0);
	}
	paint(100, 90);
	assert_int_equal(step(m, blobs, &global), 1);
	assert_false(global);
	assert_in_range(blobs[0].x0, 97, 101);
	assert_in_range(blobs[0].x1, 118, 122);
	assert_in_range(blobs[0].y1, 94, 97);
	motion_free(m);
}

static void a_light_switched_on_is_not_a_fleet(void **state)
{
	struct motion *m;
	struct motion_blob blobs[MOTION_BLOBS_MAX];
	bool global;
	assert_int_equal(motion_new(W, H, &m), 0);
	for (int i = 0; i < 20; i++) {
		paint(-100, 0);
		step(m, blobs, &global);
	}
	memset(luma, 230, sizeof(luma));
	assert_int_equal(step(m, blobs, &global), 0);
	assert_true(global);
	assert_int_equal(step(m, blobs, &global), 0); /* learnt anew */
	assert_false(global);
	motion_free(m);
}

static void odd_sizes_are_refused(void **state)
{
	struct motion *m = (void *)1;
	assert_int_equal(motion_new(321, 180, &m), -EINVAL);
	assert_int_equal(motion_new(8, 8, &m), -EINVAL);
	assert_ptr_equal(m, (void *)1);
}

static void only_what_lasts_and_moves_is_published(void **state)
{
	struct blobs b = { 0 };
	struct motion_blob found[2] = { { 10, 50, 29, 55, 100 }, { 200, 80, 219, 85, 100 } };
	int published_moving = 0, published_still = 0;
	for (int i = 0; i < 20; i++) {
		found[0].x0 += 2;
		found[0].x1 += 2;
		blobs_update(&b, (int64_t)(i + 1) * 200000000, found, 2);
		assert_int_equal(b.n, 2);
		for (int k = 0; k < b.n; k++)
			if (blobs_published(&b.tracks[k]))
				*(b.tracks[k].foot_x < 150 ? &published_moving : &published_still) += 1;
	}
	assert_true(published_moving > 10);
	assert_int_equal(published_still, 0);
	blobs_update(&b, INT64_C(5000000000), NULL, 0);
	for (int k = 0; k < b.n; k++)
		assert_false(blobs_published(&b.tracks[k]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moving_hull_is_one_blob_where_it_is),
		cmocka_unit_test(a_light_switched_on_is_not_a_fleet),
		cmocka_unit_test(odd_sizes_are_refused),
		cmocka_unit_test(only_what_lasts_and_moves_is_published),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
