/*
 * A host for years: vedette host, vedette-fusion, vedette-enrol and vedette-uplink as they are run, over TLS.
 *
 * What the centre took of a host is what its journal holds; the uplink's own health is enough of a record for that.
 */
#include "common/clock.h"
#include "common/roster.h"
#include "common/wire.h"
#include "fusion/journal.h"
#include "tests/assert_near.h"
#include "tests/util/certs.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_NS (60 * CLOCK_NS_PER_S)
#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

enum { FUSION, UPLINK, ENROL, PROGRAMS };
static const char *const names[PROGRAMS] = { "FUSION", "UPLINK", "ENROL" };
static pid_t pids[PROGRAMS];
static char dir[64], roster[80];
static int port;

static void write_file(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void write_configs(void)
{
	char text[2048];
	snprintf(text, sizeof(text),
		"[Fusion]\nOrigin=xa\nListen=tls+tcp://127.0.0.1:%d\nTrackListen=ipc://%s/fusion.sock\nRegister=%s\n"
		"Enrol=%s/enrol.sock\nStateDirectory=%s/fusion\nLatitude=54 deg\nLongitude=11 deg\n"
		"[TLS]\nCA=%s/ca.pem\nCertificate=%s/centre.pem\nKey=%s/centre.key\n",
		port, dir, roster, dir, dir, dir, dir, dir);
	write_file("fusion.conf", text);
	snprintf(text, sizeof(text),
		"[Uplink]\nOrigin=mast1\nListen=ipc://%s/uplink.sock\nCentre=tls+tcp://127.0.0.1:%d\n"
		"CentreIdentity=vedette:centre/xa\nStateDirectory=%s/uplink\nFilterStatus=%s/filter\n"
		"[TLS]\nCA=%s/ca.pem\nCertificate=%s/host.pem\nKey=%s/host.key\n",
		dir, port, dir, dir, dir, dir, dir);
	write_file("uplink.conf", text);
	snprintf(text, sizeof(text),
		"[Enrol]\nSocket=%s/enrol.sock\nRegister=%s\nLife=30 d\n[Authority]\nCA=%s/ca.pem\nKey=%s/ca.key\n", dir,
		roster, dir, dir);
	write_file("enrol.conf", text);
}

static void start(int program)
{
	static const char *const configs[PROGRAMS] = { "fusion.conf", "uplink.conf", "enrol.conf" };
	char config[128], log[128];
	snprintf(config, sizeof(config), "%s/%s", dir, configs[program]);
	snprintf(log, sizeof(log), "%s/%s.log", dir, names[program]);
	pids[program] = fork();
	assert_true(pids[program] >= 0);
	if (pids[program])
		return;
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(fd, 2);
	execl(getenv(names[program]), names[program], "--config", config, (char *)NULL);
	_exit(127);
}

static void stop(int program, int sig)
{
	if (pids[program] <= 0)
		return;
	kill(pids[program], sig);
	waitpid(pids[program], NULL, 0);
	pids[program] = 0;
}

static unsigned said(int program, const char *what)
{
	char path[128], line[1024];
	unsigned n = 0;
	snprintf(path, sizeof(path), "%s/%s.log", dir, names[program]);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, what) != NULL;
	if (f)
		fclose(f);
	return n;
}

static int count_row(void *user, const struct journal_row *row)
{
	*(unsigned *)user += !strcmp(row->origin, "mast1");
	return 0;
}

/* Records of the host that are durable at the centre. */
static unsigned taken(void)
{
	char path[128];
	unsigned n = 0;
	snprintf(path, sizeof(path), "%s/fusion/journal", dir);
	(void)journal_read(path, 1, NULL, count_row, &n);
	return n;
}

#define wait_until(what)                                                                           \
	do {                                                                                       \
		int64_t end_ = clock_mono_ns() + WAIT_NS;                                          \
		while (!(what) && clock_mono_ns() < end_)                                          \
			usleep(50000);                                                             \
		assert_true(what);                                                                 \
	} while (0)

static int vedette(const char *arguments)
{
	char command[1024];
	snprintf(command, sizeof(command), "cd %s && %s host %s >>cli.log 2>&1", dir, getenv("VEDETTE"), arguments);
	return WEXITSTATUS(system(command));
}

#define AUTHORITY " --ca ca.pem --ca-key ca.key --register hosts "

static X509 *read_cert(const char *name)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "re");
	if (!f)
		return NULL;
	X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	return cert;
}

/* A certificate for the mast of such a life, in the register when @admitted. */
static void issue(const char *file, int starts_s, int ends_s, bool admitted)
{
	char path[64];
	certs_issue(dir, "ca", file,
		&(struct certs_spec){ .uri = "vedette:host/mast1", .starts_s = starts_s, .ends_s = ends_s });
	snprintf(path, sizeof(path), "%s.pem", file);
	X509 *cert = read_cert(path);
	if (admitted)
		assert_int_equal(roster_add(roster, "mast1", cert, NULL), 0);
	X509_free(cert);
}

/* Is the newest certificate of the register the one in the mast's renewed.pem, and with a new key? */
static bool renewed(void)
{
	X509 *certs[ROSTER_CERTS_MAX], *ours = read_cert("uplink/renewed.pem"), *old = read_cert("host.pem");
	int n = roster_read(roster, "mast1", false, certs);
	bool same = n > 0 && ours && !X509_cmp(ours, certs[n - 1]);
	if (same)
		assert_int_equal(X509_check_private_key(ours, X509_get0_pubkey(old)), 0);
	if (n > 0)
		roster_free(certs, n);
	X509_free(ours);
	X509_free(old);
	return same;
}

/* --- tests --- */

static void an_enrolled_host_comes_and_a_revoked_one_is_gone_at_once_and_for_good(void **state)
{
	struct stat st;
	char path[128];
	assert_int_equal(vedette("init mast1 --dir ."), 0);
	assert_int_equal(vedette("init mast1 --dir ."), 1); /* the key that is there stays */
	snprintf(path, sizeof(path), "%s/host.key", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	start(FUSION);
	assert_int_equal(vedette("admit host.csr --days 90 --out host.pem" AUTHORITY), 0);
	start(UPLINK);
	wait_until(taken() > 0);
	assert_int_equal(vedette("revoke mast1 --crl crl.pem" AUTHORITY), 0);
	wait_until(said(FUSION, "host mast1 gone: it was revoked"));
	unsigned before = taken();
	stop(UPLINK, SIGKILL);
	start(UPLINK);
	wait_until(said(FUSION, "vedette:host/mast1 is not admitted"));
	assert_int_equal(taken(), before);
	assert_int_equal(vedette("admit host.csr" AUTHORITY), 1);
	/* Its serial is on the list as well. */
	char command[300];
	snprintf(command, sizeof(command), "cd %s && openssl verify -crl_check -CAfile ca.pem -CRLfile crl.pem host.pem >/dev/null 2>&1", dir);
	assert_int_not_equal(system(command), 0);
	/* A new mast in its place. */
	stop(UPLINK, SIGTERM);
	snprintf(path, sizeof(path), "%s/host.key", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(vedette("init mast1 --dir ."), 0);
	assert_int_equal(vedette("admit host.csr --out host.pem" AUTHORITY), 0);
	start(UPLINK);
	wait_until(taken() > before);
	assert_int_equal(vedette("list --register hosts"), 0);
}

static void a_certificate_near_its_end_is_renewed_by_itself(void **state)
{
	issue("host", -20 * HOUR_S, 4 * HOUR_S, true);
	start(ENROL);
	start(FUSION);
	start(UPLINK);
	wait_until(renewed());
	wait_until(said(UPLINK, "our certificate is renewed, good for"));
	unsigned before = taken();
	/* The new one is what it comes with after a power cut. */
	stop(UPLINK, SIGKILL);
	start(UPLINK);
	wait_until(taken() > before);
	assert_int_equal(said(FUSION, "renewal only"), 0);
	assert_int_equal(said(ENROL, "host mast1: renewed"), 1);
}

static void a_certificate_that_expired_months_ago_is_renewed_and_nothing_taken_before(void **state)
{
	char path[128];
	issue("host", -400 * DAY_S, -200 * DAY_S, true);
	start(FUSION);
	start(UPLINK);
	wait_until(said(UPLINK, "does not renew our certificate: vedette-enrol is not enabled here"));
	assert_int_equal(taken(), 0);
	assert_int_equal(said(FUSION, "host mast1 connected"), 0);
	start(ENROL);
	snprintf(path, sizeof(path), "%s/enrol.sock", dir);
	wait_until(access(path, F_OK) == 0);
	stop(UPLINK, SIGKILL); /* it would ask again in ten minutes */
	start(UPLINK);
	wait_until(renewed());
	wait_until(taken() > 0);
	wait_until(said(FUSION, "host mast1 connected"));
}

/* The pending key, the certificate on trial, the one in force: whatever a kill finds half done is gone on with. */
static void killed_anywhere_a_renewal_is_finished(void **state)
{
	issue("host", -400 * DAY_S, -200 * DAY_S, true);
	start(ENROL);
	start(FUSION);
	for (int i = 0; i < 12; i++) {
		start(UPLINK);
		usleep(20000 + 40000 * (unsigned)i + (unsigned)(random() % 20000));
		stop(UPLINK, SIGKILL);
	}
	start(UPLINK);
	wait_until(renewed());
	wait_until(taken() > 0);
	assert_true(said(ENROL, "host mast1: renewed") >= 1);
	char path[128];
	snprintf(path, sizeof(path), "%s/uplink/pending.key", dir);
	wait_until(access(path, F_OK) < 0);
}

static void another_key_with_the_name_gets_nothing(void **state)
{
	issue("host", -400 * DAY_S, -200 * DAY_S, true);
	issue("host", -400 * DAY_S, -200 * DAY_S, false); /* the authority's, the name's, not the register's */
	start(ENROL);
	start(FUSION);
	start(UPLINK);
	wait_until(said(FUSION, "vedette:host/mast1: not the key it was admitted with"));
	issue("host", -HOUR_S, DAY_S, false);
	stop(UPLINK, SIGTERM);
	start(UPLINK);
	wait_until(said(UPLINK, "link to the centre lost") >= 2);
	assert_int_equal(taken(), 0);
	assert_int_equal(said(ENROL, "renewed"), 0);
}

static void a_revoked_host_renews_nothing(void **state)
{
	issue("host", -400 * DAY_S, -200 * DAY_S, true);
	assert_int_equal(roster_revoke(roster, "mast1"), 0);
	start(ENROL);
	start(FUSION);
	start(UPLINK);
	wait_until(said(FUSION, "vedette:host/mast1: it was revoked"));
	wait_until(said(UPLINK, "link to the centre lost") >= 2);
	assert_int_equal(taken(), 0);
	assert_int_equal(said(ENROL, "renewed"), 0);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/enrol-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(roster, sizeof(roster), "%s/hosts", dir);
	(void)mkdir(roster, 0755);
	port = 20000 + (getpid() + 7) % 20000;
	certs_ca(dir, "ca");
	certs_issue(dir, "ca", "centre", &(struct certs_spec){ .uri = "vedette:centre/xa" });
	write_configs();
	for (int i = 0; i < 2; i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", dir, i ? "fusion" : "uplink");
		(void)mkdir(path, 0700);
	}
	return 0;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int teardown(void **state)
{
	char command[160];
	for (int i = 0; i < PROGRAMS; i++)
		stop(i, SIGKILL);
	snprintf(command, sizeof(command), "tail -n 20 %s/*.log", dir);
	if (getenv("ENROL_LOG"))
		(void)!system(command);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_enrolled_host_comes_and_a_revoked_one_is_gone_at_once_and_for_good),
		TEST(a_certificate_near_its_end_is_renewed_by_itself),
		TEST(a_certificate_that_expired_months_ago_is_renewed_and_nothing_taken_before),
		TEST(killed_anywhere_a_renewal_is_finished),
		TEST(another_key_with_the_name_gets_nothing),
		TEST(a_revoked_host_renews_nothing),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
