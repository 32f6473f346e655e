/* The CSV reader: after the plan (csv_plan.h) a second pass puts the values into a table.

   Columns of names are coded in order of appearance while they are read, and recoded at the end so that the categories stand in
   sorted order (by number where all are numbers): codes then depend on what a file holds and not on the order of its rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/cell.h"
#include "data/csv_plan.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* The names of one coded column, while it is read. */
struct coding {
    struct name_set names;
    bool numeric; /* all its cells are numbers; "1" and "1.0" are then the same name */
};

/* The code of a cell; NAMES_NONE with a diagnostic. */
static uint32_t cell_code(struct csv *csv, uint32_t c, struct coding *coding)
{
    struct str text = csv->rows.cells[c].text;
    struct text number = {0};
    double value;
    uint32_t code;
    if (coding->numeric && cell_number(text, &value)) {
        number_write(&number, value);
        code = number.failed ? NAMES_NONE : name_set_add(&coding->names, text_str(&number));
        text_release(&number);
    } else if (!cell_plain(text)) {
        csv_cell_error(csv, c, "this is not text in UTF-8");
        return NAMES_NONE;
    } else {
        code = name_set_add(&coding->names, text);
    }
    if (code == NAMES_NONE) {
        diag_out_of_memory(csv->diags, csv->span);
    } else if (code >= LIMIT_CLASSES) {
        struct diag *diag = csv_cell_error(csv, c, "more than %d different values", LIMIT_CLASSES);
        diag_help(diag, "names that hardly repeat tell a network nothing: `drop: [\"%s\"]`", csv->header.at[c]);
        return NAMES_NONE;
    }
    return code;
}

/* The number of a cell of a column of numbers; false with a diagnostic. */
static bool cell_value(struct csv *csv, uint32_t c, float *out)
{
    double value;
    struct str text = csv->rows.cells[c].text;
    bool number = cell_number(text, &value);
    if (number && cell_fits(value)) {
        *out = (float)value;
        return true;
    }
    struct text shown = {0};
    cell_show(&shown, text);
    struct diag *diag = csv_cell_error(csv, c, "%s is %s", text_chars(&shown), number ? "too large a number" : "not a number");
    if (!number)
        diag_help(diag, "for a column of names say `categories: [\"%s\"]`", csv->header.at[c]);
    text_release(&shown);
    return false;
}

/* Whether a gap in column `c` is allowed; else an error. */
static bool gap_allowed(struct csv *csv, uint32_t c)
{
    if (csv->columns[c].role == CSV_TARGET) {
        struct diag *diag = csv_cell_error(csv, c, "the target is missing");
        diag_help(diag, "leave such rows out with `missing: drop`");
        return false;
    }
    if (csv->options->missing == MISSING_REFUSE) {
        struct diag *diag = csv_cell_error(csv, c, "the value is missing");
        diag_help(diag, "fill gaps with `missing: median`, or leave such rows out with `missing: drop`");
        return false;
    }
    return true;
}

/* Puts the row just read into row `row` of the table. */
static bool row_store(struct csv *csv, struct coding *codings, struct table *table, uint32_t row)
{
    float *x = table->x + (size_t)row * table->columns;
    for (uint32_t c = 0; c < csv->header.count; c++) {
        const struct csv_column *column = &csv->columns[c];
        float value = NAN;
        if (column->role == CSV_DROPPED)
            continue;
        if (cell_missing(csv->rows.cells[c].text)) {
            if (!gap_allowed(csv, c))
                return false;
        } else if (column->coded) {
            uint32_t code = cell_code(csv, c, &codings[c]);
            if (code == NAMES_NONE)
                return false;
            value = (float)code;
        } else if (!cell_value(csv, c, &value)) {
            return false;
        }
        if (column->role == CSV_FEATURE)
            *x++ = value;
        else if (column->coded)
            table->labels[row] = (int32_t)value;
        else
            table->y[row] = value;
    }
    return true;
}

static bool rows_store(struct csv *csv, struct coding *codings, struct table *table)
{
    enum csv_found found;
    uint32_t row = 0;
    csv_rewind(csv);
    while (csv_next(csv, &found) && found == CSV_ROW)
        if (csv_row_kept(csv) && !row_store(csv, codings, table, row++))
            return false;
    return found == CSV_END;
}

struct ranked {
    char *name;
    double value; /* of numeric names */
    uint32_t code;
};

static int ranked_compare(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;
    if (p->value != q->value)
        return p->value < q->value ? -1 : 1;
    return strcmp(p->name, q->name);
}

/* Sorts the names. Returns the new code of each old one, NULL where memory is exhausted. */
static uint32_t *coding_sort(struct coding *coding)
{
    uint32_t count = coding->names.count;
    struct ranked *ranked = mem_array(count, sizeof *ranked);
    uint32_t *codes = mem_array(count, sizeof *codes);
    if (!ranked || !codes) {
        mem_free(ranked);
        mem_free(codes);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){.name = coding->names.at[i], .code = i};
        if (coding->numeric)
            cell_number(str_of(ranked[i].name), &ranked[i].value);
    }
    qsort(ranked, count, sizeof *ranked, ranked_compare);
    for (uint32_t i = 0; i < count; i++) {
        codes[ranked[i].code] = i;
        coding->names.at[i] = ranked[i].name;
    }
    mem_free(ranked);
    return codes;
}

/* Whether the sorted names are 0, 1, 2 …: such labels need no names. */
static bool names_count_up(const struct coding *coding)
{
    double value;
    for (uint32_t i = 0; i < coding->names.count; i++)
        if (!coding->numeric || !cell_number(str_of(coding->names.at[i]), &value) || value != i)
            return false;
    return true;
}

/* Gives feature `f` of the table the sorted categories of its column. */
static bool feature_finish(struct table *table, uint32_t f, struct coding *coding)
{
    uint32_t *codes = coding_sort(coding);
    if (!codes)
        return false;
    for (uint32_t row = 0; row < table->rows; row++) {
        float *value = &table->x[(size_t)row * table->columns + f];
        if (!isnan(*value))
            *value = (float)codes[(uint32_t)*value];
    }
    mem_free(codes);
    struct column *column = &table->column[f];
    column->kind = COLUMN_CATEGORY;
    column->category_count = coding->names.count;
    column->categories = name_set_take(&coding->names);
    return true;
}

static bool labels_finish(struct csv *csv, struct table *table, struct coding *coding)
{
    if (coding->names.count < 2) {
        diag_error(csv->diags, csv->span, "%s: the target `%s` has only one class, `%s`", csv->name, csv->header.at[csv->target],
                   coding->names.at[0]);
        return false;
    }
    uint32_t *codes = coding_sort(coding);
    if (!codes)
        return diag_out_of_memory(csv->diags, csv->span);
    for (uint32_t row = 0; row < table->rows; row++)
        table->labels[row] = (int32_t)codes[table->labels[row]];
    mem_free(codes);
    table->outputs = coding->names.count;
    if (!names_count_up(coding))
        table->class_names = name_set_take(&coding->names);
    return true;
}

/* Names of columns and target, and the categories. */
static bool table_finish(struct csv *csv, struct coding *codings, struct table *table)
{
    uint32_t f = 0;
    bool finished = true;
    for (uint32_t c = 0; finished && c < csv->header.count; c++) {
        struct str name = str_of(csv->header.at[c]);
        if (csv->columns[c].role == CSV_FEATURE) {
            finished = table_name_column(table, f, name) && (!csv->columns[c].coded || feature_finish(table, f, &codings[c]));
            f++;
        } else if (csv->columns[c].role == CSV_TARGET) {
            finished = table_name_target(table, name);
        }
    }
    if (!finished)
        return diag_out_of_memory(csv->diags, csv->span);
    return csv->target_kind != TARGET_CLASS || labels_finish(csv, table, &codings[csv->target]);
}

static struct table *table_read(struct csv *csv)
{
    if (!table_size_allowed(csv->name, csv->kept, csv->features, csv->span, csv->diags))
        return NULL;
    uint32_t columns = csv->header.count;
    struct coding *codings = mem_array(columns, sizeof *codings);
    /* The number of classes is not known yet. */
    struct table *table = table_new(csv->kept, csv->features, csv->target_kind, csv->target_kind == TARGET_VALUE ? 1 : 0);
    bool read = codings && table;
    if (!read)
        diag_out_of_memory(csv->diags, csv->span);
    for (uint32_t c = 0; read && c < columns; c++)
        codings[c].numeric = csv->columns[c].texts == 0;
    read = read && rows_store(csv, codings, table) && table_finish(csv, codings, table);
    for (uint32_t c = 0; codings && c < columns; c++)
        name_set_release(&codings[c].names);
    mem_free(codings);
    if (!read) {
        table_release(table);
        return NULL;
    }
    return table;
}

struct dataset *csv_decode(struct str bytes, const char *name, const struct csv_options *options, struct span span,
                           struct diags *diags)
{
    struct csv csv = {.name = name, .options = options, .span = span, .diags = diags};
    struct table *table = csv_plan(&csv, bytes) ? table_read(&csv) : NULL;
    csv_release(&csv);
    if (!table)
        return NULL;
    struct dataset *dataset = dataset_of(table, name);
    if (dataset)
        dataset->spec.missing = options->missing;
    else
        diag_out_of_memory(diags, span);
    return dataset;
}

struct dataset *csv_read(const char *path, const struct csv_options *options, struct span span, struct diags *diags)
{
    struct text bytes = {0};
    struct dataset *dataset = NULL;
    if (file_read(path, LIMIT_DATA_BYTES, &bytes, diags, span))
        dataset = csv_decode(text_str(&bytes), basename(path), options, span, diags);
    text_release(&bytes);
    return dataset;
}
