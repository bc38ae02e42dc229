#include "cli/accuracy.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fusion/assign.h"

#define TOLERANCE 0.3 /* of a step */
#define NONE UINT32_MAX

/* Rows at grid times, in order of (step, id): one a step and id. */
struct grid {
	struct point {
		int64_t step;
		double off_s;
		const struct trackfile_row *row;
	} *points;
	size_t n, at; /* at: first point not yet looked at */
};

/* The points of one grid time, and what was found about them. */
struct side {
	const struct point *points;
	uint32_t n;
	uint32_t *partner; /* [n] index at the other side; NONE */
};

struct segment {
	uint64_t key; /* truth << 32 | track, + 1; 0 = free */
	uint64_t steps;
};

struct score {
	const struct accuracy_options *o;
	struct accuracy_result r;
	struct grid truth, tracks;
	struct side a, b; /* of this time: truth, tracks */

	/* by truth */
	uint32_t *current, *last; /* track that holds it now; that held it last; NONE */
	int64_t *present; /* the step of its last row */
	bool *away;	  /* it had none since a track held it */
	uint64_t *longest;
	bool *seen;
	/* by track */
	uint32_t *index_of; /* in b; valid where stamp is this step */
	int64_t *stamp;

	struct segment *segments;
	size_t segments_size, n_segments;

	/* of one assignment */
	uint32_t *rows, *columns; /* what is to be assigned: indices in a and b */
	uint32_t *by_x;		  /* columns in order of x */
	struct assign_pair *pairs;
	size_t pairs_room;
	uint32_t *parent, *first, *order, *column_of;
	bool *near, *named; /* truths that are some track's nearest; tracks near the vessel they name */

	double sum_gospa, sum_normed, sum_ospa, sum_l2, sum_d, sum_velocity2, sum_nees;
	uint64_t n_pairs, n_velocity, n_nees, missed, spurious, covered, ambiguous, ambiguous_of;
};

/* --- the grid --- */

static int by_step_and_id(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	if (p->step != q->step)
		return p->step < q->step ? -1 : 1;
	if (p->row->id != q->row->id)
		return p->row->id < q->row->id ? -1 : 1;
	if (p->off_s != q->off_s)
		return p->off_s < q->off_s ? -1 : 1;
	return p->row < q->row ? -1 : p->row > q->row;
}

static int make_grid(const struct trackfile *file, double step_s, struct grid *ret_grid)
{
	struct grid g = { .points = calloc(file->n + 1, sizeof(*g.points)) };
	size_t kept = 0;

	if (!g.points)
		return -ENOMEM;
	for (size_t i = 0; i < file->n; i++) {
		double step = rint(file->rows[i].time_s / step_s), off_s = fabs(file->rows[i].time_s - step * step_s);
		if (off_s <= TOLERANCE * step_s)
			g.points[g.n++] = (struct point){ (int64_t)step, off_s, &file->rows[i] };
	}
	qsort(g.points, g.n, sizeof(*g.points), by_step_and_id);
	for (size_t i = 0; i < g.n; i++)
		if (!kept || g.points[i].step != g.points[kept - 1].step || g.points[i].row->id != g.points[kept - 1].row->id)
			g.points[kept++] = g.points[i];
	g.n = kept;
	*ret_grid = g;
	return 0;
}

/* Points of @step; steps are asked for in ascending order. */
static void take_side(struct grid *g, int64_t step, struct side *side)
{
	while (g->at < g->n && g->points[g->at].step < step)
		g->at++;
	size_t end = g->at;
	while (end < g->n && g->points[end].step == step)
		end++;
	side->points = g->points + g->at;
	side->n = (uint32_t)(end - g->at);
}

static double distance(const struct score *s, uint32_t i, uint32_t j)
{
	const struct trackfile_row *a = s->a.points[i].row, *b = s->b.points[j].row;
	return hypot(a->x_m - b->x_m, a->y_m - b->y_m);
}

/* --- assignment --- */

static const struct side *sorted_side; /* qsort() has no argument to give */

static int by_x(const void *a, const void *b)
{
	double x = sorted_side->points[*(const uint32_t *)a].row->x_m, y = sorted_side->points[*(const uint32_t *)b].row->x_m;
	return x < y ? -1 : x > y;
}

static int add_pair(struct score *s, size_t *n, struct assign_pair pair)
{
	if (*n == s->pairs_room) {
		size_t room = s->pairs_room ? 2 * s->pairs_room : 1024;
		struct assign_pair *pairs = reallocarray(s->pairs, room, sizeof(*pairs));
		if (pairs)
			s->pairs = pairs;
		uint32_t *order = reallocarray(s->order, room, sizeof(*order));
		if (order)
			s->order = order;
		if (!pairs || !order)
			return -ENOMEM;
		s->pairs_room = room;
	}
	s->pairs[(*n)++] = pair;
	return 0;
}

/* The first of @by_x that lies at @x or beyond. */
static uint32_t first_at(const struct score *s, uint32_t n, double x)
{
	uint32_t low = 0;

	while (low < n) {
		uint32_t mid = low + (n - low) / 2;
		if (s->b.points[s->by_x[mid]].row->x_m < x)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/*
 * The best pairs of s->rows with s->columns within the cut-off: a pair gains c^2 - d^2, so the best whole assignment is
 * that of GOSPA and OSPA alike. partner[] of both sides gets it.
 */
static int assign(struct score *s, uint32_t n_rows, uint32_t n_columns)
{
	double c = s->o->cut_m;
	size_t n = 0;

	memcpy(s->by_x, s->columns, n_columns * sizeof(*s->by_x));
	sorted_side = &s->b;
	qsort(s->by_x, n_columns, sizeof(*s->by_x), by_x);
	for (uint32_t i = 0; i < n_rows; i++) {
		double x = s->a.points[s->rows[i]].row->x_m;
		for (uint32_t k = first_at(s, n_columns, x - c); k < n_columns; k++) {
			if (s->b.points[s->by_x[k]].row->x_m > x + c)
				break;
			double d = distance(s, s->rows[i], s->by_x[k]);
			if (d >= c)
				continue;
			if (add_pair(s, &n, (struct assign_pair){ i, k, c * c - d * d }) < 0)
				return -ENOMEM;
			s->named[s->by_x[k]] |= s->a.points[s->rows[i]].row->mmsi == s->b.points[s->by_x[k]].row->mmsi;
		}
	}
	struct assign_scratch scratch = { s->parent, s->order, s->first };
	assign_solve(s->pairs, n, n_rows, n_columns, &scratch, s->column_of, &s->r.bounded);
	for (uint32_t i = 0; i < n_rows; i++) {
		if (s->column_of[i] == ASSIGN_NONE)
			continue;
		uint32_t j = s->by_x[s->column_of[i]];
		s->a.partner[s->rows[i]] = j;
		s->b.partner[j] = s->rows[i];
	}
	return 0;
}

static void note(const struct score *s, enum accuracy_note what, const struct point *p)
{
	if (s->o->note)
		s->o->note(s->o->user, what, p->row);
}

static void forget_partners(struct score *s)
{
	for (uint32_t i = 0; i < s->a.n; i++)
		s->a.partner[i] = NONE;
	for (uint32_t j = 0; j < s->b.n; j++) {
		s->b.partner[j] = NONE;
		s->named[j] = false;
	}
}

/* --- one grid time --- */

static void score_pair(struct score *s, uint32_t i, uint32_t j)
{
	const struct trackfile_row *a = s->a.points[i].row, *b = s->b.points[j].row;
	double dx = b->x_m - a->x_m, dy = b->y_m - a->y_m, du = b->u_mps - a->u_mps, dv = b->v_mps - a->v_mps;
	double det = b->sxx * b->syy - b->sxy * b->sxy;

	if (!isnan(du + dv)) {
		s->sum_velocity2 += du * du + dv * dv;
		s->n_velocity++;
	}
	if (b->sxx > 0 && det > 0) {
		s->sum_nees += (dx * dx * b->syy - 2 * dx * dy * b->sxy + dy * dy * b->sxx) / det;
		s->n_nees++;
	}
	if (b->mmsi) {
		*(b->mmsi == a->mmsi ? &s->r.labels_right : &s->r.labels_wrong) += 1;
		s->r.labels_beside += b->mmsi != a->mmsi && s->named[j];
	}
}

static int score_distances(struct score *s)
{
	double c = s->o->cut_m, l2 = 0;
	uint32_t n = 0, most = s->a.n > s->b.n ? s->a.n : s->b.n;

	forget_partners(s);
	for (uint32_t i = 0; i < s->a.n; i++)
		s->rows[i] = i;
	for (uint32_t j = 0; j < s->b.n; j++)
		s->columns[j] = j;
	int r = assign(s, s->a.n, s->b.n);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < s->a.n; i++) {
		if (s->a.partner[i] == NONE) {
			note(s, ACCURACY_MISSED, &s->a.points[i]);
			continue;
		}
		double d = distance(s, i, s->a.partner[i]);
		l2 += d * d;
		s->sum_d += d;
		n++;
		score_pair(s, i, s->a.partner[i]);
	}
	for (uint32_t j = 0; j < s->b.n; j++) {
		if (s->b.partner[j] != NONE)
			continue;
		s->r.labels_alone += s->b.points[j].row->mmsi != 0;
		note(s, ACCURACY_FALSE, &s->b.points[j]);
	}
	double gospa = sqrt(l2 + c * c / 2 * ((s->a.n - n) + (s->b.n - n)));
	s->sum_gospa += gospa;
	s->sum_normed += gospa / sqrt(s->a.n ? s->a.n : 1);
	s->sum_ospa += most ? sqrt((l2 + c * c * (most - n)) / most) : 0;
	s->sum_l2 += l2;
	s->n_pairs += n;
	s->missed += s->a.n - n;
	s->spurious += s->b.n - n;
	s->r.truths += s->a.n;
	s->r.tracks += s->b.n;
	return 0;
}

/* Tracks whose nearest truth is within c, over truths that are some track's nearest. */
static void score_ambiguity(struct score *s)
{
	for (uint32_t i = 0; i < s->a.n; i++)
		s->near[i] = false;
	for (uint32_t i = 0; i < s->a.n; i++)
		s->rows[i] = i;
	sorted_side = &s->a;
	qsort(s->rows, s->a.n, sizeof(*s->rows), by_x);
	for (uint32_t j = 0; j < s->b.n; j++) {
		double best = s->o->cut_m, x = s->b.points[j].row->x_m;
		uint32_t nearest = NONE, low = 0, high = s->a.n;
		while (low < high) {
			uint32_t mid = low + (high - low) / 2;
			if (s->a.points[s->rows[mid]].row->x_m < x - best)
				low = mid + 1;
			else
				high = mid;
		}
		for (; low < s->a.n && s->a.points[s->rows[low]].row->x_m <= x + best; low++) {
			double d = distance(s, s->rows[low], j);
			if (d < best) {
				best = d;
				nearest = s->rows[low];
			}
		}
		if (nearest == NONE)
			continue;
		s->ambiguous++;
		s->ambiguous_of += !s->near[nearest];
		s->near[nearest] = true;
	}
}

/* --- identity --- */

static struct segment *find_segment(struct score *s, uint64_t key)
{
	for (size_t at = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 20;; at++) {
		struct segment *g = &s->segments[at & (s->segments_size - 1)];
		if (g->key == 0 || g->key == key)
			return g;
	}
}

static int grow_segments(struct score *s)
{
	struct segment *old = s->segments;
	size_t n = s->segments_size;

	if (2 * s->n_segments < n)
		return 0;
	s->segments_size = n ? 2 * n : 1024;
	s->segments = calloc(s->segments_size, sizeof(*s->segments));
	if (!s->segments) {
		s->segments = old;
		s->segments_size = n;
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (old[i].key)
			*find_segment(s, old[i].key) = old[i];
	free(old);
	return 0;
}

/* Return: 1 when another track held it before, 0, or -ENOMEM. */
static int hold(struct score *s, uint32_t truth, uint32_t track)
{
	int r = grow_segments(s);
	if (r < 0)
		return r;
	struct segment *g = find_segment(s, ((uint64_t)truth << 32 | track) + 1);

	s->n_segments += g->key == 0;
	g->key = ((uint64_t)truth << 32 | track) + 1;
	g->steps++;
	if (g->steps > s->longest[truth])
		s->longest[truth] = g->steps;
	bool other = s->last[truth] != NONE && s->last[truth] != track;
	if (other) {
		s->r.switches++;
		s->r.switches_returned += s->away[truth];
	}
	else if (s->last[truth] != NONE && s->current[truth] == NONE)
		s->r.fragments++;
	s->last[truth] = track;
	s->away[truth] = false;
	s->covered++;
	return other;
}

/* Matches that still hold, then the best of the rest. */
static int match(struct score *s, int64_t step)
{
	uint32_t n_rows = 0, n_columns = 0;

	forget_partners(s);
	for (uint32_t j = 0; j < s->b.n; j++) {
		uint32_t track = s->b.points[j].row->id;
		s->index_of[track] = j;
		s->stamp[track] = step;
	}
	for (uint32_t i = 0; i < s->a.n; i++) {
		uint32_t track = s->current[s->a.points[i].row->id];
		if (track == NONE || s->stamp[track] != step)
			continue;
		uint32_t j = s->index_of[track];
		if (s->b.partner[j] != NONE || distance(s, i, j) >= s->o->cut_m)
			continue;
		s->a.partner[i] = j;
		s->b.partner[j] = i;
	}
	for (uint32_t i = 0; i < s->a.n; i++)
		if (s->a.partner[i] == NONE)
			s->rows[n_rows++] = i;
	for (uint32_t j = 0; j < s->b.n; j++)
		if (s->b.partner[j] == NONE)
			s->columns[n_columns++] = j;
	return assign(s, n_rows, n_columns);
}

static int score_identity(struct score *s, int64_t step, size_t n_targets)
{
	int r = match(s, step);

	for (uint32_t i = 0; i < s->a.n && r == 0; i++) {
		uint32_t truth = s->a.points[i].row->id;
		s->away[truth] |= s->seen[truth] && s->present[truth] != step - 1;
		s->present[truth] = step;
		s->seen[truth] = true;
		if (s->a.partner[i] == NONE)
			continue;
		r = hold(s, truth, s->b.points[s->a.partner[i]].row->id);
		if (r > 0) {
			note(s, ACCURACY_SWITCH, &s->a.points[i]);
			r = 0;
		}
	}
	for (size_t t = 0; t < n_targets; t++)
		s->current[t] = NONE;
	for (uint32_t i = 0; i < s->a.n; i++)
		if (s->a.partner[i] != NONE)
			s->current[s->a.points[i].row->id] = s->b.points[s->a.partner[i]].row->id;
	return r;
}

/* --- all of them --- */

static uint32_t most_at_once(const struct grid *g)
{
	uint32_t most = 0, n = 0;

	for (size_t i = 0; i < g->n; i++) {
		n = i && g->points[i].step == g->points[i - 1].step ? n + 1 : 1;
		most = n > most ? n : most;
	}
	return most;
}

static int allocate(struct score *s, size_t targets, size_t tracks)
{
	size_t a = most_at_once(&s->truth) + 1, b = most_at_once(&s->tracks) + 1;
	struct {
		void *at;
		size_t n, size;
	} parts[] = {
		{ &s->a.partner, a, sizeof(uint32_t) }, { &s->b.partner, b, sizeof(uint32_t) },
		{ &s->current, targets + 1, sizeof(uint32_t) }, { &s->last, targets + 1, sizeof(uint32_t) },
		{ &s->longest, targets + 1, sizeof(uint64_t) }, { &s->seen, targets + 1, sizeof(bool) },
		{ &s->present, targets + 1, sizeof(int64_t) }, { &s->away, targets + 1, sizeof(bool) },
		{ &s->index_of, tracks + 1, sizeof(uint32_t) }, { &s->stamp, tracks + 1, sizeof(int64_t) },
		{ &s->rows, a, sizeof(uint32_t) }, { &s->columns, b, sizeof(uint32_t) }, { &s->by_x, b, sizeof(uint32_t) },
		{ &s->parent, a + b, sizeof(uint32_t) }, { &s->first, a + b + 1, sizeof(uint32_t) },
		{ &s->column_of, a, sizeof(uint32_t) }, { &s->near, a, sizeof(bool) },
		{ &s->named, b, sizeof(bool) },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!(*(void **)parts[i].at = calloc(parts[i].n, parts[i].size)))
			return -ENOMEM;
	for (size_t t = 0; t <= targets; t++)
		s->current[t] = s->last[t] = NONE;
	for (size_t t = 0; t <= tracks; t++)
		s->stamp[t] = INT64_MIN;
	return 0;
}

static void release(struct score *s)
{
	void *parts[] = { s->truth.points, s->tracks.points, s->a.partner, s->b.partner, s->current, s->last, s->longest, s->seen,
		s->present, s->away,
		s->index_of, s->stamp, s->segments, s->rows, s->columns, s->by_x, s->pairs, s->parent, s->first, s->order,
		s->column_of, s->near, s->named };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		free(parts[i]);
}

static double ratio(double a, uint64_t b)
{
	return a / (double)(b ? b : 1);
}

static void conclude(struct score *s, const struct trackfile *truth)
{
	struct accuracy_result *r = &s->r;
	uint64_t longest = 0;

	for (size_t t = 0; t < truth->n_ids; t++) {
		longest += s->longest[t];
		r->n_targets += s->seen[t];
	}
	r->gospa_m = ratio(s->sum_gospa, r->scans);
	r->gospa_normed_m = ratio(s->sum_normed, r->scans);
	r->ospa_m = ratio(s->sum_ospa, r->scans);
	r->position_rms_m = sqrt(ratio(s->sum_l2, s->n_pairs));
	r->position_mean_m = s->n_pairs ? ratio(s->sum_d, s->n_pairs) : NAN;
	uint64_t labels = r->labels_right + r->labels_wrong;
	r->wrong_labels = labels ? ratio((double)r->labels_wrong, labels) : NAN;
	r->velocity_rms_mps = s->n_velocity ? sqrt(ratio(s->sum_velocity2, s->n_velocity)) : NAN;
	r->nees = s->n_nees ? ratio(s->sum_nees, s->n_nees) : NAN;
	r->missed_per_scan = ratio((double)s->missed, r->scans);
	r->false_per_scan = ratio((double)s->spurious, r->scans);
	r->truths_per_scan = ratio((double)r->truths, r->scans);
	r->completeness = ratio((double)s->n_pairs, r->truths);
	r->spurious = ratio((double)s->spurious, r->tracks);
	r->ambiguity = ratio((double)s->ambiguous, s->ambiguous_of);
	r->switches_per_hour = (double)r->switches / ((double)r->truths * s->o->step_s / 3600);
	r->longest_segment = ratio((double)longest, r->truths);
}

static int run(struct score *s, const struct trackfile *truth)
{
	int64_t last = s->truth.n ? s->truth.points[s->truth.n - 1].step : -1;
	int64_t to = isnan(s->o->to_s) || s->o->to_s / s->o->step_s > (double)last ? last : (int64_t)(s->o->to_s / s->o->step_s);
	int r = 0;

	for (int64_t step = (int64_t)ceil(s->o->from_s / s->o->step_s); step <= to && r == 0; step++) {
		take_side(&s->truth, step, &s->a);
		take_side(&s->tracks, step, &s->b);
		s->r.scans++;
		r = score_distances(s);
		if (r == 0)
			r = score_identity(s, step, truth->n_ids);
		score_ambiguity(s);
	}
	return r < 0 ? r : s->r.truths ? 0 : -ENODATA;
}

int accuracy_score(const struct trackfile *truth, const struct trackfile *tracks, const struct accuracy_options *options,
	struct accuracy_result *ret_result)
{
	struct score s = { .o = options };
	int r = make_grid(truth, options->step_s, &s.truth);

	if (r == 0)
		r = make_grid(tracks, options->step_s, &s.tracks);
	if (r == 0)
		r = allocate(&s, truth->n_ids, tracks->n_ids);
	if (r == 0)
		r = run(&s, truth);
	if (r == 0) {
		conclude(&s, truth);
		for (size_t t = 0; t < tracks->n_ids; t++)
			s.r.n_tracks += s.stamp[t] != INT64_MIN;
		*ret_result = s.r;
	}
	release(&s);
	return r;
}
