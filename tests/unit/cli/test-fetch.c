#include "cli/fetch.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t server;

/* A server for one connection: says @answer of @size, or nothing for ever when it is NULL. */
static void serve(int listener, const char *answer, size_t size)
{
	assert_int_equal(listen(listener, 1), 0);
	server = fork();
	if (server) {
		close(listener);
		return;
	}
	char request[1024] = "";
	int c = accept(listener, NULL, NULL);
	ssize_t n = recv(c, request, sizeof(request) - 1, 0);
	if (!answer)
		pause();
	bool asked = n > 0 && !strncmp(request, "GET /healthz HTTP/1.0\r\n", 23);
	if (asked && send(c, answer, size, MSG_NOSIGNAL) == (ssize_t)size)
		_exit(0);
	_exit(1);
}

static void serve_tcp(const char *answer, size_t size, char base[32])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(base, 32, "127.0.0.1:%d", ntohs(a.sin_port));
	serve(fd, answer, size);
}

static void end(void)
{
	(void)kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static int get(const char *base, int64_t timeout_ms, int *status, char **body)
{
	*status = 7;
	*body = NULL;
	return fetch_get(base, "/healthz", timeout_ms, status, body);
}

static void answer_comes_over_tcp(void **state)
{
	static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\n{\"status\":\"stale\"}";
	char base[32], url[64], *body;
	int status;

	serve_tcp(answer, sizeof(answer) - 1, base);
	snprintf(url, sizeof(url), "http://%s/", base);
	assert_int_equal(get(url, 5000, &status, &body), 0);
	assert_int_equal(status, 503);
	assert_string_equal(body, "{\"status\":\"stale\"}");
	free(body);
	end();
}

static void answer_comes_over_a_unix_socket(void **state)
{
	static const char answer[] = "HTTP/1.0 200 OK\r\n\r\n";
	char dir[] = "/tmp/test-fetch-XXXXXX", base[128], *body;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int status, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(mkdtemp(dir));
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/s", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	serve(fd, answer, sizeof(answer) - 1);
	snprintf(base, sizeof(base), "unix:%s", a.sun_path);
	assert_int_equal(get(base, 5000, &status, &body), 0);
	assert_int_equal(status, 200);
	assert_string_equal(body, "");
	free(body);
	end();
	unlink(a.sun_path);
	rmdir(dir);
}

static void silence_ends_at_the_deadline(void **state)
{
	char base[32], *body;
	int status;

	serve_tcp(NULL, 0, base);
	assert_int_equal(get(base, 200, &status, &body), -ETIMEDOUT);
	assert_int_equal(status, 7); /* ret_ untouched on error */
	assert_null(body);
	end();
}

static void what_is_not_http_is_refused(void **state)
{
	char base[32], *body;
	int status;

	serve_tcp("220 mail\r\n\r\n", 12, base);
	assert_int_equal(get(base, 5000, &status, &body), -EBADMSG);
	end();
	serve_tcp("HTTP/1.0 200 OK\r\n", 17, base);
	assert_int_equal(get(base, 5000, &status, &body), -EBADMSG);
	end();
}

static void endless_answer_is_cut_off(void **state)
{
	char base[32], *body, *big = malloc(2 * FETCH_BODY_MAX);
	int status;

	memset(big, 'x', 2 * FETCH_BODY_MAX);
	serve_tcp(big, 2 * FETCH_BODY_MAX, base);
	assert_int_equal(get(base, 20000, &status, &body), -EMSGSIZE);
	end();
	free(big);
}

static void addresses_of_other_forms_are_refused(void **state)
{
	static const char *const bad[] = { "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:80x",
		"https://127.0.0.1:80", "example.org:80", "unix:http.sock", "unix:" };
	char *body;
	int status;

	for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++)
		assert_int_equal(get(bad[b], 1000, &status, &body), -EINVAL);
	assert_int_equal(get("unix:/nonexistent/s", 1000, &status, &body), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_comes_over_tcp),
		cmocka_unit_test(answer_comes_over_a_unix_socket),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(what_is_not_http_is_refused),
		cmocka_unit_test(endless_answer_is_cut_off),
		cmocka_unit_test(addresses_of_other_forms_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
