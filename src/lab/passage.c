/* From form to form. What a rule makes of a molecule, and which weight of the parent becomes which one of the child, hangs on the form and on
   the way alone, and not on the weights: so it is found out once for all who have the form.

   Which weight goes where is found by trying: the rule is applied to two networks of made-up weights, to three where factors are no powers
   of two, and each parameter that comes out is a constant, or one that went in, times a factor (a neuron that is doubled shares what reads
   it). Where it is neither, as where a sparse layer keeps its largest connections, weights are carried anew each time.

   Crossings copy stages: a child is mostly of one of its parents' forms, and who it is otherwise is found out once, too. */
#include <math.h>
#include <string.h>

#include "engine/transplant.h"
#include "lab/search.h"
#include "support/hash.h"
#include "support/memory.h"

/* Passages that are remembered. */
enum { PASSAGES_MOST = 1 << 16 };
/* Networks of more parameters are not tried: applying the rule costs less than a search for where each weight came from. */
enum { TRIED_MOST = 1 << 10, TRIES = 3 };

/* ---- remembered ones ---- */

static void passage_release(struct passage *passage)
{
    mem_free(passage->origins);
    mem_free(passage->sources);
    mem_free(passage);
}

void passages_forget(struct search *search)
{
    for (size_t i = 0; i < PASSAGE_LISTS; i++)
        while (search->passages[i]) {
            struct passage *passage = search->passages[i];
            search->passages[i] = passage->next;
            passage_release(passage);
        }
    search->passage_count = 0;
}

void passages_release(struct search *search)
{
    passages_forget(search);
    vec_release(&search->parts);
}

static struct passage **list_of(struct search *search, const struct form *from, const struct form *other, uint64_t what)
{
    const uint64_t hash = from->hash ^ (other ? other->hash * 3 : 0) ^ what;
    return &search->passages[(hash ^ hash >> 32) & (PASSAGE_LISTS - 1)];
}

/* A remembered one that can still be gone: connections of sparse layers go with a form's work. NULL: none. */
static struct passage *recall(struct search *search, const struct form *from, const struct form *other, uint64_t what)
{
    for (struct passage *at = *list_of(search, from, other, what); at; at = at->next)
        if (at->from == from && at->other == other && at->what == what)
            return at;
    return NULL;
}

/* A new one; NULL with a diagnostic. */
static struct passage *remember(struct search *search, const struct form *from, const struct form *other, uint64_t what)
{
    if (search->passage_count >= PASSAGES_MOST)
        passages_forget(search);
    struct passage *passage = mem_alloc(sizeof *passage), **list = list_of(search, from, other, what);
    if (!passage) {
        search_out_of_memory(search);
        return NULL;
    }
    *passage = (struct passage){.next = *list, .from = from, .other = other, .what = what};
    *list = passage;
    search->passage_count++;
    return passage;
}

/* The form of what was made of a molecule; NULL where it is refused, for reasons that nobody needs. False where memory is exhausted. */
static bool find_form(struct search *search, const struct molecule *molecule, struct form **form)
{
    struct diags refused = {0};
    const size_t errors = search->diags->errors;
    *form = form_of(search, molecule, &refused);
    const bool well = !refused.out_of_memory && search->diags->errors == errors;
    if (refused.out_of_memory)
        diags_move(search->diags, &refused);
    diags_release(&refused);
    return well;
}

/* ---- mutations ---- */

/* A way of a mutation. */
struct step {
    const struct mutation *mutation;
    struct form *from;
    uint64_t what;
    uint32_t way;
};

/* What becomes of a network of the form with such weights (NULL: they are not inherited), with its head in that case; NULL: nothing. False
   with a diagnostic. */
static bool step_apply(struct search *search, const struct step *step, const float *params, struct molecule **child)
{
    const struct form_work *work = step->from->work;
    struct model model = {.molecule = work->whole, .plan = work->plan, .params = (float *)params};
    struct diags told = {0};
    struct molecule *parent =
        params ? model_molecule(&model, SPAN_NONE, NULL, search->diags) : molecule_retain(step->from->molecule);
    if (!parent)
        return false;
    struct molecule *made =
        step->mutation->apply(step->mutation->context, parent, step->way, hash_u64(step->from->hash, step->what), &told);
    bool well = made || told.errors == 0;
    diags_move(search->diags, &told);
    diags_release(&told);
    molecule_release(parent);
    *child = made;
    if (made && params) {
        struct diags refused = {0};
        *child = molecule_for_data(made, search->data, search->options->train.loss, SPAN_NONE, &refused);
        well = !refused.out_of_memory;
        if (!well)
            diags_move(search->diags, &refused);
        diags_release(&refused);
        molecule_release(made);
    }
    return well;
}

static bool take_origins(struct search *search, const struct molecule *child, struct passage *passage)
{
    passage->origins = mem_array(child->count, sizeof *passage->origins);
    if (!passage->origins)
        return search_out_of_memory(search);
    for (uint32_t i = 0; i < child->count; i++)
        passage->origins[i] = child->genes[i].origin;
    return true;
}

/* The parameters that the child begins with. */
static void child_params(const struct form *form, const struct molecule *child, float *params)
{
    memcpy(params, form->work->start, form->work->plan->param_count * sizeof *params);
    transplant(form->work->plan, child, params);
}

/* A number of each parameter, of each try. */
static float made_up(uint32_t param, uint32_t try)
{
    return 0.5F + (float)(hash_u64(try, param) >> 40) * 0x1p-24F;
}

/* What went into the tries, [count] each, and what came out, [made] each. */
struct tries {
    uint32_t count, made, done;
    float *in[TRIES], *out[TRIES];
};

/* Whether a factor is so by two tries already: both values are those that went in, but for the exponent. */
static bool certain(const struct tries *tries, size_t i, const struct inheritance *source)
{
    int exponent;
    if (source->from == INHERITS_NOTHING)
        return true;
    return frexpf(fabsf(source->factor), &exponent) == 0.5F && tries->out[0][i] == source->factor * tries->in[0][source->from] &&
           tries->out[1][i] == source->factor * tries->in[1][source->from];
}

/* Where a parameter comes from; false: nowhere. */
static bool find_source(const struct tries *tries, size_t i, uint32_t guess, struct inheritance *source)
{
    const float value = tries->out[0][i];
    bool constant = true;
    for (uint32_t try = 1; try < tries->done; try++)
        constant = constant && tries->out[try][i] == value;
    *source = (struct inheritance){INHERITS_NOTHING, value};
    for (uint32_t tried = 0; !constant && tried < tries->count; tried++) {
        const uint32_t from = guess + tried < tries->count ? guess + tried : guess + tried - tries->count;
        const float factor = value / tries->in[0][from];
        bool fits = true;
        for (uint32_t try = 1; fits && try < tries->done; try++)
            fits = fabsf(factor * tries->in[try][from] - tries->out[try][i]) <= 1e-5F * fabsf(tries->out[try][i]);
        *source = (struct inheritance){from, factor};
        if (fits)
            return true;
    }
    return constant;
}

/* All of them; *sure: no further try can tell more. */
static bool find_sources(const struct tries *tries, struct inheritance *sources, bool *sure)
{
    *sure = true;
    for (uint32_t i = 0, guess = 0; i < tries->made; i++) {
        if (!find_source(tries, i, guess, &sources[i]))
            return false;
        *sure = *sure && certain(tries, i, &sources[i]);
        if (sources[i].from != INHERITS_NOTHING)
            guess = sources[i].from + 1 < tries->count ? sources[i].from + 1 : 0;
    }
    return true;
}

/* One more try; *same: it gives the same form. */
static bool try_again(struct search *search, const struct step *step, const struct form *to, struct tries *tries, bool *same)
{
    struct molecule *child = NULL;
    struct form *form = NULL;
    const bool well = step_apply(search, step, tries->in[tries->done], &child) && (!child || find_form(search, child, &form));
    *same = well && form == to;
    if (*same)
        child_params(form, child, tries->out[tries->done++]);
    molecule_release(child);
    return well;
}

/* `child` is what the first made-up network gave. Where a parameter has no single source passage->sources stays NULL. */
static bool try_sources(struct search *search, const struct step *step, const struct molecule *child, struct tries *tries,
                        struct passage *passage)
{
    tries->made = (uint32_t)passage->to->work->plan->param_count;
    if (tries->made == 0 || tries->made > TRIED_MOST)
        return true;
    float *block = mem_array((size_t)TRIES * tries->made, sizeof *block);
    struct inheritance *sources = mem_array(tries->made, sizeof *sources);
    bool well = (block && sources) || search_out_of_memory(search), found = well, sure = false;
    for (uint32_t try = 0; well && try < TRIES; try++)
        tries->out[try] = block + (size_t)try * tries->made;
    if (well)
        child_params(passage->to, child, tries->out[tries->done++]);
    while (well && found && !sure && tries->done < TRIES) {
        well = try_again(search, step, passage->to, tries, &found);
        found = found && find_sources(tries, sources, &sure);
    }
    mem_free(block);
    if (well && found)
        passage->sources = sources;
    else
        mem_free(sources);
    return well;
}

/* Finds out where the step leads, by what it makes of the network with such weights (NULL: they are not inherited). */
static struct passage *find_out_with(struct search *search, const struct step *step, const float *params, struct tries *tries)
{
    struct molecule *child = NULL;
    struct form *to = NULL;
    if (!step_apply(search, step, params, &child) || (child && !find_form(search, child, &to))) {
        molecule_release(child);
        return NULL;
    }
    struct passage *passage = remember(search, step->from, NULL, step->what);
    bool well = passage;
    if (well && to) {
        passage->to = to;
        well = take_origins(search, child, passage) && (tries->count == 0 || try_sources(search, step, child, tries, passage));
        passage->to = well ? to : NULL; /* what is half known leads nowhere: the evolution ends */
    }
    molecule_release(child);
    return well ? passage : NULL;
}

static struct passage *find_out(struct search *search, const struct step *step)
{
    const struct form_work *from = step->from->work;
    const bool inherit = search->options->inherit, tried = inherit && from->plan->param_count <= TRIED_MOST;
    struct tries tries = {.count = tried ? (uint32_t)from->plan->param_count : 0};
    if (tries.count == 0)
        return find_out_with(search, step, inherit ? from->start : NULL, &tries);
    float *block = mem_array((size_t)TRIES * tries.count, sizeof *block);
    if (!block) {
        search_out_of_memory(search);
        return NULL;
    }
    for (uint32_t try = 0; try < TRIES; try++) {
        tries.in[try] = block + (size_t)try * tries.count;
        for (uint32_t i = 0; i < tries.count; i++)
            tries.in[try][i] = made_up(i, try);
    }
    struct passage *passage = find_out_with(search, step, tries.in[0], &tries);
    mem_free(block);
    return passage;
}

/* The weights of the child, and, where it hangs on those of the parent, its form. False with a diagnostic. */
static bool carry(struct search *search, const struct step *step, const float *from, struct newborn *newborn)
{
    struct molecule *child = NULL;
    bool well = step_apply(search, step, from, &child) && (!child || find_form(search, child, &newborn->form));
    if (well && child && newborn->form) {
        newborn->weights = weights_take(search, newborn->form->work->plan->param_count);
        if (newborn->weights)
            child_params(newborn->form, child, newborn->weights);
        else
            well = search_out_of_memory(search);
    }
    molecule_release(child);
    return well;
}

static bool inherit_weights(struct search *search, const struct step *step, const struct individual *parent,
                            const struct passage *passage, struct newborn *newborn)
{
    const float *from = archive_weights(parent);
    if (!passage->sources)
        return carry(search, step, from, newborn);
    const size_t count = passage->to->work->plan->param_count;
    newborn->weights = weights_take(search, count);
    for (size_t i = 0; newborn->weights && i < count; i++) {
        const struct inheritance *source = &passage->sources[i];
        newborn->weights[i] = source->from == INHERITS_NOTHING ? source->factor : source->factor * from[source->from];
    }
    return newborn->weights || search_out_of_memory(search);
}

/* A new gene's number is drawn from where it is new, so that it hangs on nothing else: the same step in two networks of one descent makes
   one descent again, as innovations are counted in NEAT. */
static bool trace_descent(struct search *search, const struct individual *parent, const struct passage *passage,
                          struct newborn *newborn)
{
    const struct descent *before = parent->descent;
    struct descent *descent = newborn->descent = descent_new(newborn->form->molecule->count);
    if (!descent)
        return search_out_of_memory(search);
    for (uint32_t i = 0; i < descent->count; i++) {
        const uint32_t origin = passage->origins[i];
        descent->genes[i] =
            origin > 0 && origin <= before->count ? before->genes[origin - 1] : hash_u64(hash_u64(before->hash, passage->what), i);
    }
    descent_seal(descent);
    return true;
}

bool passage_by_mutation(struct search *search, const struct individual *parent, size_t mutation, struct random *random,
                         struct newborn *newborn)
{
    struct step step = {.mutation = &search->options->mutations[mutation], .from = parent->form};
    uint32_t *ways = &step.from->work->ways[mutation];
    if (*ways == 0) {
        uint32_t count = 0;
        if (!step.mutation->ways(step.mutation->context, step.from->molecule, &count, search->diags))
            return false;
        *ways = count < UINT32_MAX ? count + 1 : count;
    }
    if (*ways == 1)
        return true;
    step.way = random_below(random, *ways - 1);
    step.what = hash_u64(mutation + 1, step.way);
    const struct passage *passage = recall(search, step.from, NULL, step.what);
    if (passage && passage->to && !passage->to->work && passage->to->hash == passage->to->molecule->hash &&
        !form_wake(search, passage->to))
        return false;
    if (!passage || (passage->to && !passage->to->work))
        passage = find_out(search, &step);
    if (!passage || !passage->to)
        return passage;
    newborn->form = passage->to;
    if (search->options->inherit && !inherit_weights(search, &step, parent, passage, newborn))
        return false;
    return !newborn->form || trace_descent(search, parent, passage, newborn);
}

/* ---- crossings ---- */

static const struct form_stage *stage_at(const struct form *form, uint32_t gene)
{
    const struct form_stage *stage = form->work->stages;
    while (stage->gene != gene)
        stage++;
    return stage;
}

/* A child's stages, by what they are and where they come from. */
static uint64_t hash_parts(const cross_parts *parts)
{
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < parts->count; i++)
        hash = hash_u64(hash, (uint64_t)parts->at[i].gene << 1 | parts->at[i].second);
    return hash;
}

/* Whether the parts are the stages of `form` one by one. Where a stage can be tapped it is more than its genes. */
static bool parts_are(const cross_parts *parts, const struct form *a, const struct form *b, const struct form *form)
{
    bool same = parts->count == form->work->stage_count && a->molecule->labels == 0 && b->molecule->labels == 0 &&
                !a->molecule->trained && !b->molecule->trained;
    for (size_t i = 0; same && i < parts->count; i++)
        same = stage_at(parts->at[i].second ? b : a, parts->at[i].gene)->hash == form->work->stages[i].hash;
    return same;
}

/* The form that the parts make; NULL: none. False with a diagnostic. */
static bool form_of_parts(struct search *search, const struct couple *couple, struct form *a, struct form *b, struct form **form)
{
    const cross_parts *parts = &search->parts;
    if (parts_are(parts, a, b, a) || parts_are(parts, a, b, b)) {
        *form = parts_are(parts, a, b, a) ? a : b;
        return true;
    }
    const uint64_t what = hash_parts(parts);
    struct passage *passage = recall(search, a, b, what);
    if (passage && passage->to && !passage->to->work && !form_wake(search, passage->to))
        return false;
    if (!passage) {
        const size_t errors = search->diags->errors;
        struct molecule *child = molecule_of_parts(couple, parts, search->diags), *whole = child;
        struct form *to = NULL;
        if (child && search->options->inherit) {
            struct diags refused = {0};
            whole = molecule_for_data(child, search->data, search->options->train.loss, SPAN_NONE, &refused);
            if (refused.out_of_memory)
                diags_move(search->diags, &refused);
            diags_release(&refused);
            molecule_release(child);
        }
        const bool well = search->diags->errors == errors && (!whole || find_form(search, whole, &to));
        molecule_release(whole);
        passage = well ? remember(search, a, b, what) : NULL;
        if (!passage)
            return false;
        passage->to = to;
    }
    *form = passage->to;
    return true;
}

/* Gene `gene` of a child's stage and the individual who has it. */
struct crossed_gene {
    const struct individual *parent;
    uint32_t gene;
};

/* Calls for each gene of the child that comes from a parent's stage. */
#define EACH_CROSSED(search, a, b, to, stage, k)                                                                                   \
    for (uint32_t stage = 0; stage < (to)->work->stage_count && stage < (search)->parts.count; stage++)                            \
        for (uint32_t k = 0; k < crossed_size(search, a, b, to, stage); k++)

static struct crossed_gene crossed_from(const struct search *search, const struct individual *a, const struct individual *b,
                                        uint32_t stage, uint32_t k)
{
    const struct cross_part part = search->parts.at[stage];
    return (struct crossed_gene){part.second ? b : a, part.gene + k};
}

/* Genes of a stage: as many as it has where it comes from, and there are in the child. */
static uint32_t crossed_size(const struct search *search, const struct individual *a, const struct individual *b,
                             const struct form *to, uint32_t stage)
{
    const struct crossed_gene from = crossed_from(search, a, b, stage, 0);
    const uint32_t size = from.parent->form->molecule->genes[from.gene].size,
                   left = to->molecule->count - to->work->stages[stage].gene;
    return size < left ? size : left;
}

/* Who has the form of its first parent, and of both the same descent, has that. */
static bool same_descent(const struct search *search, const struct individual *a, const struct individual *b, const struct form *to)
{
    if (to != a->form)
        return false;
    EACH_CROSSED(search, a, b, to, stage, k)
    {
        const struct crossed_gene from = crossed_from(search, a, b, stage, k);
        if (from.parent->descent->genes[from.gene] != a->descent->genes[to->work->stages[stage].gene + k])
            return false;
    }
    return true;
}

/* Of a head that was added, and has no parent, the numbers are new. */
static bool cross_descent(struct search *search, const struct individual *a, const struct individual *b, struct newborn *newborn)
{
    const struct form *to = newborn->form;
    if (same_descent(search, a, b, to)) {
        newborn->descent = descent_retain(a->descent);
        return true;
    }
    struct descent *descent = newborn->descent = descent_new(to->molecule->count);
    if (!descent)
        return search_out_of_memory(search);
    for (uint32_t i = 1; i < descent->count; i++)
        descent->genes[i] = hash_u64(a->descent->hash, i);
    descent->genes[0] = a->descent->genes[0];
    EACH_CROSSED(search, a, b, to, stage, k)
    {
        const struct crossed_gene from = crossed_from(search, a, b, stage, k);
        descent->genes[to->work->stages[stage].gene + k] = from.parent->descent->genes[from.gene];
    }
    descent_seal(descent);
    return true;
}

static bool cross_weights(struct search *search, const struct individual *a, const struct individual *b, struct newborn *newborn)
{
    const struct form_work *to = newborn->form->work;
    newborn->weights = weights_take(search, to->plan->param_count);
    if (!newborn->weights)
        return search_out_of_memory(search);
    memcpy(newborn->weights, to->start, to->plan->param_count * sizeof *newborn->weights);
    EACH_CROSSED(search, a, b, newborn->form, stage, k)
    {
        const struct crossed_gene from = crossed_from(search, a, b, stage, k);
        const struct form_gene *new = &to->genes[to->stages[stage].gene + k], *old = &from.parent->form->work->genes[from.gene];
        if (new->own && old->own)
            params_copy_own(new->own, newborn->weights, old->own, archive_weights(from.parent));
        if (new->learned && old->learned)
            params_copy_learned(new->learned, newborn->weights, old->learned, archive_weights(from.parent));
    }
    return true;
}

bool passage_by_crossing(struct search *search, const struct individual *a, const struct individual *b, struct random *random,
                         struct newborn *newborn)
{
    const struct couple couple = {a->form->molecule, b->form->molecule, a->descent->genes, b->descent->genes};
    /* What is cut and spliced meets for the first time: weights that are inherited would mean nothing there. */
    const bool even = search->options->inherit || random_below(random, 2) == 0;
    if (!(even ? cross_uniformly : cross_splice)(&couple, random, &search->parts))
        return search_out_of_memory(search);
    if (!form_of_parts(search, &couple, a->form, b->form, &newborn->form))
        return false;
    if (!newborn->form)
        return true;
    return cross_descent(search, a, b, newborn) && (!search->options->inherit || cross_weights(search, a, b, newborn));
}
