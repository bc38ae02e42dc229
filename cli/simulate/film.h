/*
 * film - a camera's frames as H.264: RTP onto a UDP socket, or a byte stream into a file.
 *
 * Over GStreamer (appsrc, x264enc, rtph264pay, udpsink), in process; its threads touch only their own frames. A build
 * without the camera has film_open() answer -ENOTSUP.
 */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define FILM_REASON_MAX 256

struct film;

/**
 * film_open() - I420 frames of @columns x @rows at @fps
 * @to, @from:  where RTP goes and from which address; used when @path is NULL
 * @path:       a file for the byte stream instead, or NULL
 * @ret_reason: on error, one line
 *
 * Return: 0; -ENOTSUP, or -EIO when the pipeline does not start.
 */
int film_open(unsigned columns, unsigned rows, double fps, const struct sockaddr_in *to,
	const struct sockaddr_in *from, const char *path, struct film **ret_film, char ret_reason[FILM_REASON_MAX]);

/** film_push() - one frame, copied. Return: 0, or -EIO when the pipeline has failed. */
int film_push(struct film *f, const uint8_t *frame, size_t n);

/** film_close() - ends the stream, waits for it to be written, frees. NULL is fine. */
void film_close(struct film *f);
