#include "common/conf_value.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	enum conf_type type;
	const char *name;
	double factor; /* to SI */
};

/* The first of a type is the one that limits are shown in. */
static const struct unit units[] = {
	{ CONF_LENGTH, "m", 1 },
	{ CONF_LENGTH, "km", 1000 },
	{ CONF_LENGTH, "NM", 1852 },  /* exact, BIPM */
	{ CONF_LENGTH, "ft", 0.3048 }, /* exact, international foot */
	{ CONF_SPEED, "m/s", 1 },
	{ CONF_SPEED, "kt", 1852.0 / 3600 },
	{ CONF_SPEED, "km/h", 1 / 3.6 },
	{ CONF_DURATION, "s", 1 },
	{ CONF_DURATION, "ms", 1e-3 },
	{ CONF_DURATION, "us", 1e-6 },
	{ CONF_DURATION, "ns", 1e-9 },
	{ CONF_DURATION, "min", 60 },
	{ CONF_DURATION, "h", 3600 },
	{ CONF_DURATION, "d", 86400 },
	{ CONF_ANGLE, "deg", M_PI / 180 },
	{ CONF_ANGLE, "rad", 1 },
	{ CONF_SIZE, "B", 1 },
	{ CONF_SIZE, "K", 1024 },
	{ CONF_SIZE, "M", 1024.0 * 1024 },
	{ CONF_SIZE, "G", 1024.0 * 1024 * 1024 },
	{ CONF_SIZE, "T", 1024.0 * 1024 * 1024 * 1024 },
};
#define N_UNITS (sizeof(units) / sizeof(units[0]))

static const struct unit *unit_find(enum conf_type type, const char *name)
{
	for (size_t u = 0; u < N_UNITS; u++)
		if (units[u].type == type && (!name || !strcmp(units[u].name, name)))
			return &units[u];
	return NULL;
}

/* "needs a unit: m, km, NM or ft" */
static const char *unit_missing(enum conf_type type, char *reason)
{
	size_t n = snprintf(reason, CONF_REASON_MAX, "needs a unit:");

	for (size_t u = 0; u < N_UNITS; u++)
		if (units[u].type == type)
			n += snprintf(reason + n, CONF_REASON_MAX - n, " %s", units[u].name);
	return reason;
}

/* A decimal number at the start of @text, whatever the process's locale. Return: its end, or NULL. */
static const char *number(const char *text, double *ret)
{
	static locale_t c_locale;
	size_t n = strspn(text, "+-.0123456789"); /* neither hexadecimal nor inf nor nan */
	char *end;

	if (!c_locale)
		c_locale = newlocale(LC_ALL_MASK, "C", NULL);
	if (!n || !c_locale || text[n] == 'x' || text[n] == 'X')
		return NULL;
	double v = strtod_l(text, &end, c_locale);
	if (end == text || !isfinite(v) || end < text + n)
		return NULL;
	*ret = v;
	return end;
}

/* Limits are in SI; they are shown in the first unit of the type. */
static const char *within(const struct conf_key *key, double v, char *reason)
{
	const struct unit *unit = unit_find(key->type, NULL);
	double factor = unit ? unit->factor : 1;

	if ((key->min == 0 && key->max == 0) || (v >= key->min && v <= key->max))
		return NULL;
	snprintf(reason, CONF_REASON_MAX, "out of range %.10g to %.10g%s%s", key->min / factor, key->max / factor,
		unit ? " " : "", unit ? unit->name : "");
	return reason;
}

static const char *quantity(const struct conf_key *key, const char *value, double *ret, char *reason)
{
	double v;
	const char *end = number(value, &v);

	if (!end)
		return "not a number";
	if (key->type != CONF_DOUBLE) {
		end += strspn(end, " \t");
		const struct unit *unit = unit_find(key->type, *end ? end : " ");
		if (!unit)
			return unit_missing(key->type, reason);
		v *= unit->factor;
	} else if (*end) {
		return "not a number";
	}
	const char *why = within(key, v, reason);
	if (!why)
		*ret = v;
	return why;
}

static const char *set_double(const struct conf_key *key, const char *value, void *field, char *reason)
{
	return quantity(key, value, field, reason);
}

static const char *set_duration(const struct conf_key *key, const char *value, void *field, char *reason)
{
	double s;
	const char *why = quantity(key, value, &s, reason);

	if (why)
		return why;
	if (s < 0)
		return "must not be negative";
	if (s > 9e9) /* INT64_MAX ns is 292 years */
		return "too long";
	*(int64_t *)field = llround(s * 1e9);
	return NULL;
}

static const char *set_size(const struct conf_key *key, const char *value, void *field, char *reason)
{
	double bytes;
	const char *why = quantity(key, value, &bytes, reason);

	if (why)
		return why;
	if (bytes < 0)
		return "must not be negative";
	if (bytes > 9e18) /* below 2^63 */
		return "too large";
	*(uint64_t *)field = (uint64_t)llround(bytes);
	return NULL;
}

static const char *set_uint(const struct conf_key *key, const char *value, void *field, char *reason)
{
	size_t digits = strspn(value, "0123456789");

	if (!digits || value[digits])
		return "not a whole number";
	errno = 0;
	uint64_t v = strtoull(value, NULL, 10);
	if (errno)
		return "too large";
	const char *why = within(key, (double)v, reason);
	if (!why)
		*(uint64_t *)field = v;
	return why;
}

static const char *set_bool(const struct conf_key *key, const char *value, void *field, char *reason)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		if (!strcmp(value, words[w])) {
			*(bool *)field = w & 1;
			return NULL;
		}
	return "must be yes or no";
}

static const char *set_enum(const struct conf_key *key, const char *value, void *field, char *reason)
{
	size_t n = snprintf(reason, CONF_REASON_MAX, "must be one of:");

	for (int i = 0; key->names[i]; i++) {
		if (!strcmp(value, key->names[i])) {
			*(int *)field = i;
			return NULL;
		}
		if (n < CONF_REASON_MAX)
			n += snprintf(reason + n, CONF_REASON_MAX - n, " %s", key->names[i]);
	}
	return reason;
}

static const char *set_string(const struct conf_key *key, const char *value, void *field, char *reason)
{
	size_t n = strlen(value);

	if (n >= key->size) {
		snprintf(reason, CONF_REASON_MAX, "longer than %zu bytes", key->size - 1);
		return reason;
	}
	memcpy(field, value, n + 1);
	return NULL;
}

static const char *set_path(const struct conf_key *key, const char *value, void *field, char *reason)
{
	if (*value && *value != '/')
		return "must be an absolute path";
	return set_string(key, value, field, reason);
}

static const char *set_list(const struct conf_key *key, const char *value, void *field, char *reason)
{
	struct conf_list *list = field;

	if (!*value)
		conf_list_done(list);
	for (size_t n; *value; value += n) {
		value += strspn(value, " \t");
		n = strcspn(value, " \t");
		if (!n)
			break;
		if (list->n == CONF_LIST_MAX) {
			snprintf(reason, CONF_REASON_MAX, "more than %d items", CONF_LIST_MAX);
			return reason;
		}
		char *item = strndup(value, n);
		if (!item)
			return "out of memory";
		list->items[list->n++] = item;
	}
	return NULL;
}

static const char *set_custom(const struct conf_key *key, const char *value, void *field, char *reason)
{
	return key->parse(value, field);
}

/* Which types take an empty value: it empties a text, resets a list. */
static const struct {
	const char *(*set)(const struct conf_key *key, const char *value, void *field, char *reason);
	bool empty;
} types[] = {
	[CONF_STRING] = { set_string, true },
	[CONF_PATH] = { set_path, true },
	[CONF_BOOL] = { set_bool },
	[CONF_UINT] = { set_uint },
	[CONF_DOUBLE] = { set_double },
	[CONF_LENGTH] = { set_double },
	[CONF_SPEED] = { set_double },
	[CONF_DURATION] = { set_duration },
	[CONF_ANGLE] = { set_double },
	[CONF_SIZE] = { set_size },
	[CONF_ENUM] = { set_enum },
	[CONF_LIST] = { set_list, true },
	[CONF_CUSTOM] = { set_custom, true },
};

const char *conf_value_set(const struct conf_key *key, const char *value, void *obj, char *reason)
{
	if (!*value && !types[key->type].empty)
		return "has no value";
	return types[key->type].set(key, value, (char *)obj + key->offset, reason);
}
