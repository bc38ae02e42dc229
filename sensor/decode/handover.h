/*
 * handover - how vedette-dial, which may open things, gives vedette-sensor, which may not, an open descriptor.
 *
 * A local SOCK_SEQPACKET socket on which the sensor listens (systemd makes it, owned by vedette-dial's user alone):
 *	sensor -> dial: one byte HANDOVER_WANTED whenever it has no stream; at once, and after each stream's end
 *	dial -> sensor: one byte with the descriptor
 *	dial -> sensor: HANDOVER_WORD and a health object (common/wire.h) of its own, for the sensor to pass on: it alone
 *	has a way to the uplink
 * Either may be killed: the other sees the socket's end. A sensor keeps its stream when dial goes.
 */
#pragma once

#include <stddef.h>

#define HANDOVER_WANTED 'W'
#define HANDOVER_WORD 'H'
#define HANDOVER_WORD_MAX 4096 /* bytes of the object: WIRE_OBJECT_MAX */

/** handover_path() - the socket of the feed @name: /run/vedette/feed/NAME.sock. */
void handover_path(const char *name, char *buf, size_t size);

/** handover_listen() - makes the socket where the service manager passed none. Return: fd or -errno. */
int handover_listen(const char *path);

/** handover_accept() - Return: a non-blocking fd, -EAGAIN when nobody is there, -errno. */
int handover_accept(int listener);

/** handover_connect() - Return: a blocking fd or -errno. */
int handover_connect(const char *path);

/** handover_want() - the sensor's word. Return: 0 or -errno. */
int handover_want(int control);

/** handover_wait() - until the sensor wants a stream. Return: 0, -ETIMEDOUT, -EPIPE when it is gone, -errno. */
int handover_wait(int control, int timeout_ms);

/** handover_tell() - a word of dial's; one that does not fit is lost. */
void handover_tell(int control, const void *word, size_t size);

/** handover_give() - @fd is borrowed. Return: 0 or -errno. */
int handover_give(int control, int fd);

/**
 * handover_take() - what dial gave
 * @word: room for HANDOVER_WORD_MAX bytes; *ret_size of them are set with -EAGAIN, 0 where it was no word
 *
 * Return: a descriptor, -EAGAIN when there is none now, -EPIPE when dial is gone, -errno.
 */
int handover_take(int control, void *word, size_t *ret_size);
