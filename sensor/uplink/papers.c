#include "sensor/uplink/papers.h"

#include "common/cert.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 320

enum shown { SHOWN_CONFIGURED, SHOWN_RENEWED, SHOWN_TRIAL };

struct papers {
	const struct config *config;
	char renewed[PATH_BYTES], trial[PATH_BYTES], pending[PATH_BYTES];
	enum shown shown;
	int64_t from_s, until_s; /* of what is shown */
};

static const char *certificate_of(const struct papers *p, enum shown which)
{
	const char *files[] = { [SHOWN_CONFIGURED] = p->config->certificate, [SHOWN_RENEWED] = p->renewed,
		[SHOWN_TRIAL] = p->trial };

	return files[which];
}

static X509 *read_cert(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	ERR_clear_error();
	return cert;
}

static bool read_times(const char *path, int64_t *ret_from_s, int64_t *ret_until_s)
{
	X509 *cert = read_cert(path);

	if (!cert)
		return false;
	*ret_from_s = cert_time_s(X509_get0_notBefore(cert));
	*ret_until_s = cert_time_s(X509_get0_notAfter(cert));
	X509_free(cert);
	return true;
}

/* The newest there is; what we got ourselves wins where two begin together. */
static int choose(struct papers *p)
{
	int r = -ENOENT;

	for (enum shown i = SHOWN_CONFIGURED; i <= SHOWN_TRIAL; i++) {
		int64_t from_s, until_s;
		if (!read_times(certificate_of(p, i), &from_s, &until_s) || (!r && from_s < p->from_s))
			continue;
		p->shown = i;
		p->from_s = from_s;
		p->until_s = until_s;
		r = 0;
	}
	return r;
}

int papers_open(const struct config *config, struct papers **ret_p)
{
	struct papers *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->config = config;
	snprintf(p->renewed, sizeof(p->renewed), "%s/renewed.pem", config->state_directory);
	snprintf(p->trial, sizeof(p->trial), "%s/trial.pem", config->state_directory);
	snprintf(p->pending, sizeof(p->pending), "%s/pending.key", config->state_directory);
	int r = choose(p);
	if (r) {
		papers_free(p);
		return r;
	}
	*ret_p = p;
	return 0;
}

void papers_free(struct papers *p)
{
	free(p);
}

void papers_files(const struct papers *p, struct bus_tls *tls)
{
	tls->cert_file = certificate_of(p, p->shown);
	tls->key_file = p->shown == SHOWN_CONFIGURED ? p->config->key : tls->cert_file;
}

int64_t papers_left_s(const struct papers *p, int64_t now_s)
{
	return p->until_s - now_s;
}

bool papers_due(const struct papers *p, int64_t now_s)
{
	return p->shown != SHOWN_TRIAL && papers_left_s(p, now_s) < (p->until_s - p->from_s) / 3;
}

ssize_t papers_request(struct papers *p, uint8_t *buf, size_t cap)
{
	int r = cert_key_make(p->pending);

	if (r && r != -EEXIST)
		return r;
	ssize_t n = cert_request(p->pending, p->config->origin, buf, cap);
	/* Half a key, from a power cut: the next request makes another. */
	if (n == -EBADMSG)
		(void)unlink(p->pending);
	return n;
}

static EVP_PKEY *read_pending(const struct papers *p)
{
	FILE *f = fopen(p->pending, "re");
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	return key;
}

static int write_trial(const struct papers *p, X509 *cert, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	int r = bio && PEM_write_bio_X509(bio, cert) == 1 &&
				PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 ?
			0 :
			-ENOMEM;

	if (!r) {
		long size = BIO_get_mem_data(bio, &pem);
		r = cert_write(p->trial, pem, (size_t)size, 0600);
	}
	BIO_free(bio);
	return r;
}

static int take(struct papers *p, X509 *cert)
{
	char name[CERT_NAME_MAX];
	EVP_PKEY *key = read_pending(p);
	bool ours = key && X509_check_private_key(cert, key) == 1 && cert_host_of(cert, name) &&
		    !strcmp(name, p->config->origin);
	int r = ours ? write_trial(p, cert, key) : -EKEYREJECTED;

	EVP_PKEY_free(key);
	ERR_clear_error();
	if (r)
		return r;
	p->shown = SHOWN_TRIAL;
	p->from_s = cert_time_s(X509_get0_notBefore(cert));
	p->until_s = cert_time_s(X509_get0_notAfter(cert));
	return 0;
}

int papers_take(struct papers *p, const void *der, size_t size)
{
	const unsigned char *at = der;
	X509 *cert = d2i_X509(NULL, &at, (long)size);
	int r = cert ? take(p, cert) : -EBADMSG;

	X509_free(cert);
	ERR_clear_error();
	return r;
}

bool papers_on_trial(const struct papers *p)
{
	return p->shown == SHOWN_TRIAL;
}

int papers_proven(struct papers *p)
{
	if (rename(p->trial, p->renewed) < 0)
		return -errno;
	p->shown = SHOWN_RENEWED;
	(void)unlink(p->pending);
	return 0;
}

void papers_failed(struct papers *p)
{
	(void)unlink(p->trial);
	(void)choose(p);
}
