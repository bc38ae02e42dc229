#include "sensor/decode/ais/ais_plot.h"

#include <stdio.h>
#include <string.h>

#include "common/geo.h"
#include "sensor/decode/ais/ais_mmsi.h"

#define NS_PER_S INT64_C(1000000000)

/* notes/tracking.md 2.2: 10 m class A, 15 m class B, inflated x 1.2 */
#define SIGMA_CLASS_A_M (10.0 * 1.2)
#define SIGMA_CLASS_B_M (15.0 * 1.2)
/*
 * M.1371-5 table 50: accuracy 1 = better than 10 m (DGNSS, or RAIM says so), 0 = worse, which is also what every plain GPS
 * sends. Such a fix is commonly 5-15 m off, but nothing bounds it: half as much again.
 */
#define SIGMA_LOW_ACCURACY 1.5
/* Type 27 is in 1/10 min = 185 m of latitude; uniform: LSB / sqrt(12) */
#define SIGMA_LONG_RANGE_M 53.5
#define SPEED_SIGMA_MPS 0.2		/* notes/tracking.md 2.2 */
#define COURSE_SIGMA_RAD (2 * GEO_DEG)	/* the same */
#define COURSE_SPEED_MIN_MPS 0.5	/* the same: below it the course is noise */
/* A UTC second is a GNSS epoch rounded to 1 s: uniform, 1 s / sqrt(12) */
#define SECOND_SIGMA_NS INT64_C(289000000)
/* Without a second: reports wait for their slot, up to some seconds; half a reporting interval of a moving ship */
#define RECV_SIGMA_NS INT64_C(2000000000)
/* Type 27: "latency of the position less than 5 s" is bit 94 = 0; M.1371-5 table 84 */
#define LONG_RANGE_SIGMA_NS INT64_C(5000000000)

struct motion {
	double lat_deg, lon_deg, sigma_m;
	double speed_kt, course_deg, heading_deg; /* NaN = unknown */
	int64_t time_ns, time_sigma_ns;
};

int64_t ais_plot_time(int32_t second, int64_t recv_ns, int64_t *ret_sigma_ns)
{
	const int64_t minute_ns = 60 * NS_PER_S;

	*ret_sigma_ns = RECV_SIGMA_NS;
	if (second < 0 || second > 59)
		return recv_ns;

	int64_t t = recv_ns - recv_ns % minute_ns + second * NS_PER_S;

	if (t - recv_ns > AIS_PLOT_AHEAD_MAX_NS)
		t -= minute_ns;
	else if (recv_ns - t > minute_ns - AIS_PLOT_AHEAD_MAX_NS)
		t += minute_ns;
	if (recv_ns - t > AIS_PLOT_AGE_MAX_NS)
		return recv_ns;
	*ret_sigma_ns = SECOND_SIGMA_NS;
	return t;
}

static double unless(int32_t raw, bool unknown, double lsb)
{
	return unknown ? NAN : raw * lsb;
}

/* The common part of types 1-3, 9, 18, 19, 21, in 1/10000 min. */
static void set_place(struct motion *mo, int32_t lon, int32_t lat, int32_t accuracy, double sigma_m)
{
	mo->lon_deg = lon / 600000.0;
	mo->lat_deg = lat / 600000.0;
	mo->sigma_m = accuracy ? sigma_m : sigma_m * SIGMA_LOW_ACCURACY;
}

static void set_way(struct motion *mo, int32_t speed, int32_t course, int32_t heading)
{
	/* 1022 means "102.2 kt or more": no measurement */
	mo->speed_kt = unless(speed, speed >= 1022, 0.1);
	mo->course_deg = unless(course, course >= AIS_COURSE_NONE, 0.1);
	mo->heading_deg = unless(heading, heading >= 360, 1);
}

/* Speed in whole knots. 4094 and above: no measurement of altitude. */
static void set_sar(struct motion *mo, const struct ais_sar *s)
{
	set_place(mo, s->lon, s->lat, s->accuracy, SIGMA_CLASS_A_M);
	mo->speed_kt = unless(s->speed, s->speed >= 1022, 1);
	mo->course_deg = unless(s->course, s->course >= AIS_COURSE_NONE, 0.1);
}

static void set_long_range(struct motion *mo, const struct ais_long_range *l, int64_t recv_ns)
{
	mo->lon_deg = l->lon / 600.0;
	mo->lat_deg = l->lat / 600.0;
	mo->sigma_m = SIGMA_LONG_RANGE_M;
	mo->speed_kt = unless(l->speed, l->speed >= AIS_SPEED27_NONE, 1);
	mo->course_deg = unless(l->course, l->course >= 360, 1);
	mo->time_ns = recv_ns;
	mo->time_sigma_ns = LONG_RANGE_SIGMA_NS;
}

/* False for types without a target's position. */
static bool read_motion(const struct ais_message *m, int64_t recv_ns, struct motion *mo)
{
	int32_t second = AIS_SECOND_NONE;
	bool beacon = ais_mmsi_distress((uint32_t)m->mmsi) != PLOT_DISTRESS_NONE;

	*mo = (struct motion){ .speed_kt = NAN, .course_deg = NAN, .heading_deg = NAN };
	switch (m->type) {
	case 1:
	case 2:
	case 3:
		set_place(mo, m->position.lon, m->position.lat, m->position.accuracy,
			beacon ? SIGMA_CLASS_B_M : SIGMA_CLASS_A_M);
		set_way(mo, m->position.speed, m->position.course, m->position.heading);
		second = m->position.second;
		break;
	case 9:
		set_sar(mo, &m->sar);
		second = m->sar.second;
		break;
	case 18:
		set_place(mo, m->class_b.lon, m->class_b.lat, m->class_b.accuracy, SIGMA_CLASS_B_M);
		set_way(mo, m->class_b.speed, m->class_b.course, m->class_b.heading);
		second = m->class_b.second;
		break;
	case 19:
		set_place(mo, m->class_b_ext.lon, m->class_b_ext.lat, m->class_b_ext.accuracy, SIGMA_CLASS_B_M);
		set_way(mo, m->class_b_ext.speed, m->class_b_ext.course, m->class_b_ext.heading);
		second = m->class_b_ext.second;
		break;
	case 21:
		set_place(mo, m->aton.lon, m->aton.lat, m->aton.accuracy, SIGMA_CLASS_B_M);
		second = m->aton.second;
		break;
	case 27:
		set_long_range(mo, &m->long_range, recv_ns);
		return true;
	default:
		return false;
	}
	mo->time_ns = ais_plot_time(second, recv_ns, &mo->time_sigma_ns);
	return true;
}

static int64_t sum_sigma(int64_t a, int64_t b)
{
	return (int64_t)hypot((double)a, (double)b);
}

/* A plot of @m with everything but what it measured. */
static void begin(struct plot *plot, enum plot_kind kind, const struct ais_message *m, const struct plotting *p)
{
	uint32_t mmsi = (uint32_t)m->mmsi;

	plot_init(plot, kind, PLOT_SENSOR_AIS);
	memcpy(plot->feed, p->site->feed, sizeof(plot->feed));
	plot->recv_ns = p->recv_ns;
	plot->time_ns = p->recv_ns;
	plot->time_sigma_ns = sum_sigma(RECV_SIGMA_NS, p->clock_sigma_ns);
	plot->site_version = p->site->version;
	if (ais_mmsi_classify(mmsi) != AIS_MMSI_BAD) {
		plot->id_kind = PLOT_ID_MMSI;
		plot->id = mmsi;
	}
	plot->distress = ais_mmsi_distress(mmsi);
	if (m->type <= 3)
		plot->identity.nav_status = (uint8_t)m->position.status;
	else if (m->type == 27)
		plot->identity.nav_status = (uint8_t)m->long_range.status;
	/* M.1371-5: an active device says 14; 15 is also what it says under test. Anything else is taken as real. */
	plot->distress_test = plot->distress && m->type <= 3 && m->position.status == AIS_STATUS_UNDEFINED;
}

static void set_motion(struct plot *plot, const struct motion *mo, const struct plotting *p)
{
	plot->time_ns = mo->time_ns;
	plot->time_sigma_ns = sum_sigma(mo->time_sigma_ns, p->clock_sigma_ns);
	plot->lat_rad = mo->lat_deg * GEO_DEG;
	plot->lon_rad = mo->lon_deg * GEO_DEG;
	plot->cov = (struct plot_cov2){ mo->sigma_m * mo->sigma_m, 0, mo->sigma_m * mo->sigma_m };
	if (!isnan(mo->heading_deg))
		plot->heading_rad = mo->heading_deg * GEO_DEG;
	if (isnan(mo->speed_kt))
		return;
	plot->sog_mps = mo->speed_kt * GEO_KNOT_MPS;
	plot->sog_sigma_mps = SPEED_SIGMA_MPS;
	if (isnan(mo->course_deg) || plot->sog_mps < COURSE_SPEED_MIN_MPS)
		return;
	plot->cog_rad = mo->course_deg * GEO_DEG;
	plot->cog_sigma_rad = COURSE_SIGMA_RAD;
}

static void set_size(struct plot_identity *id, int32_t bow, int32_t stern, int32_t port, int32_t starboard)
{
	id->length_m = (uint16_t)(bow + stern);
	id->beam_m = (uint16_t)(port + starboard);
}

/* What the message says of its sender. False when nothing. */
static bool read_identity(const struct ais_message *m, struct plot_identity *id)
{
	switch (m->type) {
	case 5:
		snprintf(id->name, sizeof(id->name), "%s", m->fixed.shipname);
		snprintf(id->callsign, sizeof(id->callsign), "%s", m->fixed.callsign);
		id->imo = (uint32_t)m->fixed.imo;
		id->ship_type = (uint8_t)m->fixed.shiptype;
		set_size(id, m->fixed.to_bow, m->fixed.to_stern, m->fixed.to_port, m->fixed.to_starboard);
		return true;
	case 19:
		snprintf(id->name, sizeof(id->name), "%s", m->class_b_ext.shipname);
		id->ship_type = (uint8_t)m->class_b_ext.shiptype;
		set_size(id, m->class_b_ext.to_bow, m->class_b_ext.to_stern, m->class_b_ext.to_port,
			m->class_b_ext.to_starboard);
		return true;
	case 21:
		snprintf(id->name, sizeof(id->name), "%.20s", m->aton.name);
		set_size(id, m->aton.to_bow, m->aton.to_stern, m->aton.to_port, m->aton.to_starboard);
		return true;
	case 24:
		if (m->static_b.partno > 1)
			return false;
		if (m->static_b.partno == 0) {
			snprintf(id->name, sizeof(id->name), "%s", m->static_b.shipname);
			return true;
		}
		snprintf(id->name, sizeof(id->name), "%s", m->static_b.shipname);
		snprintf(id->callsign, sizeof(id->callsign), "%s", m->static_b.callsign);
		id->ship_type = (uint8_t)m->static_b.shiptype;
		if (m->mmsi / 10000000 != 98) /* there the place holds the mother ship's MMSI */
			set_size(id, m->static_b.to_bow, m->static_b.to_stern, m->static_b.to_port,
				m->static_b.to_starboard);
		return true;
	default:
		return false;
	}
}

/* Distress without a position: type 14, or a device that has no fix yet. */
static unsigned alarm_plot(const struct ais_message *m, const struct plotting *p, struct plot *ret_plot)
{
	begin(ret_plot, PLOT_IDENTITY, m, p);
	if (m->type == 14)
		ret_plot->distress_test = strstr(m->text.text, "TEST") != NULL;
	return 1;
}

/* A position that is none: the value for "not available", or off the globe. */
static bool is_place(const struct motion *mo)
{
	return fabs(mo->lat_deg) <= 90 && fabs(mo->lon_deg) <= 180;
}

unsigned ais_plot(const struct ais_message *m, const struct plotting *p, struct plot *ret_plots,
	enum ais_plot_drop *ret_drop)
{
	bool distress = ais_mmsi_distress((uint32_t)m->mmsi) != PLOT_DISTRESS_NONE;
	struct plot_identity id = { .nav_status = AIS_STATUS_UNDEFINED };
	struct motion mo;
	unsigned n = 0;

	*ret_drop = AIS_PLOT_DROP_KIND;
	if (read_motion(m, p->recv_ns, &mo)) {
		*ret_drop = AIS_PLOT_DROP_POSITION;
		if (m->type == 21 && m->aton.virtual_aid) {
			*ret_drop = AIS_PLOT_DROP_VIRTUAL;
			return 0;
		}
		if (is_place(&mo)) {
			begin(&ret_plots[n], PLOT_POSITION, m, p);
			if (m->type == 9 && m->sar.alt < 4094)
				ret_plots[n].alt_m = m->sar.alt;
			set_motion(&ret_plots[n++], &mo, p);
		}
	}
	if (read_identity(m, &id) && ais_mmsi_classify((uint32_t)m->mmsi) != AIS_MMSI_BAD) {
		begin(&ret_plots[n], PLOT_IDENTITY, m, p);
		ret_plots[n++].identity = id;
	}
	if (n == 0 && distress && (m->type <= 3 || m->type == 14))
		n = alarm_plot(m, p, ret_plots);
	return n;
}
