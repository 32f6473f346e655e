/* Optimisers: loops over spans of the flat parameter vector.

   sgd:      p -= lr g
   momentum: v = momentum v + g;  p -= lr v                                      (Polyak 1964, the heavy ball)
   adam:     m, v running means of g and g^2, corrected for their start at zero  (Kingma and Ba 2015, arXiv:1412.6980)

   l1 and l2 add l1 sign(p) and 2 l2 p to g, the derivatives of l1 |p| + l2 p^2; the losses that are reported are without them. */
#ifndef NEL_ENGINE_OPTIMIZER_H
#define NEL_ENGINE_OPTIMIZER_H

#include "engine/plan.h"
#include "engine/train.h"

struct optimizer {
    const struct train_options *options;
    struct plan_span *spans; /* merged where the training treats them alike; frozen ones left out */
    uint32_t span_count;
    float *first, *second; /* [trained_count] moments; NULL where the kind has none */
    double power1, power2; /* beta1 and beta2 to the number of steps */
};

bool optimizer_init(struct optimizer *optimizer, const struct plan *plan, const struct train_options *options);
void optimizer_release(struct optimizer *optimizer);

/* One step along `gradient`. */
void optimizer_step(struct optimizer *optimizer, float *params, float *gradient);

#endif
