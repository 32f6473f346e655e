/* Samples that are loaded next, fetched from memory while the present ones are computed with. Batches are gathered from rows all over
   the data, so that no processor sees which is next; and it can wait for some twenty lines at a time only, so that all of them at
   once would hold it up: the op that reads the data does it line by line, in each part of its work a few. */
#ifndef NEL_ENGINE_AHEAD_H
#define NEL_ENGINE_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "support/kernel.h"

/* Floats of a cache line. */
enum { AHEAD_LINE = 16 };

/* Rows [count] of x [… x width], both borrowed. */
struct ahead {
    const float *x;
    const uint32_t *rows;
    size_t width, count;
};

/* How far it has come. */
struct ahead_cursor {
    struct ahead ahead;
    size_t row, line, lines, each;
};

/* At part `part` of the op's `parts`. `ahead` NULL: there is nothing to fetch. */
INLINE struct ahead_cursor ahead_begin(const struct ahead *ahead, size_t part, size_t parts)
{
    struct ahead_cursor cursor = {.ahead = {.count = 0}};
    if (!ahead || parts == 0)
        return cursor;
    cursor.ahead = *ahead;
    cursor.lines = (ahead->width + AHEAD_LINE - 1) / AHEAD_LINE;
    cursor.each = (cursor.lines * ahead->count + parts - 1) / parts;
    cursor.row = part * cursor.each / cursor.lines;
    cursor.line = part * cursor.each % cursor.lines;
    return cursor;
}

/* Fetches the lines of a part */
INLINE void ahead_fetch(struct ahead_cursor *cursor)
{
    const struct ahead *ahead = &cursor->ahead;
    for (size_t i = 0; i < cursor->each && cursor->row < ahead->count; i++) {
        __builtin_prefetch(ahead->x + ahead->rows[cursor->row] * ahead->width + cursor->line * AHEAD_LINE, 0, 3);
        if (++cursor->line == cursor->lines)
            cursor->line = 0, cursor->row++;
    }
}

#endif
