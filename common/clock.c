#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <sys/timex.h>
#include <time.h>

static bool is_virtual;
static int64_t virtual_ns;

static int64_t read_ns(clockid_t id)
{
	struct timespec ts;
	int r = clock_gettime(id, &ts);
	assert(r == 0); /* cannot fail for these clocks on Linux */
	return ts.tv_sec * CLOCK_NS_PER_S + ts.tv_nsec;
}

int64_t clock_now_ns(void)
{
	return is_virtual ? virtual_ns : read_ns(CLOCK_REALTIME);
}

int64_t clock_mono_ns(void)
{
	return is_virtual ? virtual_ns : read_ns(CLOCK_MONOTONIC);
}

void clock_set_virtual(int64_t now_ns)
{
	is_virtual = true;
	virtual_ns = now_ns;
}

void clock_set_real(void)
{
	is_virtual = false;
}

int clock_quality(struct clock_quality *ret_q)
{
	assert(ret_q);

	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);
	if (state < 0)
		return -errno;
	/* maxerror and esterror are in microseconds (adjtimex(2)). */
	*ret_q = (struct clock_quality){
		.synchronised = state != TIME_ERROR,
		.max_error_ns = (int64_t)tx.maxerror * 1000,
		.est_error_ns = (int64_t)tx.esterror * 1000,
	};
	return 0;
}
