/* wire - the tables of docs/wire.md. */
#include "common/wire.h"

#include "common/counter.h"
#include "common/geo.h"
#include "common/wire_field.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEG7 (1e7 / GEO_DEG) /* 1e-7 degree per radian */
#define LATITUDE_MAX 900000000.0
#define LONGITUDE_MAX 1800000000.0
#define STANDING_MM_MAX 1e11 /* twice round the earth */
#define ANGLE_MAX 6283186.0 /* 2 pi in 1e-6 rad, rounded up */

#define REAL(k, s, m, sc, mx) { .key = k, .type = WIRE_T_REAL, .offset = offsetof(s, m), .scale = sc, .max = mx }
#define SIGNED(k, s, m, sc, mx) { .key = k, .type = WIRE_T_REAL, .offset = offsetof(s, m), .scale = sc, .max = mx, .is_signed = true }
#define SIGNED_MUST(k, s, m, sc, mx) { .key = k, .type = WIRE_T_REAL, .offset = offsetof(s, m), .scale = sc, .max = mx, .is_signed = true, .required = true }
#define REAL_MUST(k, s, m, sc, mx) { .key = k, .type = WIRE_T_REAL, .offset = offsetof(s, m), .scale = sc, .max = mx, .required = true }
#define ENUM(k, s, m, mx) { .key = k, .type = WIRE_T_ENUM, .offset = offsetof(s, m), .max = mx, .required = true }
#define TEXT(k, s, m) { .key = k, .type = WIRE_T_TEXT, .offset = offsetof(s, m), .size = sizeof(((s *)0)->m) }
#define TEXT_MUST(k, s, m) { .key = k, .type = WIRE_T_TEXT, .offset = offsetof(s, m), .size = sizeof(((s *)0)->m), .required = true }
#define NUM(k, t, s, m) { .key = k, .type = t, .offset = offsetof(s, m) }
#define NUM_MUST(k, t, s, m) { .key = k, .type = t, .offset = offsetof(s, m), .required = true }
#define NEST(k, s, m, h, p, g) { .key = k, .type = WIRE_T_NEST, .offset = offsetof(s, m), .has = h, .put = p, .get = g }
#define NEST_MUST(k, s, m, p, g) { .key = k, .type = WIRE_T_NEST, .offset = offsetof(s, m), .required = true, .put = p, .get = g }

/* --- parts --- */

#define IDENTITY struct plot_identity
static const struct wire_field identity_fields[] = {
	TEXT(1, IDENTITY, name),
	TEXT(2, IDENTITY, callsign),
	NUM(3, WIRE_T_U32, IDENTITY, imo),
	NUM(4, WIRE_T_U8, IDENTITY, ship_type),
	{ .key = 5, .type = WIRE_T_U8, .offset = offsetof(IDENTITY, nav_status), .required = true, .max = 15 },
	NUM(6, WIRE_T_U16, IDENTITY, length_m),
	NUM(7, WIRE_T_U16, IDENTITY, beam_m),
	{ 0 },
};

static bool has_identity(const void *m)
{
	const struct plot_identity *id = m;
	return *id->name || *id->callsign || id->imo || id->ship_type || id->nav_status != 15 || id->length_m || id->beam_m;
}

static void put_identity(struct canon_out *o, const void *m)
{
	wire_field_put(o, identity_fields, m);
}

static void get_identity(struct canon_in *i, void *m)
{
	wire_field_get(i, identity_fields, m);
}

static int64_t to_e4(double v)
{
	return llround(v * 1e4);
}

static bool has_cov(const void *m)
{
	const struct plot_cov2 *c = m;
	return !isnan(c->ee) && !isnan(c->en) && !isnan(c->nn);
}

static void put_reals_e4(struct canon_out *o, const double *v, size_t n)
{
	canon_put_array(o, n);
	for (size_t k = 0; k < n; k++) {
		if (!(fabs(v[k]) < 1e14)) /* NaN included */
			o->failed = true;
		else
			canon_put_int(o, to_e4(v[k]));
	}
}

static void get_reals_e4(struct canon_in *i, double *v, size_t n)
{
	if (canon_get_array(i) != n)
		wire_field_fail(i, -EBADMSG);
	for (size_t k = 0; k < n; k++)
		v[k] = (double)canon_get_int(i) / 1e4;
}

static void put_cov(struct canon_out *o, const void *m)
{
	put_reals_e4(o, m, 3);
}

static void get_cov(struct canon_in *i, void *m)
{
	get_reals_e4(i, m, 3);
}

static void put_cov4(struct canon_out *o, const void *m)
{
	put_reals_e4(o, m, 10);
}

static void get_cov4(struct canon_in *i, void *m)
{
	get_reals_e4(i, m, 10);
}

/* --- plot --- */

#define PLOT struct plot
static const struct wire_field plot_fields[] = {
	ENUM(1, PLOT, kind, _PLOT_KIND_MAX),
	ENUM(2, PLOT, sensor, _PLOT_SENSOR_MAX),
	TEXT_MUST(3, PLOT, feed),
	NUM_MUST(4, WIRE_T_I64, PLOT, time_ns),
	NUM(5, WIRE_T_I64, PLOT, time_sigma_ns),
	NUM(6, WIRE_T_I64, PLOT, recv_ns),
	NUM(7, WIRE_T_U32, PLOT, site_version),
	SIGNED(8, PLOT, lat_rad, DEG7, LATITUDE_MAX),
	SIGNED(9, PLOT, lon_rad, DEG7, LONGITUDE_MAX),
	SIGNED(10, PLOT, alt_m, 1e3, 1e9),
	NEST(11, PLOT, cov, has_cov, put_cov, get_cov),
	REAL(12, PLOT, range_m, 1e3, 1e10),
	REAL(13, PLOT, range_sigma_m, 1e3, 1e9),
	REAL(14, PLOT, azimuth_rad, 1e6, ANGLE_MAX),
	REAL(15, PLOT, azimuth_sigma_rad, 1e6, ANGLE_MAX),
	SIGNED(16, PLOT, doppler_mps, 1e3, 1e9),
	REAL(17, PLOT, sog_mps, 1e3, 1e9),
	REAL(18, PLOT, sog_sigma_mps, 1e3, 1e9),
	REAL(19, PLOT, cog_rad, 1e6, ANGLE_MAX),
	REAL(20, PLOT, cog_sigma_rad, 1e6, ANGLE_MAX),
	REAL(21, PLOT, heading_rad, 1e6, ANGLE_MAX),
	{ .key = 22, .type = WIRE_T_ENUM, .offset = offsetof(PLOT, id_kind), .max = _PLOT_ID_KIND_MAX },
	NUM(23, WIRE_T_U32, PLOT, id),
	NEST(24, PLOT, identity, has_identity, put_identity, get_identity),
	{ .key = 25, .type = WIRE_T_ENUM, .offset = offsetof(PLOT, distress), .max = _PLOT_DISTRESS_MAX },
	NUM(26, WIRE_T_BOOL, PLOT, distress_test),
	NUM(27, WIRE_T_U64, PLOT, sender_track),
	NUM(28, WIRE_T_BOOL, PLOT, sender_tentative),
	REAL(29, PLOT, doppler_sigma_mps, 1e3, 1e9),
	{ 0 },
};

/* Which parts a plot of each kind cannot be without. */
static bool plot_is_whole(const struct plot *p)
{
	switch (p->kind) {
	case PLOT_POLAR:
		if (isnan(p->range_m) || isnan(p->azimuth_rad) || isnan(p->range_sigma_m) || isnan(p->azimuth_sigma_rad))
			return false;
		__attribute__((fallthrough));
	case PLOT_POSITION: return !isnan(p->lat_rad) && !isnan(p->lon_rad) && has_cov(&p->cov);
	case PLOT_BEARING: return !isnan(p->azimuth_rad) && !isnan(p->azimuth_sigma_rad);
	case PLOT_IDENTITY: return p->id_kind != PLOT_ID_NONE;
	default: return true;
	}
}

static ssize_t put(void *buf, size_t cap, const struct wire_field *fields, const void *object)
{
	struct canon_out o;
	canon_out_init(&o, buf, cap);
	wire_field_put(&o, fields, object);
	return o.failed ? -ENOBUFS : (ssize_t)o.len;
}

static int get(const void *data, size_t size, const struct wire_field *fields, void *object)
{
	struct canon_in i;
	if (size > WIRE_OBJECT_MAX)
		return -EMSGSIZE;
	canon_in_init(&i, data, size);
	wire_field_get(&i, fields, object);
	return canon_done(&i);
}

ssize_t wire_put_plot(void *buf, size_t cap, const struct plot *p)
{
	return plot_is_whole(p) ? put(buf, cap, plot_fields, p) : -EINVAL;
}

int wire_get_plot(const void *data, size_t size, struct plot *ret_p)
{
	struct plot p;
	plot_init(&p, PLOT_POSITION, PLOT_SENSOR_RADAR);
	int r = get(data, size, plot_fields, &p);
	if (r == 0 && !plot_is_whole(&p))
		r = -EBADMSG;
	if (r == 0)
		*ret_p = p;
	return r;
}

/* --- site --- */

#define SITE struct site
static const struct wire_field site_fields[] = {
	TEXT_MUST(1, SITE, feed),
	ENUM(2, SITE, sensor, _PLOT_SENSOR_MAX),
	NUM_MUST(3, WIRE_T_U32, SITE, version),
	SIGNED_MUST(4, SITE, lat_rad, DEG7, LATITUDE_MAX),
	SIGNED_MUST(5, SITE, lon_rad, DEG7, LONGITUDE_MAX),
	SIGNED_MUST(6, SITE, height_m, 1e3, 1e9),
	REAL(7, SITE, range_sigma_m, 1e3, 1e9),
	REAL(8, SITE, azimuth_sigma_rad, 1e6, ANGLE_MAX),
	NUM(9, WIRE_T_I64, SITE, scan_period_ns),
	REAL(10, SITE, max_range_m, 1e3, 1e10),
	REAL(11, SITE, view_rad, 1e6, ANGLE_MAX),
	REAL(12, SITE, view_width_rad, 1e6, ANGLE_MAX),
	{ .key = 13, .type = WIRE_T_ENUM, .offset = offsetof(SITE, targets), .max = _SITE_TARGETS_MAX },
	{ 0 },
};

ssize_t wire_put_site(void *buf, size_t cap, const struct site *s)
{
	return put(buf, cap, site_fields, s);
}

int wire_get_site(const void *data, size_t size, struct site *ret_s)
{
	struct site s = {
		.range_sigma_m = NAN,
		.azimuth_sigma_rad = NAN,
		.max_range_m = NAN,
		.view_rad = NAN,
		.view_width_rad = NAN,
	};
	int r = get(data, size, site_fields, &s);
	if (r == 0)
		*ret_s = s;
	return r;
}

/* --- track --- */

static void put_id(struct canon_out *o, const void *m)
{
	const struct track_id *id = m;
	canon_put_array(o, 3);
	canon_put_text(o, id->origin);
	canon_put_uint(o, id->epoch);
	canon_put_uint(o, id->birth);
}

static uint32_t get_u32(struct canon_in *i)
{
	uint64_t v = canon_get_uint(i);
	if (v > UINT32_MAX)
		wire_field_fail(i, -ERANGE);
	return (uint32_t)v;
}

static void get_id(struct canon_in *i, void *m)
{
	struct track_id *id = m;
	if (canon_get_array(i) != 3)
		wire_field_fail(i, -EBADMSG);
	canon_get_text(i, id->origin, sizeof(id->origin));
	id->epoch = get_u32(i);
	id->birth = get_u32(i);
}

/* Lists: the member is the count, the elements follow it in struct track. */
#define OWNER(m, member) ((struct track *)((char *)(m) - offsetof(struct track, member)))
#define CONST_OWNER(m, member) ((const struct track *)((const char *)(m) - offsetof(struct track, member)))

static bool has_some(const void *m)
{
	return *(const unsigned *)m > 0;
}

static void put_ids(struct canon_out *o, const void *m)
{
	const struct track *t = CONST_OWNER(m, n_ids);
	canon_put_array(o, t->n_ids);
	for (unsigned k = 0; k < t->n_ids; k++) {
		canon_put_array(o, 3);
		canon_put_uint(o, t->ids[k].kind);
		canon_put_uint(o, t->ids[k].value);
		canon_put_uint(o, (uint64_t)llround(t->ids[k].probability * 1e6));
	}
}

static size_t get_count(struct canon_in *i, size_t max)
{
	size_t n = canon_get_array(i);
	if (n > max)
		wire_field_fail(i, -ERANGE);
	return i->error ? 0 : n;
}

static int get_enum(struct canon_in *i, int max)
{
	uint64_t v = canon_get_uint(i);
	if (v >= (uint64_t)max)
		wire_field_fail(i, -ERANGE);
	return i->error ? 0 : (int)v;
}

static void get_ids(struct canon_in *i, void *m)
{
	struct track *t = OWNER(m, n_ids);
	t->n_ids = (unsigned)get_count(i, TRACK_IDS_MAX);
	for (unsigned k = 0; k < t->n_ids; k++) {
		if (canon_get_array(i) != 3)
			wire_field_fail(i, -EBADMSG);
		t->ids[k].kind = get_enum(i, _PLOT_ID_KIND_MAX);
		t->ids[k].value = get_u32(i);
		uint64_t p = canon_get_uint(i);
		if (p > 1000000)
			wire_field_fail(i, -ERANGE);
		t->ids[k].probability = (double)p / 1e6;
	}
}

static void put_sources(struct canon_out *o, const void *m)
{
	const struct track *t = CONST_OWNER(m, n_sources);
	canon_put_array(o, t->n_sources);
	for (unsigned k = 0; k < t->n_sources; k++) {
		canon_put_array(o, 4);
		canon_put_text(o, t->sources[k].feed);
		canon_put_uint(o, t->sources[k].sensor);
		canon_put_uint(o, (uint64_t)t->sources[k].last_ns);
		canon_put_uint(o, t->sources[k].plots);
	}
}

static void get_sources(struct canon_in *i, void *m)
{
	struct track *t = OWNER(m, n_sources);
	t->n_sources = (unsigned)get_count(i, TRACK_SENSORS_MAX);
	for (unsigned k = 0; k < t->n_sources; k++) {
		if (canon_get_array(i) != 4)
			wire_field_fail(i, -EBADMSG);
		canon_get_text(i, t->sources[k].feed, sizeof(t->sources[k].feed));
		t->sources[k].sensor = get_enum(i, _PLOT_SENSOR_MAX);
		t->sources[k].last_ns = canon_get_int(i);
		if (t->sources[k].last_ns < 0)
			wire_field_fail(i, -ERANGE);
		t->sources[k].plots = get_u32(i);
	}
}

static bool has_standing(const void *m)
{
	return ((const struct track_standing *)m)->kind != TRACK_STANDING_NONE;
}

static void put_standing(struct canon_out *o, const void *m)
{
	const struct track_standing *s = m;
	double mm = s->distance_m * 1e3;

	canon_put_array(o, 6);
	canon_put_uint(o, s->kind);
	canon_put_uint(o, s->id_kind);
	canon_put_uint(o, s->value);
	canon_put_uint(o, s->count);
	canon_put_uint(o, s->since_ns > 0 ? (uint64_t)s->since_ns : 0);
	/* Negated so that NaN is none as well. */
	canon_put_uint(o, !(mm > 0) ? 0 : mm < STANDING_MM_MAX ? (uint64_t)(mm + 0.5) : (uint64_t)STANDING_MM_MAX);
}

/* A kind that is not known here is none: there will be more of them. */
static void get_standing(struct canon_in *i, void *m)
{
	struct track_standing s = { 0 };

	if (canon_get_array(i) != 6)
		wire_field_fail(i, -EBADMSG);
	uint64_t kind = canon_get_uint(i);
	s.id_kind = get_enum(i, _PLOT_ID_KIND_MAX);
	s.value = get_u32(i);
	s.count = get_u32(i);
	s.since_ns = canon_get_int(i);
	uint64_t mm = canon_get_uint(i);
	if (s.since_ns < 0 || mm > (uint64_t)STANDING_MM_MAX)
		wire_field_fail(i, -ERANGE);
	s.distance_m = (double)mm / 1e3;
	s.kind = (enum track_standing_kind)kind;
	if (kind > TRACK_STANDING_NONE && kind < _TRACK_STANDING_MAX)
		*(struct track_standing *)m = s;
}

#define TRACK struct track
static const struct wire_field track_fields[] = {
	NEST_MUST(1, TRACK, id, put_id, get_id),
	NUM_MUST(2, WIRE_T_U64, TRACK, version),
	NUM_MUST(3, WIRE_T_I64, TRACK, time_ns),
	NUM(4, WIRE_T_I64, TRACK, recv_ns),
	SIGNED_MUST(5, TRACK, lat_rad, DEG7, LATITUDE_MAX),
	SIGNED_MUST(6, TRACK, lon_rad, DEG7, LONGITUDE_MAX),
	SIGNED_MUST(7, TRACK, ve_mps, 1e3, 1e9),
	SIGNED_MUST(8, TRACK, vn_mps, 1e3, 1e9),
	NEST_MUST(9, TRACK, cov, put_cov4, get_cov4),
	SIGNED(10, TRACK, alt_m, 1e3, 1e9),
	ENUM(11, TRACK, state, _TRACK_STATE_MAX),
	ENUM(12, TRACK, class, _TRACK_CLASS_MAX),
	REAL_MUST(13, TRACK, existence, 1e6, 1e6),
	NEST(14, TRACK, n_ids, has_some, put_ids, get_ids),
	NEST(15, TRACK, identity, has_identity, put_identity, get_identity),
	{ .key = 16, .type = WIRE_T_ENUM, .offset = offsetof(TRACK, distress), .max = _PLOT_DISTRESS_MAX },
	NUM(17, WIRE_T_BOOL, TRACK, distress_test),
	NEST(18, TRACK, n_sources, has_some, put_sources, get_sources),
	NUM(19, WIRE_T_U32, TRACK, parent),
	NEST(20, TRACK, standing, has_standing, put_standing, get_standing),
	{ 0 },
};

ssize_t wire_put_track(void *buf, size_t cap, const struct track *t)
{
	assert(t->n_ids <= TRACK_IDS_MAX && t->n_sources <= TRACK_SENSORS_MAX);
	return put(buf, cap, track_fields, t);
}

int wire_get_track(const void *data, size_t size, struct track *ret_t)
{
	struct track t = { .alt_m = NAN, .identity.nav_status = 15 };
	int r = get(data, size, track_fields, &t);
	if (r == 0)
		*ret_t = t;
	return r;
}

/* --- withdrawal --- */

static const struct wire_field withdraw_fields[] = {
	NEST_MUST(1, struct wire_withdraw, id, put_id, get_id),
	NUM_MUST(2, WIRE_T_U64, struct wire_withdraw, version),
	NUM_MUST(3, WIRE_T_I64, struct wire_withdraw, time_ns),
	{ 0 },
};

ssize_t wire_put_withdraw(void *buf, size_t cap, const struct wire_withdraw *w)
{
	return put(buf, cap, withdraw_fields, w);
}

int wire_get_withdraw(const void *data, size_t size, struct wire_withdraw *ret_w)
{
	struct wire_withdraw w = { 0 };
	int r = get(data, size, withdraw_fields, &w);
	if (r == 0)
		*ret_w = w;
	return r;
}

/* --- health --- */

static void put_counters(struct canon_out *o, const void *m)
{
	const struct wire_health *h = (const void *)((const char *)m - offsetof(struct wire_health, n_counters));
	canon_put_array(o, h->n_counters);
	for (unsigned k = 0; k < h->n_counters; k++) {
		canon_put_array(o, 2);
		canon_put_text(o, h->counters[k].name);
		canon_put_uint(o, h->counters[k].value);
	}
}

static void get_counters(struct canon_in *i, void *m)
{
	struct wire_health *h = (void *)((char *)m - offsetof(struct wire_health, n_counters));
	h->n_counters = (unsigned)get_count(i, WIRE_COUNTERS_MAX);
	for (unsigned k = 0; k < h->n_counters; k++) {
		if (canon_get_array(i) != 2)
			wire_field_fail(i, -EBADMSG);
		canon_get_text(i, h->counters[k].name, sizeof(h->counters[k].name));
		h->counters[k].value = canon_get_uint(i);
	}
}

/* mm, 1e-6 rad, ns */
static const double bias_units[_WIRE_BIAS_MAX] = { 1e3, 1e6, 1e9 };
#define BIAS_MAX 1e12 /* on the wire: no sensor is a million kilometres or a quarter of an hour off */

static bool has_bias(const void *m)
{
	return ((const struct wire_biases *)m)->given;
}

static void put_bias(struct canon_out *o, const void *m)
{
	canon_put_array(o, _WIRE_BIAS_MAX);
	for (unsigned k = 0; k < _WIRE_BIAS_MAX; k++) {
		const struct wire_bias *b = &((const struct wire_biases *)m)->of[k];
		double value = b->value * bias_units[k], sigma = b->sigma * bias_units[k];
		bool known = b->state != WIRE_BIAS_UNKNOWN;
		canon_put_array(o, known ? 3 : 1);
		canon_put_uint(o, (uint64_t)b->state);
		if (!known)
			continue;
		if (!(fabs(value) <= BIAS_MAX) || !(sigma >= 0 && sigma <= BIAS_MAX)) {
			o->failed = true;
			return;
		}
		canon_put_int(o, llround(value));
		canon_put_uint(o, (uint64_t)llround(sigma));
	}
}

static void get_one_bias(struct canon_in *i, double unit, struct wire_bias *b)
{
	size_t n = canon_get_array(i);
	uint64_t state = canon_get_uint(i);

	*b = (struct wire_bias){ WIRE_BIAS_UNKNOWN, NAN, NAN };
	if (i->error || (n == 1 && state == WIRE_BIAS_UNKNOWN))
		return;
	int64_t value = n == 3 ? canon_get_int(i) : 0;
	uint64_t sigma = n == 3 ? canon_get_uint(i) : 0;
	if (n != 3)
		wire_field_fail(i, -EBADMSG);
	else if (state == WIRE_BIAS_UNKNOWN || state >= _WIRE_BIAS_STATE_MAX || fabs((double)value) > BIAS_MAX ||
		 (double)sigma > BIAS_MAX)
		wire_field_fail(i, -ERANGE);
	else
		*b = (struct wire_bias){ (enum wire_bias_state)state, (double)value / unit, (double)sigma / unit };
}

static void get_bias(struct canon_in *i, void *m)
{
	struct wire_biases *b = m;

	b->given = true;
	if (canon_get_array(i) != _WIRE_BIAS_MAX)
		wire_field_fail(i, -EBADMSG);
	for (unsigned k = 0; k < _WIRE_BIAS_MAX; k++)
		get_one_bias(i, bias_units[k], &b->of[k]);
}

#define HEALTH struct wire_health
static const struct wire_field health_fields[] = {
	TEXT_MUST(1, HEALTH, host),
	TEXT_MUST(2, HEALTH, process),
	TEXT_MUST(3, HEALTH, feed),
	NUM_MUST(4, WIRE_T_I64, HEALTH, time_ns),
	ENUM(5, HEALTH, state, _WIRE_HEALTH_MAX),
	TEXT_MUST(6, HEALTH, reason),
	NUM_MUST(7, WIRE_T_I64, HEALTH, clock_max_error_ns),
	{ .key = 8, .type = WIRE_T_BOOL, .offset = offsetof(HEALTH, clock_synchronised), .required = true },
	NEST_MUST(9, HEALTH, n_counters, put_counters, get_counters),
	NEST(10, HEALTH, bias, has_bias, put_bias, get_bias),
	{ 0 },
};

ssize_t wire_put_health(void *buf, size_t cap, const struct wire_health *h)
{
	assert(h->n_counters <= WIRE_COUNTERS_MAX);
	return put(buf, cap, health_fields, h);
}

int wire_get_health(const void *data, size_t size, struct wire_health *ret_h)
{
	struct wire_health h = { 0 };
	int r = get(data, size, health_fields, &h);
	if (r == 0)
		*ret_h = h;
	return r;
}

static void add_counter(void *user, const struct counter *c)
{
	struct wire_health *h = user;
	if (h->n_counters == WIRE_COUNTERS_MAX)
		return;
	/* Cut at the limit: names of ours are shorter. */
	snprintf(h->counters[h->n_counters].name, WIRE_COUNTER_NAME_MAX, "%s", c->name);
	h->counters[h->n_counters++].value = c->value;
}

void wire_health_counters(struct wire_health *h)
{
	h->n_counters = 0;
	counter_each(add_counter, h);
}
