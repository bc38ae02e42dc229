#include "cli/chart.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 1200.0 /* of the picture, in its own units */
#define MARGIN 40.0
#define PAUSE_STEPS 4.5 /* a line is not drawn across it */

struct frame {
	double x0_m, y1_m, per_m; /* left, top; units a metre */
	double width, height;
};

static struct frame fit(const struct trackfile *truth, const struct trackfile *tracks, const struct chart_mark *marks, size_t n)
{
	double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;
	const struct trackfile *files[] = { truth, tracks };

	for (int f = 0; f < 2; f++)
		for (size_t i = 0; i < files[f]->n; i++) {
			x0 = fmin(x0, files[f]->rows[i].x_m);
			x1 = fmax(x1, files[f]->rows[i].x_m);
			y0 = fmin(y0, files[f]->rows[i].y_m);
			y1 = fmax(y1, files[f]->rows[i].y_m);
		}
	for (size_t i = 0; i < n; i++) {
		x0 = fmin(x0, marks[i].x_m);
		x1 = fmax(x1, marks[i].x_m);
		y0 = fmin(y0, marks[i].y_m);
		y1 = fmax(y1, marks[i].y_m);
	}
	if (!(x1 > x0) || !(y1 > y0))
		return (struct frame){ 0, 0, 1, WIDTH, WIDTH };
	struct frame v = { .x0_m = x0, .y1_m = y1, .per_m = (WIDTH - 2 * MARGIN) / (x1 - x0), .width = WIDTH };
	v.height = (y1 - y0) * v.per_m + 2 * MARGIN;
	return v;
}

static double across(const struct frame *v, double x_m)
{
	return MARGIN + (x_m - v->x0_m) * v->per_m;
}

static double down(const struct frame *v, double y_m)
{
	return MARGIN + (v->y1_m - y_m) * v->per_m;
}

static int by_id_and_time(const void *a, const void *b)
{
	const struct trackfile_row *p = *(const struct trackfile_row *const *)a, *q = *(const struct trackfile_row *const *)b;

	if (p->id != q->id)
		return p->id < q->id ? -1 : 1;
	return p->time_s < q->time_s ? -1 : p->time_s > q->time_s;
}

/* Hues a golden angle apart are told apart best (Vogel, 1979). */
static void begin_line(FILE *f, bool true_way, uint32_t id)
{
	if (true_way)
		(void)fputs("<path class=\"truth\" d=\"", f);
	else
		(void)fprintf(f, "<path class=\"track\" stroke=\"hsl(%.0f,80%%,%d%%)\" d=\"", fmod(id * 137.508, 360), 35 + (int)(id % 3) * 8);
}

static int draw_lines(FILE *f, const struct frame *v, const struct trackfile *file, bool true_ways, double step_s)
{
	const struct trackfile_row **rows = calloc(file->n + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < file->n; i++)
		rows[i] = &file->rows[i];
	qsort(rows, file->n, sizeof(*rows), by_id_and_time);
	for (size_t i = 0; i < file->n; i++) {
		bool first = i == 0 || rows[i]->id != rows[i - 1]->id, pause = !first && rows[i]->time_s - rows[i - 1]->time_s > PAUSE_STEPS * step_s;
		if (first && i)
			(void)fputs("\"/>\n", f);
		if (first)
			begin_line(f, true_ways, rows[i]->id);
		(void)fprintf(f, "%c%.1f %.1f", first || pause ? 'M' : 'L', across(v, rows[i]->x_m), down(v, rows[i]->y_m));
	}
	if (file->n)
		(void)fputs("\"/>\n", f);
	free(rows);
	return 0;
}

static void draw_marks(FILE *f, const struct frame *v, const struct chart_mark *marks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double x = across(v, marks[i].x_m), y = down(v, marks[i].y_m);
		(void)fprintf(f, "<path class=\"mark\" d=\"M%.1f %.1fh16M%.1f %.1fv16\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x - 8, y, x,
			y - 8, x + 10, y - 6, marks[i].text);
	}
}

/* The largest of 1, 2, 5 x 10^n metres below a fifth of the width. */
static void draw_scale(FILE *f, const struct frame *v)
{
	double most = v->width / 5 / v->per_m, power = pow(10, floor(log10(most))), m = power;

	if (5 * power <= most)
		m = 5 * power;
	else if (2 * power <= most)
		m = 2 * power;
	(void)fprintf(f, "<path class=\"mark\" d=\"M%.1f %.1fh%.1f\"/><text x=\"%.1f\" y=\"%.1f\">%g km</text>\n", MARGIN, v->height - 12,
		m * v->per_m, MARGIN, v->height - 18, m / 1000);
}

int chart_write(const char *path, const struct trackfile *truth, const struct trackfile *tracks, double step_s,
	const struct chart_mark *marks, size_t n_marks)
{
	struct frame v = fit(truth, tracks, marks, n_marks);
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	(void)fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"14\">\n"
			 "<style>path{fill:none}.truth{stroke:#bbb;stroke-width:5;stroke-linecap:round}.track{stroke-width:1.3}"
			 ".mark{stroke:#000;stroke-width:2}</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		v.width, v.height);
	int r = draw_lines(f, &v, truth, true, step_s);
	if (r == 0)
		r = draw_lines(f, &v, tracks, false, step_s);
	draw_marks(f, &v, marks, n_marks);
	draw_scale(f, &v);
	(void)fputs("</svg>\n", f);
	bool failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed)
		return -EIO;
	return r;
}
