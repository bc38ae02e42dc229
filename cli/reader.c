#include "cli/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/decode/bits.h"

#define FILE_MAX (UINT64_C(8) << 30)
#define FIRST (1u << 16) /* bytes: the largest first frame of a recording */
#define PAUSE_MS 100	 /* a writer that has more would have sent it */

static int reserve(struct reader *r, size_t cap)
{
	uint8_t *data = realloc(r->data, cap + BITS_SLACK);

	if (!data)
		return -ENOMEM;
	memset(data + cap, 0, BITS_SLACK);
	r->data = data;
	r->cap = cap;
	return 0;
}

int reader_open(struct reader *r, const char *path)
{
	struct stat st;
	size_t cap = READER_WINDOW;

	*r = (struct reader){ .fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO };
	if (r->fd < 0)
		return -errno;
	r->whole = fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (r->whole && st.st_size > 0)
		cap = (size_t)st.st_size + 1; /* the end is seen without growing */
	return reserve(r, cap);
}

void reader_close(struct reader *r)
{
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	free(r->data);
	*r = (struct reader){ .fd = -1 };
}

int reader_fill(struct reader *r)
{
	ssize_t n;

	do
		n = read(r->fd, r->data + r->size, r->cap - r->size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->end = n == 0;
	r->size += (size_t)n;
	return 0;
}

static bool waits(const struct reader *r, int ms)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };

	return poll(&p, 1, ms) == 0;
}

int reader_first(struct reader *r)
{
	int err;

	do
		err = reader_fill(r);
	while (err == 0 && !r->end && r->size < FIRST && !waits(r, PAUSE_MS));
	return err;
}

int reader_all(struct reader *r)
{
	int err = 0;

	while (err == 0 && !r->end) {
		if (r->size > FILE_MAX)
			return -EFBIG;
		if (r->size == r->cap)
			err = reserve(r, 2 * r->cap);
		if (err == 0)
			err = reader_fill(r);
	}
	return err;
}

bool reader_paused(const struct reader *r)
{
	return !r->end && waits(r, 0);
}

void reader_drop(struct reader *r, size_t n)
{
	r->size -= n;
	memmove(r->data, r->data + n, r->size);
}
