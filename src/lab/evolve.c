/* Evolution by mutation and tournament selection with elites (Goldberg and Deb, "A comparative analysis of selection schemes used in
   genetic algorithms", FOGA 1991).

   A population is a list of indices into `everyone`, in which each distinct molecule stands once. A generation is made on the
   calling thread: the elites, then children, each from a random stream of its own, so that what one child draws depends on nobody
   else. Molecules that are new are then trained on all threads, each into its own slot, and judged in order of birth. So the
   number of threads changes nothing.

   Several threads never touch the reference count of one molecule: the trainings of a generation have distinct molecules. */
#include "lab/evolve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/admit.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/threads.h"
#include "support/vec.h"

/* Draws of a mutation for one child before it stays what its parent is. */
enum { mutation_draws = 30 };

/* What one evolution works with. */
struct search {
    const struct evolve_options *options;
    struct prepared *data;
    struct diags *diags;
    struct evolution *evolution;
    size_t everyone_cap;
    size_t *population, *children; /* [options->population], indices into everyone */
    size_t *table;                 /* open addressing by hash: 1 + index into everyone, 0 empty */
    size_t table_size;             /* a power of two, at most half full */
    struct train_options train;
    struct progress quiet; /* trainings do not report, but can be stopped */
};

static void report_nothing(void *context, const struct progress_event *event)
{
    (void)context;
    (void)event;
}

static bool out_of_memory(const struct search *search)
{
    return diag_out_of_memory(search->diags, SPAN_NONE);
}

/* The slot of the table where `molecule` stands or would stand. */
static size_t *table_slot(const struct search *search, const struct molecule *molecule)
{
    size_t slot = molecule->hash & (search->table_size - 1);
    while (search->table[slot] != 0 && !molecule_equal(search->evolution->everyone[search->table[slot] - 1].molecule, molecule))
        slot = (slot + 1) & (search->table_size - 1);
    return &search->table[slot];
}

static bool table_grow(struct search *search)
{
    size_t size = search->table_size > 0 ? 2 * search->table_size : 64;
    size_t *table = mem_array(size, sizeof *table);
    if (table == NULL)
        return out_of_memory(search);
    mem_free(search->table);
    search->table = table;
    search->table_size = size;
    for (size_t i = 0; i < search->evolution->count; i++)
        *table_slot(search, search->evolution->everyone[i].molecule) = i + 1;
    return true;
}

/* Finds `molecule` in everyone, or adds it as an individual still to be trained. Takes over the reference, also on failure. */
static bool enter(struct search *search, const struct molecule *molecule, uint32_t generation, int64_t parent, const char *by,
                  size_t *index)
{
    struct evolution *evolution = search->evolution;
    bool room = (evolution->count + 1) * 2 <= search->table_size || table_grow(search);
    if (room && !vec_grow((void **)&evolution->everyone, &search->everyone_cap, evolution->count + 1, sizeof *evolution->everyone))
        room = out_of_memory(search);
    if (!room) {
        molecule_release(molecule);
        return false;
    }
    size_t *slot = table_slot(search, molecule);
    if (*slot != 0) {
        molecule_release(molecule);
        *index = *slot - 1;
        return true;
    }
    *index = evolution->count++;
    *slot = *index + 1;
    evolution->everyone[*index] =
        (struct individual){.molecule = molecule, .fitness = -INFINITY, .generation = generation, .parent = parent, .by = by};
    return true;
}

/* The order of merit: fitness, then fewer parameters, then age. */
static bool fitter(const struct evolution *evolution, size_t a, size_t b)
{
    const struct individual *left = &evolution->everyone[a];
    const struct individual *right = &evolution->everyone[b];
    if (left->fitness != right->fitness)
        return left->fitness > right->fitness;
    return left->params != right->params ? left->params < right->params : a < b;
}

static const struct mutation *draw_mutation(const struct evolve_options *options, struct random *random)
{
    double sum = 0;
    for (size_t i = 0; i < options->mutation_count; i++)
        sum += options->mutations[i].weight;
    double left = random_unit(random) * sum;
    const struct mutation *drawn = NULL;
    for (size_t i = 0; i < options->mutation_count; i++) {
        if (options->mutations[i].weight > 0) {
            drawn = &options->mutations[i];
            left -= drawn->weight;
            if (left < 0)
                break;
        }
    }
    return drawn;
}

static size_t draw_parent(const struct search *search, struct random *random)
{
    size_t winner = search->population[random_below(random, search->options->population)];
    for (uint32_t i = 1; i < search->options->tournament; i++) {
        size_t rival = search->population[random_below(random, search->options->population)];
        winner = fitter(search->evolution, rival, winner) ? rival : winner;
    }
    return winner;
}

/* One mutated molecule within the limits, NULL in `child` where this draw gives none. False where a rule failed. */
static bool mutate_once(struct search *search, const struct molecule *parent, const struct mutation *mutation,
                        struct random *random, struct molecule **child)
{
    struct diags told = {0};
    *child = mutation->apply(mutation->context, parent, random, &told);
    bool failed = *child == NULL && told.errors > 0;
    diags_move(search->diags, &told);
    diags_release(&told);
    struct diags refused = {0}; /* reasons nobody needs: another mutation is drawn */
    if (*child != NULL && (molecule_equal(*child, parent) ||
                           !admit(*child, search->data, search->options->train.loss, &search->options->limits, &refused))) {
        molecule_release(*child);
        *child = NULL;
    }
    diags_release(&refused);
    return !failed;
}

/* A child of `parent`; the parent itself where no draw gave one. */
static bool make_child(struct search *search, size_t parent, uint32_t generation, struct random *random, size_t *index)
{
    /* Held apart, since everyone moves when it grows. */
    const struct molecule *molecule = search->evolution->everyone[parent].molecule;
    for (int draw = 0; draw < mutation_draws && search->options->mutation_count > 0; draw++) {
        const struct mutation *mutation = draw_mutation(search->options, random);
        struct molecule *child;
        if (!mutate_once(search, molecule, mutation, random, &child))
            return false;
        if (child != NULL)
            return enter(search, child, generation, (int64_t)parent, mutation->name, index);
    }
    *index = parent;
    return true;
}

static struct random child_stream(const struct search *search, uint32_t generation, uint32_t child)
{
    return random_stream(search->options->seed, RANDOM_EVOLVE, (uint64_t)generation * search->options->population + child);
}

/* Generation 0: the founders, then children of them in turn. */
static bool make_founders(struct search *search, const struct molecule *const *founders, size_t founder_count)
{
    for (size_t i = 0; i < founder_count; i++)
        if (!admit(founders[i], search->data, search->options->train.loss, &search->options->limits, search->diags) ||
            !enter(search, molecule_retain(founders[i]), 0, -1, NULL, &search->children[i]))
            return false;
    size_t turn = 0;
    for (uint32_t i = (uint32_t)founder_count; i < search->options->population; i++) {
        struct random random = child_stream(search, 0, i);
        if (!make_child(search, search->children[turn], 0, &random, &search->children[i]))
            return false;
        turn = turn + 1 < founder_count ? turn + 1 : 0;
    }
    return true;
}

static int by_merit(const void *a, const void *b, void *evolution)
{
    size_t left = *(const size_t *)a;
    size_t right = *(const size_t *)b;
    return left == right ? 0 : fitter(evolution, left, right) ? -1 : 1;
}

/* Puts the fittest distinct molecules of the population first among the children; how many there are. */
static uint32_t keep_elite(struct search *search)
{
    uint32_t population = search->options->population;
    memcpy(search->children, search->population, population * sizeof *search->children);
    qsort_r(search->children, population, sizeof *search->children, by_merit, search->evolution);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < population && kept < search->options->elite; i++)
        if (kept == 0 || search->children[kept - 1] != search->children[i])
            search->children[kept++] = search->children[i];
    return kept;
}

static bool make_generation(struct search *search, uint32_t generation)
{
    for (uint32_t i = keep_elite(search); i < search->options->population; i++) {
        struct random random = child_stream(search, generation, i);
        size_t parent = draw_parent(search, &random);
        if (!make_child(search, parent, generation, &random, &search->children[i]))
            return false;
    }
    return true;
}

/* The trainings of one generation, as tasks. */
struct batch {
    struct search *search;
    size_t first;        /* of everyone */
    struct diags *diags; /* one a task */
};

static void train_individual(void *context, size_t index)
{
    struct batch *batch = context;
    struct individual *individual = &batch->search->evolution->everyone[batch->first + index];
    individual->training =
        train(individual->molecule, batch->search->data, &batch->search->train, &batch->search->quiet, &batch->diags[index]);
}

/* Trains everyone from `first` on. False where a training could not be made. */
static bool train_new(struct search *search, size_t first)
{
    size_t count = search->evolution->count - first;
    struct batch batch = {search, first, mem_array(count, sizeof(struct diags))};
    if (batch.diags == NULL)
        return out_of_memory(search);
    threads_each(search->options->threads, count, train_individual, &batch);
    bool trained = true;
    for (size_t i = 0; i < count; i++) {
        /* A warning that some molecule diverged tells nobody much: individuals carry a mark. */
        if (search->evolution->everyone[first + i].training == NULL) {
            trained = false;
            diags_move(search->diags, &batch.diags[i]);
        }
        diags_release(&batch.diags[i]);
    }
    mem_free(batch.diags);
    return trained;
}

static bool any_cancelled(const struct evolution *evolution, size_t first)
{
    for (size_t i = first; i < evolution->count; i++)
        if (evolution->everyone[i].training->cancelled)
            return true;
    return false;
}

/* Takes over the figures of everyone from `first` on and asks for their fitness. */
static bool judge(struct search *search, size_t first)
{
    struct evolution *evolution = search->evolution;
    for (size_t i = first; i < evolution->count; i++) {
        struct individual *individual = &evolution->everyone[i];
        const struct training *training = individual->training;
        individual->train = training->train;
        individual->validation = training->validation;
        individual->test = training->test;
        individual->params = (double)training->params;
        individual->flops = training->flops;
        individual->diverged = training->diverged;
        double fitness;
        if (!search->options->fitness(search->options->fitness_context, individual->training, &fitness, search->diags))
            return false;
        individual->fitness = isnan(fitness) ? -INFINITY : fitness;
        evolution->best = fitter(evolution, i, evolution->best) ? i : evolution->best;
    }
    return true;
}

/* The children become the population; everybody else but the best gives back weights and history. */
static void succeed(struct search *search)
{
    struct evolution *evolution = search->evolution;
    size_t *before = search->population;
    search->population = search->children;
    search->children = before;
    for (size_t i = 0; i < evolution->count; i++)
        evolution->everyone[i].alive = false;
    for (uint32_t i = 0; i < search->options->population; i++)
        evolution->everyone[search->population[i]].alive = true;
    for (size_t i = 0; i < evolution->count; i++) {
        struct individual *individual = &evolution->everyone[i];
        if (!individual->alive && i != evolution->best) {
            training_release(individual->training);
            individual->training = NULL;
        }
    }
}

static void record(struct search *search, uint32_t generation)
{
    struct evolution *evolution = search->evolution;
    struct generation_row row = {
        .generation = generation, .best = -INFINITY, .worst = INFINITY, .trained = (uint32_t)evolution->count};
    double finite = 0;
    double sum = 0;
    for (uint32_t i = 0; i < search->options->population; i++) {
        double fitness = evolution->everyone[search->population[i]].fitness;
        row.best = fmax(row.best, fitness);
        row.worst = fmin(row.worst, fitness);
        finite += isfinite(fitness);
        sum += isfinite(fitness) ? fitness : 0;
    }
    for (size_t i = 0; i < evolution->count; i++)
        row.distinct += evolution->everyone[i].alive;
    row.mean = finite > 0 ? sum / finite : NAN;
    evolution->history[generation] = row;
    evolution->generations = generation;
}

static void report(const struct search *search, const struct progress *progress, uint32_t generation, double start, bool finished)
{
    const struct evolution *evolution = search->evolution;
    struct progress_event event = {
        .kind = PROGRESS_EVOLVE,
        .done = generation,
        .total = search->options->generations,
        .seconds = clock_seconds() - start,
        .loss = NAN,
        .accuracy = evolution->everyone[evolution->best].fitness,
        .what = "generation",
        .finished = finished,
    };
    progress_report(progress, &event);
}

/* Forgets everyone from `first` on: those whose trainings were interrupted. */
static void forget(struct evolution *evolution, size_t first)
{
    while (evolution->count > first) {
        struct individual *individual = &evolution->everyone[--evolution->count];
        training_release(individual->training);
        molecule_release(individual->molecule);
    }
}

/* All generations. False with a diagnostic. */
static bool run(struct search *search, const struct molecule *const *founders, size_t founder_count,
                const struct progress *progress, double start)
{
    struct evolution *evolution = search->evolution;
    for (uint32_t generation = 0; generation <= search->options->generations; generation++) {
        size_t first = evolution->count;
        bool made = generation == 0 ? make_founders(search, founders, founder_count) : make_generation(search, generation);
        if (!made || !train_new(search, first))
            return false;
        evolution->cancelled = any_cancelled(evolution, first);
        if (evolution->cancelled && generation > 0) {
            forget(evolution, first);
            break;
        }
        if (!judge(search, first))
            return false;
        succeed(search);
        record(search, generation);
        evolution->cancelled = evolution->cancelled || progress_cancelled(progress);
        if (evolution->cancelled)
            break;
        if (generation < search->options->generations)
            report(search, progress, generation, start, false);
    }
    evolution->seconds = clock_seconds() - start;
    report(search, progress, evolution->generations, start, true);
    return true;
}

bool evolve_options_valid(const struct evolve_options *options, size_t founder_count, struct diags *diags)
{
    if (options->population == 0 || options->population > LIMIT_POPULATION || options->generations > LIMIT_POPULATION) {
        diag_error(diags, SPAN_NONE, "an evolution has a population of 1 to %d and at most %d generations", LIMIT_POPULATION,
                   LIMIT_POPULATION);
        return false;
    }
    if (options->tournament == 0 || options->tournament > LIMIT_POPULATION) {
        diag_error(diags, SPAN_NONE, "a tournament has 1 to %d contestants", LIMIT_POPULATION);
        return false;
    }
    if (founder_count == 0 || founder_count > options->population) {
        diag_error(diags, SPAN_NONE, "%zu founders for a population of %u", founder_count, options->population);
        return false;
    }
    double sum = 0;
    for (size_t i = 0; i < options->mutation_count; i++) {
        double weight = options->mutations[i].weight;
        if (!(weight >= 0) || !isfinite(weight)) {
            diag_error(diags, SPAN_NONE, "the weight of the mutation `%s` is not a number of at least 0",
                       options->mutations[i].name);
            return false;
        }
        sum += weight;
    }
    if (options->mutation_count > 0 && !(sum > 0 && isfinite(sum))) {
        diag_error(diags, SPAN_NONE, "no mutation can be drawn: their weights are all 0");
        return false;
    }
    return true;
}

struct evolution *evolve(const struct molecule *const *founders, size_t founder_count, struct prepared *data,
                         const struct evolve_options *options, const struct progress *progress, struct diags *diags)
{
    if (!evolve_options_valid(options, founder_count, diags))
        return NULL;
    struct search search = {.options = options, .data = data, .diags = diags, .train = options->train};
    search.train.seed += options->seed;
    search.quiet = (struct progress){.report = report_nothing, .cancel = progress != NULL ? progress->cancel : NULL};
    search.population = mem_array(options->population, sizeof *search.population);
    search.children = mem_array(options->population, sizeof *search.children);
    search.evolution = mem_alloc(sizeof *search.evolution);
    double start = clock_seconds();
    bool done = search.population != NULL && search.children != NULL && search.evolution != NULL;
    if (done) {
        search.evolution->history = mem_array((size_t)options->generations + 1, sizeof *search.evolution->history);
        done = search.evolution->history != NULL;
    }
    done = done ? run(&search, founders, founder_count, progress, start) : out_of_memory(&search);
    mem_free(search.population);
    mem_free(search.children);
    mem_free(search.table);
    if (!done) {
        evolution_release(search.evolution);
        return NULL;
    }
    return search.evolution;
}

void evolution_release(struct evolution *evolution)
{
    if (evolution == NULL)
        return;
    forget(evolution, 0);
    mem_free(evolution->everyone);
    mem_free(evolution->history);
    mem_free(evolution);
}
