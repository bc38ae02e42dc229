/*
 * trackid - a track's id as people and URLs write it: ORIGIN-EPOCH-BIRTH, "xa-1-17".
 */
#pragma once

#include "common/track.h"

#include <stddef.h>

#define TRACKID_TEXT_MAX 40 /* origin 15, two dashes, two 10-digit numbers, NUL */

/** trackid_format() - into @buf of TRACKID_TEXT_MAX. Return: @buf. */
const char *trackid_format(const struct track_id *id, char *buf);

/** trackid_parse() - the whole of @text. Return: 0, or -EINVAL with @ret_id untouched. */
int trackid_parse(const char *text, struct track_id *ret_id);

bool trackid_equal(const struct track_id *a, const struct track_id *b);
uint64_t trackid_hash(const struct track_id *id);

/** trackid_origin_ok() - 1 to 15 of [a-z0-9], letter first: what a centre's id may be. */
bool trackid_origin_ok(const char *origin);
