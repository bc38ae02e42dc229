/*
 * asterix_encode - radar plots and service messages as ASTERIX CAT048 (edition 1.32) and CAT034 (1.29).
 *
 * For the simulator and for tests (decode(encode(x)) == x). No I/O, no clock, no allocation.
 * A block is begun, records are appended, the block is ended: CAT | LEN | records. Several blocks fit one datagram.
 * Source: EUROCONTROL-SPEC-0149-2b and -4, and their machine-readable form in asterix-specs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASTERIX_ENCODE_MAX 1400 /* bytes in a datagram: below any Ethernet's MTU */

struct asterix_encode_buffer {
	uint8_t bytes[ASTERIX_ENCODE_MAX];
	size_t n;
	size_t block; /* where the open block begins */
};

/* I048/020 TYP. */
enum asterix_encode_detection {
	ASTERIX_ENCODE_NONE,
	ASTERIX_ENCODE_PSR,
	ASTERIX_ENCODE_SSR,
	ASTERIX_ENCODE_SSR_PSR,
};

/* A CAT048 target report. Items marked optional are left out when NaN or -1. */
struct asterix_encode_plot {
	uint8_t sac, sic;			 /* I048/010 */
	int64_t time_ns;			 /* I048/140, UTC; rounded to 1/128 s */
	enum asterix_encode_detection detection; /* I048/020 */
	bool simulated;				 /* I048/020 SIM */
	double range_m, azimuth_rad;		 /* I048/040: slant range, clockwise from true north */
	int mode3a;				 /* I048/070, 0..07777; -1 = none */
	double flight_level;			 /* I048/090; NaN = none */
	double runlength_rad, amplitude_dbm;	 /* I048/130 PRL, PAM; NaN = none */
	int track;				 /* I048/161, 0..4095; -1 = none. With it: I048/170 */
	bool tentative;				 /* I048/170 CNF */
	double sog_mps, cog_rad;		 /* I048/200, when both are known */
	double doppler_mps;			 /* I048/120 CAL, positive opening; NaN = none */
};

/* A CAT034 service message. */
struct asterix_encode_service {
	uint8_t sac, sic;	  /* I034/010 */
	int64_t time_ns;	  /* I034/030 */
	double sector_rad;	  /* I034/020: sector messages */
	double period_s;	  /* I034/041: north marker */
	unsigned plots;		  /* I034/070: single PSR reports of the last turn: north marker */
	double lat_rad, lon_rad, height_m; /* I034/120: north marker */
};

/** asterix_encode_plot_init() - every optional item absent. */
void asterix_encode_plot_init(struct asterix_encode_plot *p);

void asterix_encode_begin(struct asterix_encode_buffer *b, uint8_t category);
/** asterix_encode_end() - writes the block's length; a block without a record is taken back. */
void asterix_encode_end(struct asterix_encode_buffer *b);

/** asterix_encode_048() - Return: 0; -ENOSPC when the datagram is full, -ERANGE beyond 256 NM: nothing is added. */
int asterix_encode_048(struct asterix_encode_buffer *b, const struct asterix_encode_plot *p);
/** asterix_encode_034_north(), _sector() - Return: 0 or -ENOSPC. */
int asterix_encode_034_north(struct asterix_encode_buffer *b, const struct asterix_encode_service *s);
int asterix_encode_034_sector(struct asterix_encode_buffer *b, const struct asterix_encode_service *s);
