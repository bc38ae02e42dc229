#include "common/netaddr.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimal digits alone, 0..@max. Return: the value, or -1. */
static long small_number(const char *text, size_t n, long max)
{
	char copy[8] = "";

	if (!n || n > 5 || strspn(text, "0123456789") < n)
		return -1;
	memcpy(copy, text, n);
	long v = strtol(copy, NULL, 10);
	return v <= max ? v : -1;
}

/* The first @n bytes of @text. Return: its family, 0 = it is no address. */
static sa_family_t take_address(const char *text, size_t n, struct netaddr *ret_addr)
{
	char copy[INET6_ADDRSTRLEN] = "";
	struct netaddr addr = { 0 };
	sa_family_t family = memchr(text, ':', n) ? AF_INET6 : AF_INET;

	if (n >= sizeof(copy))
		return 0;
	memcpy(copy, text, n);
	if (inet_pton(family, copy, addr.word) != 1)
		return 0;
	*ret_addr = addr;
	return family;
}

const char *netaddr_endpoint(const char *text, struct netaddr_endpoint *ret_endpoint)
{
	const char *colon = strrchr(text, ':');
	bool six = *text == '[';
	struct netaddr_endpoint e = { 0 };

	if (!colon || (six && colon[-1] != ']'))
		return "must be ADDRESS:PORT, e.g. 239.192.0.1:8600, or [IPV6]:PORT";
	e.family = take_address(text + six, (size_t)(colon - text) - 2 * six, &e.addr);
	if (e.family != (six ? AF_INET6 : AF_INET))
		return six ? "not an IPv6 address"
			   : "not an IPv4 address; an IPv6 address stands in [ ]";
	long port = small_number(colon + 1, strlen(colon + 1), 65535);
	if (port <= 0)
		return "port must be 1 to 65535";
	e.port = htons((uint16_t)port);
	*ret_endpoint = e;
	return NULL;
}

static struct netaddr mask_of(unsigned prefix)
{
	struct netaddr mask = { 0 };

	for (unsigned w = 0; w < 4 && prefix > 32 * w; w++) {
		unsigned bits = prefix - 32 * w;
		mask.word[w] = htonl(bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits));
	}
	return mask;
}

const char *netaddr_network(const char *text, size_t n, struct netaddr_network *ret_network)
{
	const char *slash = memchr(text, '/', n);
	struct netaddr_network net = { 0 };

	net.family = take_address(text, slash ? (size_t)(slash - text) : n, &net.addr);
	if (!net.family)
		return "not an address or network, e.g. 192.0.2.0/24 or 2001:db8::/32";
	long bits = net.family == AF_INET ? 32 : 128;
	long prefix =
		slash ? small_number(slash + 1, (size_t)(text + n - (slash + 1)), bits) : bits;
	if (prefix < 0)
		return bits == 32 ? "prefix length must be 0 to 32"
				  : "prefix length must be 0 to 128";
	net.mask = mask_of((unsigned)prefix);
	for (int w = 0; w < 4; w++)
		if (net.addr.word[w] & ~net.mask.word[w])
			return "has address bits set beyond its prefix length";
	*ret_network = net;
	return NULL;
}

unsigned netaddr_prefix(const struct netaddr_network *network)
{
	unsigned n = 0;

	for (int w = 0; w < 4; w++)
		n += (unsigned)__builtin_popcount(network->mask.word[w]);
	return n;
}

bool netaddr_in(const struct netaddr_network *network, const struct netaddr *addr)
{
	uint32_t differ = 0;

	for (int w = 0; w < 4; w++)
		differ |= (addr->word[w] & network->mask.word[w]) ^ network->addr.word[w];
	return !differ;
}

bool netaddr_is_any(const struct netaddr *addr)
{
	return !(addr->word[0] | addr->word[1] | addr->word[2] | addr->word[3]);
}

bool netaddr_is_group(sa_family_t family, const struct netaddr *addr)
{
	uint32_t first = ntohl(addr->word[0]);
	return family == AF_INET ? first >> 28 == 0xe : first >> 24 == 0xff;
}

bool netaddr_same(const struct netaddr_endpoint *a, const struct netaddr_endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       !memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

const char *netaddr_text(
	sa_family_t family, const struct netaddr *addr, char buf[static NETADDR_TEXT_MAX])
{
	assert(family == AF_INET || family == AF_INET6);
	return inet_ntop(family, addr->word, buf, NETADDR_TEXT_MAX);
}

const char *netaddr_endpoint_text(
	const struct netaddr_endpoint *endpoint, char buf[static NETADDR_TEXT_MAX])
{
	char addr[NETADDR_TEXT_MAX];

	(void)snprintf(buf, NETADDR_TEXT_MAX,
		endpoint->family == AF_INET6 ? "[%.45s]:%u" : "%.45s:%u",
		netaddr_text(endpoint->family, &endpoint->addr, addr), ntohs(endpoint->port));
	return buf;
}

socklen_t netaddr_sockaddr(
	const struct netaddr_endpoint *endpoint, struct sockaddr_storage *ret_sockaddr)
{
	*ret_sockaddr = (struct sockaddr_storage){ .ss_family = endpoint->family };
	if (endpoint->family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_sockaddr;
		in6->sin6_port = endpoint->port;
		memcpy(&in6->sin6_addr, endpoint->addr.word, sizeof(in6->sin6_addr));
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)ret_sockaddr;
	in->sin_port = endpoint->port;
	in->sin_addr.s_addr = endpoint->addr.word[0];
	return sizeof(*in);
}
