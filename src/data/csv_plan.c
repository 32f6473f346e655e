/* The plan is made in two steps: the header and the options say which columns are features, target or left out; then every row is
   looked at once, to know how many there are and what each column holds, so that the table is made in its final size and nothing
   is guessed from the first rows.

   What a column holds. It is numbers where more cells are numbers than texts, else names: a slip such as "12.3x" among numbers is
   then an error at its place and does not quietly turn a column into hundreds of categories. */
#include "data/csv_plan.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "data/cell.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* What the survey gathers about a numeric target. */
struct target_survey {
    bool whole;       /* only whole numbers so far */
    bool small;       /* all within 0..LIMIT_GUESSED_CLASSES - 1 */
    uint32_t present; /* bit i: i occurs */
};

_Static_assert(LIMIT_GUESSED_CLASSES <= 32, "target_survey.present has a bit for each");

__attribute__((format(printf, 4, 0))) static struct diag *error_at(struct csv *csv, uint32_t line, const char *column,
                                                                   const char *format, va_list args)
{
    struct text message = {0};
    text_addf(&message, "%s:%u: ", csv->name, line);
    if (column)
        text_addf(&message, "column `%s`: ", column);
    text_addv(&message, format, args);
    struct diag *diag = diag_error(csv->diags, csv->span, "%s", text_chars(&message));
    text_release(&message);
    return diag;
}

struct diag *csv_cell_error(struct csv *csv, uint32_t column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag *diag = error_at(csv, csv->rows.cells[column].line, csv->header.at[column], format, args);
    va_end(args);
    return diag;
}

struct diag *csv_line_error(struct csv *csv, uint32_t line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag *diag = error_at(csv, line, NULL, format, args);
    va_end(args);
    return diag;
}

static bool csv_no_memory(struct csv *csv)
{
    return diag_out_of_memory(csv->diags, csv->span);
}

void csv_release(struct csv *csv)
{
    csv_rows_release(&csv->rows);
    name_set_release(&csv->header);
    mem_free(csv->columns);
    csv->columns = NULL;
}

static bool row_read(struct csv *csv, enum csv_found *found)
{
    *found = csv_rows_next(&csv->rows);
    if (*found == CSV_NO_MEMORY)
        return csv_no_memory(csv);
    if (*found == CSV_BROKEN) {
        csv_line_error(csv, csv->rows.line, "%s", csv->rows.error);
        return false;
    }
    return true;
}

bool csv_next(struct csv *csv, enum csv_found *found)
{
    if (!row_read(csv, found))
        return false;
    size_t count = csv->rows.count, columns = csv->header.count;
    if (*found == CSV_ROW && count != columns) {
        csv_line_error(csv, csv->rows.cells[0].line, "%zu cell%s, where the header has %zu column%s", count, count == 1 ? "" : "s",
                       columns, columns == 1 ? "" : "s");
        return false;
    }
    return true;
}

void csv_rewind(struct csv *csv)
{
    csv->rows.at = csv->body;
    csv->rows.line = csv->body_line;
}

/* A single name with another separator in it: the header was not cut where its author meant. */
static bool header_separated(struct csv *csv)
{
    struct str only = csv->rows.cells[0].text;
    for (size_t i = 0; csv->rows.count == 1 && i < only.len; i++)
        if (only.at[i] == ';' || only.at[i] == '\t') {
            csv_line_error(csv, csv->rows.cells[0].line, "the columns are separated by %s, where commas are expected",
                           only.at[i] == ';' ? "`;`" : "tabs");
            return false;
        }
    return true;
}

static bool header_is_numbers(const struct csv_rows *rows)
{
    double value;
    for (size_t i = 0; i < rows->count; i++)
        if (!cell_number(rows->cells[i].text, &value))
            return false;
    return true;
}

/* Adds the name of column `c`; one without a name is called by its number. */
static bool header_add(struct csv *csv, uint32_t c)
{
    struct csv_cell cell = csv->rows.cells[c];
    struct text own = {0};
    if (!cell_plain(cell.text)) {
        csv_line_error(csv, cell.line, "the name of column %u is not text in UTF-8", c + 1);
        return false;
    }
    if (cell.text.len == 0)
        text_addf(&own, "x%u", c + 1);
    uint32_t number = own.failed ? NAMES_NONE : name_set_add(&csv->header, cell.text.len ? cell.text : text_str(&own));
    text_release(&own);
    if (number == NAMES_NONE)
        return csv_no_memory(csv);
    if (number != c) {
        csv_line_error(csv, cell.line, "the header names two columns `%s`, number %u and number %u", csv->header.at[number],
                       number + 1, c + 1);
        return false;
    }
    return true;
}

static bool header_read(struct csv *csv)
{
    enum csv_found found;
    if (!row_read(csv, &found))
        return false;
    if (found == CSV_END) {
        diag_error(csv->diags, csv->span, "%s is empty, where a header line with names of columns is expected", csv->name);
        return false;
    }
    if (!header_separated(csv))
        return false;
    if (header_is_numbers(&csv->rows)) {
        struct diag *diag = csv_line_error(csv, csv->rows.cells[0].line, "the first line holds numbers, not names of columns");
        diag_help(diag, "put a header line before it, such as `x1,x2,class`");
        return false;
    }
    for (uint32_t c = 0; c < csv->rows.count; c++)
        if (!header_add(csv, c))
            return false;
    csv->body = csv->rows.at;
    csv->body_line = csv->rows.line;
    csv->columns = mem_array(csv->header.count, sizeof *csv->columns);
    return csv->columns || csv_no_memory(csv);
}

/* Columns that a message lists at most. */
#define COLUMNS_LISTED 12

static void list_columns(const struct csv *csv, struct diag *diag)
{
    struct text names = {0};
    for (uint32_t c = 0; c < csv->header.count && c < COLUMNS_LISTED; c++) {
        text_add(&names, c > 0 ? ", " : "");
        cell_show(&names, str_of(csv->header.at[c]));
    }
    if (csv->header.count > COLUMNS_LISTED)
        text_addf(&names, " and %u more", csv->header.count - COLUMNS_LISTED);
    diag_help(diag, "there are %s", text_chars(&names));
    text_release(&names);
}

/* The column that an option mentions; NAMES_NONE with a diagnostic. */
static uint32_t column_named(struct csv *csv, struct column_wish wish)
{
    struct str name = wish.name;
    uint32_t column = name_set_find(&csv->header, name);
    if (column != NAMES_NONE)
        return column;
    struct text shown = {0};
    cell_show(&shown, name);
    struct diag *diag =
        diag_error(csv->diags, wish.span.source ? wish.span : csv->span, "%s has no column %s", csv->name, text_chars(&shown));
    struct str near = name_set_nearest(&csv->header, name);
    if (near.len > 0)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(near));
    else
        list_columns(csv, diag);
    text_release(&shown);
    return NAMES_NONE;
}

static bool target_choose(struct csv *csv)
{
    const struct csv_options *options = csv->options;
    csv->target = NAMES_NONE;
    if (options->no_target)
        return true;
    csv->target = options->target.name.len ? column_named(csv, options->target) : csv->header.count - 1;
    if (csv->target == NAMES_NONE)
        return false;
    if (csv->columns[csv->target].role == CSV_DROPPED) {
        struct diag *diag = diag_error(csv->diags, csv->span, "%s: column `%s` is the target and dropped too", csv->name,
                                       csv->header.at[csv->target]);
        if (!options->target.name.len)
            diag_help(diag, "the last column is the target unless another is named, as in `target: \"…\"`");
        return false;
    }
    csv->columns[csv->target].role = CSV_TARGET;
    return true;
}

/* Gives every column its role, from the options. */
static bool roles_choose(struct csv *csv)
{
    const struct csv_options *options = csv->options;
    bool chosen = true;
    for (size_t i = 0; i < options->drop_count; i++) {
        uint32_t column = column_named(csv, options->drop[i]);
        if (column == NAMES_NONE)
            chosen = false;
        else
            csv->columns[column].role = CSV_DROPPED;
    }
    for (size_t i = 0; i < options->category_count; i++) {
        uint32_t column = column_named(csv, options->categories[i]);
        if (column == NAMES_NONE)
            chosen = false;
        else
            csv->columns[column].coded = true;
    }
    if (!target_choose(csv) || !chosen)
        return false;
    for (uint32_t c = 0; c < csv->header.count; c++)
        csv->features += csv->columns[c].role == CSV_FEATURE;
    if (csv->features == 0) {
        diag_error(csv->diags, csv->span, "%s: no column is left as a feature", csv->name);
        return false;
    }
    return true;
}

bool csv_row_kept(const struct csv *csv)
{
    if (csv->options->missing != MISSING_DROP)
        return true;
    for (uint32_t c = 0; c < csv->header.count; c++)
        if (csv->columns[c].role != CSV_DROPPED && cell_missing(csv->rows.cells[c].text))
            return false;
    return true;
}

static void target_survey_add(struct target_survey *survey, double value)
{
    bool whole = value == floor(value);
    bool small = whole && value >= 0 && value < LIMIT_GUESSED_CLASSES;
    survey->whole = survey->whole && whole;
    survey->small = survey->small && small;
    if (small)
        survey->present |= UINT32_C(1) << (unsigned)value;
}

/* Counts the kinds of cells of a row that is kept. */
static void row_survey(struct csv *csv, struct target_survey *target)
{
    for (uint32_t c = 0; c < csv->header.count; c++) {
        struct csv_column *column = &csv->columns[c];
        struct str text = csv->rows.cells[c].text;
        double value;
        if (column->role == CSV_DROPPED || cell_missing(text))
            continue;
        if (!cell_number(text, &value)) {
            column->texts++;
        } else {
            column->numbers++;
            if (c == csv->target)
                target_survey_add(target, value);
        }
    }
}

/* Whether a column of that name is surely one of classes. */
static bool name_says_class(const char *name)
{
    return strcasecmp(name, "class") == 0 || strcasecmp(name, "label") == 0;
}

/* Decides what the target is; readers.h has the rule. */
static bool target_decide(struct csv *csv, const struct target_survey *survey)
{
    if (csv->target == NAMES_NONE)
        return true;
    struct csv_column *column = &csv->columns[csv->target];
    const char *name = csv->header.at[csv->target];
    if (csv->options->values && column->coded) {
        struct diag *diag = diag_error(csv->diags, csv->span, "%s: the target `%s` holds names, not values", csv->name, name);
        diag_help(diag, "names are classes: leave `values` out");
        return false;
    }
    bool counted = survey->small && survey->present > 1 && (survey->present & (survey->present + 1)) == 0;
    bool labels = column->texts == 0 && survey->whole && (counted || name_says_class(name));
    bool classes = column->coded || csv->options->classes || (labels && !csv->options->values);
    csv->target_kind = classes ? TARGET_CLASS : TARGET_VALUE;
    column->coded = classes;
    return true;
}

static bool survey(struct csv *csv)
{
    struct target_survey target = {.whole = true, .small = true};
    enum csv_found found;
    while (csv_next(csv, &found) && found == CSV_ROW)
        if (csv_row_kept(csv)) {
            row_survey(csv, &target);
            csv->kept++;
        }
    if (found != CSV_END)
        return false;
    if (csv->kept == 0) {
        diag_error(csv->diags, csv->span, "%s has no rows%s", csv->name,
                   csv->options->missing == MISSING_DROP ? " without missing values" : " behind its header");
        return false;
    }
    for (uint32_t c = 0; c < csv->header.count; c++)
        csv->columns[c].coded |= csv->columns[c].texts > 0 && csv->columns[c].texts >= csv->columns[c].numbers;
    return target_decide(csv, &target);
}

bool csv_plan(struct csv *csv, struct str bytes)
{
    if (bytes.len >= 2 &&
        (str_equal((struct str){bytes.at, 2}, STR("\xFF\xFE")) || str_equal((struct str){bytes.at, 2}, STR("\xFE\xFF")))) {
        struct diag *diag = diag_error(csv->diags, csv->span, "%s is UTF-16 text", csv->name);
        diag_help(diag, "save it as UTF-8");
        return false;
    }
    csv_rows_start(&csv->rows, bytes);
    return header_read(csv) && roles_choose(csv) && survey(csv);
}
