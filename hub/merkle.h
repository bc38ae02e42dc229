/*
 * merkle - the root of a binary hash tree, SHA-256, as RFC 6962 section 2.1 builds it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH 32

/** merkle_leaf() - SHA-256(0x00 | salt | data): a commitment that says nothing without its salt. */
void merkle_leaf(const void *salt, size_t salt_size, const void *data, size_t size, uint8_t ret_hash[MERKLE_HASH]);
/** merkle_root() - over @n leaves, which are used up. The root of none is SHA-256 of nothing. */
void merkle_root(uint8_t (*leaves)[MERKLE_HASH], size_t n, uint8_t ret_root[MERKLE_HASH]);
void merkle_sha256(const void *data, size_t size, uint8_t ret_hash[MERKLE_HASH]);
