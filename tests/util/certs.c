#include "tests/util/certs.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S 86400

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void ok(int r)
{
	if (r <= 0)
		abort();
}

static FILE *file(const char *dir, const char *name, const char *ext, const char *mode)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, ext);
	return must(fopen(path, mode));
}

static X509 *read_cert(const char *dir, const char *name)
{
	FILE *f = file(dir, name, "pem", "re");
	X509 *cert = must(PEM_read_X509(f, NULL, NULL, NULL));
	fclose(f);
	return cert;
}

static EVP_PKEY *read_key(const char *dir, const char *name)
{
	FILE *f = file(dir, name, "key", "re");
	EVP_PKEY *key = must(PEM_read_PrivateKey(f, NULL, NULL, NULL));
	fclose(f);
	return key;
}

static void write_pair(const char *dir, const char *name, X509 *cert, EVP_PKEY *key)
{
	FILE *f = file(dir, name, "pem", "we");
	ok(PEM_write_X509(f, cert));
	fclose(f);
	f = file(dir, name, "key", "we");
	ok(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *e = must(X509V3_EXT_conf_nid(NULL, &ctx, nid, value));
	ok(X509_add_ext(cert, e, -1));
	X509_EXTENSION_free(e);
}

static X509 *new_cert(const char *name, EVP_PKEY *key, int starts_s, int ends_s)
{
	static long serial;
	X509 *cert = must(X509_new());
	X509_NAME *subject = X509_get_subject_name(cert);

	ok(X509_set_version(cert, X509_VERSION_3));
	ok(ASN1_INTEGER_set(X509_get_serialNumber(cert), ((long)getpid() << 12) + ++serial));
	must(X509_gmtime_adj(X509_getm_notBefore(cert), starts_s));
	must(X509_gmtime_adj(X509_getm_notAfter(cert), ends_s));
	ok(X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0));
	ok(X509_set_pubkey(cert, key));
	return cert;
}

void certs_ca(const char *dir, const char *name)
{
	EVP_PKEY *key = must(EVP_EC_gen("P-256"));
	X509 *cert = new_cert(name, key, -1000 * DAY_S, 3650 * DAY_S);
	ok(X509_set_issuer_name(cert, X509_get_subject_name(cert)));
	extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
	extend(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	extend(cert, cert, NID_subject_key_identifier, "hash");
	ok(X509_sign(cert, key, EVP_sha256()));
	write_pair(dir, name, cert, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

void certs_issue(const char *dir, const char *ca, const char *name, const struct certs_spec *spec)
{
	EVP_PKEY *key = must(EVP_EC_gen("P-256")), *ca_key = read_key(dir, ca);
	X509 *ca_cert = read_cert(dir, ca);
	bool set = spec->starts_s || spec->ends_s;
	X509 *cert = new_cert(name, key, set ? spec->starts_s : -DAY_S, set ? spec->ends_s : DAY_S);
	char alt[512];

	ok(X509_set_issuer_name(cert, X509_get_subject_name(ca_cert)));
	extend(cert, ca_cert, NID_basic_constraints, "critical,CA:FALSE");
	extend(cert, ca_cert, NID_ext_key_usage, "serverAuth,clientAuth");
	snprintf(alt, sizeof(alt), "%s%s%s%s%s", spec->uri ? "URI:" : "",
		spec->uri ? spec->uri : "", spec->uri && spec->dns ? "," : "",
		spec->dns ? "DNS:" : "", spec->dns ? spec->dns : "");
	if (alt[0])
		extend(cert, ca_cert, NID_subject_alt_name, alt);
	ok(X509_sign(cert, ca_key, EVP_sha256()));
	write_pair(dir, name, cert, key);
	X509_free(cert);
	X509_free(ca_cert);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
}

static void put_on_list(X509_CRL *crl, X509 *cert)
{
	X509_REVOKED *r = must(X509_REVOKED_new());
	ASN1_TIME *now = must(X509_gmtime_adj(NULL, -60));
	ok(X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(cert)));
	ok(X509_REVOKED_set_revocationDate(r, now));
	ok(X509_CRL_add0_revoked(crl, r));
	ASN1_TIME_free(now);
}

void certs_crl_until(const char *dir, const char *ca, const char *name, const char *revoked, int ends_s)
{
	X509_CRL *crl = must(X509_CRL_new());
	X509 *ca_cert = read_cert(dir, ca);
	EVP_PKEY *key = read_key(dir, ca);
	ASN1_TIME *from = must(X509_gmtime_adj(NULL, -7200)),
		  *to = must(X509_gmtime_adj(NULL, ends_s));

	ok(X509_CRL_set_version(crl, X509_CRL_VERSION_2));
	ok(X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca_cert)));
	ok(X509_CRL_set1_lastUpdate(crl, from));
	ok(X509_CRL_set1_nextUpdate(crl, to));
	if (revoked) {
		X509 *cert = read_cert(dir, revoked);
		put_on_list(crl, cert);
		X509_free(cert);
	}
	ok(X509_CRL_sort(crl));
	ok(X509_CRL_sign(crl, key, EVP_sha256()));
	FILE *f = file(dir, name, "pem", "we");
	ok(PEM_write_X509_CRL(f, crl));
	fclose(f);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(crl);
	X509_free(ca_cert);
	EVP_PKEY_free(key);
}

void certs_crl(const char *dir, const char *ca, const char *name, const char *revoked)
{
	certs_crl_until(dir, ca, name, revoked, DAY_S);
}
