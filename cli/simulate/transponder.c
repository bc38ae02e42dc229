#include "cli/simulate/transponder.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "sensor/decode/ais/ais_encode.h"

#define SLOTS_PER_MINUTE 2250
#define MINUTE_NS (60 * CLOCK_NS_PER_S)
#define STATIC_NS (6 * MINUTE_NS)	   /* M.1371-5 annex 1, 4.2.1 */
#define FIRST_STATIC_NS (30 * CLOCK_NS_PER_S)
#define BASE_NS (10 * CLOCK_NS_PER_S)	   /* type 4 */
#define ATON_NS (3 * MINUTE_NS)		   /* type 21 */
#define BURST_MESSAGES 8		   /* annex 9: a SART's burst, 75 slots between two messages */
#define BURST_SLOTS 75
#define BURST_TEXT 5 /* the message of a burst that is the text */
#define TURNING_RAD_S (0.1 * GEO_DEG)	   /* course is taken as changing above this */
#define TURN_SHOWN_RAD_S (10.0 / 60 * GEO_DEG) /* 10 degrees a minute */

static int64_t slot_start_ns(int64_t now_ns, int64_t slot)
{
	return now_ns / MINUTE_NS * MINUTE_NS + slot * MINUTE_NS / SLOTS_PER_MINUTE;
}

/* The first slot that begins at or after now. */
static int64_t to_slot(int64_t now_ns)
{
	int64_t into = now_ns % MINUTE_NS, slot = into * SLOTS_PER_MINUTE / MINUTE_NS;
	while (slot_start_ns(now_ns, slot) < now_ns)
		slot++;
	return slot_start_ns(now_ns, slot);
}

int64_t transponder_interval_ns(const struct scene_vessel *v, const struct voyage_state *s)
{
	double kt = s->sog_mps / GEO_KNOT_MPS;
	bool turning = fabs(s->turn_rad_s) > TURNING_RAD_S;

	switch (v->ais) {
	case SCENE_AIS_A: /* table 1 */
		if ((v->status == 1 || v->status == 5 || kt < 0.5) && kt <= 3)
			return 3 * MINUTE_NS;
		if (kt <= 14)
			return turning ? 10 * CLOCK_NS_PER_S / 3 : 10 * CLOCK_NS_PER_S;
		if (kt <= 23)
			return turning ? 2 * CLOCK_NS_PER_S : 6 * CLOCK_NS_PER_S;
		return 2 * CLOCK_NS_PER_S;
	case SCENE_AIS_B: /* table 2: carrier sense units */
		return kt <= 2 ? 3 * MINUTE_NS : 30 * CLOCK_NS_PER_S;
	case SCENE_AIS_ATON:
		return ATON_NS;
	default:
		return 0;
	}
}

static int64_t jittered(struct dice *d, int64_t interval_ns)
{
	return interval_ns + llround((dice_uniform(d) - 0.5) * 0.2 * (double)interval_ns);
}

static void start_station(struct transponder_net *net, struct transponder *t, int vessel)
{
	const struct world *w = net->world;
	char name[64];
	*t = (struct transponder){ .vessel = vessel, .static_ns = INT64_MAX };
	if (vessel < 0) {
		t->position_ns = to_slot(w->start_ns);
		snprintf(name, sizeof(name), "base/%s", net->station->id);
		dice_init(&t->dice, w->seed, name);
		return;
	}
	const struct scene_vessel *v = &w->scene->vessels[vessel];
	snprintf(name, sizeof(name), "ais/%s", v->id);
	dice_init(&t->dice, w->seed, name);
	int64_t from = w->start_ns + (v->ais_after_ns > v->after_ns ? v->ais_after_ns : v->after_ns);
	if (v->ais == SCENE_AIS_SART) {
		t->position_ns = t->burst_ns = to_slot(from);
		return;
	}
	/* The first report comes within one interval of a vessel under way, so that nobody is in the dark for minutes. */
	double wait = v->ais == SCENE_AIS_B ? 30 : 10;
	t->position_ns = to_slot(from + llround(dice_uniform(&t->dice) * wait * 1e9));
	if (v->ais != SCENE_AIS_ATON)
		t->static_ns = to_slot(from + llround(dice_uniform(&t->dice) * (double)FIRST_STATIC_NS));
}

int transponder_init(struct transponder_net *net, const struct world *world, const struct scene_ais_station *station,
	struct emitter *emitter)
{
	const struct scene *s = world->scene;
	*net = (struct transponder_net){ .world = world, .station = station, .emitter = emitter };
	dice_init(&net->dice, world->seed, station->id);
	net->stations = calloc(s->n_vessels + 1, sizeof(net->stations[0]));
	if (!net->stations)
		return -ENOMEM;
	if (station->mmsi)
		start_station(net, &net->stations[net->n++], -1);
	for (unsigned i = 0; i < s->n_vessels; i++)
		if (s->vessels[i].ais != SCENE_AIS_NONE)
			start_station(net, &net->stations[net->n++], (int)i);
	return 0;
}

void transponder_done(struct transponder_net *net)
{
	free(net->stations);
	net->stations = NULL;
	net->n = 0;
}

bool transponder_heard(const struct world *world, const struct scene_ais_station *station, unsigned vessel,
	const struct voyage_state *s, int64_t now_ns)
{
	const struct scene_vessel *v = &world->scene->vessels[vessel];
	struct geo_point here = { station->at.lat_rad, station->at.lon_rad, 0 }, there = { s->lat_rad, s->lon_rad, 0 };
	double distance_m;
	if (v->ais == SCENE_AIS_NONE || now_ns - world->start_ns < v->ais_after_ns)
		return false;
	geo_inverse(&here, &there, &distance_m, NULL);
	return distance_m <= station->range_m;
}

static void say(struct transponder_net *net, struct transponder *t, int64_t time_ns, const struct ais_encode_message *m)
{
	char lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX], tag[AIS_ENCODE_TAG_MAX] = "";
	unsigned n = ais_encode_sentences(m, t->channel_b ? 'B' : 'A', net->group, lines);
	int64_t slots = (m->bits + 167) / 168;
	/* Channels alternate (M.1371-5 annex 2, 3.3.1). The receiver has the message when its last slot is over. */
	t->channel_b = !t->channel_b;
	net->group = (net->group + (n > 1)) % 10;
	time_ns += slots * MINUTE_NS / SLOTS_PER_MINUTE;
	if (net->station->tags)
		ais_encode_tag(&(struct ais_encode_tag){ .source = net->station->id, .time_ms = time_ns / CLOCK_NS_PER_MS }, tag);
	for (unsigned i = 0; i < n; i++) {
		char tagged[AIS_ENCODE_TAG_MAX + AIS_ENCODE_SENTENCE_MAX];
		int length = snprintf(tagged, sizeof(tagged), "%s%s", tag, lines[i]);
		emitter_send(net->emitter, time_ns, tagged, (size_t)length);
	}
	net->messages++;
}

static unsigned second_of(int64_t time_ns)
{
	return (unsigned)(time_ns / CLOCK_NS_PER_S % 60);
}

/* Position of the last whole second with the receiver's error, as the transponder believes it. */
static void measure(struct transponder *t, const struct scene_vessel *v, const struct voyage_state *s, int64_t fix_ns,
	double sigma_m, struct ais_encode_position *ret_p)
{
	struct geo_point at = { s->lat_rad, s->lon_rad, 0 }, off;
	double e = dice_normal(&t->dice) * sigma_m, n = dice_normal(&t->dice) * sigma_m;
	double drift = dice_normal(&t->dice), yaw = dice_normal(&t->dice);
	geo_direct(&at, atan2(e, n), hypot(e, n), &off);
	bool moves = s->sog_mps > 0.25;
	*ret_p = (struct ais_encode_position){ .mmsi = (uint32_t)v->mmsi, .status = (unsigned)v->status,
		.rot_rad_s = fabs(s->turn_rad_s) > TURN_SHOWN_RAD_S ? s->turn_rad_s : 0,
		.sog_mps = fmax(s->sog_mps + 0.05 * drift, 0), .accurate = sigma_m < 10, .lat_rad = off.lat_rad,
		.lon_rad = off.lon_rad, .cog_rad = moves ? s->course_rad + 0.5 * GEO_DEG * drift : NAN,
		.heading_rad = v->ais == SCENE_AIS_A ? s->course_rad + GEO_DEG * yaw : NAN, .second = second_of(fix_ns) };
}

static void say_position(struct transponder_net *net, struct transponder *t, const struct voyage_state *s, int64_t fix_ns)
{
	const struct scene_vessel *v = &net->world->scene->vessels[t->vessel];
	struct ais_encode_message m;
	struct ais_encode_position p;
	double sigma_m = v->ais == SCENE_AIS_A ? net->station->sigma_a_m : net->station->sigma_b_m;

	measure(t, v, s, fix_ns, sigma_m, &p);
	if (v->ais == SCENE_AIS_SART) {
		p.status = 14;
		p.rot_rad_s = NAN;
		ais_encode_type1(&p, &m);
	} else if (v->ais == SCENE_AIS_ATON) {
		struct ais_encode_aton a = { .mmsi = (uint32_t)v->mmsi, .kind = (unsigned)v->ship_type, .name = v->name,
			.lat_rad = p.lat_rad, .lon_rad = p.lon_rad, .second = p.second };
		ais_encode_type21(&a, &m);
	} else if (v->ais == SCENE_AIS_B) {
		ais_encode_type18(&p, &m);
	} else {
		ais_encode_type1(&p, &m);
	}
	say(net, t, t->position_ns, &m);
}

static void say_static(struct transponder_net *net, struct transponder *t)
{
	const struct scene_vessel *v = &net->world->scene->vessels[t->vessel];
	unsigned length = (unsigned)lround(v->length_m), beam = (unsigned)lround(v->beam_m);
	/* The reference point amidships: what the truth gives, and what a radar's plot is about. */
	struct ais_encode_static s = { .mmsi = (uint32_t)v->mmsi, .imo = (uint32_t)v->imo, .callsign = v->callsign,
		.name = v->name, .destination = v->destination, .ship_type = (unsigned)v->ship_type, .bow_m = length / 2,
		.stern_m = length - length / 2, .port_m = beam / 2, .starboard_m = beam - beam / 2, .eta_hour = 24,
		.eta_minute = 60, .draught_m = v->draught_m };
	struct ais_encode_message m;
	if (v->ais == SCENE_AIS_A) {
		ais_encode_type5(&s, &m);
		say(net, t, t->static_ns, &m);
		return;
	}
	if (t->part_b)
		ais_encode_type24b(&s, &m);
	else
		ais_encode_type24a(s.mmsi, s.name, &m);
	say(net, t, t->static_ns, &m);
}

static void step_base(struct transponder_net *net, struct transponder *t)
{
	const struct scene_ais_station *a = net->station;
	struct ais_encode_base b = { .mmsi = (uint32_t)a->mmsi, .time_ns = t->position_ns, .lat_rad = a->at.lat_rad,
		.lon_rad = a->at.lon_rad };
	struct ais_encode_message m;
	ais_encode_type4(&b, &m);
	say(net, t, t->position_ns, &m);
	t->position_ns = to_slot(t->position_ns + BASE_NS);
}

static void step_sart(struct transponder_net *net, struct transponder *t, const struct voyage_state *s, int64_t fix_ns,
	bool heard)
{
	const struct scene_vessel *v = &net->world->scene->vessels[t->vessel];
	uint64_t in_burst = t->burst % BURST_MESSAGES, bursts = t->burst / BURST_MESSAGES;
	struct ais_encode_message m;
	if (heard && in_burst == BURST_TEXT - 1 && bursts % 4 == 0) {
		ais_encode_type14((uint32_t)v->mmsi, "SART ACTIVE", &m);
		say(net, t, t->position_ns, &m);
	} else if (heard) {
		say_position(net, t, s, fix_ns);
	}
	t->burst++;
	if (t->burst % BURST_MESSAGES == 0)
		t->burst_ns = t->position_ns = to_slot(t->burst_ns + MINUTE_NS);
	else
		t->position_ns = to_slot(t->position_ns + BURST_SLOTS * MINUTE_NS / SLOTS_PER_MINUTE);
}

static void step_vessel(struct transponder_net *net, struct transponder *t)
{
	const struct scene_vessel *v = &net->world->scene->vessels[t->vessel];
	bool is_static = t->static_ns < t->position_ns;
	int64_t now = is_static ? t->static_ns : t->position_ns, fix_ns = now / CLOCK_NS_PER_S * CLOCK_NS_PER_S;
	struct voyage_state s = { 0 };
	bool there = world_vessel(net->world, (unsigned)t->vessel, fix_ns, &s);
	/* Chance is thrown whether heard or not, for the station's dice to go on evenly. */
	bool lost = dice_chance(&t->dice, net->station->loss);
	bool heard = there && !lost && transponder_heard(net->world, net->station, (unsigned)t->vessel, &s, now);

	if (v->ais == SCENE_AIS_SART) {
		step_sart(net, t, &s, fix_ns, heard);
	} else if (is_static) {
		if (heard)
			say_static(net, t);
		/* Type 24: part B follows part A, a second later here, within a minute by the rules. */
		t->part_b = v->ais == SCENE_AIS_B && !t->part_b;
		t->static_ns = to_slot(now + (t->part_b ? CLOCK_NS_PER_S : jittered(&t->dice, STATIC_NS)));
	} else {
		if (heard)
			say_position(net, t, &s, fix_ns);
		int64_t interval = there ? transponder_interval_ns(v, &s) : 10 * CLOCK_NS_PER_S;
		t->position_ns = to_slot(now + jittered(&t->dice, interval));
	}
}

static struct transponder *next_station(const struct transponder_net *net, int64_t *ret_ns)
{
	struct transponder *next = NULL;
	int64_t best = INT64_MAX;
	for (unsigned i = 0; i < net->n; i++) {
		struct transponder *t = &net->stations[i];
		int64_t at = t->static_ns < t->position_ns ? t->static_ns : t->position_ns;
		if (at < best) {
			best = at;
			next = t;
		}
	}
	*ret_ns = best;
	return next;
}

int64_t transponder_next_ns(const struct transponder_net *net)
{
	int64_t at;
	return next_station(net, &at) ? at + MINUTE_NS / SLOTS_PER_MINUTE : INT64_MAX;
}

void transponder_step(struct transponder_net *net)
{
	int64_t at;
	struct transponder *t = next_station(net, &at);
	if (!t)
		return;
	if (t->vessel < 0)
		step_base(net, t);
	else
		step_vessel(net, t);
}
