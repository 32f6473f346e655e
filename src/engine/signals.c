/* Runs the plan for inference op by op; at a hidden layer it stops between the layer's sums and its element. */
#include "engine/signals.h"

#include "engine/ops.h"
#include "support/memory.h"

static const double low_mean = 0.1;
static const double high_deviations = 2;
static const float saturated_slope = 1e-3F;

/* What is known of one hidden neuron so far. */
struct neuron {
    double sum;  /* of its arguments */
    bool speaks; /* its output was not 0 once */
    bool slopes; /* the element's slope was not 0 once … */
    bool steep;  /* … and not below `saturated_slope` */
};

static bool op_is_hidden(const struct model *model, const struct plan_op *op)
{
    bool layer = op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE;
    return layer && !op->projection && model->molecule->genes[op->gene].kind == GENE_LAYER;
}

static void add_sums(const struct workspace *workspace, const struct plan_op *op, struct neuron *neurons)
{
    const float *z = workspace_row(workspace, op->value);
    for (uint32_t r = 0; r < op->width; r++)
        for (uint32_t s = 0; s < workspace->count; s++)
            neurons[r].sum += (double)z[(size_t)r * workspace->stride + s];
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

/* Runs one hidden layer; `slope` has room for what its element writes. */
static void run_layer(struct workspace *workspace, const struct plan_op *op, float *slope, struct neuron *neurons)
{
    struct plan_op sums = *op;
    sums.element = NULL;
    op_codes[op->kind].forward(workspace, &sums);
    add_sums(workspace, op, neurons);
    if (op->element == NULL) {
        add_outputs(workspace, op, NULL, neurons);
        return;
    }
    const float *learned = op->learned == PLAN_NONE ? NULL : workspace->params + op->learned;
    element_slope(op->element, learned, workspace_row(workspace, op->value), slope, op->width, workspace->stride,
                  workspace->scratch);
    add_outputs(workspace, op, slope, neurons);
}

/* Runs the present chunk; the neurons of all hidden layers stand one layer after the other. */
static void run_chunk(const struct model *model, struct workspace *workspace, float *slope, struct neuron *neurons)
{
    const struct plan *plan = model->plan;
    for (uint32_t i = 1; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op_is_hidden(model, op)) {
            run_layer(workspace, op, slope, neurons);
            neurons += op->width;
        } else {
            op_codes[op->kind].forward(workspace, op);
        }
    }
}

static struct layer_signals judge_layer(const struct plan_op *op, const struct neuron *neurons, uint32_t samples)
{
    struct layer_signals signals = {.gene = op->gene, .width = op->width};
    double mean = 0;
    for (uint32_t r = 0; r < op->width; r++)
        mean += neurons[r].sum / samples / op->width;
    double squares = 0;
    for (uint32_t r = 0; r < op->width; r++) {
        double off = neurons[r].sum / samples - mean;
        squares += off * off;
    }
    double sd = op->width > 1 ? sqrt(squares / (op->width - 1)) : 0;
    for (uint32_t r = 0; r < op->width; r++) {
        double own = neurons[r].sum / samples;
        bool dead = !neurons[r].speaks || !neurons[r].slopes;
        signals.high += op->width > 1 && own > mean + high_deviations * sd;
        signals.low += own < low_mean;
        signals.dead += dead;
        signals.saturated += !dead && !neurons[r].steep;
    }
    return signals;
}

/* Hidden layers, their neurons, and the floats that the widest of their elements writes as slopes for one sample. */
static void count_hidden(const struct model *model, size_t *layers, size_t *neurons, size_t *slopes)
{
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        if (op_is_hidden(model, op)) {
            size_t written = op->element == NULL ? 0 : (1 + (size_t)op->element->learned_count) * op->width;
            *layers += 1;
            *neurons += op->width;
            *slopes = written > *slopes ? written : *slopes;
        }
    }
}

static void measure(const struct model *model, const struct samples *samples, struct workspace *workspace, float *slope,
                    struct neuron *neurons, struct layer_signals *layers)
{
    workspace->params = model->params;
    for (uint32_t start = 0; start < samples->count; start += workspace->capacity) {
        uint32_t left = samples->count - start;
        workspace_load(workspace, samples->x + (size_t)start * samples->width, NULL,
                       left < workspace->capacity ? left : workspace->capacity);
        run_chunk(model, workspace, slope, neurons);
    }
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        if (op_is_hidden(model, op)) {
            *layers = samples->count > 0 ? judge_layer(op, neurons, samples->count)
                                         : (struct layer_signals){.gene = op->gene, .width = op->width};
            layers++;
            neurons += op->width;
        }
    }
}

struct layer_signals *signals_measure(const struct model *model, const struct samples *samples, size_t *count)
{
    size_t neuron_count = 0;
    size_t slope_count = 0;
    *count = 0;
    count_hidden(model, count, &neuron_count, &slope_count);
    struct workspace workspace;
    bool ready = workspace_init(&workspace, model->plan, samples->count, false);
    struct layer_signals *layers = mem_array(*count + 1, sizeof *layers);
    struct neuron *neurons = mem_array(neuron_count + 1, sizeof *neurons);
    float *slope = mem_floats(slope_count * workspace.capacity + 1);
    if (ready && layers != NULL && neurons != NULL && slope != NULL) {
        measure(model, samples, &workspace, slope, neurons, layers);
    } else {
        mem_free(layers);
        layers = NULL;
    }
    workspace_release(&workspace);
    mem_free(neurons);
    mem_free_floats(slope);
    return layers;
}
