/*
 * asterix_values - a record as a list of numbers, and a list of numbers as a record, by the categories' tables.
 *
 * In table order, what the record holds:
 *   record       the items that it has, bit FRN - 1; then the items
 *   fixed        its fields
 *   extended     its octets; then the fields in them
 *   repetitive   how many; then the parts. With FX: before each part whether another one follows
 *   run          how many octets; then those
 *   compound     the sub-items that it has, the first one lowest; then those
 *   explicit     1 and the item that the table says is in it; or 0, how many octets, and those
 *   sequence     how many; then the FRN and the item each
 * A field is its raw integer, with its sign; spare and FX bits are none. Fields of more than 57 bits are several numbers,
 * of 48 bits each and the rest; octets one number each.
 *
 * A record is canonical when its FSPEC and presence bits are as short as can be, spare bits are 0 and an extended item has
 * no octet that the table does not know. put(get(x)) == x, bit for bit, for every canonical record and no other.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

#include <sys/types.h>

#define ASTERIX_VALUES_WIDE 57
#define ASTERIX_VALUES_PIECE 48
/* Numbers that a record of @size octets can have at most: one a bit, with one an item before them. */
#define ASTERIX_VALUES_MAX(size) (16 * (size) + 1)

/** asterix_values_get() - @r's numbers. @cap: room in @ret_v. Return: how many, or -ENOSPC. */
ssize_t asterix_values_get(const struct asterix_record *r, uint64_t *ret_v, size_t cap);

/**
 * asterix_values_put() - the record that @v says, in its canonical form
 * @ret_p: not specified on failure
 *
 * Return: its octets; -EINVAL when @v is no record of @c: an item that the profile does not have, too few or too many
 * numbers, octets of an extended item that are none; -ERANGE when a number does not fit its place; -ENOSPC.
 */
ssize_t asterix_values_put(const struct asterix_category *c, const uint64_t *v, size_t n, uint8_t *ret_p, size_t cap);
