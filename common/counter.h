/*
 * counter - named counts a process keeps, for metrics, health and status.
 *
 * A module declares a static table; the daemon registers it once. Values only go up unless `gauge`. A name is a
 * Prometheus name with its unit, and may end in one label: vedette_filter_packets_total{verdict="pass_feed"}. Values are
 * whole: seconds that need parts are counted in `_ms`, and shown in seconds (common/metric.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counter {
	const char *name; /* Prometheus style, with unit: vedette_sensor_datagrams_total */
	const char *help;
	bool gauge;
	uint64_t value;
};

#define COUNTER_TABLES_MAX 24
#define COUNTER_READERS_MAX 4

/** counter_register() - @table of @n, borrowed for ever; a second time is nothing. The first call, or the first of counter_each(), is taken for the process's start. */
void counter_register(struct counter *table, size_t n);

/** counter_before() - @fn is called ahead of every counter_each(): it sets gauges that are only worth reading then. */
void counter_before(void (*fn)(void));

/**
 * counter_each() - calls @fn for every registered counter in order of registration
 *
 * Ahead of them comes what every process has, read now: vedette_build_info, vedette_process_uptime_seconds,
 * _cpu_ms_total and _resident_memory_bytes (0 where /proc is not to be seen).
 */
void counter_each(void (*fn)(void *user, const struct counter *c), void *user);
