/*
 * files - the picture's built files from Web=: types, ETag, gzip variants, nothing outside the folder.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct files_hit {
	int fd; /* the caller's */
	size_t size;
	const char *type;
	char etag[64]; /* quoted */
	bool gzip;
};

/** files_open() - @path as requested, "/" = /index.html. Return: 0; -ENOENT, -EINVAL (not a path we serve), -errno. */
int files_open(const char *root, const char *path, bool accept_gzip, struct files_hit *ret_hit);
