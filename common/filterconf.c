#include "common/filterconf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Decimal digits alone, 1..65535. Return: 0 = it is none. */
static unsigned long port_of(const char *word, size_t n)
{
	char digits[8] = "";

	if (n == 0 || n > 5 || strspn(word, "0123456789") < n)
		return 0;
	memcpy(digits, word, n);
	unsigned long port = strtoul(digits, NULL, 10);
	return port <= UINT16_MAX ? port : 0;
}

static const char *parse_open(const char *value, void *field)
{
	struct filterconf_ports *open = field;

	if (!*value)
		open->n = 0;
	for (const char *word = value + strspn(value, " \t"); *word;) {
		size_t n = strcspn(word, " \t");
		unsigned long port = port_of(word, n);
		if (port == 0)
			return "not a UDP port: 1 to 65535";
		if (open->n == FILTERCONF_OPEN_MAX)
			return "more than 32 ports";
		open->port[open->n++] = (uint16_t)port;
		word += n;
		word += strspn(word, " \t");
	}
	return NULL;
}

#define AT(member) offsetof(struct filterconf, member)

const struct conf_key filterconf_keys[] = {
	{ "Filter", "Interface", CONF_LIST, AT(interfaces), .required = true,
		.help = "Network interfaces that the packet filter guards" },
	{ "Filter", "Strict", CONF_BOOL, AT(strict),
		.help = "Whether UDP that is no feed's is dropped as well, but for DHCP, PTP, and what DNS and NTP answer. Default: no" },
	{ "Filter", "Open", CONF_CUSTOM, AT(open), .parse = parse_open,
		.help = "Further UDP ports of this host that Strict= leaves alone, up to 32" },
	{ 0 },
};

int filterconf_load(const char *path, struct filterconf *ret_conf, struct conf_error *ret_error)
{
	assert(path);
	assert(ret_conf);
	assert(ret_error);

	struct filterconf conf = { 0 };
	int r = conf_load(path, filterconf_keys, &conf, ret_error);
	if (r < 0) {
		filterconf_done(&conf);
		return r;
	}
	*ret_conf = conf;
	return 0;
}

void filterconf_done(struct filterconf *conf)
{
	if (conf)
		conf_list_done(&conf->interfaces);
}
