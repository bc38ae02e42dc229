/*
 * Any file as a ring of explanations: what is read of it is in range, and a daemon that finds it makes a good one of it or goes on
 * with it. The first byte chooses: a file as it is; or a whole ring with bytes of the input laid over it, three of place and one
 * of value each.
 */
#include "fusion/explain_ring.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RING_BYTES (256u << 10)
#define NOTES 500

static void check_note(void *user, const struct explain_note *n)
{
	if (n->what >= _EXPLAIN_WHAT_MAX || n->sensor >= _PLOT_SENSOR_MAX || !n->birth || !(n->weight >= 0 && n->weight <= 1.01f) ||
		!(isnan(n->d2) || (n->d2 >= 0 && n->d2 < 64)) || strlen(n->feed) >= PLOT_FEED_MAX)
		abort();
	(void)user;
}

static void check_card(void *user, const struct explain_card *c)
{
	if (!c->birth || c->id_kind >= _PLOT_ID_KIND_MAX || c->state >= _TRACK_STATE_MAX)
		abort();
	(void)user;
}

static void read_ring(int fd)
{
	struct explain_reader *reader;
	struct explain_ring_info info;

	if (explain_ring_read(fd, &reader) < 0)
		return;
	explain_ring_about(reader, &info);
	if (strlen(info.origin) >= TRACK_ORIGIN_MAX)
		abort();
	(void)explain_ring_each(reader, check_note, NULL);
	(void)explain_ring_cards(reader, check_card, NULL);
	explain_ring_done(reader);
}

static void write_some(struct explain_ring *ring, uint64_t jseq)
{
	for (unsigned i = 0; i < NOTES; i++) {
		struct explain_note n = { .time_ns = INT64_C(1700000000000000000) + i, .birth = i + 1, .feed = "radar1", .d2 = 1 };
		explain_ring_note(ring, jseq, &n);
	}
	explain_ring_commit(ring, jseq);
}

static void write_over(const char *path, const uint8_t *data, size_t size)
{
	struct explain_ring *ring;
	int fd;

	if (explain_ring_open(path, RING_BYTES, "x", 1, &ring) < 0)
		return;
	write_some(ring, 1);
	explain_ring_close(ring);
	fd = open(path, O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i + 4 <= size; i += 4) {
		size_t at = data[i] | (size_t)data[i + 1] << 8 | (size_t)(data[i + 2] & 3) << 16;
		if (pwrite(fd, data + i + 3, 1, (off_t)at) != 1)
			break;
	}
	read_ring(fd);
	close(fd);
	if (explain_ring_open(path, RING_BYTES, "x", 1, &ring) < 0)
		return;
	write_some(ring, UINT64_MAX);
	explain_ring_close(ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz-explain-XXXXXX";

	if (size < 2)
		return 0;
	if (data[0] & 1) {
		int fd = mkstemp(path);
		if (fd < 0)
			return 0;
		close(fd);
		write_over(path, data + 1, size - 1);
		(void)unlink(path);
		return 0;
	}
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1))
		read_ring(fd);
	close(fd);
	return 0;
}
