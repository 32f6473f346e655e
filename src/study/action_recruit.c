/* The action of cascade correlation: engine/candidate.h in the words of policies. */
#include "engine/candidate.h"

#include "interp/evaluate.h"
#include "molecule/rewrite.h"
#include "study/action.h"

/* The weights of the candidate that was trained best; NULL with a diagnostic. */
static const struct weights *winner(const struct acting *acting, const struct element *element, uint32_t pool)
{
    const struct growth_moment *moment = acting->moment;
    const uint64_t high = random_u32(acting->random), low = random_u32(acting->random);
    const struct candidate_options options = {
        .element = element,
        .pool = pool,
        .epochs = action_bound(acting, "epochs"),
        .patience = action_bound(acting, "patience"),
        .seed = high << 32 | low,
    };
    struct candidate best = {0};
    struct model *model = acting_model(acting, acting->molecule);
    const bool trained = model && candidate_train(model, &moment->data->train, moment->options, moment->data->class_weights,
                                                  &options, moment->progress, &best, acting->eval->diags);
    model_release(model);
    return trained ? best.weights : NULL;
}

/* In front of the output: all that it read goes on to it, beside the new unit, frozen as it is. */
static struct molecule *with_unit(const struct acting *acting, const struct element *element, const struct weights *weights)
{
    struct eval *eval = acting->eval;
    const struct place output = {acting->molecule->count - 1, 1};
    struct molecule *stage = molecule_slice(acting->molecule, output, eval->diags);
    if (!stage)
        return NULL;
    struct gene unit = gene_layer(element, 1, acting->span);
    unit.traits.lr_scale = 0;
    unit.weights = weights;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, acting->span);
    builder_open(&builder, GENE_BRANCH, acting->span);
    builder_atom(&builder, gene_activation(elements_by_name(&eval->state->elements, STR("linear")), acting->span), NULL);
    builder_atom(&builder, unit, NULL);
    builder_close(&builder);
    builder_copy(&builder, stage, 0);
    builder_close(&builder);
    struct molecule *replacement = builder_finish(&builder, acting->span, eval->diags);
    struct molecule *result = replacement ? action_rewrite(acting, acting->molecule, output, replacement) : NULL;
    molecule_release(stage);
    molecule_release(replacement);
    return result;
}

struct molecule *act_recruit(const struct acting *acting)
{
    struct eval *eval = acting->eval;
    const struct gene *output = molecule_output(acting->molecule);
    if (acting->where.len > 0) {
        eval_error_help(eval, acting->span, "leave the place out", "`recruit` has a place of its own: in front of the output");
        return NULL;
    }
    if (!output || output->kind != GENE_OUTPUT) {
        eval_error_help(eval, acting->span, "end it in `out(…)`, or leave the end to the data",
                        "`recruit` needs an output layer that can learn to read the new unit");
        return NULL;
    }
    if (!acting->moment && !eval->state->checking) {
        eval_error_help(eval, acting->span, "grow by it in a policy: `when true => recruit(tanh)`",
                        "candidates are trained while a network grows");
        return NULL;
    }
    uint32_t pool;
    if (!action_width(acting, "pool", &pool))
        return NULL;
    const struct element *element = record_get(acting->action->fields, STR("element"))->element->element;
    const struct weights *weights = acting->moment ? winner(acting, element, pool) : NULL;
    struct molecule *result = weights || !acting->moment ? with_unit(acting, element, weights) : NULL;
    weights_release(weights);
    return result;
}
