#include "cli/simulate/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/geo.h"

static const struct {
	enum value_unit unit;
	const char *text;
	double factor;
} units[] = {
	{ VALUE_PLAIN, "", 1 },
	{ VALUE_LENGTH, "m", 1 },
	{ VALUE_LENGTH, "km", 1000 },
	{ VALUE_LENGTH, "NM", GEO_NM_M },
	{ VALUE_SPEED, "m/s", 1 },
	{ VALUE_SPEED, "kt", GEO_KNOT_MPS },
	{ VALUE_DURATION, "ms", 1e-3 },
	{ VALUE_DURATION, "s", 1 },
	{ VALUE_DURATION, "min", 60 },
	{ VALUE_DURATION, "h", 3600 },
	{ VALUE_ANGLE, "deg", GEO_DEG },
	{ VALUE_ANGLE, "rad", 1 },
};

/* The number at the head of @text; no hexadecimal, no "inf" or "nan". A process that sets no locale reads '.' */
static int head(const char *text, double *ret_v, const char **ret_rest)
{
	const char *digits = text + (*text == '-');
	if (!isdigit((unsigned char)*digits) || (digits[0] == '0' && tolower((unsigned char)digits[1]) == 'x'))
		return -EINVAL;
	char *end;
	double v = strtod(text, &end);
	if (!isfinite(v))
		return -EINVAL;
	*ret_v = v;
	*ret_rest = end;
	return 0;
}

int value_number(const char *text, enum value_unit unit, double *ret_v)
{
	const char *rest;
	double v;
	if (head(text, &v, &rest) < 0)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit == unit && !strcmp(units[i].text, rest)) {
			*ret_v = v * units[i].factor;
			return 0;
		}
	}
	return -EINVAL;
}

int value_uint(const char *text, uint64_t *ret_v)
{
	size_t n = strlen(text);
	if (n == 0 || n > 18 || strspn(text, "0123456789") != n)
		return -EINVAL;
	*ret_v = strtoull(text, NULL, 10);
	return 0;
}

int value_point(const char *text, struct scene_point *ret_p)
{
	const char *rest;
	double lat, lon;
	if (head(text, &lat, &rest) < 0 || *rest != ',' || head(rest + 1, &lon, &rest) < 0 || *rest)
		return -EINVAL;
	if (!(lat >= -89 && lat <= 89 && lon >= -180 && lon <= 180))
		return -EINVAL;
	*ret_p = (struct scene_point){ lat * GEO_DEG, lon * GEO_DEG, 0 };
	return 0;
}

static int way_point(char *text, struct scene_point *ret_p)
{
	char *stop = strchr(text, '/');
	double seconds = 0;
	if (stop) {
		*stop++ = '\0';
		if (value_number(stop, VALUE_DURATION, &seconds) < 0 || seconds < 0 || seconds > 86400)
			return -EINVAL;
	}
	if (value_point(text, ret_p) < 0)
		return -EINVAL;
	ret_p->stop_ns = llround(seconds * 1e9);
	return 0;
}

int value_route(const char *text, struct scene_point *ret_points, unsigned max, unsigned *ret_n)
{
	struct scene_point points[SCENE_ROUTE_MAX];
	unsigned n = 0;
	char one[64];
	for (;;) {
		size_t len = strcspn(text, ";");
		if (n == max || n == SCENE_ROUTE_MAX || len >= sizeof(one))
			return -EINVAL;
		memcpy(one, text, len);
		one[len] = '\0';
		if (way_point(one, &points[n++]) < 0)
			return -EINVAL;
		if (!text[len])
			break;
		text += len + 1;
	}
	memcpy(ret_points, points, n * sizeof(points[0]));
	*ret_n = n;
	return 0;
}

int value_window(const char *text, double *ret_from_rad, double *ret_to_rad)
{
	char from[32];
	const char *dots = strstr(text, "..");
	double a, b;
	if (!dots || (size_t)(dots - text) >= sizeof(from))
		return -EINVAL;
	snprintf(from, sizeof(from), "%.*s", (int)(dots - text), text);
	if (value_number(from, VALUE_ANGLE, &a) < 0 || value_number(dots + 2, VALUE_ANGLE, &b) < 0)
		return -EINVAL;
	if (a < 0 || b < 0 || a >= 2 * M_PI || b >= 2 * M_PI)
		return -EINVAL;
	*ret_from_rad = a;
	*ret_to_rad = b;
	return 0;
}

int value_address(const char *text, bool port, struct sockaddr_in *ret_a)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);
	if (!!colon != port || n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return -EINVAL;
	if (port) {
		uint64_t number;
		if (value_uint(colon + 1, &number) < 0 || number < 1 || number > 65535)
			return -EINVAL;
		a.sin_port = htons((uint16_t)number);
	}
	*ret_a = a;
	return 0;
}
