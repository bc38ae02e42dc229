/*
 * ais_armour - the six-bit armour of AIVDM payloads, 32 characters at a time, eight without AVX2.
 *
 * Source: IEC 61162-1 six-bit field conversion: v = c - 48, less 8 above 40; legal bytes 0x30-0x57, 0x60-0x77.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define AIS_ARMOUR_STEP 32
/* What is read of @n characters and written for them. */
#define AIS_ARMOUR_TEXT(n) (((n) + AIS_ARMOUR_STEP - 1) / AIS_ARMOUR_STEP * AIS_ARMOUR_STEP)
#define AIS_ARMOUR_BYTES(n) (AIS_ARMOUR_TEXT(n) / 4 * 3 + AIS_ARMOUR_STEP)

/**
 * ais_armour_decode() - @n characters to 6 x @n bits, most significant first
 * @text: AIS_ARMOUR_TEXT(@n) readable bytes; what is behind the @n does not matter
 * @out:  AIS_ARMOUR_BYTES(@n) bytes are written, zero behind the bits
 *
 * Return: 0, or -EBADMSG at an illegal character (@out is then undefined).
 */
int ais_armour_decode(const char *text, size_t n, uint8_t *out);
