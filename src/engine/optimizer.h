/* Optimisers: loops over spans of the flat parameter vector. With g the gradient, r the learning rate of the step:

   sgd        p -= r g
   momentum   v = momentum v + g;  p -= r v                                    (Polyak 1964, the heavy ball)
              nesterov: p -= r (g + momentum v)                                (Nesterov 1983, as Sutskever et al. 2013 write it)
   rmsprop    s = beta2 s + (1 - beta2) g^2;  p -= r g / (sqrt(s) + epsilon)   (Tieleman and Hinton 2012, lecture 6e)
   adam       m, s running means of g and g^2, corrected for their start at zero;
              p -= r m / (sqrt(s) + epsilon)                                   (Kingma and Ba 2015, arXiv:1412.6980)
   adamw      adam behind p -= r decay p                                       (Loshchilov and Hutter 2019, arXiv:1711.05101)
   lion       p -= r (sign(beta1 m + (1 - beta1) g) + decay p);
              m = beta2 m + (1 - beta2) g                                      (Chen et al. 2023, arXiv:2302.06675)
   rprop      each parameter has a step of its own, grown while its gradient keeps its sign, shrunk (and the move left out) where
              it turns;  p -= sign(g) step                                     (Riedmiller and Braun 1993; the variant iRprop- of
                                                                                Igel and Huesken 2000)

   Clipping scales the gradient of all parameters down to a length (Pascanu et al. 2013, arXiv:1211.5063). Then l1 and l2 add
   l1 sign(p) and 2 l2 p to g, the derivatives of l1 |p| + l2 p^2; the losses that are reported are without them. Decay is of
   weights only, not of biases and norms. */
#ifndef NEL_ENGINE_OPTIMIZER_H
#define NEL_ENGINE_OPTIMIZER_H

#include "engine/plan.h"
#include "engine/train.h"

/* What a step needs to know. */
struct optimizer_figures {
    double lr;          /* as the schedule has it */
    float rate;         /* adam: lr / (1 - beta1^t); rprop, whose steps have the rate in them: the schedule's factor */
    float keep1, keep2; /* beta1 or momentum, beta2 */
    float correct;      /* adam: 1 / (1 - beta2^t) */
    float epsilon;
    float decay;                     /* of a weight, a step */
    float grow, shrink, least, most; /* rprop */
};

/* How a span's are treated: its rate in the place of the step's, adam's correction, what decay leaves of a weight, penalties. */
struct treatment {
    float rate, correct, left, l1, l2;
};

struct optimizer {
    const struct train_options *options;
    struct plan_span *spans; /* merged where the training treats them alike; frozen ones left out */
    uint32_t *firsts;        /* by span: the first of the plan's spans that is in it */
    uint32_t span_count;
    float *first, *second; /* [trained_count] running means, velocities, last gradients and steps; NULL where the kind has none */
    double power1, power2; /* beta1 and beta2 to the number of steps */
    double *starts;        /* [2 x spans of the plan] what both were for each before the first step; NULL: 1 */
    struct optimizer_figures figures; /* of the present step */
};

/* What it steps are vectors of mem_floats, whole lanes with zeros behind the last parameter. */
bool optimizer_init(struct optimizer *optimizer, const struct plan *plan, const struct train_options *options);
void optimizer_release(struct optimizer *optimizer);

/* Spans of the plan that took steps before this training began (weights.h): `starts` [2 x spans], taken over; NULL: none did. */
void optimizer_start(struct optimizer *optimizer, const struct plan *plan, double *starts);

/* Floats that the kind keeps of every parameter. */
unsigned optimizer_floats(enum optimizer_kind kind);

/* Whether a parameter's step depends on the gradients of others. */
bool optimizer_wants_all(const struct optimizer *optimizer);

/* Whether all parameters of the plan are stepped alike, each by its own gradient. */
bool optimizer_is_even(const struct optimizer *optimizer, const struct plan *plan);
/* The span that parameter `at` is in; NULL: it is not stepped. */
const struct plan_span *optimizer_span(const struct optimizer *optimizer, size_t at);
/* How the present step treats the parameters of one of its spans. */
struct treatment optimizer_treatment(const struct optimizer *optimizer, const struct plan_span *span);

/* Begins a step at `factor` times the learning rate. Whether it treats parameters otherwise than the last one did. */
bool optimizer_begin(struct optimizer *optimizer, double factor);
/* The step of the parameters [at, at + count), whose gradients begin at `gradient`. The parts of a step may come in
   any order and from several threads. */
void optimizer_apply(const struct optimizer *optimizer, float *params, const float *gradient, size_t at, size_t count);

/* A whole step; clipping changes the gradient. */
void optimizer_step(struct optimizer *optimizer, float *params, float *gradient, double factor);

#endif
