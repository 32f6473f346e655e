/* Losses as formulas, built by hand (the language is above this floor): known ones, and random ones. */
#ifndef NEL_TESTS_ENGINE_SOME_LOSSES_H
#define NEL_TESTS_ENGINE_SOME_LOSSES_H

#include <string.h>

#include "engine/loss_kernel.h"
#include "molecule/loss.h"
#include "support/memory.h"
#include "support/random.h"

static inline const struct loss *losses_add_made(struct losses *table, const char *name, struct formula *formula, formula_id value,
                                                 unsigned param_count)
{
    struct loss loss = {.name = mem_copy_text(name, strlen(name)),
                        .output_name = mem_copy_text("y", 1),
                        .target_name = mem_copy_text("t", 1),
                        .formula = *formula,
                        .value = value,
                        .param_count = param_count,
                        .signature = mem_copy_text(name, strlen(name)),
                        .doc = mem_copy_text("", 0)};
    struct diags diags = {0};
    for (unsigned p = 0; p < param_count; p++)
        loss.params[p].name = mem_copy_text("a", 1);
    const struct loss *added = losses_add(table, &loss, &diags);
    assert_non_null(added);
    assert_int_equal(diags.errors, 0);
    diags_release(&diags);
    return added;
}

/* max(q e, (q - 1) e) with e = t - y (Koenker and Bassett 1978). */
static inline const struct loss *losses_add_pinball(struct losses *table)
{
    struct formula made = {0}, *f = &made;
    const formula_id e = formula_apply(f, FORMULA_SUB, formula_param(f, 0), formula_x(f), 0), q = formula_param(f, 1),
                     above = formula_apply(f, FORMULA_MUL, q, e, 0),
                     less = formula_apply(f, FORMULA_SUB, q, formula_number(f, 1), 0),
                     below = formula_apply(f, FORMULA_MUL, less, e, 0);
    return losses_add_made(table, "pinball", f, formula_apply(f, FORMULA_MAX, above, below, 0), 1);
}

/* log cosh e = e + softplus(-2 e) - log 2 with e = y - t. */
static inline const struct loss *losses_add_log_cosh(struct losses *table)
{
    struct formula made = {0}, *f = &made;
    const formula_id e = formula_apply(f, FORMULA_SUB, formula_x(f), formula_param(f, 0), 0),
                     bent = formula_apply(f, FORMULA_SOFTPLUS, formula_apply(f, FORMULA_MUL, formula_number(f, -2), e, 0), 0, 0),
                     sum = formula_apply(f, FORMULA_ADD, e, bent, 0);
    return losses_add_made(table, "log_cosh", f, formula_apply(f, FORMULA_SUB, sum, formula_number(f, log(2)), 0), 0);
}

/* A random formula of y, t and one parameter, bent by functions that are defined everywhere. */
static inline formula_id random_part(struct formula *f, struct random *random, int depth)
{
    static const enum formula_op bent[] = {FORMULA_TANH, FORMULA_SIGMOID, FORMULA_SOFTPLUS, FORMULA_SIN,
                                           FORMULA_ERF,  FORMULA_ABS,     FORMULA_COS};
    static const enum formula_op joined[] = {FORMULA_ADD, FORMULA_SUB, FORMULA_MUL, FORMULA_MAX, FORMULA_MIN};
    if (depth == 0)
        switch (random_below(random, 4)) {
        case 0:
            return formula_x(f);
        case 1:
            return formula_param(f, 0);
        case 2:
            return formula_param(f, 1);
        default:
            return formula_number(f, (double)random_below(random, 9) / 4 - 1);
        }
    const formula_id a = random_part(f, random, depth - 1);
    switch (random_below(random, 6)) {
    case 0:
    case 1:
        return formula_apply(f, bent[random_below(random, sizeof bent / sizeof *bent)], a, 0, 0);
    case 2:
        return formula_apply(f, FORMULA_SELECT, formula_apply(f, FORMULA_LT, a, random_part(f, random, depth - 1), 0),
                             random_part(f, random, depth - 1), random_part(f, random, depth - 1));
    default:
        return formula_apply(f, joined[random_below(random, sizeof joined / sizeof *joined)], a, random_part(f, random, depth - 1),
                             0);
    }
}

/* A random part, and something of the output for certain. */
static inline const struct loss *losses_add_random(struct losses *table, uint32_t number)
{
    struct random random = random_stream(11, RANDOM_TEST, number);
    struct formula made = {0}, *f = &made;
    const formula_id e = formula_apply(f, FORMULA_SUB, formula_x(f), formula_param(f, 0), 0),
                     base = formula_apply(f, FORMULA_MUL, formula_number(f, 0.125), formula_apply(f, FORMULA_SOFTPLUS, e, 0, 0), 0);
    return losses_add_made(table, "random", f,
                           formula_apply(f, FORMULA_ADD, base, random_part(f, &random, 1 + (int)(number % 3)), 0), 1);
}

#endif
