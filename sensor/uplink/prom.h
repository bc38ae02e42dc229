/*
 * prom - the host's metrics as a file, for node_exporter's textfile collector and for `vedette status`.
 *
 * What each process of the host said last, the uplink itself and the filters included: a mast without a hub can be
 * looked at, and scraped where somebody can reach it. The file is written whole and renamed, readable by all.
 */
#pragma once

#include "common/ship.h"
#include "common/wire.h"

#define PROM_REPORTS_MAX 192 /* decoder, filter and connection of 64 feeds */
#define PROM_SILENT_NS INT64_C(12000000000) /* as at the hub: two reports of 5 s missed, and some slack */

struct prom;

/** prom_new() - @path borrowed, "" = no file; @host borrowed. */
int prom_new(const char *path, const char *host, struct prom **ret_p);
void prom_free(struct prom *p);

/** prom_note() - a process's newest report. Beyond the limit it is left out. */
void prom_note(struct prom *p, const struct wire_health *h, int64_t mono_ns);
/** prom_heard() - the reports in what a feed sent, host and feed as we know them, not as it says. */
void prom_heard(struct prom *p, const char *feed, const struct ship_batch *batch, int64_t mono_ns);

/** prom_write() - Return: 0 or -errno, the old file untouched. */
int prom_write(const struct prom *p, int64_t mono_ns);
