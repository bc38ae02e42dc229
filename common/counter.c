#include "common/counter.h"

#include <assert.h>

static struct {
	struct counter *table;
	size_t n;
} tables[COUNTER_TABLES_MAX];
static size_t n_tables;

void counter_register(struct counter *table, size_t n)
{
	assert(table);
	for (size_t i = 0; i < n_tables; i++)
		if (tables[i].table == table)
			return;
	assert(n_tables < COUNTER_TABLES_MAX);

	tables[n_tables].table = table;
	tables[n_tables].n = n;
	n_tables++;
}

void counter_each(void (*fn)(void *user, const struct counter *c), void *user)
{
	for (size_t t = 0; t < n_tables; t++)
		for (size_t i = 0; i < tables[t].n; i++)
			fn(user, &tables[t].table[i]);
}
