#include "sensor/uplink/sites.h"

#include "common/plot.h"
#include "common/shiplog.h"
#include "common/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char feed[PLOT_FEED_MAX];
	size_t size;
	uint8_t data[SITES_RECORD_MAX];
	bool in_lane[SITES_LANES_MAX];
	bool saved; /* or in the open transaction */
};

struct sites {
	struct shiplog *log;
	bool open; /* a transaction */
	unsigned n;
	struct entry entries[SITES_FEEDS_MAX];
};

static struct entry *find(struct sites *sites, const char *feed)
{
	for (unsigned i = 0; i < sites->n; i++)
		if (!strcmp(sites->entries[i].feed, feed))
			return &sites->entries[i];
	return NULL;
}

static int remember(struct sites *sites, const char *feed, const void *data, size_t size)
{
	struct entry *e = find(sites, feed);

	if (size > SITES_RECORD_MAX)
		return -EMSGSIZE;
	if (!e && sites->n == SITES_FEEDS_MAX)
		return -ENOSPC;
	if (!e)
		e = &sites->entries[sites->n++];
	*e = (struct entry){ .size = size };
	snprintf(e->feed, sizeof(e->feed), "%s", feed);
	memcpy(e->data, data, size);
	return 0;
}

static int load(struct sites *sites)
{
	struct ship_record rec[16];
	uint64_t after = 0;
	ssize_t n;

	while ((n = shiplog_read(sites->log, after, rec, 16, SHIP_BATCH_BYTES_MAX)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			struct site site;
			if (!wire_get_site(rec[i].data, rec[i].size, &site))
				(void)remember(sites, site.feed, rec[i].data, rec[i].size);
		}
		after = rec[n - 1].seq;
	}
	return (int)n;
}

/* One record a feed is enough; the older ones go. */
static int compact(struct sites *sites, int64_t now_ns)
{
	uint64_t head = shiplog_head(sites->log);
	int r = shiplog_begin(sites->log);
	for (unsigned i = 0; !r && i < sites->n; i++)
		r = shiplog_append(sites->log, now_ns, WIRE_SITE, sites->entries[i].data,
			sites->entries[i].size, NULL);
	if (!r)
		r = shiplog_trim(sites->log, head);
	for (unsigned i = 0; i < sites->n; i++)
		sites->entries[i].saved = !r;
	if (!r)
		return shiplog_commit(sites->log);
	shiplog_rollback(sites->log);
	return r;
}

int sites_open(const char *dir, int64_t now_ns, struct sites **ret_sites)
{
	char path[4096];
	struct sites *sites = calloc(1, sizeof(*sites));
	if (!sites)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/sites.db", dir);
	int r = shiplog_open(path, now_ns, &sites->log);
	if (!r)
		r = load(sites);
	if (!r)
		r = compact(sites, now_ns);
	if (r) {
		sites_close(sites);
		return r;
	}
	*ret_sites = sites;
	return 0;
}

void sites_close(struct sites *sites)
{
	if (!sites)
		return;
	shiplog_close(sites->log);
	free(sites);
}

int sites_update(
	struct sites *sites, const char *feed, const void *data, size_t size, int64_t now_ns)
{
	const struct entry *e = find(sites, feed);

	/* The same again, as after a restart of the feed: nothing to write. */
	if (e && e->saved && e->size == size && !memcmp(e->data, data, size))
		return 0;
	int r = remember(sites, feed, data, size);
	if (!r && !sites->open) {
		r = shiplog_begin(sites->log);
		sites->open = !r;
	}
	if (!r)
		r = shiplog_append(sites->log, now_ns, WIRE_SITE, data, size, NULL);
	if (!r)
		find(sites, feed)->saved = true;
	return r;
}

int sites_commit(struct sites *sites)
{
	if (!sites->open)
		return 0;
	sites->open = false;
	return shiplog_commit(sites->log);
}

void sites_rollback(struct sites *sites)
{
	if (sites->open)
		shiplog_rollback(sites->log);
	sites->open = false;
	for (unsigned i = 0; i < sites->n; i++)
		sites->entries[i].saved = false;
	sites_forget_lanes(sites);
}

const void *sites_due(struct sites *sites, const char *feed, unsigned lane, size_t *ret_size)
{
	assert(lane < SITES_LANES_MAX);

	struct entry *e = find(sites, feed);
	if (!e || e->in_lane[lane])
		return NULL;
	e->in_lane[lane] = true;
	*ret_size = e->size;
	return e->data;
}

void sites_forget_lanes(struct sites *sites)
{
	for (unsigned i = 0; i < sites->n; i++)
		memset(sites->entries[i].in_lane, 0, sizeof(sites->entries[i].in_lane));
}
