/*
 * capture - runs a program to its end and keeps what it said, bounded in time and size.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * capture_run() - standard output and standard error together; standard input is /dev/null
 * @argv:       NULL-ended; argv[0] is looked up in PATH when it has no slash
 * @timeout_ms: then the program is killed
 * @buf:        what it said, cut at @cap - 1, always ended with NUL
 *
 * Return: the exit code 0..255, or -ENOENT (no such program), -ETIMEDOUT, -EINTR (ended by a signal), -errno.
 */
int capture_run(const char *const *argv, int64_t timeout_ms, char *buf, size_t cap);

/**
 * capture_find() - where our own program @name is: installed beside this one, or in the build tree this one is run from
 * @folder: of the build tree, e.g. "sensor/uplink"
 *
 * Return: 0, or -ENOENT.
 */
int capture_find(const char *name, const char *folder, char *ret_path, size_t cap);
