/*
 * Each sentence is one const table: the fields in their order, the JSON key of each, its kind, its place in the structure. A
 * field without a name is shown with the one before it. Source: IEC 61162-1, 8.3; what radars do otherwise is in
 * docs/decoders.md.
 */
#include "sensor/decode/nmea/nmea_message.h"

#include <string.h>

#define AT(member) offsetof(struct nmea_message, member)
#define NUMBER(name, member) { name, NMEA_NUMBER, AT(member), NULL }
#define HEX(name, member) { name, NMEA_HEX, AT(member), NULL }
#define TIME(name, member) { name, NMEA_TIME, AT(member), NULL }
#define DATE(name, member) { name, NMEA_DATE, AT(member), NULL }
#define CHAR(name, choices, member) { name, NMEA_CHAR, AT(member), choices }
#define TEXT(name, member) { name, NMEA_TEXT, AT(member), NULL }
/* Two fields, one JSON value */
#define LAT(member) { "lat", NMEA_LAT, AT(member.angle), NULL }, { NULL, NMEA_CHAR, AT(member.side), "NS" }
#define LON(member) { "lon", NMEA_LON, AT(member.angle), NULL }, { NULL, NMEA_CHAR, AT(member.side), "EW" }

#define UNITS "KNS"
#define REFERENCES "BMWRP"
#define MODES "ADEFMNPRS"

static const struct nmea_field ttm[] = {
	NUMBER("target_number", ttm.number),
	NUMBER("target_distance", ttm.distance),
	NUMBER("bearing", ttm.bearing),
	CHAR("bearing_reference", "TR", ttm.bearing_reference),
	NUMBER("target_speed", ttm.speed),
	NUMBER("target_course", ttm.course),
	CHAR("course_reference", "TR", ttm.course_reference),
	NUMBER("cpa_distance", ttm.cpa),
	NUMBER("cpa_time", ttm.tcpa),
	CHAR("units", UNITS, ttm.units),
	TEXT("target_name", ttm.name),
	CHAR("target_status", "LQT", ttm.status),
	CHAR("reference_target", "R", ttm.reference_target),
	TIME("utc", ttm.utc),
	CHAR("acquisition", "AMR", ttm.acquisition),
};

static const struct nmea_field tll[] = {
	NUMBER("target_number", tll.number),
	LAT(tll.lat),
	LON(tll.lon),
	TEXT("target_name", tll.name),
	TIME("utc", tll.utc),
	CHAR("target_status", "LQT", tll.status),
	CHAR("reference_target", "R", tll.reference_target),
};

static const struct nmea_field ttd[] = {
	HEX("total_sentences", ttd.total),
	HEX("sentence_number", ttd.sentence),
	NUMBER("sequence", ttd.sequence),
	TEXT(NULL, ttd.payload), /* JSON: the targets */
	NUMBER("fill_bits", ttd.fill),
};

static const struct nmea_field tlb[] = {
	NUMBER("target_number", tlb.labels[0].number),
	TEXT("label", tlb.labels[0].label),
};

static const struct nmea_field rsd[] = {
	NUMBER("origin1_range", rsd.origin1_range),
	NUMBER("origin1_bearing", rsd.origin1_bearing),
	NUMBER("vrm1", rsd.vrm1),
	NUMBER("ebl1", rsd.ebl1),
	NUMBER("origin2_range", rsd.origin2_range),
	NUMBER("origin2_bearing", rsd.origin2_bearing),
	NUMBER("vrm2", rsd.vrm2),
	NUMBER("ebl2", rsd.ebl2),
	NUMBER("cursor_range", rsd.cursor_range),
	NUMBER("cursor_bearing", rsd.cursor_bearing),
	NUMBER("range_scale", rsd.range_scale),
	CHAR("units", UNITS, rsd.units),
	CHAR("display_rotation", "CHN", rsd.rotation),
};

static const struct nmea_field osd[] = {
	NUMBER("heading", osd.heading),
	CHAR("heading_status", "AV", osd.heading_status),
	NUMBER("vessel_course", osd.course),
	CHAR("course_reference", REFERENCES, osd.course_reference),
	NUMBER("vessel_speed", osd.speed),
	CHAR("speed_reference", REFERENCES, osd.speed_reference),
	NUMBER("vessel_set", osd.set),
	NUMBER("vessel_drift", osd.drift),
	CHAR("units", UNITS, osd.units),
};

static const struct nmea_field hdt[] = {
	NUMBER("heading", hdt.heading),
	CHAR("reference", "T", hdt.reference),
};

static const struct nmea_field ths[] = {
	NUMBER("heading", ths.heading),
	CHAR("mode", "AEMSV", ths.mode),
};

static const struct nmea_field vbw[] = {
	NUMBER("longitudinal_water_speed", vbw.water_long),
	NUMBER("transverse_water_speed", vbw.water_trans),
	CHAR("water_speed_status", "AV", vbw.water_status),
	NUMBER("longitudinal_ground_speed", vbw.ground_long),
	NUMBER("transverse_ground_speed", vbw.ground_trans),
	CHAR("ground_speed_status", "AV", vbw.ground_status),
	NUMBER("stern_transverse_water_speed", vbw.stern_water),
	CHAR("stern_water_speed_status", "AV", vbw.stern_water_status),
	NUMBER("stern_transverse_ground_speed", vbw.stern_ground),
	CHAR("stern_ground_speed_status", "AV", vbw.stern_ground_status),
};

static const struct nmea_field zda[] = {
	TIME("utc", zda.utc),
	NUMBER("day", zda.day),
	NUMBER("month", zda.month),
	NUMBER("year", zda.year),
	NUMBER("zone_hours", zda.zone_hours),
	NUMBER("zone_minutes", zda.zone_minutes),
};

static const struct nmea_field gga[] = {
	TIME("utc", gga.utc),
	LAT(gga.lat),
	LON(gga.lon),
	NUMBER("quality", gga.quality),
	NUMBER("satellites", gga.satellites),
	NUMBER("hdop", gga.hdop),
	NUMBER("altitude", gga.altitude),
	CHAR("altitude_units", "M", gga.altitude_units),
	NUMBER("geoidal_separation", gga.separation),
	CHAR("separation_units", "M", gga.separation_units),
	NUMBER("differential_age", gga.age),
	TEXT("reference_station", gga.station),
};

static const struct nmea_field rmc[] = {
	TIME("utc", rmc.utc),
	CHAR("status", "AV", rmc.status),
	LAT(rmc.lat),
	LON(rmc.lon),
	NUMBER("speed", rmc.speed),
	NUMBER("course", rmc.course),
	DATE("date", rmc.date),
	NUMBER("variation", rmc.variation),
	CHAR("variation_direction", "EW", rmc.variation_side),
	CHAR("mode", MODES, rmc.mode),
	CHAR("navigational_status", "SCUV", rmc.navigational_status),
};

static const struct nmea_field gll[] = {
	LAT(gll.lat),
	LON(gll.lon),
	TIME("utc", gll.utc),
	CHAR("status", "AV", gll.status),
	CHAR("mode", MODES, gll.mode),
};

static const struct nmea_field vdr[] = {
	NUMBER("set_true", vdr.set_true),
	CHAR("set_true_reference", "T", vdr.t),
	NUMBER("set_magnetic", vdr.set_magnetic),
	CHAR("set_magnetic_reference", "M", vdr.m),
	NUMBER("drift", vdr.drift),
	CHAR("drift_units", "N", vdr.n),
};

static const struct nmea_field rsa[] = {
	NUMBER("starboard_rudder", rsa.starboard),
	CHAR("starboard_status", "AV", rsa.starboard_status),
	NUMBER("port_rudder", rsa.port),
	CHAR("port_status", "AV", rsa.port_status),
};

#define LAYOUT(id, start, table) { id, start, sizeof(table) / sizeof(table[0]), 0, 0, 0, table, NULL }

/* The most frequent first. */
static const struct nmea_layout layouts[] = {
	LAYOUT("TTM", '$', ttm),
	LAYOUT("TTD", '!', ttd),
	LAYOUT("TLL", '$', tll),
	LAYOUT("HDT", '$', hdt),
	LAYOUT("THS", '$', ths),
	LAYOUT("RMC", '$', rmc),
	LAYOUT("GGA", '$', gga),
	LAYOUT("GLL", '$', gll),
	LAYOUT("OSD", '$', osd),
	LAYOUT("RSD", '$', rsd),
	LAYOUT("VBW", '$', vbw),
	LAYOUT("ZDA", '$', zda),
	{ "TLB", '$', 2, 2, sizeof(struct nmea_tlb_label), NMEA_MESSAGE_TLB_MAX, tlb, "labels" },
	LAYOUT("VDR", '$', vdr),
	LAYOUT("RSA", '$', rsa),
};
#define N_LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

#define TAG(letter, name, kind, member) { letter, { name, kind, offsetof(struct nmea_tag, member), NULL } }

static const struct {
	char letter;
	struct nmea_field field;
} tag_fields[] = {
	TAG('s', "source", NMEA_TEXT, source),
	TAG('n', "line", NMEA_NUMBER, line),
	TAG('d', "destination", NMEA_TEXT, destination),
	TAG('g', "group", NMEA_TEXT, group),
	TAG('c', "time", NMEA_NUMBER, time),
	TAG('r', "relative_time", NMEA_NUMBER, relative),
	TAG('t', "text", NMEA_TEXT, text),
	TAG('q', "quality", NMEA_TEXT, quality),
};
#define N_TAG_FIELDS (sizeof(tag_fields) / sizeof(tag_fields[0]))
_Static_assert(N_TAG_FIELDS <= NMEA_MESSAGE_TAGS_MAX, "letters[] holds each once");

const struct nmea_layout *nmea_message_layout(const char *id)
{
	for (unsigned i = 0; i < N_LAYOUTS; i++)
		if (layouts[i].id[0] == id[0] && layouts[i].id[1] == id[1] && layouts[i].id[2] == id[2])
			return &layouts[i];
	return NULL;
}

const struct nmea_layout *nmea_message_layout_at(unsigned i)
{
	return i < N_LAYOUTS ? &layouts[i] : NULL;
}

bool nmea_message_is(const struct nmea_message *m, const char *id)
{
	return !strcmp(m->layout->id, id);
}

bool nmea_message_init(struct nmea_message *m, const char *talker, const char *id)
{
	const struct nmea_layout *l = nmea_message_layout(id);

	memset(m, 0, sizeof(*m));
	if (!l)
		return false;
	m->layout = l;
	m->start = l->start;
	memcpy(m->talker, talker, sizeof(m->talker));
	m->n_fields = l->n_fields;
	return true;
}

const struct nmea_field *nmea_message_field(const struct nmea_layout *l, unsigned i, size_t *ret_offset)
{
	unsigned k = 0;

	if (i >= l->n_fields && l->n_group) {
		k = (i - l->n_fields) / l->n_group + 1;
		i = l->n_fields - l->n_group + (i - l->n_fields) % l->n_group;
	}
	if (i >= l->n_fields || (k && k >= l->group_max))
		return NULL;
	*ret_offset = l->fields[i].offset + (size_t)k * l->group_size;
	return &l->fields[i];
}

/* What the six-bit characters of a TTD say. Targets are whole characters: the fill bits matter to nobody. */
static void unpack(struct nmea_ttd *t, uint64_t faults[_NMEA_FAULT_MAX])
{
	int n = nmea_target_decode(t->payload.at, t->payload.size, t->targets, NMEA_MESSAGE_TTD_MAX);

	t->n_targets = n < 0 ? 0 : (unsigned)n;
	faults[NMEA_FAULT_ARMOUR] += n < 0;
	faults[NMEA_FAULT_LENGTH] += n >= 0 && t->payload.size != (size_t)n * NMEA_TARGET_CHARS;
}

void nmea_message_decode(struct nmea_message *m, const char *p, const char *star, uint64_t faults[_NMEA_FAULT_MAX])
{
	const struct nmea_field *f;
	size_t offset;
	unsigned i = 0;

	m->n_extra = 0;
	for (; p < star; i++) {
		const char *from = p + 1;

		for (p = from; p < star && *p != ',';)
			p++;
		f = nmea_message_field(m->layout, i, &offset);
		if (!f)
			m->n_extra++;
		else if (!nmea_value_get(f, from, (size_t)(p - from), (char *)m + offset))
			faults[NMEA_FAULT_FIELD]++;
	}
	m->n_fields = i - m->n_extra;
	/* What was not sent is null; of a group that repeats, only what completes its last one. */
	for (; i < m->layout->n_fields || (m->layout->n_group && (i - m->layout->n_fields) % m->layout->n_group); i++) {
		f = nmea_message_field(m->layout, i, &offset);
		if (!f)
			break;
		(void)nmea_value_get(f, star, 0, (char *)m + offset);
	}
	if (nmea_message_is(m, "TTD"))
		unpack(&m->ttd, faults);
}

const struct nmea_field *nmea_message_tag_field(char letter)
{
	for (unsigned i = 0; i < N_TAG_FIELDS; i++)
		if (tag_fields[i].letter == letter)
			return &tag_fields[i].field;
	return NULL;
}

/* One `x:value`. Of a letter that comes twice the first one counts. */
static void take_tag(struct nmea_tag *tag, const char *p, const char *end, uint64_t faults[_NMEA_FAULT_MAX])
{
	const struct nmea_field *f = end - p > 1 && p[1] == ':' ? nmea_message_tag_field(*p) : NULL;

	if (!f || strchr(tag->letters, *p))
		return;
	tag->letters[strlen(tag->letters)] = *p;
	if (!nmea_value_get(f, p + 2, (size_t)(end - p - 2), (char *)tag + f->offset))
		faults[NMEA_FAULT_FIELD]++;
}

void nmea_message_tag(struct nmea_tag *ret_tag, const char *p, const char *star, uint64_t faults[_NMEA_FAULT_MAX])
{
	memset(ret_tag, 0, sizeof(*ret_tag));
	while (p < star) {
		const char *comma = memchr(p, ',', (size_t)(star - p));
		const char *end = comma ? comma : star;

		take_tag(ret_tag, p, end, faults);
		p = end + 1;
	}
}

static uint64_t hash_tag(const struct nmea_tag *tag, uint64_t h)
{
	for (const char *letter = tag->letters; *letter; letter++) {
		const struct nmea_field *f = nmea_message_tag_field(*letter);

		h = nmea_value_hash(f, (const char *)tag + f->offset, nmea_value_mix(h, (uint8_t)*letter));
	}
	return h;
}

uint64_t nmea_message_hash(const struct nmea_message *m, uint64_t seed)
{
	const struct nmea_layout *l = m->layout;
	uint64_t h = nmea_value_mix(seed, (uint64_t)(l - layouts) << 32 | m->n_fields);
	size_t offset;

	h = nmea_value_mix(hash_tag(&m->tag, h), (uint64_t)(uint8_t)m->start << 16 | (uint64_t)(uint8_t)m->talker[0] << 8 | (uint8_t)m->talker[1]);
	for (unsigned i = 0; i < m->n_fields; i++) {
		const struct nmea_field *f = nmea_message_field(l, i, &offset);

		h = nmea_value_hash(f, (const char *)m + offset, h);
	}
	for (unsigned i = 0; nmea_message_is(m, "TTD") && i < m->ttd.n_targets; i++)
		h = nmea_target_hash(&m->ttd.targets[i], h);
	return h;
}
