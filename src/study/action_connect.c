/* Actions on connections: engine/connect.h in the words of policies. */
#include "engine/connect.h"
#include "engine/transplant.h"
#include "interp/evaluate.h"
#include "study/action.h"

struct molecule *act_prune(const struct acting *acting)
{
    return connections_prune(acting->molecule, acting->gene, spec_number(acting->action, "share"), acting->eval->diags);
}

struct model *acting_model(const struct acting *acting, const struct molecule *molecule)
{
    struct model *model = model_create(molecule, acting->input_width, NULL, acting->moment->options->seed, acting->eval->diags);
    if (model)
        transplant(model->plan, molecule, model->params);
    return model;
}

static struct molecule *regrow_by_gradient(const struct acting *acting, double share)
{
    const struct growth_moment *moment = acting->moment;
    struct diags *diags = acting->eval->diags;
    struct dense_gradients gradients = {0};
    struct model *model = acting_model(acting, acting->molecule);
    struct molecule *result = NULL;
    if (model && dense_gradients_measure(&gradients, model, acting->gene, &moment->data->train, moment->options,
                                         moment->data->class_weights, acting->random, diags))
        result = connections_regrow(acting->molecule, acting->gene, share, &gradients, acting->random, diags);
    dense_gradients_release(&gradients);
    model_release(model);
    return result;
}

struct molecule *act_regrow(const struct acting *acting)
{
    struct eval *eval = acting->eval;
    const double share = spec_number(acting->action, "share");
    struct str by = STR("random");
    value_word(*record_get(acting->action->fields, STR("by")), &by);
    const bool gradient = str_is(by, "gradient");
    if (!gradient && !str_is(by, "random")) {
        eval_error(eval, acting->span, "`by` of `regrow` is `random` or `gradient`");
        return NULL;
    }
    if (gradient && acting->moment)
        return regrow_by_gradient(acting, share);
    if (gradient && !eval->state->checking) {
        eval_error_help(eval, acting->span, "grow by it in a policy: `when true => regrow(30%, by: gradient)`",
                        "the gradient is measured while a network grows");
        return NULL;
    }
    return connections_regrow(acting->molecule, acting->gene, share, NULL, acting->random, eval->diags);
}

static struct molecule *rewind_to_first(const struct acting *acting)
{
    struct diags *diags = acting->eval->diags;
    struct model *model = acting_model(acting, acting->moment->first);
    struct molecule *start = model ? model_molecule(model, acting->span, NULL, diags) : NULL;
    struct molecule *result = start ? connections_rewind(acting->molecule, start, diags) : NULL;
    molecule_release(start);
    model_release(model);
    return result;
}

struct molecule *act_rewind(const struct acting *acting)
{
    struct eval *eval = acting->eval;
    const struct value *to = record_get(acting->action->fields, STR("to"));
    if (eval->state->checking)
        return molecule_retain(acting->molecule);
    if (to->kind == VALUE_MOLECULE)
        return connections_rewind(acting->molecule, to->molecule->molecule, eval->diags);
    if (acting->moment)
        return rewind_to_first(acting);
    eval_error_help(eval, acting->span, "`snapshots: [0]` keeps it: `rewind(to: run.at(0))`",
                    "only a growth knows by itself what the network began with");
    return NULL;
}
