/*
 * verbs - the table of the command's verbs; one file a verb, cli/NAME.c.
 *
 * A verb gets argv from its own name on. Return: 0 done, 1 failed with a one-line reason on stderr, 2 usage.
 */
#pragma once

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage; /* arguments, for the help */
	const char *help;  /* one line */
};

int decode_run(int argc, char **argv);
/* Arguments that the verb's own usage line shows as well. */
#define SIMULATE_USAGE                                                                             \
	"SCENE [--seconds N] [--rate X] [--seed S] [--start-time T] [--truth FILE] [--out DIR] [--to FEED=ADDR:PORT]... [--address FEED=ADDR]... [--without FEED]... [--check]"

#define SEND_USAGE                                                                                 \
	"FILE --to ADDR:PORT [--rate N/s|recorded] [--loop] [--address ADDR] [--interface IF] [--port N] [--restamp]"
#define FLOOD_USAGE                                                                                \
	"--seconds N --to ADDR:PORT... [--rate PPS] [--address ADDR] [--interface IF] [--forge ADDR]... [--no-forge]"

int flood_run(int argc, char **argv);
int send_run(int argc, char **argv);
int simulate_run(int argc, char **argv);
int version_run(int argc, char **argv);
int track_run(int argc, char **argv);
int replay_run(int argc, char **argv);

#define EXPLAIN_USAGE "TRACK [--at T] [--for SECONDS] [--json] [--ring FILE] [--state DIR] [--scenario DIR]"
int explain_run(int argc, char **argv);

#define SCORE_USAGE "TRUTH TRACKS [--cut M] [--from S] [--to S] [--step S] [--svg FILE]"
int score_run(int argc, char **argv);

#define LEDGER_USAGE "verify|show [--objects] [--peer ID] [LEDGER.db]"
int ledger_run(int argc, char **argv);

#define HOST_USAGE                                                                                 \
	"init NAME [--dir DIR] | admit CSR [--ca FILE] [--ca-key FILE] [--days N] [--register DIR] [--out FILE] | revoke NAME [--crl FILE] [--ca FILE] [--ca-key FILE] [--register DIR] | list [--register DIR]"
int host_run(int argc, char **argv);
int check_config_run(int argc, char **argv);
int status_run(int argc, char **argv);
int doctor_run(int argc, char **argv);
