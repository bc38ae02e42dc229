#include "hub/api.h"

#include "common/clock.h"
#include "common/geo.h"
#include "hub/card.h"
#include "hub/count.h"
#include "hub/metrics.h"
#include "hub/peer.h"
#include "hub/query.h"
#include "hub/trackid.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAIL_POINTS_MAX 2000
#define TRAIL_MINUTES_MAX (31 * 24 * 60)
#define ALARM_SHOWN_NS (INT64_C(86400) * CLOCK_NS_PER_S)
#define SEARCH_MAX 64

static void get_config(struct hub *hub, const struct request *rq, struct reply *reply)
{
	const struct settings *s = hub->settings;
	struct query_box b = { INFINITY, INFINITY, -INFINITY, -INFINITY };
	struct jout j;
	(void)rq;
	for (size_t i = 0; hub->sections && i < hub->sections->n; i++) {
		b.west = fmin(b.west, hub->sections->sections[i].west);
		b.south = fmin(b.south, hub->sections->sections[i].south);
		b.east = fmax(b.east, hub->sections->sections[i].east);
		b.north = fmax(b.north, hub->sections->sections[i].north);
	}
	bool home = isfinite(s->home_lat_rad) && isfinite(s->home_lon_rad), bounds = isfinite(b.west);
	jout_init(&j);
	jout_object(&j, NULL);
	jout_string(&j, "centre", s->origin);
	jout_string(&j, "name", s->name);
	jout_string(&j, "version", VEDETTE_VERSION);
	jout_string(&j, "role", settings_role(s, "officer") ? "officer" : "viewer");
	jout_array(&j, "roles");
	jout_string(&j, NULL, "viewer");
	if (settings_role(s, "officer"))
		jout_string(&j, NULL, "officer");
	jout_array_end(&j);
	jout_string(&j, "user", rq->user);
	jout_object(&j, "home");
	jout_double(&j, "lat", home ? s->home_lat_rad / GEO_DEG : bounds ? (b.south + b.north) / 2 : NAN, 6);
	jout_double(&j, "lon", home ? s->home_lon_rad / GEO_DEG : bounds ? (b.west + b.east) / 2 : NAN, 6);
	jout_double(&j, "zoom", s->home_zoom, 2);
	jout_object_end(&j);
	if (bounds) {
		jout_array(&j, "bounds");
		jout_double(&j, NULL, b.west, 6);
		jout_double(&j, NULL, b.south, 6);
		jout_double(&j, NULL, b.east, 6);
		jout_double(&j, NULL, b.north, 6);
		jout_array_end(&j);
	} else {
		jout_null(&j, "bounds");
	}
	jout_array(&j, "peers");
	for (unsigned i = 0; i < s->n_peer; i++) {
		jout_object(&j, NULL);
		jout_string(&j, "origin", s->peer[i].origin);
		jout_string(&j, "name", s->peer[i].name);
		jout_string(&j, "class", policy_class_names[s->peer[i].class]);
		jout_object_end(&j);
	}
	jout_array_end(&j);
	jout_object(&j, "limits");
	jout_uint(&j, "tracks", s->tracks);
	jout_object_end(&j);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void get_tracks(struct hub *hub, const struct request *rq, struct reply *reply)
{
	struct query_box box = { -180, -90, 180, 90 };
	uint64_t limit = hub->settings->tracks, matched = 0;
	char needle[SEARCH_MAX] = "";
	const char *bbox = rq->arg(rq, "bbox"), *max = rq->arg(rq, "limit"), *q = rq->arg(rq, "q");
	if ((bbox && query_box(bbox, &box) < 0) || (max && query_uint(max, PICTURE_CAPACITY_MAX, &limit) < 0) ||
		(q && query_search(q, needle, sizeof(needle)) < 0)) {
		request_error(reply, 400, "bbox is W,S,E,N in degrees, limit a number, q at most %d characters", SEARCH_MAX - 1);
		return;
	}
	int64_t now_ns = clock_now_ns();
	struct jout j;
	jout_init(&j);
	jout_object(&j, NULL);
	jout_int(&j, "time_ms", now_ns / CLOCK_NS_PER_MS);
	jout_array(&j, "tracks");
	const struct picture_entry *e;
	for (uint32_t slot = 0; (e = picture_slot(hub->picture, slot)); slot++) {
		if (!e->used || !query_box_holds(&box, e->track.lat_rad / GEO_DEG, e->track.lon_rad / GEO_DEG) ||
			(needle[0] && !card_matches(&e->track, needle)))
			continue;
		if (matched++ >= limit)
			continue;
		jout_object(&j, NULL);
		card_row(e, now_ns, &j);
		jout_object_end(&j);
	}
	jout_array_end(&j);
	jout_uint(&j, "matched", matched);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void write_trail(const struct store_point *p, size_t n, struct jout *j)
{
	jout_array(j, "points");
	for (size_t i = 0; i < n; i++) {
		jout_array(j, NULL);
		jout_int(j, NULL, p[i].time_ns / CLOCK_NS_PER_MS);
		jout_double(j, NULL, p[i].lat_e7 / 1e7, 7);
		jout_double(j, NULL, p[i].lon_e7 / 1e7, 7);
		jout_double(j, NULL, p[i].sog_mps, 2);
		jout_double(j, NULL, p[i].cog_deg, 1);
		jout_uint(j, NULL, p[i].late);
		jout_array_end(j);
	}
	jout_array_end(j);
}

static void get_trail(struct hub *hub, const struct request *rq, const struct track_id *id, struct reply *reply)
{
	uint64_t minutes = 60;
	const char *arg = rq->arg(rq, "minutes");
	if (arg && (query_uint(arg, TRAIL_MINUTES_MAX, &minutes) < 0 || minutes == 0)) {
		request_error(reply, 400, "minutes is a number from 1 to %d", TRAIL_MINUTES_MAX);
		return;
	}
	struct store_point *points = calloc(TRAIL_POINTS_MAX, sizeof(*points));
	const struct picture_entry *e = picture_find(hub->picture, id);
	int64_t now_ns = clock_now_ns();
	ssize_t n = points ? store_trail(hub->store, id, e ? card_mmsi(&e->track) : 0,
				     now_ns - (int64_t)minutes * 60 * CLOCK_NS_PER_S, now_ns, points, TRAIL_POINTS_MAX)
			   : -ENOMEM;
	if (n < 0) {
		request_error(reply, 500, "history: %s", strerror((int)-n));
	} else {
		char text[TRACKID_TEXT_MAX];
		struct jout j;
		jout_init(&j);
		jout_object(&j, NULL);
		jout_string(&j, "id", trackid_format(id, text));
		static const char fields[] = "[\"time_ms\",\"lat\",\"lon\",\"sog\",\"cog\",\"late\"]";
		jout_raw(&j, "fields", fields, sizeof(fields) - 1);
		write_trail(points, (size_t)n, &j);
		jout_object_end(&j);
		request_json(reply, 200, "application/json", &j);
	}
	free(points);
}

/* /api/tracks/ID and /api/tracks/ID/trail */
static void get_track(struct hub *hub, const struct request *rq, struct reply *reply)
{
	char text[TRACKID_TEXT_MAX + 8];
	struct track_id id;
	snprintf(text, sizeof(text), "%s", rq->path + strlen("/api/tracks/"));
	char *slash = strchr(text, '/');
	bool trail = slash && !strcmp(slash, "/trail");
	if (slash)
		*slash = 0;
	if ((slash && !trail) || trackid_parse(text, &id) < 0) {
		request_error(reply, 404, "no such address; a track's id is ORIGIN-EPOCH-BIRTH");
		return;
	}
	if (trail) {
		get_trail(hub, rq, &id, reply);
		return;
	}
	const struct picture_entry *e = picture_find(hub->picture, &id);
	if (!e) {
		request_error(reply, 404, "no such track now");
		return;
	}
	struct jout j;
	jout_init(&j);
	jout_object(&j, NULL);
	card_full(hub, e, clock_now_ns(), &j);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void get_sections(struct hub *hub, const struct request *rq, struct reply *reply)
{
	static const char none[] = "{\"type\":\"FeatureCollection\",\"features\":[]}";
	struct jout j;
	(void)rq;
	jout_init(&j);
	if (hub->sections)
		jout_raw(&j, NULL, hub->sections->geojson, hub->sections->geojson_size);
	else
		jout_raw(&j, NULL, none, sizeof(none) - 1);
	request_json(reply, 200, "application/geo+json", &j);
}

static void get_sites(struct hub *hub, const struct request *rq, struct reply *reply)
{
	struct jout j;
	(void)rq;
	jout_init(&j);
	jout_object(&j, NULL);
	jout_string(&j, "type", "FeatureCollection");
	jout_array(&j, "features");
	health_json_sites(hub->health, clock_mono_ns(), &j);
	jout_array_end(&j);
	jout_object_end(&j);
	request_json(reply, 200, "application/geo+json", &j);
}

static void get_alarms(struct hub *hub, const struct request *rq, struct reply *reply)
{
	struct jout j;
	(void)rq;
	jout_init(&j);
	jout_object(&j, NULL);
	jout_array(&j, "alarms");
	alarm_json_recent(hub->alarms, hub->picture, clock_now_ns() - ALARM_SHOWN_NS, &j);
	jout_array_end(&j);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void get_healthz(struct hub *hub, const struct request *rq, struct reply *reply)
{
	int64_t mono_ns = clock_mono_ns();
	char reason[HUB_REASON_MAX];
	bool stale = hub_stale(hub, mono_ns, reason);
	struct jout j;
	(void)rq;
	jout_init(&j);
	jout_object(&j, NULL);
	jout_string(&j, "status", stale ? "stale" : "ok");
	hub_health_json(hub, mono_ns, &j);
	jout_object_end(&j);
	request_json(reply, stale ? 503 : 200, "application/json", &j);
}

static void get_metrics(struct hub *hub, const struct request *rq, struct reply *reply)
{
	(void)rq;
	*reply = (struct reply){ .status = 200, .type = "text/plain; version=0.0.4; charset=utf-8" };
	reply->body = metrics_text(hub, &reply->size);
	if (!reply->body)
		request_error(reply, 500, "out of memory");
}

static int parse_who(const struct request *rq, char who[STORE_WHO_MAX])
{
	json_auto_t *root = json_loadb(rq->body ? rq->body : "", rq->body_size, JSON_REJECT_DUPLICATES, NULL);
	const char *by = json_string_value(json_object_get(root, "by"));
	if (rq->user)
		by = rq->user; /* the proxy knows better than the page who it is */
	if (!root || !by || strlen(by) >= STORE_WHO_MAX)
		return -EINVAL;
	memcpy(who, by, strlen(by) + 1);
	return 0;
}

static void reply_alarm(struct hub *hub, uint64_t id, unsigned status, struct reply *reply)
{
	struct jout j;
	jout_init(&j);
	if (alarm_json_one(hub->alarms, hub->picture, id, &j) < 0) {
		jout_done(&j);
		request_error(reply, 404, "no such alarm");
		return;
	}
	request_json(reply, status, "application/json", &j);
}

/* POST /api/alarms/ID/ack */
static void post_ack(struct hub *hub, const struct request *rq, struct reply *reply)
{
	char number[24], who[STORE_WHO_MAX];
	uint64_t id = 0;
	const char *p = rq->path + strlen("/api/alarms/"), *end = strchr(p, '/');
	size_t n = end ? (size_t)(end - p) : 0;
	if (n == 0 || n >= sizeof(number) || strcmp(end, "/ack")) {
		request_error(reply, 404, "no such address");
		return;
	}
	memcpy(number, p, n);
	number[n] = 0;
	if (query_uint(number, INT64_MAX, &id) < 0) {
		request_error(reply, 404, "no such alarm");
		return;
	}
	if (rq->foreign_origin || !settings_role(hub->settings, "officer")) {
		request_error(reply, 403, rq->foreign_origin ? "the request comes from another site" : "not an officer's desk");
		return;
	}
	if (parse_who(rq, who) < 0) {
		request_error(reply, 400, "the body is {\"by\":\"name\"}, at most %d bytes of name", STORE_WHO_MAX - 1);
		return;
	}
	int r = alarm_ack(hub->alarms, id, who, clock_now_ns());
	count_add(COUNT_ACKS, r == 0);
	if (r == 0 || r == -EALREADY || r == -ENOENT)
		reply_alarm(hub, id, r == 0 ? 200 : 409, reply);
	else if (r == -EINVAL)
		request_error(reply, 400, "the name is empty or holds control characters");
	else
		request_error(reply, 500, "cannot store it: %s", strerror(-r));
}

struct route {
	const char *method, *path;
	bool below; /* the path is a beginning */
	void (*fn)(struct hub *hub, const struct request *rq, struct reply *reply);
};

static const struct route routes[] = {
	{ "GET", "/healthz", false, get_healthz },
	{ "GET", "/metrics", false, get_metrics },
	{ "GET", "/api/config", false, get_config },
	{ "GET", "/api/tracks", false, get_tracks },
	{ "GET", "/api/tracks/", true, get_track },
	{ "GET", "/api/sections", false, get_sections },
	{ "GET", "/api/sites", false, get_sites },
	{ "GET", "/api/alarms", false, get_alarms },
	{ "POST", "/api/alarms/", true, post_ack },
};

static const struct route *find_route(const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (routes[i].below ? !strncmp(path, routes[i].path, strlen(routes[i].path)) : !strcmp(path, routes[i].path))
			return &routes[i];
	return NULL;
}

const char *api_allows(const char *path)
{
	const struct route *r = find_route(path);
	return r && !strcmp(r->method, "POST") ? "POST" : "GET, HEAD";
}

bool api_handle(struct hub *hub, const struct request *rq, struct reply *ret_reply)
{
	const struct route *r = find_route(rq->path);
	if (!r) {
		if (strncmp(rq->path, "/api/", 5))
			return false;
		request_error(ret_reply, 404, "no such address");
		return true;
	}
	bool post = !strcmp(rq->method, "POST");
	if (post != !strcmp(r->method, "POST"))
		request_error(ret_reply, 405, "this address allows %s", api_allows(rq->path));
	else
		r->fn(hub, rq, ret_reply);
	return true;
}
