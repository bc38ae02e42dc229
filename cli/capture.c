#include "cli/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

extern char **environ;

static int start(const char *const *argv, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;

	int r = -posix_spawn_file_actions_init(&actions);
	if (r < 0)
		return r;
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	r = -posix_spawnp(ret_pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* Until the end of its output. Return: 0, -ETIMEDOUT or -errno. */
static int collect(int fd, int64_t deadline_ns, char *buf, size_t cap)
{
	size_t n = 0;
	char rest[512];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left_ms = (deadline_ns - clock_mono_ns()) / CLOCK_NS_PER_MS;
		if (left_ms <= 0 || poll(&p, 1, (int)left_ms) == 0)
			return -ETIMEDOUT;
		bool full = n == cap - 1;
		ssize_t got = read(fd, full ? rest : buf + n, full ? sizeof(rest) : cap - 1 - n);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (got > 0 && !full)
			n += got;
		buf[n] = 0;
	}
}

int capture_run(const char *const *argv, int64_t timeout_ms, char *buf, size_t cap)
{
	int fds[2], status = 0;
	pid_t pid;

	buf[0] = 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	int r = start(argv, fds[1], &pid);
	close(fds[1]);
	if (r < 0) {
		close(fds[0]);
		return r;
	}
	r = collect(fds[0], clock_mono_ns() + timeout_ms * CLOCK_NS_PER_MS, buf, cap);
	close(fds[0]);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int capture_find(const char *name, const char *folder, char *ret_path, size_t cap)
{
	char self[PATH_MAX], path[PATH_MAX + 128];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return -errno;
	self[n] = 0;
	/* build/cli/vedette, build/tests/unit/cli/test-x: up until the folder is found, or PREFIX/bin and PREFIX/lib. */
	for (char *slash; (slash = strrchr(self, '/'));) {
		*slash = 0;
		snprintf(path, sizeof(path), "%s/lib/vedette/%s", self, name);
		if (access(path, X_OK) < 0)
			snprintf(path, sizeof(path), "%s/%s/%s", self, folder, name);
		if (access(path, X_OK) == 0 && strlen(path) < cap) {
			memcpy(ret_path, path, strlen(path) + 1);
			return 0;
		}
	}
	return -ENOENT;
}
