#include "sensor/decode/asterix/asterix_profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sensor/decode/asterix/asterix_tables.h"

/* By category, newest first. */
static const struct asterix_category *const tables[] = {
	&cat001_category,
	&cat002_category,
	&cat010_category,
	&cat021_category,
	&cat021_026_category,
	&cat021_023_category,
	&cat023_category,
	&cat034_category,
	&cat048_category,
	&cat062_category,
	&cat063_category,
	&cat065_category,
	&cat240_category,
	&cat247_category,
};
#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

const struct asterix_profile asterix_profile_newest = {
	.of = {
		[1] = &cat001_category,
		[2] = &cat002_category,
		[10] = &cat010_category,
		[21] = &cat021_category,
		[23] = &cat023_category,
		[34] = &cat034_category,
		[48] = &cat048_category,
		[62] = &cat062_category,
		[63] = &cat063_category,
		[65] = &cat065_category,
		[240] = &cat240_category,
		[247] = &cat247_category,
	},
};

const struct asterix_category *asterix_profile_at(unsigned i)
{
	return i < N_TABLES ? tables[i] : NULL;
}

/* "1.32" as 1032; -1 when it is no edition. */
static long number(const char *edition)
{
	char *end;
	long major = strtol(edition, &end, 10);

	if (end == edition || *end != '.' || major < 0 || major > 99)
		return -1;

	const char *rest = end + 1;
	long minor = strtol(rest, &end, 10);

	return end == rest || *end || minor < 0 || minor > 999 ? -1 : major * 1000 + minor;
}

static bool reads(const struct asterix_category *c, long edition)
{
	return edition <= number(c->edition) && edition >= number(c->since ? c->since : c->edition);
}

static void name_known(uint8_t cat, char *ret_why)
{
	size_t size = ASTERIX_PROFILE_TEXT_MAX;
	int n = snprintf(ret_why, size, "CAT%03u is known in", cat);

	for (unsigned i = 0; i < N_TABLES; i++) {
		const struct asterix_category *c = tables[i];

		if (c->cat == cat)
			n += snprintf(ret_why + n, size - (size_t)n, " %s%s%s,", c->since ? c->since : "",
				c->since ? " to " : "", c->edition);
	}
	if (asterix_profile_newest.of[cat])
		ret_why[n - 1] = '\0';
	else
		snprintf(ret_why, size, "CAT%03u is not known", cat);
}

int asterix_profile_set(struct asterix_profile *p, uint8_t cat, const char *edition, char *ret_why)
{
	for (unsigned i = 0; i < N_TABLES; i++) {
		if (tables[i]->cat != cat || !reads(tables[i], number(edition)))
			continue;
		p->of[cat] = tables[i];
		return 0;
	}
	name_known(cat, ret_why);
	return -EINVAL;
}
