#include "fusion/history.h"

#include <errno.h>
#include <string.h>

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
	h->n = 0;
}

/* Makes room: the oldest input becomes part of the anchor. */
static void fold(struct history *h, const struct filter_model *m)
{
	step(&h->anchor, &h->anchor_ns, &h->inputs[0], m);
	memmove(&h->inputs[0], &h->inputs[1], (h->n - 1) * sizeof(h->inputs[0]));
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
		h->inputs[h->n++] = *in;
		return 0;
	}

	unsigned at = h->n;
	while (at > 0 && h->inputs[at - 1].time_ns > in->time_ns)
		at--;
	memmove(&h->inputs[at + 1], &h->inputs[at], (h->n - at) * sizeof(h->inputs[0]));
	h->inputs[at] = *in;
	h->n++;

	int64_t t = h->anchor_ns;
	*f = h->anchor;
	for (unsigned i = 0; i < h->n; i++)
		step(f, &t, &h->inputs[i], m);
	return 0;
}
