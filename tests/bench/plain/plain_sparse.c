/* W5: 784-128-10 ReLU with 2 % of the connections to the hidden layer, batches of 64, Adam, an epoch. Samples stand side by side, four vectors of them; the
   connections of a neuron are a list. */
#include "plain.h"

enum { BATCH = 64, PARTS = BATCH / LANES, HIDDEN = 128, MOST_LINKS = 4096 };

struct row {
    lanes part[PARTS]; /* a neuron's values for the samples of a batch */
};

struct links {
    int outputs, start[HIDDEN + 1], input[MOST_LINKS];
    float *weight, *bias, *d_weight, *d_bias;
};

/* Parameters, their slopes, and Adam's two moments of each. */
static float parameter[2 * MOST_LINKS], slope[2 * MOST_LINKS], moment[2 * MOST_LINKS], square[2 * MOST_LINKS];

/* `count` connections shared out among the outputs: each input once where there are as many, else drawn without looking back, so
   that one may come twice. */
static size_t link_up(struct links *links, int inputs, int outputs, int count, size_t at, uint32_t *state)
{
    const float scale = sqrtf(2.0F * (float)outputs / (float)count);
    links->outputs = outputs;
    for (int o = 0; o < outputs; o++) {
        links->start[o + 1] = links->start[o] + count / outputs + (o < count % outputs);
        for (int e = links->start[o]; e < links->start[o + 1]; e++) {
            links->input[e] = count == inputs * outputs ? e % inputs : (int)random_index(state, (uint32_t)inputs);
            parameter[at + e] = random_normal(state) * scale;
        }
    }
    links->weight = parameter + at;
    links->d_weight = slope + at;
    links->bias = parameter + at + count;
    links->d_bias = slope + at + count;
    return at + count + outputs;
}

INLINE struct row weighted(const struct links *links, int o, const struct row *from)
{
    struct row sum;
    for (int i = 0; i < PARTS; i++)
        sum.part[i] = splat(links->bias[o]);
    for (int e = links->start[o]; e < links->start[o + 1]; e++)
        for (int i = 0; i < PARTS; i++)
            sum.part[i] += links->weight[e] * from[links->input[e]].part[i];
    return sum;
}

INLINE lanes product(const struct row *a, const struct row *b)
{
    lanes sum = a->part[0] * b->part[0];
    for (int i = 1; i < PARTS; i++)
        sum += a->part[i] * b->part[i];
    return sum;
}

/* The slopes of a layer's weights, sixteen at a time, and (where `below` is given) of what it read. */
INLINE void slopes(const struct links *links, const struct row *d, const struct row *from, struct row *below)
{
    lanes pending[LANES];
    float *to = links->d_weight;
    int waiting = 0;
    for (int o = 0; o < links->outputs; o++) {
        links->d_bias[o] = lanes_sum(d[o].part[0] + d[o].part[1] + d[o].part[2] + d[o].part[3]);
        for (int e = links->start[o]; e < links->start[o + 1]; e++) {
            const int input = links->input[e];
            pending[waiting++] = product(&d[o], &from[input]);
            if (waiting == LANES) {
                lanes_store(to, sums_of_sixteen(pending));
                to += LANES;
                waiting = 0;
            }
            if (below)
                for (int i = 0; i < PARTS; i++)
                    below[input].part[i] += links->weight[e] * d[o].part[i];
        }
    }
    for (int i = 0; i < waiting; i++)
        to[i] = lanes_sum(pending[i]);
}

/* Blocks of `size` lanes change places in all pairs of vectors `size` apart. */
#define EXCHANGE(v, size)                                                                                                          \
    for (int i = 0; i < LANES; i++)                                                                                                \
        if (!(i & (size))) {                                                                                                       \
            const lanes a = v[i], b = v[i + (size)];                                                                               \
            v[i] = PICK(a, b, EVEN##size);                                                                                         \
            v[i + (size)] = PICK(a, b, ODD##size);                                                                                 \
        }

/* Sixteen rows become columns, sixteen values at a time: the transposition of J. O. Eklundh (IEEE Trans. Comput. C-21, 1972). */
static void put_samples(const float *const from[LANES], struct row *to, int part)
{
    for (int column = 0; column < PIXELS; column += LANES) {
        lanes v[LANES];
        for (int i = 0; i < LANES; i++)
            v[i] = lanes_load(from[i] + column);
        EXCHANGE(v, 8)
        EXCHANGE(v, 4)
        EXCHANGE(v, 2)
        EXCHANGE(v, 1)
        for (int i = 0; i < LANES; i++)
            to[column + i].part[part] = v[i];
    }
}

/* The sum of the losses; `d` becomes the slope of their mean over `count`, 0 for samples that only fill up the batch. */
static float softmax(struct row *z, struct row *d, const unsigned char *label, int count)
{
    lanes sum[PARTS] = {{0}}, most[PARTS];
    float loss = 0;
    for (int i = 0; i < PARTS; i++) {
        most[i] = z[0].part[i];
        for (int o = 1; o < CLASSES; o++)
            most[i] = lanes_max(most[i], z[o].part[i]);
        for (int o = 0; o < CLASSES; o++) {
            z[o].part[i] = lanes_exp(z[o].part[i] - most[i]);
            sum[i] += z[o].part[i];
        }
        for (int o = 0; o < CLASSES; o++)
            d[o].part[i] = z[o].part[i] / sum[i] / (float)count;
    }
    for (int k = 0; k < BATCH; k++) {
        if (k < count) {
            float *right = (float *)&d[label[k]] + k;
            loss -= logf(*right * (float)count + 1e-30F);
            *right -= 1.0F / (float)count;
        } else {
            for (int o = 0; o < CLASSES; o++)
                ((float *)&d[o])[k] = 0;
        }
    }
    return loss;
}

static float train_batch(const struct links links[2], const struct pictures *pictures, const uint32_t *order, int count)
{
    static struct row x[PIXELS], hidden[HIDDEN], d_hidden[HIDDEN], z[CLASSES], d[CLASSES];
    unsigned char label[BATCH] = {0};
    const float *from[BATCH];
    for (int k = 0; k < BATCH; k++) {
        const uint32_t row = order[k < count ? k : 0];
        from[k] = pictures->x + (size_t)row * PIXELS;
        label[k] = pictures->label[row];
    }
    for (int i = 0; i < PARTS; i++)
        put_samples(from + LANES * i, x, i);
    for (int o = 0; o < HIDDEN; o++) {
        const struct row sum = weighted(&links[0], o, x);
        for (int i = 0; i < PARTS; i++)
            hidden[o].part[i] = lanes_max(sum.part[i], splat(0));
    }
    for (int o = 0; o < CLASSES; o++)
        z[o] = weighted(&links[1], o, hidden);
    const float loss = softmax(z, d, label, count);
    memset(d_hidden, 0, sizeof d_hidden);
    slopes(&links[1], d, hidden, d_hidden);
    for (int o = 0; o < HIDDEN; o++)
        for (int i = 0; i < PARTS; i++)
            d_hidden[o].part[i] = choose(hidden[o].part[i] > 0.0F, d_hidden[o].part[i], splat(0));
    slopes(&links[0], d_hidden, x, NULL);
    return loss;
}

void plain_sparse(const struct request *request)
{
    struct pictures pictures;
    pictures_read(&pictures, request->folder);
    uint32_t *order = allocate(ROWS * sizeof *order);
    for (uint32_t i = 0; i < ROWS; i++)
        order[i] = i;
    for (unsigned r = 0; r < request->repeats; r++) {
        static struct links links[2];
        uint32_t state = request->seed + r;
        memset(parameter, 0, sizeof parameter);
        memset(moment, 0, sizeof moment);
        memset(square, 0, sizeof square);
        const size_t first = link_up(&links[0], PIXELS, HIDDEN, PIXELS * HIDDEN / 50, 0, &state);
        const size_t count = link_up(&links[1], HIDDEN, CLASSES, HIDDEN * CLASSES, first, &state);
        double loss = 0;
        long step = 0;
        const double began = clock_now();
        shuffle(order, ROWS, &state);
        for (int at = 0; at < ROWS; at += BATCH) {
            loss += (double)train_batch(links, &pictures, order + at, ROWS - at < BATCH ? ROWS - at : BATCH);
            adam(parameter, slope, moment, square, count, ++step, 1e-3F);
        }
        const double seconds = clock_now() - began;
        report(seconds, loss / ROWS);
    }
}
