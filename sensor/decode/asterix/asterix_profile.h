/*
 * asterix_profile - which tables there are, and which of them a feed speaks.
 *
 * An edition is "major.minor". A table reads its own edition and those before it back to `since`, in which the same bits
 * mean the same (later ones fill places that were spare). Where they do not, there are two tables: CAT021.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

#define ASTERIX_PROFILE_TEXT_MAX 128

extern const struct asterix_profile asterix_profile_newest;

/**
 * asterix_profile_set() - makes category @cat mean what @edition says
 * @ret_why: ASTERIX_PROFILE_TEXT_MAX bytes; on error the editions that are known
 *
 * Return: 0, or -EINVAL.
 */
int asterix_profile_set(struct asterix_profile *p, uint8_t cat, const char *edition, char *ret_why);

/** asterix_profile_at() - each table in turn; NULL behind the last. */
const struct asterix_category *asterix_profile_at(unsigned i);
