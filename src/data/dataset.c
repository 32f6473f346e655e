/* Tables, views of them, and their lifetimes.

   A table is the only thing that holds values; it is filled once by whoever makes it and never changed afterwards. Everything that
   selects or orders rows (split, folds, shuffle, take) makes a view: a list of row numbers over a shared table, so that MNIST cut
   into ten folds is still one copy of MNIST. What changes values (noise, one_hot, concat) makes a new table of the view's rows. */
#include "data/dataset.h"

#include <stdio.h>
#include <string.h>

#include "data/names.h"
#include "support/references.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

static bool columns_name(struct table *table)
{
    for (uint32_t i = 0; i < table->columns; i++) {
        char name[16];
        int len = snprintf(name, sizeof name, "x%u", i + 1);
        table->column[i].name = mem_copy_text(name, (size_t)len);
        if (!table->column[i].name)
            return false;
    }
    return true;
}

static bool table_allocate(struct table *table)
{
    size_t rows = table->rows;
    bool classes = table->target == TARGET_CLASS, values = table->target == TARGET_VALUE;
    if (table->columns > LIMIT_WIDTH || rows * table->columns > LIMIT_DATA_VALUES ||
        (values && rows * table->outputs > LIMIT_DATA_VALUES))
        return false;
    table->column = mem_array(table->columns, sizeof *table->column);
    table->x = mem_array(rows * table->columns, sizeof *table->x);
    if (classes)
        table->labels = mem_array(rows, sizeof *table->labels);
    if (values)
        table->y = mem_array(rows * table->outputs, sizeof *table->y);
    return table->column && table->x && (table->labels || !classes) && (table->y || !values) && columns_name(table);
}

struct table *table_new(uint32_t rows, uint32_t columns, enum target_kind target, uint32_t outputs)
{
    struct table *table = mem_alloc(sizeof *table);
    if (!table)
        return NULL;
    table->references = 1;
    table->rows = rows;
    table->columns = columns;
    table->target = target;
    table->outputs = target == TARGET_NONE ? 0 : outputs;
    if (!table_allocate(table)) {
        table_release(table);
        return NULL;
    }
    return table;
}

struct table *table_retain(struct table *table)
{
    if (table)
        references_add(&table->references);
    return table;
}

void table_release(struct table *table)
{
    if (!table || !references_drop(&table->references))
        return;
    for (uint32_t i = 0; table->column && i < table->columns; i++) {
        mem_free(table->column[i].name);
        names_free(table->column[i].categories, table->column[i].category_count);
    }
    mem_free(table->column);
    mem_free(table->x);
    mem_free(table->labels);
    mem_free(table->y);
    names_free(table->class_names, table->outputs);
    mem_free(table->target_name);
    mem_free(table);
}

/* Writes "60_000 x 784". */
static void size_write(struct text *out, uint64_t rows, uint64_t columns)
{
    number_write_count(out, (double)rows);
    text_add(out, " x ");
    number_write_count(out, (double)columns);
}

bool table_size_allowed(const char *name, uint64_t rows, uint64_t columns, struct span span, struct diags *diags)
{
    if (rows == 0 || columns == 0) {
        diag_error(diags, span, "%s holds no %s", name, rows == 0 ? "rows" : "values");
        return false;
    }
    if (columns <= LIMIT_WIDTH && rows <= LIMIT_DATA_VALUES / columns)
        return true;
    struct text size = {0}, most = {0};
    size_write(&size, rows, columns);
    number_write_count(&most, (double)LIMIT_DATA_VALUES);
    text_add(&most, " values in rows of at most ");
    number_write_count(&most, (double)LIMIT_WIDTH);
    struct diag *diag = diag_error(diags, span, "%s claims to hold %s values, which is too large", name, text_chars(&size));
    diag_help(diag, "a data set holds at most %s", text_chars(&most));
    text_release(&size);
    text_release(&most);
    return false;
}

static bool name_replace(char **slot, struct str name)
{
    char *copy = mem_copy_text(name.at, name.len);
    if (!copy)
        return false;
    mem_free(*slot);
    *slot = copy;
    return true;
}

bool table_name_column(struct table *table, uint32_t column, struct str name)
{
    return name_replace(&table->column[column].name, name);
}

bool table_name_target(struct table *table, struct str name)
{
    return name_replace(&table->target_name, name);
}

bool table_name_classes(struct table *table, const char *const *names)
{
    if (!table->class_names)
        table->class_names = mem_array(table->outputs, sizeof *table->class_names);
    for (uint32_t i = 0; table->class_names && i < table->outputs; i++)
        if (!name_replace(&table->class_names[i], str_of(names[i])))
            return false;
    return table->class_names != NULL;
}

/* A view of `count` rows, to be filled by the caller; retains `table`. */
static struct dataset *view_new(struct table *table, const char *name, uint32_t count)
{
    struct dataset *dataset = mem_alloc(sizeof *dataset);
    if (!dataset)
        return NULL;
    dataset->references = 1;
    dataset->table = table_retain(table);
    dataset->count = count;
    dataset->name = mem_copy_text(name, strlen(name));
    dataset->rows = mem_array(count, sizeof *dataset->rows);
    if (!dataset->name || !dataset->rows) {
        dataset_release(dataset);
        return NULL;
    }
    return dataset;
}

struct dataset *dataset_of(struct table *table, const char *name)
{
    if (!table)
        return NULL;
    struct dataset *dataset = view_new(table, name, table->rows);
    for (uint32_t i = 0; dataset && i < dataset->count; i++)
        dataset->rows[i] = i;
    table_release(table);
    return dataset;
}

bool dataset_name(struct dataset *dataset, const char *name)
{
    return name_replace(&dataset->name, str_of(name));
}

struct dataset *dataset_retain(struct dataset *dataset)
{
    if (dataset)
        references_add(&dataset->references);
    return dataset;
}

void dataset_release(struct dataset *dataset)
{
    if (!dataset || !references_drop(&dataset->references))
        return;
    table_release(dataset->table);
    mem_free(dataset->name);
    mem_free(dataset->rows);
    mem_free(dataset);
}

struct split *split_retain(struct split *split)
{
    if (split)
        references_add(&split->references);
    return split;
}

void split_release(struct split *split)
{
    if (!split || !references_drop(&split->references))
        return;
    dataset_release(split->train);
    dataset_release(split->validation);
    dataset_release(split->test);
    mem_free(split);
}

int32_t dataset_label(const struct dataset *dataset, uint32_t i)
{
    return dataset->table->labels[dataset->rows[i]];
}

const float *dataset_values(const struct dataset *dataset, uint32_t i)
{
    return dataset->table->y + (size_t)dataset->rows[i] * dataset->table->outputs;
}

const float *dataset_features(const struct dataset *dataset, uint32_t i)
{
    return dataset->table->x + (size_t)dataset->rows[i] * dataset->table->columns;
}

struct dataset *dataset_pick(struct dataset *dataset, const uint32_t *positions, uint32_t count, struct span span,
                             struct diags *diags)
{
    struct dataset *view = view_new(dataset->table, dataset->name, count);
    if (!view) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    view->spec = dataset->spec;
    view->judges = dataset->judges;
    for (uint32_t i = 0; i < count; i++)
        view->rows[i] = dataset->rows[positions ? positions[i] : i];
    return view;
}
