#include "hub/apply.h"

#include "common/wire.h"
#include "hub/count.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct hub_origin *get_origin(struct hub *hub, const char *origin)
{
	for (unsigned i = 0; i < hub->n_origins; i++)
		if (!strcmp(hub->origins[i].origin, origin))
			return &hub->origins[i];
	if (hub->n_origins == sizeof(hub->origins) / sizeof(hub->origins[0]))
		return NULL; /* more origins than peers: a peer was taken out of the configuration */
	struct hub_origin *o = &hub->origins[hub->n_origins++];
	snprintf(o->origin, sizeof(o->origin), "%s", origin);
	return o;
}

/* A new epoch of an origin ends all its tracks of the ones before. Return: false for a track of an old epoch. */
static bool epoch_is_current(struct hub *hub, const struct track_id *id)
{
	struct hub_origin *o = get_origin(hub, id->origin);
	if (!o || id->epoch == o->epoch)
		return true;
	if (id->epoch < o->epoch)
		return false;
	if (o->epoch) {
		(void)picture_forget_epochs(hub->picture, id->origin, id->epoch);
		(void)store_forget_epochs(hub->store, id->origin, id->epoch);
	}
	o->epoch = id->epoch;
	return true;
}

static void show_track(struct hub *hub, const struct track *t, bool foreign, int64_t now_ns)
{
	int r = picture_apply(hub->picture, t, foreign, NULL);
	if (r == -ENOSPC)
		count_add(COUNT_PICTURE_FULL, 1);
	alarm_track(hub->alarms, t, now_ns);
	if (r < 0)
		return;
	count_add(foreign ? COUNT_TRACKS_FOREIGN : COUNT_TRACKS, 1);
	/* The promise is about updates of confirmed tracks by new plots (docs: datagram to hub). */
	if (!foreign && t->state == TRACK_CONFIRMED && t->recv_ns > 0)
		latency_add(&hub->latency, now_ns - t->recv_ns);
}

static int apply_track(struct hub *hub, const struct apply_sender *from, const struct ship_record *rec, int64_t now_ns)
{
	struct track t;
	if (wire_get_track(rec->data, rec->size, &t) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	if (strcmp(t.id.origin, from->origin)) {
		count_add(COUNT_WRONG_ORIGIN, 1);
		return 0;
	}
	if (!epoch_is_current(hub, &t.id)) {
		count_add(COUNT_STALE, 1);
		return 0;
	}
	int r = store_put_track(hub->store, &t, rec->data, rec->size, from->foreign, hub->settings->history_step_ns);
	if (r == -ESTALE || r == -ERANGE) {
		count_add(r == -ESTALE ? COUNT_STALE : COUNT_BAD_RECORDS, 1);
		return 0;
	}
	if (r < 0)
		return r;
	show_track(hub, &t, from->foreign, now_ns);
	return 0;
}

static int apply_withdrawal(struct hub *hub, const struct apply_sender *from, const struct ship_record *rec,
	int64_t now_ns)
{
	struct wire_withdraw w;
	if (wire_get_withdraw(rec->data, rec->size, &w) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	if (!from->foreign || strcmp(w.id.origin, from->origin)) {
		count_add(COUNT_WRONG_ORIGIN, 1);
		return 0;
	}
	int r = store_withdraw(hub->store, &w);
	if (r == -ESTALE) {
		count_add(COUNT_STALE, 1);
		return 0;
	}
	if (r < 0)
		return r;
	count_add(COUNT_WITHDRAWALS, 1);
	const struct picture_entry *e = picture_find(hub->picture, &w.id);
	if (e && picture_remove(hub->picture, &w.id, w.version) == 0)
		alarm_track(hub->alarms, &e->track, now_ns);
	return 0;
}

static int apply_late_plot(struct hub *hub, const struct ship_record *rec, uint64_t epoch)
{
	struct plot p;
	if (wire_get_plot(rec->data, rec->size, &p) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	int r = store_put_late(hub->store, &p, rec->data, rec->size, epoch, rec->seq);
	if (r == -ERANGE) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	count_add(COUNT_LATE_PLOTS, r >= 0);
	hub->late_kept += r >= 0;
	return r;
}

static int apply_site(struct hub *hub, const struct ship_record *rec)
{
	struct site s;
	if (wire_get_site(rec->data, rec->size, &s) < 0 || health_site(hub->health, &s) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	count_add(COUNT_SITES, 1);
	return store_put_site(hub->store, hub->settings->origin, &s, rec->data, rec->size);
}

/* A neighbour may speak of its own hub only. */
static bool health_is_its_own(const struct apply_sender *from, const struct wire_health *h)
{
	return !from->foreign || (!strcmp(h->host, from->origin) && !strcmp(h->process, "hub") && !h->feed[0]);
}

static int apply_health(struct hub *hub, const struct apply_sender *from, const struct ship_record *rec, int64_t mono_ns)
{
	struct wire_health h;
	if (wire_get_health(rec->data, rec->size, &h) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	if (!health_is_its_own(from, &h)) {
		count_add(COUNT_WRONG_ORIGIN, 1);
		return 0;
	}
	if (health_report(hub->health, &h, mono_ns) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	count_add(COUNT_HEALTH, 1);
	return store_put_health(hub->store, &h, rec->data, rec->size);
}

int apply_record(struct hub *hub, const struct apply_sender *from, uint64_t epoch, const struct ship_record *rec,
	int64_t now_ns, int64_t mono_ns)
{
	if (rec->kind == WIRE_TRACK)
		return apply_track(hub, from, rec, now_ns);
	if (rec->kind == WIRE_WITHDRAW)
		return apply_withdrawal(hub, from, rec, now_ns);
	/* Sensors and their plots are a centre's own business: never taken from a neighbour. */
	if (!from->foreign && rec->kind == WIRE_LATE_PLOT)
		return apply_late_plot(hub, rec, epoch);
	if (!from->foreign && rec->kind == WIRE_SITE)
		return apply_site(hub, rec);
	if (rec->kind == WIRE_HEALTH)
		return apply_health(hub, from, rec, mono_ns);
	count_add(COUNT_UNKNOWN_RECORDS, 1);
	return 0;
}

static int restore_track(void *user, const void *data, size_t size, bool foreign)
{
	struct hub *hub = user;
	struct track t;
	if (wire_get_track(data, size, &t) < 0) {
		count_add(COUNT_BAD_RECORDS, 1);
		return 0;
	}
	struct hub_origin *o = get_origin(hub, t.id.origin);
	if (o && t.id.epoch > o->epoch)
		o->epoch = t.id.epoch;
	if (picture_apply(hub->picture, &t, foreign, NULL) == -ENOSPC)
		count_add(COUNT_PICTURE_FULL, 1);
	return 0;
}

static int restore_site(void *user, const char *origin, const void *data, size_t size)
{
	struct hub *hub = user;
	struct site s;
	(void)origin;
	if (wire_get_site(data, size, &s) >= 0)
		(void)health_site(hub->health, &s);
	return 0;
}

static int restore_health(void *user, const void *data, size_t size)
{
	struct hub *hub = user;
	struct wire_health h;
	if (wire_get_health(data, size, &h) >= 0)
		(void)health_report(hub->health, &h, /* mono_ns= */ 0);
	return 0;
}

int apply_restore(struct hub *hub)
{
	int r = store_each_track(hub->store, restore_track, hub);
	if (r >= 0)
		r = store_each_site(hub->store, restore_site, hub);
	if (r >= 0)
		r = store_each_health(hub->store, restore_health, hub);
	return r;
}
