#include "engine/elementwise.h"

#include <string.h>

#include "engine/fused.h"
#include "engine/program.h"

bool element_kernel_init(struct element_kernel *kernel, const struct element *element, const double *params)
{
    *kernel = (struct element_kernel){.element = element};
    formula_id results[2 + LIMIT_ELEMENT_PARAMETERS] = {element->value, element->slope};
    for (unsigned p = 0; p < element->param_count; p++) {
        kernel->params[p] = (float)params[p];
        if (element->params[p].learned) {
            results[2 + kernel->learned_count] = element->param_slope[p];
            kernel->learned[kernel->learned_count++] = (uint8_t)p;
        }
    }
    kernel->fused = fused_find(element);
    if (kernel->fused)
        return true;
    kernel->value = program_compile(&element->formula, results, 1, 0);
    kernel->slope = program_compile(&element->formula, results, 2 + kernel->learned_count, 0);
    return kernel->value && kernel->slope;
}

void element_kernel_release(struct element_kernel *kernel)
{
    program_release(kernel->value);
    program_release(kernel->slope);
    *kernel = (struct element_kernel){0};
}

size_t element_kernel_scratch(const struct element_kernel *kernel)
{
    return kernel->fused ? 0 : program_scratch(kernel->slope);
}

/* Rows that share their parameters run as one long row. */
struct sweep {
    size_t rows, length;
};

static struct sweep sweep_of(const struct element_kernel *kernel, size_t rows, size_t stride)
{
    return kernel->learned_count > 0 ? (struct sweep){rows, stride} : (struct sweep){1, rows * stride};
}

/* The parameters of row r, the learned ones in their places. */
static void row_params(const struct element_kernel *kernel, const float *learned, size_t rows, size_t r, float *params)
{
    memcpy(params, kernel->params, sizeof kernel->params);
    for (unsigned p = 0; p < kernel->learned_count; p++)
        params[kernel->learned[p]] = learned[p * rows + r];
}

void element_value(const struct element_kernel *kernel, const float *learned, float *x, size_t rows, size_t stride, float *scratch)
{
    const struct sweep sweep = sweep_of(kernel, rows, stride);
    if (kernel->fused) {
        kernel->fused->value(kernel->params, x, sweep.length);
        return;
    }
    for (size_t r = 0; r < sweep.rows; r++) {
        float params[LIMIT_ELEMENT_PARAMETERS], *row = x + r * sweep.length;
        row_params(kernel, learned, rows, r, params);
        program_run(kernel->value, params, (const float *const[]){row}, &row, sweep.length, scratch);
    }
}

void element_slope(const struct element_kernel *kernel, const float *learned, float *x, float *slope, size_t rows, size_t stride,
                   float *scratch)
{
    const struct sweep sweep = sweep_of(kernel, rows, stride);
    if (kernel->fused) {
        kernel->fused->slope(kernel->params, x, slope, sweep.length);
        return;
    }
    for (size_t r = 0; r < sweep.rows; r++) {
        float params[LIMIT_ELEMENT_PARAMETERS], *results[2 + LIMIT_ELEMENT_PARAMETERS] = {x + r * sweep.length};
        row_params(kernel, learned, rows, r, params);
        for (unsigned p = 0; p <= kernel->learned_count; p++)
            results[1 + p] = slope + (p * rows + r) * sweep.length;
        program_run(kernel->slope, params, (const float *const[]){x + r * sweep.length}, results, sweep.length, scratch);
    }
}

void element_kernel_print(const struct element_kernel *kernel, struct text *out)
{
    if (kernel->fused)
        text_addf(out, "fused %s", kernel->fused->name);
    else
        text_addf(out, "program of %u steps", program_steps(kernel->slope));
}
