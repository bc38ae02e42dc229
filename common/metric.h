/*
 * metric - health reports and figures as Prometheus text (exposition format 0.0.4).
 *
 * The hub answers /metrics with it for itself and for every process that reports to it; the uplink writes a file for
 * node_exporter with it for a mast that nobody can ask. A report carries bare numbers (docs/wire.md); what they mean, for
 * HELP and TYPE, is in one catalogue, metric_family.c. A family that it does not know (a host of another version) is a
 * counter when it ends in _total and a gauge otherwise.
 *
 * Base units: what is counted in `_ms` is shown in `_seconds`, `_mm` in `_metres`, `_per_s` as `_per_second`.
 */
#pragma once

#include "common/wire.h"

#include <stdio.h>

struct metric_family {
	const char *name; /* as shown; a '*' at its end stands for any rest */
	const char *help;
	bool gauge;
};

struct metric_label {
	const char *name, *value; /* an empty value is left out: that is the same to Prometheus */
};

struct metric;

int metric_new(struct metric **ret_m);
void metric_free(struct metric *m);

/** metric_describe() - HELP and TYPE of a family that is in no catalogue: @help borrowed, @name copied. */
void metric_describe(struct metric *m, const char *name, bool gauge, const char *help);

/**
 * metric_add() - one sample
 * @name:   of the family, and one label at most: NAME or NAME{label="value"}; anything else is left out
 * @labels: ends with a NULL name
 *
 * A second sample of the same name and labels is left out when written. Without memory it is lost.
 */
void metric_add(struct metric *m, const char *name, const struct metric_label *labels, double value);

/**
 * metric_report() - all that a process says of itself, and what its receiver says of it
 * @state:    as its receiver sees it
 * @age_ns:   since it came; < 0 = not since the receiver started
 * @restarts: that the receiver saw
 *
 * A process NAME@INTERFACE ("filter@eth0") is shown as process NAME with a label interface; with a feed, only its counts are.
 */
void metric_report(struct metric *m, const struct wire_health *h, enum wire_health_state state, int64_t age_ns,
	uint64_t restarts);

/** metric_restarted() - @newer is of a process that began after @older was sent: its uptime went back. */
bool metric_restarted(const struct wire_health *older, const struct wire_health *newer);

/** metric_write() - sorted, each family once with HELP and TYPE. Return: 0 or -ENOMEM when samples were lost. */
int metric_write(struct metric *m, FILE *f);

/** metric_family() - Return: its row, or NULL. metric_families(): all of them, ending with a NULL name. */
const struct metric_family *metric_family(const char *name);
const struct metric_family *metric_families(void);
