#include "sensor/decode/quality.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define DUPLICATE_NS (2 * NS_PER_S) /* two receivers of one ship hand on its message within that */
#define RUN 64			    /* datagrams: reports that come at random have their longest interval at 4.7 means */
#define SILENCE_MIN_NS NS_PER_S
#define TURNS_MAX 100 /* a longer gap is a radar that was off, not turns that were lost */
#define OFFSETS_MIN 8 /* a median of fewer says little */
#define OFFSET_MAX_MS 86400000

/* 64 bits of the bytes: an odd multiplier a word, folded; 2^64 / golden ratio. */
static uint64_t hash_of(const uint8_t *data, size_t size)
{
	uint64_t h = size, v;

	for (; size >= sizeof(v); data += sizeof(v), size -= sizeof(v)) {
		memcpy(&v, data, sizeof(v));
		h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	v = 0;
	memcpy(&v, data, size);
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static void note_duplicate(struct quality *q, const uint8_t *data, size_t size, int64_t recv_ns)
{
	uint64_t hash = hash_of(data, size);
	unsigned at = (unsigned)(hash % QUALITY_SEEN);
	int64_t since_ns = recv_ns - q->seen[at].recv_ns;

	if (q->seen[at].recv_ns && q->seen[at].hash == hash && since_ns >= 0 && since_ns <= DUPLICATE_NS)
		q->counts[QUALITY_DUPLICATES]++;
	q->seen[at].hash = hash;
	q->seen[at].recv_ns = recv_ns;
}

static void end_run(struct quality *q)
{
	q->usual_ns = q->usual_ns ? (3 * q->usual_ns + q->longest_ns) / 4 : q->longest_ns;
	q->longest_ns = 0;
	q->run = 0;
}

/* Intervals are judged by the longest of a run, not by their mean: what comes at random has no regular one. */
static void note_interval(struct quality *q, int64_t recv_ns)
{
	int64_t ns = q->last_ns ? recv_ns - q->last_ns : 0;

	q->last_ns = recv_ns;
	if (q->usual_ns && ns > SILENCE_MIN_NS && ns / 3 > q->usual_ns) {
		q->counts[QUALITY_SILENCES]++;
		q->usual_ns += q->usual_ns / 4; /* a feed that has become slower is believed after a few */
		return;
	}
	if (ns > q->longest_ns)
		q->longest_ns = ns;
	if (++q->run == RUN)
		end_run(q);
}

void quality_datagram(struct quality *q, const uint8_t *data, size_t size, int64_t recv_ns)
{
	note_duplicate(q, data, size, recv_ns);
	note_interval(q, recv_ns);
}

static void note_turn(struct quality *q, int64_t time_ns, int64_t turn_ns)
{
	int64_t since_ns = time_ns - q->north_ns;
	int64_t turns = q->north_ns && turn_ns > 0 ? (since_ns + turn_ns / 2) / turn_ns : 0;

	q->north_ns = time_ns;
	if (turns > 1 && turns <= TURNS_MAX)
		q->counts[QUALITY_MISSED_TURNS] += (uint64_t)turns - 1;
}

static void note_offset(struct quality *q, int64_t ns)
{
	int64_t ms = ns / NS_PER_MS;

	if (ms >= -OFFSET_MAX_MS && ms <= OFFSET_MAX_MS)
		q->offsets_ms[q->n_offsets++ % QUALITY_OFFSETS] = (int32_t)ms;
}

void quality_plot(struct quality *q, const struct plot *plot, int64_t recv_ns, int64_t turn_ns)
{
	int64_t behind_ns = recv_ns - plot->time_ns;

	if (behind_ns > QUALITY_LATE_NS)
		q->counts[QUALITY_LATE]++;
	/* A plot that took the receive time says nothing about the source's clock. */
	if (behind_ns)
		note_offset(q, behind_ns);
	if (plot->kind == PLOT_NORTH)
		note_turn(q, plot->time_ns, turn_ns);
}

static int by_value(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

int32_t quality_offset_ms(const struct quality *q)
{
	unsigned n = q->n_offsets < QUALITY_OFFSETS ? q->n_offsets : QUALITY_OFFSETS;
	int32_t sorted[QUALITY_OFFSETS];

	if (n < OFFSETS_MIN)
		return 0;
	memcpy(sorted, q->offsets_ms, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	return sorted[n / 2];
}

uint64_t quality_rate(struct quality *q, uint64_t records, int64_t now_ns)
{
	int64_t ns = now_ns - q->rate_ns;
	uint64_t more = records - q->rate_records;
	bool known = q->rate_ns && ns > 0 && more <= INT64_MAX / NS_PER_S;

	q->rate_ns = now_ns;
	q->rate_records = records;
	return known ? (more * (uint64_t)NS_PER_S + (uint64_t)ns / 2) / (uint64_t)ns : 0;
}
