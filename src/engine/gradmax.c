/* New neurons by gradient (neurons.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/carry.h"
#include "engine/dense.h"
#include "engine/fan.h"
#include "engine/loops.h"
#include "engine/neurons.h"
#include "engine/ops.h"
#include "engine/simd.h"
#include "engine/watch.h"
#include "support/limits.h"
#include "support/memory.h"

/* Rounds of the subspace iteration: directions whose singular values are near each other stay mixed, which costs little. */
enum { ROUNDS = 30 };

struct searching {
    uint32_t gene, count, depth, readers; /* neurons that come; values that the layer reads; neurons that read it */
    bool *carries;                        /* [ops] passes the layer's values on */
    uint32_t behind;                      /* op of the element behind the sum that they are added in; 0: none */
    float *g;                             /* [readers x depth] */
    float *v;                             /* [count x depth] incoming weights, a neuron's contiguous */
    float *trial;                         /* [2 count x stride] what neurons would give, with either sign */
    float *outgoing;                      /* [readers x 2 count] gradients of their outgoing weights */
};

static bool passes(const struct plan_op *op)
{
    return op->kind == PLAN_CONCAT || op->kind == PLAN_DROPOUT || op->kind == PLAN_SUM || op->kind == PLAN_ACTIVATION;
}

/* Whether the op reads a value that the layer gave. */
static bool reads(const struct plan *plan, const struct plan_op *op, const bool *carries)
{
    bool any = false;
    for (uint32_t k = 0; k < op->edge_count; k++)
        any |= carries[plan->edges[op->edge_at + k].op];
    return any;
}

static bool is_reader(const struct plan *plan, const struct plan_op *op, const bool *carries)
{
    return (op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE) && op->trained && reads(plan, op, carries);
}

/* Marks what passes the layer's values on, and counts who reads them. */
static void find_readers(struct searching *searching, const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        const bool layer = op->gene == searching->gene && op->weights != PLAN_NONE && !op->projection;
        searching->carries[i] = layer || (passes(op) && reads(plan, op, searching->carries));
        if (searching->carries[i] && op->kind == PLAN_ACTIVATION && op->gene != searching->gene && !searching->behind)
            searching->behind = i;
        searching->depth = layer ? op->depth : searching->depth;
        searching->readers += is_reader(plan, op, searching->carries) ? op->width : 0;
    }
}

/* The sum over samples of (gradient by each reader's sum) x row, for `rows` rows. */
static void add_products(const struct searching *searching, const struct workspace *workspace, const float *rows, uint32_t count,
                         float *to, bool add)
{
    const struct plan *plan = workspace->plan;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (!is_reader(plan, op, searching->carries))
            continue;
        dense_gradient(workspace_row(workspace, op->grad), rows, to, NULL, op->width, count, workspace->stride, add);
        to += (size_t)op->width * count;
    }
}

static const float *layer_input(const struct searching *searching, const struct workspace *workspace)
{
    return workspace_row(workspace, op_input(workspace, layer_op(workspace->plan, searching->gene), 0)->value);
}

static void add_g(void *context, const struct workspace *workspace, bool add)
{
    const struct searching *searching = context;
    add_products(searching, workspace, layer_input(searching, workspace), searching->depth, searching->g, add);
}

/* Elements that learn parameters are taken as linear. */
static void apply_element(const struct searching *searching, const struct plan_op *op, const struct workspace *workspace)
{
    if (op->element && op->element->learned_count == 0)
        element_value(op->element, NULL, searching->trial, 2 * (size_t)searching->count, workspace->stride, workspace->scratch);
}

/* What the neurons would give, and minus their weights behind them. */
static void add_outgoing(void *context, const struct workspace *workspace, bool add)
{
    const struct searching *searching = context;
    const struct plan_op *op = layer_op(workspace->plan, searching->gene);
    const size_t stride = workspace->stride, half = searching->count * stride;
    dense_forward(searching->v, NULL, layer_input(searching, workspace), searching->trial, searching->count, searching->depth,
                  stride);
    for (size_t i = 0; i < half; i++)
        searching->trial[half + i] = -searching->trial[i];
    apply_element(searching, op, workspace);
    if (searching->behind)
        apply_element(searching, &workspace->plan->ops[searching->behind], workspace);
    add_products(searching, workspace, searching->trial, 2 * searching->count, searching->outgoing, add);
}

/* ---- singular vectors ---- */

static double dot(const float *a, const float *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void draw_direction(float *v, uint32_t depth, struct random *random)
{
    for (uint32_t i = 0; i < depth; i++)
        v[i] = (float)random_normal(random);
}

/* Makes the rows of v orthogonal and of length 1, in order; what depends on those before it, or is nothing, is drawn anew. */
static void orthonormalise(const struct searching *searching, struct random *random)
{
    const uint32_t depth = searching->depth;
    for (uint32_t k = 0; k < searching->count; k++) {
        float *v = searching->v + (size_t)k * depth;
        for (int tries = 0; tries < 4; tries++) {
            const double before = sqrt(dot(v, v, depth));
            for (uint32_t j = 0; j < k && k < depth; j++) {
                const float *other = searching->v + (size_t)j * depth;
                const double along = dot(v, other, depth);
                for (uint32_t i = 0; i < depth; i++)
                    v[i] -= (float)(along * (double)other[i]);
            }
            const double length = sqrt(dot(v, v, depth));
            if (length > 1e-4 * before && length > 0) {
                for (uint32_t i = 0; i < depth; i++)
                    v[i] = (float)((double)v[i] / length);
                break;
            }
            draw_direction(v, depth, random);
        }
    }
}

/* v becomes v G^T G. */
static void iterate(const struct searching *searching, float *along)
{
    const uint32_t depth = searching->depth;
    for (uint32_t k = 0; k < searching->count; k++) {
        float *v = searching->v + (size_t)k * depth;
        for (uint32_t r = 0; r < searching->readers; r++)
            along[r] = (float)dot(searching->g + (size_t)r * depth, v, depth);
        memset(v, 0, depth * sizeof *v);
        for (uint32_t r = 0; r < searching->readers; r++)
            for (uint32_t i = 0; i < depth; i++)
                v[i] += along[r] * searching->g[(size_t)r * depth + i];
    }
}

/* ---- weights ---- */

static double mean_length(const struct weights *weights)
{
    double sum = 0;
    for (uint32_t o = 0; o < weights->shape.width; o++) {
        const struct fan fan = fan_of_weights(weights, o);
        double squares = 0;
        for (uint32_t i = 0; i < fan.count; i++)
            squares += (double)weights->factors[fan.at + i] * (double)weights->factors[fan.at + i];
        sum += sqrt(squares);
    }
    return sum / weights->shape.width;
}

/* Each neuron with the sign that speaks louder to who is to read it. */
static void choose_signs(const struct searching *searching)
{
    const uint32_t columns = 2 * searching->count;
    for (uint32_t k = 0; k < searching->count; k++) {
        double plus = 0, minus = 0;
        for (uint32_t r = 0; r < searching->readers; r++) {
            const double a = (double)searching->outgoing[(size_t)r * columns + k];
            const double b = (double)searching->outgoing[(size_t)r * columns + searching->count + k];
            plus += a * a;
            minus += b * b;
        }
        for (uint32_t i = 0; minus > plus && i < searching->depth; i++)
            searching->v[(size_t)k * searching->depth + i] *= -1;
    }
}

struct entry {
    float weight;
    uint32_t input;
};

static int by_size(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    const float x = fabsf(left->weight), y = fabsf(right->weight);
    return x != y ? (x < y ? 1 : -1) : (left->input > right->input) - (left->input < right->input);
}

static int by_input(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return (left->input > right->input) - (left->input < right->input);
}

/* The row of a new neuron: of a sparse layer as many of its greatest weights as it has connections. `entries` [depth] */
static void write_row(struct weights *weights, uint32_t row, const float *v, struct entry *entries)
{
    const struct fan fan = fan_of_weights(weights, row);
    const uint32_t depth = weights->shape.depth;
    for (uint32_t i = 0; i < depth; i++)
        entries[i] = (struct entry){v[i], i};
    if (weights->start) {
        qsort(entries, depth, sizeof *entries, by_size);
        qsort(entries, fan.count, sizeof *entries, by_input);
    }
    for (uint32_t i = 0; i < fan.count; i++) {
        weights->factors[fan.at + i] = entries[i].weight;
        if (weights->start)
            weights->input[fan.at + i] = entries[i].input;
    }
}

/* The molecule with these incoming weights of the layer's last neurons; NULL with a diagnostic. */
static struct molecule *with_rows(const struct molecule *molecule, const struct searching *searching, struct diags *diags)
{
    const struct weights *old = molecule->genes[searching->gene].weights;
    struct weights *weights = weights_copy(old);
    struct entry *entries = mem_array(searching->depth + (size_t)1, sizeof *entries);
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    builder.failed |= !weights || !entries;
    for (uint32_t k = 0; !builder.failed && k < searching->count; k++)
        write_row(weights, weights->shape.width - searching->count + k, searching->v + (size_t)k * searching->depth, entries);
    if (!builder.failed) {
        weights_seal(weights);
        builder.genes[searching->gene].weights = weights;
    }
    struct molecule *result = builder_finish(&builder, molecule->genes[0].span, diags);
    weights_release(weights);
    mem_free(entries);
    return result;
}

/* ---- the whole ---- */

static bool searching_init(struct searching *searching, const struct watch *watch)
{
    const size_t stride = watch->pass.workspace.capacity;
    searching->carries = mem_array(watch->model->plan->op_count + (size_t)1, sizeof *searching->carries);
    if (!searching->carries)
        return false;
    find_readers(searching, watch->model->plan);
    const double floats = ((double)searching->readers + searching->count) * searching->depth;
    if (floats * sizeof(float) > (double)LIMIT_ARENA_BYTES)
        return false;
    searching->g = mem_floats((size_t)searching->readers * searching->depth + 1);
    searching->v = mem_floats((size_t)searching->count * searching->depth + 1);
    searching->trial = mem_floats(2 * (size_t)searching->count * stride + 1);
    searching->outgoing = mem_floats(2 * (size_t)searching->count * searching->readers + 1);
    return searching->g && searching->v && searching->trial && searching->outgoing;
}

static void searching_release(struct searching *searching)
{
    mem_free(searching->carries);
    mem_free_floats(searching->g);
    mem_free_floats(searching->v);
    mem_free_floats(searching->trial);
    mem_free_floats(searching->outgoing);
}

/* The incoming weights of the new neurons, in searching->v; false with a diagnostic. */
static bool search(struct searching *searching, const struct molecule *molecule, const struct neuron_data *data,
                   struct diags *diags)
{
    struct watch watch;
    bool well = watch_open(&watch, molecule, data, diags);
    if (well && !searching_init(searching, &watch)) {
        diag_out_of_memory(diags, molecule->genes[searching->gene].span);
        well = false;
    }
    float *along = well ? mem_floats(searching->readers + (size_t)1) : NULL;
    if (well && !along) {
        diag_out_of_memory(diags, molecule->genes[searching->gene].span);
        well = false;
    }
    if (well) {
        gradient_pass_run(&watch.pass, watch.rows, watch.count, add_g, searching);
        draw_direction(searching->v, searching->count * searching->depth, data->random);
        orthonormalise(searching, data->random);
        for (int round = 0; round < ROUNDS; round++) {
            iterate(searching, along);
            orthonormalise(searching, data->random);
        }
        floats_scale(searching->v, (float)mean_length(molecule->genes[searching->gene].weights),
                     (size_t)searching->count * searching->depth);
        gradient_pass_run(&watch.pass, watch.rows, watch.count, add_outgoing, searching);
        choose_signs(searching);
    }
    mem_free_floats(along);
    watch_close(&watch);
    return well;
}

struct molecule *neurons_gradmax(const struct molecule *molecule, uint32_t gene, uint32_t count, const struct neuron_data *data,
                                 const struct elements *elements, struct diags *diags)
{
    const struct gene *layer = &molecule->genes[gene];
    const uint32_t width = layer->width;
    const size_t errors = diags->errors;
    uint32_t *neurons = layer->kind == GENE_LAYER ? mem_array(width + (size_t)count, sizeof *neurons) : NULL;
    if (layer->kind == GENE_LAYER && !neurons)
        diag_out_of_memory(diags, layer->span);
    for (uint32_t i = 0; neurons && i < width + count; i++)
        neurons[i] = i < width ? i : NEURON_NEW;
    bool same = false;
    const uint64_t seed = data->random ? random_u32(data->random) : 0;
    struct molecule *after =
        neurons ? neurons_choose(molecule, gene, neurons, width + count, data->input_width, seed, elements, &same, diags) : NULL;
    mem_free(neurons);
    if (after && same && layer->weights && layer->weights->values) {
        struct searching searching = {.gene = gene, .count = count};
        struct molecule *grown = search(&searching, molecule, data, diags) ? with_rows(after, &searching, diags) : NULL;
        searching_release(&searching);
        molecule_release(after);
        return grown;
    }
    if (after && same)
        return after;
    molecule_release(after);
    return diags->errors == errors && !diags->out_of_memory ? molecule_retain(molecule) : NULL;
}
