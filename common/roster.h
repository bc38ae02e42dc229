/*
 * roster - the hosts a centre has admitted, as files of a folder.
 *
 * DIR/NAME.pem: the certificates issued to host NAME that may come, newest last; after a renewal the one it was asked for
 * with stays beside the new one, until the next. DIR/NAME.revoked: every certificate that was taken back. A host is known
 * by its key: another key is refused although an authority vouches for its name. Files are replaced whole; writers take
 * turns. Read anew at each question: there is no copy that could be out of date.
 */
#pragma once

#include "common/cert.h"

#define ROSTER_CERTS_MAX 64 /* in one file; with more revoked ones the oldest go, which have long expired */

enum roster_verdict {
	ROSTER_UNKNOWN,	 /* no such name, nor ever revoked */
	ROSTER_ADMITTED,
	ROSTER_FOREIGN,	 /* the name is known, but not with this key */
	ROSTER_REVOKED,	 /* this key was revoked, or the name and not admitted again */
};

/** roster_judge() - may who proved to hold the key @spki come as @name? Return: enum roster_verdict, or -errno. */
int roster_judge(const char *dir, const char *name, const uint8_t spki[static 32]);

/**
 * roster_read() - the certificates of @name, oldest first; each to be X509_free()d
 *
 * Return: how many, 0 when there is no file, -EBADMSG when it holds none, or -errno.
 */
int roster_read(const char *dir, const char *name, bool revoked, X509 *ret_certs[static ROSTER_CERTS_MAX]);
void roster_free(X509 *certs[static ROSTER_CERTS_MAX], int n);

/** roster_add() - @cert is @name's newest; of the ones before only that with the key @keep (NULL = none) stays. */
int roster_add(const char *dir, const char *name, X509 *cert, const uint8_t *keep);

/** roster_revoke() - none of @name's certificates may come any more. Return: 0 or -errno; a name unknown so far is fine. */
int roster_revoke(const char *dir, const char *name);

/** roster_each() - every name, admitted or revoked, in byte order. Stops when @fn returns < 0. Return: 0 or -errno. */
int roster_each(const char *dir, int (*fn)(void *user, const char *name, bool revoked), void *user);
