/* W4 and W4b: 784-…-10 ReLU, softmax cross-entropy, Adam, an epoch of shuffled batches; rows are samples, the products OpenBLAS's. */
#include <cblas.h>

#include "plain.h"

enum { MOST_LAYERS = 3 };

struct layer {
    int inputs, outputs;
    float *weights, *bias, *d_weights, *d_bias; /* [inputs][outputs], [outputs] */
    float *value, *d;                           /* [batch][outputs] */
};

static void forward(const struct layer *layer, const float *x, int n, int hidden)
{
    for (int k = 0; k < n; k++)
        memcpy(layer->value + k * layer->outputs, layer->bias, layer->outputs * sizeof(float));
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, layer->outputs, layer->inputs, 1, x, layer->inputs, layer->weights,
                layer->outputs, 1, layer->value, layer->outputs);
    if (hidden)
        for (int i = 0; i < n * layer->outputs; i++)
            layer->value[i] = layer->value[i] > 0 ? layer->value[i] : 0;
}

/* The sum of the losses of n rows; `d` becomes the slope of the mean. */
static float softmax(const struct layer *layer, const unsigned char *label, const uint32_t *order, int n)
{
    float loss = 0;
    for (int k = 0; k < n; k++) {
        float *z = layer->value + k * CLASSES, *d = layer->d + k * CLASSES, most = z[0], sum = 0;
        for (int j = 1; j < CLASSES; j++)
            most = z[j] > most ? z[j] : most;
        for (int j = 0; j < CLASSES; j++) {
            z[j] = expf(z[j] - most);
            sum += z[j];
        }
        const int right = label[order[k]];
        loss -= logf(z[right] / sum + 1e-30F);
        for (int j = 0; j < CLASSES; j++)
            d[j] = (z[j] / sum - (float)(j == right)) / (float)n;
    }
    return loss;
}

static void backward(const struct layer *layer, const float *x, const struct layer *below, int n)
{
    const int inputs = layer->inputs, outputs = layer->outputs;
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, inputs, outputs, n, 1, x, inputs, layer->d, outputs, 0, layer->d_weights,
                outputs);
    memset(layer->d_bias, 0, outputs * sizeof(float));
    for (int k = 0; k < n; k++)
        for (int j = 0; j < outputs; j++)
            layer->d_bias[j] += layer->d[k * outputs + j];
    if (!below)
        return;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, inputs, outputs, 1, layer->d, outputs, layer->weights, outputs, 0,
                below->d, inputs);
    for (int i = 0; i < n * inputs; i++)
        below->d[i] = below->value[i] > 0 ? below->d[i] : 0;
}

struct parameters {
    float *p, *g, *m, *v;
    size_t count;
};

static struct parameters lay_out(struct layer *layers, int count, const int *sizes, int batch)
{
    struct parameters all = {0};
    for (int l = 0; l < count; l++)
        all.count += (size_t)(sizes[l] + 1) * sizes[l + 1];
    float **const parts[] = {&all.p, &all.g, &all.m, &all.v};
    for (int i = 0; i < 4; i++)
        *parts[i] = allocate(all.count * sizeof(float));
    size_t at = 0;
    for (int l = 0; l < count; l++) {
        const size_t weights = (size_t)sizes[l] * sizes[l + 1], rows = (size_t)batch * sizes[l + 1] * sizeof(float);
        layers[l] = (struct layer){sizes[l],   sizes[l + 1],         all.p + at,     all.p + at + weights,
                                   all.g + at, all.g + at + weights, allocate(rows), allocate(rows)};
        at += weights + sizes[l + 1];
    }
    return all;
}

static void start(struct layer *layers, int count, struct parameters *all, uint32_t seed)
{
    memset(all->p, 0, all->count * sizeof(float));
    memset(all->m, 0, all->count * sizeof(float));
    memset(all->v, 0, all->count * sizeof(float));
    for (int l = 0; l < count; l++)
        for (int i = 0; i < layers[l].inputs * layers[l].outputs; i++)
            layers[l].weights[i] = random_normal(&seed) * sqrtf(2.0F / (float)layers[l].inputs);
}

void plain_dense(const struct request *request, int count, const int *sizes, int batch)
{
    struct pictures pictures;
    struct layer layers[MOST_LAYERS];
    pictures_read(&pictures, request->folder);
    struct parameters all = lay_out(layers, count, sizes, batch);
    float *input = allocate((size_t)batch * PIXELS * sizeof(float));
    uint32_t *order = allocate(ROWS * sizeof *order);
    for (uint32_t i = 0; i < ROWS; i++)
        order[i] = i;
    for (unsigned r = 0; r < request->repeats; r++) {
        start(layers, count, &all, request->seed + r);
        uint32_t state = request->seed + r + 1000;
        double loss = 0;
        long step = 0;
        const double began = clock_now();
        shuffle(order, ROWS, &state);
        for (int at = 0; at < ROWS; at += batch) {
            const int n = ROWS - at < batch ? ROWS - at : batch;
            for (int k = 0; k < n; k++)
                memcpy(input + k * PIXELS, pictures.x + (size_t)order[at + k] * PIXELS, PIXELS * sizeof(float));
            for (int l = 0; l < count; l++)
                forward(&layers[l], l ? layers[l - 1].value : input, n, l < count - 1);
            loss += (double)softmax(&layers[count - 1], pictures.label, order + at, n);
            for (int l = count - 1; l >= 0; l--)
                backward(&layers[l], l ? layers[l - 1].value : input, l ? &layers[l - 1] : NULL, n);
            adam(all.p, all.g, all.m, all.v, all.count, ++step, 1e-3F);
        }
        const double seconds = clock_now() - began;
        report(seconds, loss / ROWS);
    }
}
