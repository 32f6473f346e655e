/* Compiling a graph into a plan, in passes over the op array: ops and parameters (in graph order), which ops are trained, which
   edges carry gradients, where rows lie, how many samples a chunk has. */
#include "engine/plan.h"

#include "support/references.h"
#include "engine/dense.h"
#include "engine/ops.h"
#include "engine/simd.h"
#include "engine/small.h"
#include "engine/sparse.h"
#include "molecule/trait.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* A chunk has PLAN_MOST_CHUNK samples, and fewer, down to CHUNK_WIDE, where the arena would outgrow CHUNK_BYTES: then weights are what
   is moved, once a chunk. CHUNK_LEAST where it would outgrow WIDE_BYTES, too. */
enum { CHUNK_WIDE = 128, CHUNK_LEAST = 64 };
#define CHUNK_BYTES ((size_t)256 << 10)
#define WIDE_BYTES  ((size_t)4 << 20)

struct compiler {
    const struct graph *graph;
    struct plan *plan;
    uint32_t *op_of;   /* [graph count] the op that holds a node's value */
    uint32_t *readers; /* [graph count] how many read it */
    uint64_t seed;
    uint32_t index_count;
    bool failed; /* memory */
};

static size_t take(size_t *counter, size_t count)
{
    const size_t at = *counter;
    *counter += count;
    return at;
}

static void add_span(struct plan *plan, size_t start, size_t count, const struct traits *traits, bool weights)
{
    plan->spans[plan->span_count++] = (struct plan_span){.start = start,
                                                         .count = count,
                                                         .lr_scale = (float)traits->lr_scale,
                                                         .l1 = weights ? (float)traits->l1 : 0.0F,
                                                         .l2 = weights ? (float)traits->l2 : 0.0F,
                                                         .weights = weights};
}

static const struct gene *node_gene(const struct compiler *compiler, const struct graph_node *node)
{
    return &compiler->graph->molecule->genes[node->gene];
}

/* A new op for `node`, with its edges. */
static struct plan_op *add_op(struct compiler *compiler, uint32_t number, enum plan_op_kind kind)
{
    struct plan *plan = compiler->plan;
    const struct graph_node *node = &compiler->graph->nodes[number];
    struct plan_op *op = &plan->ops[plan->op_count];
    *op = (struct plan_op){.kind = (uint8_t)kind,
                           .gene = node->gene,
                           .learned_gene = node->gene,
                           .width = node->width,
                           .edge_at = plan->edge_count,
                           .edge_count = node->input_count,
                           .value = PLAN_NONE,
                           .slope = PLAN_NONE,
                           .grad = PLAN_NONE,
                           .weights = PLAN_NONE,
                           .bias = PLAN_NONE,
                           .learned = PLAN_NONE,
                           .running = PLAN_NONE};
    for (uint32_t i = 0; i < node->input_count; i++) {
        const uint32_t input = compiler->op_of[compiler->graph->inputs[node->input_at + i]];
        plan->edges[plan->edge_count++] = (struct plan_edge){.op = input};
    }
    op->depth = node->input_count > 0 ? plan->ops[plan->edges[op->edge_at].op].width : 0;
    compiler->op_of[number] = plan->op_count++;
    return op;
}

static void need_scratch(struct plan *plan, size_t count)
{
    if (plan->scratch < count)
        plan->scratch = count;
}

static void add_layer(struct compiler *compiler, uint32_t number)
{
    const struct graph_node *node = &compiler->graph->nodes[number];
    const struct gene *gene = node_gene(compiler, node);
    struct plan *plan = compiler->plan;
    struct plan_op *op = add_op(compiler, number, PLAN_DENSE);
    const uint64_t all = (uint64_t)op->width * op->depth;
    struct traits traits = gene->traits;
    if (node->projection) {
        traits = traits_default(NULL);
        traits.init = INIT_XAVIER;
        traits.bias = false;
        traits.lr_scale = molecule_projection_rate(compiler->graph->molecule, node->gene);
    }
    op->projection = node->projection;
    op->weight_count = node->weights;
    op->frozen = traits.lr_scale == 0;
    op->init = traits.init;
    op->init_scale = traits.init_scale;
    op->kernel = all > dense_most_weights() ? PLAN_KERNEL_BLAS : PLAN_KERNEL_OWN;
    op->weights = take(&plan->trained_count, op->weight_count);
    add_span(plan, op->weights, op->weight_count, &traits, true);
    if (traits.bias) {
        op->bias = take(&plan->trained_count, op->width);
        add_span(plan, op->bias, op->width, &traits, false);
    }
    if (op->weight_count < all) {
        struct plan_sparse *sparse = &plan->sparses[plan->sparse_count];
        op->kind = PLAN_SPARSE;
        op->sparse = sparse;
        compiler->failed |= !sparse_draw(sparse, op->width, op->depth, op->weight_count, compiler->seed, plan->sparse_count++);
        if ((double)op->weight_count > SPARSE_MOST * (double)all)
            op->spread = take(&plan->spread_count, lanes_round(all));
        else
            op->kernel = PLAN_KERNEL_STORED;
        need_scratch(plan, layer_scratch(op));
    }
    if (layer_turns(op) && plan->turned < op->depth)
        plan->turned = op->depth;
}

/* An element joins the layer before it where nobody else reads that layer's sums; a linear one is nothing at all. */
static void add_element(struct compiler *compiler, uint32_t number)
{
    const struct graph_node *node = &compiler->graph->nodes[number];
    const struct gene *gene = node_gene(compiler, node);
    struct plan *plan = compiler->plan;
    const uint32_t input = compiler->graph->inputs[node->input_at], layer = compiler->op_of[input];
    if (element_is_linear(gene->element)) {
        compiler->op_of[number] = layer;
        compiler->readers[number] += compiler->readers[input] - 1;
        compiler->readers[input] = compiler->readers[number];
        return;
    }
    struct plan_op *op = &plan->ops[layer];
    const bool apart =
        op->frozen && gene->traits.lr_scale != 0 && element_learns(gene->element); /* frozen is said of the whole op */
    if ((op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE) && !op->element && compiler->readers[input] == 1 && !apart) {
        compiler->op_of[number] = layer;
    } else {
        op = add_op(compiler, number, PLAN_ACTIVATION);
        op->frozen = gene->traits.lr_scale == 0;
    }
    struct element_kernel *element = &plan->elements[plan->element_count++];
    op->element = element;
    op->learned_gene = node->gene;
    if (!element_kernel_init(element, gene->element, gene->traits.params)) {
        compiler->failed = true;
        return;
    }
    if (element->learned_count > 0) {
        const size_t count = (size_t)element->learned_count * op->width;
        op->learned = take(&plan->trained_count, count);
        add_span(plan, op->learned, count, &gene->traits, false);
    }
    need_scratch(plan, element_kernel_scratch(element));
}

static void add_norm(struct compiler *compiler, uint32_t number, enum plan_op_kind kind)
{
    struct plan *plan = compiler->plan;
    const struct traits *traits = &node_gene(compiler, &compiler->graph->nodes[number])->traits;
    struct plan_op *op = add_op(compiler, number, kind);
    op->frozen = traits->lr_scale == 0;
    op->weights = take(&plan->trained_count, op->width);
    op->bias = take(&plan->trained_count, op->width);
    add_span(plan, op->weights, 2 * (size_t)op->width, traits, false);
    if (kind == PLAN_BATCHNORM) {
        op->stat = take(&plan->stat_count, op->width);
        plan->batch_statistics |= !op->frozen;
    }
}

static void add_indices(struct compiler *compiler, uint32_t number, enum plan_op_kind kind)
{
    const struct gene *gene = node_gene(compiler, &compiler->graph->nodes[number]);
    struct plan_op *op = add_op(compiler, number, kind);
    uint32_t *to = compiler->plan->indices + compiler->index_count;
    for (uint32_t i = 0; i < gene->index_count; i++)
        to[i] = compiler->graph->molecule->indices[gene->index_at + i];
    compiler->index_count += gene->index_count;
    op->indices = to;
}

/* The loss looks at the last op: what the head reads is it, or is copied into it where something else comes after (a tap). */
static void add_head(struct compiler *compiler, uint32_t number)
{
    const struct graph_node *node = &compiler->graph->nodes[number];
    const uint32_t op = compiler->op_of[compiler->graph->inputs[node->input_at]];
    compiler->plan->head = node_gene(compiler, node)->head;
    if (op == 0 || op + 1 < compiler->plan->op_count)
        add_op(compiler, number, PLAN_CONCAT);
    else
        compiler->op_of[number] = op;
}

static void add_node(struct compiler *compiler, uint32_t number)
{
    const struct graph_node *node = &compiler->graph->nodes[number];
    switch ((enum graph_op)node->op) {
    case GRAPH_INPUT:
        add_op(compiler, number, PLAN_INPUT);
        break;
    case GRAPH_AFFINE:
        add_layer(compiler, number);
        break;
    case GRAPH_ACTIVATION:
        add_element(compiler, number);
        break;
    case GRAPH_HEAD:
        add_head(compiler, number);
        break;
    case GRAPH_CONCAT:
        add_op(compiler, number, PLAN_CONCAT);
        break;
    case GRAPH_SUM:
        add_op(compiler, number, PLAN_SUM);
        break;
    case GRAPH_PRODUCT:
        add_op(compiler, number, PLAN_PRODUCT);
        break;
    case GRAPH_DROPOUT:
        add_op(compiler, number, PLAN_DROPOUT)->rate = (float)node_gene(compiler, node)->rate;
        break;
    case GRAPH_BATCHNORM:
        add_norm(compiler, number, PLAN_BATCHNORM);
        break;
    case GRAPH_LAYERNORM:
        add_norm(compiler, number, PLAN_LAYERNORM);
        break;
    case GRAPH_GATHER:
        add_indices(compiler, number, PLAN_GATHER);
        break;
    case GRAPH_SCATTER:
        add_indices(compiler, number, PLAN_SCATTER);
        break;
    }
}

/* Initialisation by the element that follows; what is kept but not trained comes behind all that is. */
static void resolve(struct plan *plan)
{
    plan->param_count = plan->trained_count;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        struct plan_op *op = &plan->ops[i];
        if (op->init == INIT_AUTO)
            op->init = op->element && op->element->element->rectified ? INIT_HE : INIT_XAVIER;
        if (op->kind == PLAN_BATCHNORM)
            op->running = take(&plan->param_count, 2 * (size_t)op->width);
    }
}

static void mark_trained(struct plan *plan)
{
    for (uint32_t i = 0; i < plan->op_count; i++) {
        struct plan_op *op = &plan->ops[i];
        op->trained = (op->weights != PLAN_NONE || op->learned != PLAN_NONE) && !op->frozen;
        for (uint32_t k = 0; k < op->edge_count; k++)
            op->trained |= plan->ops[plan->edges[op->edge_at + k].op].trained;
    }
}

/* Parts of a concatenation that only it reads, once, live in its rows. */
static void mark_placed(struct plan *plan, uint32_t *readers)
{
    for (uint32_t i = 0; i < plan->op_count; i++)
        readers[i] = 0;
    for (uint32_t k = 0; k < plan->edge_count; k++)
        readers[plan->edges[k].op]++;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        for (uint32_t k = 0; op->kind == PLAN_CONCAT && k < op->edge_count; k++) {
            struct plan_edge *edge = &plan->edges[op->edge_at + k];
            edge->placed = readers[edge->op] == 1 && edge->op != 0;
        }
    }
}

/* In the order of the backward pass, the first reader of a value writes its gradient and the others add. A placed part's gradient
   is written with the concatenation's. */
static void mark_gradients(struct plan *plan, bool *written)
{
    for (uint32_t i = 0; i < plan->op_count; i++)
        written[i] = false;
    for (uint32_t i = plan->op_count; i-- > 0;) {
        const struct plan_op *op = &plan->ops[i];
        for (uint32_t k = 0; k < op->edge_count; k++) {
            struct plan_edge *edge = &plan->edges[op->edge_at + k];
            edge->wanted = op->trained && plan->ops[edge->op].trained && !edge->placed;
            edge->add = edge->wanted && written[edge->op];
            written[edge->op] |= edge->wanted;
        }
    }
}

/* From the last op to the first, so that a concatenation has its rows before its parts look for theirs. `at` is the member to set. */
static void place_rows(struct plan *plan, size_t offset, bool gradients)
{
    for (uint32_t i = plan->op_count; i-- > 0;) {
        struct plan_op *op = &plan->ops[i];
        size_t *row = (size_t *)((char *)op + offset);
        const bool output = i + 1 == plan->op_count; /* the loss writes its gradient even where nothing is trained */
        if (*row == PLAN_NONE && (!gradients || op->trained || output))
            *row = take(&plan->rows, op->width);
        size_t part = *row;
        for (uint32_t k = 0; op->kind == PLAN_CONCAT && k < op->edge_count; k++) {
            const struct plan_edge *edge = &plan->edges[op->edge_at + k];
            struct plan_op *input = &plan->ops[edge->op];
            if (edge->placed && *row != PLAN_NONE)
                *(size_t *)((char *)input + offset) = part;
            part += input->width;
        }
    }
}

static size_t slope_rows(const struct plan_op *op)
{
    switch ((enum plan_op_kind)op->kind) {
    case PLAN_DENSE:
    case PLAN_SPARSE:
    case PLAN_ACTIVATION:
        return op->element && op->trained ? op->width * (size_t)(1 + op->element->learned_count) : 0;
    case PLAN_PRODUCT:
        return op->trained ? op->width : 0;
    case PLAN_DROPOUT:
    case PLAN_BATCHNORM:
        return op->width;
    case PLAN_LAYERNORM:
        return op->width + (size_t)1;
    default:
        return 0;
    }
}

/* Samples of an arena of so many bytes, whole lanes. */
static size_t samples_in(const struct plan *plan, size_t bytes)
{
    return bytes / (plan->rows * sizeof(float)) / LANES * LANES;
}

static void place(struct plan *plan)
{
    place_rows(plan, offsetof(struct plan_op, value), false);
    plan->value_rows = plan->rows;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const size_t rows = slope_rows(&plan->ops[i]);
        if (rows > 0)
            plan->ops[i].slope = take(&plan->rows, rows);
    }
    place_rows(plan, offsetof(struct plan_op, grad), true);
    const size_t fitting = samples_in(plan, CHUNK_BYTES);
    plan->chunk = fitting > PLAN_MOST_CHUNK || plan->batch_statistics ? PLAN_MOST_CHUNK
                  : fitting >= CHUNK_WIDE                             ? (uint32_t)fitting
                  : samples_in(plan, WIDE_BYTES) >= CHUNK_WIDE        ? CHUNK_WIDE
                                                                      : CHUNK_LEAST;
}

static bool plan_allocate(struct plan *plan, const struct graph *graph)
{
    const size_t nodes = graph->count + (size_t)1;
    plan->ops = mem_array(nodes, sizeof *plan->ops);
    plan->edges = mem_array(graph->input_count + (size_t)1, sizeof *plan->edges);
    plan->spans = mem_array(3 * nodes, sizeof *plan->spans);
    plan->elements = mem_array(nodes, sizeof *plan->elements);
    plan->sparses = mem_array(nodes, sizeof *plan->sparses);
    plan->indices = mem_array(graph->molecule->index_count + (size_t)1, sizeof *plan->indices);
    plan->input_width = graph->input_width;
    plan->output_width = graph->output_width;
    plan->flops = graph->flops;
    return plan->ops && plan->edges && plan->spans && plan->elements && plan->sparses && plan->indices;
}

static bool compile(struct compiler *compiler)
{
    const struct graph *graph = compiler->graph;
    compiler->op_of = mem_array(graph->count + (size_t)1, sizeof *compiler->op_of);
    compiler->readers = mem_array(graph->count + (size_t)1, sizeof *compiler->readers);
    bool *written = mem_array(graph->count + (size_t)1, sizeof *written);
    bool ok = compiler->op_of && compiler->readers && written && plan_allocate(compiler->plan, graph);
    if (ok) {
        for (uint32_t i = 0; i < graph->input_count; i++)
            compiler->readers[graph->inputs[i]]++;
        for (uint32_t i = 0; i < graph->count; i++)
            add_node(compiler, i);
        resolve(compiler->plan);
        mark_trained(compiler->plan);
        mark_placed(compiler->plan, compiler->readers);
        mark_gradients(compiler->plan, written);
        place(compiler->plan);
        compiler->plan->small = small_fits(compiler->plan);
        ok = !compiler->failed;
    }
    mem_free(compiler->op_of);
    mem_free(compiler->readers);
    mem_free(written);
    return ok;
}

struct plan *plan_compile(const struct graph *graph, uint64_t seed, struct diags *diags)
{
    const struct span span = graph->molecule->genes[0].span;
    struct plan *plan = mem_alloc(sizeof *plan);
    struct compiler compiler = {.graph = graph, .plan = plan, .seed = seed};
    if (plan)
        plan->references = 1;
    if (!plan || !compile(&compiler)) {
        plan_release(plan);
        diag_out_of_memory(diags, span);
        return NULL;
    }
    const double bytes = (double)sizeof(float) * (double)plan->rows * plan->chunk;
    if (bytes > (double)LIMIT_ARENA_BYTES) {
        diag_error(diags, span, "this network needs %.0f GB of memory to train, the limit is %.0f GB", bytes / 1e9,
                   (double)LIMIT_ARENA_BYTES / 1e9);
        plan_release(plan);
        return NULL;
    }
    return plan;
}

struct plan *plan_retain(struct plan *plan)
{
    references_add(&plan->references);
    return plan;
}

void plan_release(struct plan *plan)
{
    if (!plan || !references_drop(&plan->references))
        return;
    for (uint32_t i = 0; i < plan->element_count; i++)
        element_kernel_release(&plan->elements[i]);
    for (uint32_t i = 0; i < plan->sparse_count; i++)
        sparse_release(&plan->sparses[i]);
    mem_free(plan->ops);
    mem_free(plan->edges);
    mem_free(plan->spans);
    mem_free(plan->elements);
    mem_free(plan->sparses);
    mem_free(plan->indices);
    mem_free(plan);
}
