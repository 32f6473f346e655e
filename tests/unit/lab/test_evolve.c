/* Evolution on a small toy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab/evolve.h"
#include "support/file.h"
#include "support/limits.h"

#include "kit.h"

static struct kit kit;

static int set_up(void **state)
{
    (void)state;
    kit_init(&kit, "moons", 100);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_release(&kit);
    return 0;
}

/* How many hidden layers there are, and one by number. */
static uint32_t count_layers(const struct molecule *molecule)
{
    uint32_t layers = 0;
    for (uint32_t i = 0; i < molecule->count; i++)
        layers += molecule->genes[i].kind == GENE_LAYER;
    return layers;
}

static uint32_t layer_at(const struct molecule *molecule, uint32_t number)
{
    for (uint32_t i = 0; i < molecule->count; i++)
        if (molecule->genes[i].kind == GENE_LAYER && number-- == 0)
            return i;
    fail_msg("there is no such layer");
    return 0;
}

/* Puts a layer, or it and another one like it, in the place of one. */
static struct molecule *replace_layer(const struct molecule *molecule, uint32_t at, struct gene gene, double times,
                                      struct diags *diags)
{
    struct molecule *atom = molecule_atom(gene, NULL, SPAN_NONE, diags);
    struct molecule *row = atom != NULL ? molecule_repeat(atom, times, &kit.elements, SPAN_NONE, diags) : NULL;
    struct molecule *child = row != NULL ? molecule_replace(molecule, (struct place){at, 1}, row, diags) : NULL;
    molecule_release(row);
    molecule_release(atom);
    return child;
}

static bool by_layer(void *context, const struct molecule *molecule, uint32_t *count, struct diags *diags)
{
    (void)context, (void)diags;
    *count = count_layers(molecule);
    return true;
}

static struct molecule *widen(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed, struct diags *diags)
{
    (void)context, (void)seed;
    const uint32_t at = layer_at(molecule, way);
    struct gene gene = molecule->genes[at];
    gene.width *= 2;
    gene.label = 0;
    return replace_layer(molecule, at, gene, 1, diags);
}

static struct molecule *deepen(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed, struct diags *diags)
{
    (void)context, (void)seed;
    const uint32_t at = layer_at(molecule, way);
    struct gene gene = molecule->genes[at];
    gene.label = 0;
    return replace_layer(molecule, at, gene, 2, diags);
}

static bool by_layer_and_type(void *context, const struct molecule *molecule, uint32_t *count, struct diags *diags)
{
    (void)context, (void)diags;
    *count = 2 * count_layers(molecule);
    return true;
}

static struct molecule *retype(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed, struct diags *diags)
{
    (void)seed;
    const struct element *const *to = context;
    const uint32_t at = layer_at(molecule, way / 2);
    return replace_layer(molecule, at, gene_layer(to[way % 2], molecule->genes[at].width, SPAN_NONE), 1, diags);
}

/* A rule that has no place anywhere, and one whose right side fails. */
static bool nowhere(void *context, const struct molecule *molecule, uint32_t *count, struct diags *diags)
{
    (void)context, (void)molecule, (void)diags;
    *count = 0;
    return true;
}

static struct molecule *homeless(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed, struct diags *diags)
{
    (void)context, (void)molecule, (void)way, (void)seed, (void)diags;
    fail_msg("it has no place");
    return NULL;
}

static struct molecule *broken(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed, struct diags *diags)
{
    (void)context, (void)way, (void)seed;
    diag_error(diags, molecule->genes[0].span, "this rule is broken");
    return NULL;
}

static bool validation_accuracy(void *context, struct subject *subject, double *value, struct diags *diags)
{
    (void)context, (void)diags;
    *value = subject->validation->accuracy - 1e-4 * subject->params;
    return true;
}

static struct evolve_options options_of(const struct mutation *mutations, size_t count)
{
    struct evolve_options options = {
        .population = 8,
        .generations = 4,
        .seed = 3,
        .select = {.kind = SELECT_TOURNAMENT, .size = 3},
        .elite = 1,
        .objectives = 1,
        .mutations = mutations,
        .mutation_count = count,
        .limits = {.params = 120, .depth = 3, .width = 16},
        .train = train_options_default(),
        .threads = 1,
        .fitness = validation_accuracy,
    };
    options.train.epochs = 5;
    options.train.lr = 0.01;
    return options;
}

static void assert_dna(const struct molecule *molecule, const char *dna)
{
    struct text text = {0};
    dna_encode(molecule, &text);
    assert_string_equal(text_chars(&text), dna);
    text_release(&text);
}

/* Two founders and three rules. */
struct scene {
    const struct element *types[2];
    struct mutation mutations[4];
    const struct molecule *founders[2];
    struct evolve_options options;
};

static void scene_init(struct scene *scene)
{
    scene->types[0] = kit.relu;
    scene->types[1] = kit.tanh;
    scene->mutations[0] = (struct mutation){"widen", 2, by_layer, widen, NULL};
    scene->mutations[1] = (struct mutation){"deepen", 1, by_layer, deepen, NULL};
    scene->mutations[2] = (struct mutation){"retype", 1, by_layer_and_type, retype, scene->types};
    scene->mutations[3] = (struct mutation){"homeless", 1, nowhere, homeless, NULL};
    scene->founders[0] = kit_molecule(&kit, "R2");
    scene->founders[1] = kit_molecule(&kit, "T2");
    scene->options = options_of(scene->mutations, 4);
}

static void scene_release(struct scene *scene)
{
    molecule_release(scene->founders[0]);
    molecule_release(scene->founders[1]);
}

static struct evolution *scene_run(struct scene *scene, const struct progress *progress)
{
    return evolve(scene->founders, 2, kit.data, &scene->options, progress, &kit.diags);
}

static void test_outcome(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    struct evolution *evolution = scene_run(&scene, NULL);
    assert_non_null(evolution);
    assert_int_equal(evolution->generations, 4);
    assert_false(evolution->cancelled);
    assert_true(evolution->count > 8);
    assert_dna(evolution_form(evolution, 0)->molecule, "R2");
    assert_dna(evolution_form(evolution, 1)->molecule, "T2");
    const struct individual *best = evolution_individual(evolution, evolution->best);
    assert_non_null(best->training);
    uint32_t alive = 0;
    for (size_t i = 0; i < evolution->count; i++) {
        const struct lineage_row *record = &evolution->everyone[i];
        const struct individual *individual = evolution_individual(evolution, i);
        assert_true(record->fitness == individual->objectives[0] && record->fitness <= best->objectives[0]);
        assert_true(record->parent < i || i < 2);
        assert_int_equal(record->parent == NOBODY, i < 2);
        assert_int_equal(record->by == BORN_FOUNDER, i < 2);
        /* Weights are kept of the living and the best, of nobody else. */
        alive += individual->alive;
        assert_true(individual->training == NULL || individual->alive || i == evolution->best);
        for (size_t k = 0; k < i; k++)
            assert_false(molecule_equal(individual->form->molecule, evolution_form(evolution, k)->molecule));
    }
    assert_true(alive >= 1 && alive <= 8);
    for (uint32_t g = 0; g <= 4; g++) {
        const struct generation_row *row = &evolution->history[g];
        assert_int_equal(row->generation, g);
        assert_true(row->worst <= row->mean && row->mean <= row->best);
        assert_true(row->distinct >= 1 && row->distinct <= 8);
        /* The elite keeps what was reached. */
        assert_true(g == 0 || row->best >= row[-1].best);
        assert_true(g == 0 || row->trained >= row[-1].trained);
    }
    assert_true(evolution->history[4].best == best->objectives[0]);
    assert_int_equal(evolution->history[4].trained, evolution->count);
    assert_int_equal(evolution->history[4].distinct, alive);
    evolution_release(evolution);
    scene_release(&scene);
}

static void test_limits(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    const struct element *const only_relu[] = {kit.relu};
    scene.options.limits = (struct evolve_limits){40, 2, 4, only_relu, 1};
    scene.options.generations = 6;
    struct evolution *evolution = evolve(scene.founders, 1, kit.data, &scene.options, NULL, &kit.diags);
    assert_non_null(evolution);
    assert_true(evolution->count > 2);
    for (size_t i = 0; i < evolution->count; i++) {
        const struct molecule *molecule = evolution_form(evolution, i)->molecule;
        uint32_t layers = 0;
        for (uint32_t k = 0; k < molecule->count; k++) {
            const struct gene *gene = &molecule->genes[k];
            layers += gene->kind == GENE_LAYER;
            assert_true(gene->kind != GENE_LAYER || (gene->width <= 4 && gene->element == kit.relu));
        }
        assert_true(layers <= 2); /* these rules build rows only */
        assert_true(evolution_form(evolution, i)->params <= 40);
    }
    evolution_release(evolution);
    scene_release(&scene);
}

static void assert_same(const struct evolution *a, const struct evolution *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->best, b->best);
    for (size_t i = 0; i < a->count; i++) {
        assert_true(molecule_equal(evolution_form(a, i)->molecule, evolution_form(b, i)->molecule));
        assert_true(a->everyone[i].fitness == b->everyone[i].fitness);
        assert_int_equal(a->everyone[i].parent, b->everyone[i].parent);
        assert_int_equal(a->everyone[i].generation, b->everyone[i].generation);
    }
    for (uint32_t g = 0; g <= a->generations; g++)
        assert_true(a->history[g].best == b->history[g].best && a->history[g].mean == b->history[g].mean);
}

static void test_threads(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    struct evolution *one = scene_run(&scene, NULL);
    scene.options.threads = 2;
    struct evolution *two = scene_run(&scene, NULL);
    scene.options.threads = 7;
    struct evolution *seven = scene_run(&scene, NULL);
    assert_non_null(one);
    assert_same(one, two);
    assert_same(one, seven);
    scene.options.seed = 4;
    struct evolution *other = scene_run(&scene, NULL);
    bool differs = other->count != one->count;
    for (size_t i = 0; !differs && i < one->count; i++)
        differs = !molecule_equal(evolution_form(one, i)->molecule, evolution_form(other, i)->molecule);
    assert_true(differs);
    evolution_release(one);
    evolution_release(two);
    evolution_release(seven);
    evolution_release(other);
    scene_release(&scene);
}

/* The parent's weights are gone, its figures stay, and a molecule that comes back is not trained again. */
static void test_trained_once(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.mutations[0].weight = scene.mutations[1].weight = scene.mutations[3].weight = 0; /* R2 and T2, back and forth */
    scene.options.generations = 10;
    scene.options.elite = 0;
    struct evolution *evolution = scene_run(&scene, NULL);
    assert_non_null(evolution);
    assert_int_equal(evolution->count, 2);
    assert_int_equal(evolution->history[10].trained, 2);
    evolution_release(evolution);
    scene_release(&scene);
}

struct stopper {
    atomic_bool cancel;
    int left; /* judgements until it cancels */
};

static bool stopping_fitness(void *context, struct subject *subject, double *value, struct diags *diags)
{
    struct stopper *stopper = context;
    if (--stopper->left == 0)
        atomic_store(&stopper->cancel, true);
    return validation_accuracy(NULL, subject, value, diags);
}

static void count_event(void *context, const struct progress_event *event)
{
    (void)event;
    int *events = context;
    ++*events;
}

static void test_cancel(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    for (int after = 1; after < 30; after += 7) {
        struct stopper stopper = {.left = after};
        int events = 0;
        struct progress progress = {count_event, &events, &stopper.cancel, NULL};
        scene.options.fitness = stopping_fitness;
        scene.options.fitness_context = &stopper;
        struct evolution *evolution = scene_run(&scene, &progress);
        assert_non_null(evolution);
        assert_true(evolution->cancelled || stopper.left > 0);
        assert_true(evolution->count >= 2);
        assert_non_null(evolution_individual(evolution, evolution->best)->training);
        assert_int_equal(events, evolution->generations + 1);
        evolution_release(evolution);
    }
    /* Before anything was trained: the founders come back as they were initialised. */
    atomic_bool at_once = true;
    int events = 0;
    struct progress progress = {count_event, &events, &at_once, NULL};
    scene.options = options_of(scene.mutations, 4);
    struct evolution *evolution = scene_run(&scene, &progress);
    assert_non_null(evolution);
    assert_true(evolution->cancelled && evolution->generations == 0);
    assert_true(evolution_individual(evolution, evolution->best)->training->cancelled);
    evolution_release(evolution);
    scene_release(&scene);
}

static bool no_fitness(void *context, struct subject *subject, double *value, struct diags *diags)
{
    (void)context, (void)subject, (void)value;
    diag_error(diags, SPAN_NONE, "no fitness");
    return false;
}

static bool nan_fitness(void *context, struct subject *subject, double *value, struct diags *diags)
{
    (void)context, (void)subject, (void)diags;
    *value = NAN;
    return true;
}

static void assert_refused(struct scene *scene, const char *why)
{
    assert_null(scene_run(scene, NULL));
    if (!says(&kit.diags, why))
        fail_msg("nobody said: %s", why);
    diags_release(&kit.diags);
    kit.diags = (struct diags){0};
    scene->options = options_of(scene->mutations, 4);
}

static void test_failures(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.options.population = 0;
    assert_refused(&scene, "a population of 1 to");
    scene.options.generations = UINT32_MAX;
    assert_refused(&scene, "at most 100000 generations");
    scene.options.population = 1;
    assert_refused(&scene, "2 founders for a population of 1");
    scene.options.select.size = 0;
    assert_refused(&scene, "contestants");
    scene.options.limits.params = 5;
    assert_refused(&scene, "parameters, more than the limit of 5");
    scene.options.limits.width = 1;
    assert_refused(&scene, "this molecule has 2 neurons in one layer, more than the limit of 1");
    const struct element *const only_relu[] = {kit.relu};
    scene.options.limits = (struct evolve_limits){.elements = only_relu, .element_count = 1};
    assert_refused(&scene, "the element `tanh` is not among");
    scene.options.fitness = no_fitness;
    assert_refused(&scene, "no fitness");
    scene.mutations[1].weight = -1;
    assert_refused(&scene, "the weight of the mutation `deepen`");
    scene.mutations[1] = (struct mutation){"broken", 5, by_layer, broken, NULL};
    assert_refused(&scene, "this rule is broken");
    for (size_t i = 0; i < 4; i++)
        scene.mutations[i].weight = 0;
    assert_refused(&scene, "no mutation can be drawn");
    scene_release(&scene);
}

/* Without a rule that applies, children are what their parents are; a fitness that is no number is the worst. */
static void test_degenerate(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.options.mutations = scene.mutations + 3;
    scene.options.mutation_count = 1;
    scene.options.fitness = nan_fitness;
    struct evolution *evolution = scene_run(&scene, NULL);
    assert_non_null(evolution);
    assert_int_equal(evolution->count, 2);
    assert_true(isinf(evolution->everyone[evolution->best].fitness) && isnan(evolution->history[0].mean));
    evolution_release(evolution);
    scene.options = options_of(NULL, 0);
    scene.options.generations = 0;
    scene.options.elite = 100;
    evolution = scene_run(&scene, NULL);
    assert_non_null(evolution);
    assert_int_equal(evolution->count, 2);
    evolution_release(evolution);
    scene_release(&scene);
}

/* Fails each allocation in turn: an error, or a whole result, and nothing leaks. */
static void test_memory(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.options.population = 3;
    scene.options.generations = 1;
    scene.options.train.epochs = 1;
    scene.options.lineage = 1;
    bool done = false;
    for (long n = 0; !done; n += 1 + n / 50) {
        struct diags diags = {0};
        mem_fail_after(n);
        struct evolution *evolution = evolve(scene.founders, 2, kit.data, &scene.options, NULL, &diags);
        mem_fail_after(-1);
        assert_true(evolution != NULL || diags.errors > 0 || diags.overflowed);
        done = evolution != NULL;
        evolution_release(evolution);
        diags_release(&diags);
    }
    scene_release(&scene);
}

/* ---- ways to select ---- */

static const struct selection selections[] = {
    {.kind = SELECT_TOURNAMENT, .size = 2},
    {.kind = SELECT_RANK, .pressure = 1.8},
    {.kind = SELECT_TRUNCATION, .share = 0.4},
    {.kind = SELECT_NSGA2},
    {.kind = SELECT_AGING, .size = 3, .batch = 3},
    {.kind = SELECT_RANDOM},
    {.kind = SELECT_CLIMB},
};

/* Each with crossing and, where it can, with species: whatever it does, it does on any number of threads. */
static void test_selections(void **state)
{
    (void)state;
    size_t crossed = 0;
    for (size_t i = 0; i < sizeof selections / sizeof *selections; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.options.select = selections[i];
        scene.options.crossover = 0.4;
        scene.options.species = i % 2 ? 0 : 0.4;
        struct evolution *one = scene_run(&scene, NULL);
        scene.options.threads = 3;
        struct evolution *three = scene_run(&scene, NULL);
        assert_non_null(one);
        assert_same(one, three);
        assert_int_equal(one->generations, 4);
        assert_int_equal(one->front_count, 1);
        assert_int_equal(one->front[0], one->best);
        for (size_t k = 0; k < one->count; k++) {
            crossed += one->everyone[k].other != NOBODY;
            assert_true(one->everyone[k].other < k || one->everyone[k].other == NOBODY);
            assert_true(one->everyone[k].fitness <= one->everyone[one->best].fitness);
        }
        assert_true((one->history[4].species > 0) == (scene.options.species > 0));
        evolution_release(one);
        evolution_release(three);
        scene_release(&scene);
    }
    assert_true(crossed > 5); /* some ways rarely draw two parents who differ */
}

static bool accuracy_and_size(void *context, struct subject *subject, double *objectives, struct diags *diags)
{
    (void)context, (void)diags;
    objectives[0] = subject->validation->accuracy;
    objectives[1] = -subject->params;
    return true;
}

/* Nobody of the front is surpassed by anybody who was ever trained: NSGA-II loses no such individual while the front fits in. */
static void test_front(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.options.population = 12;
    scene.options.select = (struct selection){.kind = SELECT_NSGA2};
    scene.options.objectives = 2;
    scene.options.fitness = accuracy_and_size;
    struct evolution *evolution = scene_run(&scene, NULL);
    assert_non_null(evolution);
    assert_true(evolution->front_count >= 1 && evolution->front_count <= 12);
    for (size_t i = 0; i < evolution->front_count; i++) {
        const struct individual *one = evolution_individual(evolution, evolution->front[i]);
        assert_non_null(one->training);
        for (size_t k = 0; k < evolution->count; k++) {
            const struct individual *other = evolution_individual(evolution, k);
            assert_false(other->objectives[0] >= one->objectives[0] && other->objectives[1] >= one->objectives[1] &&
                         (other->objectives[0] > one->objectives[0] || other->objectives[1] > one->objectives[1]));
        }
        assert_true(i == 0 || one->objectives[0] <= evolution->everyone[evolution->front[i - 1]].fitness);
    }
    evolution_release(evolution);
    scene_release(&scene);
}

/* Aging: however fit, the founders die when as many children as the population were born. A layer is only ever widened here, so that
   nobody becomes a founder again. */
static void test_aging(void **state)
{
    (void)state;
    for (uint32_t batch = 1; batch <= 8; batch += 7) {
        struct scene scene;
        scene_init(&scene);
        scene.options.mutation_count = 1;
        scene.options.select = (struct selection){.kind = SELECT_AGING, .size = 4, .batch = batch};
        struct evolution *evolution = scene_run(&scene, NULL);
        assert_non_null(evolution);
        assert_false(evolution_individual(evolution, 0)->alive);
        assert_false(evolution_individual(evolution, 1)->alive);
        evolution_release(evolution);
        scene_release(&scene);
    }
}

/* Inherited weights: short trainings add up over the generations, in most searches; the dead keep no weights. */
static void test_inherit(void **state)
{
    (void)state;
    double mean[2] = {0};
    for (uint64_t seed = 1; seed <= 8; seed++)
        for (int inherit = 0; inherit < 2; inherit++) {
            struct scene scene;
            scene_init(&scene);
            scene.options.seed = seed;
            scene.options.generations = 8;
            scene.options.inherit = inherit;
            scene.options.crossover = 0.2;
            struct evolution *one = scene_run(&scene, NULL);
            scene.options.threads = 3;
            struct evolution *three = scene_run(&scene, NULL);
            assert_non_null(one);
            assert_same(one, three);
            for (size_t i = 0; i < one->count; i++)
                assert_true((!evolution_individual(one, i) || !evolution_individual(one, i)->weights) &&
                            !(inherit && evolution_form(one, i)->molecule->trained));
            mean[inherit] += one->history[8].mean / 8;
            evolution_release(one);
            evolution_release(three);
            scene_release(&scene);
        }
    print_message("mean fitness %g, with inherited weights %g\n", mean[0], mean[1]);
    assert_true(mean[1] > mean[0]);
}

static void test_selections_refused(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.options.select = (struct selection){.kind = SELECT_AGING, .size = 3, .batch = 9};
    assert_refused(&scene, "aging makes 1 child at a time, or up to 8");
    scene.options.objectives = 2;
    assert_refused(&scene, "2 objectives are weighed against each other by `nsga2` alone");
    scene.options.select = (struct selection){.kind = SELECT_NSGA2};
    scene.options.population = LIMIT_FRONT_POPULATION + 1;
    assert_refused(&scene, "`nsga2` takes a population of up to 10000");
    scene_release(&scene);
}

/* ---- what is remembered ---- */

/* Of the same course: what `few` remembers of the best's descent is what `all` does, parent for parent, to the founders or not so far. */
static void assert_remembers(const struct evolution *few, const struct evolution *all, bool to_founders)
{
    assert_true(few->forgotten > 0 && all->forgotten == 0);
    assert_true(few->count + few->forgotten == all->count);
    assert_true(few->everyone[few->best].fitness == all->everyone[all->best].fitness);
    for (uint32_t g = 0; g <= all->generations; g++)
        assert_true(few->history[g].best == all->history[g].best && few->history[g].mean == all->history[g].mean &&
                    few->history[g].trained == all->history[g].trained);
    size_t one = few->best, other = all->best;
    for (; few->everyone[one].parent != NOBODY; one = few->everyone[one].parent, other = all->everyone[other].parent) {
        assert_true(few->everyone[one].fitness == all->everyone[other].fitness);
        assert_int_equal(few->everyone[one].generation, all->everyone[other].generation);
        assert_true(few->everyone[one].parent < one);
        assert_true(molecule_equal(evolution_form(few, one)->molecule, evolution_form(all, other)->molecule));
    }
    assert_true(!to_founders || all->everyone[other].parent == NOBODY);
    for (size_t i = 0; i < few->count; i++)
        assert_true(few->everyone[i].other == NOBODY || few->everyone[i].other < i);
    assert_memory_equal(evolution_individual(few, few->best)->training->model->params,
                        evolution_individual(all, all->best)->training->model->params,
                        evolution_individual(all, all->best)->training->params * sizeof(float));
}

/* The dead without descendants are forgotten where they take too much, and the course of the search stays what it is. */
static void test_forgotten(void **state)
{
    (void)state;
    static const size_t rooms[] = {40000, 6000, 1};
    for (size_t i = 0; i < 3; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.options.generations = 100;
        scene.options.inherit = true;
        scene.options.crossover = 0.2;
        scene.options.species = 0.3;
        scene.options.train.epochs = 1;
        struct evolution *all = scene_run(&scene, NULL);
        scene.options.lineage = rooms[i];
        struct evolution *few = scene_run(&scene, NULL);
        assert_non_null(all);
        assert_non_null(few);
        assert_remembers(few, all, i == 0);
        assert_true(few->count < rooms[i] / 128 + 3 * scene.options.population);
        evolution_release(all);
        evolution_release(few);
        scene_release(&scene);
    }
}

/* Whoever is forgotten may be trained again where weights are not inherited; whatever the threads, the same. */
static void test_forgotten_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof selections / sizeof *selections; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.options.generations = 20;
        scene.options.select = selections[i];
        scene.options.crossover = 0.2;
        scene.options.train.epochs = 1;
        scene.options.lineage = 6000;
        struct evolution *one = scene_run(&scene, NULL);
        scene.options.threads = 3;
        struct evolution *three = scene_run(&scene, NULL);
        assert_non_null(one);
        assert_true(one->forgotten > 0 && one->forgotten == three->forgotten);
        assert_same(one, three);
        for (size_t k = 0; k < one->count; k++)
            assert_true(evolution_individual(one, k) && evolution_individual(one, k)->index == k);
        evolution_release(one);
        evolution_release(three);
        scene_release(&scene);
    }
}

/* ---- checkpoints ---- */

static char checkpoint_path[64];
static const struct evolve_mark marks[] = {{"mutate", 17}, {"seed", 3}};

static struct evolve_checkpoint checkpoint_here(void)
{
    snprintf(checkpoint_path, sizeof checkpoint_path, "/tmp/nel_search_%ld.safetensors", (long)getpid());
    remove(checkpoint_path);
    return (struct evolve_checkpoint){
        .path = checkpoint_path, .span = SPAN_NONE, .elements = &kit.elements, .marks = marks, .mark_count = 2};
}

/* Broken off in each generation in turn, then gone on with: everybody, with every figure and the best one's weights, as if undisturbed. */
static void resume_everywhere(struct scene *scene)
{
    struct evolve_checkpoint checkpoint = checkpoint_here();
    struct evolution *whole = scene_run(scene, NULL);
    assert_non_null(whole);
    for (int after = 9; after < 40; after += 12) {
        struct stopper stopper = {.left = after};
        struct progress progress = {NULL, NULL, &stopper.cancel, NULL};
        scene->options.checkpoint = &checkpoint;
        scene->options.fitness = stopping_fitness;
        scene->options.fitness_context = &stopper;
        struct evolution *part = scene_run(scene, &progress);
        assert_non_null(part);
        evolution_release(part);
        scene->options.fitness = validation_accuracy;
        struct evolution *resumed = scene_run(scene, NULL);
        assert_non_null(resumed);
        assert_int_equal(whole->count, resumed->count);
        assert_true(whole->forgotten == resumed->forgotten);
        for (size_t i = 0; i < whole->count; i++) { /* weights that somebody was born with are not kept, their hash is */
            const struct lineage_row *one = &whole->everyone[i], *other = &resumed->everyone[i];
            const struct individual *kept = evolution_individual(whole, i), *again = evolution_individual(resumed, i);
            assert_true(one->parent == other->parent && one->other == other->other && one->fitness == other->fitness);
            assert_string_equal(whole->causes[one->by], resumed->causes[other->by]);
            assert_true(!kept == !again && (!kept || kept->hash == again->hash));
        }
        const struct training *a = evolution_individual(whole, whole->best)->training,
                              *b = evolution_individual(resumed, resumed->best)->training;
        assert_int_equal(whole->best, resumed->best);
        for (uint32_t g = 0; g <= whole->generations; g++)
            assert_true(whole->history[g].best == resumed->history[g].best && whole->history[g].mean == resumed->history[g].mean &&
                        whole->history[g].species == resumed->history[g].species);
        assert_memory_equal(a->model->params, b->model->params, a->params * sizeof(float));
        evolution_release(resumed);
        remove(checkpoint_path);
    }
    scene->options.checkpoint = NULL;
    evolution_release(whole);
}

static void test_checkpoint(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof selections / sizeof *selections; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.options.select = selections[i / 2];
        scene.options.inherit = i % 2;
        scene.options.crossover = 0.4;
        scene.options.threads = 2;
        scene.options.species = selections[i / 2].kind == SELECT_NSGA2 ? 0 : 0.3;
        resume_everywhere(&scene);
        scene.options.lineage = 4000; /* some are forgotten, before the break and after it */
        resume_everywhere(&scene);
        scene_release(&scene);
    }
}

/* With more generations a search that had ended goes on; with fewer, or as another search, it is refused. */
static void test_checkpoint_refused(void **state)
{
    (void)state;
    struct scene scene;
    struct evolve_checkpoint checkpoint = checkpoint_here();
    const struct evolve_mark others[] = {{"mutate", 17}, {"seed", 4}};
    scene_init(&scene);
    scene.options.checkpoint = &checkpoint;
    evolution_release(scene_run(&scene, NULL));
    scene.options.generations = 6;
    struct evolution *longer = scene_run(&scene, NULL);
    assert_int_equal(longer->generations, 6);
    evolution_release(longer);
    scene.options.generations = 5;
    assert_null(scene_run(&scene, NULL));
    assert_string_equal(kit.diags.at[0].note, "it has 6 generations behind it, and `generations` is 5");
    diags_release(&kit.diags);
    kit.diags = (struct diags){0};
    checkpoint.marks = others;
    assert_null(scene_run(&scene, NULL));
    assert_string_equal(kit.diags.at[0].note, "its `seed` is another");
    diags_release(&kit.diags);
    kit.diags = (struct diags){0};
    remove(checkpoint_path);
    scene_release(&scene);
}

/* Each byte of the file changed, and the file cut off everywhere: refused, or read as another search's course; never a crash. */
static void test_checkpoint_damaged(void **state)
{
    (void)state;
    struct scene scene;
    struct evolve_checkpoint checkpoint = checkpoint_here();
    struct text bytes = {0};
    scene_init(&scene);
    scene.options.population = 3;
    scene.options.generations = 1;
    scene.options.inherit = true;
    scene.options.checkpoint = &checkpoint;
    evolution_release(scene_run(&scene, NULL));
    assert_true(file_read(checkpoint_path, 1u << 20, &bytes, &kit.diags, SPAN_NONE));
    for (size_t i = 0; i < 2 * bytes.len; i += 211) {
        const size_t at = i / 2;
        const char old = bytes.at[at];
        bytes.at[at] = (char)(old + (i % 7 == 0 ? 128 : 1));
        assert_true(file_write(checkpoint_path, (struct str){bytes.at, i % 2 ? at : bytes.len}, &kit.diags, SPAN_NONE));
        struct evolution *evolution = scene_run(&scene, NULL);
        assert_true(evolution || kit.diags.errors > 0);
        evolution_release(evolution);
        diags_release(&kit.diags);
        kit.diags = (struct diags){0};
        bytes.at[at] = old;
    }
    text_release(&bytes);
    remove(checkpoint_path);
    scene_release(&scene);
}

/* Memory that ends while the file is written or read. */
static void test_checkpoint_memory(void **state)
{
    (void)state;
    struct scene scene;
    struct evolve_checkpoint checkpoint = checkpoint_here();
    scene_init(&scene);
    scene.options.population = 3;
    scene.options.generations = 1;
    scene.options.train.epochs = 1;
    scene.options.inherit = true;
    scene.options.checkpoint = &checkpoint;
    for (int round = 0; round < 2; round++) { /* the second one finds a file */
        bool done = false;
        for (long n = 0; !done; n += 1 + n / 30) {
            struct diags diags = {0};
            if (round == 0)
                remove(checkpoint_path);
            mem_fail_after(n);
            struct evolution *evolution = evolve(scene.founders, 2, kit.data, &scene.options, NULL, &diags);
            mem_fail_after(-1);
            assert_true(evolution != NULL || diags.errors > 0 || diags.overflowed);
            done = evolution != NULL && diags.count == 0;
            evolution_release(evolution);
            diags_release(&diags);
        }
    }
    remove(checkpoint_path);
    scene_release(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcome),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_trained_once),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_front),
        cmocka_unit_test(test_aging),
        cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_forgotten_again),
        cmocka_unit_test(test_selections_refused),
        cmocka_unit_test(test_inherit),
        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_checkpoint_refused),
        cmocka_unit_test(test_checkpoint_damaged),
        cmocka_unit_test(test_checkpoint_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
