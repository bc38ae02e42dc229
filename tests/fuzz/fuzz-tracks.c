/* fuzz-tracks - CSV of tracks and of a truth, and every figure over them. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/accuracy.h"
#include "cli/trackfile.h"

#define STEPS_MAX 1e2 /* a grid as long as the times say: bounded here, not by them */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct accuracy_options options = { .step_s = 1, .cut_m = 200, .to_s = STEPS_MAX };
	struct trackfile truth = { 0 }, tracks = { 0 };
	struct accuracy_result result;
	char path[64], error[256];
	int fd = memfd_create("tracks", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	bool both = trackfile_load(path, "id", &truth, error, sizeof(error)) == 0 &&
		trackfile_load(path, "track_id", &tracks, error, sizeof(error)) == 0;
	if (both && accuracy_score(&truth, &tracks, &options, &result) == 0 && !(result.gospa_m >= 0 && result.longest_segment <= 1 + 1e-9))
		abort();
	trackfile_done(&truth);
	trackfile_done(&tracks);
	(void)close(fd);
	return 0;
}
