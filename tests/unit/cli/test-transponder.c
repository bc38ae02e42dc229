/* Who is heard when, and how well: reporting intervals, positions against the truth, the distress call. */
#include "cli/simulate/transponder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/simulate/recording.h"
#include "sensor/decode/ais/ais.h"
#include "tests/assert_near.h"

#define START INT64_C(1748779200000000000)
#define S INT64_C(1000000000)
#define MINUTES 60

static const char scene_text[] =
	"scene s origin=54.5,11\n"
	"ais a at=54.5,11 mmsi=2800001 range=40km sigma-a=4m sigma-b=6m to=127.0.0.1:10110\n"
	"vessel slow class=cargo ais=A name=SLOW mmsi=280000001 speed=10kt route=54.52,10.7;54.53,11.3 end=through gap=1s\n"
	"vessel quick class=ferry ais=A name=QUICK mmsi=280000002 speed=18kt route=54.55,10.6;54.56,11.4 end=through gap=1s\n"
	"vessel sail class=pleasure ais=B name=SAIL mmsi=280000003 speed=5kt route=54.5,10.95;54.6,10.9;54.55,11.1\n"
	"vessel distant class=cargo ais=A name=DISTANT mmsi=280000004 route=55.2,11\n"
	"vessel mark class=aton ais=aton name=MARK mmsi=992801001 type=30 route=54.6,11\n"
	"vessel raft class=dinghy ais=sart mmsi=970990001 route=54.51,11.01 ais-after=30s\n";

struct tally {
	struct world world;
	int64_t now_ns;
	unsigned of_type[28], of_vessel[6], part[2], distress, text;
	int64_t first_distress_ns, first_static_ns;
	double error2[6];
};

static void add_position(struct tally *t, const struct ais_message *m, int32_t lat, int32_t lon, int32_t second)
{
	/* The fix is the last whole second that ends in `second`. */
	int64_t fix = t->now_ns / S;
	while (fix % 60 != second)
		fix--;
	assert_true(t->now_ns - fix * S < 2 * S);
	for (unsigned i = 0; i < t->world.scene->n_vessels; i++) {
		struct voyage_state s;
		if (t->world.scene->vessels[i].mmsi != (uint64_t)m->mmsi || !world_vessel(&t->world, i, fix * S, &s))
			continue;
		struct geo_point p = { s.lat_rad, s.lon_rad, 0 }, q = { lat / 600000.0 * GEO_DEG, lon / 600000.0 * GEO_DEG, 0 };
		double d;
		geo_inverse(&p, &q, &d, NULL);
		t->error2[i] += d * d;
		t->of_vessel[i]++;
	}
}

static void sink(void *user, const struct ais_message *m, const struct ais_sentence *sentence)
{
	struct tally *t = user;
	t->of_type[m->type]++;
	if (m->type == 1) {
		add_position(t, m, m->position.lat, m->position.lon, m->position.second);
		if (m->position.status == AIS_STATUS_DISTRESS) {
			assert_int_equal(m->mmsi, 970990001);
			if (!t->distress++)
				t->first_distress_ns = t->now_ns;
		}
	}
	if (m->type == 18)
		add_position(t, m, m->class_b.lat, m->class_b.lon, m->class_b.second);
	if (m->type == 5 && m->mmsi == 280000001 && !t->first_static_ns)
		t->first_static_ns = t->now_ns;
	if (m->type == 14)
		t->text += !strcmp(m->text.text, "SART ACTIVE");
	if (m->type == 24)
		t->part[m->static_b.partno]++;
}

static void play(struct tally *t, char *dir)
{
	struct scene *scene;
	struct scene_error e;
	const char *bad;
	struct emitter emitter;
	struct transponder_net net;
	int64_t before = 0, at;
	if (scene_parse("F", scene_text, strlen(scene_text), &scene, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(world_init(&t->world, scene, START, 3, &bad), 0);
	assert_int_equal(emitter_open_file(&emitter, EMITTER_TEXT, dir, "a", &scene->ais[0].to, &scene->ais[0].from), 0);
	assert_int_equal(transponder_init(&net, &t->world, &scene->ais[0], &emitter), 0);
	while ((at = transponder_next_ns(&net)) < START + MINUTES * 60 * S) {
		assert_true(at >= before);
		before = at;
		transponder_step(&net);
	}
	transponder_done(&net);
	assert_int_equal(emitter_close(&emitter), 0);
}

static void judge(const struct tally *t)
{
	/* 10 s below 14 kt, 6 s below 23 kt, 30 s for class B; jitter is even, so the mean holds within 2 %. */
	assert_near(t->of_vessel[0], MINUTES * 6, 8);
	assert_near(t->of_vessel[1], MINUTES * 10, 13);
	assert_near(t->of_vessel[2], MINUTES * 2, 3);
	assert_int_equal(t->of_vessel[3], 0); /* 78 km off */
	assert_near(t->of_type[21], MINUTES / 3, 1);
	assert_near(t->of_type[4], MINUTES * 6, 1);
	/* Static data of two of class A every 6 min, both parts of one of class B. */
	assert_near(t->of_type[5], 2 * MINUTES / 6, 2);
	assert_near(t->part[0], MINUTES / 6, 1);
	assert_near(t->part[1], t->part[0], 1);
	assert_true(t->first_static_ns < START + 31 * S);
	/* Bursts of eight, a text in the first and every fourth. */
	assert_true(t->first_distress_ns >= START + 30 * S && t->first_distress_ns < START + 31 * S);
	assert_near(t->distress + t->text, (MINUTES - 0.5) * 8, 8);
	assert_near(t->text, MINUTES / 4, 1);
	/* Two axes; four standard errors of a sigma are 4 / sqrt(4 n). The LSB adds 0.1 m. */
	assert_near(sqrt(t->error2[0] / t->of_vessel[0] / 2), 4, 0.5);
	assert_near(sqrt(t->error2[1] / t->of_vessel[1] / 2), 4, 0.4);
	assert_near(sqrt(t->error2[2] / t->of_vessel[2] / 2), 6, 1.2);
}

static void stations_speak_when_and_how_well_they_should(void **state)
{
	char dir[] = "/tmp/vedette-transponder-XXXXXX", path[64];
	struct recording rec;
	struct recording_datagram d;
	struct tally t = { 0 };
	static struct ais ais;
	assert_non_null(mkdtemp(dir));
	play(&t, dir);
	snprintf(path, sizeof(path), "%s/a.aivdm", dir);
	assert_int_equal(recording_open(&rec, path, 0), 0);
	ais_init(&ais);
	while (recording_next(&rec, &d)) {
		assert_true(d.time_ns > 0);
		t.now_ns = d.time_ns;
		ais_decode(&ais, (const char *)d.data, d.size, 0, d.time_ns, sink, &t);
	}
	recording_done(&rec);
	for (unsigned f = 0; f < _AIS_FAULT_MAX; f++)
		assert_int_equal(ais.stats.faults[f], 0);
	judge(&t);
	struct scene *scene = (struct scene *)(uintptr_t)t.world.scene;
	world_done(&t.world);
	scene_free(scene);
	unlink(path);
	rmdir(dir);
}

static void intervals_are_those_of_the_recommendation(void **state)
{
	struct scene_vessel v = { .ais = SCENE_AIS_A };
	struct voyage_state s = { 0 };
	assert_int_equal(transponder_interval_ns(&v, &s), 180 * S); /* at rest */
	s.sog_mps = 10 * GEO_KNOT_MPS;
	assert_int_equal(transponder_interval_ns(&v, &s), 10 * S);
	s.turn_rad_s = 1 * GEO_DEG;
	assert_int_equal(transponder_interval_ns(&v, &s), 10 * S / 3);
	s.sog_mps = 20 * GEO_KNOT_MPS;
	assert_int_equal(transponder_interval_ns(&v, &s), 2 * S);
	s.turn_rad_s = 0;
	assert_int_equal(transponder_interval_ns(&v, &s), 6 * S);
	s.sog_mps = 30 * GEO_KNOT_MPS;
	assert_int_equal(transponder_interval_ns(&v, &s), 2 * S);
	v.ais = SCENE_AIS_B;
	assert_int_equal(transponder_interval_ns(&v, &s), 30 * S);
	s.sog_mps = 1;
	assert_int_equal(transponder_interval_ns(&v, &s), 180 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stations_speak_when_and_how_well_they_should),
		cmocka_unit_test(intervals_are_those_of_the_recommendation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
