/*
 * gate - the XDP program loaded for a test, fed single frames by BPF_PROG_TEST_RUN.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/attach.h"
#include "bpf/policy.h"

struct gate {
	struct attach *attach;
	struct policy *policy;
	int prog_fd;
};

/** gate_excuse() - why there is no program, as TAP: skipped when privileges are missing, failed for any other @error. */
void gate_excuse(const struct attach *attach, int error);

/** gate_open() - Return: 0, or -errno with gate_excuse() printed. */
int gate_open(struct gate *ret_gate);
void gate_close(struct gate *gate);

/** gate_set() - compiles and activates; asserts that it could. */
void gate_set(struct gate *gate, const struct feed *feeds, unsigned n);
void gate_set_strict(struct gate *gate, const struct feed *feeds, unsigned n, bool strict); /* the same, UDP of no feed refused */

/** gate_run() - one frame @repeat times. Return: XDP_PASS, XDP_DROP or -errno; @ret_ns (may be NULL) per frame. */
int gate_run(struct gate *gate, const void *frame, size_t size, unsigned repeat, uint32_t *ret_ns);

unsigned gate_instructions(const struct gate *gate); /* that the verifier went through when it was loaded */
unsigned gate_slot(const struct gate *gate, const char *feed); /* "" = slot 0 */

/* Feeds as the files would give them. */
struct feed gate_feed(const char *name, enum feed_format format, const char *address, uint16_t port);
void gate_source(struct feed *feed, const char *address, unsigned prefix);
