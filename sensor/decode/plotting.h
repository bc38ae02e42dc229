/*
 * plotting - what a decoded message needs besides itself to become a plot.
 */
#pragma once

#include "common/plot.h"

struct plotting {
	const struct site *site; /* borrowed: feed, version, position, sigmas */
	unsigned sac, sic;	 /* ASTERIX: records of others are dropped; 256 = any */
	int64_t recv_ns;	 /* kernel receive time of the datagram */
	int64_t clock_sigma_ns;	 /* 1 sigma of the host's clock */
	bool moving;		 /* NMEA: the radar is on a ship that says where she is */
};
