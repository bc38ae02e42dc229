#include "hub/count.h"

#include "common/counter.h"

#define C(name, help) { "vedette_hub_" name "_total", help, false, 0 }
static struct counter counters[_COUNT_MAX] = {
	[COUNT_BATCHES] = C("batches", "Batches received from fusion and neighbours"),
	[COUNT_TRACKS] = C("tracks", "Track versions of this centre taken into the picture"),
	[COUNT_TRACKS_FOREIGN] = C("foreign_tracks", "Track versions of neighbours taken into the picture"),
	[COUNT_WITHDRAWALS] = C("withdrawals", "Tracks that a neighbour withdrew"),
	[COUNT_SITES] = C("sites", "Site records received"),
	[COUNT_HEALTH] = C("health_reports", "Health reports received"),
	[COUNT_LATE_PLOTS] = C("late_plots", "Plots that came too late for the tracker, put into history"),
	[COUNT_DROPPED_EARLY] = C("history_tables_dropped_early", "Days' tables of history dropped to keep to MaxSize="),
	[COUNT_STALE] = C("stale_versions", "Track versions that were here already: repeats after a restart"),
	[COUNT_BAD_RECORDS] = C("bad_records", "Records that did not decode, dropped"),
	[COUNT_UNKNOWN_RECORDS] = C("unknown_records", "Records of a kind this version does not know, left out"),
	[COUNT_WRONG_ORIGIN] = C("wrong_origin", "Objects refused because their origin is not their sender's"),
	[COUNT_PICTURE_FULL] = C("picture_full", "Track versions left out because the picture was full"),
	[COUNT_COMMITS] = C("commits", "Group commits of the store"),
	[COUNT_COMMIT_ERRORS] = C("commit_errors", "Group commits that failed and were rolled back"),
	[COUNT_PROTOCOL_ERRORS] = C("protocol_errors", "Connections closed for breaking the ship protocol"),
	[COUNT_PEERS_REFUSED] = C("peers_refused", "Connections refused: no certificate, a wrong one, or not a configured peer"),
	[COUNT_RELEASED] = C("released", "Track versions released to neighbours"),
	[COUNT_WITHDRAWN] = C("withdrawn", "Tracks withdrawn from neighbours"),
	[COUNT_WITHHELD] = C("withheld", "Track versions withheld from neighbours"),
	[COUNT_LEDGER_ERRORS] = C("ledger_errors", "Releases that waited because ledger or peer log failed"),
	[COUNT_PEER_LOG_CUT] = C("peer_log_cut", "Times a neighbour's log outgrew its limit and restarted from the picture"),
	[COUNT_HTTP_REQUESTS] = C("http_requests", "HTTP requests"),
	[COUNT_HTTP_ERRORS] = C("http_errors", "HTTP requests answered with 4xx or 5xx"),
	[COUNT_STREAMS] = C("streams", "Live pictures opened"),
	[COUNT_STREAMS_REFUSED] = C("streams_refused", "Live pictures refused: too many"),
	[COUNT_STREAMS_STALLED] = C("streams_stalled", "Live pictures cut because their reader took nothing for 30 s"),
	[COUNT_STREAM_BYTES] = C("stream_bytes", "Bytes given to live pictures"),
	[COUNT_ACKS] = C("alarm_acks", "Alarms acknowledged"),
};
#undef C

void count_register(void)
{
	counter_register(counters, _COUNT_MAX);
}

void count_add(enum count which, uint64_t n)
{
	counters[which].value += n;
}

uint64_t count_value(enum count which)
{
	return counters[which].value;
}
