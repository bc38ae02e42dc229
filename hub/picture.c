#include "hub/picture.h"

#include "hub/trackid.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct picture {
	size_t capacity, count, touched; /* touched: slots that were ever used */
	struct picture_entry *entries;
	uint32_t *heads; /* hash table of chains, as many as a power of two >= capacity */
	size_t mask;
	uint32_t youngest, oldest;
	uint64_t revision;
};

int picture_new(size_t capacity, struct picture **ret_p)
{
	assert(ret_p);
	if (capacity == 0 || capacity > PICTURE_CAPACITY_MAX)
		return -EINVAL;

	struct picture *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	size_t n = 1;
	while (n < capacity)
		n *= 2;
	p->capacity = capacity;
	p->mask = n - 1;
	p->youngest = p->oldest = NONE;
	p->entries = calloc(capacity, sizeof(*p->entries));
	p->heads = malloc(n * sizeof(*p->heads));
	if (!p->entries || !p->heads) {
		picture_free(p);
		return -ENOMEM;
	}
	memset(p->heads, 0xff, n * sizeof(*p->heads));
	*ret_p = p;
	return 0;
}

void picture_free(struct picture *p)
{
	if (!p)
		return;
	free(p->entries);
	free(p->heads);
	free(p);
}

static void list_unlink(struct picture *p, struct picture_entry *e)
{
	if (e->newer != NONE)
		p->entries[e->newer].older = e->older;
	else
		p->youngest = e->older;
	if (e->older != NONE)
		p->entries[e->older].newer = e->newer;
	else
		p->oldest = e->newer;
}

static void list_push(struct picture *p, struct picture_entry *e)
{
	e->older = p->youngest;
	e->newer = NONE;
	if (p->youngest != NONE)
		p->entries[p->youngest].newer = e->slot;
	else
		p->oldest = e->slot;
	p->youngest = e->slot;
}

static void mark_changed(struct picture *p, struct picture_entry *e)
{
	list_unlink(p, e);
	list_push(p, e);
	e->revision = ++p->revision;
}

static uint32_t *chain_of(const struct picture *p, const struct track_id *id)
{
	return &p->heads[trackid_hash(id) & p->mask];
}

static struct picture_entry *find(const struct picture *p, const struct track_id *id)
{
	for (uint32_t i = *chain_of(p, id); i != NONE; i = p->entries[i].chain)
		if (trackid_equal(&p->entries[i].track.id, id))
			return &p->entries[i];
	return NULL;
}

static void chain_unlink(struct picture *p, struct picture_entry *e)
{
	for (uint32_t *i = chain_of(p, &e->track.id); *i != NONE; i = &p->entries[*i].chain)
		if (*i == e->slot) {
			*i = e->chain;
			return;
		}
}

/* A slot never used, else the one that has been free longest: found from the old end of the list. */
static struct picture_entry *take_slot(struct picture *p)
{
	if (p->touched < p->capacity) {
		struct picture_entry *e = &p->entries[p->touched];
		e->slot = (uint32_t)p->touched++;
		list_push(p, e);
		return e;
	}
	if (p->count == p->capacity)
		return NULL;
	uint32_t i = p->oldest;
	while (p->entries[i].used)
		i = p->entries[i].newer;
	return &p->entries[i];
}

static bool ident_differs(const struct track *a, const struct track *b)
{
	return !trackid_equal(&a->id, &b->id) || a->class != b->class || a->n_ids != b->n_ids ||
	       (a->n_ids && (a->ids[0].kind != b->ids[0].kind || a->ids[0].value != b->ids[0].value)) ||
	       strcmp(a->identity.name, b->identity.name) || strcmp(a->identity.callsign, b->identity.callsign) ||
	       a->identity.imo != b->identity.imo;
}

static void release_slot(struct picture *p, struct picture_entry *e)
{
	chain_unlink(p, e);
	e->used = false;
	p->count--;
	mark_changed(p, e);
}

static int add(struct picture *p, const struct track *t, bool foreign, struct picture_entry **ret_entry)
{
	if (t->state == TRACK_DROPPED)
		return -ENOENT;
	struct picture_entry *e = take_slot(p);
	if (!e)
		return -ENOSPC;
	e->track = *t;
	e->used = true;
	e->foreign = foreign;
	e->chain = *chain_of(p, &t->id);
	*chain_of(p, &t->id) = e->slot;
	p->count++;
	mark_changed(p, e);
	e->ident_revision = e->revision;
	*ret_entry = e;
	return 0;
}

int picture_apply(struct picture *p, const struct track *t, bool foreign, struct picture_entry **ret_entry)
{
	assert(p && t);

	struct picture_entry *e = find(p, &t->id);
	if (!e) {
		int r = add(p, t, foreign, &e);
		if (r < 0)
			return r;
	} else {
		if (t->version <= e->track.version)
			return -ESTALE;
		bool ident = ident_differs(&e->track, t);
		e->track = *t;
		if (t->state == TRACK_DROPPED)
			release_slot(p, e);
		else
			mark_changed(p, e);
		if (ident)
			e->ident_revision = e->revision;
	}
	if (ret_entry)
		*ret_entry = e;
	return 0;
}

int picture_remove(struct picture *p, const struct track_id *id, uint64_t version)
{
	struct picture_entry *e = find(p, id);
	if (!e)
		return -ENOENT;
	e->track.state = TRACK_DROPPED;
	if (version > e->track.version)
		e->track.version = version;
	release_slot(p, e);
	return 0;
}

size_t picture_forget_epochs(struct picture *p, const char *origin, uint32_t epoch)
{
	size_t n = 0;
	for (size_t i = 0; i < p->touched; i++) {
		struct picture_entry *e = &p->entries[i];
		if (e->used && e->track.id.epoch < epoch && !strcmp(e->track.id.origin, origin)) {
			e->track.state = TRACK_DROPPED;
			e->track.version++;
			release_slot(p, e);
			n++;
		}
	}
	return n;
}

const struct picture_entry *picture_find(const struct picture *p, const struct track_id *id)
{
	return find(p, id);
}

const struct picture_entry *picture_slot(const struct picture *p, uint32_t slot)
{
	return slot < p->touched ? &p->entries[slot] : NULL;
}

uint64_t picture_revision(const struct picture *p)
{
	return p->revision;
}

size_t picture_count(const struct picture *p)
{
	return p->count;
}

size_t picture_capacity(const struct picture *p)
{
	return p->capacity;
}

const struct picture_entry *picture_youngest(const struct picture *p)
{
	return p->youngest == NONE ? NULL : &p->entries[p->youngest];
}

const struct picture_entry *picture_older(const struct picture *p, const struct picture_entry *e)
{
	return e->older == NONE ? NULL : &p->entries[e->older];
}

const struct picture_entry *picture_newer(const struct picture *p, const struct picture_entry *e)
{
	return e->newer == NONE ? NULL : &p->entries[e->newer];
}

int64_t picture_newest_plot_ns(const struct track *t)
{
	int64_t newest = 0;
	for (unsigned i = 0; i < t->n_sources; i++)
		if (t->sources[i].last_ns > newest)
			newest = t->sources[i].last_ns;
	return newest ? newest : t->time_ns;
}
