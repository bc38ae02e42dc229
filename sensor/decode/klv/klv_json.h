/*
 * klv_json - a packet as one JSON object, and its checksum.
 *
 * {"class":"KLV","set":"ST0601","checksum_ok":true,"timestamp":1224807209.913,"platform_heading_deg":159.9744,...}: the names of
 * klv_st0601.c and its like, degrees, metres, seconds; an inner set is an object, a series an array. checksum_ok is null without a
 * checksum. A number has as many digits as its octets resolve and three more; null where klv_value.h finds no value; octets are
 * upper-case hex.
 */
#pragma once

#include "sensor/decode/jot.h"
#include "sensor/decode/klv/klv.h"

/** klv_json_put() - no line end. Counts as klv_walk(). */
void klv_json_put(struct jot *j, const struct klv_packet *p, struct klv_stats *stats);

/** klv_json_hash() - mixes every item's value into @seed. Counts as klv_walk(). */
uint64_t klv_json_hash(const struct klv_packet *p, struct klv_stats *stats, uint64_t seed);
