#include "hub/policy.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUFFER_DEFAULT_M 300.0 /* about one radar plot's error at the edge of coverage: keeps the line quiet */
#define BUFFER_MAX_M 20000.0

const char *const policy_class_names[] = { "ncc", "rcc", "agency", "third-country", NULL };
const char *const policy_lane_names[] = { "distress", "tracks" };
static const char *const object_names[] = { "track", "distress", NULL };
static const char *const sensor_names[] = { "radar", "ais", "camera", "adsb" };
static const char *const identifier_names[] = { "mmsi", "icao24", "imo", "callsign", "name" };

/* What one pass over the file fills: its head and one rule. */
struct policy_file {
	uint64_t version;
	double buffer_m;
	struct policy_rule rule;
};

const struct conf_key policy_keys[] = {
	{ "Policy", "Version", CONF_UINT, offsetof(struct policy_file, version), 0, 1, 4294967295.0, NULL, true,
		"Counts up with every change; it is written into each ledger entry" },
	{ "Policy", "Buffer", CONF_LENGTH, offsetof(struct policy_file, buffer_m), 0, 0, BUFFER_MAX_M, NULL, false,
		"How far past a section's line a released track goes before it is withdrawn (300 m)" },
	{ "Rule", "Id", CONF_STRING, offsetof(struct policy_file, rule.id), POLICY_NAME_MAX, 0, 0, NULL, true,
		"The rule's name in the ledger and on the track card; each [Rule] section is one rule" },
	{ "Rule", "Object", CONF_ENUM, offsetof(struct policy_file, rule.object), 0, 0, 0, object_names, true,
		"track: confirmed tracks; distress: lives at risk, sent ahead of everything else" },
	{ "Rule", "Peer", CONF_LIST, offsetof(struct policy_file, rule.peers), 0, 0, 0, NULL, true,
		"The centres it is for; * = every configured peer" },
	{ "Rule", "Section", CONF_LIST, offsetof(struct policy_file, rule.sections), 0, 0, 0, NULL, true,
		"Section ids; adjacent = the peer's that border ours; shared = ours that border the peer; * = anywhere" },
	{ "Rule", "Sensors", CONF_LIST, offsetof(struct policy_file, rule.sensors), 0, 0, 0, NULL, false,
		"At least one of these must see it; only these are named as sources: radar ais adsb camera" },
	{ "Rule", "Identifiers", CONF_LIST, offsetof(struct policy_file, rule.identifiers), 0, 0, 0, NULL, false,
		"What may be named: mmsi icao24 imo callsign name. Nothing else ever leaves" },
	{ 0 },
};

static void rule_done(struct policy_rule *rule)
{
	conf_list_done(&rule->peers);
	conf_list_done(&rule->sections);
	conf_list_done(&rule->sensors);
	conf_list_done(&rule->identifiers);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (unsigned i = 0; i < policy->n_rules; i++)
		rule_done(&policy->rules[i]);
	free(policy);
}

static void policy_freep(struct policy **policy)
{
	policy_free(*policy);
}

static void freep(char **p)
{
	free(*p);
}

static int refuse(const char *name, unsigned line, struct conf_error *ret_error, const char *what, const char *value)
{
	snprintf(ret_error->text, sizeof(ret_error->text), "%.200s:%u: [Rule] %.200s: %s", name, line, value, what);
	return -EINVAL;
}

static int read_mask(const struct conf_list *list, const char *const *names, unsigned n, unsigned *ret_mask)
{
	unsigned mask = 0;
	for (unsigned i = 0; i < list->n; i++) {
		unsigned k = 0;
		while (k < n && strcmp(list->items[i], names[k]))
			k++;
		if (k == n)
			return -EINVAL;
		mask |= 1u << k;
	}
	*ret_mask = mask;
	return 0;
}

static int check_rule(const char *name, unsigned line, const struct policy *p, struct policy_rule *rule,
	struct conf_error *ret_error)
{
	if (read_mask(&rule->sensors, sensor_names, 4, &rule->sensor_mask) < 0)
		return refuse(name, line, ret_error, "a sensor is not one of radar ais camera adsb", rule->id);
	if (read_mask(&rule->identifiers, identifier_names, 5, &rule->identifier_mask) < 0)
		return refuse(name, line, ret_error, "an identifier is not on the allow list of 2019/1896 Art 89(2)",
			rule->id);
	if (rule->object == POLICY_TRACK && rule->sensor_mask == 0)
		return refuse(name, line, ret_error, "a rule for tracks needs Sensors=", rule->id);
	for (unsigned i = 0; i < p->n_rules; i++)
		if (!strcmp(p->rules[i].id, rule->id))
			return refuse(name, line, ret_error, "the id is there twice", rule->id);
	return 0;
}

static bool is_header(const char *line, const char *end, const char *header)
{
	while (end > line && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return (size_t)(end - line) == strlen(header) && !memcmp(line, header, (size_t)(end - line));
}

/*
 * conf knows no repeated sections: the file is read once per rule, with the other rules' lines blanked (line
 * numbers in errors stay true). @k = 0 leaves every rule's lines out. Return: line of rule @k, 0 when there is none.
 */
static unsigned keep_rule(const char *data, size_t size, unsigned k, char *copy)
{
	unsigned line_no = 0, rule = 0, at = 0;
	bool in_rule = false;
	for (const char *p = data; p < data + size;) {
		const char *nl = memchr(p, '\n', (size_t)(data + size - p));
		const char *end = nl ? nl : data + size;
		line_no++;
		if (p < end && *p == '[') {
			in_rule = is_header(p, end, "[Rule]");
			if (in_rule && ++rule == k)
				at = line_no;
		}
		bool keep = !in_rule || rule == k;
		for (; p < end; p++)
			*copy++ = keep ? *p : ' ';
		if (nl) {
			*copy++ = '\n';
			p = nl + 1;
		}
	}
	return at;
}

static unsigned count_rules(const char *data, size_t size, char *copy)
{
	unsigned n = 0;
	while (n <= POLICY_RULES_MAX && keep_rule(data, size, n + 1, copy))
		n++;
	return n;
}

static void digest(const char *data, size_t size, char ret_text[POLICY_DIGEST_TEXT])
{
	unsigned char d[32];
	unsigned n = 0;
	int ok = EVP_Digest(data, size, d, &n, EVP_sha256(), /* impl= */ NULL);
	assert(ok == 1 && n == sizeof(d));
	(void)ok;
	for (unsigned i = 0; i < sizeof(d); i++)
		snprintf(ret_text + 2 * i, 3, "%02x", d[i]);
}

int policy_parse(const char *name, const char *data, size_t size, struct policy **ret_policy,
	struct conf_error *ret_error)
{
	assert(ret_policy && ret_error);

	__attribute__((cleanup(policy_freep))) struct policy *p = calloc(1, sizeof(*p));
	__attribute__((cleanup(freep))) char *copy = malloc(size + 1);
	if (!p || !copy)
		return -ENOMEM;
	unsigned n = count_rules(data, size, copy);
	if (n == 0 || n > POLICY_RULES_MAX) {
		snprintf(ret_error->text, sizeof(ret_error->text), "%.200s:1: %s", name,
			n ? "more rules than 64" : "no [Rule] section: to share nothing, leave Policy= out");
		return -EINVAL;
	}
	for (unsigned k = 1; k <= n; k++) {
		struct policy_file file = { .buffer_m = BUFFER_DEFAULT_M };
		unsigned line = keep_rule(data, size, k, copy);
		int r = conf_parse(name, copy, size, policy_keys, &file, ret_error);
		if (r >= 0)
			r = check_rule(name, line, p, &file.rule, ret_error);
		if (r < 0) {
			rule_done(&file.rule);
			return r;
		}
		p->rules[p->n_rules++] = file.rule;
		p->version = file.version;
		p->buffer_m = file.buffer_m;
	}
	digest(data, size, p->digest);
	*ret_policy = p;
	p = NULL;
	return 0;
}

static void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

int policy_load(const char *path, struct policy **ret_policy, struct conf_error *ret_error)
{
	struct stat st;
	__attribute__((cleanup(fclosep))) FILE *f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st) < 0) {
		int err = -errno;
		snprintf(ret_error->text, sizeof(ret_error->text), "%.200s: %s", path, strerror(-err));
		return err == -ENOENT ? -ENOENT : -EINVAL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > POLICY_FILE_MAX) {
		snprintf(ret_error->text, sizeof(ret_error->text), "%.200s: not a file of at most %u bytes", path,
			POLICY_FILE_MAX);
		return -EINVAL;
	}
	__attribute__((cleanup(freep))) char *data = malloc((size_t)st.st_size + 1);
	if (!data)
		return -ENOMEM;
	size_t n = fread(data, 1, (size_t)st.st_size, f);
	return policy_parse(path, data, n, ret_policy, ret_error);
}

static bool listed(const struct conf_list *list, const char *item)
{
	for (unsigned i = 0; i < list->n; i++)
		if (!strcmp(list->items[i], item) || !strcmp(list->items[i], "*"))
			return true;
	return false;
}

/* Who asks: this centre, on behalf of a peer. */
struct question {
	const struct policy *policy;
	const struct section_set *sections;
	const struct track *t;
	const struct policy_peer *peer;
	const char *origin;
	bool released;
};

/* Of @centre, and next to @other. */
static bool lies_between(const struct section *s, const char *centre, const char *other)
{
	return !strcmp(s->centre, centre) && section_borders(s, other);
}

static bool names_section(const struct question *q, const struct policy_rule *rule, const struct section *s)
{
	for (unsigned i = 0; i < rule->sections.n; i++) {
		const char *item = rule->sections.items[i];
		if (!strcmp(item, s->id) || (!strcmp(item, "adjacent") && lies_between(s, q->peer->origin, q->origin)) ||
			(!strcmp(item, "shared") && lies_between(s, q->origin, q->peer->origin)))
			return true;
	}
	return false;
}

/* Inside first; then, for what the peer already has, within the buffer. */
static bool find_section(const struct question *q, const struct policy_rule *rule, struct policy_decision *d)
{
	const struct section_set *set = q->sections;
	if (listed(&rule->sections, "*")) {
		d->reason = POLICY_ANYWHERE;
		return true;
	}
	for (size_t i = 0; set && i < set->n; i++)
		if (names_section(q, rule, &set->sections[i]) &&
			section_holds(&set->sections[i], q->t->lat_rad, q->t->lon_rad)) {
			d->reason = POLICY_INSIDE;
			d->section = &set->sections[i];
			return true;
		}
	for (size_t i = 0; q->released && set && i < set->n; i++)
		if (names_section(q, rule, &set->sections[i]) &&
			section_distance(&set->sections[i], q->t->lat_rad, q->t->lon_rad) <= q->policy->buffer_m) {
			d->reason = POLICY_WITHIN_BUFFER;
			d->section = &set->sections[i];
			return true;
		}
	return false;
}

static bool neighbours(const struct question *q)
{
	for (size_t i = 0; q->sections && i < q->sections->n; i++)
		if (lies_between(&q->sections->sections[i], q->origin, q->peer->origin) ||
			lies_between(&q->sections->sections[i], q->peer->origin, q->origin))
			return true;
	return false;
}

/* Lives at risk: wherever they are, a rescue centre and the adjacent neighbour may be told (2021/581 Art 20). */
static bool distress_applies(const struct question *q, const struct policy_rule *rule, struct policy_decision *d)
{
	if (q->t->distress == PLOT_DISTRESS_NONE || q->t->distress_test)
		return false;
	if (listed(&rule->sections, "adjacent") && (q->peer->class == POLICY_RCC || neighbours(q))) {
		d->reason = POLICY_ANYWHERE;
		return true;
	}
	return find_section(q, rule, d);
}

static unsigned sensors_of(const struct track *t)
{
	unsigned mask = 0;
	for (unsigned i = 0; i < t->n_sources; i++)
		mask |= 1u << t->sources[i].sensor;
	return mask;
}

static bool rule_applies(const struct question *q, const struct policy_rule *rule, struct policy_decision *d)
{
	if (!listed(&rule->peers, q->peer->origin))
		return false;
	if (rule->object == POLICY_DISTRESS)
		return distress_applies(q, rule, d);
	struct policy_decision found = *d;
	if (!find_section(q, rule, &found)) {
		d->reason = POLICY_OUTSIDE;
		return false;
	}
	if (!(sensors_of(q->t) & rule->sensor_mask)) {
		d->reason = POLICY_NO_SENSOR;
		return false;
	}
	*d = found;
	return true;
}

struct policy_decision policy_decide(const struct policy *policy, const struct section_set *sections,
	const struct track *t, const struct policy_peer *peer, const char *origin, bool released)
{
	struct policy_decision d = { .reason = POLICY_NO_RULE, .lane = POLICY_LANE_TRACKS };
	struct question q = { policy, sections, t, peer, origin, released };

	if (strcmp(t->id.origin, origin)) {
		d.reason = POLICY_FOREIGN;
		return d;
	}
	/* Lives at risk first, whatever the order in the file; a beacon need not be confirmed. */
	for (int object = POLICY_DISTRESS; policy && object >= POLICY_TRACK; object--) {
		if (object == POLICY_TRACK && t->state == TRACK_TENTATIVE) {
			d.reason = POLICY_TENTATIVE;
			break;
		}
		for (unsigned i = 0; i < policy->n_rules; i++) {
			const struct policy_rule *rule = &policy->rules[i];
			if (rule->object != object || !rule_applies(&q, rule, &d))
				continue;
			d.release = true;
			d.rule = rule;
			d.lane = object == POLICY_DISTRESS ? POLICY_LANE_DISTRESS : POLICY_LANE_TRACKS;
			if (t->state == TRACK_DROPPED) {
				d.release = released;
				d.reason = POLICY_ENDED;
			}
			return d;
		}
	}
	return d;
}

static unsigned identifier_bit(enum plot_id_kind kind)
{
	return kind == PLOT_ID_MMSI ? POLICY_MMSI : kind == PLOT_ID_ICAO24 ? POLICY_ICAO24 : 0;
}

static void redact_identity(struct track *t, unsigned allowed)
{
	unsigned n = 0;
	for (unsigned i = 0; i < t->n_ids; i++)
		if (identifier_bit(t->ids[i].kind) & allowed)
			t->ids[n++] = t->ids[i];
	/* It names the identity that it is about. */
	if (!(identifier_bit(t->standing.id_kind) & allowed))
		memset(&t->standing, 0, sizeof(t->standing));
	memset(&t->ids[n], 0, (TRACK_IDS_MAX - n) * sizeof(t->ids[0]));
	t->n_ids = n;
	if (!(allowed & POLICY_NAME))
		memset(t->identity.name, 0, sizeof(t->identity.name));
	if (!(allowed & POLICY_CALLSIGN))
		memset(t->identity.callsign, 0, sizeof(t->identity.callsign));
	if (!(allowed & POLICY_IMO))
		t->identity.imo = 0;
}

void policy_redact(const struct track *t, const struct policy_rule *rule, const struct policy_peer *peer,
	struct track *ret_t)
{
	assert(t && rule && ret_t);

	struct track out = *t;
	/* 2019/1896 Art 89(5): nothing that could identify anybody goes to a third country. */
	redact_identity(&out, peer->class == POLICY_THIRD_COUNTRY ? 0 : rule->identifier_mask);
	unsigned n = 0, allowed = rule->sensor_mask & ~(1u << PLOT_SENSOR_CAMERA);
	for (unsigned i = 0; i < out.n_sources; i++)
		if (allowed & (1u << out.sources[i].sensor))
			out.sources[n++] = out.sources[i];
	memset(&out.sources[n], 0, (TRACK_SENSORS_MAX - n) * sizeof(out.sources[0]));
	out.n_sources = n;
	out.parent = 0; /* lineage may name a track that does not leave */
	*ret_t = out;
}

const char *policy_explain(const struct policy_decision *d, char *buf, size_t cap)
{
	static const char *const words[_POLICY_REASON_MAX] = {
		[POLICY_INSIDE] = "inside section",
		[POLICY_WITHIN_BUFFER] = "leaving, still within the buffer of section",
		[POLICY_ANYWHERE] = "lives at risk or a rule for anywhere",
		[POLICY_ENDED] = "the end of a released track",
		[POLICY_NO_RULE] = "no rule lets it leave",
		[POLICY_OUTSIDE] = "outside every section a rule names",
		[POLICY_TENTATIVE] = "not confirmed",
		[POLICY_FOREIGN] = "another centre's track; its consent is needed",
		[POLICY_NO_SENSOR] = "no sensor a rule allows sees it",
	};
	snprintf(buf, cap, "%s%s%s", words[d->reason], d->section ? " " : "", d->section ? d->section->id : "");
	return buf;
}
