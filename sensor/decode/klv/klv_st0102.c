#include "sensor/decode/klv/klv_st0102.h"

#include <stddef.h>

#define TEXT(name) KLV_TXT(name, KLV_LENGTH_MAX)
#define UTF16(name) { name, KLV_UTF16, 0, 1, KLV_UTF16_MAX, false, 0, 0, 1, NULL }

static const struct klv_tag tags[] = {
	[1] = KLV_U("classification", 1), /* 1 unclassified .. 5 top secret */
	[2] = KLV_U("country_coding_method", 1),
	[3] = TEXT("classifying_country"),
	[4] = TEXT("sci_shi_information"),
	[5] = TEXT("caveats"),
	[6] = TEXT("releasing_instructions"),
	[7] = TEXT("classified_by"),
	[8] = TEXT("derived_from"),
	[9] = TEXT("classification_reason"),
	[10] = TEXT("declassification_date"),
	[11] = TEXT("marking_system"),
	[12] = KLV_U("object_country_coding_method", 1),
	[13] = UTF16("object_countries"),
	[14] = TEXT("classification_comments"),
	[15] = KLV_B("umid"),
	[19] = KLV_U("stream_id", 1),
	[20] = KLV_U("transport_stream_id", 2),
	[21] = KLV_B("item_designator"),
	[22] = KLV_U("version", 2),
	[23] = TEXT("country_coding_method_date"),
	[24] = TEXT("object_country_coding_method_date"),
};

const struct klv_table klv_st0102 = KLV_TABLE(tags);
