/* fuzz-scenario - meta.json, a line "---", plots.csv: read or refused; what is read can be tracked. */
#include <stdlib.h>
#include <string.h>

#include "cli/scenario.h"

#define ROWS_RUN 64	/* of more only the reading is tried */
#define DURATION_RUN 60 /* seconds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct scenario *s)
{
	struct tracker_config config;
	struct scenario_stats stats;
	struct tracker *t = NULL;

	scenario_config(s, &config);
	config.max_tracks = 256;
	config.max_identities = 256;
	if (config.max_stations > 16 || s->n_rows > ROWS_RUN || s->duration_s > DURATION_RUN)
		return;
	if (tracker_new(&config, NULL, NULL, &t) == 0)
		(void)scenario_run(s, t, NULL, NULL, NULL, &stats);
	tracker_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *cut = memmem(data, size, "\n---\n", 5);
	size_t first = cut ? (size_t)(cut - (const char *)data) : size;
	FILE *meta = tmpfile(), *plots = tmpfile();
	struct scenario s;

	if (!meta || !plots || fwrite(data, 1, first, meta) != first)
		abort();
	if (cut && fwrite(cut + 5, 1, size - first - 5, plots) != size - first - 5)
		abort();
	rewind(meta);
	rewind(plots);
	if (scenario_read(meta, plots, &s) == 0) {
		run(&s);
		scenario_done(&s);
	}
	(void)fclose(meta);
	(void)fclose(plots);
	return 0;
}
