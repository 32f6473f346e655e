/* See several.h. Each member is saved and read as it is where it is alone. */
#include "study/several.h"

#include "export/model_bundle.h"
#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "interp/run.h"
#include "study/save.h"
#include "support/memory.h"

/* ---- writing ---- */

/* The bytes of members on their way into a file. */
struct packing {
    struct text *texts;
    struct str *members;
    size_t count;
};

static bool pack(struct eval *eval, struct packing *packing, struct run *const *runs, size_t count, struct span span)
{
    packing->texts = mem_array(count, sizeof *packing->texts);
    packing->members = mem_array(count, sizeof *packing->members);
    if (!packing->texts || !packing->members)
        return diag_out_of_memory(eval->diags, span);
    for (size_t i = 0; i < count; i++) {
        packing->texts[packing->count++] = (struct text){0};
        if (!run_save(eval, runs[i], &packing->texts[i], span))
            return false;
        packing->members[i] = text_str(&packing->texts[i]);
    }
    return true;
}

static void packing_release(struct packing *packing)
{
    for (size_t i = 0; i < packing->count; i++)
        text_release(&packing->texts[i]);
    mem_free(packing->texts);
    mem_free(packing->members);
}

bool several_save(struct eval *eval, struct value value, struct text *out, struct span span)
{
    struct packing packing = {0};
    struct bundle bundle = {0};
    if (value.kind == VALUE_ENSEMBLE) {
        if (!ensemble_judge_all(eval, value.ensemble, span))
            return false;
        for (enum sample_set set = SET_TRAIN; set < SET_COUNT; set++) {
            bundle.scores[set] = value.ensemble->own[set];
            bundle.reports[set] = value.ensemble->reports[set];
        }
        bundle.kind = value.ensemble->rule == ENSEMBLE_VOTE ? BUNDLE_VOTE : BUNDLE_AVERAGE;
        bundle.count = value.ensemble->count;
        bundle.weights = value.ensemble->weights;
    } else {
        bundle.kind = value.runs->folds ? BUNDLE_FOLDS : BUNDLE_TRIALS;
        bundle.count = value.runs->count;
        bundle.wanted = value.runs->wanted;
    }
    struct run *const *runs = value.kind == VALUE_ENSEMBLE ? value.ensemble->members : value.runs->items;
    bool well = pack(eval, &packing, runs, bundle.count, span);
    bundle.members = packing.members;
    well = well && bundle_write(&bundle, out, span, eval->diags);
    bundle_close(&bundle);
    packing_release(&packing);
    return well;
}

/* ---- reading ---- */

/* What the file says of the ensemble as a whole is of the rows that its members were judged on. */
static bool rows_agree(const struct ensemble *ensemble)
{
    for (enum sample_set set = SET_TRAIN; set < SET_COUNT; set++)
        for (size_t i = 0; ensemble->own[set] && i < ensemble->count; i++)
            if (ensemble->own[set]->count != scores_of(ensemble->members[i]->training, set)->count)
                return false;
    return true;
}

static struct value make_ensemble(struct eval *eval, const struct bundle *bundle, struct value runs, const char *path,
                                  struct span span)
{
    struct value value =
        ensemble_make(eval, runs, bundle->kind == BUNDLE_VOTE ? ENSEMBLE_VOTE : ENSEMBLE_AVERAGE, bundle->weights, span);
    if (failed(value))
        return value;
    struct ensemble *ensemble = value.ensemble;
    const struct recipe *recipe = run_recipe(ensemble->members[0]);
    if (!bundle_judged(bundle, recipe, path, ensemble->own, ensemble->reports, span, eval->diags))
        return value_failed();
    if (rows_agree(ensemble))
        return value;
    diag_note(diag_error(eval->diags, span, "`%s` does not hold together", path),
              "its `scores` are of other rows than those of its members");
    return value_failed();
}

static struct value make(struct eval *eval, const struct bundle *bundle, const struct value *runs, const char *path,
                         struct span span)
{
    struct value value = runs_make(eval, runs, bundle->count);
    if (failed(value))
        return value;
    value.runs->folds = bundle->kind == BUNDLE_FOLDS;
    if (bundle->weights)
        return make_ensemble(eval, bundle, value, path, span);
    value.runs->wanted = bundle->wanted;
    return value;
}

/* Trials and folds are of one kind of data; what an ensemble needs it sees to itself. */
static bool alike(struct eval *eval, const struct bundle *bundle, const struct value *runs, const char *path, struct span span)
{
    for (size_t i = 1; !bundle->weights && i < bundle->count; i++) {
        const char *difference = recipes_difference(run_recipe(runs[0].run), run_recipe(runs[i].run));
        if (!difference)
            continue;
        diag_note(diag_error(eval->diags, span, "`%s` does not hold together", path),
                  "its member %zu was trained for other %s than the first", i, difference);
        return false;
    }
    return true;
}

static struct value of_bundle(struct eval *eval, const struct bundle *bundle, const char *path, struct span span)
{
    struct value *runs = mem_array(bundle->count, sizeof *runs), value = value_none();
    if (!runs)
        return eval_out_of_memory(eval, span);
    for (size_t i = 0; !failed(value) && i < bundle->count; i++) {
        struct text name = {0};
        text_addf(&name, "%s, member %zu", path, i);
        value = runs[i] = run_of_bytes(eval, bundle->members[i], text_chars(&name), span);
        text_release(&name);
    }
    if (!failed(value))
        value = alike(eval, bundle, runs, path, span) ? make(eval, bundle, runs, path, span) : value_failed();
    mem_free(runs);
    return value;
}

struct value saved_of_bytes(struct eval *eval, struct str bytes, const char *path, struct span span)
{
    struct bundle bundle = {0};
    struct value value = value_failed();
    if (bundle_read(&bundle, bytes, path, span, eval->diags))
        value = bundle.count > 0 ? of_bundle(eval, &bundle, path, span) : run_of_bytes(eval, bytes, path, span);
    bundle_close(&bundle);
    return value;
}
