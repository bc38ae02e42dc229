/* fuzz-renew - what a host may send fusion, fusion enrol, and the request in it; a message that is taken comes back equal. */
#include "common/renew.h"
#include "enrol/authority.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct renew_message m;
	uint8_t buf[RENEW_MESSAGE_MAX], spki[32];
	char host[CERT_NAME_MAX];

	(void)authority_check(data, size, host, spki);
	if (renew_get(data, size, &m))
		return 0;
	if (!renew_is(data, size))
		abort();
	ssize_t n = renew_put(buf, sizeof(buf), &m);
	if (n < 0 || (size_t)n != size || memcmp(buf, data, size) != 0)
		abort();
	if (m.type == RENEW_RELAYED || m.type == RENEW_REQUEST)
		(void)authority_check(m.data, m.size, host, spki);
	return 0;
}
