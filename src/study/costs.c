/* See costs.h. */
#include "study/costs.h"

#include <math.h>

#include "study/learn.h"
#include "study/trials.h"
#include "support/hash.h"
#include "support/memory.h"

/* Seconds that all measuring of a check may take; what comes later goes by the measured network with the nearest number of
   operations. */
#define MEASURING_MOST 1.0

struct costs *costs_new(void)
{
    return mem_alloc(sizeof(struct costs));
}

void costs_release(struct costs *costs)
{
    if (!costs)
        return;
    for (size_t i = 0; i < costs->rows.count; i++)
        molecule_release(costs->rows.at[i].molecule);
    for (size_t i = 0; i < costs->measured.count; i++)
        molecule_release(costs->measured.at[i].molecule);
    vec_release(&costs->rows);
    vec_release(&costs->measured);
    if (costs->prepared)
        prepared_release(costs->prepared);
    if (costs->split)
        split_release(costs->split);
    mem_free(costs);
}

/* ---- data ---- */

static bool same_parts(const struct split *a, const struct split *b)
{
    return a && a->train == b->train && a->validation == b->validation && a->test == b->test;
}

struct prepared *costs_prepare(struct eval *eval, struct split *split, double share, uint64_t seed, struct span span)
{
    struct costs *costs = eval->state->checking ? eval->state->costs : NULL;
    if (costs && costs->share == share && same_parts(costs->split, split))
        return prepared_retain(costs->prepared);
    const size_t told = eval->diags->count;
    struct prepared *prepared = prepare(split, share, seed, span, eval->diags);
    if (!costs || !prepared || eval->diags->count > told) /* a warning is for each training */
        return prepared;
    if (costs->prepared)
        prepared_release(costs->prepared);
    if (costs->split)
        split_release(costs->split);
    costs->split = split_retain(split);
    costs->prepared = prepared_retain(prepared);
    costs->share = share;
    return prepared;
}

/* ---- one row ---- */

static uint64_t hash_samples(uint64_t hash, const struct samples *samples)
{
    hash = hash_u64(hash, samples->count);
    hash = hash_u64(hash, samples->width);
    return hash_u64(hash, samples->labels ? 0 : samples->outputs);
}

/* All that the time of an epoch hangs on, but the molecule. */
static uint64_t hash_of(const struct training_plan *plan, unsigned threads)
{
    if (!plan->prepared)
        return 0;
    uint64_t hash = hash_samples(HASH_START, &plan->prepared->train);
    hash = hash_samples(hash, &plan->prepared->validation);
    hash = hash_u64(hash, plan->options->batch);
    hash = hash_u64(hash, threads);
    hash = hash_u64(hash, plan->options->optimizer);
    return hash_u64(hash, plan->options->loss);
}

static bool same_molecule(const struct molecule *a, const struct molecule *b)
{
    return a == b || (a && b && molecule_equal(a, b));
}

static bool span_equal(struct span a, struct span b)
{
    return a.source == b.source && a.start == b.start && a.end == b.end;
}

static bool row_alike(const struct cost_row *a, const struct cost_row *b)
{
    return a->kind == b->kind && span_equal(a->span, b->span) && a->options == b->options && a->epochs == b->epochs &&
           a->cost.epoch_flops == b->cost.epoch_flops && same_molecule(a->molecule, b->molecule);
}

/* The network if it was measured, and the one with the nearest number of operations. */
static const struct measured *find_measured(const struct costs *costs, const struct cost_row *row, const struct measured **nearest)
{
    double least = INFINITY;
    *nearest = NULL;
    for (size_t i = 0; i < costs->measured.count; i++) {
        const struct measured *at = &costs->measured.at[i];
        if (at->options == row->options && molecule_equal(at->molecule, row->molecule))
            return at;
        const double ratio = fabs(log((at->epoch_flops + 1) / (row->cost.epoch_flops + 1)));
        if (at->epoch_seconds > 0 && ratio < least) {
            *nearest = at;
            least = ratio;
        }
    }
    return NULL;
}

/* Seconds of an epoch of the row, NaN where nothing tells them. */
static double measure(struct costs *costs, const struct cost_row *row, const struct training_plan *plan, unsigned threads)
{
    const struct measured *nearest, *same = find_measured(costs, row, &nearest);
    if (same)
        return same->epoch_seconds;
    if (costs->measuring > MEASURING_MOST)
        return nearest ? nearest->epoch_seconds * (row->cost.epoch_flops + 1) / (nearest->epoch_flops + 1) : NAN;
    const double began = clock_seconds();
    struct train_options options = *plan->options;
    options.threads = threads;
    struct measured measured = {plan->molecule, row->options, row->cost.epoch_flops,
                                cost_measure(plan->molecule, plan->prepared, &options, &row->cost)};
    costs->measuring += clock_seconds() - began;
    if (vec_push(&costs->measured, measured)) /* else it is measured again */
        molecule_retain(plan->molecule);
    return measured.epoch_seconds;
}

static bool add_row(struct costs *costs, const struct cost_row *row, double trainings, double cells)
{
    for (size_t i = 0; i < costs->rows.count; i++) {
        struct cost_row *at = &costs->rows.at[i];
        if (row_alike(at, row)) {
            at->trainings += trainings;
            at->cells += cells;
            return true;
        }
    }
    struct cost_row added = *row;
    added.trainings = trainings;
    added.cells = cells;
    if (!vec_push(&costs->rows, added))
        return false;
    if (added.molecule)
        molecule_retain(added.molecule);
    return true;
}

bool costs_note(struct eval *eval, const struct training_plan *plan)
{
    struct costs *costs = eval->costs;
    if (!costs)
        return true;
    const unsigned threads = plan->trainings == 1 ? training_threads(eval) : 1; /* that one training has */
    struct cost_row row = {.kind = plan->kind,
                           .span = plan->span,
                           .molecule = plan->molecule,
                           .epochs = plan->epochs,
                           .most = plan->most,
                           .options = hash_of(plan, threads),
                           .epoch_seconds = NAN};
    if (plan->molecule && plan->prepared) {
        if (!cost_of(plan->molecule, plan->prepared, plan->options, &row.cost, eval->diags))
            return false;
        row.epoch_seconds = measure(eval->state->costs, &row, plan, threads);
        if (plan->most_params > row.cost.params && row.cost.params > 0) { /* operations grow with the parameters */
            const double times = plan->most_params / row.cost.params;
            row.cost.epoch_flops *= times;
            row.epoch_seconds *= times;
        }
    }
    return add_row(costs, &row, plan->trainings, 0) || diag_out_of_memory(eval->diags, plan->span);
}

bool costs_move(struct costs *to, struct costs *from, double cells)
{
    bool well = true;
    for (size_t i = 0; well && i < from->rows.count; i++) {
        const struct cost_row *row = &from->rows.at[i];
        well = add_row(to, row, row->trainings * cells, fmax(1, row->cells) * cells);
    }
    return well;
}

bool costs_alike(const struct costs *a, const struct costs *b)
{
    if (a->rows.count != b->rows.count)
        return false;
    for (size_t i = 0; i < a->rows.count; i++)
        if (!row_alike(&a->rows.at[i], &b->rows.at[i]) || a->rows.at[i].trainings != b->rows.at[i].trainings)
            return false;
    return true;
}
