#include "hub/policy.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>
#include <string.h>

/* Ours below 54.5 N, the neighbour's above, a third centre's far away. */
static const char sections[] =
	"{\"type\":\"FeatureCollection\",\"features\":["
	"{\"type\":\"Feature\",\"properties\":{\"id\":\"a\",\"version\":1,\"name\":\"A\",\"centre\":\"xa\",\"kind\":\"sea\",\"neighbours\":[\"xb\"]},"
	"\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[11,54],[12,54],[12,54.5],[11,54.5],[11,54]]]}},"
	"{\"type\":\"Feature\",\"properties\":{\"id\":\"b\",\"version\":1,\"name\":\"B\",\"centre\":\"xb\",\"kind\":\"sea\",\"neighbours\":[\"xa\"]},"
	"\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[11,54.5],[12,54.5],[12,55],[11,55],[11,54.5]]]}},"
	"{\"type\":\"Feature\",\"properties\":{\"id\":\"c\",\"version\":1,\"name\":\"C\",\"centre\":\"xc\",\"kind\":\"sea\",\"neighbours\":[]},"
	"\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[20,54],[21,54],[21,55],[20,55],[20,54]]]}}]}";

static const char rules[] = "[Policy]\nVersion=7\nBuffer=300 m\n"
			    "[Rule]\nId=neighbour\nObject=track\nPeer=xb\nSection=adjacent\nSensors=radar ais\nIdentifiers=mmsi name\n"
			    "[Rule]\nId=sos\nObject=distress\nPeer=*\nSection=adjacent\nIdentifiers=mmsi\n"
			    "[Rule]\nId=harbour\nObject=track\nPeer=xc\nSection=a c\nSensors=ais\n"
			    "[Rule]\nId=agency\nObject=track\nPeer=xf\nSection=*\nSensors=radar ais camera adsb\nIdentifiers=mmsi icao24 imo callsign name\n";

static struct section_set *set;
static struct policy *policy;

static int start(void **state)
{
	char error[SECTION_ERROR_MAX];
	struct conf_error ce;
	assert_int_equal(section_parse("s", sections, strlen(sections), &set, error), 0);
	assert_int_equal(policy_parse("p.conf", rules, strlen(rules), &policy, &ce), 0);
	return 0;
}

static int stop(void **state)
{
	section_free(set);
	policy_free(policy);
	return 0;
}

#define M(metres) ((metres) / 111300.0) /* degrees of latitude at 54.5 N */

enum { RADAR = 1, AIS = 2, CAMERA = 4, ADSB = 8 };

static const struct row {
	const char *what, *peer;
	enum policy_class class;
	double lat, lon;
	enum track_state state;
	unsigned sensors;
	bool distress, test, foreign, had;
	/* expected */
	bool release;
	enum policy_reason reason;
	const char *rule, *section;
	enum policy_lane lane;
} table[] = {
	{ "inside the neighbour's section", "xb", 0, 54.7, 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 0, true, POLICY_INSIDE, "neighbour", "b",
		POLICY_LANE_TRACKS },
	{ "coasting is still told", "xb", 0, 54.7, 11.5, TRACK_COASTING, AIS, 0, 0, 0, 1, true, POLICY_INSIDE, "neighbour", "b",
		POLICY_LANE_TRACKS },
	{ "tentative stays", "xb", 0, 54.7, 11.5, TRACK_TENTATIVE, RADAR, 0, 0, 0, 0, false, POLICY_TENTATIVE, NULL, NULL, 0 },
	{ "camera alone stays", "xb", 0, 54.7, 11.5, TRACK_CONFIRMED, CAMERA, 0, 0, 0, 0, false, POLICY_NO_SENSOR, NULL, NULL, 0 },
	{ "in our own waters", "xb", 0, 54.3, 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 0, false, POLICY_OUTSIDE, NULL, NULL, 0 },
	{ "200 m outside, never had", "xb", 0, 54.5 - M(200), 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 0, false, POLICY_OUTSIDE, NULL, NULL,
		0 },
	{ "200 m outside, had", "xb", 0, 54.5 - M(200), 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 1, true, POLICY_WITHIN_BUFFER, "neighbour",
		"b", POLICY_LANE_TRACKS },
	{ "400 m outside, had", "xb", 0, 54.5 - M(400), 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 1, false, POLICY_OUTSIDE, NULL, NULL, 0 },
	{ "the end of what it had", "xb", 0, 54.7, 11.5, TRACK_DROPPED, RADAR, 0, 0, 0, 1, true, POLICY_ENDED, "neighbour", "b",
		POLICY_LANE_TRACKS },
	{ "the end of what it never had", "xb", 0, 54.7, 11.5, TRACK_DROPPED, RADAR, 0, 0, 0, 0, false, POLICY_ENDED, "neighbour", "b",
		POLICY_LANE_TRACKS },
	{ "another centre's track", "xb", 0, 54.7, 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 1, 0, false, POLICY_FOREIGN, NULL, NULL, 0 },
	{ "another centre's distress, too", "xb", 0, 54.7, 11.5, TRACK_CONFIRMED, AIS, 1, 0, 1, 0, false, POLICY_FOREIGN, NULL, NULL, 0 },
	{ "distress in our waters", "xb", 0, 54.3, 11.5, TRACK_CONFIRMED, AIS, 1, 0, 0, 0, true, POLICY_ANYWHERE, "sos", NULL,
		POLICY_LANE_DISTRESS },
	{ "distress not confirmed yet", "xb", 0, 54.3, 11.5, TRACK_TENTATIVE, AIS, 1, 0, 0, 0, true, POLICY_ANYWHERE, "sos", NULL,
		POLICY_LANE_DISTRESS },
	{ "distress before the track's rule", "xb", 0, 54.7, 11.5, TRACK_CONFIRMED, AIS, 1, 0, 0, 1, true, POLICY_ANYWHERE, "sos", NULL,
		POLICY_LANE_DISTRESS },
	{ "a test call is a track like any", "xb", 0, 54.7, 11.5, TRACK_CONFIRMED, AIS, 1, 1, 0, 0, true, POLICY_INSIDE, "neighbour", "b",
		POLICY_LANE_TRACKS },
	{ "a test call in our waters", "xb", 0, 54.3, 11.5, TRACK_CONFIRMED, AIS, 1, 1, 0, 0, false, POLICY_OUTSIDE, NULL, NULL, 0 },
	{ "distress to one that is no neighbour", "xc", 0, 54.7, 11.5, TRACK_CONFIRMED, RADAR, 1, 0, 0, 0, false, POLICY_OUTSIDE, NULL, NULL,
		0 },
	{ "distress to a rescue centre", "xr", POLICY_RCC, 54.3, 11.5, TRACK_CONFIRMED, AIS, 1, 0, 0, 0, true, POLICY_ANYWHERE, "sos", NULL,
		POLICY_LANE_DISTRESS },
	{ "a track to a rescue centre", "xr", POLICY_RCC, 54.3, 11.5, TRACK_CONFIRMED, AIS, 0, 0, 0, 0, false, POLICY_NO_RULE, NULL, NULL,
		0 },
	{ "sections by id, ours", "xc", 0, 54.3, 11.5, TRACK_CONFIRMED, AIS, 0, 0, 0, 0, true, POLICY_INSIDE, "harbour", "a",
		POLICY_LANE_TRACKS },
	{ "sections by id, its own", "xc", 0, 54.3, 20.5, TRACK_CONFIRMED, AIS, 0, 0, 0, 0, true, POLICY_INSIDE, "harbour", "c",
		POLICY_LANE_TRACKS },
	{ "sections by id, wrong sensor", "xc", 0, 54.3, 20.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 0, false, POLICY_NO_SENSOR, NULL, NULL, 0 },
	{ "anywhere", "xf", POLICY_AGENCY, 10, 10, TRACK_CONFIRMED, CAMERA, 0, 0, 0, 0, true, POLICY_ANYWHERE, "agency", NULL,
		POLICY_LANE_TRACKS },
	{ "nobody in particular", "xz", 0, 54.7, 11.5, TRACK_CONFIRMED, RADAR, 0, 0, 0, 0, false, POLICY_NO_RULE, NULL, NULL, 0 },
};

static void check_row(const struct row *row)
{
	struct track t = fixture_track(1, 1, row->lat, row->lon);
	struct policy_peer peer = { row->peer, row->class };
	char why[128];
	t.state = row->state;
	t.distress = row->distress ? PLOT_DISTRESS_SART : PLOT_DISTRESS_NONE;
	t.distress_test = row->test;
	if (row->foreign)
		snprintf(t.id.origin, sizeof(t.id.origin), "xq");
	t.n_sources = 0;
	for (unsigned s = 0; s < 4; s++)
		if (row->sensors & 1u << s)
			t.sources[t.n_sources++].sensor = s;
	struct policy_decision d = policy_decide(policy, set, &t, &peer, "xa", row->had);
	bool same = d.release == row->release && d.reason == row->reason &&
		    (row->rule ? d.rule && !strcmp(d.rule->id, row->rule) : !d.rule) &&
		    (row->section ? d.section && !strcmp(d.section->id, row->section) : !d.section) &&
		    (!d.release || d.lane == row->lane);
	if (!same)
		fail_msg("%s: release %d, rule %s, %s", row->what, d.release, d.rule ? d.rule->id : "none",
			policy_explain(&d, why, sizeof(why)));
}

static void decisions_are_as_the_table_says(void **state)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check_row(&table[i]);
}

static void without_a_policy_nothing_leaves(void **state)
{
	struct track t = fixture_track(1, 1, 54.7, 11.5);
	struct policy_peer peer = { "xb", POLICY_NCC };
	t.distress = PLOT_DISTRESS_MOB;
	assert_false(policy_decide(NULL, set, &t, &peer, "xa", true).release);
	assert_false(policy_decide(policy, NULL, &t, &peer, "xa", true).release);
}

static void only_what_the_rule_names_leaves(void **state)
{
	struct track t = fixture_track(1, 1, 54.7, 11.5), out;
	struct policy_peer peer = { "xb", POLICY_NCC };
	policy_redact(&t, &policy->rules[0], &peer, &out);
	assert_int_equal(out.n_ids, 1);
	assert_int_equal(out.ids[0].kind, PLOT_ID_MMSI);
	assert_int_equal(out.ids[1].value, 0);
	assert_string_equal(out.identity.name, "FEHMARN");
	assert_string_equal(out.identity.callsign, "");
	assert_int_equal(out.identity.imo, 0);
	assert_int_equal(out.identity.length_m, 180); /* what it is, not who */
	assert_int_equal(out.n_sources, 2);
	assert_int_equal(out.parent, 0);
	for (unsigned i = 0; i < TRACK_SENSORS_MAX; i++)
		assert_string_not_equal(out.sources[i].feed, "camera1");
}

/* What speaks against an identity names it: it leaves only where the identity does. */
static void a_standing_leaves_with_its_identity_only(void **state)
{
	struct track t = fixture_track(1, 1, 54.7, 11.5), out;
	struct policy_peer peer = { "xb", POLICY_NCC }, third = { "xf", POLICY_THIRD_COUNTRY };
	t.standing = (struct track_standing){ TRACK_STANDING_TWIN, PLOT_ID_MMSI, 211000001, 3, FIXTURE_NS, 100 };
	policy_redact(&t, &policy->rules[0], &peer, &out);
	assert_int_equal(out.standing.kind, TRACK_STANDING_TWIN);
	policy_redact(&t, &policy->rules[3], &third, &out);
	assert_int_equal(out.standing.kind, TRACK_STANDING_NONE);
	assert_int_equal(out.standing.value, 0);
	t.standing.id_kind = PLOT_ID_ICAO24;
	policy_redact(&t, &policy->rules[0], &peer, &out);
	assert_int_equal(out.standing.value, 0);
}

static void the_camera_is_never_named_even_where_a_rule_does(void **state)
{
	struct track t = fixture_track(1, 1, 54.7, 11.5), out;
	struct policy_peer agency = { "xf", POLICY_AGENCY };
	policy_redact(&t, &policy->rules[3], &agency, &out);
	assert_int_equal(out.n_sources, 2);
	assert_int_equal(out.n_ids, 2);
	assert_int_equal(out.identity.imo, 9074729);
}

static void a_third_country_gets_no_identifier(void **state)
{
	struct track t = fixture_track(1, 1, 54.7, 11.5), out;
	struct policy_peer third = { "xf", POLICY_THIRD_COUNTRY };
	policy_redact(&t, &policy->rules[3], &third, &out);
	assert_int_equal(out.n_ids, 0);
	assert_string_equal(out.identity.name, "");
	assert_string_equal(out.identity.callsign, "");
	assert_int_equal(out.identity.imo, 0);
}

static void a_mistake_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "no [Rule] section" },
		{ "[Policy]\nVersion=1\n", "no [Rule] section" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=boat\nPeer=*\nSection=*\n", "p.conf:5" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n[Rule]\nId=b\nObjet=track\n", "p.conf:10" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=track\nPeer=*\nSection=*\n", "needs Sensors" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=track\nPeer=*\nSection=*\nSensors=sonar\n", "p.conf:3" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\nIdentifiers=passport\n", "allow list" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n",
			"p.conf:8" },
		{ "[Policy]\nVersion=1\n[Rule]\nId=a\nObject=distress\nSection=*\n", "Peer" },
		{ "[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n", "Version" },
		{ "[Policy]\nVersion=1\nBuffer=300\n[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n", "p.conf:3" },
		{ "[Policy]\nVersion=1\n[Rules]\nId=a\n[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n", "p.conf:3" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct policy *p = NULL;
		struct conf_error ce = { "" };
		assert_int_equal(policy_parse("p.conf", bad[i].text, strlen(bad[i].text), &p, &ce), -EINVAL);
		assert_null(p);
		if (!strstr(ce.text, bad[i].why))
			fail_msg("'%s' does not say '%s'", ce.text, bad[i].why);
	}
}

static void the_head_holds_for_every_rule_wherever_it_stands(void **state)
{
	static const char text[] = "[Rule]\nId=a\nObject=distress\nPeer=*\nSection=*\n[Policy]\nVersion=3\n[Rule]\nId=b\nObject=distress\n"
				   "Peer=xb xc\nPeer=xd\nSection=*\n";
	struct policy *p = NULL;
	struct conf_error ce = { "" };
	assert_int_equal(policy_parse("p.conf", text, strlen(text), &p, &ce), 0);
	assert_int_equal(p->version, 3);
	assert_int_equal(p->n_rules, 2);
	assert_int_equal(p->rules[1].peers.n, 3);
	assert_int_equal(strlen(p->digest), 64);
	policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_are_as_the_table_says),
		cmocka_unit_test(without_a_policy_nothing_leaves),
		cmocka_unit_test(only_what_the_rule_names_leaves),
		cmocka_unit_test(a_standing_leaves_with_its_identity_only),
		cmocka_unit_test(the_camera_is_never_named_even_where_a_rule_does),
		cmocka_unit_test(a_third_country_gets_no_identifier),
		cmocka_unit_test(a_mistake_is_named_with_its_line),
		cmocka_unit_test(the_head_holds_for_every_rule_wherever_it_stands),
	};
	return cmocka_run_group_tests_name("hub-policy", tests, start, stop);
}
