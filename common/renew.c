#include "common/renew.h"

#include "common/canon.h"

#include <errno.h>
#include <string.h>

static const size_t items[] = { [RENEW_REQUEST] = 2, [RENEW_CERTIFICATE] = 2, [RENEW_REFUSED] = 2, [RENEW_ONLY] = 1,
	[RENEW_RELAYED] = 4 }; /* type included */

bool renew_is(const void *data, size_t size)
{
	struct canon_in in;

	canon_in_init(&in, data, size);
	(void)canon_get_array(&in);
	uint64_t type = canon_get_uint(&in);
	return !in.error && type >= RENEW_REQUEST && type <= RENEW_RELAYED;
}

ssize_t renew_put(uint8_t *buf, size_t cap, const struct renew_message *m)
{
	struct canon_out o;

	canon_out_init(&o, buf, cap);
	canon_put_array(&o, items[m->type]);
	canon_put_uint(&o, m->type);
	if (m->type == RENEW_RELAYED) {
		canon_put_text(&o, m->host);
		canon_put_bytes(&o, m->spki, sizeof(m->spki));
	}
	if (m->type == RENEW_REFUSED)
		canon_put_text(&o, m->reason);
	else if (m->type != RENEW_ONLY)
		canon_put_bytes(&o, m->data, m->size);
	return o.failed ? -ENOBUFS : (ssize_t)o.len;
}

static int get_relayed(struct canon_in *in, struct renew_message *m)
{
	size_t size = 0;

	canon_get_text(in, m->host, sizeof(m->host));
	const void *spki = canon_get_bytes(in, &size);
	if (in->error)
		return in->error;
	if (!cert_name_is_good(m->host) || size != sizeof(m->spki))
		return -ERANGE;
	memcpy(m->spki, spki, sizeof(m->spki));
	return 0;
}

static int get_data(struct canon_in *in, struct renew_message *m)
{
	m->data = canon_get_bytes(in, &m->size);
	if (in->error)
		return in->error;
	bool request = m->type != RENEW_CERTIFICATE;
	return !m->size || (request && m->size > CERT_REQUEST_MAX) ? -ERANGE : 0;
}

int renew_get(const void *data, size_t size, struct renew_message *ret_m)
{
	struct renew_message m = { 0 };
	struct canon_in in;
	int r = 0;

	if (size > RENEW_MESSAGE_MAX)
		return -ERANGE;
	canon_in_init(&in, data, size);
	size_t n = canon_get_array(&in);
	uint64_t type = canon_get_uint(&in);
	if (in.error)
		return in.error;
	if (type < RENEW_REQUEST || type > RENEW_RELAYED || n != items[type])
		return -EBADMSG;
	m.type = (enum renew_type)type;
	if (m.type == RENEW_RELAYED)
		r = get_relayed(&in, &m);
	if (m.type == RENEW_REFUSED)
		canon_get_text(&in, m.reason, sizeof(m.reason));
	else if (!r && m.type != RENEW_ONLY)
		r = get_data(&in, &m);
	if (!r)
		r = canon_done(&in);
	if (!r)
		*ret_m = m;
	return r;
}
