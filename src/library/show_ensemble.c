/* The view of an ensemble: who is in it, how well they do alone and together. */
#include <math.h>

#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "interp/panel.h"
#include "library/show.h"
#include "molecule/dna.h"
#include "support/limits.h"

/* Members that are listed one by one. */
#define MEMBERS_LISTED 12

static bool weighed_alike(const struct ensemble *ensemble)
{
    for (size_t i = 1; i < ensemble->count; i++)
        if (ensemble->weights[i] != ensemble->weights[0])
            return false;
    return true;
}

static void add_member_name(const struct run *run, struct text *out)
{
    if (run->name)
        text_add_str(out, string_str(run->name));
    else
        dna_encode(run->molecule, out);
}

/* Each member's figure is of the part that its own data has. */
static void show_members(struct show *show, const struct ensemble *ensemble)
{
    const char *headline = run_figure_applies(ensemble->members[0], STR("accuracy")) ? "accuracy" : "r2";
    const size_t listed = ensemble->count < MEMBERS_LISTED ? ensemble->count : MEMBERS_LISTED;
    struct grid grid = {
        .header = {"member", "seed", headline, weighed_alike(ensemble) ? "" : "weight", "parameters"},
        .right = {false, true, true, true, true},
        .columns = 5,
    };
    double figures[MEMBERS_LISTED];
    for (size_t i = 0; i < listed; i++)
        if (!run_figure(show->eval, ensemble->members[i], str_of(headline), &figures[i]))
            figures[i] = NAN;
    const int places = figure_decimals(figures, listed);
    for (size_t i = 0; i < listed; i++) {
        const struct run *member = ensemble->members[i];
        add_member_name(member, grid_cell(&grid));
        grid_end(&grid);
        grid_figure(&grid, (double)member->options.seed);
        grid_aligned(&grid, figures[i], places);
        if (weighed_alike(ensemble))
            grid_text(&grid, "");
        else
            grid_figure(&grid, ensemble->weights[i]);
        grid_figure(&grid, member->params);
    }
    grid_show(show, &grid);
    if (listed < ensemble->count)
        show_note(show, "and %zu more", ensemble->count - listed);
}

/* Figures on the parts that the members share. */
static void show_together(struct show *show, struct ensemble *ensemble)
{
    const enum sample_set honest = ensemble_honest_set(ensemble);
    struct value scores[SET_COUNT];
    bool any = false;
    for (int set = 0; set < SET_COUNT; set++) {
        const bool shared = ensemble_shares(ensemble, (enum sample_set)set);
        scores[set] = shared ? ensemble_scores(show->eval, ensemble, (enum sample_set)set, show->span) : value_none();
        any = any || shared;
    }
    show_gap(show);
    if (!any) {
        show_note(show, "its members do not share their data: `score(e, data)` judges it");
        return;
    }
    show_scores(show, scores);
    if (scores[honest].kind != VALUE_RECORD || !record_get(scores[honest].record, STR("classes")))
        return;
    const struct value *confusion = record_get(scores[honest].record, STR("confusion"));
    show_class_figures(show, *record_get(scores[honest].record, STR("classes")), confusion ? *confusion : value_none(),
                       set_names[honest], false);
}

void show_ensemble(struct show *show, struct ensemble *ensemble)
{
    const struct predictor predictor = {ensemble->members[0], ensemble};
    show_heading(show, "ensemble of %zu, %s", ensemble->count, ensemble->rule == ENSEMBLE_VOTE ? "by vote" : "averaged");
    show_gap(show);
    show_members(show, ensemble);
    if (!ensemble->members[0]->training)
        return;
    show_together(show, ensemble);
    show_decisions(show, &predictor);
    show_fit(show, &predictor);
}
