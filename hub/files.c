#include "hub/files.h"

#include "hub/query.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *suffix, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".geojson", "application/geo+json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
	{ ".wasm", "application/wasm" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".map", "application/json" },
	{ ".bin", "application/octet-stream" },
};

static const char *type_of(const char *path)
{
	size_t n = strlen(path);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t k = strlen(types[i].suffix);
		if (n > k && !strcmp(path + n - k, types[i].suffix))
			return types[i].type;
	}
	return NULL;
}

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* The kernel keeps us below the folder, whatever links lie in it. */
static int open_beneath(const char *root, const char *relative)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	__attribute__((cleanup(closep))) int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	int fd = (int)syscall(SYS_openat2, dir, relative, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int hit(int fd, const char *type, bool gzip, struct files_hit *ret_hit)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOENT;
	}
	*ret_hit = (struct files_hit){ .fd = fd, .size = (size_t)st.st_size, .type = type, .gzip = gzip };
	snprintf(ret_hit->etag, sizeof(ret_hit->etag), "\"%" PRIx64 "-%" PRIx64 "%s\"", (uint64_t)st.st_size,
		(uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec, gzip ? "-gz" : "");
	return 0;
}

int files_open(const char *root, const char *path, bool accept_gzip, struct files_hit *ret_hit)
{
	char zipped[300];
	if (!strcmp(path, "/"))
		path = "/index.html";
	const char *type = type_of(path);
	if (!query_path_ok(path) || !type)
		return -EINVAL;
	if (accept_gzip) {
		snprintf(zipped, sizeof(zipped), "%s.gz", path + 1);
		int fd = open_beneath(root, zipped);
		if (fd >= 0 && hit(fd, type, true, ret_hit) == 0)
			return 0;
	}
	int fd = open_beneath(root, path + 1);
	return fd < 0 ? fd : hit(fd, type, false, ret_hit);
}
