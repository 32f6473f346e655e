/* See panel.h. */
#include "interp/panel.h"

#include <math.h>
#include <stddef.h>

#include "interp/figures.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/memory.h"

/* ---- figures by name ---- */

enum { FOR_ANY, FOR_CLASSES, FOR_VALUES };

/* In the order in which they are told. */
static const struct score_row score_rows[] = {
    {"accuracy", FOR_CLASSES, false, offsetof(struct scores, accuracy)},
    {"balanced_accuracy", FOR_CLASSES, true, offsetof(struct report, balanced_accuracy)},
    {"precision", FOR_CLASSES, true, offsetof(struct report, precision)},
    {"recall", FOR_CLASSES, true, offsetof(struct report, recall)},
    {"f1", FOR_CLASSES, true, offsetof(struct report, f1)},
    {"auc", FOR_CLASSES, true, offsetof(struct report, auc)},
    {"r2", FOR_VALUES, false, offsetof(struct scores, r2)},
    {"mae", FOR_VALUES, false, offsetof(struct scores, mae)},
    {"rmse", FOR_VALUES, false, offsetof(struct scores, rmse)},
    {"mse", FOR_VALUES, false, offsetof(struct scores, mse)},
    {"loss", FOR_ANY, false, offsetof(struct scores, loss)},
};
#define SCORE_ROWS (sizeof score_rows / sizeof *score_rows)

const struct score_row *score_row_named(struct str name)
{
    for (size_t i = 0; i < SCORE_ROWS; i++)
        if (str_is(name, score_rows[i].name))
            return &score_rows[i];
    return NULL;
}

bool score_row_applies(const struct score_row *row, const struct recipe *recipe)
{
    return row->kind_of_data == FOR_ANY ||
           (row->kind_of_data == FOR_CLASSES ? recipe_tells_classes(recipe) : recipe->target != TARGET_CLASS);
}

double score_at(const struct judged *judged, const struct score_row *row)
{
    const void *from = row->reported ? (const void *)judged->report : judged->scores;
    return from ? *(const double *)((const char *)from + row->offset) : NAN;
}

static bool has_classes(const struct panel *panel)
{
    return recipe_tells_classes(panel->recipe);
}

static bool row_is_told(const struct panel *panel, const struct score_row *row)
{
    return score_row_applies(row, panel->recipe) && !(panel->lossless && row->kind_of_data == FOR_ANY);
}

struct value panel_refuse(struct eval *eval, const struct panel *panel, struct str name, const char *what, struct span span)
{
    struct text help = {0};
    size_t last = 0;
    for (size_t i = 0; i < SCORE_ROWS; i++)
        last = row_is_told(panel, &score_rows[i]) ? i : last;
    for (size_t i = 0; i < SCORE_ROWS; i++)
        if (row_is_told(panel, &score_rows[i]))
            text_addf(&help, "%s`%s`", help.len == 0 ? "it has " : i == last ? " and " : ", ", score_rows[i].name);
    eval_error_help(eval, span, text_chars(&help),
                    has_classes(panel) ? "`%.*s` is a figure of values, and %s tells classes apart"
                                       : "`%.*s` is a figure of classes, and %s predicts values",
                    STR_ARG(name), what);
    text_release(&help);
    return value_failed();
}

/* ---- parts of data ---- */

enum sample_set set_named(struct str name)
{
    return str_is(name, "test") ? SET_TEST : str_is(name, "validation") ? SET_VALIDATION : SET_TRAIN;
}

/* ---- numbers and estimates ---- */

/* `count` figures: the one of a single run, or an estimate. In nel check (`values` NULL) they are unknown. */
static struct value figure_value(struct eval *eval, const double *values, size_t count, bool several)
{
    if (!values)
        return value_unknown_of(several ? VALUE_ESTIMATE : VALUE_NUMBER);
    return several ? value_estimate(eval, values, count) : value_number(values[0]);
}

/* ---- tables of classes ---- */

struct value class_value(struct eval *eval, const struct recipe *recipe, uint32_t label)
{
    if (recipe->class_names && label < recipe->outputs)
        return value_string(eval, str_of(recipe->class_names[label]));
    return value_number(label);
}

/* Where a figure of a class, or of a pair of classes, stands in a report. */
typedef double (*class_figure)(const struct report *report, uint32_t class, uint32_t other);

static double pair_count(const struct report *report, uint32_t class, uint32_t other)
{
    return report->confusion[(size_t) class * report->classes + other];
}

static double class_precision(const struct report *report, uint32_t class, uint32_t other)
{
    (void)other;
    return report->of_class[class].precision;
}

static double class_recall(const struct report *report, uint32_t class, uint32_t other)
{
    (void)other;
    return report->of_class[class].recall;
}

static double class_f1(const struct report *report, uint32_t class, uint32_t other)
{
    (void)other;
    return report->of_class[class].f1;
}

static double class_auc(const struct report *report, uint32_t class, uint32_t other)
{
    (void)other;
    return report->of_class[class].auc;
}

static double class_support(const struct report *report, uint32_t class, uint32_t other)
{
    (void)other;
    return report->of_class[class].support;
}

struct value class_names(struct eval *eval, const struct recipe *recipe)
{
    struct value list = value_list(eval);
    for (uint32_t class = 0; !failed(list) && class < recipe->outputs; class ++) {
        struct text name = {0};
        if (recipe->class_names)
            text_add(&name, recipe->class_names[class]);
        else
            text_addf(&name, "%u", class);
        struct value text = value_text(eval, &name);
        if (failed(text) || !list_add(eval, list.list, text))
            return value_failed();
    }
    return list;
}

static struct value class_cell(struct eval *eval, const struct panel *panel, class_figure figure, uint32_t class, uint32_t other)
{
    const uint32_t classes = panel->recipe->outputs;
    for (size_t i = 0; panel->judged && i < panel->count; i++) {
        const struct report *report = panel->judged[i].report;
        panel->values[i] = report && report->classes == classes ? figure(report, class, other) : NAN;
    }
    return figure_value(eval, panel->values, panel->count, panel->several);
}

struct value panel_classes(struct eval *eval, const struct panel *panel)
{
    static const char *const names[] = {"class", "precision", "recall", "f1", "auc", "support"};
    static const class_figure figures[] = {class_precision, class_recall, class_f1, class_auc, class_support};
    enum { COLUMNS = sizeof names / sizeof *names };
    const struct recipe *recipe = panel->recipe;
    struct value table = value_table(eval, names, COLUMNS);
    for (uint32_t class = 0; !failed(table) && class < recipe->outputs; class ++) {
        struct value cells[COLUMNS] = {class_value(eval, recipe, class)};
        bool well = !failed(cells[0]);
        for (size_t c = 1; well && c < COLUMNS; c++) {
            cells[c] = class_cell(eval, panel, figures[c - 1], class, 0);
            well = !failed(cells[c]);
        }
        if (!well || !table_add_row(eval, table.table, cells))
            return value_failed();
    }
    return table;
}

/* The names of its columns: what the rows are, then the classes. */
static struct value confusion_frame(struct eval *eval, const struct recipe *recipe)
{
    struct value classes = class_names(eval, recipe);
    struct str *names = mem_array(recipe->outputs + (size_t)1, sizeof *names);
    struct value table = names ? classes : eval_out_of_memory(eval, SPAN_NONE);
    if (!failed(table)) {
        names[0] = STR("truth");
        for (uint32_t class = 0; class < recipe->outputs; class ++)
            names[1 + class] = string_str(classes.list->items[class].string);
        table = table_named(eval, names, recipe->outputs + (size_t)1);
    }
    mem_free(names);
    return table;
}

static bool confusion_fits(const struct recipe *recipe)
{
    return recipe->outputs <= LIMIT_CONFUSION_CLASSES;
}

struct value panel_confusion(struct eval *eval, const struct panel *panel, struct span span)
{
    if (!confusion_fits(panel->recipe))
        return eval_error_help(eval, span, "`classes` has a row for each of them",
                               "a confusion matrix of %u classes is more than anybody reads: the most are %d",
                               panel->recipe->outputs, LIMIT_CONFUSION_CLASSES);
    const struct recipe *recipe = panel->recipe;
    const uint32_t classes = recipe->outputs;
    struct value *cells = mem_array(classes + (size_t)1, sizeof *cells);
    struct value table = cells ? confusion_frame(eval, recipe) : eval_out_of_memory(eval, SPAN_NONE);
    for (uint32_t class = 0; !failed(table) && class < classes; class ++) {
        cells[0] = class_value(eval, recipe, class);
        bool well = !failed(cells[0]);
        for (uint32_t other = 0; well && other < classes; other++) {
            cells[1 + other] = class_cell(eval, panel, pair_count, class, other);
            well = !failed(cells[1 + other]);
        }
        if (!well || !table_add_row(eval, table.table, cells))
            table = value_failed();
    }
    mem_free(cells);
    return table;
}

/* ---- records of figures ---- */

static struct value panel_score(struct eval *eval, const struct panel *panel, const struct score_row *row)
{
    for (size_t i = 0; panel->judged && i < panel->count; i++)
        panel->values[i] = score_at(&panel->judged[i], row);
    return figure_value(eval, panel->values, panel->count, panel->several);
}

struct value panel_record(struct eval *eval, const struct panel *panel)
{
    const bool classes = has_classes(panel);
    struct value record = value_record(eval);
    bool well = !failed(record);
    for (size_t i = 0; well && i < SCORE_ROWS; i++) {
        if (!row_is_told(panel, &score_rows[i]))
            continue;
        struct value score = panel_score(eval, panel, &score_rows[i]);
        well = !failed(score) && record_set(eval, record.record, str_of(score_rows[i].name), score);
    }
    struct value count = panel->judged ? value_number(panel->judged[0].scores->count) : value_unknown_of(VALUE_NUMBER);
    well = well && record_set(eval, record.record, STR("count"), count);
    if (well && classes) {
        struct value table = panel_classes(eval, panel);
        well = !failed(table) && record_set(eval, record.record, STR("classes"), table);
    }
    if (well && classes && confusion_fits(panel->recipe)) {
        struct value table = panel_confusion(eval, panel, SPAN_NONE);
        well = !failed(table) && record_set(eval, record.record, STR("confusion"), table);
    }
    return well ? record : value_failed();
}
