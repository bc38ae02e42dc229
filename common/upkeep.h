/*
 * upkeep - what a daemon stands on and an administrator must renew: the disk of its state, and its certificate.
 *
 * Gauges of the process (common/counter.h): vedette_disk_free_bytes, vedette_disk_size_bytes and
 * vedette_certificate_expiry_timestamp_seconds, each 0 while it cannot be read.
 */
#pragma once

#include <stdint.h>

/** upkeep_register() - once a process; the texts are copied, "" = there is none. */
void upkeep_register(const char *state_dir, const char *certificate);

/** upkeep_certificate() - from now on it is another than the file's, and ends at @end_ns. */
void upkeep_certificate(int64_t end_ns);

/** upkeep_certificate_end() - the notAfter of the first certificate in a PEM file. Return: 0, -errno or -EBADMSG. */
int upkeep_certificate_end(const char *path, int64_t *ret_end_ns);
