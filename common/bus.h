/*
 * bus - connections between processes: nng streams, framed, on the caller's sd-event loop.
 *
 * "ipc:///path" between processes of one host, the peer known by its uid; "tls+tcp://host:port" between hosts,
 * TLS 1.3 both ways through our OpenSSL engine, the peer known by its subjectAltName URI and key hash.
 * A frame is a 4-byte big-endian length and that many bytes, at most BUS_FRAME_MAX. nng's threads only move bytes
 * into bounded queues; every callback below runs on the loop. A dialler dials again for ever with jittered back-off.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#define BUS_FRAME_MAX (1u << 20)
#define BUS_QUEUE_FRAMES 64 /* frames waiting to be sent on one connection; then -EAGAIN */
#define BUS_CONNS_MAX 64    /* connections of one listener; more are closed at once and counted */

struct bus;	 /* a listener or a dialler */
struct bus_conn; /* one live connection */

struct bus_tls {
	const char *ca_file, *cert_file, *key_file, *crl_file; /* PEM; crl_file may be NULL. Read at open, not kept */
	const char *server_name; /* dialler: what the server's certificate must name (DNS, IP or URI SAN); NULL = URL's host */
	bool expired; /* listener: a peer whose certificate has expired comes to admit() too, marked */
};

struct bus_peer {
	bool local;
	uid_t uid;	    /* local */
	char name[128];	    /* TLS: subjectAltName URI, e.g. "vedette:host/mast1" or "vedette:centre/xa" */
	uint8_t spki_sha256[32]; /* TLS */
	bool expired;		 /* TLS: its certificate has; only where bus_tls.expired asked for such peers */
};

struct bus_ops {
	/** May refuse (return false): the connection is closed and counted. NULL = accept all. */
	bool (*admit)(void *user, const struct bus_peer *peer);
	/** A connection is up. Keep @conn until closed() has been called with it. */
	void (*opened)(void *user, struct bus_conn *conn, const struct bus_peer *peer);
	/** One frame; @data is borrowed during the call. */
	void (*frame)(void *user, struct bus_conn *conn, const void *data, size_t size);
	/** Gone, with a reason for people ("certificate verify failed: unable to get local issuer certificate"). */
	void (*closed)(void *user, struct bus_conn *conn, const char *reason);
	/** Room for sending again after -EAGAIN. May be NULL. */
	void (*writable)(void *user, struct bus_conn *conn);
	/**
	 * A handshake, dial or accept failed, or admit() said no, without a connection ever opening. For logging:
	 * the same reason comes at most once a minute (unless a frame came in between). May be NULL.
	 */
	void (*refused)(void *user, const char *reason);
};

/**
 * bus_listen() - @tls NULL only for ipc. ipc sockets get mode @ipc_mode (0 = 0660). ops and user are borrowed.
 *
 * Return: 0 or -errno, then bus_error() has a sentence for people.
 */
int bus_listen(sd_event *event, const char *url, const struct bus_tls *tls, unsigned ipc_mode,
	const struct bus_ops *ops, void *user, struct bus **ret_bus);
int bus_dial(sd_event *event, const char *url, const struct bus_tls *tls, const struct bus_ops *ops, void *user,
	struct bus **ret_bus);
/**
 * bus_retls() - reads the files of @tls anew, for connections from now on; live ones stay as they are
 *
 * Return: 0 or -errno, then the old ones are kept and bus_error() has a sentence for people.
 */
int bus_retls(struct bus *bus, const struct bus_tls *tls);
/** bus_error() - what was wrong with this thread's last bus_listen(), bus_dial() or bus_retls() that failed. */
const char *bus_error(void);
/** bus_port() - the port a TCP listener got (URL with port 0), or -ENOTSUP. */
int bus_port(const struct bus *bus);
/** bus_free() - closes all; calls closed() for live connections. Never from inside a callback. NULL is fine. */
void bus_free(struct bus *bus);

/** bus_send() - copies. Return: 0, -EAGAIN when the queue is full, -EMSGSIZE, -ENOTCONN. */
int bus_send(struct bus_conn *conn, const void *data, size_t size);
void bus_close(struct bus_conn *conn, const char *reason); /* closed() follows from the loop */
void bus_conn_set_user(struct bus_conn *conn, void *user); /* a pointer of the caller's per connection */
void *bus_conn_user(const struct bus_conn *conn);
const struct bus_peer *bus_conn_peer(const struct bus_conn *conn);
