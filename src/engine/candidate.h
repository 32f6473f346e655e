/* Candidate units of cascade correlation (Fahlman and Lebiere 1990, "The cascade-correlation learning architecture", NIPS 2). A unit that
   reads what the output layer reads is trained alone, the network standing still, to follow what is left of the errors; the best of a
   pool is put in, and only then do the outputs learn to use it. With V_p the value of the unit at sample p and E_po the residual error
   at output o, the derivative of the loss by the argument of the head, it maximises the paper's

     S = sum_o | sum_p (V_p - mean V) (E_po - mean E_o) |

   whose derivative by V_p is sum_o sign_o (E_po - mean E_o), sign_o that of the covariance with output o: the mean of V drops out, as
   centred errors sum to zero.

   A pool is trained as one layer, whose neurons know nothing of each other: its gradient is written into its output rows, so that any
   element will do, and RPROP climbs (where the paper takes Quickprop), a step of its own for every weight. */
#ifndef NEL_ENGINE_CANDIDATE_H
#define NEL_ENGINE_CANDIDATE_H

#include "engine/train.h"

struct candidate_options {
    const struct element *element;
    uint32_t pool;     /* candidates, each from weights of its own */
    uint32_t epochs;   /* at most */
    uint32_t patience; /* epochs in which the best S gains less than CANDIDATE_GAIN before training ends */
    uint64_t seed;
};
#define CANDIDATE_GAIN 0.01

struct candidate {
    const struct weights *weights; /* of a layer of one neuron, one reference */
    double score;                  /* S of the winner */
    uint32_t epochs;               /* that the pool was trained for */
};

/* The best of a pool for `model`, which ends in an output layer, on samples (all of them, or as many at even distances as memory
   allows). `options` say how the loss is meant, `class_weights` as in model_score. False with a diagnostic, or where the user
   cancelled. */
bool candidate_train(const struct model *model, const struct samples *samples, const struct train_options *options,
                     const float *class_weights, const struct candidate_options *candidates, const struct progress *progress,
                     struct candidate *best, struct diags *diags);

/* The pieces, for tests: a pool of candidates on inputs [count x width] and residual errors [outputs x count]. */
struct candidate_pool;
struct candidate_pool *candidate_pool_new(const struct candidate_options *options, struct samples inputs, float *errors,
                                          uint32_t outputs, struct diags *diags);
void candidate_pool_release(struct candidate_pool *pool);
/* S of every candidate into the pool, and its gradient by the parameters. */
void candidate_pool_climb(struct candidate_pool *pool);
double candidate_pool_score(const struct candidate_pool *pool, uint32_t candidate);
float *candidate_pool_params(struct candidate_pool *pool, size_t *count);
const float *candidate_pool_gradient(const struct candidate_pool *pool); /* of minus the sum of all S */

#endif
