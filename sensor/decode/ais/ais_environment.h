/*
 * ais_environment - the items of area notices (1/22, 1/23) and of environmental reports (1/26): data only.
 *
 * Source: IMO SN.1/Circ.289, annex, sections on area notice and environmental.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

extern const struct ais_message_group ais_environment_areas;
extern const struct ais_message_group ais_environment_reports;
