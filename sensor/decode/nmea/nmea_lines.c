#include "sensor/decode/nmea/nmea_lines.h"

#include <string.h>

/* FNV-1a */
static uint64_t hash_name(const char *name, size_t size)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		h = (h ^ (uint8_t)name[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* The source's place, or the place of the one longest silent. */
static struct nmea_lines_source *find(struct nmea_lines *l, uint32_t address, uint64_t name)
{
	struct nmea_lines_source *oldest = &l->sources[0];

	for (unsigned i = 0; i < NMEA_LINES_SOURCES; i++) {
		struct nmea_lines_source *s = &l->sources[i];

		if (s->seen && s->address == address && s->name == name)
			return s;
		if (s->seen < oldest->seen)
			oldest = s;
	}
	*oldest = (struct nmea_lines_source){ .name = name, .address = address };
	return oldest;
}

void nmea_lines_take(struct nmea_lines *l, uint32_t address, const char *name, size_t size, int64_t line)
{
	if (line < 1 || line > NMEA_LINES_MODULUS)
		return;

	struct nmea_lines_source *s = find(l, address, hash_name(name, size));
	/* Numbers left out between the last line and this one, around the end. */
	unsigned gap = s->seen ? ((unsigned)line + 2 * NMEA_LINES_MODULUS - s->last - 1) % NMEA_LINES_MODULUS : 0;

	s->seen = ++l->seen;
	if (gap >= NMEA_LINES_MODULUS - NMEA_LINES_LATE_MAX) {
		l->late++;
		return;
	}
	if (gap > NMEA_LINES_MODULUS / 2 || (line == 1 && gap > NMEA_LINES_LATE_MAX))
		l->restarts++;
	else
		l->lost += gap;
	s->last = (uint16_t)line;
}

void nmea_lines_reset(struct nmea_lines *l)
{
	memset(l->sources, 0, sizeof(l->sources));
}
