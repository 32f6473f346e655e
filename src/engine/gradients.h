/* Gradients of a trained model: those of a step over some samples that is not taken. Dropout drops and batchnorm looks at the chunk, as in
   training; the model stays as it is. */
#ifndef NEL_ENGINE_GRADIENTS_H
#define NEL_ENGINE_GRADIENTS_H

#include "engine/loss_kernel.h"
#include "engine/objective.h"
#include "support/random.h"

/* Most samples that gradients are measured on. */
enum { GRADIENT_SAMPLES = 1024 };

struct gradient_pass {
    struct plan plan; /* the model's */
    struct workspace workspace;
    struct targets targets;
    struct objective objective;
    struct loss_kernel formula;
    const struct samples *samples;
    float *params; /* a copy: batchnorm writes its statistics there */
};

/* For steps of `count` samples; `looks`: the rows of every op are wanted afterwards, values and gradients. `class_weights` as in
   model_score. False where memory is exhausted; release it in any case. The pass must not be moved. */
bool gradient_pass_init(struct gradient_pass *pass, const struct model *model, const struct samples *samples,
                        const struct train_options *options, const float *class_weights, uint32_t count, bool looks);
void gradient_pass_release(struct gradient_pass *pass);

/* Of the mean loss over the samples rows[0..count), in workspace.gradient. `look` (may be NULL) sees the workspace after each chunk, whose
   samples come on top of the ones before where `add`. */
void gradient_pass_run(struct gradient_pass *pass, const uint32_t *rows, uint32_t count,
                       void (*look)(void *context, const struct workspace *workspace, bool add), void *context);

/* `count` of the numbers of `samples` samples in the first places, each at most once, drawn by chance; NULL where memory is exhausted. */
uint32_t *draw_rows(uint32_t samples, uint32_t count, struct random *random);

/* By every connection that sparse layers could have, those that are absent included. */
struct dense_gradients {
    float **at; /* [genes] [width x depth], a neuron's contiguous; NULL: not a sparse layer that learns */
    uint32_t genes;
};

/* What those in the subtree of `gene` take. */
double dense_gradients_bytes(const struct model *model, uint32_t gene);
/* Of the sparse layers in the subtree of `gene`, over up to GRADIENT_SAMPLES samples drawn by `random`, or the first ones (NULL). False
   with a diagnostic. */
bool dense_gradients_measure(struct dense_gradients *gradients, const struct model *model, uint32_t gene,
                             const struct samples *samples, const struct train_options *options, const float *class_weights,
                             struct random *random, struct diags *diags);
void dense_gradients_release(struct dense_gradients *gradients);

#endif
