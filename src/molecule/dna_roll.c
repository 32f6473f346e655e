/* Canonical form of repeats: smallest period first, then leftmost, then the longest run, until nothing rolls any more; inner chains
   for themselves. `R8-R8-T8-R8-R8-T8` is `R8*2-T8-R8*2-T8` and then `(R8*2-T8)*2`.

   A run of p tokens repeats where the genes are equal and the taps correspond: a tap to a stage inside the run, to the same stage of
   the copy; one to a stage outside, to that very stage. A run is closed where no label of it is used behind it; only the last copy's
   last stage may be named for later use, and that label becomes the token's.

   Finding a square (two neighbouring copies) of period p by comparing each token with the one p further on would take time
   quadratic in the chain over all p. But a square holds a token at a multiple of p that equals the one p further on. So only those
   are looked at, and extended to both sides where they are equal: in all L/1 + L/2 + L/3 … = L log L looks (Main and Lorentz, "An
   O(n log n) algorithm for finding all repetitions in a string", J. Algorithms 5, 1984, use the same anchor points). Hashes choose
   the candidates, comparison of the genes decides. */
#include "molecule/dna_roll.h"

#include <string.h>

#include "support/hash.h"
#include "support/memory.h"

/* ---- what is known beforehand ---- */

static void hash_subtrees(struct roll *roll, uint32_t count)
{
    const struct molecule *molecule = roll->molecule;
    for (uint32_t i = count; i-- > 0;) {
        const struct gene *gene = &molecule->genes[roll->first + i];
        uint64_t hash = gene_hash(gene, molecule->indices);
        for (uint32_t child = i + 1; child < i + gene->size; child += molecule->genes[roll->first + child].size)
            hash = hash_u64(hash, roll->bare[child]);
        roll->bare[i] = hash;
    }
}

static void note_labels(struct roll *roll)
{
    const struct molecule *molecule = roll->molecule;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        if (gene->label == 0 || gene->label >= FREE_LABEL)
            continue;
        if (gene->kind == GENE_TAP)
            roll->used_last_at[gene->label] = i;
        else
            roll->defined_at[gene->label] = i;
    }
}

bool roll_init(struct roll *roll, const struct molecule *molecule, uint32_t gene)
{
    uint32_t count = molecule->genes[gene].size;
    size_t tokens = 2 * (size_t)count * sizeof *roll->tokens, hashes = count * sizeof *roll->bare;
    size_t labels = molecule->labels > 0 ? 2 * ((size_t)molecule->labels + 1) * sizeof *roll->defined_at : 0;
    *roll = (struct roll){.molecule = molecule, .first = gene};
    roll->tokens = mem_alloc(tokens + hashes + labels);
    if (!roll->tokens)
        return false;
    roll->bare = (uint64_t *)(roll->tokens + 2 * (size_t)count);
    roll->defined_at = (uint32_t *)(roll->bare + count);
    roll->used_last_at = roll->defined_at + molecule->labels + 1;
    hash_subtrees(roll, count);
    if (molecule->labels > 0)
        note_labels(roll);
    return true;
}

void roll_release(struct roll *roll)
{
    mem_free(roll->tokens);
    *roll = (struct roll){0};
}

/* ---- comparing ---- */

/* Whether two taps at corresponding places of parts that start at `a` and `b` (a < b) correspond. */
static bool taps_correspond(const struct roll *roll, uint32_t a, uint32_t a_label, uint32_t b, uint32_t b_label)
{
    if (a_label >= FREE_LABEL || b_label >= FREE_LABEL || roll->defined_at[a_label] < a)
        return a_label == b_label;
    return roll->defined_at[b_label] == roll->defined_at[a_label] + (b - a);
}

/* Whether the genes of `p` tokens at `a` and at `b`, further on, are equal and their taps correspond. */
static bool same_genes(const struct roll *roll, const struct token *a, const struct token *b, size_t p)
{
    const struct molecule *molecule = roll->molecule;
    uint32_t from = a->gene, to = b->gene, count = a[p - 1].end - from;
    if (b[p - 1].end - to != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct gene *x = &molecule->genes[from + i], *y = &molecule->genes[to + i];
        if (!gene_equal(x, molecule->indices, y, molecule->indices))
            return false;
        if (x->kind == GENE_TAP && !taps_correspond(roll, from, x->label, to, y->label))
            return false;
    }
    return true;
}

/* Whether no label that these tokens define is used behind them; `last`: the last token's may be. */
static bool closed(const struct roll *roll, const struct token *tokens, size_t p, bool last)
{
    if (roll->molecule->labels == 0)
        return true;
    if (!last && tokens[p - 1].label != 0)
        return false;
    for (size_t i = 0; i + 1 < p; i++)
        if (tokens[i].label != 0 && roll->used_last_at[tokens[i].label] >= tokens[p - 1].end)
            return false;
    return true;
}

static bool same_tokens(const struct roll *roll, const struct token *a, const struct token *b, size_t p)
{
    for (size_t i = 0; i + 1 < p; i++)
        if (a[i].key != b[i].key)
            return false;
    return a[p - 1].bare == b[p - 1].bare && same_genes(roll, a, b, p);
}

/* How often the `p` tokens at `tokens` stand there in a row; 1 where they do not repeat. */
static size_t run_length(const struct roll *roll, const struct token *tokens, const struct token *end, size_t p)
{
    if (!closed(roll, tokens, p, false))
        return 1;
    size_t times = 1;
    for (const struct token *next = tokens + p; (size_t)(end - next) >= p && same_tokens(roll, tokens, next, p); next += p) {
        if (closed(roll, next, p, false)) {
            times++;
            continue;
        }
        return closed(roll, next, p, true) ? times + 1 : times;
    }
    return times;
}

/* ---- rolling ---- */

/* The leftmost run of period `p` from `from` on, and its length in `times`; `count` where there is none. */
static size_t find_run(const struct roll *roll, const struct token *tokens, size_t from, size_t count, size_t p, size_t *times)
{
    for (size_t anchor = (from + p - 1) / p * p; anchor + p < count; anchor += p) {
        size_t right = 0, left = 0;
        /* The anchor lies in the first copy, which ends before `anchor + p` and must be closed. */
        uint32_t label = tokens[anchor].label;
        if (label && roll->used_last_at[label] >= tokens[anchor + p - 1].end)
            continue;
        while (right < p && anchor + p + right < count && tokens[anchor + right].key == tokens[anchor + p + right].key)
            right++;
        /* A run's very last stage may have a label that its copies have not. */
        if (right < p && anchor + p + right < count && tokens[anchor + right].bare == tokens[anchor + p + right].bare)
            right++;
        while (left + 1 < p && anchor - left > from && tokens[anchor - left - 1].key == tokens[anchor + p - left - 1].key)
            left++;
        for (size_t start = anchor - left; start + p <= anchor + right; start++) {
            *times = run_length(roll, tokens + start, tokens + count, p);
            if (*times > 1)
                return start;
        }
    }
    return count;
}

/* One token for `times` repetitions of the `p` tokens at `first`; `pool` takes the tokens of one. */
static struct token rolled(const struct token *first, size_t p, size_t times, struct token *pool, size_t *pooled)
{
    const struct token *last = first + p * times - 1;
    struct token token = {.gene = first->gene, .end = last->end, .times = (uint32_t)times, .label = last->label};
    uint64_t hash = hash_u64(times, p);
    for (size_t i = 0; i < p; i++)
        hash = hash_u64(hash, first[i].key);
    token.bare = hash;
    if (p == 1 && first->times == 1)
        return token;
    token.body = pool + *pooled;
    token.body_count = (uint32_t)p;
    for (size_t i = 0; i < p; i++)
        pool[(*pooled)++] = first[i];
    return token;
}

static void set_key(const struct roll *roll, struct token *token)
{
    token->key = token->label ? hash_u64(token->bare, roll->used_last_at[token->label] - token->end) : token->bare;
}

/* Rolls all runs of period `p`, from left to right; the number of tokens after. */
static size_t roll_period(const struct roll *roll, struct token *tokens, size_t count, size_t p, struct token *pool, size_t *pooled)
{
    size_t read = 0, written = 0, times = 1;
    while (read < count) {
        size_t start = find_run(roll, tokens, read, count, p, &times);
        if (written < read)
            memmove(tokens + written, tokens + read, (start - read) * sizeof *tokens);
        written += start - read;
        if (start == count)
            break;
        struct token token = rolled(tokens + start, p, times, pool, pooled);
        set_key(roll, &token);
        tokens[written++] = token;
        read = start + p * times;
    }
    return written;
}

struct token *roll_chain(struct roll *roll, uint32_t gene, size_t *count)
{
    const struct gene *genes = roll->molecule->genes;
    size_t stages = genes[gene].count, pooled = 0;
    struct token *tokens = roll->tokens + roll->token_count, *pool = tokens + stages;
    roll->token_count += 2 * stages;
    uint32_t at = gene + 1;
    for (size_t i = 0; i < stages; i++, at += genes[at].size) {
        tokens[i] = (struct token){.bare = roll->bare[at - roll->first], .gene = at, .end = at + genes[at].size, .times = 1};
        tokens[i].label = genes[at].kind == GENE_TAP ? 0 : genes[at].label;
        set_key(roll, &tokens[i]);
    }
    size_t p = 1;
    while (2 * p <= stages) {
        size_t left = roll_period(roll, tokens, stages, p, pool, &pooled);
        p = left < stages ? 1 : p + 1;
        stages = left;
    }
    *count = stages;
    return tokens;
}
