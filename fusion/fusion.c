#include "fusion/fusion.h"

#include "common/geo.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct fusion_config, field), sizeof(((struct fusion_config *)0)->field)
#define DAY_S 86400.0
/* An hour at 2,000 plots/s, 1.5 entries a plot (measured: 1.15 to 1.44), of 16 bytes; and 2 MB beside them. */
#define EXPLAIN_MEMORY (UINT64_C(176) << 20)
#define HALF_TURN 1.5707963267948966

const struct conf_key fusion_keys[] = {
	{ "Fusion", "Origin", CONF_STRING, AT(origin), .required = true,
		.help = "this centre's id: it names its tracks, e.g. xa" },
	{ "Fusion", "Listen", CONF_STRING, AT(listen), .help = "where hosts connect, TLS 1.3" },
	{ "Fusion", "Hosts", CONF_LIST, AT(hosts),
		.help = "identities of hosts that may send without being in the register: vedette:host/NAME" },
	{ "Fusion", "Register", CONF_PATH, AT(roster), .help = "hosts admitted and revoked by vedette host" },
	{ "Fusion", "Enrol", CONF_PATH, AT(enrol), .help = "socket of vedette-enrol, which renews their certificates" },
	{ "Fusion", "TrackListen", CONF_STRING, AT(track_listen),
		.help = "where the hub connects, on this host" },
	{ "Fusion", "AllowUser", CONF_LIST, AT(users),
		.help = "users whose hub may connect, besides root and our own" },
	{ "Fusion", "Latitude", CONF_ANGLE, AT(lat_rad), -HALF_TURN, HALF_TURN, .required = true,
		.help = "origin of the tracker's plane: the middle of the area watched" },
	{ "Fusion", "Longitude", CONF_ANGLE, AT(lon_rad), -2 * HALF_TURN, 2 * HALF_TURN,
		.required = true, .help = "its longitude" },
	{ "Fusion", "StateDirectory", CONF_PATH, AT(state_dir),
		.help = "journal, track log and checkpoint" },
	{ "TLS", "CA", CONF_PATH, AT(ca), .required = true,
		.help = "authority of the hosts' certificates, PEM" },
	{ "TLS", "Certificate", CONF_PATH, AT(certificate), .required = true,
		.help = "our certificate, PEM" },
	{ "TLS", "Key", CONF_PATH, AT(key), .required = true, .help = "its key, PEM" },
	{ "TLS", "CRL", CONF_PATH, AT(crl), .help = "revoked certificates, PEM" },
	{ "Journal", "Slice", CONF_DURATION, AT(slice_ns), 60, 7 * DAY_S,
		.help = "time in one file of the journal; whole files are deleted" },
	{ "Journal", "Keep", CONF_DURATION, AT(keep_ns), 3600, 3660 * DAY_S,
		.help = "how long it is kept" },
	{ "Journal", "MaxSize", CONF_SIZE, AT(max_size), 64 << 20, 1e15,
		.help = "disk for the journal and what comes of it; beyond it the oldest slices go before their time" },
	{ "Explain", "Memory", CONF_SIZE, AT(explain_memory), 0, 64.0 * (1 << 30),
		.help = "for what the tracker decided of late, see vedette-explain(1); 0B = keep nothing" },
	{ "Explain", "File", CONF_PATH, AT(explain_file), .help = "where it is kept: a file system in memory" },
	{ "Tracker", "MaxTracks", CONF_UINT, AT(max_tracks), 64, 1 << 22,
		.help = "tentative ones included" },
	{ "Tracker", "MaxFeeds", CONF_UINT, AT(max_feeds), 1, 1024,
		.help = "radars, receivers and cameras" },
	{ "Tracker", "Threads", CONF_UINT, AT(threads), 1, 16,
		.help = "that share the work of the radars; tracks do not depend on it" },
	{ "Tracker", "Detection", CONF_DOUBLE, AT(tracker.detection), 0.1, 0.999,
		.help = "probability that a radar sees a visible vessel in one turn" },
	{ "Tracker", "BirthDensity", CONF_DOUBLE, AT(birth_per_km2), 1e-6, 1,
		.help = "new vessels a radar meets, per square kilometre and turn" },
	{ "Tracker", "ReportDensity", CONF_DOUBLE, AT(report_per_km2), 1e-6, 1,
		.help = "vessels that report and have no track yet, per square kilometre" },
	{ "Tracker", "Confirm", CONF_DOUBLE, AT(tracker.confirm), 0.5, 0.999999,
		.help = "probability of existence from which a track is published" },
	{ "Tracker", "CalmNoise", CONF_DOUBLE, AT(tracker.model.q[0]), 1e-4, 100,
		.help = "acceleration noise of the calm model, m^2/s^3" },
	{ "Tracker", "LivelyNoise", CONF_DOUBLE, AT(tracker.model.q[1]), 1e-4, 1000,
		.help = "acceleration noise of the lively model, m^2/s^3" },
	{ "Tracker", "Window", CONF_DURATION, AT(tracker.window_ns), 1, 60,
		.help = "plots older than this are history only" },
	{ 0 },
};

static bool is_host_identity(const char *text)
{
	return !strncmp(text, "vedette:host/", 13) && text[13] && strlen(text) < 128;
}

static void set_defaults(struct fusion_config *c)
{
	*c = (struct fusion_config){ .slice_ns = INT64_C(3600000000000),
		.keep_ns = INT64_C(48) * 3600000000000,
		.max_size = UINT64_C(32) << 30,
		.explain_memory = EXPLAIN_MEMORY,
		.lat_rad = NAN,
		.lon_rad = NAN };
	snprintf(c->listen, sizeof(c->listen), "%s", "tls+tcp://0.0.0.0:6710");
	snprintf(c->roster, sizeof(c->roster), "%s", "/var/lib/vedette/hosts");
	snprintf(c->enrol, sizeof(c->enrol), "%s", "/run/vedette/enrol/enrol.sock");
	snprintf(c->track_listen, sizeof(c->track_listen), "%s", "ipc:///run/vedette/fusion.sock");
	tracker_defaults(&c->tracker);
	c->max_tracks = c->tracker.max_tracks;
	c->max_feeds = c->tracker.max_stations;
	c->threads = 1;
	c->birth_per_km2 = c->tracker.birth_density * 1e6;
	c->report_per_km2 = c->tracker.report_density * 1e6;
}

/* The unit's own directory where none is set. */
static void default_state_dir(struct fusion_config *c)
{
	const char *env = getenv("STATE_DIRECTORY");

	if (!c->state_dir[0])
		snprintf(c->state_dir, sizeof(c->state_dir), "%s",
			env && env[0] == '/' ? env : "/var/lib/vedette/fusion");
}

/* Without systemd's folder in memory there is no good place by itself. */
static void default_explain_file(struct fusion_config *c)
{
	const char *env = getenv("RUNTIME_DIRECTORY");

	if (!c->explain_file[0] && env && env[0] == '/')
		snprintf(c->explain_file, sizeof(c->explain_file), "%s/explain", env);
}

int fusion_load(const char *path, struct fusion_config *ret_c, struct conf_error *ret_error)
{
	set_defaults(ret_c);
	int r = conf_load(path, fusion_keys, ret_c, ret_error);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < ret_c->hosts.n; i++)
		if (!is_host_identity(ret_c->hosts.items[i])) {
			snprintf(ret_error->text, sizeof(ret_error->text),
				"%s: [Fusion] Hosts=%s: not vedette:host/NAME", path,
				ret_c->hosts.items[i]);
			return -EINVAL;
		}
	default_state_dir(ret_c);
	default_explain_file(ret_c);
	memcpy(ret_c->tracker.origin, ret_c->origin, sizeof(ret_c->tracker.origin));
	ret_c->tracker.lat_rad = ret_c->lat_rad;
	ret_c->tracker.lon_rad = ret_c->lon_rad;
	ret_c->tracker.max_tracks = ret_c->max_tracks;
	ret_c->tracker.max_stations = ret_c->max_feeds;
	ret_c->tracker.threads = (unsigned)ret_c->threads;
	ret_c->tracker.birth_density = ret_c->birth_per_km2 * 1e-6;
	ret_c->tracker.report_density = ret_c->report_per_km2 * 1e-6;
	return 0;
}

void fusion_done(struct fusion_config *c)
{
	conf_list_done(&c->hosts);
	conf_list_done(&c->users);
}
