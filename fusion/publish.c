/* publish - a record as struct track. */
#include "fusion/state.h"

#include <math.h>
#include <string.h>

#define HEIGHT_HOLDS_NS INT64_C(30000000000) /* an airliner climbs 500 m in it */

static void fill_sources(const struct tracker *t, const struct record *r, struct track *k)
{
	for (uint32_t i = 0; i < r->n_sources; i++) {
		const struct source *s = &r->sources[i];
		if (!s->plots)
			continue;
		struct track_source *o = &k->sources[k->n_sources++];
		memcpy(o->feed, t->stations[s->station].feed, sizeof(o->feed));
		o->sensor = t->stations[s->station].sensor;
		o->last_ns = state_stamp_ns(s->last, t->head->now_ns);
		o->plots = s->plots;
	}
}

static double gone_m(const struct record *r, const struct identity_entry *e)
{
	double x[4];

	filter_place(&r->filter, x);
	double dx = x[0] - e->last_x_m, dy = x[1] - e->last_y_m;

	return sqrt(dx * dx + dy * dy);
}

/* What the identities that this track reports, or reported, are suspected of: the gravest first. */
static void fill_standing(const struct tracker *t, uint32_t slot, struct track *k)
{
	const struct record *r = &t->records[slot];
	uint32_t leading = identity_leading(&t->head->identities, slot, &r->labels);

	for (uint32_t i = 0; i < r->labels.n; i++) {
		const struct identity_entry *e = &t->entries[r->labels.entries[i]];
		const struct standing *s = &e->standing;
		struct track_standing o = { .id_kind = (enum plot_id_kind)e->kind, .value = e->value };
		if (s->kind && standing_concerns(s, r->birth)) {
			o.kind = (enum track_standing_kind)s->kind;
			o.count = s->count;
			o.since_ns = s->since_ns;
			o.distance_m = s->distance_m;
		} else if (s->silent && leading == r->labels.entries[i]) {
			o.kind = TRACK_STANDING_SILENT;
			o.count = e->interval_ns ? (uint32_t)((t->head->now_ns - e->last_ns) / e->interval_ns) : 0;
			o.since_ns = e->last_ns;
			o.distance_m = gone_m(r, e);
		}
		if (o.kind && (!k->standing.kind || o.kind < k->standing.kind))
			k->standing = o;
	}
}

static void fill_identity(const struct tracker *t, uint32_t slot, struct track *k)
{
	const struct record *r = &t->records[slot];
	uint32_t entry;

	k->identity.nav_status = 15;
	k->n_ids = identity_publish(&t->head->identities, slot, &r->labels, k->ids, &entry);
	if (entry != IDENTITY_NONE) {
		const struct identity_entry *e = &t->entries[entry];
		k->identity = e->data;
		k->class = identity_class((enum plot_id_kind)e->kind, e->value, e->data.ship_type);
	}
	if (r->distress) {
		k->distress = (enum plot_distress)r->distress;
		k->distress_test = r->distress_test;
		k->class = TRACK_CLASS_BEACON;
	}
}

void publish_track(struct tracker *t, uint32_t slot, uint32_t parent)
{
	struct record *r = &t->records[slot];
	struct track k = { .alt_m = NAN };

	struct filter_mode e;

	r->dirty = false;
	if (!t->publish)
		return;
	memcpy(k.id.origin, t->config.origin, sizeof(k.id.origin));
	k.id.epoch = t->config.epoch;
	k.id.birth = r->birth;
	k.version = ++r->version;
	k.time_ns = r->time_ns;
	k.recv_ns = r->recv_ns;
	state_estimate(r, &e);
	frame_inverse(&t->frame, e.x[0], e.x[1], &k.lat_rad, &k.lon_rad);
	k.ve_mps = e.x[2];
	k.vn_mps = e.x[3];
	memcpy(k.cov, e.p, sizeof(k.cov));
	if (r->height && r->time_ns - state_stamp_ns(r->height, t->head->now_ns) < HEIGHT_HOLDS_NS)
		k.alt_m = (double)r->height_m;
	struct filter_cov2 share = pairing_share(t, r, e.x[0], e.x[1]);
	k.cov[FILTER_XX] += share.xx;
	k.cov[FILTER_XY] += share.xy;
	k.cov[FILTER_YY] += share.yy;
	k.state = (enum track_state)r->state;
	k.existence = r->existence;
	k.parent = parent;
	fill_identity(t, slot, &k);
	fill_standing(t, slot, &k);
	fill_sources(t, r, &k);
	t->publish(t->user, &k);
}
