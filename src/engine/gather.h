/* Values of samples from all over the data, one by one. The compiler would make vector code of these loops that takes twice as long: what
   is gathered lies in as many places as there are values, and the registers are put together from them by shuffles. So the file is
   compiled without it. */
#ifndef NEL_ENGINE_GATHER_H
#define NEL_ENGINE_GATHER_H

#include <stddef.h>
#include <stdint.h>

/* Rows of samples in x [… x width], a row contiguous, to rows of features `to` [width x stride]: the samples rows[0..count) (NULL: the
   first ones), and behind the last one the first again. */
void gather_features(const float *x, size_t width, const uint32_t *rows, uint32_t count, float *to, uint32_t stride);
/* to[i] becomes from[rows[i]], i < count, and `rest` from there to `stride`. */
void gather_counts(const int32_t *from, const uint32_t *rows, uint32_t count, int32_t *to, uint32_t stride, int32_t rest);

#endif
