/* Children: a parent, or two, drawn from the order of merit; a rule that fires at a place drawn by chance, or a crossing. Whatever comes
   out must be within the limits, else another one is drawn.

   Crossing aligns stages by descent. Each gene has a number: a founder's genes have fresh ones, a rewritten molecule's have those of
   the genes they come from, and new ones where they come from none. */
#include <math.h>
#include <string.h>

#include "engine/perturb.h"
#include "engine/transplant.h"
#include "lab/search.h"
#include "support/hash.h"
#include "support/memory.h"

/* Draws for one child before it stays what its parent is. */
enum { child_draws = 30, crossing_draws = 5 };

/* Steps of the mutation of weights, drawn alike: fine ones to settle, coarse ones to get anywhere. */
static const double weight_steps[] = {0.1, 0.5, 2};
enum { WEIGHT_STEPS = sizeof weight_steps / sizeof *weight_steps };

/* What a draw makes; without a form where it gave nothing. */
struct child {
    struct newborn newborn;
    struct birth birth;
};

/* ---- one draw ---- */

/* Number of a mutation; mutation_count: a training gene is to be drawn. */
static size_t draw_mutation(const struct evolve_options *options, struct random *random)
{
    double sum = options->retrain;
    for (size_t i = 0; i < options->mutation_count; i++)
        sum += options->mutations[i].weight;
    double left = random_unit(random) * sum - options->retrain;
    size_t drawn = options->mutation_count;
    for (size_t i = 0; i < options->mutation_count && left >= 0; i++) {
        if (options->mutations[i].weight > 0) {
            drawn = i;
            left -= options->mutations[i].weight;
        }
    }
    return drawn;
}

/* ---- genes of the training ---- */

/* One of them, which has another choice, drawn anew: the others' weight in the variant stays. */
static uint32_t redraw_gene(const struct evolve_options *options, uint32_t variant, struct random *random)
{
    uint32_t open = 0, place = 1;
    for (uint32_t i = 0; i < options->gene_count; i++)
        open += options->gene_sizes[i] > 1;
    uint32_t drawn = random_below(random, open);
    for (uint32_t i = 0; i < options->gene_count; place *= options->gene_sizes[i++])
        if (options->gene_sizes[i] > 1 && drawn-- == 0) {
            const uint32_t size = options->gene_sizes[i], old = variant / place % size;
            return variant - old * place + (old + 1 + random_below(random, size - 1)) % size * place;
        }
    return variant;
}

/* Each gene from either parent. */
static uint32_t cross_genes(const struct evolve_options *options, uint32_t a, uint32_t b, struct random *random)
{
    uint32_t variant = 0, place = 1;
    for (uint32_t i = 0; i < options->gene_count; place *= options->gene_sizes[i++])
        variant += (random_below(random, 2) ? a : b) / place % options->gene_sizes[i] * place;
    return variant;
}

/* ---- what a draw gives ---- */

static void child_drop(struct search *search, struct child *child)
{
    if (child->newborn.weights)
        weights_give(search, child->newborn.weights, child->newborn.form->work->plan->param_count);
    descent_release(child->newborn.descent);
    child->newborn = (struct newborn){0};
}

/* Drops a child that is its parent again. */
static void refuse_same(struct search *search, const struct individual *parent, struct child *child)
{
    const struct newborn *newborn = &child->newborn;
    if (newborn->form == parent->form && child->birth.variant == parent->variant &&
        (!newborn->weights ||
         memcmp(newborn->weights, archive_weights(parent), parent->form->work->plan->param_count * sizeof *newborn->weights) == 0))
        child_drop(search, child);
}

/* A child of its parent's form; `moved`: with other weights, where there are some that can be moved. */
static bool same_form(struct search *search, const struct individual *parent, bool moved, struct random *random,
                      struct newborn *newborn)
{
    const struct plan *plan = parent->form->work->plan;
    const bool inherit = search->options->inherit;
    if (moved && !inherit)
        return true;
    if (inherit) {
        newborn->weights = weights_take(search, plan->param_count);
        if (!newborn->weights)
            return search_out_of_memory(search);
        const float *from = archive_weights(parent);
        if (!moved)
            memcpy(newborn->weights, from, plan->param_count * sizeof *from);
        else if (!params_perturb(plan, weight_steps[random_below(random, WEIGHT_STEPS)], random, from, newborn->weights)) {
            weights_give(search, newborn->weights, plan->param_count);
            newborn->weights = NULL;
            return true;
        }
    }
    newborn->form = parent->form;
    newborn->descent = descent_retain(parent->descent);
    return true;
}

/* False where a rule failed. */
static bool mutate(struct search *search, const struct individual *parent, struct random *random, struct child *child)
{
    const struct evolve_options *options = search->options;
    const size_t number = draw_mutation(options, random);
    child->birth.other = NOBODY;
    child->birth.variant = parent->variant;
    if (number == options->mutation_count) {
        child->birth.by = BORN_BY_TRAINING;
        child->birth.variant = redraw_gene(options, parent->variant, random);
        return same_form(search, parent, false, random, &child->newborn);
    }
    child->birth.by = BORN_BY_MUTATION + (uint32_t)number;
    if (!options->mutations[number].apply)
        return same_form(search, parent, true, random, &child->newborn);
    return passage_by_mutation(search, parent, number, random, &child->newborn);
}

/* False where memory is exhausted. */
static bool cross(struct search *search, const struct individual *parent, struct random *random, struct child *child)
{
    const size_t number = search->population[select_parent(&search->ranking, &search->options->select, random)];
    const struct individual *other = individual_at(search, number);
    child->birth.by = BORN_BY_CROSSING;
    child->birth.variant = cross_genes(search->options, parent->variant, other->variant, random);
    child->birth.other = (uint32_t)number;
    return form_wake(search, other->form) && passage_by_crossing(search, parent, other, random, &child->newborn);
}

/* ---- children ---- */

/* A child of `parent`, crossed where that succeeds in a few draws; none where no draw gave one. */
static bool draw_child(struct search *search, const struct individual *parent, struct random *random, bool crossed,
                       struct child *child)
{
    for (int draw = 0; draw < child_draws && !child->newborn.form; draw++) {
        const bool crossing = crossed && draw < crossing_draws;
        if (!crossing && search->options->mutation_count == 0 && !(search->options->retrain > 0))
            break;
        if (!(crossing ? cross : mutate)(search, parent, random, child)) {
            child_drop(search, child);
            return false;
        }
        if (child->newborn.form)
            refuse_same(search, parent, child);
    }
    return true;
}

/* A child of the individual `parent`; the parent itself where no draw gave one. */
static bool make_child(struct search *search, size_t parent, uint32_t generation, struct random *random, bool crossed,
                       size_t *index)
{
    const struct individual *individual = individual_at(search, parent);
    struct child child = {.birth = {.generation = generation, .parent = (uint32_t)parent, .other = NOBODY}};
    *index = parent;
    return form_wake(search, individual->form) && draw_child(search, individual, random, crossed, &child) &&
           (!child.newborn.form || archive_enter(search, &child.newborn, &child.birth, index));
}

static struct random child_stream(const struct search *search, uint32_t generation, uint32_t child)
{
    return random_stream(search->options->seed, RANDOM_EVOLVE, (uint64_t)generation * search->options->population + child);
}

/* ---- founders ---- */

/* The weights that a founder has by itself, others fresh. */
static bool founder_weights(struct search *search, const struct molecule *molecule, struct newborn *newborn)
{
    const struct form_work *work = newborn->form->work;
    newborn->weights = weights_take(search, work->plan->param_count);
    if (!newborn->weights)
        return search_out_of_memory(search);
    memcpy(newborn->weights, work->start, work->plan->param_count * sizeof *newborn->weights);
    transplant(work->plan, molecule, newborn->weights);
    return true;
}

/* What a founder is made of, but for its descent. Where weights are inherited, a molecule has its head: its weights are handed on, too. */
static bool make_founder(struct search *search, const struct molecule *founder, struct newborn *newborn)
{
    const bool inherit = search->options->inherit;
    const struct molecule *molecule =
        inherit ? molecule_for_data(founder, search->data, search->options->train.loss, SPAN_NONE, search->diags)
                : molecule_retain(founder);
    newborn->form = molecule ? form_of(search, molecule, search->diags) : NULL;
    const bool well = newborn->form && (!inherit || founder_weights(search, molecule, newborn));
    molecule_release(molecule);
    return well;
}

static bool enter_founder(struct search *search, const struct molecule *founder, size_t *index)
{
    struct child child = {.birth = {.parent = NOBODY, .other = NOBODY}};
    if (make_founder(search, founder, &child.newborn))
        return archive_enter(search, &child.newborn, &child.birth, index) &&
               (individual_at(search, *index)->descent || archive_remake_descent(search, *index));
    child_drop(search, &child);
    return false;
}

/* ---- by chance alone ---- */

/* A step of a walk: whoever came of it takes the place of who it came of. False where a rule failed. */
static bool walk_on(struct search *search, struct random *random, struct child *walker)
{
    const struct individual here = {.form = walker->newborn.form,
                                    .descent = walker->newborn.descent,
                                    .weights = walker->newborn.weights,
                                    .variant = walker->birth.variant};
    struct child next = {.birth = walker->birth};
    if (!form_wake(search, here.form) || !draw_child(search, &here, random, false, &next))
        return false;
    if (next.newborn.form) {
        child_drop(search, walker);
        walker->newborn = next.newborn;
        walker->birth.variant = next.birth.variant;
    }
    return true;
}

/* A sample of what the rules can reach that knows of no other one: it walks from a founder by as many mutations as an evolution could have
   made, from one to the number of generations, and stands in the lineage without a parent. */
static bool draw_sample(struct search *search, uint32_t generation, uint32_t number, size_t *index)
{
    const struct evolve_options *options = search->options;
    struct random random = child_stream(search, generation, number);
    struct child walker = {.birth = {.generation = generation, .parent = NOBODY, .other = NOBODY, .by = BORN_FOUNDER}};
    const struct molecule *founder = search->founders[random_below(&random, (uint32_t)search->founder_count)];
    bool well = make_founder(search, founder, &walker.newborn);
    walker.newborn.descent = well ? descent_of(walker.newborn.form, number) : NULL;
    if (well && !walker.newborn.descent)
        well = search_out_of_memory(search);
    if (options->retrain > 0 && options->variant_count > 0)
        walker.birth.variant = random_below(&random, options->variant_count);
    const uint32_t steps = 1 + (options->generations > 0 ? random_below(&random, options->generations) : 0);
    for (uint32_t i = 0; well && i < steps; i++)
        well = walk_on(search, &random, &walker);
    if (well)
        return archive_enter(search, &walker.newborn, &walker.birth, index);
    child_drop(search, &walker);
    return false;
}

/* ---- generations ---- */

bool breed_founders(struct search *search)
{
    const size_t founder_count = search->founder_count;
    for (size_t i = 0; i < founder_count; i++)
        if (!enter_founder(search, search->founders[i], &search->children[i]))
            return false;
    if (search->options->select.kind == SELECT_RANDOM)
        return breed_children(search, 0, (uint32_t)founder_count, search->options->population);
    size_t turn = 0;
    for (uint32_t i = (uint32_t)founder_count; i < search->options->population; i++) {
        struct random random = child_stream(search, 0, i);
        if (!make_child(search, search->children[turn], 0, &random, false, &search->children[i]))
            return false;
        turn = turn + 1 < founder_count ? turn + 1 : 0;
    }
    return true;
}

bool breed_children(struct search *search, uint32_t generation, uint32_t from, uint32_t to)
{
    const bool chance = search->options->select.kind == SELECT_RANDOM;
    for (uint32_t i = from; chance && i < to; i++)
        if (!draw_sample(search, generation, i, &search->children[i]))
            return false;
    for (uint32_t i = from; !chance && i < to; i++) {
        struct random random = child_stream(search, generation, i);
        const size_t parent = search->population[select_parent(&search->ranking, &search->options->select, &random)];
        const bool crossed = search->options->crossover > 0 && random_unit(&random) < search->options->crossover;
        if (!make_child(search, parent, generation, &random, crossed, &search->children[i]))
            return false;
    }
    return true;
}
