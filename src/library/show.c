/* `show`: a person's view of a value. This file decides which view a value gets and holds what all views are made of; the views are in
   show_run.c, show_molecule.c, show_data.c, show_table.c and show_study.c. */
#include "library/show.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "support/memory.h"
#include "support/number.h"

/* A view is never wider than people like to read, nor is it written for less than this. */
enum { columns_most = 110, columns_least = 40, columns_usual = 80 };

struct show show_start(struct eval *eval, struct span span, struct text *out)
{
    const struct output *output = &eval->state->output;
    unsigned columns = output->columns ? output->columns : columns_usual;
    columns = columns > columns_most ? columns_most : columns < columns_least ? columns_least : columns;
    return (struct show){
        .eval = eval,
        .span = span,
        .out = out,
        .style = {.colour = output->colour, .unicode = output->unicode, .columns = columns},
        .terminal = output->columns > 0,
    };
}

/* ---- text ---- */

/* Signs beyond ASCII that views use, and what stands for them on a terminal without Unicode. */
static const struct {
    const char *sign, *plain;
} signs[] = {{"±", "+-"},  {"→", "->"},  {"×", "x"}, {"…", "..."}, {"–", "-"}, {"′", "'"},
             {"├─", "|-"}, {"└─", "`-"}, {"│", "|"}, {"²", "2"},   {"·", "."}};

static void add_folded(struct text *out, const char *at)
{
    while (*at) {
        size_t step = 1;
        const char *plain = NULL;
        for (size_t i = 0; i < sizeof signs / sizeof *signs && !plain; i++)
            if (strncmp(at, signs[i].sign, strlen(signs[i].sign)) == 0) {
                plain = signs[i].plain;
                step = strlen(signs[i].sign);
            }
        if (plain)
            text_add(out, plain);
        else
            text_add_char(out, *at);
        at += step;
    }
}

void show_fold(const struct show *show, struct text *text)
{
    if (show->style.unicode || text->len == 0)
        return;
    struct text folded = {0};
    add_folded(&folded, text_chars(text));
    text_release(text);
    *text = folded;
}

/* Words that may need several lines. */
static void __attribute__((format(printf, 4, 0)))
add_lines(struct show *show, ink colour, bool bold, const char *format, va_list args)
{
    struct text words = {0};
    text_addv(&words, format, args);
    show_fold(show, &words);
    ink_start(show->out, show->style.colour, colour, INK_PLAIN, bold);
    show_paragraph(show, text_str(&words));
    ink_end(show->out, show->style.colour);
    text_release(&words);
}

void show_heading(struct show *show, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_lines(show, INK_PLAIN, true, format, args);
    va_end(args);
}

void show_note(struct show *show, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_lines(show, INK_DIM, false, format, args);
    va_end(args);
}

#define INK_WARNING 203 /* a light red that reads on dark and on light grounds */

void show_warning(struct show *show, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_lines(show, INK_WARNING, true, format, args);
    va_end(args);
}

/* The word at `text`'s beginning, which ends before a blank or a newline. */
static struct str first_word(struct str text)
{
    size_t length = 0;
    while (length < text.len && text.at[length] != ' ' && text.at[length] != '\n')
        length++;
    return (struct str){text.at, length};
}

void show_paragraph(struct show *show, struct str text)
{
    size_t column = 0, blanks = 0;
    while (text.len > 0) {
        struct str word = first_word(text);
        size_t width = text_columns(word);
        if (word.len == 0 && text.at[0] == '\n') { /* a line of its own stays one */
            text_add_char(show->out, '\n');
            column = blanks = 0;
        } else if (word.len == 0) {
            blanks++;
        } else {
            bool broken = column > 0 && column + blanks + width > show->style.columns;
            text_add_repeat(show->out, broken ? "\n" : " ", broken ? 1 : blanks);
            text_add_str(show->out, word);
            column = (broken ? 0 : column + blanks) + width;
            blanks = 0;
        }
        size_t step = word.len ? word.len : 1;
        text = (struct str){text.at + step, text.len - step};
    }
    if (column > 0)
        text_add_char(show->out, '\n');
}

void show_gap(struct show *show)
{
    struct str out = text_str(show->out);
    if (out.len > 0 && !(out.len > 1 && out.at[out.len - 1] == '\n' && out.at[out.len - 2] == '\n'))
        text_add_char(show->out, '\n');
}

void show_print(struct show *show, struct value value, struct text *out)
{
    struct text text = {0};
    if (value.kind == VALUE_NUMBER && !isnan(value.number))
        print_figure(value.number, &text);
    else if (value.kind == VALUE_NUMBER || value.kind == VALUE_NONE)
        text_add(&text, "–");
    else
        value_print(show->eval, value, false, &text);
    show_fold(show, &text);
    text_add_str(out, text_str(&text));
    out->failed = out->failed || text.failed;
    text_release(&text);
}

/* ---- grids ---- */

struct text *grid_cell(struct grid *grid)
{
    return &grid->cells;
}

void grid_end(struct grid *grid)
{
    if (grid->count == grid->cap) {
        size_t cap = grid->cap ? grid->cap * 2 : 32;
        size_t *ends = mem_resize(grid->ends, cap, sizeof *ends);
        if (!ends) {
            grid->failed = true;
            return;
        }
        grid->ends = ends;
        grid->cap = cap;
    }
    grid->ends[grid->count++] = grid->cells.len;
}

void grid_text(struct grid *grid, const char *text)
{
    text_add(&grid->cells, text);
    grid_end(grid);
}

void grid_figure(struct grid *grid, double figure)
{
    if (!isnan(figure))
        print_figure(figure, &grid->cells);
    grid_end(grid);
}

/* Decimals past which figures of this size hold no more than four significant digits. */
static int decimals_most(double largest)
{
    int digits = (int)floor(log10(largest)) + 1;
    return digits >= 4 ? 1 : digits > -1 ? 4 - (digits > 1 ? digits - 1 : 0) : 4 - digits;
}

/* Decimals that a figure needs, trailing zeros left out. */
static int decimals_needed(double figure, int most)
{
    char written[64];
    snprintf(written, sizeof written, "%.*f", most, figure);
    size_t length = strlen(written);
    while (most > 0 && written[length - 1] == '0') {
        length--;
        most--;
    }
    return most;
}

int figure_decimals(const double *figures, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = isfinite(figures[i]) ? fmax(largest, fabs(figures[i])) : largest;
    if (largest < 1e-5 || largest >= 1e7) /* with an exponent */
        return -1;
    int decimals = 0, most = decimals_most(largest);
    for (size_t i = 0; i < count; i++)
        if (isfinite(figures[i])) {
            int needed = decimals_needed(figures[i], most);
            decimals = needed > decimals ? needed : decimals;
        }
    return decimals == 0 ? -1 : decimals;
}

void grid_aligned(struct grid *grid, double figure, int decimals)
{
    if (decimals < 0 || !isfinite(figure))
        if (isnan(figure))
            text_add(&grid->cells, "–");
        else
            print_figure(figure, &grid->cells);
    else
        text_addf(&grid->cells, "%.*f", decimals, figure);
    grid_end(grid);
}

static bool column_is_blank(const struct grid *grid, size_t column, const struct str *cells)
{
    bool blank = grid->header[column][0] == '\0';
    for (size_t i = column; blank && i < grid->count; i += grid->columns)
        blank = cells[i].len == 0;
    return blank;
}

/* Takes a column out of the grid. */
static void drop_column(struct grid *grid, size_t column, struct str *cells)
{
    size_t kept = 0;
    for (size_t i = 0; i < grid->count; i++)
        if (i % grid->columns != column)
            cells[kept++] = cells[i];
    grid->count = kept;
    grid->columns--;
    for (size_t c = column; c < grid->columns; c++) {
        grid->header[c] = grid->header[c + 1];
        grid->right[c] = grid->right[c + 1];
    }
}

static void draw_grid(struct show *show, struct grid *grid, struct str *cells)
{
    for (size_t c = grid->columns; c-- > 0;)
        if (column_is_blank(grid, c, cells))
            drop_column(grid, c, cells);
    plot_table(show->out, grid->header, grid->right, grid->columns, cells, grid->columns ? grid->count / grid->columns : 0,
               show->style);
}

void grid_show(struct show *show, struct grid *grid)
{
    size_t count = grid->count;
    struct str *cells = mem_array(count + 1, sizeof *cells);
    struct text *folded = mem_array(count + 1, sizeof *folded);
    bool well = cells && folded && !grid->failed && !grid->cells.failed;
    for (size_t i = 0, start = 0; well && i < count; start = grid->ends[i++]) {
        text_add_str(&folded[i], (struct str){text_chars(&grid->cells) + start, grid->ends[i] - start});
        show_fold(show, &folded[i]);
        cells[i] = text_str(&folded[i]);
        well = !folded[i].failed;
    }
    if (well)
        draw_grid(show, grid, cells);
    else
        show->out->failed = true;
    for (size_t i = 0; folded && i < count; i++)
        text_release(&folded[i]);
    mem_free(cells);
    mem_free(folded);
    mem_free(grid->ends);
    text_release(&grid->cells);
    *grid = (struct grid){0};
}

/* ---- all ---- */

static void show_line(struct show *show, struct value value)
{
    struct text text = {0};
    value_print(show->eval, value, false, &text);
    show_fold(show, &text);
    text_add_str(show->out, text_str(&text));
    text_add_char(show->out, '\n');
    text_release(&text);
}

static void show_module(struct show *show, const struct frame *module)
{
    for (size_t i = 0; i < module->count; i++) {
        text_addf(show->out, "%.*s  ", STR_ARG(module->bindings[i].name));
        show_line(show, module->bindings[i].value);
    }
}

static void show_value_of(struct show *show, struct value value)
{
    switch (value.kind) {
    case VALUE_LIST:
        show_list(show, value.list);
        break;
    case VALUE_RECORD:
        show_record(show, value.record);
        break;
    case VALUE_ESTIMATE:
        show_estimate(show, value.estimate);
        break;
    case VALUE_FUNCTION:
    case VALUE_BUILTIN:
    case VALUE_RULE:
    case VALUE_GROWTH:
        show_function(show, value);
        break;
    case VALUE_ELEMENT:
        show_element(show, value.element->element);
        break;
    case VALUE_MOLECULE:
        show_molecule(show, value.molecule);
        break;
    case VALUE_DATASET:
        show_dataset(show, value.dataset->dataset);
        break;
    case VALUE_SPLIT:
        show_split(show, value.split->split);
        break;
    case VALUE_MODEL:
        show_model(show, value.model->model);
        break;
    case VALUE_RUN:
        show_run(show, value.run);
        break;
    case VALUE_RUNS:
        show_runs(show, value.runs);
        break;
    case VALUE_TABLE:
        (table_is_story(value.table) ? show_story : show_table)(show, value.table);
        break;
    case VALUE_ENSEMBLE:
        show_ensemble(show, value.ensemble);
        break;
    case VALUE_EVOLUTION:
        show_evolution(show, value.evolution);
        break;
    case VALUE_MODULE:
        show_module(show, value.module);
        break;
    case VALUE_SPEC:
        if (str_is(str_of(value.spec->family), PICTURE_FAMILY))
            show_picture(show, value.spec);
        else
            show_line(show, value);
        break;
    default:
        show_line(show, value);
    }
}

/* Whether a view is more than a few lines: then it stands apart from what comes next. */
static bool has_several_lines(struct str text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.len && lines < 3; i++)
        lines += text.at[i] == '\n';
    return lines >= 3;
}

bool value_show(struct eval *eval, struct value value, struct span span, struct text *out)
{
    size_t errors = eval->diags->errors;
    struct show show = show_start(eval, span, out);
    show_value_of(&show, value);
    if (has_several_lines(text_str(out)))
        show_gap(&show);
    if (out->failed)
        return diag_out_of_memory(eval->diags, span);
    return eval->diags->errors == errors;
}
