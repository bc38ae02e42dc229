/*
 * klv - MISB local sets out of bytes: packets by their universal label, items by tag and length, inner sets.
 *
 * A packet is a 16-octet label, a BER length and a local set: ST 0601 (UAS datalink), ST 0102 (security) or ST 0903 (VMTI) on its
 * own. Behind anything else the next known label is looked for. A label's packet that is longer than what follows, or than
 * KLV_PACKET_MAX, is counted and gives nothing: its checksum is not there. An item that is not in the standard's table, or whose
 * length the table does not allow, is counted and left out; the others are kept. An item that runs past its set ends that set.
 *
 * Checksum (ST 0601 item 1): the 16-bit sum from the label's first octet through the checksum's own length octet, octets at
 * even places shifted left by eight. A wrong one is flagged and counted, the packet kept: many producers compute it wrongly.
 *
 * Sources: MISB ST 0107 (BER, BER-OID, empty values), SMPTE 336M, the tables' headers. No allocation; linear in bytes.
 */
#pragma once

#include "sensor/decode/klv/klv_table.h"

#include <stddef.h>
#include <stdint.h>

#define KLV_LABEL_SIZE 16
#define KLV_PACKET_MAX 65535 /* octets of a value: what one datagram or one PES packet can hold */
#define KLV_MEMBERS_MAX 1024 /* targets of one packet that are taken */

enum klv_fault {
	KLV_FAULT_TRUNCATED, /* a packet longer than what follows */
	KLV_FAULT_BER,	     /* a packet's length of more than four octets, indefinite, or above KLV_PACKET_MAX */
	KLV_FAULT_LABEL,     /* a whole packet of another label */
	KLV_FAULT_CHECKSUM,  /* wrong; the packet was kept */
	KLV_FAULT_NO_CHECKSUM, /* an ST 0601 packet without; kept */
	KLV_FAULT_TAG,	     /* an item of a tag that the standard does not have */
	KLV_FAULT_LENGTH,    /* an item of a length that its tag does not allow */
	KLV_FAULT_REPEATED,  /* an item a second time */
	KLV_FAULT_ITEM,	     /* a set that ends within an item */
	KLV_FAULT_MEMBERS,   /* a series of more than KLV_MEMBERS_MAX, the rest left out */
	_KLV_FAULT_MAX,
};

struct klv_stats {
	uint64_t packets, items;
	uint64_t skipped_bytes; /* between packets */
	uint64_t faults[_KLV_FAULT_MAX];
};

enum klv_checksum { KLV_CHECKSUM_NONE, KLV_CHECKSUM_GOOD, KLV_CHECKSUM_BAD };

struct klv_set {
	const char *name; /* "ST0601" */
	uint8_t label[KLV_LABEL_SIZE];
	const struct klv_table *table;
};

struct klv_packet {
	const struct klv_set *set;
	const uint8_t *data; /* borrowed: from the label on */
	size_t size;
	const uint8_t *value; /* the local set */
	size_t value_size;
	enum klv_checksum checksum;
	uint16_t computed; /* the checksum that it should have; 0 without one */
};

struct klv_item {
	const struct klv_tag *tag;
	unsigned number;
	const uint8_t *data; /* borrowed */
	size_t size;	     /* 0: the value is not known */
};

typedef void (*klv_sink)(void *user, const struct klv_packet *p);

/* What a walk meets, in the set's order. @name is NULL within a list and for the members of a series. */
struct klv_visitor {
	void (*open)(void *user, const char *name, const struct klv_tag *tag, char bracket);
	void (*close)(void *user, const struct klv_tag *tag, char bracket);
	void (*value)(void *user, const char *name, const struct klv_item *item);
};

/** klv_decode() - every packet in @data to @sink; counts. */
void klv_decode(const uint8_t *data, size_t size, struct klv_stats *stats, klv_sink sink, void *user);

/** klv_walk() - every item of a packet, inner sets included; counts what it leaves out in @stats. */
void klv_walk(const struct klv_packet *p, struct klv_stats *stats, const struct klv_visitor *v, void *user);

/** klv_cut() - how many octets at the front of a stream are whole packets, or none that will ever be one. */
size_t klv_cut(const uint8_t *data, size_t size);

/** klv_is() - does a packet of a known label start here? */
bool klv_is(const uint8_t *data, size_t size);

/** klv_sum() - the checksum of @size octets, as above. */
uint16_t klv_sum(const uint8_t *data, size_t size);

/** klv_set_find() - by name; NULL when there is none. */
const struct klv_set *klv_set_find(const char *name);
