/* Figures of runs by name. A figure without a set is that of the most honest set there is: test, else validation, else training.

   Loss, accuracy and errors of values come with a training. What needs every sample's answer (engine/report.h) is computed when
   somebody asks for it, and stays with the training. In `nel check` nothing was trained: the data tells which figures there are, and
   each is an unknown. */
#include <math.h>

#include "interp/figures.h"
#include "interp/panel.h"
#include "interp/unknown.h"
#include "support/memory.h"
#include "support/number.h"

bool figure_is_score(struct str name)
{
    return score_row_named(name);
}

const struct recipe *run_recipe(const struct run *run)
{
    return run->training ? run->training->model->recipe : run->prepared ? run->prepared->recipe : NULL;
}

static bool has_classes(const struct run *run)
{
    const struct recipe *recipe = run_recipe(run);
    return recipe && recipe_tells_classes(recipe);
}

bool run_figure_applies(const struct run *run, struct str name)
{
    const struct score_row *row = score_row_named(name);
    return !row || !run_recipe(run) || score_row_applies(row, run_recipe(run)); /* nel check: of unknown data any may apply */
}

struct value figure_refuse(struct eval *eval, const struct run *run, struct str name, struct span span)
{
    const struct panel panel = {.recipe = run_recipe(run)};
    return panel_refuse(eval, &panel, name, "this run", span);
}

/* ---- one run on one set ---- */

static enum sample_set honest_set(const struct run *run)
{
    const struct training *training = run->training;
    return training->test.count ? SET_TEST : training->validation.count ? SET_VALIDATION : SET_TRAIN;
}

const char *run_honest_set(const struct run *run)
{
    return set_names[honest_set(run)];
}

/* The report stays with the training, which several values may stand for; the state's lock is held. */
static bool judge_set(struct eval *eval, const struct run *run, enum sample_set set, bool report, struct judged *judged)
{
    struct training *training = run->training;
    *judged = (struct judged){.scores = scores_of(training, set)};
    if (report && run->prepared && !training_report(training, run->prepared, set))
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    judged->report = training->reports[set]; /* of a run from a file: what the file has */
    return true;
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

static bool panel_init(struct eval *eval, struct panel *panel, struct run *const *runs, size_t count, bool several)
{
    *panel = (struct panel){.recipe = run_recipe(runs[0]), .count = count, .several = several};
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

struct value runs_classes(struct eval *eval, struct run *const *runs, size_t count, bool several, struct str name, struct span span)
{
    const struct run *first = runs[0];
    bool confusion = str_is(name, "confusion");
    if (!run_recipe(first))
        return value_unknown_of(VALUE_TABLE);
    if (!has_classes(first))
        return figure_refuse(eval, first, name, span);
    struct panel panel;
    bool well =
        panel_init(eval, &panel, runs, count, several) && (!first->training || panel_judge(eval, &panel, runs, honest_set(first)));
    struct value table = !well ? value_failed() : confusion ? panel_confusion(eval, &panel, span) : panel_classes(eval, &panel);
    panel_release(&panel);
    return table;
}

struct value runs_scores(struct eval *eval, struct run *const *runs, size_t count, bool several, struct str name)
{
    const struct run *first = runs[0];
    enum sample_set set = set_named(name);
    if (!run_recipe(first))
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
    bool well = features_fit(eval, run_recipe(run), data, span) && samples_make(&samples, run_recipe(run), data, span, eval->diags);
    if (well && model) {
        well = model_score(model, &samples, &run->options, class_weights, &judgement->scores);
        if (well && has_classes(run)) {
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
    if (!run_recipe(runs[0]))
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
