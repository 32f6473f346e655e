/* See finish.h. What a search has found is never lost by what comes after it: options are read before it begins, and where its best cannot
   be trained anew, the run that it has from the search is given instead. */
#include "study/finish.h"

static bool wanted(const struct finish *finish)
{
    return finish->given.kind == VALUE_RECORD;
}

struct training_wish finish_wish(struct eval *eval, const struct finish *finish, struct value molecule, uint32_t variant)
{
    return (struct training_wish){.molecule = molecule,
                                  .data = finish->data,
                                  .options = tuning_whole(eval, finish->tuning, variant, finish->given),
                                  .data_span = finish->data_span,
                                  .options_span = finish->span};
}

bool finish_read(struct eval *eval, const struct finish *finish)
{
    bool well = true;
    for (uint32_t i = 0; well && wanted(finish) && i < (finish->tuning->variant_count ? finish->tuning->variant_count : 1); i++) {
        struct lesson lesson;
        const size_t mark = pool_mark(eval);
        const struct value options = tuning_whole(eval, finish->tuning, i, finish->given);
        well = !failed(options) && lesson_of_record(eval, options, finish->span, &lesson);
        pool_drain(eval, mark, value_none());
    }
    return well;
}

bool finish_ready(struct eval *eval, const struct finish *finish, const struct molecule *founder)
{
    if (!wanted(finish))
        return true;
    const size_t mark = pool_mark(eval);
    const struct value molecule = value_molecule(eval, molecule_retain(founder));
    const struct training_wish wish = failed(molecule) ? (struct training_wish){0} : finish_wish(eval, finish, molecule, 0);
    const bool well = !failed(molecule) && !failed(wish.options) && train_ready(eval, &wish);
    pool_drain(eval, mark, value_none());
    return well;
}

/* ---- afterwards ---- */

/* As the search trained it. */
static struct value evolved_run(struct eval *eval, const struct finish *finish, struct individual *individual,
                                struct prepared *prepared)
{
    const struct evolve_options *search = finish->options;
    struct train_options options = search->variants ? search->variants[individual->variant] : search->train;
    options.seed = search->train.seed + search->seed;
    struct molecule *bare = molecule_bare(individual->form->molecule, eval->diags);
    struct molecule *molecule = bare ? molecule_for_data(bare, prepared, options.loss, SPAN_NONE, eval->diags) : NULL;
    molecule_release(bare);
    if (!molecule)
        return value_failed();
    struct training *training = individual->training;
    individual->training = NULL;
    if (prepared->test.count > 0 &&
        !model_score(training->model, &prepared->test, &options, prepared->class_weights, &training->test)) {
        training_release(training);
        molecule_release(molecule);
        return eval_out_of_memory(eval, SPAN_NONE);
    }
    struct value run = run_make(eval, training, prepared, molecule, value_none(), &options, finish->data);
    molecule_release(molecule);
    return run;
}

static struct value train_anew(struct eval *eval, const struct finish *finish, const struct individual *individual)
{
    struct molecule *bare = molecule_bare(individual->form->molecule, eval->diags);
    const struct value molecule = bare ? value_molecule(eval, bare) : value_failed();
    if (failed(molecule))
        return molecule;
    const struct training_wish wish = finish_wish(eval, finish, molecule, individual->variant);
    return failed(wish.options) ? value_failed() : train_value(eval, &wish);
}

/* Why somebody of the front is as the search trained it. */
static void tell_untrained(struct eval *eval, const struct finish *finish, const struct diags *told)
{
    struct diag *diag = NULL;
    if (progress_cancelled(&eval->state->progress)) {
        diag = diag_warning(eval->diags, finish->span, "stopped before the best was trained anew");
    } else {
        diag = diag_warning(eval->diags, finish->span, "the best could not be trained anew");
        for (size_t i = 0; i < told->count; i++)
            if (told->at[i].severity == DIAG_ERROR)
                diag_label(diag, told->at[i].span, "%s", told->at[i].message);
    }
    diag_help(diag, "it is as the search trained it");
}

struct value finish_run(struct eval *eval, struct finish *finish, const struct evolution *evolution, size_t index,
                        struct prepared *prepared)
{
    struct individual *individual = evolution_individual(evolution, index);
    if (!wanted(finish) || finish->over || evolution->cancelled)
        return evolved_run(eval, finish, individual, prepared);
    struct diags told = {0}, *outer = eval->diags;
    eval->diags = &told;
    struct value run = train_anew(eval, finish, individual);
    eval->diags = outer;
    finish->over = failed(run) && !told.out_of_memory;
    if (finish->over)
        tell_untrained(eval, finish, &told);
    else
        diags_move(eval->diags, &told);
    diags_release(&told);
    return finish->over ? evolved_run(eval, finish, individual, prepared) : run;
}
