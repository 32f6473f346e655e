/* What each optimiser does to sixteen parameters, as inline functions. */
#ifndef NEL_ENGINE_OPTIMIZER_STEPS_H
#define NEL_ENGINE_OPTIMIZER_STEPS_H

#include <math.h>

#include "engine/optimizer.h"
#include "engine/simd.h"

/* Sixteen parameters, their gradients and what is kept of them. A training's bits must not depend on where a part of a step ends, so
   the last few of a part go through the very same instructions as the others. */
struct sixteen {
    lanes p, g, first, second;
};

INLINE void penalise(struct sixteen *s, float l1, float l2)
{
    lanes side;
    EACH_LANE side[i] = s->p[i] > 0.0F ? l1 : s->p[i] < 0.0F ? -l1 : 0.0F;
    s->g += 2.0F * l2 * s->p + side;
}

INLINE void sgd(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    (void)f;
    s->p -= t->rate * s->g;
}

INLINE void momentum(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    s->first = f->keep1 * s->first + s->g;
    s->p -= t->rate * s->first;
}

INLINE void nesterov(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    s->first = f->keep1 * s->first + s->g;
    s->p -= t->rate * (s->g + f->keep1 * s->first);
}

INLINE void rmsprop(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    lanes root;
    s->second = f->keep2 * s->second + (1.0F - f->keep2) * s->g * s->g;
    EACH_LANE root[i] = sqrtf(s->second[i]);
    s->p -= t->rate * s->g / (root + f->epsilon);
}

/* adam, and adamw where `left` is not 1. */
INLINE void adam(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    lanes root;
    s->first = f->keep1 * s->first + (1.0F - f->keep1) * s->g;
    s->second = f->keep2 * s->second + (1.0F - f->keep2) * s->g * s->g;
    EACH_LANE root[i] = sqrtf(s->second[i] * t->correct);
    s->p = t->left * s->p - t->rate * s->first / (root + f->epsilon);
}

INLINE float sign(float x)
{
    return x > 0.0F ? 1.0F : x < 0.0F ? -1.0F : 0.0F;
}

INLINE void lion(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    lanes to = f->keep1 * s->first + (1.0F - f->keep1) * s->g;
    EACH_LANE to[i] = sign(to[i]);
    s->p = t->left * s->p - t->rate * to;
    s->first = f->keep2 * s->first + (1.0F - f->keep2) * s->g;
}

/* `first` is the last gradient, `second` the steps. */
INLINE void rprop(struct sixteen *s, const struct optimizer_figures *f, const struct treatment *t)
{
    EACH_LANE
    {
        const float turn = s->g[i] * s->first[i];
        const float step = s->second[i] * (turn > 0.0F ? f->grow : turn < 0.0F ? f->shrink : 1.0F);
        s->second[i] = step < f->least ? f->least : step > f->most ? f->most : step;
        s->first[i] = turn < 0.0F ? 0.0F : s->g[i];
        s->p[i] -= t->rate * sign(s->first[i]) * s->second[i];
    }
}

/* CALL(step, whether it keeps a first figure of each parameter, a second) for the optimiser of `options`. */
#define BY_OPTIMIZER(options, CALL)                                                                                                \
    switch ((options)->optimizer) {                                                                                                \
    case OPTIMIZER_SGD:                                                                                                            \
        CALL(sgd, false, false)                                                                                                    \
        break;                                                                                                                     \
    case OPTIMIZER_MOMENTUM:                                                                                                       \
        if ((options)->nesterov)                                                                                                   \
            CALL(nesterov, true, false)                                                                                            \
        else                                                                                                                       \
            CALL(momentum, true, false)                                                                                            \
        break;                                                                                                                     \
    case OPTIMIZER_RMSPROP:                                                                                                        \
        CALL(rmsprop, false, true)                                                                                                 \
        break;                                                                                                                     \
    case OPTIMIZER_ADAM:                                                                                                           \
    case OPTIMIZER_ADAMW:                                                                                                          \
        CALL(adam, true, true)                                                                                                     \
        break;                                                                                                                     \
    case OPTIMIZER_LION:                                                                                                           \
        CALL(lion, true, false)                                                                                                    \
        break;                                                                                                                     \
    case OPTIMIZER_RPROP:                                                                                                          \
        CALL(rprop, true, true)                                                                                                    \
        break;                                                                                                                     \
    }

#endif
