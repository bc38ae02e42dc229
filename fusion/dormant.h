/*
 * dormant - tracks that have ended and may come back: whose id is kept, and who is it that comes?
 *
 * A vessel that leaves every sensor's sight and returns is the same vessel. When a track ends its published id is kept in a
 * book with where it was lost, how it moved and who it was. A new track is weighed against the book: it is one of those that
 * were lost, or a vessel never seen.
 *
 *   lost one, silent for h s:  RETURN / h * (KEPT N(z; course kept) + (1 - KEPT) there(z))
 *   vessel never seen:         NEW, more where the sight ends
 *
 * both per m^2 and s: the hazard of coming back falls with the time away; some of those that do have kept their course, the
 * others are anywhere that their speed allows, there(z): most where the sight ends (edge.h), some all over the circle. Plane of frame.h; m, m/s, ns since the Unix epoch. No I/O, no clock, no
 * pointers; the caller's memory, bounded, the longest lost makes room. Weights of one vessel's return as a point process:
 * Bar-Shalom, Willett & Tian, "Tracking and Data Fusion" (2011), 7.5 (track-to-track association with a gap).
 */
#pragma once

#include "fusion/filter.h"

#include <stdbool.h>
#include <stdint.h>

#define DORMANT_MAX 4096                        /* ids kept; those lost longest make room */
#define DORMANT_KEEP_NS INT64_C(3600000000000)  /* an hour: longer away is another visit */
#define DORMANT_NEW_DENSITY 2e-11 /* vessels never seen, per m^2 and s: 30 an hour on 400 km^2 (design) */
#define DORMANT_NONE UINT32_MAX

struct dormant {
	uint32_t birth;    /* the id it was published under */
	uint32_t id;       /* its sure identity; 0 = none */
	uint8_t id_kind;   /* enum plot_id_kind */
	uint64_t version;  /* the last that was published */
	int64_t lost_ns;   /* time of its last input */
	int64_t interval_ns; /* between its reports; 0 = unknown */
	struct filter_mode at; /* at lost_ns */
};

struct dormant_book {
	uint32_t n;
	struct dormant *entries; /* caller's, DORMANT_MAX */
};

/* A new track, as it is weighed against the book. */
struct dormant_query {
	int64_t now_ns;
	struct filter_mode at; /* at now_ns */
	bool edge;             /* the radars' sight ends here */
	bool named;            /* it has a sure identity, so that it is nobody else's return */
	int64_t waited_ns;     /* how long it has been listened to without a name */
	int64_t patience_ns;   /* how much longer it would be */
	double calm_q;         /* white noise acceleration of a vessel that keeps its course, m^2/s^3 */
};

struct dormant_answer {
	uint32_t best;      /* number in the book, or DORMANT_NONE */
	double probability; /* that it is @best: 0..1 */
	double named_soon;  /* that it is one of those lost and will tell its identity within @patience_ns: 0..1 */
};

/** dormant_keep() - adds one. One of the same id is replaced. */
void dormant_keep(struct dormant_book *b, const struct dormant *d);

/** dormant_remove() - forgets one, by number: the last takes its place. */
void dormant_remove(struct dormant_book *b, uint32_t number);

/** dormant_expire() - forgets what was lost more than DORMANT_KEEP_NS ago. */
void dormant_expire(struct dormant_book *b, int64_t now_ns);

/** dormant_named() - the one of this identity lost last. Return: number, or DORMANT_NONE. */
uint32_t dormant_named(const struct dormant_book *b, uint8_t id_kind, uint32_t id);

/** dormant_density() - that this one, lost, is first seen again there and then: per m^2 and s; 0 = it cannot be. */
double dormant_density(const struct dormant *d, const struct dormant_query *q);

/** dormant_weigh() - who is it? Against all that were lost and nobody known. */
void dormant_weigh(const struct dormant_book *b, const struct dormant_query *q, struct dormant_answer *ret_a);
