#include "sensor/decode/adsb/adsb_plot.h"

#include <string.h>

#include "common/geo.h"

/* 14 CFR 91.227 (e): latency that nobody corrects is at most 0.6 s; taken as two sigma. Receivers' and feeders' delay is within it. */
#define LATENCY_SIGMA_NS INT64_C(300000000)
/* 1/131072 of a 6 deg zone is 5.1 m; uniform: LSB / sqrt(12). A quarter on the surface: no matter. */
#define CPR_SIGMA_M 1.5
/* A BaseStation line says nothing of accuracy: the worst that 14 CFR 91.227 (c) lets fly, NACp 8 and NACv 1. */
#define LINE_SIGMA_M (0.05 * GEO_NM_M / 2.4477)
#define TURN_RADPS (3 * GEO_DEG) /* a standard-rate turn: how the track ages; half of it is one sigma */
#define TRACK_SPEED_MIN_MPS 0.5	 /* below it the direction is noise: as for ships */
#define MOVEMENT_SIGMA 0.06	 /* of the speed: steps of movement codes are up to a fifth of it, uniform */
#define FT_M 0.3048
#define ADDRESS_MAX 0xfffffe

static void begin(struct plot *plot, enum plot_kind kind, const struct adsb_message *m, const struct adsb_aircraft *a,
	const struct plotting *p)
{
	plot_init(plot, kind, PLOT_SENSOR_ADSB);
	memcpy(plot->feed, p->site->feed, sizeof(plot->feed));
	plot->site_version = p->site->version;
	plot->recv_ns = p->recv_ns;
	plot->time_ns = p->recv_ns;
	plot->time_sigma_ns = (int64_t)hypot((double)LATENCY_SIGMA_NS, (double)p->clock_sigma_ns);
	if (m->is_icao && m->address && m->address <= ADDRESS_MAX) {
		plot->id_kind = PLOT_ID_ICAO24;
		plot->id = m->address;
		memcpy(plot->identity.callsign, a->callsign, sizeof(a->callsign));
	}
}

static double sigma_m(const struct adsb_message *m, const struct adsb_aircraft *a)
{
	if (m->v[ADSB_SBS] != ADSB_NONE)
		return LINE_SIGMA_M;
	return hypot(adsb_quality_position_m(&a->quality, m->tc, m->v[ADSB_NIC_B]), CPR_SIGMA_M);
}

/* See the header: NaN rather than a pressure. */
static double height_m(const struct adsb_message *m, const struct adsb_aircraft *a, int64_t now_ns)
{
	int64_t age_ns = adsb_aircraft_elapsed(now_ns, a->geo_minus_baro_ns);

	if (m->v[ADSB_ALT_GEO_FT] != ADSB_NONE)
		return m->v[ADSB_ALT_GEO_FT] * FT_M;
	if (m->v[ADSB_ALT_FT] == ADSB_NONE || a->geo_minus_baro_ft == ADSB_NONE || age_ns < 0 || age_ns > ADSB_PLOT_DIFFERENCE_NS)
		return NAN;
	return (m->v[ADSB_ALT_FT] + a->geo_minus_baro_ft) * FT_M;
}

/* The aircraft's last velocity, which came in another message (on the surface in this one). */
static void set_velocity(struct plot *plot, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	int64_t age_ns = adsb_aircraft_elapsed(plot->recv_ns, a->velocity_ns);
	double sigma_mps = adsb_quality_velocity_mps(a->quality.nac_v);

	if (a->gs_millikt == ADSB_NONE || age_ns < 0 || age_ns > ADSB_PLOT_VELOCITY_NS)
		return;
	plot->sog_mps = a->gs_millikt * (GEO_KNOT_MPS / 1000);
	if (m->v[ADSB_MOVEMENT] != ADSB_NONE)
		sigma_mps = fmax(plot->sog_mps * MOVEMENT_SIGMA, TRACK_SPEED_MIN_MPS);
	plot->sog_sigma_mps = sigma_mps;
	if (a->track_millideg == ADSB_NONE || plot->sog_mps < TRACK_SPEED_MIN_MPS)
		return;
	plot->cog_rad = a->track_millideg * (GEO_DEG / 1000);
	plot->cog_sigma_rad = hypot(atan2(sigma_mps, plot->sog_mps), TURN_RADPS / 2 * (double)age_ns / 1e9);
}

static enum adsb_plot_drop position(const struct adsb_message *m, const struct adsb_aircraft *a, const struct plotting *p,
	struct plot *plot)
{
	double sigma = sigma_m(m, a);

	if (m->v[ADSB_LAT_E7] == ADSB_NONE)
		return ADSB_PLOT_DROP_POSITION;
	if (isnan(sigma))
		return ADSB_PLOT_DROP_ACCURACY;
	begin(plot, PLOT_POSITION, m, a, p);
	plot->lat_rad = m->v[ADSB_LAT_E7] * 1e-7 * GEO_DEG;
	plot->lon_rad = m->v[ADSB_LON_E7] * 1e-7 * GEO_DEG;
	plot->cov = (struct plot_cov2){ sigma * sigma, 0, sigma * sigma };
	plot->alt_m = height_m(m, a, p->recv_ns);
	set_velocity(plot, m, a);
	return ADSB_PLOT_DROP_NONE;
}

static bool is_position(const struct adsb_message *m)
{
	return m->v[ADSB_CPR_LAT] != ADSB_NONE || m->v[ADSB_LAT_E7] != ADSB_NONE || m->v[ADSB_SBS] == 2 || m->v[ADSB_SBS] == 3;
}

unsigned adsb_plot(const struct adsb_message *m, const struct adsb_aircraft *a, const struct plotting *p,
	struct plot *ret_plots, enum adsb_plot_drop *ret_drop)
{
	unsigned n = 0;

	*ret_drop = a ? ADSB_PLOT_DROP_KIND : ADSB_PLOT_DROP_UNKNOWN;
	if (!a)
		return 0;
	if (is_position(m)) {
		*ret_drop = position(m, a, p, ret_plots);
		n += *ret_drop == ADSB_PLOT_DROP_NONE;
	}
	if (*m->callsign) {
		begin(&ret_plots[n], PLOT_IDENTITY, m, a, p);
		n += ret_plots[n].id_kind != PLOT_ID_NONE;
	}
	return n;
}
