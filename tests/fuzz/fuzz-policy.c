/* fuzz-policy - any bytes as a policy file: refused with a reason, or a policy that never lets a foreign track go. */
#include "hub/policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy *policy = NULL;
	struct conf_error error = { "" };
	struct track t = { .id = { "xq", 1, 1 }, .state = TRACK_CONFIRMED, .n_sources = 1, .distress = PLOT_DISTRESS_MOB };
	struct policy_peer peer = { "xb", POLICY_NCC };
	if (policy_parse("fuzz", (const char *)data, size, &policy, &error) < 0) {
		if (!error.text[0] || policy)
			abort();
		return 0;
	}
	if (policy_decide(policy, NULL, &t, &peer, "xa", true).release)
		abort();
	memcpy(t.id.origin, "xa", 3);
	struct policy_decision d = policy_decide(policy, NULL, &t, &peer, "xa", false);
	if (d.release && (!d.rule || !d.rule->id[0]))
		abort();
	policy_free(policy);
	return 0;
}
