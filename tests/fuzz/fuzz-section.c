/* fuzz-section - any bytes as a file of border sections: refused with a reason, or every point question has an answer. */
#include "hub/section.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct section_set *set = NULL;
	char error[SECTION_ERROR_MAX] = "";
	if (section_parse("fuzz", (const char *)data, size, &set, error) < 0) {
		if (!error[0] || set)
			abort();
		return 0;
	}
	for (size_t i = 0; i < set->n; i++) {
		const struct section *s = &set->sections[i];
		double d = section_distance(s, 0.95, 0.2);
		if (!(d >= 0) || (section_holds(s, 0.95, 0.2) && d != 0))
			abort();
		(void)section_borders(s, "xa");
	}
	section_free(set);
	return 0;
}
