/* fuzz-scrape - any bytes as what a hub answers on /metrics. */
#include "cli/scrape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	json_t *processes = json_array(), *hosts = json_array();

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	json_t *samples = scrape_parse(text), *hub = scrape_hub(samples);
	scrape_processes(samples, processes, hosts);
	/* Each sample is somebody's once at most. */
	if (json_array_size(processes) + json_array_size(hosts) > json_array_size(samples) ||
		json_object_size(hub) > json_array_size(samples))
		abort();
	json_decref(hub);
	json_decref(samples);
	json_decref(processes);
	json_decref(hosts);
	free(text);
	return 0;
}
