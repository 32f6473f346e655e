#include "engine/metrics.h"

#include <math.h>

#include "engine/denormals.h"
#include "engine/loss_kernel.h"
#include "support/memory.h"

/* Sums over samples of one output. Squares are of the distance from the set's first target, so that a large mean does not swallow
   a small variance. */
struct output_sums {
    double first, sum, squares; /* of targets */
    double squared_error, absolute_error;
};

struct scores scores_none(void)
{
    return (struct scores){.loss = NAN, .accuracy = NAN, .r2 = NAN, .mse = NAN, .mae = NAN, .rmse = NAN};
}

bool evaluator_init(struct evaluator *evaluator, const struct plan *plan, const struct objective *objective, bool classes,
                    uint32_t most)
{
    *evaluator = (struct evaluator){.objective = *objective};
    if (!workspace_init(&evaluator->workspace, plan, most, false) ||
        !targets_init(&evaluator->targets, &evaluator->workspace, objective, classes))
        return false;
    evaluator->sums = classes ? NULL : mem_array(plan->output_width, sizeof *evaluator->sums);
    return classes || evaluator->sums;
}

void evaluator_release(struct evaluator *evaluator)
{
    targets_release(&evaluator->targets);
    workspace_release(&evaluator->workspace);
    mem_free(evaluator->sums);
    evaluator->sums = NULL;
}

static void add_error(struct output_sums *sums, double target, double value)
{
    const double error = value - target, from_first = target - sums->first;
    sums->sum += from_first;
    sums->squares += from_first * from_first;
    sums->squared_error += error * error;
    sums->absolute_error += fabs(error);
}

static void add_errors(struct evaluator *evaluator)
{
    const struct workspace *workspace = &evaluator->workspace;
    const uint32_t stride = workspace->stride;
    const float *value = workspace_row(workspace, plan_output(workspace->plan)->value);
    for (uint32_t r = 0; r < workspace->plan->output_width; r++)
        for (uint32_t s = 0; s < workspace->count; s++)
            add_error(&evaluator->sums[r], (double)evaluator->targets.value[(size_t)r * stride + s],
                      (double)value[(size_t)r * stride + s]);
}

/* Samples whose greatest output is where the one-hot target has its 1. */
static uint32_t one_hot_hits(const struct evaluator *evaluator, const struct recipe *recipe)
{
    const struct workspace *workspace = &evaluator->workspace;
    const float *value = workspace_row(workspace, plan_output(workspace->plan)->value);
    uint32_t hits = 0;
    for (uint32_t s = 0; s < workspace->count; s++)
        hits += recipe_class_of(recipe, value + s, workspace->stride) ==
                recipe_class_of(recipe, evaluator->targets.value + s, workspace->stride);
    return hits;
}

/* Means over outputs; R^2 = 1 - squared error / variance, where there is any variance. `recipe` (may be NULL): the scale that targets
   and values were added up in. */
static void value_scores(const struct output_sums *of_outputs, uint32_t width, const struct recipe *recipe, struct scores *scores)
{
    const double n = scores->count;
    double r2 = 0, mse = 0, mae = 0, rmse = 0;
    for (uint32_t r = 0; r < width; r++) {
        const struct output_sums *sums = &of_outputs[r];
        const double scale = recipe && recipe->target_scale ? (double)recipe->target_scale[r] : 1;
        const double spread = sums->squares - sums->sum * sums->sum / n;
        r2 += spread > 0 ? 1 - sums->squared_error / spread : NAN;
        mse += sums->squared_error / (n * scale * scale);
        rmse += sqrt(sums->squared_error / n) / fabs(scale);
        mae += sums->absolute_error / (n * fabs(scale));
    }
    scores->r2 = r2 / width;
    scores->mse = mse / width;
    scores->mae = mae / width;
    scores->rmse = rmse / width;
}

struct scores evaluator_run(struct evaluator *evaluator, const float *params, const struct samples *samples,
                            const struct recipe *recipe, bool brief)
{
    struct scores scores = scores_none();
    struct workspace *workspace = &evaluator->workspace;
    struct tally tally = {0};
    const bool one_hot = evaluator->sums && recipe && recipe->one_hot;
    uint64_t hits = 0; /* of one-hot targets */
    scores.count = samples->count;
    if (samples->count == 0)
        return scores;
    workspace->params = params;
    for (uint32_t r = 0; evaluator->sums && r < workspace->plan->output_width; r++)
        evaluator->sums[r] = (struct output_sums){.first = (double)samples->y[r]};
    struct samples rest = *samples;
    for (uint32_t start = 0; start < samples->count; start += workspace->capacity) {
        const uint32_t left = samples->count - start, n = left < workspace->capacity ? left : workspace->capacity;
        rest.x = samples->x + (size_t)start * samples->width;
        rest.labels = samples->labels ? samples->labels + start : NULL;
        rest.y = samples->y ? samples->y + (size_t)start * samples->outputs : NULL;
        workspace_load(workspace, rest.x, NULL, n);
        workspace_forward(workspace);
        targets_load(&evaluator->targets, workspace, &evaluator->objective, &rest, NULL);
        objective_run(&evaluator->objective, workspace, &evaluator->targets, 0, &tally);
        if (evaluator->sums && !brief)
            add_errors(evaluator);
        if (one_hot)
            hits += one_hot_hits(evaluator, recipe);
    }
    scores.loss = tally.loss / samples->count;
    if (samples->labels)
        scores.accuracy = (double)tally.hits / samples->count;
    else if (evaluator->sums && !brief)
        value_scores(evaluator->sums, workspace->plan->output_width, recipe, &scores);
    if (one_hot)
        scores.accuracy = (double)hits / samples->count;
    return scores;
}

bool model_score(const struct model *model, const struct samples *samples, const struct train_options *options,
                 const float *class_weights, struct scores *scores)
{
    struct loss_kernel formula;
    const bool compiled = loss_kernel_init(&formula, options);
    const struct objective objective = objective_of(model->plan->head, options, class_weights, &formula);
    struct evaluator evaluator = {0};
    const bool ready = compiled && evaluator_init(&evaluator, model->plan, &objective, samples->labels != NULL, samples->count);
    const unsigned denormals = denormals_flush();
    *scores = scores_none();
    if (ready)
        *scores = evaluator_run(&evaluator, model->params, samples, model->recipe, false);
    denormals_restore(denormals);
    evaluator_release(&evaluator);
    loss_kernel_release(&formula);
    return ready;
}

bool scores_of_values(const float *values, const struct samples *samples, const struct recipe *recipe, struct scores *scores)
{
    const uint32_t width = samples->outputs;
    struct output_sums *sums = mem_array(width + (size_t)1, sizeof *sums);
    *scores = scores_none();
    scores->count = samples->count;
    for (uint32_t r = 0; sums && r < width; r++) {
        const double mean = recipe->target_scale ? (double)recipe->target_mean[r] : 0;
        const double scale = recipe->target_scale ? (double)recipe->target_scale[r] : 1;
        for (uint32_t s = 0; s < samples->count; s++) {
            const double target = (double)samples->y[(size_t)s * width + r] / scale + mean;
            if (s == 0)
                sums[r].first = target;
            add_error(&sums[r], target, (double)values[(size_t)s * width + r]);
        }
    }
    if (sums && samples->count > 0)
        value_scores(sums, width, NULL, scores);
    mem_free(sums);
    return sums;
}
