#include "sensor/decode/adsb/adsb_quality.h"

#include <math.h>
#include <stddef.h>

#include "common/geo.h"
#include "sensor/decode/adsb/adsb_code.h"

#define SIGMAS_95 2.4477 /* sqrt(-2 ln 0.05): radius of a circular normal distribution that holds 95 % */
#define NM GEO_NM_M
#define NAC_MAX 11
#define NUC_MAX 9

/* DO-260B table 2-71: 95 % bound on the horizontal position. 0 = unknown or above 10 NM. */
static const double nac_p_m[NAC_MAX + 1] = { NAN, 10 * NM, 4 * NM, 2 * NM, NM, 0.5 * NM, 0.3 * NM, 0.1 * NM, 0.05 * NM, 30,
	10, 3 };

/* DO-260 table 2-11: 95 % bound of version 0's NUCp. */
static const double nuc_p_m[NUC_MAX + 1] = { NAN, 10 * NM, 5 * NM, NM, 0.5 * NM, 0.25 * NM, 0.1 * NM, 0.05 * NM, 10, 3 };

/* DO-260B table 2-22: 95 % bound on the horizontal velocity; 0 and what is reserved = 10 m/s or worse. */
static const double nac_v_mps[8] = { 10, 10, 3, 1, 0.3, 10, 10, 10 };

/* One meaning of a type code: version 0 has no supplements. -1 = any. First match counts. */
struct meaning {
	uint8_t tc;
	int8_t a, bc; /* supplement A; B airborne, C on the surface */
	uint8_t nic;
	double rc_m;
};

/*
 * DO-260B table 2-14 (airborne) and 2.2.3.2.4 (surface) for version 2. Version 1 has supplement A only: read as if B were A; on the
 * surface it tells 7 apart, where C must be 0.
 */
static const struct meaning meanings[] = {
	{ 5, -1, -1, 11, 7.5 }, { 6, -1, -1, 10, 25 }, { 7, 1, 0, 9, 75 }, { 7, -1, -1, 8, 0.1 * NM },
	 { 8, 1, 1, 7, 0.2 * NM }, { 8, 1, 0, 6, 0.3 * NM }, { 8, 0, 1, 6, 0.6 * NM },
	{ 8, -1, -1, 0, NAN }, { 9, -1, -1, 11, 7.5 }, { 10, -1, -1, 10, 25 }, { 11, 1, 1, 9, 75 },
	{ 11, -1, -1, 8, 0.1 * NM }, { 12, -1, -1, 7, 0.2 * NM }, { 13, 0, 1, 6, 0.3 * NM }, { 13, 0, 0, 6, 0.5 * NM },
	{ 13, -1, -1, 6, 0.6 * NM }, { 14, -1, -1, 5, NM }, { 15, -1, -1, 4, 2 * NM }, { 16, 1, 1, 3, 4 * NM },
	{ 16, -1, -1, 2, 8 * NM }, { 17, -1, -1, 1, 20 * NM }, { 18, -1, -1, 0, NAN }, { 20, -1, -1, 11, 7.5 },
	{ 21, -1, -1, 10, 25 }, { 22, -1, -1, 0, NAN },
};

/* DO-260 tables 2-11 and 2-16: version 0's NUCp and its protection limit. */
static const struct meaning meanings_v0[] = {
	{ 5, -1, -1, 9, 7.5 }, { 6, -1, -1, 8, 25 }, { 7, -1, -1, 7, 0.1 * NM }, { 8, -1, -1, 6, NAN }, { 9, -1, -1, 9, 7.5 },
	{ 10, -1, -1, 8, 25 }, { 11, -1, -1, 7, 0.1 * NM }, { 12, -1, -1, 6, 0.2 * NM }, { 13, -1, -1, 5, 0.5 * NM },
	{ 14, -1, -1, 4, NM }, { 15, -1, -1, 3, 2 * NM }, { 16, -1, -1, 2, 10 * NM }, { 17, -1, -1, 1, 20 * NM },
	{ 18, -1, -1, 0, NAN }, { 20, -1, -1, 9, 7.5 }, { 21, -1, -1, 8, 25 }, { 22, -1, -1, 0, NAN },
};

static bool fits(int8_t want, int32_t have)
{
	return want < 0 || want == (have == ADSB_NONE ? 0 : have);
}

static const struct meaning *find(const struct meaning *m, unsigned n, unsigned tc, int32_t a, int32_t bc)
{
	for (unsigned i = 0; i < n; i++)
		if (m[i].tc == tc && fits(m[i].a, a) && fits(m[i].bc, bc))
			return &m[i];
	return NULL;
}

#define N(a) (sizeof(a) / sizeof((a)[0]))

int32_t adsb_quality_nic(const struct adsb_quality *q, unsigned tc, int32_t nic_b, double *ret_rc_m)
{
	int32_t a = q->nic_a, bc = tc <= 8 ? q->nic_c : nic_b;
	const struct meaning *m;

	if (q->version == 1)
		bc = tc <= 8 ? 0 : a;
	if (q->version == 1 || q->version == 2)
		m = find(meanings, N(meanings), tc, a, bc);
	else
		m = find(meanings_v0, N(meanings_v0), tc, 0, 0);
	*ret_rc_m = m ? m->rc_m : NAN;
	return m ? m->nic : 0;
}

double adsb_quality_position_m(const struct adsb_quality *q, unsigned tc, int32_t nic_b)
{
	double rc_m, radius_m = NAN;
	int32_t nic = adsb_quality_nic(q, tc, nic_b, &rc_m);

	if (q->version != 1 && q->version != 2)
		radius_m = nuc_p_m[nic];
	else if (q->nac_p >= 0 && q->nac_p <= NAC_MAX)
		radius_m = nac_p_m[q->nac_p];
	if (isnan(radius_m))
		radius_m = rc_m;
	return radius_m / SIGMAS_95;
}

double adsb_quality_velocity_mps(int32_t nac_v)
{
	return nac_v_mps[nac_v < 0 ? 0 : nac_v & 7] / SIGMAS_95;
}
