/*
 * vedette host - who may come: a host's key and request, its admission at the centre, its revocation, and the list of all.
 *
 * The register is a folder (common/roster.h) that fusion looks into at every connection and watches: what is done here holds
 * at once, and ends a session that is up.
 */
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/roster.h"
#include "enrol/authority.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAYS_DEFAULT 365
#define DAYS_MAX 3650

struct host_options {
	const char *dir, *ca, *ca_key, *roster, *crl, *out, *subject;
	unsigned days;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "vedette host: %s: %s\n", what, why);
	return 1;
}

static void print_hex(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		printf("%02x", data[i]);
}

/* --- on the mast --- */

static int write_request(const char *path, const uint8_t *der, size_t size)
{
	const unsigned char *p = der;
	X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)size);
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	int r = -ENOMEM;

	if (req && bio && PEM_write_bio_X509_REQ(bio, req) == 1) {
		long n = BIO_get_mem_data(bio, &pem);
		r = cert_write(path, pem, (size_t)n, 0644);
	}
	BIO_free(bio);
	X509_REQ_free(req);
	return r;
}

static int run_init(const struct host_options *o)
{
	char key[4096], csr[4096];
	uint8_t der[CERT_REQUEST_MAX];

	if (!cert_name_is_good(o->subject))
		return fail(o->subject, "a name is of a-z, 0-9 and -, at most 31");
	snprintf(key, sizeof(key), "%s/host.key", o->dir);
	snprintf(csr, sizeof(csr), "%s/host.csr", o->dir);
	int r = cert_key_make(key);
	if (r)
		return fail(key, r == -EEXIST ? "is there already; move it away for a new one" : strerror(-r));
	ssize_t n = cert_request(key, o->subject, der, sizeof(der));
	r = n < 0 ? (int)n : write_request(csr, der, (size_t)n);
	if (r)
		return fail(csr, strerror(-r));
	printf("%s: the key; it stays here\n%s: take it to the centre: vedette host admit host.csr\n", key, csr);
	return 0;
}

/* --- at the centre --- */

static ssize_t read_request(const char *path, uint8_t *der, size_t cap)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	ssize_t n = -EBADMSG;

	if (!f)
		return -errno;
	X509_REQ *req = PEM_read_X509_REQ(f, NULL, NULL, NULL);
	if (f != stdin)
		fclose(f);
	if (req && (n = i2d_X509_REQ(req, NULL)) > 0 && (size_t)n <= cap)
		(void)i2d_X509_REQ(req, &der);
	else
		n = req ? -EMSGSIZE : -EBADMSG;
	X509_REQ_free(req);
	return n;
}

static const char *why_not(int error)
{
	static const struct {
		int error;
		const char *text;
	} reasons[] = {
		{ -EBADMSG, "no certificate request, or not signed by its own key" },
		{ -EPROTONOSUPPORT, "its key is neither Ed25519 nor of an elliptic curve" },
		{ -EPERM, "its subjectAltName is not one URI vedette:host/NAME" },
		{ -EKEYEXPIRED, "the authority's own certificate ends within a day" },
		{ -EMSGSIZE, "longer than a request may be" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return reasons[i].text;
	return strerror(-error);
}

static int write_certificate(const char *out, X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	int r = bio && PEM_write_bio_X509(bio, cert) == 1 ? 0 : -ENOMEM;

	if (!r) {
		long n = BIO_get_mem_data(bio, &pem);
		if (out)
			r = cert_write(out, pem, (size_t)n, 0644);
		else if (fwrite(pem, 1, (size_t)n, stdout) != (size_t)n)
			r = -EIO;
	}
	BIO_free(bio);
	return r;
}

/* A host that is known stays who it is: another key for its name is a theft, or comes after a revocation. */
static int may_be_admitted(const struct host_options *o, const char *host, const uint8_t spki[static 32])
{
	X509 *certs[ROSTER_CERTS_MAX];
	int n = roster_read(o->roster, host, false, certs), verdict = roster_judge(o->roster, host, spki);

	if (n > 0)
		roster_free(certs, n);
	if (n < 0 || verdict < 0)
		return fail(host, strerror(n < 0 ? -n : -verdict));
	if (verdict == ROSTER_FOREIGN)
		return fail(host, "is admitted with another key; vedette host revoke it first");
	/* Revoked by name only is no hindrance: this is how a new mast takes the place of a stolen one. */
	if (verdict == ROSTER_REVOKED) {
		uint8_t hash[32];
		int gone = roster_read(o->roster, host, true, certs), same = 0;
		for (int i = 0; i < gone; i++)
			same |= cert_spki(X509_get_X509_PUBKEY(certs[i]), hash) && !memcmp(hash, spki, sizeof(hash));
		if (gone > 0)
			roster_free(certs, gone);
		if (same)
			return fail(host, "this very key was revoked; make a new one: vedette host init");
	}
	return 0;
}

static int run_admit(const struct host_options *o)
{
	char host[CERT_NAME_MAX], error[AUTHORITY_ERROR_MAX];
	uint8_t der[CERT_REQUEST_MAX], spki[32];
	struct authority *authority = NULL;
	X509 *cert = NULL;
	ssize_t n = read_request(o->subject, der, sizeof(der));
	int r = n < 0 ? (int)n : authority_check(der, (size_t)n, host, spki);

	if (r)
		return fail(o->subject, why_not(r));
	if (may_be_admitted(o, host, spki))
		return 1;
	if (authority_open(o->ca, o->ca_key, &authority, error))
		return fail("authority", error);
	r = authority_issue(authority, der, (size_t)n, o->days, clock_now_ns() / CLOCK_NS_PER_S, &cert);
	authority_close(authority);
	if (r)
		return fail(host, why_not(r));
	r = roster_add(o->roster, host, cert, NULL);
	if (r)
		fail(o->roster, strerror(-r));
	else if ((r = write_certificate(o->out, cert)))
		fail(o->out ? o->out : "stdout", strerror(-r));
	X509_free(cert);
	if (!r)
		fprintf(stderr, "%s is admitted; its certificate goes to /etc/vedette/tls/host.pem there\n", host);
	return r ? 1 : 0;
}

static int put_on_list(const struct host_options *o)
{
	char error[AUTHORITY_ERROR_MAX];
	struct authority *authority = NULL;
	X509 *certs[ROSTER_CERTS_MAX];
	int n = roster_read(o->roster, o->subject, true, certs), r = 0;

	if (n > 0 && authority_open(o->ca, o->ca_key, &authority, error)) {
		fprintf(stderr,
			"vedette host: %s; not on a revocation list yet: run this again where the authority's key is\n", error);
	} else if (n > 0) {
		r = authority_revoke(authority, o->crl, certs, n, clock_now_ns() / CLOCK_NS_PER_S);
		if (r < 0)
			fail(o->crl, r == -EBADMSG ? "no revocation list of this authority; left as it is" : strerror(-r));
		else
			printf("%s: %d serials of %s are on it\n", o->crl, r, o->subject);
	}
	if (n > 0)
		roster_free(certs, n);
	authority_close(authority);
	return r < 0;
}

static int run_revoke(const struct host_options *o)
{
	if (!cert_name_is_good(o->subject))
		return fail(o->subject, "not a host's name");
	/* The register first: it needs no key, and fusion obeys it within a second. */
	int r = roster_revoke(o->roster, o->subject);
	if (r)
		return fail(o->roster, strerror(-r));
	printf("%s is revoked: it can neither come nor renew, and fusion ends a session that is up\n", o->subject);
	return put_on_list(o);
}

static int print_host(void *user, const char *name, bool revoked)
{
	const struct host_options *o = user;
	X509 *certs[ROSTER_CERTS_MAX];
	int n = roster_read(o->roster, name, revoked, certs);

	if (n <= 0) {
		printf("%-12s %-8s %s\n", name, revoked ? "revoked" : "broken", n < 0 ? strerror(-n) : "(by name)");
		return 0;
	}
	for (int i = revoked ? 0 : n - 1; i < n; i++) {
		int64_t from_s = cert_time_s(X509_get0_notBefore(certs[i])), until_s = cert_time_s(X509_get0_notAfter(certs[i]));
		BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certs[i]), NULL);
		char *hex = serial ? BN_bn2hex(serial) : NULL, from[16], until[16];
		uint8_t spki[32] = { 0 };
		bool over = until_s < clock_now_ns() / CLOCK_NS_PER_S;
		(void)strftime(from, sizeof(from), "%F", gmtime(&(time_t){ from_s }));
		(void)strftime(until, sizeof(until), "%F", gmtime(&(time_t){ until_s }));
		(void)cert_spki(X509_get_X509_PUBKEY(certs[i]), spki);
		printf("%-12s %-8s %s..%s serial %s key ", name, revoked ? "revoked" : over ? "expired" : "admitted", from, until,
			hex ? hex : "?");
		print_hex(spki, sizeof(spki));
		putchar('\n');
		OPENSSL_free(hex);
		BN_free(serial);
	}
	roster_free(certs, n);
	return 0;
}

static int run_list(const struct host_options *o)
{
	int r = roster_each(o->roster, print_host, (void *)o);
	return r ? fail(o->roster, strerror(-r)) : 0;
}

/* --- arguments --- */

static const struct {
	const char *name;
	int (*run)(const struct host_options *o);
	bool subject; /* takes one argument */
} commands[] = {
	{ "init", run_init, true },
	{ "admit", run_admit, true },
	{ "revoke", run_revoke, true },
	{ "list", run_list, false },
};

static int usage(void)
{
	fprintf(stderr, "usage: vedette host %s\n", HOST_USAGE);
	return 2;
}

static bool take_option(struct host_options *o, const char *key, const char *value)
{
	const struct {
		const char *key;
		const char **field;
	} texts[] = { { "--dir", &o->dir }, { "--ca", &o->ca }, { "--ca-key", &o->ca_key }, { "--register", &o->roster },
		{ "--crl", &o->crl }, { "--out", &o->out } };
	char *end;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(texts[i].key, key)) {
			*texts[i].field = value;
			return true;
		}
	if (strcmp(key, "--days") != 0)
		return false;
	unsigned long days = strtoul(value, &end, 10);
	o->days = (unsigned)days;
	return !*end && days >= 1 && days <= DAYS_MAX;
}

int host_run(int argc, char **argv)
{
	struct host_options o = { .dir = "/etc/vedette/tls", .ca = "/etc/vedette/tls/ca.pem", .ca_key = "/etc/vedette/tls/ca.key",
		.roster = "/var/lib/vedette/hosts", .crl = "/etc/vedette/tls/crl.pem", .days = DAYS_DEFAULT };

	for (int i = 2; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			if (i + 1 >= argc || !take_option(&o, argv[i], argv[i + 1]))
				return usage();
			i++;
		} else if (!o.subject) {
			o.subject = argv[i];
		} else {
			return usage();
		}
	}
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name) && commands[i].subject == (o.subject != NULL))
			return commands[i].run(&o);
	return usage();
}
