#include "cli/trackfile.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 64
#define LINE_MAX_BYTES 4096
#define ROWS_MAX 200000000u

enum { TIME, ID, X, Y, VX, VY, SXX, SXY, SYY, MMSI, ID_KIND, ID_VALUE, _COLUMN_MAX };

struct name {
	uint32_t id;
	char text[];
};

struct reader {
	int at[_COLUMN_MAX]; /* field of each column; -1 = it is not there */
	void *names;	     /* tsearch() */
	struct trackfile file;
	size_t room;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static unsigned split(char *line, char *fields[COLUMNS_MAX])
{
	unsigned n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (line && n < COLUMNS_MAX)
		fields[n++] = strsep(&line, ",");
	return n;
}

/* In `tracks` the identity is (id_kind, id); in `truth` the vessel's number is called id and its identity mmsi. */
static int read_header(struct reader *r, char *line, const char *id_column)
{
	const char *const names[_COLUMN_MAX] = { "time", id_column, "x", "y", "vx", "vy", "sxx", "sxy", "syy", "mmsi", "id_kind",
		strcmp(id_column, "id") ? "id" : "" };
	char *fields[COLUMNS_MAX];
	unsigned n = split(line, fields);

	for (int c = 0; c < _COLUMN_MAX; c++) {
		r->at[c] = -1;
		for (unsigned i = 0; i < n && r->at[c] < 0; i++)
			if (*names[c] && !strcmp(fields[i], names[c]))
				r->at[c] = (int)i;
	}
	return r->at[TIME] < 0 || r->at[ID] < 0 || r->at[X] < 0 || r->at[Y] < 0 ? -EINVAL : 0;
}

static const char *field(const struct reader *r, char *const *fields, unsigned n, int column)
{
	int at = r->at[column];
	return at >= 0 && (unsigned)at < n ? fields[at] : "";
}

static double number(const char *text)
{
	char *end;
	double v = strtod(text, &end);
	return end == text || *end ? NAN : v;
}

static int find_id(struct reader *r, const char *text, uint32_t *ret_id)
{
	size_t size = strlen(text) + 1;
	struct name *name = malloc(sizeof(*name) + size);

	if (!name)
		return -ENOMEM;
	name->id = (uint32_t)r->file.n_ids;
	memcpy(name->text, text, size);
	struct name **found = tsearch(name, &r->names, by_text);
	if (!found) {
		free(name);
		return -ENOMEM;
	}
	*ret_id = (*found)->id;
	if (*found != name)
		free(name);
	else
		r->file.n_ids++;
	return 0;
}

static uint32_t identity(const struct reader *r, char *const *fields, unsigned n)
{
	const char *kind = field(r, fields, n, ID_KIND);
	double v = number(field(r, fields, n, *kind ? ID_VALUE : MMSI));
	return (!*kind || !strcmp(kind, "mmsi")) && v > 0 && v < 1e9 ? (uint32_t)v : 0;
}

static int make_room(struct reader *r)
{
	if (r->file.n < r->room)
		return 0;
	r->room = r->room ? 2 * r->room : 65536;
	struct trackfile_row *rows = r->room > ROWS_MAX ? NULL : reallocarray(r->file.rows, r->room, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	r->file.rows = rows;
	return 0;
}

static int read_row(struct reader *r, char *line)
{
	char *fields[COLUMNS_MAX];
	unsigned n = split(line, fields);
	double v[_COLUMN_MAX];

	for (int c = 0; c < MMSI; c++)
		v[c] = c == ID ? 0 : number(field(r, fields, n, c));
	struct trackfile_row row = { v[TIME], v[X], v[Y], v[VX], v[VY], v[SXX], v[SXY], v[SYY], .mmsi = identity(r, fields, n) };
	if (!isfinite(row.time_s) || !isfinite(row.x_m) || !isfinite(row.y_m) || fabs(row.time_s) > 1e9) {
		r->file.n_bad++;
		return 0;
	}
	int e = make_room(r);
	if (e == 0)
		e = find_id(r, field(r, fields, n, ID), &row.id);
	if (e == 0)
		r->file.rows[r->file.n++] = row;
	return e;
}

int trackfile_load(const char *path, const char *id_column, struct trackfile *ret_t, char *ret_error, size_t error_size)
{
	struct reader r = { 0 };
	char line[LINE_MAX_BYTES];
	FILE *f = fopen(path, "re");

	if (!f) {
		(void)snprintf(ret_error, error_size, "%s: %s", path, strerror(errno));
		return -EINVAL;
	}
	int e = fgets(line, sizeof(line), f) ? read_header(&r, line, id_column) : -EINVAL;
	if (e < 0)
		(void)snprintf(ret_error, error_size, "%s:1: columns time, %s, x and y expected", path, id_column);
	while (e == 0 && fgets(line, sizeof(line), f))
		e = read_row(&r, line);
	if (e == -ENOMEM)
		(void)snprintf(ret_error, error_size, "%s: too large", path);
	(void)fclose(f);
	tdestroy(r.names, free);
	if (e < 0)
		trackfile_done(&r.file);
	else
		*ret_t = r.file;
	return e;
}

void trackfile_done(struct trackfile *t)
{
	free(t->rows);
	*t = (struct trackfile){ 0 };
}
