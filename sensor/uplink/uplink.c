#include "sensor/uplink/uplink.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/dberr.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/upkeep.h"
#include "sensor/uplink/centre.h"
#include "sensor/uplink/health.h"
#include "sensor/uplink/intake.h"
#include "sensor/uplink/outbox.h"
#include "sensor/uplink/prom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEALTH_NS (5 * CLOCK_NS_PER_S)
#define TICK_NS CLOCK_NS_PER_S

struct uplink {
	const struct config *config;
	struct outbox *outbox;
	struct intake *intake;
	struct centre *centre;
	struct prom *prom;
	sd_event_source *tick, *health;
	bool tick_failed, prom_failed; /* logged once */
};

static enum outbox_lane bulk_lane(void *user)
{
	const struct uplink *u = user;
	return centre_live(u->centre) ? OUTBOX_LIVE : OUTBOX_BACKFILL;
}

static void on_committed(void *user)
{
	struct uplink *u = user;
	centre_push(u->centre);
}

static void on_heard(void *user, const char *feed, const struct ship_batch *batch)
{
	struct uplink *u = user;
	prom_heard(u->prom, feed, batch, clock_mono_ns());
}

static void on_live(void *user)
{
	struct uplink *u = user;
	if (u->intake)
		intake_hurry(u->intake);
}

static const struct intake_ops intake_ops = { bulk_lane, on_committed, on_heard };

static int on_tick(void *user, int64_t now_ns)
{
	struct uplink *u = user;
	int r = outbox_tick(u->outbox);

	if (r && !u->tick_failed)
		(void)log_errno(
			LOG_LEVEL_ERROR, r, "outbox: cannot tidy up, trying again every second");
	u->tick_failed = r;
	centre_tick(u->centre);
	loop_status("%s", centre_live(u->centre) ? "live" : centre_trouble(u->centre));
	return 0;
}

static void send_health(void *user, const struct wire_health *h)
{
	struct uplink *u = user;
	static uint8_t buf[WIRE_OBJECT_MAX];
	ssize_t n = wire_put_health(buf, sizeof(buf), h);

	if (n < 0)
		return;
	int r = outbox_put(u->outbox, bulk_lane(u), WIRE_HEALTH, buf, (size_t)n, h->time_ns);
	if (r)
		(void)log_errno(
			LOG_LEVEL_WARNING, r, "outbox: cannot keep our own health, leaving it out");
	intake_touch(u->intake);
	prom_note(u->prom, h, clock_mono_ns());
}

static int on_health(void *user, int64_t now_ns)
{
	struct uplink *u = user;
	struct wire_health h;

	health_uplink(u->config->origin, centre_trouble(u->centre), now_ns, &h);
	send_health(u, &h);
	health_filters(u->config->origin, u->config->filter_status, now_ns, send_health, u);
	int r = prom_write(u->prom, clock_mono_ns());
	if (r && !u->prom_failed)
		log_info("%s: %s; this host's metrics are at the centre only", u->config->metrics, strerror(-r));
	u->prom_failed = r;
	return 0;
}

static int open_outbox(struct uplink *u)
{
	char path[4096];
	const char *dir = u->config->state_directory;

	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return log_errno(LOG_LEVEL_ERROR, -errno, "%s: cannot make it", dir);
	if (mkdir(u->config->live_directory, 0750) < 0 && errno != EEXIST)
		return log_errno(LOG_LEVEL_ERROR, -errno, "%s: cannot make it", u->config->live_directory);
	int r = outbox_open(dir, u->config->live_directory, u->config->origin, u->config->max_size, clock_now_ns(), &u->outbox,
		path);
	if (r == -EBADMSG)
		log_error("%s: damaged, or not an outbox; move it away to start with an empty one",
			path);
	else if (r == -EBUSY)
		log_error("%s: another vedette-uplink has it open", path);
	else if (r)
		log_error("%s: %s", path, dberr_text(r));
	return r;
}

static int start(sd_event *event, struct uplink *u)
{
	int r = prom_new(u->config->metrics, u->config->origin, &u->prom);
	if (!r)
		r = open_outbox(u);
	if (r)
		return r;
	upkeep_register(u->config->state_directory, u->config->certificate);
	r = centre_new(event, u->config, u->outbox, on_live, u, &u->centre);
	if (r) {
		log_error("centre: %s", bus_error());
		return r;
	}
	r = intake_new(event, u->config, u->outbox, &intake_ops, u, &u->intake);
	if (r) {
		log_error("feeds: %s", bus_error());
		return r;
	}
	r = loop_every(event, TICK_NS, on_tick, u, &u->tick);
	if (!r)
		r = loop_every(event, HEALTH_NS, on_health, u, &u->health);
	return r;
}

int uplink_new(sd_event *event, const struct config *config, struct uplink **ret_uplink)
{
	struct uplink *u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->config = config;
	int r = start(event, u);
	if (r) {
		uplink_free(u);
		return r;
	}
	(void)on_health(u, clock_now_ns());
	*ret_uplink = u;
	return 0;
}

void uplink_free(struct uplink *u)
{
	if (!u)
		return;
	sd_event_source_disable_unref(u->tick);
	sd_event_source_disable_unref(u->health);
	if (u->outbox && outbox_dirty(u->outbox))
		(void)outbox_commit(u->outbox);
	intake_free(u->intake);
	centre_free(u->centre);
	outbox_close(u->outbox);
	prom_free(u->prom);
	free(u);
}
