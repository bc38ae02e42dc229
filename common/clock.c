#include "common/clock.h"

#include "common/drift.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

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

/* What a restart of vedette-clock goes on from, and what everybody else reads. Monotonic times are the host's. */
#define FILE_FORMAT "%d %d %" PRId64 " %" PRId64 " at %" PRId64 " drift %d %" PRId64 " %" PRId64 " %" PRId64 "\n"

struct published {
	struct clock_quality quality;
	int64_t at_ns;
	struct drift drift;
};

static struct drift drift; /* this process's own view, where it may ask */
static bool drift_known;

static int ask_kernel(struct clock_quality *ret_q)
{
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);

	if (state < 0)
		return -errno;
	/* maxerror and esterror are in microseconds (adjtimex(2)). */
	*ret_q = (struct clock_quality){
		.synchronised = state != TIME_ERROR,
		.pps = tx.status & STA_PPSTIME,
		.max_error_ns = (int64_t)tx.maxerror * 1000,
		.est_error_ns = (int64_t)tx.esterror * 1000,
	};
	return 0;
}

static int read_published(const char *path, struct published *ret_p)
{
	struct published p = { 0 };
	int state = 0, pps = 0, ever = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	int n = fscanf(f, "%d %d %" SCNd64 " %" SCNd64 " at %" SCNd64 " drift %d %" SCNd64 " %" SCNd64 " %" SCNd64, &state, &pps,
		&p.quality.max_error_ns, &p.quality.est_error_ns, &p.at_ns, &ever, &p.drift.base_ns, &p.drift.at_ns,
		&p.drift.kernel_ns);
	fclose(f);
	if (n != 9 || state < 0 || state >= _CLOCK_STATE_MAX || p.quality.max_error_ns < 0)
		return -EBADMSG;
	p.quality.state = (enum clock_state)state;
	p.quality.synchronised = p.quality.state == CLOCK_SYNCHRONISED;
	p.quality.pps = pps;
	p.drift.ever = ever;
	*ret_p = p;
	return 0;
}

static const char *published_path(void)
{
	const char *path = getenv("VEDETTE_CLOCK");

	return path && path[0] ? path : CLOCK_FILE;
}

int clock_quality(struct clock_quality *ret_q)
{
	struct clock_quality raw;
	struct published p;
	int64_t mono_ns = read_ns(CLOCK_MONOTONIC);

	assert(ret_q);
	if (ask_kernel(&raw) == 0) {
		drift_update(&drift, &raw, mono_ns, ret_q);
		return 0;
	}
	int r = read_published(published_path(), &p);
	if (r)
		return r;
	if (p.at_ns > mono_ns || mono_ns - p.at_ns > CLOCK_FILE_MAX_AGE_NS)
		return -ESTALE;
	*ret_q = p.quality;
	return 0;
}

static int write_published(const char *path, const struct clock_quality *q, int64_t mono_ns)
{
	char fresh[4096];

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	FILE *f = fopen(fresh, "we");
	if (!f)
		return -errno;
	int n = fprintf(f, FILE_FORMAT, q->state, q->pps, q->max_error_ns, q->est_error_ns, mono_ns, drift.ever, drift.base_ns,
		drift.at_ns, drift.kernel_ns);
	bool failed = n < 0 || fchmod(fileno(f), 0644) < 0;
	failed |= fclose(f) != 0;
	if (failed || rename(fresh, path) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

int clock_publish(const char *path)
{
	struct clock_quality raw, q;
	struct published before;
	int64_t mono_ns = read_ns(CLOCK_MONOTONIC);

	if (!drift_known && read_published(path, &before) == 0 && before.at_ns <= mono_ns)
		drift = before.drift;
	drift_known = true;
	int r = ask_kernel(&raw);
	if (r)
		return r;
	drift_update(&drift, &raw, mono_ns, &q);
	return write_published(path, &q, mono_ns);
}
