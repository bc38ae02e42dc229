#include "hub/section.h"
#include "common/geo.h"
#include "tests/assert_near.h"

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#define HEAD "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
#define PROPS "{\"id\":\"s1\",\"version\":2,\"name\":\"S\",\"centre\":\"xa\",\"kind\":\"sea\",\"neighbours\":[\"xb\"]}"
#define GEOM(coords) ",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" coords "}}"
#define SQUARE "[[[11,54],[12,54],[12,55],[11,55],[11,54]]]"
#define TAIL "]}"

static int parse(const char *text, struct section_set **set, char error[SECTION_ERROR_MAX])
{
	return section_parse("t.geojson", text, strlen(text), set, error);
}

static bool holds(const struct section *s, double lat, double lon)
{
	return section_holds(s, lat * GEO_DEG, lon * GEO_DEG);
}

static void a_point_is_in_or_out(void **state)
{
	struct section_set *set = NULL;
	char error[SECTION_ERROR_MAX] = "";
	assert_int_equal(parse(HEAD PROPS GEOM(SQUARE) TAIL, &set, error), 0);
	const struct section *s = section_find(set, "s1");
	assert_non_null(s);
	assert_int_equal(s->version, 2);
	assert_true(section_borders(s, "xb"));
	assert_false(section_borders(s, "xc"));
	assert_true(holds(s, 54.5, 11.5));
	assert_false(holds(s, 53.9, 11.5));
	assert_false(holds(s, 54.5, 12.1));
	assert_false(holds(s, NAN, 11.5));
	section_free(set);
}

static void holes_and_many_polygons_count(void **state)
{
	struct section_set *set = NULL;
	char error[SECTION_ERROR_MAX] = "";
	assert_int_equal(parse(HEAD PROPS ",\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":["
				  "[[[11,54],[12,54],[12,55],[11,55],[11,54]],[[11.4,54.4],[11.6,54.4],[11.6,54.6],[11.4,54.6],[11.4,54.4]]],"
				  "[[[20,54],[21,54],[21,55],[20,54]]]]}}" TAIL, &set, error), 0);
	const struct section *s = &set->sections[0];
	assert_true(holds(s, 54.2, 11.2));
	assert_false(holds(s, 54.5, 11.5));
	assert_true(holds(s, 54.3, 20.8));
	section_free(set);
}

/* Against the geodesic: a degree of latitude at 54.5 N is 111.3 km; the plane is good to 0.6 % (section.h). */
static void the_distance_is_that_of_the_geodesic(void **state)
{
	struct section_set *set = NULL;
	char error[SECTION_ERROR_MAX] = "";
	assert_int_equal(parse(HEAD PROPS GEOM(SQUARE) TAIL, &set, error), 0);
	const struct section *s = &set->sections[0];
	struct geo_point edge = { 54.5 * GEO_DEG, 12 * GEO_DEG, 0 }, corner = { 55 * GEO_DEG, 12 * GEO_DEG, 0 }, p;
	assert_near(section_distance(s, 54.5 * GEO_DEG, 11.5 * GEO_DEG), 0, 0);
	geo_direct(&edge, 90 * GEO_DEG, 300, &p);
	assert_near(section_distance(s, p.lat_rad, p.lon_rad), 300, 2);
	geo_direct(&corner, 45 * GEO_DEG, 5000, &p);
	assert_near(section_distance(s, p.lat_rad, p.lon_rad), 5000, 30);
	section_free(set);
}

static void each_mistake_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "t.geojson:1" },
		{ "{", "t.geojson:1" },
		{ "[]", "not a FeatureCollection" },
		{ "{\"type\":\"FeatureCollection\"}", "not a FeatureCollection" },
		{ HEAD "{}" GEOM(SQUARE) TAIL, "feature 1: property 'id'" },
		{ HEAD "null" GEOM(SQUARE) TAIL, "no properties" },
		{ HEAD "{\"id\":\"s\",\"version\":0,\"name\":\"S\",\"centre\":\"xa\",\"kind\":\"sea\",\"neighbours\":[]}" GEOM(SQUARE) TAIL,
			"'version'" },
		{ HEAD "{\"id\":\"s\",\"version\":1,\"name\":\"S\",\"centre\":\"xa\",\"kind\":\"lake\",\"neighbours\":[]}" GEOM(SQUARE) TAIL,
			"'kind'" },
		{ HEAD "{\"id\":\"s\",\"version\":1,\"name\":\"S\",\"centre\":\"xa\",\"kind\":\"sea\",\"neighbours\":[7]}" GEOM(SQUARE) TAIL,
			"neighbour 0" },
		{ HEAD "{\"id\":\"s\",\"version\":1,\"name\":\"S\",\"centre\":\"a-very-long-centre-id\",\"kind\":\"sea\",\"neighbours\":[]}" GEOM(
			  SQUARE) TAIL, "'centre' is longer" },
		{ HEAD PROPS "}" TAIL, "geometry" },
		{ HEAD PROPS GEOM("[]") TAIL, "without rings" },
		{ HEAD PROPS GEOM("[[[11,54],[12,54],[11,54]]]") TAIL, "fewer than 4" },
		{ HEAD PROPS GEOM("[[[11,54],[12,54],[12,55],[11,55]]]") TAIL, "last position" },
		{ HEAD PROPS GEOM("[[[11,54],[12,54],[12,95],[11,54]]]") TAIL, "not on Earth" },
		{ HEAD PROPS GEOM("[[[11,54],[12],[12,55],[11,54]]]") TAIL, "not [longitude, latitude]" },
		{ HEAD PROPS GEOM(SQUARE) ",{\"type\":\"Feature\",\"properties\":" PROPS GEOM(SQUARE) TAIL, "feature 2: the id 's1'" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct section_set *set = NULL;
		char error[SECTION_ERROR_MAX] = "";
		assert_int_equal(parse(bad[i].text, &set, error), -EINVAL);
		assert_null(set);
		if (!strstr(error, bad[i].why))
			fail_msg("'%s' does not say '%s'", error, bad[i].why);
	}
}

static void an_absent_file_is_named(void **state)
{
	struct section_set *set = NULL;
	char error[SECTION_ERROR_MAX] = "";
	assert_int_equal(section_load("/nonexistent/s.geojson", &set, error), -ENOENT);
	assert_non_null(strstr(error, "/nonexistent/s.geojson"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_is_in_or_out),
		cmocka_unit_test(holes_and_many_polygons_count),
		cmocka_unit_test(the_distance_is_that_of_the_geodesic),
		cmocka_unit_test(each_mistake_is_refused_with_its_reason),
		cmocka_unit_test(an_absent_file_is_named),
	};
	return cmocka_run_group_tests_name("hub-section", tests, NULL, NULL);
}
