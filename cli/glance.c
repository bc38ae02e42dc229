#include "cli/glance.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/capture.h"
#include "cli/fetch.h"
#include "common/clock.h"
#include "common/feed.h"

#define HUB_DEFAULT "127.0.0.1:8080"
#define HUB_TIMEOUT_MS 3000
#define SYSTEMCTL_TIMEOUT_MS 5000

const char *glance_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

double glance_number(const json_t *object, const char *key, double otherwise)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : otherwise;
}

void glance_init(struct glance_options *o)
{
	*o = (struct glance_options){ .etc = "/etc/vedette", .run = "/run/vedette", .state = "/var/lib/vedette" };
}

int glance_parse(struct glance_options *o, int argc, char **argv, int i)
{
	const struct {
		const char *name, **value;
	} options[] = { { "--hub", &o->hub }, { "--etc", &o->etc }, { "--run", &o->run }, { "--state", &o->state } };

	for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++)
		if (!strcmp(argv[i], options[k].name) && i + 1 < argc) {
			*options[k].value = argv[i + 1];
			return 2;
		}
	return 0;
}

/* --- the hub --- */

json_t *glance_metrics(const char *text)
{
	json_t *metrics = json_object();

	while (*text) {
		const char *newline = strchrnul(text, '\n');
		char name[128], value[64];
		if (sscanf(text, "%127[a-zA-Z0-9_] %63s", name, value) == 2 && text[strlen(name)] == ' ' &&
			!strncmp(name, "vedette_hub_", 12)) {
			double v = strtod(value, NULL);
			json_object_set_new(metrics, name, isfinite(v) ? json_real(v) : json_null());
		}
		text = *newline ? newline + 1 : newline;
	}
	return metrics;
}

static json_t *take_hub(const char *url)
{
	json_t *hub = json_pack("{s:s, s:b, s:s, s:n, s:n}", "url", url, "reachable", 0, "error", "", "health", "metrics");
	char *body = NULL;
	int status = 0;

	int r = fetch_get(url, "/healthz", HUB_TIMEOUT_MS, &status, &body);
	json_t *health = r == 0 ? json_loads(body, 0, NULL) : NULL;
	free(body);
	if (!json_is_object(health)) {
		json_object_set_new(hub, "error", json_string(r < 0 ? strerror(-r) : "not a hub's answer"));
		json_decref(health);
		return hub;
	}
	json_object_set_new(hub, "reachable", json_true());
	json_object_set_new(hub, "health", health);
	if (fetch_get(url, "/metrics", HUB_TIMEOUT_MS, &status, &body) == 0) {
		json_object_set_new(hub, "metrics", glance_metrics(body));
		free(body);
	}
	return hub;
}

/* --- this host --- */

static json_t *take_filters(const char *run, int64_t now_ns)
{
	json_t *filters = json_array();
	char dir[512], path[1024];

	snprintf(dir, sizeof(dir), "%s/filter", run);
	DIR *d = opendir(dir);
	for (const struct dirent *e; d && (e = readdir(d));) {
		size_t n = strlen(e->d_name);
		if (e->d_name[0] == '.' || n < 6 || strcmp(e->d_name + n - 5, ".json"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		json_t *filter = json_load_file(path, 0, NULL);
		if (json_is_object(filter)) {
			double age_ms = now_ns / 1e6 - glance_number(filter, "time_ns", 0) / 1e6;
			json_object_set_new(filter, "age_ms", json_integer((json_int_t)age_ms));
			json_array_append(filters, filter);
		}
		json_decref(filter);
	}
	if (d)
		closedir(d);
	return filters;
}

json_t *glance_units(const char *text)
{
	static const char *const keys[][2] = { { "Id", "unit" }, { "LoadState", "load" }, { "ActiveState", "active" },
		{ "SubState", "sub" }, { "NRestarts", "restarts" }, { "Result", "result" }, { "StatusText", "status" } };
	json_t *units = json_array(), *unit = NULL;

	while (*text) {
		size_t n = strcspn(text, "\n"), name = strcspn(text, "=\n");
		if (!n)
			unit = NULL;
		for (size_t k = 0; name < n && k < sizeof(keys) / sizeof(keys[0]); k++) {
			if (strlen(keys[k][0]) != name || strncmp(text, keys[k][0], name))
				continue;
			if (!unit) {
				unit = json_object();
				json_array_append_new(units, unit);
			}
			const char *value = text + name + 1;
			json_object_set_new(unit, keys[k][1], !strcmp(keys[k][1], "restarts") ?
				json_integer(strtol(value, NULL, 10)) : json_stringn(value, n - name - 1));
		}
		text += n + (text[n] == '\n');
	}
	return units;
}

/* sd_booted(3): the folder is there when systemd is the init. */
static bool booted_with_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static json_t *take_units(void)
{
	static char said[1 << 18];
	const char *const argv[] = { "systemctl", "show", "--no-pager",
		"--property=Id,LoadState,ActiveState,SubState,NRestarts,Result,StatusText", "vedette-*", NULL };

	if (!booted_with_systemd() || capture_run(argv, SYSTEMCTL_TIMEOUT_MS, said, sizeof(said)))
		return json_array();
	return glance_units(said);
}

static int add_feed(void *user, const char *path)
{
	struct feed feed;
	struct conf_error error;

	if (feed_load(path, &feed, &error) == 0)
		json_array_append_new(user, json_pack("{s:s, s:s, s:b, s:s}", "feed", feed.name, "format",
			feed_format_name(feed.format), "dialled", feed_is_dialled(&feed), "path", path));
	return 0;
}

static json_t *take_feeds(const char *etc)
{
	json_t *feeds = json_array();
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/feeds", etc);
	(void)conf_each_file(dir, add_feed, feeds);
	return feeds;
}

static json_t *take_clock(void)
{
	struct clock_quality q;

	if (clock_quality(&q) < 0)
		return json_null();
	return json_pack("{s:b, s:f}", "synchronised", q.synchronised, "max_error_ms", (double)q.max_error_ns / 1e6);
}

static json_t *take_disks(const char *state)
{
	json_t *disks = json_array();
	struct statvfs st;

	if (statvfs(state, &st) == 0)
		json_array_append_new(disks, json_pack("{s:s, s:I, s:I}", "path", state,
			"free", (json_int_t)((uint64_t)st.f_bavail * st.f_frsize),
			"size", (json_int_t)((uint64_t)st.f_blocks * st.f_frsize)));
	return disks;
}

json_t *glance_take(const struct glance_options *o)
{
	int64_t now_ns = clock_now_ns();
	json_t *root = json_object();

	json_object_set_new(root, "time_ms", json_integer(now_ns / CLOCK_NS_PER_MS));
	json_object_set_new(root, "hub", take_hub(o->hub ? o->hub : HUB_DEFAULT));
	json_object_set_new(root, "filters", take_filters(o->run, now_ns));
	json_object_set_new(root, "systemd", json_boolean(booted_with_systemd()));
	json_object_set_new(root, "units", take_units());
	json_object_set_new(root, "feeds", take_feeds(o->etc));
	json_object_set_new(root, "clock", take_clock());
	json_object_set_new(root, "disks", take_disks(o->state));
	return root;
}
