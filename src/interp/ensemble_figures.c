/* How well an ensemble does. The answers on the parts that its members share are judged when somebody asks, and what was found stays
   with the ensemble. */
#include <math.h>
#include <string.h>

#include "engine/metrics.h"
#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "interp/panel.h"
#include "interp/predictor.h"
#include "support/memory.h"

/* ---- parts that the members share ---- */

static bool samples_equal(const struct samples *a, const struct samples *b)
{
    if (a->x == b->x)
        return true;
    if (a->count != b->count || a->width != b->width || a->outputs != b->outputs || !a->labels != !b->labels)
        return false;
    if (memcmp(a->x, b->x, (size_t)a->count * a->width * sizeof *a->x) != 0)
        return false;
    return a->labels ? memcmp(a->labels, b->labels, a->count * sizeof *a->labels) == 0
                     : memcmp(a->y, b->y, (size_t)a->count * a->outputs * sizeof *a->y) == 0;
}

bool ensemble_shares(const struct ensemble *ensemble, enum sample_set set)
{
    if (ensemble->own[set])
        return true;
    const struct prepared *first = ensemble->members[0]->prepared;
    if (!first || samples_of(first, set)->count == 0)
        return false;
    for (size_t i = 1; i < ensemble->count; i++) {
        const struct prepared *data = ensemble->members[i]->prepared;
        if (!data || !samples_equal(samples_of(first, set), samples_of(data, set)))
            return false;
    }
    return true;
}

/* The samples of a part that the member was trained or judged on; of one from a file the file tells. */
static uint32_t part_count(const struct run *member, enum sample_set set)
{
    return member->prepared   ? samples_of(member->prepared, set)->count
           : member->training ? scores_of(member->training, set)->count
                              : 0;
}

bool ensemble_has_part(const struct ensemble *ensemble, enum sample_set set)
{
    for (size_t i = 0; i < ensemble->count; i++)
        if (part_count(ensemble->members[i], set) > 0)
            return true;
    return false;
}

/* Whether a member came from a file. */
static bool lacks_data(const struct ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->count; i++)
        if (!ensemble->members[i]->prepared)
            return true;
    return false;
}

enum sample_set ensemble_honest_set(const struct ensemble *ensemble)
{
    return ensemble_has_part(ensemble, SET_TEST)         ? SET_TEST
           : ensemble_has_part(ensemble, SET_VALIDATION) ? SET_VALIDATION
                                                         : SET_TRAIN;
}

static struct value refuse_part(struct eval *eval, const struct ensemble *ensemble, enum sample_set set, struct span span)
{
    const bool there = ensemble_has_part(ensemble, set);
    const bool bare = (there || set == SET_TRAIN) && lacks_data(ensemble);
    const char *help = there || set == SET_TRAIN ? "`score(e, data)` judges the ensemble on any data"
                                                 : "`split(60%, 20%)` makes train, validation and test";
    return eval_error_help(eval, span, help,
                           bare    ? "the members of this ensemble came without their data, and so without its %s rows"
                           : there ? "the members of this ensemble were not all judged on the same %s rows"
                                   : "the data of this ensemble has no `%s` part",
                           set_names[set]);
}

/* ---- judging ---- */

/* Scores and report of answers: outputs [samples x width]. False with a diagnostic. */
static bool outputs_judge(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t width,
                          const struct samples *samples, struct scores *scores, struct report **report)
{
    bool well = true;
    *scores = scores_none();
    scores->count = samples->count;
    if (!samples->labels)
        well = scores_of_values(outputs, samples, recipe, scores);
    if (well && recipe_tells_classes(recipe)) {
        *report = report_of_samples(outputs, width, samples, recipe);
        well = *report;
        scores->accuracy = well ? (*report)->accuracy : NAN;
    }
    return well || diag_out_of_memory(eval->diags, SPAN_NONE);
}

/* Asks all members and judges the answer; false with a diagnostic. */
static bool ensemble_judge(struct eval *eval, const struct ensemble *ensemble, const struct asked *asked,
                           const struct samples *samples, struct scores *scores, struct report **report)
{
    const struct predictor predictor = {ensemble->members[0], ensemble};
    const uint32_t width = predictor_width(&predictor);
    float *outputs = mem_floats((size_t)asked->count * width + 1);
    bool well = outputs || diag_out_of_memory(eval->diags, asked->span);
    well = well && predictor_outputs(eval, &predictor, asked, outputs) &&
           outputs_judge(eval, run_recipe(predictor.run), outputs, width, samples, scores, report);
    mem_free_floats(outputs);
    return well;
}

/* The inputs that a member was judged on. */
static bool write_own(struct eval *eval, const struct run *run, const struct asked *asked, float *inputs)
{
    (void)eval;
    const enum sample_set *set = asked->rows;
    const struct samples *samples = samples_of(run->prepared, *set);
    memcpy(inputs, samples->x, (size_t)samples->count * samples->width * sizeof *inputs);
    return true;
}

/* Judges a part that the members share, once. */
static bool judge_own(struct eval *eval, struct ensemble *ensemble, enum sample_set set, struct span span)
{
    if (ensemble->own[set])
        return true;
    const struct samples *samples = samples_of(ensemble->members[0]->prepared, set);
    const struct asked asked = {samples->count, span, write_own, &set};
    struct scores *scores = mem_alloc(sizeof *scores);
    bool well = scores || diag_out_of_memory(eval->diags, span);
    if (!well || !ensemble_judge(eval, ensemble, &asked, samples, scores, &ensemble->reports[set])) {
        mem_free(scores);
        return false;
    }
    ensemble->own[set] = scores;
    return true;
}

bool ensemble_judge_all(struct eval *eval, struct ensemble *ensemble, struct span span)
{
    bool well = true;
    for (enum sample_set set = SET_TRAIN; well && set < SET_COUNT; set++)
        well = !ensemble_shares(ensemble, set) || judge_own(eval, ensemble, set, span);
    return well;
}

/* A panel of one judgement. */
struct lone_panel {
    struct panel panel;
    struct judged judged;
    double value;
};

static void lone_init(struct lone_panel *lone, const struct ensemble *ensemble, const struct scores *scores,
                      const struct report *report)
{
    lone->judged = (struct judged){scores, report};
    lone->panel = (struct panel){.recipe = run_recipe(ensemble->members[0]),
                                 .judged = scores ? &lone->judged : NULL,
                                 .values = scores ? &lone->value : NULL,
                                 .count = 1,
                                 .lossless = true};
}

/* What is known of a part that the members share; false with a diagnostic. */
static bool open_panel(struct eval *eval, struct ensemble *ensemble, enum sample_set set, struct span span, struct lone_panel *lone)
{
    if (!ensemble_shares(ensemble, set)) {
        refuse_part(eval, ensemble, set, span);
        return false;
    }
    if (ensemble->members[0]->training && !judge_own(eval, ensemble, set, span))
        return false;
    lone_init(lone, ensemble, ensemble->own[set], ensemble->reports[set]);
    return true;
}

/* ---- what is told ---- */

struct value ensemble_figure(struct eval *eval, struct ensemble *ensemble, struct str name, struct span span)
{
    const struct score_row *row = score_row_named(name);
    const struct recipe *recipe = run_recipe(ensemble->members[0]);
    struct lone_panel lone;
    if (!recipe)
        return value_unknown_of(VALUE_NUMBER);
    lone_init(&lone, ensemble, NULL, NULL);
    if (!score_row_applies(row, recipe))
        return panel_refuse(eval, &lone.panel, name, "this ensemble", span);
    if (!open_panel(eval, ensemble, ensemble_honest_set(ensemble), span, &lone))
        return value_failed();
    return lone.panel.judged ? value_number(score_at(&lone.judged, row)) : value_unknown_of(VALUE_NUMBER);
}

struct value ensemble_classes(struct eval *eval, struct ensemble *ensemble, struct str name, struct span span)
{
    const struct recipe *recipe = run_recipe(ensemble->members[0]);
    struct lone_panel lone;
    if (!recipe)
        return value_unknown_of(VALUE_TABLE);
    lone_init(&lone, ensemble, NULL, NULL);
    if (!recipe_tells_classes(recipe))
        return panel_refuse(eval, &lone.panel, name, "this ensemble", span);
    if (!open_panel(eval, ensemble, ensemble_honest_set(ensemble), span, &lone))
        return value_failed();
    return str_is(name, "confusion") ? panel_confusion(eval, &lone.panel, span) : panel_classes(eval, &lone.panel);
}

struct value ensemble_scores(struct eval *eval, struct ensemble *ensemble, enum sample_set set, struct span span)
{
    struct lone_panel lone;
    if (!run_recipe(ensemble->members[0]))
        return value_unknown_of(VALUE_RECORD);
    return open_panel(eval, ensemble, set, span, &lone) ? panel_record(eval, &lone.panel) : value_failed();
}

static bool write_dataset(struct eval *eval, const struct run *run, const struct asked *asked, float *inputs)
{
    return recipe_inputs(run_recipe(run), asked->rows, inputs, asked->span, eval->diags);
}

struct value ensemble_score_on(struct eval *eval, const struct ensemble *ensemble, const struct dataset *data, struct span span)
{
    const struct recipe *recipe = run_recipe(ensemble->members[0]);
    const struct asked asked = {data->count, span, write_dataset, data};
    struct samples samples = {0};
    struct scores scores;
    struct report *report = NULL;
    struct lone_panel lone;
    const bool known = ensemble->members[0]->training;
    if (!recipe)
        return value_unknown_of(VALUE_RECORD);
    bool well = features_fit(eval, recipe, data, span) && samples_make(&samples, recipe, data, span, eval->diags) &&
                (!known || ensemble_judge(eval, ensemble, &asked, &samples, &scores, &report));
    lone_init(&lone, ensemble, known ? &scores : NULL, report);
    struct value record = well ? panel_record(eval, &lone.panel) : value_failed();
    samples_release(&samples);
    report_release(report);
    return record;
}
