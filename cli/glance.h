/*
 * glance - everything an administrator asks about a host and its centre first, as one JSON object.
 *
 * `vedette status --json` prints it, `vedette status` shows it, `vedette doctor` judges it. What cannot be had is null
 * or an empty list; nothing here fails.
 *
 * {"time_ms":N,
 *  "hub":{"url":"..","reachable":true,"error":"","health":{docs/http.md /healthz},"metrics":{"NAME":x}},
 *  "filters":[{bpf/status.h, "age_ms":N}],
 *  "systemd":true,
 *  "units":[{"unit":"..","load":"loaded","active":"active","sub":"running","restarts":0,"result":"success","status":".."}],
 *  "feeds":[{"feed":"..","format":"as in Format=","path":".."}],
 *  "clock":{"synchronised":true,"max_error_ms":x},
 *  "disks":[{"path":"..","free":bytes,"size":bytes}]}
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct glance_options {
	const char *hub; /* fetch_get()'s base; NULL = 127.0.0.1:8080 */
	const char *etc, *run, *state; /* /etc/vedette, /run/vedette, /var/lib/vedette */
};

/** glance_init() - what the comments above say. */
void glance_init(struct glance_options *o);

/** glance_parse() - the options that status and doctor share, from argv[@i]. Return: arguments taken, 0 when none. */
int glance_parse(struct glance_options *o, int argc, char **argv, int i);

/** glance_take() - Return: the object, the caller's to json_decref(). */
json_t *glance_take(const struct glance_options *o);

/** glance_text(), glance_number() - a member, "" or @otherwise when it is not there or of another type. */
const char *glance_text(const json_t *object, const char *key);
double glance_number(const json_t *object, const char *key, double otherwise);

/** glance_units() - parses what `systemctl show` prints: blocks of Key=value with empty lines between. */
json_t *glance_units(const char *text);
/** glance_metrics() - Prometheus text: samples of names starting with vedette_hub_ that have no labels. */
json_t *glance_metrics(const char *text);
