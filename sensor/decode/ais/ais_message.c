#include "sensor/decode/ais/ais_message.h"

#include "sensor/decode/ais/ais_fields.h"
#include "sensor/decode/ais/ais_types.h"

const struct ais_message_layout *ais_message_layout(const struct ais_message *m)
{
	return &ais_types_layouts[m->layout];
}

const struct ais_message_layout *ais_message_layout_at(unsigned layout, int32_t *ret_type)
{
	if (layout < 28)
		*ret_type = (int32_t)layout;
	else if (layout == AIS_LAYOUT_CHANNELS_ADDRESSED)
		*ret_type = 22;
	else if (layout <= AIS_LAYOUT_PART_OTHER)
		*ret_type = 24;
	else
		*ret_type = layout <= AIS_LAYOUT_SLOT_BOTH ? 25 : 26;
	return &ais_types_layouts[layout];
}

static unsigned choose_part(int32_t mmsi, uint64_t part)
{
	if (part == 0)
		return 24;
	if (part != 1)
		return AIS_LAYOUT_PART_OTHER;
	return mmsi / 10000000 == 98 ? AIS_LAYOUT_PART_B_AUXILIARY : AIS_LAYOUT_PART_B;
}

/* 25 and 26: @flags are addressed (2) and structured (1). */
static unsigned choose_slot(unsigned plain, unsigned structured, uint64_t flags)
{
	return flags ? structured + (unsigned)flags - 1 : plain;
}

/* For the types that have several: by what stands behind type, repeat and MMSI. */
static unsigned choose_layout(int32_t type, int32_t mmsi, const uint8_t *bits)
{
	switch (type) {
	case 22:
		return bits_get(bits, 139, 1) ? AIS_LAYOUT_CHANNELS_ADDRESSED : 22;
	case 24:
		return choose_part(mmsi, bits_get(bits, 38, 2));
	case 25:
		return choose_slot(25, AIS_LAYOUT_SLOT_STRUCTURED, bits_get(bits, 38, 2));
	case 26:
		return choose_slot(26, AIS_LAYOUT_SLOTS_STRUCTURED, bits_get(bits, 38, 2));
	default:
		return (unsigned)type;
	}
}

/* What a message may leave out is 0, whatever a part of it says. */
static void clear_missing(const struct ais_message_layout *l, unsigned n_bits, struct ais_message *m)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		if ((unsigned)l->fields[i].bit + l->fields[i].width > n_bits)
			*(int32_t *)((char *)m + l->fields[i].offset) = 0;
}

/* Types 6 and 8: what DAC and FI say the data are, if we know and they are long enough. */
static void decode_application(struct ais_message *m)
{
	struct ais_binary *b = &m->binary;

	m->application = ais_application_find(m->type, b->dac, b->fid, b->data.bits);
	if (m->application)
		ais_fields_get(ais_application_layout(m->application), b->data.bytes, b->data.bits, m);
}

enum ais_fault ais_message_decode(const uint8_t *bits, unsigned n_bits, struct ais_message *ret_m)
{
	if (n_bits < 38)
		return AIS_FAULT_LENGTH;

	uint64_t head = bits_get(bits, 0, 38);
	int32_t type = (int32_t)(head >> 32), mmsi = (int32_t)(head & 0x3fffffff);

	if (type < 1 || type > 27)
		return AIS_FAULT_TYPE;

	ret_m->type = type;
	ret_m->repeat = (int32_t)(head >> 30 & 3);
	ret_m->mmsi = mmsi;
	ret_m->bits = n_bits;
	ret_m->layout = type < 22 ? (unsigned)type : choose_layout(type, mmsi, bits);
	ret_m->application = 0;

	const struct ais_message_layout *l = &ais_types_layouts[ret_m->layout];

	if (n_bits < l->min_bits || n_bits > l->max_bits)
		return AIS_FAULT_LENGTH;
	ais_fields_get(l, bits, n_bits, ret_m);
	if (l->open)
		clear_missing(l, n_bits, ret_m);
	else if (type == 6 || type == 8)
		decode_application(ret_m);
	return AIS_FAULT_NONE;
}
