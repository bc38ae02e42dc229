/*
 * counter - named counts a process keeps, for metrics, health and status.
 *
 * A module declares a static table; the daemon registers it once. Values only go up unless `gauge`.
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

#define COUNTER_TABLES_MAX 16

/** counter_register() - @table of @n, borrowed for ever. The same again is fine. */
void counter_register(struct counter *table, size_t n);

/** counter_each() - calls @fn for every registered counter in order of registration. */
void counter_each(void (*fn)(void *user, const struct counter *c), void *user);
