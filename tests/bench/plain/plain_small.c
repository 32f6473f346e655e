/* W2, W2b and W3: networks 2-4-…-4-2 on 200 points of two classes, softmax cross-entropy, Adam. Sixteen samples stand side by side in
   a vector; weights are broadcast, gradients summed over the lanes at the end of a step. A step is compiled for each element and
   depth, so that all its loops unroll. */
#include "plain.h"

enum { WIDTH = 4, MOST_DEPTH = 5, BLOCKS = (POINTS + LANES - 1) / LANES, PADDED = BLOCKS * LANES };
enum { MOST_PARAMETERS = (2 + 1) * WIDTH + (MOST_DEPTH - 1) * (WIDTH + 1) * WIDTH + (WIDTH + 1) * 2 };
enum { ROOM = (MOST_PARAMETERS + LANES - 1) / LANES * LANES };
enum element { RELU, LEAKY_RELU, ELU, TANH, SIGMOID, GELU, SWISH, SINE, ELEMENTS };

struct net {
    float p[ROOM], g[ROOM], m[ROOM], v[ROOM];
    size_t count;
    long step;
};

/* Samples in vectors; `there` is 0 for those that only fill up the last one. */
struct block {
    float x[PADDED], y[PADDED], label[PADDED], there[PADDED];
};

INLINE lanes lanes_log(lanes x)
{
    const ints bits = (ints)x - 0x3F3504F3; /* sqrt(1/2): m in [sqrt(1/2), sqrt 2) */
    const ints n = bits >> 23;
    const lanes m = (lanes)((ints)x - (n << 23)) - 1;
    lanes p = splat(7.0376836292e-2F);
    p = p * m - 1.1514610310e-1F;
    p = p * m + 1.1676998740e-1F;
    p = p * m - 1.2420140846e-1F;
    p = p * m + 1.4249322787e-1F;
    p = p * m - 1.6668057665e-1F;
    p = p * m + 2.0000714765e-1F;
    p = p * m - 2.4999993993e-1F;
    p = p * m + 3.3333331174e-1F;
    return m - 0.5F * m * m + p * m * m * m + __builtin_convertvector(n, lanes) * 0.69314718F;
}

/* sin and cos of what a small network gives: one reduction to |r| <= pi / 2. */
INLINE void lanes_sine(lanes x, lanes *sine, lanes *cosine)
{
    const ints n = __builtin_convertvector(x * 0.318309886F + 1024.5F, ints) - 1024;
    const lanes whole = __builtin_convertvector(n, lanes), r = x - whole * 3.140625F - whole * 9.67653589793e-4F, z = r * r;
    const ints sign = n << 31;
    lanes s = splat(2.7525562e-6F);
    s = s * z - 1.9840874e-4F;
    s = s * z + 8.3333310e-3F;
    s = s * z - 1.6666667e-1F;
    lanes c = splat(-2.6051615e-7F);
    c = c * z + 2.4760495e-5F;
    c = c * z - 1.3888378e-3F;
    c = c * z + 4.1666638e-2F;
    c = c * z - 0.5F;
    *sine = (lanes)((ints)(r + r * z * s) ^ sign);
    *cosine = (lanes)((ints)(1 + z * c) ^ sign);
}

/* The element's value and slope at z. */
INLINE void element_at(enum element element, lanes z, lanes *value, lanes *slope)
{
    const ints above = z > 0.0F;
    switch (element) {
    case RELU:
        *value = lanes_max(z, splat(0));
        *slope = choose(above, splat(1), splat(0));
        break;
    case LEAKY_RELU:
        *value = choose(above, z, 0.01F * z);
        *slope = choose(above, splat(1), splat(0.01F));
        break;
    case ELU: {
        const lanes e = lanes_exp(lanes_min(z, splat(0)));
        *value = choose(above, z, e - 1);
        *slope = choose(above, splat(1), e);
        break;
    }
    case TANH: {
        const lanes t = 2 * lanes_sigmoid(2 * z) - 1;
        *value = t;
        *slope = 1 - t * t;
        break;
    }
    case SIGMOID: {
        const lanes s = lanes_sigmoid(z);
        *value = s;
        *slope = s * (1 - s);
        break;
    }
    case GELU: { /* by tanh */
        const lanes s = lanes_sigmoid(1.5957691216F * (z + 0.044715F * z * z * z));
        *value = z * s;
        *slope = s + z * s * (1 - s) * (1.5957691216F + 0.2140644488F * z * z);
        break;
    }
    case SWISH: {
        const lanes s = lanes_sigmoid(z);
        *value = z * s;
        *slope = s + z * s * (1 - s);
        break;
    }
    default:
        lanes_sine(z, value, slope);
        break;
    }
}

/* One step on `count` samples in `blocks` vectors; the sum of their losses. */
INLINE float step(enum element element, int depth, struct net *net, const struct block *block, int blocks, int count)
{
    const size_t padded = (net->count + LANES - 1) / LANES * LANES;
    lanes gradient[ROOM], loss = splat(0);
    memset(gradient, 0, padded * sizeof *gradient);
    for (int b = 0; b < blocks; b++) {
        lanes value[MOST_DEPTH + 1][WIDTH], slope[MOST_DEPTH + 1][WIDTH], d[WIDTH], below[WIDTH] = {{0}};
        const float *p = net->p;
        value[0][0] = lanes_load(block->x + LANES * b);
        value[0][1] = lanes_load(block->y + LANES * b);
        for (int l = 0; l < depth; l++) {
            const int inputs = l ? WIDTH : 2;
#pragma GCC unroll 4
            for (int o = 0; o < WIDTH; o++) {
                lanes z = splat(p[WIDTH * inputs + o]);
#pragma GCC unroll 4
                for (int i = 0; i < inputs; i++)
                    z += p[o * inputs + i] * value[l][i];
                element_at(element, z, &value[l + 1][o], &slope[l + 1][o]);
            }
            p += WIDTH * inputs + WIDTH;
        }
        lanes z0 = splat(p[2 * WIDTH]), z1 = splat(p[2 * WIDTH + 1]);
#pragma GCC unroll 4
        for (int i = 0; i < WIDTH; i++) {
            z0 += p[i] * value[depth][i];
            z1 += p[WIDTH + i] * value[depth][i];
        }
        /* Of two classes: the second has probability sigmoid(z1 - z0). */
        const lanes label = lanes_load(block->label + LANES * b), there = lanes_load(block->there + LANES * b);
        const lanes second = lanes_sigmoid(z1 - z0), right = label * second + (1 - label) * (1 - second);
        loss -= there * lanes_log(right + 1e-12F);
        const lanes d1 = (second - label) * there * (1.0F / (float)count);
        lanes *g = gradient + (p - net->p);
#pragma GCC unroll 4
        for (int i = 0; i < WIDTH; i++) {
            g[i] -= d1 * value[depth][i];
            g[WIDTH + i] += d1 * value[depth][i];
            d[i] = d1 * (p[WIDTH + i] - p[i]) * slope[depth][i];
        }
        g[2 * WIDTH] -= d1;
        g[2 * WIDTH + 1] += d1;
        for (int l = depth - 1; l >= 0; l--) {
            const int inputs = l ? WIDTH : 2;
            p -= WIDTH * inputs + WIDTH;
            g = gradient + (p - net->p);
#pragma GCC unroll 4
            for (int o = 0; o < WIDTH; o++)
                g[WIDTH * inputs + o] += d[o];
#pragma GCC unroll 4
            for (int i = 0; i < inputs; i++) {
                lanes sum = splat(0);
#pragma GCC unroll 4
                for (int o = 0; o < WIDTH; o++) {
                    g[o * inputs + i] += d[o] * value[l][i];
                    sum += p[o * inputs + i] * d[o];
                }
                if (l)
                    below[i] = sum * slope[l][i];
            }
            memcpy(d, below, sizeof d);
        }
    }
    for (size_t i = 0; i < padded; i += LANES)
        lanes_store(net->g + i, sums_of_sixteen(gradient + i));
    adam(net->p, net->g, net->m, net->v, padded, ++net->step, 1e-2F);
    return lanes_sum(loss);
}

#define STEP(name, element)                                                                                                        \
    static __attribute__((noinline)) float name(int depth, struct net *net, const struct block *block, int blocks, int count)      \
    {                                                                                                                              \
        switch (depth) {                                                                                                           \
        case 1:                                                                                                                    \
            return step(element, 1, net, block, blocks, count);                                                                    \
        case 2:                                                                                                                    \
            return step(element, 2, net, block, blocks, count);                                                                    \
        case 3:                                                                                                                    \
            return step(element, 3, net, block, blocks, count);                                                                    \
        default:                                                                                                                   \
            return step(element, depth, net, block, blocks, count);                                                                \
        }                                                                                                                          \
    }
STEP(step_relu, RELU)
STEP(step_leaky_relu, LEAKY_RELU)
STEP(step_elu, ELU)
STEP(step_tanh, TANH)
STEP(step_sigmoid, SIGMOID)
STEP(step_gelu, GELU)
STEP(step_swish, SWISH)
STEP(step_sine, SINE)

static float (*const steps[ELEMENTS])(int, struct net *, const struct block *, int, int) = {
    step_relu, step_leaky_relu, step_elu, step_tanh, step_sigmoid, step_gelu, step_swish, step_sine};

static void init(struct net *net, int depth, uint32_t seed)
{
    memset(net, 0, sizeof *net);
    for (int l = 0; l <= depth; l++) {
        const int inputs = l ? WIDTH : 2, outputs = l < depth ? WIDTH : 2;
        for (int i = 0; i < inputs * outputs; i++)
            net->p[net->count + i] = random_normal(&seed) * sqrtf(2.0F / (float)inputs);
        net->count += (size_t)(inputs * outputs + outputs);
    }
}

static void gather(struct block *block, const struct points *points, const uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < (count + LANES - 1) / LANES * LANES; i++) {
        const uint32_t from = i < count ? order[i] : 0;
        block->x[i] = points->x[from];
        block->y[i] = points->y[from];
        block->label[i] = (float)points->label[from];
        block->there[i] = i < count;
    }
}

/* Seconds of the training loop; `*last` is the mean loss of the last epoch. */
static double train(enum element element, int depth, const struct points *points, int epochs, uint32_t batch, uint32_t seed,
                    double *last)
{
    static struct net net;
    static struct block block;
    uint32_t order[POINTS], state = seed + 1000;
    for (uint32_t i = 0; i < POINTS; i++)
        order[i] = i;
    init(&net, depth, seed);
    gather(&block, points, order, POINTS);
    const double began = clock_now();
    float loss = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
        loss = 0;
        if (batch == POINTS) {
            loss = steps[element](depth, &net, &block, BLOCKS, POINTS);
            continue;
        }
        shuffle(order, POINTS, &state);
        for (uint32_t start = 0; start < POINTS; start += batch) {
            const uint32_t count = POINTS - start < batch ? POINTS - start : batch;
            gather(&block, points, order + start, count);
            loss += steps[element](depth, &net, &block, (int)((count + LANES - 1) / LANES), (int)count);
        }
    }
    const double seconds = clock_now() - began;
    *last = (double)loss / POINTS;
    return seconds;
}

void plain_spirals(const struct request *request, uint32_t batch)
{
    struct points points;
    points_read(&points, request->folder);
    for (unsigned i = 0; i < request->repeats; i++) {
        double loss;
        const double seconds = train(RELU, 2, &points, 1000, batch, request->seed + i, &loss);
        report(seconds, loss);
    }
}

void plain_grid(const struct request *request)
{
    struct points points;
    points_read(&points, request->folder);
    for (unsigned i = 0; i < request->repeats; i++) {
        double seconds = 0, sum = 0;
        int runs = 0;
        for (enum element element = RELU; element < ELEMENTS; element++)
            for (int depth = 1; depth <= MOST_DEPTH; depth += 2, runs++) {
                double loss;
                seconds += train(element, depth, &points, 500, POINTS, request->seed + i, &loss);
                sum += loss;
            }
        report(seconds, sum / runs);
    }
}
