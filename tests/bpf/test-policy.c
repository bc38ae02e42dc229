/* policy - feeds as tables: slots that stay, chains in order, files that are refused. Needs no privilege. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "bpf/policy.h"

static struct policy a, b;
static struct conf_error error;

static struct feed make_feed(const char *name, const char *address, uint16_t port)
{
	struct feed f = { .format = FEED_ASTERIX, .n_sources = 1 };

	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	f.listen.family = port ? AF_INET : 0;
	f.listen.port = htons(port);
	assert_int_equal(inet_pton(AF_INET, address, f.listen.addr.word), 1);
	assert_null(netaddr_network("192.0.2.0/24", 12, &f.sources[0]));
	return f;
}

static unsigned slot_of(const struct policy *p, const char *name)
{
	for (unsigned i = 1; i < INGEST_SLOTS; i++)
		if (strcmp(p->slots.name[i].text, name) == 0)
			return i;
	return 0;
}

static void feed_keeps_its_slot_over_reloads(void **state)
{
	struct feed first[] = { make_feed("a", "239.0.0.1", 1), make_feed("b", "239.0.0.2", 2), make_feed("c", "239.0.0.3", 3) };
	struct feed second[] = { make_feed("d", "239.0.0.4", 4), make_feed("c", "239.0.0.3", 3) };

	assert_int_equal(policy_compile(first, 3, NULL, &a, &error), 0);
	assert_int_equal(policy_compile(second, 2, &a.slots, &b, &error), 0);
	assert_int_equal(slot_of(&b, "c"), slot_of(&a, "c"));
	assert_int_not_equal(slot_of(&b, "d"), slot_of(&a, "b"));
	assert_int_equal(b.n_feeds, 2);
	assert_int_equal(b.tables.port[INGEST_IPV4][htons(1)], 0);
	assert_int_equal(b.tables.port[INGEST_IPV4][htons(3)], slot_of(&b, "c"));
}

static void slots_of_gone_feeds_are_used_again(void **state)
{
	struct feed feeds[INGEST_FEEDS_MAX];
	char name[32];

	for (unsigned i = 0; i < INGEST_FEEDS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "old%u", i);
		feeds[i] = make_feed(name, "239.0.0.1", (uint16_t)(1000 + i));
	}
	assert_int_equal(policy_compile(feeds, INGEST_FEEDS_MAX, NULL, &a, &error), 0);
	feeds[5] = make_feed("new", "239.0.0.1", 9);
	assert_int_equal(policy_compile(feeds, INGEST_FEEDS_MAX, &a.slots, &b, &error), 0);
	assert_int_equal(slot_of(&b, "new"), slot_of(&a, "old5"));
	assert_int_equal(slot_of(&b, "old5"), 0);
}

static void feed_on_any_address_is_last_in_its_chain(void **state)
{
	struct feed feeds[] = { make_feed("any", "0.0.0.0", 7), make_feed("a", "239.0.0.1", 7), make_feed("b", "239.0.0.2", 7) };

	assert_int_equal(policy_compile(feeds, 3, NULL, &a, &error), 0);
	unsigned slot = a.tables.port[INGEST_IPV4][htons(7)];
	assert_int_equal(slot, slot_of(&a, "a"));
	slot = a.tables.feed[slot].next;
	assert_int_equal(slot, slot_of(&a, "b"));
	slot = a.tables.feed[slot].next;
	assert_int_equal(slot, slot_of(&a, "any"));
	assert_int_equal(a.tables.feed[slot].next, 0);
}

static void rate_becomes_ns_and_burst_covers_a_tick(void **state)
{
	struct feed f = make_feed("a", "239.0.0.1", 1);
	const struct ingest_feed *t;

	f.rate_pps = 200;
	f.burst_packets = 101;
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	t = &a.tables.feed[1];
	assert_int_equal(t->packet_ns, 5000000);
	assert_int_equal(t->burst_ns, 500000000);

	f.burst_packets = 1;
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	assert_int_equal(t->burst_ns, 10000000); /* one tick at 100 Hz */

	f.rate_pps = 1;
	f.burst_packets = UINT64_MAX;
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	assert_int_equal(t->burst_ns, INT64_C(3600000000000));

	f.rate_pps = 0;
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	assert_int_equal(t->packet_ns, 0);
}

static void feed_without_a_port_or_a_source(void **state)
{
	struct feed f = make_feed("rtsp", "0.0.0.0", 0);
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	assert_int_equal(a.n_feeds, 0);

	f = make_feed("lonely", "239.0.0.1", 1);
	f.n_sources = 0;
	b = a;
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), -EINVAL);
	assert_non_null(strstr(error.text, "lonely"));
	assert_memory_equal(&a, &b, sizeof(a)); /* untouched on error */
}

static void dialled_feed_is_none_of_ours(void **state)
{
	struct feed f = make_feed("tcp", "0.0.0.0", 0);

	(void)snprintf(f.connect_host, sizeof(f.connect_host), "192.0.2.1");
	f.connect_port = 10110;
	f.n_sources = 0;
	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	assert_int_equal(a.n_feeds, 0);
}

static void each_format_is_looked_at_as_itself(void **state)
{
	static const enum ingest_format expected[_FEED_FORMAT_MAX] = {
		[FEED_AIS] = INGEST_AIS,
		[FEED_ASTERIX] = INGEST_ASTERIX,
		[FEED_CAMERA] = INGEST_RTP,
		[FEED_NMEA] = INGEST_NMEA,
		[FEED_ADSB] = INGEST_ADSB,
		[FEED_KLV] = INGEST_KLV,
	};
	struct feed f = make_feed("x", "239.0.0.1", 1);

	f.n_sources = 1;
	for (f.format = 0; f.format < _FEED_FORMAT_MAX; f.format++) {
		assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
		assert_int_equal(a.tables.feed[a.tables.port[INGEST_IPV4][f.listen.port]].format, expected[f.format]);
	}
}

static void families_have_tables_of_their_own(void **state)
{
	struct feed feeds[] = { make_feed("four", "0.0.0.0", 7), make_feed("six", "0.0.0.0", 7) };

	assert_null(netaddr_endpoint("[ff15::1]:7", &feeds[1].listen));
	assert_null(netaddr_network("2001:db8::/33", 13, &feeds[1].sources[0]));
	feeds[1].fragments = FEED_FRAGMENTS_PASS;
	assert_int_equal(policy_compile(feeds, 2, NULL, &a, &error), 0);
	assert_int_equal(a.n_feeds, 2);

	const struct ingest_feed *four = &a.tables.feed[a.tables.port[INGEST_IPV4][htons(7)]];
	const struct ingest_feed *six = &a.tables.feed[a.tables.port[INGEST_IPV6][htons(7)]];
	assert_int_equal(four->family, INGEST_IPV4);
	assert_int_equal(four->flags, INGEST_ANY);
	assert_int_equal(six->family, INGEST_IPV6);
	assert_int_equal(six->flags, INGEST_GROUP | INGEST_FRAGMENTS);
	assert_int_equal(six->next, 0);
	assert_int_equal(six->sources[0].mask.word[1], htonl(0x80000000));
	assert_int_equal(six->sources[0].mask.word[2], 0);
	/* The walks look at all eight: no address has all bits and none. */
	for (unsigned i = 1; i < INGEST_SOURCES_MAX; i++) {
		assert_int_equal(six->sources[i].mask.half[0] | six->sources[i].mask.half[1], 0);
		assert_int_equal(six->sources[i].addr.half[0], UINT64_MAX);
	}
}

static void strict_policy_keeps_ports_open(void **state)
{
	struct feed f = make_feed("a", "239.0.0.1", 68);
	const uint16_t open[] = { 51820, 68 };

	assert_int_equal(policy_compile(&f, 1, NULL, &a, &error), 0);
	assert_int_equal(a.tables.strict, 0);
	policy_be_strict(&a, open, 2);
	assert_int_equal(a.tables.strict, 1);
	assert_int_equal(a.tables.port[INGEST_IPV4][htons(68)], slot_of(&a, "a")); /* a feed's stays its own */
	assert_int_equal(a.tables.port[INGEST_IPV6][htons(68)], INGEST_OPEN);
	assert_int_equal(a.tables.port[INGEST_IPV6][htons(51820)], INGEST_OPEN);
	assert_int_equal(a.tables.port[INGEST_IPV4][htons(51821)], 0);
}

static void put_file(const char *dir, const char *name, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

static void bad_files_are_counted_and_the_others_loaded(void **state)
{
	static const char ais[] = "[Feed]\nFormat=ais\nListen=239.1.1.1:10110\nSource=192.0.2.1\n"
				  "[Site]\nLatitude=54 deg\nLongitude=11 deg\n";
	char dir[] = "/tmp/vedette-policy-XXXXXX", command[64];
	assert_non_null(mkdtemp(dir));

	assert_int_equal(policy_load(dir, NULL, &a, &error), 0);
	assert_int_equal(a.n_feeds, 0);
	put_file(dir, "a.conf", "[Feed]\nFormat=ais\nListen=here\n");
	put_file(dir, "b.conf", "nonsense\n");
	put_file(dir, "c.conf", ais);
	assert_int_equal(policy_load(dir, NULL, &a, &error), 2);
	assert_non_null(strstr(error.text, "a.conf:3"));
	assert_int_equal(a.n_feeds, 1);
	assert_int_equal(a.tables.port[INGEST_IPV4][htons(10110)], slot_of(&a, "c"));

	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(policy_load(dir, NULL, &a, &error), -ENOENT);
	assert_non_null(strstr(error.text, dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feed_keeps_its_slot_over_reloads),
		cmocka_unit_test(slots_of_gone_feeds_are_used_again),
		cmocka_unit_test(feed_on_any_address_is_last_in_its_chain),
		cmocka_unit_test(rate_becomes_ns_and_burst_covers_a_tick),
		cmocka_unit_test(feed_without_a_port_or_a_source),
		cmocka_unit_test(dialled_feed_is_none_of_ours),
		cmocka_unit_test(each_format_is_looked_at_as_itself),
		cmocka_unit_test(families_have_tables_of_their_own),
		cmocka_unit_test(strict_policy_keeps_ports_open),
		cmocka_unit_test(bad_files_are_counted_and_the_others_loaded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
