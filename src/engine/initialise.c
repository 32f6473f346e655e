/* Fresh weights. Sources: He, Zhang, Ren and Sun 2015 (arXiv:1502.01852) for rectified elements; Glorot and Bengio 2010 (AISTATS)
   for the others; LeCun, Bottou, Orr and Mueller 1998 ("Efficient BackProp"); Sitzmann et al. 2020 (arXiv:2006.09661) for sines;
   Saxe, McClelland and Ganguli 2014 (arXiv:1312.6120), orthogonal. Fans count the connections that exist. */
#include <math.h>

#include "engine/plan.h"
#include "support/random.h"

/* Spread of `init: normal` and `init: uniform`, as Keras has them. */
#define PLAIN_SPREAD 0.05
/* The frequency that Sitzmann et al. multiply a sine layer's argument by; here it is part of the first layer's weights. */
#define SIREN_FREQUENCY 30.0

static void fill_normal(float *weights, size_t count, double sd, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = (float)(sd * random_normal(random));
}

static void fill_uniform(float *weights, size_t count, double most, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = (float)random_between(random, -most, most);
}

/* So many vectors at most are made orthogonal to each other: the work grows with the square of their number. */
enum { MOST_ORTHOGONAL = 512 };

/* Vectors of `length` values, `step` apart, `count` of them `next` apart, made orthonormal one after the other (modified
   Gram-Schmidt), in groups of MOST_ORTHOGONAL. */
static void orthonormalise(float *at, size_t count, size_t next, size_t length, size_t step)
{
    for (size_t v = 0; v < count; v++) {
        float *vector = at + v * next;
        for (size_t u = v - v % MOST_ORTHOGONAL; u < v; u++) {
            const float *earlier = at + u * next;
            double dot = 0;
            for (size_t i = 0; i < length; i++)
                dot += (double)vector[i * step] * (double)earlier[i * step];
            for (size_t i = 0; i < length; i++)
                vector[i * step] -= (float)dot * earlier[i * step];
        }
        double norm = 0;
        for (size_t i = 0; i < length; i++)
            norm += (double)vector[i * step] * (double)vector[i * step];
        const double scale = norm > 0 ? 1 / sqrt(norm) : 0;
        for (size_t i = 0; i < length; i++)
            vector[i * step] = (float)(vector[i * step] * scale);
    }
}

static void fill_orthogonal(float *weights, const struct plan_op *op, struct random *random)
{
    fill_normal(weights, op->weight_count, 1, random);
    if (op->width <= op->depth)
        orthonormalise(weights, op->width, op->depth, op->depth, 1);
    else
        orthonormalise(weights, op->depth, 1, op->width, op->depth);
}

static void fill_weights(const struct plan *plan, const struct plan_op *op, float *weights, struct random *random)
{
    const size_t count = op->weight_count;
    const double fan_in = fmax(1, (double)count / op->width), fan_out = fmax(1, (double)count / op->depth);
    const double xavier = sqrt(2 / (fan_in + fan_out));
    switch ((enum initial)op->init) {
    case INIT_HE:
        fill_normal(weights, count, sqrt(2 / fan_in), random);
        break;
    case INIT_AUTO:
    case INIT_XAVIER:
        fill_normal(weights, count, xavier, random);
        break;
    case INIT_LECUN:
        fill_normal(weights, count, sqrt(1 / fan_in), random);
        break;
    case INIT_ZERO:
        break;
    case INIT_NORMAL:
        fill_normal(weights, count, PLAIN_SPREAD, random);
        break;
    case INIT_UNIFORM:
        fill_uniform(weights, count, PLAIN_SPREAD, random);
        break;
    case INIT_SIREN:
        fill_uniform(weights, count, plan->edges[op->edge_at].op == 0 ? SIREN_FREQUENCY / fan_in : sqrt(6 / fan_in), random);
        break;
    case INIT_ORTHOGONAL:
        if (op->kind == PLAN_SPARSE)
            fill_normal(weights, count, xavier, random); /* missing connections leave nothing to make orthogonal */
        else
            fill_orthogonal(weights, op, random);
        break;
    }
}

static void scale_weights(const struct plan_op *op, float *weights)
{
    for (size_t i = 0; op->init_scale != 1 && i < op->weight_count; i++)
        weights[i] = (float)((double)weights[i] * op->init_scale);
}

static void fill(float *at, size_t count, float value)
{
    for (size_t i = 0; i < count; i++)
        at[i] = value;
}

void plan_initialise(const struct plan *plan, uint64_t seed, float *params)
{
    fill(params, plan->param_count, 0);
    uint32_t tensor = 0;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->kind == PLAN_BATCHNORM || op->kind == PLAN_LAYERNORM) {
            fill(params + op->weights, op->width, 1);
        } else if (op->weights != PLAN_NONE) {
            struct random random = random_stream(seed, RANDOM_WEIGHTS, tensor++);
            fill_weights(plan, op, params + op->weights, &random);
            scale_weights(op, params + op->weights);
        }
        if (op->kind == PLAN_BATCHNORM)
            fill(params + op->running + op->width, op->width, 1);
        for (unsigned p = 0; op->element && p < op->element->learned_count; p++)
            fill(params + op->learned + (size_t)p * op->width, op->width, op->element->params[op->element->learned[p]]);
    }
}
