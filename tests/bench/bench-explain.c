/*
 * bench-explain - what an explanation costs: bytes an entry, and the time to write one into the ring and to read it back, one
 * core.
 */
#include "common/clock.h"
#include "fusion/explain_ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BYTES (UINT64_C(64) << 20)
#define NOTES 8000000u
#define A_ROW 20u /* notes a commit */
#define FEEDS 16

static void count(void *user, const struct explain_note *note)
{
	*(uint64_t *)user += note->birth != 0;
}

static void write_notes(struct explain_ring *ring)
{
	static char feeds[FEEDS][PLOT_FEED_MAX];
	struct explain_note n = { .d2 = 1.5f, .weight = 0.9f };

	for (unsigned i = 0; i < FEEDS; i++)
		snprintf(feeds[i], sizeof(feeds[i]), "radar%u", i);
	for (uint32_t i = 0; i < NOTES; i++) {
		n.time_ns = INT64_C(1700000000000000000) + i * INT64_C(300000);
		n.birth = 1 + i % 1000;
		n.ref = i;
		n.feed = feeds[i / A_ROW % FEEDS];
		explain_ring_note(ring, i / A_ROW + 1, &n);
		if (i % A_ROW == A_ROW - 1)
			explain_ring_commit(ring, i / A_ROW + 1);
	}
}

int main(void)
{
	char path[] = "/dev/shm/bench-explain-XXXXXX";
	struct explain_ring *ring;
	struct explain_reader *reader = NULL;
	uint64_t n = 0;
	int fd = mkstemp(path);

	if (fd < 0 || close(fd) < 0 || explain_ring_open(path, BYTES, "xa", 1, &ring) < 0)
		return 1;
	int64_t start = clock_mono_ns();
	write_notes(ring);
	double wrote = (double)(clock_mono_ns() - start) / NOTES;
	explain_ring_close(ring);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	start = clock_mono_ns();
	if (explain_ring_read(fd, &reader) == 0)
		(void)explain_ring_each(reader, count, &n);
	double took = n ? (double)(clock_mono_ns() - start) / (double)n : 0;
	explain_ring_done(reader);
	close(fd);
	(void)unlink(path);
	printf("bench explain.entry %d bytes\n", EXPLAIN_RING_ENTRY);
	printf("bench explain.write %.1f ns/entry\n", wrote);
	printf("bench explain.read %.1f ns/entry\n", took);
	return n ? 0 : 1;
}
