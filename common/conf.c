#include "common/conf.h"

#include "common/canon.h"
#include "common/conf_value.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20) /* bytes of one file; a configuration is written by people */
#define QUOTE_MAX 120	    /* characters of a value that an error shows */

/* One load: the table, the object, and which keys have a value so far, over the file and its drop-ins. */
struct load {
	const struct conf_key *table;
	void *obj;
	struct conf_error *error;
	const char *name; /* of the file in hand */
	unsigned line;
	char section[64];
	uint64_t assigned[CONF_KEYS_MAX / 64];
};

void conf_list_done(struct conf_list *list)
{
	if (!list)
		return;
	for (unsigned n = 0; n < list->n; n++)
		free(list->items[n]);
	*list = (struct conf_list){ 0 };
}

/* --- errors --- */

static int refuse(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct load *l, const char *format, ...)
{
	size_t n = 0;
	va_list args;

	if (l->line)
		n = snprintf(l->error->text, sizeof(l->error->text), "%s:%u: ", l->name, l->line);
	else
		n = snprintf(l->error->text, sizeof(l->error->text), "%s: ", l->name);
	if (n >= sizeof(l->error->text))
		return -EINVAL;
	va_start(args, format);
	vsnprintf(l->error->text + n, sizeof(l->error->text) - n, format, args);
	va_end(args);
	return -EINVAL;
}

/* A value as an error shows it: cut, no login of an address, nothing in it that a terminal would obey. */
static const char *quote(const char *value, char buf[static QUOTE_MAX + 4])
{
	const char *scheme = strstr(value, "://"), *login = scheme ? scheme + 3 : "";
	const char *at = memchr(login, '@', strcspn(login, "/"));
	size_t n = 0;

	for (; *value && n < QUOTE_MAX; value++)
		if (!at || value < login || value >= at)
			buf[n++] = iscntrl((unsigned char)*value) ? '?' : *value;
	memcpy(buf + n, *value ? "..." : "", *value ? 4 : 1);
	return buf;
}

/* --- lines --- */

static bool section_known(const struct conf_key *table, const char *section)
{
	for (; table->section; table++)
		if (!strcmp(table->section, section))
			return true;
	return false;
}

static int take_section(struct load *l, char *text, size_t n)
{
	char shown[QUOTE_MAX + 4];

	if (text[n - 1] != ']')
		return refuse(l, "%s: section without its closing bracket", quote(text, shown));
	text[n - 1] = 0;
	if (n > sizeof(l->section) || !section_known(l->table, text + 1))
		return refuse(l, "[%s]: unknown section", quote(text + 1, shown));
	memcpy(l->section, text + 1, n - 1);
	return 0;
}

static int assign(struct load *l, const char *name, const char *value)
{
	char shown[QUOTE_MAX + 4], shown_name[QUOTE_MAX + 4], reason[CONF_REASON_MAX];
	size_t k = 0;

	quote(name, shown_name);
	quote(value, shown);
	while (l->table[k].section && (strcmp(l->table[k].section, l->section) || strcmp(l->table[k].key, name)))
		k++;
	const struct conf_key *key = &l->table[k];
	if (!key->section)
		return refuse(l, "[%s] %s=%s: unknown key", l->section, shown_name, shown);
	const char *why = conf_value_set(key, value, l->obj, reason);
	if (why)
		return refuse(l, "[%s] %s=%s: %s", l->section, shown_name, shown, why);
	if (*value)
		l->assigned[k / 64] |= UINT64_C(1) << k % 64;
	else
		l->assigned[k / 64] &= ~(UINT64_C(1) << k % 64);
	return 0;
}

/* Cuts white space off both ends, in place. Return: the length left at *text. */
static size_t trim(char **text, size_t n)
{
	while (n && isspace((unsigned char)(*text)[n - 1]))
		n--;
	while (n && isspace((unsigned char)**text)) {
		(*text)++;
		n--;
	}
	(*text)[n] = 0;
	return n;
}

/* @text is the caller's to write in; text[n] is there. */
static int take_line(struct load *l, char *text, size_t n)
{
	char shown[QUOTE_MAX + 4];

	if (*text == '#' || *text == ';')
		return 0;
	if (n > CONF_VALUE_MAX)
		return refuse(l, "line longer than %d bytes", CONF_VALUE_MAX);
	if (!canon_is_text(text, n))
		return refuse(l, "line is not UTF-8 text");
	n = trim(&text, n);
	if (!n)
		return 0;
	if (*text == '[')
		return take_section(l, text, n);

	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return refuse(l, "%s: not a Key=value line", quote(text, shown));
	if (!*l->section)
		return refuse(l, "%s: before any [Section]", quote(text, shown));
	char *name = text, *value = equals + 1;
	trim(&value, text + n - value);
	trim(&name, equals - name);
	return assign(l, name, value);
}

/* @data[size] is writable: the last line is ended there. */
static int take_file(struct load *l, const char *name, char *data, size_t size)
{
	l->name = name;
	l->line = 0;
	l->section[0] = 0;
	for (char *p = data, *end = data + size; p < end;) {
		char *newline = memchr(p, '\n', end - p);
		char *next = newline ? newline + 1 : end;
		size_t n = (newline ? newline : end) - p;
		p[n] = 0;
		l->line++;
		int r = take_line(l, p, n);
		if (r < 0)
			return r;
		p = next;
	}
	return 0;
}

static int check_required(struct load *l, const char *name)
{
	l->name = name;
	l->line = 0;
	for (size_t k = 0; l->table[k].section; k++)
		if (l->table[k].required && !(l->assigned[k / 64] >> k % 64 & 1))
			return refuse(l, "[%s] %s=: required, but missing", l->table[k].section, l->table[k].key);
	return 0;
}

static void check_table(const struct conf_key *table)
{
	size_t n = 0;

	while (table[n].section)
		n++;
	assert(n <= CONF_KEYS_MAX);
}

/* --- files --- */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void free_text(char **text)
{
	free(*text);
}

/* Return: 0; -errno of open(), or -EINVAL with the reason in the error. */
static int read_file(struct load *l, const char *path, char **ret_data, size_t *ret_size)
{
	__attribute__((cleanup(close_fd))) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	__attribute__((cleanup(free_text))) char *data = NULL;
	struct stat st;
	size_t size = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(l, "not a regular file");
	data = malloc(FILE_MAX + 1);
	if (!data)
		return refuse(l, "out of memory");
	for (ssize_t n = 1; n > 0 && size <= FILE_MAX; size += n) {
		n = read(fd, data + size, FILE_MAX + 1 - size);
		if (n < 0)
			return refuse(l, "%s", strerror(errno));
	}
	if (size > FILE_MAX)
		return refuse(l, "larger than %u bytes", FILE_MAX);
	*ret_data = data;
	*ret_size = size;
	data = NULL;
	return 0;
}

/* Return: 0, -ENOENT, or -EINVAL with the reason in the error. */
static int load_file(struct load *l, const char *path)
{
	__attribute__((cleanup(free_text))) char *data = NULL;
	size_t size = 0;

	l->name = path;
	l->line = 0;
	int r = read_file(l, path, &data, &size);
	if (r < 0 && r != -EINVAL) {
		refuse(l, "%s", strerror(-r));
		return r == -ENOENT ? r : -EINVAL;
	}
	return r < 0 ? r : take_file(l, path, data, size);
}

static int keep_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return *e->d_name != '.' && n > 5 && !strcmp(e->d_name + n - 5, ".conf");
}

/* alphasort() would ask the locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int conf_each_file(const char *dir, int (*fn)(void *user, const char *path), void *user)
{
	struct dirent **names;
	int r = 0, n = scandir(dir, &names, keep_conf, by_bytes);

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		char path[4096];
		if (r >= 0 && snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name) >= (int)sizeof(path))
			r = -ENAMETOOLONG;
		if (r >= 0)
			r = fn(user, path);
		free(names[i]);
	}
	free(names);
	return r < 0 ? r : 0;
}

static int load_drop_in(void *l, const char *path)
{
	return load_file(l, path);
}

static int load_drop_ins(struct load *l, const char *path)
{
	char dir[4096];

	l->name = path;
	l->line = 0;
	if (snprintf(dir, sizeof(dir), "%s.d", path) >= (int)sizeof(dir))
		return refuse(l, "path too long");
	int r = conf_each_file(dir, load_drop_in, l);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0 && r != -EINVAL) {
		l->name = dir;
		return refuse(l, "%s", strerror(-r));
	}
	return r;
}

int conf_load(const char *path, const struct conf_key *table, void *obj, struct conf_error *ret_error)
{
	struct load l = { .table = table, .obj = obj, .error = ret_error };

	check_table(table);
	int r = load_file(&l, path);
	if (r == 0)
		r = load_drop_ins(&l, path);
	return r < 0 ? r : check_required(&l, path);
}

int conf_parse(const char *name, const char *data, size_t size, const struct conf_key *table, void *obj,
	struct conf_error *ret_error)
{
	struct load l = { .table = table, .obj = obj, .error = ret_error, .name = name };
	__attribute__((cleanup(free_text))) char *copy = malloc(size + 1);

	check_table(table);
	if (!copy)
		return refuse(&l, "out of memory");
	if (size)
		memcpy(copy, data, size);
	int r = take_file(&l, name, copy, size);
	return r < 0 ? r : check_required(&l, name);
}
