/* Linked into a program, this makes its kernels (engine/simd.h) those of an older processor: LEVEL 1 is SSE2 alone, LEVEL 2 stops at
   AVX2. The loader asks __cpu_indicator_init of libgcc what the processor has before it picks a version of each kernel; the link
   option --wrap=__cpu_indicator_init puts this function in its place, which asks and then takes away what is above the level. So
   the very objects of the real program are tested. Where the processor has no such level the program says so and exits with 77,
   by which ctest knows a test that was skipped.

   The names and bits are GCC's (libgcc, config/i386/cpuinfo.c; gcc/common/config/i386/i386-cpuinfo.h). */
#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77, FEATURES2 = 4 };

/* Bits of __cpu_model.features, and of the third word of __cpu_features2. */
#define CMOV         (1U << 0)
#define MMX          (1U << 1)
#define SSE          (1U << 3)
#define SSE2         (1U << 4)
#define AVX512F      (1U << 15)
#define ABOVE_AES    (~0U << 20) /* the parts of AVX-512, but for its foundation */
#define X86_64       (1U << 31)  /* of the second word: every 64-bit processor */
#define X86_64_V2_V3 3U

extern struct {
    unsigned vendor, type, subtype, features;
} __cpu_model;
extern unsigned __cpu_features2[FEATURES2];
int __real___cpu_indicator_init(void);
int __wrap___cpu_indicator_init(void);

/* Runs before the sanitizers are there, and before this program's functions may call into others. */
__attribute__((no_sanitize("address", "undefined"))) int __wrap___cpu_indicator_init(void)
{
    const int result = __real___cpu_indicator_init();
    __cpu_model.features &= LEVEL == 1 ? CMOV | MMX | SSE | SSE2 : ~(AVX512F | ABOVE_AES);
    for (int i = 0; i < FEATURES2; i++)
        __cpu_features2[i] &= LEVEL == 1 ? 0 : i == 1 ? X86_64 : i == 2 ? X86_64_V2_V3 : 0;
    return result;
}

/* The figures above are not in any header, so they are looked at through the door that there is. */
__attribute__((constructor)) static void check_level(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4") || __builtin_cpu_supports("avx512f") || __builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("sse2") || (LEVEL == 1 && (__builtin_cpu_supports("x86-64-v3") || __builtin_cpu_supports("avx")))) {
        fprintf(stderr, "this build does not take the level of the kernels away\n");
        exit(1);
    }
    if (LEVEL == 2 && !__builtin_cpu_supports("x86-64-v3")) {
        fprintf(stderr, "skipped: this processor has no AVX2\n");
        exit(SKIPPED);
    }
}
