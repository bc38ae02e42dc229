/*
 * asterix_hash - a checksum over every value of a record: what `vedette decode --stats` shows, and what is measured.
 *
 * Each field is taken out of its bits as the integer that it is, with its sign; its LSB is the table's. The same on every
 * machine. Two records whose JSON differs have different sums, but for chance.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

/** asterix_hash() - mixes every value that the JSON would show into @seed. */
uint64_t asterix_hash(const struct asterix_record *r, uint64_t seed);
