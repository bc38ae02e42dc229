#include "sensor/camera/pipeline.h"

#include "common/clock.h"
#include "common/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SILENCE_NS (3 * CLOCK_NS_PER_S) /* a camera connected but silent for so long is rebuilt */
#define CONNECT_NS (10 * CLOCK_NS_PER_S) /* the first frame may take a key frame's time and a handshake */
#define RETRY_MIN_NS (500 * CLOCK_NS_PER_MS)
#define RETRY_MAX_NS (15 * CLOCK_NS_PER_S)
#define CHECK_NS (250 * CLOCK_NS_PER_MS)

/* Decode, then one small picture is all that the detector needs; the newest one wins. */
#define TAIL                                                                                                   \
	"videoconvert ! videoscale ! video/x-raw,format=I420,width=640,height=360 ! "                          \
	"appsink name=frames max-buffers=1 drop=true sync=false"

struct pipeline {
	sd_event *event;
	sd_event_source *wake, *timer;
	int wake_fd;
	const struct pipeline_ops *ops;
	void *user;

	char description[1024];
	char login[256];
	GstElement *bin;
	bool up;
	int64_t started_ns, last_frame_ns, retry_at_ns, retry_ns; /* monotonic */

	pthread_mutex_t lock; /* guards newest only */
	GstSample *newest;
	int64_t newest_ns;
};

/* Nothing that ends a quoted value of a description. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text == '"' || *text == '\\' || (unsigned char)*text <= ' ')
			return false;
	return true;
}

static bool take_rtp(const char *url, char ret_host[static NETADDR_TEXT_MAX], unsigned *ret_port)
{
	struct netaddr_endpoint at;

	if (strncmp(url, "rtp://", 6) || netaddr_endpoint(url + 6, &at))
		return false;
	(void)netaddr_text(at.family, &at.addr, ret_host);
	*ret_port = ntohs(at.port);
	return true;
}

int pipeline_describe(const char *url, const char *interface, char *buf, size_t size)
{
	char host[NETADDR_TEXT_MAX];
	unsigned port;
	int n = -1;

	if (!is_plain(url) || !is_plain(interface))
		return -EINVAL;
	if (!strncmp(url, "rtsp://", 7))
		n = snprintf(buf, size,
			"rtspsrc name=source location=\"%s\" protocols=tcp latency=200 tcp-timeout=5000000 ! rtph264depay ! "
			"h264parse ! avdec_h264 max-threads=1 ! " TAIL, url);
	else if (take_rtp(url, host, &port))
		n = snprintf(buf, size,
			"udpsrc address=%s port=%u %s%s%s caps=\"application/x-rtp,media=video,clock-rate=90000,encoding-name=H264\" ! "
			"rtpjitterbuffer latency=100 ! rtph264depay ! h264parse ! avdec_h264 max-threads=1 ! " TAIL,
			host, port, *interface ? "multicast-iface=\"" : "", interface, *interface ? "\"" : "");
	else if (!strncmp(url, "file:///", 8))
		n = snprintf(buf, size, "filesrc location=\"%s\" ! decodebin ! " TAIL, url + 7);
	return n > 0 && (size_t)n < size ? 0 : -EINVAL;
}

/* On a GStreamer thread. */
static GstFlowReturn on_sample(GstAppSink *sink, gpointer user)
{
	struct pipeline *p = user;
	GstSample *sample = gst_app_sink_pull_sample(sink), *old;
	if (!sample)
		return GST_FLOW_EOS;

	pthread_mutex_lock(&p->lock);
	old = p->newest;
	p->newest = sample;
	p->newest_ns = clock_now_ns();
	pthread_mutex_unlock(&p->lock);
	if (old)
		gst_sample_unref(old);
	(void)eventfd_write(p->wake_fd, 1);
	return GST_FLOW_OK;
}

static void report(struct pipeline *p, bool up, const char *reason)
{
	if (p->up == up && up)
		return;
	p->up = up;
	p->ops->state(p->user, up, reason);
}

static void tear_down(struct pipeline *p)
{
	if (!p->bin)
		return;
	gst_element_set_state(p->bin, GST_STATE_NULL);
	gst_object_unref(p->bin);
	p->bin = NULL;
	if (p->newest)
		gst_sample_unref(p->newest);
	p->newest = NULL;
}

static void give_up(struct pipeline *p, const char *reason)
{
	tear_down(p);
	p->retry_ns = p->retry_ns ? 2 * p->retry_ns : RETRY_MIN_NS;
	if (p->retry_ns > RETRY_MAX_NS)
		p->retry_ns = RETRY_MAX_NS;
	p->retry_at_ns = clock_mono_ns() + p->retry_ns;
	report(p, false, reason);
}

static void set_login(struct pipeline *p)
{
	char user[128], password[128];
	if (sscanf(p->login, "%127[^:]:%127s", user, password) != 2)
		return;
	GstElement *source = gst_bin_get_by_name(GST_BIN(p->bin), "source");
	if (!source)
		return;
	g_object_set(source, "user-id", user, "user-pw", password, NULL);
	gst_object_unref(source);
}

static int build(struct pipeline *p)
{
	GError *error = NULL;
	p->bin = gst_parse_launch(p->description, &error);
	if (error) {
		g_error_free(error);
		return -EIO;
	}
	set_login(p);
	GstElement *sink = gst_bin_get_by_name(GST_BIN(p->bin), "frames");
	GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
	gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, p, NULL);
	gst_object_unref(sink);
	p->started_ns = clock_mono_ns();
	p->last_frame_ns = 0;
	return gst_element_set_state(p->bin, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE ? -EIO : 0;
}

static void read_messages(struct pipeline *p)
{
	char reason[256] = "";
	GstBus *bus = gst_element_get_bus(p->bin);
	for (GstMessage *m; (m = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR | GST_MESSAGE_EOS)); gst_message_unref(m)) {
		GError *error = NULL;
		if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_EOS) {
			snprintf(reason, sizeof(reason), "end of stream");
			continue;
		}
		gst_message_parse_error(m, &error, NULL);
		snprintf(reason, sizeof(reason), "%s", error->message);
		g_error_free(error);
	}
	gst_object_unref(bus);
	if (*reason)
		give_up(p, reason);
}

static int on_check(void *user, int64_t now_ns)
{
	(void)now_ns;
	struct pipeline *p = user;
	int64_t mono = clock_mono_ns();

	if (!p->bin) {
		if (mono >= p->retry_at_ns && build(p) < 0)
			give_up(p, "cannot start the pipeline");
		return 0;
	}
	read_messages(p);
	if (!p->bin)
		return 0;
	if (p->last_frame_ns ? mono - p->last_frame_ns > SILENCE_NS : mono - p->started_ns > CONNECT_NS)
		give_up(p, p->last_frame_ns ? "connected but silent" : "no picture");
	return 0;
}

static int on_wake(sd_event_source *s, int fd, uint32_t revents, void *user)
{
	(void)s;
	(void)revents;
	struct pipeline *p = user;
	eventfd_t ignored;
	GstVideoFrame frame;
	GstVideoInfo info;

	(void)eventfd_read(fd, &ignored);
	pthread_mutex_lock(&p->lock);
	GstSample *sample = p->newest;
	int64_t recv_ns = p->newest_ns;
	p->newest = NULL;
	pthread_mutex_unlock(&p->lock);
	if (!sample)
		return 0;
	p->last_frame_ns = clock_mono_ns();
	p->retry_ns = 0;
	report(p, true, "");
	if (gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) &&
		gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
		struct pipeline_frame f = {
			.y = GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
			.u = GST_VIDEO_FRAME_PLANE_DATA(&frame, 1),
			.v = GST_VIDEO_FRAME_PLANE_DATA(&frame, 2),
			.y_stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0),
			.uv_stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 1),
			.recv_ns = recv_ns,
		};
		p->ops->frame(p->user, &f);
		gst_video_frame_unmap(&frame);
	}
	gst_sample_unref(sample);
	return 0;
}

/* The login is a credential file of the unit's, never part of the feed's file. */
static int read_login(const char *path, char *buf, size_t size)
{
	if (!*path)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	buf[n] = 0;
	buf[strcspn(buf, "\r\n")] = 0;
	return 0;
}

int pipeline_new(sd_event *event, const struct feed *feed, const struct pipeline_ops *ops, void *user,
	struct pipeline **ret_p)
{
	assert(event && feed && ops && ret_p);

	struct pipeline *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->event = event;
	p->ops = ops;
	p->user = user;
	(void)pthread_mutex_init(&p->lock, NULL);
	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = p->wake_fd < 0 ? -errno : pipeline_describe(feed->url, feed->interface, p->description, sizeof(p->description));
	if (r == 0)
		r = read_login(feed->credential, p->login, sizeof(p->login));
	if (r == 0)
		r = sd_event_add_io(event, &p->wake, p->wake_fd, EPOLLIN, on_wake, p);
	if (r >= 0)
		r = loop_every(event, CHECK_NS, on_check, p, &p->timer);
	if (r < 0) {
		pipeline_free(p);
		return r;
	}
	*ret_p = p;
	return 0;
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	sd_event_source_disable_unref(p->timer);
	sd_event_source_disable_unref(p->wake);
	tear_down(p);
	if (p->wake_fd >= 0)
		close(p->wake_fd);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}
