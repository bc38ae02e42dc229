#include "sensor/decode/adsb/adsb.h"

#include "sensor/decode/adsb/adsb_sbs.h"

/* 12 MHz ticks as ns, away from 0, which is "unknown": tools that have no clock send zeros. 48 bits of it fit. */
#define CLOCK_BASE_NS INT64_C(1000000000)

static int64_t time_of(const struct adsb_message *m, int64_t recv_ns)
{
	if (recv_ns || m->ticks == UINT64_MAX || !m->ticks)
		return recv_ns;
	return CLOCK_BASE_NS + (int64_t)(m->ticks * 250 / 3);
}

static enum adsb_fault to_message(const struct adsb_framing *f, struct adsb_message *m)
{
	enum adsb_fault fault;

	if (f->kind == ADSB_FRAMING_LINE)
		return adsb_sbs_decode(f->line, f->line_len, m);
	fault = adsb_message_decode(f->frame, f->size, m);
	if (fault == ADSB_FAULT_NONE) {
		m->ticks = f->ticks;
		m->rssi = f->rssi;
	}
	return fault;
}

static void take(struct adsb *a, const struct adsb_framing *f, int64_t recv_ns, const struct adsb_cpr_point *site,
	adsb_sink sink, void *user)
{
	struct adsb_message m;
	enum adsb_fault fault = to_message(f, &m);

	if (fault != ADSB_FAULT_NONE) {
		a->stats.faults[fault]++;
		return;
	}
	a->stats.messages++;
	a->stats.unsupported += (m.df == 17 || m.df == 18) && !m.is_laid_out;
	sink(user, &m, adsb_aircraft_take(&a->table, &m, time_of(&m, recv_ns), site));
}

void adsb_decode(struct adsb *a, const uint8_t *data, size_t size, int64_t recv_ns, const struct adsb_cpr_point *site,
	adsb_sink sink, void *user)
{
	struct adsb_framing f;

	for (size_t at = 0; at < size; at += f.used) {
		adsb_framing_next(data + at, size - at, true, &f);
		if (f.kind == ADSB_FRAMING_MORE) {
			/* What is behind its first byte may hold whole frames. */
			a->stats.faults[ADSB_FAULT_TRUNCATED]++;
			f.used = 1;
		} else if (f.kind == ADSB_FRAMING_FRAME || f.kind == ADSB_FRAMING_LINE) {
			take(a, &f, recv_ns, site, sink, user);
		} else if (f.kind == ADSB_FRAMING_FAULT) {
			a->stats.faults[f.fault]++;
		}
		a->stats.modeac += f.kind == ADSB_FRAMING_MODEAC;
		a->stats.others += f.kind == ADSB_FRAMING_STATUS;
	}
}

size_t adsb_cut(const uint8_t *data, size_t size)
{
	struct adsb_framing f;
	size_t at = 0;

	while (at < size) {
		adsb_framing_next(data + at, size - at, false, &f);
		if (f.kind == ADSB_FRAMING_MORE)
			break;
		at += f.used;
	}
	return at;
}
