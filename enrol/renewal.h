/*
 * renewal - does this host get a new certificate? The rules, without a socket.
 *
 * Whoever asks has proven to fusion that it holds a key of the register; the request proves the key it asks for. One
 * renewal an hour and only in the second half of a certificate's life: a session in wrong hands cannot make many. The same
 * request again, because the answer was lost, gets the same answer.
 */
#pragma once

#include "common/renew.h"
#include "enrol/authority.h"

#define RENEWAL_EVERY_S 3600

struct renewal_policy {
	const struct authority *authority;
	const char *roster;
	unsigned days;
};

/**
 * renewal_decide() - @ret_cert is set with 0: a new certificate that is in the register now, or the one that was lost
 * @m:        RELAYED
 *
 * Return: 0; else -errno, with the reason for the host and the log in @ret_why (static).
 */
int renewal_decide(const struct renewal_policy *p, const struct renew_message *m, int64_t now_s, X509 **ret_cert,
	const char **ret_why);
