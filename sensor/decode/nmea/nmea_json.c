#include "sensor/decode/nmea/nmea_json.h"

#include <string.h>

static void put_tag(struct jot *j, const struct nmea_tag *tag)
{
	if (!tag->letters[0])
		return;
	jot_key(j, "tag");
	jot_open(j, '{');
	for (const char *letter = tag->letters; *letter; letter++) {
		const struct nmea_field *f = nmea_message_tag_field(*letter);

		jot_key(j, f->name);
		nmea_value_json(f, (const char *)tag + f->offset, j);
	}
	jot_close(j, '}');
}

static void put_fields(struct jot *j, const struct nmea_message *m, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		size_t offset;
		const struct nmea_field *f = nmea_message_field(m->layout, i, &offset);

		if (!f->name)
			continue;
		jot_key(j, f->name);
		nmea_value_json(f, (const char *)m + offset, j);
	}
}

static void put_groups(struct jot *j, const struct nmea_message *m)
{
	const struct nmea_layout *l = m->layout;

	jot_key(j, l->group_name);
	jot_open(j, '[');
	for (unsigned i = l->n_fields - l->n_group; i < m->n_fields; i += l->n_group) {
		jot_open(j, '{');
		put_fields(j, m, i, i + l->n_group);
		jot_close(j, '}');
	}
	jot_close(j, ']');
}

static void put_targets(struct jot *j, const struct nmea_ttd *t)
{
	jot_key(j, "targets");
	jot_open(j, '[');
	for (unsigned i = 0; i < t->n_targets; i++)
		nmea_target_json(&t->targets[i], j);
	jot_close(j, ']');
}

void nmea_json_put(struct jot *j, const struct nmea_message *m)
{
	const struct nmea_layout *l = m->layout;

	jot_open(j, '{');
	jot_key(j, "class");
	jot_text(j, l->id, strlen(l->id));
	jot_key(j, "talker");
	jot_text(j, m->talker, sizeof(m->talker));
	put_tag(j, &m->tag);
	put_fields(j, m, 0, l->n_fields - l->n_group);
	if (l->n_group)
		put_groups(j, m);
	if (nmea_message_is(m, "TTD"))
		put_targets(j, &m->ttd);
	jot_close(j, '}');
}
