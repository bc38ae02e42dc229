/*
 * test-socket - datagrams into the ring by a process that is killed, again and again: each is there once, in order; the
 * filter on the socket, and its change under traffic.
 */
#include "tests/assert_near.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/decode/socket.h"

#define KILLS 100
#define PER_LIFE 60
#define TOTAL (KILLS * PER_LIFE)

_Static_assert(TOTAL < RING_SLOTS, "nobody acknowledges");

/* What is sent: a sentence's first byte, so that it passes, and a number. */
struct note {
	char first;
	uint32_t number;
} __attribute__((packed));

static struct feed feed_at(const char *address, const char *source)
{
	struct feed f = { .format = FEED_AIS, .n_sources = 1 };

	assert_null(netaddr_endpoint(address, &f.listen));
	f.listen.port = 0; /* the kernel's choice */
	assert_null(netaddr_network(source, strlen(source), &f.sources[0]));
	return f;
}

static struct feed make_feed(void)
{
	return feed_at("127.0.0.1:1", "127.0.0.1");
}

static void send_note(int sender, uint32_t number)
{
	struct note note = { '!', number };

	assert_int_equal(send(sender, &note, sizeof(note), 0), sizeof(note));
}

static int open_sender(int receiver)
{
	struct sockaddr_storage to;
	socklen_t size = sizeof(to);

	assert_int_equal(getsockname(receiver, (struct sockaddr *)&to, &size), 0);

	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, size), 0);
	return fd;
}

/* A life: takes up the ring, publishes what the one before could not, receives until it is killed. */
static void receive_until_killed(int ring_descriptor, int fd)
{
	const struct feed feed = make_feed();
	struct ring *ring;
	bool is_new;

	if (ring_open(ring_descriptor, 1, &ring, &is_new) < 0 || is_new)
		_exit(1);
	(void)socket_recover(&feed, ring, 1);
	for (;;) {
		if (socket_receive(fd, &feed, ring, 1) < 0)
			_exit(2);
		(void)poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, -1);
	}
}

static void live_and_die(int ring_descriptor, int receiver, int sender, uint32_t *next)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		receive_until_killed(ring_descriptor, receiver);
	for (unsigned i = 0; i < PER_LIFE; i++, ++*next) {
		send_note(sender, *next);
		if (i % 7 == 0)
			usleep((useconds_t)(rand() % 200));
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void a_kill_at_any_moment_loses_and_doubles_nothing(void **state)
{
	struct feed feed = make_feed();
	struct ring *ring;
	bool is_new;
	int filter;
	uint32_t next = 0;
	unsigned recovered;

	(void)state;
	srand(1);
	int receiver = socket_open(&feed);

	assert_true(receiver >= 0);
	assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);

	int sender = open_sender(receiver);

	for (unsigned i = 0; i < KILLS; i++)
		live_and_die(ring_fd(ring), receiver, sender, &next);
	recovered = socket_recover(&feed, ring, 1);
	while (socket_receive(receiver, &feed, ring, 1) > 0)
		;
	assert_int_equal(socket_drops(receiver), 0);
	assert_int_equal(socket_stats(ring)->datagrams, TOTAL);
	assert_int_equal(socket_stats(ring)->bytes, TOTAL * sizeof(struct note));
	assert_int_equal(socket_stats(ring)->unlisted + socket_stats(ring)->wrong_format, 0);
	assert_int_equal(ring_head(ring), TOTAL);
	for (uint32_t i = 0; i < TOTAL; i++) {
		const struct ring_slot *slot = ring_at(ring, i + 1);
		struct note said;

		assert_non_null(slot);
		assert_int_equal(slot->size, sizeof(said));
		assert_int_equal(slot->source, INADDR_LOOPBACK);
		assert_true(slot->recv_ns > 1);
		memcpy(&said, slot->data, sizeof(said));
		assert_int_equal(said.number, i);
	}
	print_message("# %u recovered at the end\n", recovered);
	close(sender);
	close(receiver);
	ring_free(ring);
}

static void what_was_published_is_not_recovered_again(void **state)
{
	struct feed feed = make_feed();
	struct ring *ring;
	bool is_new;
	int filter;

	(void)state;
	int receiver = socket_open(&feed);

	assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);
	assert_int_equal(socket_recover(&feed, ring, 1), 0); /* a new ring */

	int sender = open_sender(receiver);

	for (uint32_t i = 0; i < 3; i++)
		send_note(sender, i);
	assert_int_equal(socket_receive(receiver, &feed, ring, 1), 3);
	assert_int_equal(socket_recover(&feed, ring, 1), 0); /* published already */
	assert_int_equal(ring_head(ring), 3);
	close(sender);
	close(receiver);
	ring_free(ring);
}

static unsigned receive_all(int fd, const struct feed *feed, struct ring *ring)
{
	unsigned n = 0;

	for (int got; (got = socket_receive(fd, feed, ring, 1)) > 0;)
		n += (unsigned)got;
	return n;
}

static void the_kernel_drops_what_is_not_listed_or_not_of_the_format(void **state)
{
	struct feed feed = make_feed();
	struct sockaddr_in other = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
	struct ring *ring;
	bool is_new;
	int filter = 1;

	(void)state;
	int receiver = socket_open(&feed);

	assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
	assert_int_equal(filter, 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);

	int sender = open_sender(receiver), stranger = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in to;
	socklen_t size = sizeof(to);

	assert_int_equal(getsockname(receiver, (struct sockaddr *)&to, &size), 0);
	assert_int_equal(bind(stranger, (struct sockaddr *)&other, sizeof(other)), 0);
	assert_int_equal(sendto(stranger, "!", 1, 0, (struct sockaddr *)&to, size), 1);
	assert_int_equal(send(sender, "?", 1, 0), 1);
	assert_int_equal(send(sender, "", 0, 0), 0);
	send_note(sender, 7);
	assert_int_equal(receive_all(receiver, &feed, ring), 1);
	assert_int_equal(socket_drops(receiver), 3);
	close(stranger);
	close(sender);
	close(receiver);
	ring_free(ring);
}

/* What was queued before, and what comes while the filter changes: the new rules hold, and nobody listed loses anything. */
static void a_reload_is_a_new_filter_and_loses_nothing(void **state)
{
	struct feed feeds[2] = { make_feed(), make_feed() };
	struct ring *ring;
	bool is_new;
	int filter;
	uint32_t sent = 0;

	(void)state;
	assert_null(netaddr_network("127.0.0.0/8", 11, &feeds[1].sources[0]));
	int receiver = socket_open(&feeds[0]);

	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);

	int sender = open_sender(receiver);

	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(socket_prepare(receiver, &feeds[i & 1], &filter), 0);
		assert_int_equal(filter, 0);
		for (unsigned k = 0; k < 5; k++)
			send_note(sender, sent++);
		assert_int_equal(receive_all(receiver, &feeds[i & 1], ring), 5);
	}
	assert_int_equal(socket_drops(receiver), 0);
	assert_int_equal(socket_stats(ring)->datagrams, sent);
	/* Queued under the old rules, refused by the new ones. */
	send_note(sender, 1);
	assert_null(netaddr_network("192.0.2.1", 9, &feeds[0].sources[0]));
	assert_int_equal(socket_prepare(receiver, &feeds[0], &filter), 0);
	assert_int_equal(receive_all(receiver, &feeds[0], ring), 1);
	assert_int_equal(socket_stats(ring)->unlisted, 1);
	assert_int_equal(ring_at(ring, ring_head(ring))->size, 0);
	close(sender);
	close(receiver);
	ring_free(ring);
}

static void ipv6_is_received_from_listed_senders(void **state)
{
	struct feed feed = feed_at("[::1]:1", "::/64"), strange = feed_at("[::1]:1", "2001:db8::/32");
	struct ring *ring;
	bool is_new;
	int filter;

	(void)state;
	int receiver = socket_open(&feed);

	if (receiver == -EADDRNOTAVAIL || receiver == -EAFNOSUPPORT)
		skip();
	assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
	assert_int_equal(filter, 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);

	int sender = open_sender(receiver);

	send_note(sender, 1);
	send_note(sender, 2);
	assert_int_equal(send(sender, "?", 1, 0), 1);
	assert_int_equal(receive_all(receiver, &feed, ring), 2);
	assert_true(ring_at(ring, 1)->source != 0 && ring_at(ring, 1)->source == ring_at(ring, 2)->source);
	assert_true(ring_at(ring, 1)->recv_ns > 1);
	assert_int_equal(socket_prepare(receiver, &strange, &filter), 0);
	send_note(sender, 3);
	assert_int_equal(receive_all(receiver, &strange, ring), 0);
	assert_int_equal(socket_drops(receiver), 2);
	close(sender);
	close(receiver);
	ring_free(ring);
}

/* Headers between the IP header and UDP, and a payload large enough to lie in pages. */
static void options_and_pages_hide_nothing(void **state)
{
	static const uint8_t nops[4] = { 1, 1, 1, 1 }, pad[8] = { 0, 0, 1, 4 };
	static uint8_t blocks[16320];
	static const char *const addresses[] = { "127.0.0.1:1", "[::1]:1" }, *const sources[] = { "127.0.0.1", "::1" };

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		memcpy(blocks + 2040 * i, "\x30\x07\xf8", 3);
	for (unsigned six = 0; six < 2; six++) {
		struct feed feed = feed_at(addresses[six], sources[six]);
		struct ring *ring;
		bool is_new;
		int filter, receiver = socket_open(&feed);

		if (receiver < 0)
			continue;
		feed.format = FEED_ASTERIX;
		assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
		assert_int_equal(filter, 0);
		assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);

		int sender = open_sender(receiver);

		assert_int_equal(send(sender, blocks, sizeof(blocks), 0), sizeof(blocks));
		assert_int_equal(send(sender, blocks, sizeof(blocks) - 1, 0), sizeof(blocks) - 1); /* refused */
		/* IPv6 wants CAP_NET_RAW for it; without, the last one comes without. */
		(void)setsockopt(sender, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_DSTOPTS : IP_OPTIONS, six ? pad : nops,
			six ? sizeof(pad) : sizeof(nops));
		assert_int_equal(send(sender, "\x30\0\4\1", 4, 0), 4);
		assert_int_equal(send(sender, "\x30\0\5\1", 4, 0), 4); /* refused */
		assert_int_equal(receive_all(receiver, &feed, ring), 2);
		assert_int_equal(socket_drops(receiver), 2);
		assert_int_equal(socket_stats(ring)->oversized, 1);
		assert_int_equal(ring_at(ring, 2)->size, 4);
		close(sender);
		close(receiver);
		ring_free(ring);
	}
}

static void the_buffer_of_a_passed_socket_is_left_alone(void **state)
{
	struct feed feed = make_feed();
	int filter, before = 100000, after = 0, receiver = socket_open(&feed);
	socklen_t size = sizeof(before);

	(void)state;
	assert_int_equal(setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &before, sizeof(before)), 0);
	assert_int_equal(getsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &before, &size), 0);
	assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
	assert_int_equal(getsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &after, &size), 0);
	assert_int_equal(before, after);
	close(receiver);
}

static void a_missing_interface_is_told_and_can_come_later(void **state)
{
	struct feed feed = feed_at("239.192.0.77:1", "127.0.0.1");

	(void)state;
	int receiver = socket_open(&feed);

	assert_true(receiver >= 0);
	strcpy(feed.interface, "vd-none");
	assert_int_equal(socket_join(receiver, &feed), -ENODEV);
	strcpy(feed.interface, "lo");
	assert_int_equal(socket_join(receiver, &feed), 0);
	assert_int_equal(socket_join(receiver, &feed), 0); /* already */
	close(receiver);
}

static bool make_line(void)
{
	return system("ip link add vd-near type veth peer name vd-far && ip addr add 2001:db8:77::1/64 dev vd-near nodad && "
		      "ip addr add 2001:db8:77::2/64 dev vd-far nodad && ip link set vd-near up && ip link set vd-far up") == 0;
}

static void send_from_far(const struct feed *feed, uint32_t number)
{
	struct sockaddr_storage to;
	socklen_t size = netaddr_sockaddr(&feed->listen, &to);
	struct note note = { '!', number };
	int far = (int)if_nametoindex("vd-far"), fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &far, sizeof(far)), 0);
	assert_int_equal(sendto(fd, &note, sizeof(note), 0, (struct sockaddr *)&to, size), sizeof(note));
	close(fd);
}

static void a_group_is_joined_again_on_an_interface_that_came_back(void **state)
{
	struct feed feed = feed_at("[ff15::77]:1", "2001:db8:77::/64");
	struct ring *ring;
	bool is_new;
	int filter;

	(void)state;
	if (unshare(CLONE_NEWNET) < 0 || !make_line())
		skip();
	feed.listen.port = htons(8600);
	strcpy(feed.interface, "vd-near");

	int receiver = socket_open(&feed);

	assert_true(receiver >= 0);
	assert_int_equal(socket_prepare(receiver, &feed, &filter), 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);
	for (uint32_t n = 1; n <= 3; n++) {
		assert_int_equal(socket_join(receiver, &feed), 0);
		send_from_far(&feed, n);
		(void)poll(&(struct pollfd){ receiver, POLLIN, 0 }, 1, 5000);
		assert_int_equal(receive_all(receiver, &feed, ring), 1);
		assert_int_equal(system("ip link del vd-near"), 0);
		assert_int_equal(socket_join(receiver, &feed), -ENODEV);
		assert_true(make_line());
	}
	close(receiver);
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_drops_what_is_not_listed_or_not_of_the_format),
		cmocka_unit_test(a_reload_is_a_new_filter_and_loses_nothing),
		cmocka_unit_test(ipv6_is_received_from_listed_senders),
		cmocka_unit_test(options_and_pages_hide_nothing),
		cmocka_unit_test(the_buffer_of_a_passed_socket_is_left_alone),
		cmocka_unit_test(a_missing_interface_is_told_and_can_come_later),
		cmocka_unit_test(what_was_published_is_not_recovered_again),
		cmocka_unit_test(a_kill_at_any_moment_loses_and_doubles_nothing),
		cmocka_unit_test(a_group_is_joined_again_on_an_interface_that_came_back), /* leaves the host's network: the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
