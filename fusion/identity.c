#include "fusion/identity.h"

#include "fusion/pinned.h"

#include <string.h>

#define ODDS_MAX 12.0 /* a wrong label can be unlearned (notes 2.6) */
#define ODDS_MEMORY_S 600.0
#define PROBE_MAX 64 /* slots looked at; a table three quarters full seldom needs 10 */
#define NS_PER_S 1e9
#define SILENCE_MIN_NS INT64_C(60000000000)
#define MOORED_INTERVAL_NS                                                                         \
	INT64_C(180000000000) /* M.1371-5 annex 1, table 1: class A at anchor, class B below 2 kn  \
			       */

static uint32_t slot_of(const struct identity_table *t, uint32_t kind, uint32_t value)
{
	uint32_t h = (value ^ kind << 30) * 2654435761u;
	return (h ^ h >> 16) & (t->size - 1);
}

uint32_t identity_find(const struct identity_table *t, enum plot_id_kind kind, uint32_t value)
{
	uint32_t at = slot_of(t, kind, value);

	for (unsigned i = 0; i < PROBE_MAX; i++) {
		uint32_t k = (at + i) & (t->size - 1);
		if (t->entries[k].kind == kind && t->entries[k].value == value)
			return k;
		if (t->entries[k].kind == PLOT_ID_NONE)
			break;
	}
	return IDENTITY_NONE;
}

uint32_t identity_get(struct identity_table *t, enum plot_id_kind kind, uint32_t value)
{
	uint32_t found = identity_find(t, kind, value), at = slot_of(t, kind, value),
		 idle = IDENTITY_NONE;

	if (found != IDENTITY_NONE)
		return found;
	for (unsigned i = 0; i < PROBE_MAX; i++) {
		uint32_t k = (at + i) & (t->size - 1);
		struct identity_entry *e = &t->entries[k];
		if (e->kind == PLOT_ID_NONE && t->used < t->size / 4 * 3) {
			t->used++;
			idle = k;
			break;
		}
		if (e->kind != PLOT_ID_NONE && !e->n_carriers &&
			(idle == IDENTITY_NONE || e->last_ns < t->entries[idle].last_ns))
			idle = k;
	}
	if (idle != IDENTITY_NONE)
		t->entries[idle] = (struct identity_entry){
			.kind = (uint8_t)kind, .value = value, .data.nav_status = 15
		};
	return idle;
}

void identity_doubt(struct identity_table *t, const struct identity_labels *labels, int64_t time_ns)
{
	for (uint32_t i = 0; i < labels->n; i++)
		t->entries[labels->entries[i]].doubt_ns = time_ns;
}

void identity_describe(struct identity_entry *e, const struct plot_identity *data)
{
	struct plot_identity *d = &e->data;

	if (data->name[0])
		memcpy(d->name, data->name, sizeof(d->name));
	if (data->callsign[0])
		memcpy(d->callsign, data->callsign, sizeof(d->callsign));
	if (data->imo)
		d->imo = data->imo;
	if (data->ship_type)
		d->ship_type = data->ship_type;
	if (data->nav_status != 15)
		d->nav_status = data->nav_status;
	if (data->length_m)
		d->length_m = data->length_m;
	if (data->beam_m)
		d->beam_m = data->beam_m;
}

void identity_heard(struct identity_entry *e, int64_t time_ns)
{
	if (e->last_ns && time_ns > e->last_ns) {
		int64_t gap = time_ns - e->last_ns;
		e->interval_ns = e->interval_ns ? e->interval_ns + (gap - e->interval_ns) / 8 : gap;
	}
	if (e->decayed_ns && time_ns > e->decayed_ns) {
		double keep =
			pinned_exp(-(double)(time_ns - e->decayed_ns) / NS_PER_S / ODDS_MEMORY_S);
		for (unsigned i = 0; i < e->n_carriers; i++)
			e->carriers[i].odds *= keep;
	}
	if (time_ns > e->last_ns)
		e->last_ns = time_ns;
	if (time_ns > e->decayed_ns)
		e->decayed_ns = time_ns;
}

int64_t identity_silence_ns(const struct identity_entry *e, double speed_mps)
{
	int64_t normal = 3 * e->interval_ns;

	if (!e->interval_ns || speed_mps < 1.0)
		normal = 3 * MOORED_INTERVAL_NS;
	return normal > SILENCE_MIN_NS ? normal : SILENCE_MIN_NS;
}

static struct identity_carrier *carrier_find(struct identity_entry *e, uint32_t record)
{
	for (unsigned i = 0; i < e->n_carriers; i++)
		if (e->carriers[i].record == record)
			return &e->carriers[i];
	return NULL;
}

static void labels_remove(struct identity_labels *l, uint32_t entry)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->entries[i] == entry) {
			l->entries[i] = l->entries[--l->n];
			return;
		}
}

static void carrier_remove(struct identity_entry *e, uint32_t record)
{
	struct identity_carrier *c = carrier_find(e, record);

	if (c)
		*c = e->carriers[--e->n_carriers];
}

/*
 * Room on both sides, or no new pair. An entry whose carriers are all taken keeps them: the fifth
 * track within one report's gate is told apart by its motion. A label that has become improbable
 * makes room.
 */
static struct identity_carrier *carrier_add(
	struct identity_table *t, uint32_t entry, uint32_t record, struct identity_labels *labels)
{
	struct identity_entry *e = &t->entries[entry];

	if (e->n_carriers == IDENTITY_CARRIERS)
		return NULL;
	if (labels->n == TRACK_IDS_MAX) {
		uint32_t weakest = 0;
		double least = 2;
		for (uint32_t i = 0; i < labels->n; i++) {
			double p = identity_probability(&t->entries[labels->entries[i]], record);
			if (p < least) {
				least = p;
				weakest = labels->entries[i];
			}
		}
		if (least > 0.5)
			return NULL;
		carrier_remove(&t->entries[weakest], record);
		labels_remove(labels, weakest);
	}
	labels->entries[labels->n++] = entry;
	e->carriers[e->n_carriers] = (struct identity_carrier){ .record = record };
	return &e->carriers[e->n_carriers++];
}

void identity_evidence(struct identity_table *t, uint32_t entry, uint32_t record,
	struct identity_labels *labels, double nats)
{
	struct identity_carrier *c = carrier_find(&t->entries[entry], record);

	if (!c)
		c = carrier_add(t, entry, record, labels);
	if (!c)
		return;
	c->odds += nats;
	if (c->odds > 2 * ODDS_MAX)
		c->odds = 2 * ODDS_MAX;
	if (c->odds < -ODDS_MAX)
		c->odds = -ODDS_MAX;
}

void identity_settle(struct identity_entry *e)
{
	double most = ODDS_MAX;

	for (unsigned i = 0; i < e->n_carriers; i++)
		if (e->carriers[i].odds > most)
			most = e->carriers[i].odds;
	for (unsigned i = 0; i < e->n_carriers; i++) {
		double odds = e->carriers[i].odds - (most - ODDS_MAX);
		e->carriers[i].odds = odds < -ODDS_MAX ? -ODDS_MAX : odds;
	}
}

double identity_probability(const struct identity_entry *e, uint32_t record)
{
	double sum = 1, mine = 0;

	for (unsigned i = 0; i < e->n_carriers; i++) {
		double x = pinned_exp(e->carriers[i].odds);
		sum += x;
		if (e->carriers[i].record == record)
			mine = x;
	}
	return mine / sum;
}

uint32_t identity_carrier(const struct identity_entry *e, double *ret_probability)
{
	uint32_t best = IDENTITY_NONE;
	double odds = -1e9;

	for (unsigned i = 0; i < e->n_carriers; i++)
		if (e->carriers[i].odds > odds) {
			odds = e->carriers[i].odds;
			best = e->carriers[i].record;
		}
	*ret_probability = best == IDENTITY_NONE ? 0 : identity_probability(e, best);
	return best;
}

void identity_drop(struct identity_table *t, uint32_t record, struct identity_labels *labels)
{
	for (uint32_t i = 0; i < labels->n; i++)
		carrier_remove(&t->entries[labels->entries[i]], record);
	labels->n = 0;
}

void identity_forget(struct identity_table *t, uint32_t entry, uint32_t record, struct identity_labels *labels)
{
	carrier_remove(&t->entries[entry], record);
	labels_remove(labels, entry);
}

void identity_move(struct identity_table *t, uint32_t from, struct identity_labels *from_labels,
	uint32_t to, struct identity_labels *to_labels)
{
	struct identity_labels old = *from_labels;

	for (uint32_t i = 0; i < old.n; i++) {
		struct identity_entry *e = &t->entries[old.entries[i]];
		struct identity_carrier *c = carrier_find(e, from);
		double odds = c ? c->odds : 0;
		carrier_remove(e, from);
		if (odds > 0)
			identity_evidence(t, old.entries[i], to, to_labels, odds);
	}
	from_labels->n = 0;
}

/* All candidates, most probable first. Return: number; *ret_sure: the first is sure. */
static unsigned rank(const struct identity_table *t, uint32_t record, const struct identity_labels *labels,
	uint32_t order[static TRACK_IDS_MAX], struct track_identity ret_ids[static TRACK_IDS_MAX], bool *ret_sure)
{
	double odds[TRACK_IDS_MAX], sum = 1;
	unsigned n = 0;

	for (uint32_t i = 0; i < labels->n; i++) {
		const struct identity_entry *e = &t->entries[labels->entries[i]];
		double o = -ODDS_MAX;
		for (unsigned k = 0; k < e->n_carriers; k++)
			if (e->carriers[k].record == record)
				o = e->carriers[k].odds;
		sum += pinned_exp(o);
		unsigned at = n++;
		for (; at > 0 && odds[at - 1] < o; at--) {
			odds[at] = odds[at - 1];
			order[at] = order[at - 1];
		}
		odds[at] = o;
		order[at] = labels->entries[i];
	}
	for (unsigned i = 0; i < n; i++) {
		const struct identity_entry *e = &t->entries[order[i]];
		double across = pinned_exp(odds[i]) / sum, along = identity_probability(e, record);
		ret_ids[i] = (struct track_identity){ (enum plot_id_kind)e->kind, e->value,
			across < along ? across : along };
	}
	*ret_sure = n && ret_ids[0].probability >= IDENTITY_SURE && (n == 1 || odds[0] - odds[1] >= IDENTITY_MARGIN);
	return n;
}

uint32_t identity_leading(const struct identity_table *t, uint32_t record, const struct identity_labels *labels)
{
	struct track_identity ids[TRACK_IDS_MAX];
	uint32_t order[TRACK_IDS_MAX];
	bool sure;

	rank(t, record, labels, order, ids, &sure);
	return sure ? order[0] : IDENTITY_NONE;
}

unsigned identity_publish(const struct identity_table *t, uint32_t record,
	const struct identity_labels *labels, struct track_identity ret_ids[static TRACK_IDS_MAX],
	uint32_t *ret_entry)
{
	uint32_t order[TRACK_IDS_MAX];
	bool sure;
	unsigned n = rank(t, record, labels, order, ret_ids, &sure);

	*ret_entry = IDENTITY_NONE;
	if (!sure)
		return 0;
	const struct identity_entry *e = &t->entries[order[0]];
	if (e->doubt_ns && e->doubt_ns >= e->last_ns)
		return 0;
	*ret_entry = order[0];
	return n;
}

/* M.1371-5 annex 8, table 53: first digit, or the whole number where that says more. */
static enum track_class class_of_type(uint8_t type)
{
	switch (type) {
	case 30:
		return TRACK_CLASS_FISHING;
	case 31 ... 35:
	case 50 ... 59:
		return TRACK_CLASS_SPECIAL;
	case 36 ... 37:
		return TRACK_CLASS_PLEASURE;
	case 40 ... 49:
		return TRACK_CLASS_HIGH_SPEED;
	case 60 ... 69:
		return TRACK_CLASS_PASSENGER;
	case 70 ... 79:
		return TRACK_CLASS_CARGO;
	case 80 ... 89:
		return TRACK_CLASS_TANKER;
	default:
		return TRACK_CLASS_UNKNOWN;
	}
}

enum track_class identity_class(enum plot_id_kind kind, uint32_t value, uint8_t ship_type)
{
	if (kind == PLOT_ID_ICAO24)
		return TRACK_CLASS_AIRCRAFT;

	/* M.585-9: 970/972/974 beacons, 99MIDaxxx aids to navigation, 111MIDaxx SAR aircraft. */
	uint32_t prefix3 = value / 1000000;
	if (prefix3 == 970 || prefix3 == 972 || prefix3 == 974)
		return TRACK_CLASS_BEACON;
	if (value / 10000000 == 99)
		return TRACK_CLASS_ATON;
	if (prefix3 == 111)
		return TRACK_CLASS_AIRCRAFT;
	return class_of_type(ship_type);
}
