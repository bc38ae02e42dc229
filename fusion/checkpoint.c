#include "fusion/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x7665642d63703031) /* "ved-cp01" */
#define SIZE_MAX_BYTES (UINT64_C(4) << 30)

struct lead {
	uint64_t magic, size;
	struct checkpoint_mark mark;
};

static int write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static int read_all(int fd, void *data, size_t size)
{
	char *p = data;

	while (size) {
		ssize_t n = read(fd, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int checkpoint_write(
	const char *path, const struct checkpoint_mark *mark, const void *state, size_t size)
{
	struct lead lead = { MAGIC, size, *mark };
	char made[4160];

	snprintf(made, sizeof(made), "%s.new", path);
	int fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	int r = write_all(fd, &lead, sizeof(lead));
	if (r == 0)
		r = write_all(fd, state, size);
	if (r == 0 && fdatasync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(made, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(made);
	return r;
}

int checkpoint_read(
	const char *path, struct checkpoint_mark *ret_mark, void **ret_state, size_t *ret_size)
{
	struct lead lead;
	struct stat st;
	void *state = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	int r = fstat(fd, &st) < 0 ? -errno : read_all(fd, &lead, sizeof(lead));
	if (r == 0 && (lead.magic != MAGIC || lead.size > SIZE_MAX_BYTES ||
			      lead.size + sizeof(lead) != (uint64_t)st.st_size))
		r = -EBADMSG;
	if (r == 0) {
		state = malloc(lead.size ? lead.size : 1);
		r = state ? read_all(fd, state, lead.size) : -ENOMEM;
	}
	close(fd);
	if (r < 0) {
		free(state);
		return r;
	}
	*ret_mark = lead.mark;
	*ret_state = state;
	*ret_size = lead.size;
	return 0;
}
