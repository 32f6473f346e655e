/* Figures of runs by name. A figure without a set is that of the most honest set there is: test, else validation, else training.

   Loss, accuracy and errors of values come with a training. What needs every sample's answer (engine/report.h) is computed when
   somebody asks for it, and stays with the training. In `nel check` nothing was trained: the data tells which figures there are, and
   each is an unknown. */
#include <math.h>
#include <stddef.h>

#include "engine/report.h"
#include "interp/figures.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

enum { FOR_ANY, FOR_CLASSES, FOR_VALUES };

/* Figures of one set, in the order in which they are told. */
static const struct score_row {
    const char *name;
    uint8_t kind_of_data;
    bool reported; /* a figure of struct report, else of struct scores */
    size_t offset;
} score_rows[] = {
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

static const struct score_row *score_row_named(struct str name)
{
    for (size_t i = 0; i < SCORE_ROWS; i++)
        if (str_is(name, score_rows[i].name))
            return &score_rows[i];
    return NULL;
}

bool figure_is_score(struct str name)
{
    return score_row_named(name);
}

static bool row_applies(const struct score_row *row, bool classes)
{
    return row->kind_of_data == FOR_ANY || (row->kind_of_data == FOR_CLASSES) == classes;
}

/* NULL: nel check does not know the data. */
static const struct recipe *recipe_of(const struct run *run)
{
    return run->training ? run->training->model->recipe : run->prepared ? run->prepared->recipe : NULL;
}

static bool has_classes(const struct run *run)
{
    const struct recipe *recipe = recipe_of(run);
    return recipe && recipe->target == TARGET_CLASS;
}

bool run_figure_applies(const struct run *run, struct str name)
{
    const struct score_row *row = score_row_named(name);
    return !row || !recipe_of(run) || row_applies(row, has_classes(run)); /* nel check: of unknown data any may apply */
}

struct value figure_refuse(struct eval *eval, const struct run *run, struct str name, struct span span)
{
    struct text help = {0};
    size_t last = 0;
    for (size_t i = 0; i < SCORE_ROWS; i++)
        last = row_applies(&score_rows[i], has_classes(run)) ? i : last;
    for (size_t i = 0; i < SCORE_ROWS; i++)
        if (row_applies(&score_rows[i], has_classes(run)))
            text_addf(&help, "%s`%s`", help.len == 0 ? "it has " : i == last ? " and " : ", ", score_rows[i].name);
    eval_error_help(eval, span, text_chars(&help),
                    has_classes(run) ? "`%.*s` is a figure of values, and this run tells classes apart"
                                     : "`%.*s` is a figure of classes, and this run predicts values",
                    STR_ARG(name));
    text_release(&help);
    return value_failed();
}

/* ---- one run on one set ---- */

/* What there is to know of a run on a set; both are borrowed. */
struct judged {
    const struct scores *scores;
    const struct report *report; /* NULL for values */
};

static enum sample_set set_named(struct str name)
{
    return str_is(name, "test") ? SET_TEST : str_is(name, "validation") ? SET_VALIDATION : SET_TRAIN;
}

static const struct scores *scores_of(const struct training *training, enum sample_set set)
{
    return set == SET_TEST ? &training->test : set == SET_VALIDATION ? &training->validation : &training->train;
}

static const struct samples *samples_of(const struct prepared *data, enum sample_set set)
{
    return set == SET_TEST ? &data->test : set == SET_VALIDATION ? &data->validation : &data->train;
}

static enum sample_set honest_set(const struct run *run)
{
    const struct training *training = run->training;
    return training->test.count ? SET_TEST : training->validation.count ? SET_VALIDATION : SET_TRAIN;
}

const char *run_honest_set(const struct run *run)
{
    static const char *const names[] = {[SET_TRAIN] = "train", [SET_VALIDATION] = "validation", [SET_TEST] = "test"};
    return names[honest_set(run)];
}

/* The report stays with the training, which several values may stand for; the state's lock is held. */
static bool judge_set(struct eval *eval, const struct run *run, enum sample_set set, bool report, struct judged *judged)
{
    struct training *training = run->training;
    *judged = (struct judged){.scores = scores_of(training, set)};
    if (!report || !has_classes(run) || !run->prepared || judged->scores->count == 0)
        return true;
    if (!training->reports[set])
        training->reports[set] = report_of(training->model, samples_of(run->prepared, set));
    judged->report = training->reports[set];
    return judged->report || diag_out_of_memory(eval->diags, SPAN_NONE);
}

static double score_at(const struct judged *judged, const struct score_row *row)
{
    const void *from = row->reported ? (const void *)judged->report : judged->scores;
    return from ? *(const double *)((const char *)from + row->offset) : NAN;
}

bool run_figure(struct eval *eval, const struct run *run, struct str name, double *figure)
{
    const struct training *training = run->training;
    const struct score_row *row = score_row_named(name);
    struct judged judged;
    if (row) {
        *figure = NAN;
        if (!training)
            return true;
        if (!judge_set(eval, run, honest_set(run), row->reported, &judged))
            return false;
        *figure = score_at(&judged, row);
    } else if (str_is(name, "params")) {
        *figure = run->params;
    } else if (str_is(name, "flops")) {
        *figure = run->flops;
    } else if (str_is(name, "epochs")) {
        *figure = training ? (double)training->epochs : NAN;
    } else {
        *figure = training ? training->seconds : NAN;
    }
    return true;
}

bool run_figure_known(const struct run *run, struct str name)
{
    return run->training || (run->molecule && (str_is(name, "params") || str_is(name, "flops")));
}

/* ---- over trials ---- */

/* `count` figures: the one of a single run, or an estimate. In nel check (`values` NULL) they are unknown. */
static struct value figure_value(struct eval *eval, const double *values, size_t count, bool several)
{
    if (!values)
        return value_unknown_of(several ? VALUE_ESTIMATE : VALUE_NUMBER);
    return several ? value_estimate(eval, values, count) : value_number(values[0]);
}

struct value runs_figure(struct eval *eval, const struct runs *runs, struct str name)
{
    double *values = mem_array(runs->count, sizeof *values);
    bool well = values || diag_out_of_memory(eval->diags, SPAN_NONE);
    for (size_t i = 0; well && i < runs->count; i++)
        well = run_figure(eval, runs->items[i], name, &values[i]);
    struct value value = well ? value_estimate(eval, values, runs->count) : value_failed();
    mem_free(values);
    return value;
}

/* Runs of one training on sets of their own, and what is asked of them. */
struct panel {
    const struct run *first;
    struct judged *judged; /* [count]; NULL in nel check */
    size_t count;
    bool several;   /* trials: figures are estimates, also of a single one */
    double *values; /* [count] room for one figure of each */
};

static bool panel_init(struct eval *eval, struct panel *panel, struct run *const *runs, size_t count, bool several)
{
    *panel = (struct panel){.first = runs[0], .count = count, .several = several};
    if (!runs[0]->training)
        return true;
    panel->judged = mem_array(count, sizeof *panel->judged);
    panel->values = mem_array(count, sizeof *panel->values);
    return (panel->judged && panel->values) || diag_out_of_memory(eval->diags, SPAN_NONE);
}

static void panel_release(struct panel *panel)
{
    mem_free(panel->judged);
    mem_free(panel->values);
}

static bool panel_judge(struct eval *eval, struct panel *panel, struct run *const *runs, enum sample_set set)
{
    for (size_t i = 0; panel->judged && i < panel->count; i++)
        if (!judge_set(eval, runs[i], set, true, &panel->judged[i]))
            return false;
    return true;
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
    const uint32_t classes = recipe_of(panel->first)->outputs;
    for (size_t i = 0; panel->judged && i < panel->count; i++) {
        const struct report *report = panel->judged[i].report;
        panel->values[i] = report && report->classes == classes ? figure(report, class, other) : NAN;
    }
    return figure_value(eval, panel->values, panel->count, panel->several);
}

static struct value classes_table(struct eval *eval, const struct panel *panel)
{
    static const char *const names[] = {"class", "precision", "recall", "f1", "auc", "support"};
    static const class_figure figures[] = {class_precision, class_recall, class_f1, class_auc, class_support};
    enum { COLUMNS = sizeof names / sizeof *names };
    const struct recipe *recipe = recipe_of(panel->first);
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

static struct value confusion_table(struct eval *eval, const struct panel *panel)
{
    const struct recipe *recipe = recipe_of(panel->first);
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

static bool confusion_fits(const struct run *run)
{
    return recipe_of(run)->outputs <= LIMIT_CONFUSION_CLASSES;
}

struct value runs_classes(struct eval *eval, struct run *const *runs, size_t count, bool several, struct str name, struct span span)
{
    const struct run *first = runs[0];
    bool confusion = str_is(name, "confusion");
    if (!recipe_of(first))
        return value_unknown_of(VALUE_TABLE);
    if (!has_classes(first))
        return figure_refuse(eval, first, name, span);
    if (confusion && !confusion_fits(first))
        return eval_error_help(eval, span, "`classes` has a row for each of them",
                               "a confusion matrix of %u classes is more than anybody reads: the most are %d",
                               recipe_of(first)->outputs, LIMIT_CONFUSION_CLASSES);
    struct panel panel;
    bool well =
        panel_init(eval, &panel, runs, count, several) && (!first->training || panel_judge(eval, &panel, runs, honest_set(first)));
    struct value table = !well ? value_failed() : confusion ? confusion_table(eval, &panel) : classes_table(eval, &panel);
    panel_release(&panel);
    return table;
}

/* ---- records of figures ---- */

static struct value panel_score(struct eval *eval, const struct panel *panel, const struct score_row *row)
{
    for (size_t i = 0; panel->judged && i < panel->count; i++)
        panel->values[i] = score_at(&panel->judged[i], row);
    return figure_value(eval, panel->values, panel->count, panel->several);
}

/* All figures that apply, how many samples they are of (the first run's), and of classes their tables. */
static struct value panel_record(struct eval *eval, const struct panel *panel)
{
    const bool classes = has_classes(panel->first);
    struct value record = value_record(eval);
    bool well = !failed(record);
    for (size_t i = 0; well && i < SCORE_ROWS; i++) {
        if (!row_applies(&score_rows[i], classes))
            continue;
        struct value score = panel_score(eval, panel, &score_rows[i]);
        well = !failed(score) && record_set(eval, record.record, str_of(score_rows[i].name), score);
    }
    struct value count = panel->judged ? value_number(panel->judged[0].scores->count) : value_unknown_of(VALUE_NUMBER);
    well = well && record_set(eval, record.record, STR("count"), count);
    if (well && classes) {
        struct value table = classes_table(eval, panel);
        well = !failed(table) && record_set(eval, record.record, STR("classes"), table);
    }
    if (well && classes && confusion_fits(panel->first)) {
        struct value table = confusion_table(eval, panel);
        well = !failed(table) && record_set(eval, record.record, STR("confusion"), table);
    }
    return well ? record : value_failed();
}

struct value runs_scores(struct eval *eval, struct run *const *runs, size_t count, bool several, struct str name)
{
    const struct run *first = runs[0];
    enum sample_set set = set_named(name);
    if (!recipe_of(first))
        return value_unknown_of(VALUE_RECORD);
    if ((first->training ? scores_of(first->training, set)->count : samples_of(first->prepared, set)->count) == 0)
        return value_none();
    struct panel panel;
    bool well = panel_init(eval, &panel, runs, count, several) && panel_judge(eval, &panel, runs, set);
    struct value record = well ? panel_record(eval, &panel) : value_failed();
    panel_release(&panel);
    return record;
}

/* ---- on other data ---- */

bool features_fit(struct eval *eval, const struct recipe *recipe, const struct dataset *data, struct span span)
{
    if (data->table->columns == recipe->columns)
        return true;
    eval_error(eval, span, "the model reads %s, the data has %u", counted(recipe->columns, "feature", "features").text,
               data->table->columns);
    return false;
}

/* Scores and report of a run on a data set, to be released. */
struct judgement {
    struct scores scores;
    struct report *report;
};

static bool judge_data(struct eval *eval, const struct run *run, const struct dataset *data, struct span span,
                       struct judgement *judgement)
{
    struct samples samples = {0};
    const struct model *model = run->training ? run->training->model : NULL;
    const float *class_weights = run->prepared ? run->prepared->class_weights : NULL;
    bool well = features_fit(eval, recipe_of(run), data, span) && samples_make(&samples, recipe_of(run), data, span, eval->diags);
    if (well && model) {
        well = model_score(model, &samples, &run->options, class_weights, &judgement->scores);
        if (well && samples.labels) {
            judgement->report = report_of(model, &samples);
            well = judgement->report;
        }
        if (!well)
            diag_out_of_memory(eval->diags, span);
    }
    samples_release(&samples);
    return well;
}

struct value runs_score_on(struct eval *eval, struct run *const *runs, size_t count, bool several, const struct dataset *data,
                           struct span span)
{
    if (!recipe_of(runs[0]))
        return value_unknown_of(VALUE_RECORD);
    struct judgement *judgements = mem_array(count, sizeof *judgements);
    struct panel panel;
    bool well = panel_init(eval, &panel, runs, count, several) && (judgements || diag_out_of_memory(eval->diags, span));
    for (size_t i = 0; well && i < count; i++) {
        well = judge_data(eval, runs[i], data, span, &judgements[i]);
        if (panel.judged)
            panel.judged[i] = (struct judged){&judgements[i].scores, judgements[i].report};
    }
    struct value record = well ? panel_record(eval, &panel) : value_failed();
    for (size_t i = 0; judgements && i < count; i++)
        report_release(judgements[i].report);
    mem_free(judgements);
    panel_release(&panel);
    return record;
}
