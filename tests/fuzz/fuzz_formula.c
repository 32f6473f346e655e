/* Any bytes as declarations of elements and losses: they are evaluated, derived, compiled and run over all kinds of numbers, searched for
   gaps, and what is printed of an element declares the same element again. Scripts that do anything else are left out. */
/* links: nel_library */
#include <float.h>
#include <math.h>
#include <string.h>

#include "engine/elementwise.h"
#include "engine/program.h"
#include "export/model_file.h"
#include "interp/module.h"
#include "library/session.h"
#include "molecule/formula_gap.h"
#include "support/limits.h"
#include "support/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The rows that kernels read are whole lanes. */
enum { NUMBERS = 64 };

static void fill(float *numbers)
{
    static const float some[] = {0,     -0.0F,  1,       -1,       0.5F,     -0.5F,     1e-30F, -1e-30F,
                                 1e30F, -1e30F, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN,    88};
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = i < sizeof some / sizeof *some ? some[i] : ((float)i - 40) / 4;
}

/* Whether a statement declares an element or a loss with plain numbers for defaults, so that nothing else is evaluated. */
static bool declares(const struct node *node)
{
    const bool element = node->kind == NODE_ELEMENT;
    if (!element && node->kind != NODE_LOSS)
        return false;
    const struct node *params = node->items[element ? 1 : 0];
    for (uint32_t i = element ? 1 : 0; i < params->count; i++) {
        const struct node *initial = params->items[i]->count > 0 ? params->items[i]->items[0] : NULL;
        if (initial && initial->kind == NODE_UNARY && initial->op == OP_NEGATE)
            initial = initial->items[0];
        if (initial && initial->kind != NODE_NUMBER)
            return false;
    }
    return true;
}

static bool only_declares(struct nel_state *state, struct str text)
{
    struct diags diags = {0};
    struct eval eval;
    eval_start(&eval, state, state->globals, &diags, (size_t)8 << 20);
    const struct node *program = source_read(&eval, "fuzz.nel", text);
    bool only = program && diags.errors == 0;
    for (uint32_t i = 0; only && i < program->count; i++)
        only = declares(program->items[i]);
    eval_end(&eval);
    diags_release(&diags);
    return only;
}

static void run_element(const struct element *element)
{
    double params[LIMIT_ELEMENT_PARAMETERS] = {0};
    float learned[LIMIT_ELEMENT_PARAMETERS];
    for (unsigned i = 0; i < element->param_count; i++) {
        params[i] = element->params[i].initial;
        learned[i] = (float)params[i];
    }
    struct element_kernel kernel;
    struct formula_gap gap;
    struct text text = {0};
    float *x = mem_floats(NUMBERS), *slope = mem_floats((1 + LIMIT_ELEMENT_PARAMETERS) * (size_t)NUMBERS);
    if (!element_kernel_init(&kernel, element, params))
        __builtin_trap();
    float *scratch = mem_floats(element_kernel_scratch(&kernel) + 1);
    fill(x);
    element_value(&kernel, learned, x, 1, NUMBERS, scratch);
    fill(x);
    element_slope(&kernel, learned, x, slope, 1, NUMBERS, scratch);
    element_kernel_print(&kernel, &text);
    if (formula_gap_find(&element->formula, element->value, element->slope, params, &gap) && gap.node >= element->formula.count)
        __builtin_trap();
    text_release(&text);
    mem_free_floats(scratch);
    mem_free_floats(slope);
    mem_free_floats(x);
    element_kernel_release(&kernel);
}

static void run_loss(const struct loss *loss)
{
    const formula_id results[] = {loss->value, loss->slope};
    float params[1 + LIMIT_LOSS_PARAMETERS] = {0};
    for (unsigned i = 0; i < loss->param_count; i++)
        params[1 + i] = isnan(loss->params[i].initial) ? 0.5F : (float)loss->params[i].initial;
    struct program *program = program_compile(&loss->formula, results, 2, 1);
    float *numbers = mem_floats((size_t)4 * NUMBERS), *scratch = program ? mem_floats(program_scratch(program) + 1) : NULL;
    struct text text = {0};
    if (!program)
        __builtin_trap();
    fill(numbers);
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[NUMBERS + i] = numbers[NUMBERS - 1 - i];
    program_run(program, params, (const float *const[]){numbers, numbers + NUMBERS},
                (float *const[]){numbers + 2 * (size_t)NUMBERS, numbers + 3 * (size_t)NUMBERS}, NUMBERS, scratch);
    loss_print(loss, loss->slope, &text);
    text_release(&text);
    mem_free_floats(scratch);
    mem_free_floats(numbers);
    program_release(program);
}

/* What is printed, where it is not cut short, is the element. */
static void declare_again(struct nel_state *state, const struct element *element)
{
    struct text line = {0};
    struct diags diags = {0};
    element_declaration(element, &line);
    if (strstr(text_chars(&line), "…") == NULL) {
        if (!state_evaluate(state, "again.nel", text_str(&line), &diags))
            __builtin_trap();
        if (state->elements.at[state->elements.count - 1]->hash != element->hash)
            __builtin_trap();
    }
    diags_release(&diags);
    text_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct nel_state state;
    struct diags diags = {0};
    if (!state_open(&state, &diags))
        __builtin_trap();
    const struct str text = {(const char *)bytes, len};
    const size_t elements = state.elements.count, losses = state.losses.count;
    if (only_declares(&state, text)) {
        state_evaluate(&state, "fuzz.nel", text, &diags);
        for (size_t i = losses; i < state.losses.count; i++)
            run_loss(state.losses.at[i]);
        const size_t declared = state.elements.count;
        for (size_t i = elements; i < declared; i++) {
            run_element(state.elements.at[i]);
            declare_again(&state, state.elements.at[i]);
        }
    }
    state_close(&state);
    diags_release(&diags);
    return 0;
}
