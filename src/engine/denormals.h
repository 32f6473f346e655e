/* Denormal floats cost a hundred times a normal one on x86; a thread treats them as zero while it runs a
   network, in training and in prediction alike, so that both give the same bits. */
#ifndef NEL_ENGINE_DENORMALS_H
#define NEL_ENGINE_DENORMALS_H

#if defined(__SSE2__)
#include <immintrin.h>

/* Flush to zero and denormals are zero; returns what the thread had. */
static inline unsigned denormals_flush(void)
{
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040U);
    return before;
}

static inline void denormals_restore(unsigned before)
{
    _mm_setcsr(before);
}
#elif defined(__aarch64__)
#include <stdint.h>

static inline void denormals_restore(unsigned before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)before));
}

/* Bit 24 of FPCR, FZ, is for inputs and results alike (Arm Architecture Reference Manual, C5.2.8); the upper half is reserved. */
static inline unsigned denormals_flush(void)
{
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    denormals_restore((unsigned)before | 1U << 24);
    return (unsigned)before;
}
#else
static inline unsigned denormals_flush(void)
{
    return 0;
}

static inline void denormals_restore(unsigned before)
{
    (void)before;
}
#endif

#endif
