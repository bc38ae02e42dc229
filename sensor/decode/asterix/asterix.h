/*
 * asterix - EUROCONTROL ASTERIX data blocks to records, by one interpreter over const tables.
 *
 * A category is a table of items (cat001.c to cat247.c); adding one is adding a table. A record is found by walking its
 * FSPEC: each item's place is noted, no value is touched until somebody asks. Strict: an item the table does not
 * define, or a length that does not fit, ends the block, what was whole before it is kept; never a guess at where the
 * next record might be. Nothing is allocated; every byte is looked at a bounded number of times. What anybody may send costs
 * at most 180 instructions an octet with its checksum (measured: 156), so 64 KiB less than 12 million, 0.65 ms where it was
 * measured; as JSON at most 1,500 (1,298). tests/unit/sensor/asterix-worst.sh counts them.
 * Source: EUROCONTROL-SPEC-0149 part 1 (data block, record, FSPEC, item kinds).
 */
#pragma once

#include "sensor/decode/bits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASTERIX_UAP_MAX 56 /* 8 FSPEC octets; the longest standard profile has 49 (CAT021) */
#define ASTERIX_TIMES_MAX 4
#define ASTERIX_PORT 8600  /* registered for ASTERIX over UDP */

enum asterix_field_kind {
	ASTERIX_UINT,
	ASTERIX_INT,	  /* two's complement */
	ASTERIX_QUANTITY, /* unsigned x num / den */
	ASTERIX_SIGNED,	  /* two's complement x num / den */
	ASTERIX_OCTAL,	  /* three bits a digit */
	ASTERIX_HEX,	  /* addresses and registers; begins at an octet */
	ASTERIX_SPEED,	  /* unsigned x num / den (NM/s), or x 1/1000 (Mach) when the bit before it is set */
	ASTERIX_ICAO,	  /* six-bit characters, ICAO annex 10 */
	ASTERIX_ASCII,	  /* octets */
	ASTERIX_SPARE,
	ASTERIX_FX,    /* extension bit: 0 ends the item */
	ASTERIX_OPEN,  /* begins a group of that name; no bits */
	ASTERIX_CLOSE,
};

struct asterix_field {
	const char *name; /* NULL: the item has this value only */
	uint8_t kind, width, decimals;
	int32_t num;
	uint32_t den;
};

enum asterix_item_kind {
	ASTERIX_ITEM_UNUSED, /* no item has this place */
	ASTERIX_ITEM_FIXED,
	ASTERIX_ITEM_EXTENDED,	    /* `size` octets, then single ones; the last bit of each says whether one more follows */
	ASTERIX_ITEM_REPETITIVE,    /* a count octet, then so many parts of `size` octets */
	ASTERIX_ITEM_REPETITIVE_FX, /* parts of `size` octets, the last bit of each says whether one more follows */
	ASTERIX_ITEM_RUN,	    /* a count octet, then so many parts of `size` octets that are one value */
	ASTERIX_ITEM_COMPOUND,	    /* presence bits, then the sub-items. `size` octets of bits; 0: FX says how many */
	ASTERIX_ITEM_EXPLICIT,	    /* the first octet is the length, itself included; subs[0], if any, is what is in it */
	ASTERIX_ITEM_SEQUENCE,	    /* random field sequencing: a count octet, then so many FRN octets, each with its item */
};

struct asterix_item {
	const char *name;
	uint8_t kind, n_fields, n_subs;
	uint16_t size;
	const struct asterix_field *fields;
	const struct asterix_item *subs;
	uint8_t *steps; /* where asterix_hash keeps what it works out of the fields: ASTERIX_STEPS_MAX octets of 0 */
};

#define ASTERIX_STEPS_MAX(n_fields) (6 * (n_fields) + 40)

struct asterix_category {
	uint8_t cat, n_uap;
	uint8_t time_frn[ASTERIX_TIMES_MAX]; /* items with a time of day in 1/128 s, the first one present counts; 0 = none */
	uint8_t split_frn; /* with this item's first bit set, a record is laid out as @other says; 0 = never */
	const char *edition;
	const char *since;		/* the oldest edition that this table reads as well; NULL = this one */
	const struct asterix_item *uap; /* index = FRN - 1 */
	const struct asterix_category *other; /* the same as this one before split_frn, and there */
};

/* A feed's tables: a category means what its edition says. */
struct asterix_profile {
	const struct asterix_category *of[256]; /* by category; NULL = not known */
};

/* Why a block or record was dropped. Each is one counter. */
enum asterix_fault {
	ASTERIX_FAULT_NONE,
	ASTERIX_FAULT_BLOCK,	 /* no block starts here: length impossible, category 0 */
	ASTERIX_FAULT_CATEGORY,	 /* a whole block of a category without a table: skipped */
	ASTERIX_FAULT_FSPEC,	 /* runs past its block, is longer than any profile, or empty */
	ASTERIX_FAULT_ITEM,	 /* announces an item, or a part of one, that the profile does not have */
	ASTERIX_FAULT_TRUNCATED, /* an item runs past its block */
	ASTERIX_FAULT_LENGTH,	 /* an explicit item's length is 0 */
	_ASTERIX_FAULT_MAX,
};

struct asterix_record {
	const struct asterix_category *category;
	const uint8_t *start;
	unsigned size;
	uint64_t present; /* bit FRN - 1 */
	const uint8_t *items[ASTERIX_UAP_MAX]; /* valid where present */
};

struct asterix_stats {
	uint64_t bytes, blocks, records;
	uint64_t trailing_bytes; /* behind the last block of a datagram: padding, recorders' trailers. No fault */
	uint64_t faults[_ASTERIX_FAULT_MAX];
};

/** asterix_has() - is the item at profile index @index (FRN - 1) in the record? */
static inline bool asterix_has(const struct asterix_record *r, unsigned index)
{
	return r->present >> index & 1;
}

typedef void (*asterix_sink)(void *user, const struct asterix_record *r); /* @r borrowed during the call */

/**
 * asterix_decode() - all records of all blocks of one datagram (or of a file of blocks), at the newest editions
 * @data: BITS_SLACK bytes behind it must be readable; their value does not matter
 *
 * Return: bytes that belonged to blocks; the rest was counted as trailing or as a fault.
 */
size_t asterix_decode(const uint8_t *data, size_t size, struct asterix_stats *stats, asterix_sink sink, void *user);

/** asterix_decode_as() - the same with the tables of @profile, borrowed. */
size_t asterix_decode_as(const struct asterix_profile *profile, const uint8_t *data, size_t size,
	struct asterix_stats *stats, asterix_sink sink, void *user);

/** asterix_item_size() - octets of @item at @p, at most @room. Return: size > 0, or -enum asterix_fault. */
int asterix_item_size(const struct asterix_item *item, const uint8_t *p, size_t room);

/** asterix_item_content() - what is in the explicit item at @p, from p + 1 on; NULL when it is not what the table says. */
const struct asterix_item *asterix_item_content(const struct asterix_item *item, const uint8_t *p);
