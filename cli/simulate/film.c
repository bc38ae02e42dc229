#include "cli/simulate/film.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef VEDETTE_CAMERA
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

struct film {
	GstElement *pipeline, *source;
	GstClockTime frame_ns;
	uint64_t frames;
};

/* One thread: the same frames give the same bytes. A key frame every ten: who joins late sees within 2 s. */
#define ENCODER                                                                                    \
	"x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 bitrate=1200 threads=1 sliced-threads=false"

static void describe(char *text, size_t size, unsigned columns, unsigned rows, double fps,
	const struct sockaddr_in *to, const struct sockaddr_in *from, const char *path)
{
	char host[INET_ADDRSTRLEN], bind[INET_ADDRSTRLEN], sink[PATH_MAX + 128];
	int numerator, denominator;
	gst_util_double_to_fraction(fps, &numerator, &denominator);
	inet_ntop(AF_INET, &to->sin_addr, host, sizeof(host));
	inet_ntop(AF_INET, &from->sin_addr, bind, sizeof(bind));
	if (path)
		snprintf(sink, sizeof(sink), "h264parse ! video/x-h264,stream-format=byte-stream ! filesink location=\"%s\"",
			path);
	else
		/* 1400 bytes fit every Ethernet; sync=false: the caller keeps the time. */
		snprintf(sink, sizeof(sink),
			"rtph264pay config-interval=1 mtu=1400 ! udpsink host=%s port=%u bind-address=%s sync=false async=false",
			host, ntohs(to->sin_port), bind);
	snprintf(text, size,
		"appsrc name=source is-live=true format=time max-buffers=4 leaky-type=upstream "
		"caps=video/x-raw,format=I420,width=%u,height=%u,framerate=%d/%d ! " ENCODER " ! %s",
		columns, rows, numerator, denominator, sink);
}

int film_open(unsigned columns, unsigned rows, double fps, const struct sockaddr_in *to,
	const struct sockaddr_in *from, const char *path, struct film **ret_film, char ret_reason[FILM_REASON_MAX])
{
	char text[PATH_MAX + 1024];
	GError *error = NULL;
	struct film *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	if (!gst_is_initialized())
		gst_init(NULL, NULL);
	describe(text, sizeof(text), columns, rows, fps, to, from, path);
	f->pipeline = gst_parse_launch(text, &error);
	if (error) {
		snprintf(ret_reason, FILM_REASON_MAX, "%s", error->message);
		g_error_free(error);
		film_close(f);
		return -EIO;
	}
	f->source = gst_bin_get_by_name(GST_BIN(f->pipeline), "source");
	/* A file takes every frame; a socket would rather lose one than be late. */
	if (path)
		g_object_set(f->source, "leaky-type", GST_APP_LEAKY_TYPE_NONE, "block", TRUE, NULL);
	f->frame_ns = (GstClockTime)(1e9 / fps);
	if (gst_element_set_state(f->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
		snprintf(ret_reason, FILM_REASON_MAX, "the pipeline does not start");
		film_close(f);
		return -EIO;
	}
	*ret_film = f;
	return 0;
}

int film_push(struct film *f, const uint8_t *frame, size_t n)
{
	GstBuffer *b = gst_buffer_new_memdup(frame, n);
	GST_BUFFER_PTS(b) = f->frames++ * f->frame_ns;
	GST_BUFFER_DURATION(b) = f->frame_ns;
	return gst_app_src_push_buffer(GST_APP_SRC(f->source), b) == GST_FLOW_OK ? 0 : -EIO;
}

void film_close(struct film *f)
{
	if (!f)
		return;
	if (f->source && gst_app_src_end_of_stream(GST_APP_SRC(f->source)) == GST_FLOW_OK) {
		GstBus *bus = gst_element_get_bus(f->pipeline);
		GstMessage *m = gst_bus_timed_pop_filtered(bus, 2 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
		if (m)
			gst_message_unref(m);
		gst_object_unref(bus);
	}
	if (f->pipeline)
		gst_element_set_state(f->pipeline, GST_STATE_NULL);
	if (f->source)
		gst_object_unref(f->source);
	if (f->pipeline)
		gst_object_unref(f->pipeline);
	free(f);
}

#else

int film_open(unsigned columns, unsigned rows, double fps, const struct sockaddr_in *to,
	const struct sockaddr_in *from, const char *path, struct film **ret_film, char ret_reason[FILM_REASON_MAX])
{
	(void)columns, (void)rows, (void)fps, (void)to, (void)from, (void)path, (void)ret_film;
	snprintf(ret_reason, FILM_REASON_MAX, "built without the camera");
	return -ENOTSUP;
}

int film_push(struct film *f, const uint8_t *frame, size_t n)
{
	(void)f, (void)frame, (void)n;
	return -ENOTSUP;
}

void film_close(struct film *f)
{
	(void)f;
}
#endif
