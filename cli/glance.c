#include "cli/glance.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "cli/capture.h"
#include "cli/fetch.h"
#include "cli/scrape.h"
#include "common/clock.h"
#include "common/feed.h"

#define HUB_DEFAULT "127.0.0.1:8080"
#define HUB_TIMEOUT_MS 3000
#define SYSTEMCTL_TIMEOUT_MS 5000
#define METRICS_FILE_MAX (4 << 20)

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

double glance_metric(const json_t *process, const char *name)
{
	return glance_number(json_object_get(process, "metrics"), name, NAN);
}

const json_t *glance_process(const json_t *glance, const char *host, const char *process)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(glance, "processes"), i, p)
		if (!strcmp(glance_text(p, "process"), process) && !glance_text(p, "feed")[0] &&
			(!host[0] || !strcmp(glance_text(p, "host"), host)))
			return p;
	return NULL;
}

bool glance_configured(const char *etc, const char *program)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.conf", etc, program);
	return access(path, F_OK) == 0;
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

static json_t *take_hub(const char *url, bool local, json_t **ret_samples)
{
	json_t *hub = json_pack("{s:s, s:b, s:b, s:s, s:n, s:n}", "url", url, "local", local, "reachable", 0, "error", "", "health", "metrics");
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
		*ret_samples = scrape_parse(body);
		json_object_set_new(hub, "metrics", scrape_hub(*ret_samples));
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

/* --- files: a daemon's table is the daemon's; one key is read here, by a line's look --- */

struct wanted {
	const char *key;
	char value[512];
};

static int scan_file(void *user, const char *path)
{
	struct wanted *w = user;
	FILE *f = fopen(path, "re");
	char line[CONF_VALUE_MAX];

	while (f && fgets(line, sizeof(line), f)) {
		size_t n = strcspn(line, "=");
		char key[64] = "", value[512];
		if (!line[n] || sscanf(line, " %63[A-Za-z]", key) != 1 || strcmp(key, w->key))
			continue;
		snprintf(value, sizeof(value), "%s", line + n + 1 + strspn(line + n + 1, " \t"));
		value[strcspn(value, " \t\r\n")] = 0;
		memcpy(w->value, value, sizeof(value));
	}
	if (f)
		fclose(f);
	return 0;
}

static void scan(const char *etc, const char *program, const char *key, struct wanted *ret_w)
{
	char path[512], drop_ins[520];

	*ret_w = (struct wanted){ .key = key };
	snprintf(path, sizeof(path), "%s/%s.conf", etc, program);
	snprintf(drop_ins, sizeof(drop_ins), "%s.d", path);
	(void)scan_file(ret_w, path);
	(void)conf_each_file(drop_ins, scan_file, ret_w);
}

static int64_t ms_of(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

json_t *glance_certificate(const char *file, const char *path, int64_t now_ns)
{
	json_t *c = json_pack("{s:s, s:s, s:s, s:I, s:n, s:n, s:n}", "file", file, "path", path, "error", "", "now_ms",
		(json_int_t)(now_ns / CLOCK_NS_PER_MS), "not_before_ms", "not_after_ms", "days");
	FILE *f = fopen(path, "re");

	if (!f) {
		json_object_set_new(c, "error", json_string(strerror(errno)));
		return c;
	}
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	int64_t from_ms = x ? ms_of(X509_get0_notBefore(x)) : 0, end_ms = x ? ms_of(X509_get0_notAfter(x)) : 0;
	X509_free(x);
	if (!end_ms) {
		json_object_set_new(c, "error", json_string("not a PEM certificate"));
		return c;
	}
	json_object_set_new(c, "not_before_ms", json_integer(from_ms));
	json_object_set_new(c, "not_after_ms", json_integer(end_ms));
	json_object_set_new(c, "days", json_integer((end_ms - now_ns / CLOCK_NS_PER_MS) / (86400 * 1000)));
	return c;
}

static bool is_listed(const json_t *certificates, const char *path)
{
	const json_t *c;
	size_t i;

	json_array_foreach(certificates, i, c)
		if (!strcmp(glance_text(c, "path"), path))
			return true;
	return false;
}

static json_t *take_certificates(const char *etc, int64_t now_ns)
{
	static const char *const programs[] = { "uplink", "fusion", "hub" };
	json_t *certificates = json_array();
	struct wanted w;
	char file[512];

	for (size_t p = 0; p < sizeof(programs) / sizeof(programs[0]); p++) {
		scan(etc, programs[p], "Certificate", &w);
		snprintf(file, sizeof(file), "%s/%s.conf", etc, programs[p]);
		if (w.value[0] == '/' && !is_listed(certificates, w.value))
			json_array_append_new(certificates, glance_certificate(file, w.value, now_ns));
	}
	return certificates;
}

/* A host renews by itself: what its uplink shows then is no file that is named. */
static void note_renewal(json_t *root)
{
	const json_t *uplink = glance_process(root, glance_text(json_object_get(root, "host"), "origin"), "uplink");
	double end_ms = 1e3 * glance_metric(uplink, "vedette_certificate_expiry_timestamp_seconds");
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(root, "certificates"), i, c) {
		const char *slash = strrchr(glance_text(c, "file"), '/');
		if (!slash || strcmp(slash, "/uplink.conf") || !(end_ms > glance_number(c, "not_after_ms", INFINITY)))
			continue;
		json_object_set_new(c, "not_after_ms", json_integer((json_int_t)end_ms));
		json_object_set_new(c, "days", json_integer((json_int_t)((end_ms - glance_number(c, "now_ms", 0)) / 86400e3)));
	}
}

static char *read_file(const char *path, int64_t *ret_mtime_ns)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text = NULL;

	if (!f)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && st.st_size < METRICS_FILE_MAX)
		text = calloc(1, METRICS_FILE_MAX);
	if (text) {
		text[fread(text, 1, METRICS_FILE_MAX - 1, f)] = 0;
		*ret_mtime_ns = st.st_mtim.tv_sec * CLOCK_NS_PER_S + st.st_mtim.tv_nsec;
	}
	fclose(f);
	return text;
}

/* What the uplink of this host wrote, where one is configured. */
static json_t *take_host(const struct glance_options *o, int64_t now_ns, json_t **ret_samples)
{
	struct wanted origin, file;
	int64_t mtime_ns = 0;

	if (!glance_configured(o->etc, "uplink"))
		return json_null();
	scan(o->etc, "uplink", "Origin", &origin);
	scan(o->etc, "uplink", "Metrics", &file);
	if (!file.value[0])
		snprintf(file.value, sizeof(file.value), "%s/metrics/vedette.prom", o->run);
	char *text = read_file(file.value, &mtime_ns);
	if (text)
		*ret_samples = scrape_parse(text);
	free(text);
	return json_pack("{s:s, s:s, s:o}", "origin", origin.value, "metrics_file", file.value, "age_ms",
		text ? json_integer((now_ns - mtime_ns) / CLOCK_NS_PER_MS) : json_null());
}

static void add_processes(json_t *root, json_t *of_host, json_t *of_hub)
{
	json_t *processes = json_array(), *hosts = json_array();

	/* Nearer is newer: what both tell is taken from the host's own file. */
	scrape_processes(of_host, processes, hosts);
	scrape_processes(of_hub, processes, hosts);
	json_object_set_new(root, "processes", processes);
	json_object_set_new(root, "hosts", hosts);
	json_decref(of_host);
	json_decref(of_hub);
}

json_t *glance_take(const struct glance_options *o)
{
	int64_t now_ns = clock_now_ns();
	json_t *root = json_object(), *of_hub = NULL, *of_host = NULL;
	char hostname[HOST_NAME_MAX + 1] = "";

	(void)gethostname(hostname, sizeof(hostname) - 1);
	json_object_set_new(root, "version", json_string(VEDETTE_VERSION));
	json_object_set_new(root, "time_ms", json_integer(now_ns / CLOCK_NS_PER_MS));
	json_object_set_new(root, "hostname", json_string(hostname));
	json_object_set_new(root, "hub", take_hub(o->hub ? o->hub : HUB_DEFAULT, !o->hub || !strncmp(o->hub, "unix:", 5), &of_hub));
	json_object_set_new(root, "host", take_host(o, now_ns, &of_host));
	add_processes(root, of_host, of_hub);
	json_object_set_new(root, "filters", take_filters(o->run, now_ns));
	json_object_set_new(root, "systemd", json_boolean(booted_with_systemd()));
	json_object_set_new(root, "units", take_units());
	json_object_set_new(root, "feeds", take_feeds(o->etc));
	json_object_set_new(root, "certificates", take_certificates(o->etc, now_ns));
	note_renewal(root);
	json_object_set_new(root, "clock", take_clock());
	json_object_set_new(root, "disks", take_disks(o->state));
	return root;
}
