#include "sensor/camera/deliver.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/shipring.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PLOTS_KEPT 4096 /* an hour at one a second */
#define STATES_KEPT 64

enum { LANE_STATE, LANE_PLOTS, _LANE_MAX }; /* the site goes ahead of the plots computed with it */

struct deliver {
	sd_event *event;
	const struct feed *feed;
	struct bus *bus;
	struct ship_source *source;
	struct shipring *lanes[_LANE_MAX];
};

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct deliver *d = user;
	return shipring_read(d->lanes[lane], after, records, max_records, max_bytes, ret_last, ret_withheld);
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct deliver *d = user;
	shipring_acked(d->lanes[lane], epoch, seq);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct deliver *d = user;
	shipring_head(d->lanes[lane], ret_epoch, ret_head);
}

static const struct ship_source_ops source_ops = { on_read, on_acked, on_head };

static int push(struct deliver *d, unsigned lane, int64_t now_ns, uint8_t kind, const void *data, ssize_t size)
{
	int r = size < 0 ? (int)size : shipring_push(d->lanes[lane], now_ns, kind, data, (size_t)size);
	if (r == 0 && d->source)
		ship_source_push(d->source);
	return r;
}

static void push_site(struct deliver *d)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	ssize_t n = wire_put_site(buf, sizeof(buf), &d->feed->site);
	int r = push(d, LANE_STATE, clock_now_ns(), WIRE_SITE, buf, n);
	if (r < 0)
		(void)log_errno(LOG_LEVEL_ERROR, r, "cannot tell where the camera stands");
}

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	(void)peer;
	struct deliver *d = user;
	char plots[SHIP_LANE_NAME_MAX], state[SHIP_LANE_NAME_MAX];
	snprintf(state, sizeof(state), "state/%s", d->feed->name);
	snprintf(plots, sizeof(plots), "feed/%s", d->feed->name);
	const char *names[_LANE_MAX] = { state, plots };

	int r = ship_source_new(d->event, conn, d->feed->name, names, _LANE_MAX, &source_ops, d, &d->source);
	if (r < 0) {
		(void)log_errno(LOG_LEVEL_ERROR, r, "cannot speak to the uplink, closing");
		bus_close(conn, "out of memory");
		return;
	}
	log_info("connected to the uplink");
	push_site(d);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct deliver *d = user;
	if (d->source && ship_source_frame(d->source, data, size) < 0)
		bus_close(conn, "protocol error");
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	(void)conn;
	struct deliver *d = user;
	log_warning("uplink connection ended: %s; dialling again", reason);
	ship_source_free(d->source);
	d->source = NULL;
}

static void on_writable(void *user, struct bus_conn *conn)
{
	(void)conn;
	struct deliver *d = user;
	if (d->source)
		ship_source_push(d->source);
}

static const struct bus_ops bus_ops = {
	.opened = on_opened,
	.frame = on_frame,
	.closed = on_closed,
	.writable = on_writable,
};

int deliver_new(sd_event *event, const char *uplink_url, const struct feed *feed, struct deliver **ret_d)
{
	assert(event && uplink_url && feed && ret_d);

	struct deliver *d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->event = event;
	d->feed = feed;
	int64_t now_ns = clock_now_ns();
	int r = shipring_new(PLOTS_KEPT, WIRE_OBJECT_MAX, now_ns, &d->lanes[LANE_PLOTS]);
	if (r == 0)
		r = shipring_new(STATES_KEPT, WIRE_OBJECT_MAX, now_ns, &d->lanes[LANE_STATE]);
	if (r == 0)
		r = bus_dial(event, uplink_url, /* tls= */ NULL, &bus_ops, d, &d->bus);
	if (r < 0) {
		deliver_free(d);
		return r;
	}
	*ret_d = d;
	return 0;
}

void deliver_free(struct deliver *d)
{
	if (!d)
		return;
	bus_free(d->bus);
	ship_source_free(d->source);
	for (int i = 0; i < _LANE_MAX; i++)
		shipring_free(d->lanes[i]);
	free(d);
}

int deliver_plot(struct deliver *d, const struct plot *p, int64_t now_ns)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	return push(d, LANE_PLOTS, now_ns, WIRE_PLOT, buf, wire_put_plot(buf, sizeof(buf), p));
}

int deliver_health(struct deliver *d, const struct wire_health *h, int64_t now_ns)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	return push(d, LANE_STATE, now_ns, WIRE_HEALTH, buf, wire_put_health(buf, sizeof(buf), h));
}

bool deliver_connected(const struct deliver *d)
{
	return d->source != NULL;
}

uint64_t deliver_lost(const struct deliver *d)
{
	return shipring_lost(d->lanes[LANE_PLOTS]);
}
