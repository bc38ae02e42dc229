#include "hub/query.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define PATH_SIZE_MAX 256
#define NUMBER_DIGITS_MAX 24 /* longer numbers say nothing a double can hold */

/* [-]digits[.digits]: no exponent, no hexadecimal, no locale. Moves *p past it. */
static int parse_number(const char **p, double *ret_v)
{
	const char *s = *p;
	double sign = *s == '-' ? -1 : 1;
	if (*s == '-')
		s++;
	double v = 0, scale = 1;
	unsigned digits = 0;
	bool fraction = false;
	for (;; s++) {
		if (*s == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*s < '0' || *s > '9')
			break;
		if (++digits > NUMBER_DIGITS_MAX)
			return -EINVAL;
		v = v * 10 + (*s - '0');
		if (fraction)
			scale *= 10;
	}
	if (digits == 0)
		return -EINVAL;
	*ret_v = sign * v / scale;
	*p = s;
	return 0;
}

int query_box(const char *text, struct query_box *ret_box)
{
	assert(ret_box);

	double v[6];
	unsigned n = 0;
	for (const char *p = text;; p++) {
		if (n == 6 || parse_number(&p, &v[n++]) < 0)
			return -EINVAL;
		if (!*p)
			break;
		if (*p != ',')
			return -EINVAL;
	}
	if (n != 4 && n != 6)
		return -EINVAL;
	struct query_box b = { v[0], v[1], v[n == 6 ? 3 : 2], v[n == 6 ? 4 : 3] };
	if (fabs(b.west) > 180 || fabs(b.east) > 180 || fabs(b.south) > 90 || fabs(b.north) > 90 || b.south > b.north)
		return -EINVAL;
	*ret_box = b;
	return 0;
}

bool query_box_holds(const struct query_box *b, double lat_deg, double lon_deg)
{
	if (!(lat_deg >= b->south && lat_deg <= b->north))
		return false;
	if (b->west <= b->east)
		return lon_deg >= b->west && lon_deg <= b->east;
	return lon_deg >= b->west || lon_deg <= b->east;
}

int query_uint(const char *text, uint64_t max, uint64_t *ret_value)
{
	uint64_t v = 0;
	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || v > (UINT64_MAX - 9) / 10)
			return -EINVAL;
		v = v * 10 + (uint64_t)(*text - '0');
	}
	if (v > max)
		return -EINVAL;
	*ret_value = v;
	return 0;
}

int query_search(const char *text, char *buf, size_t cap)
{
	size_t n = strnlen(text, cap);
	if (n >= cap)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return -EINVAL;
	for (size_t i = 0; i <= n; i++)
		buf[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
	return 0;
}

bool query_path_ok(const char *path)
{
	size_t n = strnlen(path, PATH_SIZE_MAX);
	if (n < 2 || n >= PATH_SIZE_MAX || path[0] != '/' || path[n - 1] == '/')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = path[i];
		if (c == '/' && (path[i + 1] == '/' || path[i + 1] == '.'))
			return false;
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
			    c == '-' || c == '/'))
			return false;
	}
	return true;
}
