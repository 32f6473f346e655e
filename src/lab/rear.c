/* Rearing: those who were born are trained and judged, and who is needed no more gives back weights and history.

   With halving (successive halving: Jamieson and Talwalkar, AISTATS 2016; the budgets of Hyperband) those who were born together first have
   a short trial; the better half of them goes on to one twice as long, and so on, until the last ones have all the epochs. A trial is the
   beginning of the longer one, and whoever comes through has the bits of a training that was never judged on its way. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/metrics.h"
#include "lab/search.h"
#include "support/memory.h"
#include "support/threads.h"

/* Fitness, then the further objectives, then fewer parameters, then age. */
static bool fitter(const struct evolution *evolution, size_t a, size_t b)
{
    const struct individual *left = evolution_individual(evolution, a), *right = evolution_individual(evolution, b);
    for (uint32_t i = 0; i < OBJECTIVES_MOST; i++)
        if (left->objectives[i] != right->objectives[i])
            return left->objectives[i] > right->objectives[i];
    return left->form->params != right->form->params ? left->form->params < right->form->params : a < b;
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
    train.seed = search_seed(search);
    if (options->halving > 0 && !(train.schedule.span > 0))
        train.schedule.span = train.epochs; /* of the whole training, also in a trial */
    return train;
}

/* Trainings as tasks. */
struct batch {
    struct search *search;
    const size_t *who;
    unsigned halvings;     /* of the epochs */
    struct diags *diags;   /* one a task */
    struct model **models; /* one a task: what it begins with, made where the references of molecules are counted */
};

static uint32_t epochs_after(const struct train_options *options, unsigned halvings)
{
    const uint32_t epochs = options->epochs >> halvings;
    return epochs > 0 ? epochs : options->epochs > 0;
}

/* What an individual's training begins with; NULL with a diagnostic. */
static struct model *model_of(const struct search *search, const struct individual *individual, struct diags *diags)
{
    const struct form_work *work = individual->form->work;
    return model_of_plan(work->whole, work->plan, search->data->recipe, archive_weights(individual), diags);
}

/* A founder that carries weights which are not inherited may carry the state of an optimiser, too: it is trained as the molecule it is. */
static struct training *train_first(const struct search *search, const struct individual *individual, struct model *model,
                                    const struct train_options *options, const struct progress *progress, struct diags *diags)
{
    const struct molecule *molecule = individual->form->molecule;
    if (!molecule->trained)
        return train_model(model, search->data, options, progress, diags);
    model_release(model);
    return train(molecule, search->data, options, progress, diags);
}

static void train_individual(void *context, size_t index)
{
    struct batch *batch = context;
    const struct search *search = batch->search;
    struct individual *individual = individual_at(search, batch->who[index]);
    struct train_options options = search_training(search, individual);
    struct training *before = individual->training;
    options.epochs = individual->epochs = epochs_after(&options, batch->halvings);
    struct diags *diags = &batch->diags[index];
    if (before)
        individual->training = train_further(before, NULL, search->data, &options, &search->quiet, diags);
    else if (batch->models[index])
        individual->training = train_first(search, individual, batch->models[index], &options, &search->quiet, diags);
    training_release(before);
}

/* Trains them, or goes on with them. False where a training could not be made. */
static bool train_these(struct search *search, const size_t *who, size_t count, unsigned halvings)
{
    struct batch batch = {search, who, halvings, mem_array(count, sizeof(struct diags)), mem_array(count, sizeof(struct model *))};
    if (batch.diags == NULL || batch.models == NULL) {
        mem_free(batch.diags);
        mem_free(batch.models);
        return search_out_of_memory(search);
    }
    for (size_t i = 0; i < count; i++)
        if (!individual_at(search, who[i])->training)
            batch.models[i] = model_of(search, individual_at(search, who[i]), &batch.diags[i]);
    threads_each(search->options->threads, count, train_individual, &batch);
    bool trained = true;
    for (size_t i = 0; i < count; i++) {
        /* A warning that some molecule diverged tells nobody much: individuals carry a mark. */
        if (individual_at(search, who[i])->training == NULL) {
            trained = false;
            diags_move(search->diags, &batch.diags[i]);
        }
        diags_release(&batch.diags[i]);
    }
    mem_free(batch.diags);
    mem_free(batch.models);
    return trained;
}

static bool any_cancelled(const struct search *search, const size_t *who, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (individual_at(search, who[i])->training->cancelled)
            return true;
    return false;
}

/* ---- judging ---- */

struct training *subject_training(struct subject *subject, struct diags *diags)
{
    if (subject->training)
        return subject->training;
    const struct search *search = subject->search;
    struct train_options options = search_training(search, subject->individual);
    options.epochs = subject->individual->epochs;
    struct diags told = {0}; /* warnings are as little news as in the search */
    struct model *model = model_of(search, subject->individual, &told);
    if (model)
        subject->training = train_first(search, subject->individual, model, &options, &search->quiet, &told);
    if (!subject->training)
        diags_move(diags, &told);
    diags_release(&told);
    return subject->training;
}

/* Asks for the fitness of somebody. A training that is made for it alone goes again: it costs less than it takes. */
static bool judge(struct search *search, struct subject *subject)
{
    struct individual *individual = subject->individual;
    if (individual->training) {
        subject->training = individual->training;
        subject->train = &individual->training->train;
        subject->validation = &individual->training->validation;
        individual->diverged = individual->training->diverged;
    }
    subject->params = individual->form->params;
    subject->flops = individual->form->flops;
    subject->epochs = individual->epochs;
    subject->diverged = individual->diverged;
    const bool well = search->options->fitness(search->options->fitness_context, subject, individual->objectives, search->diags);
    if (subject->training != individual->training)
        training_release(subject->training);
    for (uint32_t k = 0; well && k < OBJECTIVES_MOST; k++)
        if (isnan(individual->objectives[k]) || k >= search->options->objectives)
            individual->objectives[k] = k < search->options->objectives ? -INFINITY : 0;
    search->evolution->everyone[individual->index].fitness = individual->objectives[0];
    return well;
}

/* In order of birth, with the figures of those who were judged side by side (NULL: none). False with a diagnostic; a wish to stop that comes
   while somebody is judged ends the judging, with evolution->cancelled, but among the founders, without whom there is no result. */
static bool judge_these(struct search *search, const size_t *who, size_t count, const struct scores *train,
                        const struct scores *validation)
{
    const struct scores none = scores_none();
    struct diags *diags = search->diags, told = {0};
    search->diags = &told;
    bool well = true;
    for (size_t i = 0; well && i < count; i++) {
        struct subject subject = {.train = train ? &train[i] : &none,
                                  .validation = validation ? &validation[i] : &none,
                                  .individual = individual_at(search, who[i]),
                                  .search = search};
        well = judge(search, &subject);
    }
    search->diags = diags;
    if (!well && search->ranking.count > 0 && progress_cancelled(&search->quiet))
        search->evolution->cancelled = well = true;
    else
        diags_move(diags, &told);
    diags_release(&told);
    return well;
}

/* ---- side by side ---- */

/* Networks that are not trained are judged as cohorts, each of those of one form. */
struct sighting {
    struct search *search;
    size_t first;
    const size_t *who; /* sorted by form */
    size_t count, tasks;
    struct scores *train, *validation; /* from `first` on, in order of birth; NULL: not wanted */
    atomic_bool failed;
};

/* Networks of one form that a task judges at a time. */
enum { SIGHTED = 256 };

static bool see_set(struct sighting *sighting, size_t task, const size_t *who, const float *const *params, size_t count,
                    const struct samples *samples, struct scores *scores)
{
    struct search *search = sighting->search;
    const struct form *form = individual_at(search, who[0])->form;
    struct cohort_figures figures[SIGHTED];
    const struct objective objective =
        objective_of(form->work->plan->head, &search->options->train, search->data->class_weights, &search->formula);
    if (!cohort_run(&search->cohorts[task], form->work->plan, &objective, samples, params, count, figures))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct scores *of = &scores[who[i] - sighting->first];
        *of = scores_none();
        of->count = samples->count;
        of->loss = figures[i].loss;
        of->accuracy = figures[i].accuracy;
    }
    return true;
}

/* Every so manyth run of one form. */
static void see(void *context, size_t task)
{
    struct sighting *sighting = context;
    struct search *search = sighting->search;
    const struct prepared *data = search->data;
    size_t number = 0;
    for (size_t from = 0, to; from < sighting->count && !atomic_load(&sighting->failed); from = to, number++) {
        const struct form *form = individual_at(search, sighting->who[from])->form;
        const float *params[SIGHTED];
        for (to = from; to < sighting->count && to - from < SIGHTED && individual_at(search, sighting->who[to])->form == form; to++)
            params[to - from] = archive_weights(individual_at(search, sighting->who[to]));
        if (number % sighting->tasks != task)
            continue;
        if ((sighting->train && data->train.count > 0 &&
             !see_set(sighting, task, sighting->who + from, params, to - from, &data->train, sighting->train)) ||
            (sighting->validation && data->validation.count > 0 &&
             !see_set(sighting, task, sighting->who + from, params, to - from, &data->validation, sighting->validation)))
            atomic_store(&sighting->failed, true);
    }
}

/* Whether individuals can be judged so: untrained, by loss and accuracy alone, which of one-hot targets takes more to know. */
static bool sees(const struct search *search)
{
    const struct evolve_options *options = search->options;
    bool trained = options->train.epochs > 0;
    for (uint32_t i = 0; i < options->variant_count; i++)
        trained = trained || options->variants[i].epochs > 0;
    return !trained && options->variant_count == 0 && options->figures != 0 && !search->data->recipe->one_hot;
}

/* What threads are worth: some hundred microseconds of work for each. */
#define FLOPS_OF_TASK 1e6

static size_t tasks_for(const struct search *search, const size_t *who, size_t count)
{
    double flops = 0;
    for (size_t i = 0; i < count; i++)
        flops += individual_at(search, who[i])->form->flops + 50;
    flops *= (double)search->data->train.count + search->data->validation.count;
    const size_t most = search->options->threads > 0 ? search->options->threads : threads_available();
    const double tasks = fmax(1, floor(flops / FLOPS_OF_TASK));
    return tasks < (double)most ? (size_t)tasks : most;
}

static bool make_cohorts(struct search *search, size_t count)
{
    if (count <= search->cohort_count)
        return true;
    struct cohort *cohorts = mem_resize(search->cohorts, count, sizeof *cohorts);
    if (!cohorts)
        return false;
    memset(cohorts + search->cohort_count, 0, (count - search->cohort_count) * sizeof *cohorts);
    search->cohorts = cohorts;
    search->cohort_count = count;
    return true;
}

static bool see_all(struct sighting *sighting)
{
    sighting->tasks = tasks_for(sighting->search, sighting->who, sighting->count);
    if (!make_cohorts(sighting->search, sighting->tasks))
        return search_out_of_memory(sighting->search);
    if (sighting->tasks == 1)
        see(sighting, 0);
    else
        threads_each((unsigned)sighting->tasks, sighting->tasks, see, sighting);
    return !atomic_load(&sighting->failed) || search_out_of_memory(sighting->search);
}

/* Puts those who can be seen in order of their forms, each form's in order of birth, and the others behind them; how many the first are. */
static size_t sort_by_form(struct search *search, size_t first, size_t count, size_t *who)
{
    size_t seen = 0, others = count, *next = who + count;
    for (size_t i = count; i-- > 0;) {
        struct form_work *work = individual_at(search, first + i)->form->work;
        next[i] = work->group;
        work->group = first + i + 1;
    }
    for (size_t i = 0; i < count; i++) {
        struct form_work *work = individual_at(search, first + i)->form->work;
        for (size_t at = work->group; at != 0; at = next[at - 1 - first])
            if (work->side_by_side)
                who[seen++] = at - 1;
            else
                who[--others] = at - 1;
        work->group = 0;
    }
    return seen;
}

/* Everyone from `first` on, in order of birth. */
static bool see_these(struct search *search, size_t first, size_t count)
{
    size_t *who = mem_array(2 * count + 1, sizeof *who);
    struct scores *scores = mem_array(2 * count + 1, sizeof *scores);
    const unsigned wanted = search->options->figures;
    bool well = (who && scores) || search_out_of_memory(search);
    if (well) {
        const size_t seen = sort_by_form(search, first, count, who);
        struct sighting sighting = {.search = search, .first = first, .who = who, .count = seen};
        sighting.train = wanted & FIGURES_OF_TRAIN ? scores : NULL;
        sighting.validation = wanted & FIGURES_OF_VALIDATION ? scores + count : NULL;
        well = see_all(&sighting) && (seen == count || train_these(search, who + seen, count - seen, 0));
        for (size_t i = 0; i < count; i++)
            who[i] = first + i;
        well = well && judge_these(search, who, count, sighting.train, sighting.validation);
    }
    mem_free(who);
    mem_free(scores);
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

/* Trains everyone from `first` on and judges them, trial by trial. */
static bool try_these(struct search *search, size_t first, size_t count)
{
    struct evolution *evolution = search->evolution;
    size_t *who = mem_array(count + 1, sizeof *who);
    if (!who)
        return search_out_of_memory(search);
    for (size_t i = 0; i < count; i++)
        who[i] = first + i;
    bool well = true;
    for (unsigned left = search->options->halving;; left--) {
        well = train_these(search, who, count, left);
        evolution->cancelled = well && any_cancelled(search, who, count);
        well = well && judge_these(search, who, count, NULL, NULL);
        if (!well || evolution->cancelled || left == 0)
            break;
        count = better_half(search, who, count);
    }
    mem_free(who);
    return well;
}

bool rear(struct search *search, size_t first)
{
    struct evolution *evolution = search->evolution;
    const size_t count = evolution->count - first;
    const bool well = (sees(search) ? see_these : try_these)(search, first, count);
    for (size_t i = first; well && i < evolution->count && !(evolution->cancelled && search->ranking.count > 0); i++)
        evolution->best = fitter(evolution, i, evolution->best) ? i : evolution->best;
    return well;
}

/* ---- what is given back ---- */

/* Puts those of the population first among the held, and the best; the others give back what they have. */
static void keep_held(struct search *search)
{
    struct evolution *evolution = search->evolution;
    size_t kept = 0;
    for (size_t i = 0; i < search->held_count; i++) {
        const size_t index = search->held[i];
        if (individual_at(search, index)->alive || index == evolution->best)
            search->held[kept++] = index;
        else
            archive_part(search, index);
    }
    search->held_count = kept;
}

bool rear_give_back(struct search *search)
{
    const uint32_t population = search->options->population;
    for (size_t i = 0; i < search->held_count; i++)
        individual_at(search, search->held[i])->alive = false;
    for (uint32_t i = 0; i < population; i++)
        individual_at(search, search->population[i])->alive = true;
    keep_held(search);
    search->distinct = (uint32_t)search->held_count - !individual_at(search, search->evolution->best)->alive;
    for (uint32_t i = 0; i < population; i++) { /* who was dead is alive again: born by chance as somebody long ago */
        if (individual_at(search, search->population[i])->held)
            continue;
        archive_hold(search, search->population[i]);
        if (!archive_remake_descent(search, search->population[i]))
            return false;
        search->distinct++;
    }
    forms_shed(search);
    return !search->options->inherit || archive_index(search);
}

bool rear_front(struct search *search)
{
    struct evolution *evolution = search->evolution;
    for (size_t i = 0; i < evolution->front_count; i++) {
        struct individual *individual = individual_at(search, evolution->front[i]);
        struct subject subject = {.training = individual->training, .individual = individual, .search = search};
        if (!individual->training && !form_wake(search, individual->form))
            return false;
        individual->training = subject_training(&subject, search->diags);
        if (!individual->training)
            return false;
    }
    return true;
}
