#include "sensor/decode/ais/ais_fields.h"

#include <string.h>

/* Six-bit ASCII (M.1371-5 table 47): '@' ends the text, 1..31 are 'A'..'_', 32..63 are themselves. */
static void get_text(const uint8_t *bits, unsigned bit, unsigned width, char *out)
{
	unsigned n = 0, end = 0;

	for (unsigned left = width / 6; left; left--, bit += 6) {
		unsigned v = (unsigned)bits_get(bits, bit, 6);

		if (v == 0)
			break;
		out[n++] = (char)(v < 32 ? v + 64 : v);
		if (v != 32)
			end = n;
	}
	out[end] = '\0';
}

/* A name goes on in its extension only when its own 20 characters are full. */
static void get_text_more(const uint8_t *bits, unsigned n_bits, const struct ais_message_field *f,
	char *out)
{
	if (n_bits < (unsigned)f->bit + 6 || bits_get(bits, 43 + 19 * 6, 6) == 0)
		return;

	unsigned width = n_bits - f->bit, len = (unsigned)strlen(out);

	while (len < 20)
		out[len++] = ' '; /* trailing spaces of the first part are inside the name now */
	get_text(bits, f->bit, width < f->width ? width : f->width, out + len);
	for (len = (unsigned)strlen(out); len && out[len - 1] == ' '; len--)
		out[len - 1] = '\0';
}

void ais_fields_get(const struct ais_message_layout *l, const uint8_t *bits, unsigned n_bits,
	struct ais_message *m)
{
	for (unsigned i = 0; i < l->n_fields; i++) {
		const struct ais_message_field *f = &l->fields[i];
		char *at = (char *)m + f->offset;

		if (f->kind == AIS_FIELD_INT || f->kind == AIS_FIELD_TURN) {
			*(int32_t *)at = (int32_t)bits_get_signed(bits, f->bit, f->width);
		} else if (f->kind == AIS_FIELD_TEXT) {
			unsigned left = n_bits > f->bit ? n_bits - f->bit : 0;

			get_text(bits, f->bit, left < f->width ? left : f->width, at);
		} else if (f->kind == AIS_FIELD_TEXT_MORE) {
			get_text_more(bits, n_bits, f, at);
		} else if (f->width) {
			*(int32_t *)at = (int32_t)bits_get(bits, f->bit, f->width);
		}
	}
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio: spreads every bit upwards */
	return h ^ h >> 29;
}

uint64_t ais_message_hash(const struct ais_message *m, uint64_t seed)
{
	const struct ais_message_layout *l = ais_message_layout(m);
	uint64_t h = mix(mix(seed, (uint64_t)m->type << 32 | (uint32_t)m->repeat), (uint32_t)m->mmsi);

	for (unsigned i = 0; l && i < l->n_fields; i++) {
		const struct ais_message_field *f = &l->fields[i];
		const char *at = (const char *)m + f->offset;

		if (f->kind == AIS_FIELD_TEXT)
			for (; *at; at++)
				h = mix(h, (uint8_t)*at);
		else if (f->width && f->kind != AIS_FIELD_TEXT_MORE)
			h = mix(h, (uint32_t) * (const int32_t *)at);
	}
	return h;
}
