/*
 * test-track - text scenarios through journal rows, engine and tracker on their own time.
 *
 * A scenario says which sensors stand where, which vessels pass, who sees them, and what the
 * picture must be when:
 *
 *   site FEED radar|ais|camera at=E,N [period=S] [range=M] [sr=M] [sa=DEG]
 *   vessel NAME at=E,N v=E,N [from=S] [to=S] [radar=FEED+FEED] [pd=P] [camera=FEED] [ais=FEED+FEED]
 * [alt=M] [mmsi=N] [every=S] [lag=S] [distress=N] [jump=S,E,N (reports only: from S on displaced)]
 * [mute=S,S] name MMSI TEXT until S expect S tracks=N                       confirmed and coasting
 * tracks, no more, no fewer expect S NAME tol=M [sources=F+F] [mmsi=N] [state=confirmed|coasting]
 * [class=N] [distress=N] [same] expect S NAME none                      no track within 500 m
 *   expect S versions<N                     published so far
 *
 * Metres in the plane of the origin, seconds, degrees. Each runs twice and must give the same
 * bytes.
 */
#include "common/geo.h"
#include "common/wire.h"
#include "fusion/engine.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 INT64_C(1700000000000000000)
#define TICK_NS INT64_C(100000000)
#define LAT (54.5 * GEO_DEG)
#define LON (11.2 * GEO_DEG)
#define VESSELS 64
#define SITES 16
#define EXPECTS 128
#define QUEUE 4096
#define TRACKS 512

struct place {
	struct site site;
	double e, n;
	double next_s;
};

struct vessel {
	char name[24];
	double e, n, ve, vn, from, to;
	char radar[128], camera[64], ais[64];
	double pd, every, lag, mute0, mute1, alt_m; /* NaN = the radar gives no height */
	double jump_s, jump_e, jump_n;
	unsigned mmsi, distress;
	double next_report;
	unsigned birth; /* of its track at the first expectation */
};

struct expectation {
	double at;
	char text[256];
	int line;
};

struct queued {
	double arrive_s;
	unsigned order;
	uint8_t kind;
	size_t size;
	uint8_t data[512];
};

struct scene {
	const char *file;
	struct place sites[SITES];
	struct vessel vessels[VESSELS];
	struct expectation expects[EXPECTS];
	unsigned n_sites, n_vessels, n_expects;
	double until;
	struct queued queue[QUEUE];
	unsigned n_queue, order;

	struct engine *engine;
	struct geo_plane *plane;
	uint64_t jseq;
	struct track tracks[TRACKS]; /* newest version by birth */
	uint64_t versions, sum;
	unsigned seed, failures;
};

static void fail(struct scene *s, int line, const char *what, const char *detail)
{
	printf("# %s:%d: %s (%s)\n", s->file, line, what, detail);
	s->failures++;
}

/* --- text --- */

static const char *value(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = text; (p = strstr(p, key)); p += n)
		if ((p == text || p[-1] == ' ') && p[n] == '=')
			return p + n + 1;
	return NULL;
}

static double number(const char *text, const char *key, double missing)
{
	const char *v = value(text, key);

	return v ? atof(v) : missing;
}

static void pair(const char *text, const char *key, double *a, double *b)
{
	const char *v = value(text, key);

	if (v)
		(void)sscanf(v, "%lf,%lf", a, b);
}

static void word(const char *text, const char *key, char *buf, size_t size)
{
	const char *v = value(text, key);
	size_t n = v ? strcspn(v, " ") : 0;

	snprintf(buf, size, "%.*s", (int)n, v ? v : "");
}

/* Is @name one of the list "a+b+c"? */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; *p; p += strcspn(p, "+"), p += *p == '+')
		if (strcspn(p, "+") == n && !strncmp(p, name, n))
			return true;
	return false;
}

static void parse_site(struct scene *s, const char *text)
{
	struct place *p = &s->sites[s->n_sites++];
	char kind[16];

	*p = (struct place){
		.site = { .version = 1, .max_range_m = NAN, .view_width_rad = 2 * M_PI }
	};
	(void)sscanf(text, "%31s %15s", p->site.feed, kind);
	p->site.sensor = !strcmp(kind, "radar") ? PLOT_SENSOR_RADAR
			 : !strcmp(kind, "ais") ? PLOT_SENSOR_AIS
						: PLOT_SENSOR_CAMERA;
	pair(text, "at", &p->e, &p->n);
	p->site.scan_period_ns = (int64_t)(number(text, "period", 0) * 1e9);
	p->site.max_range_m = number(text, "range", 40000);
	p->site.range_sigma_m = number(text, "sr", 20);
	p->site.azimuth_sigma_rad = number(text, "sa", 0.3) * GEO_DEG;
	struct geo_point g;
	geo_plane_inverse(s->plane, p->e, p->n, 0, &g);
	p->site.lat_rad = g.lat_rad;
	p->site.lon_rad = g.lon_rad;
}

static void parse_vessel(struct scene *s, const char *text)
{
	struct vessel *v = &s->vessels[s->n_vessels++];

	*v = (struct vessel){
		.to = 1e9, .pd = 0.9, .every = 10, .jump_s = 1e9, .mute0 = 1e9, .mute1 = 1e9
	};
	(void)sscanf(text, "%23s", v->name);
	pair(text, "at", &v->e, &v->n);
	pair(text, "v", &v->ve, &v->vn);
	v->from = number(text, "from", 0);
	v->to = number(text, "to", v->to);
	v->pd = number(text, "pd", v->pd);
	v->every = number(text, "every", v->every);
	v->lag = number(text, "lag", 0);
	v->alt_m = number(text, "alt", NAN);
	v->mmsi = (unsigned)number(text, "mmsi", 0);
	v->distress = (unsigned)number(text, "distress", 0);
	word(text, "radar", v->radar, sizeof(v->radar));
	word(text, "camera", v->camera, sizeof(v->camera));
	word(text, "ais", v->ais, sizeof(v->ais));
	pair(text, "mute", &v->mute0, &v->mute1);
	const char *jump = value(text, "jump");
	if (jump)
		(void)sscanf(jump, "%lf,%lf,%lf", &v->jump_s, &v->jump_e, &v->jump_n);
	v->next_report = v->from + 0.37 * s->n_vessels;
}

/* --- sensors --- */

static double uniform(struct scene *s)
{
	s->seed = s->seed * 1103515245u + 12345u;
	return (s->seed >> 8) / 16777216.0;
}

/* Irwin-Hall: the sum of twelve. */
static double normal(struct scene *s)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(s);
	return sum;
}

static void enqueue(struct scene *s, double arrive_s, uint8_t kind, const void *data, ssize_t size)
{
	if (size <= 0 || s->n_queue == QUEUE) {
		fail(s, 0, "a plot cannot be encoded or queued",
			strerror(size < 0 ? (int)-size : ENOBUFS));
		return;
	}
	struct queued *q = &s->queue[s->n_queue++];
	q->arrive_s = arrive_s;
	q->order = s->order++;
	q->kind = kind;
	q->size = (size_t)size;
	memcpy(q->data, data, (size_t)size);
}

static void enqueue_plot(struct scene *s, double arrive_s, const struct plot *p)
{
	uint8_t buf[512];

	enqueue(s, arrive_s, WIRE_PLOT, buf, wire_put_plot(buf, sizeof(buf), p));
}

static void start_plot(struct plot *p, enum plot_kind kind, const struct place *at, double t_s)
{
	plot_init(p, kind, at->site.sensor);
	memcpy(p->feed, at->site.feed, sizeof(p->feed));
	p->time_ns = T0 + (int64_t)(t_s * 1e9);
	p->recv_ns = p->time_ns + 50000000;
	p->site_version = 1;
}

static bool alive(const struct vessel *v, double t_s)
{
	return t_s >= v->from && t_s < v->to;
}

static void look(struct scene *s, const struct place *at, const struct vessel *v, double t_s)
{
	double e = v->e + v->ve * (t_s - v->from) - at->e,
	       n = v->n + v->vn * (t_s - v->from) - at->n;
	struct geo_point site = { at->site.lat_rad, at->site.lon_rad, 0 }, g;
	struct plot p;

	/* The truth's true azimuth and distance, by the ellipsoid, then noise. */
	geo_plane_inverse(s->plane, e + at->e, n + at->n, 0, &g);
	g.height_m = 0;
	double range, azimuth;
	geo_inverse(&site, &g, &range, &azimuth);
	if (range > at->site.max_range_m)
		return;
	azimuth = geo_wrap_2pi(azimuth + normal(s) * at->site.azimuth_sigma_rad);
	range += normal(s) * at->site.range_sigma_m;
	bool camera = at->site.sensor == PLOT_SENSOR_CAMERA;
	start_plot(&p, camera ? PLOT_BEARING : PLOT_POLAR, at, t_s);
	p.alt_m = v->alt_m;
	p.azimuth_rad = azimuth;
	p.azimuth_sigma_rad = at->site.azimuth_sigma_rad;
	if (!camera) {
		p.range_m = range;
		p.range_sigma_m = at->site.range_sigma_m;
		geo_direct(&site, azimuth, range, &g);
		p.lat_rad = g.lat_rad;
		p.lon_rad = g.lon_rad;
		double r2 = range * range * p.azimuth_sigma_rad * p.azimuth_sigma_rad,
		       q2 = p.range_sigma_m * p.range_sigma_m;
		double sn = sin(azimuth), cs = cos(azimuth);
		p.cov = (struct plot_cov2){ q2 * sn * sn + r2 * cs * cs, (q2 - r2) * sn * cs,
			q2 * cs * cs + r2 * sn * sn };
	}
	enqueue_plot(s, t_s + 0.05, &p);
}

static void turn(struct scene *s, struct place *at, double t_s)
{
	while (at->site.scan_period_ns && at->next_s <= t_s) {
		struct plot north;
		for (unsigned i = 0; i < s->n_vessels; i++) {
			const struct vessel *v = &s->vessels[i];
			const char *list =
				at->site.sensor == PLOT_SENSOR_CAMERA ? v->camera : v->radar;
			/* Looks spread over the turn, by vessel. */
			double when = at->next_s +
				      (double)(i % 8) / 8 * (double)at->site.scan_period_ns * 1e-9;
			if (alive(v, when) && listed(list, at->site.feed) && uniform(s) < v->pd)
				look(s, at, v, when);
		}
		if (at->site.sensor == PLOT_SENSOR_RADAR) {
			start_plot(&north, PLOT_NORTH, at, at->next_s);
			enqueue_plot(s, at->next_s + 0.05, &north);
		}
		at->next_s += (double)at->site.scan_period_ns * 1e-9;
	}
}

static void report(struct scene *s, struct vessel *v, double t_s)
{
	for (; v->ais[0] && v->next_report <= t_s && alive(v, v->next_report);
		v->next_report += v->every) {
		double t = v->next_report, dt = t - v->from;
		if (t >= v->mute0 && t < v->mute1)
			continue;
		bool jump = t >= v->jump_s;
		double e = v->e + v->ve * dt + normal(s) * 8 + (jump ? v->jump_e : 0);
		double n = v->n + v->vn * dt + normal(s) * 8 + (jump ? v->jump_n : 0);
		for (unsigned k = 0; k < s->n_sites; k++) {
			struct geo_point g;
			struct plot p;
			if (!listed(v->ais, s->sites[k].site.feed))
				continue;
			geo_plane_inverse(s->plane, e, n, 0, &g);
			start_plot(&p, PLOT_POSITION, &s->sites[k], t);
			p.lat_rad = g.lat_rad;
			p.lon_rad = g.lon_rad;
			p.cov = (struct plot_cov2){ 100, 0, 100 };
			p.sog_mps = sqrt(v->ve * v->ve + v->vn * v->vn);
			p.cog_rad = geo_wrap_2pi(atan2(v->ve, v->vn));
			p.id_kind = PLOT_ID_MMSI;
			p.id = v->mmsi;
			p.distress = (enum plot_distress)v->distress;
			enqueue_plot(s, t + 0.05 + v->lag, &p);
		}
	}
}

/* --- the run --- */

static void on_track(void *user, uint64_t jseq, const void *data, size_t size)
{
	struct scene *s = user;
	struct track k;

	(void)jseq;
	s->versions++;
	for (size_t i = 0; i < size; i++)
		s->sum = (s->sum ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
	if (wire_get_track(data, size, &k) < 0 || k.id.birth >= TRACKS) {
		fail(s, 0, "a published track cannot be read", "");
		return;
	}
	if (k.version != s->tracks[k.id.birth].version + 1)
		fail(s, 0, "versions of a track do not count by one", "");
	s->tracks[k.id.birth] = k;
}

static void apply(struct scene *s, uint8_t kind, double t_s, const void *data, size_t size)
{
	struct journal_row row = { .jseq = ++s->jseq,
		.recv_ns = T0 + (int64_t)(t_s * 1e9 + 0.5),
		.origin = "m",
		.lane = "live",
		.kind = kind,
		.data = data,
		.size = size };

	if (engine_apply(s->engine, &row) < 0)
		fail(s, 0, "the engine refused a row", "");
}

static void deliver(struct scene *s, double t_s)
{
	for (;;) {
		unsigned best = s->n_queue;
		for (unsigned i = 0; i < s->n_queue; i++)
			if (s->queue[i].arrive_s <= t_s &&
				(best == s->n_queue ||
					s->queue[i].arrive_s < s->queue[best].arrive_s ||
					(s->queue[i].arrive_s == s->queue[best].arrive_s &&
						s->queue[i].order < s->queue[best].order)))
				best = i;
		if (best == s->n_queue)
			return;
		apply(s, s->queue[best].kind, t_s, s->queue[best].data, s->queue[best].size);
		s->queue[best] = s->queue[--s->n_queue];
	}
}

static bool shown(const struct track *k)
{
	return k->version && k->state != TRACK_DROPPED;
}

/* The track that lies nearest to a vessel; its distance in metres. */
static const struct track *nearest(
	struct scene *s, const struct vessel *v, double t_s, double *ret_m)
{
	const struct track *best = NULL;

	*ret_m = INFINITY;
	for (unsigned i = 0; i < TRACKS; i++) {
		const struct track *k = &s->tracks[i];
		if (!shown(k))
			continue;
		struct geo_point g = { k->lat_rad, k->lon_rad, 0 };
		double e, n, u, h = (double)(T0 + (int64_t)(t_s * 1e9) - k->time_ns) * 1e-9;
		geo_plane_forward(s->plane, &g, &e, &n, &u);
		e += k->ve_mps * h - v->e - v->ve * (t_s - v->from);
		n += k->vn_mps * h - v->n - v->vn * (t_s - v->from);
		double d = sqrt(e * e + n * n);
		if (d < *ret_m) {
			*ret_m = d;
			best = k;
		}
	}
	return best;
}

static bool sources_are(const struct track *k, const char *list)
{
	unsigned n = 1;

	for (const char *p = list; *p; p++)
		n += *p == '+';
	for (unsigned i = 0; i < k->n_sources; i++)
		if (!listed(list, k->sources[i].feed))
			return false;
	return k->n_sources == n;
}

static void check_vessel(struct scene *s, const struct expectation *x, struct vessel *v)
{
	char buf[160], detail[96];
	double d;
	const struct track *k = nearest(s, v, x->at, &d);

	snprintf(detail, sizeof(detail), "%s at %.1f m, %u sources, state %d, mmsi %u", v->name, d,
		k ? k->n_sources : 0, k ? (int)k->state : -1, k && k->n_ids ? k->ids[0].value : 0);
	if (strstr(x->text, " none")) {
		if (d < 500)
			fail(s, x->line, "a track where none should be", detail);
		return;
	}
	if (!(d <= number(x->text, "tol", 50))) {
		fail(s, x->line, "too far", detail);
		return;
	}
	word(x->text, "sources", buf, sizeof(buf));
	if (buf[0] && !sources_are(k, buf))
		fail(s, x->line, "other sources", detail);
	double mmsi = number(x->text, "mmsi", -1);
	if (mmsi >= 0 && (k->n_ids ? k->ids[0].value : 0) != (unsigned)mmsi)
		fail(s, x->line, "another identity", detail);
	word(x->text, "state", buf, sizeof(buf));
	if (buf[0] && k->state != (!strcmp(buf, "coasting") ? TRACK_COASTING : TRACK_CONFIRMED))
		fail(s, x->line, "another state", detail);
	word(x->text, "name", buf, sizeof(buf));
	if (buf[0] && strcmp(buf, k->identity.name))
		fail(s, x->line, "another name", detail);
	if (number(x->text, "class", -1) >= 0 &&
		k->class != (enum track_class)number(x->text, "class", -1))
		fail(s, x->line, "another class", detail);
	if (number(x->text, "distress", -1) >= 0 &&
		k->distress != (enum plot_distress)number(x->text, "distress", -1))
		fail(s, x->line, "another distress", detail);
	if (!v->birth)
		v->birth = k->id.birth;
	if (strstr(x->text, " same") && v->birth != k->id.birth)
		fail(s, x->line, "another track than before", detail);
}

static void check(struct scene *s, const struct expectation *x)
{
	char name[24] = "", detail[32];
	unsigned n = 0;

	(void)sscanf(x->text, "%23s", name);
	for (unsigned i = 0; i < s->n_vessels; i++)
		if (!strcmp(s->vessels[i].name, name)) {
			check_vessel(s, x, &s->vessels[i]);
			return;
		}
	for (unsigned i = 0; i < TRACKS; i++)
		n += shown(&s->tracks[i]);
	snprintf(detail, sizeof(detail), "%u tracks", n);
	if (number(x->text, "tracks", n) != n)
		fail(s, x->line, "another number of tracks", detail);
	snprintf(detail, sizeof(detail), "%u versions", (unsigned)s->versions);
	if (!strncmp(x->text, "versions<", 9) && s->versions >= (uint64_t)atoll(x->text + 9))
		fail(s, x->line, "too many versions", detail);
}

static void add_name(struct scene *s, const char *text)
{
	struct plot p;
	unsigned mmsi;
	int at = 0;

	plot_init(&p, PLOT_IDENTITY, PLOT_SENSOR_AIS);
	snprintf(p.feed, sizeof(p.feed), "ais1");
	if (sscanf(text, "%u %n", &mmsi, &at) < 1)
		return;
	p.id_kind = PLOT_ID_MMSI;
	p.id = mmsi;
	p.time_ns = T0;
	snprintf(p.identity.name, sizeof(p.identity.name), "%s", text + at);
	enqueue_plot(s, 0.5, &p);
}

static void load(struct scene *s, FILE *f)
{
	char line[512];

	for (int n = 1; fgets(line, sizeof(line), f); n++) {
		line[strcspn(line, "#\n")] = 0;
		int at = 0;
		double t;
		if (!strncmp(line, "site ", 5))
			parse_site(s, line + 5);
		else if (!strncmp(line, "vessel ", 7))
			parse_vessel(s, line + 7);
		else if (!strncmp(line, "name ", 5))
			add_name(s, line + 5);
		else if (sscanf(line, "until %lf", &t) == 1)
			s->until = t;
		else if (sscanf(line, "expect %lf %n", &t, &at) == 1 && at &&
			 s->n_expects < EXPECTS) {
			struct expectation *x = &s->expects[s->n_expects++];
			x->at = t;
			x->line = n;
			snprintf(x->text, sizeof(x->text), "%s", line + at);
		} else if (line[strspn(line, " \t")])
			fail(s, n, "not understood", line);
	}
}

static void play(struct scene *s)
{
	struct tracker_config c;
	uint8_t buf[1024];

	tracker_defaults(&c);
	snprintf(c.origin, sizeof(c.origin), "xt");
	c.epoch = 1;
	c.lat_rad = LAT;
	c.lon_rad = LON;
	c.max_tracks = 512;
	apply(s, WIRE_CONFIG, 0, buf, (size_t)engine_config(buf, sizeof(buf), &c, 1));
	for (unsigned i = 0; i < s->n_sites; i++)
		apply(s, WIRE_SITE, 0, buf,
			(size_t)wire_put_site(buf, sizeof(buf), &s->sites[i].site));
	for (int64_t tick = 1; (double)tick * 0.1 <= s->until; tick++) {
		double t = (double)tick * 0.1;
		for (unsigned i = 0; i < s->n_sites; i++)
			turn(s, &s->sites[i], t);
		for (unsigned i = 0; i < s->n_vessels; i++)
			report(s, &s->vessels[i], t);
		deliver(s, t);
		apply(s, WIRE_TICK, t, "", 0);
		for (unsigned i = 0; i < s->n_expects; i++)
			if (s->expects[i].at > t - 0.05 && s->expects[i].at <= t + 0.05)
				check(s, &s->expects[i]);
	}
}

static int run_once(const char *path, uint64_t *ret_sum, uint64_t *ret_versions)
{
	static const struct engine_ops ops = { .track = on_track };
	struct scene *s = calloc(1, sizeof(*s));
	const char *base = strrchr(path, '/');
	FILE *f = fopen(path, "re");

	if (!s || !f)
		return 1;
	s->file = base ? base + 1 : path;
	s->seed = 20241;
	s->until = 60;
	s->sum = 1;
	if (geo_plane_new(&(struct geo_point){ LAT, LON, 0 }, &s->plane) < 0 ||
		engine_new(&ops, s, &s->engine) < 0)
		return 1;
	load(s, f);
	fclose(f);
	play(s);
	int failures = (int)s->failures;
	*ret_sum = s->sum;
	*ret_versions = s->versions;
	engine_free(s->engine);
	geo_plane_free(s->plane);
	free(s);
	return failures;
}

int main(int argc, char **argv)
{
	int failed = 0;

	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		uint64_t a = 0, b = 1, va = 0, vb = 0;
		int failures = run_once(argv[i], &a, &va);
		failures += run_once(argv[i], &b, &vb);
		if (a != b || va != vb) {
			printf("# %s: twice run, different bytes\n", argv[i]);
			failures++;
		}
		const char *base = strrchr(argv[i], '/');
		printf("%sok %d - %s\n", failures ? "not " : "", i, base ? base + 1 : argv[i]);
		failed += failures != 0;
	}
	return failed != 0;
}
