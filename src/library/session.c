/* See session.h. */
#include "library/session.h"

#include <locale.h>
#include <string.h>

#include "interp/commands.h"
#include "interp/evaluate.h"
#include "interp/module.h"
#include "interp/resolve.h"
#include "library/builtins.h"
#include "library/manual.h"
#include "molecule/trait.h"
#include "study/action.h"
#include "study/costs.h"
#include "study/learn.h"
#include "study/policy.h"
#include "support/limits.h"
#include "support/memory.h"
#include "syntax/parse.h"

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
    for (size_t i = 0; well && option_words[i].name; i++)
        well = word_add(eval, option_words[i].name);
    for (size_t i = 1; well && init_names[i]; i++)
        well = word_add(eval, init_names[i]);
    for (size_t i = 0; well && share_names[i]; i++)
        well = word_add(eval, share_names[i]);
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

static const char *options_of(enum node_kind command)
{
    return command == NODE_GROW ? GROW_SIGNATURE : command == NODE_EVOLVE ? EVOLVE_SIGNATURE : TRAIN_SIGNATURE;
}

static const struct commands commands = {.train = eval_train,
                                         .grow = eval_grow,
                                         .evolve = eval_evolve,
                                         .sweep = eval_sweep,
                                         .options = options_of,
                                         .growth = declare_growth,
                                         .growth_call = growth_call,
                                         .growth_names = growth_names,
                                         .show = value_show};

static bool fill(struct eval *eval)
{
    for (const struct builtin_subject *subject = builtin_subjects; subject->title; subject++)
        if (!builtins_add(eval, subject->rows, *subject->count))
            return false;
    return learn_specs_add(eval) && pictures_add(eval) && growth_actions_add(eval) && toys_add(eval) && words_add(eval) &&
           atom_add(eval, "batchnorm", GENE_BATCHNORM) && atom_add(eval, "layernorm", GENE_LAYERNORM) &&
           module_build_in(eval, "elements") && elements_list_add(eval) && module_build_in(eval, "rules");
}

/* Stack of a thread of which the system tells nothing. */
#define STACK_UNKNOWN ((size_t)256 << 10)
/* More than this is not used: what is nested deeper is a slip. A little below the usual 8 MiB, of which arguments and environment take
   some, so that nesting ends at the same place every time. */
#define STACK_MOST ((size_t)7 << 20)

#ifdef __linux__
/* The calling thread's stack, asked for once: for the first thread the C library reads /proc to know it. A program may also run
   coroutines on stacks of its own; then we stand outside of the thread's. */
static size_t stack_left(const char *here)
{
    static _Thread_local char *low;
    static _Thread_local size_t size;
    if (!low) {
        pthread_attr_t attributes;
        void *start = NULL;
        if (pthread_getattr_np(pthread_self(), &attributes) != 0)
            return STACK_UNKNOWN;
        pthread_attr_getstack(&attributes, &start, &size);
        pthread_attr_destroy(&attributes);
        low = start;
    }
    return here > low && here <= low + size ? (size_t)(here - low) : STACK_UNKNOWN;
}
#else
static size_t stack_left(const char *here)
{
    (void)here;
    return STACK_UNKNOWN;
}
#endif

/* Stack that evaluation on the calling thread may use. */
static size_t stack_size(void)
{
    size_t left = stack_left(__builtin_frame_address(0));
    return left < STACK_MOST ? left : STACK_MOST;
}

bool state_open(struct nel_state *state, struct diags *diags)
{
    *state = (struct nel_state){.commands = &commands};
    pthread_mutex_init(&state->lock, NULL);
    pthread_mutex_init(&state->report_lock, NULL);
    state->progress.cancel = &state->cancel;
    state->progress.lock = &state->report_lock;
    state->builtins = frame_new(state, NULL);
    state->globals = state->builtins ? frame_new(state, state->builtins) : NULL;
    if (!state->globals)
        return diag_out_of_memory(diags, SPAN_NONE);
    struct eval eval;
    if (!state_begin(state, &eval, diags))
        return false;
    eval.frame = state->builtins;
    bool well = fill(&eval) && diags->errors == 0;
    state_end(&eval);
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
    losses_release(&state->losses);
    elements_release(&state->loaded);
    losses_release(&state->loaded_losses);
    costs_release(state->costs);
    sources_release(&state->sources);
    pthread_mutex_destroy(&state->report_lock);
    pthread_mutex_destroy(&state->lock);
}

/* ---- evaluating ---- */

bool state_begin(struct nel_state *state, struct eval *eval, struct diags *diags)
{
    size_t stack = stack_size();
    if (stack < LIMIT_LEAST_STACK) {
        struct diag *diag = diag_error(diags, SPAN_NONE, "this thread has %zu KiB of stack left, and evaluation needs %zu",
                                       stack >> 10, LIMIT_LEAST_STACK >> 10);
        diag_help(diag, "give the thread a stack of 1 MiB or more");
        return false;
    }
    pthread_mutex_lock(&state->lock);
    eval_start(eval, state, state->globals, diags, stack);
    /* The C locale is always there, so this cannot fail; where memory for its handle is short, numbers look as the program's. */
    eval->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    eval->outer_locale = uselocale(eval->locale);
    return true;
}

void state_end(struct eval *eval)
{
    struct nel_state *state = eval->state;
    eval_end(eval);
    uselocale(eval->outer_locale);
    if (eval->locale)
        freelocale(eval->locale);
    pthread_mutex_unlock(&state->lock);
}

static bool evaluate(struct eval *eval, const char *name, struct str text, struct value *last)
{
    struct nel_state *state = eval->state;
    size_t errors = eval->diags->errors, told = eval->diags->count;
    struct diags warnings = {0};
    eval->gives_last = last;
    eval->warnings = state->interactive || last ? NULL : &warnings; /* names may be for what comes later */
    modules_forget_failed(state);
    const struct node *program = source_read(eval, name, text);
    bool read = program && eval->diags->errors == errors;
    if (program && module_script_begin(eval, name, program)) {
        bool well = resolve_program(eval, program, state->globals, false);
        diags_sort(eval->diags, told);
        if (read && settings_check(eval, program) && well)
            program_evaluate(eval, program, state->interactive, last);
        module_script_end(state);
    }
    library_errors_face_user(eval, told);
    if (eval->diags->errors == errors) /* who has errors to mend is not told what is merely odd */
        diags_move(eval->diags, &warnings);
    diags_release(&warnings);
    return eval->diags->errors == errors;
}

struct value state_value(struct eval *eval, const char *name, struct str text)
{
    struct value last = value_none();
    return evaluate(eval, name, text, &last) ? last : value_failed();
}

bool state_evaluate(struct nel_state *state, const char *name, struct str text, struct diags *diags)
{
    struct eval eval;
    if (!state_begin(state, &eval, diags))
        return false;
    bool well = evaluate(&eval, name, text, NULL);
    state_end(&eval);
    return well;
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
