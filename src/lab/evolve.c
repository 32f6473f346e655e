/* The course of an evolution: children are bred, trained, judged, and take their place in the population.

   A population is a list of indices into `everyone`, in which each distinct molecule stands once. Children are made on the calling
   thread, each from a random stream of its own, so that what one child draws depends on nobody else. Molecules that are new are then
   trained on all threads, each into its own slot, and judged in order of birth. So the number of threads changes nothing.

   Who lives on: with most ways to select the children, behind the elites; with NSGA-II the first of parents and children together;
   with aging a few children at a time take the place of the oldest.

   Several threads never touch the reference count of one molecule: the trainings of a generation have distinct molecules. */
#include "lab/evolve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/search.h"
#include "molecule/cross.h"
#include "support/memory.h"

static void report_nothing(void *context, const struct progress_event *event)
{
    (void)context;
    (void)event;
}

/* ---- merit ---- */

static struct merit merit_of(const struct search *search, size_t index)
{
    const struct individual *individual = individual_at(search, index);
    struct merit merit = {.params = individual->form->params, .age = index};
    memcpy(merit.objectives, individual->objectives, sizeof merit.objectives);
    return merit;
}

/* Fitness sharing (Goldberg and Richardson, ICGA 1987), with the niches of NEAT: a member belongs to the first species whose first
   member is near enough. What it has above the least fit is divided by the size of its species. */
static bool share_fitness(struct search *search, uint32_t count)
{
    uint32_t *sizes = mem_array(count, sizeof *sizes);
    struct form **first = mem_array(count, sizeof *first);
    bool room = sizes && first;
    double least = INFINITY;
    search->species = 0;
    search->rankings++;
    for (uint32_t i = 0; room && i < count; i++) {
        struct form *form = individual_at(search, search->merits[i].age)->form;
        if (form->ranking != search->rankings) { /* those who differ in weights alone are of one species */
            form->species = 0;
            form->ranking = search->rankings;
            form->traces = form->traces ? form->traces : traces_of(form->molecule);
            room = form->traces;
            while (room && form->species < search->species &&
                   traces_distance(first[form->species]->traces, form->traces) >= search->options->species)
                form->species++;
            if (room && form->species == search->species)
                first[search->species++] = form;
        }
        sizes[form->species]++;
        if (isfinite(search->merits[i].objectives[0]))
            least = fmin(least, search->merits[i].objectives[0]);
    }
    for (uint32_t i = 0; room && i < count; i++)
        search->merits[i].objectives[0] =
            (search->merits[i].objectives[0] - least) / sizes[individual_at(search, search->merits[i].age)->form->species];
    mem_free(sizes);
    mem_free(first);
    return room || search_out_of_memory(search);
}

/* The order of merit of the population, for those who draw parents from it. */
static bool rank_population(struct search *search)
{
    const uint32_t count = search->options->population;
    for (uint32_t i = 0; i < count; i++)
        search->merits[i] = merit_of(search, search->population[i]);
    if (search->options->species > 0 && !share_fitness(search, count))
        return false;
    ranking_make_for(&search->ranking, search->merits, count, search->options->objectives, search->options->select.kind);
    return true;
}

/* ---- survival ---- */

static int individuals_rise(const void *a, const void *b, void *evolution)
{
    return individuals_compare(b, a, evolution);
}

/* Moves the first of a heap down to its place: of each one and those below it, it is the least fit. */
static void sift(const struct evolution *evolution, size_t *heap, uint32_t count)
{
    for (uint32_t at = 0, next = 1; next < count; at = next, next = 2 * at + 1) {
        if (next + 1 < count && individuals_compare(&heap[next + 1], &heap[next], (void *)evolution) > 0)
            next++;
        if (individuals_compare(&heap[at], &heap[next], (void *)evolution) >= 0)
            return;
        const size_t up = heap[next];
        heap[next] = heap[at];
        heap[at] = up;
    }
}

/* Puts the fittest distinct members of the population first among the children; how many there are. */
static uint32_t keep_elite(struct search *search)
{
    const struct evolution *evolution = search->evolution;
    const enum selection_kind kind = search->options->select.kind;
    const uint32_t wanted = search->options->elite, least = kind == SELECT_CLIMB; /* who climbs never goes down */
    const uint32_t most = kind == SELECT_NSGA2 || kind == SELECT_AGING ? 0 : wanted > least ? wanted : least;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < search->options->population && most > 0; i++) {
        const size_t index = search->population[i];
        if (!individual_at(search, index)->alive)
            continue; /* met already */
        individual_at(search, index)->alive = false;
        if (kept < most) {
            search->children[kept++] = index;
            if (kept == most) /* a list from least to most fit is a heap */
                qsort_r(search->children, kept, sizeof *search->children, individuals_rise, (void *)evolution);
        } else if (individuals_compare(&index, &search->children[0], (void *)evolution) < 0) {
            search->children[0] = index;
            sift(evolution, search->children, kept);
        }
    }
    for (uint32_t i = 0; i < search->options->population && most > 0; i++)
        individual_at(search, search->population[i])->alive = true;
    qsort_r(search->children, kept, sizeof *search->children, individuals_compare, (void *)evolution);
    return kept;
}

static int by_index(const void *a, const void *b)
{
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

/* The first of parents and children together, each molecule once; repeated from the front where these are too few. */
static bool survive_as_best(struct search *search)
{
    const uint32_t population = search->options->population;
    size_t *both = mem_array((size_t)population * 2, sizeof *both);
    if (!both)
        return search_out_of_memory(search);
    memcpy(both, search->population, population * sizeof *both);
    memcpy(both + population, search->children, population * sizeof *both);
    qsort(both, (size_t)population * 2, sizeof *both, by_index);
    search->merits[0] = merit_of(search, both[0]);
    uint32_t count = 1;
    for (uint32_t i = 1; i < 2 * population; i++)
        if (both[i] != both[i - 1])
            search->merits[count++] = merit_of(search, both[i]);
    ranking_make(&search->ranking, search->merits, count, search->options->objectives);
    for (uint32_t i = 0; i < population; i++)
        search->population[i] = search->merits[search->ranking.order[i % count]].age;
    mem_free(both);
    return true;
}

/* Children `from` to `to` come, as many of the oldest go: the population is a queue. */
static void survive_as_young(struct search *search, uint32_t from, uint32_t to)
{
    const uint32_t population = search->options->population, born = to - from;
    memmove(search->population, search->population + born, (population - born) * sizeof *search->population);
    memcpy(search->population + population - born, search->children + from, born * sizeof *search->population);
}

static bool survive(struct search *search, uint32_t from, uint32_t to)
{
    const enum selection_kind kind = search->options->select.kind;
    const bool founding = search->ranking.count == 0;
    if (kind == SELECT_NSGA2 && !founding && !survive_as_best(search))
        return false;
    if (kind == SELECT_AGING && !founding)
        survive_as_young(search, from, to);
    if (founding || (kind != SELECT_NSGA2 && kind != SELECT_AGING))
        memcpy(search->population, search->children, search->options->population * sizeof *search->population);
    return rear_give_back(search) && lineage_thin(search) && rank_population(search);
}

static void record(struct search *search, uint32_t generation)
{
    struct evolution *evolution = search->evolution;
    struct generation_row row = {
        .generation = generation, .best = -INFINITY, .worst = INFINITY, .trained = evolution->count + evolution->forgotten};
    double finite = 0;
    double sum = 0;
    for (uint32_t i = 0; i < search->options->population; i++) {
        const double fitness = evolution->everyone[search->population[i]].fitness;
        row.best = fmax(row.best, fitness);
        row.worst = fmin(row.worst, fitness);
        finite += isfinite(fitness);
        sum += isfinite(fitness) ? fitness : 0;
    }
    row.distinct = search->distinct;
    row.species = search->species;
    row.mean = finite > 0 ? sum / finite : NAN;
    evolution->history[generation] = row;
    evolution->generations = generation;
}

static void report(const struct search *search, const struct progress *progress, bool finished)
{
    const struct evolution *evolution = search->evolution;
    const struct generation_row *row = &evolution->history[evolution->generations];
    const struct progress_search figures = {.best = evolution->everyone[evolution->best].fitness,
                                            .mean = row->mean,
                                            .distinct = row->distinct,
                                            .population = search->options->population,
                                            .trained = evolution->count + evolution->forgotten};
    struct progress_event event = {
        .kind = PROGRESS_EVOLVE,
        .done = evolution->generations,
        .total = search->options->generations,
        .seconds = evolution->seconds,
        .loss = NAN,
        .accuracy = NAN,
        .what = "generation",
        .search = &figures,
        .finished = finished,
    };
    progress_report(progress, &event);
}

/* The best; with several objectives those alive whom nobody alive surpasses, of whom the first is then the best. */
static bool find_front(struct search *search)
{
    struct evolution *evolution = search->evolution;
    const bool several = search->options->objectives > 1;
    uint32_t count = 0;
    for (size_t i = 0; i < search->held_count; i++)
        if (several ? individual_at(search, search->held[i])->alive : search->held[i] == evolution->best)
            search->merits[count++] = merit_of(search, search->held[i]);
    evolution->front = mem_array(count, sizeof *evolution->front);
    if (!evolution->front)
        return search_out_of_memory(search);
    ranking_make(&search->ranking, search->merits, count, search->options->objectives);
    for (uint32_t i = 0; i < count; i++)
        if (search->ranking.front[i] == 0)
            evolution->front[evolution->front_count++] = search->merits[i].age;
    qsort_r(evolution->front, evolution->front_count, sizeof *evolution->front, individuals_compare, evolution);
    evolution->best = evolution->front[0];
    return true;
}

/* ---- the checkpoint ---- */

/* Where generations are fast, the search is kept about every second, less often where writing takes long: it may take a third of the time.
   What is lost is repeated to the same bits. */
#define KEEP_INTERVAL 1.0
#define KEEP_PAUSE    2.0

/* Writes the generation that ended to the checkpoint, where it is time for that, or else `at_once`. A later writing that fails ends nothing: the file
   still holds an earlier generation. */
static void keep(struct search *search, bool at_once)
{
    const double began = clock_seconds();
    search->unwritten = true;
    if (!search->options->checkpoint || search->evolution->cancelled || (!at_once && began < search->keep_from))
        return;
    struct diags *diags = search->diags;
    diags_release(&search->unkept);
    search->diags = &search->unkept;
    search_keep(search, search->evolution->generations + 1);
    search->diags = diags;
    search->unwritten = false;
    search->keep_from = clock_seconds() + fmax(KEEP_INTERVAL, KEEP_PAUSE * (clock_seconds() - began));
}

static void tell_unkept(struct search *search)
{
    if (search->unkept.count > 0)
        diag_note(diag_warning(search->diags, search->options->checkpoint->span, "%s", search->unkept.at[0].message),
                  "the file still holds an earlier generation of the search");
}

/* ---- the course ---- */

/* Children `from` to `to`, from their making to their place in the population. False with a diagnostic; cancelled: they are forgotten,
   but for founders. */
static bool bring_up(struct search *search, size_t first, uint32_t from, uint32_t to)
{
    if (!rear(search, first))
        return false;
    if (search->evolution->cancelled && search->ranking.count > 0)
        return archive_forget(search, first);
    return survive(search, from, to);
}

/* One generation: as many children as the population has members. */
static bool generate(struct search *search, uint32_t generation)
{
    const struct evolve_options *options = search->options;
    const uint32_t step = options->select.kind == SELECT_AGING ? options->select.batch : options->population;
    for (uint32_t from = keep_elite(search), to; from < options->population && !search->evolution->cancelled; from = to) {
        const size_t first = search->evolution->count;
        to = options->population - from < step ? options->population : from + step;
        if (!breed_children(search, generation, from, to) || !bring_up(search, first, from, to))
            return false;
    }
    return true;
}

/* Who begins: the founders and what fills up their number, or those whom the checkpoint has. False with a diagnostic. */
static bool begin(struct search *search)
{
    const struct evolve_checkpoint *checkpoint = search->options->checkpoint;
    uint32_t generations = 0;
    if (checkpoint && !search_resume(search, &generations))
        return false;
    if (generations > 0)
        return rank_population(search);
    if (checkpoint && !search_keep(search, 0)) /* a file that cannot be written is told before hours of work */
        return false;
    if (!breed_founders(search) || !bring_up(search, 0, 0, search->options->population))
        return false;
    record(search, 0);
    keep(search, true);
    return true;
}

/* All generations. False with a diagnostic. */
static bool run(struct search *search, const struct progress *progress, double start)
{
    struct evolution *evolution = search->evolution;
    if (!begin(search))
        return false;
    const double before = evolution->seconds; /* of a search that goes on */
    evolution->seconds = before + clock_seconds() - start;
    while (evolution->generations < search->options->generations && !progress_cancelled(progress)) {
        report(search, progress, false);
        if (!generate(search, evolution->generations + 1))
            return false;
        evolution->seconds = before + clock_seconds() - start;
        if (evolution->cancelled)
            break;
        record(search, evolution->generations + 1);
        keep(search, false);
    }
    if (search->unwritten)
        keep(search, true);
    evolution->cancelled = evolution->cancelled || evolution->generations < search->options->generations;
    evolution->seconds = before + clock_seconds() - start;
    report(search, progress, true);
    tell_unkept(search);
    return find_front(search) && rear_front(search);
}

static bool name_causes(struct search *search)
{
    const char **causes = search->evolution->causes;
    if (!causes)
        return false;
    causes[BORN_FOUNDER] = "founder";
    causes[BORN_BY_CROSSING] = "crossover";
    causes[BORN_BY_TRAINING] = "train";
    for (size_t i = 0; i < search->options->mutation_count; i++)
        causes[BORN_BY_MUTATION + i] = search->options->mutations[i].name;
    return true;
}

/* False where memory is exhausted. */
static bool search_init(struct search *search)
{
    const struct evolve_options *options = search->options;
    const size_t population = options->population;
    search->population = mem_array(population, sizeof *search->population);
    search->children = mem_array(population, sizeof *search->children);
    search->held = mem_array(2 * population + 1, sizeof *search->held);
    search->merits = mem_array(2 * population, sizeof *search->merits);
    search->evolution = mem_alloc(sizeof *search->evolution);
    if (search->evolution) {
        search->evolution->history = mem_array((size_t)options->generations + 1, sizeof *search->evolution->history);
        search->evolution->causes = mem_array(BORN_BY_MUTATION + options->mutation_count, sizeof *search->evolution->causes);
    }
    return ranking_init(&search->ranking, options->population * 2) && loss_kernel_init(&search->formula, &options->train) &&
           search->population && search->children && search->held && search->merits && search->evolution &&
           search->evolution->history && name_causes(search);
}

/* The evolution stays, without what only the search needed. */
static void search_release(struct search *search)
{
    for (size_t i = 0; i < search->held_count; i++)
        archive_let_go(search, search->held[i]);
    passages_release(search);
    for (size_t i = 0; search->evolution && i < search->evolution->form_count; i++)
        form_rest(search->evolution->forms[i]);
    for (size_t i = 0; i < search->cohort_count; i++)
        cohort_release(&search->cohorts[i]);
    mem_free(search->cohorts);
    weights_release_all(search);
    loss_kernel_release(&search->formula);
    ranking_release(&search->ranking);
    mem_free(search->merits);
    mem_free(search->population);
    mem_free(search->children);
    mem_free(search->held);
    mem_free(search->table);
    mem_free(search->free_places);
    mem_free(search->form_table);
    diags_release(&search->unkept);
}

struct evolution *evolve(const struct molecule *const *founders, size_t founder_count, struct prepared *data,
                         const struct evolve_options *options, const struct progress *progress, struct diags *diags)
{
    if (evolve_options_wrong(options, founder_count, diags))
        return NULL;
    struct search search = {.options = options, .founders = founders, .founder_count = founder_count, .data = data, .diags = diags};
    search.quiet = (struct progress){.report = report_nothing, .cancel = progress != NULL ? progress->cancel : NULL};
    const double start = clock_seconds();
    const bool done = search_init(&search) ? run(&search, progress, start) : search_out_of_memory(&search);
    search_release(&search);
    if (done)
        return search.evolution;
    evolution_release(search.evolution);
    return NULL;
}

void evolution_release(struct evolution *evolution)
{
    if (evolution == NULL)
        return;
    for (size_t i = 0; i < evolution->individual_count; i++)
        training_release(evolution->individuals[i].training);
    for (size_t i = 0; i < evolution->form_count; i++)
        form_release(evolution->forms[i]);
    mem_free(evolution->forms);
    mem_free(evolution->front);
    mem_free(evolution->everyone);
    mem_free(evolution->individuals);
    mem_free(evolution->causes);
    mem_free(evolution->history);
    mem_free(evolution);
}
