#include "common/plot.h"

void plot_init(struct plot *p, enum plot_kind kind, enum plot_sensor sensor)
{
	*p = (struct plot){
		.kind = kind,
		.sensor = sensor,
		.lat_rad = NAN,
		.lon_rad = NAN,
		.alt_m = NAN,
		.cov = { NAN, NAN, NAN },
		.range_m = NAN,
		.range_sigma_m = NAN,
		.azimuth_rad = NAN,
		.azimuth_sigma_rad = NAN,
		.doppler_mps = NAN,
		.doppler_sigma_mps = NAN,
		.sog_mps = NAN,
		.sog_sigma_mps = NAN,
		.cog_rad = NAN,
		.cog_sigma_rad = NAN,
		.heading_rad = NAN,
		.identity.nav_status = 15,
	};
}
