/* vedette ledger - what a centre released, and the proof that nobody changed the record. */
#include "cli/verbs.h"
#include "common/wire.h"
#include "hub/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_DEFAULT "/var/lib/vedette/hub/ledger.db"

struct show {
	const char *path, *peer;
	bool objects;
};

static void print_hex(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		printf("%02x", data[i]);
}

static int verify(const char *path)
{
	struct ledger_report rep;
	int r = ledger_verify(path, &rep);
	if (r < 0) {
		fprintf(stderr, "vedette ledger: %s: %s\n", path,
			r == -EBADMSG ? "damaged, or not a ledger" : strerror(-r));
		return 1;
	}
	if (r > 0) {
		fprintf(stderr, "vedette ledger: %s: entry %" PRIu64 " is broken: %s\n", path, rep.broken, rep.reason);
		return 1;
	}
	printf("%s: whole: %" PRIu64 " entries, %" PRIu64 " objects, %" PRIu64 " erased, head ", path, rep.entries, rep.objects,
		rep.erased);
	print_hex(rep.head, sizeof(rep.head));
	putchar('\n');
	return 0;
}

/* Ids and rules are [a-z0-9 -]: nothing in them needs escaping. */
static void print_object(void *user, unsigned i, const char *track, uint64_t version, uint8_t kind, const char *rule)
{
	(void)user;
	if (track[0])
		printf("%s{\"track\":\"%s\",\"version\":%" PRIu64 ",\"kind\":\"%s\",\"rule\":\"%s\"}", i ? "," : "", track, version,
			kind == WIRE_WITHDRAW ? "withdrawal" : kind == WIRE_HEALTH ? "health" : "track", rule);
	else
		printf("%s{\"erased\":true}", i ? "," : "");
}

static int print_entry(void *user, const struct ledger_entry *e)
{
	const struct show *s = user;
	if (s->peer && strcmp(s->peer, e->peer))
		return 0;
	printf("{\"n\":%" PRIu64 ",\"time_ms\":%" PRId64 ",\"peer\":\"%s\",\"lane\":\"%s\",\"epoch\":%" PRIu64 ",\"first\":%" PRIu64
	       ",\"last\":%" PRIu64 ",\"policy\":%" PRIu64 ",\"policy_sha256\":\"%s\",\"tracks\":%" PRIu64
	       ",\"withdrawals\":%" PRIu64 ",\"reports\":%" PRIu64 ",\"withheld\":%" PRIu64 ",\"root\":\"",
		e->n, e->time_ns / 1000000, e->peer, e->lane, e->epoch, e->first, e->last, e->policy_version, e->policy_digest,
		e->tracks, e->withdrawals, e->reports, e->withheld);
	print_hex(e->root, sizeof(e->root));
	printf("\",\"hash\":\"");
	print_hex(e->hash, sizeof(e->hash));
	putchar('"');
	if (s->objects) {
		printf(",\"objects\":[");
		int r = ledger_each_object(s->path, e->n, print_object, NULL);
		putchar(']');
		if (r < 0)
			return r;
	}
	puts("}");
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: vedette ledger %s\n", LEDGER_USAGE);
	return 2;
}

int ledger_run(int argc, char **argv)
{
	struct show s = { .path = FILE_DEFAULT };
	if (argc < 2 || (strcmp(argv[1], "verify") && strcmp(argv[1], "show")))
		return usage();
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--objects"))
			s.objects = true;
		else if (!strcmp(argv[i], "--peer") && i + 1 < argc)
			s.peer = argv[++i];
		else if (argv[i][0] != '-')
			s.path = argv[i];
		else
			return usage();
	}
	if (!strcmp(argv[1], "verify"))
		return verify(s.path);
	int r = ledger_each(s.path, 1, print_entry, &s);
	if (r < 0) {
		fprintf(stderr, "vedette ledger: %s: %s\n", s.path, r == -EBADMSG ? "damaged, or not a ledger" : strerror(-r));
		return 1;
	}
	return 0;
}
