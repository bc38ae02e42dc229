#include "cli/chart.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 1200.0 /* of the picture, in its own units */
#define MARGIN 46.0
#define HEAD 92.0	/* title, figures and legend */
#define PAUSE_STEPS 4.5 /* a line is not drawn across it */
#define LINES_MAX 50	/* of the grid, each way */
#define LEAST 1.2	/* a point nearer to the one before is left out */

struct frame {
	double x0_m, y1_m, per_m; /* left, top; units a metre */
	double width, height;
};

static void widen(double box[static 4], double x_m, double y_m)
{
	box[0] = fmin(box[0], x_m);
	box[1] = fmax(box[1], x_m);
	box[2] = fmin(box[2], y_m);
	box[3] = fmax(box[3], y_m);
}

static struct frame fit(const struct chart *c)
{
	double box[4] = { INFINITY, -INFINITY, INFINITY, -INFINITY };
	const struct trackfile *files[] = { c->truth, c->tracks };

	for (int f = 0; f < 2; f++)
		for (size_t i = 0; i < files[f]->n; i++)
			widen(box, files[f]->rows[i].x_m, files[f]->rows[i].y_m);
	for (size_t i = 0; i < c->n_marks; i++)
		widen(box, c->marks[i].x_m, c->marks[i].y_m);
	if (!(box[1] > box[0]) || !(box[3] > box[2]))
		return (struct frame){ 0, 0, 1, WIDTH, WIDTH };
	struct frame v = { .x0_m = box[0], .y1_m = box[3], .per_m = (WIDTH - 2 * MARGIN) / (box[1] - box[0]), .width = WIDTH };
	v.height = (box[3] - box[2]) * v.per_m + 2 * MARGIN + HEAD;
	return v;
}

static double across(const struct frame *v, double x_m)
{
	return MARGIN + (x_m - v->x0_m) * v->per_m;
}

static double down(const struct frame *v, double y_m)
{
	return HEAD + MARGIN + (v->y1_m - y_m) * v->per_m;
}

static void write_text(FILE *f, const char *text)
{
	for (; *text; text++)
		if (*text == '<' || *text == '&')
			(void)fputs(*text == '<' ? "&lt;" : "&amp;", f);
		else if ((unsigned char)*text >= ' ')
			(void)fputc(*text, f);
}

/* --- the grid --- */

/* The largest of 1, 2, 5 x 10^n metres of which at least four are across. */
static double grid_step_m(const struct frame *v)
{
	double most = v->width / 4 / v->per_m, power = pow(10, floor(log10(most)));

	return 5 * power <= most ? 5 * power : 2 * power <= most ? 2 * power : power;
}

static void draw_grid(FILE *f, const struct frame *v)
{
	double step = grid_step_m(v), right = v->width - MARGIN / 2, bottom = v->height - MARGIN / 2, left = MARGIN / 2, top = HEAD + MARGIN / 2;
	double x1_m = v->x0_m + (right - MARGIN) / v->per_m, y0_m = v->y1_m - (bottom - HEAD - MARGIN) / v->per_m;
	double y1_m = v->y1_m + MARGIN / 2 / v->per_m;

	(void)fprintf(f, "<rect class=\"sea\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", left, top, right - left, bottom - top);
	double x = ceil((v->x0_m - MARGIN / 2 / v->per_m) / step) * step, y = ceil(y0_m / step) * step;
	for (int i = 0; i < LINES_MAX && x + i * step <= x1_m; i++)
		(void)fprintf(f, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/><text class=\"axis\" x=\"%.1f\" y=\"%.1f\">%g%s</text>\n",
			across(v, x + i * step), top, bottom, across(v, x + i * step) + 3, bottom - 4, (x + i * step) / 1000,
			x + i * step == 0 ? " km east" : "");
	for (int i = 0; i < LINES_MAX && y + i * step <= y1_m; i++)
		(void)fprintf(f, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text class=\"axis\" x=\"%.1f\" y=\"%.1f\">%g%s</text>\n", left,
			down(v, y + i * step), right, left + 3, down(v, y + i * step) - 3, (y + i * step) / 1000,
			y + i * step == 0 ? " km north" : "");
}

/* --- lines --- */

static int by_id_and_time(const void *a, const void *b)
{
	const struct trackfile_row *p = *(const struct trackfile_row *const *)a, *q = *(const struct trackfile_row *const *)b;

	if (p->id != q->id)
		return p->id < q->id ? -1 : 1;
	return p->time_s < q->time_s ? -1 : p->time_s > q->time_s;
}

/* Hues a golden angle apart are told apart best (Vogel, 1979). */
static double hue(uint32_t id)
{
	return fmod(id * 137.508, 360);
}

/* One vessel's or track's rows, in order of time. Return: how many. */
static size_t draw_line(FILE *f, const struct frame *v, const struct trackfile_row *const *rows, size_t n, double step_s)
{
	double x = 0, y = 0;
	size_t i;

	for (i = 0; i < n && rows[i]->id == rows[0]->id; i++) {
		double nx = across(v, rows[i]->x_m), ny = down(v, rows[i]->y_m);
		bool last = i + 1 == n || rows[i + 1]->id != rows[0]->id;
		bool pause = i == 0 || rows[i]->time_s - rows[i - 1]->time_s > PAUSE_STEPS * step_s;
		if (!pause && !last && hypot(nx - x, ny - y) < LEAST)
			continue;
		(void)fprintf(f, "%c%.1f %.1f", pause ? 'M' : 'L', nx, ny);
		x = nx;
		y = ny;
	}
	return i;
}

static int draw_lines(FILE *f, const struct frame *v, const struct trackfile *file, bool true_ways, double step_s)
{
	const struct trackfile_row **rows = calloc(file->n + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < file->n; i++)
		rows[i] = &file->rows[i];
	qsort(rows, file->n, sizeof(*rows), by_id_and_time);
	for (size_t i = 0; i < file->n;) {
		if (true_ways)
			(void)fputs("<path class=\"truth\" d=\"", f);
		else
			(void)fprintf(f, "<path class=\"track\" stroke=\"hsl(%.0f,75%%,%d%%)\" d=\"", hue(rows[i]->id), 32 + (int)(rows[i]->id % 3) * 7);
		i += draw_line(f, v, rows + i, file->n - i, step_s);
		(void)fputs("\"/>\n", f);
		if (!true_ways)
			(void)fprintf(f, "<circle r=\"2.6\" fill=\"hsl(%.0f,75%%,35%%)\" cx=\"%.1f\" cy=\"%.1f\"/>\n", hue(rows[i - 1]->id),
				across(v, rows[i - 1]->x_m), down(v, rows[i - 1]->y_m));
	}
	free(rows);
	return 0;
}

/* --- marks and words --- */

static const char shapes[] = "<defs><path id=\"radar\" d=\"M0-7l-8 14h16z\"/><circle id=\"missed\" r=\"3\"/>"
			     "<path id=\"false\" d=\"M-3-3l6 6m0-6l-6 6\"/><circle id=\"switch\" r=\"9\"/></defs>\n";

static void draw_mark(FILE *f, enum chart_kind kind, double x, double y)
{
	static const char *const names[_CHART_KIND_MAX] = {
		[CHART_RADAR] = "radar", [CHART_MISSED] = "missed", [CHART_FALSE] = "false", [CHART_SWITCH] = "switch"
	};

	(void)fprintf(f, "<use href=\"#%s\" class=\"%s\" x=\"%.1f\" y=\"%.1f\"/>\n", names[kind], names[kind], x, y);
}

/* In order of kinds, so that the rare ones lie on top. */
static void draw_marks(FILE *f, const struct frame *v, const struct chart *c)
{
	static const enum chart_kind order[] = { CHART_MISSED, CHART_FALSE, CHART_SWITCH, CHART_RADAR };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < c->n_marks; i++) {
			const struct chart_mark *m = &c->marks[i];
			if (m->kind != order[k])
				continue;
			draw_mark(f, m->kind, across(v, m->x_m), down(v, m->y_m));
			if (!m->text)
				continue;
			(void)fprintf(f, "<text x=\"%.1f\" y=\"%.1f\">", across(v, m->x_m) + 12, down(v, m->y_m) + 5);
			write_text(f, m->text);
			(void)fputs("</text>\n", f);
		}
}

static void draw_head(FILE *f, const struct chart *c)
{
	static const struct {
		double x;
		const char *line; /* its class, or NULL: a mark */
		enum chart_kind kind;
		const char *text;
	} legend[] = {
		{ 24, "truth", 0, "way of a vessel" },
		{ 190, "track", 0, "track, its end" },
		{ 346, NULL, CHART_MISSED, "vessel without a track" },
		{ 550, NULL, CHART_FALSE, "track without a vessel" },
		{ 754, NULL, CHART_SWITCH, "another track than before" },
		{ 986, NULL, CHART_RADAR, "radar" },
	};

	(void)fputs("<text class=\"title\" x=\"24\" y=\"32\">", f);
	write_text(f, c->title);
	(void)fputs("</text><text class=\"figures\" x=\"24\" y=\"56\">", f);
	write_text(f, c->figures);
	(void)fputs("</text>\n", f);
	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++) {
		double x = legend[i].x, y = 82;
		if (legend[i].line)
			(void)fprintf(f, "<path class=\"%s\" stroke=\"#0a6\" d=\"M%.0f %.0fh26\"/>\n", legend[i].line, x, y);
		else
			draw_mark(f, legend[i].kind, x + 13, y);
		(void)fprintf(f, "<text class=\"figures\" x=\"%.0f\" y=\"%.0f\">%s</text>\n", x + 34, y + 4, legend[i].text);
	}
}

static const char style[] = "<style>path{fill:none}text{fill:#223}.title{font-size:20px;font-weight:600}.figures{font-size:13px;fill:#445}"
			    ".axis{font-size:11px;fill:#8a9aa8}.sea{fill:#f3f7fa;stroke:#c8d4dd}.grid{stroke:#dfe8ee}"
			    ".truth{stroke:#c3cad1;stroke-width:6;stroke-linecap:round;stroke-linejoin:round}"
			    ".track{stroke-width:1.5;stroke-linejoin:round}.missed{fill:#e0263c;fill-opacity:.55}"
			    ".false{stroke:#e07b00;stroke-width:1.6}.switch{fill:none;stroke:#c2185b;stroke-width:2.2}"
			    ".radar{stroke:#223;stroke-width:2;fill:#fff}</style>\n";

int chart_write(const char *path, const struct chart *c)
{
	struct frame v = fit(c);
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	(void)fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"14\">\n"
			 "%s%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		v.width, v.height, style, shapes);
	draw_head(f, c);
	draw_grid(f, &v);
	int r = draw_lines(f, &v, c->truth, true, c->step_s);
	if (r == 0)
		r = draw_lines(f, &v, c->tracks, false, c->step_s);
	draw_marks(f, &v, c);
	(void)fputs("</svg>\n", f);
	bool failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed)
		return -EIO;
	return r;
}
