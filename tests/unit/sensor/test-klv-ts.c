/* KLV within transport streams: tables, PES packets, access units, and everything that can be lost on the way. */
#include "tests/assert_near.h"

#include "klv_make.h"
#include "sensor/decode/klv/klv_format.h"

#define ASYNC KLV_MAKE_TYPE_ASYNC
#define SYNCHRONOUS KLV_MAKE_TYPE_SYNC

static struct klv_encode packet;
static struct klv_make_ts made;
static struct klv_ts ts;

struct got {
	unsigned packets;
	size_t bytes;
	struct klv_stats stats;
};

static void take(void *user, const struct klv_packet *p)
{
	struct got *g = user;

	g->packets++;
	g->bytes += p->size;
	if (p->size == packet.n)
		assert_memory_equal(p->data, packet.bytes, p->size);
}

static int setup(void **state)
{
	memset(&ts, 0, sizeof(ts));
	memset(&made, 0, sizeof(made));
	klv_make_small(&packet, 1764000000);
	return 0;
}

/* Everything made so far, as a copy of exactly its size; what is made next begins behind it. */
static void decode(struct got *g, uint32_t source)
{
	uint8_t *exact = malloc(made.n ? made.n : 1);

	assert_non_null(exact);
	memcpy(exact, made.bytes, made.n);
	klv_ts_decode(&ts, exact, made.n, source, &g->stats, take, g);
	free(exact);
	made.n = 0;
}

static void assert_faults(enum klv_ts_fault which, uint64_t n)
{
	for (unsigned i = 0; i < _KLV_TS_FAULT_MAX; i++)
		assert_int_equal(ts.stats.faults[i], i == which ? n : 0);
}

static void put(int cell)
{
	klv_make_pes(&made, KLV_MAKE_PID, cell, packet.bytes, packet.n);
}

static void asynchronous_klv_is_found_by_its_registration(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, ASYNC);
	put(-1);
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 2);
	assert_int_equal(g.stats.faults[KLV_FAULT_CHECKSUM], 0);
	assert_faults(0, 0);
}

static void synchronous_klv_is_taken_out_of_its_access_units(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, SYNCHRONOUS);
	put(3);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_faults(0, 0);
}

static void an_access_unit_may_come_in_several_cells(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, SYNCHRONOUS);
	klv_make_pes(&made, KLV_MAKE_PID, 2, packet.bytes, 10);
	klv_make_pes(&made, KLV_MAKE_PID, 0, packet.bytes + 10, 20);
	klv_make_pes(&made, KLV_MAKE_PID, 1, packet.bytes + 30, packet.n - 30);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_faults(0, 0);
}

static void private_data_without_a_registration_is_not_ours(void **state)
{
	struct got g = { 0 };
	const uint8_t body[] = { 0, 1, 0xc1, 0, 0, 0xe1, 0xff, 0xf0, 0, ASYNC, 0xe1, 0x01, 0xf0, 0 };

	klv_make_pat(&made, KLV_MAKE_PMT);
	klv_make_section(&made, KLV_MAKE_PMT, 2, body, sizeof(body));
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 0);
}

static void nothing_is_read_before_the_tables(void **state)
{
	struct got g = { 0 };

	put(-1);
	klv_make_tables(&made, ASYNC);
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
}

/* Cut at every transport stream packet, as datagrams cut it. */
static void a_pes_packet_may_come_in_many_datagrams(void **state)
{
	static uint8_t whole[8192];
	struct got g = { 0 };
	size_t size;

	klv_make_full(&packet, 0.4);
	klv_make_tables(&made, ASYNC);
	put(-1);
	size = made.n;
	memcpy(whole, made.bytes, size);
	for (size_t at = 0; at < size; at += KLV_TS_PACKET) {
		memcpy(made.bytes, whole + at, KLV_TS_PACKET);
		made.n = KLV_TS_PACKET;
		decode(&g, 1);
		assert_int_equal(g.packets, at + KLV_TS_PACKET == size);
	}
	assert_faults(0, 0);
}

/* Each packet of a PES packet in turn is lost: that PES packet is, and no other. */
static void a_lost_packet_costs_one_pes_packet(void **state)
{
	size_t packets = 5;

	klv_make_full(&packet, 0.4);
	for (size_t lost = 0; lost < packets; lost++) {
		struct got g = { 0 };
		size_t first;

		memset(&ts, 0, sizeof(ts));
		memset(&made, 0, sizeof(made));
		klv_make_tables(&made, ASYNC);
		put(-1);
		first = made.n;
		put(-1);
		packets = (made.n - first) / KLV_TS_PACKET;
		assert_in_range(packets, 4, 15);
		memmove(made.bytes + first + lost * KLV_TS_PACKET, made.bytes + first + (lost + 1) * KLV_TS_PACKET,
			made.n - first - (lost + 1) * KLV_TS_PACKET);
		made.n -= KLV_TS_PACKET;
		put(-1);
		decode(&g, 1);
		assert_int_equal(g.packets, 2);
		assert_int_equal(ts.stats.faults[KLV_TS_FAULT_LOST], 1);
		/* without its first packet nothing had begun */
		assert_int_equal(ts.stats.faults[KLV_TS_FAULT_PES], lost > 0);
	}
}

static void a_packet_that_comes_twice_is_passed_over(void **state)
{
	struct got g = { 0 };
	size_t first;

	klv_make_full(&packet, 0.4);
	klv_make_tables(&made, ASYNC);
	first = made.n;
	put(-1);
	/* the second one again */
	memmove(made.bytes + first + 2 * KLV_TS_PACKET, made.bytes + first + KLV_TS_PACKET, made.n - first - KLV_TS_PACKET);
	made.n += KLV_TS_PACKET;
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_int_equal(ts.stats.duplicates, 1);
	assert_faults(0, 0);
}

static void an_announced_discontinuity_is_no_loss(void **state)
{
	struct got g = { 0 };
	size_t at;

	klv_make_tables(&made, ASYNC);
	put(-1);
	made.counters[KLV_MAKE_PID] = 9;
	at = made.n;
	put(-1);
	made.bytes[at + 5] |= 0x80; /* a small packet is stuffed by an adaptation field */
	decode(&g, 1);
	assert_int_equal(g.packets, 2);
	assert_faults(0, 0);
}

static void scrambled_packets_are_counted(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, ASYNC);
	made.flags = 0x80;
	put(-1);
	made.flags = 0;
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_faults(KLV_TS_FAULT_SCRAMBLED, 1);
}

static void marked_and_malformed_packets_are_dropped(void **state)
{
	struct got g = { 0 };
	size_t at;

	klv_make_tables(&made, ASYNC);
	at = made.n;
	put(-1);
	made.bytes[at + 1] |= 0x80; /* transport error */
	made.counters[KLV_MAKE_PID]--;
	at = made.n;
	put(-1);
	made.bytes[at + 4] = 200; /* an adaptation field longer than the packet */
	made.counters[KLV_MAKE_PID]--;
	at = made.n;
	put(-1);
	made.bytes[at + 3] &= 0xcf; /* reserved */
	made.counters[KLV_MAKE_PID]--;
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_faults(KLV_TS_FAULT_PACKET, 3);
}

static void streams_move_with_their_tables(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, ASYNC);
	put(-1);
	klv_make_pmt(&made, KLV_MAKE_PMT, SYNCHRONOUS, 0x222);
	put(-1); /* not ours any more */
	klv_make_pes(&made, 0x222, 3, packet.bytes, packet.n);
	decode(&g, 1);
	assert_int_equal(g.packets, 2);
	klv_make_pat(&made, 0x333);
	klv_make_pes(&made, 0x222, 3, packet.bytes, packet.n); /* its program is gone */
	klv_make_pmt(&made, 0x333, ASYNC, KLV_MAKE_PID);
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 3);
	assert_faults(0, 0);
}

static void the_same_tables_again_do_not_disturb(void **state)
{
	struct got g = { 0 };
	size_t first;
	static uint8_t tables[2 * KLV_TS_PACKET];

	klv_make_full(&packet, 0.4);
	klv_make_tables(&made, ASYNC);
	first = made.n;
	klv_make_tables(&made, ASYNC);
	memcpy(tables, made.bytes + first, sizeof(tables));
	made.n = first;
	put(-1);
	memmove(made.bytes + first + 3 * KLV_TS_PACKET, made.bytes + first + KLV_TS_PACKET, made.n - first - KLV_TS_PACKET);
	memcpy(made.bytes + first + KLV_TS_PACKET, tables, sizeof(tables));
	made.n += sizeof(tables);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_faults(0, 0);
}

static void broken_tables_are_not_believed(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, ASYNC);
	made.bytes[KLV_TS_PACKET + 20] ^= 1; /* within the PMT */
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 0);
	assert_faults(KLV_TS_FAULT_SECTION, 1);
}

static void tables_of_tomorrow_wait(void **state)
{
	struct got g = { 0 };
	const uint8_t body[] = { 0, 1, 0xc0, 0, 0, 0, 1, 0xe1, 0x00 }; /* not in force yet */

	klv_make_section(&made, 0, 0, body, sizeof(body));
	klv_make_pmt(&made, KLV_MAKE_PMT, ASYNC, KLV_MAKE_PID);
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 0);
	assert_faults(0, 0);
}

static void senders_are_told_apart(void **state)
{
	struct got g = { 0 };

	klv_make_full(&packet, 0.4);
	klv_make_tables(&made, ASYNC);
	decode(&g, 1);
	klv_make_tables(&made, SYNCHRONOUS);
	decode(&g, 2);
	put(-1);
	decode(&g, 1);
	memset(made.counters, 0, sizeof(made.counters));
	put(3);
	decode(&g, 2);
	assert_int_equal(g.packets, 2);
	assert_int_equal(ts.stats.faults[KLV_TS_FAULT_LOST], 0);
}

static void what_is_silent_longest_makes_room(void **state)
{
	struct got g = { 0 };

	for (uint32_t source = 0; source < 20; source++) {
		memset(made.counters, 0, sizeof(made.counters));
		klv_make_tables(&made, ASYNC);
		put(-1);
		decode(&g, source);
	}
	assert_int_equal(g.packets, 20);
	assert_int_equal(ts.stats.evicted, 20 * 3 - KLV_TS_PIDS_MAX);
}

/* More programs than places: the first are followed, nothing breaks. */
static void a_table_of_many_programs_is_bounded(void **state)
{
	struct got g = { 0 };
	uint8_t body[5 + 4 * 200] = { 0, 1, 0xc1, 0, 0 };

	for (unsigned i = 0; i < 200; i++)
		memcpy(body + 5 + 4 * i, (uint8_t[]){ 0, (uint8_t)(i + 1), (uint8_t)(0xe1 + i / 256), (uint8_t)i }, 4);
	klv_make_section(&made, 0, 0, body, sizeof(body));
	klv_make_pmt(&made, KLV_MAKE_PMT, ASYNC, 0x801);
	klv_make_pes(&made, 0x801, -1, packet.bytes, packet.n);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_true(ts.stats.evicted > 100);
}

static void lengths_that_lie_are_counted(void **state)
{
	struct got g = { 0 };
	size_t at;

	klv_make_tables(&made, SYNCHRONOUS);
	at = made.n;
	put(3);
	/* the cell says more than the PES packet holds: its length is the last two octets before the label */
	for (size_t i = at; i < made.n; i++)
		if (!memcmp(made.bytes + i, packet.bytes, 16))
			made.bytes[i - 2] = 0x7f;
	put(3);
	at = made.n;
	put(3);
	made.bytes[at + 5 + made.bytes[at + 4] + 8] = 250; /* a header longer than the PES packet */
	put(3);
	decode(&g, 1);
	assert_int_equal(g.packets, 2);
	assert_faults(KLV_TS_FAULT_PES, 2);
}

static void a_pes_packet_without_a_length_ends_at_the_next(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, ASYNC);
	for (unsigned i = 0; i < 2; i++) {
		size_t at = made.n;

		put(-1);
		at += 5 + made.bytes[at + 4];
		made.bytes[at + 4] = made.bytes[at + 5] = 0;
	}
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_faults(0, 0);
}

static void bytes_between_packets_cost_nothing_else(void **state)
{
	struct got g = { 0 };
	static uint8_t bytes[1 << 15];
	size_t n = 0;

	klv_make_tables(&made, ASYNC);
	put(-1);
	put(-1);
	put(-1);
	for (size_t at = 0; at < made.n; at += KLV_TS_PACKET) {
		memcpy(bytes + n, made.bytes + at, KLV_TS_PACKET);
		n += KLV_TS_PACKET;
		if (at == 2 * KLV_TS_PACKET) {
			memset(bytes + n, 0x47, 7);
			bytes[n] = 0;
			n += 7;
		}
	}
	klv_ts_decode(&ts, bytes, n, 1, &g.stats, take, &g);
	assert_int_equal(g.packets, 3);
	assert_int_equal(g.stats.skipped_bytes, 7);
	assert_faults(KLV_TS_FAULT_SYNC, 1);
}

static void forgetting_keeps_the_counts(void **state)
{
	struct got g = { 0 };

	klv_make_tables(&made, ASYNC);
	put(-1);
	decode(&g, 1);
	klv_ts_reset(&ts);
	put(-1);
	decode(&g, 1);
	assert_int_equal(g.packets, 1);
	assert_int_equal(ts.stats.packets, 4);
}

/* --- as a format --- */

static void count_line(void *user, struct jot *j)
{
	(*(unsigned *)user)++;
}

static void begin_line(void *user, struct jot *ret_j)
{
	static char buf[1 << 14];

	jot_init(ret_j, buf, sizeof(buf));
}

static unsigned lines_of(void *format_state, const uint8_t *data, size_t size)
{
	unsigned n = 0;

	klv_format.json(format_state, &(struct format_bytes){ data, size, 1, 0 },
		&(struct format_lines){ begin_line, count_line, &n });
	return n;
}

static void the_format_tells_streams_from_packets(void **state)
{
	static uint8_t bytes[4096];
	void *s = calloc(1, klv_format.state_size);

	klv_make_tables(&made, ASYNC);
	put(-1);
	assert_true(klv_format.is(made.bytes, made.n));
	assert_int_equal(lines_of(s, made.bytes, made.n), 1);
	assert_int_equal(lines_of(s, packet.bytes, packet.n), 1);
	/* behind an RTP header; and KLV behind one */
	memset(bytes, 0x80, 12);
	memcpy(bytes + 12, made.bytes, made.n);
	klv_format.reset(s);
	assert_int_equal(lines_of(s, bytes, made.n + 12), 1);
	memcpy(bytes + 12, packet.bytes, packet.n);
	assert_int_equal(lines_of(s, bytes, packet.n + 12), 1);
	free(s);
}

static void streams_are_cut_between_transport_packets(void **state)
{
	klv_make_tables(&made, ASYNC);
	put(-1);
	for (size_t size = 0; size <= made.n; size++)
		assert_int_equal(klv_format.cut(made.bytes, size), size / KLV_TS_PACKET * KLV_TS_PACKET);
	/* joined in the middle of a packet */
	assert_int_equal(klv_format.cut(made.bytes + 100, made.n - 100), 88 + 2 * KLV_TS_PACKET);
}

static void flipped_bits_do_no_harm(void **state)
{
	static uint8_t whole[2048], bytes[2048];
	void *s = calloc(1, klv_format.state_size);
	size_t size;

	klv_make_tables(&made, SYNCHRONOUS);
	put(3);
	size = made.n;
	memcpy(whole, made.bytes, size);
	for (size_t bit = 0; bit < 8 * size; bit++) {
		memcpy(bytes, whole, size);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		klv_format.reset(s);
		assert_in_range(lines_of(s, bytes, size), 0, 1);
	}
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(asynchronous_klv_is_found_by_its_registration, setup),
		cmocka_unit_test_setup(synchronous_klv_is_taken_out_of_its_access_units, setup),
		cmocka_unit_test_setup(an_access_unit_may_come_in_several_cells, setup),
		cmocka_unit_test_setup(private_data_without_a_registration_is_not_ours, setup),
		cmocka_unit_test_setup(nothing_is_read_before_the_tables, setup),
		cmocka_unit_test_setup(a_pes_packet_may_come_in_many_datagrams, setup),
		cmocka_unit_test_setup(a_lost_packet_costs_one_pes_packet, setup),
		cmocka_unit_test_setup(a_packet_that_comes_twice_is_passed_over, setup),
		cmocka_unit_test_setup(an_announced_discontinuity_is_no_loss, setup),
		cmocka_unit_test_setup(scrambled_packets_are_counted, setup),
		cmocka_unit_test_setup(marked_and_malformed_packets_are_dropped, setup),
		cmocka_unit_test_setup(streams_move_with_their_tables, setup),
		cmocka_unit_test_setup(the_same_tables_again_do_not_disturb, setup),
		cmocka_unit_test_setup(broken_tables_are_not_believed, setup),
		cmocka_unit_test_setup(tables_of_tomorrow_wait, setup),
		cmocka_unit_test_setup(senders_are_told_apart, setup),
		cmocka_unit_test_setup(what_is_silent_longest_makes_room, setup),
		cmocka_unit_test_setup(a_table_of_many_programs_is_bounded, setup),
		cmocka_unit_test_setup(lengths_that_lie_are_counted, setup),
		cmocka_unit_test_setup(a_pes_packet_without_a_length_ends_at_the_next, setup),
		cmocka_unit_test_setup(bytes_between_packets_cost_nothing_else, setup),
		cmocka_unit_test_setup(forgetting_keeps_the_counts, setup),
		cmocka_unit_test_setup(the_format_tells_streams_from_packets, setup),
		cmocka_unit_test_setup(streams_are_cut_between_transport_packets, setup),
		cmocka_unit_test_setup(flipped_bits_do_no_harm, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
