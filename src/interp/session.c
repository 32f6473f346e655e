/* See session.h. */
#include "interp/session.h"

#include <string.h>
#include <sys/resource.h>

#include "interp/builtins.h"
#include "interp/evaluate.h"
#include "interp/learn.h"
#include "interp/module.h"
#include "interp/resolve.h"
#include "molecule/trait.h"
#include "support/limits.h"
#include "support/memory.h"
#include "syntax/parse.h"

/* Words that options use and that are nothing else. */
static const char *const words[] = {"full",        "auto",    "uniform",  "erk",   "welch",  "paired",
                                    "bonferroni",  "holm",    "standard", "range", "median", "refuse",
                                    "most_common", "classes", "values",   "first", "random", NULL};

/* ---- opening ---- */

static bool word_add(struct eval *eval, const char *word)
{
    struct frame *frame = eval->state->builtins;
    if (frame_find_here(frame, str_of(word)))
        return true;
    struct value value = value_string(eval, str_of(word));
    if (failed(value))
        return false;
    value.kind = VALUE_WORD;
    value.object->kind = VALUE_WORD;
    return frame_bind(eval, frame, str_of(word), value);
}

static bool words_add(struct eval *eval)
{
    bool well = true;
    for (size_t i = 0; well && words[i]; i++)
        well = word_add(eval, words[i]);
    for (size_t i = 1; well && init_names[i]; i++)
        well = word_add(eval, init_names[i]);
    for (size_t i = 1; well && head_names[i]; i++) /* most are elements already */
        well = word_add(eval, head_names[i]);
    return well;
}

/* Width-keeping atoms that need no argument are molecules by their bare names. */
static bool atom_add(struct eval *eval, const char *name, enum gene_kind kind)
{
    struct molecule *molecule = molecule_atom(gene_of(kind, SPAN_NONE), NULL, SPAN_NONE, eval->diags);
    struct value value = molecule ? value_molecule(eval, molecule) : value_failed();
    return !failed(value) && frame_bind(eval, eval->state->builtins, str_of(name), value);
}

/* `elements`: the whole table, for sweeps and for rules' domains. */
static bool elements_list_add(struct eval *eval)
{
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < eval->state->elements.count; i++) {
        struct value element = value_element(eval, eval->state->elements.at[i]);
        if (failed(element) || !list_add(eval, list.list, element))
            return false;
    }
    return !failed(list) && frame_bind(eval, eval->state->builtins, STR("elements"), list);
}

static bool fill(struct eval *eval)
{
    return builtins_add(eval, builtins_core, builtins_core_count) && builtins_add(eval, builtins_number, builtins_number_count) &&
           builtins_add(eval, builtins_table, builtins_table_count) && builtins_add(eval, builtins_data, builtins_data_count) &&
           builtins_add(eval, builtins_net, builtins_net_count) && builtins_add(eval, builtins_learn, builtins_learn_count) &&
           builtins_add(eval, builtins_plot, builtins_plot_count) && learn_specs_add(eval) && pictures_add(eval) &&
           growth_actions_add(eval) && toys_add(eval) && module_build_in(eval, "elements") && elements_list_add(eval) &&
           module_build_in(eval, "rules") && words_add(eval) && atom_add(eval, "batchnorm", GENE_BATCHNORM) &&
           atom_add(eval, "layernorm", GENE_LAYERNORM);
}

/* Stack that evaluation on the calling thread may use. */
static size_t stack_size(void)
{
    struct rlimit limit;
    const size_t usual = (size_t)8 << 20;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > usual)
        return usual;
    return limit.rlim_cur;
}

bool state_open(struct nel_state *state, struct diags *diags)
{
    *state = (struct nel_state){0};
    pthread_mutex_init(&state->lock, NULL);
    state->progress.cancel = &state->cancel;
    state->builtins = frame_new(state, NULL);
    state->globals = state->builtins ? frame_new(state, state->builtins) : NULL;
    if (!state->globals)
        return diag_out_of_memory(diags, SPAN_NONE);
    struct eval eval;
    eval_start(&eval, state, state->builtins, diags, stack_size());
    bool well = fill(&eval) && diags->errors == 0;
    eval_end(&eval);
    if (!well && diags->errors == 0)
        diag_out_of_memory(diags, SPAN_NONE);
    return well;
}

void state_close(struct nel_state *state)
{
    modules_release(state);
    frames_release_all(state);
    state->builtins = state->globals = NULL;
    sources_parsed_release(state);
    elements_release(&state->elements);
    sources_release(&state->sources);
    pthread_mutex_destroy(&state->lock);
}

/* ---- evaluating ---- */

bool state_evaluate(struct nel_state *state, const char *name, struct str text, struct diags *diags)
{
    size_t errors = diags->errors, told = diags->count;
    struct eval eval;
    pthread_mutex_lock(&state->lock);
    eval_start(&eval, state, state->globals, diags, stack_size());
    struct diags warnings = {0};
    eval.warnings = state->interactive ? NULL : &warnings;
    modules_forget_failed(state);
    const struct node *program = source_read(&eval, name, text);
    bool read = program && diags->errors == errors;
    if (program && module_script_begin(&eval, name, program)) {
        bool well = resolve_program(&eval, program, state->globals, false);
        diags_sort(diags, told);
        if (read && settings_check(&eval, program) && well)
            program_evaluate(&eval, program, state->interactive);
        module_script_end(state);
    }
    if (diags->errors == errors) /* who has errors to mend is not told what is merely odd */
        diags_move(diags, &warnings);
    diags_release(&warnings);
    eval_end(&eval);
    pthread_mutex_unlock(&state->lock);
    return diags->errors == errors;
}

void state_complete(struct nel_state *state, struct str typed, void (*offer)(void *context, struct str name), void *context)
{
    const char *const *const lists[] = {parse_hard_words, parse_soft_words};
    for (struct frame *frame = state->globals; frame; frame = frame->parent)
        for (size_t i = 0; i < frame->count; i++) {
            struct str name = frame->bindings[i].name;
            if (name.len >= typed.len && memcmp(name.at, typed.at, typed.len) == 0)
                offer(context, name);
        }
    for (int list = 0; list < 2; list++)
        for (const char *const *word = lists[list]; *word; word++)
            if (strncmp(*word, typed.at, typed.len) == 0)
                offer(context, str_of(*word));
}
