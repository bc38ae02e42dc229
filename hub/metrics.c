#include "hub/metrics.h"

#include "common/clock.h"
#include "common/counter.h"
#include "common/metric.h"
#include "hub/http.h"
#include "hub/peer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct metric *m, const char *name, const char *help, double value)
{
	metric_describe(m, name, true, help);
	metric_add(m, name, NULL, value);
}

struct own {
	struct metric *m;
	const char *origin;
};

/* The hub's own names are its alone; what every process counts says whose it is. */
static void own_counter(void *user, const struct counter *c)
{
	const struct own *own = user;
	const struct metric_label labels[] = { { "host", own->origin }, { "process", "hub" }, { NULL } };
	bool only_ours = !strncmp(c->name, "vedette_hub_", strlen("vedette_hub_"));
	if (only_ours)
		metric_describe(own->m, c->name, c->gauge, c->help);
	metric_add(own->m, c->name, only_ours ? NULL : labels, (double)c->value);
}

static void write_latency(FILE *f, const struct latency *l)
{
	static const char name[] = "vedette_hub_latency_seconds";
	uint64_t sum = 0;
	head(f, name, "histogram", "Arrival of the datagram to the update of a confirmed track here");
	for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
		sum += l->buckets[i];
		fprintf(f, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, latency_bounds_s[i], sum);
	}
	fprintf(f, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, l->count, name, l->sum_s,
		name, l->count);
}

static void add_latency(struct metric *m, const struct latency *l)
{
	double q[] = { 0.5, 0.99 }, v[2];
	latency_percentiles(l, q, 2, v);
	gauge(m, "vedette_hub_latency_p50_seconds", "Median over the last 8192 updates", v[0]);
	gauge(m, "vedette_hub_latency_p99_seconds", "99th percentile over the last 8192 updates", v[1]);
}

static void add_picture(struct metric *m, struct hub *hub)
{
	int64_t now_ns = clock_now_ns(), mono_ns = clock_mono_ns(), picture_ns = hub_picture_ns(hub);
	char reason[HUB_REASON_MAX];
	size_t foreign = 0;
	const struct picture_entry *e;
	for (uint32_t i = 0; (e = picture_slot(hub->picture, i)); i++)
		foreign += e->used && e->foreign;
	gauge(m, "vedette_hub_picture_tracks", "Tracks in the picture", (double)picture_count(hub->picture));
	gauge(m, "vedette_hub_picture_foreign_tracks", "Of them, neighbours' tracks", (double)foreign);
	gauge(m, "vedette_hub_picture_stale", "1 while any part of the picture is older than it looks",
		hub_stale(hub, mono_ns, reason));
	gauge(m, "vedette_hub_picture_age_seconds", "Since the picture was last known to be right",
		picture_ns ? (double)(now_ns - picture_ns) / 1e9 : NAN);
	gauge(m, "vedette_hub_alarms_open", "Alarms not closed", (double)alarm_open(hub->alarms));
	gauge(m, "vedette_hub_ledger_entries", "Entries in the ledger", (double)ledger_entries(hub->ledger));
	gauge(m, "vedette_hub_store_bytes", "Disk in use by picture and history", (double)store_bytes(hub->store));
	gauge(m, "vedette_hub_store_budget_bytes", "MaxSize=: beyond it the oldest days of history go before their time",
		(double)hub->settings->history_bytes);
	gauge(m, "vedette_hub_streams", "Live pictures open", (double)http_streams(hub->http));
	gauge(m, "vedette_hub_late_plots_kept", "Late plots kept in history", (double)hub->late_kept);
}

static void add_peers(struct metric *m, const struct hub *hub)
{
	metric_describe(m, "vedette_hub_peer_released_tracks", true, "Tracks a neighbour has from us now");
	metric_describe(m, "vedette_hub_peer_served", true, "1 while a neighbour pulls from us and acknowledges");
	metric_describe(m, "vedette_hub_peer_up", true, "1 while a neighbour is connected, as the picture shows it");
	for (size_t i = 0; hub->peers && i < peer_count(hub->peers); i++) {
		const struct metric_label labels[] = { { "peer", peer_config(hub->peers, i)->origin }, { NULL } };
		if (peer_release(hub->peers, i))
			metric_add(m, "vedette_hub_peer_released_tracks", labels,
				(double)release_count(peer_release(hub->peers, i)));
		metric_add(m, "vedette_hub_peer_served", labels, peer_served(hub->peers, i));
		metric_add(m, "vedette_hub_peer_up", labels, peer_up(hub->peers, i, clock_mono_ns()));
	}
}

static int write_all(struct hub *hub, struct metric *m, FILE *f)
{
	struct own own = { m, hub->settings->origin };
	counter_each(own_counter, &own);
	add_picture(m, hub);
	add_latency(m, &hub->latency);
	add_peers(m, hub);
	health_metrics(hub->health, clock_mono_ns(), m);
	write_latency(f, &hub->latency);
	return metric_write(m, f);
}

char *metrics_text(struct hub *hub, size_t *ret_size)
{
	struct metric *m;
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_size);
	if (!f)
		return NULL;
	int r = metric_new(&m);
	if (r == 0) {
		r = write_all(hub, m, f);
		metric_free(m);
	}
	if (fclose(f) != 0 || r < 0) {
		free(text);
		return NULL;
	}
	return text;
}
