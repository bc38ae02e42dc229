#include "common/drift.h"

#define DISCIPLINED_PPM 15 /* RFC 5905 7.2, PHI */
#define FREE_PPM 500	   /* Linux MAXFREQ; tolerance of adjtimex(2) */
/* A battery clock, read to the second's edge and some ppm off since the last shutdown. */
#define FREE_BASE_NS (750 * CLOCK_NS_PER_MS)
/* Where the daemon states no error (systemd-timesyncd, phc2sys: 0): half the round trip of a mobile link, all one way. */
#define UNSTATED_NS (50 * CLOCK_NS_PER_MS)
#define ERROR_MAX_NS (3600 * CLOCK_NS_PER_S) /* beyond it a time says nothing anyway */

static int64_t grown(int64_t base_ns, int64_t since_ns, int64_t ppm)
{
	int64_t error_ns = base_ns + since_ns / 1000000 * ppm;

	return error_ns < ERROR_MAX_NS ? error_ns : ERROR_MAX_NS;
}

int64_t drift_free_ns(int64_t mono_ns)
{
	return grown(FREE_BASE_NS, mono_ns, FREE_PPM);
}

void drift_update(struct drift *d, const struct clock_quality *raw, int64_t mono_ns, struct clock_quality *ret_q)
{
	struct clock_quality q = *raw;

	if (raw->synchronised) {
		if (!d->ever || raw->max_error_ns < d->kernel_ns) {
			d->base_ns = raw->max_error_ns > 0 ? raw->max_error_ns : UNSTATED_NS;
			d->at_ns = mono_ns;
		}
		d->ever = true;
		d->kernel_ns = raw->max_error_ns;
	}
	int64_t error_ns = d->ever ? grown(d->base_ns, mono_ns - d->at_ns, DISCIPLINED_PPM) : drift_free_ns(mono_ns);
	q.state = raw->synchronised ? CLOCK_SYNCHRONISED : d->ever ? CLOCK_HOLDOVER : CLOCK_FREE;
	/* The kernel's bound holds as well, where it is the lower one and states anything. */
	if (!raw->synchronised || raw->max_error_ns > error_ns || raw->max_error_ns < d->base_ns)
		q.max_error_ns = error_ns;
	*ret_q = q;
}
