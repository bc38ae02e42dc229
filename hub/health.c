#include "hub/health.h"

#include "common/clock.h"
#include "common/geo.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CIRCLE_POINTS 72 /* a coverage outline: 5 degrees a step, 0.1 % of the radius off at worst */

static const char *const sensor_names[_PLOT_SENSOR_MAX] = { "radar", "ais", "camera", "adsb" };
static const char *const state_names[_WIRE_HEALTH_MAX] = { "up", "degraded", "blind", "down" };

struct feed {
	struct site site;
	bool has_site;
};

struct report {
	struct wire_health r;
	int64_t mono_ns; /* 0 = not since we started */
	bool silent;
	uint64_t restarts; /* seen since we started */
};

struct health {
	size_t n_feeds, n_reports;
	struct feed feeds[HEALTH_FEEDS_MAX];
	struct report reports[HEALTH_REPORTS_MAX];
	uint64_t revision;
	int64_t started_ns; /* of the first tick: what was read back from the store is not held against the hosts at once */
};

int health_new(struct health **ret_h)
{
	struct health *h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->revision = 1;
	*ret_h = h;
	return 0;
}

void health_free(struct health *h)
{
	free(h);
}

static struct feed *get_feed(struct health *h, const char *name)
{
	for (size_t i = 0; i < h->n_feeds; i++)
		if (!strcmp(h->feeds[i].site.feed, name))
			return &h->feeds[i];
	if (h->n_feeds == HEALTH_FEEDS_MAX)
		return NULL;
	struct feed *f = &h->feeds[h->n_feeds++];
	*f = (struct feed){ 0 };
	snprintf(f->site.feed, sizeof(f->site.feed), "%s", name);
	h->revision++;
	return f;
}

int health_site(struct health *h, const struct site *site)
{
	struct feed *f = get_feed(h, site->feed);
	if (!f)
		return -ENOSPC;
	f->site = *site;
	f->has_site = true;
	h->revision++;
	return 0;
}

static struct report *get_report(struct health *h, const struct wire_health *r)
{
	for (size_t i = 0; i < h->n_reports; i++) {
		struct wire_health *o = &h->reports[i].r;
		if (!strcmp(o->feed, r->feed) && !strcmp(o->process, r->process) && !strcmp(o->host, r->host))
			return &h->reports[i];
	}
	if (h->n_reports == HEALTH_REPORTS_MAX)
		return NULL;
	struct report *p = &h->reports[h->n_reports++];
	*p = (struct report){ .silent = true };
	return p;
}

/*
 * The filter of an interface speaks of what passes it, fusion of how far a sensor is off: nobody's decoder, and no sign
 * that one lives.
 */
static bool speaks_for_feed(const struct wire_health *r)
{
	return r->feed[0] && strncmp(r->process, "filter", 6) && strcmp(r->process, "registration");
}

int health_report(struct health *h, const struct wire_health *r, int64_t mono_ns)
{
	struct report *p = get_report(h, r);
	if (!p || (speaks_for_feed(r) && !get_feed(h, r->feed)))
		return -ENOSPC;
	bool silent = mono_ns == 0;
	if (p->silent != silent || p->r.state != r->state || strcmp(p->r.reason, r->reason))
		h->revision++;
	p->restarts += metric_restarted(&p->r, r);
	p->r = *r;
	p->silent = silent;
	p->mono_ns = mono_ns;
	return 0;
}

void health_tick(struct health *h, int64_t mono_ns)
{
	if (!h->started_ns)
		h->started_ns = mono_ns;
	for (size_t i = 0; i < h->n_reports; i++) {
		bool silent = h->reports[i].mono_ns == 0 || mono_ns - h->reports[i].mono_ns > HEALTH_SILENT_NS;
		h->revision += silent != h->reports[i].silent;
		h->reports[i].silent = silent;
	}
}

bool health_centre_down(const struct health *h, const char *origin, char *reason, size_t cap)
{
	for (size_t i = 0; i < h->n_reports; i++) {
		const struct wire_health *r = &h->reports[i].r;
		if (r->state == WIRE_DOWN && !r->feed[0] && !strcmp(r->process, "hub") && !strcmp(r->host, origin)) {
			snprintf(reason, cap, "%s", r->reason);
			return true;
		}
	}
	return false;
}

bool health_hosts_silent(const struct health *h, int64_t mono_ns, int64_t *ret_silent_ns)
{
	int64_t newest_ns = h->started_ns;
	if (!h->n_feeds || !h->started_ns)
		return false;
	for (size_t i = 0; i < h->n_reports; i++)
		if (speaks_for_feed(&h->reports[i].r) && h->reports[i].mono_ns > newest_ns)
			newest_ns = h->reports[i].mono_ns;
	if (mono_ns - newest_ns <= HEALTH_SILENT_NS)
		return false;
	*ret_silent_ns = mono_ns - newest_ns;
	return true;
}

uint64_t health_revision(const struct health *h)
{
	return h->revision;
}

static enum wire_health_state state_of(const struct report *p)
{
	/* A neighbour's hub speaks when something changes; its link tells whether it lives. */
	return p->silent && strcmp(p->r.process, "hub") ? WIRE_DOWN : p->r.state;
}

/* What fusion says of a host's link, when it says that it is down. */
static const struct report *dead_link(const struct health *h, const char *host)
{
	for (size_t i = 0; i < h->n_reports; i++) {
		const struct report *p = &h->reports[i];
		if (!p->silent && p->r.state == WIRE_DOWN && !p->r.feed[0] && !strcmp(p->r.process, "link") &&
			!strcmp(p->r.host, host))
			return p;
	}
	return NULL;
}

static int64_t age_of(const struct report *p, int64_t mono_ns)
{
	return p->mono_ns ? mono_ns - p->mono_ns : -1;
}

/* The report that speaks for a feed: its decoder's or camera's; any other only where there is none. */
static const struct report *report_of(const struct health *h, const char *feed)
{
	const struct report *best = NULL;
	for (size_t i = 0; i < h->n_reports; i++) {
		const struct report *p = &h->reports[i];
		if (strcmp(p->r.feed, feed) || !speaks_for_feed(&p->r))
			continue;
		bool own = !strcmp(p->r.process, "sensor") || !strcmp(p->r.process, "camera");
		if (!best || own)
			best = p;
	}
	return best;
}

/* vedette_sensor_plots_KIND_total, vedette_camera_plots_total; those of distress are counted by their kind as well. */
static bool counts_plots(const char *name)
{
	const char *p = strstr(name, "_plots_");
	return p && strcmp(p, "_plots_distress_total");
}

static uint64_t plots_of(const struct report *p)
{
	uint64_t plots = 0;
	for (unsigned i = 0; p && i < p->r.n_counters; i++)
		plots += counts_plots(p->r.counters[i].name) ? p->r.counters[i].value : 0;
	return plots;
}

static const uint64_t *find_counter(const struct report *p, const char *name)
{
	for (unsigned i = 0; p && i < p->r.n_counters; i++)
		if (!strcmp(p->r.counters[i].name, name))
			return &p->r.counters[i].value;
	return NULL;
}

/* How good a decoder's feed is; nothing where its process does not say. */
static void write_quality(const struct report *p, struct jout *j)
{
	static const char *const names[][2] = { { "rate", "vedette_sensor_records_per_s" },
		{ "late", "vedette_sensor_late_total" }, { "duplicates", "vedette_sensor_duplicates_total" },
		{ "silences", "vedette_sensor_silences_total" }, { "missed_turns", "vedette_sensor_missed_turns_total" },
		{ "bad_checksums", "vedette_sensor_bad_checksum_total" } };
	const uint64_t *behind = find_counter(p, "vedette_sensor_source_behind_ms");
	const uint64_t *ahead = find_counter(p, "vedette_sensor_source_ahead_ms");
	if (!behind || !ahead)
		return;
	jout_object(j, "quality");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const uint64_t *v = find_counter(p, names[i][1]);
		if (v)
			jout_uint(j, names[i][0], *v);
	}
	jout_int(j, "offset_ms", (int64_t)*behind - (int64_t)*ahead);
	jout_object_end(j);
}

/* The host's clock, by which the feed's plots are timed; nothing where its process does not say. */
static void write_clock(const struct report *p, struct jout *j)
{
	if (!p || (!p->r.clock_synchronised && !p->r.clock_max_error_ns))
		return;
	jout_object(j, "clock");
	jout_bool(j, "synchronised", p->r.clock_synchronised);
	jout_int(j, "max_error_ms", p->r.clock_max_error_ns / CLOCK_NS_PER_MS);
	jout_object_end(j);
}

/* What fusion last said of a feed's sensor, however long ago: NULL when it never did. */
static const struct wire_biases *biases_of(const struct health *h, const char *feed)
{
	for (size_t i = 0; i < h->n_reports; i++) {
		const struct wire_health *r = &h->reports[i].r;
		if (r->bias.given && !strcmp(r->feed, feed) && !strcmp(r->process, "registration"))
			return &r->bias;
	}
	return NULL;
}

static const struct {
	const char *name, *component;
	double unit; /* in the picture: m, degrees, ms */
	int digits;
} bias_parts[_WIRE_BIAS_MAX] = {
	[WIRE_BIAS_RANGE] = { "range", "range", 1, 2 },
	[WIRE_BIAS_AZIMUTH] = { "azimuth", "azimuth", GEO_DEG, 4 },
	[WIRE_BIAS_TIME] = { "time_ms", "time", 1e-3, 1 },
};

static void write_bias(const struct wire_biases *b, struct jout *j)
{
	static const char *const names[_WIRE_BIAS_STATE_MAX] = { "unknown", "rough", "none seen", "applied" };

	if (!b)
		return;
	jout_object(j, "bias");
	for (unsigned k = 0; k < _WIRE_BIAS_MAX; k++) {
		const struct wire_bias *o = &b->of[k];
		jout_object(j, bias_parts[k].name);
		jout_string(j, "state", names[o->state]);
		jout_double(j, "value", o->value / bias_parts[k].unit, bias_parts[k].digits);
		jout_double(j, "sigma", o->sigma / bias_parts[k].unit, bias_parts[k].digits);
		jout_object_end(j);
	}
	jout_object_end(j);
}

/* The members a feed has in the HEALTH frame and in a site's properties alike. */
static void write_state(const struct health *h, const struct feed *f, const struct report *p, int64_t mono_ns,
	const char *age_key, struct jout *j)
{
	const struct report *link = p ? dead_link(h, p->r.host) : NULL;
	bool camera = p && !strcmp(p->r.process, "camera");
	char reason[sizeof(p->r.reason) + 48] = "no report";
	int64_t age = p ? age_of(p, mono_ns) : -1;
	if (link)
		snprintf(reason, sizeof(reason), "%s", link->r.reason);
	else if (p && !p->silent)
		snprintf(reason, sizeof(reason), "%s", p->r.reason);
	else if (age >= 0)
		snprintf(reason, sizeof(reason), "no report for %lld s", (long long)(age / CLOCK_NS_PER_S));

	jout_string(j, "feed", f->site.feed);
	jout_string(j, "sensor", f->has_site ? sensor_names[f->site.sensor] : camera ? "camera" : NULL);
	jout_text(j, "host", p ? p->r.host : NULL);
	jout_string(j, "state", p && !link ? state_names[state_of(p)] : "down");
	jout_string(j, "reason", reason);
	if (age >= 0)
		jout_int(j, age_key, age / CLOCK_NS_PER_MS);
	else
		jout_null(j, age_key);
	jout_uint(j, "plots", plots_of(p));
	write_quality(p, j);
	write_clock(p, j);
	write_bias(biases_of(h, f->site.feed), j);
}

void health_json_feeds(const struct health *h, int64_t mono_ns, struct jout *j)
{
	for (size_t i = 0; i < h->n_feeds; i++) {
		jout_object(j, NULL);
		write_state(h, &h->feeds[i], report_of(h, h->feeds[i].site.feed), mono_ns, "age_ms", j);
		jout_object_end(j);
	}
}

static void write_position(const char *key, const struct geo_point *p, struct jout *j)
{
	jout_array(j, key);
	jout_double(j, NULL, p->lon_rad / GEO_DEG, 6);
	jout_double(j, NULL, p->lat_rad / GEO_DEG, 6);
	jout_array_end(j);
}

/* A circle, or for a camera the wedge it looks into. */
static void write_coverage(const struct site *s, struct jout *j)
{
	if (!(s->max_range_m > 0)) {
		jout_null(j, "coverage");
		return;
	}
	struct geo_point at = { s->lat_rad, s->lon_rad, 0 }, p, first = at;
	bool wedge = isfinite(s->view_rad) && s->view_width_rad > 0 && s->view_width_rad < 6.28;
	double from = wedge ? s->view_rad - s->view_width_rad / 2 : 0, width = wedge ? s->view_width_rad : 2 * M_PI;
	int n = wedge ? 16 : CIRCLE_POINTS;

	jout_object(j, "coverage");
	jout_string(j, "type", "Polygon");
	jout_array(j, "coordinates");
	jout_array(j, NULL);
	if (wedge)
		write_position(NULL, &at, j);
	/* Counter-clockwise, as RFC 7946 wants the outer ring. */
	for (int i = n; i >= (wedge ? 0 : 1); i--) {
		geo_direct(&at, geo_wrap_2pi(from + width * i / n), s->max_range_m, &p);
		if (!wedge && i == n)
			first = p;
		write_position(NULL, &p, j);
	}
	write_position(NULL, &first, j);
	jout_array_end(j);
	jout_array_end(j);
	jout_object_end(j);
}

static void write_site(const struct health *h, const struct feed *f, int64_t mono_ns, struct jout *j)
{
	const struct site *s = &f->site;
	struct geo_point at = { s->lat_rad, s->lon_rad, s->height_m };
	bool wedge = isfinite(s->view_rad) && s->view_width_rad < 6.28;

	jout_object(j, NULL);
	jout_string(j, "type", "Feature");
	jout_string(j, "id", s->feed);
	jout_object(j, "geometry");
	jout_string(j, "type", "Point");
	write_position("coordinates", &at, j);
	jout_object_end(j);
	jout_object(j, "properties");
	write_state(h, f, report_of(h, s->feed), mono_ns, "health_age_ms", j);
	jout_double(j, "height", s->height_m, 1);
	jout_double(j, "range", s->max_range_m, 0);
	jout_double(j, "view", wedge ? s->view_rad / GEO_DEG : NAN, 1);
	jout_double(j, "view_width", wedge ? s->view_width_rad / GEO_DEG : NAN, 1);
	if (s->scan_period_ns > 0)
		jout_int(j, "scan_ms", s->scan_period_ns / CLOCK_NS_PER_MS);
	else
		jout_null(j, "scan_ms");
	write_coverage(s, j);
	jout_object_end(j);
	jout_object_end(j);
}

void health_json_sites(const struct health *h, int64_t mono_ns, struct jout *j)
{
	for (size_t i = 0; i < h->n_feeds; i++)
		if (h->feeds[i].has_site)
			write_site(h, &h->feeds[i], mono_ns, j);
}

static void add_feed(const struct health *h, const struct feed *f, struct metric *m)
{
	const struct report *p = report_of(h, f->site.feed);
	const struct metric_label labels[] = { { "host", p ? p->r.host : "" }, { "feed", f->site.feed },
		{ "sensor", f->has_site ? sensor_names[f->site.sensor] : "" }, { NULL } };
	metric_add(m, "vedette_feed_state", labels, p ? state_of(p) : WIRE_DOWN);
}

static const char *const value_names[_WIRE_BIAS_MAX] = { "vedette_registration_range_meters",
	"vedette_registration_azimuth_radians", "vedette_registration_time_seconds" };
static const char *const sigma_names[_WIRE_BIAS_MAX] = { "vedette_registration_range_sigma_meters",
	"vedette_registration_azimuth_sigma_radians", "vedette_registration_time_sigma_seconds" };

static void describe_biases(struct metric *m)
{
	metric_describe(m, "vedette_registration_state", true,
		"Of a sensor's bias, by component: 0 unknown, 1 rough, 2 none seen, 3 applied");
	for (unsigned k = 0; k < _WIRE_BIAS_MAX; k++) {
		metric_describe(m, value_names[k], true, "What the sensor says too much; its time: too early");
		metric_describe(m, sigma_names[k], true, "How well that is known, 1 sigma");
	}
}

/* An unknown bias has a state and no value. */
static void add_bias(const struct health *h, const struct feed *f, struct metric *m)
{
	const struct wire_biases *b = biases_of(h, f->site.feed);
	for (unsigned k = 0; b && k < _WIRE_BIAS_MAX; k++) {
		const struct metric_label labels[] = { { "feed", f->site.feed }, { NULL } };
		const struct metric_label state_labels[] = { { "feed", f->site.feed },
			{ "component", bias_parts[k].component }, { NULL } };
		metric_add(m, "vedette_registration_state", state_labels, b->of[k].state);
		if (b->of[k].state == WIRE_BIAS_UNKNOWN)
			continue;
		metric_add(m, value_names[k], labels, b->of[k].value);
		metric_add(m, sigma_names[k], labels, b->of[k].sigma);
	}
}

void health_metrics(const struct health *h, int64_t mono_ns, struct metric *m)
{
	metric_describe(m, "vedette_feed_state", true, "0 up, 1 degraded, 2 blind, 3 down or silent; as the picture shows it");
	describe_biases(m);
	for (size_t i = 0; i < h->n_feeds; i++) {
		add_feed(h, &h->feeds[i], m);
		add_bias(h, &h->feeds[i], m);
	}
	for (size_t i = 0; i < h->n_reports; i++) {
		const struct report *p = &h->reports[i];
		metric_report(m, &p->r, state_of(p), age_of(p, mono_ns), p->restarts);
	}
}
