/*
 * test-klv-peers - our ST 0601 decode against klvtool 0601.19's, and the packets that klvdata is tested with.
 *
 * klvtool gives a tag, a value and the octets of each item; ours is asked by tag. klvdata prints no values to compare with: of its
 * packets the items, checksums and a few values of the standard's own examples are known.
 */
#include "tests/assert_near.h"

#include "recording.h"
#include "sensor/decode/klv/klv_json.h"
#include "sensor/decode/klv/klv_st0601.h"
#include "sensor/decode/klv/klv_value.h"

static const char *dir;
static unsigned agree;

/* One packet: its JSON and its top items. */
struct found {
	unsigned packets, items;
	enum klv_checksum checksum;
	uint16_t computed;
	json_t *json;
};

static void pass_open(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
	struct found *f = user;

	f->items += tag >= klv_st0601.tags && tag < klv_st0601.tags + klv_st0601.n;
}

static void pass_close(void *user, const struct klv_tag *tag, char bracket)
{
}

static void count_value(void *user, const char *name, const struct klv_item *i)
{
	pass_open(user, name, i->tag, 0);
}

static void take(void *user, const struct klv_packet *p)
{
	static const struct klv_visitor top_items = { pass_open, pass_close, count_value };
	static char buf[1 << 16];
	struct found *f = user;
	struct klv_stats stats = { 0 };
	struct jot j;

	f->packets++;
	f->checksum = p->checksum;
	f->computed = p->computed;
	klv_walk(p, &stats, &top_items, f);
	jot_init(&j, buf, sizeof(buf));
	klv_json_put(&j, p, &stats);
	f->json = json_loadb(buf, j.len, 0, NULL);
	assert_non_null(f->json);
}

static struct found decode(const uint8_t *data, size_t size)
{
	struct klv_stats stats = { 0 };
	struct found f = { 0 };

	klv_decode(data, size, &stats, take, &f);
	assert_int_equal(f.packets, 1);
	assert_int_equal(stats.skipped_bytes, 0);
	return f;
}

static size_t from_hex(const char *hex, size_t size, uint8_t *out)
{
	size_t n = 0;

	for (unsigned octet; 2 * n + 1 < size && sscanf(hex + 2 * n, "%2x", &octet) == 1; n++)
		out[n] = (uint8_t)octet;
	return n;
}

/* Theirs is a number, a text, or a time as ISO 8601. */
static void compare_item(const struct found *f, const json_t *item)
{
	long tag = (long)json_integer_value(json_object_get(item, "tag"));
	const json_t *theirs = json_object_get(item, "value"), *ours = json_object_get(f->json, klv_st0601.tags[tag].name);

	assert_non_null(ours);
	if (json_is_number(theirs))
		assert_near(json_number_value(ours), json_number_value(theirs), 1e-10 * fabs(json_number_value(theirs)));
	else if (tag == KLV_ST0601_TIME)
		assert_string_equal(json_number_value(ours) == 0 ? "1970-01-01T00:00:00.000000Z" : "", json_string_value(theirs));
	else
		assert_string_equal(json_string_value(ours), json_string_value(theirs));
	agree++;
}

static void compare_with_klvtool(const char *name)
{
	char path[256];
	uint8_t data[4096];
	size_t size, i;
	json_t *item;

	snprintf(path, sizeof(path), "klvtool-json/%s.hex", name);

	char *hex = recording_read(dir, path, 1, &size);
	struct found f = decode(data, from_hex(hex, size, data));

	snprintf(path, sizeof(path), "%s/klvtool-json/%s.json", dir, name);

	json_t *peer = json_load_file(path, 0, NULL), *sum = json_object_get(peer, "checksum");

	assert_non_null(peer);
	assert_int_equal(f.items, json_array_size(json_object_get(peer, "items")));
	assert_int_equal(f.computed, json_integer_value(json_object_get(sum, "computed")));
	assert_int_equal(f.checksum == KLV_CHECKSUM_GOOD, json_is_true(json_object_get(sum, "valid")));
	json_array_foreach(json_object_get(peer, "items"), i, item)
		compare_item(&f, item);
	json_decref(peer);
	json_decref(f.json);
	free(hex);
}

static void every_item_agrees_with_klvtool(void **state)
{
	compare_with_klvtool("minimal");
	compare_with_klvtool("signed_lat");
	print_message("klvtool: %u items agree\n", agree);
	assert_int_equal(agree, 7);
}

static double number(const struct found *f, const char *name)
{
	const json_t *v = json_object_get(f->json, name);

	assert_true(json_is_number(v));
	return json_number_value(v);
}

static struct found decode_file(const char *name)
{
	size_t size;
	char *data = recording_read(dir, name, 0, &size);
	struct found f = decode((const uint8_t *)data, size);

	free(data);
	return f;
}

static void assert_example_values(const struct found *f)
{
	assert_near(number(f, "timestamp"), 1231798102, 0);
	assert_near(number(f, "platform_heading_deg"), 159.974365, 1e-6);
	assert_near(number(f, "sensor_lat_deg"), 60.176822966978335, 1e-10);
	assert_near(number(f, "frame_center_lon_deg"), 29.157890122923, 1e-10);
	assert_near(number(f, "slant_range_m"), 68590.983298744, 1e-5);
}

static void a_stale_checksum_is_flagged_and_the_packet_kept(void **state)
{
	struct found f = decode_file("DynamicConstantMISMMSPacketData.bin");

	assert_int_equal(f.checksum, KLV_CHECKSUM_BAD);
	assert_int_equal(f.computed, 0x3e1e);
	assert_near(number(&f, "checksum"), 0xaa43, 0);
	assert_int_equal(f.items, 25); /* the security set, the MIIS identifier and the checksum among them */
	assert_example_values(&f);
	assert_string_equal(json_string_value(json_object_get(f.json, "platform_designation")), "Predator");
	assert_near(json_number_value(json_object_get(json_object_get(f.json, "security"), "version")), 10, 0);
	json_decref(f.json);
}

static void a_good_checksum_is_good(void **state)
{
	struct found f = decode_file("DynamicOnlyMISMMSPacketData.bin");

	assert_int_equal(f.checksum, KLV_CHECKSUM_GOOD);
	assert_int_equal(f.computed, 0xc850);
	assert_int_equal(f.items, 19);
	assert_example_values(&f);
	json_decref(f.json);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_agrees_with_klvtool),
		cmocka_unit_test(a_stale_checksum_is_flagged_and_the_packet_kept),
		cmocka_unit_test(a_good_checksum_is_good),
	};

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
