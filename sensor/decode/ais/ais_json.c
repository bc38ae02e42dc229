#include "sensor/decode/ais/ais_json.h"

#include <stdio.h>
#include <string.h>

static void put_turn(struct jot *j, int32_t raw)
{
	/* M.1371-5 table 48: ROT_AIS = 4.733 sqrt(deg/min). +-127: faster than 5 deg in 30 s, no indicator */
	if (raw == 127 || raw == -127)
		jot_text(j, raw > 0 ? "fastright" : "fastleft", raw > 0 ? 9 : 8);
	else
		jot_scaled(j, (int64_t)raw * (raw < 0 ? -raw : raw), 1000000, 22401289, 4);
}

static void put_eta(struct jot *j, const int32_t *v)
{
	char buf[64];
	int n = snprintf(buf, sizeof(buf), "%02d-%02dT%02d:%02dZ", v[0], v[1], v[2], v[3]);

	jot_text(j, buf, (size_t)n);
}

static void put_timestamp(struct jot *j, const int32_t *v)
{
	char buf[96];
	int n = snprintf(buf, sizeof(buf), "%04d-%02d-%02dT%02d:%02d:%02dZ", v[0], v[1], v[2], v[3],
		v[4], v[5]);

	jot_text(j, buf, (size_t)n);
}

static void put_field(struct jot *j, const struct ais_message *m, const struct ais_message_field *f)
{
	const char *at = (const char *)m + f->offset;
	const int32_t *v = (const int32_t *)at;

	jot_key(j, f->name);
	if (f->kind == AIS_FIELD_TEXT)
		jot_text(j, at, strlen(at));
	else if (f->kind == AIS_FIELD_ETA)
		put_eta(j, v);
	else if (f->kind == AIS_FIELD_TIMESTAMP)
		put_timestamp(j, v);
	else if (*v == f->none)
		jot_null(j);
	else if (f->kind == AIS_FIELD_TURN)
		put_turn(j, *v);
	else if (f->kind == AIS_FIELD_BOOL)
		jot_bool(j, *v);
	else if (f->den == 1)
		jot_int(j, *v);
	else
		jot_scaled(j, *v, 1, f->den, (unsigned)f->decimals);
}

void ais_json_put(struct jot *j, const struct ais_message *m)
{
	const struct ais_message_layout *l = ais_message_layout(m);

	jot_open(j, '{');
	jot_key(j, "class");
	jot_text(j, "AIS", 3);
	jot_key(j, "type");
	jot_int(j, m->type);
	jot_key(j, "repeat");
	jot_int(j, m->repeat);
	jot_key(j, "mmsi");
	jot_int(j, m->mmsi);
	jot_key(j, "scaled");
	jot_bool(j, true);
	for (unsigned i = 0; l && i < l->n_fields; i++)
		if (l->fields[i].kind != AIS_FIELD_PART && l->fields[i].kind != AIS_FIELD_TEXT_MORE)
			put_field(j, m, &l->fields[i]);
	jot_close(j, '}');
}
