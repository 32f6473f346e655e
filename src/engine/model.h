/* Models: a molecule with its head fixed, its plan and its weights, and the recipe of the data it was made for. Immutable once
   trained, reference-counted under the state's lock; prediction works from any thread. */
#ifndef NEL_ENGINE_MODEL_H
#define NEL_ENGINE_MODEL_H

#include "data/recipe.h"
#include "molecule/graph.h"
#include "molecule/molecule.h"

struct plan;

struct model {
    int references;
    const struct molecule *molecule; /* with its output stage, retained */
    struct plan *plan;
    float *params;         /* [plan_param_count], batchnorm's running statistics behind the trainable ones */
    struct recipe *recipe; /* NULL: inputs as they are */
};

/* A model with fresh weights drawn by `seed`, one reference: what a training starts from, and what a loader fills. `molecule` ends in
   an output whose head is fixed. NULL with a diagnostic (shapes, limits, memory). */
struct model *model_create(const struct molecule *molecule, uint32_t input_width, struct recipe *recipe, uint64_t seed,
                           struct diags *diags);
/* A model of `molecule` on a plan that was compiled from it (both are retained), with a copy of params [param_count] (NULL: zeros). The plan is shared and
   no longer to be changed. NULL where memory is exhausted, with a diagnostic. */
struct model *model_of_plan(const struct molecule *molecule, struct plan *plan, struct recipe *recipe, const float *params,
                            struct diags *diags);
/* A model of the same network with other parameters [param_count], copied; it shares the plan. `molecule` is equal to the model's but
   for weights and places, `recipe` makes the same inputs. NULL with a diagnostic. */
struct model *model_with(const struct model *model, const struct molecule *molecule, struct recipe *recipe, const float *params,
                         struct diags *diags);
/* A copy of `molecule` that no other thread knows: molecules count their references without a lock. NULL with a diagnostic. */
struct molecule *molecule_private(const struct molecule *molecule, struct diags *diags);
struct model *model_retain(struct model *model);
void model_release(struct model *model);

/* Outputs of the head for `count` rows of inputs [count x input width]; out [count x output width], a row contiguous: probabilities
   for softmax and sigmoid, values in original units (the recipe's target scale undone) otherwise. */
bool model_predict(const struct model *model, const float *inputs, uint32_t count, float *out);

uint32_t model_input_width(const struct model *model);
uint32_t model_output_width(const struct model *model);

#endif
