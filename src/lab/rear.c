/* Rearing: those who were born are trained and judged, and who is needed no more gives back weights and history.

   With halving (successive halving: Jamieson and Talwalkar, AISTATS 2016; the budgets of Hyperband) those who were born together first have
   a short trial; the better half of them goes on to one twice as long, and so on, until the last ones have all the epochs. A trial is the
   beginning of the longer one, and whoever comes through has the bits of a training that was never judged on its way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/search.h"
#include "support/memory.h"
#include "support/threads.h"

/* Fitness, then the further objectives, then fewer parameters, then age. */
static bool fitter(const struct evolution *evolution, size_t a, size_t b)
{
    const struct individual *left = &evolution->everyone[a], *right = &evolution->everyone[b];
    for (uint32_t i = 0; i < OBJECTIVES_MOST; i++)
        if (left->objectives[i] != right->objectives[i])
            return left->objectives[i] > right->objectives[i];
    return left->params != right->params ? left->params < right->params : a < b;
}

int individuals_compare(const void *a, const void *b, void *evolution)
{
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left == right ? 0 : fitter(evolution, left, right) ? -1 : 1;
}

/* ---- training ---- */

struct train_options search_training(const struct search *search, const struct individual *individual)
{
    const struct evolve_options *options = search->options;
    struct train_options train = options->variant_count > 0 ? options->variants[individual->variant] : options->train;
    train.seed = options->train.seed + options->seed;
    if (options->halving > 0 && !(train.schedule.span > 0))
        train.schedule.span = train.epochs; /* of the whole training, also in a trial */
    return train;
}

/* Trainings as tasks. */
struct batch {
    struct search *search;
    const size_t *who;
    unsigned halvings;   /* of the epochs */
    struct diags *diags; /* one a task */
};

static void train_individual(void *context, size_t index)
{
    struct batch *batch = context;
    const struct search *search = batch->search;
    struct individual *individual = &search->evolution->everyone[batch->who[index]];
    struct train_options options = search_training(search, individual);
    struct training *before = individual->training;
    const uint32_t epochs = options.epochs >> batch->halvings;
    options.epochs = epochs > 0 ? epochs : options.epochs > 0;
    individual->epochs = options.epochs;
    individual->training = before ? train_further(before, NULL, search->data, &options, &search->quiet, &batch->diags[index])
                                  : train(individual->molecule, search->data, &options, &search->quiet, &batch->diags[index]);
    training_release(before);
}

/* Trains them, or goes on with them. False where a training could not be made. */
static bool train_these(struct search *search, const size_t *who, size_t count, unsigned halvings)
{
    struct batch batch = {search, who, halvings, mem_array(count, sizeof(struct diags))};
    if (batch.diags == NULL)
        return search_out_of_memory(search);
    threads_each(search->options->threads, count, train_individual, &batch);
    bool trained = true;
    for (size_t i = 0; i < count; i++) {
        /* A warning that some molecule diverged tells nobody much: individuals carry a mark. */
        if (search->evolution->everyone[who[i]].training == NULL) {
            trained = false;
            diags_move(search->diags, &batch.diags[i]);
        }
        diags_release(&batch.diags[i]);
    }
    mem_free(batch.diags);
    return trained;
}

static bool any_cancelled(const struct evolution *evolution, const size_t *who, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (evolution->everyone[who[i]].training->cancelled)
            return true;
    return false;
}

/* ---- judging ---- */

/* Takes over the figures of an individual and asks for its fitness. */
static bool judge(struct search *search, struct individual *individual)
{
    const struct training *training = individual->training;
    individual->train = training->train;
    individual->validation = training->validation;
    individual->params = (double)training->params;
    individual->flops = training->flops;
    individual->diverged = training->diverged;
    if (!search->options->fitness(search->options->fitness_context, individual->training, individual->objectives, search->diags))
        return false;
    for (uint32_t k = 0; k < OBJECTIVES_MOST; k++)
        if (isnan(individual->objectives[k]) || k >= search->options->objectives)
            individual->objectives[k] = k < search->options->objectives ? -INFINITY : 0;
    return true;
}

/* In order of birth. False with a diagnostic; a wish to stop that comes while somebody is judged ends the judging, with
   evolution->cancelled, but among the founders, without whom there is no result. */
static bool judge_these(struct search *search, const size_t *who, size_t count)
{
    struct diags *diags = search->diags, told = {0};
    search->diags = &told;
    bool well = true;
    for (size_t i = 0; well && i < count; i++)
        well = judge(search, &search->evolution->everyone[who[i]]);
    search->diags = diags;
    if (!well && search->ranking.count > 0 && progress_cancelled(&search->quiet))
        search->evolution->cancelled = well = true;
    else
        diags_move(diags, &told);
    diags_release(&told);
    return well;
}

static int by_birth(const void *a, const void *b)
{
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

/* Puts the better half first, in order of birth; how many it is. */
static size_t better_half(const struct search *search, size_t *who, size_t count)
{
    qsort_r(who, count, sizeof *who, individuals_compare, search->evolution);
    const size_t half = (count + 1) / 2;
    qsort(who, half, sizeof *who, by_birth);
    return half;
}

bool rear(struct search *search, size_t first)
{
    struct evolution *evolution = search->evolution;
    size_t count = evolution->count - first;
    size_t *who = mem_array(count + 1, sizeof *who);
    if (!who)
        return search_out_of_memory(search);
    for (size_t i = 0; i < count; i++)
        who[i] = first + i;
    bool well = true;
    for (unsigned left = search->options->halving;; left--) {
        well = train_these(search, who, count, left);
        evolution->cancelled = well && any_cancelled(evolution, who, count);
        well = well && judge_these(search, who, count);
        if (!well || evolution->cancelled || left == 0)
            break;
        count = better_half(search, who, count);
    }
    mem_free(who);
    for (size_t i = first; well && i < evolution->count && !(evolution->cancelled && search->ranking.count > 0); i++)
        evolution->best = fitter(evolution, i, evolution->best) ? i : evolution->best;
    return well;
}

/* ---- what is given back ---- */

/* The weights that it was born with; where memory is exhausted it keeps them. */
static void shed_weights(struct individual *individual)
{
    struct diags unheard = {0};
    struct molecule *bare = molecule_bare(individual->molecule, &unheard);
    if (bare) {
        molecule_release(individual->molecule);
        individual->molecule = bare;
        individual->hash = 0; /* nobody is born like this again */
    }
    diags_release(&unheard);
}

void rear_give_back(struct search *search)
{
    struct evolution *evolution = search->evolution;
    for (size_t i = 0; i < evolution->count; i++)
        evolution->everyone[i].alive = false;
    for (uint32_t i = 0; i < search->options->population; i++)
        evolution->everyone[search->population[i]].alive = true;
    for (size_t i = 0; i < evolution->count; i++) {
        struct individual *individual = &evolution->everyone[i];
        if (individual->alive)
            continue;
        mem_free(individual->ancestry);
        individual->ancestry = NULL;
        if (search->options->inherit)
            shed_weights(individual);
        if (i != evolution->best) {
            training_release(individual->training);
            individual->training = NULL;
        }
    }
}

bool rear_front(struct search *search)
{
    struct evolution *evolution = search->evolution;
    for (size_t i = 0; i < evolution->front_count; i++) {
        struct individual *individual = &evolution->everyone[evolution->front[i]];
        if (individual->training)
            continue;
        struct diags told = {0}; /* warnings are as little news as in the search */
        struct train_options options = search_training(search, individual);
        options.epochs = individual->epochs;
        individual->training = train(individual->molecule, search->data, &options, NULL, &told);
        if (!individual->training)
            diags_move(search->diags, &told);
        diags_release(&told);
        if (!individual->training)
            return false;
    }
    return true;
}
