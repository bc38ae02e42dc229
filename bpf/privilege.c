#include "bpf/privilege.h"

#include <assert.h>
#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static const struct {
	int cap;
	const char *name;
} needed[] = {
	{ CAP_BPF, "CAP_BPF" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	{ CAP_PERFMON, "CAP_PERFMON" },
};

int privilege_missing(char *buf, size_t size)
{
	assert(buf);
	assert(size > 0);

	int missing = 0;
	size_t at = 0;

	buf[0] = '\0';
	(void)capng_get_caps_process();
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (capng_have_capability(CAPNG_EFFECTIVE, (unsigned)needed[i].cap))
			continue;
		int n = snprintf(buf + at, size - at, "%s%s", missing ? " " : "", needed[i].name);
		at = n > 0 && (size_t)n < size - at ? at + (size_t)n : at;
		missing++;
	}
	return missing;
}

int privilege_drop(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;

	/* The bounding set needs CAP_SETPCAP, which a service has not: no_new_privs makes it moot. */
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
