#include "hub/settings.h"

#include "hub/picture.h"
#include "hub/trackid.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400.0
#define HISTORY_MAX_S (365 * DAY_S) /* the enforced maximum: data minimisation (GDPR Art 5) */

#define S(field) offsetof(struct settings, field), sizeof(((struct settings *)0)->field)
const struct conf_key hub_keys[] = {
	{ "Hub", "Origin", CONF_STRING, S(origin), 0, 0, NULL, true, "This centre's id: 1 to 15 of a-z and 0-9" },
	{ "Hub", "Name", CONF_STRING, S(name), 0, 0, NULL, false, "The centre's name, for people" },
	{ "Hub", "Fusion", CONF_STRING, S(fusion), 0, 0, NULL, false,
		"Where vedette-fusion gives its tracks, ipc:///run/vedette/fusion.sock; without it the picture is the neighbours'" },
	{ "Hub", "Http", CONF_STRING, S(http), 0, 0, NULL, false,
		"ADDRESS:PORT or unix:/path for the picture and the read APIs; TLS and logins are the proxy's" },
	{ "Hub", "PeerListen", CONF_STRING, S(peer_listen), 0, 0, NULL, false,
		"tls+tcp://ADDRESS:PORT where neighbours pull what the policy lets them have" },
	{ "Hub", "Web", CONF_PATH, S(web), 0, 0, NULL, false, "Folder of the picture's built files" },
	{ "Hub", "Sections", CONF_PATH, S(sections), 0, 0, NULL, false, "Border sections, a GeoJSON file" },
	{ "Hub", "Policy", CONF_PATH, S(policy), 0, 0, NULL, false, "The release policy; without it nothing leaves" },
	{ "Hub", "Peers", CONF_PATH, S(peers), 0, 0, NULL, false, "Folder of NAME.conf, one per neighbour" },
	{ "Hub", "StateDirectory", CONF_PATH, S(state_directory), 0, 0, NULL, false,
		"Where the databases are; else $STATE_DIRECTORY, else /var/lib/vedette/hub" },
	{ "Hub", "Tracks", CONF_UINT, S(tracks), 1, PICTURE_CAPACITY_MAX, NULL, false,
		"Live tracks the picture holds at most; more are counted and left out (20000)" },
	{ "Hub", "HomeLatitude", CONF_ANGLE, S(home_lat_rad), -1.5707963267948966, 1.5707963267948966, NULL, false,
		"Middle of the view the picture opens with" },
	{ "Hub", "HomeLongitude", CONF_ANGLE, S(home_lon_rad), -3.141592653589793, 3.141592653589793, NULL, false,
		"Its longitude; without both the sections' extent is shown" },
	{ "Hub", "HomeZoom", CONF_DOUBLE, S(home_zoom), 1, 20, NULL, false, "Its zoom level (9)" },
	{ "Hub", "Roles", CONF_LIST, S(roles), 0, 0, NULL, false,
		"What a user of the picture may do: viewer, officer (acknowledges alarms) (viewer officer)" },
	{ "Hub", "Connections", CONF_UINT, S(connections), 4, 4096, NULL, false, "HTTP connections at most (256)" },
	{ "Hub", "Streams", CONF_UINT, S(streams), 1, 1024, NULL, false, "Live pictures open at most (64)" },
	{ "TLS", "CA", CONF_PATH, S(ca), 0, 0, NULL, false, "Who signs the neighbours' certificates (PEM)" },
	{ "TLS", "Certificate", CONF_PATH, S(certificate), 0, 0, NULL, false, "This centre's, with vedette:centre/ID in it (PEM)" },
	{ "TLS", "Key", CONF_PATH, S(key), 0, 0, NULL, false, "Its private key (PEM)" },
	{ "TLS", "CRL", CONF_PATH, S(crl), 0, 0, NULL, false, "Revoked certificates (PEM)" },
	{ "Retention", "History", CONF_DURATION, S(history_ns), DAY_S, HISTORY_MAX_S, NULL, false,
		"How long track history and late plots are kept, whole UTC days; 1 d to 365 d (30 d)" },
	{ "Retention", "MaxSize", CONF_SIZE, S(history_bytes), 64 << 20, 1e15, NULL, false,
		"Disk the hub's store may use: beyond it the oldest days of history go before their time (64G)" },
	{ "Retention", "HistoryStep", CONF_DURATION, S(history_step_ns), 0, 600, NULL, false,
		"One version per track is kept in this time, and every change of state (2 s)" },
	{ 0 },
};
#undef S

#define P(field) offsetof(struct settings_peer, field), sizeof(((struct settings_peer *)0)->field)
const struct conf_key peer_keys[] = {
	{ "Peer", "Origin", CONF_STRING, P(origin), 0, 0, NULL, true, "The neighbour's id" },
	{ "Peer", "Name", CONF_STRING, P(name), 0, 0, NULL, false, "Its name, for people" },
	{ "Peer", "Class", CONF_ENUM, P(class), 0, 0, policy_class_names, false,
		"ncc, rcc, agency or third-country (ncc); a third country never gets an identifier" },
	{ "Peer", "Identity", CONF_STRING, P(identity), 0, 0, NULL, true,
		"The subjectAltName URI its certificate must carry, vedette:centre/ID" },
	{ "Peer", "Dial", CONF_STRING, P(dial), 0, 0, NULL, false,
		"tls+tcp://HOST:PORT we pull from; without it we only serve it" },
	{ "Peer", "LogSize", CONF_SIZE, P(log_bytes), 1 << 20, 1e12, NULL, false,
		"What waits for it on disk at most; beyond that it gets the present picture instead (64 M)" },
	{ 0 },
};
#undef P

static int refuse(struct conf_error *e, const char *path, const char *what)
{
	snprintf(e->text, sizeof(e->text), "%.300s: %.180s", path, what);
	return -EINVAL;
}

static int check_peer(const struct settings *s, const struct settings_peer *p, const char *path, struct conf_error *e)
{
	char expected[64];
	if (!trackid_origin_ok(p->origin) || !strcmp(p->origin, s->origin))
		return refuse(e, path, "[Peer] Origin: not another centre's id, 1 to 15 of a-z and 0-9");
	snprintf(expected, sizeof(expected), "vedette:centre/%s", p->origin);
	if (strcmp(p->identity, expected))
		return refuse(e, path, "[Peer] Identity: not vedette:centre/ID with the id of Origin");
	if (p->dial[0] && strncmp(p->dial, "tls+tcp://", 10))
		return refuse(e, path, "[Peer] Dial: not a tls+tcp:// address");
	for (unsigned i = 0; i < s->n_peer; i++)
		if (!strcmp(s->peer[i].origin, p->origin))
			return refuse(e, path, "[Peer] Origin: another file has the same");
	return 0;
}

static int load_peer(struct settings *s, const char *file, struct conf_error *e)
{
	char path[SETTINGS_PATH_MAX + SETTINGS_NAME_MAX];
	snprintf(path, sizeof(path), "%s/%.60s", s->peers, file);
	if (s->n_peer == SETTINGS_PEERS_MAX)
		return refuse(e, path, "more than 32 peers");
	struct settings_peer p = { .class = POLICY_NCC, .log_bytes = UINT64_C(64) << 20 };
	int r = conf_load(path, peer_keys, &p, e);
	if (r < 0)
		return r;
	snprintf(p.file, sizeof(p.file), "%.*s", (int)(strlen(file) - 5), file);
	if (!p.name[0])
		snprintf(p.name, sizeof(p.name), "%s", p.origin);
	r = check_peer(s, &p, path, e);
	if (r < 0)
		return r;
	s->peer[s->n_peer++] = p;
	return 0;
}

static int is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return d->d_name[0] != '.' && n > 5 && n < SETTINGS_NAME_MAX && !strcmp(d->d_name + n - 5, ".conf");
}

static int load_peers(struct settings *s, struct conf_error *e)
{
	struct dirent **list = NULL;
	int n = scandir(s->peers, &list, is_conf, alphasort), r = 0;
	if (n < 0)
		return refuse(e, s->peers, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = load_peer(s, list[i]->d_name, e);
		free(list[i]);
	}
	free(list);
	return r;
}

static int check(const struct settings *s, const char *path, struct conf_error *e)
{
	if (!trackid_origin_ok(s->origin))
		return refuse(e, path, "[Hub] Origin: not 1 to 15 of a-z and 0-9, a letter first");
	if (s->fusion[0] && strncmp(s->fusion, "ipc:///", 7))
		return refuse(e, path, "[Hub] Fusion: not an ipc:/// address");
	if (s->peer_listen[0] && strncmp(s->peer_listen, "tls+tcp://", 10))
		return refuse(e, path, "[Hub] PeerListen: not a tls+tcp:// address");
	for (unsigned i = 0; i < s->roles.n; i++)
		if (strcmp(s->roles.items[i], "viewer") && strcmp(s->roles.items[i], "officer"))
			return refuse(e, path, "[Hub] Roles: not viewer or officer");
	bool tls = s->ca[0] && s->certificate[0] && s->key[0], need = s->peer_listen[0];
	for (unsigned i = 0; i < s->n_peer; i++)
		need |= s->peer[i].dial[0] != 0;
	if (need && !tls)
		return refuse(e, path, "[TLS] CA, Certificate and Key are needed to talk to peers");
	return 0;
}

static void settings_donep(struct settings *s)
{
	settings_done(s);
}

int settings_load(const char *path, struct settings *ret_s, struct conf_error *ret_error)
{
	assert(ret_s && ret_error);

	__attribute__((cleanup(settings_donep))) struct settings s = {
		.http = "127.0.0.1:8080",
		.tracks = 20000, /* 10k in view is the measured ceiling of a GPU-less screen; twice that in store */
		.home_lat_rad = NAN,
		.home_lon_rad = NAN,
		.home_zoom = 9,
		.connections = 256,
		.streams = 64,
		.history_ns = INT64_C(30) * 86400 * 1000000000,
		.history_bytes = UINT64_C(64) << 30,
		.history_step_ns = INT64_C(2000000000),
	};
	int r = conf_load(path, hub_keys, &s, ret_error);
	if (r >= 0 && s.peers[0])
		r = load_peers(&s, ret_error);
	if (r >= 0)
		r = check(&s, path, ret_error);
	if (r < 0)
		return r;
	if (!s.name[0])
		snprintf(s.name, sizeof(s.name), "%s", s.origin);
	const char *dir = getenv("STATE_DIRECTORY");
	if (!s.state_directory[0])
		snprintf(s.state_directory, sizeof(s.state_directory), "%s", dir && dir[0] ? dir : "/var/lib/vedette/hub");
	*ret_s = s;
	s.roles = (struct conf_list){ 0 };
	return 0;
}

void settings_done(struct settings *s)
{
	conf_list_done(&s->roles);
}

bool settings_role(const struct settings *s, const char *role)
{
	if (s->roles.n == 0) /* the default: a desk that may acknowledge */
		return true;
	for (unsigned i = 0; i < s->roles.n; i++)
		if (!strcmp(s->roles.items[i], role))
			return true;
	return false;
}
