/* vedette-clock - tells the other daemons of this host how good its clock is; they may not ask. vedette-clock(8). */
#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"

#include <stdio.h>
#include <string.h>

static int on_second(void *user, int64_t now_ns)
{
	static bool failing;
	struct clock_quality q;
	static const char *const states[_CLOCK_STATE_MAX] = { "synchronised", "not synchronised any more", "never synchronised" };
	int r = clock_publish(user);

	if (r && !failing)
		(void)log_errno(LOG_LEVEL_ERROR, r, "%s: cannot tell, trying every second", (const char *)user);
	failing = r;
	if (!r && clock_quality(&q) == 0)
		loop_status("%s%s, at most %.3f s off", states[q.state], q.pps ? " by a pulse per second" : "",
			(double)q.max_error_ns / CLOCK_NS_PER_S);
	return 0;
}

static int usage(FILE *f, int code)
{
	fprintf(f, "usage: vedette-clock [--file FILE] [--once] [--version] [--help]\n");
	return code;
}

static int run(const char *path)
{
	sd_event *event = NULL;
	int r = loop_new(NULL, NULL, &event);

	if (r == 0)
		r = loop_every(event, CLOCK_NS_PER_S, on_second, (void *)path, NULL);
	if (r == 0) {
		(void)on_second((void *)path, 0);
		loop_ready("looking");
		r = loop_run(event);
	}
	sd_event_unref(event);
	return r < 0 ? 1 : r;
}

int main(int argc, char **argv)
{
	const char *path = CLOCK_FILE;
	bool once = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--file") && i + 1 < argc)
			path = argv[++i];
		else if (!strcmp(argv[i], "--once"))
			once = true;
		else if (!strcmp(argv[i], "--version"))
			return printf("vedette-clock " VEDETTE_VERSION "\n") < 0;
		else if (!strcmp(argv[i], "--help"))
			return usage(stdout, 0);
		else
			return usage(stderr, 2);
	}
	log_open("vedette-clock");
	if (!once)
		return run(path);
	int r = clock_publish(path);
	return r ? log_errno(LOG_LEVEL_ERROR, r, "%s", path), 1 : 0;
}
