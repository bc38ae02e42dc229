#include "sensor/decode/ais/ais_program.h"

#include <assert.h>

#include "sensor/decode/ais/ais_cpu.h"

#define NUMBERS                                                                                                        \
	(1u << AIS_FIELD_UINT | 1u << AIS_FIELD_INT | 1u << AIS_FIELD_BOOL | 1u << AIS_FIELD_TURN | 1u << AIS_FIELD_LEVEL | \
		1u << AIS_FIELD_PART)
#define SIGNED (1u << AIS_FIELD_INT | 1u << AIS_FIELD_TURN)

static bool is_number(const struct ais_message_field *f)
{
	return NUMBERS >> f->kind & 1 && f->width && f->width <= 32;
}

/* Bytes from the field's offset on that are written whatever the message's length. */
static unsigned certain_size(const struct ais_message_field *f)
{
	if (f->kind == AIS_FIELD_TEXT)
		return f->width / 6 + 1;
	if (f->kind == AIS_FIELD_TEXT_MORE)
		return (unsigned)f->add + f->width / 6 + 1;
	return is_number(f) || f->kind == AIS_FIELD_TAIL ? sizeof(int32_t) : 0;
}

/* The number that stands at @offset in the structure. */
static const struct ais_message_field *number_at(const struct ais_message_layout *l, unsigned offset)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		if (l->fields[i].offset == offset && is_number(&l->fields[i]))
			return &l->fields[i];
	return NULL;
}

static void make_step(const struct ais_message_layout *l, unsigned offset, struct ais_program_step *s)
{
	s->offset = (uint16_t)offset;
	for (unsigned i = 0; i < AIS_PROGRAM_LANES; i++, offset += sizeof(int32_t)) {
		const struct ais_message_field *f = number_at(l, offset);

		s->byte[i] = f->bit / 8;
		s->left[i] = f->bit % 8;
		s->right[i] = 64u - f->width;
		s->sign[i] = SIGNED >> f->kind & 1 ? UINT64_C(1) << (f->width - 1) : 0;
	}
}

/* Steps for the neighbours from @offset on; the last overlaps the one before. Fewer than four are no step. */
static void make_run(const struct ais_message_layout *l, unsigned offset, struct ais_program *p)
{
	const unsigned step = AIS_PROGRAM_LANES * sizeof(int32_t);
	unsigned size = 0;

	while (number_at(l, offset + size))
		size += sizeof(int32_t);
	for (unsigned at = 0; at < size && size >= step; at += step) {
		assert(p->n_steps < AIS_PROGRAM_STEPS_MAX);
		make_step(l, offset + (at + step <= size ? at : size - step), &p->steps[p->n_steps++]);
	}
}

/* In the order of the table, where neighbours follow each other: joins the last span when it can. */
static void add_span(struct ais_program *p, unsigned offset, unsigned size)
{
	if (p->n_spans) {
		unsigned from = p->spans[p->n_spans - 1].offset, to = from + p->spans[p->n_spans - 1].size;

		if (offset >= from && offset <= to) {
			p->spans[p->n_spans - 1].size = (uint16_t)((offset + size > to ? offset + size : to) - from);
			return;
		}
	}
	assert(p->n_spans < AIS_PROGRAM_SPANS_MAX);
	p->spans[p->n_spans].offset = (uint16_t)offset;
	p->spans[p->n_spans++].size = (uint16_t)size;
}

/* What is always written: numbers, texts with their room; in order, joined where they touch. */
static void make_spans(const struct ais_message_layout *l, struct ais_program *p)
{
	for (unsigned at = 0;;) {
		const struct ais_message_field *next = NULL;

		for (unsigned i = 0; i < l->n_fields; i++)
			if (certain_size(&l->fields[i]) && l->fields[i].offset >= at && (!next || l->fields[i].offset < next->offset))
				next = &l->fields[i];
		if (!next)
			return;
		add_span(p, next->offset, certain_size(next));
		at = next->offset + 1u;
	}
}

static bool is_in_steps(const struct ais_program *p, const struct ais_message_field *f)
{
	for (unsigned i = 0; i < p->n_steps; i++)
		if (is_number(f) && f->offset >= p->steps[i].offset &&
			f->offset < p->steps[i].offset + AIS_PROGRAM_LANES * sizeof(int32_t))
			return true;
	return false;
}

/* Numbers whose neighbour in front is none begin a run. */
static void make_steps(const struct ais_message_layout *l, struct ais_program *p)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		if (is_number(&l->fields[i]) && !number_at(l, l->fields[i].offset - (unsigned)sizeof(int32_t)))
			make_run(l, l->fields[i].offset, p);
}

static void make_rest(const struct ais_message_layout *l, struct ais_program *p)
{
	for (unsigned i = 0; i < l->n_fields; i++) {
		const struct ais_message_field *f = &l->fields[i];

		if (f->kind == AIS_FIELD_DATA)
			p->data = f->offset;
		if (is_in_steps(p, f) || !(f->width || f->kind == AIS_FIELD_TEXT_SAID || f->kind == AIS_FIELD_DATA))
			continue;
		assert(p->n_rest < AIS_PROGRAM_REST_MAX);
		p->rest[p->n_rest++] = (uint8_t)i;
	}
}

void ais_program_make(const struct ais_message_layout *l)
{
	make_steps(l, l->program);
	make_spans(l, l->program);
	make_rest(l, l->program);
	l->program->made = true;
}

static void run1(const struct ais_program *p, const uint8_t *bits, char *to)
{
	for (const struct ais_program_step *s = p->steps, *end = s + p->n_steps; s < end; s++) {
		int32_t *out = (int32_t *)(to + s->offset);

		for (unsigned i = 0; i < AIS_PROGRAM_LANES; i++) {
			uint64_t v;

			memcpy(&v, bits + s->byte[i], sizeof(v));
			v = be64toh(v) << s->left[i] >> s->right[i];
			out[i] = (int32_t)((v ^ s->sign[i]) - s->sign[i]);
		}
	}
}

#if AIS_CPU_HAS_AVX2_CODE

#include <immintrin.h>

static AIS_CPU_AVX2 void run4(const struct ais_program *p, const uint8_t *bits, char *to)
{
	const __m256i big_endian = _mm256_broadcastsi128_si256(_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
	const __m256i low_halves = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);

	for (const struct ais_program_step *s = p->steps, *end = s + p->n_steps; s < end; s++) {
		__m128i byte = _mm_loadu_si128((const __m128i *)s->byte);
		__m256i sign = _mm256_loadu_si256((const __m256i *)s->sign);
		__m256i v = _mm256_i32gather_epi64((const long long *)bits, byte, 1);

		v = _mm256_sllv_epi64(_mm256_shuffle_epi8(v, big_endian), _mm256_loadu_si256((const __m256i *)s->left));
		v = _mm256_srlv_epi64(v, _mm256_loadu_si256((const __m256i *)s->right));
		v = _mm256_sub_epi64(v ^ sign, sign);
		v = _mm256_permutevar8x32_epi32(v, low_halves);
		_mm_storeu_si128((__m128i *)(to + s->offset), _mm256_castsi256_si128(v));
	}
}

#endif

void ais_program_run(const struct ais_program *p, const uint8_t *bits, char *to)
{
	AIS_CPU_CHOOSE(run4, run1)(p, bits, to);
}
