#include "fusion/links.h"

#include "common/roster.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct link {
	char name[CERT_NAME_MAX], reason[64];
	bool up, expected;
	int64_t since_ns;
};

struct links {
	unsigned n;
	struct link all[LINKS_MAX];
};

int links_new(struct links **ret_l)
{
	*ret_l = calloc(1, sizeof(**ret_l));
	return *ret_l ? 0 : -ENOMEM;
}

void links_free(struct links *l)
{
	free(l);
}

static struct link *get(struct links *l, const char *name, int64_t mono_ns)
{
	for (unsigned i = 0; i < l->n; i++)
		if (!strcmp(l->all[i].name, name))
			return &l->all[i];
	if (l->n == LINKS_MAX)
		return NULL;
	struct link *k = &l->all[l->n++];
	*k = (struct link){ .reason = "not since the centre started", .since_ns = mono_ns };
	snprintf(k->name, sizeof(k->name), "%s", name);
	return k;
}

void links_set(struct links *l, const char *name, bool up, const char *reason, int64_t mono_ns)
{
	struct link *k = get(l, name, mono_ns);

	if (!k)
		return;
	k->up = up;
	k->since_ns = mono_ns;
	snprintf(k->reason, sizeof(k->reason), "%.63s", reason);
}

struct expecting {
	struct links *links;
	int64_t mono_ns;
};

static int expect(void *user, const char *name, bool revoked)
{
	struct expecting *e = user;
	struct link *k = revoked ? NULL : get(e->links, name, e->mono_ns);

	if (k)
		k->expected = true;
	return 0;
}

void links_expect(struct links *l, const struct fusion_config *config, int64_t mono_ns)
{
	struct expecting e = { l, mono_ns };
	unsigned kept = 0;

	for (unsigned i = 0; i < l->n; i++)
		l->all[i].expected = false;
	(void)roster_each(config->roster, expect, &e);
	for (unsigned i = 0; i < config->hosts.n; i++) {
		const char *name = config->hosts.items[i] + strlen(CERT_HOST_PREFIX);
		if (cert_name_is_good(name))
			(void)expect(&e, name, false);
	}
	for (unsigned i = 0; i < l->n; i++)
		if (l->all[i].up || l->all[i].expected)
			l->all[kept++] = l->all[i];
	l->n = kept;
}

void links_tell(const struct links *l, const char *only, int64_t mono_ns, void (*fn)(void *user, struct wire_health *h),
	void *user)
{
	for (unsigned i = 0; i < l->n; i++) {
		const struct link *k = &l->all[i];
		struct wire_health h = { .process = LINKS_PROCESS, .state = k->up ? WIRE_UP : WIRE_DOWN };
		if (only && strcmp(only, k->name) != 0)
			continue;
		snprintf(h.host, sizeof(h.host), "%s", k->name);
		if (!k->up)
			snprintf(h.reason, sizeof(h.reason), "no link for %" PRId64 " s: %s",
				(mono_ns - k->since_ns) / INT64_C(1000000000), k->reason);
		fn(user, &h);
	}
}
