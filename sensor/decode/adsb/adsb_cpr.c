#include "sensor/decode/adsb/adsb_cpr.h"

#include <errno.h>
#include <math.h>

#define NL_MAX 59
#define ZONES 60 /* of latitude, even; one less odd */

/*
 * Below nl_edges[i] there are 59 - i zones: acos(sqrt((1 - cos(pi/30)) / (1 - cos(2 pi/NL)))), DO-260B A.1.7.2 d,
 * computed with 40 digits.
 */
static const double nl_edges[NL_MAX - 1] = {
	10.47047129996878, 14.82817436868751, 18.18626357071418, 21.02939492602934, 23.54504486557140, 25.82924707058855,
	27.93898710121917, 29.91135685731838, 31.77209707681102, 33.53993436298546, 35.22899597796447, 36.85025107593547,
	38.41241892412305, 39.92256684333892, 41.38651832260283, 42.80914012243566, 44.19454951419314, 45.54626722660254,
	46.86733252498767, 48.16039128096654, 49.42776439255704, 50.67150165553846, 51.89342469168786, 53.09516152796016,
	54.27817472272919, 55.44378444495060, 56.59318756205935, 57.72747353866127, 58.84763776148471, 59.95459276694046,
	61.04917774246363, 62.13216659210342, 63.20427479381938, 64.26616522567450, 65.31845309682099, 66.36171008382628,
	67.39646774084676, 68.42322022083340, 69.44242631144031, 70.45451074987608, 71.45986473028989, 72.45884544728952,
	73.45177441667870, 74.43893415725142, 75.42056256653363, 76.39684390794473, 77.36789461328192, 78.33374082922752,
	79.29428225456931, 80.24923213280516, 81.19801349271951, 82.13956980510609, 83.07199444719816, 83.99173562980566,
	84.89166190702088, 85.75541620944419, 86.53536997512101, 87.00000000000000,
};

int adsb_cpr_nl(double lat_deg)
{
	double lat = fabs(lat_deg);
	int low = 0, high = NL_MAX - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (lat < nl_edges[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return NL_MAX - low;
}

/* Always in [0, n). */
static double modulo(double x, double n)
{
	return x - n * floor(x / n);
}

static double turn(const struct adsb_cpr *c)
{
	return c->surface ? 90 : 360;
}

/* Height of a latitude zone. */
static double zone_lat(const struct adsb_cpr *c)
{
	return turn(c) / (ZONES - c->odd);
}

static int zones_lon(const struct adsb_cpr *c, int nl)
{
	int n = nl - c->odd;

	return n > 1 ? n : 1;
}

static double wrap_lon(double lon_deg)
{
	return modulo(lon_deg + 180, 360) - 180;
}

/* On the surface a zone is a quarter and its LSB too, so one rounding serves both forms. */
void adsb_cpr_encode(const struct adsb_cpr_point *p, bool odd, bool surface, struct adsb_cpr *ret_cpr)
{
	struct adsb_cpr c = { .odd = odd, .surface = surface };
	double d_lat = zone_lat(&c), yz = floor(ADSB_CPR_STEPS * modulo(p->lat_deg, d_lat) / d_lat + 0.5);
	double lat = d_lat * (yz / ADSB_CPR_STEPS + floor(p->lat_deg / d_lat));
	double d_lon = turn(&c) / zones_lon(&c, adsb_cpr_nl(lat));
	double xz = floor(ADSB_CPR_STEPS * modulo(p->lon_deg, d_lon) / d_lon + 0.5);

	c.lat = (int32_t)modulo(yz, ADSB_CPR_STEPS);
	c.lon = (int32_t)modulo(xz, ADSB_CPR_STEPS);
	*ret_cpr = c;
}

/* Of solutions 90 deg apart, as the surface has them, the one nearest to @near_deg. */
static double nearest_quarter(double deg, double near_deg)
{
	return deg + 90 * floor((near_deg - deg) / 90 + 0.5);
}

/* The latitude of one of a pair; j is the zone's number. */
static double pair_lat(const struct adsb_cpr *c, double j, const struct adsb_cpr_point *near)
{
	double lat = zone_lat(c) * (modulo(j, ZONES - c->odd) + c->lat / ADSB_CPR_STEPS);

	if (c->surface)
		return nearest_quarter(lat, near->lat_deg);
	return lat >= 270 ? lat - 360 : lat;
}

int adsb_cpr_global(const struct adsb_cpr *even, const struct adsb_cpr *odd, bool newest_odd,
	const struct adsb_cpr_point *near, struct adsb_cpr_point *ret_p)
{
	const struct adsb_cpr *c = newest_odd ? odd : even;
	double j = floor(((ZONES - 1) * (double)even->lat - ZONES * (double)odd->lat) / ADSB_CPR_STEPS + 0.5);
	double lat_even = pair_lat(even, j, near), lat_odd = pair_lat(odd, j, near);
	double lat = newest_odd ? lat_odd : lat_even;
	int nl = adsb_cpr_nl(lat);

	if (fabs(lat_even) > 90 || fabs(lat_odd) > 90 || adsb_cpr_nl(lat_even) != adsb_cpr_nl(lat_odd))
		return -EDOM;

	int n = zones_lon(c, nl);
	double m = floor(((nl - 1) * (double)even->lon - nl * (double)odd->lon) / ADSB_CPR_STEPS + 0.5);
	double lon = turn(c) / n * (modulo(m, n) + c->lon / ADSB_CPR_STEPS);

	ret_p->lat_deg = lat;
	ret_p->lon_deg = wrap_lon(near ? nearest_quarter(lon, near->lon_deg) : lon);
	return 0;
}

/* The angle of @fraction of a zone that is nearest to @near. */
static double nearest(double near_deg, double zone_deg, double fraction)
{
	return zone_deg * (floor(near_deg / zone_deg - fraction + 0.5) + fraction);
}

int adsb_cpr_local(const struct adsb_cpr *cpr, const struct adsb_cpr_point *near, struct adsb_cpr_point *ret_p)
{
	double lat = nearest(near->lat_deg, zone_lat(cpr), cpr->lat / ADSB_CPR_STEPS);

	if (fabs(lat) > 90)
		return -EDOM;

	double d_lon = turn(cpr) / zones_lon(cpr, adsb_cpr_nl(lat));

	ret_p->lat_deg = lat;
	ret_p->lon_deg = wrap_lon(nearest(near->lon_deg, d_lon, cpr->lon / ADSB_CPR_STEPS));
	return 0;
}
