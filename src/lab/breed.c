/* Children: a parent, or two, drawn from the order of merit; a rule that fires at a place drawn by chance, or a crossing. Whatever comes
   out must be within the limits, else another one is drawn.

   Crossing aligns stages by descent. Each gene has a number: a founder's genes have fresh ones, a rewritten molecule's have those of
   the genes they come from, and new ones where they come from none. */
#include <math.h>
#include <string.h>

#include "engine/transplant.h"
#include "lab/admit.h"
#include "lab/search.h"
#include "molecule/cross.h"
#include "support/hash.h"
#include "support/memory.h"

/* Draws for one child before it stays what its parent is. */
enum { child_draws = 30, crossing_draws = 5 };

/* What a draw makes: a molecule within the limits and the descent of its genes; NULL where it gave none. */
struct child {
    struct molecule *molecule;
    uint64_t *ancestry;
    struct birth birth;
};

/* ---- descent ---- */

/* Gene `origin` of a couple's genes, those of `a` first. */
static uint64_t ancestor(const struct couple *couple, uint32_t origin, uint64_t fresh)
{
    const uint32_t first = couple->a->count;
    if (origin == 0 || origin > first + (couple->b ? couple->b->count : 0))
        return fresh;
    const uint64_t *ancestry = origin <= first ? couple->a_ancestry : couple->b_ancestry;
    return ancestry ? ancestry[origin <= first ? origin - 1 : origin - first - 1] : fresh;
}

/* A new gene's number is drawn from what its molecule is, so that it hangs on nothing else. */
static bool trace_descent(const struct search *search, struct child *child, const struct couple *couple, uint64_t salt)
{
    const struct molecule *molecule = child->molecule;
    child->ancestry = mem_array(molecule->count, sizeof *child->ancestry);
    if (!child->ancestry)
        return search_out_of_memory(search);
    for (uint32_t i = 0; i < molecule->count; i++)
        child->ancestry[i] = ancestor(couple, molecule->genes[i].origin, hash_u64(hash_u64(molecule->hash, salt), i));
    return true;
}

/* ---- one draw ---- */

/* What an individual hands on: its molecule, with the weights that it ended with where these are inherited. One reference, NULL with a
   diagnostic. */
static const struct molecule *legacy(const struct search *search, size_t index)
{
    const struct individual *individual = &search->evolution->everyone[index];
    if (!search->options->inherit || !individual->training)
        return molecule_retain(individual->molecule);
    return model_molecule(individual->training->model, SPAN_NONE, NULL, search->diags);
}

/* NULL: a training gene is to be drawn. */
static const struct mutation *draw_mutation(const struct evolve_options *options, struct random *random)
{
    double sum = options->retrain;
    for (size_t i = 0; i < options->mutation_count; i++)
        sum += options->mutations[i].weight;
    double left = random_unit(random) * sum - options->retrain;
    const struct mutation *drawn = NULL;
    for (size_t i = 0; i < options->mutation_count && left >= 0; i++) {
        if (options->mutations[i].weight > 0) {
            drawn = &options->mutations[i];
            left -= drawn->weight;
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

/* Drops a molecule that is its parent again, or beyond the limits: for reasons that nobody needs, since another one is drawn. */
static void refuse_unfit(const struct search *search, const struct molecule *parent, uint32_t variant, struct child *child)
{
    struct diags refused = {0};
    if (child->molecule &&
        ((molecule_equal(child->molecule, parent) && child->birth.variant == variant) ||
         !admit(child->molecule, search->data, search->options->train.loss, &search->options->limits, &refused))) {
        molecule_release(child->molecule);
        child->molecule = NULL;
    }
    diags_release(&refused);
}

/* False where a rule failed. */
static bool mutate(struct search *search, const struct couple *couple, struct random *random, struct child *child)
{
    const struct mutation *mutation = draw_mutation(search->options, random);
    struct diags told = {0};
    child->birth.other = -1;
    child->birth.variant = search->evolution->everyone[child->birth.parent].variant;
    if (!mutation) {
        child->birth.by = BIRTH_BY_TRAINING;
        child->birth.variant = redraw_gene(search->options, child->birth.variant, random);
        child->molecule = molecule_retain(couple->a);
        return true;
    }
    child->birth.by = mutation->name;
    child->molecule = mutation->apply(mutation->context, couple->a, random, &told);
    const bool failed = child->molecule == NULL && told.errors > 0;
    diags_move(search->diags, &told);
    diags_release(&told);
    return !failed;
}

/* False where memory is exhausted. */
static bool cross(struct search *search, struct couple *couple, struct random *random, struct child *child)
{
    const size_t other = search->population[select_parent(&search->ranking, &search->options->select, random)];
    const size_t errors = search->diags->errors;
    molecule_release(couple->b);
    couple->b = legacy(search, other);
    if (!couple->b)
        return false;
    couple->b_ancestry = search->evolution->everyone[other].ancestry;
    child->birth.by = BIRTH_BY_CROSSING;
    child->birth.variant = cross_genes(search->options, search->evolution->everyone[child->birth.parent].variant,
                                       search->evolution->everyone[other].variant, random);
    child->birth.other = (int64_t)other;
    child->molecule = random_below(random, 2) ? molecule_cut_and_splice(couple, random, search->diags)
                                              : molecule_cross_uniformly(couple, random, search->diags);
    return search->diags->errors == errors;
}

/* ---- children ---- */

/* A child of the couple's first, crossed where that succeeds in a few draws; NULL in `child` where no draw gave one. */
static bool draw_child(struct search *search, struct couple *couple, struct random *random, bool crossed, struct child *child)
{
    for (int draw = 0; draw < child_draws && !child->molecule; draw++) {
        const bool crossing = crossed && draw < crossing_draws;
        if (!crossing && search->options->mutation_count == 0 && !(search->options->retrain > 0))
            break;
        if (!crossing) {
            molecule_release(couple->b);
            couple->b = NULL;
        }
        if (!(crossing ? cross(search, couple, random, child) : mutate(search, couple, random, child)))
            return false;
        refuse_unfit(search, couple->a, search->evolution->everyone[child->birth.parent].variant, child);
    }
    return true;
}

/* Where weights are inherited, a molecule has its head: its weights are handed on, too. Takes over the reference; NULL with a
   diagnostic. */
static struct molecule *with_head(const struct search *search, const struct molecule *molecule)
{
    struct diags told = {0};
    struct molecule *whole = molecule_for_data(molecule, search->data, search->options->train.loss, &told);
    if (!whole)
        diags_move(search->diags, &told);
    diags_release(&told);
    molecule_release(molecule);
    return whole;
}

/* A child of `parent`; the parent itself where no draw gave one. */
static bool make_child(struct search *search, size_t parent, uint32_t generation, struct random *random, bool crossed,
                       size_t *index)
{
    struct couple couple = {.a = legacy(search, parent), .a_ancestry = search->evolution->everyone[parent].ancestry};
    struct child child = {.birth = {.generation = generation, .parent = (int64_t)parent}};
    *index = parent;
    bool well = couple.a && draw_child(search, &couple, random, crossed, &child);
    if (well && child.molecule && search->options->inherit)
        well = (child.molecule = with_head(search, child.molecule)) != NULL;
    if (well && child.molecule)
        well = trace_descent(search, &child, &couple, search->evolution->count)
                   ? archive_enter(search, child.molecule, child.ancestry, &child.birth, index)
                   : (molecule_release(child.molecule), false);
    molecule_release(couple.a);
    molecule_release(couple.b);
    return well;
}

static struct random child_stream(const struct search *search, uint32_t generation, uint32_t child)
{
    return random_stream(search->options->seed, RANDOM_EVOLVE, (uint64_t)generation * search->options->population + child);
}

static bool enter_founder(struct search *search, const struct molecule *founder, size_t *index)
{
    struct child child = {.birth = {.parent = -1, .other = -1}};
    child.molecule = molecule_retain(founder);
    if (search->options->inherit)
        child.molecule = with_head(search, child.molecule);
    const struct couple nobody = {.a = child.molecule};
    if (child.molecule && admit(founder, search->data, search->options->train.loss, &search->options->limits, search->diags) &&
        trace_descent(search, &child, &nobody, search->evolution->count))
        return archive_enter(search, child.molecule, child.ancestry, &child.birth, index);
    molecule_release(child.molecule);
    return false;
}

bool breed_founders(struct search *search, const struct molecule *const *founders, size_t founder_count)
{
    for (size_t i = 0; i < founder_count; i++)
        if (!enter_founder(search, founders[i], &search->children[i]))
            return false;
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
    for (uint32_t i = from; i < to; i++) {
        struct random random = child_stream(search, generation, i);
        const size_t parent = search->population[select_parent(&search->ranking, &search->options->select, &random)];
        const bool crossed = search->options->crossover > 0 && random_unit(&random) < search->options->crossover;
        if (!make_child(search, parent, generation, &random, crossed, &search->children[i]))
            return false;
    }
    return true;
}
