/* Allocation. The C library does the work; what is added is zeroing, overflow checks and a switch with which a test makes the
   n-th allocation fail. The switch and the count are the only state of the process here, and both are atomic, since a sweep
   allocates from every core. */
#include "support/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE = 64, LARGE_PAGE = 2 << 20 };

static atomic_ulong allocations;
static atomic_long remaining = -1; /* allocations that may still succeed; negative: no bound */

/* Counts one allocation and says whether it may succeed. */
static bool allowed(void)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    long left = atomic_load_explicit(&remaining, memory_order_relaxed);
    while (left > 0 && !atomic_compare_exchange_weak(&remaining, &left, left - 1)) {
        /* another thread took one: `left` is fresh, try again */
    }
    return left != 0;
}

static bool overflows(size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / size;
}

/* A block of megabytes will be used from end to end: on large pages, where the system has them, that spares the kernel hundreds of
   interruptions. A hint only, so its outcome does not matter. */
static void *on_large_pages(void *block, size_t size)
{
    if (block != NULL && size >= 2 * LARGE_PAGE) {
        size_t skip = (LARGE_PAGE - (uintptr_t)block % LARGE_PAGE) % LARGE_PAGE;
        madvise((char *)block + skip, (size - skip) / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
    }
    return block;
}

void *mem_alloc(size_t size)
{
    return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
    if (!allowed() || overflows(count, size))
        return NULL;
    /* calloc may answer an empty request with NULL, which here means failure. */
    return count == 0 || size == 0 ? calloc(1, 1) : on_large_pages(calloc(count, size), count * size);
}

void *mem_resize(void *block, size_t count, size_t size)
{
    if (!allowed() || overflows(count, size))
        return NULL;
    size_t bytes = count * size;
    return realloc(block, bytes == 0 ? 1 : bytes);
}

float *mem_floats(size_t count)
{
    if (!allowed() || count > (SIZE_MAX - CACHE_LINE) / sizeof(float))
        return NULL;
    size_t bytes = (count * sizeof(float) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    if (bytes == 0)
        bytes = CACHE_LINE;
    float *block = on_large_pages(aligned_alloc(CACHE_LINE, bytes), bytes);
    if (block != NULL)
        memset(block, 0, bytes);
    return block;
}

char *mem_copy_text(const char *at, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = mem_alloc(len + 1);
    if (copy != NULL && len > 0)
        memcpy(copy, at, len);
    return copy;
}

void mem_free(void *block)
{
    free(block);
}

void mem_free_floats(float *block)
{
    free(block);
}

void mem_fail_after(long n)
{
    atomic_store(&remaining, n);
}

unsigned long mem_count(void)
{
    return atomic_load(&allocations);
}
