/* Who answers: a trained network, or several whose answers become one. */
#include "engine/model.h"
#include "interp/predictor.h"
#include "support/memory.h"

bool predictor_of(struct eval *eval, struct value value, struct span span, struct predictor *predictor)
{
    *predictor = (struct predictor){0};
    if (value.kind == VALUE_ENSEMBLE)
        *predictor = (struct predictor){value.ensemble->members[0], value.ensemble};
    else
        predictor->run = run_of(eval, value, span);
    return predictor->run;
}

/* One output that tells of two classes: the probability of the second. */
static bool tells_of_two(const struct model *model)
{
    return model->recipe->target == TARGET_CLASS && model_output_width(model) == 1;
}

uint32_t predictor_width(const struct predictor *predictor)
{
    const struct model *model = predictor->run->training->model;
    return tells_of_two(model) ? 2 : model_output_width(model);
}

/* What one network says: [count x predictor_width]. */
static bool member_outputs(struct eval *eval, const struct run *run, const struct asked *asked, float *outputs)
{
    const struct model *model = run->training->model;
    float *inputs = mem_floats((size_t)asked->count * model_input_width(model) + 1);
    bool well = inputs || diag_out_of_memory(eval->diags, asked->span);
    well = well && asked->write(eval, run, asked, inputs);
    if (well && !model_predict(model, inputs, asked->count, outputs))
        well = diag_out_of_memory(eval->diags, asked->span);
    mem_free_floats(inputs);
    for (size_t i = asked->count;
         well && tells_of_two(model) && i-- > 0;) { /* from behind: each is read before it is written over */
        outputs[2 * i + 1] = outputs[i];
        outputs[2 * i] = 1 - outputs[2 * i + 1];
    }
    return well;
}

bool predictor_outputs(struct eval *eval, const struct predictor *predictor, const struct asked *asked, float *outputs)
{
    const struct ensemble *ensemble = predictor->ensemble;
    if (!ensemble)
        return member_outputs(eval, predictor->run, asked, outputs);
    const uint32_t width = predictor_width(predictor);
    const size_t size = (size_t)asked->count * width;
    double *sums = mem_array(size + 1, sizeof *sums);
    bool well = sums || diag_out_of_memory(eval->diags, asked->span);
    for (size_t i = 0; well && i < ensemble->count; i++) {
        well = member_outputs(eval, ensemble->members[i], asked, outputs);
        if (well)
            ensemble_add(sums, outputs, width, asked->count, ensemble->weights[i], ensemble->rule);
    }
    for (size_t i = 0; well && i < size; i++)
        outputs[i] = (float)sums[i];
    mem_free(sums);
    return well;
}
