#include "fusion/explain_desk.h"

#include <errno.h>
#include <math.h>

int explain_desk_new(struct tracker *t, explain_fn *fn, void *user)
{
	struct explain_desk *d = calloc(1, sizeof(*d));

	if (d)
		d->pages = calloc(t->max_pending, sizeof(*d->pages));
	if (!d || !d->pages) {
		free(d);
		return -ENOMEM;
	}
	d->fn = fn;
	d->user = user;
	t->desk = d;
	return 0;
}

void explain_desk_free(struct tracker *t)
{
	if (!t->desk)
		return;
	free(t->desk->pages);
	free(t->desk);
	t->desk = NULL;
}

static struct explain_desk_mark *find_mark(struct explain_desk_page *p, uint32_t slot)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->marks[i].slot == slot)
			return &p->marks[i];
	return NULL;
}

/* Room for a mark of this share: the least of a full page gives way, and goes to the rest. NULL: it is the least itself. */
static struct explain_desk_mark *find_room(struct explain_desk_page *p, double share)
{
	if (p->n < EXPLAIN_DESK_MARKS)
		return &p->marks[p->n++];
	struct explain_desk_mark *least = &p->marks[0];
	for (uint32_t i = 1; i < p->n; i++)
		if (p->marks[i].weight < least->weight)
			least = &p->marks[i];
	if (!(share > (double)least->weight)) {
		p->rest += share;
		return NULL;
	}
	p->rest += (double)least->weight;
	return least;
}

void explain_desk_write(struct tracker *t, size_t page, uint8_t what, uint32_t slot, double weight, double d2)
{
	struct explain_desk_page *p = &t->desk->pages[page];
	struct explain_desk_mark *m = find_mark(p, slot);

	if (!(weight >= 0))
		weight = 0;
	if (!m)
		m = find_room(p, what == EXPLAIN_DESK_OPEN ? weight : INFINITY);
	if (!m)
		return;
	*m = (struct explain_desk_mark){ .slot = slot, .weight = (float)weight, .d2 = (float)d2, .what = what };
	if (slot == GATE_NONE)
		return;
	m->birth = t->records[slot].birth;
	m->tentative = t->records[slot].state == TRACK_TENTATIVE;
}

void explain_desk_look(struct tracker *t, size_t page, uint32_t slot)
{
	struct explain_desk_page *p = &t->desk->pages[page];
	const struct record *r = &t->records[slot];
	double d2, likelihood;

	if (r->state == TRACK_TENTATIVE || p->n == EXPLAIN_DESK_MARKS ||
		!state_gate(t, r, &p->plot->in, EXPLAIN_OUTSIDE_D2, &d2, &likelihood))
		return;
	explain_desk_write(t, page, EXPLAIN_OUTSIDE, slot, 0, d2);
}

static enum explain_what verdict(
	const struct tracker *t, const struct explain_desk_mark *m, uint32_t taker, const uint32_t *column_of)
{
	if (m->slot == taker)
		return EXPLAIN_USED;
	if (taker != GATE_NONE)
		return EXPLAIN_OTHER_TRACK;
	if (column_of && column_of[t->row_of[m->slot]] != ASSIGN_NONE)
		return EXPLAIN_OTHER_PLOT;
	return EXPLAIN_UNLIKELY;
}

void explain_desk_decide(struct tracker *t, size_t page, uint32_t taker, double others, const uint32_t *column_of)
{
	if (!t->desk)
		return;

	struct explain_desk_page *p = &t->desk->pages[page];
	double sum = others + p->rest;

	if (taker != GATE_NONE && !find_mark(p, taker))
		explain_desk_write(t, page, EXPLAIN_USED, taker, 0, NAN);
	for (uint32_t i = 0; i < p->n; i++)
		sum += (double)p->marks[i].weight;
	for (uint32_t i = 0; i < p->n; i++) {
		struct explain_desk_mark *m = &p->marks[i];
		m->weight = sum > 0 ? (float)((double)m->weight / sum) : 0;
		if (m->what == EXPLAIN_DESK_OPEN || m->slot == taker)
			m->what = (uint8_t)verdict(t, m, taker, column_of);
	}
}

void explain_desk_amend(struct tracker *t, size_t page, enum explain_what from, enum explain_what to)
{
	if (!t->desk)
		return;
	struct explain_desk_page *p = &t->desk->pages[page];
	for (uint32_t i = 0; i < p->n; i++)
		if (p->marks[i].what == from)
			p->marks[i].what = (uint8_t)to;
}

static struct explain_note note_of(const struct tracker *t, enum explain_what what, const struct tracker_input *m)
{
	bool known = m->station < t->head->n_stations;

	return (struct explain_note){ .time_ns = m->in.time_ns,
		.ref = m->row,
		.what = (uint8_t)what,
		.sensor = known ? (uint8_t)t->stations[m->station].sensor : 0,
		.feed = known ? t->stations[m->station].feed : "",
		.d2 = NAN };
}

static void tell_page(const struct tracker *t, const struct explain_desk_page *p)
{
	const struct explain_desk *d = t->desk;
	struct explain_note note = note_of(t, EXPLAIN_UNUSED, p->plot);
	float left = 1;
	bool fate = false;

	for (uint32_t i = 0; i < p->n; i++) {
		const struct explain_desk_mark *m = &p->marks[i];
		bool mine = explain_is_fate(m->what);
		fate |= mine;
		if (m->what >= _EXPLAIN_WHAT_MAX || !m->birth || (m->tentative && !mine))
			continue;
		note.what = m->what;
		note.birth = m->birth;
		note.weight = m->weight < left ? m->weight : left;
		note.d2 = m->d2;
		left -= note.weight;
		d->fn(d->user, &note);
	}
	if (fate)
		return;
	note = note_of(t, EXPLAIN_UNUSED, p->plot);
	d->fn(d->user, &note);
}

void explain_desk_tell(struct tracker *t, size_t first, size_t n)
{
	if (!t->desk)
		return;
	for (size_t i = 0; i < n; i++)
		tell_page(t, &t->desk->pages[first + i]);
}

void explain_desk_lost(struct tracker *t, enum explain_what what, const struct tracker_input *plot)
{
	if (!t->desk)
		return;
	struct explain_note note = note_of(t, what, plot);
	t->desk->fn(t->desk->user, &note);
}

void explain_desk_event(struct tracker *t, enum explain_what what, const struct record *r, uint32_t station,
	uint32_t ref, int64_t time_ns)
{
	if (!t->desk || r->state == TRACK_TENTATIVE)
		return;
	bool known = station < t->head->n_stations;
	struct explain_note note = { .time_ns = time_ns,
		.birth = r->birth,
		.ref = ref,
		.what = (uint8_t)what,
		.sensor = known ? (uint8_t)t->stations[station].sensor : 0,
		.feed = known ? t->stations[station].feed : "",
		.weight = (float)r->existence,
		.d2 = NAN };
	t->desk->fn(t->desk->user, &note);
}
