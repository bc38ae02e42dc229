/*
 * policy - feed files as the tables the XDP program reads.
 *
 * A feed keeps its slot (and so its counters) over reloads and restarts by its name. Pure but for reading the files.
 */
#pragma once

#include "bpf/ingest.h"
#include "common/feed.h"

/* Who holds which slot. name[0] is unused; "" is free. A removed feed's name stays until its slot is needed. */
struct policy_slots {
	struct ingest_name name[INGEST_SLOTS];
};

struct policy {
	struct ingest_policy tables;
	struct policy_slots slots;
	unsigned n_feeds; /* in tables */
};

/**
 * policy_compile() - feeds into tables
 * @feeds: @n of them, borrowed; feeds without a UDP address are left out
 * @old:   slots held so far, borrowed; NULL = none
 *
 * Return: 0, or -EINVAL with the reason in @ret_error: more feeds than slots, a feed without a source.
 */
int policy_compile(const struct feed *feeds, unsigned n, const struct policy_slots *old, struct policy *ret_policy,
	struct conf_error *ret_error);

/**
 * policy_be_strict() - UDP that is no feed's is refused from now on, but for what a host asks for itself
 * @ports: further ones that stay open, host byte order; @n of them, borrowed
 *
 * Open are DHCP's client ports and PTP's, and all ports to what DNS and NTP servers answer.
 */
void policy_be_strict(struct policy *policy, const uint16_t *ports, unsigned n);

/**
 * policy_load() - every *.conf in @dir, in byte order of names
 *
 * Return: how many files were refused (0 = none), *ret_error holding the first reason and *ret_policy the others; or
 * -errno with *ret_error set and *ret_policy untouched.
 */
int policy_load(const char *dir, const struct policy_slots *old, struct policy *ret_policy,
	struct conf_error *ret_error);
