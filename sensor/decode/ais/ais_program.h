/*
 * ais_program - a table as the decoder's loops want it, made of the table when the first message of its layout comes.
 *
 * Numbers that are neighbours in the structure are read four at a time, whatever their kind: each is 8 bytes from some byte on,
 * shifted left, shifted right, its sign spread. What is not so plain stays a list of fields. What the fields fill for certain is
 * a few spans of bytes, which the checksum reads eight at a time.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

#define AIS_PROGRAM_LANES 4
#define AIS_PROGRAM_STEPS_MAX 12
#define AIS_PROGRAM_REST_MAX 24
#define AIS_PROGRAM_SPANS_MAX 8

/* Four int32_t from @offset on. */
struct ais_program_step {
	int32_t byte[AIS_PROGRAM_LANES];
	uint64_t left[AIS_PROGRAM_LANES], right[AIS_PROGRAM_LANES];
	uint64_t sign[AIS_PROGRAM_LANES]; /* the sign bit of the number; 0 when it has none */
	uint16_t offset;
};

struct ais_program {
	bool made;
	uint8_t n_steps, n_rest, n_spans;
	uint16_t data; /* offset of the one struct ais_data; 0 = none */
	uint8_t rest[AIS_PROGRAM_REST_MAX]; /* fields that no step reads */
	struct {
		uint16_t offset, size;
	} spans[AIS_PROGRAM_SPANS_MAX];
	struct ais_program_step steps[AIS_PROGRAM_STEPS_MAX];
};

void ais_program_make(const struct ais_message_layout *l);

/** ais_program() - of @l. Not for two threads at once. */
static inline const struct ais_program *ais_program(const struct ais_message_layout *l)
{
	if (!l->program->made)
		ais_program_make(l);
	return l->program;
}

/** ais_program_run() - the steps: @bits as ais_fields_get() has them, into the structure at @to. */
void ais_program_run(const struct ais_program *p, const uint8_t *bits, char *to);
