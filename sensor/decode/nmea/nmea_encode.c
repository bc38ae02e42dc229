#include "sensor/decode/nmea/nmea_encode.h"

#include <stdio.h>
#include <string.h>

#define FRAME_HEAD "UdPbC" /* and its NUL */
#define LINE_LAST 999

/* `*hh` over what stands behind @from. */
static void put_sum(struct jot *out, size_t from)
{
	uint8_t sum = 0;
	char buf[8];

	for (size_t i = from; i < out->len; i++)
		sum ^= (uint8_t)out->buf[i];
	jot_raw(out, buf, (size_t)snprintf(buf, sizeof(buf), "*%02X", sum));
}

static void put_tag(const struct nmea_tag *tag, struct jot *out)
{
	jot_raw(out, "\\", 1);

	size_t from = out->len;

	for (const char *letter = tag->letters; *letter; letter++) {
		const struct nmea_field *f = nmea_message_tag_field(*letter);

		if (letter != tag->letters)
			jot_raw(out, ",", 1);
		jot_raw(out, (const char[]){ *letter, ':' }, 2);
		nmea_value_put(f, (const char *)tag + f->offset, out);
	}
	put_sum(out, from);
	jot_raw(out, "\\", 1);
}

static void put_targets(const struct nmea_ttd *t, struct jot *out)
{
	char text[NMEA_TARGET_CHARS];

	for (unsigned i = 0; i < t->n_targets; i++) {
		nmea_target_encode(&t->targets[i], text);
		jot_raw(out, text, sizeof(text));
	}
}

void nmea_encode_sentence(const struct nmea_message *m, struct jot *out)
{
	if (m->tag.letters[0])
		put_tag(&m->tag, out);
	jot_raw(out, &m->start, 1);

	size_t from = out->len, offset;

	jot_raw(out, m->talker, sizeof(m->talker));
	jot_raw(out, m->layout->id, 3);
	for (unsigned i = 0; i < m->n_fields; i++) {
		const struct nmea_field *f = nmea_message_field(m->layout, i, &offset);

		jot_raw(out, ",", 1);
		if (offset == offsetof(struct nmea_message, ttd.payload) && nmea_message_is(m, "TTD"))
			put_targets(&m->ttd, out);
		else
			nmea_value_put(f, (const char *)m + offset, out);
	}
	put_sum(out, from);
	jot_raw(out, "\r\n", 2);
}

void nmea_encode_begin(struct nmea_encode_frame *f)
{
	memcpy(f->bytes, FRAME_HEAD, sizeof(FRAME_HEAD));
	f->size = sizeof(FRAME_HEAD);
}

bool nmea_encode_add(struct nmea_encode_frame *f, struct nmea_encode_source *source, const struct nmea_message *m)
{
	unsigned line = source->line % LINE_LAST + 1;
	struct nmea_message tagged = *m;
	struct jot out;

	tagged.tag = (struct nmea_tag){
		.letters = "sn",
		.source = { source->function, strlen(source->function) },
		.line = nmea_value_number(line, 1, 0),
	};
	jot_init(&out, f->bytes + f->size, sizeof(f->bytes) - f->size);
	nmea_encode_sentence(&tagged, &out);
	if (out.full)
		return false;
	f->size += out.len;
	source->line = line;
	return true;
}
