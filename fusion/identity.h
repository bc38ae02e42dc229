/*
 * identity - who is it? MMSI and ICAO addresses as evidence on tracks, never as a track's key.
 *
 * Each identity keeps up to four tracks that may carry it, with log-odds against "none of them
 * carries it". A report adds evidence to all tracks that could have sent it; one identity has one
 * carrier, one track one identity. No I/O, no clock. Source: Gaglione et al., arXiv 2111.13589
 * (fusion of sensors and identity reports); ITU-R M.1371-5 for reporting intervals.
 */
#pragma once

#include "common/track.h"
#include "fusion/standing.h"

#define IDENTITY_CARRIERS 4
#define IDENTITY_NONE UINT32_MAX
#define IDENTITY_SURE 0.99  /* published, and trusted in association, from here on */
#define IDENTITY_MARGIN 3.0 /* nats over the runner-up */

struct identity_carrier {
	uint32_t record; /* the track's slot */
	double odds;     /* natural log, within +-12 once settled */
};

struct identity_entry {
	uint32_t value;
	uint8_t kind; /* enum plot_id_kind; PLOT_ID_NONE = free */
	uint8_t distress;
	bool distress_test;
	uint8_t n_carriers;
	uint8_t conflicts; /* reports in a row that its carrier cannot have sent */
	int64_t last_ns, decayed_ns;
	int64_t doubt_ns; /* when its carrier was last like another track in place; 0 = never */
	int64_t interval_ns;               /* smoothed time between reports; 0 = unknown */
	double last_x_m, last_y_m;         /* the last report's place */
	double conflict_x_m, conflict_y_m; /* of the last conflict */
	struct identity_carrier carriers[IDENTITY_CARRIERS];
	struct standing standing;
	struct plot_identity data;
};

struct identity_table {
	struct identity_entry *entries; /* caller's memory, open addressing */
	uint32_t size;                  /* a power of two */
	uint32_t used;
};

/** The candidate identities of one track: entries' numbers. */
struct identity_labels {
	uint32_t n;
	uint32_t entries[TRACK_IDS_MAX];
};

/** identity_find() - Return: the entry's number, or IDENTITY_NONE. */
uint32_t identity_find(const struct identity_table *t, enum plot_id_kind kind, uint32_t value);

/** identity_get() - finds or adds. When the table is three quarters full: the longest silent
 * without carriers within reach of its slot makes room. Return: number, or IDENTITY_NONE when there
 * is no room. */
uint32_t identity_get(struct identity_table *t, enum plot_id_kind kind, uint32_t value);

/** identity_doubt() - the record cannot be told from another by its place: the identities on it are in doubt until they are
 * heard again afterwards. */
void identity_doubt(struct identity_table *t, const struct identity_labels *labels, int64_t time_ns);

/** identity_describe() - keeps the newest of each field that is known. */
void identity_describe(struct identity_entry *e, const struct plot_identity *data);

/** identity_heard() - a report came: updates interval, decays the odds towards 0 over ten minutes.
 */
void identity_heard(struct identity_entry *e, int64_t time_ns);

/** identity_silence_ns() - silence that is normal for it: three of its own intervals, never below a
 * minute; moored class A and all while the interval is unknown: 3 minutes x 3 (M.1371-5 annex 1,
 * table 1). */
int64_t identity_silence_ns(const struct identity_entry *e, double speed_mps);

/** identity_evidence() - adds @nats to (entry, record), making a carrier of it; the weakest makes
 * room. */
void identity_evidence(struct identity_table *t, uint32_t entry, uint32_t record,
	struct identity_labels *labels, double nats);

/** identity_settle() - all evidence of one report has been added: odds come back within their bounds, all carriers' by as
 * much, so that a lead is not lost to reports that fit them alike. */
void identity_settle(struct identity_entry *e);

/** identity_probability() - P(record carries entry), against all carriers and none. */
double identity_probability(const struct identity_entry *e, uint32_t record);

/** identity_carrier() - the record that most probably carries it; IDENTITY_NONE when there is none.
 */
uint32_t identity_carrier(const struct identity_entry *e, double *ret_probability);

/** identity_drop() - the record is no more: nothing is attributed to it. */
void identity_drop(struct identity_table *t, uint32_t record, struct identity_labels *labels);

/** identity_forget() - the record does not carry this identity. */
void identity_forget(struct identity_table *t, uint32_t entry, uint32_t record, struct identity_labels *labels);

/** identity_move() - all that pointed to @from points to @to. Merging. */
void identity_move(struct identity_table *t, uint32_t from, struct identity_labels *from_labels,
	uint32_t to, struct identity_labels *to_labels);

/**
 * identity_publish() - candidates worth telling, most probable first: none unless the first is sure and not in doubt
 * Return: number, at most TRACK_IDS_MAX. *ret_entry is the first's number or IDENTITY_NONE.
 */
unsigned identity_publish(const struct identity_table *t, uint32_t record,
	const struct identity_labels *labels, struct track_identity ret_ids[static TRACK_IDS_MAX],
	uint32_t *ret_entry);

/** identity_leading() - the entry that is sure, in doubt or not; IDENTITY_NONE when there is none. */
uint32_t identity_leading(const struct identity_table *t, uint32_t record, const struct identity_labels *labels);

/** identity_class() - of a craft by MMSI (M.585) and ship type (M.1371-5 table 53). */
enum track_class identity_class(enum plot_id_kind kind, uint32_t value, uint8_t ship_type);
