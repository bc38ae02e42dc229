#include "hub/card.h"

#include "common/clock.h"
#include "common/geo.h"
#include "hub/peer.h"
#include "hub/trackid.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define COURSE_MIN_MPS 0.1 /* slower than any craft under way; below it the course is noise */

const char *const card_class_names[_TRACK_CLASS_MAX] = {
	"unknown", "cargo", "tanker", "passenger", "fishing", "high-speed", "pleasure", "special", "beacon", "aton", "aircraft",
};
const char *const card_state_names[_TRACK_STATE_MAX] = { "tentative", "confirmed", "coasting", "dropped" };
const char *const card_sensor_names[_PLOT_SENSOR_MAX] = { "radar", "ais", "camera", "adsb" };
static const char *const distress_names[_PLOT_DISTRESS_MAX] = { NULL, "sart", "mob", "epirb" };
static const char *const id_kind_names[_PLOT_ID_KIND_MAX] = { "none", "mmsi", "icao24" };

/* Eigenvalues of the position's 2x2 covariance. */
void card_ellipse(const struct track *t, struct card_ellipse *ret_e)
{
	double ee = t->cov[0], en = t->cov[1], nn = t->cov[4];
	double mean = (ee + nn) / 2, half = hypot((ee - nn) / 2, en);
	*ret_e = (struct card_ellipse){ NAN, NAN, NAN };
	if (!(ee > 0 && nn > 0 && mean - half >= 0))
		return;
	ret_e->major_m = sqrt(CARD_CHI2_95 * (mean + half));
	ret_e->minor_m = sqrt(CARD_CHI2_95 * (mean - half));
	/* From east counter-clockwise is atan2(2 en, ee - nn) / 2; from north clockwise is 90 degrees less that. */
	double angle = M_PI / 2 - atan2(2 * en, ee - nn) / 2;
	ret_e->angle_rad = angle >= M_PI ? angle - M_PI : angle;
}

uint32_t card_mmsi(const struct track *t)
{
	for (unsigned i = 0; i < t->n_ids; i++)
		if (t->ids[i].kind == PLOT_ID_MMSI)
			return t->ids[i].value;
	return 0;
}

static uint32_t icao24(const struct track *t)
{
	for (unsigned i = 0; i < t->n_ids; i++)
		if (t->ids[i].kind == PLOT_ID_ICAO24)
			return t->ids[i].value;
	return 0;
}

double card_sog_mps(const struct track *t)
{
	return hypot(t->ve_mps, t->vn_mps);
}

double card_cog_deg(const struct track *t)
{
	return card_sog_mps(t) >= COURSE_MIN_MPS ? geo_wrap_2pi(atan2(t->ve_mps, t->vn_mps)) / GEO_DEG : NAN;
}

static void known_uint(struct jout *j, const char *key, uint64_t v)
{
	if (v)
		jout_uint(j, key, v);
	else
		jout_null(j, key);
}

static void write_age(const struct track *t, int64_t now_ns, struct jout *j)
{
	int64_t age = now_ns - picture_newest_plot_ns(t);
	jout_int(j, "age_ms", age > 0 ? age / CLOCK_NS_PER_MS : 0);
}

static void write_flags(const struct picture_entry *e, struct jout *j)
{
	jout_string(j, "distress", distress_names[e->track.distress]);
	jout_bool(j, "test", e->track.distress_test);
	jout_bool(j, "foreign", e->foreign);
}

void card_row(const struct picture_entry *e, int64_t now_ns, struct jout *j)
{
	const struct track *t = &e->track;
	char id[TRACKID_TEXT_MAX];
	unsigned seen = 0;
	jout_string(j, "id", trackid_format(&t->id, id));
	jout_uint(j, "slot", e->slot);
	jout_string(j, "origin", t->id.origin);
	jout_text(j, "name", t->identity.name);
	known_uint(j, "mmsi", card_mmsi(t));
	known_uint(j, "imo", t->identity.imo);
	jout_text(j, "callsign", t->identity.callsign);
	jout_string(j, "class", card_class_names[t->class]);
	jout_string(j, "state", card_state_names[t->state]);
	jout_double(j, "lat", t->lat_rad / GEO_DEG, 7);
	jout_double(j, "lon", t->lon_rad / GEO_DEG, 7);
	jout_double(j, "sog", card_sog_mps(t), 2);
	jout_double(j, "cog", card_cog_deg(t), 1);
	write_age(t, now_ns, j);
	write_flags(e, j);
	jout_array(j, "sources");
	for (unsigned i = 0; i < t->n_sources; i++) {
		if (!(seen & 1u << t->sources[i].sensor))
			jout_string(j, NULL, card_sensor_names[t->sources[i].sensor]);
		seen |= 1u << t->sources[i].sensor;
	}
	jout_array_end(j);
}

static void write_motion(const struct track *t, struct jout *j)
{
	double speed = card_sog_mps(t), uu = t->cov[7], uv = t->cov[8], vv = t->cov[9];
	double e = speed > 0 ? t->ve_mps / speed : 0, n = speed > 0 ? t->vn_mps / speed : 1;
	/* Along the course and across it; across, divided by the speed, is the course's sigma. */
	double along = e * e * uu + 2 * e * n * uv + n * n * vv, across = n * n * uu - 2 * e * n * uv + e * e * vv;
	bool course = speed >= COURSE_MIN_MPS;
	jout_object(j, "motion");
	jout_double(j, "sog", speed, 2);
	jout_double(j, "cog", card_cog_deg(t), 1);
	jout_double(j, "sog_sigma", along >= 0 ? sqrt(along) : NAN, 2);
	jout_double(j, "cog_sigma", course && across >= 0 ? fmin(180, sqrt(across) / speed / GEO_DEG) : NAN, 1);
	jout_object_end(j);
}

static void write_ellipse(const struct track *t, struct jout *j)
{
	struct card_ellipse e;
	card_ellipse(t, &e);
	if (!isfinite(e.major_m)) {
		jout_null(j, "ellipse");
		return;
	}
	jout_object(j, "ellipse");
	jout_double(j, "major", e.major_m, 1);
	jout_double(j, "minor", e.minor_m, 1);
	jout_double(j, "angle", e.angle_rad / GEO_DEG, 1);
	jout_double(j, "confidence", 0.95, 2);
	jout_object_end(j);
}

static void write_identity(const struct track *t, struct jout *j)
{
	const struct plot_identity *d = &t->identity;
	jout_object(j, "identity");
	jout_text(j, "name", d->name);
	jout_text(j, "callsign", d->callsign);
	known_uint(j, "mmsi", card_mmsi(t));
	known_uint(j, "icao24", icao24(t));
	known_uint(j, "imo", d->imo);
	known_uint(j, "ship_type", d->ship_type);
	if (d->nav_status == 15 || (!t->n_ids && !d->nav_status)) /* M.1371-5: 15 = undefined */
		jout_null(j, "nav_status");
	else
		jout_uint(j, "nav_status", d->nav_status);
	known_uint(j, "length", d->length_m);
	known_uint(j, "beam", d->beam_m);
	jout_object_end(j);
	jout_array(j, "candidates");
	for (unsigned i = 0; i < t->n_ids; i++) {
		jout_object(j, NULL);
		jout_string(j, "kind", id_kind_names[t->ids[i].kind]);
		jout_uint(j, "value", t->ids[i].value);
		jout_double(j, "probability", t->ids[i].probability, 3);
		jout_object_end(j);
	}
	jout_array_end(j);
}

static void write_sources(const struct track *t, int64_t now_ns, struct jout *j)
{
	jout_array(j, "sources");
	for (unsigned i = 0; i < t->n_sources; i++) {
		const struct track_source *s = &t->sources[i];
		int64_t age = now_ns - s->last_ns;
		jout_object(j, NULL);
		jout_string(j, "feed", s->feed);
		jout_string(j, "sensor", card_sensor_names[s->sensor]);
		jout_int(j, "age_ms", age > 0 ? age / CLOCK_NS_PER_MS : 0);
		jout_uint(j, "plots", s->plots);
		jout_object_end(j);
	}
	jout_array_end(j);
}

static void write_standing(const struct track *t, struct jout *j)
{
	static const char *const kinds[_TRACK_STANDING_MAX] = { NULL, "twin", "elsewhere", "silent" };
	static const char *const ids[_PLOT_ID_KIND_MAX] = { [PLOT_ID_MMSI] = "mmsi", [PLOT_ID_ICAO24] = "icao24" };
	const struct track_standing *s = &t->standing;
	if (!s->kind) {
		jout_null(j, "standing");
		return;
	}
	jout_object(j, "standing");
	jout_string(j, "kind", kinds[s->kind]);
	jout_string(j, "id_kind", ids[s->id_kind]);
	jout_uint(j, "value", s->value);
	jout_uint(j, "count", s->count);
	jout_int(j, "since_ms", s->since_ns / CLOCK_NS_PER_MS);
	jout_double(j, "distance", s->distance_m, 0);
	jout_object_end(j);
}

static void write_release(const struct hub *hub, const struct picture_entry *e, struct jout *j)
{
	jout_array(j, "release");
	for (size_t i = 0; hub->peers && i < peer_count(hub->peers); i++) {
		const struct release *r = peer_release(hub->peers, i);
		const struct settings_peer *p = peer_config(hub->peers, i);
		if (!r)
			continue;
		struct policy_peer to = { p->origin, (enum policy_class)p->class };
		struct policy_decision d = policy_decide(hub->policy, hub->sections, &e->track, &to, hub->settings->origin,
			release_has(r, &e->track.id));
		char why[128];
		jout_object(j, NULL);
		jout_string(j, "peer", p->origin);
		jout_string(j, "name", p->name);
		jout_bool(j, "released", d.release);
		jout_string(j, "rule", d.rule ? d.rule->id : NULL);
		jout_string(j, "reason", policy_explain(&d, why, sizeof(why)));
		jout_string(j, "section", d.section ? d.section->id : NULL);
		jout_string(j, "lane", d.release ? policy_lane_names[d.lane] : NULL);
		jout_object_end(j);
	}
	jout_array_end(j);
}

void card_full(const struct hub *hub, const struct picture_entry *e, int64_t now_ns, struct jout *j)
{
	const struct track *t = &e->track;
	struct track_id parent = t->id;
	char id[TRACKID_TEXT_MAX];
	jout_string(j, "id", trackid_format(&t->id, id));
	jout_uint(j, "slot", e->slot);
	jout_string(j, "origin", t->id.origin);
	jout_uint(j, "version", t->version);
	parent.birth = t->parent;
	jout_string(j, "parent", t->parent ? trackid_format(&parent, id) : NULL);
	jout_int(j, "time_ms", t->time_ns / CLOCK_NS_PER_MS);
	write_age(t, now_ns, j);
	jout_string(j, "state", card_state_names[t->state]);
	jout_string(j, "class", card_class_names[t->class]);
	jout_double(j, "existence", t->existence, 3);
	write_flags(e, j);
	jout_object(j, "position");
	jout_double(j, "lat", t->lat_rad / GEO_DEG, 7);
	jout_double(j, "lon", t->lon_rad / GEO_DEG, 7);
	jout_double(j, "alt", t->alt_m, 1);
	jout_object_end(j);
	write_motion(t, j);
	write_ellipse(t, j);
	write_identity(t, j);
	write_standing(t, j);
	write_sources(t, now_ns, j);
	write_release(hub, e, j);
}

void card_ident(const struct picture_entry *e, struct jout *j)
{
	const struct track *t = &e->track;
	char id[TRACKID_TEXT_MAX];
	jout_uint(j, "slot", e->slot);
	jout_string(j, "id", trackid_format(&t->id, id));
	jout_text(j, "name", t->identity.name);
	known_uint(j, "mmsi", card_mmsi(t));
	known_uint(j, "imo", t->identity.imo);
	jout_text(j, "callsign", t->identity.callsign);
	jout_string(j, "class", card_class_names[t->class]);
	jout_string(j, "origin", t->id.origin);
}

static bool holds(const char *text, const char *needle)
{
	size_t n = strlen(needle);
	for (; *text; text++) {
		size_t i = 0;
		while (i < n && text[i] && tolower((unsigned char)text[i]) == needle[i])
			i++;
		if (i == n)
			return true;
	}
	return n == 0;
}

bool card_matches(const struct track *t, const char *needle)
{
	char id[TRACKID_TEXT_MAX], number[16];
	if (holds(t->identity.name, needle) || holds(t->identity.callsign, needle) ||
		holds(trackid_format(&t->id, id), needle))
		return true;
	for (unsigned i = 0; i < t->n_ids; i++) {
		snprintf(number, sizeof(number), t->ids[i].kind == PLOT_ID_ICAO24 ? "%06" PRIx32 : "%09" PRIu32, t->ids[i].value);
		if (holds(number, needle))
			return true;
	}
	snprintf(number, sizeof(number), "%" PRIu32, t->identity.imo);
	return t->identity.imo && holds(number, needle);
}
