/*
 * recording - a peer's recorded decode, one JSON object a line, and the capture it is of.
 *
 * Captures are third-party data beside the source tree; without them a test skips (77).
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORDING_SKIP 77

/* Exits with 77 when the data are not here. */
static inline void recording_need(const char *dir)
{
	if (access(dir, R_OK) == 0)
		return;
	printf("1..0 # SKIP no captures at %s\n", dir);
	exit(0); /* TAP: a plan of none is a skip */
}

/* Lines of @dir/@name, unpacked when it ends in .gz. */
static inline FILE *recording_open(const char *dir, const char *name)
{
	char command[1024];
	bool packed = strlen(name) > 3 && !strcmp(name + strlen(name) - 3, ".gz");

	snprintf(command, sizeof(command), "%s '%s/%s'", packed ? "gzip -dc" : "cat", dir, name);

	FILE *f = popen(command, "re");

	if (!f) {
		perror("popen");
		exit(1);
	}
	return f;
}

/* The next JSON object, or NULL at the end. Duplicate keys are merged: last one wins. The caller decrefs. */
static inline json_t *recording_next(FILE *f)
{
	static char *line;
	static size_t cap;

	while (getline(&line, &cap, f) > 0) {
		json_t *o = json_loads(line, 0, NULL);

		if (o)
			return o;
	}
	pclose(f);
	return NULL;
}

/* A whole file with @slack zero bytes behind it; the caller frees. */
static inline char *recording_read(const char *dir, const char *name, size_t slack, size_t *ret_size)
{
	FILE *f = recording_open(dir, name);
	size_t cap = 1 << 16, size = 0;
	char *data = malloc(cap + slack);

	for (size_t n; data && (n = fread(data + size, 1, cap - size, f)) > 0;) {
		size += n;
		if (size == cap) {
			cap *= 2;
			data = realloc(data, cap + slack);
		}
	}
	pclose(f);
	if (!data)
		exit(1);
	memset(data + size, 0, slack);
	*ret_size = size;
	return data;
}
