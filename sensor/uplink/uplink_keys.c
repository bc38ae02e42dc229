/* uplink_keys - the table of uplink.conf: it drives the parser, the sample and the man page's test.
 */
#include "sensor/uplink/config.h"

#define STRING(section, key, type, field, required, help)                                          \
	{                                                                                          \
		section, key, type, offsetof(struct config, field),                                \
			sizeof(((struct config *)0)->field), 0, 0, NULL, required, help            \
	}

const struct conf_key uplink_keys[] = {
	STRING("Uplink", "Origin", CONF_STRING, origin, true,
		"This host's name, as in its certificate's vedette:host/NAME."),
	STRING("Uplink", "Listen", CONF_STRING, listen, false,
		"Where sensors and cameras of this host connect."),
	STRING("Uplink", "Centre", CONF_STRING, centre, true, "The centre: tls+tcp://HOST:PORT."),
	STRING("Uplink", "CentreIdentity", CONF_STRING, centre_identity, true,
		"The URI the centre's certificate must carry, vedette:centre/NAME."),
	STRING("Uplink", "AllowUser", CONF_LIST, allow_users, false,
		"Users, by name or number, whose processes may connect beside root and our own."),
	STRING("Uplink", "FilterStatus", CONF_PATH, filter_status, false,
		"Directory of the packet filter's status files, sent to the centre as health."),
	STRING("Uplink", "Metrics", CONF_STRING, metrics, false,
		"File of this host's metrics for node_exporter and vedette status; empty: none is written."),
	STRING("Uplink", "StateDirectory", CONF_PATH, state_directory, false,
		"The outbox. Default: systemd's $STATE_DIRECTORY, else /var/lib/vedette/uplink."),
	STRING("Uplink", "LiveDirectory", CONF_PATH, live_directory, false,
		"The live lane: memory, kept over restarts. Default: systemd's $RUNTIME_DIRECTORY, else as StateDirectory."),
	{ "Uplink", "CommitEvery", CONF_DURATION, offsetof(struct config, commit_every_ns), sizeof(int64_t), 0.01, 2, NULL,
		false, "How often the backlog is written to disk; distress calls at once. A power cut loses at most so much." },
	{ "Uplink", "MaxSize", CONF_SIZE, offsetof(struct config, max_size), sizeof(uint64_t),
		1 << 20, 1e15, NULL, false,
		"Disk the outbox may use. Beyond it the oldest radar plots of the backlog go first; distress calls never." },
	STRING("TLS", "CA", CONF_PATH, ca, true,
		"Certificates that vouch for the centre: its authority, or itself (PEM)."),
	STRING("TLS", "Certificate", CONF_PATH, certificate, true,
		"This host's certificate, intermediates after it (PEM)."),
	STRING("TLS", "Key", CONF_PATH, key, true, "Its private key, not encrypted (PEM)."),
	STRING("TLS", "CRL", CONF_PATH, crl, false,
		"Revocation lists (PEM). Absent: none is checked."),
	{ 0 },
};
