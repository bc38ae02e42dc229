/*
 * check_config - every configuration file of a folder, judged; by the verb and by the doctor.
 */
#pragma once

#include <stdbool.h>

/** One file's verdict: @line is "FILE: ok", "FILE: not checked: why", or "FILE:LINE: [Section] Key=value: reason". */
typedef void check_config_fn(void *user, bool ok, const char *line);

/**
 * check_config_each() - @dir/feeds/NAME.conf here, uplink.conf, fusion.conf and hub.conf (and what they name) by the
 * programs that read them
 *
 * Return: number of files judged, 0 when there are none.
 */
unsigned check_config_each(const char *dir, check_config_fn *fn, void *user);
