/* fuzz-query - any bytes as a request's parameters and path, and as a track's id. */
#include "hub/query.h"
#include "hub/trackid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), buf[64];
	struct query_box box;
	struct track_id id;
	uint64_t v;
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (query_box(text, &box) >= 0 && !(fabs(box.west) <= 180 && fabs(box.east) <= 180 && box.south <= box.north))
		abort();
	if (query_uint(text, 1000, &v) >= 0 && v > 1000)
		abort();
	if (query_search(text, buf, sizeof(buf)) >= 0 && strlen(buf) >= sizeof(buf))
		abort();
	if (query_path_ok(text) && (strstr(text, "..") == text + 1 || strstr(text, "/..") || strchr(text, '\\')))
		abort();
	/* One text per id. */
	if (trackid_parse(text, &id) >= 0 && strcmp(trackid_format(&id, buf), text))
		abort();
	free(text);
	return 0;
}
