/* vedette-camera - one camera: frames in, bearings of what moves out. No picture leaves the host. */
#include "sensor/camera/blobs.h"
#include "sensor/camera/deliver.h"
#include "sensor/camera/motion.h"
#include "sensor/camera/pipeline.h"
#include "sensor/camera/ray.h"

#include "common/clock.h"
#include "common/drift.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/loop.h"

#include <errno.h>
#include <getopt.h>
#include <gst/gst.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEALTH_NS (5 * CLOCK_NS_PER_S)
#define BLIND_FRAMES 15		/* so many equal pictures in a row: frozen, or the lens is covered */
#define TIME_SIGMA_NS (100 * CLOCK_NS_PER_MS) /* arrival stands for exposure: encoder, jitter buffer, decoder */

enum { FRAMES, PLOTS, GLOBAL, RESTARTS, LOST };
static struct counter counters[] = {
	[FRAMES] = { "vedette_camera_frames_total", "pictures decoded", false, 0 },
	[PLOTS] = { "vedette_camera_plots_total", "bearings sent", false, 0 },
	[GLOBAL] = { "vedette_camera_global_changes_total", "pictures of which more than half changed", false, 0 },
	[RESTARTS] = { "vedette_camera_pipeline_restarts_total", "times the camera was silent, broken or gone", false, 0 },
	[LOST] = { "vedette_camera_plots_lost_total", "bearings overwritten before the uplink had them", false, 0 },
};

struct camera {
	struct feed feed;
	struct ray_camera ray;
	struct motion *motion;
	struct blobs blobs;
	struct pipeline *pipeline;
	struct deliver *deliver;
	int64_t next_plot_ns;
	uint64_t last_hash;
	unsigned equal_frames, settled_frames;
	struct clock_quality clock;
	bool up;
	char reason[128];
};

/* FNV-1a over every 16th luma sample: equal pictures, equal hashes; noise of a live sensor changes it. */
static uint64_t hash_of(const struct pipeline_frame *f)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (int y = 0; y < PIPELINE_HEIGHT; y += 4)
		for (int x = 0; x < PIPELINE_WIDTH; x += 4)
			h = (h ^ f->y[y * f->y_stride + x]) * UINT64_C(1099511628211);
	return h;
}

static void send_bearing(struct camera *c, const struct blobs_track *t, int64_t recv_ns)
{
	struct plot p;
	plot_init(&p, PLOT_BEARING, PLOT_SENSOR_CAMERA);
	memcpy(p.feed, c->feed.name, sizeof(p.feed));
	p.time_ns = p.recv_ns = recv_ns;
	p.time_sigma_ns = (int64_t)hypot((double)TIME_SIGMA_NS, (double)(c->clock.max_error_ns / 3));
	p.site_version = c->feed.site.version;
	p.azimuth_rad = ray_azimuth(&c->ray, t->foot_x, t->foot_y, NULL);
	p.azimuth_sigma_rad = ray_sigma(&c->ray, c->feed.site.azimuth_sigma_rad, t->width);
	if (deliver_plot(c->deliver, &p, recv_ns) == 0)
		counters[PLOTS].value++;
	counters[LOST].value = deliver_lost(c->deliver);
}

static void on_frame(void *user, const struct pipeline_frame *f)
{
	struct camera *c = user;
	struct motion_blob found[MOTION_BLOBS_MAX];
	bool global;

	counters[FRAMES].value++;
	uint64_t h = hash_of(f);
	c->equal_frames = h == c->last_hash ? c->equal_frames + 1 : 0;
	c->last_hash = h;

	int n = motion_frame(c->motion, f->y, f->y_stride, f->u, f->v, f->uv_stride, found, &global);
	counters[GLOBAL].value += global;
	c->settled_frames = global ? 0 : c->settled_frames + 1;
	blobs_update(&c->blobs, f->recv_ns, found, n);
	/* Neighbouring frames share their errors: at most one bearing a target each interval. */
	if (f->recv_ns < c->next_plot_ns)
		return;
	c->next_plot_ns = f->recv_ns + c->feed.site.scan_period_ns;
	for (int i = 0; i < c->blobs.n; i++)
		if (blobs_published(&c->blobs.tracks[i]))
			send_bearing(c, &c->blobs.tracks[i], f->recv_ns);
}

static void on_state(void *user, bool up, const char *reason)
{
	struct camera *c = user;
	if (!up)
		counters[RESTARTS].value++;
	if (up != c->up || strcmp(reason, c->reason))
		log_notice(up ? "the camera sends pictures" : "no camera: %s; trying again", reason);
	c->up = up;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	loop_status(up ? "watching" : "no camera: %s", reason);
}

static enum wire_health_state state_of(const struct camera *c, const char **ret_reason)
{
	if (!c->up)
		return *ret_reason = *c->reason ? c->reason : "connecting", WIRE_DOWN;
	if (c->equal_frames >= BLIND_FRAMES)
		return *ret_reason = "the picture is frozen or the lens is covered", WIRE_BLIND;
	if (c->settled_frames < 8 && counters[GLOBAL].value)
		return *ret_reason = "the whole picture changed, learning again", WIRE_DEGRADED;
	return *ret_reason = "", WIRE_UP;
}

static void read_clock(struct camera *c)
{
	if (clock_quality(&c->clock) < 0)
		c->clock = (struct clock_quality){ .state = CLOCK_FREE, .max_error_ns = drift_free_ns(clock_mono_ns()) };
}

static int on_health(void *user, int64_t now_ns)
{
	struct camera *c = user;
	struct wire_health h = { .time_ns = now_ns };
	const char *reason;

	read_clock(c);

	snprintf(h.process, sizeof(h.process), "camera");
	memcpy(h.feed, c->feed.name, sizeof(h.feed));
	h.state = state_of(c, &reason);
	snprintf(h.reason, sizeof(h.reason), "%s", reason);
	h.clock_max_error_ns = c->clock.max_error_ns;
	h.clock_synchronised = c->clock.synchronised;
	wire_health_counters(&h);
	int r = deliver_health(c->deliver, &h, now_ns);
	if (r < 0)
		(void)log_errno(LOG_LEVEL_WARNING, r, "health not sent");
	return 0;
}

static const struct pipeline_ops pipeline_ops = { on_frame, on_state };

static int camera_start(struct camera *c, sd_event *event, const char *uplink_url)
{
	const struct feed *f = &c->feed;
	c->ray = (struct ray_camera){
		.width_px = PIPELINE_WIDTH,
		.height_px = PIPELINE_HEIGHT,
		.view_width_rad = f->site.view_width_rad,
		.yaw_rad = f->site.view_rad,
		.tilt_rad = f->camera_tilt_rad,
		.roll_rad = f->camera_roll_rad,
		.yaw_sigma_rad = f->camera_yaw_sigma_rad,
	};
	int r = motion_new(PIPELINE_WIDTH, PIPELINE_HEIGHT, &c->motion);
	if (r == 0)
		r = deliver_new(event, uplink_url, f, &c->deliver);
	if (r == 0)
		r = pipeline_new(event, f, &pipeline_ops, c, &c->pipeline);
	if (r == 0)
		r = loop_every(event, HEALTH_NS, on_health, c, NULL);
	return r;
}

static int load(const char *dir, const char *name, struct feed *ret_feed)
{
	char path[512];
	struct conf_error error = { "" };
	snprintf(path, sizeof(path), "%s/%s.conf", dir, name);
	int r = feed_load(path, ret_feed, &error);
	if (r == -EINVAL)
		log_error("%s", error.text);
	else if (r < 0)
		(void)log_errno(LOG_LEVEL_ERROR, r, "%s", path);
	else if (ret_feed->format != FEED_CAMERA) {
		log_error("%s: not a camera's feed", path);
		r = -EINVAL;
	}
	if (r == 0 && !ret_feed->site.version)
		ret_feed->site.version = 1;
	return r;
}

static int run(const struct feed *feed, const char *uplink_url)
{
	struct camera c = { .feed = *feed };
	sd_event *event = NULL;
	int r = loop_new(NULL, NULL, &event);
	if (r == 0)
		r = camera_start(&c, event, uplink_url);
	if (r < 0)
		(void)log_errno(LOG_LEVEL_ERROR, r, "cannot start");
	else {
		loop_ready("waiting for the camera");
		r = loop_run(event);
	}
	pipeline_free(c.pipeline);
	deliver_free(c.deliver);
	motion_free(c.motion);
	sd_event_unref(event);
	return r < 0 ? 1 : r;
}

static int usage(FILE *f, int code)
{
	fprintf(f, "usage: vedette-camera [--feeds DIR] [--uplink URL] [--check-config] FEED\n");
	return code;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "feeds", required_argument, NULL, 'f' }, { "uplink", required_argument, NULL, 'u' },
		{ "check-config", no_argument, NULL, 'c' }, { "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },	    { 0 },
	};
	const char *feeds = "/etc/vedette/feeds", *uplink = "ipc:///run/vedette/uplink.sock";
	bool check = false;
	struct feed feed;

	log_open("vedette-camera");
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (o) {
		case 'f': feeds = optarg; break;
		case 'u': uplink = optarg; break;
		case 'c': check = true; break;
		case 'v': puts("vedette-camera " VEDETTE_VERSION); return 0;
		case 'h': return usage(stdout, 0);
		default: return usage(stderr, 2);
		}
	if (optind != argc - 1)
		return usage(stderr, 2);
	if (load(feeds, argv[optind], &feed) < 0)
		return 1;
	if (check) {
		printf("%s/%s.conf: ok\n", feeds, argv[optind]);
		return 0;
	}
	log_set_field("FEED", feed.name);
	gst_init(NULL, NULL);
	counter_register(counters, sizeof(counters) / sizeof(counters[0]));
	return run(&feed, uplink);
}
