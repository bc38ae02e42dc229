/*
 * authority - a centre's own certificate authority: issues hosts' certificates and signs the list of revoked ones.
 *
 * Of a request only the key and the name are taken; the rest of a certificate is ours to say: version 3, a random serial
 * of 127 bits, CA:FALSE, digitalSignature, clientAuth, subjectAltName URI vedette:host/NAME.
 */
#pragma once

#include "common/cert.h"

#define AUTHORITY_ERROR_MAX 256
#define AUTHORITY_BACKDATE_S 300 /* a certificate begins so long before it was made: clocks are set back now and then */

struct authority;

/**
 * authority_open() - @ca_file: PEM, the certificate whose key is in @key_file among others
 *
 * Return: 0, or -errno with a sentence in @ret_error.
 */
int authority_open(const char *ca_file, const char *key_file, struct authority **ret_a,
	char ret_error[static AUTHORITY_ERROR_MAX]);
void authority_close(struct authority *a);

/**
 * authority_check() - is @der a request of the key's holder, of a kind we sign, for a host?
 * @ret_spki:  of its key
 *
 * Return: 0, -EBADMSG (no request, or not signed by its own key), -EPROTONOSUPPORT (neither Ed25519 nor an EC key),
 * -EPERM (names no host).
 */
int authority_check(const uint8_t *der, size_t size, char ret_host[static CERT_NAME_MAX], uint8_t ret_spki[static 32]);

/**
 * authority_issue() - a certificate for a request that was checked, for @days from @now_s, within the authority's own life
 *
 * Return: 0, -EKEYEXPIRED when the authority itself has no day left, -EBADMSG, or -ENOMEM.
 */
int authority_issue(const struct authority *a, const uint8_t *der, size_t size, unsigned days, int64_t now_s, X509 **ret_cert);

/**
 * authority_revoke() - adds the serials of @certs to the list in @crl_file, which may not exist yet
 *
 * The list says that its next is due when the authority ends. Certificates of another issuer are left out.
 * Return: how many of @certs are on it now, or -errno; -EBADMSG when the file is no list of this authority.
 */
int authority_revoke(const struct authority *a, const char *crl_file, X509 *const *certs, int n, int64_t now_s);
