/*
 * klv_value - the number in an item's octets, exact, and back.
 *
 * A number is num / den, and one step of its octets is worth step / den; the maps are those of klv_table.h. No value: an empty
 * item, a SIGNED 0x80.., an IMAPB special value or one beyond its range, a UINT or TIME of eight octets above 2^63 - 1.
 */
#pragma once

#include "sensor/decode/klv/klv.h"

#include <stdbool.h>

struct klv_value {
	int64_t num, den, step;
};

/** klv_value_read() - false when there is no value. @item's tag is a number's: kind below _KLV_NUMBER_MAX. */
bool klv_value_read(const struct klv_item *item, struct klv_value *ret_v);

/** klv_value_number() - the same as a double, NaN without a value. */
double klv_value_number(const struct klv_item *item);

/**
 * klv_value_write() - @v in @size octets, the nearest there is; IMAPB the next below
 *
 * NaN and what is out of range become the kind's own code for it: SIGNED 0x80.., IMAPB "below minimum", "above maximum", NaN.
 * Return: 0; -ERANGE when the kind has no such code, -EINVAL when it is no number or of a size that the tag does not have.
 */
int klv_value_write(const struct klv_tag *tag, double v, uint8_t *ret_data, size_t size);

/** klv_value_write_exact() - what klv_value_read() gave, into the same octets. Return: as klv_value_write(). */
int klv_value_write_exact(const struct klv_tag *tag, const struct klv_value *v, uint8_t *ret_data, size_t size);
