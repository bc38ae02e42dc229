#include "cli/simulate/voyage.h"

#include <errno.h>
#include <math.h>

#include "common/clock.h"

#define ACCELERATION_MPS2 0.05	/* what a ferry does leaving her berth: 17 kt in three minutes */
#define CORNER_SHARE 0.45	/* of the shorter leg that an arc may take at each end */
#define REVERSAL_RAD 3.05	/* 175 degrees */
#define EARTH_M 6371008.8	/* mean radius: drop of the sea below the plane */

struct point {
	double e, n;
};

struct corner {
	double trim_m;	     /* of both edges */
	double turn_rad;     /* positive to starboard */
	double curvature;
};

static double azimuth(struct point a, struct point b)
{
	return atan2(b.e - a.e, b.n - a.n);
}

static double distance(struct point a, struct point b)
{
	return hypot(b.e - a.e, b.n - a.n);
}

/* The arc that rounds b on the way from a to c; none at a stop. */
static struct corner round_corner(struct point a, struct point b, struct point c, double radius_m, bool stop)
{
	struct corner k = { 0 };
	k.turn_rad = geo_wrap_pi(azimuth(b, c) - azimuth(a, b));
	/* Straight on needs no arc, and straight back has none. */
	if (stop || fabs(k.turn_rad) < 1e-4 || fabs(k.turn_rad) > REVERSAL_RAD)
		return k;
	double t = tan(fabs(k.turn_rad) / 2);
	k.trim_m = fmin(radius_m * t, CORNER_SHARE * fmin(distance(a, b), distance(b, c)));
	k.curvature = copysign(t / k.trim_m, k.turn_rad);
	return k;
}

static void add_segment(struct voyage *v, struct voyage_segment s)
{
	if (s.length_m < 1e-6)
		return;
	if (v->n_segments) {
		const struct voyage_segment *last = &v->segments[v->n_segments - 1];
		s.from_m = last->from_m + last->length_m;
	}
	v->segments[v->n_segments++] = s;
}

static double length_so_far(const struct voyage *v)
{
	if (v->n_segments == 0)
		return 0;
	const struct voyage_segment *last = &v->segments[v->n_segments - 1];
	return last->from_m + last->length_m;
}

/* Closes the leg that began at from_m; how long it takes follows from speed, length and ends. */
static void add_leg(struct voyage *v, double from_m, bool rises, bool falls, int64_t rest_ns)
{
	struct voyage_leg l = { .from_m = from_m, .length_m = length_so_far(v) - from_m, .rises = rises,
		.falls = falls, .rest_ns = rest_ns };
	double ramps = rises + falls, top = v->vessel->speed_mps;
	if (ramps > 0)
		top = fmin(top, sqrt(2 * ACCELERATION_MPS2 * l.length_m / ramps));
	l.speed_mps = top;
	/* A ramp covers half the way that the top speed would in its time. */
	double seconds = top > 0 ? l.length_m / top + ramps * top / (2 * ACCELERATION_MPS2) : 0;
	l.sail_ns = llround(seconds * 1e9);
	v->legs[v->n_legs++] = l;
	v->round_ns += l.sail_ns + rest_ns;
}

static void lay_route(struct voyage *v, const struct point *p, unsigned n)
{
	const struct scene_vessel *s = v->vessel;
	bool loop = s->end == SCENE_LOOP, rises = !loop || s->route[0].stop_ns > 0;
	struct corner corners[SCENE_ROUTE_MAX] = { 0 };
	unsigned edges = loop ? n : n - 1;
	double leg_from = 0;

	for (unsigned i = loop ? 0 : 1; i < (loop ? n : n - 1); i++)
		corners[i] = round_corner(p[(i + n - 1) % n], p[i], p[(i + 1) % n], s->turn_m, s->route[i].stop_ns > 0);
	/* A vessel that passes through comes and goes at speed. */
	if (!loop)
		rises = false;
	for (unsigned i = 0; i < edges; i++) {
		unsigned j = (i + 1) % n;
		double az = azimuth(p[i], p[j]), len = distance(p[i], p[j]), a = corners[i].trim_m, b = corners[j].trim_m;
		add_segment(v, (struct voyage_segment){ .length_m = len - a - b, .east_m = p[i].e + a * sin(az),
			.north_m = p[i].n + a * cos(az), .azimuth_rad = az });
		if (b > 0)
			add_segment(v, (struct voyage_segment){ .length_m = fabs(corners[j].turn_rad / corners[j].curvature),
				.east_m = p[j].e - b * sin(az), .north_m = p[j].n - b * cos(az), .azimuth_rad = az,
				.curvature = corners[j].curvature });
		bool stop = s->route[j].stop_ns > 0 && (loop || j != n - 1);
		if (stop || i + 1 == edges) {
			add_leg(v, leg_from, rises, stop, stop ? s->route[j].stop_ns : 0);
			leg_from = length_so_far(v);
			rises = stop;
		}
	}
}

int voyage_init(struct voyage *v, const struct scene_vessel *vessel, const struct geo_plane *plane)
{
	struct point p[SCENE_ROUTE_MAX];
	*v = (struct voyage){ .vessel = vessel, .plane = plane };
	for (unsigned i = 0; i < vessel->n_route; i++) {
		struct geo_point g = { vessel->route[i].lat_rad, vessel->route[i].lon_rad, 0 };
		geo_plane_forward(plane, &g, &p[i].e, &p[i].n, NULL);
	}
	if (vessel->n_route > 1)
		lay_route(v, p, vessel->n_route);
	else
		v->segments[0] = (struct voyage_segment){ .east_m = p[0].e, .north_m = p[0].n };
	if (vessel->n_route > 1 && v->round_ns <= 0)
		return -EDOM;
	v->offset_ns = llround(vessel->start * (double)v->round_ns);
	return 0;
}

/* How far along a leg, and how fast, t seconds after it began. */
static double along_leg(const struct voyage_leg *l, double t, double *ret_speed)
{
	double a = ACCELERATION_MPS2, ramp = l->speed_mps / a, total = (double)l->sail_ns * 1e-9;
	if (t >= total) {
		*ret_speed = 0;
		return l->length_m;
	}
	if (l->falls && t > total - ramp) {
		double left = total - t;
		*ret_speed = a * left;
		return l->length_m - a * left * left / 2;
	}
	if (l->rises && t < ramp) {
		*ret_speed = a * t;
		return a * t * t / 2;
	}
	*ret_speed = l->speed_mps;
	return l->speed_mps * t - (l->rises ? l->speed_mps * ramp / 2 : 0);
}

static double along_route(const struct voyage *v, int64_t t_ns, double *ret_speed)
{
	for (unsigned i = 0; i < v->n_legs; i++) {
		const struct voyage_leg *l = &v->legs[i];
		if (t_ns < l->sail_ns + l->rest_ns || i + 1 == v->n_legs)
			return l->from_m + along_leg(l, (double)t_ns * 1e-9, ret_speed);
		t_ns -= l->sail_ns + l->rest_ns;
	}
	*ret_speed = 0;
	return 0;
}

static const struct voyage_segment *segment_at(const struct voyage *v, double along_m)
{
	unsigned low = 0, high = v->n_segments;
	while (high > low + 1) {
		unsigned mid = (low + high) / 2;
		if (v->segments[mid].from_m <= along_m)
			low = mid;
		else
			high = mid;
	}
	return &v->segments[low];
}

static void to_geo(const struct geo_plane *plane, double e, double n, struct geo_point *ret_p)
{
	geo_plane_inverse(plane, e, n, -(e * e + n * n) / (2 * EARTH_M), ret_p);
	ret_p->height_m = 0;
}

static void state_on(const struct voyage *v, const struct voyage_segment *s, double along_m, double speed_mps,
	struct voyage_state *ret_state)
{
	double d = along_m - s->from_m, az = s->azimuth_rad + s->curvature * d, e = s->east_m, n = s->north_m;
	if (s->curvature != 0) {
		e += (cos(s->azimuth_rad) - cos(az)) / s->curvature;
		n += (sin(az) - sin(s->azimuth_rad)) / s->curvature;
	} else {
		e += d * sin(az);
		n += d * cos(az);
	}
	/* The plane's north is not the vessel's: true course by a step of 10 m along it. */
	struct geo_point here, ahead;
	double course;
	to_geo(v->plane, e, n, &here);
	to_geo(v->plane, e + 10 * sin(az), n + 10 * cos(az), &ahead);
	geo_inverse(&here, &ahead, NULL, &course);
	*ret_state = (struct voyage_state){ .lat_rad = here.lat_rad, .lon_rad = here.lon_rad, .sog_mps = speed_mps,
		.course_rad = course, .east_mps = speed_mps * sin(course), .north_mps = speed_mps * cos(course),
		.turn_rad_s = speed_mps * s->curvature };
}

bool voyage_at(const struct voyage *v, int64_t since_ns, struct voyage_state *ret_state)
{
	int64_t t = since_ns - v->vessel->after_ns;
	double speed = 0, along = 0;
	if (t < 0)
		return false;
	if (v->n_legs > 0) {
		int64_t cycle = v->round_ns + (v->vessel->end == SCENE_THROUGH ? v->vessel->gap_ns : 0);
		t = (t + v->offset_ns) % cycle;
		if (t >= v->round_ns)
			return false;
		along = along_route(v, t, &speed);
	}
	state_on(v, segment_at(v, along), along, speed, ret_state);
	return true;
}
