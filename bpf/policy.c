#include "bpf/policy.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/*
 * The program reads the coarse clock, which moves with the timer tick: 100 Hz on the slowest kernels. A source may
 * always send what falls into one tick at its rate.
 */
#define TICK_NS (CLOCK_NS_PER_S / 100)

#define _cleanup_free_ __attribute__((cleanup(freep)))

_Static_assert(INGEST_NAME_MAX == PLOT_FEED_MAX, "a slot holds a feed's name");
_Static_assert(INGEST_SOURCES_MAX == FEED_SOURCES_MAX, "a slot holds a feed's sources");

static const enum ingest_format ingest_formats[_FEED_FORMAT_MAX] = {
	[FEED_AIS] = INGEST_AIS,
	[FEED_ASTERIX] = INGEST_ASTERIX,
	[FEED_CAMERA] = INGEST_RTP,
	[FEED_NMEA] = INGEST_NMEA,
	[FEED_ADSB] = INGEST_ADSB,
	[FEED_KLV] = INGEST_KLV,
};

static void freep(void *p)
{
	free(*(void **)p);
}

static int refuse(struct conf_error *ret_error, const struct feed *feed, const char *reason)
{
	(void)snprintf(ret_error->text, sizeof(ret_error->text), "feed %s: %s", feed->name, reason);
	return -EINVAL;
}

static bool slot_is(const struct policy_slots *slots, unsigned slot, const char *name)
{
	return strncmp(slots->name[slot].text, name, INGEST_NAME_MAX) == 0;
}

static bool named(const struct feed *feeds, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (strncmp(feeds[i].name, name, INGEST_NAME_MAX) == 0)
			return true;
	return false;
}

/* Its own slot, else a free one, else one whose feed is gone. 0 = none left. */
static unsigned find_slot(const struct policy_slots *slots, const struct feed *feeds, unsigned n, const char *name)
{
	for (unsigned i = 1; i < INGEST_SLOTS; i++)
		if (slot_is(slots, i, name))
			return i;
	for (unsigned i = 1; i < INGEST_SLOTS; i++)
		if (slot_is(slots, i, ""))
			return i;
	for (unsigned i = 1; i < INGEST_SLOTS; i++)
		if (!named(feeds, n, slots->name[i].text))
			return i;
	return 0;
}

static void set_rate(struct ingest_feed *f, const struct feed *feed)
{
	f->burst_ns = UINT64_MAX; /* never reached: the program has no word for "no limit" */
	if (feed->rate_pps == 0)
		return;
	f->packet_ns = (uint64_t)CLOCK_NS_PER_S / feed->rate_pps;
	if (f->packet_ns == 0)
		f->packet_ns = 1;

	uint64_t ahead = feed->burst_packets ? feed->burst_packets - 1 : 0;
	f->burst_ns = ahead > (uint64_t)CLOCK_NS_PER_S * 3600 / f->packet_ns ? (uint64_t)CLOCK_NS_PER_S * 3600 :
									       ahead * f->packet_ns;
	if (f->burst_ns < (uint64_t)TICK_NS)
		f->burst_ns = (uint64_t)TICK_NS;
}

static struct ingest_addr address(const struct netaddr *a)
{
	return (struct ingest_addr){ { { a->word[0], a->word[1], a->word[2], a->word[3] } } };
}

static struct ingest_source source(const struct netaddr_network *n)
{
	return (struct ingest_source){ .addr = address(&n->addr), .mask = address(&n->mask) };
}

static __u8 flags_of(const struct feed *feed)
{
	unsigned flags = 0;

	if (netaddr_is_any(&feed->listen.addr))
		flags |= INGEST_ANY;
	if (netaddr_is_group(feed->listen.family, &feed->listen.addr))
		flags |= INGEST_GROUP;
	if (feed->fragments == FEED_FRAGMENTS_PASS)
		flags |= INGEST_FRAGMENTS;
	return (__u8)flags;
}

static void fill_feed(struct ingest_feed *f, const struct feed *feed)
{
	*f = (struct ingest_feed){
		.to = address(&feed->listen.addr),
		.port = feed->listen.port,
		.family = feed->listen.family == AF_INET6 ? INGEST_IPV6 : INGEST_IPV4,
		.format = (__u8)ingest_formats[feed->format],
		.n_sources = (__u8)feed->n_sources,
		.flags = flags_of(feed),
	};
	/* What is not used matches nobody: all of its bits must be there in none of them. */
	for (unsigned i = 0; i < INGEST_SOURCES_MAX; i++)
		f->sources[i] = i < feed->n_sources ? source(&feed->sources[i]) :
						      (struct ingest_source){ .addr.word = { ~0u, ~0u, ~0u, ~0u } };
	set_rate(f, feed);
}

/* To the end of its port's chain, but before those that take any address: the closest match is found first. */
static void link_feed(struct ingest_policy *t, unsigned slot)
{
	struct ingest_feed *f = &t->feed[slot];
	__u8 *at = &t->port[f->family][f->port];

	while (*at && (f->flags & INGEST_ANY || !(t->feed[*at].flags & INGEST_ANY)))
		at = &t->feed[*at].next;
	f->next = *at;
	*at = (__u8)slot;
}

static int add_feed(struct policy *p, const struct feed *feeds, unsigned n, const struct feed *feed,
	struct conf_error *ret_error)
{
	if (feed->listen.family == 0)
		return 0;
	if (feed->n_sources == 0)
		return refuse(ret_error, feed, "no Source=: nobody could send to it");

	unsigned slot = find_slot(&p->slots, feeds, n, feed->name);
	if (slot == 0)
		return refuse(ret_error, feed, "more than 64 feeds on this host");
	(void)snprintf(p->slots.name[slot].text, INGEST_NAME_MAX, "%s", feed->name);
	fill_feed(&p->tables.feed[slot], feed);
	link_feed(&p->tables, slot);
	p->n_feeds++;
	return 0;
}

int policy_compile(const struct feed *feeds, unsigned n, const struct policy_slots *old, struct policy *ret_policy,
	struct conf_error *ret_error)
{
	assert(feeds || n == 0);
	assert(ret_policy);
	assert(ret_error);

	_cleanup_free_ struct policy *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	if (old)
		p->slots = *old;
	for (unsigned i = 0; i < n; i++) {
		int r = add_feed(p, feeds, n, &feeds[i], ret_error);
		if (r < 0)
			return r;
	}
	*ret_policy = *p;
	return 0;
}

static void open_port(struct ingest_policy *t, uint16_t port)
{
	for (int family = 0; family < _INGEST_FAMILY_MAX; family++)
		if (t->port[family][htons(port)] == 0)
			t->port[family][htons(port)] = INGEST_OPEN;
}

void policy_be_strict(struct policy *policy, const uint16_t *ports, unsigned n)
{
	assert(policy);
	assert(ports || n == 0);

	/* RFC 2131, 4.1; RFC 8415, 7.2; IEEE 1588-2019, annexes C and D. */
	static const uint16_t always[] = { 68, 546, 319, 320 };

	policy->tables.strict = 1;
	for (unsigned i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		open_port(&policy->tables, always[i]);
	for (unsigned i = 0; i < n; i++)
		open_port(&policy->tables, ports[i]);
}

struct loading {
	struct feed *feeds; /* owned */
	unsigned n;
	int refused;
	struct conf_error *error; /* of the first refused */
};

static int load_file(void *user, const char *path)
{
	struct loading *l = user;
	struct conf_error error = { "" };

	struct feed *more = reallocarray(l->feeds, l->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->feeds = more;
	if (feed_load(path, &l->feeds[l->n], &error) == 0)
		l->n++;
	else if (l->refused++ == 0)
		*l->error = error;
	return 0;
}

int policy_load(const char *dir, const struct policy_slots *old, struct policy *ret_policy,
	struct conf_error *ret_error)
{
	assert(dir);
	assert(ret_policy);
	assert(ret_error);

	struct loading l = { .error = ret_error };
	int r = conf_each_file(dir, load_file, &l);
	if (r < 0)
		(void)snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", dir, strerror(-r));

	struct conf_error error;
	if (r >= 0)
		r = policy_compile(l.feeds, l.n, old, ret_policy, &error);
	if (r == -EINVAL)
		*ret_error = error;
	free(l.feeds);
	return r < 0 ? r : l.refused;
}
