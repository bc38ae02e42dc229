/*
 * scrape - reads Prometheus text that our processes wrote: a hub's /metrics, an uplink's file.
 *
 * What is no sample is passed over. A line is cut at SCRAPE_LINE_MAX, a text at SCRAPE_SAMPLES_MAX samples.
 */
#pragma once

#include <jansson.h>

#define SCRAPE_LINE_MAX 1024
#define SCRAPE_SAMPLES_MAX 100000

/** scrape_parse() - Return: [{"name":"..","labels":{"..":".."},"value":x}], NaN as null; the caller's to json_decref(). */
json_t *scrape_parse(const char *text);

/** scrape_hub() - of samples of that form: {"NAME":x} of what has no label and begins with vedette_hub_. */
json_t *scrape_hub(const json_t *samples);

/**
 * scrape_processes() - sorts samples by whose they are, into @processes and @hosts; what is there already stays
 *
 * @processes: [{"host":"..","process":"..","interface":"..","feed":"..","metrics":{"NAME":x,"NAME{verdict=\"..\"}":x}}]
 * @hosts:     [{"host":"..","metrics":{"vedette_host_..":x}}]
 */
void scrape_processes(const json_t *samples, json_t *processes, json_t *hosts);
