#include "fusion/engine.h"

#include "common/canon.h"
#include "common/wire.h"
#include "fusion/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_MAGIC UINT64_C(0x7665642d73743031) /* "ved-st01" */

struct engine {
	struct engine_ops ops;
	void *user;
	struct tracker *tracker;
	struct tracker_config config;
	unsigned threads;
	uint64_t jseq;
	uint64_t counters[_ENGINE_COUNTER_MAX];
	uint8_t buf[WIRE_OBJECT_MAX];
};

/* Padding would make equal configurations differ: they are compared and written field by field,
 * doubles as their bits. */
static void config_numbers(const struct tracker_config *c, uint64_t ret_n[static 16])
{
	const double d[] = { c->lat_rad, c->lon_rad, c->model.q[0], c->model.q[1],
		c->model.switch_time_s, c->speed_sigma_mps, c->detection, c->birth_density,
		c->report_density, c->confirm };
	const uint64_t u[] = { c->max_tracks, c->max_stations, c->max_batch, c->max_identities,
		(uint64_t)c->window_ns, (uint64_t)c->life_ns };

	memcpy(ret_n, d, sizeof(d));
	memcpy(ret_n + 10, u, sizeof(u));
}

static void config_from_numbers(struct tracker_config *c, const uint64_t n[static 16])
{
	double d[10];

	memcpy(d, n, sizeof(d));
	c->lat_rad = d[0];
	c->lon_rad = d[1];
	c->model = (struct filter_model){ .q = { d[2], d[3] }, .switch_time_s = d[4] };
	c->speed_sigma_mps = d[5];
	c->detection = d[6];
	c->birth_density = d[7];
	c->report_density = d[8];
	c->confirm = d[9];
	c->max_tracks = n[10];
	c->max_stations = n[11];
	c->max_batch = n[12];
	c->max_identities = n[13];
	c->window_ns = (int64_t)n[14];
	c->life_ns = (int64_t)n[15];
}

const char *engine_build(void)
{
	static char build[96];

	if (!build[0])
		snprintf(build, sizeof(build), "%s r%d %zu-%zu-%zu-%zu", VEDETTE_VERSION,
			ENGINE_REVISION, sizeof(struct record), sizeof(struct station),
			sizeof(struct identity_entry), sizeof(struct state_head));
	return build;
}

ssize_t engine_config(
	void *buf, size_t cap, const struct tracker_config *config, uint32_t next_birth)
{
	struct canon_out o;
	uint64_t n[16];

	config_numbers(config, n);
	canon_out_init(&o, buf, cap);
	canon_put_map(&o, 5);
	canon_put_uint(&o, 1);
	canon_put_text(&o, engine_build());
	canon_put_uint(&o, 2);
	canon_put_text(&o, config->origin);
	canon_put_uint(&o, 3);
	canon_put_uint(&o, config->epoch);
	canon_put_uint(&o, 4);
	canon_put_array(&o, 16);
	for (unsigned i = 0; i < 16; i++)
		canon_put_uint(&o, n[i]);
	canon_put_uint(&o, 5);
	canon_put_uint(&o, next_birth);
	return o.failed ? -ENOBUFS : (ssize_t)o.len;
}

static int read_config(
	const void *data, size_t size, struct tracker_config *ret_c, uint32_t *ret_next_birth)
{
	struct tracker_config c = { 0 };
	struct canon_in i;
	uint64_t n[16] = { 0 }, key;
	char build[96] = "";
	int64_t prev = -1;

	canon_in_init(&i, data, size);
	size_t keys = canon_get_map(&i);
	*ret_next_birth = 1;
	while (canon_next_key(&i, &keys, &prev, &key))
		switch (key) {
		case 1:
			canon_get_text(&i, build, sizeof(build));
			break;
		case 2:
			canon_get_text(&i, c.origin, sizeof(c.origin));
			break;
		case 3:
			c.epoch = (uint32_t)canon_get_uint(&i);
			break;
		case 4:
			if (canon_get_array(&i) != 16)
				return -EBADMSG;
			for (unsigned k = 0; k < 16; k++)
				n[k] = canon_get_uint(&i);
			break;
		case 5:
			*ret_next_birth = (uint32_t)canon_get_uint(&i);
			break;
		default:
			canon_skip(&i);
		}
	config_from_numbers(&c, n);
	*ret_c = c;
	int r = canon_done(&i);
	return r < 0 ? r : strcmp(build, engine_build()) ? -ESTALE : 0;
}

int engine_new(const struct engine_ops *ops, void *user, struct engine **ret_e)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->ops = *ops;
	e->user = user;
	*ret_e = e;
	return 0;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	tracker_free(e->tracker);
	free(e);
}

void engine_threads(struct engine *e, unsigned threads)
{
	e->threads = threads;
}

static void publish(void *user, const struct track *track)
{
	struct engine *e = user;
	ssize_t n = wire_put_track(e->buf, sizeof(e->buf), track);

	if (e->ops.version)
		e->ops.version(e->user, e->jseq, track);
	if (n < 0) {
		e->counters[ENGINE_BAD]++;
		return;
	}
	e->counters[ENGINE_TRACKS]++;
	e->ops.track(e->user, e->jseq, e->buf, (size_t)n);
}

static void explain(void *user, const struct explain_note *note)
{
	struct engine *e = user;

	e->ops.explain(e->user, e->jseq, note);
}

static int make_tracker(struct engine *e, const struct tracker_config *c, struct tracker **ret_t)
{
	struct tracker_config mine = *c;

	mine.threads = e->threads;
	int r = tracker_new(&mine, publish, e, ret_t);

	return r < 0 || !e->ops.explain ? r : tracker_explain(*ret_t, explain, e);
}

static int apply_config(struct engine *e, const struct journal_row *row)
{
	struct tracker_config c;
	struct tracker *t = NULL;
	uint32_t next_birth;

	int known = read_config(row->data, row->size, &c, &next_birth);
	if (known == -ESTALE) {
		/* From here on another build's tracks: nothing of it can be repeated. */
		e->counters[ENGINE_FOREIGN]++;
		tracker_free(e->tracker);
		e->tracker = NULL;
		return 0;
	}
	if (known < 0) {
		e->counters[ENGINE_BAD]++;
		return 0;
	}
	int r = make_tracker(e, &c, &t);
	if (r < 0) {
		tracker_free(t);
		return r;
	}
	if (e->tracker) {
		tracker_end(e->tracker);
		tracker_free(e->tracker);
	}
	tracker_set_next_birth(t, next_birth);
	e->tracker = t;
	e->config = c;
	return 0;
}

static void explain_late(struct engine *e, const struct plot *p)
{
	struct explain_note note = { .time_ns = p->time_ns, .ref = (uint32_t)e->jseq, .what = EXPLAIN_STALE, .sensor = (uint8_t)p->sensor, .feed = p->feed, .d2 = NAN };

	if (e->ops.explain)
		e->ops.explain(e->user, e->jseq, &note);
}

static void apply_plot(struct engine *e, const struct journal_row *row)
{
	struct plot p;

	if (wire_get_plot(row->data, row->size, &p) < 0) {
		e->counters[ENGINE_BAD]++;
		return;
	}
	if (row->late) {
		e->counters[ENGINE_LATE]++;
		explain_late(e, &p);
		if (e->ops.feed)
			e->ops.feed(e->user, row->jseq, row->recv_ns, WIRE_LATE_PLOT, row->data,
				row->size);
		return;
	}
	tracker_row(e->tracker, (uint32_t)row->jseq);
	tracker_plot(e->tracker, &p);
}

static void apply_site(struct engine *e, const struct journal_row *row)
{
	struct site s;

	if (wire_get_site(row->data, row->size, &s) < 0) {
		e->counters[ENGINE_BAD]++;
		return;
	}
	tracker_site(e->tracker, &s);
	if (e->ops.feed)
		e->ops.feed(e->user, row->jseq, row->recv_ns, WIRE_SITE, row->data, row->size);
}

int engine_apply(struct engine *e, const struct journal_row *row)
{
	e->jseq = row->jseq;
	e->counters[ENGINE_ROWS]++;
	if (row->kind == WIRE_CONFIG)
		return apply_config(e, row);
	if (!e->tracker) {
		e->counters[ENGINE_SKIPPED]++;
		return 0;
	}
	switch (row->kind) {
	case WIRE_PLOT:
		apply_plot(e, row);
		break;
	case WIRE_SITE:
		apply_site(e, row);
		break;
	case WIRE_HEALTH:
		if (e->ops.feed)
			e->ops.feed(e->user, row->jseq, row->recv_ns, WIRE_HEALTH, row->data,
				row->size);
		break;
	case WIRE_TICK:
		e->counters[ENGINE_TICKS]++;
		tracker_tick(e->tracker, row->recv_ns);
		break;
	default:
		e->counters[ENGINE_BAD]++;
	}
	return 0;
}

static bool same_config(const struct tracker_config *a, const struct tracker_config *b)
{
	uint64_t x[16], y[16];

	config_numbers(a, x);
	config_numbers(b, y);
	return !memcmp(x, y, sizeof(x)) && a->epoch == b->epoch && !strcmp(a->origin, b->origin);
}

bool engine_is(const struct engine *e, const struct tracker_config *config)
{
	return e->tracker && same_config(&e->config, config);
}

/* --- state --- */

struct state_lead {
	uint64_t magic, jseq, checksum; /* of what follows the lead */
	char build[96];
	char origin[TRACK_ORIGIN_MAX];
	uint64_t epoch;
	uint64_t numbers[16];
};

struct bytes {
	uint8_t *data;
	size_t used, size;
};

static int put_bytes(void *user, const void *data, size_t size)
{
	struct bytes *b = user;

	if (size > b->size - b->used) {
		size_t more = (b->used + size) * 2;
		uint8_t *grown = realloc(b->data, more);
		if (!grown)
			return -ENOMEM;
		b->data = grown;
		b->size = more;
	}
	if (size)
		memcpy(b->data + b->used, data, size);
	b->used += size;
	return 0;
}

static int get_bytes(void *user, void *data, size_t size)
{
	struct bytes *b = user;

	if (size > b->size - b->used)
		return -EBADMSG;
	if (size)
		memcpy(data, b->data + b->used, size);
	b->used += size;
	return 0;
}

/* FNV-1a over 8-byte words: a torn or flipped file is told, nobody is kept out by it. */
static uint64_t checksum(const uint8_t *data, size_t size)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325), w = 0;

	for (size_t i = 0; i < size; i += 8) {
		w = 0;
		memcpy(&w, data + i, size - i < 8 ? size - i : 8);
		h = (h ^ w) * UINT64_C(0x100000001b3);
		h ^= h >> 29;
	}
	return h;
}

int engine_save(const struct engine *e, void **ret_data, size_t *ret_size)
{
	struct state_lead lead = {
		.magic = STATE_MAGIC, .jseq = e->jseq, .epoch = e->config.epoch
	};
	struct bytes b = { 0 };

	if (!e->tracker) {
		*ret_data = NULL;
		*ret_size = 0;
		return 0;
	}
	snprintf(lead.build, sizeof(lead.build), "%s", engine_build());
	memcpy(lead.origin, e->config.origin, sizeof(lead.origin));
	config_numbers(&e->config, lead.numbers);
	int r = put_bytes(&b, &lead, sizeof(lead));
	if (r == 0)
		r = tracker_save(e->tracker, put_bytes, &b);
	if (r < 0) {
		free(b.data);
		return r;
	}
	((struct state_lead *)b.data)->checksum =
		checksum(b.data + sizeof(lead), b.used - sizeof(lead));
	*ret_data = b.data;
	*ret_size = b.used;
	return 0;
}

int engine_load(struct engine *e, const void *data, size_t size)
{
	struct state_lead lead;
	struct bytes b = { (uint8_t *)data, sizeof(lead), size };
	struct tracker_config c = { 0 };
	struct tracker *t = NULL;

	if (size < sizeof(lead))
		return -EBADMSG;
	memcpy(&lead, data, sizeof(lead));
	if (lead.magic != STATE_MAGIC ||
		lead.checksum !=
			checksum((const uint8_t *)data + sizeof(lead), size - sizeof(lead)))
		return -EBADMSG;
	if (strncmp(lead.build, engine_build(), sizeof(lead.build)))
		return -ESTALE;
	memcpy(c.origin, lead.origin, sizeof(c.origin));
	c.epoch = (uint32_t)lead.epoch;
	config_from_numbers(&c, lead.numbers);
	int r = make_tracker(e, &c, &t);
	if (r == 0)
		r = tracker_load(t, get_bytes, &b);
	if (r == 0 && b.used != size)
		r = -EBADMSG;
	if (r < 0) {
		tracker_free(t);
		return r;
	}
	tracker_free(e->tracker);
	e->tracker = t;
	e->config = c;
	e->jseq = lead.jseq;
	return 0;
}

uint64_t engine_jseq(const struct engine *e)
{
	return e->jseq;
}

struct tracker *engine_tracker(struct engine *e)
{
	return e->tracker;
}

uint64_t engine_count(const struct engine *e, enum engine_counter which)
{
	return e->counters[which];
}
