/*
 * glance - everything an administrator asks about a host and its centre first, as one JSON object.
 *
 * `vedette status --json` prints it (vedette-status(1) documents it), `vedette status` shows it, `vedette doctor` judges it.
 * What cannot be had is null or an empty list; nothing here fails.
 *
 * {"version":"..","time_ms":N,"hostname":"..",
 *  "hub":{"url":"..","local":true,"reachable":true,"error":"","health":{docs/http.md /healthz},"metrics":{"NAME":x}},
 *  "host":{"origin":"..","metrics_file":"..","age_ms":N},   of uplink.conf and the file it writes; null without it
 *  "processes":[cli/scrape.h], "hosts":[cli/scrape.h],      of that file and of the hub's /metrics
 *  "filters":[{bpf/status.h, "age_ms":N}],
 *  "systemd":true,
 *  "units":[{"unit":"..","load":"loaded","active":"active","sub":"running","restarts":0,"result":"success","status":".."}],
 *  "feeds":[{"feed":"..","format":"as in Format=","dialled":true,"path":".."}],
 *  "certificates":[{"file":"/etc/vedette/hub.conf","path":"..","error":"","now_ms":N,
 *                   "not_before_ms":N,"not_after_ms":N,"days":N}],
 *  "clock":{"synchronised":true,"max_error_ms":x},
 *  "disks":[{"path":"..","free":bytes,"size":bytes}]}
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

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

/** glance_metric() - of a process of "processes" or a host of "hosts"; NAN when it does not say. */
double glance_metric(const json_t *process, const char *name);
/** glance_process() - the first of that host ("" = any) and name, without a feed; NULL when none is known. */
const json_t *glance_process(const json_t *glance, const char *host, const char *process);

/** glance_configured() - @etc/@program.conf is there. */
bool glance_configured(const char *etc, const char *program);

/** glance_units() - parses what `systemctl show` prints: blocks of Key=value with empty lines between. */
json_t *glance_units(const char *text);

/** glance_certificate() - of one PEM file: an element of "certificates"; days towards zero, < 0 = past. */
json_t *glance_certificate(const char *file, const char *path, int64_t now_ns);
