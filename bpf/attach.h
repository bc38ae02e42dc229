/*
 * attach - the XDP program on one interface: loaded, attached by a link, pinned, and taken over by the next daemon.
 *
 * Pins are PIN/IF/{link,counters,names,states}. The pinned link keeps the program and its policy on the interface when the
 * daemon dies; the next one loads its own program with the pinned counters and swaps it into the link, so that no packet
 * passes unfiltered and no count is lost. Translates libbpf's errors; everything it cannot do ends as ATTACH_UNAVAILABLE
 * with a reason for people.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpf/ingest.h"
#include "bpf/policy.h"

#define ATTACH_REASON_MAX 256

enum attach_mode {
	ATTACH_UNAVAILABLE,
	ATTACH_NATIVE,	/* in the driver, before an skb is made */
	ATTACH_GENERIC, /* in the stack: the driver has no XDP */
	_ATTACH_MODE_MAX,
};

struct ingest_bpf;
struct ring_buffer;

/* Does not move between attach_load() and attach_done(). */
struct attach {
	char interface[16];
	unsigned ifindex;
	enum attach_mode mode;
	char reason[ATTACH_REASON_MAX]; /* unavailable: why. Attached: what is not as it should be; "" when nothing */
	int native_error; /* -errno: why it is not native; 0 = it is, or nobody tried */
	bool taken_over;		/* the link and its counters were there already */
	struct ingest_bpf *skel;	/* owned */
	struct ring_buffer *ring;	/* owned; of sampled drops; NULL = there is none */
	void (*on_drop)(void *user, const struct ingest_drop *drop);
	void *on_drop_user;
	int link_fd;			/* owned; -1 = none */
	struct policy_slots slots;	/* names of the counters found or set */
};

extern const char *const attach_mode_names[_ATTACH_MODE_MAX];
extern const char *const attach_verdict_names[_INGEST_VERDICT_MAX];

/**
 * attach_load() - loads the program, not attached yet, its policy empty; reuses pinned counters
 * @pin: directory on a bpf file system, made where missing; where it is none the filter ends with the process
 *
 * Return: 0, or -errno with ret_a->reason set and mode ATTACH_UNAVAILABLE. Free with attach_done() either way.
 */
int attach_load(const char *interface, const char *pin, struct attach *ret_a);

/** attach_start() - puts the program on the interface: into the pinned link, else native, else generic. Same return. */
int attach_start(struct attach *a, const char *pin);

/** attach_done() - closes; a pinned link stays where it is. */
void attach_done(struct attach *a);

/**
 * attach_policy() - makes @policy the one that judges, by filling the generation not in use and one store
 *
 * Counters of slots that changed hands start at 0; a source of a feed keeps its rate and when it was seen. Needs no
 * capability.
 */
void attach_policy(struct attach *a, const struct policy *policy);

/** attach_counts() - of one slot, over all CPUs. Return: 0 or -errno. */
int attach_counts(const struct attach *a, unsigned slot, struct ingest_counts *ret_counts);

/* One source of a feed. */
struct attach_seen {
	enum ingest_family family;
	struct ingest_source source;
	uint64_t seen_ns; /* CLOCK_MONOTONIC, to the timer tick, of its last packet that passed; 0 = none */
};

/** attach_seen() - the @index-th source of a slot in the policy that judges. Return: 0, or -ENOENT when there is none. */
int attach_seen(const struct attach *a, unsigned slot, unsigned index, struct attach_seen *ret_seen);

/**
 * attach_drops() - calls @fn for every sampled drop since the last call: the first of a slot and verdict on each CPU, then
 * every INGEST_SAMPLE-th. Samples are lost when nobody calls for long.
 *
 * Return: how many, or -errno.
 */
int attach_drops(struct attach *a, void (*fn)(void *user, const struct ingest_drop *drop), void *user);

/** attach_alive() - false when the interface went away or somebody took the program off. */
bool attach_alive(const struct attach *a);

/** attach_remove() - unpins all of PIN/IF: the program leaves the interface. Return: 0, -ENOENT or -errno. */
int attach_remove(const char *interface, const char *pin);
