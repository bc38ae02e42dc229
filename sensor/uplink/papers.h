/*
 * papers - the host's own key and certificate: which pair to show, when it is time for another, and a new one's trial.
 *
 * The first pair is the administrator's (Certificate=, Key=). For a renewal a fresh key is made in StateDirectory= and kept
 * until its certificate is there (pending.key, so that the same request can be made again when the answer was lost); the
 * two become trial.pem, one file, shown from the next connection on; only when the centre has taken it does it replace
 * renewed.pem. A trial that fails goes back to the pair before. Where the administrator puts a newer certificate, that wins.
 */
#pragma once

#include "common/bus.h"
#include "sensor/uplink/config.h"

struct papers;

/** papers_open() - looks what there is. @config is borrowed. Return: 0 or -errno: no certificate can be read. */
int papers_open(const struct config *config, struct papers **ret_p);
void papers_free(struct papers *p);

/** papers_files() - sets what @tls needs to show this host's certificate; borrowed until the next call of another function. */
void papers_files(const struct papers *p, struct bus_tls *tls);

/** papers_left_s() - life left of the certificate that is shown; negative: it has expired. */
int64_t papers_left_s(const struct papers *p, int64_t now_s);

/** papers_due() - less than a third of its life is left, and nothing is on trial. */
bool papers_due(const struct papers *p, int64_t now_s);

/** papers_request() - a request for a certificate for the pending key, made when there is none. Return: size or -errno. */
ssize_t papers_request(struct papers *p, uint8_t *buf, size_t cap);

/**
 * papers_take() - @der is the centre's answer: from now on it is on trial
 *
 * Return: 0, -EBADMSG (no certificate), -EKEYREJECTED (not for our pending key or our name) or -errno of the disk.
 */
int papers_take(struct papers *p, const void *der, size_t size);

bool papers_on_trial(const struct papers *p);
int papers_proven(struct papers *p); /* the centre took it. Return: 0 or -errno: then the trial goes on */
void papers_failed(struct papers *p); /* back to the pair before */
