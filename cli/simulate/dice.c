#include "cli/simulate/dice.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void dice_init(struct dice *d, uint64_t seed, const char *name)
{
	/* FNV-1a over the name, then the seed. */
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	h ^= seed * UINT64_C(0x9e3779b97f4a7c15);
	for (unsigned i = 0; i < 4; i++)
		d->s[i] = splitmix(&h);
}

static uint64_t rotl(uint64_t x, unsigned k)
{
	return x << k | x >> (64 - k);
}

uint64_t dice_u64(struct dice *d)
{
	uint64_t *s = d->s, r = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return r;
}

double dice_uniform(struct dice *d)
{
	return (double)(dice_u64(d) >> 11) * 0x1p-53;
}

double dice_normal(struct dice *d)
{
	/* Box and Muller; the second value is thrown away so that a throw has no memory. */
	double u = 1 - dice_uniform(d), v = dice_uniform(d);
	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

bool dice_chance(struct dice *d, double p)
{
	return dice_uniform(d) < p;
}

unsigned dice_poisson(struct dice *d, double mean)
{
	/* Waiting times of a unit rate that fit into the mean. */
	unsigned n = 0;
	for (double t = -log(1 - dice_uniform(d)); t < mean; t -= log(1 - dice_uniform(d)))
		n++;
	return n;
}
