/*
 * fetch - one HTTP GET from a server of our own: over TCP to a numeric address or "localhost", or a unix socket.
 *
 * HTTP/1.0, so that the answer ends with the connection. No TLS, no redirects, no names looked up.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FETCH_BODY_MAX (8u << 20)

/**
 * fetch_get() - @base is "http://ADDRESS:PORT", "ADDRESS:PORT" or "unix:/path"; @path begins with a slash
 * @ret_status: of HTTP, e.g. 200 or 503
 * @ret_body:   owned by the caller, ended with NUL
 *
 * Return: 0; -EINVAL for a @base of another form, -ETIMEDOUT, -EMSGSIZE over FETCH_BODY_MAX, -EBADMSG when it is not
 * HTTP, or -errno of the connection.
 */
int fetch_get(const char *base, const char *path, int64_t timeout_ms, int *ret_status, char **ret_body);
