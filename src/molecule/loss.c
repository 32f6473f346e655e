/* The table of losses: what may be added, and what is derived from a loss's formula. */
#include "molecule/loss.h"

#include <string.h>

#include "support/hash.h"
#include "support/memory.h"
#include "support/vec.h"

static bool derive_slope(struct loss *loss, struct diags *diags)
{
    struct formula *formula = &loss->formula;
    formula_id roots[] = {loss->value, 0};
    formula_trim(formula, roots, 1);
    roots[1] = formula_derive(formula, roots[0], FORMULA_X, 0);
    if (roots[1] == FORMULA_FAILED) {
        if (formula->count < LIMIT_FORMULA_NODES)
            return diag_out_of_memory(diags, loss->span);
        diag_error(diags, loss->name_span, "the derivative of `%s` has more than %d operations", loss->name, LIMIT_FORMULA_NODES);
        return false;
    }
    formula_trim(formula, roots, 2);
    loss->value = roots[0];
    loss->slope = roots[1];
    return true;
}

/* Whether anything can be learned from it. */
static bool check_use(const struct loss *loss, struct diags *diags)
{
    const struct formula_node *slope = &loss->formula.nodes[loss->slope];
    if (!formula_uses(&loss->formula, loss->value, FORMULA_X, 0)) {
        diag_help(diag_error(diags, loss->name_span, "`%s` does not look at the output `%s`", loss->name, loss->output_name),
                  "a loss tells how far the output `%s` is from the target `%s`: `(%s - %s)^2`", loss->output_name,
                  loss->target_name, loss->output_name, loss->target_name);
        return false;
    }
    if (slope->op == FORMULA_NUMBER && slope->value == 0) {
        struct diag *diag =
            diag_error(diags, loss->name_span, "the slope of `%s` by `%s` is 0 everywhere", loss->name, loss->output_name);
        diag_help(diag, "no gradient comes of it; take a formula that is not made of steps alone, such as `abs(%s - %s)`",
                  loss->output_name, loss->target_name);
        return false;
    }
    if (!formula_uses(&loss->formula, loss->value, FORMULA_PARAM, 0))
        diag_help(diag_warning(diags, loss->name_span, "`%s` does not look at the target `%s`", loss->name, loss->target_name),
                  "it pulls every output to the same value, whatever the data say");
    return true;
}

static uint64_t hash_of(const struct loss *loss)
{
    uint64_t hash = formula_hash(&loss->formula, loss->value);
    for (unsigned i = 0; i < loss->param_count; i++)
        hash = hash_bytes(hash, loss->params[i].name, strlen(loss->params[i].name));
    return hash;
}

const struct loss *losses_add(struct losses *losses, struct loss *loss, struct diags *diags)
{
    if (!derive_slope(loss, diags) || !check_use(loss, diags)) {
        loss_clear(loss);
        return NULL;
    }
    loss->hash = hash_of(loss);
    struct loss *own = mem_alloc(sizeof *own);
    if (!own || !vec_push(losses, own)) {
        diag_out_of_memory(diags, loss->span);
        mem_free(own);
        loss_clear(loss);
        return NULL;
    }
    *own = *loss;
    *loss = (struct loss){0};
    return own;
}

void loss_clear(struct loss *loss)
{
    formula_release(&loss->formula);
    for (unsigned i = 0; i < LIMIT_LOSS_PARAMETERS; i++)
        mem_free(loss->params[i].name);
    mem_free(loss->name);
    mem_free(loss->output_name);
    mem_free(loss->target_name);
    mem_free(loss->signature);
    mem_free(loss->doc);
    *loss = (struct loss){0};
}

void losses_release(struct losses *losses)
{
    for (size_t i = 0; i < losses->count; i++) {
        loss_clear(losses->at[i]);
        mem_free(losses->at[i]);
    }
    vec_release(losses);
}

void loss_print(const struct loss *loss, formula_id node, struct text *out)
{
    const char *names[1 + LIMIT_LOSS_PARAMETERS] = {loss->target_name};
    for (unsigned i = 0; i < loss->param_count; i++)
        names[1 + i] = loss->params[i].name;
    formula_print_named(&loss->formula, node, loss->output_name, names, out);
}
