/*
 * policy - who decides what a neighbour sees: default deny, and the rule is kept with the decision.
 *
 * A policy file has one [Policy] section and any number of [Rule] sections; the first rule that lets an object
 * go decides. Nothing leaves without a rule. Law: 2019/1896 Art 20, 89(2), 89(5); 2021/581 Art 20 (distress).
 * policy_decide() and policy_redact() are pure: no clock, no I/O, no allocation, no state.
 */
#pragma once

#include "common/conf.h"
#include "common/track.h"
#include "hub/section.h"

#define POLICY_RULES_MAX 64
#define POLICY_NAME_MAX 32
#define POLICY_FILE_MAX (256u << 10)
#define POLICY_DIGEST_TEXT 65

enum policy_class { POLICY_NCC, POLICY_RCC, POLICY_AGENCY, POLICY_THIRD_COUNTRY, _POLICY_CLASS_MAX };
extern const char *const policy_class_names[]; /* "ncc", "rcc", "agency", "third-country", NULL */

/* What may be named: the allow list of 2019/1896 Art 89(2) for ships and aircraft, and nothing else. */
enum policy_identifier {
	POLICY_MMSI = 1 << 0,
	POLICY_ICAO24 = 1 << 1,
	POLICY_IMO = 1 << 2,
	POLICY_CALLSIGN = 1 << 3,
	POLICY_NAME = 1 << 4,
};

enum policy_object { POLICY_TRACK, POLICY_DISTRESS }; /* distress: lives at risk, test transmissions never */
enum policy_lane { POLICY_LANE_DISTRESS, POLICY_LANE_TRACKS, _POLICY_LANE_MAX };
extern const char *const policy_lane_names[];

struct policy_rule {
	char id[POLICY_NAME_MAX];
	int object;		   /* enum policy_object */
	struct conf_list peers;	   /* centres, or "*" */
	/* Ids; "adjacent": the peer's that border ours; "shared": ours that border the peer; "*": anywhere. */
	struct conf_list sections;
	struct conf_list sensors, identifiers;
	unsigned sensor_mask;	  /* bits of enum plot_sensor */
	unsigned identifier_mask; /* enum policy_identifier */
};

struct policy {
	uint64_t version;
	double buffer_m; /* how far beyond the line a released track goes before it is withdrawn */
	char digest[POLICY_DIGEST_TEXT]; /* SHA-256 of the file, hexadecimal */
	unsigned n_rules;
	struct policy_rule rules[POLICY_RULES_MAX];
};

struct policy_peer {
	const char *origin;
	enum policy_class class;
};

enum policy_reason {
	POLICY_INSIDE,	     /* released: inside the section */
	POLICY_WITHIN_BUFFER, /* released: was, and is not yet far enough outside */
	POLICY_ANYWHERE,     /* released: the rule asks for no section */
	POLICY_ENDED,	     /* released: the last version of what was released */
	POLICY_NO_RULE,	     /* the rest withhold */
	POLICY_OUTSIDE,
	POLICY_TENTATIVE,
	POLICY_FOREIGN, /* the originator's consent is needed: 2021/581 Art 14 */
	POLICY_NO_SENSOR,
	_POLICY_REASON_MAX,
};

struct policy_decision {
	bool release;
	enum policy_reason reason;
	enum policy_lane lane;
	const struct policy_rule *rule;	 /* NULL when no rule let it go */
	const struct section *section;	 /* NULL when none is concerned */
};

/** policy_load() - Return: 0, -ENOENT, or -EINVAL with FILE:LINE and the reason in @ret_error. */
int policy_load(const char *path, struct policy **ret_policy, struct conf_error *ret_error);
int policy_parse(const char *name, const char *data, size_t size, struct policy **ret_policy,
	struct conf_error *ret_error);
void policy_free(struct policy *policy);
extern const struct conf_key policy_keys[]; /* for check-config and docs; one [Rule] at a time */

/**
 * policy_decide() - may this version of @t go to @peer?
 * @policy:   NULL = no file: nothing leaves
 * @origin:   this centre's id; a track of another origin is never passed on
 * @released: whether the peer has this track now (hysteresis)
 */
struct policy_decision policy_decide(const struct policy *policy, const struct section_set *sections,
	const struct track *t, const struct policy_peer *peer, const char *origin, bool released);

/** policy_redact() - @t as it may leave under @rule: allowed identifiers, allowed sensors, never the camera. */
void policy_redact(const struct track *t, const struct policy_rule *rule, const struct policy_peer *peer,
	struct track *ret_t);

/** policy_explain() - the decision in words, into @buf. Return: @buf. */
const char *policy_explain(const struct policy_decision *d, char *buf, size_t cap);
