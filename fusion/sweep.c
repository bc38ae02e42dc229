/*
 * sweep - what a radar should have seen and did not.
 *
 * A turning radar looks at each place once a turn. Every track keeps the time of each radar's last
 * look at it; when the radar's own time has passed the next look and no plot came, that look was a
 * miss. The phase follows from the track's own plots, so no azimuth arithmetic and no north mark is
 * needed, though north marks move the radar's time in an empty sea.
 */
#include "fusion/existence.h"
#include "fusion/state.h"

#include <math.h>

/* A gap of so many turns is the radar's silence, not the vessel's: nobody looked. */
#define OUTAGE_TURNS 3
/* What a track may be off the place where it is filed: 10 s of an airliner. Beyond the radar's reach and this nobody looks. */
#define FILED_OFF_M 3000.0

static bool covered(const struct station *s, const struct record *r, int64_t time_ns)
{
	double h = (double)(time_ns - r->time_ns) * STATE_NS;
	double dx = r->estimate.x[0] + h * r->estimate.x[2] - s->x_m,
	       dy = r->estimate.x[1] + h * r->estimate.x[3] - s->y_m;

	return dx * dx + dy * dy <= s->max_range_m * s->max_range_m;
}

static void miss(struct tracker *t, struct record *r, struct source *s, int64_t time_ns)
{
	double visibility = existence_visibility(s->visibility);

	r->existence = state_existence(t, r, time_ns);
	if (time_ns > r->exist_ns)
		r->exist_ns = time_ns;
	existence_look(&r->existence, &visibility, t->config.detection * GATE_PG, 0);
	s->visibility = visibility;
	s->look_hit = false;
}

/* Return: true when the track was missed. */
static bool sweep_track(struct tracker *t, struct record *r, uint32_t station)
{
	const struct station *st = &t->stations[station];
	struct source *s = state_source(r, station);
	bool missed = false;

	if (!s)
		return false;
	if (!s->look_ns || st->swept_ns - s->look_ns > OUTAGE_TURNS * st->period_ns) {
		/* First in its reach: its turn is counted from here. */
		s->look_ns = st->swept_ns;
		s->look_hit = false;
		return false;
	}
	while (s->look_ns + st->period_ns <= st->swept_ns) {
		s->look_ns += st->period_ns;
		miss(t, r, s, s->look_ns);
		missed = true;
	}
	return missed;
}

void sweep_station(struct tracker *t, uint32_t station)
{
	struct station *s = &t->stations[station];

	if (!s->placed || !s->period_ns || s->swept_ns <= s->missed_ns)
		return;
	s->missed_ns = s->swept_ns;
	for (uint32_t slot = 0; slot < t->head->high_water; slot++) {
		struct record *r = &t->records[slot];
		if (!gate_grid_near(&t->grid, slot, s->x_m, s->y_m, s->max_range_m + FILED_OFF_M))
			continue;
		if (r->birth && covered(s, r, s->swept_ns) && sweep_track(t, r, station))
			state_review(t, slot);
	}
}
