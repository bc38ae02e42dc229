/*
 * nmea_message - sentences of IEC 61162-1 as structures, each sentence laid out by one const table.
 *
 * The table fills the structure, drives the JSON and the encoder, so that they cannot disagree. Values are as sent: angles in
 * degrees, speeds and distances in the unit that the sentence names or that stands beside the member. A null field is zero
 * bytes. To add a sentence: its structure here, its table and its row in nmea_message.c.
 * Source: IEC 61162-1, 8.3 (sentences); NMEA 0183 4.x and IEC 61162-450, 7.2.3 (tag blocks).
 */
#pragma once

#include "sensor/decode/nmea/nmea_target.h"
#include "sensor/decode/nmea/nmea_value.h"

#define NMEA_MESSAGE_TTD_MAX 32 /* targets of one sentence; 82 characters hold 4 */
#define NMEA_MESSAGE_TLB_MAX 32 /* labels of one sentence; 82 characters hold 23 */
#define NMEA_MESSAGE_TAGS_MAX 8

/* Why something was dropped. Each is one counter. */
enum nmea_fault {
	NMEA_FAULT_NONE,
	NMEA_FAULT_GARBAGE,   /* a line that is no sentence of any kind */
	NMEA_FAULT_TRUNCATED, /* no checksum before the line's end or the next sentence */
	NMEA_FAULT_CHECKSUM,
	NMEA_FAULT_FIELD,  /* a field that is not what its sentence says: it is null, the others are kept */
	NMEA_FAULT_ARMOUR, /* TTD: an illegal payload character: no target is kept */
	NMEA_FAULT_LENGTH, /* TTD: the payload does not end with a target: those before are kept */
	NMEA_FAULT_TAG,	   /* a tag block with a bad checksum: its sentence is kept */
	_NMEA_FAULT_MAX,
};

struct nmea_ttm { /* tracked target */
	struct nmea_number number, distance, bearing;
	struct nmea_number speed, course;
	struct nmea_number cpa, tcpa; /* min, negative when the closest point is past */
	struct nmea_text name;
	struct nmea_number utc;
	char bearing_reference, course_reference; /* T true, R relative */
	char units;				  /* K km, N nautical miles, S statute miles; an hour for speeds */
	char status;				  /* L lost, Q acquiring, T tracking */
	char reference_target;			  /* R */
	char acquisition;			  /* A automatic, M manual, R reported */
};
struct nmea_tll { /* target's latitude and longitude */
	struct nmea_number number, utc;
	struct nmea_place lat, lon;
	struct nmea_text name;
	char status, reference_target; /* as TTM */
};
struct nmea_ttd { /* tracked targets, encapsulated; many sentences are `total` of a group */
	struct nmea_number total, sentence, sequence, fill;
	struct nmea_text payload; /* as received; the encoder makes its own from the targets */
	unsigned n_targets;
	struct nmea_target targets[NMEA_MESSAGE_TTD_MAX];
};
struct nmea_tlb { /* labels of targets: (n_fields + 1) / 2 of them */
	struct nmea_tlb_label {
		struct nmea_number number;
		struct nmea_text label;
	} labels[NMEA_MESSAGE_TLB_MAX];
};
struct nmea_rsd { /* radar display: ranges in `units` */
	struct nmea_number origin1_range, origin1_bearing, vrm1, ebl1, origin2_range, origin2_bearing, vrm2, ebl2;
	struct nmea_number cursor_range, cursor_bearing, range_scale;
	char units, rotation; /* K, N, S; C course up, H head up, N north up */
};
struct nmea_osd { /* own ship */
	struct nmea_number heading, course, speed, set, drift;
	char heading_status; /* A valid, V not */
	char course_reference, speed_reference; /* B bottom, M manual, W water, R radar, P positioning system */
	char units;
};
struct nmea_hdt {
	struct nmea_number heading;
	char reference; /* T */
};
struct nmea_ths {
	struct nmea_number heading;
	char mode; /* A autonomous, E estimated, M manual, S simulator, V not valid */
};
struct nmea_vbw { /* kn; longitudinal forward positive, transverse starboard positive */
	struct nmea_number water_long, water_trans, ground_long, ground_trans, stern_water, stern_ground;
	char water_status, ground_status, stern_water_status, stern_ground_status;
};
struct nmea_zda {
	struct nmea_number utc, day, month, year, zone_hours, zone_minutes;
};
struct nmea_gga { /* m */
	struct nmea_number utc, quality, satellites, hdop, altitude, separation, age; /* age in s */
	struct nmea_place lat, lon;
	struct nmea_text station;
	char altitude_units, separation_units; /* M */
};
struct nmea_rmc { /* kn */
	struct nmea_number utc, date, speed, course, variation;
	struct nmea_place lat, lon;
	char status, variation_side; /* A valid, V warning; E, W */
	char mode;		     /* A D E F M N P R S */
	char navigational_status;    /* S safe, C caution, U unsafe, V not valid */
};
struct nmea_gll {
	struct nmea_place lat, lon;
	struct nmea_number utc;
	char status, mode; /* as RMC */
};
struct nmea_vdr { /* set and drift of the current, kn */
	struct nmea_number set_true, set_magnetic, drift;
	char t, m, n;
};
struct nmea_rsa { /* rudder, degrees, starboard positive */
	struct nmea_number starboard, port;
	char starboard_status, port_status;
};

/* What stands before a sentence between backslashes; the members whose letters are in `letters` were there. */
struct nmea_tag {
	char letters[NMEA_MESSAGE_TAGS_MAX + 1]; /* in their order; "" = no tag block */
	struct nmea_text source, destination, group, text, quality;
	struct nmea_number line;	   /* 1..999, counts a source's lines */
	struct nmea_number time, relative; /* Unix time in s or ms; relative time */
};

struct nmea_layout {
	char id[4];
	char start; /* '$', or '!' where something is encapsulated */
	uint8_t n_fields, n_group; /* the last n_group fields repeat, group_size bytes further on, group_max times */
	uint16_t group_size, group_max;
	const struct nmea_field *fields;
	const char *group_name; /* its JSON array */
};

struct nmea_message {
	const struct nmea_layout *layout;
	char start, talker[2];
	unsigned n_fields; /* as sent, those beyond the table not included */
	unsigned n_extra;  /* these */
	struct nmea_tag tag;
	union {
		struct nmea_ttm ttm;
		struct nmea_tll tll;
		struct nmea_ttd ttd;
		struct nmea_tlb tlb;
		struct nmea_rsd rsd;
		struct nmea_osd osd;
		struct nmea_hdt hdt;
		struct nmea_ths ths;
		struct nmea_vbw vbw;
		struct nmea_zda zda;
		struct nmea_gga gga;
		struct nmea_rmc rmc;
		struct nmea_gll gll;
		struct nmea_vdr vdr;
		struct nmea_rsa rsa;
	};
};

/** nmea_message_layout() - of the sentence whose three letters are at @id; NULL when we have no table for it. */
const struct nmea_layout *nmea_message_layout(const char *id);

/** nmea_message_layout_at() - each in turn; NULL behind the last. */
const struct nmea_layout *nmea_message_layout_at(unsigned i);

/** nmea_message_is() - is it this sentence? */
bool nmea_message_is(const struct nmea_message *m, const char *id);

/** nmea_message_init() - an empty one, with every field null and present. False when there is no table for @id. */
bool nmea_message_init(struct nmea_message *m, const char *talker, const char *id);

/** nmea_message_field() - the table's row for the @i-th field of a sentence, and where its value is. NULL behind the last. */
const struct nmea_field *nmea_message_field(const struct nmea_layout *l, unsigned i, size_t *ret_offset);

/**
 * nmea_message_decode() - the fields behind the address, from the comma at @p to the '*' at @star
 * @m:      layout, start, talker and tag are set
 * @faults: counts up what is wrong; nothing makes it give up
 */
void nmea_message_decode(struct nmea_message *m, const char *p, const char *star, uint64_t faults[_NMEA_FAULT_MAX]);

/** nmea_message_tag() - what stands in a tag block between the backslash and the '*'. Unknown letters are left out. */
void nmea_message_tag(struct nmea_tag *ret_tag, const char *p, const char *star, uint64_t faults[_NMEA_FAULT_MAX]);

/** nmea_message_tag_field() - the row for a tag block's letter, or NULL. */
const struct nmea_field *nmea_message_tag_field(char letter);

/** nmea_message_hash() - mixes every field of @m into @seed, to prove that all were decoded. */
uint64_t nmea_message_hash(const struct nmea_message *m, uint64_t seed);
