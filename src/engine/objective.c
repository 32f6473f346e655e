#include "engine/objective.h"

#include <string.h>

#include "engine/gather.h"
#include "engine/loss_kernel.h"
#include "engine/losses.h"
#include "engine/simd.h"
#include "support/memory.h"

/* What each loss means with each head, AUTO: nothing. */
static const enum loss_kind loss_table[HEAD_STEP + 1][LOSS_KINDS] = {
    [HEAD_LINEAR] = {[LOSS_AUTO] = LOSS_MSE,
                     [LOSS_MSE] = LOSS_MSE,
                     [LOSS_MAE] = LOSS_MAE,
                     [LOSS_HUBER] = LOSS_HUBER,
                     [LOSS_HINGE] = LOSS_HINGE,
                     [LOSS_FORMULA] = LOSS_FORMULA},
    [HEAD_SIGMOID] = {[LOSS_AUTO] = LOSS_BINARY_CROSS_ENTROPY,
                      [LOSS_CROSS_ENTROPY] = LOSS_BINARY_CROSS_ENTROPY,
                      [LOSS_BINARY_CROSS_ENTROPY] = LOSS_BINARY_CROSS_ENTROPY,
                      [LOSS_MSE] = LOSS_MSE,
                      [LOSS_MAE] = LOSS_MAE,
                      [LOSS_HUBER] = LOSS_HUBER,
                      [LOSS_FORMULA] = LOSS_FORMULA},
    [HEAD_SOFTMAX] = {[LOSS_AUTO] = LOSS_CROSS_ENTROPY,
                      [LOSS_CROSS_ENTROPY] = LOSS_CROSS_ENTROPY,
                      [LOSS_MSE] = LOSS_MSE,
                      [LOSS_MAE] = LOSS_MAE,
                      [LOSS_HUBER] = LOSS_HUBER,
                      [LOSS_FORMULA] = LOSS_FORMULA},
    [HEAD_STEP] = {[LOSS_AUTO] = LOSS_PERCEPTRON, [LOSS_PERCEPTRON] = LOSS_PERCEPTRON},
};

enum loss_kind loss_for_head(enum head head, enum loss_kind loss)
{
    return loss_table[head][loss];
}

struct objective objective_of(enum head head, const struct train_options *options, const float *class_weights,
                              const struct loss_kernel *formula)
{
    return (struct objective){.head = head,
                              .loss = loss_for_head(head, options->loss),
                              .huber_delta = (float)options->huber_delta,
                              .smoothing = (float)options->smoothing,
                              .class_weights = class_weights,
                              .formula = formula};
}

bool targets_init(struct targets *targets, const struct workspace *workspace, const struct objective *objective, bool classes)
{
    const bool weighted = objective->class_weights;
    const uint32_t width = workspace->plan->output_width;
    const float off = objective->smoothing / (float)(width == 1 ? 2 : width);
    *targets = (struct targets){.classes = classes,
                                .on = 1.0F - objective->smoothing + off,
                                .off = off,
                                .weight = weighted ? mem_floats(workspace->capacity) : NULL};
    targets->value = mem_floats((size_t)width * workspace->capacity);
    targets->labels = (int32_t *)(void *)mem_floats(workspace->capacity); /* aligned: they are read a register at a time */
    const size_t scratch = objective->formula ? loss_kernel_scratch(objective->formula, workspace->capacity) : 0;
    if (scratch)
        targets->scratch = mem_floats(scratch);
    return targets->value && targets->labels && (targets->weight || !weighted) && (targets->scratch || !scratch);
}

void targets_release(struct targets *targets)
{
    mem_free_floats(targets->value);
    mem_free_floats(targets->weight);
    mem_free_floats((float *)(void *)targets->labels);
    mem_free_floats(targets->scratch);
    *targets = (struct targets){0};
}

/* Of the lanes behind the last sample: nobody's answer. */
enum { NO_LABEL = -1 };

/* One-hot rows; a single output stands for the second class. */
KERNEL static void one_hot(const int32_t *labels, float *to, uint32_t width, uint32_t stride, float on, float off)
{
    const int32_t first = width == 1 ? 1 : 0;
    for (uint32_t s = 0; s < stride; s += LANES) {
        const lane_counts label = *(const lane_counts *)(labels + s);
        float *row = to + s;
        for (int32_t class = first; class < first + (int32_t)width; class ++, row += stride) {
            lanes target;
            EACH_LANE target[i] = label[i] == class ? on : off;
            *(lanes *)row = target;
        }
    }
}

/* Values of them, smoothed, those of the first one behind them. */
static void load_values(const float *from, const uint32_t *rows, float *to, uint32_t count, uint32_t stride, uint32_t width,
                        float smoothing)
{
    const float all = smoothing / (float)width;
    for (uint32_t s = 0; s < stride; s++) {
        const uint32_t sample = s < count ? s : 0, row = rows ? rows[sample] : sample;
        for (uint32_t r = 0; r < width; r++)
            to[(size_t)r * stride + s] = (1.0F - smoothing) * from[(size_t)row * width + r] + all;
    }
}

void targets_load(struct targets *targets, const struct workspace *workspace, const struct objective *objective,
                  const struct samples *samples, const uint32_t *rows)
{
    const uint32_t stride = workspace->stride, count = workspace->count, width = workspace->plan->output_width;
    if (targets->classes) {
        gather_counts(samples->labels, rows, count, targets->labels, stride, NO_LABEL);
        one_hot(targets->labels, targets->value, width, stride, targets->on, targets->off);
    } else {
        load_values(samples->y, rows, targets->value, count, stride, width, objective->smoothing);
    }
    for (uint32_t s = 0; targets->weight && s < stride; s++)
        targets->weight[s] = s < count ? objective->class_weights[samples_class(samples, rows ? rows[s] : s)] : 0.0F;
}

struct loss_chunk objective_chunk(const struct workspace *workspace, const struct targets *targets, float scale)
{
    const struct plan_op *output = plan_output(workspace->plan);
    return (struct loss_chunk){.value = workspace_row(workspace, output->value),
                               .grad = scale != 0 ? workspace_row(workspace, output->grad) : NULL,
                               .target = targets->value,
                               .label = targets->classes ? targets->labels : NULL,
                               .weight = targets->weight,
                               .scratch = targets->scratch,
                               .width = output->width,
                               .stride = workspace->stride,
                               .count = workspace->count,
                               .scale = scale};
}

void objective_run(const struct objective *objective, struct workspace *workspace, const struct targets *targets, float scale,
                   struct tally *tally)
{
    const struct loss_chunk chunk = objective_chunk(workspace, targets, scale);
    losses_run(objective, &chunk, tally);
}
