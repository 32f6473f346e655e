/* See candidate.h. */
#include "engine/candidate.h"

#include <string.h>

#include "engine/denormals.h"
#include "engine/loops.h"
#include "engine/loss_kernel.h"
#include "engine/objective.h"
#include "engine/optimizer.h"
#include "support/memory.h"
#include "support/vec.h"

/* Inputs and errors are kept for the whole pool; of more samples than fit here those at even distances are taken. */
#define MOST_FLOATS ((size_t)1 << 26)

struct candidate_pool {
    const struct candidate_options *options;
    struct model *model; /* one layer, its head linear */
    struct workspace workspace;
    struct samples inputs; /* not its own labels or values: there are none */
    float *errors;         /* [outputs x count], centred */
    uint32_t outputs;
    double *covariance; /* [pool x outputs] */
    double *scores;     /* [pool] */
};

/* ---- the pool ---- */

static struct model *pool_model(const struct candidate_options *options, uint32_t width, struct diags *diags)
{
    struct molecule_builder builder = {0};
    struct gene head = gene_of(GENE_HEAD, SPAN_NONE);
    head.head = HEAD_LINEAR;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, gene_layer(options->element, options->pool, SPAN_NONE), NULL);
    builder_atom(&builder, head, NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, diags);
    struct model *model = molecule ? model_create(molecule, width, NULL, options->seed, diags) : NULL;
    molecule_release(molecule);
    return model;
}

struct candidate_pool *candidate_pool_new(const struct candidate_options *options, struct samples inputs, float *errors,
                                          uint32_t outputs, struct diags *diags)
{
    struct candidate_pool *pool = mem_alloc(sizeof *pool);
    struct model *model = pool ? pool_model(options, inputs.width, diags) : NULL;
    if (!model) {
        if (!pool)
            diag_out_of_memory(diags, SPAN_NONE);
        mem_free(pool);
        return NULL;
    }
    *pool = (struct candidate_pool){.options = options, .model = model, .inputs = inputs, .errors = errors, .outputs = outputs};
    pool->covariance = mem_array((size_t)options->pool * outputs, sizeof *pool->covariance);
    pool->scores = mem_array(options->pool, sizeof *pool->scores);
    if (!workspace_init(&pool->workspace, model->plan, inputs.count, true) || !pool->covariance || !pool->scores) {
        diag_out_of_memory(diags, SPAN_NONE);
        candidate_pool_release(pool);
        return NULL;
    }
    pool->workspace.params = pool->workspace.running = model->params;
    for (uint32_t o = 0; o < outputs; o++)
        floats_centre(errors + (size_t)o * inputs.count, inputs.count);
    return pool;
}

void candidate_pool_release(struct candidate_pool *pool)
{
    if (!pool)
        return;
    workspace_release(&pool->workspace);
    model_release(pool->model);
    mem_free(pool->covariance);
    mem_free(pool->scores);
    mem_free(pool);
}

/* Runs the chunk that begins with sample `start`; returns how many samples it has. */
static uint32_t run_chunk(struct candidate_pool *pool, uint32_t start)
{
    struct workspace *workspace = &pool->workspace;
    const uint32_t left = pool->inputs.count - start, count = left < workspace->capacity ? left : workspace->capacity;
    workspace_load(workspace, pool->inputs.x + (size_t)start * pool->inputs.width, NULL, count);
    workspace_forward(workspace);
    return count;
}

static void add_covariance(struct candidate_pool *pool, uint32_t start, uint32_t count)
{
    const struct workspace *workspace = &pool->workspace;
    const float *values = workspace_row(workspace, plan_output(workspace->plan)->value);
    for (uint32_t c = 0; c < pool->options->pool; c++)
        for (uint32_t o = 0; o < pool->outputs; o++) {
            const float *value = values + (size_t)c * workspace->stride;
            const float *error = pool->errors + (size_t)o * pool->inputs.count + start;
            double sum = 0;
            for (uint32_t p = 0; p < count; p++)
                sum += (double)value[p] * (double)error[p];
            pool->covariance[(size_t)c * pool->outputs + o] += sum;
        }
}

/* The derivative of minus S by the values of the chunk. */
static void put_gradient(struct candidate_pool *pool, uint32_t start, uint32_t count)
{
    const struct workspace *workspace = &pool->workspace;
    float *gradients = workspace_row(workspace, plan_output(workspace->plan)->grad);
    memset(gradients, 0, (size_t)pool->options->pool * workspace->stride * sizeof *gradients);
    for (uint32_t c = 0; c < pool->options->pool; c++)
        for (uint32_t o = 0; o < pool->outputs; o++) {
            const double covariance = pool->covariance[(size_t)c * pool->outputs + o];
            const float sign = covariance > 0 ? 1.0F : covariance < 0 ? -1.0F : 0.0F;
            const float *error = pool->errors + (size_t)o * pool->inputs.count + start;
            float *gradient = gradients + (size_t)c * workspace->stride;
            for (uint32_t p = 0; p < count; p++)
                gradient[p] -= sign * error[p];
        }
}

/* The signs of the covariances are those of all samples, so that they come first; one chunk is run once. */
void candidate_pool_climb(struct candidate_pool *pool)
{
    const uint32_t count = pool->inputs.count, capacity = pool->workspace.capacity;
    memset(pool->covariance, 0, (size_t)pool->options->pool * pool->outputs * sizeof *pool->covariance);
    for (uint32_t start = 0; start < count; start += capacity)
        add_covariance(pool, start, run_chunk(pool, start));
    for (uint32_t c = 0; c < pool->options->pool; c++) {
        pool->scores[c] = 0;
        for (uint32_t o = 0; o < pool->outputs; o++)
            pool->scores[c] += fabs(pool->covariance[(size_t)c * pool->outputs + o]);
    }
    for (uint32_t start = 0; start < count; start += capacity) {
        put_gradient(pool, start, count <= capacity ? count : run_chunk(pool, start));
        workspace_backward(&pool->workspace, start > 0);
    }
}

double candidate_pool_score(const struct candidate_pool *pool, uint32_t candidate)
{
    return pool->scores[candidate];
}

float *candidate_pool_params(struct candidate_pool *pool, size_t *count)
{
    *count = pool->model->plan->trained_count;
    return pool->model->params;
}

const float *candidate_pool_gradient(const struct candidate_pool *pool)
{
    return pool->workspace.gradient;
}

/* ---- its training ---- */

/* The parameters of one candidate, as those of a layer of one neuron. */
static void copy_candidate(const struct candidate_pool *pool, uint32_t c, struct weights *weights)
{
    const struct plan_op *op = plan_output(pool->model->plan);
    const float *params = pool->model->params;
    memcpy(weights->factors, params + op->weights + (size_t)c * op->depth, op->depth * sizeof *params);
    weights->shifts[0] = params[op->bias + c];
    for (size_t k = 0; k < weights->shape.learned; k++)
        weights->learned[k] = params[op->learned + k * op->width + c];
}

/* Keeps the best candidate where it is better than any before. */
static void keep_best(const struct candidate_pool *pool, struct weights *weights, double *score)
{
    uint32_t best = 0;
    for (uint32_t c = 1; c < pool->options->pool; c++)
        if (pool->scores[c] > pool->scores[best])
            best = c;
    if (!(pool->scores[best] > *score))
        return;
    *score = pool->scores[best];
    copy_candidate(pool, best, weights);
}

/* Until nobody gains much any more; the best there ever was is kept. */
static uint32_t train_pool(struct candidate_pool *pool, struct optimizer *optimizer, const struct progress *progress,
                           struct weights *weights, double *score)
{
    const struct candidate_options *options = pool->options;
    double last = 0;
    uint32_t quiet = 0, epoch = 0;
    *score = -1;
    while (epoch < options->epochs && quiet < options->patience && !progress_cancelled(progress)) {
        candidate_pool_climb(pool);
        epoch++;
        keep_best(pool, weights, score);
        quiet = *score > last * (1 + CANDIDATE_GAIN) ? 0 : quiet + 1;
        last = quiet == 0 ? *score : last;
        optimizer_step(optimizer, pool->model->params, pool->workspace.gradient, 1);
    }
    return epoch;
}

static bool pool_winner(struct candidate_pool *pool, const struct progress *progress, struct candidate *best, struct diags *diags)
{
    const struct plan *plan = pool->model->plan;
    const struct plan_op *op = plan_output(plan);
    struct train_options options = train_options_default();
    struct optimizer optimizer;
    const size_t learned = op->element && op->learned != PLAN_NONE ? op->element->learned_count : 0;
    struct weights *weights = weights_new(
        (struct weights_shape){.width = 1, .depth = op->depth, .factors = op->depth, .shifts = 1, .learned = learned}, NULL);
    options.optimizer = OPTIMIZER_RPROP;
    options.lr = 0.1; /* the first step of each weight, as in the paper of RPROP */
    const bool ready = optimizer_init(&optimizer, plan, &options) && weights;
    if (ready) {
        best->epochs = train_pool(pool, &optimizer, progress, weights, &best->score);
        weights_seal(weights);
        best->weights = weights;
    } else {
        weights_release(weights);
        diag_out_of_memory(diags, SPAN_NONE);
    }
    optimizer_release(&optimizer);
    return ready;
}

/* ---- what is left of the errors ---- */

/* What the output layer reads, and its errors, of every `step`-th sample. */
struct residuals {
    struct samples inputs;
    float *errors; /* [outputs x count] */
    uint32_t *rows;
};

static void residuals_release(struct residuals *residuals)
{
    mem_free_floats(residuals->inputs.x);
    mem_free_floats(residuals->errors);
    mem_free(residuals->rows);
}

static bool residuals_init(struct residuals *residuals, const struct plan *plan, uint32_t count)
{
    const struct plan_op *output = plan_output(plan);
    const size_t each = (size_t)output->depth + output->width, most = MOST_FLOATS / each + 1;
    const uint32_t kept = count < most ? count : (uint32_t)most;
    *residuals = (struct residuals){.inputs = {.count = kept, .width = output->depth}};
    residuals->inputs.x = mem_floats((size_t)kept * output->depth + 1);
    residuals->errors = mem_floats((size_t)kept * output->width + 1);
    residuals->rows = mem_array(kept + (size_t)1, sizeof *residuals->rows);
    for (uint32_t i = 0; residuals->rows && i < kept; i++)
        residuals->rows[i] = (uint32_t)((uint64_t)i * count / kept);
    return residuals->inputs.x && residuals->errors && residuals->rows;
}

static void copy_chunk(const struct workspace *workspace, struct residuals *residuals, uint32_t start)
{
    const struct plan *plan = workspace->plan;
    const struct plan_op *output = plan_output(plan);
    const float *read = workspace_row(workspace, plan->ops[plan->edges[output->edge_at].op].value);
    const float *error = workspace_row(workspace, output->grad);
    for (uint32_t s = 0; s < workspace->count; s++) {
        for (uint32_t i = 0; i < output->depth; i++)
            residuals->inputs.x[(size_t)(start + s) * output->depth + i] = read[(size_t)i * workspace->stride + s];
        for (uint32_t o = 0; o < output->width; o++)
            residuals->errors[(size_t)o * residuals->inputs.count + start + s] = error[(size_t)o * workspace->stride + s];
    }
}

/* The network as it predicts, on all that is kept. */
static bool residuals_take(struct residuals *residuals, const struct model *model, const struct samples *samples,
                           const struct objective *objective)
{
    struct workspace workspace = {0};
    struct targets targets = {0};
    struct tally tally = {0};
    const uint32_t count = residuals->inputs.count;
    const bool ready = workspace_init(&workspace, model->plan, count, true) &&
                       targets_init(&targets, &workspace, objective, samples->labels != NULL);
    workspace.params = model->params;
    for (uint32_t start = 0; ready && start < count; start += workspace.capacity) {
        const uint32_t left = count - start, n = left < workspace.capacity ? left : workspace.capacity;
        workspace_load(&workspace, samples->x, residuals->rows + start, n);
        targets_load(&targets, &workspace, objective, samples, residuals->rows + start);
        workspace_forward(&workspace);
        objective_run(objective, &workspace, &targets, 1, &tally);
        copy_chunk(&workspace, residuals, start);
    }
    targets_release(&targets);
    workspace_release(&workspace);
    return ready;
}

/* ---- the door ---- */

bool candidate_train(const struct model *model, const struct samples *samples, const struct train_options *options,
                     const float *class_weights, const struct candidate_options *candidates, const struct progress *progress,
                     struct candidate *best, struct diags *diags)
{
    struct loss_kernel formula;
    struct residuals residuals = {0};
    const unsigned denormals = denormals_flush();
    bool ready = loss_kernel_init(&formula, options);
    const struct objective objective = objective_of(model->plan->head, options, class_weights, &formula);
    ready =
        ready && residuals_init(&residuals, model->plan, samples->count) && residuals_take(&residuals, model, samples, &objective);
    if (!ready)
        diag_out_of_memory(diags, SPAN_NONE);
    struct candidate_pool *pool =
        ready ? candidate_pool_new(candidates, residuals.inputs, residuals.errors, model->plan->output_width, diags) : NULL;
    const bool done = pool && pool_winner(pool, progress, best, diags);
    candidate_pool_release(pool);
    residuals_release(&residuals);
    loss_kernel_release(&formula);
    denormals_restore(denormals);
    return done;
}
