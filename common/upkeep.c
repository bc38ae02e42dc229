#include "common/upkeep.h"

#include "common/clock.h"
#include "common/counter.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <time.h>

enum { FREE, SIZE, EXPIRY, _COUNTERS };
static struct counter counters[_COUNTERS] = {
	[FREE] = { "vedette_disk_free_bytes", "free for us on the disk of the state", true },
	[SIZE] = { "vedette_disk_size_bytes", "size of that disk", true },
	[EXPIRY] = { "vedette_certificate_expiry_timestamp_seconds", "when our certificate ends", true },
};
static char state_dir[1024], certificate[1024];
static int64_t told_end_ns; /* 0 = the file counts */

int upkeep_certificate_end(const char *path, int64_t *ret_end_ns)
{
	FILE *f = fopen(path, "re");
	struct tm end;

	if (!f)
		return -errno;
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	(void)fclose(f);
	bool ok = x && ASN1_TIME_to_tm(X509_get0_notAfter(x), &end) == 1;
	X509_free(x);
	if (!ok)
		return -EBADMSG;
	*ret_end_ns = (int64_t)timegm(&end) * CLOCK_NS_PER_S;
	return 0;
}

static void read_all(void)
{
	struct statvfs st;
	int64_t end_ns = told_end_ns;
	bool disk = state_dir[0] && statvfs(state_dir, &st) == 0;

	counters[FREE].value = disk ? (uint64_t)st.f_bavail * st.f_frsize : 0;
	counters[SIZE].value = disk ? (uint64_t)st.f_blocks * st.f_frsize : 0;
	if (!end_ns && certificate[0])
		(void)upkeep_certificate_end(certificate, &end_ns);
	counters[EXPIRY].value = end_ns > 0 ? (uint64_t)(end_ns / CLOCK_NS_PER_S) : 0;
}

void upkeep_certificate(int64_t end_ns)
{
	told_end_ns = end_ns;
}

void upkeep_register(const char *dir, const char *file)
{
	snprintf(state_dir, sizeof(state_dir), "%s", dir);
	snprintf(certificate, sizeof(certificate), "%s", file);
	counter_register(counters, _COUNTERS);
	counter_before(read_all);
}
