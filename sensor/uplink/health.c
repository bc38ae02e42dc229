#include "sensor/uplink/health.h"

#include "common/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILTERS_MAX 16
#define STATUS_BYTES_MAX (1 << 20)
#define STALE_S 10 /* the filter writes every second */

static void base(const char *host, const char *process, int64_t now_ns, struct wire_health *h)
{
	struct clock_quality q = { 0 };

	*h = (struct wire_health){ .time_ns = now_ns, .state = WIRE_UP };
	snprintf(h->host, sizeof(h->host), "%s", host);
	snprintf(h->process, sizeof(h->process), "%s", process);
	(void)clock_quality(&q);
	h->clock_synchronised = q.synchronised;
	h->clock_max_error_ns = q.max_error_ns > 0 ? q.max_error_ns : 0;
}

void health_uplink(const char *host, const char *trouble, int64_t now_ns, struct wire_health *ret_h)
{
	base(host, "uplink", now_ns, ret_h);
	wire_health_counters(ret_h);
	if (!trouble[0])
		return;
	ret_h->state = WIRE_DEGRADED;
	snprintf(ret_h->reason, sizeof(ret_h->reason), "%.120s", trouble);
}

/*
 * Names on the wire are words of [a-z0-9_]: whatever else a path holds becomes '_'. What never
 * happened is left out, so that a filter with many feeds fits.
 */
static void add_counter(struct wire_health *h, const char *path, json_int_t value)
{
	if (h->n_counters == WIRE_COUNTERS_MAX || value <= 0)
		return;
	char *name = h->counters[h->n_counters].name;
	snprintf(name, WIRE_COUNTER_NAME_MAX, "%.*s", WIRE_COUNTER_NAME_MAX - 1, path);
	for (; *name; name++)
		if (!isalnum((unsigned char)*name))
			*name = '_';
	h->counters[h->n_counters++].value = (uint64_t)value;
}

static void walk(struct wire_health *h, const char *path, json_t *value, unsigned depth)
{
	char below[160];
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_integer(value))
		add_counter(h, path, json_integer_value(value));
	if (depth > 6)
		return;
	if (json_is_object(value))
		json_object_foreach(value, key, v)
		{
			/* When it was written is no count. */
			if (!strcmp(key, "time_ns"))
				continue;
			snprintf(below, sizeof(below), "%.100s%s%.50s", path, path[0] ? "_" : "",
				key);
			walk(h, below, v, depth + 1);
		}
	if (json_is_array(value))
		json_array_foreach(value, i, v)
		{
			/* An entry with a name is called by it, not by its place. */
			const char *name = json_string_value(json_object_get(v, "feed"));
			if (!name)
				name = json_string_value(json_object_get(v, "name"));
			if (name)
				snprintf(below, sizeof(below), "%.100s%s%.50s", path,
					path[0] ? "_" : "", name);
			else
				snprintf(below, sizeof(below), "%.100s_%zu", path, i);
			walk(h, below, v, depth + 1);
		}
}

static int failed(struct wire_health *h, int code, const char *reason)
{
	h->state = WIRE_DOWN;
	snprintf(h->reason, sizeof(h->reason), "status file: %.100s", reason);
	return code;
}

static int check_file(const char *path, int64_t now_ns, struct wire_health *h)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return failed(h, -errno, strerror(errno));
	if (st.st_size > STATUS_BYTES_MAX)
		return failed(h, -EFBIG, "too large");
	if (now_ns / CLOCK_NS_PER_S - st.st_mtim.tv_sec > STALE_S)
		return failed(h, -ESTALE, "not written for 10 s");
	return 0;
}

static void interface_of(const char *path, char *buf, size_t cap)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	snprintf(buf, cap, "%.*s", (int)(dot ? dot - name : (ptrdiff_t)strlen(name)), name);
}

static const char *text_of(json_t *root, const char *key)
{
	const char *text = json_string_value(json_object_get(root, key));
	return text ? text : "";
}

static void judge(json_t *root, const char *interface, struct wire_health *h)
{
	const char *mode = text_of(root, "mode"), *error = text_of(root, "policy_error");

	if (mode[0] && strcmp(mode, "native") != 0 && strcmp(mode, "generic") != 0)
		snprintf(h->reason, sizeof(h->reason), "%s: %.20s: %.60s", interface, mode,
			text_of(root, "reason"));
	else if (error[0])
		snprintf(h->reason, sizeof(h->reason), "%s: old policy kept: %.80s", interface,
			error);
	if (h->reason[0])
		h->state = WIRE_DEGRADED;
}

int health_filter(const char *host, const char *path, int64_t now_ns, struct wire_health *ret_h)
{
	char interface[32];
	json_error_t error;

	base(host, "filter", now_ns, ret_h);
	int r = check_file(path, now_ns, ret_h);
	if (r)
		return r;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!root || !json_is_object(root)) {
		json_decref(root);
		return failed(ret_h, -EBADMSG, root ? "no object" : error.text);
	}
	interface_of(path, interface, sizeof(interface));
	judge(root, interface, ret_h);
	walk(ret_h, interface, root, 0);
	json_decref(root);
	return 0;
}

void health_filters(const char *host, const char *dir, int64_t now_ns,
	void (*fn)(void *user, const struct wire_health *h), void *user)
{
	DIR *d = opendir(dir);
	char path[512];
	unsigned n = 0;

	if (!d)
		return;
	for (struct dirent *e; n < FILTERS_MAX && (e = readdir(d));) {
		struct wire_health h;
		size_t len = strlen(e->d_name);
		if (e->d_name[0] == '.' || len < 6 || strcmp(e->d_name + len - 5, ".json") != 0)
			continue;
		snprintf(path, sizeof(path), "%.250s/%.250s", dir, e->d_name);
		(void)health_filter(host, path, now_ns, &h);
		fn(user, &h);
		n++;
	}
	closedir(d);
}
