#include "common/tls_engine.h"

#include <assert.h>
#include <errno.h>
#include <nng/supplemental/tls/engine.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a certificate chain a peer may make us hold: four certificates of 4096-bit RSA and room.
 */
#define CERT_LIST_MAX (32 << 10)
#define CHAIN_DEPTH_MAX 4
#define RECORD_MAX (16 << 10) /* RFC 8446 5.1: plaintext of one record */

struct nng_tls_engine_config {
	SSL_CTX *ctx;
	bool server;
	bool armed; /* made by tls_engine_config(): nng's own defaults never connect */
	bool expired; /* peers whose certificate has expired are let through, and marked */
	char server_name[256];
};

struct tls_engine_session {
	atomic_uint refs; /* nng's connection and the one who attached */
	pthread_mutex_t lock;
	enum tls_engine_state state;
	char reason[TLS_ENGINE_ERROR_MAX];
	struct bus_peer peer;
	void (*done)(void *user);
	void *user;
};

struct nng_tls_engine_conn {
	SSL *ssl;
	bool server;
	struct tls_engine_session *session;
};

static BIO_METHOD *bio_method;
static int cfg_index = -1; /* our configuration in the SSL object */
static pthread_once_t install_once = PTHREAD_ONCE_INIT;
static int install_result;

/* How a call through nng tells its caller which of our objects it reached. */
static _Thread_local struct nng_tls_engine_config *last_config;
static _Thread_local struct tls_engine_session *last_session;

/* --- sessions --- */

static void session_unref(struct tls_engine_session *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void session_set(
	struct tls_engine_session *s, enum tls_engine_state state, const char *reason)
{
	(void)pthread_mutex_lock(&s->lock);
	bool over = s->state == TLS_ENGINE_HANDSHAKE && state != TLS_ENGINE_HANDSHAKE;
	if (over)
		s->state = state;
	if (!s->reason[0])
		snprintf(s->reason, sizeof(s->reason), "%s", reason);
	/* Under the lock, so that detach() can promise that no call comes after it. */
	if (over && s->done)
		s->done(s->user);
	(void)pthread_mutex_unlock(&s->lock);
}

/* --- who the peer is --- */

static bool take_uri(const ASN1_IA5STRING *uri, char *name, size_t cap)
{
	const unsigned char *data = ASN1_STRING_get0_data(uri);
	int size = ASN1_STRING_length(uri);
	/* A NUL inside would make two different names look the same. */
	if (size <= 0 || (size_t)size >= cap || memchr(data, 0, (size_t)size))
		return false;
	memcpy(name, data, (size_t)size);
	name[size] = 0;
	return true;
}

/* The first URI of ours in the subjectAltName, or the first one, or "". A formatted subject can be
 * forged; this cannot. */
static void peer_name(X509 *cert, char *name, size_t cap)
{
	char uri[128];
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	name[0] = 0;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		if (g->type != GEN_URI ||
			!take_uri(g->d.uniformResourceIdentifier, uri, sizeof(uri)))
			continue;
		bool ours = !strncmp(uri, "vedette:", 8);
		if (!name[0] || ours)
			snprintf(name, cap, "%s", uri);
		if (ours)
			break;
	}
	GENERAL_NAMES_free(names);
}

static bool has_uri(X509 *cert, const char *wanted)
{
	char uri[256];
	bool found = false;
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		found = g->type == GEN_URI &&
			take_uri(g->d.uniformResourceIdentifier, uri, sizeof(uri)) &&
			!strcmp(uri, wanted);
	}
	GENERAL_NAMES_free(names);
	return found;
}

/* SHA-256 of the DER SubjectPublicKeyInfo: survives a renewed certificate with the same key (RFC
 * 7469 2.4). */
static bool spki_hash(X509 *cert, uint8_t hash[static 32])
{
	unsigned char *der = NULL;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	if (size <= 0)
		return false;
	SHA256(der, (size_t)size, hash);
	OPENSSL_free(der);
	return true;
}

static bool names_server(X509 *cert, const char *name)
{
	if (strchr(name, '/'))
		return has_uri(cert, name);
	return X509_check_host(cert, name, 0, 0, NULL) == 1 ||
	       X509_check_ip_asc(cert, name, 0) == 1;
}

/*
 * Two faults of time refuse nobody here. A revocation list whose next one is due still says who was revoked: taking it
 * for none would shut out every host at once, at a date nobody watches. And an expired certificate, where the caller asked
 * for such peers: who it was is proven, and what it may still do is for admit() to say.
 */
static bool forgiven(const struct nng_tls_engine_config *cfg, X509_STORE_CTX *store)
{
	int error = X509_STORE_CTX_get_error(store);

	return error == X509_V_ERR_CRL_HAS_EXPIRED ||
	       (error == X509_V_ERR_CERT_HAS_EXPIRED && cfg->expired &&
		       X509_STORE_CTX_get_error_depth(store) == 0);
}

static int on_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct nng_tls_engine_config *cfg = SSL_get_ex_data(ssl, cfg_index);

	if (!ok && forgiven(cfg, store)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		ok = 1;
	}
	if (!ok || cfg->server || X509_STORE_CTX_get_error_depth(store) > 0)
		return ok;
	if (names_server(X509_STORE_CTX_get_current_cert(store), cfg->server_name))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}

/* --- results --- */

static void describe_failure(SSL *ssl, char *buf, size_t cap)
{
	long verify = SSL_get_verify_result(ssl);
	unsigned long e = ERR_peek_last_error();
	const char *text = ERR_reason_error_string(e);

	if (verify != X509_V_OK)
		snprintf(buf, cap, "certificate verify failed: %s",
			X509_verify_cert_error_string(verify));
	else if (ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) >= SSL_AD_REASON_OFFSET)
		snprintf(buf, cap, "TLS: refused by the peer: %s", text ? text : "alert");
	else
		snprintf(buf, cap, "TLS: %s", text ? text : "connection broken");
}

static int to_nng(unsigned long e)
{
	switch (ERR_GET_REASON(e)) {
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		return NNG_EPEERAUTH;
	default:
		return NNG_ECRYPTO;
	}
}

/* Everything after the handshake that can be known once is taken here, on nng's thread. */
static void note_up(struct nng_tls_engine_conn *c)
{
	struct tls_engine_session *s = c->session;
	X509 *cert = SSL_get0_peer_certificate(c->ssl);
	struct bus_peer peer = { 0 };

	if (s->state != TLS_ENGINE_HANDSHAKE)
		return;
	/* OpenSSL says X509_V_OK when there was nothing to verify. */
	if (!cert || SSL_get_verify_result(c->ssl) != X509_V_OK ||
		!spki_hash(cert, peer.spki_sha256)) {
		session_set(s, TLS_ENGINE_FAILED, "TLS: the peer has no verified certificate");
		return;
	}
	peer_name(cert, peer.name, sizeof(peer.name));
	peer.expired = X509_cmp_current_time(X509_get0_notAfter(cert)) < 0;
	(void)pthread_mutex_lock(&s->lock);
	s->peer = peer;
	(void)pthread_mutex_unlock(&s->lock);
	session_set(s, TLS_ENGINE_UP, "");
}

/* Maps the result of an SSL call. The error queue is per thread and nng's threads serve many
 * connections: never leave it. */
static int settle(struct nng_tls_engine_conn *c, int result)
{
	char reason[TLS_ENGINE_ERROR_MAX];
	int code = SSL_get_error(c->ssl, result), r = 0;

	switch (code) {
	case SSL_ERROR_NONE:
		break;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		r = NNG_EAGAIN;
		break;
	case SSL_ERROR_ZERO_RETURN:
		session_set(c->session, TLS_ENGINE_FAILED, "closed by the peer");
		r = NNG_ECONNSHUT;
		break;
	case SSL_ERROR_SYSCALL:
		r = NNG_ECONNSHUT;
		break;
	default:
		r = to_nng(ERR_peek_last_error());
		describe_failure(c->ssl, reason, sizeof(reason));
		session_set(c->session, TLS_ENGINE_FAILED, reason);
	}
	ERR_clear_error();
	if ((!r || r == NNG_EAGAIN) && SSL_is_init_finished(c->ssl))
		note_up(c);
	/* A handshake we cannot vouch for carries no byte. */
	if (!r && c->session->state != TLS_ENGINE_UP)
		r = SSL_is_init_finished(c->ssl) ? NNG_EPEERAUTH : 0;
	return r;
}

/* --- the pipe below: nng moves the encrypted bytes --- */

static int on_bio_read(BIO *bio, char *buf, int size)
{
	size_t n = (size_t)size;
	BIO_clear_retry_flags(bio);
	int r = size > 0 ? nng_tls_engine_recv(BIO_get_data(bio), (uint8_t *)buf, &n) : NNG_EINVAL;
	if (r == NNG_EAGAIN)
		BIO_set_retry_read(bio);
	return r ? -1 : (int)n;
}

static int on_bio_write(BIO *bio, const char *buf, int size)
{
	size_t n = (size_t)size;
	BIO_clear_retry_flags(bio);
	int r = size > 0 ? nng_tls_engine_send(BIO_get_data(bio), (const uint8_t *)buf, &n)
			 : NNG_EINVAL;
	if (r == NNG_EAGAIN)
		BIO_set_retry_write(bio);
	return r ? -1 : (int)n;
}

static long on_bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	return cmd == BIO_CTRL_FLUSH || cmd == BIO_CTRL_DUP;
}

static int on_bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

/* --- connections, called by nng under its lock of the connection --- */

static int on_conn_init(nng_tls_engine_conn *c, void *arg, nng_tls_engine_config *cfg)
{
	if (!cfg->armed)
		return NNG_ENOTSUP;
	struct tls_engine_session *s = calloc(1, sizeof(*s));
	BIO *bio = BIO_new(bio_method);
	c->ssl = SSL_new(cfg->ctx);
	if (!s || !bio || !c->ssl || !SSL_set_ex_data(c->ssl, cfg_index, cfg)) {
		free(s);
		BIO_free(bio);
		SSL_free(c->ssl);
		c->ssl = NULL;
		return NNG_ENOMEM;
	}
	atomic_init(&s->refs, 1);
	(void)pthread_mutex_init(&s->lock, NULL);
	c->session = s;
	c->server = cfg->server;
	BIO_set_data(bio, arg);
	SSL_set_bio(c->ssl, bio, bio);
	if (cfg->server) {
		SSL_set_accept_state(c->ssl);
	} else {
		SSL_set_connect_state(c->ssl);
		if (!strchr(cfg->server_name, '/'))
			(void)SSL_set_tlsext_host_name(c->ssl, cfg->server_name);
	}
	ERR_clear_error();
	return 0;
}

/* nng calls this for a connection that never came to init(), too: all is zero then. */
static void on_conn_fini(nng_tls_engine_conn *c)
{
	SSL_free(c->ssl);
	if (c->session)
		session_set(c->session, TLS_ENGINE_FAILED, "closed");
	session_unref(c->session);
	c->ssl = NULL;
	c->session = NULL;
}

static void on_conn_close(nng_tls_engine_conn *c)
{
	if (!c->ssl)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(c->ssl);
	ERR_clear_error();
}

static int on_conn_handshake(nng_tls_engine_conn *c)
{
	ERR_clear_error();
	return settle(c, SSL_do_handshake(c->ssl));
}

static int on_conn_recv(nng_tls_engine_conn *c, uint8_t *buf, size_t *size)
{
	int cap = *size > RECORD_MAX ? RECORD_MAX : (int)*size;
	ERR_clear_error();
	int n = SSL_read(c->ssl, buf, cap);
	int r = settle(c, n);
	if (!r)
		*size = (size_t)n;
	return r;
}

static int on_conn_send(nng_tls_engine_conn *c, const uint8_t *buf, size_t *size)
{
	int len = *size > RECORD_MAX ? RECORD_MAX : (int)*size;
	ERR_clear_error();
	int n = SSL_write(c->ssl, buf, len);
	int r = settle(c, n);
	if (!r)
		*size = (size_t)n;
	return r;
}

static bool on_conn_verified(nng_tls_engine_conn *c)
{
	last_session = c->session;
	return c->session && c->session->state == TLS_ENGINE_UP;
}

/* --- configurations --- */

static int on_config_init(nng_tls_engine_config *cfg, nng_tls_mode mode)
{
	cfg->server = mode == NNG_TLS_MODE_SERVER;
	cfg->ctx = SSL_CTX_new(cfg->server ? TLS_server_method() : TLS_client_method());
	if (!cfg->ctx)
		return NNG_ENOMEM;
	last_config = cfg;
	int verify = SSL_VERIFY_PEER | (cfg->server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
	SSL_CTX_set_verify(cfg->ctx, verify, on_verify);
	SSL_CTX_set_verify_depth(cfg->ctx, CHAIN_DEPTH_MAX);
	SSL_CTX_set_max_cert_list(cfg->ctx, CERT_LIST_MAX);
	SSL_CTX_set_session_cache_mode(cfg->ctx, SSL_SESS_CACHE_OFF);
	/* nng retries a send from another buffer. */
	(void)SSL_CTX_set_mode(cfg->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
						 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
						 SSL_MODE_NO_AUTO_CHAIN);
	/* A ticket would resume a session without the certificate being looked at again. */
	bool ok = SSL_CTX_set_num_tickets(cfg->ctx, 0) &&
		  SSL_CTX_set_min_proto_version(cfg->ctx, TLS1_3_VERSION);
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(cfg->ctx), X509_V_FLAG_PARTIAL_CHAIN);
	ERR_clear_error();
	return ok ? 0 : NNG_ENOTSUP;
}

static void on_config_fini(nng_tls_engine_config *cfg)
{
	SSL_CTX_free(cfg->ctx);
}

/* nng names the URL's host on the configuration it makes for itself and throws away. */
static int on_config_server(nng_tls_engine_config *cfg, const char *name)
{
	return 0;
}

static int on_config_auth(nng_tls_engine_config *cfg, nng_tls_auth_mode mode)
{
	return mode == NNG_TLS_AUTH_MODE_REQUIRED ? 0 : NNG_ENOTSUP;
}

static int on_config_ca_chain(nng_tls_engine_config *cfg, const char *certs, const char *crl)
{
	return NNG_ENOTSUP;
}

static int on_config_own_cert(
	nng_tls_engine_config *cfg, const char *cert, const char *key, const char *pass)
{
	return NNG_ENOTSUP;
}

static int on_config_version(nng_tls_engine_config *cfg, nng_tls_version min, nng_tls_version max)
{
	return max == NNG_TLS_1_3 ? 0 : NNG_ENOTSUP;
}

static nng_tls_engine_config_ops config_ops = {
	.size = sizeof(struct nng_tls_engine_config),
	.init = on_config_init,
	.fini = on_config_fini,
	.server = on_config_server,
	.auth = on_config_auth,
	.ca_chain = on_config_ca_chain,
	.own_cert = on_config_own_cert,
	.version = on_config_version,
};

static nng_tls_engine_conn_ops conn_ops = {
	.size = sizeof(struct nng_tls_engine_conn),
	.init = on_conn_init,
	.fini = on_conn_fini,
	.close = on_conn_close,
	.handshake = on_conn_handshake,
	.recv = on_conn_recv,
	.send = on_conn_send,
	.verified = on_conn_verified,
};

static const nng_tls_engine engine = {
	.version = NNG_TLS_ENGINE_VERSION,
	.config_ops = &config_ops,
	.conn_ops = &conn_ops,
	.name = "openssl",
	.description = "OpenSSL 3, TLS 1.3 both ways",
};

static void install(void)
{
	nng_tls_config *probe = NULL;

	/* nng registers its own engine at its first use of TLS: let it, and then replace it. */
	if (!nng_tls_config_alloc(&probe, NNG_TLS_MODE_CLIENT))
		nng_tls_config_free(probe);
	cfg_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nng");
	if (!bio_method || cfg_index < 0) {
		install_result = -ENOMEM;
		return;
	}
	(void)BIO_meth_set_read(bio_method, on_bio_read);
	(void)BIO_meth_set_write(bio_method, on_bio_write);
	(void)BIO_meth_set_ctrl(bio_method, on_bio_ctrl);
	(void)BIO_meth_set_create(bio_method, on_bio_create);
	install_result = nng_tls_engine_register(&engine) ? -ENOTSUP : 0;
}

/* --- files --- */

static int fail(char *error, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int fail(char *error, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(error, TLS_ENGINE_ERROR_MAX, fmt, ap);
	va_end(ap);
	ERR_clear_error();
	return code;
}

static int open_pem(const char *path, const char *what, BIO **ret_bio, char *error)
{
	if (!path || !path[0])
		return fail(error, -EINVAL, "no %s file given", what);
	/* fopen() for its errno. */
	FILE *f = fopen(path, "re");
	if (!f)
		return fail(error, -errno, "%s: %s", path, strerror(errno));
	*ret_bio = BIO_new_fp(f, BIO_CLOSE);
	if (!*ret_bio) {
		fclose(f);
		return fail(error, -ENOMEM, "%s: out of memory", path);
	}
	return 0;
}

/* Anchors, and for a server the names it asks clients to have a certificate from. */
static int load_ca(
	struct nng_tls_engine_config *cfg, const char *path, bool *ret_intermediates, char *error)
{
	X509_STORE *store = SSL_CTX_get_cert_store(cfg->ctx);
	BIO *bio = NULL;
	X509 *cert;
	int n = 0, r = open_pem(path, "CA", &bio, error);
	if (r)
		return r;
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		*ret_intermediates |=
			X509_check_ca(cert) && !(X509_get_extension_flags(cert) & EXFLAG_SI);
		n += X509_STORE_add_cert(store, cert);
		if (cfg->server)
			(void)SSL_CTX_add_client_CA(cfg->ctx, cert);
		X509_free(cert);
	}
	BIO_free(bio);
	ERR_clear_error();
	return n ? 0 : fail(error, -EINVAL, "%s: no certificate in it", path);
}

static int load_crl(
	struct nng_tls_engine_config *cfg, const char *path, bool intermediates, char *error)
{
	X509_STORE *store = SSL_CTX_get_cert_store(cfg->ctx);
	BIO *bio = NULL;
	X509_CRL *crl;
	int n = 0, r = open_pem(path, "CRL", &bio, error);
	if (r)
		return r;
	while ((crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
		n += X509_STORE_add_crl(store, crl);
		X509_CRL_free(crl);
	}
	BIO_free(bio);
	ERR_clear_error();
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(cfg->ctx),
		X509_V_FLAG_CRL_CHECK | (intermediates ? X509_V_FLAG_CRL_CHECK_ALL : 0));
	return n ? 0 : fail(error, -EINVAL, "%s: no revocation list in it", path);
}

static int load_own(struct nng_tls_engine_config *cfg, const struct bus_tls *files, char *error)
{
	BIO *bio = NULL;
	int r = open_pem(files->cert_file, "certificate", &bio, error);
	BIO_free(bio);
	if (r)
		return r;
	if (SSL_CTX_use_certificate_chain_file(cfg->ctx, files->cert_file) != 1)
		return fail(error, -EINVAL, "%s: no certificate in it", files->cert_file);
	bio = NULL;
	r = open_pem(files->key_file, "key", &bio, error);
	BIO_free(bio);
	if (r)
		return r;
	if (SSL_CTX_use_PrivateKey_file(cfg->ctx, files->key_file, SSL_FILETYPE_PEM) != 1) {
		bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
		return fail(error, -EINVAL, "%s: %s", files->key_file,
			other ? "this key is not the certificate's"
			      : "no unencrypted private key in it");
	}
	return 0;
}

static int arm(struct nng_tls_engine_config *cfg, const struct bus_tls *files,
	const char *server_name, char *error)
{
	bool intermediates = false;

	if (!cfg->server && (!server_name || !server_name[0] ||
				    strlen(server_name) >= sizeof(cfg->server_name)))
		return fail(error, -EINVAL, "no server name to check, or one that is too long");
	snprintf(cfg->server_name, sizeof(cfg->server_name), "%s", server_name ? server_name : "");
	int r = load_ca(cfg, files->ca_file, &intermediates, error);
	if (!r && files->crl_file && files->crl_file[0])
		r = load_crl(cfg, files->crl_file, intermediates, error);
	if (!r)
		r = load_own(cfg, files, error);
	cfg->expired = files->expired;
	cfg->armed = !r;
	return r;
}

int tls_engine_crl_due_s(const char *path, int64_t now_s, int64_t *ret_s)
{
	BIO *bio = NULL;
	X509_CRL *crl;
	char error[TLS_ENGINE_ERROR_MAX];
	int64_t least = INT64_MAX;
	int r = open_pem(path, "CRL", &bio, error);

	if (r)
		return r;
	while ((crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
		ASN1_TIME *now = ASN1_TIME_set(NULL, now_s);
		int days = 0, seconds = 0;
		if (next && now && ASN1_TIME_diff(&days, &seconds, now, next) &&
			days * INT64_C(86400) + seconds < least)
			least = days * INT64_C(86400) + seconds;
		ASN1_TIME_free(now);
		X509_CRL_free(crl);
	}
	BIO_free(bio);
	ERR_clear_error();
	*ret_s = least;
	return 0;
}

int tls_engine_config(bool server, const struct bus_tls *files, const char *server_name,
	nng_tls_config **ret_config, char ret_error[static TLS_ENGINE_ERROR_MAX])
{
	assert(files);
	assert(ret_config);

	(void)pthread_once(&install_once, install);
	if (install_result)
		return fail(ret_error, install_result, "nng does not take our TLS engine");

	nng_tls_config *config = NULL;
	last_config = NULL;
	if (nng_tls_config_alloc(&config, server ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT) ||
		!last_config) {
		if (config)
			nng_tls_config_free(config);
		return fail(ret_error, -ENOTSUP, "TLS 1.3 is not to be had here");
	}
	int r = arm(last_config, files, server_name, ret_error);
	if (r) {
		nng_tls_config_free(config);
		return r;
	}
	*ret_config = config;
	return 0;
}

/* --- for the bus --- */

struct tls_engine_session *tls_engine_attach(
	nng_stream *stream, void (*done)(void *user), void *user)
{
	bool verified;

	last_session = NULL;
	if (nng_stream_get_bool(stream, NNG_OPT_TLS_VERIFIED, &verified) || !last_session)
		return NULL;
	struct tls_engine_session *s = last_session;
	(void)atomic_fetch_add(&s->refs, 1);
	(void)pthread_mutex_lock(&s->lock);
	s->done = done;
	s->user = user;
	if (s->state != TLS_ENGINE_HANDSHAKE)
		done(user);
	(void)pthread_mutex_unlock(&s->lock);
	return s;
}

void tls_engine_detach(struct tls_engine_session *session)
{
	if (!session)
		return;
	(void)pthread_mutex_lock(&session->lock);
	session->done = NULL;
	(void)pthread_mutex_unlock(&session->lock);
	session_unref(session);
}

enum tls_engine_state tls_engine_state(struct tls_engine_session *session,
	struct bus_peer *ret_peer, char ret_reason[static TLS_ENGINE_ERROR_MAX])
{
	(void)pthread_mutex_lock(&session->lock);
	enum tls_engine_state state = session->state;
	*ret_peer = session->peer;
	snprintf(ret_reason, TLS_ENGINE_ERROR_MAX, "%s", session->reason);
	(void)pthread_mutex_unlock(&session->lock);
	return state;
}
