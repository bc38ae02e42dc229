#include "sensor/decode/adsb/adsb_aircraft.h"

#include <math.h>
#include <string.h>

#include "common/geo.h"

#define NS_PER_S INT64_C(1000000000)
#define PAIR_AIRBORNE_NS (10 * NS_PER_S) /* DO-260B A.1.7.5 */
#define PAIR_SURFACE_SLOW_NS (50 * NS_PER_S) /* DO-260B 2.2.10.3: at 25 kt or less ... */
#define PAIR_SURFACE_FAST_NS (25 * NS_PER_S) /* ... and above */
#define SLOW_MILLIKT 25000
#define UNTIMED_NS (10 * NS_PER_S) /* between two position messages whose times nobody knows */
#define LOCAL_NS (60 * NS_PER_S) /* at the highest speed below it is within half a zone by far */
#define REFUSED_MAX 4
/* What an aircraft may fly or roll: beyond the fastest in service (Mach 2.5), and beyond any take-off run. */
#define SPEED_AIRBORNE_MPS 800.0
#define SPEED_SURFACE_MPS 130.0
#define SPEED_MARGIN_MPS 100.0 /* beside a speed that it said itself */
#define VELOCITY_NS (15 * NS_PER_S)
#define SLACK_AIRBORNE_M 1500.0 /* latency of 2 s (14 CFR 91.227 e) and scatter at the worst accuracy that is believed often */
#define SLACK_SURFACE_M 300.0
#define EARTH_M 6371008.8
#define KEY_USED (1u << 31)
#define KEY_OTHER (1u << 30) /* not ICAO's */

int64_t adsb_aircraft_elapsed(int64_t now_ns, int64_t then_ns)
{
	if (!now_ns || !then_ns)
		return -1;
	return now_ns > then_ns ? now_ns - then_ns : then_ns - now_ns;
}

static bool within(int64_t now_ns, int64_t then_ns, int64_t limit_ns)
{
	return adsb_aircraft_elapsed(now_ns, then_ns) <= limit_ns;
}

/* --- the table --- */

static struct adsb_aircraft *set_of(struct adsb_aircraft_table *t, uint32_t key)
{
	return t->aircraft[(key * UINT32_C(0x9e3779b1)) >> 23 & (ADSB_AIRCRAFT_SETS - 1)];
}

static struct adsb_aircraft *find(struct adsb_aircraft_table *t, uint32_t key)
{
	struct adsb_aircraft *set = set_of(t, key);

	for (unsigned i = 0; i < ADSB_AIRCRAFT_WAYS; i++)
		if (set[i].key == key)
			return &set[i];
	return NULL;
}

static void begin(struct adsb_aircraft *a, uint32_t key)
{
	*a = (struct adsb_aircraft){
		.key = key,
		.gs_millikt = ADSB_NONE,
		.track_millideg = ADSB_NONE,
		.geo_minus_baro_ft = ADSB_NONE,
		.quality = { ADSB_NONE, ADSB_NONE, ADSB_NONE, ADSB_NONE, ADSB_NONE },
	};
}

static struct adsb_aircraft *make_room(struct adsb_aircraft_table *t, uint32_t key)
{
	struct adsb_aircraft *set = set_of(t, key), *oldest = set;

	for (unsigned i = 1; i < ADSB_AIRCRAFT_WAYS; i++)
		if (set[i].heard < oldest->heard)
			oldest = &set[i];
	t->stats.evicted += oldest->key != 0;
	begin(oldest, key);
	return oldest;
}

/* The sender of @m; NULL when only parity names it and nobody of that name was heard lately. */
static struct adsb_aircraft *lookup(struct adsb_aircraft_table *t, struct adsb_message *m, int64_t time_ns)
{
	uint32_t key = m->address | KEY_USED | (m->is_icao ? 0 : KEY_OTHER);
	struct adsb_aircraft *a = find(t, key);

	if (a && !within(time_ns, a->seen_ns, ADSB_AIRCRAFT_FORGET_NS))
		begin(a, key);
	if (!m->is_verified) {
		if (!a || !within(time_ns, a->sure_ns, ADSB_AIRCRAFT_KNOWN_NS))
			return NULL;
		m->is_verified = true;
	} else {
		if (!a)
			a = make_room(t, key);
		a->sure_ns = time_ns;
	}
	a->heard = ++t->clock;
	a->seen_ns = time_ns;
	return a;
}

/* --- positions --- */

static double distance_m(const struct adsb_cpr_point *a, const struct adsb_cpr_point *b)
{
	double lat = (b->lat_deg - a->lat_deg) * GEO_DEG, lon = (b->lon_deg - a->lon_deg) * GEO_DEG;
	double s = sin(lat / 2), t = sin(lon / 2);
	double h = s * s + cos(a->lat_deg * GEO_DEG) * cos(b->lat_deg * GEO_DEG) * t * t;

	return 2 * EARTH_M * asin(sqrt(h < 1 ? h : 1));
}

static bool reachable(const struct adsb_aircraft *a, const struct adsb_cpr_point *p, int64_t time_ns, bool surface)
{
	int64_t dt_ns = adsb_aircraft_elapsed(time_ns, a->place_ns);
	double speed_mps = surface ? SPEED_SURFACE_MPS : SPEED_AIRBORNE_MPS;

	if (dt_ns < 0)
		dt_ns = UNTIMED_NS;
	if (a->gs_millikt != ADSB_NONE && within(time_ns, a->velocity_ns, VELOCITY_NS))
		speed_mps = a->gs_millikt * (GEO_KNOT_MPS / 1000) + SPEED_MARGIN_MPS;
	return distance_m(&a->place, p) <= speed_mps * (double)dt_ns / 1e9 + (surface ? SLACK_SURFACE_M : SLACK_AIRBORNE_M);
}

/* True when @p is believed. */
static bool judge(struct adsb_aircraft_table *t, struct adsb_aircraft *a, const struct adsb_cpr_point *p, int64_t time_ns,
	bool surface)
{
	bool agrees = a->belief != ADSB_PLACE_NONE && reachable(a, p, time_ns, surface);

	if (agrees) {
		a->belief = ADSB_PLACE_BELIEVED;
		a->refused = 0;
	} else if (a->belief == ADSB_PLACE_BELIEVED && ++a->refused < REFUSED_MAX) {
		t->stats.implausible++;
		return false;
	} else {
		t->stats.implausible += a->belief != ADSB_PLACE_NONE;
		a->belief = ADSB_PLACE_CANDIDATE;
		a->refused = 0;
	}
	a->place = *p;
	a->place_ns = time_ns;
	return agrees;
}

static int64_t pair_limit_ns(const struct adsb_aircraft *a, bool surface)
{
	if (!surface)
		return PAIR_AIRBORNE_NS;
	return a->gs_millikt != ADSB_NONE && a->gs_millikt <= SLOW_MILLIKT ? PAIR_SURFACE_SLOW_NS : PAIR_SURFACE_FAST_NS;
}

/* What the other half and @c give together. */
static bool locate_global(const struct adsb_aircraft *a, const struct adsb_cpr *c, int64_t time_ns,
	const struct adsb_cpr_point *site, struct adsb_cpr_point *ret_p)
{
	const struct adsb_half *other = &a->halves[!c->odd];
	const struct adsb_cpr_point *near = a->belief == ADSB_PLACE_BELIEVED ? &a->place : site;

	if (!other->valid || other->cpr.surface != c->surface ||
		!within(time_ns, other->time_ns, pair_limit_ns(a, c->surface)))
		return false;
	if (c->surface && !near)
		return false;
	return adsb_cpr_global(c->odd ? &other->cpr : c, c->odd ? c : &other->cpr, c->odd, c->surface ? near : NULL, ret_p) == 0;
}

static bool locate_local(const struct adsb_aircraft *a, const struct adsb_cpr *c, int64_t time_ns, struct adsb_cpr_point *ret_p)
{
	return a->belief == ADSB_PLACE_BELIEVED && within(time_ns, a->place_ns, LOCAL_NS) &&
		adsb_cpr_local(c, &a->place, ret_p) == 0;
}

static void set_place(struct adsb_message *m, const struct adsb_cpr_point *p)
{
	m->v[ADSB_LAT_E7] = (int32_t)lround(p->lat_deg * 1e7);
	m->v[ADSB_LON_E7] = (int32_t)lround(p->lon_deg * 1e7);
}

static void take_position(struct adsb_aircraft_table *t, struct adsb_aircraft *a, struct adsb_message *m, int64_t time_ns,
	const struct adsb_cpr_point *site)
{
	const struct adsb_cpr c = { m->v[ADSB_CPR_LAT], m->v[ADSB_CPR_LON], m->v[ADSB_CPR_ODD], m->tc <= 8 };
	struct adsb_cpr_point p;

	if (locate_global(a, &c, time_ns, site, &p) || locate_local(a, &c, time_ns, &p)) {
		if (judge(t, a, &p, time_ns, c.surface)) {
			set_place(m, &p);
			t->stats.positions++;
		}
	} else {
		t->stats.unpaired++;
	}
	a->halves[c.odd] = (struct adsb_half){ c, time_ns, true };
}

/* A position that somebody else decoded: only its reach is checked. */
static void take_line_position(struct adsb_aircraft_table *t, struct adsb_aircraft *a, struct adsb_message *m, int64_t time_ns)
{
	const struct adsb_cpr_point p = { m->v[ADSB_LAT_E7] / 1e7, m->v[ADSB_LON_E7] / 1e7 };

	if (judge(t, a, &p, time_ns, m->v[ADSB_GROUND] == 1)) {
		t->stats.positions++;
		return;
	}
	m->v[ADSB_LAT_E7] = m->v[ADSB_LON_E7] = ADSB_NONE;
}

/* --- the rest --- */

static void keep(int32_t *at, int32_t v)
{
	if (v != ADSB_NONE)
		*at = v;
}

/* Version, accuracy and supplements of operational status (and NACp of target state). */
static void take_status(struct adsb_aircraft *a, const struct adsb_message *m)
{
	keep(&a->quality.version, m->v[ADSB_VERSION]);
	keep(&a->quality.nac_p, m->v[ADSB_NAC_P]);
	keep(&a->quality.nic_a, m->v[ADSB_NIC_A]);
	keep(&a->quality.nic_c, m->v[ADSB_NIC_C]);
}

static void take_motion(struct adsb_aircraft *a, const struct adsb_message *m, int64_t time_ns)
{
	if (m->v[ADSB_GS_MILLIKT] != ADSB_NONE) {
		a->gs_millikt = m->v[ADSB_GS_MILLIKT];
		a->track_millideg = m->v[ADSB_TRACK_MILLIDEG];
		a->velocity_ns = time_ns;
		a->quality.nac_v = m->v[ADSB_NAC_V];
	}
	if (m->v[ADSB_GEO_MINUS_BARO_FT] != ADSB_NONE) {
		a->geo_minus_baro_ft = m->v[ADSB_GEO_MINUS_BARO_FT];
		a->geo_minus_baro_ns = time_ns;
	}
	if (*m->callsign)
		memcpy(a->callsign, m->callsign, sizeof(a->callsign));
}

static void grade(const struct adsb_aircraft *a, struct adsb_message *m)
{
	double rc_m;

	m->v[ADSB_NIC] = adsb_quality_nic(&a->quality, m->tc, m->v[ADSB_NIC_B], &rc_m);
	if (!isnan(rc_m))
		m->v[ADSB_RC_M] = (int32_t)lround(rc_m);
}

const struct adsb_aircraft *adsb_aircraft_take(struct adsb_aircraft_table *t, struct adsb_message *m, int64_t time_ns,
	const struct adsb_cpr_point *site)
{
	struct adsb_aircraft *a = lookup(t, m, time_ns);

	if (!a) {
		t->stats.unknown++;
		return NULL;
	}
	take_status(a, m);
	take_motion(a, m, time_ns);
	if (m->v[ADSB_CPR_LAT] != ADSB_NONE) {
		grade(a, m);
		take_position(t, a, m, time_ns, site);
	} else if (m->v[ADSB_LAT_E7] != ADSB_NONE) {
		take_line_position(t, a, m, time_ns);
	}
	return a;
}

void adsb_aircraft_forget_halves(struct adsb_aircraft_table *t)
{
	for (unsigned s = 0; s < ADSB_AIRCRAFT_SETS; s++)
		for (unsigned i = 0; i < ADSB_AIRCRAFT_WAYS; i++)
			t->aircraft[s][i].halves[0].valid = t->aircraft[s][i].halves[1].valid = false;
}
