#include "enrol/authority.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S INT64_C(86400)
#define SERIAL_BYTES 16 /* RFC 5280 4.1.2.2: at most 20, positive, 64 random bits at least (CA/B BR 7.1) */

struct authority {
	X509 *cert;
	EVP_PKEY *key;
};

static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256();
}

static int fail(int code, char *error, const char *path, const char *why)
{
	snprintf(error, AUTHORITY_ERROR_MAX, "%.150s: %.90s", path, why);
	ERR_clear_error();
	return code;
}

static int load_key(struct authority *a, const char *path, char *error)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return fail(-errno, error, path, strerror(errno));
	a->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	return a->key ? 0 : fail(-EBADMSG, error, path, "no unencrypted private key in it");
}

static int load_cert(struct authority *a, const char *path, char *error)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return fail(-errno, error, path, strerror(errno));
	X509 *cert;
	while (!a->cert && (cert = PEM_read_X509(f, NULL, NULL, NULL))) {
		if (X509_check_private_key(cert, a->key) == 1 && X509_check_ca(cert))
			a->cert = cert;
		else
			X509_free(cert);
	}
	fclose(f);
	ERR_clear_error();
	return a->cert ? 0 : fail(-EINVAL, error, path, "no authority's certificate in it that has this key");
}

int authority_open(const char *ca_file, const char *key_file, struct authority **ret_a,
	char ret_error[static AUTHORITY_ERROR_MAX])
{
	struct authority *a = calloc(1, sizeof(*a));
	int r = a ? load_key(a, key_file, ret_error) : fail(-ENOMEM, ret_error, ca_file, "out of memory");

	if (!r)
		r = load_cert(a, ca_file, ret_error);
	if (r) {
		authority_close(a);
		return r;
	}
	*ret_a = a;
	return 0;
}

void authority_close(struct authority *a)
{
	if (!a)
		return;
	X509_free(a->cert);
	EVP_PKEY_free(a->key);
	free(a);
}

/* --- requests --- */

static X509_REQ *parse(const uint8_t *der, size_t size)
{
	const unsigned char *p = der;

	if (!size || size > CERT_REQUEST_MAX)
		return NULL;
	X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)size);
	if (req && p != der + size) {
		X509_REQ_free(req);
		req = NULL;
	}
	ERR_clear_error();
	return req;
}

static bool names_host(X509_REQ *req, char ret_host[static CERT_NAME_MAX])
{
	STACK_OF(X509_EXTENSION) *all = X509_REQ_get_extensions(req);
	GENERAL_NAMES *names = X509V3_get_d2i(all, NID_subject_alt_name, NULL, NULL);
	bool ok = names && cert_host(names, ret_host);

	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return ok;
}

static int check(X509_REQ *req, char ret_host[static CERT_NAME_MAX], uint8_t ret_spki[static 32])
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(req);

	if (!key)
		return -EBADMSG;
	if (!EVP_PKEY_is_a(key, "ED25519") && !EVP_PKEY_is_a(key, "EC"))
		return -EPROTONOSUPPORT;
	if (X509_REQ_verify(req, key) != 1 || !cert_spki(X509_REQ_get_X509_PUBKEY(req), ret_spki))
		return -EBADMSG;
	return names_host(req, ret_host) ? 0 : -EPERM;
}

int authority_check(const uint8_t *der, size_t size, char ret_host[static CERT_NAME_MAX], uint8_t ret_spki[static 32])
{
	X509_REQ *req = parse(der, size);
	int r = req ? check(req, ret_host, ret_spki) : -EBADMSG;

	X509_REQ_free(req);
	ERR_clear_error();
	return r;
}

/* --- certificates --- */

static bool extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool ok = e && X509_add_ext(cert, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7f;
	bytes[0] |= 0x40; /* never short */
	BIGNUM *n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return ok;
}

static bool describe(X509 *cert, X509 *issuer, const char *host)
{
	char uri[CERT_NAME_MAX + 32];
	X509_NAME *subject = X509_get_subject_name(cert);

	snprintf(uri, sizeof(uri), "URI:" CERT_HOST_PREFIX "%s", host);
	return X509_NAME_add_entry_by_txt(
		       subject, "CN", MBSTRING_ASC, (const unsigned char *)host, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	       extend(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	       extend(cert, issuer, NID_key_usage, "critical,digitalSignature") &&
	       extend(cert, issuer, NID_ext_key_usage, "clientAuth") &&
	       extend(cert, issuer, NID_subject_alt_name, uri);
}

int authority_issue(const struct authority *a, const uint8_t *der, size_t size, unsigned days, int64_t now_s, X509 **ret_cert)
{
	char host[CERT_NAME_MAX];
	uint8_t spki[32];
	int64_t until_s = now_s + (int64_t)days * DAY_S, end_s = cert_time_s(X509_get0_notAfter(a->cert));
	int r = authority_check(der, size, host, spki);

	if (r)
		return r;
	if (until_s > end_s)
		until_s = end_s;
	if (until_s < now_s + DAY_S)
		return -EKEYEXPIRED;
	X509_REQ *req = parse(der, size);
	X509 *cert = X509_new();
	bool ok = req && cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
		  ASN1_TIME_set(X509_getm_notBefore(cert), now_s - AUTHORITY_BACKDATE_S) &&
		  ASN1_TIME_set(X509_getm_notAfter(cert), until_s) &&
		  X509_set_pubkey(cert, X509_REQ_get0_pubkey(req)) == 1 && describe(cert, a->cert, host) &&
		  X509_sign(cert, a->key, digest_for(a->key)) > 0;
	X509_REQ_free(req);
	ERR_clear_error();
	if (!ok) {
		X509_free(cert);
		return -ENOMEM;
	}
	*ret_cert = cert;
	return 0;
}

/* --- the list --- */

static int open_list(const struct authority *a, const char *path, X509_CRL **ret_crl)
{
	FILE *f = fopen(path, "re");

	if (!f && errno != ENOENT)
		return -errno;
	X509_CRL *crl = f ? PEM_read_X509_CRL(f, NULL, NULL, NULL) : X509_CRL_new();
	if (f)
		fclose(f);
	bool ours = crl && (!f || (!X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(a->cert)) &&
					  X509_CRL_verify(crl, a->key) == 1));
	ERR_clear_error();
	if (!ours) {
		X509_CRL_free(crl);
		return f ? -EBADMSG : -ENOMEM;
	}
	*ret_crl = crl;
	return 0;
}

/* Return: 1 when it is on the list now, 0 when it is another issuer's, or -ENOMEM. */
static int put_on_list(const struct authority *a, X509_CRL *crl, X509 *cert, const ASN1_TIME *now)
{
	X509_REVOKED *there = NULL;

	if (X509_NAME_cmp(X509_get_issuer_name(cert), X509_get_subject_name(a->cert)) != 0)
		return 0;
	if (X509_CRL_get0_by_serial(crl, &there, X509_get_serialNumber(cert)) == 1)
		return 1;
	X509_REVOKED *entry = X509_REVOKED_new();
	bool ok = entry && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(cert)) == 1 &&
		  X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)now) == 1;
	if (ok && X509_CRL_add0_revoked(crl, entry) == 1)
		return 1;
	X509_REVOKED_free(entry);
	return -ENOMEM;
}

static int write_list(const char *path, X509_CRL *crl)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	int r = bio && PEM_write_bio_X509_CRL(bio, crl) == 1 ? 0 : -ENOMEM;

	if (!r) {
		long size = BIO_get_mem_data(bio, &pem);
		r = cert_write(path, pem, (size_t)size, 0644);
	}
	BIO_free(bio);
	return r;
}

int authority_revoke(const struct authority *a, const char *crl_file, X509 *const *certs, int n, int64_t now_s)
{
	X509_CRL *crl = NULL;
	ASN1_TIME *now = ASN1_TIME_set(NULL, now_s);
	int on = 0, r = now ? open_list(a, crl_file, &crl) : -ENOMEM;

	for (int i = 0; !r && i < n; i++) {
		int one = put_on_list(a, crl, certs[i], now);
		r = one < 0 ? one : 0;
		on += one > 0;
	}
	if (!r && (X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
			  X509_CRL_set_issuer_name(crl, X509_get_subject_name(a->cert)) != 1 ||
			  X509_CRL_set1_lastUpdate(crl, now) != 1 ||
			  X509_CRL_set1_nextUpdate(crl, X509_get0_notAfter(a->cert)) != 1 || X509_CRL_sort(crl) != 1 ||
			  X509_CRL_sign(crl, a->key, digest_for(a->key)) <= 0))
		r = -ENOMEM;
	if (!r)
		r = write_list(crl_file, crl);
	X509_CRL_free(crl);
	ASN1_TIME_free(now);
	ERR_clear_error();
	return r ? r : on;
}
