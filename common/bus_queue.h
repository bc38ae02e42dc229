/*
 * bus_queue - how nng's threads hand finished operations to the loop. Internal to the bus.
 *
 * A list of operations under a lock, and an eventfd that is readable while the list is not empty. An operation is on it at
 * most once, so the list is bounded by the number of operations.
 */
#pragma once

#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>

struct bus;
struct bus_conn;

enum bus_op_kind { BUS_OP_ACCEPT, BUS_OP_DIAL, BUS_OP_RECV, BUS_OP_SEND, BUS_OP_HANDSHAKE };

struct bus_op {
	enum bus_op_kind kind;
	struct bus_queue *queue;
	struct bus_conn *conn; /* RECV, SEND, HANDSHAKE */
	nng_aio *aio;	       /* not HANDSHAKE */
	struct bus_op *next;
	bool queued;
};

struct bus_queue {
	int wake_fd;
	pthread_mutex_t lock;
	struct bus_op *first, **end;
};

int bus_queue_init(struct bus_queue *q); /* 0 or -errno */
void bus_queue_done(struct bus_queue *q);

void bus_queue_kick(struct bus_queue *q); /* makes the eventfd readable */
void bus_queue_complete(void *op);	  /* any thread; a nng_aio callback of a struct bus_op */

/* The rest for the loop's thread only. */
struct bus_op *bus_queue_take(struct bus_queue *q); /* NULL when empty */
bool bus_queue_empty(struct bus_queue *q);
void bus_queue_forget(struct bus_op *op); /* before its memory goes; nng must be through with it */
