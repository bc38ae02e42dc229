/* What the radar sends against the truth: the noise is the scene's, no more and no less. */
#include "cli/simulate/antenna.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/simulate/recording.h"
#include "sensor/decode/asterix/asterix_time.h"
#include "sensor/decode/asterix/cat034.h"
#include "sensor/decode/asterix/cat048.h"
#include "tests/assert_near.h"

#define START INT64_C(1748779200000000000)
#define TURNS 400

static const char scene_text[] =
	"scene s origin=54.5,11\n"
	"radar r at=54.5,11 height=40m period=2.5s range-sigma=20m azimuth-sigma=0.15deg pd=0.9 clutter=4 \\\n"
	" min-range=100m max-range=35km blind=180deg..270deg sac=9 sic=8 to=127.0.0.1:8600\n"
	"land east ring=54.3,11.3;54.3,11.6;54.45,11.6;54.45,11.3\n"
	"vessel near class=cargo ais=none speed=10kt route=54.52,10.95;54.52,11.05;54.55,11.0 height=20m\n"
	"vessel far class=cargo ais=none speed=14kt route=54.7,11.1;54.72,11.3;54.65,11.3 height=20m\n"
	"vessel weak class=dinghy ais=none speed=1kt route=54.6,11.0;54.61,11.0 height=2m pd=0.3\n"
	"vessel low class=small ais=none route=54.78,11.0 height=0.3m\n"
	"vessel hidden class=cargo ais=none route=54.45,10.95 height=20m\n";

struct tally {
	struct world world;
	struct geo_plane *plane;
	unsigned north, sectors, plots, matched[5], clutter, on_land, blind;
	double range2, azimuth2, range1, azimuth1;
	int64_t last_ns;
};

static void match(struct tally *t, int64_t time_ns, double range_m, double azimuth_rad)
{
	for (unsigned i = 0; i < t->world.scene->n_vessels; i++) {
		struct voyage_state s;
		struct world_sight w;
		world_vessel(&t->world, i, time_ns, &s);
		world_look(t->plane, s.lat_rad, s.lon_rad, &w);
		double dr = range_m - w.slant_m, da = geo_wrap_pi(azimuth_rad - w.azimuth_rad);
		/* Six sigma; clutter falls in there once in thousands. */
		if (fabs(dr) > 120 || fabs(da) > 0.9 * GEO_DEG)
			continue;
		t->matched[i]++;
		t->range1 += dr;
		t->range2 += dr * dr;
		t->azimuth1 += da;
		t->azimuth2 += da * da;
		return;
	}
	t->clutter++;
}

static void sink(void *user, const struct asterix_record *r)
{
	struct tally *t = user;
	if (r->category->cat == 34) {
		*(bits_get(r->items[1], 0, 8) == 1 ? &t->north : &t->sectors) += 1;
		return;
	}
	int64_t time_ns = asterix_time_ns((uint32_t)bits_get(r->items[CAT048_I140], 0, 24), t->last_ns);
	double range_m = (double)bits_get(r->items[CAT048_I040], 0, 16) / 256 * GEO_NM_M;
	double azimuth = (double)bits_get(r->items[CAT048_I040], 16, 16) / 65536 * 2 * M_PI;
	/* A plot belongs to the sector just swept. */
	assert_true(time_ns <= t->last_ns + 5000000 && time_ns >= t->last_ns - 90000000);
	assert_int_equal(bits_get(r->items[CAT048_I010], 0, 16), 9 << 8 | 8);
	t->plots++;
	if (azimuth > M_PI + 0.02 && azimuth < 1.5 * M_PI - 0.02)
		t->blind++;
	struct geo_point site = { 54.5 * GEO_DEG, 11 * GEO_DEG, 40 }, p;
	if (geo_slant(&site, range_m, azimuth, 0, &p) == 0 && scene_on_land(t->world.scene, p.lat_rad, p.lon_rad))
		t->on_land++;
	match(t, time_ns, range_m, azimuth);
}

static void play(struct tally *t, char *dir)
{
	struct scene *scene;
	struct scene_error e;
	const char *bad;
	struct emitter emitter;
	struct antenna a;
	assert_int_equal(scene_parse("F", scene_text, strlen(scene_text), &scene, &e), 0);
	assert_int_equal(world_init(&t->world, scene, START, 3, &bad), 0);
	assert_int_equal(emitter_open_file(&emitter, EMITTER_PCAP, dir, "r", &scene->radars[0].to, &scene->radars[0].from), 0);
	assert_int_equal(antenna_init(&a, &t->world, &scene->radars[0], &emitter), 0);
	for (unsigned i = 0; i < TURNS * ANTENNA_SECTORS; i++)
		antenna_step(&a);
	assert_int_equal(antenna_next_ns(&a), START + TURNS * INT64_C(2500000000) + 2500000000 / 32);
	antenna_done(&a);
	assert_int_equal(emitter_close(&emitter), 0);
	struct geo_point site = { 54.5 * GEO_DEG, 11 * GEO_DEG, 40 };
	assert_int_equal(geo_plane_new(&site, &t->plane), 0);
}

static void judge(struct tally *t)
{
	double n = t->matched[0] + t->matched[1] + t->matched[2];
	assert_int_equal(t->north, TURNS);
	assert_int_equal(t->sectors, TURNS * ANTENNA_SECTORS);
	/* Means within four standard errors of nothing, sigmas within 6 % (four standard errors at n > 800). */
	assert_true(n > 800);
	assert_near(t->range1 / n, 0, 4 * 20 / sqrt(n));
	assert_near(t->azimuth1 / n / GEO_DEG, 0, 4 * 0.15 / sqrt(n));
	assert_near(sqrt(t->range2 / n), 20.1, 1.4); /* 20 and the LSB of 7.2 m */
	assert_near(sqrt(t->azimuth2 / n) / GEO_DEG, 0.15, 0.01);
	/* Detection: four binomial standard errors. */
	assert_near(t->matched[0] / (double)TURNS, 0.9, 0.06);
	assert_near(t->matched[1] / (double)TURNS, 0.9, 0.06);
	assert_near(t->matched[2] / (double)TURNS, 0.3, 0.1);
	/* Below the horizon at 31 km from 40 m; behind the mast. */
	assert_int_equal(t->matched[3], 0);
	assert_int_equal(t->matched[4], 0);
	assert_int_equal(t->blind, 0);
	assert_int_equal(t->on_land, 0);
	/* 4 a turn over the whole disc, a quarter of it blind, some of it land. */
	assert_in_range(t->clutter, TURNS * 2, TURNS * 3 + 100);
}

static void plots_have_the_noise_the_scene_states(void **state)
{
	char dir[] = "/tmp/vedette-antenna-XXXXXX", path[64];
	struct recording rec;
	struct recording_datagram d;
	struct asterix_stats stats = { 0 };
	struct tally t = { 0 };
	assert_non_null(mkdtemp(dir));
	play(&t, dir);
	snprintf(path, sizeof(path), "%s/r.pcap", dir);
	assert_int_equal(recording_open(&rec, path, 8600), 0);
	while (recording_next(&rec, &d)) {
		t.last_ns = d.time_ns;
		asterix_decode(d.data, d.size, &stats, sink, &t);
	}
	recording_done(&rec);
	assert_int_equal(stats.trailing_bytes, 0);
	judge(&t);
	geo_plane_free(t.plane);
	struct scene *scene = (struct scene *)(uintptr_t)t.world.scene;
	world_done(&t.world);
	scene_free(scene);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plots_have_the_noise_the_scene_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
