#include "common/bus_queue.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int bus_queue_init(struct bus_queue *q)
{
	*q = (struct bus_queue){ .end = &q->first };
	(void)pthread_mutex_init(&q->lock, NULL);
	q->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return q->wake_fd < 0 ? -errno : 0;
}

void bus_queue_done(struct bus_queue *q)
{
	if (q->wake_fd >= 0)
		(void)close(q->wake_fd);
	pthread_mutex_destroy(&q->lock);
}

void bus_queue_kick(struct bus_queue *q)
{
	uint64_t one = 1;
	/* Full means that a wake-up is due anyway. */
	if (write(q->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void bus_queue_complete(void *arg)
{
	struct bus_op *op = arg;
	struct bus_queue *q = op->queue;

	(void)pthread_mutex_lock(&q->lock);
	bool first = !q->first;
	if (!op->queued) {
		op->queued = true;
		op->next = NULL;
		*q->end = op;
		q->end = &op->next;
	}
	(void)pthread_mutex_unlock(&q->lock);
	if (first)
		bus_queue_kick(q);
}

struct bus_op *bus_queue_take(struct bus_queue *q)
{
	(void)pthread_mutex_lock(&q->lock);
	struct bus_op *op = q->first;
	if (op) {
		q->first = op->next;
		if (!q->first)
			q->end = &q->first;
		op->queued = false;
	}
	(void)pthread_mutex_unlock(&q->lock);
	return op;
}

bool bus_queue_empty(struct bus_queue *q)
{
	(void)pthread_mutex_lock(&q->lock);
	bool empty = !q->first;
	(void)pthread_mutex_unlock(&q->lock);
	return empty;
}

void bus_queue_forget(struct bus_op *op)
{
	struct bus_queue *q = op->queue;

	(void)pthread_mutex_lock(&q->lock);
	for (struct bus_op **p = &q->first; *p; p = &(*p)->next)
		if (*p == op) {
			*p = op->next;
			if (!*p)
				q->end = p;
			break;
		}
	(void)pthread_mutex_unlock(&q->lock);
}
