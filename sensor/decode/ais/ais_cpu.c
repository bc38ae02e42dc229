#include "sensor/decode/ais/ais_cpu.h"

bool ais_cpu_avx2;

static void __attribute__((constructor)) look(void)
{
#if AIS_CPU_HAS_AVX2_CODE
	__builtin_cpu_init();
	ais_cpu_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#endif
}
