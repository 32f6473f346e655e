/* Carrying weights: out of a trained model into a molecule (molecule/weights.h), and from there into the plan of a new training. */
#ifndef NEL_ENGINE_TRANSPLANT_H
#define NEL_ENGINE_TRANSPLANT_H

#include "engine/model.h"
#include "engine/optimizer.h"
#include "engine/plan.h"

/* The molecule of `model`, each gene with the parameters it has there; one reference. Where `at` has a source, every gene stands at
   `at`, so that messages point to where the trained molecule is used. `source` (may be NULL) is noted. NULL with a diagnostic. */
struct molecule *model_molecule(const struct model *model, struct span at, struct weights_source *source, struct diags *diags);

/* The same of a training's model, each gene with the state of its optimiser, too: a training with the same kind of optimiser goes on
   from there, also when a rewrite came between, with what the rewrite left as it was. Without state where the model is not where the
   training stands: the best of its epochs. */
struct molecule *training_molecule(const struct training *training, enum optimizer_kind optimizer, struct span at,
                                   struct weights_source *source, struct diags *diags);

/* What nel check knows of such a molecule: which gene reads how many values. */
struct molecule *graph_molecule(const struct graph *graph, struct span at, struct weights_source *source, struct diags *diags);

/* Puts the weights that genes of `molecule` carry into params: the parameters of neuron i by the inputs of neuron i, as far as both
   reach; the rest of params stays as it was. Sparse layers of one shape take over the connections too (the plan is changed: it must
   not be shared yet), others copy those that both have. Returns the number of parameters copied. */
size_t transplant(struct plan *plan, const struct molecule *molecule, float *params);

/* The same from one plan's op to another's that is of an equal gene, as far as both reach: the parameters of a
   layer or norm, those that its element learns. Which connections there are stays as it is. */
void params_copy_own(const struct plan_op *to, float *params, const struct plan_op *from, const float *old);
void params_copy_learned(const struct plan_op *to, float *params, const struct plan_op *from, const float *old);

/* Puts the optimiser's state that genes of `molecule` carry into that of a new training; genes whose parameters changed, or whose state
   is another optimiser's, begin anew. False where memory is exhausted. */
bool transplant_state(const struct plan *plan, const struct molecule *molecule, struct optimizer *optimizer);

/* Warns where weights meet inputs that were scaled otherwise than those they were trained on. */
void transplant_check_inputs(const struct molecule *molecule, const struct recipe *recipe, struct diags *diags);

/* How a recipe scales its inputs, in words such as "normalised to mean 0 and deviation 1"; NULL where it is not known. */
const char *recipe_scaling(const struct recipe *recipe);

#endif
