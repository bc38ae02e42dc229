/* fuzz-recording - the times that lines of a log carry. */
#include <stdlib.h>
#include <string.h>

#include "cli/simulate/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	if (recording_untagged(line, size) > size)
		abort();
	(void)recording_line_time(line, size);
	return 0;
}
