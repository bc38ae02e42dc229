#include "fusion/admission.h"

#include "common/roster.h"

#include <stdbool.h>
#include <string.h>

static bool is_listed(const struct fusion_config *c, const char *identity)
{
	for (unsigned i = 0; i < c->hosts.n; i++)
		if (!strcmp(c->hosts.items[i], identity))
			return true;
	return false;
}

static enum admission say(enum admission verdict, const char *why, const char **ret_why)
{
	*ret_why = why;
	return verdict;
}

enum admission admission_judge(const struct fusion_config *config, const struct bus_peer *peer, const char **ret_why)
{
	const size_t prefix = strlen(CERT_HOST_PREFIX);

	if (strncmp(peer->name, CERT_HOST_PREFIX, prefix) != 0 || !cert_name_is_good(peer->name + prefix))
		return say(ADMISSION_REFUSED, "no host's name in its certificate", ret_why);
	switch (roster_judge(config->roster, peer->name + prefix, peer->spki_sha256)) {
	case ROSTER_ADMITTED:
		if (peer->expired)
			return say(ADMISSION_RENEWAL, "its certificate has expired: renewal only", ret_why);
		return say(ADMISSION_GRANTED, "", ret_why);
	case ROSTER_REVOKED:
		return say(ADMISSION_REVOKED, "it was revoked", ret_why);
	case ROSTER_FOREIGN:
		return say(ADMISSION_REFUSED, "not the key it was admitted with", ret_why);
	case ROSTER_UNKNOWN:
		if (!is_listed(config, peer->name))
			return say(ADMISSION_REFUSED, "neither admitted nor in Hosts=", ret_why);
		if (peer->expired)
			return say(ADMISSION_REFUSED, "its certificate has expired, and it is not in the register", ret_why);
		return say(ADMISSION_GRANTED, "", ret_why);
	default:
		return say(ADMISSION_REFUSED, "the register cannot be read", ret_why);
	}
}
