#include "sensor/decode/nmea/nmea_value.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 18 /* what an int64_t holds for certain */
#define DECIMALS_MAX 12
#define HEX_DIGITS_MAX 8
#define DEGREES_DECIMALS 9 /* 0.1 mm */

static const int64_t power10[DIGITS_MAX + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
	10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000,
	100000000000000000, 1000000000000000000 };

static bool is_null(const struct nmea_number *n)
{
	return !(n->digits | n->decimals);
}

/* --- reading: @p..@end is not empty; the value is null before and stays so on false --- */

static bool get_number(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	struct nmea_number n = { 0 };
	bool minus = *p == '-', point = false;
	uint64_t value = 0;

	p += minus || *p == '+';
	if (end - p > DIGITS_MAX + 1)
		return false;
	for (; p < end; p++) {
		unsigned digit = (unsigned char)*p - (unsigned)'0';

		if (digit < 10) {
			value = value * 10 + digit;
			n.digits += !point;
			n.decimals += point;
		} else if (*p == '.' && !point) {
			point = true;
		} else {
			return false;
		}
	}
	if (is_null(&n) || n.digits + n.decimals > DIGITS_MAX || n.decimals > DECIMALS_MAX)
		return false;
	n.value = minus ? -(int64_t)value : (int64_t)value;
	*(struct nmea_number *)at = n;
	return true;
}

static bool get_hex(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	int64_t value = 0;

	if (end - p > HEX_DIGITS_MAX)
		return false;
	for (const char *q = p; q < end; q++) {
		unsigned digit = (unsigned char)*q - (unsigned)'0', letter = ((unsigned char)*q | 0x20) - (unsigned)'a';

		if (digit > 9 && letter > 5)
			return false;
		value = value << 4 | (digit < 10 ? digit : letter + 10);
	}
	*(struct nmea_number *)at = (struct nmea_number){ value, (uint8_t)(end - p), 0 };
	return true;
}

/* A number of @digits whole digits without a sign. */
static bool get_fixed(const char *p, const char *end, unsigned digits, struct nmea_number *ret_n)
{
	return *p != '-' && *p != '+' && get_number(NULL, p, end, ret_n) && ret_n->digits == digits;
}

static bool get_time(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	struct nmea_number n;

	if (!get_fixed(p, end, 6, &n))
		return false;

	int64_t whole = n.value / power10[n.decimals];

	/* 60: a leap second */
	if (whole / 10000 > 23 || whole / 100 % 100 > 59 || whole % 100 > 60)
		return false;
	*(struct nmea_number *)at = n;
	return true;
}

static bool get_date(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	struct nmea_number n;

	if (!get_fixed(p, end, 6, &n) || n.decimals)
		return false;

	int64_t day = n.value / 10000, month = n.value / 100 % 100;

	if (day < 1 || day > 31 || month < 1 || month > 12)
		return false;
	*(struct nmea_number *)at = n;
	return true;
}

/* In units of the last digit of the minutes. */
static int64_t minutes(const struct nmea_number *n)
{
	int64_t degree = 100 * power10[n->decimals];

	return n->value / degree * 60 * power10[n->decimals] + n->value % degree;
}

static bool get_place(const char *p, const char *end, int64_t limit_deg, void *at)
{
	struct nmea_number n;

	if (*p == '-' || *p == '+' || !get_number(NULL, p, end, &n) || n.digits > 5)
		return false;
	if (n.value % (100 * power10[n.decimals]) >= 60 * power10[n.decimals] ||
		minutes(&n) > limit_deg * 60 * power10[n.decimals])
		return false;
	((struct nmea_place *)at)->angle = n;
	return true;
}

static bool get_lat(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	return get_place(p, end, 90, at);
}

static bool get_lon(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	return get_place(p, end, 180, at);
}

static bool get_char(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	if (end - p != 1 || !*p || !strchr(f->choices, *p))
		return false;
	*(char *)at = *p;
	return true;
}

static bool get_text(const struct nmea_field *f, const char *p, const char *end, void *at)
{
	if (end - p > NMEA_VALUE_TEXT_MAX)
		return false;
	*(struct nmea_text *)at = (struct nmea_text){ p, (size_t)(end - p) };
	return true;
}

/* --- writing: the value is not null --- */

static void put_number(const void *at, struct jot *out)
{
	const struct nmea_number *n = at;
	uint64_t v = n->value < 0 ? -(uint64_t)n->value : (uint64_t)n->value, one = (uint64_t)power10[n->decimals];
	char buf[64];

	if (n->value < 0)
		jot_raw(out, "-", 1);
	if (n->digits)
		jot_raw(out, buf, (size_t)snprintf(buf, sizeof(buf), "%0*llu", n->digits, (unsigned long long)(v / one)));
	if (n->decimals)
		jot_raw(out, buf, (size_t)snprintf(buf, sizeof(buf), ".%0*llu", n->decimals, (unsigned long long)(v % one)));
}

static void put_hex(const void *at, struct jot *out)
{
	const struct nmea_number *n = at;
	char buf[32];

	jot_raw(out, buf, (size_t)snprintf(buf, sizeof(buf), "%0*llX", n->digits, (unsigned long long)n->value));
}

static void put_char(const void *at, struct jot *out)
{
	jot_raw(out, at, 1);
}

static void put_text(const void *at, struct jot *out)
{
	const struct nmea_text *t = at;

	jot_raw(out, t->at, t->size);
}

/* --- JSON: the value is not null --- */

static void json_number(const void *at, struct jot *j)
{
	const struct nmea_number *n = at;

	jot_scaled(j, n->value, 1, power10[n->decimals], n->decimals);
}

static void json_hex(const void *at, struct jot *j)
{
	jot_int(j, ((const struct nmea_number *)at)->value);
}

static void json_time(const void *at, struct jot *j)
{
	const struct nmea_number *n = at;
	int64_t one = power10[n->decimals], whole = n->value / one;
	char buf[64];
	int k = snprintf(buf, sizeof(buf), "%02d:%02d:%02d", (int)(whole / 10000), (int)(whole / 100 % 100), (int)(whole % 100));

	if (n->decimals)
		k += snprintf(buf + k, sizeof(buf) - (size_t)k, ".%0*lld", n->decimals, (long long)(n->value % one));
	jot_text(j, buf, (size_t)k);
}

static void json_date(const void *at, struct jot *j)
{
	int64_t v = ((const struct nmea_number *)at)->value, year = v % 100;
	char buf[32];
	int k = snprintf(buf, sizeof(buf), "%04d-%02d-%02d", (int)(year + (year < 80 ? 2000 : 1900)), (int)(v / 100 % 100),
		(int)(v / 10000));

	jot_text(j, buf, (size_t)k);
}

static void json_place(const void *at, struct jot *j)
{
	const struct nmea_place *p = at;
	int64_t v = minutes(&p->angle);

	if (!p->side)
		jot_null(j);
	else
		jot_scaled(j, p->side == 'S' || p->side == 'W' ? -v : v, 1, 60 * power10[p->angle.decimals], DEGREES_DECIMALS);
}

static void json_char(const void *at, struct jot *j)
{
	jot_text(j, at, 1);
}

static int hex_digit(char c)
{
	struct nmea_number n;

	return get_hex(NULL, &c, &c + 1, &n) ? (int)n.value : -1;
}

/* `^hh` stands for one character. Source: IEC 61162-1, 7.1.4. */
static void json_text(const void *at, struct jot *j)
{
	const struct nmea_text *t = at;
	char buf[NMEA_VALUE_TEXT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < t->size; i++) {
		bool code = t->at[i] == '^' && t->size - i > 2 && hex_digit(t->at[i + 1]) >= 0 && hex_digit(t->at[i + 2]) >= 0;

		buf[n++] = code ? (char)(hex_digit(t->at[i + 1]) << 4 | hex_digit(t->at[i + 2])) : t->at[i];
		i += code ? 2 : 0;
	}
	jot_text(j, buf, n);
}

/* --- hash --- */

uint64_t nmea_value_mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio: spreads every bit upwards */
	return h ^ h >> 29;
}

static uint64_t hash_number(const void *at, uint64_t h)
{
	const struct nmea_number *n = at;

	return nmea_value_mix(h, (uint64_t)n->value ^ (uint64_t)n->digits << 56 ^ (uint64_t)n->decimals << 48);
}

static uint64_t hash_char(const void *at, uint64_t h)
{
	return nmea_value_mix(h, *(const uint8_t *)at);
}

static uint64_t hash_text(const void *at, uint64_t h)
{
	const struct nmea_text *t = at;

	h = nmea_value_mix(h, t->size);
	for (size_t i = 0; i < t->size; i++)
		h = nmea_value_mix(h, (uint8_t)t->at[i]);
	return h;
}

/* --- kinds --- */

static const struct {
	size_t size;
	bool (*get)(const struct nmea_field *f, const char *p, const char *end, void *at);
	void (*put)(const void *at, struct jot *out);
	void (*json)(const void *at, struct jot *j);
	uint64_t (*hash)(const void *at, uint64_t h);
} kinds[_NMEA_KIND_MAX] = {
	[NMEA_NUMBER] = { sizeof(struct nmea_number), get_number, put_number, json_number, hash_number },
	[NMEA_HEX] = { sizeof(struct nmea_number), get_hex, put_hex, json_hex, hash_number },
	[NMEA_TIME] = { sizeof(struct nmea_number), get_time, put_number, json_time, hash_number },
	[NMEA_DATE] = { sizeof(struct nmea_number), get_date, put_number, json_date, hash_number },
	[NMEA_LAT] = { sizeof(struct nmea_number), get_lat, put_number, json_place, hash_number },
	[NMEA_LON] = { sizeof(struct nmea_number), get_lon, put_number, json_place, hash_number },
	[NMEA_CHAR] = { sizeof(char), get_char, put_char, json_char, hash_char },
	[NMEA_TEXT] = { sizeof(struct nmea_text), get_text, put_text, json_text, hash_text },
};

static bool is_there(const struct nmea_field *f, const void *at)
{
	if (f->kind == NMEA_CHAR)
		return *(const char *)at;
	if (f->kind == NMEA_TEXT)
		return ((const struct nmea_text *)at)->size;
	return !is_null(at);
}

bool nmea_value_get(const struct nmea_field *f, const char *p, size_t n, void *at)
{
	memset(at, 0, kinds[f->kind].size);
	return n == 0 || kinds[f->kind].get(f, p, p + n, at);
}

void nmea_value_put(const struct nmea_field *f, const void *at, struct jot *out)
{
	if (is_there(f, at))
		kinds[f->kind].put(at, out);
}

void nmea_value_json(const struct nmea_field *f, const void *at, struct jot *j)
{
	if (is_there(f, at))
		kinds[f->kind].json(at, j);
	else
		jot_null(j);
}

uint64_t nmea_value_hash(const struct nmea_field *f, const void *at, uint64_t seed)
{
	return kinds[f->kind].hash(at, seed);
}

double nmea_value_real(const struct nmea_number *n)
{
	return is_null(n) ? NAN : (double)n->value / (double)power10[n->decimals];
}

double nmea_value_step(const struct nmea_number *n)
{
	return 1 / (double)power10[n->decimals];
}

double nmea_value_degrees(const struct nmea_place *p)
{
	if (is_null(&p->angle) || !p->side)
		return NAN;

	double deg = (double)minutes(&p->angle) / (60 * (double)power10[p->angle.decimals]);

	return p->side == 'S' || p->side == 'W' ? -deg : deg;
}

struct nmea_number nmea_value_number(double v, unsigned digits, unsigned decimals)
{
	assert(decimals <= DECIMALS_MAX && digits + decimals <= DIGITS_MAX);
	if (!(fabs(v) < (double)power10[DIGITS_MAX - decimals]))
		return (struct nmea_number){ 0 };

	int64_t value = llround(v * (double)power10[decimals]);
	unsigned shown = 1;

	while (shown < DIGITS_MAX - decimals && llabs(value) / power10[decimals] >= power10[shown])
		shown++;
	return (struct nmea_number){ value, (uint8_t)(shown > digits ? shown : digits), (uint8_t)decimals };
}

struct nmea_place nmea_value_place(double deg, const char *sides, unsigned decimals)
{
	unsigned digits = sides[0] == 'N' ? 4 : 5;

	assert(digits + decimals <= DIGITS_MAX);
	if (!(fabs(deg) <= 180))
		return (struct nmea_place){ 0 };

	int64_t minute = power10[decimals], m = llround(fabs(deg) * 60 * (double)minute);

	return (struct nmea_place){
		.angle = { m / (60 * minute) * 100 * minute + m % (60 * minute), (uint8_t)digits, (uint8_t)decimals },
		.side = sides[deg < 0],
	};
}
