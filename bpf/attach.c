#include "bpf/attach.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bpf/ingest.skel.h"

#define _cleanup_free_ __attribute__((cleanup(freep)))
#define _cleanup_close_ __attribute__((cleanup(closep)))
#define GRACE_NS 100000000 /* where membarrier has no global command: far more than one packet's run */

const char *const attach_mode_names[_ATTACH_MODE_MAX] = {
	[ATTACH_UNAVAILABLE] = "unavailable",
	[ATTACH_NATIVE] = "native",
	[ATTACH_GENERIC] = "generic",
};

const char *const attach_verdict_names[_INGEST_VERDICT_MAX] = {
	[INGEST_PASS_FEED] = "pass_feed",
	[INGEST_PASS_FRAGMENT] = "pass_fragment",
	[INGEST_PASS_OTHER] = "pass_other",
	[INGEST_DROP_SOURCE] = "drop_source",
	[INGEST_DROP_RATE] = "drop_rate",
	[INGEST_DROP_SANITY] = "drop_sanity",
	[INGEST_DROP_FRAGMENT] = "drop_fragment",
	[INGEST_DROP_STRICT] = "drop_strict",
	[INGEST_MALFORMED] = "malformed",
};

static void freep(void *p)
{
	free(*(void **)p);
}

static void closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static int unavailable(struct attach *a, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int unavailable(struct attach *a, int err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(a->reason, sizeof(a->reason), fmt, ap);
	va_end(ap);
	a->mode = ATTACH_UNAVAILABLE;
	return err;
}

/* libbpf tells of every step; what matters comes back as an error. LIBBPF_LOG=1 shows it all. */
static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_DEBUG || !getenv("LIBBPF_LOG"))
		return 0;
	return vfprintf(stderr, fmt, ap);
}

static void pin_path(char *buf, size_t size, const char *pin, const char *interface, const char *name)
{
	(void)snprintf(buf, size, "%s/%s%s%s", pin, interface, *name ? "/" : "", name);
}

static bool on_bpffs(const char *path)
{
	struct statfs s;
	return statfs(path, &s) == 0 && (unsigned long)s.f_type == BPF_FS_MAGIC;
}

static const char *parent_of(char *buf, size_t size, const char *path)
{
	(void)snprintf(buf, size, "%s", path);
	return dirname(buf);
}

/* PIN/IF, made where missing. Return: 0, -EMEDIUMTYPE when it is not on a bpf file system, or -errno. */
static int make_pin_dir(const char *pin, const char *interface)
{
	char dir[PATH_MAX], parent[PATH_MAX];
	pin_path(dir, sizeof(dir), pin, interface, "");

	/* Only ever make directories on a bpf file system. */
	if (access(pin, F_OK) < 0 && on_bpffs(parent_of(parent, sizeof(parent), pin)))
		(void)mkdir(pin, 0700);
	if (!on_bpffs(pin))
		return -EMEDIUMTYPE;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* Maps that outlive the process, by the names of their pins. */
static const char *const pinned_maps[] = { "counters", "names", "states" };
#define N_PINNED (sizeof(pinned_maps) / sizeof(pinned_maps[0]))

static int set_pins(struct attach *a, const char *pin)
{
	struct bpf_map *maps[N_PINNED] = { a->skel->maps.counters, a->skel->maps.names, a->skel->maps.data_states };
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_PINNED; i++) {
		pin_path(path, sizeof(path), pin, a->interface, pinned_maps[i]);
		r = bpf_map__set_pin_path(maps[i], path);
	}
	return r;
}

static void forget_maps(const char *interface, const char *pin)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < N_PINNED; i++) {
		pin_path(path, sizeof(path), pin, interface, pinned_maps[i]);
		(void)unlink(path);
	}
}

static void read_slots(struct attach *a)
{
	int fd = bpf_map__fd(a->skel->maps.names);
	for (__u32 i = 1; i < INGEST_SLOTS; i++)
		if (bpf_map_lookup_elem(fd, &i, &a->slots.name[i]) == 0)
			a->slots.name[i].text[INGEST_NAME_MAX - 1] = '\0';
}

static int take_drop(void *ctx, void *data, size_t size)
{
	const struct attach *a = ctx;

	if (size >= sizeof(struct ingest_drop))
		a->on_drop(a->on_drop_user, data);
	return 0;
}

static int open_and_load(struct attach *a, const char *pin, bool pinned)
{
	a->skel = ingest_bpf__open();
	if (!a->skel)
		return -errno;
	int r = pinned ? set_pins(a, pin) : 0;
	if (r == 0)
		r = ingest_bpf__load(a->skel);
	if (r < 0) {
		ingest_bpf__destroy(a->skel);
		a->skel = NULL;
	}
	return r;
}

int attach_load(const char *interface, const char *pin, struct attach *ret_a)
{
	assert(interface);
	assert(pin);
	assert(ret_a);

	struct attach *a = ret_a;
	*a = (struct attach){ .link_fd = -1 };
	(void)snprintf(a->interface, sizeof(a->interface), "%s", interface);
	(void)libbpf_set_print(print_libbpf);

	a->ifindex = if_nametoindex(interface);
	if (a->ifindex == 0)
		return unavailable(a, -ENODEV, "there is no interface %s", interface);

	int pinned = make_pin_dir(pin, interface);
	int r = open_and_load(a, pin, pinned == 0);
	if (r == -EINVAL && pinned == 0) {
		/* Counters of another version, laid out differently: count afresh, filter at once. */
		forget_maps(interface, pin);
		r = open_and_load(a, pin, true);
	}
	if (r == -EPERM || r == -EACCES)
		return unavailable(a, r, "the kernel refuses to load the program: %s", strerror(-r));
	if (r < 0)
		return unavailable(a, r, "the program does not load: %s", strerror(-r));
	if (pinned == -EMEDIUMTYPE)
		(void)snprintf(a->reason, sizeof(a->reason),
			"not pinned, ends with this process: %s is not on a bpf file system", pin);
	else if (pinned < 0)
		(void)snprintf(a->reason, sizeof(a->reason), "not pinned, ends with this process: %s: %s", pin,
			strerror(-pinned));
	read_slots(a);
	/* Samples are no more than a help: without them the filter filters as well. */
	a->ring = ring_buffer__new(bpf_map__fd(a->skel->maps.drops), take_drop, a, NULL);
	return 0;
}

static bool link_is_on(int link_fd, unsigned ifindex)
{
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);
	return bpf_obj_get_info_by_fd(link_fd, &info, &size) == 0 && info.type == BPF_LINK_TYPE_XDP &&
	       info.xdp.ifindex == ifindex;
}

static enum attach_mode query_mode(unsigned ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	if (bpf_xdp_query((int)ifindex, 0, &opts) < 0)
		return ATTACH_NATIVE;
	return opts.attach_mode == XDP_ATTACHED_SKB ? ATTACH_GENERIC : ATTACH_NATIVE;
}

/* Swaps our program into the link that another daemon left. Return: 0; -ENOENT, -ENOLINK: there is none; or -errno. */
static int take_over(struct attach *a, const char *path)
{
	_cleanup_close_ int fd = bpf_obj_get(path);
	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	if (!link_is_on(fd, a->ifindex)) {
		/* The interface is a new one of the same name. */
		(void)unlink(path);
		return -ENOLINK;
	}
	int r = bpf_link_update(fd, bpf_program__fd(a->skel->progs.ingest), NULL);
	if (r < 0)
		return r;
	a->link_fd = fd;
	fd = -1;
	a->taken_over = true;
	a->mode = query_mode(a->ifindex);
	return 0;
}

static int attach_new(struct attach *a, __u32 flags, enum attach_mode mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int fd = bpf_link_create(bpf_program__fd(a->skel->progs.ingest), (int)a->ifindex, BPF_XDP, &opts);
	if (fd < 0)
		return fd;
	a->link_fd = fd;
	a->mode = mode;
	return 0;
}

int attach_start(struct attach *a, const char *pin)
{
	assert(a && a->skel);
	assert(pin);

	char path[PATH_MAX];
	pin_path(path, sizeof(path), pin, a->interface, "link");
	int r = take_over(a, path);
	if (r == 0)
		return 0;
	if (r != -ENOENT && r != -ENOLINK)
		return unavailable(a, r, "taking over %s: %s", path, strerror(-r));

	r = attach_new(a, XDP_FLAGS_DRV_MODE, ATTACH_NATIVE);
	a->native_error = r;
	if (r < 0 && r != -EBUSY && r != -EEXIST)
		r = attach_new(a, XDP_FLAGS_SKB_MODE, ATTACH_GENERIC);
	if (r == -EBUSY || r == -EEXIST)
		return unavailable(a, r, "another XDP program is on %s", a->interface);
	if (r < 0)
		return unavailable(a, r, "attaching to %s: %s", a->interface, strerror(-r));
	if (a->reason[0] == '\0' && bpf_obj_pin(a->link_fd, path) < 0)
		(void)snprintf(a->reason, sizeof(a->reason), "not pinned, ends with this process: %s",
			strerror(errno));
	return 0;
}

void attach_done(struct attach *a)
{
	if (!a)
		return;
	if (a->link_fd >= 0)
		(void)close(a->link_fd);
	ring_buffer__free(a->ring);
	if (a->skel)
		ingest_bpf__destroy(a->skel);
	*a = (struct attach){ .link_fd = -1 };
}

/* Until no CPU runs the program with what it read before. MEMBARRIER_CMD_GLOBAL waits for one RCU period. */
static void wait_grace(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		(void)nanosleep(&(struct timespec){ .tv_nsec = GRACE_NS }, NULL);
}

static void zero_counts(struct attach *a, __u32 slot)
{
	int n_cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct ingest_counts *zero = calloc((size_t)(n_cpus > 0 ? n_cpus : 1), sizeof(*zero));
	if (zero)
		(void)bpf_map_update_elem(bpf_map__fd(a->skel->maps.counters), &slot, zero, BPF_ANY);
}

static void hand_over_slots(struct attach *a, const struct policy_slots *slots)
{
	int fd = bpf_map__fd(a->skel->maps.names);
	for (__u32 i = 1; i < INGEST_SLOTS; i++) {
		if (memcmp(&a->slots.name[i], &slots->name[i], sizeof(slots->name[i])) == 0)
			continue;
		zero_counts(a, i);
		(void)bpf_map_update_elem(fd, &i, &slots->name[i], BPF_ANY);
	}
	a->slots = *slots;
}

static bool same_source(const struct ingest_source *a, const struct ingest_source *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* What was known of @source in @slot, whichever generation knew it last. */
static struct ingest_state recall(const struct ingest_states *old, unsigned slot, const struct ingest_source *source)
{
	struct ingest_state best = { 0 };

	for (int generation = 0; generation < 2; generation++)
		for (unsigned i = 0; i < INGEST_SOURCES_MAX; i++) {
			const struct ingest_state *s = &old[generation].of[slot][i];
			if (same_source(&s->source, source) && s->seen_ns > best.seen_ns)
				best = *s;
		}
	best.source = *source;
	return best;
}

/* A source may stand elsewhere in its feed from now on; a slot may be another feed's. */
static void hand_over_states(struct attach *a, const struct policy *policy, __u32 next)
{
	struct ingest_states *old = a->skel->data_states->states;
	static const struct ingest_states nobody[2];
	_cleanup_free_ struct ingest_states *states = calloc(1, sizeof(*states));

	for (unsigned slot = 1; states && slot < INGEST_SLOTS; slot++) {
		const struct ingest_feed *feed = &policy->tables.feed[slot];
		bool kept = memcmp(&a->slots.name[slot], &policy->slots.name[slot], sizeof(a->slots.name[slot])) == 0;
		for (unsigned i = 0; i < feed->n_sources; i++)
			states->of[slot][i] = recall(kept ? old : nobody, slot, &feed->sources[i]);
	}
	if (states)
		old[next] = *states;
}

void attach_policy(struct attach *a, const struct policy *policy)
{
	assert(a && a->skel);
	assert(policy);

	struct ingest_bpf__bss *bss = a->skel->bss;
	__u32 next = ~bss->active & 1;

	wait_grace();
	hand_over_states(a, policy, next);
	hand_over_slots(a, &policy->slots);
	bss->policy[next] = policy->tables;
	__atomic_store_n(&bss->active, next, __ATOMIC_RELEASE);
}

int attach_counts(const struct attach *a, unsigned slot, struct ingest_counts *ret_counts)
{
	assert(a && a->skel);
	assert(slot < INGEST_SLOTS);

	int n_cpus = libbpf_num_possible_cpus();
	if (n_cpus < 0)
		return n_cpus;
	_cleanup_free_ struct ingest_counts *per_cpu = calloc((size_t)n_cpus, sizeof(*per_cpu));
	if (!per_cpu)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.counters), &(__u32){ slot }, per_cpu) < 0)
		return -errno;

	struct ingest_counts sum = { 0 };
	for (int cpu = 0; cpu < n_cpus; cpu++)
		for (int v = 0; v < _INGEST_VERDICT_MAX; v++) {
			sum.verdict[v].packets += per_cpu[cpu].verdict[v].packets;
			sum.verdict[v].bytes += per_cpu[cpu].verdict[v].bytes;
		}
	*ret_counts = sum;
	return 0;
}

int attach_seen(const struct attach *a, unsigned slot, unsigned index, struct attach_seen *ret_seen)
{
	assert(a && a->skel);
	assert(slot < INGEST_SLOTS);

	__u32 active = a->skel->bss->active & 1;
	const struct ingest_feed *feed = &a->skel->bss->policy[active].feed[slot];
	if (index >= feed->n_sources || index >= INGEST_SOURCES_MAX)
		return -ENOENT;
	*ret_seen = (struct attach_seen){
		.family = feed->family,
		.source = feed->sources[index],
		.seen_ns = __atomic_load_n(&a->skel->data_states->states[active].of[slot][index].seen_ns, __ATOMIC_RELAXED),
	};
	return 0;
}

int attach_drops(struct attach *a, void (*fn)(void *user, const struct ingest_drop *drop), void *user)
{
	assert(a);
	assert(fn);

	if (!a->ring)
		return 0;
	a->on_drop = fn;
	a->on_drop_user = user;
	return ring_buffer__consume(a->ring);
}

bool attach_alive(const struct attach *a)
{
	assert(a);
	return a->link_fd >= 0 && link_is_on(a->link_fd, a->ifindex);
}

int attach_remove(const char *interface, const char *pin)
{
	assert(interface);
	assert(pin);

	static const char *const names[] = { "link", "counters", "names", "states" };
	char path[PATH_MAX];
	int r = -ENOENT;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pin_path(path, sizeof(path), pin, interface, names[i]);
		if (unlink(path) == 0)
			r = r == -ENOENT ? 0 : r;
		else if (errno != ENOENT)
			r = -errno;
	}
	pin_path(path, sizeof(path), pin, interface, "");
	(void)rmdir(path);
	return r;
}
