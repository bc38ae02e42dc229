#include "sensor/decode/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/wire.h"
#include "sensor/decode/handover.h"

#define CONNECT_MS 5000
/* A peer that vanished without a word is noticed within half a minute. */
#define KEEPALIVE_IDLE_S 15
#define KEEPALIVE_INTERVAL_S 5
#define KEEPALIVE_COUNT 3
#define USER_TIMEOUT_MS 30000
/* Doubling from the first to the last; each wait is cut by up to its half at random, so that masts do not dial in step. */
#define DELAY_FIRST_MS 250
#define DELAY_LAST_MS 30000
#define STEADY_NS (10 * CLOCK_NS_PER_S) /* a stream that lived so long was a good one: the delay starts afresh */
#define SENSOR_RETRY_MS 500
#define WORD_MS 5000 /* between two words of our own health */

enum { ATTEMPTS, FAILED, GIVEN, _COUNTERS };
static struct counter counters[_COUNTERS] = {
	[ATTEMPTS] = { "vedette_dial_attempts_total", "times the address or device was opened, or not" },
	[FAILED] = { "vedette_dial_failures_total", "of them, those that failed" },
	[GIVEN] = { "vedette_dial_streams_total", "streams handed to the sensor" },
};

struct dial {
	const struct feed *feed;
	char target[320]; /* for people */
	int control;	  /* to the sensor */
	int delay_ms;
	int last_error;	  /* what was told last; 0 = it worked */
	int64_t given_ns; /* monotonic; 0 = never */
};

static int set_number(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int set_keepalive(int fd)
{
	int r = set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);

	if (r == 0)
		r = set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	if (r == 0)
		r = set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	if (r == 0)
		r = set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
	return r == 0 ? set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS) : r;
}

/* The outcome of a connect() under way. */
static int finish_connect(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int err = 0, n = poll(&p, 1, CONNECT_MS);
	socklen_t len = sizeof(err);

	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 ? -errno : -err;
}

static int connect_to(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : set_keepalive(fd);

	if (r == 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0)
		r = errno == EINPROGRESS ? finish_connect(fd) : -errno;
	if (r < 0 && fd >= 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* Each address of the name in turn. */
static int open_connection(const struct feed *feed)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *all;
	char port[8];
	int fd = -EHOSTUNREACH;

	snprintf(port, sizeof(port), "%u", feed->connect_port);

	int r = getaddrinfo(feed->connect_host, port, &hints, &all);

	if (r != 0) {
		log_debug("%s: %s", feed->connect_host, gai_strerror(r));
		return r == EAI_SYSTEM ? -errno : -EADDRNOTAVAIL;
	}
	for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
		fd = connect_to(a);
	freeaddrinfo(all);
	return fd;
}

/* Raw bytes, 8N1, no flow control; not our terminal. */
static int set_line(int fd, uint64_t baud)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return -errno;
	cfmakeraw(&t);
	t.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	/* glibc takes the number itself as well as its constant. */
	if (cfsetspeed(&t, (speed_t)baud) < 0 || tcsetattr(fd, TCSANOW, &t) < 0 || tcflush(fd, TCIFLUSH) < 0)
		return -errno;
	return 0;
}

static int open_device(const struct feed *feed)
{
	int fd = open(feed->device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int r = fd < 0 ? -errno : set_line(fd, feed->baud);

	if (r < 0 && fd >= 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* Our health, for the sensor to pass on. */
static void say_health(const struct dial *d)
{
	struct wire_health h = { .process = "dial", .time_ns = clock_now_ns(), .state = WIRE_UP };
	uint8_t buf[WIRE_OBJECT_MAX];

	_Static_assert(WIRE_OBJECT_MAX == HANDOVER_WORD_MAX, "a word holds any object");
	memcpy(h.feed, d->feed->name, sizeof(h.feed));
	if (d->last_error) {
		h.state = WIRE_BLIND;
		snprintf(h.reason, sizeof(h.reason), "%.80s: %.40s", d->target, strerror(-d->last_error));
	}
	wire_health_counters(&h);

	ssize_t n = wire_put_health(buf, sizeof(buf), &h);

	if (n > 0)
		handover_tell(d->control, buf, (size_t)n);
}

/* True when the sensor went away meanwhile. */
static bool pause_for(const struct dial *d, int ms)
{
	struct pollfd p = { .fd = d->control, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* The next wait, somewhere in its upper half. */
static int next_delay(struct dial *d)
{
	uint32_t random = 0;

	if (d->given_ns && clock_mono_ns() - d->given_ns > STEADY_NS)
		d->delay_ms = 0;
	d->given_ns = 0;
	d->delay_ms = d->delay_ms ? 2 * d->delay_ms : DELAY_FIRST_MS;
	if (d->delay_ms > DELAY_LAST_MS)
		d->delay_ms = DELAY_LAST_MS;
	(void)getrandom(&random, sizeof(random), GRND_NONBLOCK);
	return d->delay_ms - (int)(random % ((unsigned)d->delay_ms / 2));
}

/* A change is worth a line, the hundredth failure of a kind is not. */
static void tell(struct dial *d, int r)
{
	if (r < 0 && r != d->last_error)
		log_warning("%s: %s, trying again and again", d->target, strerror(-r));
	if (r >= 0)
		log_notice("%s: connected", d->target);
	loop_status("%s: %s", d->target, r < 0 ? strerror(-r) : "connected");
	d->last_error = r < 0 ? r : 0;
}

/* Until it is open. Return: fd; -EPIPE when the sensor went away; -EPERM when the unit's rules must be made anew. */
static int open_stream(struct dial *d)
{
	bool again = d->given_ns != 0 || d->last_error;

	for (;; again = true) {
		if (again && pause_for(d, next_delay(d)))
			return -EPIPE;

		int fd = *d->feed->device ? open_device(d->feed) : open_connection(d->feed);

		counters[ATTEMPTS].value++;
		counters[FAILED].value += fd < 0;
		tell(d, fd);
		say_health(d);
		if (fd >= 0 || (fd == -EPERM && *d->feed->device))
			return fd;
	}
}

static int serve(struct dial *d)
{
	int r;

	for (;;) {
		say_health(d);
		r = handover_wait(d->control, WORD_MS);
		if (r == -ETIMEDOUT)
			continue;
		if (r < 0)
			return r;

		int fd = open_stream(d);

		if (fd < 0)
			return fd;
		r = handover_give(d->control, fd);
		close(fd);
		d->given_ns = clock_mono_ns();
		counters[GIVEN].value++;
		if (r < 0)
			return r;
	}
}

void dial_run(const struct feed *feed, const char *socket_path)
{
	struct dial d = { .feed = feed };
	int r = 0;

	counter_register(counters, _COUNTERS);
	if (*feed->device)
		snprintf(d.target, sizeof(d.target), "%s", feed->device);
	else
		snprintf(d.target, sizeof(d.target), "%s port %u", feed->connect_host, feed->connect_port);
	loop_ready("%s: waiting for the sensor", d.target);
	while (r != -EPERM) {
		d.control = handover_connect(socket_path);
		r = d.control < 0 ? d.control : serve(&d);
		if (d.control >= 0)
			close(d.control);
		log_debug("%s: %s", socket_path, strerror(-r));
		(void)poll(NULL, 0, SENSOR_RETRY_MS);
	}
	log_error("%s: not allowed to open it; starting anew, for a device that came later than the unit", d.target);
}
