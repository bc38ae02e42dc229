/*
 * klv_encode - local sets into bytes: the shortest lengths, items in the order given, the checksum last.
 *
 * What klv.h decodes from a packet in that form encodes to the same bytes again. Sticky: after the first mistake (a tag that the
 * set does not have, a value that cannot be written, no room) every call is a no-op and klv_encode_end() tells. No allocation.
 */
#pragma once

#include "sensor/decode/klv/klv_value.h"

#include <sys/types.h>

#define KLV_ENCODE_MAX (KLV_LABEL_SIZE + 3 + KLV_PACKET_MAX)
#define KLV_ENCODE_LEVELS 8 /* sets in sets, series, members and packs */

struct klv_encode {
	size_t n;
	int error;
	const struct klv_set *set;
	unsigned level;
	struct klv_encode_level {
		const struct klv_table *table; /* of the items within */
		uint8_t kind;		       /* KLV_SET, KLV_PACK or KLV_SERIES */
		uint8_t row;		       /* of a pack: the next one */
		size_t start;		       /* where its content begins */
	} levels[KLV_ENCODE_LEVELS];
	uint8_t bytes[KLV_ENCODE_MAX];
};

/** klv_encode_begin() - a packet; what was in @e is gone. */
void klv_encode_begin(struct klv_encode *e, const struct klv_set *set);

/** klv_encode_number() - @v as the standard maps it; @size octets, 0 = as many as the table says. Rows of a pack: in order. */
void klv_encode_number(struct klv_encode *e, unsigned number, double v, size_t size);

/** klv_encode_bytes() - text or octets as they are. */
void klv_encode_bytes(struct klv_encode *e, unsigned number, const void *data, size_t size);

/** klv_encode_item() - a decoded item, from its value; an empty one says that there is none. */
void klv_encode_item(struct klv_encode *e, const struct klv_item *item);

/** klv_encode_open() - a set, pack or series; items up to klv_encode_close() are within. */
void klv_encode_open(struct klv_encode *e, unsigned number);

/** klv_encode_member() - of the series that is open: number and items, up to klv_encode_close(). */
void klv_encode_member(struct klv_encode *e, uint32_t id);

void klv_encode_close(struct klv_encode *e);

/** klv_encode_end() - @checksum: with one. Return: octets in @e->bytes, or the first mistake: -EINVAL, -ERANGE, -ENOBUFS. */
ssize_t klv_encode_end(struct klv_encode *e, bool checksum);
