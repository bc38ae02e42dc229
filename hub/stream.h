/*
 * stream - the live picture of one viewer as frames (docs/wire.md, "The picture's stream").
 *
 * Latest-only: the next frames are built when the last ones went out, from what this viewer has seen, so that a slow
 * reader gets fewer and newer frames and costs no queue. What is built at once is bounded by the picture.
 */
#pragma once

#include "hub/hub.h"
#include "hub/query.h"

enum stream_type {
	STREAM_HELLO = 1,
	STREAM_SNAPSHOT,
	STREAM_DELTA,
	STREAM_GONE,
	STREAM_IDENT,
	STREAM_ALARM,
	STREAM_HEALTH,
	STREAM_BEAT,
};

#define STREAM_RECORD 24
#define STREAM_IDENTS_MAX 256 /* in one IDENT frame: some 40 KiB */
#define STREAM_STALL_NS INT64_C(30000000000)

struct stream;

/** stream_new() - @box NULL: everything. Tracks in distress come whatever the box. */
int stream_new(struct hub *hub, const struct query_box *box, int64_t mono_ns, struct stream **ret_s);
void stream_free(struct stream *s);

/** stream_due() - is there something to say, or something not read yet? */
bool stream_due(const struct stream *s, int64_t mono_ns);

/** stream_read() - up to @cap bytes of frames into @buf. Return: bytes, 0 = nothing now, -ENOMEM. */
ssize_t stream_read(struct stream *s, char *buf, size_t cap, int64_t now_ns, int64_t mono_ns);

/** stream_stalled() - nothing was taken for STREAM_STALL_NS although something waits. */
bool stream_stalled(const struct stream *s, int64_t mono_ns);

/** stream_record() - one track's 24 bytes. */
void stream_record(const struct picture_entry *e, int64_t now_ns, uint8_t ret_record[STREAM_RECORD]);
