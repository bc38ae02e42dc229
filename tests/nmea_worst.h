/* nmea_worst - datagrams of 64 KiB that look at every byte as often as an attacker can make us, for tests and benchmarks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NMEA_WORST_SIZE 65536

static const struct nmea_worst {
	const char *name, *head, *unit, *tail;
	char sealed; /* a checksum over it all, from behind this character on; 0: none */
} nmea_worst[] = {
	{ "starts", "", "$", "", 0 },
	{ "bangs", "", "!", "", 0 },
	{ "backslashes", "", "\\", "", 0 },
	{ "open tags", "", "\\a\n", "", 0 },
	{ "stars", "", "*", "", 0 },
	{ "starts and stars", "", "$*", "", 0 },
	{ "line ends", "", "\n", "", 0 },
	{ "blanks", "", " ", "", 0 },
	{ "rubbish", "", "a\n", "", 0 },
	{ "shortest sentences", "", "$*00", "", 0 },
	{ "headings", "", "$HEHDT,1,T*30", "", 0 },
	{ "bare targets", "", "$RATTM*5E", "", 0 },
	{ "tags with many sources", "", "\\s:@,n:1*..\\", "", 0 },
	{ "commas", "$RATTM", ",", "", '$' },
	{ "labels", "$RATLB", ",1,A", "", '$' },
	{ "digits", "$RATTM,", "1", ",1", '$' },
	{ "payload", "!RATTD,01,01,1,", "0", ",0", '!' },
	{ "members of a tag", "\\", "n:1,", "s:A", '\\' },
	{ "a tag's text", "\\t:", "*00", "", '\\' },
};
#define NMEA_WORST_N (sizeof(nmea_worst) / sizeof(nmea_worst[0]))

/* Each unit with another source and its checksum. */
static inline void nmea_worst_sources(char *data)
{
	for (size_t at = 0, i = 0; at + 16 <= NMEA_WORST_SIZE; at += 16, i++) {
		char text[32];
		unsigned sum = 0;

		snprintf(text, sizeof(text), "s:%04u,n:1", (unsigned)(i % 10000));
		for (const char *p = text; *p; p++)
			sum ^= (unsigned char)*p;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "*%02X\\", sum);
		data[at] = '\\';
		memcpy(data + at + 1, text, strlen(text));
		data[at + 15] = '\n';
	}
}

/* The @i-th, NMEA_WORST_SIZE bytes. */
static inline void nmea_worst_make(unsigned i, char *data)
{
	const struct nmea_worst *w = &nmea_worst[i];
	size_t unit = strlen(w->unit), tail = strlen(w->tail) + 4, at = strlen(w->head);
	unsigned sum = 0;

	memset(data, ' ', NMEA_WORST_SIZE);
	memcpy(data, w->head, at);
	for (; at + unit + tail <= NMEA_WORST_SIZE; at += unit)
		memcpy(data + at, w->unit, unit);
	if (strchr(w->unit, '@'))
		nmea_worst_sources(data);
	if (!w->sealed)
		return;
	memcpy(data + at, w->tail, tail - 4);
	at += tail - 4;
	for (size_t k = 1; k < at; k++)
		sum ^= (unsigned char)data[k];

	char text[8];

	snprintf(text, sizeof(text), "*%02X%c", sum, w->sealed == '\\' ? '\\' : '\n');
	memcpy(data + at, text, 4);
}
