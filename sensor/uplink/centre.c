#include "sensor/uplink/centre.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/upkeep.h"
#include "common/renew.h"
#include "sensor/uplink/papers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After a renewal was refused, or no answer came; the shorter one while nothing else goes. */
#define ASK_AGAIN_NS (3600 * CLOCK_NS_PER_S)
#define ASK_SOON_NS (600 * CLOCK_NS_PER_S)
#define DAY_S 86400
#define WARN_S (14 * DAY_S) /* of life left: time for somebody to come with a new certificate */
/* A new certificate's trial is over when the centre hung up on it so often, and for so long. */
#define TRIAL_CLOSED_MAX 5
#define TRIAL_NS (30 * CLOCK_NS_PER_S)

enum counted { N_UP, N_LOST, N_REFUSED, N_PROTOCOL, N_RENEWED, N_ACKED, N_PAPERS, N_PAPERS_REFUSED, _N_MAX };
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
	[N_PAPERS] = { "vedette_uplink_certificate_renewals_total", "new certificates that the centre has taken" },
	[N_PAPERS_REFUSED] = { "vedette_uplink_certificate_renewals_failed_total",
		"renewals that were refused, or whose certificate the centre did not take" },
};

struct centre {
	sd_event *event;
	const struct config *config;
	struct outbox *outbox;
	void (*live)(void *user);
	void *user;
	bool was_live;
	struct bus *bus;
	struct bus_conn *conn;
	struct ship_source *source;
	struct papers *papers;
	bool renewal_only;	/* the centre takes nothing from us but that */
	unsigned trial_closed;	/* connections that ended without a word since the trial began */
	int64_t trial_ns, ask_ns; /* monotonic: began; not before */
	char trouble[256];
};

static int64_t now_s(void)
{
	return clock_now_ns() / CLOCK_NS_PER_S;
}

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

/* --- our certificate --- */

static struct bus_tls tls_files(const struct centre *c)
{
	struct bus_tls tls = { .ca_file = c->config->ca,
		.crl_file = c->config->crl[0] ? c->config->crl : NULL,
		.server_name = c->config->centre_identity };

	papers_files(c->papers, &tls);
	return tls;
}

static void show_papers(struct centre *c)
{
	struct bus_tls tls = tls_files(c);

	if (bus_retls(c->bus, &tls))
		log_error("%s; going on with the certificate before", bus_error());
}

static void ask(struct centre *c)
{
	uint8_t request[CERT_REQUEST_MAX], buf[RENEW_MESSAGE_MAX];
	ssize_t n = papers_request(c->papers, request, sizeof(request));
	struct renew_message m = { .type = RENEW_REQUEST, .data = request, .size = n > 0 ? (size_t)n : 0 };

	c->ask_ns = clock_mono_ns() + (c->renewal_only ? ASK_SOON_NS : ASK_AGAIN_NS);
	if (n > 0)
		n = renew_put(buf, sizeof(buf), &m);
	if (n > 0)
		n = bus_send(c->conn, buf, (size_t)n);
	if (n < 0)
		(void)log_errno(LOG_LEVEL_ERROR, (int)n, "cannot ask for a new certificate");
	else
		log_notice("asking the centre for a new certificate");
}

static void end_trial(struct centre *c)
{
	counters[N_PAPERS_REFUSED].value++;
	log_error("the centre does not take our new certificate; back to the one before");
	papers_failed(c->papers);
	c->ask_ns = clock_mono_ns() + ASK_SOON_NS;
	show_papers(c);
}

static void take_certificate(struct centre *c, const struct renew_message *m)
{
	int r = papers_take(c->papers, m->data, m->size);

	if (r) {
		counters[N_PAPERS_REFUSED].value++;
		(void)log_errno(LOG_LEVEL_ERROR, r, "the new certificate is not for us or cannot be kept");
		return;
	}
	c->trial_closed = 0;
	c->trial_ns = clock_mono_ns();
	show_papers(c);
	bus_close(c->conn, "coming again with a new certificate");
}

static int on_renew(struct centre *c, const void *data, size_t size)
{
	struct renew_message m;
	int r = renew_get(data, size, &m);

	if (r)
		return r;
	switch (m.type) {
	case RENEW_ONLY:
		/* What was announced is not looked at, and no hello comes. */
		ship_source_free(c->source);
		c->source = NULL;
		c->renewal_only = true;
		snprintf(c->trouble, sizeof(c->trouble), "our certificate has expired, and the centre has not renewed it yet");
		return 0;
	case RENEW_CERTIFICATE:
		take_certificate(c, &m);
		return 0;
	case RENEW_REFUSED:
		counters[N_PAPERS_REFUSED].value++;
		log_warning("the centre does not renew our certificate: %s", m.reason);
		return 0;
	default:
		return -EPROTO;
	}
}

void centre_tick(struct centre *c)
{
	int64_t left_s = papers_left_s(c->papers, now_s());
	bool heard = c->source && ship_source_version(c->source);

	/* A link that lost its life without losing its connection gets it back like any other. */
	c->was_live = c->was_live && centre_live(c);
	upkeep_certificate((now_s() + left_s) * CLOCK_NS_PER_S);
	if (heard && papers_on_trial(c->papers) && papers_proven(c->papers) == 0) {
		counters[N_PAPERS].value++;
		log_notice("our certificate is renewed, good for %lld days", (long long)(left_s / DAY_S));
	}
	bool due = c->renewal_only ||
		   (heard && ship_source_version(c->source) >= RENEW_VERSION && papers_due(c->papers, now_s()));
	if (c->conn && due && clock_mono_ns() >= c->ask_ns)
		ask(c);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct centre *c = user;
	char reason[96];
	int r = -ENOTCONN;

	if (c->conn == conn && renew_is(data, size))
		r = on_renew(c, data, size);
	else if (c->conn == conn && c->source)
		r = ship_source_frame(c->source, data, size);
	bool live = centre_live(c);
	if (live && !c->was_live)
		c->live(c->user);
	c->was_live = live;
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
	bool heard = c->source && ship_source_version(c->source);
	c->was_live = false;
	c->conn = NULL;
	ship_source_free(c->source);
	c->source = NULL;
	c->renewal_only = false;
	if (papers_on_trial(c->papers) && !heard && ++c->trial_closed > TRIAL_CLOSED_MAX &&
		clock_mono_ns() > c->trial_ns + TRIAL_NS)
		end_trial(c);
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

int centre_new(sd_event *event, const struct config *config, struct outbox *outbox, void (*live)(void *user), void *user,
	struct centre **ret_centre)
{
	struct centre *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*c = (struct centre){
		.event = event,
		.config = config,
		.outbox = outbox,
		.live = live,
		.user = user,
		.trouble = "not connected yet",
	};
	counter_register(counters, _N_MAX);
	int r = papers_open(config, &c->papers);
	if (r) {
		(void)log_errno(LOG_LEVEL_ERROR, r, "%s: no certificate in it", config->certificate);
		centre_free(c);
		return r;
	}
	struct bus_tls tls = tls_files(c);
	r = bus_dial(event, config->centre, &tls, &bus_ops, c, &c->bus);
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
	papers_free(c->papers);
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
	if (!centre_live(c))
		return c->source ? "the centre does not acknowledge" : c->trouble;
	if (papers_left_s(c->papers, now_s()) < WARN_S && papers_due(c->papers, now_s()))
		return "our certificate ends within 14 days, and the centre has not renewed it";
	return "";
}
