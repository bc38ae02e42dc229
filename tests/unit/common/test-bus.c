#include "common/bus.h"
#include "common/clock.h"
#include "common/tls_engine.h"
#include "tests/assert_near.h"
#include "tests/util/certs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_NS (10 * CLOCK_NS_PER_S)
#define REASON_MAX 256

static sd_event *event;
static char dir[] = "/tmp/bus-XXXXXX";
static uint8_t big[BUS_FRAME_MAX];

/* One side: what it saw. */
struct side {
	struct bus *bus;
	struct bus_conn *conn;
	struct bus_peer peer;
	int opened, closed, refused, frames, writable;
	size_t bytes;
	char last[64]; /* start of the last frame */
	char reason[REASON_MAX];
	bool echo, deny;
};

static bool on_admit(void *user, const struct bus_peer *peer)
{
	struct side *s = user;
	s->peer = *peer;
	return !s->deny;
}

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct side *s = user;
	s->opened++;
	s->conn = conn;
	s->peer = *peer;
	bus_conn_set_user(conn, s);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct side *s = user;
	s->frames++;
	s->bytes += size;
	size_t n = size < sizeof(s->last) ? size : sizeof(s->last) - 1;
	memcpy(s->last, data, n);
	s->last[n] = 0;
	assert_ptr_equal(bus_conn_user(conn), s);
	if (s->echo)
		assert_int_equal(bus_send(conn, data, size), 0);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct side *s = user;
	s->closed++;
	if (s->conn == conn)
		s->conn = NULL;
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

static void on_writable(void *user, struct bus_conn *conn)
{
	((struct side *)user)->writable++;
}

static void on_refused(void *user, const char *reason)
{
	struct side *s = user;
	s->refused++;
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

static const struct bus_ops side_ops = { on_admit, on_opened, on_frame, on_closed, on_writable,
	on_refused };

/* Runs the loop until *what is at least n. */
static void wait_for(const int *what, int n)
{
	int64_t end = clock_mono_ns() + WAIT_NS;
	while (*what < n && clock_mono_ns() < end)
		sd_event_run(event, 50000);
	if (*what < n)
		fail_msg("waited in vain: %d < %d", *what, n);
}

static void run_for_ms(int ms)
{
	int64_t end = clock_mono_ns() + ms * CLOCK_NS_PER_MS;
	while (clock_mono_ns() < end)
		sd_event_run(event, 5000);
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int group_setup(void **state)
{
	if (!mkdtemp(dir) || sd_event_default(&event) < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	(void)chmod(dir, 0755);
	certs_ca(dir, "ca");
	certs_ca(dir, "foreign");
	certs_issue(dir, "ca", "centre",
		&(struct certs_spec){ .uri = "vedette:centre/xa", .dns = "centre.test" });
	certs_issue(dir, "ca", "host", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	certs_issue(dir, "ca", "stolen", &(struct certs_spec){ .uri = "vedette:host/mast2" });
	certs_issue(dir, "ca", "old",
		&(struct certs_spec){
			.uri = "vedette:host/mast1", .starts_s = -7200, .ends_s = -3600 });
	certs_issue(dir, "foreign", "rogue", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	certs_crl(dir, "ca", "crl", "stolen");
	certs_crl(dir, "ca", "nobody", NULL);
	certs_crl_until(dir, "ca", "overdue", "stolen", -3600);
	return 0;
}

static int group_teardown(void **state)
{
	sd_event_unref(event);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

struct names {
	char ca[64], cert[64], key[64], crl[64];
	struct bus_tls tls;
};

static const struct bus_tls *files(
	struct names *n, const char *ca, const char *own, const char *crl, const char *server)
{
	snprintf(n->ca, sizeof(n->ca), "%s/%s.pem", dir, ca);
	snprintf(n->cert, sizeof(n->cert), "%s/%s.pem", dir, own);
	snprintf(n->key, sizeof(n->key), "%s/%s.key", dir, own);
	snprintf(n->crl, sizeof(n->crl), "%s/%s.pem", dir, crl ? crl : "");
	n->tls = (struct bus_tls){ n->ca, n->cert, n->key, crl ? n->crl : NULL, server };
	return &n->tls;
}

static void listen_tls(struct side *s, const char *ca, const char *crl)
{
	struct names n;
	int r = bus_listen(event, "tls+tcp://127.0.0.1:0", files(&n, ca, "centre", crl, NULL), 0,
		&side_ops, s, &s->bus);
	if (r)
		fail_msg("%s", bus_error());
	assert_true(bus_port(s->bus) > 0);
}

static void dial_tls(
	struct side *s, const struct side *to, const char *ca, const char *own, const char *server)
{
	struct names n;
	char url[64];
	snprintf(url, sizeof(url), "tls+tcp://127.0.0.1:%d", bus_port(to->bus));
	if (bus_dial(event, url, files(&n, ca, own, NULL, server), &side_ops, s, &s->bus))
		fail_msg("%s", bus_error());
}

static void listen_ipc(struct side *s, char *url, size_t cap, unsigned mode)
{
	snprintf(url, cap, "ipc://%s/sock", dir);
	if (bus_listen(event, url, NULL, mode, &side_ops, s, &s->bus))
		fail_msg("%s", bus_error());
}

static void say(struct side *s, const char *text)
{
	assert_non_null(s->conn);
	assert_int_equal(bus_send(s->conn, text, strlen(text)), 0);
}

/* The listener still works for whoever may. */
static void a_good_client_is_served(struct side *server)
{
	struct side good = { 0 };
	int frames = server->frames, opened = server->opened;
	dial_tls(&good, server, "ca", "host", "vedette:centre/xa");
	wait_for(&good.opened, 1);
	say(&good, "good");
	wait_for(&server->frames, frames + 1);
	assert_string_equal(server->last, "good");
	assert_int_equal(server->opened, opened + 1);
	bus_free(good.bus);
}

static void echo_over(struct side *server, struct side *client)
{
	wait_for(&client->opened, 1);
	say(client, "hello");
	assert_int_equal(bus_send(client->conn, "", 0), 0);
	memset(big, 'b', sizeof(big));
	assert_int_equal(bus_send(client->conn, big, sizeof(big)), 0);
	assert_int_equal(bus_send(client->conn, big, sizeof(big) + 1), -EMSGSIZE);
	say(client, "bye");
	wait_for(&client->frames, 4);
	assert_int_equal(client->bytes, 5 + sizeof(big) + 3);
	assert_string_equal(client->last, "bye");
	bus_close(client->conn, "enough");
	wait_for(&client->closed, 1);
	assert_string_equal(client->reason, "enough");
	wait_for(&server->closed, 1);
	assert_string_equal(server->reason, "closed by the peer");
	/* Redials by itself. */
	wait_for(&client->opened, 2);
	bus_free(client->bus);
	wait_for(&server->closed, 2);
	bus_free(server->bus);
}

static void ipc_echoes_and_knows_the_uid(void **state)
{
	struct side server = { .echo = true, .peer.uid = 77 }, client = { 0 };
	struct stat st;
	char url[64];
	listen_ipc(&server, url, sizeof(url), 0);
	assert_int_equal(stat(url + 6, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(bus_dial(event, url, NULL, &side_ops, &client, &client.bus), 0);
	wait_for(&server.opened, 1);
	assert_true(server.peer.local);
	assert_int_equal(server.peer.uid, getuid());
	echo_over(&server, &client);
}

static void tls_echoes_and_knows_both_names(void **state)
{
	struct side server = { .echo = true }, client = { 0 };
	uint8_t zero[32] = { 0 };
	listen_tls(&server, "ca", NULL);
	dial_tls(&client, &server, "ca", "host", "vedette:centre/xa");
	wait_for(&server.opened, 1);
	wait_for(&client.opened, 1);
	assert_false(server.peer.local);
	assert_string_equal(server.peer.name, "vedette:host/mast1");
	assert_string_equal(client.peer.name, "vedette:centre/xa");
	assert_memory_not_equal(server.peer.spki_sha256, zero, 32);
	assert_memory_not_equal(server.peer.spki_sha256, client.peer.spki_sha256, 32);
	echo_over(&server, &client);
}

static void a_dns_name_is_checked_too(void **state)
{
	struct side server = { 0 }, client = { 0 };
	listen_tls(&server, "ca", NULL);
	dial_tls(&client, &server, "ca", "host", "centre.test");
	wait_for(&client.opened, 1);
	bus_free(client.bus);
	bus_free(server.bus);
}

static void a_pinned_leaf_is_enough_and_another_of_its_ca_is_not(void **state)
{
	struct side server = { 0 }, client = { 0 }, other = { 0 };
	listen_tls(&server, "host", NULL);
	dial_tls(&client, &server, "centre", "host", "vedette:centre/xa");
	wait_for(&server.opened, 1);
	dial_tls(&other, &server, "centre", "stolen", "vedette:centre/xa");
	wait_for(&server.refused, 1);
	assert_non_null(strstr(server.reason, "certificate verify failed"));
	assert_int_equal(server.opened, 1);
	bus_free(other.bus);
	bus_free(client.bus);
	bus_free(server.bus);
}

static void a_peer_that_is_not_admitted_never_opens(void **state)
{
	struct side server = { .deny = true }, client = { 0 };
	listen_tls(&server, "ca", NULL);
	dial_tls(&client, &server, "ca", "host", "vedette:centre/xa");
	wait_for(&server.refused, 1);
	assert_string_equal(server.reason, "vedette:host/mast1 is not admitted");
	assert_int_equal(server.opened, 0);
	bus_free(client.bus);
	server.deny = false;
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

/* A client that is refused by the server: whatever it sees itself, the server has one clear reason.
 */
static void refused_by_server(const char *crl, const char *own, const char *reason)
{
	struct side server = { 0 }, client = { 0 };
	listen_tls(&server, "ca", crl);
	dial_tls(&client, &server, "ca", own, "vedette:centre/xa");
	wait_for(&server.refused, 1);
	assert_string_equal(server.reason, reason);
	bus_free(client.bus);
	assert_int_equal(server.opened, 0);
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

static void a_foreign_ca_is_refused(void **state)
{
	refused_by_server(
		NULL, "rogue", "certificate verify failed: unable to get local issuer certificate");
}

static void an_expired_certificate_is_refused(void **state)
{
	refused_by_server(NULL, "old", "certificate verify failed: certificate has expired");
}

static void a_revoked_certificate_is_refused(void **state)
{
	refused_by_server("crl", "stolen", "certificate verify failed: certificate revoked");
}

static void an_overdue_list_still_refuses_the_revoked_and_nobody_else(void **state)
{
	char path[64];
	int64_t due_s = 0;
	refused_by_server("overdue", "stolen", "certificate verify failed: certificate revoked");
	snprintf(path, sizeof(path), "%s/overdue.pem", dir);
	assert_int_equal(tls_engine_crl_due_s(path, clock_now_ns() / CLOCK_NS_PER_S, &due_s), 0);
	assert_in_range(-due_s, 3500, 3800);
}

static void an_expired_peer_comes_marked_where_it_is_asked_for(void **state)
{
	struct side server = { 0 }, client = { 0 }, good = { 0 };
	struct names n;
	(void)files(&n, "ca", "centre", NULL, NULL);
	n.tls.expired = true;
	assert_int_equal(bus_listen(event, "tls+tcp://127.0.0.1:0", &n.tls, 0, &side_ops, &server, &server.bus), 0);
	dial_tls(&client, &server, "ca", "old", "vedette:centre/xa");
	wait_for(&server.opened, 1);
	assert_true(server.peer.expired);
	bus_free(client.bus);
	dial_tls(&good, &server, "ca", "host", "vedette:centre/xa");
	wait_for(&server.opened, 2);
	assert_false(server.peer.expired);
	bus_free(good.bus);
	bus_free(server.bus);
}

/* The list is read again while connections are up: they stay, the next of the revoked is refused. */
static void new_files_hold_from_the_next_connection_on(void **state)
{
	struct side server = { 0 }, before = { 0 }, after = { 0 };
	struct names n;
	listen_tls(&server, "ca", "nobody");
	dial_tls(&before, &server, "ca", "stolen", "vedette:centre/xa");
	wait_for(&server.opened, 1);
	wait_for(&before.opened, 1);
	assert_int_equal(bus_retls(server.bus, files(&n, "ca", "centre", "no-such-file", NULL)), -ENOENT);
	assert_int_equal(bus_retls(server.bus, files(&n, "ca", "centre", "crl", NULL)), 0);
	say(&before, "still here");
	wait_for(&server.frames, 1);
	assert_int_equal(server.closed, 0);
	bus_free(before.bus);
	dial_tls(&after, &server, "ca", "stolen", "vedette:centre/xa");
	wait_for(&server.refused, 1);
	assert_string_equal(server.reason, "certificate verify failed: certificate revoked");
	bus_free(after.bus);
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

static void a_client_checks_the_servers_name(const char *name)
{
	struct side server = { 0 }, client = { 0 };
	listen_tls(&server, "ca", NULL);
	dial_tls(&client, &server, "ca", "host", name);
	wait_for(&client.refused, 1);
	assert_string_equal(client.reason, "certificate verify failed: hostname mismatch");
	assert_int_equal(client.opened, 0);
	run_for_ms(300);
	assert_int_equal(client.refused, 1); /* dialled again, told once */
	bus_free(client.bus);
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

static void a_wrong_server_name_is_refused(void **state)
{
	a_client_checks_the_servers_name("vedette:centre/xb");
	a_client_checks_the_servers_name("other.test");
	a_client_checks_the_servers_name(NULL); /* the URL's host, 127.0.0.1 */
}

static void a_foreign_server_is_refused(void **state)
{
	struct side server = { 0 }, client = { 0 };
	listen_tls(&server, "ca", NULL);
	dial_tls(&client, &server, "foreign", "host", "vedette:centre/xa");
	wait_for(&client.refused, 1);
	assert_string_equal(
		client.reason, "certificate verify failed: unable to get local issuer certificate");
	assert_int_equal(client.opened, 0);
	bus_free(client.bus);
	bus_free(server.bus);
}

/* Runs openssl s_client against the server while our loop goes on. */
static void s_client(const struct side *server, const char *args)
{
	char cmd[512];
	int status = 0;
	snprintf(cmd, sizeof(cmd),
		"timeout 5 openssl s_client -connect 127.0.0.1:%d %s </dev/null >/dev/null 2>&1",
		bus_port(server->bus), args);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 200 && waitpid(pid, &status, WNOHANG) == 0; i++)
		run_for_ms(50);
}

static void no_client_certificate_is_refused(void **state)
{
	struct side server = { 0 };
	listen_tls(&server, "ca", NULL);
	s_client(&server, "");
	wait_for(&server.refused, 1);
	assert_string_equal(server.reason, "TLS: peer did not return a certificate");
	assert_int_equal(server.opened, 0);
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

static void tls_1_2_is_refused(void **state)
{
	struct side server = { 0 };
	char args[256];
	listen_tls(&server, "ca", NULL);
	snprintf(args, sizeof(args), "-tls1_2 -cert %s/host.pem -key %s/host.key", dir, dir);
	s_client(&server, args);
	wait_for(&server.refused, 1);
	assert_string_equal(server.reason, "TLS: unsupported protocol");
	assert_int_equal(server.opened, 0);
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

static int raw_tcp(const struct side *server)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)bus_port(server->bus)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static int raw_unix(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Half of them say junk, some say nothing, some break with a reset. */
static void a_hundred_junk_connections_harm_nothing(void **state)
{
	static const char *const junk[] = { "GET / HTTP/1.0\r\n\r\n", "\x16\x03\x01\x02",
		"\xff\xff\xff\xff\xff\xff\xff", "" };
	struct side server = { 0 };
	struct linger reset = { .l_onoff = 1 };
	int fds[100];
	listen_tls(&server, "ca", NULL);
	for (int i = 0; i < 100; i++) {
		fds[i] = raw_tcp(&server);
		const char *text = junk[i % 4];
		if (text[0])
			assert_int_equal(send(fds[i], text, strlen(text), MSG_NOSIGNAL),
				(ssize_t)strlen(text));
		if (i % 5 == 0)
			assert_int_equal(
				setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)),
				0);
		if (i % 3 == 0) {
			close(fds[i]);
			fds[i] = -1;
		}
		run_for_ms(2);
	}
	a_good_client_is_served(&server);
	for (int i = 0; i < 100; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	run_for_ms(100);
	assert_true(server.refused > 0);
	assert_int_equal(server.opened, 1);
	a_good_client_is_served(&server);
	bus_free(server.bus);
}

static void idle_handshakes_make_way_at_the_limit(void **state)
{
	struct side server = { 0 };
	int fds[BUS_CONNS_MAX + 5];
	listen_tls(&server, "ca", NULL);
	for (int i = 0; i < BUS_CONNS_MAX + 5; i++) {
		fds[i] = raw_tcp(&server);
		run_for_ms(5);
	}
	assert_true(server.refused > 0);
	a_good_client_is_served(&server);
	for (int i = 0; i < BUS_CONNS_MAX + 5; i++)
		close(fds[i]);
	bus_free(server.bus);
}

static void an_oversized_frame_closes_with_its_size(void **state)
{
	struct side server = { 0 };
	char url[64];
	listen_ipc(&server, url, sizeof(url), 0);
	int fd = raw_unix(url + 6);
	assert_int_equal(write(fd, "\0\0\0\2ok\0\x10\0\1", 10), 10);
	wait_for(&server.closed, 1);
	assert_int_equal(server.frames, 1);
	assert_string_equal(server.reason, "a frame of 1048577 bytes is over the limit of 1048576");
	close(fd);
	bus_free(server.bus);
}

static void half_a_frame_is_told_apart_from_a_clean_end(void **state)
{
	struct side server = { 0 };
	char url[64];
	listen_ipc(&server, url, sizeof(url), 0);
	int fd = raw_unix(url + 6);
	assert_int_equal(write(fd, "\0\0\1\0half", 8), 8);
	wait_for(&server.opened, 1);
	run_for_ms(20);
	close(fd);
	wait_for(&server.closed, 1);
	assert_int_equal(server.frames, 0);
	assert_string_equal(server.reason, "closed by the peer in the middle of a frame");
	bus_free(server.bus);
}

static void frames_arrive_whole_byte_by_byte(void **state)
{
	struct side server = { 0 };
	char url[64];
	listen_ipc(&server, url, sizeof(url), 0);
	int fd = raw_unix(url + 6);
	const char text[] = "\0\0\0\3abc\0\0\0\0\0\0\0\2de";
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(write(fd, text + i, 1), 1);
		run_for_ms(1);
	}
	wait_for(&server.frames, 3);
	assert_string_equal(server.last, "de");
	assert_int_equal(server.bytes, 5);
	close(fd);
	bus_free(server.bus);
}

static void another_uid_is_seen_and_refused(void **state)
{
	struct side server = { .deny = true };
	char url[64];
	if (getuid() != 0)
		skip();
	listen_ipc(&server, url, sizeof(url), 0666);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (setresuid(65534, 65534, 65534))
			_exit(1);
		(void)raw_unix(url + 6);
		pause();
	}
	wait_for(&server.refused, 1);
	assert_string_equal(server.reason, "uid 65534 is not admitted");
	assert_int_equal(server.peer.uid, 65534);
	assert_int_equal(server.opened, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	bus_free(server.bus);
}

static void a_full_queue_says_so_and_room_is_told(void **state)
{
	struct side server = { 0 }, client = { 0 };
	char url[64];
	int sent = 0, r;
	listen_ipc(&server, url, sizeof(url), 0);
	assert_int_equal(bus_dial(event, url, NULL, &side_ops, &client, &client.bus), 0);
	wait_for(&client.opened, 1);
	while (!(r = bus_send(client.conn, big, 1000000)))
		sent++;
	assert_int_equal(r, -EAGAIN);
	assert_in_range(sent, 1, BUS_QUEUE_FRAMES);
	wait_for(&client.writable, 1);
	wait_for(&server.frames, sent);
	assert_int_equal(server.bytes, (size_t)sent * 1000000);
	bus_free(client.bus);
	bus_free(server.bus);
}

static void a_dialler_waits_for_a_listener_that_comes_later(void **state)
{
	struct side server = { 0 }, client = { 0 };
	char url[64];
	snprintf(url, sizeof(url), "ipc://%s/sock", dir);
	assert_int_equal(bus_dial(event, url, NULL, &side_ops, &client, &client.bus), 0);
	wait_for(&client.refused, 1);
	assert_memory_equal(client.reason, "cannot connect: ", 16);
	listen_ipc(&server, url, sizeof(url), 0);
	wait_for(&client.opened, 1);
	/* The listener dies and comes again. */
	bus_free(server.bus);
	wait_for(&client.closed, 1);
	listen_ipc(&server, url, sizeof(url), 0);
	wait_for(&client.opened, 2);
	say(&client, "again");
	wait_for(&server.frames, 1);
	bus_free(client.bus);
	bus_free(server.bus);
}

static void what_cannot_work_is_said_at_once(void **state)
{
	struct side s = { 0 };
	struct names n;
	assert_int_equal(
		bus_listen(event, "tcp://127.0.0.1:1", NULL, 0, &side_ops, &s, &s.bus), -EINVAL);
	assert_non_null(strstr(bus_error(), "must begin with"));
	assert_int_equal(
		bus_dial(event, "tls+tcp://127.0.0.1:1", NULL, &side_ops, &s, &s.bus), -EINVAL);
	assert_non_null(strstr(bus_error(), "needs certificates"));
	const struct bus_tls *t = files(&n, "nowhere", "host", NULL, "x");
	assert_int_equal(
		bus_dial(event, "tls+tcp://127.0.0.1:1", t, &side_ops, &s, &s.bus), -ENOENT);
	assert_non_null(strstr(bus_error(), "nowhere.pem: No such file"));
	t = files(&n, "ca", "host", NULL, "x");
	snprintf(n.key, sizeof(n.key), "%s/centre.key", dir);
	assert_int_equal(
		bus_dial(event, "tls+tcp://127.0.0.1:1", t, &side_ops, &s, &s.bus), -EINVAL);
	assert_non_null(strstr(bus_error(), "this key is not the certificate's"));
	t = files(&n, "ca", "host", "ca", "x");
	assert_int_equal(
		bus_dial(event, "tls+tcp://127.0.0.1:1", t, &side_ops, &s, &s.bus), -EINVAL);
	assert_non_null(strstr(bus_error(), "no revocation list"));
	assert_int_equal(bus_listen(event, "ipc:///nowhere/at/all", NULL, 0, &side_ops, &s, &s.bus),
		-ENOENT);
	assert_null(s.bus);
	bus_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_work_is_said_at_once),
		cmocka_unit_test(ipc_echoes_and_knows_the_uid),
		cmocka_unit_test(tls_echoes_and_knows_both_names),
		cmocka_unit_test(a_dns_name_is_checked_too),
		cmocka_unit_test(a_pinned_leaf_is_enough_and_another_of_its_ca_is_not),
		cmocka_unit_test(a_peer_that_is_not_admitted_never_opens),
		cmocka_unit_test(a_foreign_ca_is_refused),
		cmocka_unit_test(an_expired_certificate_is_refused),
		cmocka_unit_test(a_revoked_certificate_is_refused),
		cmocka_unit_test(an_overdue_list_still_refuses_the_revoked_and_nobody_else),
		cmocka_unit_test(an_expired_peer_comes_marked_where_it_is_asked_for),
		cmocka_unit_test(new_files_hold_from_the_next_connection_on),
		cmocka_unit_test(a_wrong_server_name_is_refused),
		cmocka_unit_test(a_foreign_server_is_refused),
		cmocka_unit_test(no_client_certificate_is_refused),
		cmocka_unit_test(tls_1_2_is_refused),
		cmocka_unit_test(a_hundred_junk_connections_harm_nothing),
		cmocka_unit_test(idle_handshakes_make_way_at_the_limit),
		cmocka_unit_test(an_oversized_frame_closes_with_its_size),
		cmocka_unit_test(half_a_frame_is_told_apart_from_a_clean_end),
		cmocka_unit_test(frames_arrive_whole_byte_by_byte),
		cmocka_unit_test(another_uid_is_seen_and_refused),
		cmocka_unit_test(a_full_queue_says_so_and_room_is_told),
		cmocka_unit_test(a_dialler_waits_for_a_listener_that_comes_later),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
