#include "sensor/decode/nmea/nmea.h"

#include <string.h>

#define ADDRESS 5     /* talker and sentence */
#define FRAME_HEAD 6  /* bytes of a datagram's header */
#define LOOK_MAX 65536 /* bytes by which text is judged */

/* One pass over some bytes; each function moves @at on and never back, but for a tag block without an end. */
struct pass {
	struct nmea *n;
	uint32_t source;
	nmea_sink sink;
	void *user;
	const char *at, *end;
	bool found;	/* something on this line made sense, or was counted as a fault */
	bool tag_whole; /* the tag block in front of `at` */
	struct nmea_message message; /* its tag is the one in front of `at`, if any */
};

static const bool stops[256] = { ['$'] = true, ['!'] = true, ['\\'] = true, ['*'] = true, ['\r'] = true, ['\n'] = true };

static void fault(struct pass *p, enum nmea_fault f)
{
	p->n->stats.faults[f]++;
	p->found = true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What `*hh` at @star says, whole before @end; -1 when it is none. */
static int read_sum(const char *star, const char *end)
{
	int high = end - star > 2 ? hex_digit(star[1]) : -1, low = high < 0 ? -1 : hex_digit(star[2]);

	return low < 0 ? -1 : high << 4 | low;
}

/* A sentence whose checksum is good, from the byte behind '$' or '!' to the '*'. */
static void take_sentence(struct pass *p, char start, const char *body, const char *star)
{
	struct nmea_stats *stats = &p->n->stats;
	struct nmea_message *m = &p->message;
	bool plain = star - body >= ADDRESS && (star - body == ADDRESS || body[ADDRESS] == ',');
	const struct nmea_layout *l = plain && *body != 'P' ? nmea_message_layout(body + 2) : NULL;

	stats->sentences++;
	if (!l) {
		bool ais = plain && start == '!' && body[2] == 'V' && body[3] == 'D' && (body[4] == 'M' || body[4] == 'O');

		stats->ais += ais;
		stats->others += !ais;
		return;
	}
	m->layout = l;
	m->start = start;
	memcpy(m->talker, body, sizeof(m->talker));
	nmea_message_decode(m, body + ADDRESS, star, stats->faults);
	stats->messages++;
	stats->extra_fields += m->n_extra;
	stats->missing_fields += m->n_fields < l->n_fields ? l->n_fields - m->n_fields : 0;
	p->sink(p->user, m);
}

/* At '$' or '!'. */
static void read_sentence(struct pass *p)
{
	const char *body = p->at + 1, *q = body;
	uint8_t sum = 0;

	for (; q < p->end && !stops[(uint8_t)*q]; q++)
		sum ^= (uint8_t)*q;

	int want = q < p->end && *q == '*' ? read_sum(q, p->end) : -1;

	p->found = true;
	if (want < 0) {
		fault(p, NMEA_FAULT_TRUNCATED);
		p->at = q;
		return;
	}
	if (want == sum)
		take_sentence(p, *p->at, body, q);
	else
		fault(p, NMEA_FAULT_CHECKSUM);
	p->at = q + 3;
}

/* The tag block from the byte behind its first backslash to its '*'. */
static void take_tag(struct pass *p, const char *body, const char *star)
{
	struct nmea_tag *tag = &p->message.tag;

	nmea_message_tag(tag, body, star, p->n->stats.faults);
	nmea_lines_take(&p->n->lines, p->source, tag->source.at, tag->source.size, tag->line.decimals ? 0 : tag->line.value);
}

/* At a backslash. Without a second one on the line it is passed over alone, so that a sentence behind it is found. */
static void read_tag(struct pass *p)
{
	const char *body = p->at + 1, *q = body, *star = NULL;
	uint8_t sum = 0, sum_at_star = 0;

	for (; q < p->end && *q != '\\' && *q != '\n' && *q != '\r'; q++) {
		if (*q == '*') {
			star = q;
			sum_at_star = sum;
		}
		sum ^= (uint8_t)*q;
	}
	bool whole = q < p->end && *q == '\\';

	if (whole && star && q - star == 3 && read_sum(star, q) == sum_at_star) {
		take_tag(p, body, star);
		p->found = true;
	} else {
		fault(p, NMEA_FAULT_TAG);
	}
	p->at = whole ? q + 1 : body;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\0' || c == '\r';
}

/* What stands before a sentence or between two. Only a line with nothing else in it is rubbish. */
static void skip(struct pass *p)
{
	bool blank = true;

	for (; p->at < p->end && *p->at != '$' && *p->at != '!' && *p->at != '\\' && *p->at != '\n'; p->at++)
		blank = blank && is_blank(*p->at);
	p->message.tag.letters[0] = '\0';
	if (!blank && !p->found && (p->at == p->end || *p->at == '\n'))
		fault(p, NMEA_FAULT_GARBAGE);
}

/* At a line's start: is it a comment? Then it is passed over. */
static bool comment(struct pass *p)
{
	if (*p->at != '#')
		return false;

	const char *end = memchr(p->at, '\n', (size_t)(p->end - p->at));

	p->n->stats.others++;
	p->at = end ? end : p->end;
	return true;
}

static void read_line(struct pass *p)
{
	p->found = false;
	p->message.tag.letters[0] = '\0';
	if (comment(p))
		return;
	while (p->at < p->end && *p->at != '\n') {
		if (*p->at == '\\') {
			read_tag(p);
		} else if (*p->at == '$' || *p->at == '!') {
			read_sentence(p);
			p->message.tag.letters[0] = '\0';
		} else {
			skip(p);
		}
	}
}

/* IEC 61162-450: what a datagram carries is in its first six bytes. True when these are sentences, or there is no header. */
static bool read_head(struct pass *p)
{
	static const char others[][FRAME_HEAD] = { "RaUdP", "RrUdP", "NkPgN" };
	size_t size = (size_t)(p->end - p->at);

	if (size < FRAME_HEAD)
		return true;
	if (!memcmp(p->at, "UdPbC", FRAME_HEAD)) {
		p->n->stats.frames++;
		p->at += FRAME_HEAD;
		return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!memcmp(p->at, others[i], FRAME_HEAD)) {
			p->n->stats.other_frames++;
			return false;
		}
	return true;
}

void nmea_decode(struct nmea *n, const char *data, size_t size, uint32_t source, nmea_sink sink, void *user)
{
	struct pass p = { .n = n, .source = source, .sink = sink, .user = user, .at = data, .end = data + size };

	n->stats.bytes += size;
	if (!read_head(&p))
		return;
	for (; p.at < p.end; p.at++) /* at a line's end */
		read_line(&p);
}

/* Does a sentence start here, with an address of five characters? */
static bool is_start(const char *p, const char *end)
{
	return end - p > ADDRESS + 1 && (*p == '$' || *p == '!') && p[ADDRESS + 1] == ',';
}

bool nmea_is(const char *data, size_t size)
{
	const char *end = data + (size < LOOK_MAX ? size : LOOK_MAX);
	bool any = size >= FRAME_HEAD && !memcmp(data, "UdPbC", FRAME_HEAD);

	for (const char *p = data; p < end; p++) {
		if (!is_start(p, end))
			continue;
		if (p[3] == 'V' && p[4] == 'D' && (p[5] == 'M' || p[5] == 'O'))
			return false;
		any = any || nmea_message_layout(p + 3);
	}
	return any;
}
