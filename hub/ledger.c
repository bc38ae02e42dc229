#include "hub/ledger.h"

#include "common/canon.h"
#include "common/wire.h"
#include "hub/db.h"
#include "hub/merkle.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define APPLICATION_ID 0x764c6467 /* "vLdg", ours to choose */
#define SALT_SIZE 16		  /* 128 bit: the usual size against guessing */
#define ENTRY_MAX 512
#define LANES_MAX 256 /* peers x lanes a verification follows */

static const char *const schema[] = {
	"CREATE TABLE entry (n INTEGER PRIMARY KEY, data BLOB NOT NULL, hash BLOB NOT NULL);"
	"CREATE TABLE leaf (n INTEGER, i INTEGER, hash BLOB NOT NULL, salt BLOB, track TEXT, version INTEGER, kind INTEGER,"
	" rule TEXT, PRIMARY KEY (n, i)) WITHOUT ROWID;"
	"CREATE INDEX leaf_track ON leaf (track) WHERE track IS NOT NULL;"
	"CREATE TABLE lane (peer TEXT, lane TEXT, epoch INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (peer, lane))"
	" WITHOUT ROWID;"
	"CREATE TABLE released (peer TEXT, track TEXT, version INTEGER NOT NULL, lane TEXT NOT NULL, rule TEXT NOT NULL,"
	" PRIMARY KEY (peer, track)) WITHOUT ROWID;"
	"CREATE TABLE pending (peer TEXT, lane TEXT, epoch INTEGER, seq INTEGER, stored INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (peer, lane, epoch, seq)) WITHOUT ROWID;",
	NULL,
};

enum statement {
	STMT_ENTRY,
	STMT_LEAF,
	STMT_LANE,
	STMT_LANE_GET,
	STMT_RELEASED,
	STMT_UNRELEASED,
	STMT_RELEASED_EACH,
	STMT_PENDING,
	STMT_PENDING_EACH,
	STMT_SETTLE,
	STMT_RESET_PENDING,
	STMT_RESET_RELEASED,
	STMT_ERASE,
	_STMT_MAX,
};

static const char *const statement_sql[_STMT_MAX] = {
	[STMT_ENTRY] = "INSERT INTO entry VALUES (?1, ?2, ?3)",
	[STMT_LEAF] = "INSERT INTO leaf VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STMT_LANE] = "INSERT OR REPLACE INTO lane VALUES (?1, ?2, ?3, ?4)",
	[STMT_LANE_GET] = "SELECT epoch FROM lane WHERE peer = ?1 AND lane = ?2",
	[STMT_RELEASED] = "INSERT OR REPLACE INTO released VALUES (?1, ?2, ?3, ?4, ?5)",
	[STMT_UNRELEASED] = "DELETE FROM released WHERE peer = ?1 AND track = ?2",
	[STMT_RELEASED_EACH] = "SELECT track, version, lane, rule FROM released WHERE peer = ?1",
	[STMT_PENDING] = "INSERT INTO pending VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STMT_PENDING_EACH] = ("SELECT seq, stored, kind, data FROM pending WHERE peer = ?1 AND lane = ?2 AND epoch = ?3"
			       " AND seq > ?4 ORDER BY seq"),
	[STMT_SETTLE] = "DELETE FROM pending WHERE peer = ?1 AND lane = ?2 AND seq <= ?3",
	[STMT_RESET_PENDING] = "DELETE FROM pending WHERE peer = ?1 AND lane = ?2",
	[STMT_RESET_RELEASED] = "UPDATE released SET version = -abs(version) WHERE peer = ?1 AND lane = ?2",
	[STMT_ERASE] = "UPDATE leaf SET salt = NULL, track = NULL, version = NULL, kind = NULL, rule = NULL WHERE track = ?1",
};

struct ledger {
	sqlite3 *db;
	sqlite3_stmt *stmts[_STMT_MAX];
	bool open;
	uint64_t n, committed_n;
	uint8_t head[LEDGER_HASH], committed_head[LEDGER_HASH]; /* hash of the last entry; zeros before the first */
};

static int load_head(struct ledger *l)
{
	sqlite3_stmt *q = NULL;
	int r = db_prepare(l->db, "SELECT n, hash FROM entry ORDER BY n DESC LIMIT 1", &q);
	if (r >= 0)
		r = db_row(q);
	if (r > 0) {
		l->n = l->committed_n = (uint64_t)sqlite3_column_int64(q, 0);
		if (sqlite3_column_bytes(q, 1) == LEDGER_HASH)
			memcpy(l->head, sqlite3_column_blob(q, 1), LEDGER_HASH);
		else
			r = -EBADMSG;
		memcpy(l->committed_head, l->head, LEDGER_HASH);
	}
	sqlite3_finalize(q);
	return r < 0 ? r : 0;
}

int ledger_open(const char *path, struct ledger **ret_l)
{
	assert(path && ret_l);

	struct ledger *l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	int r = db_open(path, APPLICATION_ID, schema, &l->db);
	for (unsigned i = 0; r >= 0 && i < _STMT_MAX; i++)
		r = db_prepare(l->db, statement_sql[i], &l->stmts[i]);
	if (r >= 0)
		r = load_head(l);
	if (r < 0) {
		ledger_close(l);
		return r;
	}
	*ret_l = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	ledger_rollback(l);
	for (unsigned i = 0; i < _STMT_MAX; i++)
		sqlite3_finalize(l->stmts[i]);
	db_close(l->db);
	free(l);
}

int ledger_begin(struct ledger *l)
{
	if (l->open)
		return 0;
	int r = db_exec(l->db, "BEGIN IMMEDIATE");
	l->open = r >= 0;
	return r;
}

int ledger_commit(struct ledger *l)
{
	if (!l->open)
		return 0;
	int r = db_exec(l->db, "COMMIT");
	if (r < 0) {
		ledger_rollback(l);
		return r;
	}
	l->open = false;
	l->committed_n = l->n;
	memcpy(l->committed_head, l->head, LEDGER_HASH);
	return 0;
}

void ledger_rollback(struct ledger *l)
{
	if (!l->open)
		return;
	(void)db_exec(l->db, "ROLLBACK");
	l->open = false;
	l->n = l->committed_n;
	memcpy(l->head, l->committed_head, LEDGER_HASH);
}

uint64_t ledger_entries(const struct ledger *l)
{
	return l->committed_n;
}

/* What is committed to: [object, version, kind, rule]. */
static void leaf_hash(const void *salt, const char *track, uint64_t version, uint8_t kind, const char *rule,
	uint8_t ret_hash[MERKLE_HASH])
{
	uint8_t buf[TRACKID_TEXT_MAX + LEDGER_NAME_MAX + 64];
	struct canon_out o;
	canon_out_init(&o, buf, sizeof(buf));
	canon_put_array(&o, 4);
	canon_put_text(&o, track);
	canon_put_uint(&o, version);
	canon_put_uint(&o, kind);
	canon_put_text(&o, rule);
	assert(!o.failed);
	merkle_leaf(salt, SALT_SIZE, buf, o.len, ret_hash);
}

static size_t encode_entry(const struct ledger_entry *e, uint8_t buf[ENTRY_MAX])
{
	struct canon_out o;
	canon_out_init(&o, buf, ENTRY_MAX);
	canon_put_map(&o, e->reports ? 15 : 14);
	canon_put_uint(&o, 1), canon_put_uint(&o, e->n);
	canon_put_uint(&o, 2), canon_put_bytes(&o, e->prev, LEDGER_HASH);
	canon_put_uint(&o, 3), canon_put_uint(&o, (uint64_t)e->time_ns);
	canon_put_uint(&o, 4), canon_put_text(&o, e->peer);
	canon_put_uint(&o, 5), canon_put_text(&o, e->lane);
	canon_put_uint(&o, 6), canon_put_uint(&o, e->epoch);
	canon_put_uint(&o, 7), canon_put_uint(&o, e->first);
	canon_put_uint(&o, 8), canon_put_uint(&o, e->last);
	canon_put_uint(&o, 9), canon_put_uint(&o, e->policy_version);
	canon_put_uint(&o, 10), canon_put_text(&o, e->policy_digest);
	canon_put_uint(&o, 11), canon_put_uint(&o, e->tracks);
	canon_put_uint(&o, 12), canon_put_uint(&o, e->withdrawals);
	canon_put_uint(&o, 13), canon_put_uint(&o, e->withheld);
	canon_put_uint(&o, 14), canon_put_bytes(&o, e->root, LEDGER_HASH);
	if (e->reports)
		canon_put_uint(&o, 15), canon_put_uint(&o, e->reports);
	assert(!o.failed);
	return o.len;
}

static void get_hash(struct canon_in *i, uint8_t hash[LEDGER_HASH])
{
	size_t size = 0;
	const void *p = canon_get_bytes(i, &size);
	if (p && size == LEDGER_HASH)
		memcpy(hash, p, LEDGER_HASH);
	else if (!i->error)
		i->error = -EBADMSG;
}

static int decode_entry(const void *data, size_t size, struct ledger_entry *ret_e)
{
	struct ledger_entry e = { 0 };
	struct canon_in i;
	int64_t prev = -1;
	size_t k;
	unsigned keys = 0;
	canon_in_init(&i, data, size);
	for (size_t n = canon_get_map(&i); canon_next_key(&i, &n, &prev, &k); keys++)
		switch (k) {
		case 1: e.n = canon_get_uint(&i); break;
		case 2: get_hash(&i, e.prev); break;
		case 3: e.time_ns = canon_get_int(&i); break;
		case 4: canon_get_text(&i, e.peer, sizeof(e.peer)); break;
		case 5: canon_get_text(&i, e.lane, sizeof(e.lane)); break;
		case 6: e.epoch = canon_get_uint(&i); break;
		case 7: e.first = canon_get_uint(&i); break;
		case 8: e.last = canon_get_uint(&i); break;
		case 9: e.policy_version = canon_get_uint(&i); break;
		case 10: canon_get_text(&i, e.policy_digest, sizeof(e.policy_digest)); break;
		case 11: e.tracks = canon_get_uint(&i); break;
		case 12: e.withdrawals = canon_get_uint(&i); break;
		case 13: e.withheld = canon_get_uint(&i); break;
		case 14: get_hash(&i, e.root); break;
		case 15: e.reports = canon_get_uint(&i); break;
		default: canon_skip(&i); break;
		}
	int r = canon_done(&i);
	if (r < 0 || keys < 14)
		return -EBADMSG;
	*ret_e = e;
	return 0;
}

static int put_leaf(struct ledger *l, uint64_t n, size_t i, const struct ledger_object *o, uint8_t ret_hash[LEDGER_HASH])
{
	uint8_t salt[SALT_SIZE];
	char track[TRACKID_TEXT_MAX];
	if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return -EIO;
	trackid_format(&o->id, track);
	leaf_hash(salt, track, o->version, o->kind, o->rule, ret_hash);
	db_bind(l->stmts[STMT_LEAF], "iibbtiit", (int64_t)n, (int64_t)i, ret_hash, (size_t)LEDGER_HASH, salt, sizeof(salt),
		track, (int64_t)o->version, (int64_t)o->kind, o->rule);
	return db_run(l->stmts[STMT_LEAF]);
}

static int put_object(struct ledger *l, int64_t now_ns, const struct ledger_batch *b, size_t i)
{
	const struct ledger_object *o = &b->objects[i];
	char track[TRACKID_TEXT_MAX];
	trackid_format(&o->id, track);
	db_bind(l->stmts[STMT_PENDING], "ttiiiib", b->peer, b->lane, (int64_t)b->epoch, (int64_t)(b->first + i), now_ns,
		(int64_t)o->kind, o->data, o->size);
	int r = db_run(l->stmts[STMT_PENDING]);
	if (r < 0)
		return r;
	if (o->kind == WIRE_HEALTH)
		return 0;
	if (o->ended || o->kind == WIRE_WITHDRAW) {
		db_bind(l->stmts[STMT_UNRELEASED], "tt", b->peer, track);
		return db_run(l->stmts[STMT_UNRELEASED]);
	}
	db_bind(l->stmts[STMT_RELEASED], "ttitt", b->peer, track, (int64_t)o->version, b->lane, o->rule);
	return db_run(l->stmts[STMT_RELEASED]);
}

static int put_entry(struct ledger *l, struct ledger_entry *e)
{
	uint8_t buf[ENTRY_MAX];
	size_t size = encode_entry(e, buf);
	merkle_sha256(buf, size, e->hash);
	db_bind(l->stmts[STMT_ENTRY], "ibb", (int64_t)e->n, buf, size, e->hash, (size_t)LEDGER_HASH);
	int r = db_run(l->stmts[STMT_ENTRY]);
	if (r < 0)
		return r;
	db_bind(l->stmts[STMT_LANE], "ttii", e->peer, e->lane, (int64_t)e->epoch, (int64_t)e->last);
	return db_run(l->stmts[STMT_LANE]);
}

static void freep(void *p)
{
	free(*(void **)p);
}

int ledger_append(struct ledger *l, int64_t now_ns, const struct ledger_batch *b, uint64_t *ret_last)
{
	assert(l->open && b->first > 0 && b->n + (b->withheld > 0) > 0);

	struct ledger_entry e = {
		.n = l->n + 1, .time_ns = now_ns, .epoch = b->epoch, .first = b->first,
		.last = b->first + b->n - 1 + (b->withheld > 0),
		.policy_version = b->policy_version, .withheld = b->withheld,
	};
	snprintf(e.peer, sizeof(e.peer), "%s", b->peer);
	snprintf(e.lane, sizeof(e.lane), "%s", b->lane);
	snprintf(e.policy_digest, sizeof(e.policy_digest), "%s", b->policy_digest);
	memcpy(e.prev, l->head, LEDGER_HASH);

	__attribute__((cleanup(freep))) uint8_t(*leaves)[LEDGER_HASH] = calloc(b->n ? b->n : 1, LEDGER_HASH);
	int r = leaves ? 0 : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < b->n; i++) {
		r = put_leaf(l, e.n, i, &b->objects[i], leaves[i]);
		if (r >= 0)
			r = put_object(l, now_ns, b, i);
		e.tracks += b->objects[i].kind == WIRE_TRACK;
		e.withdrawals += b->objects[i].kind == WIRE_WITHDRAW;
		e.reports += b->objects[i].kind == WIRE_HEALTH;
	}
	if (r >= 0 && b->withheld > 0) {
		db_bind(l->stmts[STMT_PENDING], "ttiiiib", b->peer, b->lane, (int64_t)b->epoch, (int64_t)e.last, now_ns,
			(int64_t)LEDGER_WITHHELD, "", (size_t)0);
		r = db_run(l->stmts[STMT_PENDING]);
	}
	if (r < 0)
		return r;
	merkle_root(leaves, b->n, e.root);
	r = put_entry(l, &e);
	if (r < 0)
		return r;
	l->n = e.n;
	memcpy(l->head, e.hash, LEDGER_HASH);
	*ret_last = e.last;
	return 0;
}

int ledger_each_released(struct ledger *l, const char *peer,
	void (*fn)(void *user, const struct ledger_released *r), void *user)
{
	sqlite3_stmt *q = l->stmts[STMT_RELEASED_EACH];
	int r;
	db_bind(q, "t", peer);
	while ((r = db_row(q)) > 0) {
		int64_t version = sqlite3_column_int64(q, 1); /* negative: to be sent again */
		struct ledger_released row = { .version = (uint64_t)llabs(version), .again = version < 0 };
		char track[TRACKID_TEXT_MAX];
		db_text(q, 0, track, sizeof(track));
		db_text(q, 2, row.lane, sizeof(row.lane));
		db_text(q, 3, row.rule, sizeof(row.rule));
		if (trackid_parse(track, &row.id) >= 0)
			fn(user, &row);
	}
	return r;
}

int ledger_each_pending(struct ledger *l, const char *peer, const char *lane, uint64_t epoch, uint64_t after,
	int (*fn)(void *user, uint64_t seq, int64_t stored_ns, uint8_t kind, const void *data, size_t size), void *user)
{
	sqlite3_stmt *q = l->stmts[STMT_PENDING_EACH];
	int r;
	db_bind(q, "ttii", peer, lane, (int64_t)epoch, (int64_t)after);
	while ((r = db_row(q)) > 0) {
		r = fn(user, (uint64_t)sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
			(uint8_t)sqlite3_column_int(q, 2), sqlite3_column_blob(q, 3), (size_t)sqlite3_column_bytes(q, 3));
		if (r < 0)
			break;
	}
	(void)sqlite3_reset(q);
	return r;
}

int ledger_settle(struct ledger *l, const char *peer, const char *lane, uint64_t upto)
{
	db_bind(l->stmts[STMT_SETTLE], "tti", peer, lane, (int64_t)upto);
	int r = db_run(l->stmts[STMT_SETTLE]);
	return r < 0 ? r : 0;
}

int ledger_reset_lane(struct ledger *l, const char *peer, const char *lane, uint64_t epoch)
{
	int r = ledger_begin(l);
	db_bind(l->stmts[STMT_RESET_PENDING], "tt", peer, lane);
	if (r >= 0)
		r = db_run(l->stmts[STMT_RESET_PENDING]);
	db_bind(l->stmts[STMT_RESET_RELEASED], "tt", peer, lane);
	if (r >= 0)
		r = db_run(l->stmts[STMT_RESET_RELEASED]);
	db_bind(l->stmts[STMT_LANE], "ttii", peer, lane, (int64_t)epoch, INT64_C(0));
	if (r >= 0)
		r = db_run(l->stmts[STMT_LANE]);
	if (r < 0) {
		ledger_rollback(l);
		return r;
	}
	return ledger_commit(l);
}

int ledger_lane_epoch(struct ledger *l, const char *peer, const char *lane, uint64_t *ret_epoch)
{
	sqlite3_stmt *q = l->stmts[STMT_LANE_GET];
	db_bind(q, "tt", peer, lane);
	int r = db_row(q);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_epoch = (uint64_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return 0;
}

int ledger_erase(struct ledger *l, const struct track_id *id)
{
	char track[TRACKID_TEXT_MAX];
	int r = ledger_begin(l);
	if (r < 0)
		return r;
	db_bind(l->stmts[STMT_ERASE], "t", trackid_format(id, track));
	int n = db_run(l->stmts[STMT_ERASE]);
	if (n < 0) {
		ledger_rollback(l);
		return n;
	}
	r = ledger_commit(l);
	return r < 0 ? r : n;
}

/* --- reading for proof --- */

struct reader {
	sqlite3 *db;
	sqlite3_stmt *entries, *leaves;
};

static void reader_done(struct reader *r)
{
	sqlite3_finalize(r->entries);
	sqlite3_finalize(r->leaves);
	db_close(r->db);
}

static int reader_init(struct reader *rd, const char *path, uint64_t from)
{
	int r = db_open_read(path, APPLICATION_ID, schema, &rd->db);
	if (r >= 0)
		r = db_exec(rd->db, "BEGIN"); /* one snapshot, whatever the hub writes meanwhile */
	if (r >= 0)
		r = db_prepare(rd->db, "SELECT n, data, hash FROM entry WHERE n >= ?1 ORDER BY n", &rd->entries);
	if (r >= 0)
		r = db_prepare(rd->db,
			"SELECT i, hash, salt, track, version, kind, rule FROM leaf WHERE n = ?1 ORDER BY i", &rd->leaves);
	if (r >= 0)
		db_bind(rd->entries, "i", (int64_t)from);
	return r;
}

/* Where each lane stood after the entries so far. */
struct lane_state {
	char peer[LEDGER_NAME_MAX], lane[LEDGER_NAME_MAX];
	uint64_t epoch, last;
};

struct verifier {
	struct reader rd;
	struct ledger_report *report;
	uint64_t expected;
	uint8_t head[LEDGER_HASH];
	size_t n_lanes;
	struct lane_state lanes[LANES_MAX];
};

__attribute__((format(printf, 3, 4))) static int broken(struct verifier *v, uint64_t n, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	v->report->broken = n;
	vsnprintf(v->report->reason, sizeof(v->report->reason), fmt, ap);
	va_end(ap);
	return 1;
}

static int check_leaf(struct verifier *v, uint64_t n, uint64_t i, uint8_t ret_hash[LEDGER_HASH])
{
	sqlite3_stmt *q = v->rd.leaves;
	if ((uint64_t)sqlite3_column_int64(q, 0) != i)
		return broken(v, n, "commitment %llu is missing", (unsigned long long)i);
	if (sqlite3_column_bytes(q, 1) != LEDGER_HASH)
		return broken(v, n, "commitment %llu has no hash", (unsigned long long)i);
	memcpy(ret_hash, sqlite3_column_blob(q, 1), LEDGER_HASH);
	if (sqlite3_column_type(q, 2) == SQLITE_NULL) {
		v->report->erased++;
		return 0;
	}
	char track[TRACKID_TEXT_MAX], rule[LEDGER_NAME_MAX];
	uint8_t hash[LEDGER_HASH];
	db_text(q, 3, track, sizeof(track));
	db_text(q, 6, rule, sizeof(rule));
	if (sqlite3_column_bytes(q, 2) != SALT_SIZE)
		return broken(v, n, "the salt of commitment %llu was changed", (unsigned long long)i);
	leaf_hash(sqlite3_column_blob(q, 2), track, (uint64_t)sqlite3_column_int64(q, 4), (uint8_t)sqlite3_column_int(q, 5),
		rule, hash);
	if (memcmp(hash, ret_hash, LEDGER_HASH))
		return broken(v, n, "commitment %llu is not of what it names", (unsigned long long)i);
	return 0;
}

static uint64_t objects_of(const struct ledger_entry *e)
{
	return e->tracks + e->withdrawals + e->reports;
}

static int check_root(struct verifier *v, const struct ledger_entry *e)
{
	uint64_t n = objects_of(e), i = 0;
	if (n > UINT16_MAX * 16)
		return broken(v, e->n, "it claims %llu objects", (unsigned long long)n);
	__attribute__((cleanup(freep))) uint8_t(*leaves)[LEDGER_HASH] = calloc(n ? n : 1, LEDGER_HASH);
	if (!leaves)
		return -ENOMEM;
	int r, bad = 0;
	db_bind(v->rd.leaves, "i", (int64_t)e->n);
	while (!bad && (r = db_row(v->rd.leaves)) > 0) {
		if (i >= n)
			return broken(v, e->n, "there are more commitments than the entry counts");
		bad = check_leaf(v, e->n, i, leaves[i]);
		i++;
	}
	(void)sqlite3_reset(v->rd.leaves);
	if (bad || r < 0)
		return bad ? bad : r;
	if (i != n)
		return broken(v, e->n, "%llu of %llu commitments are missing", (unsigned long long)(n - i),
			(unsigned long long)n);
	uint8_t root[LEDGER_HASH];
	merkle_root(leaves, n, root);
	if (memcmp(root, e->root, LEDGER_HASH))
		return broken(v, e->n, "the Merkle root is not that of its commitments");
	v->report->objects += n;
	return 0;
}

/* Numbers of a lane follow on each other: a dropped entry leaves a hole here as well. */
static int check_lane(struct verifier *v, const struct ledger_entry *e)
{
	struct lane_state *s = NULL;
	for (size_t i = 0; i < v->n_lanes && !s; i++)
		if (!strcmp(v->lanes[i].peer, e->peer) && !strcmp(v->lanes[i].lane, e->lane))
			s = &v->lanes[i];
	if (!s) {
		if (v->n_lanes == LANES_MAX)
			return broken(v, e->n, "more than %d lanes", LANES_MAX);
		s = &v->lanes[v->n_lanes++];
		snprintf(s->peer, sizeof(s->peer), "%s", e->peer);
		snprintf(s->lane, sizeof(s->lane), "%s", e->lane);
	} else if (s->epoch == e->epoch && e->first != s->last + 1) {
		return broken(v, e->n, "it starts at %llu where lane %.20s of %.20s stood at %llu", (unsigned long long)e->first,
			e->lane, e->peer, (unsigned long long)s->last);
	}
	if (e->last < e->first || e->last - e->first + 1 != objects_of(e) + (e->withheld > 0))
		return broken(v, e->n, "its numbers do not match its counts");
	s->epoch = e->epoch;
	s->last = e->last;
	return 0;
}

static int check_entry(struct verifier *v)
{
	sqlite3_stmt *q = v->rd.entries;
	uint64_t n = (uint64_t)sqlite3_column_int64(q, 0);
	if (n != v->expected)
		return broken(v, v->expected, "it is missing; the next one is %llu", (unsigned long long)n);
	const void *data = sqlite3_column_blob(q, 1);
	size_t size = (size_t)sqlite3_column_bytes(q, 1);
	uint8_t hash[LEDGER_HASH];
	merkle_sha256(data, size, hash);
	if (sqlite3_column_bytes(q, 2) != LEDGER_HASH || memcmp(hash, sqlite3_column_blob(q, 2), LEDGER_HASH))
		return broken(v, n, "its bytes do not match its hash");
	struct ledger_entry e;
	if (decode_entry(data, size, &e) < 0 || e.n != n)
		return broken(v, n, "it is not an entry");
	if (memcmp(e.prev, v->head, LEDGER_HASH))
		return broken(v, n, "it does not continue entry %llu", (unsigned long long)(n - 1));
	int r = check_lane(v, &e);
	if (r == 0)
		r = check_root(v, &e);
	memcpy(v->head, hash, LEDGER_HASH);
	v->report->entries++;
	v->expected++;
	return r;
}

/* The tail: what the lanes' table says was released must have an entry. */
static int check_tail(struct verifier *v)
{
	sqlite3_stmt *q = NULL;
	int r = db_prepare(v->rd.db, "SELECT peer, lane, epoch, last FROM lane WHERE last > 0", &q), bad = 0;
	while (r >= 0 && !bad && (r = db_row(q)) > 0) {
		bool found = false;
		for (size_t i = 0; i < v->n_lanes; i++)
			found |= !strcmp(v->lanes[i].peer, (const char *)sqlite3_column_text(q, 0)) &&
				 !strcmp(v->lanes[i].lane, (const char *)sqlite3_column_text(q, 1)) &&
				 v->lanes[i].epoch == (uint64_t)sqlite3_column_int64(q, 2) &&
				 v->lanes[i].last == (uint64_t)sqlite3_column_int64(q, 3);
		if (!found)
			bad = broken(v, v->expected, "it is missing: lane %.20s of %.20s went on to %lld",
				sqlite3_column_text(q, 1), sqlite3_column_text(q, 0), (long long)sqlite3_column_int64(q, 3));
	}
	sqlite3_finalize(q);
	return bad ? bad : r;
}

int ledger_verify(const char *path, struct ledger_report *ret_report)
{
	struct ledger_report report = { 0 };
	__attribute__((cleanup(freep))) struct verifier *v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->report = &report;
	v->expected = 1;
	int r = reader_init(&v->rd, path, 0), bad = 0;
	while (r >= 0 && !bad && (r = db_row(v->rd.entries)) > 0)
		bad = check_entry(v);
	if (r >= 0 && !bad)
		bad = check_tail(v);
	(void)sqlite3_reset(v->rd.entries);
	reader_done(&v->rd);
	if (r < 0 || bad < 0)
		return r < 0 ? r : bad;
	memcpy(report.head, v->head, LEDGER_HASH);
	*ret_report = report;
	return bad;
}

int ledger_each(const char *path, uint64_t from, int (*fn)(void *user, const struct ledger_entry *e), void *user)
{
	struct reader rd = { 0 };
	int r = reader_init(&rd, path, from);
	while (r >= 0 && (r = db_row(rd.entries)) > 0) {
		struct ledger_entry e;
		r = decode_entry(sqlite3_column_blob(rd.entries, 1), (size_t)sqlite3_column_bytes(rd.entries, 1), &e);
		if (r >= 0 && sqlite3_column_bytes(rd.entries, 2) == LEDGER_HASH)
			memcpy(e.hash, sqlite3_column_blob(rd.entries, 2), LEDGER_HASH);
		if (r >= 0)
			r = fn(user, &e);
	}
	reader_done(&rd);
	return r < 0 ? r : 0;
}

int ledger_each_object(const char *path, uint64_t n,
	void (*fn)(void *user, unsigned i, const char *track, uint64_t version, uint8_t kind, const char *rule), void *user)
{
	struct reader rd = { 0 };
	int r = reader_init(&rd, path, n);
	if (r >= 0)
		db_bind(rd.leaves, "i", (int64_t)n);
	while (r >= 0 && (r = db_row(rd.leaves)) > 0) {
		char track[TRACKID_TEXT_MAX], rule[LEDGER_NAME_MAX];
		db_text(rd.leaves, 3, track, sizeof(track));
		db_text(rd.leaves, 6, rule, sizeof(rule));
		fn(user, (unsigned)sqlite3_column_int(rd.leaves, 0), track, (uint64_t)sqlite3_column_int64(rd.leaves, 4),
			(uint8_t)sqlite3_column_int(rd.leaves, 5), rule);
	}
	reader_done(&rd);
	return r < 0 ? r : 0;
}
