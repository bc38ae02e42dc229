#include "hub/request.h"

#include <stdarg.h>
#include <stdio.h>

void request_json(struct reply *reply, unsigned status, const char *type, struct jout *j)
{
	*reply = (struct reply){ .status = status, .type = type };
	reply->body = jout_take(j, &reply->size);
	if (!reply->body)
		reply->status = 500;
}

void request_error(struct reply *reply, unsigned status, const char *fmt, ...)
{
	char text[256];
	struct jout j;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jout_init(&j);
	jout_object(&j, NULL);
	jout_string(&j, "error", text);
	jout_object_end(&j);
	request_json(reply, status, "application/json", &j);
}
