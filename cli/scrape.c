#include "cli/scrape.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const identity[] = { "host", "process", "interface", "feed" };
#define N_IDENTITY (sizeof(identity) / sizeof(identity[0]))

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";

/* A quoted value from @p on, its escapes undone. Return: what follows the closing quote, NULL when there is none. */
static const char *take_value(const char *p, char *ret_value, size_t cap)
{
	size_t n = 0;

	for (; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		if (n + 1 < cap)
			ret_value[n++] = p[-1] == '\\' && *p == 'n' ? '\n' : *p;
	}
	ret_value[n] = 0;
	return *p ? p + 1 : NULL;
}

/* {a="b",..}. Return: what follows, NULL when it is none. */
static const char *take_labels(const char *p, json_t *labels)
{
	char name[64], value[256];

	for (p++; *p != '}';) {
		size_t n = strspn(p, name_characters);
		if (!n || n >= sizeof(name) || p[n] != '=' || p[n + 1] != '"')
			return NULL;
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		p = take_value(p + n + 2, value, sizeof(value));
		if (!p)
			return NULL;
		json_object_set_new(labels, name, json_string(value)); /* no UTF-8: not set */
		p += *p == ',';
	}
	return p + 1;
}

static json_t *take_sample(const char *line)
{
	size_t n = strspn(line, name_characters);
	json_t *labels = json_object();
	const char *p = n && line[n] == '{' ? take_labels(line + n, labels) : line + n;
	char *end = NULL;
	double value = n && p && *p == ' ' ? strtod(p, &end) : 0;

	if (!end || end == p || (*end && *end != ' ')) {
		json_decref(labels);
		return NULL;
	}
	return json_pack("{s:s#, s:o, s:o}", "name", line, (int)n, "labels", labels, "value",
		isfinite(value) ? json_real(value) : json_null());
}

json_t *scrape_parse(const char *text)
{
	json_t *samples = json_array();
	char line[SCRAPE_LINE_MAX];

	while (*text && json_array_size(samples) < SCRAPE_SAMPLES_MAX) {
		size_t n = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", n < sizeof(line) ? (int)n : (int)sizeof(line) - 1, text);
		json_t *sample = line[0] == '#' ? NULL : take_sample(line);
		if (sample)
			json_array_append_new(samples, sample);
		text += n + (text[n] == '\n');
	}
	return samples;
}

json_t *scrape_hub(const json_t *samples)
{
	json_t *metrics = json_object(), *sample;
	size_t i;

	json_array_foreach(samples, i, sample)
	{
		const char *name = json_string_value(json_object_get(sample, "name"));
		if (!json_object_size(json_object_get(sample, "labels")) && !strncmp(name, "vedette_hub_", 12))
			json_object_set(metrics, name, json_object_get(sample, "value"));
	}
	return metrics;
}

/* --- whose they are --- */

static const char *label(const json_t *labels, const char *name)
{
	const char *value = json_string_value(json_object_get(labels, name));

	return value ? value : "";
}

static bool same(const json_t *owner, const json_t *labels)
{
	for (size_t i = 0; i < N_IDENTITY; i++)
		if (strcmp(label(owner, identity[i]), label(labels, identity[i])))
			return false;
	return true;
}

/* One sample's owner in @list, added with every label of its identity, "" where it has none. */
static json_t *owner_of(json_t *list, const json_t *labels)
{
	json_t *owner;
	size_t i;

	json_array_foreach(list, i, owner)
		if (same(owner, labels))
			return owner;
	owner = json_object();
	for (i = 0; i < N_IDENTITY; i++)
		json_object_set_new(owner, identity[i], json_string(label(labels, identity[i])));
	json_object_set_new(owner, "metrics", json_object());
	json_array_append_new(list, owner);
	return owner;
}

/* NAME, or NAME{x="y"} with the first label that is no identity. */
static void name_of(const json_t *sample, char *buf, size_t cap)
{
	const char *name = json_string_value(json_object_get(sample, "name")), *key;
	json_t *labels = json_object_get(sample, "labels"), *value;

	snprintf(buf, cap, "%s", name);
	json_object_foreach(labels, key, value)
	{
		bool own = true;
		for (size_t i = 0; i < N_IDENTITY; i++)
			own &= strcmp(key, identity[i]) != 0;
		if (!own)
			continue;
		snprintf(buf, cap, "%s{%s=\"%s\"}", name, key, json_string_value(value));
		return;
	}
}

void scrape_processes(const json_t *samples, json_t *processes, json_t *hosts)
{
	size_t known = json_array_size(processes), i, k;
	char name[512];
	json_t *sample, *p;

	json_array_foreach(samples, i, sample)
	{
		const json_t *labels = json_object_get(sample, "labels");
		bool of_process = label(labels, "process")[0] != 0;
		bool taken = false;
		if (!of_process && strncmp(json_string_value(json_object_get(sample, "name")), "vedette_host_", 13))
			continue;
		json_array_foreach(processes, k, p)
			taken |= k < known && of_process && same(p, labels);
		if (taken)
			continue;
		p = owner_of(of_process ? processes : hosts, labels);
		name_of(sample, name, sizeof(name));
		if (!json_object_get(json_object_get(p, "metrics"), name))
			json_object_set(json_object_get(p, "metrics"), name, json_object_get(sample, "value"));
	}
}
