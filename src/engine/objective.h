/* Objectives: a head and a loss together, with the gradient that starts the backward pass.

   Every loss is a mean over samples, and over outputs where it is taken output by output, so that losses of batches and of networks
   of different width compare. With z the head's arguments, o its outputs, t the targets (one-hot for classes) and K outputs:

   | loss | head | of one sample | its derivative by z |
   |---|---|---|---|
   | cross-entropy | softmax | - sum t log o | o - t |
   | binary cross-entropy | sigmoid | - sum (t log o + (1 - t) log(1 - o)) / K | (o - t) / K |
   | mse, mae, huber | any but step | sum l(o - t) / K | through the head's derivative |
   | perceptron | step | sum of abs(o - t) / K | o - t: Rosenblatt's rule (1958) |
   | a formula's | any but step | sum l(o, t) / K | through the head's derivative |
   | hinge | linear, classes | sum over j other than the label y of max(0, 1 - z_y + z_j) / K | as that (Crammer and Singer 2001) |

   Label smoothing (Szegedy et al. 2016, arXiv:1512.00567) puts (1 - s) t + s / K in the place of t. Class weights multiply the loss of
   each sample by the factor of its class. The first two are computed from z, so that a confident and wrong network has a finite loss and a gradient. */
#ifndef NEL_ENGINE_OBJECTIVE_H
#define NEL_ENGINE_OBJECTIVE_H

#include "engine/train.h"
#include "engine/workspace.h"

struct objective {
    enum head head;
    enum loss_kind loss; /* never LOSS_AUTO */
    float huber_delta;
    float smoothing;
    const float *class_weights;        /* [classes] or NULL */
    const struct loss_kernel *formula; /* LOSS_FORMULA, borrowed */
};

/* What `loss` means with `head`; LOSS_AUTO where the two do not go together. */
enum loss_kind loss_for_head(enum head head, enum loss_kind loss);

/* The objective that the options mean with this head; `class_weights` and the kernel of a loss that is a formula are borrowed. */
struct objective objective_of(enum head head, const struct train_options *options, const float *class_weights,
                              const struct loss_kernel *formula);

/* Targets of the present chunk, feature-major as the activations are: target [output width x stride]. */
struct targets {
    float *value;
    int32_t *labels; /* [stride]; meaningless for values */
    float *weight;   /* [stride] of each sample; NULL: all 1 */
    float *scratch;  /* for a loss that is a formula; NULL for others */
    float on, off;   /* one-hot: a sample's own class and each other one, smoothed */
    bool classes;
};

/* Memory for the targets of `workspace` under `objective`. */
bool targets_init(struct targets *targets, const struct workspace *workspace, const struct objective *objective, bool classes);
void targets_release(struct targets *targets);
/* Loads the targets of the samples that workspace_load was given. */
void targets_load(struct targets *targets, const struct workspace *workspace, const struct objective *objective,
                  const struct samples *samples, const uint32_t *rows);

/* Applies the head to the output op's rows and adds the chunk's figures to `tally`. Where `scale` is not 0 it also writes the
   output op's gradient: that of `scale` times the sum of the samples' losses. */
void objective_run(const struct objective *objective, struct workspace *workspace, const struct targets *targets, float scale,
                   struct tally *tally);

#endif
