#include "fusion/tracklog.h"

#include "common/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tracklog {
	struct shiplog *tracks, *feeds;
	uint64_t published, feeds_published; /* jseq, durable */
	uint32_t next_birth;
	uint64_t position; /* last track record accounted for */
	uint64_t differences;
	bool tracks_open, feeds_open; /* a transaction */
};

static uint64_t mark(struct shiplog *log, const char *name, uint64_t missing)
{
	uint64_t a, b;

	return shiplog_get(log, name, &a, &b) == 0 ? a : missing;
}

int tracklog_open(const char *dir, int64_t now_ns, struct tracklog **ret_l)
{
	struct tracklog *l = calloc(1, sizeof(*l));
	char path[4096];

	if (!l)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/tracks.db", dir);
	int r = shiplog_open(path, now_ns, &l->tracks);
	if (r == 0) {
		snprintf(path, sizeof(path), "%s/feeds.db", dir);
		r = shiplog_open(path, now_ns, &l->feeds);
	}
	if (r < 0) {
		tracklog_close(l);
		return r;
	}
	l->published = mark(l->tracks, "jseq", 0);
	l->next_birth = (uint32_t)mark(l->tracks, "birth", 1);
	l->feeds_published = mark(l->feeds, "jseq", 0);
	l->position = shiplog_head(l->tracks);
	*ret_l = l;
	return 0;
}

void tracklog_close(struct tracklog *l)
{
	if (!l)
		return;
	shiplog_close(l->tracks);
	shiplog_close(l->feeds);
	free(l);
}

struct shiplog *tracklog_tracks(struct tracklog *l)
{
	return l->tracks;
}

struct shiplog *tracklog_feeds(struct tracklog *l)
{
	return l->feeds;
}

uint64_t tracklog_published(const struct tracklog *l, uint32_t *ret_next_birth)
{
	*ret_next_birth = l->next_birth;
	return l->published;
}

void tracklog_rewind(struct tracklog *l, uint64_t seq)
{
	l->position = seq;
}

static int append(struct shiplog *log, bool *open, int64_t now_ns, uint8_t kind, const void *data,
	size_t size)
{
	int r = *open ? 0 : shiplog_begin(log);

	if (r == 0) {
		*open = true;
		r = shiplog_append(log, now_ns, kind, data, size, NULL);
	}
	return r;
}

static int compare(struct tracklog *l, const void *data, size_t size)
{
	struct ship_record record;
	ssize_t n = shiplog_read(l->tracks, l->position, &record, 1, 1);

	l->position++;
	if (n == 1 && record.seq > l->position)
		return 1; /* trimmed */
	if (n == 1 && record.size == size && !memcmp(record.data, data, size))
		return 1;
	l->differences++;
	return -EILSEQ;
}

int tracklog_track(struct tracklog *l, uint64_t jseq, int64_t now_ns, const void *data, size_t size)
{
	if (jseq <= l->published)
		return compare(l, data, size);
	int r = append(l->tracks, &l->tracks_open, now_ns, WIRE_TRACK, data, size);
	if (r == 0)
		l->position = shiplog_head(l->tracks);
	return r;
}

int tracklog_feed(struct tracklog *l, uint64_t jseq, int64_t now_ns, uint8_t kind, const void *data,
	size_t size)
{
	if (jseq <= l->feeds_published)
		return 1;
	return append(l->feeds, &l->feeds_open, now_ns, kind, data, size);
}

int tracklog_note(struct tracklog *l, int64_t now_ns, uint8_t kind, const void *data, size_t size)
{
	return append(l->feeds, &l->feeds_open, now_ns, kind, data, size);
}

static int commit_one(struct shiplog *log, bool *open, uint64_t jseq, uint64_t *published)
{
	int r = jseq > *published ? shiplog_set(log, "jseq", jseq, 0) : 0;

	if (r == 0)
		r = shiplog_commit(log);
	else
		shiplog_rollback(log);
	*open = false;
	if (r == 0 && jseq > *published)
		*published = jseq;
	return r;
}

int tracklog_commit(struct tracklog *l, uint64_t jseq, uint32_t next_birth)
{
	int r = 0;

	if (l->tracks_open) {
		r = shiplog_set(l->tracks, "birth", next_birth, 0);
		int c = commit_one(l->tracks, &l->tracks_open, jseq, &l->published);
		r = r < 0 ? r : c;
		if (r == 0)
			l->next_birth = next_birth;
	}
	if (l->feeds_open) {
		int c = commit_one(l->feeds, &l->feeds_open, jseq, &l->feeds_published);
		r = r < 0 ? r : c;
	}
	return r;
}

int tracklog_renew(struct tracklog *l, uint64_t above, int64_t now_ns)
{
	int r = shiplog_renew(l->tracks, above, now_ns);

	return r < 0 ? r : shiplog_renew(l->feeds, above, now_ns);
}

uint64_t tracklog_position(const struct tracklog *l)
{
	return l->position;
}

uint64_t tracklog_differences(const struct tracklog *l)
{
	return l->differences;
}
