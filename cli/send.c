/*
 * vedette send - a recording onto a UDP socket, at its own pace or another.
 *
 * With --restamp the recording happens now: ASTERIX times of day (I140, I030 ...) are shifted by one offset so that the
 * first equals the present, and the times of NMEA tag blocks are left out. Everything else goes as it was recorded.
 */
#include "cli/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/simulate/emitter.h"
#include "cli/simulate/recording.h"
#include "cli/simulate/value.h"
#include "common/clock.h"
#include "sensor/decode/asterix/asterix.h"

#define RATE_WITHOUT_TIMES 50	/* datagrams a second, when the recording has none */
#define GAP_MAX_NS (10 * CLOCK_NS_PER_S) /* a longer silence of the recording is cut to this */
#define NAP_NS (200 * CLOCK_NS_PER_MS)
#define DATAGRAM_MAX 65507
#define DAY_TICKS (86400 * 128)

struct options {
	const char *file;
	struct netaddr_endpoint to, address; /* the latter has no port */
	char interface[IFNAMSIZ];
	double rate; /* datagrams a second; 0 = as recorded */
	uint64_t port;
	bool loop, restamp;
};

struct sender {
	struct options o;
	struct recording recording;
	struct emitter emitter;
	int64_t due_ns;	 /* monotonic: when the next datagram goes */
	int64_t last_ns; /* the recording's time of the one before it; 0 = none yet */
	bool have_shift;
	uint32_t shift; /* of times of day, 1/128 s */
	uint64_t timed;
	uint8_t copy[DATAGRAM_MAX + BITS_SLACK];
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static void wait_until(int64_t mono_ns)
{
	for (int64_t left; !stopped && (left = mono_ns - clock_mono_ns()) > 0;) {
		int64_t nap = left < NAP_NS ? left : NAP_NS;
		struct timespec ts = { nap / CLOCK_NS_PER_S, nap % CLOCK_NS_PER_S };
		nanosleep(&ts, NULL);
	}
}

static void pace(struct sender *s, const struct recording_datagram *d)
{
	if (s->o.rate > 0) {
		s->due_ns += (int64_t)(1e9 / s->o.rate);
	} else if (d->time_ns && s->last_ns) {
		int64_t gap = d->time_ns - s->last_ns;
		/* A log that jumps back, or pauses for hours, is not waited for. */
		s->due_ns += gap < 0 ? 0 : gap > GAP_MAX_NS ? GAP_MAX_NS : gap;
	} else if (!d->time_ns && !s->timed) {
		s->due_ns += CLOCK_NS_PER_S / RATE_WITHOUT_TIMES;
	}
	if (d->time_ns) {
		s->last_ns = d->time_ns;
		s->timed++;
	}
	wait_until(s->due_ns);
}

/* @size 3, or CAT001's truncated 2: those follow what the others said. */
static void restamp_time(struct sender *s, uint8_t *p, unsigned size)
{
	uint32_t tod = 0;
	for (unsigned i = 0; i < size; i++)
		tod = tod << 8 | p[i];
	if (!s->have_shift) {
		if (size < 3)
			return;
		int64_t day_ns = clock_now_ns() % (86400 * CLOCK_NS_PER_S);
		uint32_t now = (uint32_t)(day_ns / 1000 * 128 / 1000000);
		s->shift = (now + 2 * DAY_TICKS - tod % DAY_TICKS) % DAY_TICKS;
		s->have_shift = true;
	}
	tod = size < 3 ? tod + s->shift : (tod + s->shift) % DAY_TICKS;
	for (unsigned i = size; i-- > 0; tod >>= 8)
		p[i] = (uint8_t)tod;
}

/* The record points into our copy of the datagram. */
static void restamp_record(void *user, const struct asterix_record *r)
{
	struct sender *s = user;
	for (unsigned i = 0; i < ASTERIX_TIMES_MAX && r->category->time_frn[i]; i++) {
		unsigned index = r->category->time_frn[i] - 1u;
		if (asterix_has(r, index))
			restamp_time(s, s->copy + (r->items[index] - s->copy), r->category->uap[index].size);
	}
}

static void restamp(struct sender *s, struct recording_datagram *d)
{
	struct asterix_stats stats = { 0 };
	if (!s->recording.capture) {
		size_t tag = recording_untagged((const char *)d->data, d->size);
		d->data += tag;
		d->size -= tag;
		return;
	}
	memcpy(s->copy, d->data, d->size);
	asterix_decode(s->copy, d->size, &stats, restamp_record, s);
	d->data = s->copy;
}

static void send_all(struct sender *s)
{
	struct recording_datagram d;
	s->due_ns = clock_mono_ns();
	do {
		uint64_t before = s->emitter.datagrams + s->emitter.refused;
		s->last_ns = 0;
		s->have_shift = false;
		recording_rewind(&s->recording);
		while (!stopped && recording_next(&s->recording, &d)) {
			if (d.size > DATAGRAM_MAX)
				continue;
			pace(s, &d);
			if (s->o.restamp)
				restamp(s, &d);
			emitter_send(&s->emitter, d.time_ns, d.data, d.size);
		}
		if (s->emitter.datagrams + s->emitter.refused == before)
			break;
	} while (s->o.loop && !stopped);
}

static int refuse(const char *option, const char *text, const char *reason)
{
	fprintf(stderr, "vedette send: %s %s: %s\n", option, text, reason);
	return -EINVAL;
}

static int parse_rate(struct options *o, const char *text)
{
	char number[32];
	size_t n = strcspn(text, "/");
	if (!strcmp(text, "recorded")) {
		o->rate = 0;
		return 0;
	}
	snprintf(number, sizeof(number), "%.*s", (int)n, text);
	if ((text[n] && strcmp(text + n, "/s")) || n >= sizeof(number) ||
		value_number(number, VALUE_PLAIN, &o->rate) < 0 || o->rate < 0.01 || o->rate > 1e6)
		return refuse("--rate", text, "recorded, or datagrams a second expected");
	return 0;
}

static int parse_address(struct options *o, const char *text)
{
	struct netaddr_network net;
	const char *why = strchr(text, '/') ? "an address expected" : netaddr_network(text, strlen(text), &net);
	if (why)
		return refuse("--address", text, why);
	o->address = (struct netaddr_endpoint){ .family = net.family, .addr = net.addr };
	return 0;
}

static int parse_option(struct options *o, int c, const char *text)
{
	const char *why;
	switch (c) {
	case 't':
		why = netaddr_endpoint(text, &o->to);
		return why ? refuse("--to", text, why) : 0;
	case 'a':
		return parse_address(o, text);
	case 'i':
		return snprintf(o->interface, sizeof(o->interface), "%s", text) >= (int)sizeof(o->interface) ?
			refuse("--interface", text, "not the name of a network interface") : 0;
	case 'r':
		return parse_rate(o, text);
	case 'p':
		return value_uint(text, &o->port) < 0 || o->port < 1 || o->port > 65535 ?
			refuse("--port", text, "1 to 65535 expected") : 0;
	case 'l':
		o->loop = true;
		return 0;
	case 's':
		o->restamp = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "to", required_argument, NULL, 't' },	  { "address", required_argument, NULL, 'a' },
		{ "rate", required_argument, NULL, 'r' }, { "port", required_argument, NULL, 'p' },
		{ "loop", no_argument, NULL, 'l' },	  { "restamp", no_argument, NULL, 's' },
		{ "interface", required_argument, NULL, 'i' }, { 0 },
	};
	*o = (struct options){ 0 };
	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;)
		if (parse_option(o, c, optarg) < 0)
			return -EINVAL;
	if (optind + 1 != argc || !o->to.family)
		return -EINVAL;
	if (o->address.family && o->address.family != o->to.family)
		return refuse("--address", "ADDR", "must be of the family of --to");
	o->file = argv[optind];
	return 0;
}

int send_run(int argc, char **argv)
{
	static struct sender s; /* large; one a process */
	struct sigaction action = { .sa_handler = on_signal };

	if (parse_options(&s.o, argc, argv) < 0) {
		fprintf(stderr, "usage: vedette send " SEND_USAGE "\n");
		return 2;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	int r = recording_open(&s.recording, s.o.file, (uint16_t)s.o.port);
	if (r < 0) {
		fprintf(stderr, "vedette send: %s: %s\n", s.o.file, strerror(-r));
		return 1;
	}
	r = emitter_open_socket(&s.emitter, "send", &s.o.to, &s.o.address, s.o.interface);
	if (r < 0) {
		fprintf(stderr, "vedette send: %s\n", strerror(-r));
	} else {
		send_all(&s);
		printf("{\"datagrams\":%lu,\"bytes\":%lu,\"refused\":%lu}\n", (unsigned long)s.emitter.datagrams,
			(unsigned long)s.emitter.bytes, (unsigned long)s.emitter.refused);
		emitter_close(&s.emitter);
	}
	recording_done(&s.recording);
	return r < 0 ? 1 : 0;
}
