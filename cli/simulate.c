/*
 * vedette simulate - a scene's sensors, as bytes on real sockets.
 *
 * Everything that happens is a list of sources, each with the time of its next event; the earliest is waited for and
 * taken, ties in the list's order. So the bytes depend on scene, seed and start time alone, and with --out no time passes.
 */
#include "cli/verbs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "cli/simulate/antenna.h"
#include "cli/simulate/film.h"
#include "cli/simulate/seaview.h"
#include "cli/simulate/transponder.h"
#include "cli/simulate/truth.h"
#include "cli/simulate/value.h"
#include "common/clock.h"

#define SOURCES_MAX (3 * SCENE_SENSORS_MAX + 1)
#define WITHOUT_MAX 16
#define NAP_NS (200 * CLOCK_NS_PER_MS) /* the longest sleep before signals are looked at again */

struct options {
	const char *scene, *truth, *out;
	double seconds, rate;
	uint64_t seed;
	int64_t start_ns;
	bool check;
	const char *to[SOURCES_MAX], *address[SOURCES_MAX], *without[WITHOUT_MAX];
	unsigned n_to, n_address, n_without;
};

struct picture {
	struct seaview view;
	struct film *film;
};

struct source {
	const char *name;
	int64_t (*next_ns)(void *source);
	void (*step)(void *source);
	void *source;
};

struct simulation {
	struct options o;
	struct scene *scene;
	struct world world;
	unsigned n_sources, n_emitters, n_antennas, n_nets, n_pictures;
	struct source sources[SOURCES_MAX];
	struct emitter emitters[2 * SCENE_SENSORS_MAX];
	struct antenna antennas[SCENE_SENSORS_MAX];
	struct transponder_net nets[SCENE_SENSORS_MAX];
	struct picture pictures[SCENE_SENSORS_MAX];
	struct truth truth;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static int64_t antenna_source_next(void *p)
{
	return antenna_next_ns(p);
}

static void antenna_source_step(void *p)
{
	antenna_step(p);
}

static int64_t net_source_next(void *p)
{
	return transponder_next_ns(p);
}

static void net_source_step(void *p)
{
	transponder_step(p);
}

static int64_t truth_source_next(void *p)
{
	return truth_next_ns(p);
}

static void truth_source_step(void *p)
{
	truth_step(p);
}

static int64_t picture_source_next(void *p)
{
	return seaview_next_ns(&((struct picture *)p)->view);
}

static void picture_source_step(void *p)
{
	struct picture *picture = p;
	seaview_render(&picture->view);
	if (picture->film && film_push(picture->film, picture->view.frame, picture->view.frame_size) < 0) {
		fprintf(stderr, "vedette simulate: %s: the video stopped, going on without it\n",
			picture->view.camera->id);
		film_close(picture->film);
		picture->film = NULL;
	}
}

static void add_source(struct simulation *s, struct source source)
{
	s->sources[s->n_sources++] = source;
}

static int complain(const char *what, int r)
{
	fprintf(stderr, "vedette simulate: %s: %s\n", what, strerror(-r));
	return r;
}

static bool is_without(const struct options *o, const char *feed)
{
	for (unsigned i = 0; i < o->n_without; i++)
		if (!strcmp(o->without[i], feed))
			return true;
	return false;
}

/* The scene's addresses of a feed, or NULLs when it has no such feed. */
static bool find_feed(struct scene *s, const char *feed, size_t n, struct sockaddr_in **ret_to,
	struct sockaddr_in **ret_from)
{
	for (unsigned i = 0; i < SCENE_SENSORS_MAX; i++) {
		const struct {
			bool have;
			const char *id;
			struct sockaddr_in *to, *from;
		} all[] = {
			{ i < s->n_radars, s->radars[i].id, &s->radars[i].to, &s->radars[i].from },
			{ i < s->n_ais, s->ais[i].id, &s->ais[i].to, &s->ais[i].from },
			{ i < s->n_cameras, s->cameras[i].id, &s->cameras[i].to, &s->cameras[i].from },
		};
		for (unsigned k = 0; k < 3; k++) {
			if (all[k].have && strlen(all[k].id) == n && !memcmp(all[k].id, feed, n)) {
				*ret_to = all[k].to;
				*ret_from = all[k].from;
				return true;
			}
		}
	}
	return false;
}

static int override(struct scene *s, const char *option, const char *text, bool port)
{
	struct sockaddr_in *to, *from;
	const char *equals = strchr(text, '=');
	if (!equals || !find_feed(s, text, (size_t)(equals - text), &to, &from)) {
		fprintf(stderr, "vedette simulate: %s %s: no such feed in the scene\n", option, text);
		return -EINVAL;
	}
	if (value_address(equals + 1, port, port ? to : from) < 0) {
		fprintf(stderr, "vedette simulate: %s %s: %s expected\n", option, text, port ? "FEED=ADDR:PORT" : "FEED=ADDR");
		return -EINVAL;
	}
	return 0;
}

static int apply_overrides(struct simulation *s)
{
	for (unsigned i = 0; i < s->o.n_to; i++)
		if (override(s->scene, "--to", s->o.to[i], true) < 0)
			return -EINVAL;
	for (unsigned i = 0; i < s->o.n_address; i++)
		if (override(s->scene, "--address", s->o.address[i], false) < 0)
			return -EINVAL;
	for (unsigned i = 0; i < s->o.n_without; i++) {
		struct sockaddr_in *to, *from;
		if (!find_feed(s->scene, s->o.without[i], strlen(s->o.without[i]), &to, &from)) {
			fprintf(stderr, "vedette simulate: --without %s: no such feed in the scene\n", s->o.without[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static struct netaddr_endpoint endpoint_of(const struct sockaddr_in *a)
{
	return (struct netaddr_endpoint){ AF_INET, a->sin_port, { { a->sin_addr.s_addr } } };
}

static int open_emitter(struct simulation *s, const char *feed, enum emitter_kind kind, const struct sockaddr_in *to,
	const struct sockaddr_in *from, struct emitter **ret_e)
{
	struct emitter *e = &s->emitters[s->n_emitters];
	const struct netaddr_endpoint ends[] = { endpoint_of(to), endpoint_of(from) };
	int r = s->o.out ? emitter_open_file(e, kind, s->o.out, feed, to, from) :
			   emitter_open_socket(e, feed, &ends[0], &ends[1], "");
	if (r == -EADDRNOTAVAIL) {
		char text[INET_ADDRSTRLEN];
		inet_ntop(AF_INET, &from->sin_addr, text, sizeof(text));
		fprintf(stderr, "vedette simulate: %s: %s is not an address of this host; give one with --address %s=ADDR\n",
			feed, text, feed);
		return r;
	}
	if (r < 0)
		return complain(feed, r);
	s->n_emitters++;
	*ret_e = e;
	return 0;
}

static int add_radar(struct simulation *s, const struct scene_radar *radar)
{
	struct antenna *a = &s->antennas[s->n_antennas];
	struct emitter *e;
	int r = open_emitter(s, radar->id, EMITTER_PCAP, &radar->to, &radar->from, &e);
	if (r < 0)
		return r;
	r = antenna_init(a, &s->world, radar, e);
	if (r < 0)
		return complain(radar->id, r);
	s->n_antennas++;
	add_source(s, (struct source){ radar->id, antenna_source_next, antenna_source_step, a });
	return 0;
}

static int add_ais(struct simulation *s, const struct scene_ais_station *station)
{
	struct transponder_net *net = &s->nets[s->n_nets];
	struct emitter *e;
	int r = open_emitter(s, station->id, EMITTER_TEXT, &station->to, &station->from, &e);
	if (r < 0)
		return r;
	r = transponder_init(net, &s->world, station, e);
	if (r < 0)
		return complain(station->id, r);
	s->n_nets++;
	add_source(s, (struct source){ station->id, net_source_next, net_source_step, net });
	return 0;
}

static int add_camera(struct simulation *s, const struct scene_camera *camera)
{
	struct picture *p = &s->pictures[s->n_pictures];
	char path[PATH_MAX], reason[FILM_REASON_MAX];
	snprintf(path, sizeof(path), "%s/%s.h264", s->o.out ? s->o.out : "", camera->id);
	int r = film_open((unsigned)camera->width_px, (unsigned)camera->height_px, camera->fps, &camera->to, &camera->from,
		s->o.out ? path : NULL, &p->film, reason);
	if (r < 0) {
		fprintf(stderr, "vedette simulate: %s: %s, going on without it\n", camera->id, reason);
		return 0;
	}
	r = seaview_init(&p->view, &s->world, camera);
	if (r < 0) {
		film_close(p->film);
		p->film = NULL;
		return complain(camera->id, r);
	}
	s->n_pictures++;
	add_source(s, (struct source){ camera->id, picture_source_next, picture_source_step, p });
	return 0;
}

static int add_sensors(struct simulation *s)
{
	int r = 0;
	if (s->o.truth) {
		r = truth_open(&s->truth, s->o.truth, &s->world);
		if (r < 0)
			return complain(s->o.truth, r);
		add_source(s, (struct source){ "truth", truth_source_next, truth_source_step, &s->truth });
	}
	for (unsigned i = 0; r == 0 && i < s->scene->n_radars; i++)
		if (!is_without(&s->o, s->scene->radars[i].id))
			r = add_radar(s, &s->scene->radars[i]);
	for (unsigned i = 0; r == 0 && i < s->scene->n_ais; i++)
		if (!is_without(&s->o, s->scene->ais[i].id))
			r = add_ais(s, &s->scene->ais[i]);
	for (unsigned i = 0; r == 0 && i < s->scene->n_cameras; i++)
		if (!is_without(&s->o, s->scene->cameras[i].id))
			r = add_camera(s, &s->scene->cameras[i]);
	return r;
}

static int set_up(struct simulation *s)
{
	struct scene_error error;
	const char *bad = "the scene";
	int r = scene_load(s->o.scene, &s->scene, &error);
	if (r < 0) {
		fprintf(stderr, "%s\n", error.text);
		return r;
	}
	r = apply_overrides(s);
	if (r < 0)
		return r;
	if (!s->o.start_ns)
		s->o.start_ns = clock_now_ns();
	r = world_init(&s->world, s->scene, s->o.start_ns, s->o.seed, &bad);
	if (r < 0)
		return complain(bad, r);
	return s->o.check ? 0 : add_sensors(s);
}

static struct source *next_source(struct simulation *s, int64_t *ret_ns)
{
	struct source *next = NULL;
	for (unsigned i = 0; i < s->n_sources; i++) {
		int64_t at = s->sources[i].next_ns(s->sources[i].source);
		if (!next || at < *ret_ns) {
			next = &s->sources[i];
			*ret_ns = at;
		}
	}
	return next;
}

/* Sleeps until the machine's clock has come as far as the scene's. Naps, so that a signal is heard. */
static void wait_until(int64_t mono_ns)
{
	for (int64_t left; !stopped && (left = mono_ns - clock_mono_ns()) > 0;) {
		int64_t nap = left < NAP_NS ? left : NAP_NS;
		struct timespec ts = { nap / CLOCK_NS_PER_S, nap % CLOCK_NS_PER_S };
		nanosleep(&ts, NULL);
	}
}

static void play(struct simulation *s)
{
	int64_t start_ns = s->world.start_ns, mono_ns = clock_mono_ns(), at = 0;
	int64_t end_ns = s->o.seconds > 0 ? start_ns + llround(s->o.seconds * 1e9) : INT64_MAX;
	for (;;) {
		struct source *next = next_source(s, &at);
		if (!next || at > end_ns)
			break;
		if (!s->o.out)
			wait_until(mono_ns + llround((double)(at - start_ns) / s->o.rate));
		if (stopped)
			break;
		next->step(next->source);
	}
	if (!s->o.out && end_ns != INT64_MAX)
		wait_until(mono_ns + llround((double)(end_ns - start_ns) / s->o.rate));
}

static void print_summary(const struct simulation *s)
{
	printf("{\"scene\":\"%s\",\"vessels\":%u,\"feeds\":{", s->scene->name, s->scene->n_vessels);
	for (unsigned i = 0; i < s->n_emitters; i++) {
		const struct emitter *e = &s->emitters[i];
		printf("%s\"%s\":{\"datagrams\":%lu,\"bytes\":%lu,\"refused\":%lu", i ? "," : "", e->name,
			(unsigned long)e->datagrams, (unsigned long)e->bytes, (unsigned long)e->refused);
		for (unsigned k = 0; k < s->n_antennas; k++)
			if (s->antennas[k].emitter == e)
				printf(",\"plots\":%lu", (unsigned long)s->antennas[k].plots_total);
		for (unsigned k = 0; k < s->n_nets; k++)
			if (s->nets[k].emitter == e)
				printf(",\"messages\":%lu", (unsigned long)s->nets[k].messages);
		printf("}");
	}
	for (unsigned i = 0; i < s->n_pictures; i++)
		printf("%s\"%s\":{\"frames\":%lu}", i || s->n_emitters ? "," : "", s->pictures[i].view.camera->id,
			(unsigned long)s->pictures[i].view.step);
	printf("}}\n");
}

static int tear_down(struct simulation *s)
{
	int r = 0;
	for (unsigned i = 0; i < s->n_emitters; i++)
		if (emitter_close(&s->emitters[i]) < 0)
			r = complain(s->emitters[i].name, -EIO);
	for (unsigned i = 0; i < s->n_antennas; i++)
		antenna_done(&s->antennas[i]);
	for (unsigned i = 0; i < s->n_nets; i++)
		transponder_done(&s->nets[i]);
	for (unsigned i = 0; i < s->n_pictures; i++) {
		film_close(s->pictures[i].film);
		seaview_done(&s->pictures[i].view);
	}
	if (truth_close(&s->truth) < 0)
		r = complain(s->o.truth, -EIO);
	world_done(&s->world);
	scene_free(s->scene);
	return r;
}

/* "2025-06-01T12:00:00Z", or seconds since the epoch. */
static int parse_start(const char *text, int64_t *ret_ns)
{
	struct tm tm = { 0 };
	uint64_t seconds;
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end && !*end) {
		*ret_ns = (int64_t)timegm(&tm) * CLOCK_NS_PER_S;
		return 0;
	}
	if (value_uint(text, &seconds) < 0 || seconds == 0 || seconds > 4000000000)
		return -EINVAL;
	*ret_ns = (int64_t)seconds * CLOCK_NS_PER_S;
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: vedette simulate " SIMULATE_USAGE "\n");
	return 2;
}

static int add_to_list(const char **list, unsigned *n, unsigned max, const char *text)
{
	if (*n == max)
		return -EINVAL;
	list[(*n)++] = text;
	return 0;
}

static int parse_option(struct options *o, int c, const char *text)
{
	switch (c) {
	case 's':
		return value_number(text, VALUE_PLAIN, &o->seconds) < 0 || o->seconds <= 0 ? -EINVAL : 0;
	case 'r':
		return value_number(text, VALUE_PLAIN, &o->rate) < 0 || o->rate < 0.01 || o->rate > 1000 ? -EINVAL : 0;
	case 'e':
		return value_uint(text, &o->seed);
	case 'b':
		return parse_start(text, &o->start_ns);
	case 't':
		o->truth = text;
		return 0;
	case 'o':
		o->out = text;
		return 0;
	case 'T':
		return add_to_list(o->to, &o->n_to, SOURCES_MAX, text);
	case 'A':
		return add_to_list(o->address, &o->n_address, SOURCES_MAX, text);
	case 'W':
		return add_to_list(o->without, &o->n_without, WITHOUT_MAX, text);
	case 'c':
		o->check = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 's' }, { "rate", required_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 'e' },    { "start-time", required_argument, NULL, 'b' },
		{ "truth", required_argument, NULL, 't' },   { "out", required_argument, NULL, 'o' },
		{ "to", required_argument, NULL, 'T' },	     { "address", required_argument, NULL, 'A' },
		{ "without", required_argument, NULL, 'W' }, { "check", no_argument, NULL, 'c' },
		{ 0 },
	};
	*o = (struct options){ .rate = 1, .seed = 1 };
	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		if (parse_option(o, c, optarg) < 0) {
			if (c != '?')
				fprintf(stderr, "vedette simulate: bad value %s\n", optarg);
			return -EINVAL;
		}
	}
	if (optind + 1 != argc)
		return -EINVAL;
	o->scene = argv[optind];
	if (o->out && o->seconds <= 0) {
		fprintf(stderr, "vedette simulate: --out needs --seconds\n");
		return -EINVAL;
	}
	return 0;
}

int simulate_run(int argc, char **argv)
{
	static struct simulation s; /* large; one a process */
	struct sigaction action = { .sa_handler = on_signal };

	if (parse_options(&s.o, argc, argv) < 0)
		return usage();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	int r = set_up(&s);
	if (r == 0 && s.o.check) {
		printf("%s: ok, %u vessels\n", s.o.scene, s.scene->n_vessels);
	} else if (r == 0) {
		sd_notify(0, "READY=1");
		play(&s);
		print_summary(&s);
	}
	if (tear_down(&s) < 0)
		r = -EIO;
	return r < 0 ? 1 : 0;
}
