/*
 * ais_armour - the six-bit armour of AIVDM payloads, eight characters at a time.
 *
 * Source: IEC 61162-1 six-bit field conversion: v = c - 48, less 8 above 40; legal bytes 0x30-0x57, 0x60-0x77.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * ais_armour_decode() - @n characters to 6 x @n bits, most significant first
 * @out: (6 x @n + 7) / 8 bytes plus 8 are written
 *
 * Return: 0, or -EBADMSG at an illegal character (@out is then undefined).
 */
int ais_armour_decode(const char *text, size_t n, uint8_t *out);
