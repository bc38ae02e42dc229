#include "sensor/uplink/prom.h"

#include "common/metric.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct report {
	struct wire_health h;
	int64_t mono_ns;
	uint64_t restarts;
};

struct prom {
	const char *path, *host;
	size_t n;
	struct report *reports[PROM_REPORTS_MAX];
};

int prom_new(const char *path, const char *host, struct prom **ret_p)
{
	struct prom *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->path = path;
	p->host = host;
	*ret_p = p;
	return 0;
}

void prom_free(struct prom *p)
{
	for (size_t i = 0; p && i < p->n; i++)
		free(p->reports[i]);
	free(p);
}

static struct report *get_report(struct prom *p, const struct wire_health *h)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->reports[i]->h.process, h->process) && !strcmp(p->reports[i]->h.feed, h->feed))
			return p->reports[i];
	if (p->n == PROM_REPORTS_MAX)
		return NULL;
	struct report *r = calloc(1, sizeof(*r));
	if (r)
		p->reports[p->n++] = r;
	return r;
}

void prom_note(struct prom *p, const struct wire_health *h, int64_t mono_ns)
{
	struct report *r = p->path[0] ? get_report(p, h) : NULL;

	if (!r)
		return;
	r->restarts += metric_restarted(&r->h, h);
	r->h = *h;
	r->mono_ns = mono_ns;
}

void prom_heard(struct prom *p, const char *feed, const struct ship_batch *batch, int64_t mono_ns)
{
	struct wire_health h;

	for (size_t i = 0; i < batch->n; i++) {
		const struct ship_record *r = &batch->records[i];
		if (r->kind != WIRE_HEALTH || wire_get_health(r->data, r->size, &h))
			continue;
		snprintf(h.host, sizeof(h.host), "%s", p->host);
		snprintf(h.feed, sizeof(h.feed), "%s", feed);
		prom_note(p, &h, mono_ns);
	}
}

static int put_all(const struct prom *p, int64_t mono_ns, FILE *f)
{
	struct metric *m;
	int r = metric_new(&m);

	if (r)
		return r;
	for (size_t i = 0; i < p->n; i++) {
		const struct report *report = p->reports[i];
		int64_t age_ns = mono_ns - report->mono_ns;
		metric_report(m, &report->h, age_ns > PROM_SILENT_NS ? WIRE_DOWN : report->h.state, age_ns,
			report->restarts);
	}
	r = metric_write(m, f);
	metric_free(m);
	return r;
}

int prom_write(const struct prom *p, int64_t mono_ns)
{
	char temporary[512];

	if (!p->path[0])
		return 0;
	/* Not .prom at its end: the collector must not read half a file. */
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.new", p->path) >= sizeof(temporary))
		return -ENAMETOOLONG;
	FILE *f = fopen(temporary, "we");
	if (!f)
		return -errno;
	int r = fchmod(fileno(f), 0644) < 0 ? -errno : put_all(p, mono_ns, f);
	bool failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed)
		r = -EIO;
	if (!r && rename(temporary, p->path) < 0)
		r = -errno;
	if (r)
		(void)unlink(temporary);
	return r;
}
