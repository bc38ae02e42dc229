#include "sensor/decode/inlet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "sensor/decode/handover.h"

#define WORD_KEEP_NS (60 * CLOCK_NS_PER_S) /* dial waits 30 s at most between two tries */

struct inlet {
	sd_event *event;
	struct ring *ring;
	const struct inlet_ops *ops;
	void *user;
	sd_event_source *listener, *control, *source; /* each owns its descriptor */
	sd_event_source *resume;		      /* runs once when there is room again */
	uint64_t connections;
	uint32_t peer; /* struct ring_slot's source */
	struct stream stream;
	uint8_t word[HANDOVER_WORD_MAX]; /* the newest of dial's */
	size_t word_size;
	int64_t word_ns; /* when it came, monotonic */
};

static int watch(struct inlet *i, int fd, sd_event_io_handler_t handler, sd_event_source **source)
{
	int r = sd_event_add_io(i->event, source, fd, EPOLLIN, handler, i);

	if (r < 0) {
		close(fd);
		return r;
	}
	return sd_event_source_set_io_fd_own(*source, true);
}

static void want(struct inlet *i)
{
	if (i->control && !i->source)
		(void)handover_want(sd_event_source_get_io_fd(i->control)); /* else its end is seen next */
}

static void end_stream(struct inlet *i)
{
	i->source = sd_event_source_disable_unref(i->source);
	stream_end(&i->stream);
	want(i);
}

static void move(struct inlet *i)
{
	int moved = stream_move(&i->stream, i->ring, i->peer, clock_now_ns());

	if (moved < 0)
		end_stream(i);
	if (!ring_room(i->ring) && i->source) {
		(void)sd_event_source_set_enabled(i->source, SD_EVENT_OFF);
		i->ops->stalled(i->user);
	}
	i->ops->arrived(i->user);
}

static int on_stream(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct inlet *i = user;
	size_t space;
	uint8_t *p = stream_space(&i->stream, &space);
	ssize_t n = read(fd, p, space);

	(void)source;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		end_stream(i);
		return 0;
	}
	stream_added(&i->stream, (size_t)n);
	move(i);
	return 0;
}

/* As for datagrams: the IPv4 address, of IPv6 the last 32 bits, 0 for a serial line. */
static uint32_t peer_of(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof(a);
	uint32_t v = 0;

	if (getpeername(fd, (struct sockaddr *)&a, &len) < 0)
		return 0;
	if (a.ss_family == AF_INET)
		v = ((const struct sockaddr_in *)&a)->sin_addr.s_addr;
	else if (a.ss_family == AF_INET6)
		memcpy(&v, ((const struct sockaddr_in6 *)&a)->sin6_addr.s6_addr + 12, sizeof(v));
	return ntohl(v);
}

static void take_stream(struct inlet *i, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	i->source = sd_event_source_disable_unref(i->source);
	stream_end(&i->stream);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		close(fd);
		want(i);
		return;
	}
	i->connections++;
	i->peer = peer_of(fd);
	if (watch(i, fd, on_stream, &i->source) < 0)
		want(i);
	else if (!ring_room(i->ring))
		(void)sd_event_source_set_enabled(i->source, SD_EVENT_OFF);
}

static int on_control(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct inlet *i = user;
	static uint8_t word[HANDOVER_WORD_MAX];
	size_t size;
	int given = handover_take(fd, word, &size);

	(void)source;
	(void)revents;
	if (size) {
		memcpy(i->word, word, size);
		i->word_size = size;
		i->word_ns = clock_mono_ns();
	}
	if (given >= 0) {
		take_stream(i, given);
	} else if (given != -EAGAIN) {
		i->control = sd_event_source_disable_unref(i->control);
		i->word_size = 0;
	}
	return 0;
}

static int on_listener(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct inlet *i = user;
	int control = handover_accept(fd);

	(void)source;
	(void)revents;
	if (control < 0)
		return 0;
	i->control = sd_event_source_disable_unref(i->control);
	if (watch(i, control, on_control, &i->control) >= 0)
		want(i);
	return 0;
}

/* What waits in the window may be whole without another byte. */
static int on_resume(sd_event_source *source, void *user)
{
	struct inlet *i = user;

	(void)source;
	if (i->source)
		(void)sd_event_source_set_enabled(i->source, SD_EVENT_ON);
	move(i);
	return 0;
}

int inlet_new(sd_event *event, int listener, const struct format *format, struct ring *ring, const struct inlet_ops *ops,
	void *user, struct inlet **ret_inlet)
{
	struct inlet *i = calloc(1, sizeof(*i));

	if (!i) {
		close(listener);
		return -ENOMEM;
	}
	i->event = event;
	i->ring = ring;
	i->ops = ops;
	i->user = user;
	i->stream.format = format;

	int r = watch(i, listener, on_listener, &i->listener);

	if (r >= 0)
		r = sd_event_add_defer(event, &i->resume, on_resume, i);
	if (r >= 0)
		r = sd_event_source_set_enabled(i->resume, SD_EVENT_OFF);
	if (r < 0) {
		inlet_free(i);
		return r;
	}
	*ret_inlet = i;
	return 0;
}

void inlet_free(struct inlet *i)
{
	if (!i)
		return;
	sd_event_source_disable_unref(i->source);
	sd_event_source_disable_unref(i->control);
	sd_event_source_disable_unref(i->listener);
	sd_event_source_disable_unref(i->resume);
	free(i);
}

void inlet_resume(struct inlet *i)
{
	(void)sd_event_source_set_enabled(i->resume, SD_EVENT_ONESHOT);
}

bool inlet_connected(const struct inlet *i)
{
	return i->source != NULL;
}

const struct stream_stats *inlet_stats(const struct inlet *i)
{
	return &i->stream.stats;
}

uint64_t inlet_connections(const struct inlet *i)
{
	return i->connections;
}

const void *inlet_word(const struct inlet *i, size_t *ret_size)
{
	if (!i->word_size || clock_mono_ns() - i->word_ns > WORD_KEEP_NS)
		return NULL;
	*ret_size = i->word_size;
	return i->word;
}
