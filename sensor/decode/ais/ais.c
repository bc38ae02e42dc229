#include "sensor/decode/ais/ais.h"

#include <string.h>

#include "sensor/decode/ais/ais_armour.h"
#include "sensor/decode/ais/ais_scan.h"

struct pass {
	struct ais *a;
	const char *end; /* of the input */
	uint32_t source;
	int64_t now_ns;
	ais_sink sink;
	void *user;
};

static void fault(struct ais *a, enum ais_fault f)
{
	a->stats.faults[f]++;
}

/* @text: AIS_ARMOUR_TEXT(@n) readable bytes */
static void take_message(struct pass *p, const char *text, unsigned n, unsigned fill,
	const struct ais_sentence *s)
{
	uint8_t bits[AIS_MESSAGE_BYTES];
	struct ais_message m;

	if (ais_armour_decode(text, n, bits) < 0) {
		fault(p->a, AIS_FAULT_ARMOUR);
		return;
	}

	enum ais_fault f = ais_message_decode(bits, n * 6 - fill, &m);

	/* A wrong fill count: the payload's characters hold the whole message. */
	if (f == AIS_FAULT_LENGTH && fill)
		f = ais_message_decode(bits, n * 6, &m);
	if (f != AIS_FAULT_NONE) {
		fault(p->a, f);
		return;
	}
	ais_names_join(&p->a->names, &m);
	p->a->stats.messages++;
	p->sink(p->user, &m, s);
}

static void take_lone(struct pass *p, const struct ais_sentence *s)
{
	char text[AIS_ARMOUR_TEXT(AIS_MESSAGE_CHARS_MAX)];

	if (s->payload_len == 0 || s->payload_len > AIS_MESSAGE_CHARS_MAX) {
		fault(p->a, AIS_FAULT_LENGTH);
	} else if (p->end - s->payload >= AIS_ARMOUR_TEXT(s->payload_len)) {
		take_message(p, s->payload, s->payload_len, s->fill, s);
	} else {
		memcpy(text, s->payload, s->payload_len);
		take_message(p, text, s->payload_len, s->fill, s);
	}
}

static void take_part(struct pass *p, struct ais_sentence *s)
{
	struct ais *a = p->a;
	const char *text;
	uint8_t fill;
	int n = ais_assembly_add(&a->assembly, s, p->source, p->now_ns, &text, &fill);

	a->stats.fragments++;
	a->stats.faults[AIS_FAULT_FRAGMENT] = a->assembly.lost;
	if (n > 0)
		take_message(p, text, (unsigned)n, fill, s);
	else if (n < 0)
		fault(a, AIS_FAULT_LENGTH);
}

/* A tag block directly before the sentence at @bang, not further back than @from. */
static void take_tag(struct ais *a, const char *from, const char *bang, struct ais_sentence *s)
{
	if (bang - from < 6 || bang[-1] != '\\')
		return;

	const char *open = memrchr(from, '\\', (size_t)(bang - 1 - from));

	if (!open || ais_sentence_tag(open, bang, s) != AIS_FAULT_NONE)
		fault(a, AIS_FAULT_TAG);
}

/* A line without a '!': another talker's sentence, a comment, a lone tag block, padding, or rubbish. */
static void take_other(struct ais *a, const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\0' || *p == '\r'))
		p++;
	if (p == end)
		return;
	if (*p == '$' || *p == '#' || *p == '\\' || memchr(p, '$', (size_t)(end - p)))
		a->stats.others++;
	else
		fault(a, AIS_FAULT_GARBAGE);
}

/* `!..TTD,` is somebody else's encapsulated sentence; anything else only looks like one. */
static void take_other_bang(struct ais *a, const char *bang, const char *end)
{
	if (end - bang > 6 && bang[6] == ',')
		a->stats.others++;
	else
		fault(a, AIS_FAULT_GARBAGE);
}

/* Returns the first byte behind the sentence at @bang; what may be its tag block begins no earlier than @from. */
static const char *take_bang(struct pass *p, const char *from, const char *bang)
{
	struct ais_sentence s;

	if (!ais_sentence_is_vdm(bang, p->end)) {
		take_other_bang(p->a, bang, p->end);
		return bang + 1;
	}
	p->a->stats.sentences++;

	enum ais_fault f = ais_sentence_parse(bang, p->end, &s);

	if (f != AIS_FAULT_NONE) {
		fault(p->a, f);
		return f == AIS_FAULT_TRUNCATED ? bang + 1 : s.end;
	}
	take_tag(p->a, from, bang, &s);
	if (s.n == 1)
		take_lone(p, &s);
	else
		take_part(p, &s);
	return s.end;
}

/* Returns the line's end: its line feed, or the end of the input. */
static const char *take_line(struct pass *p, const char *line)
{
	const char *from = line, *at = ais_scan_line(line, p->end);

	if (*line == '#') {
		const char *feed = memchr(at, '\n', (size_t)(p->end - at));

		at = feed ? feed : p->end;
	}
	if (*line == '#' || at == p->end || *at == '\n')
		take_other(p->a, line, at);
	else
		do {
			from = take_bang(p, from, at);
			at = ais_scan_line(from, p->end);
		} while (at < p->end && *at == '!');
	return at;
}

void ais_init(struct ais *a)
{
	memset(a, 0, sizeof(*a));
}

void ais_decode(struct ais *a, const char *data, size_t size, uint32_t source, int64_t now_ns, ais_sink sink,
	void *user)
{
	struct pass p = { a, data + size, source, now_ns, sink, user };

	a->stats.bytes += size;
	for (const char *line = data; line < p.end; line++) {
		if (*line == '$')
			line = ais_scan_talkers(line, p.end, &a->stats.others);
		if (line < p.end)
			line = take_line(&p, line);
	}
}
