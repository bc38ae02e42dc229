#include "sensor/decode/ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"

#define RING_MAGIC UINT64_C(0x676e6972646576) /* "vedring" */
#define RING_VERSION 3
#define PAGE 4096

struct tally {
	uint64_t upto;
	uint8_t data[RING_TALLY_SIZE];
};

struct header {
	uint64_t magic;
	uint32_t version, slots, slot_size, site_version;
	uint64_t epoch, head, acked, site_hash;
	uint64_t tally; /* which of the two is the true one */
	struct tally tallies[2];
};

struct ring {
	int fd;
	struct header *h;
	void *desk;
	struct ring_slot *slots;
};

#define MAP_SIZE (PAGE + RING_DESK_SIZE + sizeof(struct ring_slot) * (size_t)RING_SLOTS)

_Static_assert(sizeof(struct header) <= PAGE, "the desk begins at the second page");

static bool is_valid(const struct header *h)
{
	return h->magic == RING_MAGIC && h->version == RING_VERSION && h->slots == RING_SLOTS &&
		h->slot_size == sizeof(struct ring_slot) && h->epoch > 0 && h->acked <= h->head &&
		h->head - h->acked <= RING_SLOTS;
}

/* Owns @fd on success. */
static int map(int fd, struct ring **ret_ring)
{
	struct ring *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;

	void *p = mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED) {
		free(r);
		return -errno;
	}
	r->fd = fd;
	r->h = p;
	r->desk = (char *)p + PAGE;
	r->slots = (struct ring_slot *)((char *)p + PAGE + RING_DESK_SIZE);
	*ret_ring = r;
	return 0;
}

static int take_up(int fd, struct ring **ret_ring)
{
	struct stat st;
	struct ring *r;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size != (off_t)MAP_SIZE)
		return -EBADF;

	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (own < 0)
		return -errno;

	int err = map(own, &r);

	if (err < 0) {
		close(own);
		return err;
	}
	if (!is_valid(r->h)) {
		ring_free(r);
		return -EBADF;
	}
	*ret_ring = r;
	return 0;
}

static int make(int64_t now_ns, struct ring **ret_ring)
{
	int fd = memfd_create("vedette-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	/* Sealed: whoever else holds it cannot shrink it under us, which would be SIGBUS. */
	if (ftruncate(fd, (off_t)MAP_SIZE) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}

	int err = map(fd, ret_ring);

	if (err < 0) {
		close(fd);
		return err;
	}
	*(*ret_ring)->h = (struct header){
		.magic = RING_MAGIC,
		.version = RING_VERSION,
		.slots = RING_SLOTS,
		.slot_size = sizeof(struct ring_slot),
		.epoch = (uint64_t)now_ns,
	};
	return 0;
}

int ring_open(int fd, int64_t now_ns, struct ring **ret_ring, bool *ret_new)
{
	if (take_up(fd, ret_ring) == 0) {
		*ret_new = false;
		return 0;
	}

	int err = make(now_ns, ret_ring);

	if (err == 0)
		*ret_new = true;
	return err;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	munmap(r->h, MAP_SIZE);
	close(r->fd);
	free(r);
}

int ring_fd(const struct ring *r)
{
	return r->fd;
}

uint64_t ring_epoch(const struct ring *r)
{
	return r->h->epoch;
}

uint64_t ring_head(const struct ring *r)
{
	return r->h->head;
}

uint64_t ring_acked(const struct ring *r)
{
	return r->h->acked;
}

uint64_t ring_oldest(const struct ring *r)
{
	/* The slots of the next LOOP batch may be half written by a process that was killed: keep clear of them. */
	const uint64_t margin = RING_SLOTS / 2;
	uint64_t head = r->h->head, first = head > margin ? head - margin + 1 : 1;

	return first <= r->h->acked ? first : r->h->acked + 1;
}

unsigned ring_room(const struct ring *r)
{
	return RING_SLOTS - (unsigned)(r->h->head - r->h->acked);
}

struct ring_slot *ring_ahead(struct ring *r, unsigned i)
{
	return &r->slots[(r->h->head + 1 + i) % RING_SLOTS];
}

void ring_publish(struct ring *r, unsigned n)
{
	/* After the slots' content: a kill in between leaves them ahead, for their writer to publish. */
	__atomic_store_n(&r->h->head, r->h->head + n, __ATOMIC_RELEASE);
}

const struct ring_slot *ring_at(const struct ring *r, uint64_t n)
{
	if (n < ring_oldest(r) || n > r->h->head)
		return NULL;
	return &r->slots[n % RING_SLOTS];
}

void ring_ack(struct ring *r, uint64_t n)
{
	if (n > r->h->acked && n <= r->h->head)
		__atomic_store_n(&r->h->acked, n, __ATOMIC_RELEASE);
}

void *ring_desk(struct ring *r)
{
	return r->desk;
}

void ring_tally(struct ring *r, uint64_t upto, const void *data, size_t size)
{
	uint64_t other = (r->h->tally & 1) ^ 1;
	struct tally *t = &r->h->tallies[other];

	assert(size <= RING_TALLY_SIZE);
	t->upto = upto;
	memcpy(t->data, data, size);
	__atomic_store_n(&r->h->tally, other, __ATOMIC_RELEASE);
}

uint64_t ring_tallied(const struct ring *r, void *ret_data, size_t size)
{
	const struct tally *t = &r->h->tallies[r->h->tally & 1];

	assert(size <= RING_TALLY_SIZE);
	memcpy(ret_data, t->data, size);
	return t->upto;
}

void ring_renew(struct ring *r, uint64_t epoch)
{
	r->h->epoch = epoch;
}

uint32_t ring_site_version(struct ring *r, uint64_t hash, int64_t now_ns)
{
	uint32_t now_s = (uint32_t)(now_ns / CLOCK_NS_PER_S);

	if (r->h->site_version && r->h->site_hash == hash)
		return r->h->site_version;
	/* Seconds since 1970: still greater than any before when the ring itself was lost. */
	r->h->site_version = now_s > r->h->site_version ? now_s : r->h->site_version + 1;
	r->h->site_hash = hash;
	return r->h->site_version;
}
