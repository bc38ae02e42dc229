/*
 * conf_value - one value's text into its typed field. The inside of conf: nobody else includes it.
 */
#pragma once

#include "common/conf.h"

#define CONF_REASON_MAX 160

/**
 * conf_value_set() - sets @key's field of @obj from @value, by its type, unit and limits
 * @value:  trimmed; "" is an empty assignment
 * @reason: room of CONF_REASON_MAX to compose one in
 *
 * Return: NULL, or the reason why not (static or @reason). A list may have grown all the same.
 */
const char *conf_value_set(const struct conf_key *key, const char *value, void *obj, char *reason);
