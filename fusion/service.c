#include "fusion/service.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/wire.h"
#include "fusion/store.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_NS INT64_C(100000000)
#define HEALTH_NS INT64_C(5000000000)
#define USERS_MAX 16
#define HOST_PREFIX "vedette:host/"

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
	struct promise promises[SHIP_LANES_MAX];
};

struct hub {
	struct service *service;
	struct hub *next;
	struct bus_conn *conn;
	struct ship_source *source;
};

enum { LANE_TRACKS, LANE_FEEDS, LANES };
static const char *const lane_names[LANES] = { "tracks", "feeds" };

struct service {
	sd_event *event;
	const struct fusion_config *config;
	struct store *store;
	struct bus *hosts_bus, *hubs_bus;
	struct host *hosts;
	struct hub *hubs;
	uid_t users[USERS_MAX];
	unsigned n_users;
	sd_event_source *commit, *tick, *health;
	bool commit_failing; /* said once */
};

enum {
	C_RECORDS,
	C_UNWANTED,
	C_LATE,
	C_COMMITS_FAILED,
	C_REFUSED,
	C_HOSTS,
	C_HUBS,
	C_TRACKS,
	C_JSEQ,
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
	[C_HOSTS] = { "vedette_fusion_hosts", "hosts connected", true, 0 },
	[C_HUBS] = { "vedette_fusion_hubs", "hubs connected", true, 0 },
	[C_TRACKS] = { "vedette_fusion_tracks", "tracks alive, tentative ones included", true, 0 },
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

static void push_hubs(struct service *s)
{
	for (struct hub *h = s->hubs; h; h = h->next)
		if (h->source)
			ship_source_push(h->source);
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
	push_hubs(s);
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

static bool host_admit(void *user, const struct bus_peer *peer)
{
	struct service *s = user;

	for (unsigned i = 0; i < s->config->hosts.n; i++)
		if (!strcmp(s->config->hosts.items[i], peer->name))
			return true;
	counters[C_REFUSED].value++;
	return false;
}

/* A host has one connection: an older one is a dead link that has not noticed. */
static void close_older(struct service *s, const char *name)
{
	for (struct host *h = s->hosts; h; h = h->next)
		if (!strcmp(h->name, name))
			bus_close(h->conn, "replaced by a newer connection");
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
	snprintf(h->name, sizeof(h->name), "%s", peer->name + strlen(HOST_PREFIX));
	int r = ship_sink_new(s->event, conn, &sink_ops, h, &h->sink);
	if (r < 0) {
		free(h);
		bus_close(conn, strerror(-r));
		return;
	}
	close_older(s, h->name);
	h->next = s->hosts;
	s->hosts = h;
	bus_conn_set_user(conn, h);
	counters[C_HOSTS].value++;
	log_notice("host %s connected", h->name);
}

static void host_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct host *h = bus_conn_user(conn);

	if (!h)
		return;
	int r = ship_sink_frame(h->sink, data, size);
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
	log_notice("host %s gone: %s", h->name, reason);
	counters[C_HOSTS].value--;
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

/* --- hubs --- */

static struct shiplog *lane_log(const struct hub *h, unsigned lane)
{
	struct tracklog *l = store_log(h->service->store);

	return lane == LANE_TRACKS ? tracklog_tracks(l) : tracklog_feeds(l);
}

static ssize_t hub_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	ssize_t n = shiplog_read(lane_log(user, lane), after, records, max_records, max_bytes);

	*ret_withheld = 0;
	*ret_last = n > 0 ? records[n - 1].seq : after;
	return n;
}

static void hub_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	/* The log is kept as long as the journal: verification needs it. Retention is the store's.
	 */
}

static void hub_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct shiplog *log = lane_log(user, lane);

	*ret_epoch = shiplog_epoch(log);
	*ret_head = shiplog_committed(log);
}

static const struct ship_source_ops source_ops = {
	.read = hub_read, .acked = hub_acked, .head = hub_head
};

static bool hub_admit(void *user, const struct bus_peer *peer)
{
	struct service *s = user;

	for (unsigned i = 0; peer->local && i < s->n_users; i++)
		if (s->users[i] == peer->uid)
			return true;
	counters[C_REFUSED].value++;
	return false;
}

static void hub_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct service *s = user;
	struct hub *h = calloc(1, sizeof(*h));
	int r = h ? 0 : -ENOMEM;

	if (h) {
		h->service = s;
		h->conn = conn;
		r = ship_source_new(s->event, conn, s->config->origin, lane_names, LANES,
			&source_ops, h, &h->source);
	}
	if (r < 0) {
		free(h);
		bus_close(conn, strerror(-r));
		return;
	}
	h->next = s->hubs;
	s->hubs = h;
	bus_conn_set_user(conn, h);
	counters[C_HUBS].value++;
	log_notice("a hub connected");
}

static void hub_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct hub *h = bus_conn_user(conn);

	if (!h)
		return;
	int r = ship_source_frame(h->source, data, size);
	if (r < 0 && r != -ENOTCONN) {
		log_errno(LOG_LEVEL_WARNING, r, "hub: bad frame, closing");
		bus_close(conn, "bad frame");
	}
}

static void hub_writable(void *user, struct bus_conn *conn)
{
	struct hub *h = bus_conn_user(conn);

	if (h)
		ship_source_push(h->source);
}

static void hub_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct service *s = user;
	struct hub *h = bus_conn_user(conn);

	if (!h)
		return;
	for (struct hub **p = &s->hubs; *p; p = &(*p)->next)
		if (*p == h) {
			*p = h->next;
			break;
		}
	log_notice("a hub is gone: %s", reason);
	counters[C_HUBS].value--;
	ship_source_free(h->source);
	free(h);
}

static void hub_refused(void *user, const char *reason)
{
	log_warning("a hub was refused: %s", reason);
}

static const struct bus_ops hub_ops = { .admit = hub_admit,
	.opened = hub_opened,
	.frame = hub_frame,
	.closed = hub_closed,
	.writable = hub_writable,
	.refused = hub_refused };

/* --- health --- */

static void count(struct service *s)
{
	struct tracker *t = engine_tracker(store_engine(s->store));

	counters[C_JSEQ].value = journal_head(store_journal(s->store));
	if (!t)
		return;
	counters[C_TRACKS].value = tracker_tracks(t);
	for (int i = 0; i < _TRACKER_COUNTER_MAX; i++)
		counters[C_TRACKER + i].value = tracker_count(t, (enum tracker_counter)i);
}

static int on_health(void *user, int64_t mono_ns)
{
	struct service *s = user;
	struct wire_health h = { .process = "fusion", .time_ns = clock_now_ns(), .state = WIRE_UP };
	struct clock_quality q;
	uint8_t buf[WIRE_OBJECT_MAX];

	(void)mono_ns;
	count(s);
	loop_status("%llu tracks, %llu hosts, journal row %llu",
		(unsigned long long)counters[C_TRACKS].value,
		(unsigned long long)counters[C_HOSTS].value,
		(unsigned long long)counters[C_JSEQ].value);
	snprintf(h.host, sizeof(h.host), "%s", s->config->origin);
	if (!s->hosts) {
		h.state = WIRE_BLIND;
		snprintf(h.reason, sizeof(h.reason), "no host is connected");
	} else if (s->commit_failing) {
		h.state = WIRE_DEGRADED;
		snprintf(h.reason, sizeof(h.reason), "the journal takes no more rows");
	}
	if (clock_quality(&q) == 0) {
		h.clock_max_error_ns = q.max_error_ns;
		h.clock_synchronised = q.synchronised;
	}
	wire_health_counters(&h);
	ssize_t n = wire_put_health(buf, sizeof(buf), &h);
	if (n > 0)
		(void)tracklog_note(store_log(s->store), h.time_ns, WIRE_HEALTH, buf, (size_t)n);
	return 0;
}

/* --- life --- */

static int add_user(struct service *s, uid_t uid)
{
	if (s->n_users == USERS_MAX)
		return -E2BIG;
	s->users[s->n_users++] = uid;
	return 0;
}

static int add_users(struct service *s)
{
	int r = add_user(s, 0);

	if (r == 0)
		r = add_user(s, getuid());
	for (unsigned i = 0; r == 0 && i < s->config->users.n; i++) {
		const struct passwd *pw = getpwnam(s->config->users.items[i]);
		if (!pw) {
			log_error("[Fusion] AllowUser=%s: no such user", s->config->users.items[i]);
			return -ESRCH;
		}
		r = add_user(s, pw->pw_uid);
	}
	return r;
}

static int open_store(struct service *s)
{
	const struct fusion_config *c = s->config;
	struct store_report report;
	int r = store_open(c->state_dir, &c->tracker, c->slice_ns, c->keep_ns, clock_now_ns(),
		&s->store, &report);

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "%s: journal or track log cannot be opened",
			c->state_dir);
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

static int listen_all(struct service *s)
{
	const struct fusion_config *c = s->config;
	struct bus_tls tls = { .ca_file = c->ca,
		.cert_file = c->certificate,
		.key_file = c->key,
		.crl_file = c->crl[0] ? c->crl : NULL };
	int r = bus_listen(s->event, c->listen, &tls, 0, &host_ops, s, &s->hosts_bus);

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "%s", bus_error());
	r = bus_listen(s->event, c->track_listen, NULL, 0, &hub_ops, s, &s->hubs_bus);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "%s", bus_error());
	return 0;
}

static int start(struct service *s)
{
	int r = add_users(s);

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
	int r = start(s);
	if (r < 0) {
		service_free(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	sd_event_source_disable_unref(s->commit);
	sd_event_source_disable_unref(s->tick);
	sd_event_source_disable_unref(s->health);
	bool sound = s->store && store_tick(s->store, clock_now_ns()) == 0;
	if (sound)
		keep_promises(s);
	bus_free(s->hosts_bus);
	bus_free(s->hubs_bus);
	store_close(s->store, sound);
	free(s);
}
