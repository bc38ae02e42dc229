/*
 * cert - the certificates of hosts: keys, requests, and what a certificate or request says of whose it is.
 *
 * A host NAME ([a-z0-9-], below CERT_NAME_MAX) is the subjectAltName URI vedette:host/NAME, nothing else: subjects can be
 * forged in how they read.
 */
#pragma once

#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CERT_NAME_MAX 32	  /* as a feed's, PLOT_FEED_MAX */
#define CERT_REQUEST_MAX 2048	  /* bytes of a request in DER: an Ed25519 one has 200, P-384 400 */
#define CERT_HOST_PREFIX "vedette:host/"

bool cert_name_is_good(const char *name);

/** cert_key_make() - a new Ed25519 key in a new file @path, mode 0600, on disk. Return: 0, -EEXIST or other -errno. */
int cert_key_make(const char *path);

/** cert_request() - a request (PKCS #10, DER) for host @name, signed with the key in @key_file. Return: size or -errno. */
ssize_t cert_request(const char *key_file, const char *name, uint8_t *buf, size_t cap);

/** cert_spki() - SHA-256 of the DER SubjectPublicKeyInfo (RFC 7469 2.4): who holds the key, whatever the certificate. */
bool cert_spki(const X509_PUBKEY *key, uint8_t ret_hash[static 32]);

/** cert_host() - the host that @names (a subjectAltName) names. Return: false unless it is one good vedette:host/NAME. */
bool cert_host(const GENERAL_NAMES *names, char ret_name[static CERT_NAME_MAX]);
bool cert_host_of(const X509 *cert, char ret_name[static CERT_NAME_MAX]);

/** cert_time_s() - seconds since the Unix epoch; 0 for what cannot be read. */
int64_t cert_time_s(const ASN1_TIME *t);

/** cert_write() - @size bytes into @path by way of @path.new, on disk before it is seen. Return: 0 or -errno. */
int cert_write(const char *path, const void *data, size_t size, mode_t mode);
