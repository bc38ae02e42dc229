/* enrol_keys - the table of enrol.conf. */
#include "enrol/config.h"

#define AT(field) offsetof(struct config, field), sizeof(((struct config *)0)->field)
#define DAY_S 86400.0

const struct conf_key enrol_keys[] = {
	{ "Enrol", "Socket", CONF_PATH, AT(socket), .help = "Where fusion asks, unless systemd passes a socket." },
	{ "Enrol", "AllowUser", CONF_LIST, AT(users), .help = "Users whose processes may ask, besides root and our own." },
	{ "Enrol", "Register", CONF_PATH, AT(roster), .help = "The register of hosts, kept by vedette host as well." },
	{ "Enrol", "Life", CONF_DURATION, AT(life_ns), DAY_S, 3650 * DAY_S, .help = "How long a renewed certificate is good." },
	{ "Authority", "CA", CONF_PATH, AT(ca), .required = true, .help = "The authority's certificate (PEM)." },
	{ "Authority", "Key", CONF_PATH, AT(key), .required = true, .help = "Its private key, not encrypted (PEM)." },
	{ 0 },
};
