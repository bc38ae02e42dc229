/*
 * peer - the neighbours: a TLS listener where they pull what the policy lets them have, and what we pull from them.
 */
#pragma once

#include "common/bus.h"
#include "hub/hub.h"

struct peer_set;

/** peer_open() - listener, peers' logs and diallers as configured. Return: 0 or -errno with @reason. */
int peer_open(struct hub *hub, struct peer_set **ret_set, char reason[HUB_REASON_MAX]);
void peer_close(struct peer_set *set);

/** peer_flush() - releases what changed and pushes it out. */
void peer_flush(struct peer_set *set, int64_t now_ns);
/** peer_say() - tells every neighbour we serve whether our own picture is stale. */
void peer_say(struct peer_set *set, bool stale, const char *reason);
void peer_review(struct peer_set *set);
/** peer_committed(), peer_abort() - to every intake of the set. */
void peer_committed(struct peer_set *set);
void peer_abort(struct peer_set *set, const char *reason);

size_t peer_count(const struct peer_set *set);
struct intake *peer_intake(const struct peer_set *set, size_t i); /* NULL: we only serve it */
const struct release *peer_release(const struct peer_set *set, size_t i); /* NULL: nothing is served */
const struct settings_peer *peer_config(const struct peer_set *set, size_t i);
bool peer_served(const struct peer_set *set, size_t i); /* it is connected and acknowledges */
/** peer_up() - what we wait for decides; a peer that only pulls is up while it does. */
bool peer_up(const struct peer_set *set, size_t i, int64_t mono_ns);
uint64_t peer_changes(const struct peer_set *set);
/** peer_json() - the HEALTH frame's "peers": elements. */
void peer_json(const struct peer_set *set, int64_t mono_ns, struct jout *j);
