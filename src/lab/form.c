#include "lab/form.h"

#include <string.h>

#include "engine/cohort.h"
#include "engine/transplant.h"
#include "lab/search.h"
#include "support/hash.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/vec.h"

/* Work is shed when so much was made since the last time. */
#define WORK_BYTES ((size_t)64 << 20)

/* ---- the table ---- */

/* By hash, open addressing: 1 + index, 0 empty. Several forms may have one hash. */
static size_t *first_slot(const struct search *search, uint64_t hash)
{
    return &search->form_table[hash & (search->form_table_size - 1)];
}

static size_t *next_slot(const struct search *search, size_t *slot)
{
    return slot + 1 < search->form_table + search->form_table_size ? slot + 1 : search->form_table;
}

static void table_put(struct search *search, size_t index)
{
    size_t *slot = first_slot(search, search->evolution->forms[index]->hash);
    while (*slot != 0)
        slot = next_slot(search, slot);
    *slot = index + 1;
}

static bool table_grow(struct search *search)
{
    const size_t size = search->form_table_size > 0 ? 2 * search->form_table_size : 64;
    size_t *table = mem_array(size, sizeof *table);
    if (!table)
        return search_out_of_memory(search);
    mem_free(search->form_table);
    search->form_table = table;
    search->form_table_size = size;
    for (size_t i = 0; i < search->evolution->form_count; i++)
        table_put(search, i);
    return true;
}

void forms_index(struct search *search)
{
    if (search->form_table_size > 0)
        memset(search->form_table, 0, search->form_table_size * sizeof *search->form_table);
    for (size_t i = 0; i < search->evolution->form_count; i++)
        table_put(search, i);
}

/* Which connections a form has is known of its plan alone: one that has no plan any more is found only where the molecule says all. */
static struct form *find(const struct search *search, uint64_t hash, const struct molecule *molecule)
{
    if (search->form_table_size == 0)
        return NULL;
    for (size_t *slot = first_slot(search, hash); *slot != 0; slot = next_slot(search, slot)) {
        struct form *form = search->evolution->forms[*slot - 1];
        if (form->hash == hash && (form->work || hash == molecule->hash) && molecule_equal(form->molecule, molecule))
            return form;
    }
    return NULL;
}

/* Adds a form; takes over the reference, also on failure. */
static struct form *add(struct search *search, const struct molecule *molecule, uint64_t hash)
{
    struct evolution *evolution = search->evolution;
    struct form *form = mem_alloc(sizeof *form);
    const bool room =
        form && (evolution->form_count < search->forms_cap ||
                 vec_grow((void **)&evolution->forms, &search->forms_cap, evolution->form_count + 1, sizeof(struct form *)));
    if (!room || ((evolution->form_count + 1) * 2 > search->form_table_size && !table_grow(search))) {
        mem_free(form);
        molecule_release(molecule);
        search_out_of_memory(search);
        return NULL;
    }
    *form = (struct form){.molecule = molecule, .hash = hash, .number = (uint32_t)evolution->form_count};
    evolution->forms[evolution->form_count] = form;
    table_put(search, evolution->form_count++);
    return form;
}

/* ---- work ---- */

static void work_release(struct form_work *work)
{
    if (!work)
        return;
    molecule_release(work->whole);
    plan_release(work->plan);
    mem_free_floats(work->start);
    mem_free(work->genes);
    mem_free(work->stages);
    mem_free(work->ways);
    mem_free(work);
}

static void find_genes(const struct plan *plan, struct form_gene *genes)
{
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->weights != PLAN_NONE)
            genes[op->gene].own = op;
        if (op->learned != PLAN_NONE)
            genes[op->learned_gene].learned = op;
    }
}

static void find_stages(const struct molecule *molecule, struct form_work *work)
{
    const bool chain = molecule->genes[0].kind == GENE_CHAIN;
    for (uint32_t gene = chain ? 1 : 0; gene < molecule->count; gene += molecule->genes[gene].size) {
        struct form_stage *stage = &work->stages[work->stage_count++];
        *stage = (struct form_stage){gene, HASH_START};
        for (uint32_t i = gene; i < gene + molecule->genes[gene].size; i++)
            stage->hash = hash_u64(hash_u64(stage->hash, gene_hash(&molecule->genes[i], molecule->indices)),
                                   (uint64_t)molecule->genes[i].label << 32 | molecule->genes[i].count);
    }
}

static bool work_fill(struct search *search, const struct molecule *molecule, struct form_work *work)
{
    const struct plan *plan = work->plan;
    const bool chain = molecule->genes[0].kind == GENE_CHAIN;
    work->start = mem_floats(plan->param_count + 1);
    work->genes = mem_array(work->whole->count, sizeof *work->genes);
    work->stages = mem_array(chain ? molecule->genes[0].count : 1, sizeof *work->stages);
    work->ways = mem_array(search->options->mutation_count + 1, sizeof *work->ways);
    if (!work->start || !work->genes || !work->stages || !work->ways)
        return false;
    plan_initialise(plan, search_seed(search), work->start);
    find_genes(plan, work->genes);
    find_stages(molecule, work);
    work->side_by_side = cohort_fits(plan);
    return true;
}

/* Meets `molecule` with the data, within the limits, and compiles it. Connections that its genes carry are taken over, and their weights
   where they are not inherited by others. */
static struct form_work *work_make(struct search *search, const struct molecule *molecule, struct diags *diags)
{
    const struct evolve_options *options = search->options;
    struct form_work *work = mem_alloc(sizeof *work);
    struct graph *graph = NULL;
    struct molecule *whole = NULL;
    if (!work) {
        search_out_of_memory(search);
        return NULL;
    }
    const size_t errors = diags->errors;
    whole = admit_whole(molecule, search->data, options->train.loss, &options->limits, &graph, diags);
    work->plan = whole ? plan_compile(graph, search_seed(search), diags) : NULL;
    work->whole = work->plan ? molecule_bare(whole, diags) : NULL;
    bool well = work->whole && work_fill(search, molecule, work);
    if (well && molecule->trained)
        transplant(work->plan, whole, work->start);
    if (well && molecule->trained && options->inherit) /* they are an individual's */
        plan_initialise(work->plan, search_seed(search), work->start);
    if (!well && diags->errors == errors)
        diag_out_of_memory(diags, SPAN_NONE);
    graph_release(graph);
    molecule_release(whole);
    if (well)
        return work;
    work_release(work);
    return NULL;
}

/* ---- forms ---- */

static bool has_sparse(const struct molecule *molecule)
{
    for (uint32_t i = 0; i < molecule->count; i++)
        if (molecule->genes[i].traits.density < 1 &&
            (molecule->genes[i].kind == GENE_LAYER || molecule->genes[i].kind == GENE_OUTPUT))
            return true;
    return false;
}

static uint64_t hash_connections(uint64_t hash, const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        for (uint32_t o = 0; op->sparse && o < op->width; o++)
            hash = hash_u64(hash, op->sparse->start[o + 1]);
        for (uint64_t k = 0; op->sparse && k < op->weight_count; k++)
            hash = hash_u64(hash, op->sparse->input[k]);
    }
    return hash;
}

/* Takes over the work, also on failure. */
static struct form *put_to_work(struct search *search, struct form *form, struct form_work *work)
{
    if (!form) {
        work_release(work);
        return NULL;
    }
    form->work = work;
    form->params = (double)work->plan->trained_count;
    form->flops = work->plan->flops;
    search->work_bytes += work->plan->param_count * sizeof(float) + work->plan->op_count * sizeof(struct plan_op) + sizeof *work;
    return form;
}

struct form *form_of(struct search *search, const struct molecule *molecule, struct diags *diags)
{
    const bool inherit = search->options->inherit, drawn = inherit && has_sparse(molecule);
    struct molecule *own = inherit ? molecule_bare(molecule, diags) : molecule_retain(molecule);
    if (!own)
        return NULL;
    struct form *form = drawn ? NULL : find(search, own->hash, own);
    if (form && form->work) {
        molecule_release(own);
        return form;
    }
    struct form_work *work = work_make(search, drawn ? molecule : own, diags);
    const uint64_t hash = work && drawn ? hash_connections(own->hash, work->plan) : own->hash;
    struct form *same = work && drawn ? find(search, hash, own) : NULL;
    if (!work || same) {
        work_release(work);
        molecule_release(own);
        return same;
    }
    if (form)
        molecule_release(own);
    else
        form = add(search, own, hash);
    return put_to_work(search, form, work);
}

struct form *form_of_dead(struct search *search, const struct molecule *molecule, double params, double flops)
{
    struct form *form = find(search, molecule->hash, molecule);
    if (form)
        return form;
    form = add(search, molecule_retain(molecule), molecule->hash);
    if (form) {
        form->params = params;
        form->flops = flops;
    }
    return form;
}

bool form_wake(struct search *search, struct form *form)
{
    struct form_work *work = form->work ? NULL : work_make(search, form->molecule, search->diags);
    return form->work || (work && put_to_work(search, form, work));
}

void form_rest(struct form *form)
{
    work_release(form->work);
    mem_free(form->traces);
    form->work = NULL;
    form->traces = NULL;
}

void forms_shed(struct search *search)
{
    if (search->work_bytes < WORK_BYTES)
        return;
    search->work_bytes = 0;
    for (size_t i = 0; i < search->evolution->form_count; i++) {
        struct form *form = search->evolution->forms[i];
        if (form->holders == 0)
            form_rest(form);
    }
}

void form_release(struct form *form)
{
    if (!form)
        return;
    molecule_release(form->molecule);
    form_rest(form);
    mem_free(form);
}
