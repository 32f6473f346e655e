/* Fitting a recipe. Statistics are taken over the training rows alone, in double precision, in two passes over the rows as they lie
   in memory: sums and extremes first, squared deviations from the final mean second (the numerically safe form of the variance).

   A column's fill value counts in its mean and deviation as often as it will be put in, as if the gaps had been filled first. The
   standard deviation is the population's (divided by n), as is usual for scaling inputs. A column that never changes gets scale 1:
   it becomes 0 everywhere and not NaN. Categories become one-hot inputs of 0 and 1, which are not scaled; their fill is the most
   common one, since codes have no mean, and none at all (all zeros) for `missing: zero`. */
#include "data/recipe.h"

#include <math.h>
#include <stdlib.h>

#include "data/names.h"
#include "data/recipe_parts.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* Figures of one column, or of one value of the target, over the training rows. */
struct figures {
    double sum, square; /* of the values; of the deviations from the mean */
    float low, high;
    uint32_t missing;
};

static void figures_start(struct figures *figures, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        figures[i] = (struct figures){.low = INFINITY, .high = -INFINITY};
}

static void figures_add(struct figures *figures, float value)
{
    if (isnan(value)) {
        figures->missing++;
        return;
    }
    figures->sum += value;
    figures->low = value < figures->low ? value : figures->low;
    figures->high = value > figures->high ? value : figures->high;
}

static int float_compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* The value that occurs most often among sorted ones, the least of several. */
static float most_common(const float *sorted, size_t count)
{
    float best = sorted[0];
    size_t best_run = 0, run = 0;
    for (size_t i = 0; i < count; i++) {
        run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        if (run > best_run) {
            best_run = run;
            best = sorted[i];
        }
    }
    return best;
}

static float median(const float *sorted, size_t count)
{
    return (float)(((double)sorted[(count - 1) / 2] + sorted[count / 2]) / 2);
}

/* What to put where column `c` has no value. `sorted` [rows] is scratch. The column has at least one value. */
static float fill_of(const struct dataset *train, uint32_t c, const struct figures *figures, float *sorted)
{
    enum missing_kind missing = train->spec.missing;
    bool category = train->table->column[c].kind == COLUMN_CATEGORY;
    if (missing == MISSING_ZERO)
        return category ? -1 : 0;
    if (missing == MISSING_MEAN && !category)
        return (float)(figures->sum / (train->count - figures->missing));
    size_t count = 0;
    for (uint32_t i = 0; i < train->count; i++) {
        float value = dataset_features(train, i)[c];
        if (!isnan(value))
            sorted[count++] = value;
    }
    qsort(sorted, count, sizeof *sorted, float_compare);
    return missing == MISSING_MEDIAN && !category ? median(sorted, count) : most_common(sorted, count);
}

static bool fills_wanted(const struct recipe_spec *spec)
{
    return spec->missing != MISSING_REFUSE && spec->missing != MISSING_DROP;
}

static bool fills_fit(struct recipe *recipe, const struct dataset *train, struct figures *figures, struct span span,
                      struct diags *diags)
{
    float *sorted = mem_array(train->count, sizeof *sorted);
    bool filled = sorted != NULL;
    if (!sorted)
        diag_out_of_memory(diags, span);
    for (uint32_t c = 0; filled && c < recipe->columns; c++) {
        if (figures[c].missing == train->count && train->spec.missing != MISSING_ZERO) {
            struct diag *diag =
                diag_error(diags, span, "column `%s` of `%s` has no value in any training row", recipe->steps[c].name, train->name);
            diag_help(diag, "leave the column out with `drop`, or fill it with `missing: zero`");
            filled = false;
        } else {
            recipe->steps[c].fill = fill_of(train, c, &figures[c], sorted);
        }
    }
    mem_free(sorted);
    return filled;
}

/* 1 / spread, or 1 where the spread is none or beyond what a float can divide by. */
static float scale_of(double spread)
{
    float scale = spread > 0 ? (float)(1 / spread) : 1;
    return isfinite(scale) ? scale : 1;
}

/* The mean of a column whose gaps are filled. */
static double filled_mean(const struct figures *figures, float fill, uint32_t count)
{
    return (figures->sum + (figures->missing ? figures->missing * (double)fill : 0)) / count;
}

/* Mean and scale of one column from its figures. */
static void step_scale(struct recipe_step *step, const struct figures *figures, const struct recipe_spec *spec, uint32_t count)
{
    double low = figures->low, high = figures->high;
    if (figures->missing) {
        low = step->fill < low ? step->fill : low;
        high = step->fill > high ? step->fill : high;
    }
    bool constant = !(low < high);
    switch (spec->normalize) {
    case NORMALIZE_STANDARD:
        step->mean = constant ? (float)low : (float)filled_mean(figures, step->fill, count);
        step->scale = constant ? 1 : scale_of(sqrt(figures->square / count));
        break;
    case NORMALIZE_RANGE:
        step->mean = (float)low;
        step->scale = constant ? 1 : scale_of(high - low);
        break;
    case NORMALIZE_FIXED:
        step->mean = (float)spec->fixed_mean;
        step->scale = scale_of(spec->fixed_std);
        break;
    case NORMALIZE_NONE:
        break;
    }
}

/* Second pass: squared deviations from the filled mean, the fills' included. */
static void deviations_add(const struct recipe *recipe, const struct dataset *train, struct figures *figures, double *mean)
{
    for (uint32_t c = 0; c < recipe->columns; c++)
        mean[c] = filled_mean(&figures[c], recipe->steps[c].fill, train->count);
    for (uint32_t i = 0; i < train->count; i++) {
        const float *row = dataset_features(train, i);
        for (uint32_t c = 0; c < recipe->columns; c++) {
            double value = isnan(row[c]) ? recipe->steps[c].fill : row[c];
            figures[c].square += (value - mean[c]) * (value - mean[c]);
        }
    }
}

/* Every gap without a fill and every infinite value is an error, so that the figures below are finite. */
static bool rows_check(const struct dataset *train, struct span span, struct diags *diags)
{
    bool filled = fills_wanted(&train->spec);
    for (uint32_t i = 0; i < train->count; i++)
        if (!row_features_check(train, i, filled, span, diags))
            return false;
    return true;
}

static bool columns_fit(struct recipe *recipe, const struct dataset *train, struct span span, struct diags *diags)
{
    if (!rows_check(train, span, diags))
        return false;
    struct figures *figures = mem_array(recipe->columns, sizeof *figures);
    double *mean = mem_array(recipe->columns, sizeof *mean);
    bool fitted = figures && mean;
    if (!fitted)
        diag_out_of_memory(diags, span);
    if (fitted) {
        figures_start(figures, recipe->columns);
        for (uint32_t i = 0; i < train->count; i++)
            for (uint32_t c = 0; c < recipe->columns; c++)
                figures_add(&figures[c], dataset_features(train, i)[c]);
        fitted = !fills_wanted(&train->spec) || fills_fit(recipe, train, figures, span, diags);
    }
    if (fitted) {
        deviations_add(recipe, train, figures, mean);
        for (uint32_t c = 0; c < recipe->columns; c++)
            if (recipe->steps[c].kind == COLUMN_NUMBER)
                step_scale(&recipe->steps[c], &figures[c], &train->spec, train->count);
    }
    mem_free(figures);
    mem_free(mean);
    return fitted;
}

static bool target_allocate(struct recipe *recipe)
{
    recipe->target_mean = mem_array(recipe->outputs, sizeof *recipe->target_mean);
    recipe->target_scale = mem_array(recipe->outputs, sizeof *recipe->target_scale);
    for (uint32_t i = 0; recipe->target_scale && i < recipe->outputs; i++)
        recipe->target_scale[i] = 1;
    return recipe->target_mean && recipe->target_scale;
}

/* The mean and scale of value `v` of the target under NORMALIZE_STANDARD. */
static void value_fit(struct recipe *recipe, const struct dataset *train, uint32_t v)
{
    struct figures figures;
    figures_start(&figures, 1);
    for (uint32_t i = 0; i < train->count; i++)
        figures_add(&figures, dataset_values(train, i)[v]);
    double mean = figures.sum / train->count;
    for (uint32_t i = 0; i < train->count; i++)
        figures.square += (dataset_values(train, i)[v] - mean) * (dataset_values(train, i)[v] - mean);
    bool constant = !(figures.low < figures.high);
    recipe->target_mean[v] = constant ? figures.low : (float)mean;
    recipe->target_scale[v] = constant ? 1 : scale_of(sqrt(figures.square / train->count));
}

/* The target is the inputs: a prediction in original units undoes what was done to them. */
static void target_reconstruct(struct recipe *recipe)
{
    uint32_t at = 0;
    for (uint32_t c = 0; c < recipe->columns; c++)
        for (uint32_t i = 0; i < recipe->steps[c].width; i++, at++) {
            recipe->target_mean[at] = recipe->steps[c].mean;
            recipe->target_scale[at] = recipe->steps[c].scale;
        }
}

/* Whether every row is 1 in one place and 0 elsewhere. */
static bool rows_one_hot(const struct dataset *train, uint32_t outputs)
{
    for (uint32_t i = 0; i < train->count; i++) {
        const float *values = dataset_values(train, i);
        uint32_t ones = 0;
        for (uint32_t v = 0; v < outputs; v++) {
            if (values[v] != 0 && values[v] != 1)
                return false;
            ones += values[v] == 1;
        }
        if (ones != 1)
            return false;
    }
    return outputs > 1;
}

static bool target_fit(struct recipe *recipe, const struct dataset *train, struct span span, struct diags *diags)
{
    if (recipe->target != TARGET_VALUE)
        return true;
    if (!target_allocate(recipe))
        return diag_out_of_memory(diags, span);
    if (recipe->reconstruct) {
        target_reconstruct(recipe);
        return true;
    }
    for (uint32_t i = 0; i < train->count; i++)
        if (!row_values_check(train, i, span, diags))
            return false;
    recipe->one_hot = rows_one_hot(train, recipe->outputs);
    if (train->spec.normalize == NORMALIZE_STANDARD)
        for (uint32_t v = 0; v < recipe->outputs; v++)
            value_fit(recipe, train, v);
    return true;
}

/* Whether any column has to be looked at: else raw rows are inputs as they stand. */
static bool columns_change(const struct recipe *recipe, const struct recipe_spec *spec)
{
    if (spec->normalize != NORMALIZE_NONE || fills_wanted(spec))
        return true;
    for (uint32_t c = 0; c < recipe->columns; c++)
        if (recipe->steps[c].kind == COLUMN_CATEGORY)
            return true;
    return false;
}

static bool spec_check(const struct dataset *train, struct span span, struct diags *diags)
{
    const struct recipe_spec *spec = &train->spec;
    if (spec->normalize == NORMALIZE_FIXED && !(isfinite(spec->fixed_mean) && spec->fixed_std > 0 && isfinite(spec->fixed_std))) {
        diag_error(diags, span, "normalize needs a finite mean and a standard deviation above 0");
        return false;
    }
    if (train->count == 0 || train->table->columns == 0) {
        diag_error(diags, span, "`%s` has no %s to learn from", train->name, train->count == 0 ? "rows" : "columns");
        return false;
    }
    return true;
}

/* Categories make columns wide: the inputs must stay within a layer's width and a data set's size. */
static bool width_check(const struct recipe *recipe, const struct dataset *train, struct span span, struct diags *diags)
{
    if (recipe->width == 0) {
        diag_error(diags, span, "the columns of `%s` give no inputs at all", train->name);
        return false;
    }
    if (recipe->width <= LIMIT_WIDTH && recipe->width <= LIMIT_DATA_VALUES / train->count)
        return true;
    struct text width = {0};
    number_write_count(&width, recipe->width);
    struct diag *diag = diag_error(diags, span, "the columns of `%s` become %s inputs, too many for its %u rows", train->name,
                                   text_chars(&width), train->count);
    diag_help(diag, "a category column gives one input for each of its values: drop those that are names or texts");
    text_release(&width);
    return false;
}

struct recipe *recipe_fit(const struct dataset *train, struct span span, struct diags *diags)
{
    if (!spec_check(train, span, diags))
        return NULL;
    struct recipe *recipe = recipe_start(train->table);
    if (!recipe) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    if (train->spec.reconstruct) {
        names_free(recipe->class_names, recipe->outputs);
        recipe->class_names = NULL;
        recipe->reconstruct = true;
        recipe->target = TARGET_VALUE;
        recipe->outputs = recipe->width;
    }
    recipe->normalize = train->spec.normalize;
    recipe->identity = !columns_change(recipe, &train->spec);
    bool fitted = width_check(recipe, train, span, diags) && (recipe->identity || columns_fit(recipe, train, span, diags)) &&
                  target_fit(recipe, train, span, diags);
    if (!fitted) {
        recipe_release(recipe);
        return NULL;
    }
    return recipe;
}
