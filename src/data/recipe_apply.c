/* Applying a recipe. What meets a model need not be laid out as its training data was: columns are bound by name, and categories by
   their texts, since another file may list other ones. Only data without names of its own (columns called x1, x2 …) is bound by
   position. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/names.h"
#include "data/recipe.h"
#include "data/recipe_parts.h"
#include "support/memory.h"

/* Where a step finds its raw value: a column of the table, and the step's code for each of the column's (NULL: not a category). */
struct binding {
    uint32_t column;
    float *codes;
};

/* "row 12 of `iris.csv`: " or nothing. */
struct place {
    const struct dataset *dataset; /* NULL: a single row from elsewhere */
    uint32_t row;                  /* of the view */
};

static void place_write(struct text *out, struct place place)
{
    if (place.dataset)
        text_addf(out, "row %u of `%s`: ", place.dataset->rows[place.row] + 1, place.dataset->name);
}

/* The error for a value that no network can take in: a gap or an infinity. */
static bool value_refuse(float value, const char *column, struct place place, struct span span, struct diags *diags)
{
    struct text where = {0};
    place_write(&where, place);
    if (isnan(value)) {
        struct diag *diag = diag_error(diags, span, "%s`%s` has no value", text_chars(&where), column);
        diag_help(diag, "say what to put there, as in `missing: median`");
    } else {
        diag_error(diags, span, "%s`%s` is infinite", text_chars(&where), column);
    }
    text_release(&where);
    return false;
}

bool row_features_check(const struct dataset *dataset, uint32_t i, bool gaps, struct span span, struct diags *diags)
{
    const float *row = dataset_features(dataset, i);
    for (uint32_t c = 0; c < dataset->table->columns; c++)
        if (!isfinite(row[c]) && !(gaps && isnan(row[c])))
            return value_refuse(row[c], dataset->table->column[c].name, (struct place){dataset, i}, span, diags);
    return true;
}

bool row_values_check(const struct dataset *dataset, uint32_t i, struct span span, struct diags *diags)
{
    const struct table *table = dataset->table;
    const float *values = dataset_values(dataset, i);
    for (uint32_t v = 0; v < table->outputs; v++)
        if (!isfinite(values[v])) {
            struct text where = {0};
            place_write(&where, (struct place){dataset, i});
            diag_error(diags, span, "%sthe target `%s` is %s", text_chars(&where), table->target_name ? table->target_name : "y",
                       isnan(values[v]) ? "missing" : "infinite");
            text_release(&where);
            return false;
        }
    return true;
}

/* Writes one step's inputs and returns where the next one's begin; NULL with a diagnostic for a value it cannot take. */
static float *step_apply(const struct recipe_step *step, float value, float *out, struct place place, struct span span,
                         struct diags *diags)
{
    if (isnan(value))
        value = step->fill;
    if (!isfinite(value)) {
        value_refuse(value, step->name, place, span, diags);
        return NULL;
    }
    if (step->kind == COLUMN_NUMBER) {
        *out = (float)(((double)value - step->mean) * step->scale);
    } else {
        memset(out, 0, step->width * sizeof *out);
        if (value >= 0 && value < (float)step->width)
            out[(uint32_t)value] = 1;
    }
    return out + step->width;
}

bool recipe_row(const struct recipe *recipe, const float *raw, float *out, struct span span, struct diags *diags)
{
    struct place nowhere = {0};
    for (uint32_t c = 0; out && c < recipe->columns; c++)
        out = step_apply(&recipe->steps[c], raw[c], out, nowhere, span, diags);
    return out != NULL;
}

float recipe_category(const struct recipe_step *step, struct str text)
{
    if (step->kind == COLUMN_CATEGORY)
        for (uint32_t i = 0; i < step->width; i++)
            if (str_is(text, step->categories[i]))
                return (float)i;
    return -1;
}

static void bindings_free(struct binding *bindings, uint32_t count)
{
    for (uint32_t i = 0; bindings && i < count; i++)
        mem_free(bindings[i].codes);
    mem_free(bindings);
}

/* Whether column `i` is called x1, x2 …, as tables without a header call theirs. */
static bool name_is_default(const char *name, uint32_t i)
{
    char *end;
    return name[0] == 'x' && strtoul(name + 1, &end, 10) == i + 1ul && *end == 0;
}

/* Whether the i-th column of the table is the i-th of the recipe. */
static bool columns_correspond(const struct recipe *recipe, const struct table *table)
{
    if (table->columns != recipe->columns)
        return false;
    bool named = true, recipe_default = true, table_default = true;
    for (uint32_t c = 0; c < recipe->columns; c++) {
        named = named && strcmp(recipe->steps[c].name, table->column[c].name) == 0;
        recipe_default = recipe_default && name_is_default(recipe->steps[c].name, c);
        table_default = table_default && name_is_default(table->column[c].name, c);
    }
    return named || recipe_default || table_default;
}

static bool column_not_found(const struct recipe *recipe, uint32_t c, const struct dataset *dataset, const struct name_set *names,
                             struct span span, struct diags *diags)
{
    struct diag *diag =
        diag_error(diags, span, "`%s` has no column `%s`, which the model was trained on", dataset->name, recipe->steps[c].name);
    struct str near = name_set_nearest(names, str_of(recipe->steps[c].name));
    if (near.len > 0)
        diag_help(diag, "did you mean its column `%.*s`?", STR_ARG(near));
    return false;
}

/* Fills in the column of every binding by name. */
static bool columns_find(const struct recipe *recipe, const struct dataset *dataset, struct binding *bindings, struct span span,
                         struct diags *diags)
{
    struct name_set names = {0};
    bool found = true;
    for (uint32_t c = 0; found && c < dataset->table->columns; c++)
        found = name_set_add(&names, str_of(dataset->table->column[c].name)) != NAMES_NONE || diag_out_of_memory(diags, span);
    for (uint32_t c = 0; found && c < recipe->columns; c++) {
        bindings[c].column = name_set_find(&names, str_of(recipe->steps[c].name));
        if (bindings[c].column == NAMES_NONE)
            found = column_not_found(recipe, c, dataset, &names, span, diags);
    }
    name_set_release(&names);
    return found;
}

/* Translates the column's category codes into the step's. */
static bool categories_bind(const struct recipe_step *step, const struct column *column, struct binding *binding, struct span span,
                            struct diags *diags)
{
    if (step->kind != column->kind) {
        diag_error(diags, span, "column `%s` holds %s, but the model was trained on %s there", column->name,
                   column->kind == COLUMN_CATEGORY ? "categories" : "numbers",
                   step->kind == COLUMN_CATEGORY ? "categories" : "numbers");
        return false;
    }
    if (step->kind == COLUMN_NUMBER)
        return true;
    struct name_set known = {0};
    binding->codes = mem_array(column->category_count, sizeof *binding->codes);
    bool bound = binding->codes != NULL;
    for (uint32_t i = 0; bound && i < step->width; i++)
        bound = name_set_add(&known, str_of(step->categories[i])) != NAMES_NONE;
    for (uint32_t i = 0; bound && i < column->category_count; i++) {
        uint32_t code = name_set_find(&known, str_of(column->categories[i]));
        binding->codes[i] = code == NAMES_NONE ? -1 : (float)code;
    }
    name_set_release(&known);
    return bound || diag_out_of_memory(diags, span);
}

static struct binding *bindings_make(const struct recipe *recipe, const struct dataset *dataset, struct span span,
                                     struct diags *diags)
{
    struct binding *bindings = mem_array(recipe->columns, sizeof *bindings);
    if (!bindings) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    bool bound = true;
    if (columns_correspond(recipe, dataset->table))
        for (uint32_t c = 0; c < recipe->columns; c++)
            bindings[c].column = c;
    else
        bound = columns_find(recipe, dataset, bindings, span, diags);
    for (uint32_t c = 0; bound && c < recipe->columns; c++)
        bound = categories_bind(&recipe->steps[c], &dataset->table->column[bindings[c].column], &bindings[c], span, diags);
    if (!bound) {
        bindings_free(bindings, recipe->columns);
        return NULL;
    }
    return bindings;
}

static float *row_apply(const struct recipe *recipe, const struct binding *bindings, const struct dataset *dataset, uint32_t i,
                        float *out, struct span span, struct diags *diags)
{
    const float *row = dataset_features(dataset, i);
    for (uint32_t c = 0; out && c < recipe->columns; c++) {
        float value = row[bindings[c].column];
        if (bindings[c].codes && !isnan(value))
            value = bindings[c].codes[(uint32_t)value];
        out = step_apply(&recipe->steps[c], value, out, (struct place){dataset, i}, span, diags);
    }
    return out;
}

bool recipe_inputs(const struct recipe *recipe, const struct dataset *dataset, float *out, struct span span, struct diags *diags)
{
    struct binding *bindings = bindings_make(recipe, dataset, span, diags);
    if (!bindings)
        return false;
    for (uint32_t i = 0; out && i < dataset->count; i++)
        out = row_apply(recipe, bindings, dataset, i, out, span, diags);
    bindings_free(bindings, recipe->columns);
    return out != NULL;
}

/* The error for a label whose class the recipe does not have. */
static void class_refuse(const struct dataset *dataset, int32_t label, struct span span, struct diags *diags)
{
    struct text name = {0};
    if (dataset->table->class_names)
        text_add(&name, dataset->table->class_names[label]);
    else
        text_addf(&name, "%d", label);
    diag_error(diags, span, "`%s` has the class `%s`, which the model was not trained on", dataset->name, text_chars(&name));
    text_release(&name);
}

/* The recipe's number of each class of the data, [outputs]: by name, or the same where neither names them. NULL with a diagnostic. */
static int32_t *classes_bind(const struct recipe *recipe, const struct dataset *dataset, struct span span, struct diags *diags)
{
    const struct table *table = dataset->table;
    struct name_set known = {0};
    int32_t *codes = mem_array(table->outputs, sizeof *codes);
    bool bound = codes != NULL;
    for (uint32_t i = 0; bound && recipe->class_names && i < recipe->outputs; i++)
        bound = name_set_add(&known, str_of(recipe->class_names[i])) != NAMES_NONE;
    for (uint32_t i = 0; bound && i < table->outputs; i++) {
        uint32_t code = recipe->class_names ? name_set_find(&known, str_of(table->class_names[i])) : i;
        codes[i] = code < recipe->outputs ? (int32_t)code : -1;
    }
    name_set_release(&known);
    if (!bound) {
        mem_free(codes);
        diag_out_of_memory(diags, span);
        return NULL;
    }
    return codes;
}

bool recipe_labels(const struct recipe *recipe, const struct dataset *dataset, int32_t *out, struct span span, struct diags *diags)
{
    const struct table *table = dataset->table;
    if (recipe->target != TARGET_CLASS || table->target != TARGET_CLASS || !recipe->class_names != !table->class_names) {
        diag_error(diags, span, "`%s` does not have the classes that the model was trained on", dataset->name);
        return false;
    }
    int32_t *codes = classes_bind(recipe, dataset, span, diags);
    bool known = codes != NULL;
    for (uint32_t i = 0; known && i < dataset->count; i++) {
        out[i] = codes[dataset_label(dataset, i)];
        known = out[i] >= 0;
        if (!known)
            class_refuse(dataset, dataset_label(dataset, i), span, diags);
    }
    mem_free(codes);
    return known;
}

bool recipe_targets(const struct recipe *recipe, const struct dataset *dataset, float *out, struct span span, struct diags *diags)
{
    if (recipe->reconstruct)
        return recipe_inputs(recipe, dataset, out, span, diags);
    const struct table *table = dataset->table;
    if (recipe->target != TARGET_VALUE || table->target != TARGET_VALUE || table->outputs != recipe->outputs) {
        diag_error(diags, span, "`%s` does not have the target values that the model was trained on", dataset->name);
        return false;
    }
    for (uint32_t i = 0; i < dataset->count; i++) {
        if (!row_values_check(dataset, i, span, diags))
            return false;
        const float *values = dataset_values(dataset, i);
        for (uint32_t v = 0; v < recipe->outputs; v++)
            *out++ =
                recipe->target_scale ? (float)(((double)values[v] - recipe->target_mean[v]) * recipe->target_scale[v]) : values[v];
    }
    return true;
}

uint32_t recipe_class_of(const struct recipe *recipe, const float *values, size_t step)
{
    uint32_t best = 0;
    double most = 0;
    for (uint32_t v = 0; v < recipe->outputs; v++) {
        const double mean = recipe->target_scale ? (double)recipe->target_mean[v] : 0;
        const double value = (double)values[v * step] / (recipe->target_scale ? (double)recipe->target_scale[v] : 1) + mean;
        if (v == 0 || value > most) {
            best = v;
            most = value;
        }
    }
    return best;
}
