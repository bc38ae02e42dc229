#include "common/metric.h"

#include "common/clock.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 160

struct described {
	char name[NAME_MAX_BYTES];
	const char *help;
	bool gauge;
};

struct sample {
	char name[NAME_MAX_BYTES];
	char *labels; /* "" or {..}, ours */
	double value;
	size_t order;
};

struct metric {
	struct described *described;
	size_t n_described;
	struct sample *samples;
	size_t n, cap;
	bool lost;
};

int metric_new(struct metric **ret_m)
{
	struct metric *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*ret_m = m;
	return 0;
}

void metric_free(struct metric *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->samples[i].labels);
	free(m->samples);
	free(m->described);
	free(m);
}

void metric_describe(struct metric *m, const char *name, bool gauge, const char *help)
{
	struct described *d = realloc(m->described, (m->n_described + 1) * sizeof(*d));

	if (!d) {
		m->lost = true;
		return;
	}
	m->described = d;
	d = &m->described[m->n_described++];
	*d = (struct described){ .help = help, .gauge = gauge };
	snprintf(d->name, sizeof(d->name), "%s", name);
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), e = strlen(end);

	return n > e && !strcmp(text + n - e, end);
}

const struct metric_family *metric_family(const char *name)
{
	for (const struct metric_family *f = metric_families(); f->name; f++) {
		size_t n = strlen(f->name);
		bool any = f->name[n - 1] == '*' && ends_in(name, "_total");
		if (any ? !strncmp(f->name, name, n - 1) : !strcmp(f->name, name))
			return f;
	}
	return NULL;
}

/* --- names --- */

static const struct {
	const char *counted, *shown;
	double scale;
} units[] = {
	{ "_ms_total", "_seconds_total", 1e-3 },
	{ "_ms", "_seconds", 1e-3 },
	{ "_per_s", "_per_second", 1 },
	{ "_mm", "_metres", 1e-3 },
};

/* The first @n characters of @from in base units. Return: what the value is to be multiplied with; 0 = no name. */
static double shown_name(const char *from, size_t n, char ret_name[static NAME_MAX_BYTES])
{
	char name[NAME_MAX_BYTES / 2 + 1];

	if (!n || n >= sizeof(name) || isdigit((unsigned char)from[0]))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)n, from);
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n)
		return 0;
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
		if (ends_in(name, units[u].counted)) {
			name[n - strlen(units[u].counted)] = 0;
			snprintf(ret_name, NAME_MAX_BYTES, "%s%s", name, units[u].shown);
			return units[u].scale;
		}
	snprintf(ret_name, NAME_MAX_BYTES, "%s", name);
	return 1;
}

/* --- labels --- */

static void put_label(FILE *f, const struct metric_label *l, const char **separator)
{
	if (!l->value[0])
		return;
	fprintf(f, "%s%s=\"", *separator, l->name);
	for (const char *p = l->value; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (*p == '\n')
			fputs("\\n", f);
		else
			fputc((unsigned char)*p < 0x20 || *p == 0x7f ? '_' : *p, f);
	}
	fputc('"', f);
	*separator = ",";
}

/* The one label a name may carry: {word="value"} to the end, nothing in it that would need an escape. */
static bool own_label(const char *text, char *ret_name, char *ret_value)
{
	int end = 0;

	return sscanf(text, "{%31[a-z_]=\"%63[^\"\\\n]\"}%n", ret_name, ret_value, &end) == 2 && end > 0 && !text[end];
}

static char *labels_text(const struct metric_label *labels, const struct metric_label *own)
{
	char *text = NULL;
	const char *separator = "{";
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	for (; labels && labels->name; labels++)
		put_label(f, labels, &separator);
	put_label(f, own, &separator);
	if (*separator == ',')
		fputc('}', f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static struct sample *next_sample(struct metric *m)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 256;
		struct sample *s = realloc(m->samples, cap * sizeof(*s));
		if (!s)
			return NULL;
		m->samples = s;
		m->cap = cap;
	}
	return &m->samples[m->n];
}

void metric_add(struct metric *m, const char *name, const struct metric_label *labels, double value)
{
	char label[32] = "", text[64] = "";
	const char *brace = strchrnul(name, '{');
	struct sample *s = next_sample(m);
	struct sample new = { .order = m->n };

	if (*brace && !own_label(brace, label, text))
		return;
	double scale = shown_name(name, (size_t)(brace - name), new.name);
	if (scale == 0)
		return;
	new.value = value * scale;
	new.labels = s ? labels_text(labels, &(struct metric_label){ label, text }) : NULL;
	if (!new.labels) {
		m->lost = true;
		return;
	}
	*s = new;
	m->n++;
}

/* --- reports --- */

static void put_clock(struct metric *m, const struct wire_health *h)
{
	const struct metric_label host[] = { { "host", h->host }, { NULL } };

	/* One of a host's processes speaks for its clock. */
	if (strcmp(h->process, "uplink") && strcmp(h->process, "fusion"))
		return;
	metric_add(m, "vedette_host_clock_max_error_seconds", host, (double)h->clock_max_error_ns / 1e9);
	metric_add(m, "vedette_host_clock_synchronised", host, h->clock_synchronised);
}

void metric_report(struct metric *m, const struct wire_health *h, enum wire_health_state state, int64_t age_ns,
	uint64_t restarts)
{
	char process[sizeof(h->process)];
	char *at;

	snprintf(process, sizeof(process), "%s", h->process);
	at = strchrnul(process, '@');
	const char *interface = *at ? at + 1 : "";
	*at = 0;

	const struct metric_label labels[] = { { "host", h->host }, { "process", process }, { "interface", interface },
		{ "feed", h->feed }, { NULL } };
	/* Of a filter and a feed: the same process again. */
	if (!interface[0] || !h->feed[0]) {
		metric_add(m, "vedette_process_state", labels, state);
		metric_add(m, "vedette_process_report_age_seconds", labels, age_ns < 0 ? NAN : (double)age_ns / 1e9);
		metric_add(m, "vedette_process_restarts_total", labels, (double)restarts);
	}
	put_clock(m, h);
	for (unsigned i = 0; i < h->n_counters; i++)
		metric_add(m, h->counters[i].name, labels, (double)h->counters[i].value);
}

static const uint64_t *uptime_of(const struct wire_health *h)
{
	for (unsigned i = 0; i < h->n_counters; i++)
		if (!strcmp(h->counters[i].name, "vedette_process_uptime_seconds"))
			return &h->counters[i].value;
	return NULL;
}

bool metric_restarted(const struct wire_health *older, const struct wire_health *newer)
{
	const uint64_t *before = uptime_of(older), *after = uptime_of(newer);

	return before && after && *after < *before;
}

/* --- writing --- */

static int by_name(const void *a, const void *b)
{
	const struct sample *p = a, *q = b;
	int r = strcmp(p->name, q->name);

	if (!r)
		r = strcmp(p->labels, q->labels);
	return r ? r : (p->order > q->order) - (p->order < q->order);
}

static void put_head(const struct metric *m, const char *name, FILE *f)
{
	const struct metric_family *known = metric_family(name);
	const char *help = known ? known->help : "of a version that this one does not know";
	bool gauge = known ? known->gauge : !ends_in(name, "_total");

	for (size_t i = 0; i < m->n_described; i++)
		if (!strcmp(m->described[i].name, name)) {
			help = m->described[i].help;
			gauge = m->described[i].gauge;
		}
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, gauge ? "gauge" : "counter");
}

static void put_value(double v, FILE *f)
{
	if (isnan(v))
		fputs(" NaN\n", f);
	else
		fprintf(f, " %.15g\n", v);
}

int metric_write(struct metric *m, FILE *f)
{
	assert(m && f);

	if (m->n)
		qsort(m->samples, m->n, sizeof(*m->samples), by_name);
	for (size_t i = 0; i < m->n; i++) {
		const struct sample *s = &m->samples[i], *before = i ? s - 1 : NULL;
		bool new_family = !before || strcmp(before->name, s->name);
		if (!new_family && !strcmp(before->labels, s->labels))
			continue;
		if (new_family)
			put_head(m, s->name, f);
		fprintf(f, "%s%s", s->name, s->labels);
		put_value(s->value, f);
	}
	return m->lost ? -ENOMEM : 0;
}
