#include "sensor/decode/ais/ais_assembly.h"

#include <errno.h>
#include <string.h>

/* Never 0: n is 2..9. */
static uint64_t make_key(const struct ais_sentence *s, uint32_t source)
{
	return (uint64_t)source << 32 ^ (uint64_t)s->talker << 20 ^ (uint64_t)s->seq << 12 ^
		(uint64_t)(uint8_t)s->channel << 4 ^ s->n;
}

static void give_up(struct ais_assembly *a, struct ais_assembly_entry *e)
{
	e->key = 0;
	a->in_use--;
	a->lost++;
}

static struct ais_assembly_entry *start(struct ais_assembly *a, uint64_t key,
	const struct ais_sentence *s, int64_t now_ns)
{
	struct ais_assembly_entry *free_entry = NULL, *oldest = &a->entries[0];

	for (unsigned i = 0; i < AIS_ASSEMBLY_MAX; i++) {
		struct ais_assembly_entry *e = &a->entries[i];

		if (!e->key)
			free_entry = e;
		else if ((int)(e->order - oldest->order) < 0 || !oldest->key)
			oldest = e;
	}
	if (!free_entry) {
		give_up(a, oldest);
		free_entry = oldest;
	}
	free_entry->key = key;
	free_entry->first_ns = now_ns;
	free_entry->order = a->clock++;
	free_entry->n = s->n;
	free_entry->have = 0;
	free_entry->used = 0;
	free_entry->fill = 0;
	a->in_use++;
	return free_entry;
}

/* The entry of @key, once what has timed out is gone. */
static struct ais_assembly_entry *find(struct ais_assembly *a, uint64_t key, int64_t now_ns)
{
	struct ais_assembly_entry *found = NULL;

	for (unsigned i = 0; a->in_use && i < AIS_ASSEMBLY_MAX; i++) {
		struct ais_assembly_entry *e = &a->entries[i];

		if (!e->key)
			continue;
		if (now_ns - e->first_ns > AIS_ASSEMBLY_TIMEOUT_NS)
			give_up(a, e);
		else if (e->key == key)
			found = e;
	}
	return found;
}

static int finish(struct ais_assembly *a, struct ais_assembly_entry *e, char *ret_text,
	uint8_t *ret_fill)
{
	unsigned n = 0;

	for (unsigned i = 0; i < e->n; i++) {
		memcpy(ret_text + n, e->text + e->start[i], e->len[i]);
		n += e->len[i];
	}
	*ret_fill = e->fill;
	e->key = 0;
	a->in_use--;
	return (int)n;
}

int ais_assembly_add(struct ais_assembly *a, const struct ais_sentence *s, uint32_t source, int64_t now_ns,
	char *ret_text, uint8_t *ret_fill)
{
	uint64_t key = make_key(s, source);
	struct ais_assembly_entry *e = find(a, key, now_ns);

	/* The same part again: a new message has taken the number, the old one will not be finished. */
	if (e && e->have & 1u << s->i) {
		give_up(a, e);
		e = NULL;
	}
	if (!e)
		e = start(a, key, s, now_ns);
	if (s->payload_len > sizeof(e->text) - e->used) {
		e->key = 0;
		a->in_use--;
		return -EMSGSIZE;
	}
	memcpy(e->text + e->used, s->payload, s->payload_len);
	e->start[s->i - 1] = e->used;
	e->len[s->i - 1] = (uint16_t)s->payload_len;
	e->used = (uint16_t)(e->used + s->payload_len);
	e->have |= 1u << s->i;
	if (s->i == s->n)
		e->fill = s->fill;

	if (e->have != (1u << (s->n + 1)) - 2)
		return 0;
	return finish(a, e, ret_text, ret_fill);
}
