#include "engine/gradients.h"

#include "engine/blas.h"
#include "engine/denormals.h"
#include "engine/dense.h"
#include "engine/ops.h"
#include "support/limits.h"
#include "support/memory.h"

bool gradient_pass_init(struct gradient_pass *pass, const struct model *model, const struct samples *samples,
                        const struct train_options *options, const float *class_weights, uint32_t count, bool looks)
{
    *pass = (struct gradient_pass){.plan = *model->plan, .samples = samples};
    pass->plan.small = model->plan->small && !looks; /* what runs in small.h leaves no rows */
    const bool known = loss_kernel_init(&pass->formula, options);
    pass->objective = objective_of(pass->plan.head, options, class_weights, &pass->formula);
    pass->params = mem_floats(pass->plan.param_count + 1);
    if (!known || !pass->params || !workspace_init(&pass->workspace, &pass->plan, count, true) ||
        !targets_init(&pass->targets, &pass->workspace, &pass->objective, samples->labels))
        return false;
    for (size_t i = 0; i < pass->plan.param_count; i++)
        pass->params[i] = model->params[i];
    pass->workspace.params = pass->workspace.running = pass->params;
    return true;
}

void gradient_pass_release(struct gradient_pass *pass)
{
    targets_release(&pass->targets);
    workspace_release(&pass->workspace);
    loss_kernel_release(&pass->formula);
    mem_free_floats(pass->params);
}

void gradient_pass_run(struct gradient_pass *pass, const uint32_t *rows, uint32_t count,
                       void (*look)(void *context, const struct workspace *workspace, bool add), void *context)
{
    struct workspace *workspace = &pass->workspace;
    struct tally tally = {0};
    for (uint32_t start = 0; start < count; start += workspace->capacity) {
        const uint32_t left = count - start, n = left < workspace->capacity ? left : workspace->capacity;
        workspace_load(workspace, pass->samples->x, rows + start, n);
        targets_load(&pass->targets, workspace, &pass->objective, pass->samples, rows + start);
        workspace_forward(workspace);
        objective_run(&pass->objective, workspace, &pass->targets, 1.0F / (float)count, &tally);
        workspace_backward(workspace, start > 0);
        if (look)
            look(context, workspace, start > 0);
        workspace->step++;
    }
}

/* ---- by every connection ---- */

static bool is_wanted(const struct plan_op *op, const struct molecule *molecule, uint32_t gene)
{
    return op->kind == PLAN_SPARSE && !op->projection && !op->frozen && op->gene >= gene &&
           op->gene < gene + molecule->genes[gene].size;
}

/* After the backward pass an op's gradient rows hold the derivatives by its sums, and its inputs' values are still there. */
static void add_dense(void *context, const struct workspace *workspace, bool add)
{
    const struct dense_gradients *gradients = context;
    for (uint32_t i = 0; i < workspace->plan->op_count; i++) {
        const struct plan_op *op = &workspace->plan->ops[i];
        float *to = op->kind == PLAN_SPARSE && !op->projection ? gradients->at[op->gene] : NULL;
        if (!to)
            continue;
        const bool own = (size_t)op->width * op->depth <= dense_most_weights();
        (own ? dense_gradient : blas_gradient)(workspace_row(workspace, op->grad),
                                               workspace_row(workspace, op_input(workspace, op, 0)->value), to, NULL, op->width,
                                               op->depth, workspace->stride, add);
    }
}

double dense_gradients_bytes(const struct model *model, uint32_t gene)
{
    double bytes = 0;
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        bytes += is_wanted(op, model->molecule, gene) ? (double)sizeof(float) * op->width * op->depth : 0;
    }
    return bytes;
}

/* Room for the layers' gradients; false with a diagnostic. */
static bool make_room(struct dense_gradients *gradients, const struct model *model, uint32_t gene, struct diags *diags)
{
    const struct molecule *molecule = model->molecule;
    const double bytes = dense_gradients_bytes(model, gene);
    if (bytes > (double)LIMIT_ARENA_BYTES) {
        diag_error(diags, molecule->genes[gene].span,
                   "the gradients of all connections these layers could have need %.0f GB of memory, the limit is %.0f GB",
                   bytes / 1e9, (double)LIMIT_ARENA_BYTES / 1e9);
        return false;
    }
    *gradients = (struct dense_gradients){.at = mem_array(molecule->count, sizeof *gradients->at), .genes = molecule->count};
    bool room = gradients->at;
    for (uint32_t i = 0; room && i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        if (!is_wanted(op, molecule, gene))
            continue;
        gradients->at[op->gene] = mem_floats((size_t)op->width * op->depth);
        room = gradients->at[op->gene];
    }
    return room || (diag_out_of_memory(diags, molecule->genes[gene].span), false);
}

/* The first steps of Fisher and Yates' shuffle; `random` NULL: none of them. */
uint32_t *draw_rows(uint32_t samples, uint32_t count, struct random *random)
{
    uint32_t *rows = mem_array(samples + (size_t)1, sizeof *rows);
    for (uint32_t i = 0; rows && i < samples; i++)
        rows[i] = i;
    for (uint32_t i = 0; rows && random && i < count; i++) {
        const uint32_t other = i + random_below(random, samples - i), row = rows[i];
        rows[i] = rows[other];
        rows[other] = row;
    }
    return rows;
}

bool dense_gradients_measure(struct dense_gradients *gradients, const struct model *model, uint32_t gene,
                             const struct samples *samples, const struct train_options *options, const float *class_weights,
                             struct random *random, struct diags *diags)
{
    const uint32_t count = samples->count < GRADIENT_SAMPLES ? samples->count : GRADIENT_SAMPLES;
    *gradients = (struct dense_gradients){0};
    if (!make_room(gradients, model, gene, diags)) {
        dense_gradients_release(gradients);
        return false;
    }
    struct gradient_pass pass = {0};
    uint32_t *rows = draw_rows(samples->count, count, random);
    const bool ready = gradient_pass_init(&pass, model, samples, options, class_weights, count, true) && rows;
    if (ready) {
        const unsigned denormals = denormals_flush();
        gradient_pass_run(&pass, rows, count, add_dense, gradients);
        denormals_restore(denormals);
    } else {
        diag_out_of_memory(diags, model->molecule->genes[gene].span);
        dense_gradients_release(gradients);
    }
    gradient_pass_release(&pass);
    mem_free(rows);
    return ready;
}

void dense_gradients_release(struct dense_gradients *gradients)
{
    for (uint32_t i = 0; gradients->at && i < gradients->genes; i++)
        mem_free_floats(gradients->at[i]);
    mem_free(gradients->at);
    *gradients = (struct dense_gradients){0};
}
