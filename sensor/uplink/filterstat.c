#include "sensor/uplink/filterstat.h"

#include <stdio.h>
#include <string.h>

static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

static json_int_t number(const json_t *object, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(object, key));
	return v > 0 ? v : 0;
}

static const char *text(const json_t *object, const char *key)
{
	const char *t = json_string_value(json_object_get(object, key));
	return t ? t : "";
}

/* @label: NULL = none; one that is no word is left out, for it goes into the name. */
static void count(struct wire_health *h, const char *name, const char *label, const char *value, json_int_t n)
{
	char full[2 * WIRE_COUNTER_NAME_MAX];
	if (label && (!value[0] || value[strspn(value, word)]))
		return;
	int size = label ? snprintf(full, sizeof(full), "%s{%s=\"%.32s\"}", name, label, value) :
			   snprintf(full, sizeof(full), "%s", name);
	if (h->n_counters == WIRE_COUNTERS_MAX || size >= WIRE_COUNTER_NAME_MAX)
		return;
	memcpy(h->counters[h->n_counters].name, full, (size_t)size + 1);
	h->counters[h->n_counters++].value = (uint64_t)n;
}

/*
 * What never happened is left out but for what passes: reports are kept and sent again and again, and most verdicts of
 * most feeds are never given.
 */
static void count_verdicts(struct wire_health *h, json_t *verdicts)
{
	const char *verdict;
	json_t *v;

	json_object_foreach(verdicts, verdict, v)
	{
		json_int_t packets = number(v, "packets"), bytes = number(v, "bytes");
		if (!json_is_object(v) || (!packets && strncmp(verdict, "pass", 4) != 0))
			continue;
		count(h, "vedette_filter_packets_total", "verdict", verdict, packets);
		count(h, "vedette_filter_bytes_total", "verdict", verdict, bytes);
	}
}

static void count_process(struct wire_health *h, const json_t *process)
{
	char build[WIRE_COUNTER_NAME_MAX];
	const char *version = text(process, "version");

	if (!json_is_object(process))
		return;
	if (version[0] && !version[strspn(version, "abcdefghijklmnopqrstuvwxyz0123456789.+~-")]) {
		snprintf(build, sizeof(build), "vedette_build_info{version=\"%.32s\"}", version);
		count(h, build, NULL, "", 1);
	}
	count(h, "vedette_process_uptime_seconds", NULL, "", number(process, "uptime_s"));
	count(h, "vedette_process_cpu_ms_total", NULL, "", number(process, "cpu_ms"));
	count(h, "vedette_process_resident_memory_bytes", NULL, "", number(process, "resident_bytes"));
}

void filterstat_fill(json_t *root, struct wire_health *h)
{
	static const char *const link_keys[][2] = { { "packets", "vedette_filter_link_packets_total" },
		{ "dropped", "vedette_filter_link_dropped_total" },
		{ "ring_overruns", "vedette_filter_link_ring_overruns_total" } };
	json_t *link = json_object_get(root, "link");

	count(h, "vedette_filter_mode", "mode", text(root, "mode"), 1);
	count(h, "vedette_filter_policy_error", NULL, "", text(root, "policy_error")[0] != 0);
	count(h, "vedette_filter_policy_generation", NULL, "", number(root, "generation"));
	count(h, "vedette_filter_policy_feeds", NULL, "", number(root, "policy_feeds"));
	for (size_t i = 0; json_is_object(link) && i < sizeof(link_keys) / sizeof(link_keys[0]); i++)
		count(h, link_keys[i][1], NULL, "", number(link, link_keys[i][0]));
	count_verdicts(h, json_object_get(root, "other"));
	count_process(h, json_object_get(root, "process"));
}

void filterstat_each_feed(json_t *root, const struct wire_health *of, void (*fn)(void *user, const struct wire_health *h),
	void *user)
{
	json_t *feeds = json_object_get(root, "feeds"), *feed;
	size_t i;

	json_array_foreach(feeds, i, feed)
	{
		struct wire_health h = *of;
		if (i == FILTERSTAT_FEEDS_MAX)
			break;
		h.n_counters = 0;
		snprintf(h.feed, sizeof(h.feed), "%.31s", text(feed, "feed"));
		count_verdicts(&h, feed);
		if (h.feed[0])
			fn(user, &h);
	}
}
