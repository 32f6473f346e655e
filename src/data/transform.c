/* New values out of old ones: noise, one_hot, concat; and the wish for preprocessing, with_spec. The first three copy the rows of
   the view into a table of their own, so the result no longer shares memory with its source. */
#include <math.h>
#include <string.h>

#include "data/dataset.h"
#include "data/names.h"
#include "data/streams.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/random.h"

/* Copies what stands beside the values: names of columns, their categories, the target's name. */
static bool description_copy(struct table *to, const struct table *from)
{
    for (uint32_t c = 0; c < from->columns; c++) {
        const struct column *column = &from->column[c];
        if (!table_name_column(to, c, str_of(column->name)))
            return false;
        to->column[c].kind = column->kind;
        if (column->kind == COLUMN_CATEGORY) {
            to->column[c].categories = names_copy(column->categories, column->category_count);
            if (!to->column[c].categories)
                return false;
            to->column[c].category_count = column->category_count;
        }
    }
    return !from->target_name || table_name_target(to, str_of(from->target_name));
}

/* Copies the features of every row of the view to the table's rows from `first` on. */
static void features_copy(struct table *to, uint32_t first, const struct dataset *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        memcpy(to->x + ((size_t)first + i) * to->columns, dataset_features(from, i), to->columns * sizeof *to->x);
}

/* Copies labels or values likewise; the tables agree in the kind of their target and the number of values. */
static void targets_copy(struct table *to, uint32_t first, const struct dataset *from)
{
    for (uint32_t i = 0; i < from->count; i++) {
        size_t row = (size_t)first + i;
        if (to->target == TARGET_CLASS)
            to->labels[row] = dataset_label(from, i);
        else if (to->target == TARGET_VALUE)
            memcpy(to->y + row * to->outputs, dataset_values(from, i), to->outputs * sizeof *to->y);
    }
}

/* A view of all of `table`, named and to be preprocessed as `like`; takes over the reference to `table`. NULL (also where `table`
   is) with a diagnostic. */
static struct dataset *derived_of(struct table *table, const struct dataset *like, struct span span, struct diags *diags)
{
    struct dataset *dataset = dataset_of(table, like->name);
    if (!dataset) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    dataset->spec = like->spec;
    dataset->judges = like->judges;
    return dataset;
}

/* A table of its own with the view's rows; NULL where memory is exhausted. */
static struct table *table_of_view(const struct dataset *dataset)
{
    const struct table *from = dataset->table;
    struct table *table = table_new(dataset->count, from->columns, from->target, from->outputs);
    if (!table)
        return NULL;
    if (from->class_names)
        table->class_names = names_copy(from->class_names, from->outputs);
    if ((from->class_names && !table->class_names) || !description_copy(table, from)) {
        table_release(table);
        return NULL;
    }
    features_copy(table, 0, dataset);
    targets_copy(table, 0, dataset);
    return table;
}

struct dataset *dataset_noise(struct dataset *dataset, double sd, uint64_t seed, struct span span, struct diags *diags)
{
    if (!(sd >= 0 && sd <= LIMIT_NOISE)) {
        diag_error(diags, span, "noise is a standard deviation, from 0 to %g", LIMIT_NOISE);
        return NULL;
    }
    struct table *table = table_of_view(dataset);
    struct random random = random_stream(seed, RANDOM_DATA, DATA_STREAM_ADDED);
    for (uint32_t i = 0; table && i < table->rows; i++)
        for (uint32_t c = 0; c < table->columns; c++)
            if (table->column[c].kind == COLUMN_NUMBER)
                table->x[(size_t)i * table->columns + c] += (float)(sd * random_normal(&random));
    return derived_of(table, dataset, span, diags);
}

struct dataset *dataset_one_hot(struct dataset *dataset, struct span span, struct diags *diags)
{
    const struct table *from = dataset->table;
    if (from->target != TARGET_CLASS) {
        diag_error(diags, span, "one_hot needs classes, but the target of `%s` is %s", dataset->name,
                   from->target == TARGET_VALUE ? "a value" : "not there");
        return NULL;
    }
    if (!table_size_allowed(dataset->name, dataset->count, from->outputs, span, diags))
        return NULL;
    struct table *table = table_new(dataset->count, from->columns, TARGET_VALUE, from->outputs);
    if (table && !description_copy(table, from)) {
        table_release(table);
        table = NULL;
    }
    if (table) {
        features_copy(table, 0, dataset);
        for (uint32_t i = 0; i < dataset->count; i++)
            table->y[(size_t)i * table->outputs + dataset_label(dataset, i)] = 1;
    }
    return derived_of(table, dataset, span, diags);
}

static bool row_complete(const struct dataset *dataset, uint32_t i)
{
    const float *row = dataset_features(dataset, i);
    for (uint32_t c = 0; c < dataset->table->columns; c++)
        if (isnan(row[c]))
            return false;
    return true;
}

/* A view without the rows that have gaps. */
static struct dataset *complete_rows(struct dataset *dataset, struct span span, struct diags *diags)
{
    uint32_t *positions = mem_array(dataset->count, sizeof *positions);
    uint32_t count = 0;
    if (!positions) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    for (uint32_t i = 0; i < dataset->count; i++)
        if (row_complete(dataset, i))
            positions[count++] = i;
    struct dataset *view = NULL;
    if (count > 0)
        view = dataset_pick(dataset, positions, count, span, diags);
    else
        diag_error(diags, span, "no row of `%s` would be left without those that have missing values", dataset->name);
    mem_free(positions);
    return view;
}

struct dataset *dataset_with_spec(struct dataset *dataset, struct recipe_spec spec, struct span span, struct diags *diags)
{
    struct dataset *view = spec.missing == MISSING_DROP ? complete_rows(dataset, span, diags)
                                                        : dataset_pick(dataset, NULL, dataset->count, span, diags);
    if (view)
        view->spec = spec;
    return view;
}

/* Whether the rows of `b` can stand below those of `a`. */
static bool concat_allowed(const struct dataset *a, const struct dataset *b, struct span span, struct diags *diags)
{
    const struct table *s = a->table, *t = b->table;
    const struct recipe_spec *p = &a->spec, *q = &b->spec;
    if (s->columns != t->columns) {
        diag_error(diags, span, "cannot join data of %u columns and of %u columns", s->columns, t->columns);
        return false;
    }
    for (uint32_t c = 0; c < s->columns; c++)
        if (strcmp(s->column[c].name, t->column[c].name) != 0 || s->column[c].kind != t->column[c].kind) {
            diag_error(diags, span, "cannot join: column %u is `%s` (%s) in one and `%s` (%s) in the other", c + 1,
                       s->column[c].name, s->column[c].kind == COLUMN_NUMBER ? "numbers" : "categories", t->column[c].name,
                       t->column[c].kind == COLUMN_NUMBER ? "numbers" : "categories");
            return false;
        }
    if (s->target != t->target || (s->target == TARGET_VALUE && s->outputs != t->outputs) || !s->class_names != !t->class_names) {
        diag_error(diags, span, "cannot join: the targets of `%s` and `%s` are of different kinds", a->name, b->name);
        return false;
    }
    if (p->normalize != q->normalize || p->fixed_mean != q->fixed_mean || p->fixed_std != q->fixed_std ||
        p->missing != q->missing || p->reconstruct != q->reconstruct) {
        struct diag *diag = diag_error(diags, span, "cannot join data with different preprocessing");
        diag_help(diag, "join first, then `normalize`");
        return false;
    }
    return table_size_allowed(a->name, (uint64_t)a->count + b->count, s->columns, span, diags);
}

/* Codes of `b`'s names in the union of both lists, which is written to *all, [*all_count]; NULL where memory is exhausted. */
static uint32_t *names_unite(char *const *a, uint32_t a_count, char *const *b, uint32_t b_count, char ***all, uint32_t *all_count)
{
    struct name_set names = {0};
    uint32_t *codes = mem_array(b_count, sizeof *codes);
    bool united = codes != NULL;
    for (uint32_t i = 0; united && i < a_count; i++)
        united = name_set_add(&names, str_of(a[i])) != NAMES_NONE;
    for (uint32_t i = 0; united && i < b_count; i++) {
        codes[i] = name_set_add(&names, str_of(b[i]));
        united = codes[i] != NAMES_NONE;
    }
    if (united) {
        *all_count = names.count;
        *all = name_set_take(&names);
    } else {
        mem_free(codes);
        codes = NULL;
    }
    name_set_release(&names);
    return codes;
}

/* Gives column `c`, which holds `b`'s codes from row `first` on, the categories of both. */
static bool categories_unite(struct table *table, uint32_t c, uint32_t first, const struct column *b)
{
    struct column *column = &table->column[c];
    char **all;
    uint32_t all_count;
    uint32_t *codes = names_unite(column->categories, column->category_count, b->categories, b->category_count, &all, &all_count);
    if (!codes)
        return false;
    names_free(column->categories, column->category_count);
    column->categories = all;
    column->category_count = all_count;
    for (uint32_t i = first; i < table->rows; i++) {
        float *value = &table->x[(size_t)i * table->columns + c];
        if (!isnan(*value))
            *value = (float)codes[(uint32_t)*value];
    }
    mem_free(codes);
    return true;
}

/* The table for both, its classes united; `codes` are those of `b`'s classes, NULL where labels stay as they are. */
static struct table *concat_table(const struct dataset *a, const struct dataset *b, uint32_t **codes)
{
    const struct table *s = a->table, *t = b->table;
    uint32_t outputs = s->outputs > t->outputs ? s->outputs : t->outputs;
    char **class_names = NULL;
    *codes = NULL;
    if (s->class_names) {
        *codes = names_unite(s->class_names, s->outputs, t->class_names, t->outputs, &class_names, &outputs);
        if (!*codes)
            return NULL;
    }
    struct table *table = table_new(a->count + b->count, s->columns, s->target, outputs);
    if (!table) {
        names_free(class_names, outputs);
        return NULL;
    }
    table->class_names = class_names;
    if (!description_copy(table, s)) {
        table_release(table);
        return NULL;
    }
    return table;
}

struct dataset *dataset_concat(struct dataset *a, struct dataset *b, struct span span, struct diags *diags)
{
    if (!concat_allowed(a, b, span, diags))
        return NULL;
    uint32_t *codes;
    struct table *table = concat_table(a, b, &codes);
    bool united = table != NULL;
    if (table) {
        features_copy(table, 0, a);
        features_copy(table, a->count, b);
        targets_copy(table, 0, a);
        targets_copy(table, a->count, b);
        for (uint32_t i = a->count; codes && i < table->rows; i++)
            table->labels[i] = (int32_t)codes[table->labels[i]];
        for (uint32_t c = 0; united && c < table->columns; c++)
            united = table->column[c].kind == COLUMN_NUMBER || categories_unite(table, c, a->count, &b->table->column[c]);
    }
    mem_free(codes);
    if (!united) {
        table_release(table);
        table = NULL;
    }
    return derived_of(table, a, span, diags);
}
