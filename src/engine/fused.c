/* Two loops are made of each function, in the first of which the compiler drops the slope. */
#include "engine/fused.h"

#include <string.h>

#include "engine/fused_functions.h"

#define LOOPS(name)                                                                                                                \
    KERNEL static void name##_value(const float *params, float *x, size_t n)                                                       \
    {                                                                                                                              \
        const float a = params[0];                                                                                                 \
        for (size_t i = 0; i < n; i++) {                                                                                           \
            float d;                                                                                                               \
            name(x[i], a, &x[i], &d);                                                                                              \
        }                                                                                                                          \
    }                                                                                                                              \
    KERNEL static void name##_slope(const float *params, float *restrict x, float *restrict slope, size_t n)                       \
    {                                                                                                                              \
        const float a = params[0];                                                                                                 \
        for (size_t i = 0; i < n; i++)                                                                                             \
            name(x[i], a, &x[i], &slope[i]);                                                                                       \
    }

FUSED_FUNCTIONS(LOOPS)

#define ROW(name, label, formula)                                                                                                  \
    {                                                                                                                              \
        label, formula, FUSED_##name, name##_value, name##_slope                                                                   \
    }

/* Formulas as formula_print writes them, the first parameter as `a`. */
static const struct fused table[] = {
    ROW(relu, "relu", "max(0, x)"),
    ROW(leaky_relu, "leaky relu", "if x > 0 { x } else { a * x }"),
    ROW(elu, "elu", "if x > 0 { x } else { a * (exp(min(0, x)) - 1) }"),
    ROW(elu, "elu", "if x > 0 { x } else { a * (exp(x) - 1) }"),
    ROW(selu, "selu", "1.0507009873554805 * (if x > 0 { x } else { 1.6732632423543772 * (exp(min(0, x)) - 1) })"),
    ROW(selu, "selu", "1.0507009873554805 * (if x > 0 { x } else { 1.6732632423543772 * (exp(x) - 1) })"),
    ROW(gelu, "gelu", "0.5 * x * (1 + erf(x / 1.4142135623730951))"),
    ROW(swish, "swish", "x * sigmoid(x)"),
    ROW(mish, "mish", "x * tanh(softplus(x))"),
    ROW(softplus, "softplus", "softplus(x)"),
    ROW(sigmoid, "sigmoid", "sigmoid(x)"),
    ROW(tanh_, "tanh", "tanh(x)"),
    ROW(softsign, "softsign", "x / (1 + abs(x))"),
    ROW(sine, "sine", "sin(x)"),
    ROW(gaussian, "gaussian", "exp(-x^2)"),
    ROW(step, "step", "if x > 0 { 1 } else { 0 }"),
};

const struct fused *fused_find(const struct element *element)
{
    static const char *const names[LIMIT_ELEMENT_PARAMETERS] = {"a", "b", "c", "d"};
    for (unsigned p = 0; p < element->param_count; p++)
        if (element->params[p].learned)
            return NULL;
    struct text text = {0};
    formula_print(&element->formula, element->value, names, &text);
    const struct fused *found = NULL;
    for (size_t i = 0; !found && i < sizeof table / sizeof *table; i++)
        if (strcmp(text_chars(&text), table[i].formula) == 0)
            found = &table[i];
    text_release(&text);
    return found;
}
