/*
 * intake - one connection we pull from: our fusion over ipc, or a neighbour's hub over TLS.
 *
 * The sink's half of log shipping: the cursor lies in the store, data and cursor are committed together and then
 * acknowledged.
 */
#pragma once

#include "common/bus.h"
#include "hub/hub.h"

struct intake;

struct intake_config {
	const char *label;    /* in cursors and logs: "fusion", "peer/xb"; borrowed for life */
	const char *url;
	const struct bus_tls *tls; /* NULL: ipc */
	const char *origin;   /* who must be announced, and whose objects are taken */
	const char *identity; /* the peer's certificate must name it; NULL: ipc */
	bool foreign;
	const char *const *lanes; /* wanted, NULL-ended */
};

int intake_new(struct hub *hub, const struct intake_config *config, struct intake **ret_i);
void intake_free(struct intake *i);

/** intake_committed() - the store has everything taken so far: acknowledge. */
void intake_committed(struct intake *i);
/** intake_abort() - the store lost what was taken since the last commit: start over from the cursor. */
void intake_abort(struct intake *i, const char *reason);

bool intake_live(const struct intake *i, int64_t mono_ns); /* heard within HUB_STALE_NS */
int64_t intake_heard_ns(const struct intake *i);	    /* UTC; 0 = never */
int64_t intake_silent_ns(const struct intake *i, int64_t mono_ns); /* since it was heard, or since start */
const char *intake_reason(const struct intake *i);	    /* why it is not connected; "" when it is */
uint64_t intake_changes(const struct intake *i);	    /* counts up with every connect and disconnect */
const char *intake_origin(const struct intake *i);
