#include "common/geo.h"
#include "fusion/frame.h"
#include "tests/assert_near.h"

#include <errno.h>

#define LAT (54.5 * GEO_DEG)
#define LON (11.2 * GEO_DEG)

/* Oracle: PROJ's cart and topocentric. */
static void forward_agrees_with_proj_to_a_millimetre(void **state)
{
	struct frame f;
	struct geo_plane *plane;
	struct geo_point origin = { LAT, LON, 0 };

	assert_int_equal(frame_init(&f, LAT, LON), 0);
	assert_int_equal(geo_plane_new(&origin, &plane), 0);
	for (double dlat = -1; dlat <= 1; dlat += 0.25)
		for (double dlon = -1.5; dlon <= 1.5; dlon += 0.25) {
			struct geo_point p = { LAT + dlat * GEO_DEG, LON + dlon * GEO_DEG, 0 };
			double e, n, pe, pn, pu;
			frame_forward(&f, p.lat_rad, p.lon_rad, &e, &n);
			geo_plane_forward(plane, &p, &pe, &pn, &pu);
			assert_near(e, pe, 1e-3);
			assert_near(n, pn, 1e-3);
		}
	geo_plane_free(plane);
}

static void inverse_undoes_forward(void **state)
{
	struct frame f;

	frame_init(&f, LAT, LON);
	for (double e = -200e3; e <= 200e3; e += 37e3)
		for (double n = -200e3; n <= 200e3; n += 41e3) {
			double lat, lon, e2, n2;
			frame_inverse(&f, e, n, &lat, &lon);
			frame_forward(&f, lat, lon, &e2, &n2);
			assert_near(e2, e, 1e-3);
			assert_near(n2, n, 1e-3);
		}
}

/* Convergence of the meridians: gamma = dlon sin(lat) (Bomford, "Geodesy", 4th ed., 2.14). */
static void true_north_leans_by_the_convergence(void **state)
{
	struct frame f;

	frame_init(&f, LAT, LON);
	assert_near(frame_north(&f, LAT, LON), 0, 1e-9);
	double north = frame_north(&f, LAT, LON + 0.5 * GEO_DEG);
	assert_near(north, -0.5 * GEO_DEG * sin(LAT), 1e-5);
}

static void nonsense_origin_is_refused(void **state)
{
	struct frame f;

	assert_int_equal(frame_init(&f, NAN, 0), -EDOM);
	assert_int_equal(frame_init(&f, 2, 0), -EDOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forward_agrees_with_proj_to_a_millimetre),
		cmocka_unit_test(inverse_undoes_forward),
		cmocka_unit_test(true_north_leans_by_the_convergence),
		cmocka_unit_test(nonsense_origin_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
