/* certs - throw-away authorities, certificates and revocation lists for tests, as PEM files in a directory. */
#pragma once

/* What is special about a certificate. */
struct certs_spec {
	const char *uri; /* subjectAltName URI; NULL = none */
	const char *dns; /* subjectAltName DNS; NULL = none */
	int starts_s, ends_s; /* validity relative to now; both 0 = yesterday to tomorrow */
};

/* certs_ca() - DIR/NAME.pem and DIR/NAME.key, self-signed. All abort the test program when OpenSSL fails. */
void certs_ca(const char *dir, const char *name);
/* certs_issue() - DIR/NAME.pem and DIR/NAME.key, signed by DIR/CA. */
void certs_issue(const char *dir, const char *ca, const char *name, const struct certs_spec *spec);
/* certs_crl() - DIR/NAME.pem: a list of DIR/CA with the certificate DIR/REVOKED.pem on it (NULL = an empty list). */
void certs_crl(const char *dir, const char *ca, const char *name, const char *revoked);
/* certs_crl_until() - the same, its next one due in @ends_s: negative for a list that is overdue. */
void certs_crl_until(const char *dir, const char *ca, const char *name, const char *revoked, int ends_s);
