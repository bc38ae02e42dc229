/*
 * test-socket - datagrams into the ring by a process that is killed, again and again: each is there once, in order.
 */
#include "tests/assert_near.h"

#include <arpa/inet.h>
#include <poll.h>
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

static struct feed make_feed(void)
{
	struct feed f = { .format = FEED_AIS, .n_sources = 1 };

	f.listen = (struct netaddr_endpoint){ AF_INET, 0, { { htonl(INADDR_LOOPBACK) } } };
	assert_null(netaddr_network("127.0.0.1", 9, &f.sources[0]));
	return f;
}

static int open_sender(int receiver)
{
	struct sockaddr_in to;
	socklen_t size = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(getsockname(receiver, (struct sockaddr *)&to, &size), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, size), 0);
	return fd;
}

/* A life: takes up the ring, publishes what the one before could not, receives until it is killed. */
static void receive_until_killed(int ring_descriptor, int fd)
{
	struct socket_stats stats = { 0 };
	struct ring *ring;
	bool is_new;

	if (ring_open(ring_descriptor, 1, &ring, &is_new) < 0 || is_new)
		_exit(1);
	(void)socket_recover(ring, 1, &stats);
	for (;;) {
		if (socket_receive(fd, ring, 1, &stats) < 0)
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
		assert_int_equal(send(sender, next, sizeof(*next), 0), sizeof(*next));
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
	struct socket_stats stats = { 0 };
	struct ring *ring;
	bool is_new, stale;
	uint32_t next = 0;
	unsigned recovered;

	(void)state;
	srand(1);
	int receiver = socket_open(&feed);

	assert_true(receiver >= 0);
	assert_int_equal(socket_prepare(receiver, &feed, &stale), 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);

	int sender = open_sender(receiver);

	for (unsigned i = 0; i < KILLS; i++)
		live_and_die(ring_fd(ring), receiver, sender, &next);
	recovered = socket_recover(ring, 1, &stats);
	while (socket_receive(receiver, ring, 1, &stats) > 0)
		;
	assert_int_equal(stats.drops, 0);
	assert_int_equal(ring_head(ring), TOTAL);
	for (uint32_t i = 0; i < TOTAL; i++) {
		const struct ring_slot *slot = ring_at(ring, i + 1);
		uint32_t said;

		assert_non_null(slot);
		assert_int_equal(slot->size, sizeof(said));
		assert_int_equal(slot->source, INADDR_LOOPBACK);
		assert_true(slot->recv_ns > 1);
		memcpy(&said, slot->data, sizeof(said));
		assert_int_equal(said, i);
	}
	print_message("# %u recovered at the end\n", recovered);
	close(sender);
	close(receiver);
	ring_free(ring);
}

static void what_was_published_is_not_recovered_again(void **state)
{
	struct feed feed = make_feed();
	struct socket_stats stats = { 0 };
	struct ring *ring;
	bool is_new, stale;

	(void)state;
	int receiver = socket_open(&feed);

	assert_int_equal(socket_prepare(receiver, &feed, &stale), 0);
	assert_int_equal(ring_open(-1, 1, &ring, &is_new), 0);
	assert_int_equal(socket_recover(ring, 1, &stats), 0); /* a new ring */

	int sender = open_sender(receiver);

	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(send(sender, &i, sizeof(i), 0), sizeof(i));
	assert_int_equal(socket_receive(receiver, ring, 1, &stats), 3);
	assert_int_equal(socket_recover(ring, 1, &stats), 0); /* published already */
	assert_int_equal(ring_head(ring), 3);
	close(sender);
	close(receiver);
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_published_is_not_recovered_again),
		cmocka_unit_test(a_kill_at_any_moment_loses_and_doubles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
