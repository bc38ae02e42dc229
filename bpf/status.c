#include "bpf/status.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/counter.h"
#include "common/netaddr.h"

static void put_text(FILE *f, const char *text)
{
	(void)fputc('"', f);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			(void)fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p > 0x7e)
			(void)fprintf(f, "\\u%04x", *p);
		else
			(void)fputc(*p, f);
	}
	(void)fputc('"', f);
}

/* Verdicts that a feed's slot can have, and those of slot 0: the readers of this file forward every number in it. */
static const bool feed_verdicts[_INGEST_VERDICT_MAX] = {
	[INGEST_PASS_FEED] = true,
	[INGEST_PASS_FRAGMENT] = true,
	[INGEST_DROP_SOURCE] = true,
	[INGEST_DROP_RATE] = true,
	[INGEST_DROP_SANITY] = true,
	[INGEST_DROP_FRAGMENT] = true,
	[INGEST_MALFORMED] = true,
};
static const bool other_verdicts[_INGEST_VERDICT_MAX] = {
	[INGEST_PASS_OTHER] = true,
	[INGEST_DROP_STRICT] = true,
	[INGEST_MALFORMED] = true,
};

static void put_counts(FILE *f, const struct attach *a, unsigned slot)
{
	const bool *shown = slot ? feed_verdicts : other_verdicts;
	const char *separator = "";
	struct ingest_counts c = { 0 };

	if (a->skel)
		(void)attach_counts(a, slot, &c);
	for (int v = 0; v < _INGEST_VERDICT_MAX; v++) {
		if (!shown[v])
			continue;
		(void)fprintf(f, "%s\"%s\":{\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 "}", separator, attach_verdict_names[v],
			(uint64_t)c.verdict[v].packets, (uint64_t)c.verdict[v].bytes);
		separator = ",";
	}
}

/* Each listed source and how long ago a packet of it passed; null = not since the counters began. */
static void put_sources(FILE *f, const struct status *s, unsigned slot)
{
	struct attach_seen seen;

	(void)fputs(",\n \"sources\":[", f);
	for (unsigned i = 0; s->attach->skel && attach_seen(s->attach, slot, i, &seen) == 0; i++) {
		struct netaddr_network net = { .family = seen.family == INGEST_IPV6 ? AF_INET6 : AF_INET };
		char text[NETADDR_TEXT_MAX];

		memcpy(&net.addr, &seen.source.addr, sizeof(net.addr));
		memcpy(&net.mask, &seen.source.mask, sizeof(net.mask));
		(void)fprintf(f, "%s{\"source\":\"%s/%u\",\"age_s\":", i ? "," : "", netaddr_text(net.family, &net.addr, text),
			netaddr_prefix(&net));
		if (seen.seen_ns == 0)
			(void)fputs("null}", f);
		else
			(void)fprintf(f, "%" PRIi64 "}",
				s->mono_ns > (int64_t)seen.seen_ns ? (s->mono_ns - (int64_t)seen.seen_ns) / CLOCK_NS_PER_S : 0);
	}
	(void)fputc(']', f);
}

/* The last sampled one of each verdict. */
static void put_dropped(FILE *f, const struct status *s, unsigned slot)
{
	const char *separator = "";

	(void)fputs(",\"dropped\":[", f);
	for (int v = 0; v < _INGEST_VERDICT_MAX; v++) {
		const struct drops_entry *e = &s->drops->of[slot][v];
		char ends[256];

		if (!e->known)
			continue;
		drops_ends(&e->last, ends, sizeof(ends));
		(void)fprintf(f, "%s{\"verdict\":\"%s\",\"last\":\"%s\"}", separator, attach_verdict_names[v], ends);
		separator = ",";
	}
	(void)fputc(']', f);
}

static void put_feeds(FILE *f, const struct status *s)
{
	const struct attach *a = s->attach;
	const char *separator = "";

	(void)fputs("\"feeds\":[", f);
	for (unsigned slot = 1; slot < INGEST_SLOTS; slot++) {
		if (a->slots.name[slot].text[0] == '\0')
			continue;
		(void)fprintf(f, "%s\n{\"feed\":", separator);
		put_text(f, a->slots.name[slot].text);
		(void)fputc(',', f);
		put_counts(f, a, slot);
		put_sources(f, s, slot);
		put_dropped(f, s, slot);
		(void)fputc('}', f);
		separator = ",";
	}
	(void)fputs("]\n", f);
}

/*
 * What the link lost before the program saw it (a full ring), from /proc/net/dev: rx bytes, packets, errs, drop, fifo.
 * Drops of ours are not in there: native XDP counts none, and generic XDP drops count nowhere.
 */
static void put_link(FILE *f, const char *interface)
{
	FILE *dev = fopen("/proc/self/net/dev", "re");
	char line[512];
	uint64_t packets, drop, fifo;
	bool found = false;

	while (dev && !found && fgets(line, sizeof(line), dev)) {
		char *colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		found = strcmp(line + strspn(line, " "), interface) == 0 &&
			sscanf(colon + 1, "%*u %" SCNu64 " %*u %" SCNu64 " %" SCNu64, &packets, &drop, &fifo) == 3;
	}
	if (dev)
		(void)fclose(dev);
	if (found)
		(void)fprintf(f,
			"\"link\":{\"packets\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"ring_overruns\":%" PRIu64 "},\n", packets,
			drop, fifo);
	else
		(void)fputs("\"link\":null,\n", f);
}

/* Of what every process counts, by the names of this file. */
static void put_own(void *user, const struct counter *c)
{
	static const char *const keys[][2] = { { "vedette_process_uptime_seconds", "uptime_s" },
		{ "vedette_process_cpu_ms_total", "cpu_ms" }, { "vedette_process_resident_memory_bytes", "resident_bytes" } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(c->name, keys[i][0]) == 0)
			(void)fprintf(user, ",\"%s\":%" PRIu64, keys[i][1], c->value);
}

static void put_status(FILE *f, const struct status *s)
{
	const struct attach *a = s->attach;

	(void)fputs("{\"interface\":", f);
	put_text(f, a->interface);
	(void)fprintf(f, ",\"time_ns\":%" PRId64 ",\"mode\":\"%s\",\"reason\":", s->now_ns, attach_mode_names[a->mode]);
	put_text(f, a->reason);
	(void)fprintf(f, ",\n\"generation\":%" PRIu64 ",\"policy_feeds\":%u,\"policy_error\":", s->generation, s->n_feeds);
	put_text(f, s->policy_error);
	(void)fprintf(f, ",\"strict\":%s,\n", s->strict ? "true" : "false");
	put_link(f, a->interface);
	(void)fputs("\"process\":{\"version\":\"" VEDETTE_VERSION "\"", f);
	counter_each(put_own, f);
	(void)fputs("},\n", f);
	(void)fputs("\"other\":{", f);
	put_counts(f, a, 0);
	put_dropped(f, s, 0);
	(void)fputs("},\n", f);
	put_feeds(f, s);
	(void)fputs("}\n", f);
}

int status_write(const char *dir, const struct status *s)
{
	assert(dir);
	assert(s && s->attach);

	char path[PATH_MAX], temporary[PATH_MAX];
	if ((size_t)snprintf(path, sizeof(path), "%s/%s.json", dir, s->attach->interface) >= sizeof(path) ||
		(size_t)snprintf(temporary, sizeof(temporary), "%s/.%s.json", dir, s->attach->interface) >=
			sizeof(temporary))
		return -ENAMETOOLONG;
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return -errno;

	FILE *f = fopen(temporary, "we");
	if (!f)
		return -errno;
	(void)fchmod(fileno(f), 0644);
	put_status(f, s);
	bool failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed) {
		(void)unlink(temporary);
		return -EIO;
	}
	return rename(temporary, path) < 0 ? -errno : 0;
}
