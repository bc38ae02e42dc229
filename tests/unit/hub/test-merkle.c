#include "hub/merkle.h"
#include "tests/assert_near.h"

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* The leaves and roots that the implementations of RFC 6962 test themselves with. */
static void roots_are_those_of_certificate_transparency(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *root;
	} steps[] = {
		{ "", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
		{ "\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
		{ "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
		{ "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
		{ "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
		{ "\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
			"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
	};
	uint8_t leaves[8][MERKLE_HASH], work[8][MERKLE_HASH], root[MERKLE_HASH];
	for (size_t n = 1; n <= 8; n++) {
		char hex[2 * MERKLE_HASH + 1];
		merkle_leaf("", 0, steps[n - 1].data, steps[n - 1].size, leaves[n - 1]);
		memcpy(work, leaves, sizeof(work));
		merkle_root(work, n, root);
		for (size_t i = 0; i < MERKLE_HASH; i++)
			snprintf(hex + 2 * i, 3, "%02x", root[i]);
		assert_string_equal(hex, steps[n - 1].root);
	}
}

static void a_salt_hides_what_is_committed_to(void **state)
{
	uint8_t a[MERKLE_HASH], b[MERKLE_HASH];
	merkle_leaf("0123456789abcdef", 16, "x", 1, a);
	merkle_leaf("0123456789abcdeg", 16, "x", 1, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_certificate_transparency),
		cmocka_unit_test(a_salt_hides_what_is_committed_to),
	};
	return cmocka_run_group_tests_name("hub-merkle", tests, NULL, NULL);
}
