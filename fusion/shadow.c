#include "fusion/shadow.h"

#include "fusion/state.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define PROBES 4	    /* places a vessel may have in the table */
#define ERRORS_MAX 20000    /* of one kind before they are halved */
#define OCTAVE_MIN 1021	    /* biased exponent of 1/4 m */
#define GAP_NS INT64_C(200000000000)	     /* a longer silence is not time followed: 180 s is AIS's longest interval (M.1371-5) */
#define LOOK_AGAIN_NS INT64_C(60000000000)   /* at coverage: a mile at 60 knots */
#define ALIVE_NS INT64_C(30000000000)	     /* a radar silent for so long covers nothing */
#define ALONE_NS INT64_C(60000000000)	     /* since the last report in a track that is radar's alone */
#define FRESH_TURNS 3
#define PERIOD_NS INT64_C(5000000000) /* of a radar that has not told */
#define REACH_S 2.0		      /* tracks are filed every two seconds, where they were then */
#define SPEED_MAX_MPS 60.0

struct vessel {
	uint32_t mmsi; /* 0 = free */
	uint32_t birth; /* track that held it last; 0 = none yet */
	int64_t last_ns, looked_ns, fresh_ns; /* last report; last look at coverage; what was fresh there, 0 = not covered */
	bool covered, held;
};

struct shadow {
	struct vessel vessels[SHADOW_VESSELS];
	struct shadow_errors fused, radar;
	uint64_t reports, astray, switches, vessel_ms, near_reports, near_tracks;
};

int shadow_new(struct shadow **ret_s)
{
	struct shadow *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret_s = s;
	return 0;
}

void shadow_free(struct shadow *s)
{
	free(s);
}

/* --- errors --- */

/* The exponent and the four highest bits of the fraction: linear within an octave. */
void shadow_errors_add(struct shadow_errors *e, double error_m)
{
	uint64_t bits;

	if (!(error_m >= 0) || !isfinite(error_m))
		return;
	memcpy(&bits, &error_m, sizeof(bits));
	int64_t bin = (int64_t)(bits >> 48) - OCTAVE_MIN * 16;
	bin = bin < 0 ? 0 : bin < SHADOW_BINS ? bin : SHADOW_BINS - 1;
	if (e->n >= ERRORS_MAX) {
		e->n = 0;
		for (unsigned i = 0; i < SHADOW_BINS; i++)
			e->n += e->bins[i] /= 2;
	}
	e->bins[bin]++;
	e->n++;
}

static double bin_start_m(unsigned bin)
{
	uint64_t bits = ((uint64_t)OCTAVE_MIN * 16 + bin) << 48;
	double m;

	memcpy(&m, &bits, sizeof(m));
	return bin ? m : 0;
}

double shadow_errors_quantile(const struct shadow_errors *e, double share)
{
	double before = 0, wanted = share * e->n;

	for (unsigned i = 0; i < SHADOW_BINS; i++) {
		if (e->bins[i] && before + e->bins[i] >= wanted) {
			double start = bin_start_m(i), part = (wanted - before) / e->bins[i];
			return start + part * (bin_start_m(i + 1) - start);
		}
		before += e->bins[i];
	}
	return NAN;
}

/* --- vessels --- */

/* Its place, or one to take: free, or of a vessel not heard within the window. */
static struct vessel *find(struct shadow *s, uint32_t mmsi, int64_t time_ns)
{
	uint32_t at = mmsi * UINT32_C(2654435769) >> 20; /* golden ratio: Knuth, TAOCP 3, 6.4 */
	struct vessel *room = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct vessel *v = &s->vessels[(at + i) % SHADOW_VESSELS];
		if (v->mmsi == mmsi)
			return v;
		if (!room && (!v->mmsi || time_ns - v->last_ns > SHADOW_WINDOW_NS))
			room = v;
	}
	if (room)
		*room = (struct vessel){ .mmsi = mmsi };
	return room;
}

static void note(struct shadow *s, struct vessel *v, const struct shadow_sight *sight)
{
	bool near = sight->birth && sight->error_m <= SHADOW_NEAR_M;

	if (v->last_ns && sight->time_ns - v->last_ns <= GAP_NS)
		s->vessel_ms += (uint64_t)(sight->time_ns - v->last_ns) / 1000000;
	v->last_ns = sight->time_ns;
	v->covered = sight->covered;
	v->held = near && sight->radar;
	s->reports++;
	s->astray += sight->named && !near;
	s->near_tracks += sight->near;
	s->near_reports += sight->near > 0;
	if (!near)
		return;
	s->switches += v->birth && v->birth != sight->birth;
	v->birth = sight->birth;
	if (sight->radar)
		shadow_errors_add(sight->radar_only ? &s->radar : &s->fused, sight->error_m);
}

void shadow_observe(struct shadow *s, const struct shadow_sight *sight)
{
	struct vessel *v = find(s, sight->mmsi, sight->time_ns);

	if (v && sight->time_ns > v->last_ns)
		note(s, v, sight);
}

void shadow_count(const struct shadow *s, int64_t now_ns, struct shadow_figures *ret_f)
{
	struct shadow_figures f = { s->reports, s->astray, s->switches, s->vessel_ms, s->near_reports, s->near_tracks };

	for (unsigned i = 0; i < SHADOW_VESSELS; i++) {
		const struct vessel *v = &s->vessels[i];
		bool counts = v->mmsi && v->covered && now_ns - v->last_ns <= SHADOW_WINDOW_NS;
		f.vessels += counts;
		f.held += counts && v->held;
	}
	f.fused_p50_m = shadow_errors_quantile(&s->fused, 0.5);
	f.fused_p95_m = shadow_errors_quantile(&s->fused, 0.95);
	f.radar_p50_m = shadow_errors_quantile(&s->radar, 0.5);
	f.radar_p95_m = shadow_errors_quantile(&s->radar, 0.95);
	*ret_f = f;
}

/* --- in the tracker --- */

/* Radars that turn and reach the place. Return: what counts as fresh there, 0 = there is none. */
static int64_t coverage(const struct tracker *t, const struct tracker_input *m)
{
	int64_t period = 0;

	for (uint32_t i = 0; i < t->head->n_stations; i++) {
		const struct station *s = &t->stations[i];
		double dx = m->in.x_m - s->x_m, dy = m->in.y_m - s->y_m;
		int64_t turn = s->period_ns > 0 ? s->period_ns : PERIOD_NS;
		if (s->sensor != PLOT_SENSOR_RADAR || !s->placed || m->in.time_ns - s->clock_ns > ALIVE_NS ||
			dx * dx + dy * dy > s->max_range_m * s->max_range_m)
			continue;
		period = turn > period ? turn : period;
	}
	return FRESH_TURNS * period;
}

static bool is_fresh(const struct record *r, int64_t time_ns, int64_t fresh_ns)
{
	return r->radar_ns && time_ns - r->radar_ns <= fresh_ns;
}

static bool is_alone(const struct record *r, int64_t time_ns)
{
	return !r->report_ns || time_ns - r->report_ns > ALONE_NS;
}

static double error_of(const struct tracker *t, const struct record *r, const struct tracker_input *m)
{
	struct filter_mode e;
	struct filter f;

	state_predict(t, r, m->in.time_ns, &f);
	filter_estimate(&f, &e);
	double dx = e.x[0] - m->in.x_m, dy = e.x[1] - m->in.y_m;
	return sqrt(dx * dx + dy * dy);
}

/* Somebody other than @entry for sure; IDENTITY_NONE: anybody. */
static bool is_named(const struct tracker *t, uint32_t slot, uint32_t entry)
{
	const struct identity_labels *l = &t->records[slot].labels;

	for (uint32_t i = 0; i < l->n; i++)
		if (l->entries[i] != entry && identity_probability(&t->entries[l->entries[i]], slot) >= IDENTITY_SURE)
			return true;
	return false;
}

/* The nearest track that may be the sender's, and how many there are. Return: slot or GATE_NONE. */
static uint32_t nearest(const struct tracker *t, const struct tracker_input *m, uint32_t entry, uint32_t *ret_near)
{
	double late_s = (double)(t->head->now_ns - m->in.time_ns) * STATE_NS;
	double reach = SHADOW_NEAR_M + SPEED_MAX_MPS * (REACH_S + (late_s > 0 ? late_s : 0)), best = SHADOW_NEAR_M;
	uint32_t slots[STATE_CANDIDATES], found = GATE_NONE;
	uint64_t cut = 0;
	size_t n = gate_grid_find(&t->grid, m->in.x_m, m->in.y_m, reach, reach, slots, STATE_CANDIDATES, &cut);

	for (size_t i = 0; i < n; i++) {
		const struct record *r = &t->records[slots[i]];
		double d = error_of(t, r, m);
		if (r->state == TRACK_TENTATIVE || d > SHADOW_NEAR_M || is_named(t, slots[i], entry))
			continue;
		++*ret_near;
		if (d <= best) {
			best = d;
			found = slots[i];
		}
	}
	return found;
}

static bool is_vessel(const struct tracker_input *m)
{
	/* M.585: the first digit of a ship station's is that of its country, 2 to 7. */
	return m->id_kind == PLOT_ID_MMSI && m->id >= 200000000 && m->id < 800000000 && !m->airborne && !m->distress;
}

static struct shadow_sight look(const struct tracker *t, const struct tracker_input *m, uint32_t entry, int64_t fresh_ns)
{
	struct shadow_sight sight = { .mmsi = m->id, .time_ns = m->in.time_ns, .covered = fresh_ns > 0, .error_m = NAN };
	double trust = 0;
	uint32_t slot = nearest(t, m, entry, &sight.near), carrier = identity_carrier(&t->entries[entry], &trust);

	if (carrier != IDENTITY_NONE && trust >= IDENTITY_SURE && t->records[carrier].state != TRACK_TENTATIVE) {
		sight.named = true;
		slot = carrier;
	}
	if (slot == GATE_NONE)
		return sight;
	const struct record *r = &t->records[slot];
	sight.birth = r->birth;
	sight.error_m = error_of(t, r, m);
	sight.radar = is_fresh(r, m->in.time_ns, fresh_ns);
	sight.radar_only = sight.radar && is_alone(r, m->in.time_ns);
	return sight;
}

void shadow_report(struct tracker *t, const struct tracker_input *m, uint32_t entry)
{
	if (entry == IDENTITY_NONE || !is_vessel(m))
		return;
	struct vessel *v = find(t->shadow, m->id, m->in.time_ns);
	if (!v || m->in.time_ns <= v->last_ns)
		return;
	if (!v->looked_ns || m->in.time_ns - v->looked_ns > LOOK_AGAIN_NS) {
		v->fresh_ns = coverage(t, m);
		v->looked_ns = m->in.time_ns;
	}
	struct shadow_sight sight = look(t, m, entry, v->fresh_ns);
	note(t->shadow, v, &sight);
}

void shadow_read(const struct tracker *t, struct shadow_figures *ret_f)
{
	int64_t now_ns = t->head->now_ns, fresh_ns = FRESH_TURNS * PERIOD_NS;

	shadow_count(t->shadow, now_ns, ret_f);
	for (uint32_t slot = 0; slot < t->head->high_water; slot++) {
		const struct record *r = &t->records[slot];
		if (!r->birth || r->state != TRACK_CONFIRMED || !is_fresh(r, now_ns, fresh_ns))
			continue;
		ret_f->tracks++;
		ret_f->unnamed += !is_named(t, slot, IDENTITY_NONE);
	}
}
