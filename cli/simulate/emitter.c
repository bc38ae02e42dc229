#include "cli/simulate/emitter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

/* TTL 1, which IPv6 has without asking: sensor data stays on its own wire. */
static int open_multicast4(int fd, const struct netaddr *from, const char *interface)
{
	const int ttl = 1;
	struct ip_mreqn out = { .imr_address.s_addr = from->word[0], .imr_ifindex = (int)if_nametoindex(interface) };
	if (*interface && !out.imr_ifindex)
		return -ENODEV;
	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) < 0 ||
		setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out)) < 0)
		return -errno;
	return 0;
}

static int open_multicast6(int fd, const char *interface)
{
	unsigned out = if_nametoindex(interface);
	if (*interface && !out)
		return -ENODEV;
	return setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &out, sizeof(out)) < 0 ? -errno : 0;
}

int emitter_open_socket(struct emitter *e, const char *name, const struct netaddr_endpoint *to, const struct netaddr_endpoint *from,
	const char *interface)
{
	struct netaddr_endpoint any_port = { .family = to->family, .addr = from->addr };
	struct sockaddr_storage local, receiver;
	socklen_t size = netaddr_sockaddr(&any_port, &local);
	int fd = socket(to->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&local, size) < 0)
		r = -errno;
	if (r == 0 && netaddr_is_group(to->family, &to->addr))
		r = to->family == AF_INET6 ? open_multicast6(fd, interface) : open_multicast4(fd, &from->addr, interface);
	if (r < 0) {
		close(fd);
		return r;
	}
	size = netaddr_sockaddr(to, &receiver);
	*e = (struct emitter){ .kind = EMITTER_SOCKET, .name = name, .receiver = receiver, .receiver_size = size, .fd = fd };
	return 0;
}

static void put(FILE *f, unsigned bytes, uint32_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		fputc((int)(value >> 8 * i & 0xff), f);
}

/* libpcap's file format, little-endian, microseconds, link type 1 = Ethernet. */
static void put_pcap_header(FILE *f)
{
	put(f, 4, 0xa1b2c3d4);
	put(f, 2, 2);
	put(f, 2, 4);
	put(f, 4, 0);
	put(f, 4, 0);
	put(f, 4, 65535);
	put(f, 4, 1);
}

int emitter_open_file(struct emitter *e, enum emitter_kind kind, const char *dir, const char *name,
	const struct sockaddr_in *to, const struct sockaddr_in *from)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, kind == EMITTER_TEXT ? "aivdm" : "pcap");
	FILE *f = fopen(path, "we");
	if (!f)
		return -errno;
	if (kind == EMITTER_PCAP)
		put_pcap_header(f);
	*e = (struct emitter){ .kind = kind, .name = name, .to = *to, .from = *from, .fd = -1, .file = f };
	return 0;
}

static void store16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned internet_checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Ethernet, IPv4 and UDP in front of the payload. */
static size_t headers(struct emitter *e, size_t n, uint8_t *h)
{
	uint8_t *ip = h + 14, *udp = ip + 20;
	memset(h, 0, 42);
	h[0] = h[6] = 2; /* locally administered */
	store16(h + 12, 0x0800);
	ip[0] = 0x45;
	store16(ip + 2, (unsigned)(28 + n));
	store16(ip + 4, e->packet_id++);
	ip[8] = 1;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, &e->from.sin_addr, 4);
	memcpy(ip + 16, &e->to.sin_addr, 4);
	store16(ip + 10, internet_checksum(ip, 20));
	store16(udp, ntohs(e->to.sin_port));
	store16(udp + 2, ntohs(e->to.sin_port));
	store16(udp + 4, (unsigned)(8 + n)); /* checksum 0: none */
	return 42;
}

static void send_pcap(struct emitter *e, int64_t time_ns, const void *data, size_t n)
{
	uint8_t h[64];
	size_t head = headers(e, n, h);
	put(e->file, 4, (uint32_t)(time_ns / CLOCK_NS_PER_S));
	put(e->file, 4, (uint32_t)(time_ns % CLOCK_NS_PER_S / 1000));
	put(e->file, 4, (uint32_t)(head + n));
	put(e->file, 4, (uint32_t)(head + n));
	fwrite(h, 1, head, e->file);
	fwrite(data, 1, n, e->file);
}

/* \c:MILLISECONDS*hh\ before the sentence, as receivers log. */
static void send_text(struct emitter *e, int64_t time_ns, const char *data, size_t n)
{
	char tag[64];
	uint8_t sum = 0;
	if (n == 0 || data[0] != '\\') {
		snprintf(tag, sizeof(tag), "c:%lld", (long long)(time_ns / CLOCK_NS_PER_MS));
		for (const char *c = tag; *c; c++)
			sum ^= (uint8_t)*c;
		fprintf(e->file, "\\%s*%02X\\", tag, sum);
	}
	fwrite(data, 1, n, e->file);
}

void emitter_send(struct emitter *e, int64_t time_ns, const void *data, size_t n)
{
	if (e->kind == EMITTER_SOCKET &&
		sendto(e->fd, data, n, 0, (const struct sockaddr *)&e->receiver, e->receiver_size) < 0) {
		/* No buffer, nobody there, link down: a sensor would not care either. */
		e->refused++;
		return;
	}
	if (e->kind == EMITTER_PCAP)
		send_pcap(e, time_ns, data, n);
	if (e->kind == EMITTER_TEXT)
		send_text(e, time_ns, data, n);
	e->datagrams++;
	e->bytes += n;
}

int emitter_close(struct emitter *e)
{
	int r = 0;
	if (e->kind == EMITTER_SOCKET && e->fd >= 0)
		close(e->fd);
	if (e->file && (fflush(e->file) != 0 || ferror(e->file)))
		r = -EIO;
	if (e->file && fclose(e->file) != 0)
		r = -EIO;
	*e = (struct emitter){ .kind = EMITTER_NULL, .name = e->name, .fd = -1, .datagrams = e->datagrams,
		.bytes = e->bytes, .refused = e->refused };
	return r;
}
