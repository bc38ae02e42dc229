#include "sensor/uplink/centre.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum counted { N_UP, N_LOST, N_REFUSED, N_PROTOCOL, N_RENEWED, N_ACKED, _N_MAX };
static struct counter counters[_N_MAX] = {
	[N_UP] = { "vedette_uplink_link_up", "1 while connected to the centre", .gauge = true },
	[N_LOST] = { "vedette_uplink_link_lost_total", "connections to the centre that ended" },
	[N_REFUSED] = { "vedette_uplink_link_refused_total",
		"attempts that failed, each reason once a minute" },
	[N_PROTOCOL] = { "vedette_uplink_link_errors_total",
		"connections closed for what the centre said" },
	[N_RENEWED] = { "vedette_uplink_epochs_renewed_total",
		"lanes begun anew because the centre knew more" },
	[N_ACKED] = { "vedette_uplink_acknowledgements_total", "acknowledgements from the centre" },
};

struct centre {
	sd_event *event;
	const struct config *config;
	struct outbox *outbox;
	struct bus *bus;
	struct bus_conn *conn;
	struct ship_source *source;
	char trouble[256];
};

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct centre *c = user;
	ssize_t n = outbox_read(c->outbox, lane, after, records, max_records, max_bytes, ret_last);
	if (n >= 0)
		*ret_withheld = *ret_last - after - (uint64_t)n;
	return n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct centre *c = user;
	counters[N_ACKED].value++;
	outbox_acked(c->outbox, lane, seq);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct centre *c = user;
	outbox_head(c->outbox, lane, ret_epoch, ret_head);
}

static void on_stale(void *user, unsigned lane, uint64_t epoch)
{
	struct centre *c = user;
	int r = outbox_renew(c->outbox, lane, epoch, clock_now_ns());

	counters[N_RENEWED].value++;
	if (r)
		(void)log_errno(LOG_LEVEL_ERROR, r,
			"lane %s: the centre knows more of it, cannot renew it",
			outbox_lane_names[lane]);
	else
		log_warning("lane %s: the centre knows more of it than there is, begun anew",
			outbox_lane_names[lane]);
}

static const struct ship_source_ops source_ops = { on_read, on_acked, on_head, on_stale };

static bool on_admit(void *user, const struct bus_peer *peer)
{
	const struct centre *c = user;
	return !strcmp(peer->name, c->config->centre_identity);
}

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct centre *c = user;

	int r = ship_source_new(c->event, conn, c->config->origin, outbox_lane_names,
		_OUTBOX_LANE_MAX, &source_ops, c, &c->source);
	if (r) {
		bus_close(conn, strerror(-r));
		return;
	}
	c->conn = conn;
	counters[N_UP].value = 1;
	log_notice("connected to %s", peer->name);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct centre *c = user;
	char reason[96];
	int r = c->conn == conn ? ship_source_frame(c->source, data, size) : -ENOTCONN;

	if (!r)
		return;
	counters[N_PROTOCOL].value++;
	snprintf(reason, sizeof(reason), "protocol: %s", strerror(-r));
	bus_close(conn, reason);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct centre *c = user;

	if (c->conn != conn)
		return;
	c->conn = NULL;
	ship_source_free(c->source);
	c->source = NULL;
	counters[N_UP].value = 0;
	counters[N_LOST].value++;
	snprintf(c->trouble, sizeof(c->trouble), "%s", reason);
	log_warning("link to the centre lost: %s, dialling again", reason);
}

static void on_writable(void *user, struct bus_conn *conn)
{
	centre_push(user);
}

static void on_refused(void *user, const char *reason)
{
	struct centre *c = user;
	counters[N_REFUSED].value++;
	snprintf(c->trouble, sizeof(c->trouble), "%s", reason);
	log_warning("no link to the centre: %s, dialling again", reason);
}

static const struct bus_ops bus_ops = { on_admit, on_opened, on_frame, on_closed, on_writable,
	on_refused };

int centre_new(sd_event *event, const struct config *config, struct outbox *outbox,
	struct centre **ret_centre)
{
	struct bus_tls tls = {
		.ca_file = config->ca,
		.cert_file = config->certificate,
		.key_file = config->key,
		.crl_file = config->crl[0] ? config->crl : NULL,
		.server_name = config->centre_identity,
	};
	struct centre *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*c = (struct centre){
		.event = event, .config = config, .outbox = outbox, .trouble = "not connected yet"
	};
	counter_register(counters, _N_MAX);
	int r = bus_dial(event, config->centre, &tls, &bus_ops, c, &c->bus);
	if (r) {
		centre_free(c);
		return r;
	}
	*ret_centre = c;
	return 0;
}

void centre_free(struct centre *c)
{
	if (!c)
		return;
	bus_free(c->bus);
	free(c);
}

void centre_push(struct centre *c)
{
	if (c->source)
		ship_source_push(c->source);
}

bool centre_live(const struct centre *c)
{
	return c->source && ship_source_live(c->source);
}

const char *centre_trouble(const struct centre *c)
{
	if (centre_live(c))
		return "";
	return c->source ? "the centre does not acknowledge" : c->trouble;
}
