#include "cli/simulate/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "sensor/decode/bits.h"

#define FILE_MAX (INT64_C(1) << 30)
#define MILLISECONDS_FROM INT64_C(100000000000) /* c: counts s or ms: in seconds this is the year 5138 */

static int read_all(FILE *f, struct recording *r)
{
	struct stat st;
	if (fstat(fileno(f), &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	r->data = calloc(1, (size_t)st.st_size + BITS_SLACK);
	if (!r->data)
		return -ENOMEM;
	r->size = fread(r->data, 1, (size_t)st.st_size, f);
	return ferror(f) ? -EIO : 0;
}

int recording_open(struct recording *r, const char *path, uint16_t port)
{
	*r = (struct recording){ .port = port };
	FILE *f = fopen(path, "re");
	if (!f)
		return -errno;
	int rc = read_all(f, r);
	fclose(f);
	if (rc == 0 && container_is(r->data, r->size)) {
		r->capture = true;
		rc = container_init(&r->container, r->data, r->size);
	}
	if (rc < 0)
		recording_done(r);
	return rc;
}

void recording_done(struct recording *r)
{
	free(r->data);
	*r = (struct recording){ 0 };
}

void recording_rewind(struct recording *r)
{
	r->at = 0;
	if (r->capture)
		(void)container_init(&r->container, r->data, r->size); /* it could the first time */
}

static bool next_packet(struct recording *r, struct recording_datagram *ret_d)
{
	struct container_datagram d;
	while (container_next(&r->container, &d)) {
		if (r->port && d.port && d.port != r->port)
			continue;
		*ret_d = (struct recording_datagram){ d.data, d.size, d.time_ns };
		return true;
	}
	return false;
}

static bool next_line(struct recording *r, struct recording_datagram *ret_d)
{
	while (r->at < r->size) {
		const char *line = (const char *)r->data + r->at;
		const char *end = memchr(line, '\n', r->size - r->at);
		size_t n = end ? (size_t)(end - line) + 1 : r->size - r->at;
		r->at += n;
		if (n == 0 || line[0] == '#' || line[0] == '\n' || line[0] == '\r')
			continue;
		*ret_d = (struct recording_datagram){ (const uint8_t *)line, n, recording_line_time(line, n) };
		return true;
	}
	return false;
}

bool recording_next(struct recording *r, struct recording_datagram *ret_d)
{
	return r->capture ? next_packet(r, ret_d) : next_line(r, ret_d);
}

/* Up to 18 digits. Return: how many. */
static unsigned read_digits(const char *p, const char *end, int64_t *ret_v)
{
	unsigned n = 0;
	int64_t v = 0;
	for (; p + n < end && n < 18 && p[n] >= '0' && p[n] <= '9'; n++)
		v = v * 10 + (p[n] - '0');
	*ret_v = v;
	return n;
}

/* A count of seconds or milliseconds; what no clock of this century says is no time. */
static int64_t to_ns(int64_t v)
{
	bool milliseconds = v >= MILLISECONDS_FROM;
	int64_t unit = milliseconds ? CLOCK_NS_PER_MS : CLOCK_NS_PER_S;
	return v <= INT64_MAX / unit ? v * unit : 0;
}

static int64_t tag_time(const char *line, const char *end)
{
	const char *close = memchr(line + 1, '\\', (size_t)(end - line - 1));
	for (const char *p = line; close && p + 3 < close; p++) {
		int64_t v;
		if ((p[0] == '\\' || p[0] == ',') && p[1] == 'c' && p[2] == ':' && read_digits(p + 3, close, &v) > 0)
			return to_ns(v);
	}
	return 0;
}

static int64_t trailing_time(const char *line, const char *end)
{
	while (end > line && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	const char *comma = memrchr(line, ',', (size_t)(end - line));
	int64_t v;
	/* Nine or ten digits to the line's end: seconds from 1973 on. The fill bits are one. */
	if (!comma)
		return 0;
	unsigned n = read_digits(comma + 1, end, &v);
	return (n == 9 || n == 10) && comma + 1 + n == end ? to_ns(v) : 0;
}

int64_t recording_line_time(const char *line, size_t n)
{
	const char *end = line + n;
	int64_t t = n > 1 && line[0] == '\\' ? tag_time(line, end) : 0;
	return t ? t : trailing_time(line, end);
}

size_t recording_untagged(const char *line, size_t n)
{
	const char *close = n > 1 && line[0] == '\\' ? memchr(line + 1, '\\', n - 1) : NULL;
	return close ? (size_t)(close + 1 - line) : 0;
}
