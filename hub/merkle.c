#include "hub/merkle.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

struct part {
	const void *data;
	size_t size;
};

static void hash_parts(const struct part *parts, size_t n, uint8_t ret_hash[MERKLE_HASH])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	assert(ctx);
	int ok = EVP_DigestInit_ex(ctx, EVP_sha256(), /* engine= */ NULL);
	for (size_t i = 0; i < n; i++)
		ok &= EVP_DigestUpdate(ctx, parts[i].data, parts[i].size);
	ok &= EVP_DigestFinal_ex(ctx, ret_hash, NULL);
	assert(ok == 1); /* fails for lack of memory only */
	(void)ok;
	EVP_MD_CTX_free(ctx);
}

void merkle_sha256(const void *data, size_t size, uint8_t ret_hash[MERKLE_HASH])
{
	hash_parts(&(struct part){ data, size }, 1, ret_hash);
}

void merkle_leaf(const void *salt, size_t salt_size, const void *data, size_t size, uint8_t ret_hash[MERKLE_HASH])
{
	struct part parts[] = { { "\0", 1 }, { salt, salt_size }, { data, size } };
	hash_parts(parts, 3, ret_hash);
}

void merkle_root(uint8_t (*leaves)[MERKLE_HASH], size_t n, uint8_t ret_root[MERKLE_HASH])
{
	if (n == 0) {
		merkle_sha256("", 0, ret_root);
		return;
	}
	/* Pairing level by level and carrying an odd one up gives the tree of RFC 6962. */
	while (n > 1) {
		size_t up = 0;
		for (size_t i = 0; i + 1 < n; i += 2) {
			struct part parts[] = { { "\1", 1 }, { leaves[i], MERKLE_HASH }, { leaves[i + 1], MERKLE_HASH } };
			uint8_t h[MERKLE_HASH];
			hash_parts(parts, 3, h);
			memcpy(leaves[up++], h, MERKLE_HASH);
		}
		if (n % 2)
			memmove(leaves[up++], leaves[n - 1], MERKLE_HASH);
		n = up;
	}
	memcpy(ret_root, leaves[0], MERKLE_HASH);
}
