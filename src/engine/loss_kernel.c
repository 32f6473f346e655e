#include "engine/loss_kernel.h"

#include <string.h>

#include "engine/loops.h"
#include "engine/losses.h"
#include "engine/program.h"

/* Formulas as formula_print writes them, the target as `t`, the first parameter as `a`. */
static const struct {
    const char *formula;
    enum loss_kind kind;
} known[] = {
    {"(x - t)^2", LOSS_MSE},
    {"(t - x)^2", LOSS_MSE},
    {"abs(x - t)", LOSS_MAE},
    {"abs(t - x)", LOSS_MAE},
};

void loss_choose(struct train_options *options, const struct loss *loss, const double *params)
{
    static const char *const names[1 + LIMIT_LOSS_PARAMETERS] = {"t", "a", "b", "c", "d"};
    options->loss = LOSS_FORMULA;
    options->formula = loss;
    for (unsigned i = 0; i < loss->param_count; i++)
        options->formula_params[i] = params[i];
    struct text text = {0};
    formula_print(&loss->formula, loss->value, names, &text);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text_chars(&text), known[i].formula) == 0)
            options->loss = known[i].kind;
    text_release(&text);
}

bool loss_kernel_init(struct loss_kernel *kernel, const struct train_options *options)
{
    *kernel = (struct loss_kernel){0};
    if (options->loss != LOSS_FORMULA)
        return true;
    const struct loss *loss = kernel->loss = options->formula;
    for (unsigned p = 0; p < loss->param_count; p++)
        kernel->params[1 + p] = (float)options->formula_params[p];
    kernel->value = program_compile(&loss->formula, &loss->value, 1, 1);
    kernel->slope = program_compile(&loss->formula, (const formula_id[]){loss->value, loss->slope}, 2, 1);
    return kernel->value && kernel->slope;
}

void loss_kernel_release(struct loss_kernel *kernel)
{
    program_release(kernel->value);
    program_release(kernel->slope);
    *kernel = (struct loss_kernel){0};
}

size_t loss_kernel_scratch(const struct loss_kernel *kernel, size_t stride)
{
    return kernel->loss ? 2 * stride + program_scratch(kernel->slope) : 0;
}

void loss_kernel_run(const struct loss_kernel *kernel, const struct loss_chunk *chunk)
{
    const size_t stride = chunk->stride;
    float *total = chunk->scratch, *loss = total + stride, *scratch = loss + stride;
    const float share = 1.0F / (float)chunk->width;
    for (size_t r = 0; r < chunk->width; r++) {
        const float *const rows[] = {chunk->value + r * stride, chunk->target + r * stride};
        float *const results[] = {loss, chunk->grad ? chunk->grad + r * stride : NULL};
        program_run(chunk->grad ? kernel->slope : kernel->value, kernel->params, rows, results, stride, scratch);
        floats_put(total, loss, stride, r > 0);
        if (chunk->grad)
            floats_scale(results[1], chunk->scale * share, stride);
    }
    floats_scale(total, share, stride);
}
