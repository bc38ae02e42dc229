#include "fusion/service.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/dberr.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/renew.h"
#include "common/tls_engine.h"
#include "common/upkeep.h"
#include "common/wire.h"
#include "fusion/admission.h"
#include "fusion/hubs.h"
#include "fusion/links.h"
#include "fusion/relay.h"
#include "fusion/shadow_metric.h"
#include "fusion/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define TICK_NS INT64_C(100000000)
#define HEALTH_NS INT64_C(5000000000)
/* A host asks for its renewal at most so often: each costs vedette-enrol a signature to check. */
#define ASK_AGAIN_NS INT64_C(60000000000)
#define RENEWAL_NS INT64_C(60000000000)     /* what one with an expired certificate has for it */
#define SAY_AGAIN_NS INT64_C(60000000000)  /* the same refusal in the log */
#define CRL_EVERY_NS INT64_C(3600000000000) /* a look at when the next revocation list is due */

/* What a host is still to be told: its lane is durable up to here. */
struct promise {
	char lane[SHIP_LANE_NAME_MAX];
	uint64_t epoch, seq;
	bool due;
};

struct host {
	struct service *service;
	struct host *next;
	struct bus_conn *conn;
	struct ship_sink *sink;
	char name[SHIP_ORIGIN_MAX]; /* from its certificate */
	bool renewal_only;	    /* its certificate has expired: no sink */
	struct relay *relay;	    /* its renewal, under way */
	int64_t opened_ns, asked_ns; /* monotonic */
	struct promise promises[SHIP_LANES_MAX];
};

struct service {
	sd_event *event;
	const struct fusion_config *config;
	struct store *store;
	struct bus *hosts_bus;
	struct host *hosts;
	struct hubs *hubs;
	struct links *links;
	sd_event_source *commit, *tick, *health, *watch;
	bool commit_failing; /* said once */
	char refused[160];   /* who was refused last and why, and when that was said */
	int64_t refused_ns, crl_looked_ns;
	bool crl_overdue;
};

enum {
	C_RECORDS,
	C_UNWANTED,
	C_LATE,
	C_COMMITS_FAILED,
	C_REFUSED,
	C_REVOKED,
	C_EXPIRED,
	C_RENEWED,
	C_NOT_RENEWED,
	C_CRL_OVERDUE,
	C_HOSTS,
	C_TRACKS,
	C_JSEQ,
	C_BYTES,
	C_BUDGET,
	C_DROPPED,
	C_TRACKER
};
static struct counter counters[C_TRACKER + _TRACKER_COUNTER_MAX] = {
	[C_RECORDS] = { "vedette_fusion_records_total", "records taken from hosts", false, 0 },
	[C_UNWANTED] = { "vedette_fusion_records_unwanted_total",
		"records of a kind hosts have no business sending", false, 0 },
	[C_LATE] = { "vedette_fusion_plots_late_total", "plots journaled for history only", false,
		0 },
	[C_COMMITS_FAILED] = { "vedette_fusion_commits_failed_total", "groups the journal refused",
		false, 0 },
	[C_REFUSED] = { "vedette_fusion_connections_refused_total", "connections not admitted",
		false, 0 },
	[C_REVOKED] = { "vedette_fusion_hosts_revoked_total",
		"connections of revoked hosts refused or ended", false, 0 },
	[C_EXPIRED] = { "vedette_fusion_hosts_expired_total",
		"connections with an expired certificate, taken for renewal only", false, 0 },
	[C_RENEWED] = { "vedette_fusion_certificates_renewed_total", "certificates passed to hosts", false,
		0 },
	[C_NOT_RENEWED] = { "vedette_fusion_renewals_refused_total", "renewals that were not granted",
		false, 0 },
	[C_CRL_OVERDUE] = { "vedette_fusion_crl_overdue",
		"1 when the next revocation list was due and is not there", true, 0 },
	[C_HOSTS] = { "vedette_fusion_hosts", "hosts connected", true, 0 },
	[C_TRACKS] = { "vedette_fusion_tracks", "tracks alive, tentative ones included", true, 0 },
	[C_BUDGET] = { "vedette_fusion_disk_budget_bytes", "MaxSize=", true, 0 },
	[C_BYTES] = { "vedette_fusion_disk_bytes", "disk in use by journal, track log and feed log", true, 0 },
	[C_DROPPED] = { "vedette_fusion_slices_dropped_total", "slices of the journal dropped to keep to MaxSize=",
		false, 0 },
	[C_JSEQ] = { "vedette_fusion_journal_rows_total", "rows in the journal since it was made",
		false, 0 },
};
static char tracker_names[_TRACKER_COUNTER_MAX][64];

static void register_counters(void)
{
	for (int i = 0; i < _TRACKER_COUNTER_MAX; i++) {
		snprintf(tracker_names[i], sizeof(tracker_names[i]), "vedette_tracker_%s_total",
			tracker_counter_name((enum tracker_counter)i));
		counters[C_TRACKER + i] = (struct counter){ tracker_names[i],
			"of the tracker, since its journal began", false, 0 };
	}
	counter_register(counters, sizeof(counters) / sizeof(counters[0]));
	shadow_metric_register();
}

/* --- commits --- */

static void keep_promises(struct service *s)
{
	for (struct host *h = s->hosts; h; h = h->next)
		for (unsigned i = 0; i < SHIP_LANES_MAX; i++) {
			struct promise *p = &h->promises[i];
			if (p->due && h->sink)
				ship_sink_ack(h->sink, p->lane, p->epoch, p->seq);
			p->due = false;
		}
}

/* Nothing was kept: the hosts connect again and send it again from the durable cursors. */
static void break_promises(struct service *s)
{
	counters[C_COMMITS_FAILED].value++;
	if (!s->commit_failing)
		log_error("the journal takes no more rows; hosts keep theirs and send again");
	s->commit_failing = true;
	for (struct host *h = s->hosts; h; h = h->next) {
		for (unsigned i = 0; i < SHIP_LANES_MAX; i++)
			h->promises[i].due = false;
		bus_close(h->conn, "not durable");
	}
}

/* After store_commit() or store_tick(). */
static void committed(struct service *s, int result)
{
	if (result < 0) {
		log_errno(LOG_LEVEL_ERROR, result,
			"the track log cannot be written; ending, to replay from the journal");
		(void)sd_event_exit(s->event, 1);
		return;
	}
	if (result > 0) {
		break_promises(s);
		return;
	}
	if (s->commit_failing)
		log_notice("the journal takes rows again");
	s->commit_failing = false;
	keep_promises(s);
	hubs_push(s->hubs);
}

/* Idle priority: all that has arrived by now shares the commit. */
static int on_commit(sd_event_source *source, void *user)
{
	struct service *s = user;

	committed(s, store_commit(s->store, clock_now_ns()));
	return 0;
}

static int on_tick(void *user, int64_t now_ns)
{
	struct service *s = user;

	(void)now_ns;
	committed(s, store_tick(s->store, clock_now_ns()));
	return 0;
}

/* --- links --- */

static void note_health(struct service *s, struct wire_health *h)
{
	struct clock_quality q;
	uint8_t buf[WIRE_OBJECT_MAX];

	h->time_ns = clock_now_ns();
	if (clock_quality(&q) == 0) {
		h->clock_max_error_ns = q.max_error_ns;
		h->clock_synchronised = q.synchronised;
	}
	ssize_t n = wire_put_health(buf, sizeof(buf), h);
	if (n > 0)
		(void)tracklog_note(store_log(s->store), h->time_ns, WIRE_HEALTH, buf, (size_t)n);
}

static void tell_link(void *user, struct wire_health *h)
{
	note_health(user, h);
}

static void set_link(struct service *s, const char *name, bool up, const char *reason)
{
	int64_t now_ns = clock_mono_ns();

	links_set(s->links, name, up, reason, now_ns);
	links_tell(s->links, name, now_ns, tell_link, s);
}

static bool is_connected(const struct service *s, const char *name)
{
	for (const struct host *h = s->hosts; h; h = h->next)
		if (!h->renewal_only && !strcmp(h->name, name))
			return true;
	return false;
}

/* --- hosts --- */

static bool host_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	struct host *h = user;

	if (strcmp(origin, h->name)) {
		log_warning("host %s announces itself as %s; closing", h->name, origin);
		bus_close(h->conn, "announced another's name");
		return false;
	}
	uint64_t e, q;
	if (journal_cursor(store_journal(h->service->store), origin, lane, &e, &q)) {
		*ret_epoch = e;
		*ret_seq = q;
	}
	return true;
}

static struct promise *promise_for(struct host *h, const char *lane)
{
	for (unsigned i = 0; i < SHIP_LANES_MAX; i++) {
		struct promise *p = &h->promises[i];
		if (!p->lane[0])
			snprintf(p->lane, sizeof(p->lane), "%s", lane);
		if (!strcmp(p->lane, lane))
			return p;
	}
	return NULL;
}

static bool wanted(uint8_t kind)
{
	return kind == WIRE_PLOT || kind == WIRE_SITE || kind == WIRE_HEALTH;
}

static int take_record(
	struct host *h, const struct ship_batch *b, const struct ship_record *r, int64_t now_ns)
{
	struct store *store = h->service->store;
	struct journal_row row = { .recv_ns = now_ns,
		.origin = h->name,
		.lane = b->lane,
		.epoch = b->epoch,
		.seq = r->seq,
		.kind = r->kind,
		.data = r->data,
		.size = r->size };
	struct plot p;

	counters[C_RECORDS].value++;
	if (!wanted(r->kind) || r->size > WIRE_OBJECT_MAX) {
		counters[C_UNWANTED].value++;
		return 0;
	}
	/* A description has no time; what cannot be read is kept as it came and counted by the
	 * engine. */
	if (r->kind == WIRE_PLOT && wire_get_plot(r->data, r->size, &p) == 0 &&
		p.kind != PLOT_IDENTITY)
		row.late = store_late(store, p.time_ns);
	counters[C_LATE].value += row.late;
	return store_row(store, &row, now_ns);
}

static int host_commit(void *user, const char *origin, const struct ship_batch *b)
{
	struct host *h = user;
	struct journal *j = store_journal(h->service->store);
	struct promise *p = promise_for(h, b->lane);
	uint64_t epoch, seq;
	int64_t now = clock_now_ns();

	if (!p)
		return -ENOSPC;
	(void)journal_cursor(j, origin, b->lane, &epoch, &seq);
	if (b->epoch < epoch)
		return -ESTALE;
	if (b->epoch > epoch)
		seq = 0;
	if (b->prev > seq)
		return -EPROTO;
	for (size_t i = 0; i < b->n; i++) {
		/* What another connection of the same host has brought already. */
		if (b->records[i].seq <= seq)
			continue;
		int r = take_record(h, b, &b->records[i], now);
		if (r < 0)
			return r;
	}
	if (b->last > seq || b->epoch > epoch) {
		int r = journal_cursor_set(j, origin, b->lane, b->epoch, b->last);
		if (r < 0)
			return r;
		seq = b->last;
	}
	*p = (struct promise){ .epoch = b->epoch, .seq = seq, .due = true };
	snprintf(p->lane, sizeof(p->lane), "%s", b->lane);
	(void)sd_event_source_set_enabled(h->service->commit, SD_EVENT_ONESHOT);
	return SHIP_LATER;
}

static const struct ship_sink_ops sink_ops = { .cursor = host_cursor, .commit = host_commit };

/* Once a minute: a stolen mast dials every second. */
static void say_refused(struct service *s, const struct bus_peer *peer, const char *why)
{
	char text[sizeof(s->refused)];
	int64_t now_ns = clock_mono_ns();

	snprintf(text, sizeof(text), "%.100s: %s", peer->name[0] ? peer->name : "a nameless peer", why);
	if (!strcmp(text, s->refused) && now_ns < s->refused_ns + SAY_AGAIN_NS)
		return;
	memcpy(s->refused, text, sizeof(text));
	s->refused_ns = now_ns;
	log_warning("%s", text);
}

static bool host_admit(void *user, const struct bus_peer *peer)
{
	struct service *s = user;
	const char *why;
	enum admission verdict = admission_judge(s->config, peer, &why);

	if (verdict != ADMISSION_GRANTED)
		say_refused(s, peer, why);
	if (verdict >= ADMISSION_RENEWAL)
		return true;
	counters[C_REFUSED].value++;
	counters[C_REVOKED].value += verdict == ADMISSION_REVOKED;
	return false;
}

/* A host has one connection: an older one is a dead link that has not noticed. */
static void close_older(struct service *s, const char *name)
{
	for (struct host *h = s->hosts; h; h = h->next)
		if (!strcmp(h->name, name))
			bus_close(h->conn, "replaced by a newer connection");
}

/* Whoever may not come any more goes now. */
static void judge_all(struct service *s)
{
	for (struct host *h = s->hosts; h; h = h->next) {
		struct bus_peer peer = *bus_conn_peer(h->conn);
		const char *why;
		enum admission verdict;
		peer.expired = h->renewal_only;
		verdict = admission_judge(s->config, &peer, &why);
		if (h->renewal_only && clock_mono_ns() > h->opened_ns + RENEWAL_NS)
			bus_close(h->conn, "its certificate has expired, and the time for a renewal is over");
		if (verdict >= ADMISSION_RENEWAL)
			continue;
		counters[C_REVOKED].value += verdict == ADMISSION_REVOKED;
		bus_close(h->conn, why);
	}
}

/* --- renewal --- */

static void say(const struct host *h, const struct renew_message *m)
{
	uint8_t buf[RENEW_MESSAGE_MAX];
	ssize_t n = renew_put(buf, sizeof(buf), m);

	if (n > 0)
		(void)bus_send(h->conn, buf, (size_t)n);
}

static void refuse_renewal(const struct host *h, const char *why)
{
	struct renew_message m = { .type = RENEW_REFUSED };

	counters[C_NOT_RENEWED].value++;
	snprintf(m.reason, sizeof(m.reason), "%s", why);
	log_warning("host %s: its certificate is not renewed: %s", h->name, why);
	say(h, &m);
}

static void on_answer(void *user, const struct renew_message *m)
{
	struct host *h = user;

	if (m->type == RENEW_REFUSED) {
		refuse_renewal(h, m->reason);
	} else {
		counters[C_RENEWED].value++;
		log_notice("host %s: its certificate is renewed", h->name);
		say(h, m);
	}
	relay_free(h->relay);
	h->relay = NULL;
}

static int take_request(struct host *h, const void *data, size_t size)
{
	struct renew_message m;
	int64_t now_ns = clock_mono_ns();
	int r = renew_get(data, size, &m);

	if (r || m.type != RENEW_REQUEST)
		return r ? r : -EPROTO;
	if (h->relay || (h->asked_ns && now_ns < h->asked_ns + ASK_AGAIN_NS)) {
		refuse_renewal(h, "asked within the minute");
		return 0;
	}
	h->asked_ns = now_ns;
	m.type = RENEW_RELAYED;
	snprintf(m.host, sizeof(m.host), "%.31s", h->name);
	memcpy(m.spki, bus_conn_peer(h->conn)->spki_sha256, sizeof(m.spki));
	r = relay_new(h->service->event, h->service->config->enrol, &m, on_answer, h, &h->relay);
	if (r)
		refuse_renewal(h, r == -ENOENT || r == -ECONNREFUSED ? "vedette-enrol is not enabled here"
								      : strerror(-r));
	return 0;
}

static void host_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct service *s = user;
	struct host *h = calloc(1, sizeof(*h));

	if (!h) {
		bus_close(conn, "out of memory");
		return;
	}
	h->service = s;
	h->conn = conn;
	h->renewal_only = peer->expired;
	h->opened_ns = clock_mono_ns();
	snprintf(h->name, sizeof(h->name), "%s", peer->name + strlen(CERT_HOST_PREFIX));
	int r = h->renewal_only ? 0 : ship_sink_new(s->event, conn, &sink_ops, h, &h->sink);
	if (r < 0) {
		free(h);
		bus_close(conn, strerror(-r));
		return;
	}
	if (!h->renewal_only)
		close_older(s, h->name);
	h->next = s->hosts;
	s->hosts = h;
	bus_conn_set_user(conn, h);
	if (h->renewal_only) {
		counters[C_EXPIRED].value++;
		say(h, &(struct renew_message){ .type = RENEW_ONLY });
		return;
	}
	counters[C_HOSTS].value++;
	log_notice("host %s connected", h->name);
	set_link(s, h->name, true, "");
}

static void host_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct host *h = bus_conn_user(conn);

	if (!h)
		return;
	int r = 0;
	if (renew_is(data, size))
		r = take_request(h, data, size);
	else if (h->sink) /* what it announces with an expired certificate is not looked at */
		r = ship_sink_frame(h->sink, data, size);
	if (r < 0 && r != -ENOTCONN) {
		log_errno(LOG_LEVEL_WARNING, r, "host %s: bad frame, closing", h->name);
		bus_close(conn, "bad frame");
	}
}

static void host_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct service *s = user;
	struct host *h = bus_conn_user(conn);

	if (!h)
		return;
	for (struct host **p = &s->hosts; *p; p = &(*p)->next)
		if (*p == h) {
			*p = h->next;
			break;
		}
	if (!h->renewal_only) {
		log_notice("host %s gone: %s", h->name, reason);
		counters[C_HOSTS].value--;
	}
	/* Unless a newer connection has taken its place. */
	if (!h->renewal_only && !is_connected(s, h->name))
		set_link(s, h->name, false, reason);
	relay_free(h->relay);
	ship_sink_free(h->sink);
	free(h);
}

static void host_refused(void *user, const char *reason)
{
	counters[C_REFUSED].value++;
	log_warning("a host was refused: %s", reason);
}

static const struct bus_ops host_ops = { .admit = host_admit,
	.opened = host_opened,
	.frame = host_frame,
	.closed = host_closed,
	.refused = host_refused };

/* --- health --- */

static void count(struct service *s)
{
	struct tracker *t = engine_tracker(store_engine(s->store));

	counters[C_JSEQ].value = journal_head(store_journal(s->store));
	counters[C_BYTES].value = store_bytes(s->store);
	counters[C_BUDGET].value = s->config->max_size;
	counters[C_DROPPED].value = store_dropped(s->store);
	if (!t)
		return;
	counters[C_TRACKS].value = tracker_tracks(t);
	for (int i = 0; i < _TRACKER_COUNTER_MAX; i++)
		counters[C_TRACKER + i].value = tracker_count(t, (enum tracker_counter)i);
	shadow_metric_set(t);
}

/* An overdue list refuses nobody, so somebody must be told. */
static void look_at_crl(struct service *s)
{
	int64_t due_s = INT64_MAX, now_ns = clock_now_ns();

	if (!s->config->crl[0] || (s->crl_looked_ns && now_ns < s->crl_looked_ns + CRL_EVERY_NS))
		return;
	s->crl_looked_ns = now_ns;
	(void)tls_engine_crl_due_s(s->config->crl, now_ns / INT64_C(1000000000), &due_s);
	s->crl_overdue = due_s < 0;
	counters[C_CRL_OVERDUE].value = s->crl_overdue;
	if (s->crl_overdue)
		log_warning("%s: the next list was due %lld h ago; using this one", s->config->crl,
			(long long)(-due_s / 3600));
}

static void degrade(struct wire_health *h, const char *reason)
{
	h->state = WIRE_DEGRADED;
	snprintf(h->reason, sizeof(h->reason), "%s", reason);
}

_Static_assert((int)WIRE_BIAS_APPLIED == (int)REGISTRATION_APPLIED && (int)_WIRE_BIAS_STATE_MAX == (int)_REGISTRATION_STATE_MAX,
	"one list");

/* What each sensor is off, as its own report: nobody's decoder. */
static void tell_biases(struct service *s)
{
	struct tracker *t = engine_tracker(store_engine(s->store));
	struct tracker_bias b;

	for (uint32_t i = 0; t && tracker_bias(t, i, &b); i++) {
		struct wire_health h = { .process = "registration", .state = WIRE_UP, .bias.given = true };
		if (b.sensor != PLOT_SENSOR_RADAR && b.sensor != PLOT_SENSOR_CAMERA)
			continue;
		snprintf(h.host, sizeof(h.host), "%s", s->config->origin);
		snprintf(h.feed, sizeof(h.feed), "%s", b.feed);
		for (unsigned k = 0; k < _WIRE_BIAS_MAX; k++)
			h.bias.of[k] = (struct wire_bias){ (enum wire_bias_state)b.of[k].state, b.of[k].value, b.of[k].sigma };
		note_health(s, &h);
	}
}

static int on_health(void *user, int64_t mono_ns)
{
	struct service *s = user;
	struct wire_health h = { .process = "fusion", .state = WIRE_UP };

	(void)mono_ns;
	/* Besides watching: where the folder was made or mounted anew the watch sees nothing. */
	judge_all(s);
	look_at_crl(s);
	count(s);
	loop_status("%llu tracks, %llu hosts, journal row %llu",
		(unsigned long long)counters[C_TRACKS].value,
		(unsigned long long)counters[C_HOSTS].value,
		(unsigned long long)counters[C_JSEQ].value);
	snprintf(h.host, sizeof(h.host), "%s", s->config->origin);
	if (!counters[C_HOSTS].value) {
		h.state = WIRE_BLIND;
		snprintf(h.reason, sizeof(h.reason), "no host is connected");
	} else if (s->commit_failing) {
		degrade(&h, "the journal takes no more rows");
	} else if (s->crl_overdue) {
		degrade(&h, "the next revocation list is overdue");
	}
	wire_health_counters(&h);
	note_health(s, &h);
	tell_biases(s);
	links_expect(s->links, s->config, clock_mono_ns());
	links_tell(s->links, NULL, clock_mono_ns(), tell_link, s);
	return 0;
}

/* --- life --- */

static int open_store(struct service *s)
{
	const struct fusion_config *c = s->config;
	struct store_report report;
	const struct store_explain explain = { c->explain_file, c->explain_memory };
	int r = store_open_explained(c->state_dir, &c->tracker, c->slice_ns, c->keep_ns, &explain, clock_now_ns(),
		&s->store, &report);

	if (r < 0) {
		log_error("%s: journal or track log cannot be opened: %s", c->state_dir, dberr_text(r));
		return r;
	}
	store_budget(s->store, c->max_size);
	if (report.explain_error < 0)
		log_errno(LOG_LEVEL_WARNING, report.explain_error,
			"%s: no memory of explanations, vedette explain has the journal only", c->explain_file);
	if (report.differences)
		log_error(
			"replay gave %llu outputs otherwise than they were published; the published ones stand",
			(unsigned long long)report.differences);
	if (report.fresh)
		log_notice("a new journal, epoch %u", journal_epoch(store_journal(s->store)));
	else
		log_notice("replayed %llu rows%s%s", (unsigned long long)report.rows,
			report.from_checkpoint ? " after the checkpoint" : "",
			report.restarted
				? "; other settings or another build: the tracker starts anew"
				: "");
	return 0;
}

static struct bus_tls tls_files(const struct fusion_config *c)
{
	return (struct bus_tls){ .ca_file = c->ca,
		.cert_file = c->certificate,
		.key_file = c->key,
		.crl_file = c->crl[0] ? c->crl : NULL,
		.expired = true };
}

static int on_register_changed(sd_event_source *source, const struct inotify_event *event, void *user)
{
	judge_all(user);
	return 0;
}

/* Without it a revocation takes effect at the next report of health instead of at once. */
static void watch_register(struct service *s)
{
	int r = sd_event_add_inotify(s->event, &s->watch, s->config->roster,
		IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR, on_register_changed, s);
	if (r < 0 && r != -ENOENT)
		log_errno(LOG_LEVEL_WARNING, r, "%s: cannot watch it, looking every 5 s", s->config->roster);
}

static int listen_all(struct service *s)
{
	const struct fusion_config *c = s->config;
	struct bus_tls tls = tls_files(c);
	int r = bus_listen(s->event, c->listen, &tls, 0, &host_ops, s, &s->hosts_bus);

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "%s", bus_error());
	return hubs_new(s->event, c, s->store, &s->hubs);
}

static int start(struct service *s)
{
	int r = links_new(&s->links);

	if (r == 0)
		r = open_store(s);
	if (r == 0)
		r = sd_event_add_defer(s->event, &s->commit, on_commit, s);
	if (r >= 0)
		r = sd_event_source_set_priority(s->commit, SD_EVENT_PRIORITY_IDLE);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->commit, SD_EVENT_OFF);
	if (r >= 0)
		r = loop_every(s->event, TICK_NS, on_tick, s, &s->tick);
	if (r >= 0)
		r = loop_every(s->event, HEALTH_NS, on_health, s, &s->health);
	if (r >= 0)
		r = listen_all(s);
	if (r >= 0)
		watch_register(s);
	return r < 0 ? r : 0;
}

int service_new(sd_event *event, const struct fusion_config *config, struct service **ret_s)
{
	struct service *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->event = event;
	s->config = config;
	register_counters();
	upkeep_register(config->state_dir, config->certificate);
	int r = start(s);
	if (r < 0) {
		service_free(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

void service_reload(struct service *s)
{
	struct bus_tls tls = tls_files(s->config);

	if (bus_retls(s->hosts_bus, &tls) < 0)
		log_error("%s; keeping the certificates that were read before", bus_error());
	s->crl_looked_ns = 0;
	look_at_crl(s);
	judge_all(s);
}

int service_restored(const struct fusion_config *config)
{
	struct service s = { .config = config };
	int r = open_store(&s);

	if (r == 0)
		r = store_renew(s.store, 0, clock_now_ns());
	if (r == 0)
		log_notice("the next start begins a new epoch");
	else if (s.store)
		log_errno(LOG_LEVEL_ERROR, r, "%s: cannot begin a new epoch", config->state_dir);
	store_close(s.store, false);
	return r;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	sd_event_source_disable_unref(s->commit);
	sd_event_source_disable_unref(s->tick);
	sd_event_source_disable_unref(s->health);
	sd_event_source_disable_unref(s->watch);
	bool sound = s->store && !hubs_renewed(s->hubs) && store_tick(s->store, clock_now_ns()) == 0;
	if (sound)
		keep_promises(s);
	bus_free(s->hosts_bus);
	hubs_free(s->hubs);
	links_free(s->links);
	store_close(s->store, sound);
	free(s);
}
