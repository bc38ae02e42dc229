#include "sensor/decode/ais/ais.h"

#include "sensor/decode/ais/ais_armour.h"

#include <string.h>

struct pass {
	struct ais *a;
	uint32_t source;
	int64_t now_ns;
	ais_sink sink;
	void *user;
};

static void fault(struct ais *a, enum ais_fault f)
{
	a->stats.faults[f]++;
}

static void take_message(struct pass *p, const char *text, unsigned n, unsigned fill,
	const struct ais_sentence *s)
{
	uint8_t bits[AIS_MESSAGE_BYTES];
	struct ais_message m;

	if (n == 0 || n > AIS_MESSAGE_CHARS_MAX) {
		fault(p->a, AIS_FAULT_LENGTH);
		return;
	}
	if (ais_armour_decode(text, n, bits) < 0) {
		fault(p->a, AIS_FAULT_ARMOUR);
		return;
	}
	memset(bits + n * 6 / 8 + 1, 0, AIS_MESSAGE_BYTES - n * 6 / 8 - 1);

	enum ais_fault f = ais_message_decode(bits, n * 6 - fill, &m);

	/* A wrong fill count: the payload's characters hold the whole message. */
	if (f == AIS_FAULT_LENGTH && fill)
		f = ais_message_decode(bits, n * 6, &m);
	if (f != AIS_FAULT_NONE) {
		fault(p->a, f);
		return;
	}
	p->a->stats.messages++;
	p->sink(p->user, &m, s);
}

static void take_sentence(struct pass *p, const struct ais_sentence *s)
{
	char text[AIS_MESSAGE_CHARS_MAX];
	uint8_t fill;

	if (s->n == 1) {
		take_message(p, s->payload, s->payload_len, s->fill, s);
		return;
	}
	p->a->stats.fragments++;

	int n = ais_assembly_add(&p->a->assembly, s, p->source, p->now_ns, text, &fill);

	p->a->stats.faults[AIS_FAULT_FRAGMENT] = p->a->assembly.lost;
	if (n > 0)
		take_message(p, text, (unsigned)n, fill, s);
	else if (n < 0)
		fault(p->a, AIS_FAULT_LENGTH);
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
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\0'))
		p++;
	if (p == end)
		return;
	if (*p == '$' || *p == '#' || *p == '\\' || memchr(p, '$', (size_t)(end - p)))
		a->stats.others++;
	else
		fault(a, AIS_FAULT_GARBAGE);
}

/* Returns the first byte behind the sentence at @bang. */
static const char *take_bang(struct pass *p, const char *from, const char *bang, const char *end)
{
	struct ais_sentence s;

	if (!ais_sentence_is_vdm(bang, end)) {
		/* `!..TTD` is somebody else's encapsulated sentence; anything else only looks like one. */
		if (end - bang > 6 && bang[6] == ',')
			p->a->stats.others++;
		else
			fault(p->a, AIS_FAULT_GARBAGE);
		const char *next = memchr(bang + 1, '!', (size_t)(end - bang - 1));

		return next ? next : end;
	}
	p->a->stats.sentences++;

	enum ais_fault f = ais_sentence_parse(bang, end, &s);

	if (f != AIS_FAULT_NONE) {
		fault(p->a, f);
		return f == AIS_FAULT_TRUNCATED ? bang + 1 : s.end;
	}
	take_tag(p->a, from, bang, &s);
	take_sentence(p, &s);
	return s.end;
}

static void take_line(struct pass *p, const char *from, const char *end)
{
	const char *bang = memchr(from, '!', (size_t)(end - from));

	if (!bang || *from == '#') {
		take_other(p->a, from, end);
		return;
	}
	while (bang) {
		from = take_bang(p, from, bang, end);
		bang = memchr(from, '!', (size_t)(end - from));
	}
}

void ais_init(struct ais *a)
{
	memset(a, 0, sizeof(*a));
}

void ais_decode(struct ais *a, const char *data, size_t size, uint32_t source, int64_t now_ns, ais_sink sink,
	void *user)
{
	struct pass p = { a, source, now_ns, sink, user };
	const char *end = data + size;

	a->stats.bytes += size;
	while (data < end) {
		const char *line_end = memchr(data, '\n', (size_t)(end - data));
		const char *next = line_end ? line_end + 1 : end;

		if (!line_end)
			line_end = end;
		if (line_end > data && line_end[-1] == '\r')
			line_end--;
		if (line_end > data)
			take_line(&p, data, line_end);
		data = next;
	}
}
