#include "sensor/uplink/outbox.h"

#include "common/counter.h"
#include "common/shiplog.h"
#include "common/wire.h"
#include "sensor/uplink/sites.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records looked at for dropping in a tick: twice what the busiest host makes in it. */
#define BUDGET_STEP 8192
#define URGENT_RECORDS 1024 /* waiting for a commit: a decoder at 4,000 datagrams/s holds 8192 */
#define BUDGET_TARGET 0.95 /* of MaxSize: dropping ends here, not at each record anew */

const char *const outbox_lane_names[_OUTBOX_LANE_MAX] = { "distress", "live", "backfill" };

enum counted {
	N_DISTRESS,
	N_LIVE,
	N_BACKFILL, /* in the order of the lanes */
	N_AGAIN,
	N_BAD,
	N_FOREIGN,
	N_DROPPED,
	N_COMMITS,
	N_BYTES,
	N_BUDGET,
	N_DEPTH_DISTRESS,
	N_DEPTH_LIVE,
	N_DEPTH_BACKFILL, /* in the order of the lanes */
	_N_MAX
};

static struct counter counters[_N_MAX] = {
	[N_DISTRESS] = { "vedette_uplink_distress_records_total",
		"records put into the distress lane" },
	[N_LIVE] = { "vedette_uplink_live_records_total", "records put into the live lane" },
	[N_BACKFILL] = { "vedette_uplink_backfill_records_total",
		"records put into the backfill lane" },
	[N_AGAIN] = { "vedette_uplink_repeated_records_total",
		"records a feed sent again after a crash, skipped" },
	[N_BAD] = { "vedette_uplink_bad_records_total",
		"records that could not be decoded, left out" },
	[N_FOREIGN] = { "vedette_uplink_foreign_records_total",
		"records that name another feed, left out" },
	[N_DROPPED] = { "vedette_uplink_dropped_records_total",
		"records dropped unsent to keep MaxSize=" },
	[N_COMMITS] = { "vedette_uplink_commits_total", "group commits" },
	[N_BUDGET] = { "vedette_uplink_outbox_budget_bytes", "MaxSize=", .gauge = true },
	[N_BYTES] = { "vedette_uplink_outbox_bytes", "disk in use by the outbox", .gauge = true },
	[N_DEPTH_DISTRESS] = { "vedette_uplink_distress_depth_records",
		"not acknowledged by the centre", .gauge = true },
	[N_DEPTH_LIVE] = { "vedette_uplink_live_depth_records", "not acknowledged by the centre",
		.gauge = true },
	[N_DEPTH_BACKFILL] = { "vedette_uplink_backfill_depth_records",
		"not acknowledged by the centre", .gauge = true },
};

struct lane {
	struct shiplog *log;
	bool open; /* a transaction */
	uint64_t acked, trimmed;
	uint64_t scanned; /* by the budget, for radar plots */
};

struct outbox {
	struct lane lanes[_OUTBOX_LANE_MAX];
	struct sites *sites;
	char host[PLOT_FEED_MAX];
	uint64_t max_bytes;
	enum outbox_lane bulk; /* of the open transaction */
	size_t waiting;	       /* records in it */
	uint8_t scratch[WIRE_OBJECT_MAX];
};

static int open_lane(
	struct outbox *o, const char *dir, enum outbox_lane i, int64_t now_ns, char *path)
{
	struct lane *lane = &o->lanes[i];
	snprintf(path, 4096, "%s/%s.db", dir, outbox_lane_names[i]);
	int r = shiplog_open(path, now_ns, &lane->log);
	if (!r)
		lane->acked = lane->trimmed = lane->scanned = shiplog_tail(lane->log) - 1;
	return r;
}

/* Before there was @live_dir the live lane lay in @dir: what is still in it must go out first. */
static int open_live(struct outbox *o, const char *dir, const char *live_dir, int64_t now_ns, char *path)
{
	static const char *const names[] = { "live.db", "live.db-wal", "live.db-shm" };
	struct lane *lane = &o->lanes[OUTBOX_LIVE];

	snprintf(path, 4096, "%s/live.db", dir);
	if (!strcmp(dir, live_dir) || access(path, F_OK) < 0)
		return open_lane(o, live_dir, OUTBOX_LIVE, now_ns, path);
	int r = open_lane(o, dir, OUTBOX_LIVE, now_ns, path);
	if (r || shiplog_tail(lane->log) <= shiplog_head(lane->log))
		return r;
	shiplog_close(lane->log);
	lane->log = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, 4096, "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return open_lane(o, live_dir, OUTBOX_LIVE, now_ns, path);
}

int outbox_open(const char *dir, const char *live_dir, const char *host, uint64_t max_bytes, int64_t now_ns,
	struct outbox **ret_o, char ret_path[static 4096])
{
	static bool registered;
	struct outbox *o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	if (!registered)
		counter_register(counters, _N_MAX);
	registered = true;
	snprintf(o->host, sizeof(o->host), "%s", host);
	o->max_bytes = max_bytes;
	counters[N_BUDGET].value = max_bytes;
	int r = 0;
	for (enum outbox_lane i = 0; !r && i < _OUTBOX_LANE_MAX; i++)
		r = i == OUTBOX_LIVE ? open_live(o, dir, live_dir, now_ns, ret_path) : open_lane(o, dir, i, now_ns, ret_path);
	if (!r) {
		snprintf(ret_path, 4096, "%s/sites.db", dir);
		r = sites_open(dir, now_ns, &o->sites);
	}
	if (r) {
		outbox_close(o);
		return r;
	}
	*ret_o = o;
	return 0;
}

void outbox_close(struct outbox *o)
{
	if (!o)
		return;
	for (enum outbox_lane i = 0; i < _OUTBOX_LANE_MAX; i++)
		shiplog_close(o->lanes[i].log);
	sites_close(o->sites);
	free(o);
}

/* --- cursors --- */

static uint64_t lane_cursor(
	struct outbox *o, enum outbox_lane lane, const char *log, uint64_t epoch)
{
	uint64_t e, seq;
	/* Another epoch is another log of that name: its numbers say nothing about this one. */
	if (shiplog_get(o->lanes[lane].log, log, &e, &seq) || e != epoch)
		return 0;
	return seq;
}

uint64_t outbox_cursor(struct outbox *o, const char *log, uint64_t epoch)
{
	uint64_t live = lane_cursor(o, OUTBOX_LIVE, log, epoch),
		 back = lane_cursor(o, OUTBOX_BACKFILL, log, epoch);
	return live > back ? live : back;
}

/* --- writing --- */

static void roll_back(struct outbox *o)
{
	for (enum outbox_lane i = 0; i < _OUTBOX_LANE_MAX; i++) {
		if (o->lanes[i].open)
			shiplog_rollback(o->lanes[i].log);
		o->lanes[i].open = false;
	}
	sites_rollback(o->sites);
	o->waiting = 0;
}

static int begin(struct outbox *o, enum outbox_lane lane)
{
	if (o->lanes[lane].open)
		return 0;
	int r = shiplog_begin(o->lanes[lane].log);
	o->lanes[lane].open = !r;
	return r;
}

static int append(struct outbox *o, enum outbox_lane lane, uint8_t kind, const void *data,
	size_t size, int64_t now_ns)
{
	int r = begin(o, lane);
	if (!r)
		r = shiplog_append(o->lanes[lane].log, now_ns, kind, data, size, NULL);
	if (!r) {
		counters[N_DISTRESS + lane].value++;
		o->waiting++;
	}
	return r;
}

static int append_plot(struct outbox *o, enum outbox_lane lane, const char *feed,
	const struct ship_record *rec, int64_t now_ns)
{
	size_t size = 0;
	const void *site = sites_due(o->sites, feed, lane, &size);
	int r = site ? append(o, lane, WIRE_SITE, site, size, now_ns) : 0;
	return r ? r : append(o, lane, WIRE_PLOT, rec->data, rec->size, now_ns);
}

static bool counted_off(enum counted why)
{
	counters[why].value++;
	return false;
}

static int take_plot(struct outbox *o, const char *feed, const struct ship_record *rec,
	enum outbox_lane bulk, uint64_t distress_cursor, int64_t now_ns)
{
	struct plot p;
	if (wire_get_plot(rec->data, rec->size, &p))
		return counted_off(N_BAD);
	if (strcmp(p.feed, feed) != 0)
		return counted_off(N_FOREIGN);
	if (p.distress == PLOT_DISTRESS_NONE)
		return append_plot(o, bulk, feed, rec, now_ns);
	if (rec->seq <= distress_cursor)
		return counted_off(N_AGAIN);
	return append_plot(o, OUTBOX_DISTRESS, feed, rec, now_ns);
}

static int take_site(struct outbox *o, const char *feed, const struct ship_record *rec,
	enum outbox_lane bulk, int64_t now_ns)
{
	struct site site;
	size_t size = 0;
	if (wire_get_site(rec->data, rec->size, &site))
		return counted_off(N_BAD);
	if (strcmp(site.feed, feed) != 0)
		return counted_off(N_FOREIGN);
	int r = sites_update(o->sites, feed, rec->data, rec->size, now_ns);
	if (r == -EMSGSIZE || r == -ENOSPC)
		return counted_off(N_BAD);
	const void *due = r ? NULL : sites_due(o->sites, feed, bulk, &size);
	return due ? append(o, bulk, WIRE_SITE, due, size, now_ns) : r;
}

static int take_health(struct outbox *o, const char *feed, const struct ship_record *rec,
	enum outbox_lane bulk, int64_t now_ns)
{
	struct wire_health h;
	if (wire_get_health(rec->data, rec->size, &h))
		return counted_off(N_BAD);
	if (strcmp(h.feed, feed) != 0)
		return counted_off(N_FOREIGN);
	snprintf(h.host, sizeof(h.host), "%s", o->host);
	ssize_t n = wire_put_health(o->scratch, sizeof(o->scratch), &h);
	return n < 0 ? counted_off(N_BAD)
		     : append(o, bulk, WIRE_HEALTH, o->scratch, (size_t)n, now_ns);
}

static int take_record(struct outbox *o, const char *feed, const struct ship_record *rec,
	enum outbox_lane bulk, uint64_t distress_cursor, int64_t now_ns)
{
	switch (rec->kind) {
	case WIRE_PLOT:
		return take_plot(o, feed, rec, bulk, distress_cursor, now_ns);
	case WIRE_SITE:
		return take_site(o, feed, rec, bulk, now_ns);
	case WIRE_HEALTH:
		return take_health(o, feed, rec, bulk, now_ns);
	default:
		return counted_off(N_BAD);
	}
}

static int set_cursor(struct outbox *o, enum outbox_lane lane, const struct ship_batch *b)
{
	int r = begin(o, lane);
	return r ? r : shiplog_set(o->lanes[lane].log, b->lane, b->epoch, b->last);
}

/* The two bulk lanes are never in one transaction: the greater of their cursors would not be the
 * truth after a crash. */
static int choose_bulk(struct outbox *o, enum outbox_lane bulk)
{
	assert(bulk == OUTBOX_LIVE || bulk == OUTBOX_BACKFILL);
	int r = o->bulk != bulk && outbox_dirty(o) ? outbox_commit(o) : 0;
	o->bulk = bulk;
	return r;
}

int outbox_take(struct outbox *o, const char *feed, const struct ship_batch *b,
	enum outbox_lane bulk, int64_t now_ns)
{
	assert(strlen(feed) < PLOT_FEED_MAX);

	int r = choose_bulk(o, bulk);
	uint64_t distress_cursor = lane_cursor(o, OUTBOX_DISTRESS, b->lane, b->epoch);
	for (size_t i = 0; !r && i < b->n; i++)
		r = take_record(o, feed, &b->records[i], bulk, distress_cursor, now_ns);
	if (!r && o->lanes[OUTBOX_DISTRESS].open)
		r = set_cursor(o, OUTBOX_DISTRESS, b);
	if (!r)
		r = set_cursor(o, bulk, b);
	if (r)
		roll_back(o);
	return r;
}

int outbox_put(struct outbox *o, enum outbox_lane lane, uint8_t kind, const void *data, size_t size,
	int64_t now_ns)
{
	int r = choose_bulk(o, lane);
	if (!r)
		r = append(o, lane, kind, data, size, now_ns);
	if (r)
		roll_back(o);
	return r;
}

bool outbox_dirty(const struct outbox *o)
{
	return o->lanes[OUTBOX_DISTRESS].open || o->lanes[OUTBOX_LIVE].open ||
	       o->lanes[OUTBOX_BACKFILL].open;
}

bool outbox_urgent(const struct outbox *o)
{
	return o->lanes[OUTBOX_DISTRESS].open || o->lanes[OUTBOX_LIVE].open || o->waiting >= URGENT_RECORDS;
}

static int trim(struct lane *lane)
{
	if (lane->trimmed >= lane->acked)
		return 0;
	int r = shiplog_trim(lane->log, lane->acked);
	if (!r)
		lane->trimmed = lane->acked;
	return r;
}

static int commit_lane(struct lane *lane)
{
	if (!lane->open)
		return 0;
	/* In the same transaction: it costs no sync of its own. */
	int r = trim(lane);
	if (r)
		return r;
	lane->open = false;
	return shiplog_commit(lane->log);
}

int outbox_commit(struct outbox *o)
{
	int r = sites_commit(o->sites);
	for (enum outbox_lane i = 0; !r && i < _OUTBOX_LANE_MAX; i++)
		r = commit_lane(&o->lanes[i]);
	if (r)
		roll_back(o);
	else
		counters[N_COMMITS].value++;
	o->waiting = 0;
	return r;
}

/* --- the budget --- */

static uint64_t bytes_in_use(const struct outbox *o)
{
	uint64_t sum = 0;
	for (enum outbox_lane i = 0; i < _OUTBOX_LANE_MAX; i++)
		sum += shiplog_bytes(o->lanes[i].log);
	return sum;
}

static bool is_radar_plot(const struct ship_record *rec)
{
	struct plot p;
	return rec->kind == WIRE_PLOT && !wire_get_plot(rec->data, rec->size, &p) &&
	       p.sensor == PLOT_SENSOR_RADAR;
}

/* Drops from the next records after *after, oldest first. Return: how many were looked at, or
 * -errno. */
static ssize_t drop_some(struct lane *lane, uint64_t *after, bool radar_only)
{
	struct ship_record rec[128];
	ssize_t n = shiplog_read(lane->log, *after, rec, 128, SHIP_BATCH_BYTES_MAX);
	int r = n > 0 ? shiplog_begin(lane->log) : 0;
	for (ssize_t i = 0; !r && i < n; i++) {
		*after = rec[i].seq;
		if (radar_only ? !is_radar_plot(&rec[i]) : rec[i].kind == WIRE_SITE)
			continue;
		r = shiplog_drop(lane->log, rec[i].seq);
		counters[N_DROPPED].value += !r;
	}
	if (n > 0 && !r)
		r = shiplog_commit(lane->log);
	else if (n > 0)
		shiplog_rollback(lane->log);
	return r ? r : n;
}

/* Return: 0 when there is work left or none was needed, 1 when everything was looked at, or -errno.
 */
static int drop_from(struct outbox *o, enum outbox_lane which, bool radar_only, uint64_t target)
{
	struct lane *lane = &o->lanes[which];
	uint64_t from = lane->acked, *after = radar_only ? &lane->scanned : &from;
	size_t looked = 0;

	if (lane->scanned < lane->acked)
		lane->scanned = lane->acked;
	while (looked < BUDGET_STEP && bytes_in_use(o) > target) {
		ssize_t n = drop_some(lane, after, radar_only);
		if (n <= 0)
			return n < 0 ? (int)n : 1;
		looked += (size_t)n;
	}
	return 0;
}

/* The next kind is touched only when nothing of the one before is left; what a tick does not manage
 * the next one does. */
static int keep_budget(struct outbox *o)
{
	static const struct {
		enum outbox_lane lane;
		bool radar_only;
	} order[] = {
		{ OUTBOX_BACKFILL, true },
		{ OUTBOX_BACKFILL, false },
		{ OUTBOX_LIVE, true },
		{ OUTBOX_LIVE, false },
	};
	uint64_t target = (uint64_t)((double)o->max_bytes * BUDGET_TARGET);
	int r = 1;

	if (!o->max_bytes || bytes_in_use(o) <= o->max_bytes)
		return 0;
	r = outbox_dirty(o) ? outbox_commit(o) : 0;
	if (r)
		return r;
	r = 1;
	for (size_t i = 0; r == 1 && i < sizeof(order) / sizeof(order[0]); i++)
		r = drop_from(o, order[i].lane, order[i].radar_only, target);
	return r < 0 ? r : 0;
}

int outbox_tick(struct outbox *o)
{
	int r = 0;
	/* An open transaction trims with its commit, which is near: a write of its own would wear the disk for nothing. */
	for (enum outbox_lane i = 0; !r && i < _OUTBOX_LANE_MAX; i++)
		r = o->lanes[i].open ? 0 : trim(&o->lanes[i]);
	if (!r)
		r = keep_budget(o);
	counters[N_BYTES].value = bytes_in_use(o);
	for (enum outbox_lane i = 0; i < _OUTBOX_LANE_MAX; i++)
		counters[N_DEPTH_DISTRESS + i].value =
			shiplog_committed(o->lanes[i].log) - o->lanes[i].acked;
	return r;
}

/* --- for the source --- */

ssize_t outbox_read(struct outbox *o, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last)
{
	ssize_t n = shiplog_read(o->lanes[lane].log, after, records, max_records, max_bytes);
	/* Dropped at the very end: the centre learns that there is nothing more to come up to the
	 * head. */
	if (n == 0 && shiplog_committed(o->lanes[lane].log) > after)
		*ret_last = shiplog_committed(o->lanes[lane].log);
	else if (n > 0)
		*ret_last = records[n - 1].seq;
	return n;
}

void outbox_acked(struct outbox *o, unsigned lane, uint64_t seq)
{
	if (seq > o->lanes[lane].acked)
		o->lanes[lane].acked = seq;
}

void outbox_head(struct outbox *o, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	*ret_epoch = shiplog_epoch(o->lanes[lane].log);
	*ret_head = shiplog_committed(o->lanes[lane].log);
}

int outbox_renew(struct outbox *o, unsigned lane, uint64_t above, int64_t now_ns)
{
	int r = outbox_dirty(o) ? outbox_commit(o) : 0;
	return r ? r : shiplog_renew(o->lanes[lane].log, above, now_ns);
}
