/* Allocation, in one place, so that tests can make any allocation fail.
   Nothing here exits: a failed request returns NULL and the caller reports it as a value.
   Every block comes zeroed, so that a half-built object can always be released. */
#ifndef NEL_SUPPORT_MEMORY_H
#define NEL_SUPPORT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* `size` zeroed bytes, or NULL. */
void *mem_alloc(size_t size);

/* `count` zeroed items of `size` bytes, or NULL, also where count * size overflows. */
void *mem_array(size_t count, size_t size);

/* Resizes a block from mem_alloc, mem_array or mem_resize (NULL is an empty block). New bytes are not zeroed.
   On failure returns NULL and leaves `block` as it was. */
void *mem_resize(void *block, size_t count, size_t size);

/* `count` zeroed floats at a 64-byte boundary, padded to whole cache lines; freed with mem_free_floats. */
float *mem_floats(size_t count);

/* A copy of `len` bytes with a NUL behind them, or NULL. */
char *mem_copy_text(const char *at, size_t len);

void mem_free(void *block);
void mem_free_floats(float *block);

/* Tests only: let `n` more allocations of this process succeed, then fail all; a negative n turns it off. */
void mem_fail_after(long n);

/* Tests and budgets: how many allocations have been made so far, in all threads. */
unsigned long mem_count(void);

#endif
