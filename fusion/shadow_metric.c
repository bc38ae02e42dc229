#include "fusion/shadow_metric.h"

#include "common/counter.h"
#include "fusion/shadow.h"

#include <math.h>

enum { REPORTS, ASTRAY, SWITCHES, TIME, NEAR_REPORTS, NEAR_TRACKS, VESSELS, HELD, P50, P95, RADAR_P50, RADAR_P95, TRACKS, UNNAMED };
static struct counter counters[] = {
	[REPORTS] = { "vedette_shadow_reports_total", "AIS reports compared with the tracks before they were used", false, 0 },
	[ASTRAY] = { "vedette_shadow_astray_total", "of them, those away from the track that carries their identity", false, 0 },
	[SWITCHES] = { "vedette_shadow_switches_total", "times a vessel went over to another track", false, 0 },
	[TIME] = { "vedette_shadow_vessel_ms_total", "time over which vessels were followed, all added up", false, 0 },
	[NEAR_REPORTS] = { "vedette_shadow_near_reports_total", "reports with a track near them", false, 0 },
	[NEAR_TRACKS] = { "vedette_shadow_near_tracks_total", "tracks near those", false, 0 },
	[VESSELS] = { "vedette_shadow_vessels", "vessels followed in radar's coverage", true, 0 },
	[HELD] = { "vedette_shadow_vessels_held", "of them, held by a track with radar", true, 0 },
	[P50] = { "vedette_shadow_error_p50_mm", "median distance of a report from its track", true, 0 },
	[P95] = { "vedette_shadow_error_p95_mm", "95 of 100 are nearer", true, 0 },
	[RADAR_P50] = { "vedette_shadow_radar_error_p50_mm", "the same where radar alone has spoken for a minute", true, 0 },
	[RADAR_P95] = { "vedette_shadow_radar_error_p95_mm", "95 of 100 are nearer", true, 0 },
	[TRACKS] = { "vedette_shadow_tracks", "confirmed tracks with a fresh radar plot", true, 0 },
	[UNNAMED] = { "vedette_shadow_tracks_unnamed", "of them, those of no known identity", true, 0 },
};

void shadow_metric_register(void)
{
	counter_register(counters, sizeof(counters) / sizeof(counters[0]));
}

/* No error of a millimetre is ever seen, so 0 can mean none. */
static uint64_t mm(double m)
{
	return isnan(m) ? 0 : (uint64_t)llround(m * 1e3);
}

void shadow_metric_set(const struct tracker *t)
{
	struct shadow_figures f;

	shadow_read(t, &f);
	const uint64_t values[] = { f.reports, f.astray, f.switches, f.vessel_ms, f.near_reports, f.near_tracks, f.vessels, f.held,
		mm(f.fused_p50_m), mm(f.fused_p95_m), mm(f.radar_p50_m), mm(f.radar_p95_m), f.tracks, f.unnamed };
	for (unsigned i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		counters[i].value = values[i];
}
