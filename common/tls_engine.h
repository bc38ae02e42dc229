/*
 * tls_engine - OpenSSL 3 under nng's TLS streams: TLS 1.3 only, certificates on both sides always.
 *
 * nng 1.5 stops at TLS 1.2 with the library Debian built it with, cannot pin a leaf and cannot name the peer. It lets
 * a program bring an engine; this is ours. An engine is process-wide: the first call here installs it. Only
 * tls_engine_config() makes a configuration that connects: the setters of nng's own API are refused, so that nobody can
 * weaken one by accident.
 *
 * nng has no accessor for the peer. But reading the option "tls-verified" of a stream calls into the engine, on the same
 * thread, with the engine's own connection: tls_engine_attach() finds the session that way.
 */
#pragma once

#include "common/bus.h"

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#define TLS_ENGINE_ERROR_MAX 256

enum tls_engine_state { TLS_ENGINE_HANDSHAKE, TLS_ENGINE_UP, TLS_ENGINE_FAILED };

struct tls_engine_session; /* one connection's handshake and peer; outlives the stream as long as it is attached */

/**
 * tls_engine_config() - reads the files and makes a configuration; free with nng_tls_config_free()
 * @server:       else a client
 * @files:        CA: every certificate in it is an anchor, a leaf too (pinning). CRL: when given, it must be of the
 *                issuer of the peer's certificate; with intermediates in the CA file, of each of the chain. One whose
 *                next is due counts on: see tls_engine_crl_due_s()
 * @server_name:  client: the DNS name, address or URI ("vedette:...") the server's certificate must carry
 * @ret_error:    what was wrong, for people, with the file's name
 *
 * Return: 0, -ENOENT or other errno of a file, -EINVAL for its content, -ENOTSUP when nng refuses the engine.
 */
int tls_engine_config(bool server, const struct bus_tls *files, const char *server_name, nng_tls_config **ret_config,
	char ret_error[static TLS_ENGINE_ERROR_MAX]);

/**
 * tls_engine_crl_due_s() - in how many seconds the next revocation list is due; negative: it is overdue
 *
 * INT64_MAX when no list in the file says. Return: 0 or -errno of the file.
 */
int tls_engine_crl_due_s(const char *path, int64_t now_s, int64_t *ret_s);

/**
 * tls_engine_attach() - the session of @stream, with a call of @done once the handshake is over, good or bad
 *
 * @done runs on one of nng's threads, or before this returns when it is over already. Return: NULL when the stream
 * is not TLS.
 */
struct tls_engine_session *tls_engine_attach(nng_stream *stream, void (*done)(void *user), void *user);
void tls_engine_detach(struct tls_engine_session *session); /* no call of done() after this. NULL is fine */

/** tls_engine_state() - with the peer when UP and the reason when FAILED, or when the connection failed later. */
enum tls_engine_state tls_engine_state(struct tls_engine_session *session, struct bus_peer *ret_peer,
	char ret_reason[static TLS_ENGINE_ERROR_MAX]);
