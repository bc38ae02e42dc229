/* canon: any bytes; and what it takes, written again, gives the same bytes (the form is canonical). */
#include "common/canon.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_item(struct canon_in *in, struct canon_out *out)
{
	size_t n, size;
	const void *bytes;
	static char text[1 << 16];

	switch (canon_peek(in)) {
	case CANON_UINT:
		canon_put_uint(out, canon_get_uint(in));
		break;
	case CANON_NINT:
		canon_put_int(out, canon_get_int(in));
		break;
	case CANON_BYTES:
		bytes = canon_get_bytes(in, &size);
		if (bytes)
			canon_put_bytes(out, bytes, size);
		break;
	case CANON_TEXT:
		text[0] = 0;
		canon_get_text(in, text, sizeof(text));
		canon_put_text(out, text);
		break;
	case CANON_BOOL:
		canon_put_bool(out, canon_get_bool(in));
		break;
	case CANON_NULL:
		canon_get_null(in);
		canon_put_null(out);
		break;
	case CANON_ARRAY:
		n = canon_get_array(in);
		canon_put_array(out, n);
		for (; n && !in->error; n--)
			copy_item(in, out);
		break;
	case CANON_MAP:
		n = canon_get_map(in);
		canon_put_map(out, n);
		for (; n && !in->error; n--) {
			copy_item(in, out);
			copy_item(in, out);
		}
		break;
	case CANON_END:
		canon_skip(in);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct canon_in in;

	canon_in_init(&in, data, size);
	canon_skip(&in); /* bounds the depth for the copy */
	if (canon_done(&in))
		return 0;

	uint8_t *buf = malloc(size);
	struct canon_out out;
	canon_in_init(&in, data, size);
	canon_out_init(&out, buf, size);
	copy_item(&in, &out);
	/* Integers below INT64_MIN and text with NUL are CBOR but not ours. */
	if (!canon_done(&in) && (out.failed || out.len != size || memcmp(buf, data, size)))
		abort();
	free(buf);
	return 0;
}
