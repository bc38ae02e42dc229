#include "hub/peer.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/ship.h"
#include "hub/count.h"
#include "hub/intake.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONNS_MAX 2 /* one peer's: a new one, and an old one whose end has not been noticed yet */

static const char *const peer_lanes[] = { "distress", "tracks", NULL };

struct session {
	struct peer *peer;
	struct bus_conn *conn;
	struct ship_source *source;
};

struct peer {
	struct peer_set *set;
	const struct settings_peer *config;
	char label[32], dir[SETTINGS_PATH_MAX + 16];
	struct release *release;
	struct session sessions[CONNS_MAX];
	struct intake *intake;
};

struct peer_set {
	struct hub *hub;
	struct bus *bus;
	size_t n;
	struct peer peers[SETTINGS_PEERS_MAX];
	uint64_t changes;
};

/* --- source: what a neighbour pulls --- */

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct session *s = user;
	return release_read(s->peer->release, lane, after, records, max_records, max_bytes, ret_last, ret_withheld);
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct session *s = user;
	release_acked(s->peer->release, lane, epoch, seq);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct session *s = user;
	release_head(s->peer->release, lane, ret_epoch, ret_head);
}

static void on_stale(void *user, unsigned lane, uint64_t epoch)
{
	struct session *s = user;
	log_warning("peer %s: it knows more of lane %s than our log has (restored from a copy?), starting a new epoch",
		s->peer->config->origin, release_lanes[lane]);
	release_stale(s->peer->release, lane, epoch, clock_now_ns());
}

static const struct ship_source_ops source_ops = { on_read, on_acked, on_head, on_stale };

static struct peer *find_identity(struct peer_set *set, const struct bus_peer *peer)
{
	for (size_t i = 0; !peer->local && i < set->n; i++)
		if (!strcmp(set->peers[i].config->identity, peer->name))
			return &set->peers[i];
	return NULL;
}

static bool on_admit(void *user, const struct bus_peer *peer)
{
	if (find_identity(user, peer))
		return true;
	count_add(COUNT_PEERS_REFUSED, 1);
	return false;
}

static struct session *take_session(struct peer *p)
{
	for (unsigned i = 0; i < CONNS_MAX; i++)
		if (!p->sessions[i].conn)
			return &p->sessions[i];
	return NULL;
}

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *bp)
{
	struct peer_set *set = user;
	struct peer *p = find_identity(set, bp);
	struct session *s = p ? take_session(p) : NULL;
	bus_conn_set_user(conn, NULL);
	if (!s) {
		bus_close(conn, "too many connections of this peer");
		return;
	}
	/* The newest connection is the live one. */
	for (unsigned i = 0; i < CONNS_MAX; i++)
		if (p->sessions[i].conn)
			bus_close(p->sessions[i].conn, "replaced by a newer connection");
	*s = (struct session){ .peer = p, .conn = conn };
	int r = ship_source_new(set->hub->event, conn, set->hub->settings->origin, release_lanes, _POLICY_LANE_MAX,
		&source_ops, s, &s->source);
	if (r < 0) {
		*s = (struct session){ 0 };
		bus_close(conn, "no memory");
		return;
	}
	bus_conn_set_user(conn, s);
	set->changes++;
	log_info("peer %s: connected, pulls from us", p->config->origin);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct session *s = bus_conn_user(conn);
	(void)user;
	if (!s)
		return;
	int r = ship_source_frame(s->source, data, size);
	if (r < 0) {
		count_add(COUNT_PROTOCOL_ERRORS, 1);
		log_errno(LOG_LEVEL_WARNING, r, "peer %s: a frame is not as agreed, closing", s->peer->config->origin);
		bus_close(conn, "protocol error");
	}
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct peer_set *set = user;
	struct session *s = bus_conn_user(conn);
	if (!s)
		return;
	log_info("peer %s: pulls no more (%s)", s->peer->config->origin, reason ? reason : "");
	ship_source_free(s->source);
	*s = (struct session){ 0 };
	set->changes++;
}

static void on_writable(void *user, struct bus_conn *conn)
{
	struct session *s = bus_conn_user(conn);
	(void)user;
	if (s)
		ship_source_push(s->source);
}

static void on_refused(void *user, const char *reason)
{
	(void)user;
	count_add(COUNT_PEERS_REFUSED, 1);
	log_debug("peers: a connection was refused (%s)", reason);
}

static const struct bus_ops listen_ops = { on_admit, on_opened, on_frame, on_closed, on_writable, on_refused };

/* --- set-up --- */

static int open_release(struct hub *hub, struct peer *p, char reason[HUB_REASON_MAX])
{
	int r = release_new(&hub->release_env, p->config, p->dir, clock_now_ns(), &p->release);
	if (r < 0)
		snprintf(reason, HUB_REASON_MAX, "%.100s: logs of peer %s: %s", p->dir, p->config->origin, strerror(-r));
	return r;
}

static int open_intake(struct hub *hub, struct peer *p, struct bus_tls tls, char reason[HUB_REASON_MAX])
{
	tls.server_name = p->config->identity;
	snprintf(p->label, sizeof(p->label), "peer/%s", p->config->origin);
	struct intake_config c = {
		.label = p->label, .url = p->config->dial, .tls = &tls, .origin = p->config->origin,
		.identity = p->config->identity, .foreign = true, .lanes = peer_lanes,
	};
	int r = intake_new(hub, &c, &p->intake);
	if (r < 0)
		snprintf(reason, HUB_REASON_MAX, "%.60s: cannot dial peer %s: %.80s", p->config->dial, p->config->origin,
			bus_error());
	return r;
}

static int open_peers(struct peer_set *set, const struct bus_tls *tls, char reason[HUB_REASON_MAX])
{
	struct settings *s = set->hub->settings;
	int r = 0;
	for (unsigned i = 0; r >= 0 && i < s->n_peer; i++) {
		struct peer *p = &set->peers[set->n++];
		p->set = set;
		p->config = &s->peer[i];
		snprintf(p->dir, sizeof(p->dir), "%s/peers", s->state_directory);
		(void)mkdir(p->dir, 0750);
		if (s->peer_listen[0])
			r = open_release(set->hub, p, reason);
		if (r >= 0 && p->config->dial[0])
			r = open_intake(set->hub, p, *tls, reason);
	}
	return r;
}

int peer_open(struct hub *hub, struct peer_set **ret_set, char reason[HUB_REASON_MAX])
{
	struct settings *s = hub->settings;
	struct bus_tls tls = {
		.ca_file = s->ca, .cert_file = s->certificate, .key_file = s->key, .crl_file = s->crl[0] ? s->crl : NULL,
	};
	struct peer_set *set = calloc(1, sizeof(*set));
	if (!set)
		return -ENOMEM;
	set->hub = hub;
	int r = open_peers(set, &tls, reason);
	if (r >= 0 && s->peer_listen[0]) {
		r = bus_listen(hub->event, s->peer_listen, &tls, 0, &listen_ops, set, &set->bus);
		if (r < 0)
			snprintf(reason, HUB_REASON_MAX, "%.60s: cannot listen for peers: %.100s", s->peer_listen, bus_error());
	}
	if (r < 0) {
		peer_close(set);
		return r;
	}
	*ret_set = set;
	return 0;
}

void peer_close(struct peer_set *set)
{
	if (!set)
		return;
	bus_free(set->bus);
	for (size_t i = 0; i < set->n; i++) {
		for (unsigned k = 0; k < CONNS_MAX; k++)
			ship_source_free(set->peers[i].sessions[k].source);
		intake_free(set->peers[i].intake);
		release_free(set->peers[i].release);
	}
	free(set);
}

/* --- the rhythm --- */

static void push(struct peer *p)
{
	for (unsigned k = 0; k < CONNS_MAX; k++)
		if (p->sessions[k].source)
			ship_source_push(p->sessions[k].source);
}

void peer_flush(struct peer_set *set, int64_t now_ns)
{
	for (size_t i = 0; i < set->n; i++) {
		struct peer *p = &set->peers[i];
		if (!p->release)
			continue;
		int r = release_flush(p->release, now_ns);
		if (r < 0)
			log_errno(LOG_LEVEL_ERROR, r, "peer %s: cannot release, trying again", p->config->origin);
		if (r > 0)
			push(p);
	}
}

void peer_say(struct peer_set *set, bool stale, const char *reason)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->peers[i].release)
			release_say(set->peers[i].release, stale, reason);
}

void peer_review(struct peer_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->peers[i].release)
			release_review(set->peers[i].release);
}

void peer_committed(struct peer_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->peers[i].intake)
			intake_committed(set->peers[i].intake);
}

void peer_abort(struct peer_set *set, const char *reason)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->peers[i].intake)
			intake_abort(set->peers[i].intake, reason);
}

/* --- for showing --- */

size_t peer_count(const struct peer_set *set)
{
	return set->n;
}

struct intake *peer_intake(const struct peer_set *set, size_t i)
{
	return set->peers[i].intake;
}

const struct release *peer_release(const struct peer_set *set, size_t i)
{
	return set->peers[i].release;
}

const struct settings_peer *peer_config(const struct peer_set *set, size_t i)
{
	return set->peers[i].config;
}

bool peer_served(const struct peer_set *set, size_t i)
{
	for (unsigned k = 0; k < CONNS_MAX; k++)
		if (set->peers[i].sessions[k].source && ship_source_live(set->peers[i].sessions[k].source))
			return true;
	return false;
}

bool peer_up(const struct peer_set *set, size_t i, int64_t mono_ns)
{
	const struct peer *p = &set->peers[i];
	return p->intake ? intake_live(p->intake, mono_ns) : peer_served(set, i);
}

uint64_t peer_changes(const struct peer_set *set)
{
	uint64_t n = set->changes;
	for (size_t i = 0; i < set->n; i++)
		if (set->peers[i].intake)
			n += intake_changes(set->peers[i].intake);
	return n;
}

void peer_json(const struct peer_set *set, int64_t mono_ns, struct jout *j)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct peer *p = &set->peers[i];
		bool in = p->intake && intake_live(p->intake, mono_ns), out = peer_served(set, i);
		bool up = peer_up(set, i, mono_ns);
		jout_object(j, NULL);
		jout_string(j, "origin", p->config->origin);
		jout_string(j, "name", p->config->name);
		jout_string(j, "state", up ? "up" : "down");
		jout_string(j, "reason", up ? "" : p->intake ? intake_reason(p->intake) : "not connected");
		jout_bool(j, "receiving", in);
		jout_bool(j, "sending", out);
		jout_uint(j, "released", p->release ? release_count(p->release) : 0);
		jout_object_end(j);
	}
}
