/* meta.json and plots.csv: old folders, cameras, sensors that move, and what is refused. */
#include "cli/scenario.h"
#include "common/geo.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>

#define FIRST "time,t_arrive,sensor,kind,range_m,az_deg,x,y,sog,cog,mmsi,truth_id"
#define META(more)                                                                                                                   \
	"{\"lat0\": 54.5, \"lon0\": 11.2, \"side\": 1000, \"duration\": 60, \"scan\": 2, \"sigma_r\": 8, \"sigma_az\": 2," \
	"\"sigma_ais\": 10, \"radar_list\": [{\"id\": 2, \"pos\": [10, 20]}]" more "}"
#define CAMERA ", \"camera_list\": [{\"id\": 4, \"pos\": [10, 20], \"sigma_deg\": 3}]"

static FILE *text(const char *t)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(t, 1, strlen(t), f), strlen(t));
	rewind(f);
	return f;
}

static int load(const char *meta, const char *plots, struct scenario *ret_s)
{
	FILE *m = text(meta), *p = text(plots);
	int r = scenario_read(m, p, ret_s);

	(void)fclose(m);
	(void)fclose(p);
	return r;
}

static void first_format_reads_as_ever(void **state)
{
	struct scenario s;

	assert_int_equal(load(META(""), FIRST "\n1.5,2.0,2,R,100,45,80.7,90.7,,,0,7\n3,3,900,A,,,81,92,5,90,211000001,7\n", &s), 0);
	assert_int_equal(s.n_rows, 2);
	assert_int_equal(s.n_bad, 0);
	assert_int_equal(s.n_cameras, 0);
	assert_int_equal(s.rows[0].input.in.kind, FILTER_POSITION);
	/* 45 degrees from the radar: across 3.49 m of 100 m, along 8 m. */
	assert_near(s.rows[0].input.in.cov.xx, (64 + 12.18) / 2, 0.1);
	assert_near(s.rows[0].input.in.cov.xy, (64 - 12.18) / 2, 0.1);
	assert_int_equal(s.rows[1].input.id, 211000001);
	assert_near(s.rows[1].input.in.u_mps, 5, 1e-9);
	scenario_done(&s);
}

static void bearing_comes_from_where_its_camera_was(void **state)
{
	struct scenario s;

	assert_int_equal(load(META(CAMERA), FIRST ",other,sy,sx\n1,1,4,B,,90,,,,,0,-1,x,-7,33.5\n1,1,4,B,,270,,,,,0,-1,x,,\n", &s), 0);
	assert_int_equal(s.n_rows, 2);
	const struct filter_input *in = &s.rows[0].input.in;
	assert_int_equal(in->kind, FILTER_BEARING);
	assert_int_equal(s.rows[0].input.station, 2); /* after the radar and AIS */
	assert_near(in->azimuth_rad, 90 * GEO_DEG, 1e-12);
	assert_near(in->azimuth_sigma_rad, 3 * GEO_DEG, 1e-12);
	assert_near(in->sx_m, 33.5, 0);
	assert_near(in->sy_m, -7, 0);
	assert_near(s.rows[1].input.in.sx_m, 10, 0);
	assert_near(s.rows[1].input.in.sy_m, 20, 0);
	scenario_done(&s);
}

static void radar_that_moves_has_its_ellipse_turned(void **state)
{
	struct scenario s;

	assert_int_equal(load(META(""), FIRST ",sx,sy\n1,1,2,R,100,90,300,0,,,0,-1,200,0\n", &s), 0);
	assert_near(s.rows[0].input.in.cov.xx, 64, 1e-9);
	assert_near(s.rows[0].input.in.cov.yy, 12.18, 0.1);
	scenario_done(&s);
}

static void lines_that_are_not_plots_are_counted(void **state)
{
	struct scenario s;
	const char *bad = FIRST "\n1,1,5,B,,90,,,,,0,-1\n1,1,4,B,,,,,,,0,-1\n1,1,4,B,,nan,,,,,0,-1\n1,1,3,R,1,1,5,5,,,0,-1\n"
				"1,1,2,R,1,1,,,,,0,-1\n1,1,4,Q,,9,,,,,0,-1\n1,1,1e30,R,1,1,5,5,,,0,-1\nnan,1,2,R,1,1,5,5,,,0,-1\nx\n\n";

	assert_int_equal(load(META(CAMERA), bad, &s), 0);
	assert_int_equal(s.n_rows, 0);
	assert_int_equal(s.n_bad, 10);
	scenario_done(&s);
}

static void absurd_geometry_is_refused(void **state)
{
	static const char *const metas[] = { "", "[]", "{", META(", \"camera_list\": [{\"id\": 4, \"pos\": [1, 2]}]"),
		META(", \"camera_list\": [{\"id\": 4, \"pos\": [1], \"sigma_deg\": 1}]"),
		META(", \"camera_list\": [{\"id\": 4, \"pos\": [1, 2], \"sigma_deg\": 1, \"view_deg\": [0]}]"),
		META(", \"side\": 1e300"), META(", \"radar_list\": [3]") };
	struct scenario s = { .n_rows = 99 };

	for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]); i++)
		assert_int_equal(load(metas[i], FIRST "\n", &s), -EINVAL);
	assert_int_equal(s.n_rows, 99); /* ret_ untouched on error */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_format_reads_as_ever),
		cmocka_unit_test(bearing_comes_from_where_its_camera_was),
		cmocka_unit_test(radar_that_moves_has_its_ellipse_turned),
		cmocka_unit_test(lines_that_are_not_plots_are_counted),
		cmocka_unit_test(absurd_geometry_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
