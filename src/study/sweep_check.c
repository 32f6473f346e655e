/* nel check of a sweep. A few cells are all evaluated. Of many, only as many as tell all cells' trainings apart:

   - First every value that an axis has is met in some cell; of more numbers than a handful the first ones and the last.
   - An axis whose values change neither molecule nor data nor options of the trainings (a seed) needs no more. Cells that agree in
     all other axes are of one kind, and the first of each kind is evaluated.

   What a cell notes of its trainings counts for all of its kind. The table is that of the cells evaluated, with one row for all where
   there are others. */
#include "study/sweep.h"

#include "interp/unknown.h"
#include "study/costs.h"
#include "support/hash.h"
#include "support/limits.h"
#include "support/memory.h"

/* Sweeps of so many cells are evaluated whole. */
#define CELLS_ALL 64
/* Values of one axis that are each met in a cell. */
#define NUMBERS_MET 6
#define VALUES_MET  64
/* Kinds of cells evaluated; of more, evenly many stand for their neighbours. */
#define KINDS_MOST 256

/* Numbers from 0 for hashes, in the order in which they come. */
struct numbering {
    uint64_t *keys; /* [size] 0: free */
    size_t *numbers;
    size_t size, count;
};

static bool numbering_init(struct numbering *numbering, size_t most)
{
    numbering->size = 64;
    while (numbering->size < 2 * most)
        numbering->size *= 2;
    numbering->keys = mem_array(numbering->size, sizeof *numbering->keys);
    numbering->numbers = mem_array(numbering->size, sizeof *numbering->numbers);
    return numbering->keys && numbering->numbers;
}

static void numbering_release(struct numbering *numbering)
{
    mem_free(numbering->keys);
    mem_free(numbering->numbers);
}

static size_t *numbering_slot(const struct numbering *numbering, uint64_t key)
{
    size_t at = key & (numbering->size - 1);
    while (numbering->keys[at] != 0 && numbering->keys[at] != key)
        at = (at + 1) & (numbering->size - 1);
    return &numbering->numbers[at];
}

static uint64_t *numbering_key(const struct numbering *numbering, const size_t *slot)
{
    return &numbering->keys[slot - numbering->numbers];
}

static bool numbering_has(const struct numbering *numbering, uint64_t key)
{
    return *numbering_key(numbering, numbering_slot(numbering, key)) != 0;
}

static size_t numbering_number(struct numbering *numbering, uint64_t key)
{
    size_t *slot = numbering_slot(numbering, key);
    uint64_t *held = numbering_key(numbering, slot);
    if (*held == 0) {
        *held = key;
        *slot = numbering->count++;
    }
    return *slot;
}

/* Never 0, which marks a free place. */
static uint64_t axis_hash(const struct cell *cell, uint32_t axis)
{
    uint64_t hash = hash_u64(HASH_START + axis, value_hash(cell->axes[axis]));
    return hash ? hash : 1;
}

/* ---- evaluating ---- */

/* An error of the body is likely to be one of every cell's: the first cells that have one are enough. */
#define FAILURES_MOST 4

static bool evaluate(struct sweep *sweep, size_t index)
{
    struct eval *eval = sweep->eval;
    struct cell *cell = &sweep->cells.at[index];
    if (cell->done)
        return true;
    if (eval_stopped(eval, sweep->node->span))
        return false;
    cell->costs = eval->costs ? costs_new() : NULL;
    if (eval->costs && !cell->costs)
        return diag_out_of_memory(eval->diags, sweep->node->span);
    pthread_mutex_unlock(&eval->state->lock);
    sweep_run_cell(sweep, index);
    pthread_mutex_lock(&eval->state->lock);
    text_release(&cell->printed);
    sweep->failures += failed(cell->result);
    return true;
}

static bool evaluate_all(struct sweep *sweep)
{
    bool well = true;
    for (size_t i = 0; well && i < sweep->cells.count && sweep->failures < FAILURES_MOST; i++)
        well = evaluate(sweep, i);
    return well;
}

/* ---- first: every value in some cell ---- */

static bool meets_new_value(const struct sweep *sweep, const struct cell *cell, const struct numbering *met, const size_t *counts)
{
    for (uint32_t axis = 0; axis < sweep->axis_count; axis++) {
        size_t most = cell->axes[axis].kind == VALUE_NUMBER ? NUMBERS_MET : VALUES_MET;
        if (counts[axis] < most && !numbering_has(met, axis_hash(cell, axis)))
            return true;
    }
    return false;
}

static bool evaluate_values(struct sweep *sweep, struct numbering *met, size_t *counts)
{
    bool well = true;
    for (size_t i = 0; well && i < sweep->cells.count && sweep->failures < FAILURES_MOST; i++) {
        const struct cell *cell = &sweep->cells.at[i];
        if (!meets_new_value(sweep, cell, met, counts) && i + 1 < sweep->cells.count)
            continue;
        well = evaluate(sweep, i);
        for (uint32_t axis = 0; axis < sweep->axis_count && met->count < met->size / 2; axis++) {
            size_t before = met->count;
            numbering_number(met, axis_hash(cell, axis));
            counts[axis] += met->count > before;
        }
    }
    return well;
}

/* ---- then: which axes tell trainings apart ---- */

/* The axes in which two cells differ; how many. */
static uint32_t differing(const struct sweep *sweep, const struct cell *a, const struct cell *b, bool *differ)
{
    uint32_t count = 0;
    for (uint32_t axis = 0; axis < sweep->axis_count; axis++) {
        differ[axis] = axis_hash(a, axis) != axis_hash(b, axis);
        count += differ[axis];
    }
    return count;
}

/* Cells that differ from the first one in a single axis tell that axis; of what they leave unexplained, every axis counts. */
static void find_shaping(const struct sweep *sweep, bool *shaping, bool *differ)
{
    const struct cell *first = &sweep->cells.at[0];
    for (int single = 1; single >= 0; single--)
        for (size_t i = 1; i < sweep->cells.count; i++) {
            const struct cell *cell = &sweep->cells.at[i];
            if (!cell->done || !cell->costs || costs_alike(first->costs, cell->costs) ||
                (differing(sweep, first, cell, differ) == 1) != single)
                continue;
            bool explained = false;
            for (uint32_t axis = 0; axis < sweep->axis_count; axis++)
                explained = explained || (differ[axis] && shaping[axis]);
            for (uint32_t axis = 0; !explained && axis < sweep->axis_count; axis++)
                shaping[axis] = shaping[axis] || differ[axis];
        }
}

/* ---- and the first cell of each kind ---- */

static uint64_t kind_hash(const struct sweep *sweep, const struct cell *cell, const bool *shaping)
{
    uint64_t hash = HASH_START;
    for (uint32_t axis = 0; axis < sweep->axis_count; axis++)
        if (shaping[axis])
            hash = hash_u64(hash, axis_hash(cell, axis));
    return hash ? hash : 1;
}

struct kind {
    size_t first; /* its first cell */
    double cells;
};

static bool note_kinds(struct sweep *sweep, struct kind *kinds, size_t count)
{
    size_t stride = (count + KINDS_MOST - 1) / KINDS_MOST;
    bool well = true;
    for (size_t k = 0; well && k < count && sweep->failures < FAILURES_MOST; k += stride) {
        double cells = 0;
        for (size_t i = k; i < count && i < k + stride; i++)
            cells += kinds[i].cells;
        well = evaluate(sweep, kinds[k].first);
        if (well && sweep->eval->costs && !costs_move(sweep->eval->costs, sweep->cells.at[kinds[k].first].costs, cells))
            well = diag_out_of_memory(sweep->eval->diags, sweep->node->span);
    }
    return well;
}

static bool evaluate_kinds(struct sweep *sweep, const bool *shaping)
{
    struct numbering numbers = {0};
    struct kind *kinds = mem_array(sweep->cells.count, sizeof *kinds);
    bool well =
        (numbering_init(&numbers, sweep->cells.count) && kinds) || diag_out_of_memory(sweep->eval->diags, sweep->node->span);
    for (size_t i = 0; well && i < sweep->cells.count; i++) {
        size_t before = numbers.count;
        size_t number = numbering_number(&numbers, kind_hash(sweep, &sweep->cells.at[i], shaping));
        if (numbers.count > before)
            kinds[number].first = i;
        kinds[number].cells++;
    }
    well = well && note_kinds(sweep, kinds, numbers.count);
    numbering_release(&numbers);
    mem_free(kinds);
    return well;
}

static bool evaluate_some(struct sweep *sweep)
{
    struct numbering met = {0};
    size_t *counts = mem_array(sweep->axis_count, sizeof *counts);
    bool *shaping = mem_array(2 * (size_t)sweep->axis_count, sizeof *shaping);
    bool well = counts && shaping && numbering_init(&met, (size_t)sweep->axis_count * VALUES_MET * 4);
    well = well || diag_out_of_memory(sweep->eval->diags, sweep->node->span);
    well = well && evaluate_values(sweep, &met, counts);
    if (well && sweep->failures == 0) {
        find_shaping(sweep, shaping, shaping + sweep->axis_count);
        well = evaluate_kinds(sweep, shaping);
    }
    numbering_release(&met);
    mem_free(counts);
    mem_free(shaping);
    return well;
}

/* ---- the result ---- */

static struct value result(struct eval *eval, struct sweep *sweep)
{
    size_t kept = 0, count = sweep->cells.count;
    bool well = sweep->failures == 0;
    for (size_t i = 0; i < count; i++) { /* those evaluated to the front */
        struct cell cell = sweep->cells.at[i];
        diags_move(eval->diags, &sweep->cells.at[i].diags);
        cell.diags = (struct diags){0};
        if (!cell.done)
            continue;
        sweep->cells.at[i] = sweep->cells.at[kept];
        sweep->cells.at[kept++] = cell;
    }
    if (!well)
        return value_failed();
    sweep->cells.count = kept; /* for the table; all are released */
    struct value table = sweep_collect(eval, sweep);
    sweep->cells.count = count;
    return table.kind == VALUE_TABLE && (kept < count || sweep->open) ? table_open(eval, table.table) : table;
}

struct value sweep_check(struct eval *eval, struct sweep *sweep)
{
    size_t count = sweep->cells.count;
    if (count == 0 && sweep->open)
        return value_unknown_of(VALUE_TABLE);
    bool whole = count <= CELLS_ALL;
    if (!(whole ? evaluate_all(sweep) : evaluate_some(sweep)))
        return value_failed();
    for (size_t i = 0; whole && eval->costs && i < count; i++)
        if (sweep->cells.at[i].costs && !costs_move(eval->costs, sweep->cells.at[i].costs, 1))
            return eval_out_of_memory(eval, sweep->node->span);
    return result(eval, sweep);
}
