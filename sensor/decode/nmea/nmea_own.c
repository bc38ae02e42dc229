#include "sensor/decode/nmea/nmea_own.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POSITION_SIGMA_M 12.0 /* as a class A transponder's: notes/tracking.md 2.2 */
#define UNKNOWN_SPEED_MPS 10.0 /* of a ship whose motion is not known: 20 kn */

static void set_position(struct nmea_own *o, const struct nmea_place *lat, const struct nmea_place *lon, int64_t recv_ns)
{
	double lat_deg = nmea_value_degrees(lat), lon_deg = nmea_value_degrees(lon);

	if (isnan(lat_deg) || isnan(lon_deg))
		return;
	o->at = (struct geo_point){ lat_deg * GEO_DEG, lon_deg * GEO_DEG, 0 };
	o->position_ns = recv_ns;
}

static bool is_heading(double deg)
{
	return deg >= 0 && deg <= 360;
}

static void set_heading(struct nmea_own *o, const struct nmea_number *heading, int64_t recv_ns)
{
	double deg = nmea_value_real(heading);

	if (!is_heading(deg))
		return;
	o->heading_rad = deg * GEO_DEG;
	o->heading_ns = recv_ns;
}

/* RMC and GLL: status A; mode estimated, manual, simulator and not valid are no measurements. */
static bool is_fix(char status, char mode)
{
	return status == 'A' && !(mode && strchr("EMNS", mode));
}

static void take_rmc(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	const struct nmea_rmc *r = &m->rmc;
	double speed = nmea_value_real(&r->speed), course = nmea_value_real(&r->course);

	if (!is_fix(r->status, r->mode))
		return;
	set_position(o, &r->lat, &r->lon, recv_ns);
	if (!(speed >= 0 && speed < 200) || !is_heading(course))
		return;
	o->speed_mps = speed * GEO_KNOT_MPS;
	o->course_rad = course * GEO_DEG;
	o->motion_ns = recv_ns;
}

static void take_gll(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	if (is_fix(m->gll.status, m->gll.mode))
		set_position(o, &m->gll.lat, &m->gll.lon, recv_ns);
}

/* Quality 1 to 5: satellite fixes of all kinds; 0 none, 6 estimated, 7 manual, 8 simulator. */
static void take_gga(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	double quality = nmea_value_real(&m->gga.quality);

	if (quality >= 1 && quality <= 5)
		set_position(o, &m->gga.lat, &m->gga.lon, recv_ns);
}

static void take_hdt(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	set_heading(o, &m->hdt.heading, recv_ns);
}

static void take_ths(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	if (m->ths.mode == 'A')
		set_heading(o, &m->ths.heading, recv_ns);
}

static void take_osd(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	if (m->osd.heading_status == 'A')
		set_heading(o, &m->osd.heading, recv_ns);
}

static const struct {
	const char *id;
	void (*take)(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns);
} takers[] = {
	{ "HDT", take_hdt }, { "THS", take_ths }, { "RMC", take_rmc },
	{ "GGA", take_gga }, { "GLL", take_gll }, { "OSD", take_osd },
};

void nmea_own_take(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (nmea_message_is(m, takers[i].id))
			takers[i].take(o, m, recv_ns);
}

static bool is_fresh(int64_t at_ns, int64_t now_ns, int64_t max_ns)
{
	return at_ns && llabs(now_ns - at_ns) <= max_ns;
}

bool nmea_own_position(const struct nmea_own *o, int64_t now_ns, struct geo_point *ret_at, double *ret_sigma_m)
{
	double age_s = (double)(now_ns - o->position_ns) / 1e9;
	bool moves = is_fresh(o->motion_ns, now_ns, NMEA_OWN_POSITION_AGE_MAX_NS);

	if (!is_fresh(o->position_ns, now_ns, NMEA_OWN_POSITION_AGE_MAX_NS))
		return false;
	*ret_at = o->at;
	if (moves)
		geo_direct(&o->at, o->course_rad, o->speed_mps * age_s, ret_at);
	*ret_sigma_m = hypot(POSITION_SIGMA_M, moves ? 0 : UNKNOWN_SPEED_MPS * age_s);
	return true;
}

bool nmea_own_heading(const struct nmea_own *o, int64_t now_ns, double *ret_rad)
{
	if (!is_fresh(o->heading_ns, now_ns, NMEA_OWN_HEADING_AGE_MAX_NS))
		return false;
	*ret_rad = o->heading_rad;
	return true;
}
