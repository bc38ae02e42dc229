/*
 * crew - a few threads that share out the parts of one piece of work.
 *
 * crew_run() returns when all parts are done; who does which is not told to the parts and must not matter to them. With
 * one thread, or one part, everything runs in the caller. The threads sleep between pieces.
 */
#pragma once

#include <stddef.h>

struct crew;

/** crew_new() - @threads: the caller included, 1..64. Return: 0 or -errno. */
int crew_new(unsigned threads, struct crew **ret_c);
void crew_free(struct crew *c);

/**
 * crew_run() - @part for each number below @n
 * @worker: below the number of threads; no two parts run at the same time under one number
 */
void crew_run(struct crew *c, size_t n, void (*part)(void *user, unsigned worker, size_t i), void *user);
