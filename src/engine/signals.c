/* Neurons are measured by running the plan for inference op by op; at a hidden layer it stops between the layer's sums and its
   element. Gradients are those of a step that is not taken. */
#include "engine/signals.h"

#include <stdlib.h>

#include "engine/denormals.h"
#include "engine/gradients.h"
#include "engine/loops.h"
#include "engine/ops.h"
#include "molecule/layers.h"
#include "support/limits.h"
#include "support/memory.h"

static const double low_mean = 0.1;
static const double high_deviations = 2;
static const double outlier_deviations = 3 * 1.4826;
static const float saturated_slope = 1e-3F;
enum { RANK_SAMPLES = 512, RANK_NEURONS = 512 };

/* What is known of one hidden neuron so far. The sums are of arguments, less the first one, so that they do not cancel. */
struct neuron {
    double first, sum, squares;
    bool speaks; /* its output was not 0 once */
    bool slopes; /* the element's slope was not 0 once … */
    bool steep;  /* … and not below `saturated_slope` */
};

/* A hidden layer: the op of its connections, and the one that gives its values. They are one where it has no patches beside it; else
   the values are its element's behind the sum, or the sum's. */
struct hidden {
    const struct plan_op *layer, *values;
    size_t neurons_at, kept_at; /* where the pass has its neurons, and their outputs for the rank */
};

struct hidden_layers {
    struct hidden *at;
    uint32_t count;
    uint32_t output; /* gene of the layer that the network ends in, or of its last stage */
    uint32_t *of;    /* by op: 1 + the layer whose values it gives; 0 none */
};

static void hidden_release(struct hidden_layers *hidden)
{
    mem_free(hidden->at);
    mem_free(hidden->of);
}

/* The op of a gene that computes connections, or the last of those that do not. */
static const struct plan_op *op_of(const struct plan *plan, uint32_t gene, bool connections)
{
    const struct plan_op *found = NULL;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        const bool layer = op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE;
        if (op->gene == gene && i > 0 && !op->projection && layer == connections)
            found = op;
    }
    return found;
}

static void add_hidden(struct hidden_layers *hidden, const struct plan *plan, const struct network_layer *layer)
{
    struct hidden one = {.layer = op_of(plan, layer->gene, true)};
    one.values = layer->end != layer->gene ? op_of(plan, layer->end, false) : one.layer;
    if (!one.values) /* a linear element behind the sum is no op */
        one.values = op_of(plan, layer->sum, false);
    hidden->at[hidden->count++] = one;
    hidden->of[one.values - plan->ops] = hidden->count;
}

/* False where memory is exhausted. */
static bool hidden_find(struct hidden_layers *hidden, const struct model *model)
{
    struct diags untold = {0};
    struct graph *graph = graph_build(model->molecule, model->plan->input_width, &untold);
    uint32_t count = 0;
    struct network_layer *layers = graph ? layers_find(graph, &count) : NULL;
    *hidden = (struct hidden_layers){.at = mem_array(count + (size_t)1, sizeof *hidden->at),
                                     .of = mem_array(model->plan->op_count, sizeof *hidden->of),
                                     .output = model->molecule->count - 1};
    const bool well = layers && hidden->at && hidden->of;
    for (uint32_t i = 0; well && i < count; i++)
        if (layers[i].output)
            hidden->output = layers[i].gene;
        else
            add_hidden(hidden, model->plan, &layers[i]);
    mem_free(layers);
    graph_release(graph);
    diags_release(&untold);
    return well;
}

static void add_sums(const struct workspace *workspace, const struct plan_op *op, bool first, struct neuron *neurons)
{
    for (uint32_t r = 0; r < op->width; r++) {
        const float *z = workspace_row(workspace, op->value) + (size_t)r * workspace->stride;
        struct neuron *neuron = &neurons[r];
        if (first)
            neuron->first = (double)z[0];
        for (uint32_t s = 0; s < workspace->count; s++) {
            double off = (double)z[s] - neuron->first;
            neuron->sum += off;
            neuron->squares += off * off;
        }
    }
}

/* After the element has run: `value` and `slope` are [width x stride]; slope NULL: 1 everywhere. */
static void add_outputs(const struct workspace *workspace, const struct plan_op *op, const float *slope, struct neuron *neurons)
{
    const float *value = workspace_row(workspace, op->value);
    bool flat = op->element != NULL && op->element->element->flat;
    for (uint32_t r = 0; r < op->width; r++) {
        for (uint32_t s = 0; s < workspace->count; s++) {
            size_t at = (size_t)r * workspace->stride + s;
            float size = slope == NULL || flat ? 1.0F : fabsf(slope[at]);
            neurons[r].speaks = neurons[r].speaks || value[at] != 0.0F;
            neurons[r].slopes = neurons[r].slopes || size != 0.0F;
            neurons[r].steep = neurons[r].steep || !(size < saturated_slope);
        }
    }
}

/* Runs the op that gives a hidden layer's values; `slope` has room for what its element writes. */
static void run_layer(struct workspace *workspace, const struct plan_op *op, bool first, float *slope, struct neuron *neurons)
{
    struct plan_op sums = *op;
    sums.element = NULL;
    op_codes[op->kind].forward(workspace, &sums);
    add_sums(workspace, op, first, neurons);
    if (op->element == NULL) {
        add_outputs(workspace, op, NULL, neurons);
        return;
    }
    const float *learned = op->learned == PLAN_NONE ? NULL : workspace->params + op->learned;
    element_slope(op->element, learned, workspace_row(workspace, op->value), slope, op->width, workspace->stride,
                  workspace->scratch);
    add_outputs(workspace, op, slope, neurons);
}

/* ---- effective rank ---- */

/* Outputs of one layer: up to RANK_NEURONS neurons, a row of RANK_SAMPLES each. */
static uint32_t rank_neurons(const struct plan_op *op)
{
    return op->width < RANK_NEURONS ? op->width : RANK_NEURONS;
}

static void keep_outputs(const struct workspace *workspace, const struct plan_op *op, uint32_t start, float *kept)
{
    uint32_t rows = rank_neurons(op);
    for (uint32_t k = 0; k < rows; k++) {
        size_t r = (size_t)((uint64_t)k * op->width / rows);
        const float *value = workspace_row(workspace, op->value) + r * workspace->stride;
        for (uint32_t s = 0; s < workspace->count && start + s < RANK_SAMPLES; s++)
            kept[(size_t)k * RANK_SAMPLES + start + s] = value[s];
    }
}

/* tr(C)^2 / tr(C^2) of the rows' covariance; the rows are centred on the way. Behind `samples` they are 0. */
static double effective_rank(float *kept, uint32_t rows, uint32_t samples)
{
    double trace = 0, square = 0;
    for (uint32_t k = 0; k < rows; k++) {
        float *row = kept + (size_t)k * RANK_SAMPLES;
        floats_centre(row, samples);
        double variance = (double)floats_dot(row, row, RANK_SAMPLES);
        trace += variance;
        square += variance * variance;
        for (uint32_t j = 0; j < k; j++) {
            double covariance = (double)floats_dot(row, kept + (size_t)j * RANK_SAMPLES, RANK_SAMPLES);
            square += 2 * covariance * covariance;
        }
    }
    return square > 0 ? trace * trace / square : 0;
}

/* ---- neurons ---- */

/* What a pass over the samples needs. */
struct pass {
    const struct model *model;
    const struct hidden_layers *hidden;
    struct workspace workspace;
    struct neuron *neurons; /* of all hidden layers, one after the other */
    float *slope;           /* what an element writes as slopes */
    float *kept;            /* outputs of all hidden layers, for their rank */
};

/* Runs the present chunk, which begins with sample `start`. */
static void run_chunk(struct pass *pass, uint32_t start)
{
    const struct plan *plan = pass->model->plan;
    for (uint32_t i = 1; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (!pass->hidden->of[i]) {
            op_codes[op->kind].forward(&pass->workspace, op);
            continue;
        }
        const struct hidden *layer = &pass->hidden->at[pass->hidden->of[i] - 1];
        run_layer(&pass->workspace, op, start == 0, pass->slope, pass->neurons + layer->neurons_at);
        keep_outputs(&pass->workspace, op, start, pass->kept + layer->kept_at);
    }
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The median; sorts the values. */
static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Mean and standard deviation of the neurons' means. */
static void judge_extrema(struct layer_signals *layer, struct neuron_signals *neurons)
{
    double mean = 0, squares = 0;
    for (uint32_t r = 0; r < layer->width; r++)
        mean += neurons[r].mean / layer->width;
    for (uint32_t r = 0; r < layer->width; r++)
        squares += (neurons[r].mean - mean) * (neurons[r].mean - mean);
    const double sd = layer->width > 1 ? sqrt(squares / (layer->width - 1)) : 0;
    for (uint32_t r = 0; r < layer->width; r++) {
        const bool high = layer->width > 1 && neurons[r].mean > mean + high_deviations * sd, low = neurons[r].mean < low_mean;
        neurons[r].extremum = high ? 1 : low ? -1 : 0;
        layer->high += high;
        layer->low += low;
    }
}

/* `sorted` has room for the layer's neurons. */
static void judge_outliers(struct layer_signals *layer, struct neuron_signals *neurons, double *sorted)
{
    for (uint32_t r = 0; r < layer->width; r++)
        sorted[r] = neurons[r].mean;
    const double middle = median(sorted, layer->width);
    for (uint32_t r = 0; r < layer->width; r++)
        sorted[r] = fabs(neurons[r].mean - middle);
    const double far = outlier_deviations * median(sorted, layer->width);
    for (uint32_t r = 0; r < layer->width; r++) {
        const double off = neurons[r].mean - middle;
        neurons[r].outlier = off > far ? 1 : off < -far ? -1 : 0;
        layer->above += off > far;
        layer->below += off < -far;
    }
}

static void judge_neurons(struct layer_signals *layer, const struct neuron *known, struct neuron_signals *neurons, uint32_t samples)
{
    for (uint32_t r = 0; r < layer->width; r++) {
        const double off = known[r].sum / samples;
        const double variance = samples > 1 ? (known[r].squares - known[r].sum * off) / (samples - 1) : 0;
        neurons[r].mean = known[r].first + off;
        neurons[r].deviation = sqrt(variance > 0 ? variance : 0);
        neurons[r].dead = !known[r].speaks || !known[r].slopes;
        neurons[r].saturated = !neurons[r].dead && !known[r].steep;
        layer->dead += neurons[r].dead;
        layer->saturated += neurons[r].saturated;
    }
}

/* The neurons of hidden layers, the floats that the widest of their elements writes as slopes for one sample, those that are kept for
   their ranks, and the neurons of the widest. */
struct sizes {
    size_t neurons, slopes, kept, widest;
};

/* Gives each layer its place in what the pass needs. */
static struct sizes sizes_of(const struct hidden_layers *hidden)
{
    struct sizes sizes = {0};
    for (uint32_t i = 0; i < hidden->count; i++) {
        const struct plan_op *op = hidden->at[i].values;
        size_t written = op->element == NULL ? 0 : (1 + (size_t)op->element->learned_count) * op->width;
        hidden->at[i].neurons_at = sizes.neurons;
        hidden->at[i].kept_at = sizes.kept;
        sizes.neurons += op->width;
        sizes.slopes = written > sizes.slopes ? written : sizes.slopes;
        sizes.kept += (size_t)rank_neurons(op) * RANK_SAMPLES;
        sizes.widest = op->width > sizes.widest ? op->width : sizes.widest;
    }
    return sizes;
}

static void judge(struct pass *pass, uint32_t samples, struct network_signals *signals, double *sorted)
{
    for (uint32_t i = 0; i < pass->hidden->count; i++) {
        const struct hidden *hidden = &pass->hidden->at[i];
        const struct plan_op *op = hidden->values;
        struct neuron_signals *neurons = signals->neurons + hidden->neurons_at;
        struct layer_signals *layer = &signals->layers[i];
        *layer = (struct layer_signals){
            .gene = hidden->layer->gene, .width = op->width, .gradient = NAN, .absent = NAN, .neurons = neurons};
        if (samples == 0)
            continue;
        judge_neurons(layer, pass->neurons + hidden->neurons_at, neurons, samples);
        judge_extrema(layer, neurons);
        judge_outliers(layer, neurons, sorted);
        layer->rank =
            effective_rank(pass->kept + hidden->kept_at, rank_neurons(op), samples < RANK_SAMPLES ? samples : RANK_SAMPLES);
    }
}

static bool measure_neurons(const struct model *model, const struct hidden_layers *hidden, const struct samples *samples,
                            const struct sizes *sizes, struct network_signals *signals)
{
    struct pass pass = {.model = model, .hidden = hidden};
    bool ready = workspace_init(&pass.workspace, model->plan, samples->count, false);
    double *sorted = mem_array(sizes->widest + 1, sizeof *sorted);
    pass.neurons = mem_array(sizes->neurons + 1, sizeof *pass.neurons);
    pass.slope = mem_floats(sizes->slopes * pass.workspace.capacity + 1);
    pass.kept = mem_floats(sizes->kept + 1);
    ready = ready && sorted != NULL && pass.neurons != NULL && pass.slope != NULL && pass.kept != NULL;
    if (ready) {
        pass.workspace.params = model->params;
        for (uint32_t start = 0; start < samples->count; start += pass.workspace.capacity) {
            uint32_t left = samples->count - start;
            workspace_load(&pass.workspace, samples->x + (size_t)start * samples->width, NULL,
                           left < pass.workspace.capacity ? left : pass.workspace.capacity);
            run_chunk(&pass, start);
        }
        judge(&pass, samples->count, signals, sorted);
    }
    workspace_release(&pass.workspace);
    mem_free(sorted);
    mem_free(pass.neurons);
    mem_free_floats(pass.slope);
    mem_free_floats(pass.kept);
    return ready;
}

/* ---- gradients ---- */

static void take_gradients(const struct hidden_layers *hidden, const float *gradient, struct network_signals *signals)
{
    for (uint32_t i = 0; i < hidden->count; i++) {
        const struct plan_op *op = hidden->at[i].layer;
        signals->layers[i].gradient =
            op->weight_count > 0 && op->trained && !op->frozen
                ? sqrt(floats_squares(gradient + op->weights, op->weight_count) / (double)op->weight_count)
                : 0;
    }
}

static bool measure_gradients(const struct model *model, const struct hidden_layers *hidden, const struct samples *samples,
                              const struct train_options *options, const float *class_weights, struct network_signals *signals)
{
    const uint32_t count = samples->count < GRADIENT_SAMPLES ? samples->count : GRADIENT_SAMPLES;
    uint32_t rows[GRADIENT_SAMPLES];
    struct gradient_pass pass;
    for (uint32_t i = 0; i < count; i++)
        rows[i] = i;
    const bool ready = gradient_pass_init(&pass, model, samples, options, class_weights, count, false);
    if (ready) {
        gradient_pass_run(&pass, rows, count, NULL, NULL);
        take_gradients(hidden, pass.workspace.gradient, signals);
    }
    gradient_pass_release(&pass);
    return ready;
}

/* The root mean square of what stands in `full` [width x depth] where the layer has no connection; those places that have one are zeroed. */
static double absent_gradient(const struct plan_op *op, float *full)
{
    const size_t all = (size_t)op->width * op->depth;
    for (uint32_t o = 0; o < op->width; o++)
        for (uint32_t k = op->sparse->start[o]; k < op->sparse->start[o + 1]; k++)
            full[(size_t)o * op->depth + op->sparse->input[k]] = 0;
    return sqrt(floats_squares(full, all) / (double)(all - op->weight_count));
}

bool signals_absent(const struct model *model, const struct samples *samples, const struct train_options *options,
                    const float *class_weights, struct network_signals *signals)
{
    const double bytes = dense_gradients_bytes(model, 0);
    if (samples->count == 0 || bytes == 0 || bytes > (double)LIMIT_ARENA_BYTES)
        return true;
    struct diags untold = {0};
    struct dense_gradients gradients;
    const bool measured = dense_gradients_measure(&gradients, model, 0, samples, options, class_weights, NULL, &untold);
    for (size_t i = 0; measured && i < signals->count; i++) {
        const uint32_t gene = signals->layers[i].gene;
        if (gradients.at[gene])
            signals->layers[i].absent = absent_gradient(op_of(model->plan, gene, true), gradients.at[gene]);
    }
    if (measured)
        dense_gradients_release(&gradients);
    diags_release(&untold);
    return measured;
}

/* ---- the door ---- */

bool signals_measure(const struct model *model, const struct samples *samples, const struct train_options *options,
                     const float *class_weights, struct network_signals *signals)
{
    struct hidden_layers hidden;
    *signals = (struct network_signals){0};
    bool ready = hidden_find(&hidden, model);
    const struct sizes sizes = ready ? sizes_of(&hidden) : (struct sizes){0};
    *signals = (struct network_signals){.layers = mem_array(hidden.count + (size_t)1, sizeof *signals->layers),
                                        .count = hidden.count,
                                        .output = hidden.output,
                                        .neurons = mem_array(sizes.neurons + 1, sizeof *signals->neurons)};
    const unsigned denormals = denormals_flush();
    ready = ready && signals->layers != NULL && signals->neurons != NULL &&
            measure_neurons(model, &hidden, samples, &sizes, signals) &&
            (!options || samples->count == 0 || measure_gradients(model, &hidden, samples, options, class_weights, signals));
    denormals_restore(denormals);
    hidden_release(&hidden);
    if (!ready)
        signals_release(signals);
    return ready;
}

void signals_release(struct network_signals *signals)
{
    mem_free(signals->layers);
    mem_free(signals->neurons);
    *signals = (struct network_signals){0};
}
