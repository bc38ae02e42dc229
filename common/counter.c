#include "common/counter.h"

#include "common/clock.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static struct {
	struct counter *table;
	size_t n;
} tables[COUNTER_TABLES_MAX];
static void (*readers[COUNTER_READERS_MAX])(void);
static size_t n_tables, n_readers;
static int64_t started_ns;

enum { BUILD, UPTIME, CPU, MEMORY, _OWN_MAX };
static struct counter own[_OWN_MAX] = {
	[BUILD] = { "vedette_build_info{version=\"" VEDETTE_VERSION "\"}", "the version that runs", true, 1 },
	[UPTIME] = { "vedette_process_uptime_seconds", "since the process started", true, 0 },
	[CPU] = { "vedette_process_cpu_ms_total", "processor time, user and system", false, 0 },
	[MEMORY] = { "vedette_process_resident_memory_bytes", "memory in RAM", true, 0 },
};

void counter_register(struct counter *table, size_t n)
{
	assert(table);

	for (size_t t = 0; t < n_tables; t++)
		if (tables[t].table == table)
			return;
	assert(n_tables < COUNTER_TABLES_MAX);
	if (!started_ns)
		started_ns = clock_mono_ns();
	tables[n_tables].table = table;
	tables[n_tables].n = n;
	n_tables++;
}

static uint64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	(void)fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t ms_of(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_usec / 1000;
}

static void read_own(void)
{
	struct rusage usage;

	if (!started_ns)
		started_ns = clock_mono_ns();
	own[UPTIME].value = (uint64_t)((clock_mono_ns() - started_ns) / CLOCK_NS_PER_S);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		own[CPU].value = ms_of(&usage.ru_utime) + ms_of(&usage.ru_stime);
	own[MEMORY].value = resident_bytes();
}

void counter_before(void (*fn)(void))
{
	for (size_t i = 0; i < n_readers; i++)
		if (readers[i] == fn)
			return;
	assert(n_readers < COUNTER_READERS_MAX);
	readers[n_readers++] = fn;
}

void counter_each(void (*fn)(void *user, const struct counter *c), void *user)
{
	read_own();
	for (size_t i = 0; i < n_readers; i++)
		readers[i]();
	for (size_t i = 0; i < _OWN_MAX; i++)
		fn(user, &own[i]);
	for (size_t t = 0; t < n_tables; t++)
		for (size_t i = 0; i < tables[t].n; i++)
			fn(user, &tables[t].table[i]);
}
