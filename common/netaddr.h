/*
 * netaddr - internet addresses of either family as text in configuration and as words in packets.
 *
 * Source: RFC 4291 and 5952 (text of IPv6), RFC 4632 (prefixes).
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define NETADDR_TEXT_MAX (INET6_ADDRSTRLEN + 8) /* "[IPV6]:PORT" with its NUL */

/* As it lies in a packet; IPv4 is the first word, the others zero. All zero: any. */
struct netaddr {
	uint32_t word[4];
};

struct netaddr_endpoint {
	sa_family_t family; /* AF_INET or AF_INET6; 0 = there is none */
	in_port_t port;     /* network byte order */
	struct netaddr addr;
};

/* @addr has no bit set that @mask has not. */
struct netaddr_network {
	sa_family_t family;
	struct netaddr addr, mask;
};

/** netaddr_endpoint() - of @text, "192.0.2.1:8600" or "[2001:db8::1]:8600". Return: NULL, or the
 * reason why not (static). */
const char *netaddr_endpoint(const char *text, struct netaddr_endpoint *ret_endpoint);

/** netaddr_network() - of the first @n bytes of @text: an address, or ADDRESS/LENGTH. Return: as
 * above. */
const char *netaddr_network(const char *text, size_t n, struct netaddr_network *ret_network);

unsigned netaddr_prefix(const struct netaddr_network *network); /* its length in bits */
bool netaddr_in(
	const struct netaddr_network *network, const struct netaddr *addr); /* of the same family */
bool netaddr_is_any(const struct netaddr *addr);
bool netaddr_is_group(
	sa_family_t family, const struct netaddr *addr); /* multicast: 224.0.0.0/4, ff00::/8 */
bool netaddr_same(const struct netaddr_endpoint *a, const struct netaddr_endpoint *b);

/** netaddr_text() - the address alone, as RFC 5952 writes it. Return: @buf. */
const char *netaddr_text(
	sa_family_t family, const struct netaddr *addr, char buf[static NETADDR_TEXT_MAX]);

/** netaddr_endpoint_text() - as netaddr_endpoint() takes it. Return: @buf. */
const char *netaddr_endpoint_text(
	const struct netaddr_endpoint *endpoint, char buf[static NETADDR_TEXT_MAX]);

/** netaddr_sockaddr() - for bind() and connect(). Return: its length. */
socklen_t netaddr_sockaddr(
	const struct netaddr_endpoint *endpoint, struct sockaddr_storage *ret_sockaddr);
