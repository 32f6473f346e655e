/* From data sets to samples: the recipe is fitted on the training rows, then every part is written once. */
#include "support/references.h"
#include "engine/train.h"
#include "support/hash.h"
#include "support/memory.h"
#include "support/number.h"

void samples_release(struct samples *samples)
{
    mem_free_floats(samples->x);
    mem_free_floats(samples->y);
    mem_free(samples->labels);
    *samples = (struct samples){0};
}

bool samples_make(struct samples *samples, const struct recipe *recipe, const struct dataset *dataset, struct span span,
                  struct diags *diags)
{
    samples->count = dataset->count;
    samples->width = recipe->width;
    samples->outputs = recipe->outputs;
    samples->x = mem_floats((size_t)dataset->count * recipe->width + 1);
    if (!samples->x)
        return diag_out_of_memory(diags, span);
    if (!recipe_inputs(recipe, dataset, samples->x, span, diags))
        return false;
    if (recipe->target != TARGET_CLASS) {
        samples->y = mem_floats((size_t)dataset->count * recipe->outputs + 1);
        return samples->y ? recipe_targets(recipe, dataset, samples->y, span, diags) : diag_out_of_memory(diags, span);
    }
    samples->labels = mem_array(dataset->count + (size_t)1, sizeof *samples->labels);
    if (!samples->labels)
        return diag_out_of_memory(diags, span);
    return recipe_labels(recipe, dataset, samples->labels, span, diags);
}

static bool samples_fill(struct samples *samples, const struct recipe *recipe, const struct dataset *dataset, struct span span,
                         struct diags *diags)
{
    return !dataset || samples_make(samples, recipe, dataset, span, diags);
}

static struct prepared *prepare_parts(const struct dataset *train, const struct dataset *validation, const struct dataset *test,
                                      struct span span, struct diags *diags)
{
    struct recipe *recipe = recipe_fit(train, span, diags);
    if (!recipe)
        return NULL;
    struct prepared *prepared = mem_alloc(sizeof *prepared);
    if (!prepared) {
        recipe_release(recipe);
        diag_out_of_memory(diags, span);
        return NULL;
    }
    prepared->references = 1;
    prepared->recipe = recipe;
    if (recipe->target == TARGET_NONE) {
        struct diag *diag = diag_error(diags, span, "the data `%s` has no target to train on", train->name);
        diag_help(diag, "name its target column, or use `reconstruct(…)` to train a network to give back its input");
    } else if (samples_fill(&prepared->train, recipe, train, span, diags) &&
               samples_fill(&prepared->validation, recipe, validation, span, diags) &&
               samples_fill(&prepared->test, recipe, test, span, diags)) {
        return prepared;
    }
    prepared_release(prepared);
    return NULL;
}

/* Whether the share of so few rows leaves some for either part, as dataset_split rounds. */
static bool validation_possible(const struct dataset *train, double validation, struct span span, struct diags *diags)
{
    const double rows = train->count, kept = round((1 - validation) * rows);
    if (kept >= 1 && rows - kept >= 1)
        return true;
    struct diag *diag = diag_error(diags, span, "%g%% of %s leaves no row to %s", validation * 100,
                                   counted(rows, "row", "rows").text, kept < 1 ? "train on" : "validate on");
    diag_help(diag, "what selects, such as `stop: patience(20)`, needs a validation part: more rows, a larger share "
                    "(`validation: 50%%`), or `validation: data`");
    return false;
}

/* The same, with a validation part set aside. */
static struct prepared *prepare_cut(const struct split *split, double validation, uint64_t seed, struct span span,
                                    struct diags *diags)
{
    if (!validation_possible(split->train, validation, span, diags))
        return NULL;
    struct split *cut = dataset_split(split->train, 1 - validation, 0, seed, span, diags);
    if (!cut)
        return NULL;
    struct prepared *prepared = prepare_parts(cut->train, cut->test, split->test, span, diags);
    if (prepared) {
        prepared->validation_split_off = true;
        prepared->share = validation;
        prepared->seed = seed;
    }
    split_release(cut);
    return prepared;
}

struct prepared *prepare(const struct split *split, double validation, uint64_t seed, struct span span, struct diags *diags)
{
    struct prepared *prepared = split->validation || !(validation > 0)
                                    ? prepare_parts(split->train, split->validation, split->test, span, diags)
                                    : prepare_cut(split, validation, seed, span, diags);
    if (prepared)
        prepared->fold = split->fold;
    return prepared;
}

struct prepared *prepared_blind(struct prepared *prepared)
{
    struct prepared *blind = mem_alloc(sizeof *blind);
    if (!blind)
        return NULL;
    *blind = *prepared;
    blind->references = 1;
    blind->test = (struct samples){0};
    blind->whole = prepared_retain(prepared);
    return blind;
}

struct prepared *prepared_retain(struct prepared *prepared)
{
    if (prepared)
        references_add(&prepared->references);
    return prepared;
}

void prepared_release(struct prepared *prepared)
{
    if (!prepared || !references_drop(&prepared->references))
        return;
    if (prepared->whole) {
        prepared_release(prepared->whole);
    } else {
        samples_release(&prepared->train);
        samples_release(&prepared->validation);
        samples_release(&prepared->test);
        recipe_release(prepared->recipe);
        mem_free(prepared->class_weights);
    }
    mem_free(prepared);
}

static uint64_t samples_hash(uint64_t hash, const struct samples *samples)
{
    hash = hash_u64(hash_u64(hash_u64(hash, samples->count), samples->width), samples->outputs);
    if (samples->count == 0)
        return hash;
    hash = hash_bytes(hash, samples->x, (size_t)samples->count * samples->width * sizeof *samples->x);
    if (samples->labels)
        return hash_bytes(hash, samples->labels, samples->count * sizeof *samples->labels);
    return hash_bytes(hash, samples->y, (size_t)samples->count * samples->outputs * sizeof *samples->y);
}

uint64_t prepared_hash(const struct prepared *prepared)
{
    uint64_t hash = samples_hash(HASH_START, &prepared->train);
    hash = samples_hash(samples_hash(hash, &prepared->validation), &prepared->test);
    if (prepared->class_weights)
        hash = hash_bytes(hash, prepared->class_weights, prepared->train.outputs * sizeof *prepared->class_weights);
    return hash;
}
