/*
 * renew - the messages by which a host's certificate is renewed (docs/wire.md): over the ship connection between host and
 * centre, and between fusion, which only passes them on, and vedette-enrol, which alone has the authority's key.
 */
#pragma once

#include "common/cert.h"

#define RENEW_MESSAGE_MAX 8192
#define RENEW_VERSION 2 /* of the ship protocol: a centre of this version takes REQUEST */

enum renew_type {
	RENEW_REQUEST = 5,     /* host to centre: data is a PKCS #10 request */
	RENEW_CERTIFICATE = 6, /* the answer: data is an X.509 certificate */
	RENEW_REFUSED = 7,     /* the other answer: reason */
	RENEW_ONLY = 8,	       /* centre to host: your certificate has expired, ask for another; nothing else is taken */
	RENEW_RELAYED = 9,     /* fusion to enrol: host, spki and the request as data */
};

struct renew_message {
	enum renew_type type;
	char host[CERT_NAME_MAX]; /* RELAYED */
	uint8_t spki[32];	  /* RELAYED: of the key the host came with */
	char reason[128];	  /* REFUSED */
	const void *data;	  /* REQUEST, CERTIFICATE, RELAYED: DER, borrowed */
	size_t size;
};

/** renew_is() - is this frame for here, or the ship protocol's? */
bool renew_is(const void *data, size_t size);

/** renew_put() - Return: the size or -ENOBUFS. */
ssize_t renew_put(uint8_t *buf, size_t cap, const struct renew_message *m);

/** renew_get() - Return: 0, -EBADMSG, -EMSGSIZE (truncated) or -ERANGE. */
int renew_get(const void *data, size_t size, struct renew_message *ret_m);
