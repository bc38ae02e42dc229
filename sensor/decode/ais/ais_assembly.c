#include "sensor/decode/ais/ais_assembly.h"

#include <errno.h>
#include <string.h>

/* What tells messages under way apart. */
struct key {
	uint64_t sender, group;
};

static struct key make_key(const struct ais_sentence *s, uint32_t source)
{
	return (struct key){
		.sender = (uint64_t)source << 32 | (uint64_t)s->talker << 16 | (uint64_t)s->seq << 8 | (uint8_t)s->channel,
		.group = (uint64_t)s->group << 4 | s->n,
	};
}

static void drop(struct ais_assembly *a, unsigned i)
{
	a->in_use &= ~(UINT64_C(1) << i);
}

static void give_up(struct ais_assembly *a, unsigned i)
{
	drop(a, i);
	a->lost++;
}

static void sweep(struct ais_assembly *a, int64_t now_ns)
{
	for (unsigned i = 0; i < AIS_ASSEMBLY_MAX; i++)
		if (a->in_use >> i & 1 && now_ns - a->entries[i].first_ns > AIS_ASSEMBLY_TIMEOUT_NS)
			give_up(a, i);
	a->swept_ns = now_ns;
}

/* AIS_ASSEMBLY_MAX when there is none. */
static unsigned find(const struct ais_assembly *a, struct key key)
{
	for (unsigned i = 0; a->in_use && i < AIS_ASSEMBLY_MAX; i++)
		if (a->senders[i] == key.sender && a->groups[i] == key.group && a->in_use >> i & 1)
			return i;
	return AIS_ASSEMBLY_MAX;
}

static unsigned oldest(const struct ais_assembly *a)
{
	unsigned found = 0;

	for (unsigned i = 1; i < AIS_ASSEMBLY_MAX; i++)
		if ((int)(a->order[i] - a->order[found]) < 0)
			found = i;
	return found;
}

static unsigned start(struct ais_assembly *a, struct key key, unsigned n, int64_t now_ns)
{
	if (a->in_use == UINT64_MAX)
		give_up(a, oldest(a));

	unsigned i = (unsigned)__builtin_ctzll(~a->in_use);
	struct ais_assembly_entry *e = &a->entries[i];

	a->in_use |= UINT64_C(1) << i;
	a->senders[i] = key.sender;
	a->groups[i] = key.group;
	a->order[i] = a->clock++;
	e->first_ns = now_ns;
	e->n = n;
	e->have = 0;
	e->used = 0;
	e->fill = 0;
	e->in_order = true;
	e->time_ns = 0;
	e->station[0] = '\0';
	return i;
}

static void append(struct ais_assembly_entry *e, const struct ais_sentence *s)
{
	memcpy(e->text + e->used, s->payload, s->payload_len);
	e->start[s->i - 1] = e->used;
	e->len[s->i - 1] = (uint16_t)s->payload_len;
	e->used = (uint16_t)(e->used + s->payload_len);
	e->in_order = e->in_order && e->have >> s->i == 0;
	e->have |= 1u << s->i;
	if (s->i == s->n)
		e->fill = s->fill;
	if (!e->time_ns)
		e->time_ns = s->time_ns;
	if (!e->station[0])
		memcpy(e->station, s->station, sizeof(e->station));
}

static const char *join(const struct ais_assembly_entry *e, char *joined)
{
	unsigned n = 0;

	if (e->in_order)
		return e->text;
	for (unsigned i = 0; i < e->n; i++) {
		memcpy(joined + n, e->text + e->start[i], e->len[i]);
		n += e->len[i];
	}
	return joined;
}

int ais_assembly_add(struct ais_assembly *a, struct ais_sentence *s, uint32_t source, int64_t now_ns,
	const char **ret_text, uint8_t *ret_fill)
{
	struct key key = make_key(s, source);

	if (now_ns != a->swept_ns)
		sweep(a, now_ns);

	unsigned i = find(a, key);

	/* The same part again: a new message has taken the number, the old one will not be finished. */
	if (i < AIS_ASSEMBLY_MAX && a->entries[i].have >> s->i & 1) {
		give_up(a, i);
		i = AIS_ASSEMBLY_MAX;
	}
	if (i == AIS_ASSEMBLY_MAX)
		i = start(a, key, s->n, now_ns);

	struct ais_assembly_entry *e = &a->entries[i];

	if (s->payload_len + e->used > AIS_MESSAGE_CHARS_MAX) {
		drop(a, i);
		return -EMSGSIZE;
	}
	append(e, s);
	if (e->have != (1u << (s->n + 1)) - 2)
		return 0;
	drop(a, i);
	s->time_ns = s->time_ns ? s->time_ns : e->time_ns;
	if (!s->station[0])
		memcpy(s->station, e->station, sizeof(s->station));
	*ret_text = join(e, a->joined);
	*ret_fill = e->fill;
	return e->used ? e->used : -EMSGSIZE;
}
