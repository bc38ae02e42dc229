#include "sensor/uplink/health.h"

#include "common/clock.h"
#include "common/drift.h"
#include "sensor/uplink/filterstat.h"

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
	if (clock_quality(&q) < 0)
		q.max_error_ns = drift_free_ns(clock_mono_ns());
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

static int load(const char *path, int64_t now_ns, struct wire_health *h, json_t **ret_root)
{
	json_error_t error;
	int r = check_file(path, now_ns, h);

	if (r)
		return r;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!root || !json_is_object(root)) {
		json_decref(root);
		return failed(h, -EBADMSG, root ? "no object" : error.text);
	}
	*ret_root = root;
	return 0;
}

int health_filter(const char *host, const char *path, int64_t now_ns, void (*fn)(void *user, const struct wire_health *h),
	void *user)
{
	char interface[32], process[PLOT_FEED_MAX];
	struct wire_health h;
	json_t *root = NULL;

	interface_of(path, interface, sizeof(interface));
	snprintf(process, sizeof(process), "filter@%.24s", interface);
	base(host, process, now_ns, &h);
	int r = load(path, now_ns, &h, &root);
	if (!r) {
		judge(root, interface, &h);
		filterstat_fill(root, &h);
	}
	fn(user, &h);
	if (!r)
		filterstat_each_feed(root, &h, fn, user);
	json_decref(root);
	return r;
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
		size_t len = strlen(e->d_name);
		if (e->d_name[0] == '.' || len < 6 || strcmp(e->d_name + len - 5, ".json") != 0)
			continue;
		snprintf(path, sizeof(path), "%.250s/%.250s", dir, e->d_name);
		(void)health_filter(host, path, now_ns, fn, user);
		n++;
	}
	closedir(d);
}
