/*
 * shadow_metric - the figures of shadow.h as this process's counters, for health and /metrics.
 */
#pragma once

struct tracker;

/** shadow_metric_register() - once, with the process's other counters. */
void shadow_metric_register(void);

/** shadow_metric_set() - as they stand. Looks at every track. */
void shadow_metric_set(const struct tracker *t);
