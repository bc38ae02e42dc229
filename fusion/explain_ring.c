#include "fusion/explain_ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x7665642d78723031) /* "ved-xr01" */
#define COUNTS 32
#define CARDS_MIN 64
#define CARDS_MAX 65536
#define ENTRIES_A_CARD 128
#define HEAD_SIZE 4096
#define BASE_MS INT64_C(3600000) /* a block's times may be so much older than its first */
#define MS_NS INT64_C(1000000)
#define WEIGHT_ONE 511.0
#define SIGMA_ONE 32.0
#define SIGMA_MOST 254u
#define SIGMA_UNKNOWN 255u

/* bits: what 5, feed 10, weight 9, sigma 8 */
struct entry {
	uint32_t birth, ref, time_ms, bits;
};

struct block {
	int64_t base_ms; /* times count from here */
};

struct feed {
	char name[PLOT_FEED_MAX];
	uint32_t sensor, known;
};

struct commit {
	uint64_t head, jseq;
	int64_t newest_ns;
	uint64_t counts[COUNTS];
};

struct head {
	uint64_t magic;
	uint32_t entry_size, feeds;
	uint64_t capacity, cards;
	char origin[TRACK_ORIGIN_MAX];
	uint32_t epoch;
	uint32_t which; /* the valid commit: 0 or 1 */
	uint64_t ahead; /* entries written or about to be */
	struct commit commits[2];
};

static_assert(sizeof(struct entry) == EXPLAIN_RING_ENTRY, "an entry is 16 bytes");
static_assert(sizeof(struct head) <= HEAD_SIZE, "the head is a page");
static_assert(_EXPLAIN_WHAT_MAX <= COUNTS, "a reason is 5 bits");
static_assert(EXPLAIN_RING_FEEDS <= 1024, "a feed is 10 bits");

/* Where things are in a file of so many entries. */
struct layout {
	uint64_t capacity, cards;
	uint64_t feeds_at, cards_at, blocks_at, entries_at, size;
};

static struct layout lay_out(uint64_t capacity)
{
	struct layout l = { .capacity = capacity, .cards = CARDS_MIN };

	while (l.cards < CARDS_MAX && l.cards < capacity / ENTRIES_A_CARD)
		l.cards *= 2;
	l.feeds_at = HEAD_SIZE;
	l.cards_at = l.feeds_at + EXPLAIN_RING_FEEDS * sizeof(struct feed);
	l.blocks_at = l.cards_at + l.cards * sizeof(struct explain_card);
	l.entries_at = l.blocks_at + capacity / EXPLAIN_RING_BLOCK * sizeof(struct block);
	l.size = l.entries_at + capacity * sizeof(struct entry);
	return l;
}

/* --- notes as entries --- */

static uint32_t pack(const struct explain_note *n, uint32_t feed)
{
	double w = n->weight >= 0 ? (n->weight < 1 ? (double)n->weight : 1) : 0;
	uint32_t weight = (uint32_t)(w * WEIGHT_ONE), sigma = SIGMA_UNKNOWN;

	if (n->d2 >= 0) {
		double s = sqrt((double)n->d2) * SIGMA_ONE + 0.5;
		sigma = s < SIGMA_MOST ? (uint32_t)s : SIGMA_MOST;
	}
	return (uint32_t)n->what | feed << 5 | weight << 15 | sigma << 24;
}

static void unpack(uint32_t bits, struct explain_note *n)
{
	uint32_t sigma = bits >> 24;
	float s = (float)sigma / (float)SIGMA_ONE;

	n->what = bits & 31;
	n->weight = (float)(bits >> 15 & 511) / (float)WEIGHT_ONE;
	n->d2 = sigma == SIGMA_UNKNOWN ? NAN : s * s;
}

static int64_t floor_ms(int64_t ns)
{
	return ns / MS_NS - (ns % MS_NS < 0);
}

void explain_ring_round(struct explain_note *note)
{
	unpack(pack(note, 0), note);
	int64_t ms = floor_ms(note->time_ns), least = INT64_MIN / MS_NS;
	note->time_ns = (ms > least ? ms : least) * MS_NS;
}

void explain_ring_card(const struct track *k, struct explain_card *ret_card)
{
	*ret_card = (struct explain_card){ .birth = k->id.birth,
		.state = (uint8_t)k->state,
		.existence = (float)k->existence,
		.time_ns = k->time_ns };
	if (!k->n_ids)
		return;
	ret_card->id = k->ids[0].value;
	ret_card->id_kind = (uint8_t)k->ids[0].kind;
	ret_card->probability = (float)k->ids[0].probability;
}

/* --- writing --- */

struct explain_ring {
	int fd;
	struct layout layout;
	uint8_t *map;
	struct head *head;
	struct feed *feeds;
	struct explain_card *cards;
	struct block *blocks;
	struct entry *entries;
	struct commit now; /* with what is not committed yet */
	uint64_t done;	   /* committed jseq */
	uint32_t last_feed;
};

static const struct commit *valid_commit(const struct head *h)
{
	return &h->commits[h->which & 1];
}

static void set_places(struct explain_ring *r)
{
	r->head = (struct head *)r->map;
	r->feeds = (struct feed *)(r->map + r->layout.feeds_at);
	r->cards = (struct explain_card *)(r->map + r->layout.cards_at);
	r->blocks = (struct block *)(r->map + r->layout.blocks_at);
	r->entries = (struct entry *)(r->map + r->layout.entries_at);
}

static int map_file(struct explain_ring *r)
{
	void *map = mmap(NULL, r->layout.size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	r->map = map;
	set_places(r);
	return 0;
}

static bool fits(const struct explain_ring *r, const char *origin, uint32_t epoch)
{
	const struct head *h = r->head;

	return h->magic == MAGIC && h->entry_size == sizeof(struct entry) && h->feeds == EXPLAIN_RING_FEEDS &&
	       h->capacity == r->layout.capacity && h->cards == r->layout.cards && h->epoch == epoch &&
	       !strncmp(h->origin, origin, sizeof(h->origin)) && h->which < 2 &&
	       h->ahead - valid_commit(h)->head <= h->capacity;
}

/* A daemon that was killed: what it had not committed comes again. */
static int go_on(struct explain_ring *r, const char *path, const char *origin, uint32_t epoch)
{
	struct stat st;

	r->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (r->fd < 0)
		return -errno;
	if (fstat(r->fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != r->layout.size)
		return -ESTALE;
	int error = map_file(r);
	if (error == 0 && !fits(r, origin, epoch))
		error = -ESTALE;
	if (error < 0)
		return error;
	r->now = *valid_commit(r->head);
	r->done = r->now.jseq;
	/* What was overwritten and not committed is gone; readers know by @ahead. */
	return 0;
}

static void let_go(struct explain_ring *r)
{
	if (r->map)
		(void)munmap(r->map, r->layout.size);
	if (r->fd >= 0)
		(void)close(r->fd);
	r->map = NULL;
	r->fd = -1;
}

static int make(struct explain_ring *r, const char *path, const char *origin, uint32_t epoch)
{
	char made[4160];

	/* Under another name until it is whole; whoever reads the old one may finish. */
	snprintf(made, sizeof(made), "%s.new", path);
	(void)unlink(made);
	r->fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (r->fd < 0)
		return -errno;
	int error = -posix_fallocate(r->fd, 0, (off_t)r->layout.size);
	if (error == 0)
		error = map_file(r);
	if (error < 0) {
		(void)unlink(made);
		return error;
	}
	struct head *h = r->head;
	h->magic = MAGIC;
	h->entry_size = sizeof(struct entry);
	h->feeds = EXPLAIN_RING_FEEDS;
	h->capacity = r->layout.capacity;
	h->cards = r->layout.cards;
	h->epoch = epoch;
	memcpy(h->origin, origin, strnlen(origin, sizeof(h->origin) - 1));
	return rename(made, path) < 0 ? -errno : 0;
}

int explain_ring_open(const char *path, uint64_t bytes, const char *origin, uint32_t epoch, struct explain_ring **ret_r)
{
	uint64_t capacity = bytes / EXPLAIN_RING_ENTRY / EXPLAIN_RING_BLOCK * EXPLAIN_RING_BLOCK;

	while (capacity && lay_out(capacity).size > bytes)
		capacity -= EXPLAIN_RING_BLOCK;
	if (!capacity || bytes > EXPLAIN_RING_MAX)
		return -EINVAL;
	struct explain_ring *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->fd = -1;
	r->layout = lay_out(capacity);
	int error = go_on(r, path, origin, epoch);
	if (error < 0) {
		let_go(r);
		error = make(r, path, origin, epoch);
	}
	if (error < 0) {
		explain_ring_close(r);
		return error;
	}
	*ret_r = r;
	return 0;
}

void explain_ring_close(struct explain_ring *r)
{
	if (!r)
		return;
	let_go(r);
	free(r);
}

/* Number of a feed in the file; the last stands for all that there is no room for. */
static uint32_t feed_number(struct explain_ring *r, const struct explain_note *n)
{
	for (uint32_t k = 0; k < EXPLAIN_RING_FEEDS; k++) {
		uint32_t i = (r->last_feed + k) % EXPLAIN_RING_FEEDS;
		struct feed *f = &r->feeds[i];
		if (f->known && f->sensor == n->sensor && !strncmp(f->name, n->feed, sizeof(f->name)))
			return r->last_feed = i;
	}
	for (uint32_t i = 0; i < EXPLAIN_RING_FEEDS; i++) {
		struct feed *f = &r->feeds[i];
		if (f->known)
			continue;
		memcpy(f->name, n->feed, strnlen(n->feed, sizeof(f->name) - 1));
		f->sensor = n->sensor;
		__atomic_store_n(&f->known, 1, __ATOMIC_RELEASE);
		return r->last_feed = i;
	}
	return EXPLAIN_RING_FEEDS - 1;
}

static uint32_t since_base(int64_t at, int64_t base)
{
	int64_t h = at - base;

	return h < 0 ? 0 : h > UINT32_MAX ? UINT32_MAX : (uint32_t)h;
}

void explain_ring_note(struct explain_ring *r, uint64_t jseq, const struct explain_note *n)
{
	if (jseq <= r->done || n->what >= _EXPLAIN_WHAT_MAX)
		return;
	r->now.counts[n->what]++;
	if (n->time_ns > r->now.newest_ns)
		r->now.newest_ns = n->time_ns;
	if (!n->birth)
		return;

	uint64_t at = r->now.head % r->layout.capacity;
	struct block *b = &r->blocks[at / EXPLAIN_RING_BLOCK];
	/* First what is about to go, then the entry: a reader looks in the other order. */
	if (++r->now.head > r->head->ahead)
		__atomic_store_n(&r->head->ahead, r->now.head, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (at % EXPLAIN_RING_BLOCK == 0)
		b->base_ms = floor_ms(n->time_ns) - BASE_MS;
	r->entries[at] = (struct entry){ n->birth, n->ref, since_base(floor_ms(n->time_ns), b->base_ms),
		pack(n, feed_number(r, n)) };
}

void explain_ring_track(struct explain_ring *r, uint64_t jseq, const struct track *track)
{
	struct explain_card *c = &r->cards[track->id.birth & (r->layout.cards - 1)], next;

	if (jseq <= r->done)
		return;
	explain_ring_card(track, &next);
	next.turn = c->turn | 1;
	__atomic_store_n(&c->turn, next.turn, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*c = next;
	__atomic_store_n(&c->turn, next.turn + 1, __ATOMIC_RELEASE);
}

void explain_ring_commit(struct explain_ring *r, uint64_t jseq)
{
	uint32_t other = !r->head->which;

	if (jseq <= r->done)
		return;
	r->now.jseq = r->done = jseq;
	r->head->commits[other] = r->now;
	__atomic_store_n(&r->head->which, other, __ATOMIC_RELEASE);
}

/* --- reading --- */

struct explain_reader {
	int fd;
	struct layout layout;
	struct head head;
	struct commit commit;
	int64_t oldest_ns;
	struct feed feeds[EXPLAIN_RING_FEEDS];
	struct entry entries[EXPLAIN_RING_BLOCK];
};

static int read_at(int fd, void *data, size_t size, uint64_t at)
{
	char *p = data;

	while (size) {
		ssize_t n = pread(fd, p, size, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		p += n;
		at += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

static int check_head(struct explain_reader *r, uint64_t file_size)
{
	const struct head *h = &r->head;

	if (h->magic != MAGIC || h->entry_size != sizeof(struct entry) || h->feeds != EXPLAIN_RING_FEEDS ||
		!h->capacity || h->capacity % EXPLAIN_RING_BLOCK || h->capacity > EXPLAIN_RING_MAX / EXPLAIN_RING_ENTRY ||
		h->which > 1)
		return -EBADMSG;
	r->layout = lay_out(h->capacity);
	r->commit = *valid_commit(h);
	/* Heads near the top of their range are nobody's, and would make sums overflow. */
	if (h->cards != r->layout.cards || file_size != r->layout.size || r->commit.head > UINT64_MAX / 4 ||
		h->ahead > UINT64_MAX / 4)
		return -EBADMSG;
	r->head.origin[sizeof(r->head.origin) - 1] = 0;
	for (size_t i = 0; i < EXPLAIN_RING_FEEDS; i++)
		r->feeds[i].name[sizeof(r->feeds[i].name) - 1] = 0;
	return 0;
}

/* The first entry that nobody is writing over. */
static uint64_t first_of(uint64_t head, uint64_t ahead, uint64_t capacity)
{
	uint64_t end = ahead > head ? ahead : head;

	return end > capacity ? end - capacity : 0;
}

static void note_oldest(void *user, const struct explain_note *note)
{
	int64_t *oldest = user;

	if (note->time_ns < *oldest)
		*oldest = note->time_ns;
}

static int read_block(struct explain_reader *r, uint64_t from, uint64_t end, explain_fn *fn, void *user)
{
	uint64_t place = from % r->layout.capacity, n = EXPLAIN_RING_BLOCK - place % EXPLAIN_RING_BLOCK, ahead;
	struct block b;

	if (n > end - from)
		n = end - from;
	int error = read_at(r->fd, r->entries, n * sizeof(struct entry), r->layout.entries_at + place * sizeof(struct entry));
	if (error == 0)
		error = read_at(r->fd, &b, sizeof(b), r->layout.blocks_at + place / EXPLAIN_RING_BLOCK * sizeof(b));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (error == 0)
		error = read_at(r->fd, &ahead, sizeof(ahead), offsetof(struct head, ahead));
	if (error < 0)
		return error;
	uint64_t first = first_of(end, ahead, r->layout.capacity);
	/* A block that is being begun anew has another base. */
	if (first > from)
		first = (first + EXPLAIN_RING_BLOCK - 1) / EXPLAIN_RING_BLOCK * EXPLAIN_RING_BLOCK;
	if (b.base_ms < INT64_MIN / MS_NS / 2 || b.base_ms > INT64_MAX / MS_NS / 2)
		return 0;
	for (uint64_t i = first > from ? first - from : 0; i < n; i++) {
		const struct entry *e = &r->entries[i];
		const struct feed *f = &r->feeds[e->bits >> 5 & 1023];
		struct explain_note note = { .time_ns = (b.base_ms + e->time_ms) * MS_NS,
			.birth = e->birth,
			.ref = e->ref,
			.sensor = f->sensor < _PLOT_SENSOR_MAX ? (uint8_t)f->sensor : 0,
			.feed = f->name };
		unpack(e->bits, &note);
		if (note.what < _EXPLAIN_WHAT_MAX && note.birth)
			fn(user, &note);
	}
	return 0;
}

int explain_ring_each(struct explain_reader *r, explain_fn *fn, void *user)
{
	uint64_t end = r->commit.head, at = first_of(end, r->head.ahead, r->layout.capacity);
	int error = 0;

	/* A block's base is that of its first entry. */
	at = (at + EXPLAIN_RING_BLOCK - 1) / EXPLAIN_RING_BLOCK * EXPLAIN_RING_BLOCK;
	while (error == 0 && at < end) {
		error = read_block(r, at, end, fn, user);
		at = (at / EXPLAIN_RING_BLOCK + 1) * EXPLAIN_RING_BLOCK;
	}
	return error;
}

/* Notes are a window of the tracker out of order at most: the first block's earliest is the oldest of all. */
static int find_oldest(struct explain_reader *r)
{
	uint64_t end = r->commit.head, at = first_of(end, r->head.ahead, r->layout.capacity);

	r->oldest_ns = INT64_MAX;
	at = (at + EXPLAIN_RING_BLOCK - 1) / EXPLAIN_RING_BLOCK * EXPLAIN_RING_BLOCK;
	return at < end ? read_block(r, at, end, note_oldest, &r->oldest_ns) : 0;
}

int explain_ring_read(int fd, struct explain_reader **ret_r)
{
	struct explain_reader *r = calloc(1, sizeof(*r));
	struct stat st;

	if (!r)
		return -ENOMEM;
	r->fd = fd;
	int error = fstat(fd, &st) < 0 ? -errno : read_at(fd, &r->head, sizeof(r->head), 0);
	if (error == 0)
		error = read_at(fd, r->feeds, sizeof(r->feeds), HEAD_SIZE);
	if (error == 0)
		error = check_head(r, (uint64_t)st.st_size);
	if (error == 0)
		error = find_oldest(r);
	if (error < 0) {
		free(r);
		return error;
	}
	*ret_r = r;
	return 0;
}

void explain_ring_done(struct explain_reader *r)
{
	free(r);
}

void explain_ring_about(const struct explain_reader *r, struct explain_ring_info *ret_info)
{
	*ret_info = (struct explain_ring_info){ .epoch = r->head.epoch,
		.capacity = r->layout.capacity,
		.head = r->commit.head,
		.jseq = r->commit.jseq,
		.newest_ns = r->commit.newest_ns,
		.oldest_ns = r->oldest_ns };
	memcpy(ret_info->origin, r->head.origin, sizeof(ret_info->origin));
	memcpy(ret_info->counts, r->commit.counts, sizeof(ret_info->counts));
}

int explain_ring_cards(struct explain_reader *r, void (*fn)(void *user, const struct explain_card *card), void *user)
{
	for (uint64_t i = 0; i < r->layout.cards; i++) {
		struct explain_card c, again;
		uint64_t at = r->layout.cards_at + i * sizeof(c);
		int error = read_at(r->fd, &c, sizeof(c), at);
		if (error == 0)
			error = read_at(r->fd, &again, sizeof(again), at);
		if (error < 0)
			return error;
		if (c.birth && !(c.turn & 1) && !memcmp(&c, &again, sizeof(c)) && c.id_kind < _PLOT_ID_KIND_MAX &&
			c.state < _TRACK_STATE_MAX)
			fn(user, &c);
	}
	return 0;
}
