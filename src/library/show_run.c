/* Views of runs and of several trials: what was trained, how well, how it went, and what it decides. Times are told to a person only:
   elsewhere the same script writes the same bytes. */
#include <math.h>

#include "engine/choices.h"
#include "interp/figures.h"
#include "interp/panel.h"
#include "library/show.h"
#include "molecule/dna.h"
#include "molecule/graph.h"
#include "support/limits.h"
#include "support/number.h"

/* ---- figures ---- */

/* Figures that say what others beside them do: the mean recall is the balanced accuracy, the classes have a precision each, and the
   squared error is that of which the root is shown. */
static bool says_nothing_new(struct str name)
{
    return str_is(name, "count") || str_is(name, "precision") || str_is(name, "recall") || str_is(name, "mse");
}

void show_scores(struct show *show, const struct value scores[SET_COUNT])
{
    const struct record *sets[SET_COUNT];
    size_t shown = 0;
    struct grid grid = {.header = {""}, .columns = 1};
    for (size_t s = 0; s < SET_COUNT; s++) {
        if (scores[s].kind != VALUE_RECORD)
            continue;
        sets[shown++] = scores[s].record;
        grid.header[grid.columns] = set_names[s];
        grid.right[grid.columns++] = true;
    }
    for (size_t i = 0; shown > 0 && i < sets[0]->count; i++) {
        struct str name = string_str(sets[0]->fields[i].key);
        if (says_nothing_new(name) || sets[0]->fields[i].value.kind == VALUE_TABLE)
            continue;
        grid_text(&grid, name.at);
        for (size_t s = 0; s < shown; s++) {
            const struct value *figure = record_get(sets[s], name);
            show_print(show, figure ? *figure : value_none(), grid_cell(&grid));
            grid_end(&grid);
        }
    }
    grid_show(show, &grid);
}

static void show_runs_scores(struct show *show, struct run *const *runs, size_t count, bool several)
{
    struct value scores[SET_COUNT];
    for (size_t s = 0; s < SET_COUNT; s++)
        scores[s] = runs_scores(show->eval, runs, count, several, str_of(set_names[s]));
    show_scores(show, scores);
}

/* How each class is told. Nothing of values, nor of what diverged. */
static void show_runs_classes(struct show *show, struct run *const *runs, size_t count, bool several)
{
    const struct run *first = runs[0];
    if (!run_figure_applies(first, STR("f1")) || first->training->diverged)
        return;
    struct value classes = runs_classes(show->eval, runs, count, several, STR("classes"), show->span);
    struct value confusion = failed(classes) || classes.table->rows > LIMIT_CONFUSION_CLASSES
                                 ? value_none()
                                 : runs_classes(show->eval, runs, count, several, STR("confusion"), show->span);
    show_class_figures(show, classes, confusion, run_honest_set(first), several);
}

/* ---- how it went ---- */

static void show_diagnosis(struct show *show, const struct run *run)
{
    struct text text = {0};
    if (run_diagnosis(run, &text))
        show_warning(show, "%s", text_chars(&text));
    text_release(&text);
}

void show_duration(double seconds, struct text *out)
{
    if (seconds >= 120) {
        text_addf(out, "%.0f min %.0f s", floor(seconds / 60), floor(fmod(seconds, 60)));
        return;
    }
    number_write_short(out, seconds < 1 ? seconds * 1000 : seconds, 2);
    text_add(out, seconds < 1 ? " ms" : " s");
}

/* "learning rate 0.01 · cosine after 5 epochs of warm-up" */
static void add_rate(const struct train_options *options, struct text *out)
{
    text_addf(out, " · %s, learning rate ", optimizer_names[options->optimizer]);
    number_write(out, options->lr);
    if (options->schedule.kind != SCHEDULE_CONSTANT)
        text_addf(out, ", %s", schedule_names[options->schedule.kind]);
    if (options->schedule.warmup > 0) {
        text_add(out, " after ");
        print_count(out, options->schedule.warmup, "epoch", "epochs");
        text_add(out, " of warm-up");
    }
}

static void show_course(struct show *show, const struct run *run)
{
    const struct training *training = run->training;
    struct text text = {0};
    print_count(&text, training->epochs, "epoch", "epochs");
    if (training->stopped)
        text_addf(&text, " of %u: stopped by patience, weights of epoch %u", run->options.epochs, training->best_epoch);
    else if (training->cancelled)
        text_addf(&text, " of %u: interrupted", run->options.epochs);
    add_rate(&run->options, &text);
    text_add(&text, " · ");
    if (run->options.batch == 0)
        text_add(&text, "full batches");
    else
        text_addf(&text, "batches of %u", run->options.batch);
    text_addf(&text, " · seed %llu", (unsigned long long)training->seed);
    if (show->terminal) {
        text_add(&text, " · ");
        show_duration(training->seconds, &text);
    }
    show_note(show, "%s", text_chars(&text));
    text_release(&text);
    show_diagnosis(show, run);
}

/* ---- what was trained ---- */

static void show_title(struct show *show, const struct run *run, const char *behind)
{
    struct text title = {0}, dna = {0};
    show_dna(run->molecule, "`.dna` has them", &dna);
    if (run->name)
        text_add_str(&title, string_str(run->name));
    else
        text_add_str(&title, text_str(&dna));
    if (run->data_name)
        text_addf(&title, " on %.*s", STR_ARG(string_str(run->data_name)));
    text_add(&title, behind);
    show_heading(show, "%s", text_chars(&title));
    if (run->name)
        show_note(show, "%s", text_chars(&dna));
    show_sources(show, run->molecule);
    text_release(&title);
    text_release(&dna);
}

static void show_anatomy(struct show *show, const struct run *run)
{
    uint32_t width = run->training ? model_input_width(run->training->model) : run->prepared ? run->prepared->train.width : 0;
    struct graph *graph = graph_build(run->molecule, width, show->eval->diags);
    show_structure(show, run->molecule, graph);
    show_totals(show, run->params, run->flops);
    graph_release(graph);
}

static void show_pictures(struct show *show, const struct run *run)
{
    show_loss_curve(show, run->training);
    if (run->training->diverged) /* it decides nothing */
        return;
    const struct predictor predictor = {.run = run};
    show_decisions(show, &predictor);
    show_fit(show, &predictor);
}

void show_run(struct show *show, const struct run *run)
{
    if (run->growth)
        show_growth(show, run, "how it grew");
    show_title(show, run, "");
    show_gap(show);
    show_anatomy(show, run);
    if (!run->training)
        return;
    show_gap(show);
    struct run *one = (struct run *)run;
    show_runs_scores(show, &one, 1, false);
    show_runs_classes(show, &one, 1, false);
    show_gap(show);
    show_course(show, run);
    show_pictures(show, run);
}

/* ---- trials ---- */

/* Trials that are listed one by one; more are told by their estimates only. */
#define TRIALS_LISTED 12

/* A figure of every trial; the decimals they are written with. */
static int gather_trials(struct show *show, const struct runs *runs, const char *name, double figures[TRIALS_LISTED])
{
    for (size_t i = 0; i < runs->count; i++)
        if (!run_figure(show->eval, runs->items[i], str_of(name), &figures[i]))
            figures[i] = NAN;
    return figure_decimals(figures, runs->count);
}

/* Which fold of a cross-validation it was judged on. */
static uint32_t fold_number(const struct run *run)
{
    return run->prepared ? run->prepared->fold.number : run->data ? run->data->fold.number : 0;
}

static void show_trials(struct show *show, const struct runs *runs)
{
    const char *headline = run_figure_applies(runs->items[0], STR("accuracy")) ? "accuracy" : "r2";
    const bool grown = runs->items[0]->growth;
    struct grid grid = {
        .header = {"", runs->folds ? "fold" : "seed", headline, "loss", "epochs", grown ? "parameters" : "", ""},
        .right = {false, true, true, true, true, true, false},
        .columns = 7,
    };
    double figures[TRIALS_LISTED], losses[TRIALS_LISTED];
    int figure_places = gather_trials(show, runs, headline, figures), loss_places = gather_trials(show, runs, "loss", losses);
    for (size_t i = 0; i < runs->count; i++) {
        const struct training *training = runs->items[i]->training;
        grid_text(&grid, i == runs->best ? "best" : "");
        grid_figure(&grid, runs->folds ? (double)fold_number(runs->items[i]) : (double)training->seed);
        grid_aligned(&grid, figures[i], figure_places);
        grid_aligned(&grid, losses[i], loss_places);
        grid_figure(&grid, training->epochs);
        grid_figure(&grid, grown ? (double)training->params : NAN);
        grid_text(&grid, training->diverged ? "diverged" : training->stopped ? "stopped by patience" : "");
    }
    grid_show(show, &grid);
}

static void show_diverged(struct show *show, const struct runs *runs)
{
    size_t count = 0, first = 0;
    for (size_t i = runs->count; i-- > 0;)
        if (runs->items[i]->training->diverged) {
            count++;
            first = i;
        }
    if (count == 0)
        return;
    show_warning(show, "%zu of %zu trials diverged; the first of them:", count, runs->count);
    show_diagnosis(show, runs->items[first]);
}

void show_runs(struct show *show, const struct runs *runs)
{
    const struct run *best = runs->items[runs->best];
    if (best->growth)
        show_growths(show, runs);
    struct text behind = {0};
    text_add(&behind, ", ");
    if (runs->count < runs->wanted)
        text_addf(&behind, "%zu of ", runs->count);
    print_count(&behind, (double)runs->wanted, runs->folds ? "fold" : "trial", runs->folds ? "folds" : "trials");
    text_add(&behind, runs->count < runs->wanted ? ": interrupted" : "");
    show_title(show, best, text_chars(&behind));
    text_release(&behind);
    show_gap(show);
    show_anatomy(show, best);
    show_gap(show);
    show_runs_scores(show, runs->items, runs->count, true);
    show_note(show, runs->count > 1 ? "mean ± half the width of its 95 %% confidence interval"
                                    : "one value says nothing of how far others would be from it: there is no interval");
    show_runs_classes(show, runs->items, runs->count, true);
    show_diverged(show, runs);
    if (runs->count <= TRIALS_LISTED) {
        show_gap(show);
        show_trials(show, runs);
    }
    show_gap(show);
    show_heading(show, "the best %s on %s", runs->folds ? "fold" : "trial",
                 best->training && best->training->validation.count > 0 ? "validation" : "training data");
    show_course(show, best);
    show_pictures(show, best);
}
