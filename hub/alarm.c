#include "hub/alarm.h"

#include "common/clock.h"
#include "common/geo.h"
#include "hub/trackid.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const distress_names[_PLOT_DISTRESS_MAX] = { "", "sart", "mob", "epirb" };

struct alarm_list {
	struct store *store;
	size_t n;
	struct store_alarm alarms[ALARM_OPEN_MAX]; /* open ones, by id */
	uint64_t revision, refused;
};

static void load_one(void *user, const struct store_alarm *a)
{
	struct alarm_list *list = user;
	if (!a->closed_ns && list->n < ALARM_OPEN_MAX)
		list->alarms[list->n++] = *a;
}

int alarm_load(struct store *store, struct alarm_list **ret_list)
{
	struct alarm_list *list = calloc(1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	list->store = store;
	list->revision = 1;
	int r = store_each_alarm(store, INT64_MAX, load_one, list);
	if (r < 0) {
		free(list);
		return r;
	}
	*ret_list = list;
	return 0;
}

void alarm_free(struct alarm_list *list)
{
	free(list);
}

static struct store_alarm *find_track(struct alarm_list *list, const struct track *t)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->alarms[i].test == t->distress_test && trackid_equal(&list->alarms[i].track, &t->id))
			return &list->alarms[i];
	return NULL;
}

static void raise_alarm(struct alarm_list *list, const struct track *t, int64_t now_ns)
{
	if (list->n == ALARM_OPEN_MAX) {
		list->refused++;
		return;
	}
	struct store_alarm a = {
		.kind = "distress",
		.test = t->distress_test,
		.track = t->id,
		.raised_ns = now_ns,
		.lat_e7 = geo_e7(t->lat_rad),
		.lon_e7 = geo_e7(t->lon_rad),
	};
	snprintf(a.what, sizeof(a.what), "%s", distress_names[t->distress]);
	snprintf(a.name, sizeof(a.name), "%s", t->identity.name);
	if (store_put_alarm(list->store, &a) < 0) {
		list->refused++;
		return;
	}
	list->alarms[list->n++] = a;
	list->revision++;
}

static void close_alarm(struct alarm_list *list, struct store_alarm *a, int64_t now_ns)
{
	a->closed_ns = now_ns;
	(void)store_put_alarm(list->store, a);
	size_t i = (size_t)(a - list->alarms);
	memmove(a, a + 1, (list->n - i - 1) * sizeof(*a));
	list->n--;
	list->revision++;
}

/* Where the craft was last: what a rescue centre asks first when the track has ended. */
static void end_track(struct alarm_list *list, const struct track *t, int64_t now_ns)
{
	for (size_t i = list->n; i-- > 0;) {
		struct store_alarm *a = &list->alarms[i];
		if (!trackid_equal(&a->track, &t->id))
			continue;
		a->lat_e7 = geo_e7(t->lat_rad);
		a->lon_e7 = geo_e7(t->lon_rad);
		if (a->ack_ns) {
			close_alarm(list, a, now_ns);
		} else {
			a->ended = true;
			(void)store_put_alarm(list->store, a);
			list->revision++;
		}
	}
}

void alarm_track(struct alarm_list *list, const struct track *t, int64_t now_ns)
{
	if (t->state == TRACK_DROPPED) {
		end_track(list, t, now_ns);
		return;
	}
	if (t->distress == PLOT_DISTRESS_NONE)
		return;
	struct store_alarm *a = find_track(list, t);
	if (!a) {
		raise_alarm(list, t, now_ns);
		return;
	}
	if (t->identity.name[0] && strcmp(a->name, t->identity.name)) {
		snprintf(a->name, sizeof(a->name), "%s", t->identity.name);
		(void)store_put_alarm(list->store, a);
		list->revision++;
	}
}

static bool who_ok(const char *who)
{
	size_t n = strnlen(who, STORE_WHO_MAX);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)who[i] < 0x20 || who[i] == 0x7f)
			return false;
	return n > 0 && n < STORE_WHO_MAX && who[0] != ' ';
}

static struct store_alarm *find_id(const struct alarm_list *list, uint64_t id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->alarms[i].id == id)
			return (struct store_alarm *)&list->alarms[i];
	return NULL;
}

int alarm_ack(struct alarm_list *list, uint64_t id, const char *who, int64_t now_ns)
{
	struct store_alarm *a = find_id(list, id);
	if (!a)
		return -ENOENT;
	if (!who_ok(who))
		return -EINVAL;
	if (a->ack_ns)
		return -EALREADY;

	struct store_alarm acked = *a;
	char object[32], track[TRACKID_TEXT_MAX];
	acked.ack_ns = now_ns;
	snprintf(acked.ack_by, sizeof(acked.ack_by), "%s", who);
	snprintf(object, sizeof(object), "alarm/%" PRIu64, id);
	int r = store_audit(list->store, now_ns, who, "acknowledge", object, trackid_format(&a->track, track));
	if (r >= 0)
		r = store_put_alarm(list->store, &acked);
	if (r >= 0)
		r = store_commit(list->store);
	if (r < 0)
		return r;
	*a = acked;
	list->revision++;
	if (a->ended)
		close_alarm(list, a, now_ns);
	return 0;
}

uint64_t alarm_revision(const struct alarm_list *list)
{
	return list->revision;
}

size_t alarm_open(const struct alarm_list *list)
{
	return list->n;
}

uint64_t alarm_refused(const struct alarm_list *list)
{
	return list->refused;
}

static void write_alarm(const struct store_alarm *a, const struct picture *p, struct jout *j)
{
	char id[TRACKID_TEXT_MAX];
	const struct picture_entry *e = picture_find(p, &a->track);
	bool live = e && e->used;

	jout_object(j, NULL);
	jout_uint(j, "id", a->id);
	jout_string(j, "kind", a->kind);
	jout_string(j, "what", a->what);
	jout_bool(j, "test", a->test);
	jout_string(j, "track", trackid_format(&a->track, id));
	if (live)
		jout_uint(j, "slot", e->slot);
	else
		jout_null(j, "slot");
	jout_text(j, "name", a->name);
	jout_int(j, "raised_ms", a->raised_ns / CLOCK_NS_PER_MS);
	jout_double(j, "lat", live ? e->track.lat_rad / GEO_DEG : a->lat_e7 / 1e7, 7);
	jout_double(j, "lon", live ? e->track.lon_rad / GEO_DEG : a->lon_e7 / 1e7, 7);
	if (a->ack_ns) {
		jout_object(j, "ack");
		jout_string(j, "by", a->ack_by);
		jout_int(j, "at_ms", a->ack_ns / CLOCK_NS_PER_MS);
		jout_object_end(j);
	} else {
		jout_null(j, "ack");
	}
	if (a->closed_ns)
		jout_int(j, "closed_ms", a->closed_ns / CLOCK_NS_PER_MS);
	else
		jout_null(j, "closed_ms");
	jout_object_end(j);
}

void alarm_json_all(const struct alarm_list *list, const struct picture *p, struct jout *j)
{
	for (size_t i = 0; i < list->n; i++)
		write_alarm(&list->alarms[i], p, j);
}

struct writer {
	const struct picture *picture;
	struct jout *j;
	uint64_t id; /* 0 = all */
	size_t n;
};

static void write_stored(void *user, const struct store_alarm *a)
{
	struct writer *w = user;
	if (w->id && w->id != a->id)
		return;
	write_alarm(a, w->picture, w->j);
	w->n++;
}

void alarm_json_recent(const struct alarm_list *list, const struct picture *p, int64_t since_ns, struct jout *j)
{
	struct writer w = { .picture = p, .j = j };
	(void)store_each_alarm(list->store, since_ns, write_stored, &w);
}

int alarm_json_one(const struct alarm_list *list, const struct picture *p, uint64_t id, struct jout *j)
{
	const struct store_alarm *a = find_id(list, id);
	struct writer w = { .picture = p, .j = j, .id = id };
	if (a) {
		write_alarm(a, p, j);
		return 0;
	}
	int r = store_each_alarm(list->store, /* closed_since_ns= */ 0, write_stored, &w);
	return r < 0 ? r : w.n ? 0 : -ENOENT;
}
