/*
 * reload - policies change and programs are upgraded under traffic: nothing is misjudged, nothing goes unfiltered, counters
 * never fall.
 *
 * usage: test-reload [CHANGES [UPGRADES]]; without them 10,000 and 100, or what 40 s are enough for
 *
 * A thread sends frames of a listed and of an unlisted sender in turn and waits for the listed ones to arrive, so that the
 * link's own ring cannot overflow: every frame is accounted for. Meanwhile policies change, all of which list the one and
 * none the other, and now and then the program is replaced as a restarted vedette-filter does it.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "bpf/attach.h"
#include "bpf/policy.h"
#include "common/clock.h"
#include "tests/bpf/gate.h"
#include "tests/bpf/line.h"

#define CHANGES_DEFAULT 10000
#define UPGRADES_DEFAULT 100
#define LONG_ENOUGH_NS (40 * CLOCK_NS_PER_S) /* a kernel's grace period is 0.1 ms here, tens of ms elsewhere */
#define BATCH 64 /* frames: a quarter of the ring of a veth (256, drivers/net/veth.c) */
#define UNLISTED_BIT (UINT64_C(1) << 62)
#define LOST_AFTER_NS (10 * CLOCK_NS_PER_S)

struct traffic {
	struct line line;
	atomic_bool stop;
	atomic_ullong sent, received; /* of the listed sender */
	unsigned long long unlisted_sent, unlisted_received, twice, lost, next; /* of one thread each */
};

static void *send_traffic(void *user)
{
	struct traffic *t = user;
	static struct packet frames[BATCH];

	while (!atomic_load(&t->stop) && !t->lost) {
		for (unsigned i = 0; i < BATCH; i++) {
			uint64_t number = atomic_load(&t->sent) + i / 2 + 1;
			line_frame(i % 2 ? LINE_UNLISTED : LINE_LISTED, number | (i % 2 ? UNLISTED_BIT : 0), &frames[i]);
		}
		if (line_send(&t->line, frames, BATCH) != BATCH)
			t->lost++;
		t->unlisted_sent += BATCH / 2;
		unsigned long long sent = atomic_fetch_add(&t->sent, BATCH / 2) + BATCH / 2;
		int64_t until_ns = clock_mono_ns() + LOST_AFTER_NS;
		while (atomic_load(&t->received) < sent && clock_mono_ns() < until_ns)
			(void)nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
		t->lost += sent - atomic_load(&t->received);
	}
	return NULL;
}

static void *receive_traffic(void *user)
{
	struct traffic *t = user;
	uint8_t payload[2048];

	for (;;) {
		ssize_t n = recv(t->line.udp_fd, payload, sizeof(payload), 0);
		if (n < 0 && atomic_load(&t->stop))
			return NULL;
		int64_t number = n < 0 ? -1 : line_number(payload, (size_t)n);
		if (number < 0)
			continue;
		if (number & (int64_t)UNLISTED_BIT) {
			t->unlisted_received++;
			continue;
		}
		t->twice += (unsigned long long)number != ++t->next;
		(void)atomic_fetch_add(&t->received, 1);
	}
}

/* All list the listed sender alone, each in another place and beside others. */
static void make_policy(unsigned turn, const struct policy_slots *slots, struct policy *ret_policy)
{
	struct feed feeds[4];
	unsigned n = 1 + turn % 4;
	struct conf_error error;

	for (unsigned i = 0; i < n; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "other%u", i);
		feeds[i] = gate_feed(name, FEED_ASTERIX, "239.1.1.1", (uint16_t)(LINE_PORT + i + turn % 3));
		gate_source(&feeds[i], LINE_UNLISTED, 32);
	}
	feeds[n - 1] = gate_feed("radar1", FEED_ASTERIX, turn % 2 ? LINE_HOST : "0.0.0.0", LINE_PORT);
	for (unsigned i = 0; i < turn % FEED_SOURCES_MAX; i++)
		gate_source(&feeds[n - 1], "192.0.2.0", 24);
	gate_source(&feeds[n - 1], LINE_LISTED, 32);
	if (policy_compile(feeds, n, slots, ret_policy, &error) < 0)
		abort();
}

static unsigned slot_of(const struct attach *a, const char *feed)
{
	for (unsigned i = 1; i < INGEST_SLOTS; i++)
		if (strcmp(a->slots.name[i].text, feed) == 0)
			return i;
	return 0;
}

/* Return: how many of the feed's counters are lower than in @last. */
static unsigned count_falls(const struct attach *a, struct ingest_counts *last)
{
	struct ingest_counts now;
	unsigned falls = 0;

	if (attach_counts(a, slot_of(a, "radar1"), &now) < 0)
		return 1;
	for (int v = 0; v < _INGEST_VERDICT_MAX; v++)
		falls += now.verdict[v].packets < last->verdict[v].packets || now.verdict[v].bytes < last->verdict[v].bytes;
	*last = now;
	return falls;
}

/* As vedette-filter starts beside the link that another left: loads, fills, takes over. */
static int upgrade(struct attach **a, const struct line *line, struct policy *policy, unsigned turn)
{
	struct attach *next = calloc(1, sizeof(*next));

	if (!next)
		abort();
	int r = attach_load(LINE_NEAR, line->pin, next);
	if (r == 0) {
		make_policy(turn, &next->slots, policy);
		attach_policy(next, policy);
		r = attach_start(next, line->pin);
	}
	if (r == 0 && *a && !next->taken_over)
		r = -ENOLINK;
	struct attach **gone = r < 0 && *a ? &next : a; /* a first one that failed tells why */
	attach_done(*gone);
	free(*gone);
	if (gone == a)
		*a = next;
	return r;
}

struct outcome {
	unsigned changes, upgrades, falls;
	int error;
	double seconds;
};

static void change(struct traffic *t, unsigned changes, unsigned upgrades, int64_t most_ns, struct attach **a, struct outcome *o)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct ingest_counts last = { 0 };
	int64_t begin_ns = clock_mono_ns();

	while (policy && o->changes < changes && o->error == 0 && clock_mono_ns() - begin_ns < most_ns) {
		o->changes++;
		if (o->changes % (changes / upgrades ? changes / upgrades : 1) == 0 && o->upgrades < upgrades) {
			o->upgrades++;
			o->error = upgrade(a, &t->line, policy, o->changes);
		} else {
			make_policy(o->changes, &(*a)->slots, policy);
			attach_policy(*a, policy);
		}
		o->falls += count_falls(*a, &last);
	}
	o->seconds = (double)(clock_mono_ns() - begin_ns) / 1e9;
	free(policy);
}

static int failed, tests;

static void fact(bool ok, const char *text)
{
	failed += !ok;
	(void)printf("%sok %d - %s\n", ok ? "" : "not ", ++tests, text);
}

static void tell(const struct traffic *t, const struct attach *a, const struct outcome *o)
{
	unsigned long long sent = atomic_load(&t->sent), received = atomic_load(&t->received);
	struct ingest_counts c = { 0 };

	(void)attach_counts(a, slot_of(a, "radar1"), &c);
	(void)printf("# %u changes, of them %u upgrades, in %.1f s; %.0f packets/s; listed sent %llu received %llu, unlisted sent %llu "
		     "received %llu; lost on the link %" PRIu64 "\n",
		o->changes, o->upgrades, o->seconds, (double)(sent + t->unlisted_sent) / o->seconds, sent, received,
		t->unlisted_sent, t->unlisted_received, line_lost(&t->line));
	fact(o->error == 0 && o->upgrades > 0, "every upgrade took the link over");
	fact(sent > 0 && received == sent && t->twice == 0, "every datagram of the listed sender arrived, once, in order");
	fact(t->unlisted_received == 0, "none of the unlisted sender did");
	fact(c.verdict[INGEST_PASS_FEED].packets == sent && c.verdict[INGEST_DROP_SOURCE].packets == t->unlisted_sent,
		"each was counted once, under its verdict");
	fact(o->falls == 0, "no counter ever fell");
}

int main(int argc, char **argv)
{
	unsigned changes = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : CHANGES_DEFAULT;
	unsigned upgrades = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : UPGRADES_DEFAULT;
	static struct traffic t;
	struct policy *policy = calloc(1, sizeof(*policy));
	struct attach *a = NULL;
	struct outcome o = { 0 };
	pthread_t sender, receiver;

	if (!policy || line_open(&t.line) < 0)
		return 0; /* skipped, as the line says */
	int r = upgrade(&a, &t.line, policy, 0);
	if (r < 0) {
		gate_excuse(a, r);
		return 0;
	}
	(void)printf("1..5\n");
	if (pthread_create(&receiver, NULL, receive_traffic, &t) || pthread_create(&sender, NULL, send_traffic, &t))
		return 1;
	change(&t, changes, upgrades, argc > 1 ? INT64_MAX : LONG_ENOUGH_NS, &a, &o);
	atomic_store(&t.stop, true);
	(void)pthread_join(sender, NULL);
	(void)pthread_join(receiver, NULL);
	tell(&t, a, &o);
	attach_done(a);
	free(a);
	free(policy);
	line_close(&t.line);
	return failed > 0;
}
