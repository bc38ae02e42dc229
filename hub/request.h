/*
 * request - what a handler needs to know of an HTTP request, and what it answers; nothing of the server in it.
 */
#pragma once

#include "hub/jout.h"

#include <stdbool.h>
#include <stddef.h>

struct request {
	const char *method, *path;
	const char *accept; /* "" when there is none */
	const char *base;   /* "http://host", for absolute links */
	const char *user;   /* who the proxy says it is; NULL = it does not */
	bool foreign_origin; /* the Origin header names another site than ours */
	const char *body;
	size_t body_size;
	/** A query parameter, decoded; NULL when absent. */
	const char *(*arg)(const struct request *rq, const char *name);
	void *server;
};

struct reply {
	unsigned status;
	const char *type; /* static */
	char *body;	  /* malloc()ed; the server frees it */
	size_t size;
};

/** request_error() - {"error": "..."}; an unknown path is 404. */
void request_error(struct reply *reply, unsigned status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** request_json() - takes what @j holds; 500 when it failed. */
void request_json(struct reply *reply, unsigned status, const char *type, struct jout *j);
