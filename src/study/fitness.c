/* The fitness of an individual is asked of a run that looks like any other, but that its data has no test part: a script may use every
   figure of it, and none that it must not select by. */
#include "study/fitness.h"

#include <math.h>

#include "interp/place.h"
#include "interp/unknown.h"
#include "support/number.h"

/* ---- options ---- */

static bool number_unknown(struct value value)
{
    const enum value_kind kind = value_content(value);
    return value.kind == VALUE_UNKNOWN && (kind == VALUE_NUMBER || kind == VALUE_ESTIMATE || kind == VALUE_UNKNOWN);
}

/* `max` and `min`: functions elsewhere, words here. */
static bool read_sign(struct eval *eval, struct value value, struct span span, double *sign)
{
    struct str word = {0};
    if (value.kind == VALUE_BUILTIN)
        word = value.builtin->signature.name;
    else
        value_word(value, &word);
    *sign = str_is(word, "min") ? -1 : 1;
    if (str_is(word, "max") || str_is(word, "min") || value.kind == VALUE_UNKNOWN)
        return true;
    struct text shown = {0};
    value_describe(eval, value, &shown);
    eval_error_help(eval, span, "as in `objectives: { accuracy: max, flops: min }`", "expected `max` or `min`, found %s",
                    text_chars(&shown));
    text_release(&shown);
    return false;
}

static bool read_objectives(struct eval *eval, const struct record *record, struct span span, struct fitness *fitness)
{
    if (record->count < 2 || record->count > OBJECTIVES_MOST) {
        eval_error_help(eval, span, "a single one is a `fitness`: `fn(run) = run.accuracy`",
                        "`objectives` weighs two to %d figures against each other, not %s", OBJECTIVES_MOST,
                        counted((double)record->count, "", "").text);
        return false;
    }
    fitness->objectives = record;
    fitness->count = (uint32_t)record->count;
    for (size_t i = 0; i < record->count; i++)
        if (!read_sign(eval, record->fields[i].value, span_of_field(eval, span, string_str(record->fields[i].key)),
                       &fitness->signs[i]))
            return false;
    return true;
}

bool fitness_read(struct eval *eval, const struct options *options, struct fitness *fitness)
{
    const struct value objectives = option_value(options, "objectives");
    *fitness = (struct fitness){.eval = eval, .function = option_value(options, "fitness"), .count = 1, .signs = {1}};
    fitness->span = option_span(options, objectives.kind == VALUE_NONE ? "fitness" : "objectives");
    if (objectives.kind != VALUE_NONE && fitness->function.kind != VALUE_NONE) {
        eval_error_help(eval, fitness->span, "a `fitness` can add up figures; `objectives` keep them apart",
                        "there is a `fitness` already");
        return false;
    }
    return objectives.kind != VALUE_RECORD || read_objectives(eval, objectives.record, fitness->span, fitness);
}

/* ---- judging ---- */

static struct value borrowed_run(const struct fitness *fitness, struct training *training)
{
    struct value object = value_object(fitness->eval, sizeof(struct run), VALUE_RUN);
    if (failed(object))
        return object;
    struct run *run = object.run;
    run->training = training;
    run->molecule = training ? molecule_retain(training->model->molecule) : NULL;
    run->prepared = fitness->prepared ? prepared_retain(fitness->prepared) : NULL;
    run->options = *fitness->options;
    run->params = training ? (double)training->params : 0;
    run->flops = training ? training->flops : 0;
    return object;
}

static bool to_number(const struct fitness *fitness, struct value value, struct span span, double *number)
{
    *number = NAN;
    if (failed(value))
        return false;
    if (value.kind == VALUE_NONE || number_unknown(value) ||
        value_as_number(value, number)) /* none: a figure that is not defined */
        return true;
    eval_error_type(fitness->eval, span, fitness->objectives ? "a figure that is a number" : "a number from the fitness", value);
    return false;
}

static bool ask(const struct fitness *fitness, struct value run, double *objectives)
{
    struct eval *eval = fitness->eval;
    if (!fitness->objectives)
        return to_number(fitness, call_one(eval, fitness->function, run, fitness->span), fitness->span, objectives);
    for (uint32_t i = 0; i < fitness->count; i++) {
        const struct str name = string_str(fitness->objectives->fields[i].key);
        const struct span span = span_of_field_key(eval, fitness->span, name);
        if (!to_number(fitness, value_member(eval, run, name, span), span, &objectives[i]))
            return false;
        objectives[i] *= fitness->signs[i];
    }
    return true;
}

/* The run borrows the training: evolution keeps it. */
static bool judge_run(const struct fitness *fitness, struct training *training, double *objectives)
{
    struct eval *eval = fitness->eval;
    if (!fitness->objectives && value_content(fitness->function) == VALUE_UNKNOWN)
        return true; /* nel check */
    const size_t mark = pool_mark(eval);
    struct value run = borrowed_run(fitness, training);
    const bool well = !failed(run) && ask(fitness, run, objectives);
    if (!failed(run))
        run.run->training = NULL;
    pool_drain(eval, mark, value_none());
    return well;
}

void fitness_compile(struct fitness *fitness)
{
    if (!fitness->prepared || (!fitness->objectives && fitness->function.kind != VALUE_FUNCTION)) {
        fitness->figures = fitness->function.kind == VALUE_NONE && !fitness->objectives ? FIGURES_OF_VALIDATION : 0;
        return;
    }
    bool all = true;
    for (uint32_t i = 0; i < fitness->count; i++) {
        const struct function *function = fitness->objectives ? NULL : fitness->function.function;
        const struct str name = fitness->objectives ? string_str(fitness->objectives->fields[i].key) : STR("");
        fitness->programs[i] = fitness_program_make(function, name, fitness->prepared);
        all = all && fitness->programs[i];
        fitness->figures |= all ? fitness_program_figures(fitness->programs[i]) : 0;
    }
    if (!all)
        fitness_release(fitness);
}

void fitness_release(struct fitness *fitness)
{
    for (uint32_t i = 0; i < OBJECTIVES_MOST; i++) {
        fitness_program_release(fitness->programs[i]);
        fitness->programs[i] = NULL;
    }
    fitness->figures = 0;
}

/* Whether programs gave the objectives: all of them, or none. */
static bool computed(const struct fitness *fitness, const struct subject *subject, double *objectives)
{
    if (!fitness->programs[0] || !subject)
        return false;
    for (uint32_t i = 0; i < fitness->count; i++) {
        if (!fitness_program_run(fitness->programs[i], subject, &objectives[i]))
            return false;
        objectives[i] *= fitness->signs[i];
    }
    return true;
}

/* The interpreter's answer. */
static bool asked(struct fitness *fitness, struct subject *subject, double *objectives, struct diags *diags)
{
    struct diags *outer = fitness->eval->diags, told = {0};
    struct training *training = subject ? subject_training(subject, diags) : NULL;
    if (subject && !training)
        return false;
    fitness->eval->diags = &told;
    bool well = judge_run(fitness, training, objectives);
    fitness->eval->diags = outer;
    if (!well && subject && subject->individual->generation > 0 && setback_take(&fitness->setback, fitness->eval, &told)) {
        for (uint32_t i = 0; i < fitness->count; i++)
            objectives[i] = -INFINITY;
        well = true;
    }
    diags_move(diags, &told);
    return well;
}

bool fitness_judge(void *context, struct subject *subject, double *objectives, struct diags *diags)
{
    struct fitness *fitness = context;
    if (fitness->objectives || fitness->function.kind != VALUE_NONE) {
        if (!computed(fitness, subject, objectives) && !asked(fitness, subject, objectives, diags))
            return false;
    } else if (subject) {
        const struct scores *scores = subject->validation;
        objectives[0] = isnan(scores->accuracy) ? -scores->loss : scores->accuracy;
    }
    for (uint32_t i = 0; i < fitness->count && subject; i++)
        if (subject->diverged || isnan(objectives[i]))
            objectives[i] = -INFINITY;
    return true;
}

void fitness_tell(struct fitness *fitness)
{
    struct text what = {0};
    if (fitness->setback.count == 0)
        return;
    text_addf(&what, "%s failed on %s", fitness->objectives ? "a figure of `objectives`" : "the fitness",
              counted((double)fitness->setback.count, "network", "networks").text);
    setback_tell(&fitness->setback, fitness->eval, fitness->span, text_chars(&what), "they count as less fit than any other");
    text_release(&what);
}
