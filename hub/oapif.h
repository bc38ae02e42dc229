/*
 * oapif - the picture as OGC API Features, part 1 core (OGC 17-069r4): what ogrinfo and QGIS read.
 *
 * Paging is pinned: the first page takes a snapshot of which tracks there are, the next links name it, so that none is
 * doubled or missed while the picture moves; each page shows their present state.
 */
#pragma once

#include "hub/hub.h"
#include "hub/request.h"

#define OAPIF_SNAPSHOTS 16
#define OAPIF_SNAPSHOT_NS INT64_C(120000000000)
#define OAPIF_LIMIT_DEFAULT 1000 /* GDAL 3.6 asks for 10 unless told otherwise */
#define OAPIF_LIMIT_MAX 10000

struct oapif;

int oapif_new(struct oapif **ret_o);
void oapif_free(struct oapif *o);

/** oapif_handle() - Return: true when the path is one of its own (with @ret_reply set). */
bool oapif_handle(struct oapif *o, struct hub *hub, const struct request *rq, struct reply *ret_reply);
