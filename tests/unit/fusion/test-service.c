#include "common/bus.h"
#include "common/clock.h"
#include "common/loop.h"
#include "common/roster.h"
#include "common/shipring.h"
#include "common/wire.h"
#include "fusion/journal.h"
#include "fusion/service.h"
#include "tests/assert_near.h"
#include "tests/util/certs.h"

#include <errno.h>
#include <ftw.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_NS INT64_C(15000000000)

static char base[64];
static int base_port;
static double n_reports;

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static int setup(void **state)
{
	strcpy(base, access("/dev/shm", W_OK) == 0 ? "/dev/shm/test-service-XXXXXX"
						   : "/tmp/test-service-XXXXXX");
	if (!mkdtemp(base))
		return -1;
	certs_ca(base, "ca");
	certs_issue(base, "ca", "xt", &(struct certs_spec){ .uri = "vedette:centre/xt" });
	certs_issue(base, "ca", "mast1", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	certs_issue(base, "ca", "mast2", &(struct certs_spec){ .uri = "vedette:host/mast2" });
	base_port = 20000 + getpid() % 20000;
	return 0;
}

static int teardown(void **state)
{
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* --- a host and a hub of the test's --- */

struct peer {
	sd_event *event;
	struct bus *bus;
	struct bus_conn *conn;
	/* host */
	const char *origin;
	struct ship_source *source;
	struct shipring *ring;
	uint64_t acked;
	bool opened;
	unsigned closed, refused;
	/* hub */
	struct ship_sink *sink;
	uint64_t cursor[2], epoch[2];
	unsigned tracks, sites, healths, lates, bad;
	struct wire_health link; /* the last word on mast1's */
	struct track last;
	int64_t worst_ns; /* receive time of the plot to here */
};

static const char *const host_lanes[] = { "live" };

static ssize_t ring_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct peer *p = user;

	return shipring_read(
		p->ring, after, records, max_records, max_bytes, ret_last, ret_withheld);
}

static void ring_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct peer *p = user;

	p->acked = seq;
	shipring_acked(p->ring, epoch, seq);
}

static void ring_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	shipring_head(((struct peer *)user)->ring, ret_epoch, ret_head);
}

static const struct ship_source_ops ring_ops = {
	.read = ring_read, .acked = ring_acked, .head = ring_head
};

static bool sink_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	struct peer *p = user;
	int k = !strcmp(lane, "feeds");

	assert_string_equal(origin, "xt");
	if (p->epoch[k] == epoch)
		*ret_seq = p->cursor[k];
	return true;
}

static int sink_commit(void *user, const char *origin, const struct ship_batch *b)
{
	struct peer *p = user;
	int k = !strcmp(b->lane, "feeds");

	for (size_t i = 0; i < b->n; i++) {
		const struct ship_record *r = &b->records[i];
		struct wire_health h;
		struct site s;
		switch (r->kind) {
		case WIRE_TRACK:
			p->bad += wire_get_track(r->data, r->size, &p->last) < 0;
			p->tracks++;
			if (clock_now_ns() - p->last.recv_ns > p->worst_ns)
				p->worst_ns = clock_now_ns() - p->last.recv_ns;
			break;
		case WIRE_SITE:
			p->bad += wire_get_site(r->data, r->size, &s) < 0;
			p->sites++;
			break;
		case WIRE_HEALTH:
			p->bad += wire_get_health(r->data, r->size, &h) < 0;
			p->healths++;
			if (!strcmp(h.process, "link") && !strcmp(h.host, "mast1"))
				p->link = h;
			break;
		case WIRE_LATE_PLOT:
			p->lates++;
			break;
		default:
			p->bad++;
		}
	}
	p->epoch[k] = b->epoch;
	p->cursor[k] = b->last;
	return 0;
}

static const struct ship_sink_ops sink_ops = { .cursor = sink_cursor, .commit = sink_commit };

static void peer_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct peer *p = user;

	p->conn = conn;
	p->opened = true;
	if (p->origin)
		assert_int_equal(ship_source_new(p->event, conn, p->origin, host_lanes, 1,
					 &ring_ops, p, &p->source),
			0);
	else
		assert_int_equal(ship_sink_new(p->event, conn, &sink_ops, p, &p->sink), 0);
}

static void peer_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct peer *p = user;

	if (p->source)
		(void)ship_source_frame(p->source, data, size);
	if (p->sink)
		(void)ship_sink_frame(p->sink, data, size);
}

static void peer_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct peer *p = user;

	p->closed++;
	p->conn = NULL;
	ship_source_free(p->source);
	ship_sink_free(p->sink);
	p->source = NULL;
	p->sink = NULL;
}

static void peer_refused(void *user, const char *reason)
{
	((struct peer *)user)->refused++;
}

static const struct bus_ops peer_ops = {
	.opened = peer_opened, .frame = peer_frame, .closed = peer_closed, .refused = peer_refused
};

struct world {
	sd_event *event;
	struct fusion_config config;
	struct service *service;
	struct peer host, hub;
	char ca[96], cert[96], key[96];
};

static void start_fusion(struct world *w)
{
	assert_int_equal(service_new(w->event, &w->config, &w->service), 0);
}

static void world_init(struct world *w, const char *name)
{
	struct fusion_config *c = &w->config;
	static char mast1[] = "vedette:host/mast1";

	memset(w, 0, sizeof(*w));
	assert_true(sd_event_new(&w->event) >= 0);
	tracker_defaults(&c->tracker);
	strcpy(c->origin, "xt");
	strcpy(c->tracker.origin, "xt");
	c->tracker.lat_rad = 0.95;
	c->tracker.lon_rad = 0.2;
	c->slice_ns = c->keep_ns = INT64_C(3600000000000);
	c->hosts.n = 1;
	c->hosts.items[0] = mast1;
	/* A port each: one that failed must not fail the next. */
	snprintf(c->listen, sizeof(c->listen), "tls+tcp://127.0.0.1:%d", base_port++);
	snprintf(c->track_listen, sizeof(c->track_listen), "ipc://%s/fusion.sock", base);
	snprintf(c->state_dir, sizeof(c->state_dir), "%s/%s", base, name);
	(void)mkdir(c->state_dir, 0700);
	snprintf(c->roster, sizeof(c->roster), "%s/%s.hosts", base, name);
	(void)mkdir(c->roster, 0700);
	snprintf(c->ca, sizeof(c->ca), "%s/ca.pem", base);
	snprintf(c->certificate, sizeof(c->certificate), "%s/xt.pem", base);
	snprintf(c->key, sizeof(c->key), "%s/xt.key", base);
	start_fusion(w);
}

static void dial_host(struct world *w, const char *certificate, const char *origin)
{
	snprintf(w->ca, sizeof(w->ca), "%s/ca.pem", base);
	snprintf(w->cert, sizeof(w->cert), "%s/%s.pem", base, certificate);
	snprintf(w->key, sizeof(w->key), "%s/%s.key", base, certificate);
	struct bus_tls tls = { .ca_file = w->ca,
		.cert_file = w->cert,
		.key_file = w->key,
		.server_name = "vedette:centre/xt" };

	w->host.event = w->event;
	w->host.origin = origin;
	if (!w->host.ring)
		assert_int_equal(
			shipring_new(4096, WIRE_OBJECT_MAX, clock_now_ns(), &w->host.ring), 0);
	assert_int_equal(
		bus_dial(w->event, w->config.listen, &tls, &peer_ops, &w->host, &w->host.bus), 0);
}

static void dial_hub(struct world *w)
{
	w->hub.event = w->event;
	assert_int_equal(
		bus_dial(w->event, w->config.track_listen, NULL, &peer_ops, &w->hub, &w->hub.bus),
		0);
}

static void world_done(struct world *w)
{
	bus_free(w->host.bus);
	bus_free(w->hub.bus);
	service_free(w->service);
	shipring_free(w->host.ring);
	sd_event_unref(w->event);
}

/* Runs the loop until @done says so. */
#define run_until(w, done)                                                                         \
	do {                                                                                       \
		int64_t end_ = clock_mono_ns() + DEADLINE_NS;                                      \
		while (!(done) && clock_mono_ns() < end_)                                          \
			assert_true(sd_event_run((w)->event, 20000) >= 0);                         \
		assert_true(done);                                                                 \
	} while (0)

static void run_for(struct world *w, int64_t ns)
{
	int64_t end_ns = clock_mono_ns() + ns;

	while (clock_mono_ns() < end_ns)
		assert_true(sd_event_run(w->event, 20000) >= 0);
}

static void push(struct world *w, uint8_t kind, const void *data, ssize_t n)
{
	assert_true(n > 0);
	assert_int_equal(shipring_push(w->host.ring, clock_now_ns(), kind, data, (size_t)n), 0);
	if (w->host.source)
		ship_source_push(w->host.source);
}

static void push_doubtful(struct world *w, uint32_t mmsi, int64_t age_ns, int64_t time_sigma_ns)
{
	struct plot p;
	uint8_t buf[WIRE_OBJECT_MAX];

	plot_init(&p, PLOT_POSITION, PLOT_SENSOR_AIS);
	strcpy(p.feed, "ais1");
	p.recv_ns = clock_now_ns();
	p.time_ns = p.recv_ns - age_ns;
	p.lat_rad = 0.95;
	/* Each a step of the wire's 1e-7 degrees apart and more: the same place twice within 2 s is the same report twice. */
	p.lon_rad = 0.2 + 1e-8 * ++n_reports;
	p.cov = (struct plot_cov2){ 100, 0, 100 };
	p.id_kind = PLOT_ID_MMSI;
	p.id = mmsi;
	p.time_sigma_ns = time_sigma_ns;
	p.distress = mmsi / 1000000 == 970 ? PLOT_DISTRESS_SART : PLOT_DISTRESS_NONE;
	push(w, WIRE_PLOT, buf, wire_put_plot(buf, sizeof(buf), &p));
}

static void push_report(struct world *w, uint32_t mmsi, int64_t age_ns)
{
	push_doubtful(w, mmsi, age_ns, 0);
}

static void plot_becomes_a_track_at_the_hub(void **state)
{
	struct world w;
	struct site s = { .feed = "ais1",
		.sensor = PLOT_SENSOR_AIS,
		.version = 1,
		.lat_rad = 0.95,
		.lon_rad = 0.2,
		.max_range_m = 60000,
		.view_width_rad = 6.28 };
	uint8_t buf[WIRE_OBJECT_MAX];

	world_init(&w, "path");
	dial_hub(&w);
	dial_host(&w, "mast1", "mast1");
	run_until(&w, w.hub.opened && w.host.opened);
	push(&w, WIRE_SITE, buf, wire_put_site(buf, sizeof(buf), &s));
	push_report(&w, 970012345, 0);
	run_until(&w, w.hub.tracks == 1 && w.hub.sites == 1 && w.host.acked == 2);
	assert_int_equal(w.hub.last.state, TRACK_CONFIRMED);
	assert_int_equal(w.hub.last.class, TRACK_CLASS_BEACON);
	assert_int_equal(w.hub.last.distress, PLOT_DISTRESS_SART);
	assert_int_equal(w.hub.last.id.birth, 1);
	assert_near(w.hub.last.lat_rad, 0.95, 1e-6);
	/* Far below the 500 ms that the whole path may take, on an idle machine: a tick and two
	 * commits. */
	assert_true(w.hub.worst_ns < INT64_C(2000000000));

	/* An ordinary vessel needs a second report; a late plot is history. */
	push_report(&w, 211000001, 0);
	push_report(&w, 211000002, INT64_C(60000000000));
	run_until(&w, w.hub.lates == 1 && w.host.acked == 4);
	assert_int_equal(w.hub.tracks, 1);
	/* Two reports of one tick are one, and on a busy machine a tick can be long: goes on reporting. */
	for (int n = 0; n < 20 && w.hub.tracks < 2; n++) {
		push_report(&w, 211000001, 0);
		run_for(&w, INT64_C(500000000));
	}
	assert_true(w.hub.tracks >= 2);
	assert_int_equal(w.hub.last.n_ids, 1);
	assert_int_equal(w.hub.last.ids[0].value, 211000001);
	run_until(&w, w.hub.healths >= 1);
	assert_int_equal(w.hub.bad, 0);
	world_done(&w);
}

static void restart_goes_on_and_repeats_nothing(void **state)
{
	struct world w;

	world_init(&w, "restart");
	dial_hub(&w);
	dial_host(&w, "mast1", "mast1");
	run_until(&w, w.hub.opened && w.host.opened);
	push_report(&w, 970012345, 0);
	run_until(&w, w.hub.tracks == 1 && w.host.acked == 1);
	uint64_t epoch = w.hub.epoch[0];
	uint32_t track_epoch = w.hub.last.id.epoch;

	service_free(w.service);
	w.service = NULL;
	run_until(&w, w.host.closed >= 1 && w.hub.closed >= 1);
	w.host.opened = w.hub.opened = false;
	push_report(&w, 970012345, 0);
	start_fusion(&w);
	run_until(&w, w.hub.opened && w.host.opened && w.host.acked == 2 && w.hub.tracks == 2);
	assert_int_equal(w.hub.epoch[0], epoch);
	assert_int_equal(w.hub.cursor[0], 2);
	assert_int_equal(w.hub.last.id.epoch, track_epoch);
	assert_int_equal(w.hub.last.id.birth, 1);
	assert_int_equal(w.hub.last.version, 2);
	world_done(&w);
}

static void hub_is_told_of_each_host_that_is_missing_comes_and_goes(void **state)
{
	struct world w;

	world_init(&w, "links");
	dial_hub(&w);
	run_until(&w, w.hub.link.host[0]);
	assert_int_equal(w.hub.link.state, WIRE_DOWN);
	assert_non_null(strstr(w.hub.link.reason, "not since the centre started"));
	dial_host(&w, "mast1", "mast1");
	run_until(&w, w.hub.link.state == WIRE_UP);
	int64_t gone_ns = clock_mono_ns();
	bus_free(w.host.bus);
	w.host.bus = NULL;
	run_until(&w, w.hub.link.state == WIRE_DOWN);
	assert_non_null(strstr(w.hub.link.reason, "closed by the peer"));
	/* Told at once, not with the next round of reports; ten times what is needed. */
	assert_true(clock_mono_ns() - gone_ns < INT64_C(3000000000));
	world_done(&w);
}

/* 10 s of doubt at an unknown speed, taken for 10 m/s, are 100 m beside the plot's own 10 m. */
static void plot_of_a_bad_clock_is_as_vague_as_its_time(void **state)
{
	struct world w;

	world_init(&w, "doubt");
	dial_hub(&w);
	dial_host(&w, "mast1", "mast1");
	run_until(&w, w.hub.opened && w.host.opened);
	push_doubtful(&w, 970012345, 0, INT64_C(2000000000));
	run_until(&w, w.hub.tracks == 1);
	assert_near(w.hub.last.cov[0], 100, 20);
	push_doubtful(&w, 970012346, 0, INT64_C(10000000000));
	run_until(&w, w.hub.last.ids[0].value == 970012346);
	assert_near(w.hub.last.cov[0], 10100, 200);
	world_done(&w);
}

static void stranger_is_not_admitted(void **state)
{
	struct world w;

	world_init(&w, "stranger");
	dial_host(&w, "mast2", "mast2");
	run_until(&w, w.host.closed + w.host.refused > 0);
	assert_int_equal(w.host.acked, 0);
	world_done(&w);
}

static void host_cannot_speak_for_another(void **state)
{
	struct world w;

	world_init(&w, "liar");
	dial_host(&w, "mast1", "mast2");
	run_until(&w, w.host.opened);
	push_report(&w, 970012345, 0);
	run_until(&w, w.host.closed > 0);
	assert_int_equal(w.host.acked, 0);
	world_done(&w);
}

static X509 *read_cert(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s.pem", base, name);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(cert);
	return cert;
}

static void register_admits_by_key_and_revokes_at_once(void **state)
{
	struct world w;
	X509 *cert = read_cert("mast2");

	world_init(&w, "register");
	assert_int_equal(roster_add(w.config.roster, "mast2", cert, NULL), 0);
	X509_free(cert);
	dial_host(&w, "mast2", "mast2");
	run_until(&w, w.host.opened);
	push_report(&w, 970012345, 0);
	run_until(&w, w.host.acked == 1);
	assert_int_equal(roster_revoke(w.config.roster, "mast2"), 0);
	run_until(&w, w.host.closed >= 1);
	push_report(&w, 970012345, 0);
	run_until(&w, w.host.closed + w.host.refused >= 3); /* dials again and again */
	assert_int_equal(w.host.acked, 1);
	world_done(&w);
}

/* In Hosts=, of our authority, with the right name: but the register knows mast1 by another key. */
static void another_key_for_a_registered_name_is_refused(void **state)
{
	struct world w;
	X509 *cert = read_cert("mast2");

	world_init(&w, "foreign");
	assert_int_equal(roster_add(w.config.roster, "mast1", cert, NULL), 0);
	X509_free(cert);
	dial_host(&w, "mast1", "mast1");
	run_until(&w, w.host.closed + w.host.refused >= 2);
	assert_int_equal(w.host.acked, 0);
	world_done(&w);
}

static void revocation_by_name_holds_for_hosts_that_were_only_listed(void **state)
{
	struct world w;

	world_init(&w, "listed");
	dial_host(&w, "mast1", "mast1");
	push_report(&w, 970012345, 0);
	run_until(&w, w.host.acked == 1);
	assert_int_equal(roster_revoke(w.config.roster, "mast1"), 0);
	run_until(&w, w.host.closed >= 1);
	run_until(&w, w.host.closed + w.host.refused >= 2);
	assert_int_equal(w.host.acked, 1);
	world_done(&w);
}

static void garbage_of_a_host_is_kept_counted_and_harmless(void **state)
{
	struct world w;

	world_init(&w, "garbage");
	dial_hub(&w);
	dial_host(&w, "mast1", "mast1");
	run_until(&w, w.hub.opened && w.host.opened);
	push(&w, WIRE_PLOT, "garbage", 7);
	push(&w, WIRE_TICK, "\xa0", 1);
	push(&w, WIRE_CONFIG, "\xa0", 1);
	push(&w, WIRE_TRACK, "\xa0", 1);
	push_report(&w, 970012345, 0);
	run_until(&w, w.host.acked == 5 && w.hub.tracks == 1);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plot_becomes_a_track_at_the_hub),
		cmocka_unit_test(restart_goes_on_and_repeats_nothing),
		cmocka_unit_test(hub_is_told_of_each_host_that_is_missing_comes_and_goes),
		cmocka_unit_test(plot_of_a_bad_clock_is_as_vague_as_its_time),
		cmocka_unit_test(stranger_is_not_admitted),
		cmocka_unit_test(host_cannot_speak_for_another),
		cmocka_unit_test(register_admits_by_key_and_revokes_at_once),
		cmocka_unit_test(another_key_for_a_registered_name_is_refused),
		cmocka_unit_test(revocation_by_name_holds_for_hosts_that_were_only_listed),
		cmocka_unit_test(garbage_of_a_host_is_kept_counted_and_harmless),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
