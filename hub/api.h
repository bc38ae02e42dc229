/*
 * api - the JSON addresses of docs/http.md, /healthz and /metrics.
 */
#pragma once

#include "hub/hub.h"
#include "hub/request.h"

/** api_handle() - Return: true when the path is one of its own (with @ret_reply set). */
bool api_handle(struct hub *hub, const struct request *rq, struct reply *ret_reply);

/** api_allows() - the methods of @path, for 405: "GET, HEAD" or "POST". */
const char *api_allows(const char *path);
