#include "common/cert.h"

#include "common/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(CERT_NAME_MAX == PLOT_FEED_MAX, "a host's name is the origin of what it sends");

bool cert_name_is_good(const char *name)
{
	return name[0] && name[0] != '-' && strlen(name) < CERT_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static int sync_folder(const char *path)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');

	snprintf(dir, sizeof(dir), "%.*s", (int)(slash ? slash - path + 1 : 1), slash ? path : ".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
	if (fd >= 0)
		(void)close(fd);
	return r;
}

static int write_new(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, data, size);
	int r = n < 0 ? -errno : (size_t)n != size ? -ENOSPC : 0;
	if (!r && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	(void)close(fd);
	if (r)
		(void)unlink(path);
	return r;
}

int cert_write(const char *path, const void *data, size_t size, mode_t mode)
{
	char fresh[4096];

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	/* Left there by a kill. */
	(void)unlink(fresh);
	int r = write_new(fresh, data, size, mode);
	if (!r && rename(fresh, path) < 0)
		r = -errno;
	return r ? r : sync_folder(path);
}

int cert_key_make(const char *path)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	int r = -ENOMEM;

	if (key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
		long size = BIO_get_mem_data(bio, &pem);
		r = write_new(path, pem, (size_t)size, 0600);
		if (!r)
			r = sync_folder(path);
	}
	BIO_free(bio);
	EVP_PKEY_free(key);
	return r;
}

static int read_key(const char *path, EVP_PKEY **ret_key)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return -errno;
	*ret_key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	return *ret_key ? 0 : -EBADMSG;
}

static bool name_request(X509_REQ *req, const char *name)
{
	char uri[CERT_NAME_MAX + 32];
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	X509_NAME *subject = X509_REQ_get_subject_name(req);

	snprintf(uri, sizeof(uri), "URI:" CERT_HOST_PREFIX "%s", name);
	X509_EXTENSION *alt = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, uri);
	bool ok = all && alt && sk_X509_EXTENSION_push(all, alt) > 0;
	if (!ok)
		X509_EXTENSION_free(alt);
	ok = ok && X509_REQ_add_extensions(req, all) == 1 &&
	     X509_NAME_add_entry_by_txt(
		     subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) == 1;
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return ok;
}

/* Ed25519 and its like hash for themselves. */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256();
}

ssize_t cert_request(const char *key_file, const char *name, uint8_t *buf, size_t cap)
{
	EVP_PKEY *key = NULL;
	int r = read_key(key_file, &key);
	if (r)
		return r;
	X509_REQ *req = X509_REQ_new();
	ssize_t n = -ENOMEM;
	if (req && X509_REQ_set_pubkey(req, key) == 1 && name_request(req, name) &&
		X509_REQ_sign(req, key, digest_for(key)) > 0) {
		n = i2d_X509_REQ(req, NULL);
		if ((size_t)n > cap)
			n = -ENOBUFS;
		else
			(void)i2d_X509_REQ(req, &buf);
	}
	X509_REQ_free(req);
	EVP_PKEY_free(key);
	return n;
}

bool cert_spki(const X509_PUBKEY *key, uint8_t ret_hash[static 32])
{
	unsigned char *der = NULL;
	int size = i2d_X509_PUBKEY(key, &der);
	if (size <= 0)
		return false;
	SHA256(der, (size_t)size, ret_hash);
	OPENSSL_free(der);
	return true;
}

bool cert_host(const GENERAL_NAMES *names, char ret_name[static CERT_NAME_MAX])
{
	const size_t prefix = strlen(CERT_HOST_PREFIX);
	char uri[CERT_NAME_MAX + 32] = "";

	if (sk_GENERAL_NAME_num(names) != 1)
		return false;
	const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, 0);
	if (g->type != GEN_URI)
		return false;
	const ASN1_IA5STRING *text = g->d.uniformResourceIdentifier;
	int size = ASN1_STRING_length(text);
	if (size <= (int)prefix || (size_t)size >= sizeof(uri) ||
		memchr(ASN1_STRING_get0_data(text), 0, (size_t)size))
		return false;
	memcpy(uri, ASN1_STRING_get0_data(text), (size_t)size);
	if (strncmp(uri, CERT_HOST_PREFIX, prefix) != 0 || !cert_name_is_good(uri + prefix))
		return false;
	snprintf(ret_name, CERT_NAME_MAX, "%.31s", uri + prefix);
	return true;
}

bool cert_host_of(const X509 *cert, char ret_name[static CERT_NAME_MAX])
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool ok = names && cert_host(names, ret_name);

	GENERAL_NAMES_free(names);
	return ok;
}

int64_t cert_time_s(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool ok = epoch && t && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;

	ASN1_TIME_free(epoch);
	return ok ? days * INT64_C(86400) + seconds : 0;
}
