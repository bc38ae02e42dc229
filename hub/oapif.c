#include "hub/oapif.h"

#include "common/clock.h"
#include "common/geo.h"
#include "hub/card.h"
#include "hub/query.h"
#include "hub/trackid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HREF_MAX 512

struct snapshot {
	uint64_t id; /* 0 = free */
	int64_t used_mono_ns;
	size_t n;
	struct track_id *ids;
};

struct oapif {
	struct snapshot snapshots[OAPIF_SNAPSHOTS];
	uint64_t last_id;
};

int oapif_new(struct oapif **ret_o)
{
	struct oapif *o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	*ret_o = o;
	return 0;
}

void oapif_free(struct oapif *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < OAPIF_SNAPSHOTS; i++)
		free(o->snapshots[i].ids);
	free(o);
}

static void write_link(struct jout *j, const char *href, const char *rel, const char *type, const char *title)
{
	jout_object(j, NULL);
	jout_string(j, "href", href);
	jout_string(j, "rel", rel);
	jout_string(j, "type", type);
	jout_string(j, "title", title);
	jout_object_end(j);
}

static void get_landing(struct hub *hub, const struct request *rq, struct reply *reply)
{
	char href[HREF_MAX];
	struct jout j = { 0 };
	jout_object(&j, NULL);
	jout_string(&j, "title", hub->settings->name);
	jout_string(&j, "description", "The situational picture of this centre");
	jout_array(&j, "links");
	snprintf(href, sizeof(href), "%s/", rq->base);
	write_link(&j, href, "self", "application/json", "This document");
	snprintf(href, sizeof(href), "%s/conformance", rq->base);
	write_link(&j, href, "conformance", "application/json", "What it conforms to");
	snprintf(href, sizeof(href), "%s/collections", rq->base);
	write_link(&j, href, "data", "application/json", "The collections");
	jout_array_end(&j);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void get_conformance(struct hub *hub, const struct request *rq, struct reply *reply)
{
	struct jout j = { 0 };
	(void)hub;
	(void)rq;
	jout_object(&j, NULL);
	jout_array(&j, "conformsTo");
	jout_string(&j, NULL, "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core");
	jout_string(&j, NULL, "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson");
	jout_array_end(&j);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void write_collection(const struct request *rq, struct jout *j)
{
	char href[HREF_MAX];
	static const char extent[] = "{\"spatial\":{\"bbox\":[[-180,-90,180,90]],"
				     "\"crs\":\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"}}";
	static const char crs[] = "[\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"]";
	jout_object(j, NULL);
	jout_string(j, "id", "tracks");
	jout_string(j, "title", "Tracks");
	jout_string(j, "description", "Every live track, own and received from neighbours");
	jout_string(j, "itemType", "feature");
	jout_raw(j, "extent", extent, sizeof(extent) - 1);
	jout_raw(j, "crs", crs, sizeof(crs) - 1);
	jout_array(j, "links");
	snprintf(href, sizeof(href), "%s/collections/tracks", rq->base);
	write_link(j, href, "self", "application/json", "This collection");
	snprintf(href, sizeof(href), "%s/collections/tracks/items", rq->base);
	write_link(j, href, "items", "application/geo+json", "Its features");
	jout_array_end(j);
	jout_object_end(j);
}

static void get_collections(struct hub *hub, const struct request *rq, struct reply *reply)
{
	char href[HREF_MAX];
	struct jout j = { 0 };
	(void)hub;
	jout_object(&j, NULL);
	jout_array(&j, "links");
	snprintf(href, sizeof(href), "%s/collections", rq->base);
	write_link(&j, href, "self", "application/json", "This document");
	jout_array_end(&j);
	jout_array(&j, "collections");
	write_collection(rq, &j);
	jout_array_end(&j);
	jout_object_end(&j);
	request_json(reply, 200, "application/json", &j);
}

static void get_collection(struct hub *hub, const struct request *rq, struct reply *reply)
{
	struct jout j = { 0 };
	(void)hub;
	write_collection(rq, &j);
	request_json(reply, 200, "application/json", &j);
}

static void write_feature(const struct picture_entry *e, int64_t now_ns, const char *self, struct jout *j)
{
	const struct track *t = &e->track;
	char id[TRACKID_TEXT_MAX];
	jout_object(j, NULL);
	jout_string(j, "type", "Feature");
	jout_string(j, "id", trackid_format(&t->id, id));
	jout_object(j, "geometry");
	jout_string(j, "type", "Point");
	jout_array(j, "coordinates");
	jout_double(j, NULL, t->lon_rad / GEO_DEG, 7);
	jout_double(j, NULL, t->lat_rad / GEO_DEG, 7);
	jout_array_end(j);
	jout_object_end(j);
	jout_object(j, "properties");
	card_row(e, now_ns, j);
	jout_object_end(j);
	if (self) {
		jout_array(j, "links");
		write_link(j, self, "self", "application/geo+json", "This track");
		jout_array_end(j);
	}
	jout_object_end(j);
}

/* The snapshot @id names, or NULL when it is too old. */
static struct snapshot *find_snapshot(struct oapif *o, uint64_t id, int64_t mono_ns)
{
	for (unsigned i = 0; i < OAPIF_SNAPSHOTS; i++)
		if (o->snapshots[i].id == id && id && mono_ns - o->snapshots[i].used_mono_ns <= OAPIF_SNAPSHOT_NS)
			return &o->snapshots[i];
	return NULL;
}

static struct snapshot *take_snapshot(struct oapif *o, const struct hub *hub, const struct query_box *box, int64_t mono_ns)
{
	struct snapshot *s = &o->snapshots[0];
	for (unsigned i = 1; i < OAPIF_SNAPSHOTS; i++)
		if (o->snapshots[i].used_mono_ns < s->used_mono_ns)
			s = &o->snapshots[i];
	struct track_id *ids = calloc(picture_count(hub->picture) + 1, sizeof(*ids));
	if (!ids)
		return NULL;
	size_t n = 0;
	const struct picture_entry *e;
	for (uint32_t slot = 0; (e = picture_slot(hub->picture, slot)); slot++)
		if (e->used && query_box_holds(box, e->track.lat_rad / GEO_DEG, e->track.lon_rad / GEO_DEG))
			ids[n++] = e->track.id;
	free(s->ids);
	*s = (struct snapshot){ .id = ++o->last_id, .used_mono_ns = mono_ns, .n = n, .ids = ids };
	return s;
}

struct page {
	struct query_box box;
	uint64_t limit, offset, snapshot;
	char bbox[128]; /* as asked, for the links; "" = none */
};

static int parse_page(const struct request *rq, struct page *ret_p)
{
	struct page p = { .box = { -180, -90, 180, 90 }, .limit = OAPIF_LIMIT_DEFAULT };
	const char *bbox = rq->arg(rq, "bbox"), *limit = rq->arg(rq, "limit"), *offset = rq->arg(rq, "offset");
	const char *snapshot = rq->arg(rq, "snapshot");
	if (bbox && (strlen(bbox) >= sizeof(p.bbox) || query_box(bbox, &p.box) < 0))
		return -EINVAL;
	if (bbox)
		memcpy(p.bbox, bbox, strlen(bbox) + 1);
	if ((limit && (query_uint(limit, UINT32_MAX, &p.limit) < 0 || p.limit == 0)) ||
		(offset && query_uint(offset, PICTURE_CAPACITY_MAX, &p.offset) < 0) ||
		(snapshot && query_uint(snapshot, INT64_MAX, &p.snapshot) < 0))
		return -EINVAL;
	if (p.limit > OAPIF_LIMIT_MAX) /* 17-069r4 /req/core/fc-limit-response: fewer than asked is fine */
		p.limit = OAPIF_LIMIT_MAX;
	*ret_p = p;
	return 0;
}

static void page_href(const struct request *rq, const struct page *p, uint64_t snapshot, uint64_t offset, char *href)
{
	snprintf(href, HREF_MAX, "%.250s/collections/tracks/items?limit=%llu&offset=%llu&snapshot=%llu%s%s", rq->base,
		(unsigned long long)p->limit, (unsigned long long)offset, (unsigned long long)snapshot,
		p->bbox[0] ? "&bbox=" : "", p->bbox);
}

static void write_page(struct hub *hub, const struct request *rq, const struct page *p, const struct snapshot *s,
	struct jout *j)
{
	int64_t now_ns = clock_now_ns();
	char href[HREF_MAX];
	uint64_t end = p->offset + p->limit < s->n ? p->offset + p->limit : s->n, n = 0;
	jout_object(j, NULL);
	jout_string(j, "type", "FeatureCollection");
	jout_array(j, "features");
	for (uint64_t i = p->offset; i < end; i++) {
		const struct picture_entry *e = picture_find(hub->picture, &s->ids[i]);
		if (!e)
			continue; /* it ended since */
		write_feature(e, now_ns, NULL, j);
		n++;
	}
	jout_array_end(j);
	jout_uint(j, "numberMatched", s->n);
	jout_uint(j, "numberReturned", n);
	jout_array(j, "links");
	page_href(rq, p, s->id, p->offset, href);
	write_link(j, href, "self", "application/geo+json", "This page");
	if (end < s->n) {
		page_href(rq, p, s->id, end, href);
		write_link(j, href, "next", "application/geo+json", "The next page of the same snapshot");
	}
	jout_array_end(j);
	jout_object_end(j);
}

static void get_items(struct oapif *o, struct hub *hub, const struct request *rq, struct reply *reply)
{
	int64_t mono_ns = clock_mono_ns();
	struct page p;
	if (parse_page(rq, &p) < 0) {
		request_error(reply, 400, "bbox is W,S,E,N in degrees; limit, offset and snapshot are numbers");
		return;
	}
	struct snapshot *s = p.snapshot ? find_snapshot(o, p.snapshot, mono_ns) : take_snapshot(o, hub, &p.box, mono_ns);
	if (!s) {
		request_error(reply, p.snapshot ? 410 : 500, p.snapshot ? "this snapshot is gone: start from the first page"
									 : "out of memory");
		return;
	}
	s->used_mono_ns = mono_ns;
	struct jout j = { 0 };
	write_page(hub, rq, &p, s, &j);
	request_json(reply, 200, "application/geo+json", &j);
}

static void get_item(struct hub *hub, const struct request *rq, struct reply *reply)
{
	struct track_id id;
	char href[HREF_MAX];
	const char *text = rq->path + strlen("/collections/tracks/items/");
	const struct picture_entry *e = trackid_parse(text, &id) < 0 ? NULL : picture_find(hub->picture, &id);
	if (!e) {
		request_error(reply, 404, "no such track now");
		return;
	}
	struct jout j = { 0 };
	snprintf(href, sizeof(href), "%.250s/collections/tracks/items/%.60s", rq->base, text);
	write_feature(e, clock_now_ns(), href, &j);
	request_json(reply, 200, "application/geo+json", &j);
}

static const struct {
	const char *path;
	void (*fn)(struct hub *hub, const struct request *rq, struct reply *reply);
} pages[] = {
	{ "/", get_landing },
	{ "/conformance", get_conformance },
	{ "/collections", get_collections },
	{ "/collections/tracks", get_collection },
};

static bool wants_json(const char *accept)
{
	return strstr(accept, "application/json") && !strstr(accept, "text/html");
}

bool oapif_handle(struct oapif *o, struct hub *hub, const struct request *rq, struct reply *ret_reply)
{
	static const char items[] = "/collections/tracks/items";
	bool root = !strcmp(rq->path, "/");
	if ((root && !wants_json(rq->accept)) || (!root && strncmp(rq->path, "/collections", 12) && strcmp(rq->path, "/conformance")))
		return false;
	if (strcmp(rq->method, "GET")) {
		request_error(ret_reply, 405, "this address allows GET, HEAD");
		return true;
	}
	if (!strcmp(rq->path, items)) {
		get_items(o, hub, rq, ret_reply);
		return true;
	}
	if (!strncmp(rq->path, items, sizeof(items) - 1) && rq->path[sizeof(items) - 1] == '/') {
		get_item(hub, rq, ret_reply);
		return true;
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (!strcmp(rq->path, pages[i].path)) {
			pages[i].fn(hub, rq, ret_reply);
			return true;
		}
	request_error(ret_reply, 404, "no such address");
	return true;
}
