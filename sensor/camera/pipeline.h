/*
 * pipeline - GStreamer from a camera's URL to I420 frames on the loop.
 *
 * rtsp:// (TCP), rtp://ADDR:PORT (H.264 payload) and file:///path. The pipeline is ours: an operator gives a URL, never a
 * launch string. A camera that is silent, broken or gone is torn down and tried again with growing delay; never a restart
 * of the service. GStreamer's threads hand over the newest frame only, through one slot and an eventfd.
 */
#pragma once

#include "common/feed.h"

#include <systemd/sd-event.h>

#define PIPELINE_WIDTH 640
#define PIPELINE_HEIGHT 360

struct pipeline_frame {
	const uint8_t *y, *u, *v;
	int y_stride, uv_stride;
	int64_t recv_ns; /* when the decoder gave it */
};

struct pipeline_ops {
	void (*frame)(void *user, const struct pipeline_frame *frame); /* borrowed during the call */
	/** up: frames flow. Otherwise the reason, for people; a new try is under way. */
	void (*state)(void *user, bool up, const char *reason);
};

struct pipeline;
int pipeline_new(sd_event *event, const struct feed *feed, const struct pipeline_ops *ops, void *user,
	struct pipeline **ret_p);
void pipeline_free(struct pipeline *p);

/**
 * pipeline_describe() - the launch description for a URL
 * @interface: where a multicast group of rtp:// is joined; "" = the system's choice
 *
 * Return: 0, -EINVAL for a URL that is not one of the three kinds or holds a quote or control character.
 */
int pipeline_describe(const char *url, const char *interface, char *buf, size_t size);
