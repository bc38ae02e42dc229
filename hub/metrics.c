#include "hub/metrics.h"

#include "common/clock.h"
#include "common/counter.h"
#include "hub/http.h"
#include "hub/peer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void own_counter(void *user, const struct counter *c)
{
	fprintf(user, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", c->name, c->help, c->name,
		c->gauge ? "gauge" : "counter", c->name, c->value);
}

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(FILE *f, const char *name, const char *help, double value)
{
	head(f, name, "gauge", help);
	fprintf(f, "%s %.10g\n", name, value);
}

/* Label values and names come from hosts: quotes, backslashes and control characters must not break a line. */
static void label(FILE *f, const char *text)
{
	for (; *text; text++)
		fputc(*text == '"' || *text == '\\' || (unsigned char)*text < 0x20 ? '_' : *text, f);
}

static bool name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");
	return n > 0 && !name[n] && !(name[0] >= '0' && name[0] <= '9');
}

static void labels(FILE *f, const struct wire_health *r)
{
	fputs("{host=\"", f);
	label(f, r->host);
	fputs("\",process=\"", f);
	label(f, r->process);
	fputs("\",feed=\"", f);
	label(f, r->feed);
	fputs("\"}", f);
}

static void feed_state(void *user, const struct wire_health *r, enum wire_health_state state, int64_t age_ns)
{
	(void)age_ns;
	fputs("vedette_feed_state", user);
	labels(user, r);
	fprintf(user, " %d\n", (int)state);
}

static void feed_age(void *user, const struct wire_health *r, enum wire_health_state state, int64_t age_ns)
{
	(void)state;
	fputs("vedette_feed_report_age_seconds", user);
	labels(user, r);
	if (age_ns < 0)
		fputs(" NaN\n", user);
	else
		fprintf(user, " %.3f\n", (double)age_ns / 1e9);
}

static void clock_error(void *user, const struct wire_health *r, enum wire_health_state state, int64_t age_ns)
{
	(void)state;
	(void)age_ns;
	fputs("vedette_host_clock_max_error_seconds", user);
	labels(user, r);
	fprintf(user, " %.9f\n", (double)r->clock_max_error_ns / 1e9);
}

/* Untyped on purpose: what a host counts is its own contract. */
static void feed_counters(void *user, const struct wire_health *r, enum wire_health_state state, int64_t age_ns)
{
	(void)state;
	(void)age_ns;
	for (unsigned i = 0; i < r->n_counters; i++) {
		if (!name_ok(r->counters[i].name))
			continue;
		fputs(r->counters[i].name, user);
		labels(user, r);
		fprintf(user, " %" PRIu64 "\n", r->counters[i].value);
	}
}

static void write_latency(FILE *f, const struct latency *l)
{
	static const char name[] = "vedette_hub_latency_seconds";
	double q[] = { 0.5, 0.99 }, v[2];
	uint64_t sum = 0;
	head(f, name, "histogram", "Arrival of the datagram to the update of a confirmed track here");
	for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
		sum += l->buckets[i];
		fprintf(f, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, latency_bounds_s[i], sum);
	}
	fprintf(f, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, l->count, name, l->sum_s,
		name, l->count);
	latency_percentiles(l, q, 2, v);
	gauge(f, "vedette_hub_latency_p50_seconds", "Median over the last 8192 updates", v[0]);
	gauge(f, "vedette_hub_latency_p99_seconds", "99th percentile over the last 8192 updates", v[1]);
}

static void write_picture(FILE *f, struct hub *hub)
{
	int64_t now_ns = clock_now_ns(), mono_ns = clock_mono_ns(), picture_ns = hub_picture_ns(hub);
	char reason[HUB_REASON_MAX];
	size_t foreign = 0;
	const struct picture_entry *e;
	for (uint32_t i = 0; (e = picture_slot(hub->picture, i)); i++)
		foreign += e->used && e->foreign;
	gauge(f, "vedette_hub_picture_tracks", "Tracks in the picture", (double)picture_count(hub->picture));
	gauge(f, "vedette_hub_picture_foreign_tracks", "Of them, neighbours' tracks", (double)foreign);
	gauge(f, "vedette_hub_picture_stale", "1 while any part of the picture is older than it looks",
		hub_stale(hub, mono_ns, reason));
	gauge(f, "vedette_hub_picture_age_seconds", "Since the picture was last known to be right",
		picture_ns ? (double)(now_ns - picture_ns) / 1e9 : NAN);
	gauge(f, "vedette_hub_alarms_open", "Alarms not closed", (double)alarm_open(hub->alarms));
	gauge(f, "vedette_hub_ledger_entries", "Entries in the ledger", (double)ledger_entries(hub->ledger));
	gauge(f, "vedette_hub_streams", "Live pictures open", (double)http_streams(hub->http));
	gauge(f, "vedette_hub_late_plots_kept", "Late plots kept in history", (double)hub->late_kept);
}

static void write_peers(FILE *f, const struct hub *hub)
{
	head(f, "vedette_hub_peer_released_tracks", "gauge", "Tracks a neighbour has from us now");
	for (size_t i = 0; hub->peers && i < peer_count(hub->peers); i++)
		if (peer_release(hub->peers, i))
			fprintf(f, "vedette_hub_peer_released_tracks{peer=\"%s\"} %zu\n", peer_config(hub->peers, i)->origin,
				release_count(peer_release(hub->peers, i)));
	head(f, "vedette_hub_peer_served", "gauge", "1 while a neighbour pulls from us and acknowledges");
	for (size_t i = 0; hub->peers && i < peer_count(hub->peers); i++)
		fprintf(f, "vedette_hub_peer_served{peer=\"%s\"} %d\n", peer_config(hub->peers, i)->origin,
			peer_served(hub->peers, i));
}

char *metrics_text(struct hub *hub, size_t *ret_size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_size);
	if (!f)
		return NULL;
	int64_t mono_ns = clock_mono_ns();
	counter_each(own_counter, f);
	write_picture(f, hub);
	write_latency(f, &hub->latency);
	write_peers(f, hub);
	head(f, "vedette_feed_state", "gauge", "0 up, 1 degraded, 2 blind, 3 down or silent");
	health_each(hub->health, mono_ns, feed_state, f);
	head(f, "vedette_feed_report_age_seconds", "gauge", "Since the last health report");
	health_each(hub->health, mono_ns, feed_age, f);
	head(f, "vedette_host_clock_max_error_seconds", "gauge", "What the host's kernel says of its clock");
	health_each(hub->health, mono_ns, clock_error, f);
	health_each(hub->health, mono_ns, feed_counters, f);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
