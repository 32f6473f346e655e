/* Near misses by optimal string alignment: the fewest insertions, deletions, replacements and swaps of neighbours that turn one
   name into the other, each place touched once (Boytsov, "Indexing methods for approximate dictionary searching", 2011). */
#include "support/suggest.h"

#include <string.h>

enum { LONGEST = 64 }; /* names longer than this are compared for equality only */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b)
{
    return lower(a) == lower(b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool equal_ignoring_case(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (!same(a.at[i], b.at[i]))
            return false;
    return true;
}

size_t suggest_distance(struct str a, struct str b, size_t limit)
{
    size_t difference = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (difference > limit || a.len > LONGEST || b.len > LONGEST)
        return equal_ignoring_case(a, b) ? 0 : limit + 1;
    /* rows[i % 3][j] is the distance between the first i bytes of a and the first j of b. */
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
        size_t best = row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = above[j - 1] + (same(a.at[i - 1], b.at[j - 1]) ? 0 : 1);
            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a.at[i - 1], b.at[j - 2]) && same(a.at[i - 2], b.at[j - 1]))
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
            best = least(best, row[j]);
        }
        /* The least of a row never shrinks from row to row: a swap costs one and the row between cost at most one. */
        if (best > limit)
            return limit + 1;
    }
    return least(rows[a.len % 3][b.len], limit + 1);
}

/* How far a name may be from what was written: one slip in a short name, one more for every three letters. */
static size_t tolerance(size_t length)
{
    return length < 2 ? 0 : length < 6 ? 1 : least(length / 3, 3);
}

void suggest_start(struct suggestion *suggestion, struct str wanted)
{
    *suggestion = (struct suggestion){wanted, {"", 0}, tolerance(wanted.len) + 1};
}

void suggest_offer(struct suggestion *suggestion, struct str candidate)
{
    if (suggestion->distance == 0 || candidate.len == 0)
        return;
    size_t distance = suggest_distance(suggestion->wanted, candidate, suggestion->distance - 1);
    if (distance < suggestion->distance) {
        suggestion->distance = distance;
        suggestion->best = candidate;
    }
}
