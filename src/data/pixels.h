/* Pictures of one byte a pixel, as IDX and CIFAR files hold them. Private to their readers. */
#ifndef NEL_DATA_PIXELS_H
#define NEL_DATA_PIXELS_H

#include <stddef.h>

/* Writes `count` bytes as floats from 0 to 1. */
static inline void pixels_scale(const unsigned char *bytes, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)bytes[i] / 255.0f;
}

#endif
