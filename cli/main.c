/* vedette - the command line. */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

static const struct verb verbs[] = {
	{ "decode", decode_run, "[--format ais|asterix|nmea|adsb|klv] [--edition CAT=E] [--stats] FILE|-",
		"what a feed said as JSON, one object a line" },
	{ "track", track_run, "DIR [--out tracks.csv] [--stats]", "run the tracker over a scenario folder" },
	{ "score", score_run, SCORE_USAGE, "how good tracks are against the truth, and a picture of both" },
	{ "flood", flood_run, FLOOD_USAGE, "hostile packets at our own feed ports, for tests" },
	{ "ledger", ledger_run, LEDGER_USAGE, "what a centre released, and the proof that the record is whole" },
	{ "send", send_run, SEND_USAGE, "a capture or log onto a UDP socket" },
	{ "replay", replay_run, "JOURNAL [--verify]", "run a journal through the tracker again" },
	{ "explain", explain_run, EXPLAIN_USAGE, "why a track is what it is: its plots, with weight and reason" },
	{ "simulate", simulate_run, SIMULATE_USAGE, "a scene's radars, AIS and camera onto real sockets" },
	{ "check-config", check_config_run, "[DIR]", "would everything start with the files in DIR (/etc/vedette)?" },
	{ "status", status_run, "[--json] [--hub URL]", "this host and its centre at a glance" },
	{ "doctor", doctor_run, "[--json] [--hub URL]", "what is wrong here, and what to type" },
	{ "host", host_run, HOST_USAGE, "a host's key and certificate: request, admission, revocation, list" },
	{ "version", version_run, "", "print the version" },
};

static void print_help(FILE *f)
{
	fprintf(f, "usage: vedette VERB [ARGUMENTS]\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(f, "  %-13s %s\n  %-13s     vedette %s %s\n", verbs[i].name, verbs[i].help, "",
			verbs[i].name, verbs[i].usage);
}

int version_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("vedette " VEDETTE_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "vedette: no verb '%s'; try 'vedette help'\n", argv[1]);
	return 2;
}
