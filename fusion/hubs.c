#include "fusion/hubs.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/log.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USERS_MAX 16

struct hub {
	struct hubs *hubs;
	struct hub *next;
	struct bus_conn *conn;
	struct ship_source *source;
};

enum { LANE_TRACKS, LANE_FEEDS, LANES };
static const char *const lane_names[LANES] = { "tracks", "feeds" };

struct hubs {
	sd_event *event;
	const struct fusion_config *config;
	struct store *store;
	struct bus *bus;
	struct hub *list;
	uid_t users[USERS_MAX];
	unsigned n_users;
	bool renewed; /* ending */
};

static struct counter hubs_connected = { "vedette_fusion_hubs", "hubs connected", true, 0 };

static struct shiplog *lane_log(const struct hub *h, unsigned lane)
{
	struct tracklog *l = store_log(h->hubs->store);

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

/* The tracker cannot begin anew under its feet: the process does. */
static void hub_stale(void *user, unsigned lane, uint64_t epoch)
{
	struct hubs *s = ((struct hub *)user)->hubs;

	if (s->renewed)
		return;
	int r = store_renew(s->store, epoch, clock_now_ns());
	s->renewed = r == 0;
	if (r < 0)
		log_errno(LOG_LEVEL_ERROR, r, "the hub knows more %s than there are; cannot begin a new epoch",
			lane_names[lane]);
	else
		log_warning("the hub knows more %s than there are: restored from a copy? Ending, to begin a new epoch",
			lane_names[lane]);
	(void)sd_event_exit(s->event, 1);
}

static const struct ship_source_ops source_ops = {
	.read = hub_read, .acked = hub_acked, .head = hub_head, .stale = hub_stale
};

static bool hub_admit(void *user, const struct bus_peer *peer)
{
	struct hubs *s = user;

	for (unsigned i = 0; peer->local && i < s->n_users; i++)
		if (s->users[i] == peer->uid)
			return true;
	return false;
}

static void hub_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct hubs *s = user;
	struct hub *h = calloc(1, sizeof(*h));
	int r = h ? 0 : -ENOMEM;

	if (h) {
		h->hubs = s;
		h->conn = conn;
		r = ship_source_new(s->event, conn, s->config->origin, lane_names, LANES,
			&source_ops, h, &h->source);
	}
	if (r < 0) {
		free(h);
		bus_close(conn, strerror(-r));
		return;
	}
	h->next = s->list;
	s->list = h;
	bus_conn_set_user(conn, h);
	hubs_connected.value++;
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
	struct hubs *s = user;
	struct hub *h = bus_conn_user(conn);

	if (!h)
		return;
	for (struct hub **p = &s->list; *p; p = &(*p)->next)
		if (*p == h) {
			*p = h->next;
			break;
		}
	log_notice("a hub is gone: %s", reason);
	hubs_connected.value--;
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

static int add_user(struct hubs *s, uid_t uid)
{
	if (s->n_users == USERS_MAX)
		return -E2BIG;
	s->users[s->n_users++] = uid;
	return 0;
}

static int add_users(struct hubs *s)
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

void hubs_push(struct hubs *s)
{
	for (struct hub *h = s ? s->list : NULL; h; h = h->next)
		if (h->source)
			ship_source_push(h->source);
}

int hubs_new(sd_event *event, const struct fusion_config *config, struct store *store, struct hubs **ret_s)
{
	struct hubs *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct hubs){ .event = event, .config = config, .store = store };
	counter_register(&hubs_connected, 1);
	int r = add_users(s);
	if (r == 0) {
		r = bus_listen(event, config->track_listen, NULL, 0, &hub_ops, s, &s->bus);
		if (r < 0)
			(void)log_errno(LOG_LEVEL_ERROR, r, "%s", bus_error());
	}
	if (r < 0) {
		hubs_free(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

void hubs_free(struct hubs *s)
{
	if (!s)
		return;
	bus_free(s->bus);
	free(s);
}

bool hubs_renewed(const struct hubs *s)
{
	return s && s->renewed;
}
