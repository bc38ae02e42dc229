#include "common/roster.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_BYTES 4096

static int path_of(const char *dir, const char *name, bool revoked, char path[static PATH_BYTES])
{
	if (!cert_name_is_good(name))
		return -EINVAL;
	int n = snprintf(path, PATH_BYTES, "%s/%s.%s", dir, name, revoked ? "revoked" : "pem");
	return n >= PATH_BYTES ? -ENAMETOOLONG : 0;
}

void roster_free(X509 *certs[static ROSTER_CERTS_MAX], int n)
{
	for (int i = 0; i < n; i++)
		X509_free(certs[i]);
}

int roster_read(const char *dir, const char *name, bool revoked, X509 *ret_certs[static ROSTER_CERTS_MAX])
{
	char path[PATH_BYTES];
	int n = 0, r = path_of(dir, name, revoked, path);
	FILE *f = r ? NULL : fopen(path, "re");

	if (!f)
		return r ? r : errno == ENOENT ? 0 : -errno;
	while (n < ROSTER_CERTS_MAX && (ret_certs[n] = PEM_read_X509(f, NULL, NULL, NULL)))
		n++;
	bool failed = ferror(f) != 0;
	fclose(f);
	ERR_clear_error();
	if (!failed && (n || revoked))
		return n;
	roster_free(ret_certs, n);
	return failed ? -EIO : -EBADMSG;
}

/* Return: 1 when one of them has the key, 0, or -errno. @ret_n: how many there are. */
static int has_key(const char *dir, const char *name, bool revoked, const uint8_t spki[static 32], int *ret_n)
{
	X509 *certs[ROSTER_CERTS_MAX];
	uint8_t hash[32];
	int n = roster_read(dir, name, revoked, certs), found = 0;

	for (int i = 0; i < n && !found; i++)
		found = cert_spki(X509_get_X509_PUBKEY(certs[i]), hash) && !memcmp(hash, spki, sizeof(hash));
	if (n > 0)
		roster_free(certs, n);
	*ret_n = n;
	return n < 0 ? n : found;
}

static bool was_revoked(const char *dir, const char *name)
{
	char path[PATH_BYTES];

	return path_of(dir, name, true, path) == 0 && access(path, F_OK) == 0;
}

int roster_judge(const char *dir, const char *name, const uint8_t spki[static 32])
{
	int n = 0, r = has_key(dir, name, true, spki, &n);

	if (r)
		return r < 0 ? r : ROSTER_REVOKED;
	r = has_key(dir, name, false, spki, &n);
	if (r < 0)
		return r;
	if (r)
		return ROSTER_ADMITTED;
	if (n)
		return ROSTER_FOREIGN;
	return was_revoked(dir, name) ? ROSTER_REVOKED : ROSTER_UNKNOWN;
}

/* --- writing --- */

static int lock(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) < 0) {
		int r = -errno;
		(void)close(fd);
		return r;
	}
	return fd;
}

static int write_certs(const char *dir, const char *name, bool revoked, X509 *const *certs, int n)
{
	char path[PATH_BYTES], *pem = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	int r = bio ? path_of(dir, name, revoked, path) : -ENOMEM;

	for (int i = 0; !r && i < n; i++)
		if (PEM_write_bio_X509(bio, certs[i]) != 1)
			r = -ENOMEM;
	if (!r) {
		long size = BIO_get_mem_data(bio, &pem);
		r = cert_write(path, size ? pem : "", (size_t)size, 0644);
	}
	BIO_free(bio);
	return r;
}

static int add_locked(const char *dir, const char *name, X509 *cert, const uint8_t *keep)
{
	X509 *old[ROSTER_CERTS_MAX], *now[2];
	uint8_t hash[32];
	int n = roster_read(dir, name, false, old), kept = 0;

	/* One that cannot be read names nobody: it is replaced. */
	for (int i = n - 1; keep && i >= 0 && !kept; i--)
		if (cert_spki(X509_get_X509_PUBKEY(old[i]), hash) && !memcmp(hash, keep, sizeof(hash)))
			now[kept++] = old[i];
	now[kept] = cert;
	int r = write_certs(dir, name, false, now, kept + 1);
	if (n > 0)
		roster_free(old, n);
	return r;
}

int roster_add(const char *dir, const char *name, X509 *cert, const uint8_t *keep)
{
	int fd = lock(dir);
	if (fd < 0)
		return fd;
	int r = add_locked(dir, name, cert, keep);
	(void)close(fd);
	return r;
}

static int revoke_locked(const char *dir, const char *name)
{
	X509 *gone[ROSTER_CERTS_MAX], *last[ROSTER_CERTS_MAX], *all[2 * ROSTER_CERTS_MAX];
	char path[PATH_BYTES];
	int n_gone = roster_read(dir, name, true, gone), n = 0;
	int n_last = roster_read(dir, name, false, last);
	int r = path_of(dir, name, false, path);

	for (int i = 0; i < n_gone; i++)
		all[n++] = gone[i];
	for (int i = 0; i < n_last; i++)
		all[n++] = last[i];
	int first = n > ROSTER_CERTS_MAX ? n - ROSTER_CERTS_MAX : 0;
	/* First taken back, then no more admitted: a kill in between leaves it revoked. */
	if (!r)
		r = write_certs(dir, name, true, all + first, n - first);
	if (!r && unlink(path) < 0 && errno != ENOENT)
		r = -errno;
	roster_free(all, n);
	return r;
}

int roster_revoke(const char *dir, const char *name)
{
	int fd = lock(dir);
	if (fd < 0)
		return fd;
	int r = revoke_locked(dir, name);
	(void)close(fd);
	return r;
}

static int is_roster_file(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');
	char name[CERT_NAME_MAX];

	if (!dot || dot - e->d_name >= CERT_NAME_MAX || (strcmp(dot, ".pem") && strcmp(dot, ".revoked")))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)(dot - e->d_name), e->d_name);
	return cert_name_is_good(name);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int roster_each(const char *dir, int (*fn)(void *user, const char *name, bool revoked), void *user)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_roster_file, by_name), r = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		char *dot = strrchr(entries[i]->d_name, '.');
		bool revoked = !strcmp(dot, ".revoked");
		*dot = 0;
		if (r >= 0)
			r = fn(user, entries[i]->d_name, revoked);
		free(entries[i]);
	}
	free(entries);
	return r < 0 ? r : 0;
}
