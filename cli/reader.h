/*
 * reader - the input of `vedette decode`: a file whole, a stream through a window that moves on as its bytes are used.
 *
 * Behind the bytes stand BITS_SLACK readable ones, whatever their value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_WINDOW (1u << 20) /* bytes of a stream held at most, unless reader_all() is asked for */

struct reader {
	int fd;
	uint8_t *data; /* owned; the first of the unused bytes */
	size_t size, cap;
	bool whole, end; /* it is a regular file; all of it has been read */
};

/** reader_open() - @path, "-" being standard input. Nothing is read yet. Return: 0 or -errno. */
int reader_open(struct reader *r, const char *path);
void reader_close(struct reader *r);

/** reader_fill() - what is there now, waiting for the first byte. Return: 0, r->end being set at the end, or -errno. */
int reader_fill(struct reader *r);

/** reader_first() - until there is enough to tell what it is, or the input pauses, or ends. */
int reader_first(struct reader *r);

/** reader_all() - to the end. Return: 0, -EFBIG, -ENOMEM, -errno. */
int reader_all(struct reader *r);

/** reader_paused() - reader_fill() would wait. */
bool reader_paused(const struct reader *r);

/** reader_drop() - the first @n bytes are used up. */
void reader_drop(struct reader *r, size_t n);
