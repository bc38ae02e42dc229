/*
 * admission - may this host come, and for what?
 *
 * The centre's register (common/roster.h) knows hosts by their keys and has the last word; a name that is not in it may
 * come when Hosts= lists it, with whatever certificate our authority gave it. An expired certificate is good for one thing,
 * its own renewal, and only of a host in the register.
 */
#pragma once

#include "common/bus.h"
#include "fusion/fusion.h"

enum admission { ADMISSION_REFUSED, ADMISSION_REVOKED, ADMISSION_RENEWAL, ADMISSION_GRANTED };

/** admission_judge() - @ret_why: a few words for the log, static. */
enum admission admission_judge(const struct fusion_config *config, const struct bus_peer *peer, const char **ret_why);
