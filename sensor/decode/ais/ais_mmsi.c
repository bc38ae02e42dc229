#include "sensor/decode/ais/ais_mmsi.h"

/* Most significant decimal digits tell the class. MIDs are 201..775 (ITU table of maritime identification digits). */
static bool is_mid(uint32_t v)
{
	return v >= 201 && v <= 775;
}

/* Programmed at the factory and never changed: they name nobody. notes of receiver networks. */
static bool is_default(uint32_t mmsi)
{
	return mmsi == 0 || mmsi == 1193046 || mmsi == 123456789;
}

static enum ais_mmsi_class classify_nine(uint32_t mmsi)
{
	switch (mmsi / 1000000) {
	case 111:
		return AIS_MMSI_SAR_AIRCRAFT;
	case 970:
		return AIS_MMSI_SART;
	case 972:
		return AIS_MMSI_MOB;
	case 974:
		return AIS_MMSI_EPIRB;
	case 979:
		return AIS_MMSI_AMRD;
	}
	if (mmsi / 10000000 == 98)
		return AIS_MMSI_AUXILIARY;
	if (mmsi / 10000000 == 99)
		return AIS_MMSI_ATON;
	if (mmsi / 100000000 == 8)
		return AIS_MMSI_HANDHELD;
	return is_mid(mmsi / 1000000) ? AIS_MMSI_SHIP : AIS_MMSI_BAD;
}

enum ais_mmsi_class ais_mmsi_classify(uint32_t mmsi)
{
	if (is_default(mmsi) || mmsi > 999999999)
		return AIS_MMSI_BAD;
	if (mmsi >= 100000000)
		return classify_nine(mmsi);
	if (mmsi >= 10000000)
		return is_mid(mmsi / 100000) ? AIS_MMSI_GROUP : AIS_MMSI_BAD;
	return is_mid(mmsi / 10000) ? AIS_MMSI_COAST : AIS_MMSI_BAD;
}

const char *ais_mmsi_name(enum ais_mmsi_class class)
{
	static const char *const names[_AIS_MMSI_CLASS_MAX] = { [AIS_MMSI_SHIP] = "ship", [AIS_MMSI_GROUP] = "group",
		[AIS_MMSI_COAST] = "coast", [AIS_MMSI_SAR_AIRCRAFT] = "sar", [AIS_MMSI_HANDHELD] = "handheld",
		[AIS_MMSI_AUXILIARY] = "auxiliary", [AIS_MMSI_ATON] = "aton", [AIS_MMSI_SART] = "sart",
		[AIS_MMSI_MOB] = "mob", [AIS_MMSI_EPIRB] = "epirb", [AIS_MMSI_AMRD] = "amrd", [AIS_MMSI_BAD] = "bad" };

	return names[class];
}

enum plot_distress ais_mmsi_distress(uint32_t mmsi)
{
	switch (ais_mmsi_classify(mmsi)) {
	case AIS_MMSI_SART:
		return PLOT_DISTRESS_SART;
	case AIS_MMSI_MOB:
		return PLOT_DISTRESS_MOB;
	case AIS_MMSI_EPIRB:
		return PLOT_DISTRESS_EPIRB;
	default:
		return PLOT_DISTRESS_NONE;
	}
}
