#include "sensor/decode/klv/klv_st0903.h"

#include <stddef.h>

#define OFFSET(name) KLV_F(name, 3, 3, 3, -192, 192, 10)
#define SIGMA(name) KLV_F(name, 2, 2, 2, 0, 650, 1)
#define RHO(name) KLV_F(name, 2, 2, 2, -1, 1, 1)
#define MOTION(name) KLV_F(name, 2, 2, 2, -900, 900, 1)
#define HAE(name) KLV_F(name, 2, 2, 2, -900, 19000, 1)
#define ID(name) { name, KLV_OID, 0, 1, 4, false, 0, 0, 1, NULL }

static const struct klv_tag location[] = {
	[0] = KLV_F("lat_deg", 4, 4, 4, -90, 90, 1),
	[1] = KLV_F("lon_deg", 4, 4, 4, -180, 180, 1),
	[2] = HAE("hae_m"),
	[3] = SIGMA("sigma_east_m"),
	[4] = SIGMA("sigma_north_m"),
	[5] = SIGMA("sigma_up_m"),
	[6] = RHO("rho_east_north"),
	[7] = RHO("rho_east_up"),
	[8] = RHO("rho_north_up"),
};

static const struct klv_tag velocity[] = {
	[0] = MOTION("east_mps"),
	[1] = MOTION("north_mps"),
	[2] = MOTION("up_mps"),
	[3] = SIGMA("sigma_east_mps"),
	[4] = SIGMA("sigma_north_mps"),
	[5] = SIGMA("sigma_up_mps"),
	[6] = RHO("rho_east_north"),
	[7] = RHO("rho_east_up"),
	[8] = RHO("rho_north_up"),
};

static const struct klv_tag acceleration[] = {
	[0] = MOTION("east_mps2"),
	[1] = MOTION("north_mps2"),
	[2] = MOTION("up_mps2"),
	[3] = SIGMA("sigma_east_mps2"),
	[4] = SIGMA("sigma_north_mps2"),
	[5] = SIGMA("sigma_up_mps2"),
	[6] = RHO("rho_east_north"),
	[7] = RHO("rho_east_up"),
	[8] = RHO("rho_north_up"),
};

static const struct klv_table velocity_pack = KLV_TABLE(velocity);
static const struct klv_table acceleration_pack = KLV_TABLE(acceleration);

static const struct klv_tag fpa_index[] = {
	[0] = KLV_U("row", 1),
	[1] = KLV_U("column", 1),
};

static const struct klv_table fpa_index_pack = KLV_TABLE(fpa_index);

static const struct klv_tag tracker[] = {
	[1] = KLV_B("track_id"), /* UUID */
	[2] = KLV_U("detection_status", 1),
	[3] = KLV_T("start_time", 8),
	[4] = KLV_T("end_time", 8),
	[5] = KLV_B("bounding_box"),
	[6] = KLV_TXT("algorithm", KLV_LENGTH_MAX),
	[7] = KLV_U("confidence_percent", 1),
	[8] = KLV_UV("track_points", 2),
	[9] = KLV_B("track_history"),
	[10] = KLV_IN("velocity", KLV_PACK, &velocity_pack),
	[11] = KLV_IN("acceleration", KLV_PACK, &acceleration_pack),
	[12] = KLV_UV("algorithm_id", 3),
};

static const struct klv_tag target[] = {
	[0] = ID("target_id"),
	[1] = KLV_UV("centroid_px", 6),
	[2] = KLV_UV("bounding_box_top_left_px", 6),
	[3] = KLV_UV("bounding_box_bottom_right_px", 6),
	[4] = KLV_U("priority", 1),
	[5] = KLV_U("confidence_percent", 1),
	[6] = KLV_UV("history", 2),
	[7] = KLV_U("target_pixels_percent", 1),
	[8] = KLV_U("color_rgb", 3),
	[9] = KLV_UV("intensity", 3),
	[10] = OFFSET("lat_offset_deg"),
	[11] = OFFSET("lon_offset_deg"),
	[12] = HAE("hae_m"),
	[13] = OFFSET("bounding_box_top_left_lat_offset_deg"),
	[14] = OFFSET("bounding_box_top_left_lon_offset_deg"),
	[15] = OFFSET("bounding_box_bottom_right_lat_offset_deg"),
	[16] = OFFSET("bounding_box_bottom_right_lon_offset_deg"),
	[17] = KLV_IN("location", KLV_PACK, &klv_st0903_location),
	[18] = KLV_B("contour"),
	[19] = KLV_UV("centroid_row_px", 4),
	[20] = KLV_UV("centroid_column_px", 4),
	[21] = KLV_IN("fpa_index", KLV_PACK, &fpa_index_pack),
	[22] = KLV_UV("algorithm_id", 3),
	[101] = KLV_B("mask"),
	[102] = KLV_B("object"),
	[103] = KLV_B("feature"),
	[104] = KLV_IN("tracker", KLV_SET, &klv_st0903_tracker),
	[105] = KLV_B("chip"),
	[106] = KLV_B("chips"),
	[107] = KLV_B("objects"),
};

static const struct klv_tag vmti[] = {
	[1] = KLV_U("checksum", 2),
	[2] = KLV_T("timestamp", 8),
	[3] = KLV_TXT("system_name", KLV_LENGTH_MAX),
	[4] = KLV_UV("version", 2),
	[5] = KLV_UV("targets_detected", 3),
	[6] = KLV_UV("targets_reported", 3),
	[7] = KLV_UV("frame_number", 3),
	[8] = KLV_UV("frame_width_px", 3),
	[9] = KLV_UV("frame_height_px", 3),
	[10] = KLV_TXT("source_sensor", KLV_LENGTH_MAX),
	[11] = KLV_F("horizontal_fov_deg", 2, 2, 2, 0, 180, 1),
	[12] = KLV_F("vertical_fov_deg", 2, 2, 2, 0, 180, 1),
	[13] = KLV_B("miis_id"),
	[101] = KLV_IN("targets", KLV_SERIES, &klv_st0903_target),
	[102] = KLV_B("algorithms"),
	[103] = KLV_B("ontologies"),
};

const struct klv_table klv_st0903_location = KLV_TABLE(location);
const struct klv_table klv_st0903_tracker = KLV_TABLE(tracker);
const struct klv_table klv_st0903_target = KLV_TABLE(target);
const struct klv_table klv_st0903 = KLV_TABLE(vmti);
