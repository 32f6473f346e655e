/* Near misses by optimal string alignment: the fewest insertions, deletions, replacements and swaps of neighbours that turn one
   name into the other, each place touched once (Boytsov, "Indexing methods for approximate dictionary searching", 2011). */
#include "support/suggest.h"

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

/* What a slip costs. Letters in the wrong order, and one struck twice or once instead of twice, are likelier than others; so each
   costs a little less, but the number of slips always counts first. */
enum { SLIP = 16, SWAP = SLIP - 2, DOUBLE = SLIP - 3, CUT = SLIP - 4, FIRST = 1, UNFIT = 5 };

static size_t cost_of_extra(struct str text, size_t at)
{
    bool doubled = (at > 0 && same(text.at[at], text.at[at - 1])) || (at + 1 < text.len && same(text.at[at], text.at[at + 1]));
    return doubled ? DOUBLE : SLIP;
}

/* The cheapest way to turn `a` into `b`; more than `limit` where it costs more than that. */
static size_t cost_of(struct str a, struct str b, size_t limit)
{
    size_t difference = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (difference * DOUBLE > limit || a.len > LONGEST || b.len > LONGEST)
        return equal_ignoring_case(a, b) ? 0 : limit + 1;
    /* rows[i % 3][j] is the cost between the first i bytes of a and the first j of b. */
    size_t rows[3][LONGEST + 1];
    rows[0][0] = 0;
    for (size_t j = 1; j <= b.len; j++)
        rows[0][j] = rows[0][j - 1] + cost_of_extra(b, j - 1);
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
        size_t extra = cost_of_extra(a, i - 1), best = row[0] = above[0] + extra;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = above[j - 1] + (same(a.at[i - 1], b.at[j - 1]) ? 0 : SLIP);
            row[j] = least(replaced, least(above[j] + extra, row[j - 1] + cost_of_extra(b, j - 1)));
            if (i > 1 && j > 1 && same(a.at[i - 1], b.at[j - 2]) && same(a.at[i - 2], b.at[j - 1]))
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + SWAP);
            best = least(best, row[j]);
        }
        /* The least of a row never shrinks by more than a swap spares the row between. */
        if (best > limit + SLIP)
            return limit + 1;
    }
    return least(rows[a.len % 3][b.len], limit + 1);
}

/* Slips that cost so much: each is at least DOUBLE and at most SLIP. */
static size_t slips_of(size_t cost)
{
    return (cost + SLIP - 1) / SLIP;
}

size_t suggest_distance(struct str a, struct str b, size_t limit)
{
    size_t cost = cost_of(a, b, limit * SLIP);
    return cost > limit * SLIP ? limit + 1 : slips_of(cost);
}

/* Whether `wanted` is how the candidate begins, and enough of it to tell: `acc` is meant for `accuracy` rather than for `auc`. */
static bool cut_short(struct str wanted, struct str candidate)
{
    enum { TELLING = 3 };
    return wanted.len >= TELLING && wanted.len < candidate.len &&
           equal_ignoring_case(wanted, (struct str){candidate.at, wanted.len});
}

/* How many slips a name may be from what was written: one in a short name, one more for every three letters. */
static size_t tolerance(size_t length)
{
    return length < 2 ? 0 : length < 6 ? 1 : least(length / 3, 3);
}

void suggest_start(struct suggestion *suggestion, struct str wanted)
{
    size_t limit = tolerance(wanted.len);
    *suggestion = (struct suggestion){wanted, {"", 0}, limit * SLIP + FIRST + UNFIT + 1, limit};
}

static void offer(struct suggestion *suggestion, struct str candidate, size_t penalty)
{
    struct str wanted = suggestion->wanted;
    if (suggestion->cost == 0 || candidate.len == 0 || suggestion->cost <= penalty)
        return;
    size_t most = least(suggestion->cost - 1 - penalty, suggestion->limit * SLIP);
    size_t cost = cut_short(wanted, candidate) ? CUT : cost_of(wanted, candidate, most);
    if (cost > most)
        return;
    cost += penalty + (wanted.len && cost && !same(wanted.at[0], candidate.at[0]) ? FIRST : 0);
    if (cost < suggestion->cost) {
        suggestion->cost = cost;
        suggestion->best = candidate;
    }
}

void suggest_offer(struct suggestion *suggestion, struct str candidate)
{
    offer(suggestion, candidate, 0);
}

void suggest_offer_unfit(struct suggestion *suggestion, struct str candidate)
{
    offer(suggestion, candidate, UNFIT);
}
