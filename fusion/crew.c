#include "fusion/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define THREADS_MAX 64

struct hand {
	struct crew *crew;
	pthread_t thread;
	unsigned number;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t called, done;
	uint64_t piece;   /* counts up with each call */
	unsigned working; /* hands that have not finished the present piece */
	bool ending;

	void (*part)(void *user, unsigned worker, size_t i);
	void *user;
	size_t n;
	atomic_size_t next;

	unsigned n_hands;
	struct hand hands[THREADS_MAX];
};

static void work(struct crew *c, unsigned number)
{
	for (size_t i; (i = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed)) < c->n;)
		c->part(c->user, number, i);
}

static void *live(void *user)
{
	struct hand *h = user;
	struct crew *c = h->crew;
	uint64_t seen = 0;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (c->piece == seen && !c->ending)
			pthread_cond_wait(&c->called, &c->lock);
		if (c->ending)
			break;
		seen = c->piece;
		pthread_mutex_unlock(&c->lock);
		work(c, h->number);
		pthread_mutex_lock(&c->lock);
		if (--c->working == 0)
			pthread_cond_signal(&c->done);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int crew_new(unsigned threads, struct crew **ret_c)
{
	if (threads < 1 || threads > THREADS_MAX)
		return -EINVAL;

	struct crew *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->called, NULL);
	pthread_cond_init(&c->done, NULL);
	for (unsigned i = 1; i < threads; i++) {
		struct hand *h = &c->hands[c->n_hands];
		*h = (struct hand){ .crew = c, .number = i };
		int error = pthread_create(&h->thread, NULL, live, h);
		if (error) {
			crew_free(c);
			return -error;
		}
		c->n_hands++;
	}
	*ret_c = c;
	return 0;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->ending = true;
	pthread_cond_broadcast(&c->called);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->n_hands; i++)
		pthread_join(c->hands[i].thread, NULL);
	pthread_cond_destroy(&c->done);
	pthread_cond_destroy(&c->called);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void crew_run(struct crew *c, size_t n, void (*part)(void *user, unsigned worker, size_t i), void *user)
{
	if (n < 2 || !c->n_hands) {
		for (size_t i = 0; i < n; i++)
			part(user, 0, i);
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->part = part;
	c->user = user;
	c->n = n;
	atomic_store(&c->next, 0);
	c->working = c->n_hands;
	c->piece++;
	pthread_cond_broadcast(&c->called);
	pthread_mutex_unlock(&c->lock);
	work(c, 0);
	pthread_mutex_lock(&c->lock);
	while (c->working)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
