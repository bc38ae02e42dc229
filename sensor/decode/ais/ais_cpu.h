/*
 * ais_cpu - may the AVX2 form of a loop be used?
 *
 * Every such loop has a plain form with the same results bit for bit; machines without AVX2 and other architectures run that.
 */
#pragma once

#include <stdbool.h>

#if defined(__x86_64__)
#define AIS_CPU_HAS_AVX2_CODE 1
#define AIS_CPU_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#define AIS_CPU_CHOOSE(wide, plain) (ais_cpu_avx2 ? (wide) : (plain))
#else
#define AIS_CPU_HAS_AVX2_CODE 0
#define AIS_CPU_CHOOSE(wide, plain) (plain)
#endif

/* Set before main(). Tests clear it to compare the two forms. */
extern bool ais_cpu_avx2;
