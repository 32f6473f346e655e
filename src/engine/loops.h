/* Loops over rows that several ops and losses share. n is whole lanes; pointers are at 64-byte boundaries. */
#ifndef NEL_ENGINE_LOOPS_H
#define NEL_ENGINE_LOOPS_H

#include <stdbool.h>
#include <stddef.h>

void floats_add(float *to, const float *from, size_t n);                                /* to += from */
void floats_multiply(float *to, const float *from, size_t n);                           /* to *= from */
void floats_put(float *to, const float *from, size_t n, bool add);                      /* to = from, to += from */
void floats_put_product(float *to, const float *a, const float *b, size_t n, bool add); /* to = a b, to += a b */
float floats_sum(const float *from, size_t n);
/* to[r] = the sum of row r, or += … where `add`; rows [count x length]. */
void floats_sum_rows(float *to, const float *rows, size_t count, size_t length, bool add);
float floats_dot(const float *a, const float *b, size_t n);
void floats_scale(float *to, float factor, size_t n); /* any n, any alignment */
double floats_squares(const float *from, size_t n);   /* sum of squares; any n, any alignment */
void floats_centre(float *row, size_t n);             /* takes the mean away; any n, any alignment */
bool floats_finite(const float *from, size_t n);      /* any n, any alignment */

#endif
