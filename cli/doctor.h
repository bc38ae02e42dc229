/*
 * doctor - what a glance says that is wrong, and what to type about it.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct doctor_finding {
	char what[512]; /* is wrong, one line */
	char type[256]; /* a command, or where to look */
};

#define DOCTOR_FINDINGS_MAX 128

struct doctor_report {
	size_t n; /* more than the limit are left out */
	struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
};

/** doctor_judge() - of what glance_take() gave; @etc tells which programs ought to run here. Adds to @report. */
void doctor_judge(const json_t *glance, const char *etc, struct doctor_report *report);

/** doctor_files() - the configuration. */
void doctor_files(const char *etc, struct doctor_report *report);
