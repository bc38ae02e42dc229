#include "bpf/drops.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/netaddr.h"

#define PAUSE_NS (60 * CLOCK_NS_PER_S) /* between two lines about the same feed and verdict */
#define LINE_MAX_SIZE 256

static void take_one(void *user, const struct ingest_drop *drop)
{
	struct drops *d = user;

	if (drop->slot >= INGEST_SLOTS || drop->verdict >= _INGEST_VERDICT_MAX)
		return;
	struct drops_entry *e = &d->of[drop->slot][drop->verdict];
	e->last = *drop;
	e->known = e->news = true;
}

int drops_take(struct drops *d, struct attach *a)
{
	assert(d);
	assert(a);
	return attach_drops(a, take_one, d);
}

static void end_text(const struct ingest_drop *drop, const struct ingest_addr *addr, __be16 port, char buf[NETADDR_TEXT_MAX])
{
	struct netaddr_endpoint end = { .family = drop->family == INGEST_IPV6 ? AF_INET6 : AF_INET, .port = port };

	memcpy(&end.addr, addr, sizeof(end.addr));
	if (port)
		(void)netaddr_endpoint_text(&end, buf);
	else
		(void)netaddr_text(end.family, &end.addr, buf);
}

void drops_ends(const struct ingest_drop *drop, char *buf, size_t size)
{
	char from[NETADDR_TEXT_MAX], to[NETADDR_TEXT_MAX];

	end_text(drop, &drop->from, drop->from_port, from);
	end_text(drop, &drop->to, drop->to_port, to);
	(void)snprintf(buf, size, "%s to %s", from, to);
}

static void tell_one(struct drops_entry *e, const struct attach *a, int64_t now_ns, char *line, size_t size)
{
	const char *feed = a->slots.name[e->last.slot].text;
	char ends[2 * NETADDR_TEXT_MAX + 8];
	struct ingest_counts c = { 0 };

	(void)attach_counts(a, e->last.slot, &c);
	uint64_t packets = c.verdict[e->last.verdict].packets;
	uint64_t more = packets > e->told_packets ? packets - e->told_packets : packets;
	drops_ends(&e->last, ends, sizeof(ends));
	(void)snprintf(line, size, "%s%s%s: %" PRIu64 "%s, the last seen from %s", feed, *feed ? ": " : "",
		attach_verdict_names[e->last.verdict], more, e->told_ns ? " more" : "", ends);
	e->news = false;
	e->told_ns = now_ns;
	e->told_packets = packets;
}

void drops_tell(struct drops *d, const struct attach *a, int64_t now_ns, void (*fn)(void *user, const char *line), void *user)
{
	assert(d);
	assert(a);
	assert(fn);

	char line[LINE_MAX_SIZE];

	for (unsigned slot = 0; slot < INGEST_SLOTS; slot++)
		for (unsigned v = 0; v < _INGEST_VERDICT_MAX; v++) {
			struct drops_entry *e = &d->of[slot][v];
			if (!e->news || (e->told_ns && now_ns - e->told_ns < PAUSE_NS))
				continue;
			tell_one(e, a, now_ns, line, sizeof(line));
			fn(user, line);
		}
}

void drops_forget(struct drops *d, const struct policy_slots *now, const struct policy_slots *next)
{
	assert(d);
	assert(now && next);

	for (unsigned slot = 1; slot < INGEST_SLOTS; slot++)
		if (memcmp(&now->name[slot], &next->name[slot], sizeof(now->name[slot])) != 0)
			memset(d->of[slot], 0, sizeof(d->of[slot]));
}
