#include "sensor/decode/asterix/asterix_time.h"

#include <stdlib.h>

#define NS_PER_S INT64_C(1000000000)
#define TICK_NS (NS_PER_S / 128)
#define DAY_NS (86400 * NS_PER_S)
#define TRUNCATED_NS (65536 * TICK_NS) /* I001/141: 512 s */

/* The instant @since_ns into some @period_ns that is nearest to @near_ns. */
static int64_t nearest(int64_t since_ns, int64_t period_ns, int64_t near_ns)
{
	int64_t t = near_ns - (near_ns % period_ns + period_ns) % period_ns + since_ns;

	if (t - near_ns > period_ns / 2)
		t -= period_ns;
	else if (near_ns - t > period_ns / 2)
		t += period_ns;
	return t;
}

int64_t asterix_time_ns(uint32_t tod_128, int64_t near_ns)
{
	return nearest((int64_t)tod_128 * TICK_NS, DAY_NS, near_ns);
}

/* A day is no whole number of 512 s, the truncated time begins anew at midnight: the nearest of three days. */
static int64_t truncated(uint32_t tod_128, int64_t near_ns)
{
	int64_t midnight = near_ns - (near_ns % DAY_NS + DAY_NS) % DAY_NS;
	int64_t first = (int64_t)tod_128 * TICK_NS, last = DAY_NS - 1 - (DAY_NS - 1 - first) % TRUNCATED_NS;
	int64_t best = midnight + first;

	for (int64_t day = midnight - DAY_NS; day <= midnight + DAY_NS; day += DAY_NS) {
		int64_t t = nearest(first, TRUNCATED_NS, near_ns - day);

		t = day + (t < 0 ? first : t > last ? last : t);
		if (llabs(t - near_ns) < llabs(best - near_ns))
			best = t;
	}
	return best;
}

bool asterix_time_of(const struct asterix_record *r, int64_t near_ns, int64_t *ret_ns)
{
	const struct asterix_category *c = r->category;

	for (unsigned i = 0; i < ASTERIX_TIMES_MAX && c->time_frn[i]; i++) {
		unsigned index = c->time_frn[i] - 1u, bits = 8u * c->uap[index].size;

		if (!asterix_has(r, index))
			continue;

		uint32_t tod = (uint32_t)bits_get(r->items[index], 0, bits);

		*ret_ns = bits == 24 ? asterix_time_ns(tod, near_ns) : truncated(tod, near_ns);
		return true;
	}
	return false;
}

static struct asterix_time_source *find(struct asterix_time *t, uint16_t source)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->of[i].source == source)
			return &t->of[i];
	return NULL;
}

/* The oldest gives way: a radar that is alive says its time every sector. */
static struct asterix_time_source *add(struct asterix_time *t, uint16_t source)
{
	struct asterix_time_source *s = find(t, source);

	if (s)
		return s;
	s = &t->of[t->next++ % ASTERIX_TIME_SOURCES_MAX];
	if (t->n < ASTERIX_TIME_SOURCES_MAX)
		t->n++;
	s->source = source;
	return s;
}

int64_t asterix_time_near(struct asterix_time *t, const struct asterix_record *r, int64_t recv_ns)
{
	uint8_t cat = r->category->cat;
	int64_t own_ns;

	if (cat > 2 || !recv_ns || !asterix_has(r, 0)) /* FRN 1 of both is I00x/010 */
		return recv_ns;

	uint16_t source = (uint16_t)bits_get(r->items[0], 0, 16);
	const struct asterix_time_source *s = find(t, source);

	if (cat == 2 && asterix_time_of(r, recv_ns, &own_ns))
		add(t, source)->ahead_ns = own_ns - recv_ns;
	return cat == 1 && s ? recv_ns + s->ahead_ns : recv_ns;
}
