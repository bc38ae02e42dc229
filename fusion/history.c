#include "fusion/history.h"

#include <errno.h>

static void step(struct filter *f, int64_t *time_ns, const struct filter_input *in,
	const struct filter_model *m)
{
	filter_predict(f, (double)(in->time_ns - *time_ns) * 1e-9, m);
	filter_update(f, in);
	*time_ns = in->time_ns;
}

void history_init(struct history *h, const struct filter *f, int64_t time_ns)
{
	h->anchor_ns = h->time_ns = time_ns;
	h->anchor = *f;
	h->first = h->n = 0;
}

static struct filter_input *input(struct history *h, unsigned i)
{
	return &h->inputs[(h->first + i) % HISTORY_INPUTS];
}

/* Makes room: the oldest input becomes part of the anchor. */
static void fold(struct history *h, const struct filter_model *m)
{
	step(&h->anchor, &h->anchor_ns, input(h, 0), m);
	h->first = (h->first + 1) % HISTORY_INPUTS;
	h->n--;
}

int history_update(struct history *h, const struct filter_input *in, const struct filter_model *m,
	struct filter *f)
{
	if (in->time_ns < h->anchor_ns)
		return -ETIME;
	if (h->n == HISTORY_INPUTS)
		fold(h, m);
	if (in->time_ns < h->anchor_ns)
		return -ETIME;

	if (in->time_ns >= h->time_ns) {
		step(f, &h->time_ns, in, m);
		*input(h, h->n++) = *in;
		return 0;
	}

	unsigned at = h->n++;
	for (; at > 0 && input(h, at - 1)->time_ns > in->time_ns; at--)
		*input(h, at) = *input(h, at - 1);
	*input(h, at) = *in;

	int64_t t = h->anchor_ns;
	*f = h->anchor;
	for (unsigned i = 0; i < h->n; i++)
		step(f, &t, input(h, i), m);
	return 0;
}
