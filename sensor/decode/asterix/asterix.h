/*
 * asterix - EUROCONTROL ASTERIX data blocks to records, by one interpreter over const tables.
 *
 * A category is a table of items (cat048.c, cat034.c); adding one is adding a table. A record is found by walking its
 * FSPEC: each item's place is noted, no value is touched until somebody asks. Strict: an item the table does not
 * define, or a length that does not fit, ends the block, what was whole before it is kept; never a guess at where the
 * next record might be. Nothing is allocated; every byte is looked at a bounded number of times.
 * Source: EUROCONTROL-SPEC-0149 part 1 (data block, record, FSPEC, item kinds).
 */
#pragma once

#include "sensor/decode/bits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASTERIX_UAP_MAX 56 /* 8 FSPEC octets; the longest standard profile has 49 (CAT021) */
#define ASTERIX_PORT 8600  /* registered for ASTERIX over UDP */

enum asterix_field_kind {
	ASTERIX_UINT,
	ASTERIX_INT,	  /* two's complement */
	ASTERIX_QUANTITY, /* unsigned x num / den */
	ASTERIX_SIGNED,	  /* two's complement x num / den */
	ASTERIX_OCTAL,	  /* three bits a digit */
	ASTERIX_HEX,	  /* addresses and registers; begins at an octet */
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
	ASTERIX_ITEM_EXTENDED,	    /* octets, the last bit of each says whether one more follows */
	ASTERIX_ITEM_REPETITIVE,    /* a count octet, then so many parts of `size` octets */
	ASTERIX_ITEM_REPETITIVE_FX, /* parts of `size` octets, the last bit of each says whether one more follows */
	ASTERIX_ITEM_COMPOUND,	    /* a primary subfield of presence bits, then the sub-items. Not nested */
	ASTERIX_ITEM_EXPLICIT,	    /* the first octet is the length, itself included */
};

struct asterix_item {
	const char *name;
	uint8_t kind, size, n_fields, n_subs;
	const struct asterix_field *fields;
	const struct asterix_item *subs;
};

struct asterix_category {
	uint8_t cat, n_uap;
	uint8_t time_frn; /* the item with the time of day in 1/128 s, 24 bits; 0 = none */
	const char *edition;
	const struct asterix_item *uap; /* index = FRN - 1 */
};

/* Why a block or record was dropped. Each is one counter. */
enum asterix_fault {
	ASTERIX_FAULT_NONE,
	ASTERIX_FAULT_BLOCK,	 /* no block starts here: length impossible, category 0 */
	ASTERIX_FAULT_CATEGORY,	 /* a whole block of a category without a table: skipped */
	ASTERIX_FAULT_FSPEC,	 /* runs past its block, is longer than any profile, or empty */
	ASTERIX_FAULT_ITEM,	 /* announces an item that the profile does not have */
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

/** asterix_category_find() - the table for category @cat, or NULL. */
const struct asterix_category *asterix_category_find(uint8_t cat);

/**
 * asterix_decode() - all records of all blocks of one datagram (or of a file of blocks)
 * @data: BITS_SLACK bytes behind it must be readable; their value does not matter
 *
 * Return: bytes that belonged to blocks; the rest was counted as trailing or as a fault.
 */
size_t asterix_decode(const uint8_t *data, size_t size, struct asterix_stats *stats, asterix_sink sink, void *user);

/** asterix_item_size() - octets of @item at @p, at most @room. Return: size > 0, or -enum asterix_fault. */
int asterix_item_size(const struct asterix_item *item, const uint8_t *p, size_t room);

/**
 * asterix_time_ns() - a time of day near midnight or not, as UTC
 * @tod_128: 1/128 s since midnight UTC, the standard's I140, I030
 * @near_ns: receive time; the result is the nearest within 12 hours
 */
int64_t asterix_time_ns(uint32_t tod_128, int64_t near_ns);
