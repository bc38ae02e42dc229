#include "enrol/renewal.h"

#include "common/roster.h"

#include <errno.h>
#include <string.h>

static int refuse(int code, const char *why, const char **ret_why)
{
	*ret_why = why;
	return code;
}

static bool has_key(const X509 *cert, const uint8_t spki[static 32])
{
	uint8_t hash[32];

	return cert_spki(X509_get_X509_PUBKEY(cert), hash) && !memcmp(hash, spki, sizeof(hash));
}

static int check_request(const struct renewal_policy *p, const struct renew_message *m, uint8_t ret_spki[static 32],
	const char **ret_why)
{
	char host[CERT_NAME_MAX];
	int r = authority_check(m->data, m->size, host, ret_spki);

	if (r)
		return refuse(r, r == -EPERM ? "the request names no host" : "not a request we sign", ret_why);
	if (strcmp(host, m->host) != 0)
		return refuse(-EPERM, "the request names another host", ret_why);
	if (roster_judge(p->roster, m->host, m->spki) != ROSTER_ADMITTED)
		return refuse(-EACCES, "not in the register with this key", ret_why);
	if (roster_judge(p->roster, m->host, ret_spki) == ROSTER_REVOKED)
		return refuse(-EACCES, "the key it asks for was revoked", ret_why);
	return 0;
}

/* Return: 1 when @newest answers the request already, 0 when another may be issued, or -errno. */
static int check_time(const X509 *newest, const struct renew_message *m, const uint8_t spki[static 32], int64_t now_s,
	const char **ret_why)
{
	int64_t made_s = cert_time_s(X509_get0_notBefore(newest)) + AUTHORITY_BACKDATE_S;
	int64_t until_s = cert_time_s(X509_get0_notAfter(newest));
	bool same = has_key(newest, spki), recent = now_s < made_s + RENEWAL_EVERY_S;

	if (same && until_s > now_s && (recent || !has_key(newest, m->spki)))
		return 1;
	if (recent)
		return refuse(-EAGAIN, "renewed within the hour", ret_why);
	if (until_s - now_s > (until_s - made_s) / 2)
		return refuse(-EAGAIN, "not in the second half of its life yet", ret_why);
	return 0;
}

static int issue(const struct renewal_policy *p, const struct renew_message *m, int64_t now_s, X509 **ret_cert,
	const char **ret_why)
{
	X509 *cert = NULL;
	int r = authority_issue(p->authority, m->data, m->size, p->days, now_s, &cert);

	if (r)
		return refuse(r, r == -EKEYEXPIRED ? "the authority's own certificate ends" : "cannot sign", ret_why);
	/* In the register before anybody has it: one that got away must be known here. */
	r = roster_add(p->roster, m->host, cert, m->spki);
	if (r) {
		X509_free(cert);
		return refuse(r, "the register cannot be written", ret_why);
	}
	*ret_cert = cert;
	return 0;
}

int renewal_decide(const struct renewal_policy *p, const struct renew_message *m, int64_t now_s, X509 **ret_cert,
	const char **ret_why)
{
	X509 *certs[ROSTER_CERTS_MAX];
	uint8_t spki[32];
	int r = check_request(p, m, spki, ret_why);

	if (r)
		return r;
	int n = roster_read(p->roster, m->host, false, certs);
	if (n <= 0)
		return refuse(n ? n : -ENOENT, "the register cannot be read", ret_why);
	r = check_time(certs[n - 1], m, spki, now_s, ret_why);
	if (r > 0) {
		*ret_cert = certs[n - 1];
		(void)X509_up_ref(*ret_cert);
		r = 0;
	} else if (!r) {
		r = issue(p, m, now_s, ret_cert, ret_why);
	}
	roster_free(certs, n);
	return r;
}
