/*
 * asterix_tables - the categories' tables, one file each; asterix_profile.c lists them.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

extern const struct asterix_category cat001_category;
extern const struct asterix_category cat002_category;
extern const struct asterix_category cat010_category;
extern const struct asterix_category cat021_category;
extern const struct asterix_category cat021_026_category;
extern const struct asterix_category cat021_023_category;
extern const struct asterix_category cat023_category;
extern const struct asterix_category cat034_category;
extern const struct asterix_category cat048_category;
extern const struct asterix_category cat062_category;
extern const struct asterix_category cat063_category;
extern const struct asterix_category cat065_category;
extern const struct asterix_category cat240_category;
extern const struct asterix_category cat247_category;

/* What is in the reserved expansion field. */
extern const struct asterix_item cat021_re[1];
extern const struct asterix_item cat048_re[1];
extern const struct asterix_item cat062_re[1];
