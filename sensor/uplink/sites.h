/*
 * sites - where every feed's sensor stands, remembered across restarts, so that no lane carries a plot ahead of its site.
 *
 * A feed sends its site once; the lane that carries the plots changes with the link. Whoever appends a plot to a lane
 * asks here first and puts the site in front when the lane has not had this version since the process started.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SITES_FEEDS_MAX 64
#define SITES_RECORD_MAX 512 /* bytes of one encoded site; ours are about 100 */
#define SITES_LANES_MAX 4

struct sites;

/** sites_open() - DIR/sites.db. Return: 0 or -errno as shiplog_open(). */
int sites_open(const char *dir, int64_t now_ns, struct sites **ret_sites);
void sites_close(struct sites *sites);

/**
 * sites_update() - @data is @feed's site from now on; durable after sites_commit()
 *
 * Return: 0, -EMSGSIZE, -ENOSPC for the 65th feed, or -errno of the disk.
 */
int sites_update(struct sites *sites, const char *feed, const void *data, size_t size, int64_t now_ns);
int sites_commit(struct sites *sites); /* cheap when nothing changed */
void sites_rollback(struct sites *sites);

/**
 * sites_due() - the site that must go into @lane ahead of a plot of @feed, and notes that it does
 *
 * Return: borrowed bytes, or NULL when the lane has it or nobody knows it.
 */
const void *sites_due(struct sites *sites, const char *feed, unsigned lane, size_t *ret_size);
/** sites_forget_lanes() - what was noted may not have become durable: every lane is due again. */
void sites_forget_lanes(struct sites *sites);
