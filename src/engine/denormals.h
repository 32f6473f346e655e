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
