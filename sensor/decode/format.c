#include "sensor/decode/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/adsb/adsb_format.h"
#include "sensor/decode/ais/ais_format.h"
#include "sensor/decode/asterix/asterix_format.h"
#include "sensor/decode/klv/klv_format.h"
#include "sensor/decode/nmea/nmea_format.h"

/* In the order in which a file's format is guessed. */
static const struct format *const formats[] = {
	&klv_format,
	&nmea_format,
	&adsb_format, /* before AIS, which takes any text */
	&ais_format,
	&asterix_format,
};
#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct format *format_at(unsigned i)
{
	return i < N_FORMATS ? formats[i] : NULL;
}

const struct format *format_find(const char *name)
{
	for (unsigned i = 0; i < N_FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const struct format *format_guess(const uint8_t *data, size_t size)
{
	for (unsigned i = 0; i < N_FORMATS; i++)
		if (formats[i]->is(data, size))
			return formats[i];
	return NULL;
}

int format_edition(struct format_options *o, const char *text)
{
	char *end;
	unsigned long cat = strtoul(text, &end, 10);
	struct format_edition *e = &o->editions[o->n_editions];

	if (end == text || *end != '=' || cat < 1 || cat > 255 || !end[1] || strlen(end + 1) >= sizeof(e->edition))
		return -EINVAL;
	if (o->n_editions == FORMAT_EDITIONS_MAX)
		return -E2BIG;
	e->cat = (uint8_t)cat;
	memcpy(e->edition, end + 1, strlen(end + 1) + 1);
	o->n_editions++;
	return 0;
}

size_t format_cut_lines(const uint8_t *data, size_t size)
{
	const uint8_t *end = memrchr(data, '\n', size);

	return end ? (size_t)(end - data) + 1 : 0;
}
