/*
 * privilege - the three capabilities that loading needs, and their end.
 */
#pragma once

#include <stddef.h>

/**
 * privilege_missing() - which of CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON this process lacks
 * @buf: gets their names, separated by spaces; "" when all are there
 *
 * Return: how many are missing.
 */
int privilege_missing(char *buf, size_t size);

/** privilege_drop() - every capability, for good (no_new_privs). Descriptors stay usable. Return: 0 or -errno. */
int privilege_drop(void);
