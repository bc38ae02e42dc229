#include "hub/stream.h"

#include "common/clock.h"
#include "common/geo.h"
#include "hub/card.h"
#include "hub/count.h"
#include "hub/jout.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEAT_NS CLOCK_NS_PER_S
#define HEALTH_NS (2 * CLOCK_NS_PER_S)
#define SHRINK_BYTES (256u << 10) /* a buffer that a snapshot made larger is given back */

struct stream {
	struct hub *hub;
	struct query_box box;
	bool everything, greeted;
	uint8_t *shown; /* a bit per slot: the viewer has it */
	uint64_t seen;	/* revision of the picture */
	uint64_t alarms, health;
	int64_t beat_ns, health_ns, taken_ns; /* monotonic */

	uint8_t *buf;
	size_t len, cap, at;
	bool failed;
};

int stream_new(struct hub *hub, const struct query_box *box, int64_t mono_ns, struct stream **ret_s)
{
	struct stream *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->hub = hub;
	s->everything = !box;
	if (box)
		s->box = *box;
	s->taken_ns = mono_ns;
	s->shown = calloc(picture_capacity(hub->picture) / 8 + 1, 1);
	if (!s->shown) {
		free(s);
		return -ENOMEM;
	}
	*ret_s = s;
	return 0;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	free(s->shown);
	free(s->buf);
	free(s);
}

bool stream_due(const struct stream *s, int64_t mono_ns)
{
	return s->at < s->len || !s->greeted || picture_revision(s->hub->picture) > s->seen ||
	       alarm_revision(s->hub->alarms) != s->alarms || mono_ns >= s->beat_ns || mono_ns >= s->health_ns ||
	       hub_health_revision(s->hub) != s->health;
}

bool stream_stalled(const struct stream *s, int64_t mono_ns)
{
	return s->at < s->len && mono_ns - s->taken_ns > STREAM_STALL_NS;
}

static void put(struct stream *s, const void *data, size_t size)
{
	if (s->len + size > s->cap) {
		size_t cap = s->cap ? s->cap : 16384;
		while (cap < s->len + size)
			cap *= 2;
		uint8_t *buf = realloc(s->buf, cap);
		if (!buf) {
			s->failed = true;
			return;
		}
		s->buf = buf;
		s->cap = cap;
	}
	memcpy(s->buf + s->len, data, size);
	s->len += size;
}

static void put_u32(struct stream *s, uint32_t v)
{
	v = htole32(v);
	put(s, &v, sizeof(v));
}

static void put_u64(struct stream *s, uint64_t v)
{
	v = htole64(v);
	put(s, &v, sizeof(v));
}

static size_t frame_open(struct stream *s, enum stream_type type)
{
	uint8_t t = (uint8_t)type;
	size_t at = s->len;
	put_u32(s, 0);
	put(s, &t, 1);
	return at;
}

static void patch_u32(struct stream *s, size_t at, uint32_t v)
{
	v = htole32(v);
	if (!s->failed)
		memcpy(s->buf + at, &v, sizeof(v));
}

static void frame_close(struct stream *s, size_t at)
{
	patch_u32(s, at, (uint32_t)(s->len - at - 4));
}

static void put_json(struct stream *s, enum stream_type type, struct jout *j)
{
	size_t size = 0;
	char *text = jout_take(j, &size);
	if (!text) {
		s->failed = true;
		return;
	}
	size_t at = frame_open(s, type);
	put(s, text, size);
	frame_close(s, at);
	free(text);
}

static uint16_t clamp_u16(double v)
{
	return v >= 0 && v < 65534.5 ? (uint16_t)lrint(v) : v >= 65534.5 ? 65534 : 65535;
}

static void store_le32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, 4);
}

static void store_le16(uint8_t *p, uint16_t v)
{
	v = htole16(v);
	memcpy(p, &v, 2);
}

static uint8_t quality(const struct track *t)
{
	struct card_ellipse e;
	card_ellipse(t, &e);
	double units = ceil(e.major_m / 5);
	return units >= 0 && units < 255 ? (uint8_t)units : 255; /* unknown is as bad as it gets */
}

static uint8_t sources(const struct track *t)
{
	unsigned mask = 0, n = t->n_sources < 15 ? t->n_sources : 15;
	for (unsigned i = 0; i < t->n_sources; i++)
		mask |= 1u << t->sources[i].sensor;
	return (uint8_t)(mask | n << 4);
}

void stream_record(const struct picture_entry *e, int64_t now_ns, uint8_t r[STREAM_RECORD])
{
	const struct track *t = &e->track;
	double cog = card_cog_deg(t), sog = card_sog_mps(t);
	int64_t age_ms = (now_ns - picture_newest_plot_ns(t)) / CLOCK_NS_PER_MS;
	store_le32(r, e->slot);
	store_le32(r + 4, (uint32_t)geo_e7(t->lon_rad));
	store_le32(r + 8, (uint32_t)geo_e7(t->lat_rad));
	uint16_t cog_u = isfinite(cog) ? clamp_u16(cog * 100) : 65535;
	store_le16(r + 12, cog_u == 36000 ? 0 : cog_u);
	store_le16(r + 14, isfinite(sog) ? clamp_u16(sog * 100) : 65535);
	r[16] = (uint8_t)t->class;
	r[17] = (uint8_t)((t->state & 3) | (t->distress ? 1 << 2 : 0) | (t->distress_test ? 1 << 3 : 0) |
			  (e->foreign ? 1 << 4 : 0) | (t->n_ids ? 1 << 5 : 0));
	r[18] = quality(t);
	r[19] = sources(t);
	store_le32(r + 20, age_ms < 0 ? 0 : age_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)age_ms);
}

static bool get_bit(const struct stream *s, uint32_t slot)
{
	return s->shown[slot / 8] & 1u << slot % 8;
}

static void set_bit(struct stream *s, uint32_t slot, bool on)
{
	if (on)
		s->shown[slot / 8] |= (uint8_t)(1u << slot % 8);
	else
		s->shown[slot / 8] &= (uint8_t)~(1u << slot % 8);
}

static bool wanted(const struct stream *s, const struct picture_entry *e)
{
	return e->used && (s->everything || e->track.distress ||
				  query_box_holds(&s->box, e->track.lat_rad / GEO_DEG, e->track.lon_rad / GEO_DEG));
}

/* Names first: a slot's IDENT goes before its first record. */
static void put_idents(struct stream *s)
{
	struct jout j = { 0 };
	size_t n = 0;
	const struct picture *p = s->hub->picture;
	const struct picture_entry *e = picture_youngest(p);
	for (; e && e->revision > s->seen; e = picture_older(p, e)) {
		if (!wanted(s, e) || (get_bit(s, e->slot) && e->ident_revision <= s->seen))
			continue;
		if (n == 0)
			jout_array(&j, NULL);
		jout_object(&j, NULL);
		card_ident(e, &j);
		jout_object_end(&j);
		if (++n == STREAM_IDENTS_MAX) {
			jout_array_end(&j);
			put_json(s, STREAM_IDENT, &j);
			n = 0;
		}
	}
	if (n) {
		jout_array_end(&j);
		put_json(s, STREAM_IDENT, &j);
	}
}

static void put_gone(struct stream *s)
{
	const struct picture *p = s->hub->picture;
	const struct picture_entry *e = picture_youngest(p);
	uint32_t n = 0;
	size_t at = s->len;
	for (; e && e->revision > s->seen; e = picture_older(p, e)) {
		if (wanted(s, e) || !get_bit(s, e->slot))
			continue;
		if (n++ == 0) {
			(void)frame_open(s, STREAM_GONE);
			put_u32(s, 0);
		}
		put_u32(s, e->slot);
		set_bit(s, e->slot, false);
	}
	if (n) {
		patch_u32(s, at + 5, n);
		frame_close(s, at);
	}
}

static void put_records(struct stream *s, enum stream_type type, int64_t now_ns)
{
	const struct picture *p = s->hub->picture;
	const struct picture_entry *e = picture_youngest(p);
	uint32_t n = 0;
	size_t at = s->len;
	(void)frame_open(s, type);
	put_u64(s, (uint64_t)(now_ns / CLOCK_NS_PER_MS));
	put_u32(s, 0);
	for (; e && e->revision > s->seen; e = picture_older(p, e)) {
		uint8_t record[STREAM_RECORD];
		if (!wanted(s, e))
			continue;
		stream_record(e, now_ns, record);
		put(s, record, sizeof(record));
		set_bit(s, e->slot, true);
		n++;
	}
	if (n == 0 && type == STREAM_DELTA) {
		s->len = at;
		return;
	}
	patch_u32(s, at + 13, n);
	frame_close(s, at);
}

static void put_hello(struct stream *s, int64_t now_ns)
{
	struct jout j = { 0 };
	uint32_t epoch = 0;
	for (unsigned i = 0; i < s->hub->n_origins; i++)
		if (!strcmp(s->hub->origins[i].origin, s->hub->settings->origin))
			epoch = s->hub->origins[i].epoch;
	jout_object(&j, NULL);
	jout_uint(&j, "schema", 1);
	jout_string(&j, "centre", s->hub->settings->origin);
	jout_string(&j, "name", s->hub->settings->name);
	jout_int(&j, "time_ms", now_ns / CLOCK_NS_PER_MS);
	jout_uint(&j, "epoch", epoch);
	jout_object_end(&j);
	put_json(s, STREAM_HELLO, &j);
}

static void put_alarms(struct stream *s)
{
	struct jout j = { 0 };
	jout_array(&j, NULL);
	alarm_json_all(s->hub->alarms, s->hub->picture, &j);
	jout_array_end(&j);
	put_json(s, STREAM_ALARM, &j);
	s->alarms = alarm_revision(s->hub->alarms);
}

static void put_health(struct stream *s, int64_t mono_ns)
{
	struct jout j = { 0 };
	s->health = hub_health_revision(s->hub);
	s->health_ns = mono_ns + HEALTH_NS;
	jout_object(&j, NULL);
	hub_health_json(s->hub, mono_ns, &j);
	jout_object_end(&j);
	put_json(s, STREAM_HEALTH, &j);
}

static void put_beat(struct stream *s, int64_t now_ns, int64_t mono_ns)
{
	size_t at = frame_open(s, STREAM_BEAT);
	put_u64(s, (uint64_t)(now_ns / CLOCK_NS_PER_MS));
	put_u64(s, (uint64_t)(hub_picture_ns(s->hub) / CLOCK_NS_PER_MS));
	frame_close(s, at);
	s->beat_ns = mono_ns + BEAT_NS;
}

static void build(struct stream *s, int64_t now_ns, int64_t mono_ns)
{
	bool first = !s->greeted;
	if (first)
		put_hello(s, now_ns);
	if (first || alarm_revision(s->hub->alarms) != s->alarms)
		put_alarms(s);
	if (mono_ns >= s->health_ns || hub_health_revision(s->hub) != s->health)
		put_health(s, mono_ns);
	if (first || picture_revision(s->hub->picture) > s->seen) {
		put_gone(s);
		put_idents(s);
		put_records(s, first ? STREAM_SNAPSHOT : STREAM_DELTA, now_ns);
		s->seen = picture_revision(s->hub->picture);
	}
	if (mono_ns >= s->beat_ns)
		put_beat(s, now_ns, mono_ns);
	s->greeted = true;
}

static void reset_buffer(struct stream *s)
{
	s->len = s->at = 0;
	if (s->cap > SHRINK_BYTES) {
		free(s->buf);
		s->buf = NULL;
		s->cap = 0;
	}
}

ssize_t stream_read(struct stream *s, char *buf, size_t cap, int64_t now_ns, int64_t mono_ns)
{
	if (s->at == s->len) {
		reset_buffer(s);
		if (stream_due(s, mono_ns))
			build(s, now_ns, mono_ns);
	}
	if (s->failed)
		return -ENOMEM;
	size_t n = s->len - s->at < cap ? s->len - s->at : cap;
	if (n == 0)
		return 0;
	memcpy(buf, s->buf + s->at, n);
	s->at += n;
	s->taken_ns = mono_ns;
	count_add(COUNT_STREAM_BYTES, n);
	return (ssize_t)n;
}
