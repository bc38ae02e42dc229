/*
 * sweep - what a radar should have seen and did not.
 *
 * A turning radar looks at each place once a turn. Every track keeps the time of each radar's last
 * look at it; when the radar's own time has passed the next look and no plot came, that look was a
 * miss. The phase follows from the track's own plots, so no azimuth arithmetic and no north mark is
 * needed, though north marks move the radar's time in an empty sea.
 */
#include "fusion/existence.h"
#include "fusion/explain_desk.h"
#include "fusion/state.h"

#include <math.h>
#include <string.h>

/* A gap of so many turns is the radar's silence, not the vessel's: nobody looked. */
#define OUTAGE_TURNS 3
/* A plot may be so much of a turn earlier than the radar's phase on this track says. */
#define LOOK_EARLY 2
#define STAMP_NS (INT64_C(1) << 20) /* a state_stamp is early by less */

static bool turns(const struct station *s)
{
	/* Another's tracker does not say what it did not see. */
	return s->sensor == PLOT_SENSOR_RADAR && s->placed && s->period_ns && (s->tells_plots || !s->tells_tracks);
}

/* Plots carry corrected times: so do looks. */
static int64_t swept_ns(const struct station *s)
{
	return s->swept_ns + registration_shift_ns(&s->registration);
}

static bool covered(const struct station *s, const double x[4], double h_s)
{
	double dx = x[0] + h_s * x[2] - s->x_m, dy = x[1] + h_s * x[3] - s->y_m;

	return dx * dx + dy * dy <= s->max_range_m * s->max_range_m;
}

static void miss(const struct tracker *t, struct record *r, struct source *s, double detection, int64_t time_ns)
{
	double visibility = existence_visibility(s->visibility);

	r->existence = state_existence(t, r, time_ns);
	if (time_ns > r->exist_ns)
		r->exist_ns = time_ns;
	existence_look(&r->existence, &visibility, detection * GATE_PG, 0);
	s->visibility = (float)visibility;
	s->look_hit = false;
}

/* Its last look at the track; 0 = none yet. One ahead of the radar's own time is one that a month of silence has made look so. */
static int64_t last_look(const struct tracker *t, const struct source *s)
{
	const struct station *st = &t->stations[s->station];
	int64_t look = s->look ? state_stamp_ns(s->look, t->head->now_ns) : 0;

	return look <= swept_ns(st) + st->period_ns ? look : 0;
}

/* The radar's looks at the track that ended before @end_ns. */
static void catch_up(struct tracker *t, struct record *r, struct source *s, int64_t end_ns)
{
	struct station *st = &t->stations[s->station];
	int64_t look = last_look(t, s);
	bool missed = false;
	double x[4];

	if (!look || swept_ns(st) - look > OUTAGE_TURNS * st->period_ns) {
		/* First in its reach: its turn is counted from here. */
		s->look = state_stamp_of(swept_ns(st));
		s->look_hit = false;
		s->unproven = 0;
		return;
	}
	filter_place(&r->filter, x);
	for (look += st->period_ns; look <= end_ns; look += st->period_ns) {
		/* Of several at once only the first counts: the radar may have been out. */
		if (!missed && state_existence(t, r, look) > COVERAGE_SURE)
			coverage_miss(&st->coverage, x[0], x[1], r->time_ns > look - st->period_ns + STAMP_NS,
				&s->unproven);
		missed = true;
		s->look = state_stamp_of(look);
		miss(t, r, s, coverage_pd(&st->coverage, x[0], x[1]), look);
	}
}

void sweep_until(struct tracker *t, struct record *r, struct source *s, int64_t time_ns)
{
	const struct station *st = &t->stations[s->station];

	if (st->period_ns && s->look)
		catch_up(t, r, s, time_ns - st->period_ns / LOOK_EARLY);
}

bool sweep_record(struct tracker *t, struct record *r)
{
	bool missed = false;
	double x[4];

	r->due_ns = INT64_MAX;
	filter_place(&r->filter, x);
	for (uint32_t i = 0; i < r->n_sources; i++) {
		struct source *s = &r->sources[i];
		const struct station *st = &t->stations[s->station];
		if (!turns(st) || !st->swept_ns)
			continue;
		int64_t look = last_look(t, s), due = (look ? look : swept_ns(st)) + st->period_ns;
		if ((!look || due <= swept_ns(st)) && covered(st, x, (double)(swept_ns(st) - r->time_ns) * STATE_NS)) {
			bool hit = s->look_hit;
			catch_up(t, r, s, swept_ns(st));
			missed |= due <= swept_ns(st);
			if (hit && !s->look_hit)
				explain_desk_event(t, EXPLAIN_MISSED, r, s->station, 0, due);
			due = state_stamp_ns(s->look, t->head->now_ns) + st->period_ns;
		}
		if (due < r->due_ns)
			r->due_ns = due;
	}
	return missed;
}

/* --- which radars reach where --- */

static uint32_t square_of(const struct tracker *t, double x_m, double y_m)
{
	int32_t cx = (int32_t)floor(x_m / t->reach_cell_m), cy = (int32_t)floor(y_m / t->reach_cell_m);
	uint32_t h = (uint32_t)cx * 73856093u ^ (uint32_t)cy * 19349663u;

	return (h ^ h >> 15) % SWEEP_SQUARES(t->config.max_stations);
}

/* The squares a radar reaches into, each once: no more than nine, a square is as wide as the farthest reach. */
static unsigned squares_of(const struct tracker *t, const struct station *s, uint32_t ret_squares[static 9])
{
	unsigned n = 0;

	for (int k = 0; k < 9; k++) {
		uint32_t q = square_of(t, s->x_m + (k % 3 - 1) * s->max_range_m, s->y_m + (k / 3 - 1) * s->max_range_m);
		bool known = false;
		for (unsigned i = 0; i < n; i++)
			known |= ret_squares[i] == q;
		if (!known)
			ret_squares[n++] = q;
	}
	return n;
}

/* A counting sort: heads[q] .. heads[q + 1] index into the list, stations ascending. */
static void learn_reach(struct tracker *t)
{
	const uint32_t n_squares = SWEEP_SQUARES(t->config.max_stations);
	uint32_t *heads = t->reach_heads, squares[9];

	t->reach_known = true;
	t->reach_cell_m = 1;
	for (uint32_t i = 0; i < t->head->n_stations; i++)
		if (turns(&t->stations[i]) && t->stations[i].max_range_m > t->reach_cell_m)
			t->reach_cell_m = t->stations[i].max_range_m;
	memset(heads, 0, (n_squares + 2) * sizeof(*heads));
	for (uint32_t i = 0; i < t->head->n_stations; i++)
		for (unsigned k = turns(&t->stations[i]) ? squares_of(t, &t->stations[i], squares) : 0; k > 0; k--)
			heads[squares[k - 1] + 2]++;
	for (uint32_t q = 2; q < n_squares + 2; q++)
		heads[q] += heads[q - 1];
	for (uint32_t i = 0; i < t->head->n_stations; i++)
		for (unsigned k = turns(&t->stations[i]) ? squares_of(t, &t->stations[i], squares) : 0; k > 0; k--)
			t->reach_list[heads[squares[k - 1] + 1]++] = i;
}

void sweep_acquire(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	double x[4];

	if (!t->reach_known)
		learn_reach(t);
	r->acquired = true;
	filter_place(&r->filter, x);
	uint32_t q = square_of(t, x[0], x[1]);
	for (uint32_t k = t->reach_heads[q]; k < t->reach_heads[q + 1]; k++)
		if (covered(&t->stations[t->reach_list[k]], x, 0))
			if (!state_source(r, t->reach_list[k]) && state_source_add(r, t->reach_list[k], false))
				r->due_ns = 0;
}
