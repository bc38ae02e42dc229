#include "cli/simulate/antenna.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sensor/decode/asterix/asterix_encode.h"

#define BEAM_RAD (1.2 * GEO_DEG) /* horizontal beam width of a coastal X-band antenna of some 2 m */
#define SECTOR_RAD (2 * M_PI / ANTENNA_SECTORS)

int antenna_init(struct antenna *a, const struct world *world, const struct scene_radar *radar, struct emitter *emitter)
{
	struct geo_point at = { radar->at.lat_rad, radar->at.lon_rad, radar->height_m };
	*a = (struct antenna){ .world = world, .radar = radar, .emitter = emitter };
	dice_init(&a->dice, world->seed, radar->id);
	a->seen = calloc(world->scene->n_vessels + 1, sizeof(a->seen[0]));
	if (!a->seen)
		return -ENOMEM;
	int r = geo_plane_new(&at, &a->plane);
	if (r < 0)
		antenna_done(a);
	return r;
}

void antenna_done(struct antenna *a)
{
	geo_plane_free(a->plane);
	free(a->seen);
	a->plane = NULL;
	a->seen = NULL;
}

/* The antenna points north at the scene's start. Sector times come from the turn's, so that nothing adds up. */
static int64_t sector_begin_ns(const struct antenna *a, uint64_t step)
{
	int64_t turn = (int64_t)(step / ANTENNA_SECTORS), sector = (int64_t)(step % ANTENNA_SECTORS);
	return a->world->start_ns + turn * a->radar->period_ns + sector * a->radar->period_ns / ANTENNA_SECTORS;
}

int64_t antenna_next_ns(const struct antenna *a)
{
	return sector_begin_ns(a, a->step + 1);
}

static void begin_plot(const struct antenna *a, int64_t time_ns, struct asterix_encode_plot *ret_p)
{
	asterix_encode_plot_init(ret_p);
	ret_p->sac = (uint8_t)a->radar->sac;
	ret_p->sic = (uint8_t)a->radar->sic;
	ret_p->time_ns = time_ns;
	ret_p->detection = ASTERIX_ENCODE_PSR;
	ret_p->runlength_rad = BEAM_RAD;
}

/* Echo strength against range: r^-4 from a guessed 0 dBm at 100 m for 1000 m2; only the look of it matters. */
static double amplitude_dbm(const struct scene_vessel *v, double range_m)
{
	double size_m2 = v ? v->length_m * v->height_m : 2;
	return 10 * log10(size_m2 / 1000) - 40 * log10(range_m / 100);
}

static void add_plot(struct antenna *a, struct asterix_encode_buffer *b, const struct asterix_encode_plot *p)
{
	if (asterix_encode_048(b, p) == 0) {
		a->plots++;
		a->plots_total++;
	}
}

static void sweep_vessel(struct antenna *a, unsigned i, int64_t from_ns, double from_rad, int64_t sector_ns,
	struct asterix_encode_buffer *b)
{
	const struct scene_vessel *v = &a->world->scene->vessels[i];
	const struct scene_radar *r = a->radar;
	struct voyage_state s;
	struct world_sight sight;
	struct asterix_encode_plot p;

	/* In this sector? Asked at its middle; then the time the beam passes and the vessel's place at that time. */
	if (!world_vessel(a->world, i, from_ns + sector_ns / 2, &s) || !world_in_radar(r, a->plane, v, &s, &sight))
		return;
	double into = geo_wrap_2pi(sight.azimuth_rad - from_rad);
	if (into >= SECTOR_RAD)
		return;
	int64_t time_ns = from_ns + llround(into / SECTOR_RAD * (double)sector_ns);
	/* A vessel that crosses a sector's edge against the beam is met once a turn all the same. */
	if (a->seen[i] && time_ns - a->seen[i] < r->period_ns / 2)
		return;
	a->seen[i] = time_ns;
	double along = dice_normal(&a->dice), across = dice_normal(&a->dice);
	if (!dice_chance(&a->dice, isnan(v->pd) ? r->pd : v->pd))
		return;
	world_vessel(a->world, i, time_ns, &s);
	world_look(a->plane, s.lat_rad, s.lon_rad, &sight);
	begin_plot(a, time_ns, &p);
	p.range_m = fmax(sight.slant_m + along * r->range_sigma_m, 0);
	p.azimuth_rad = sight.azimuth_rad + across * r->azimuth_sigma_rad;
	p.amplitude_dbm = amplitude_dbm(v, p.range_m);
	add_plot(a, b, &p);
}

/* Clutter: Poisson in number, even over the area that the radar covers, none where there is land. */
static void throw_clutter(struct antenna *a)
{
	unsigned n = dice_poisson(&a->dice, a->radar->clutter);
	for (unsigned i = 0; i < ANTENNA_SECTORS; i++)
		a->clutter_left[i] = 0;
	while (n-- > 0)
		a->clutter_left[dice_u64(&a->dice) % ANTENNA_SECTORS]++;
}

static void sweep_clutter(struct antenna *a, int64_t from_ns, double from_rad, int64_t sector_ns,
	struct asterix_encode_buffer *b)
{
	const struct scene_radar *r = a->radar;
	struct geo_point site = { r->at.lat_rad, r->at.lon_rad, 0 }, at;
	struct asterix_encode_plot p;
	for (unsigned n = a->clutter_left[a->step % ANTENNA_SECTORS]; n > 0; n--) {
		double part = dice_uniform(&a->dice);
		double range_m = sqrt(dice_uniform(&a->dice)) * (r->max_range_m - r->min_range_m) + r->min_range_m;
		double azimuth = from_rad + part * SECTOR_RAD;
		geo_direct(&site, azimuth, range_m, &at);
		if (scene_on_land(a->world->scene, at.lat_rad, at.lon_rad) ||
			geo_wrap_2pi(azimuth - r->blind_from_rad) < geo_wrap_2pi(r->blind_to_rad - r->blind_from_rad))
			continue;
		begin_plot(a, from_ns + llround(part * (double)sector_ns), &p);
		p.range_m = range_m;
		p.azimuth_rad = azimuth;
		p.amplitude_dbm = amplitude_dbm(NULL, range_m);
		add_plot(a, b, &p);
	}
}

/* The service message that opens a sector: the beam crossed from_rad at from_ns. */
static void mark(struct antenna *a, bool north, int64_t from_ns, double from_rad, struct asterix_encode_buffer *b)
{
	const struct scene_radar *r = a->radar;
	struct asterix_encode_service s = { .sac = (uint8_t)r->sac, .sic = (uint8_t)r->sic, .time_ns = from_ns,
		.sector_rad = from_rad, .period_s = (double)r->period_ns * 1e-9, .plots = a->plots_last_turn,
		.lat_rad = r->at.lat_rad, .lon_rad = r->at.lon_rad, .height_m = r->height_m };
	asterix_encode_begin(b, 34);
	(void)(north ? asterix_encode_034_north(b, &s) : asterix_encode_034_sector(b, &s));
	asterix_encode_end(b);
}

void antenna_step(struct antenna *a)
{
	struct asterix_encode_buffer b = { 0 };
	unsigned sector = (unsigned)(a->step % ANTENNA_SECTORS);
	int64_t from_ns = sector_begin_ns(a, a->step), to_ns = antenna_next_ns(a);
	double from_rad = sector * SECTOR_RAD;

	if (sector == 0) {
		a->plots_last_turn = a->plots;
		a->plots = 0;
		throw_clutter(a);
		mark(a, true, from_ns, 0, &b);
	}
	mark(a, false, from_ns, from_rad, &b);
	asterix_encode_begin(&b, 48);
	for (unsigned i = 0; i < a->world->scene->n_vessels; i++)
		sweep_vessel(a, i, from_ns, from_rad, to_ns - from_ns, &b);
	sweep_clutter(a, from_ns, from_rad, to_ns - from_ns, &b);
	asterix_encode_end(&b);
	emitter_send(a->emitter, to_ns, b.bytes, b.n);
	a->step++;
}
