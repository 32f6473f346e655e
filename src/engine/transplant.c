#include "engine/transplant.h"

#include <math.h>
#include <string.h>

#include "engine/fan.h"
#include "support/memory.h"

/* ---- from a model into a molecule ---- */

/* The ops of a plan that hold one gene's parameters; NULL none. */
struct holders {
    const struct plan_op *own;     /* layer or norm */
    const struct plan_op *learned; /* of its element */
};

/* By gene; NULL where memory is exhausted. */
static struct holders *holders_of(const struct plan *plan, uint32_t genes)
{
    struct holders *holders = mem_array(genes, sizeof *holders);
    for (uint32_t i = 0; holders && i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->weights != PLAN_NONE)
            holders[op->gene].own = op;
        if (op->learned != PLAN_NONE)
            holders[op->learned_gene].learned = op;
    }
    return holders;
}

static size_t learned_count(const struct plan_op *op)
{
    return op ? (size_t)op->element->learned_count * op->width : 0;
}

static struct weights_shape shape_of(struct holders holders)
{
    const struct plan_op *own = holders.own, *any = own ? own : holders.learned;
    /* An element alone reads what it gives, also where it runs as a part of the layer before it. */
    struct weights_shape shape = {
        .width = any->width, .depth = own ? own->depth : any->width, .learned = learned_count(holders.learned)};
    if (!own)
        return shape;
    shape.sparse = own->sparse;
    shape.factors = own->kind == PLAN_DENSE || own->kind == PLAN_SPARSE ? own->weight_count : own->width;
    shape.shifts = own->bias != PLAN_NONE ? own->width : 0;
    shape.running = own->running != PLAN_NONE ? 2 * (size_t)own->width : 0;
    return shape;
}

static void copy_floats(float *to, const float *from, size_t count)
{
    if (count > 0)
        memcpy(to, from, count * sizeof *to);
}

/* A gene's parameters in any vector over the plan's, in the order of its weights' floats. */
static void gather_floats(struct holders holders, const struct weights_shape *shape, const float *params, float *to)
{
    const struct plan_op *own = holders.own;
    if (own) {
        copy_floats(to, params + own->weights, shape->factors);
        if (shape->shifts)
            copy_floats(to + shape->factors, params + own->bias, shape->shifts);
    }
    if (holders.learned)
        copy_floats(to + shape->factors + shape->shifts, params + holders.learned->learned, shape->learned);
}

/* The powers with which the parameters of an op began. */
static const double *start_of(const struct plan *plan, const struct training_state *state, size_t param)
{
    static const double none[] = {1, 1};
    for (uint32_t i = 0; state->starts && i < plan->span_count; i++)
        if (plan->spans[i].start == param)
            return &state->starts[2 * i];
    return none;
}

static bool add_state(struct weights *weights, struct holders holders, const struct plan *plan, enum optimizer_kind kind,
                      const struct training_state *state)
{
    if (!weights_add_state(weights, kind, state->first, state->second))
        return false;
    const double *start = start_of(plan, state, holders.own ? holders.own->weights : holders.learned->learned);
    weights->state->power1 = state->power1 * start[0];
    weights->state->power2 = state->power2 * start[1];
    if (state->first)
        gather_floats(holders, &weights->shape, state->first, weights->state->first);
    if (state->second)
        gather_floats(holders, &weights->shape, state->second, weights->state->second);
    return true;
}

/* Where the optimiser stands, as far as that is wanted. */
struct standing {
    const struct training_state *state; /* NULL: not wanted */
    enum optimizer_kind kind;
};

static struct weights *weights_of(struct holders holders, const struct plan *plan, const float *params, struct standing standing,
                                  struct weights_source *source)
{
    const struct weights_shape shape = shape_of(holders);
    struct weights *weights = weights_new(shape, source);
    if (!weights)
        return NULL;
    const struct plan_op *own = holders.own;
    gather_floats(holders, &shape, params, weights->values);
    if (shape.running)
        copy_floats(weights->running, params + own->running, shape.running);
    if (shape.sparse) {
        memcpy(weights->start, own->sparse->start, (shape.width + (size_t)1) * sizeof *weights->start);
        memcpy(weights->input, own->sparse->input, shape.factors * sizeof *weights->input);
    }
    if (standing.state && !add_state(weights, holders, plan, standing.kind, standing.state)) {
        weights_release(weights);
        return NULL;
    }
    weights_seal(weights);
    return weights;
}

/* A copy of a molecule for new weights, all genes at `at`. */
static void begin(struct molecule_builder *builder, const struct molecule *molecule, struct span at)
{
    builder_copy(builder, molecule, 0);
    for (size_t i = 0; i < builder->count; i++) {
        builder->genes[i].origin = 0;
        builder->genes[i].weights = NULL;
        builder->genes[i].partial = false;
        if (at.source)
            builder->genes[i].span = at;
    }
}

/* Gives gene `gene` its weights, which are taken over; NULL: there was no memory for them. */
static void attach(struct molecule_builder *builder, const struct molecule *molecule, uint32_t gene, struct weights *weights)
{
    builder->failed |= !weights;
    if (!weights)
        return;
    weights->span = molecule->genes[gene].span;
    builder->genes[gene].weights = weights;
}

/* The finished molecule; the builder's weights, which it held alone so far, are given back. */
static struct molecule *finish(struct molecule_builder *builder, const struct molecule *molecule, struct diags *diags)
{
    const struct weights **held = mem_array(molecule->count, sizeof *held);
    builder->failed |= !held;
    for (uint32_t i = 0; i < builder->count; i++)
        if (held)
            held[i] = builder->genes[i].weights;
        else
            weights_release(builder->genes[i].weights);
    struct molecule *result = builder_finish(builder, molecule->genes[0].span, diags);
    for (uint32_t i = 0; held && i < molecule->count; i++)
        weights_release(held[i]);
    mem_free(held);
    return result;
}

static struct molecule *with_weights(const struct model *model, const float *params, struct standing standing, struct span at,
                                     struct weights_source *source, struct diags *diags)
{
    const struct molecule *molecule = model->molecule;
    struct holders *holders = holders_of(model->plan, molecule->count);
    struct molecule_builder builder = {0};
    begin(&builder, molecule, at);
    builder.failed |= !holders;
    for (uint32_t i = 0; !builder.failed && i < molecule->count; i++)
        if (holders[i].own || holders[i].learned)
            attach(&builder, molecule, i, weights_of(holders[i], model->plan, params, standing, source));
    mem_free(holders);
    return finish(&builder, molecule, diags);
}

struct molecule *model_molecule(const struct model *model, struct span at, struct weights_source *source, struct diags *diags)
{
    return with_weights(model, model->params, (struct standing){0}, at, source, diags);
}

struct molecule *training_molecule(const struct training *training, enum optimizer_kind optimizer, struct span at,
                                   struct weights_source *source, struct diags *diags)
{
    const struct training_state *state = training->state.last ? NULL : &training->state;
    return with_weights(training->model, training->model->params, (struct standing){state, optimizer}, at, source, diags);
}

struct molecule *graph_molecule(const struct graph *graph, struct span at, struct weights_source *source, struct diags *diags)
{
    const struct molecule *molecule = graph->molecule;
    struct molecule_builder builder = {0};
    begin(&builder, molecule, at);
    for (uint32_t i = 0; !builder.failed && i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        if (node->params == 0 || builder.genes[node->gene].weights)
            continue;
        const uint32_t depth = graph->nodes[graph->inputs[node->input_at]].width;
        const struct weights_shape shape = {.width = node->width, .depth = depth};
        attach(&builder, molecule, node->gene, weights_outline(shape, source));
    }
    return finish(&builder, molecule, diags);
}

/* ---- from a molecule into a plan ---- */

/* What neuron o reads in a plan. */
static struct fan fan_of(const struct plan_op *op, uint32_t neuron)
{
    if (!op->sparse)
        return (struct fan){NULL, op->depth, op->weights + (size_t)neuron * op->depth};
    const uint32_t start = op->sparse->start[neuron];
    return (struct fan){op->sparse->input + start, op->sparse->start[neuron + 1] - start, op->weights + start};
}

static size_t copy_fan(struct fan to, float *params, struct fan from, const float *old)
{
    size_t copied = 0;
    for (uint32_t i = 0, k = 0; i < to.count && k < from.count;) {
        const uint32_t left = fan_input(&to, i), right = fan_input(&from, k);
        if (left == right) {
            params[to.at + i] = old[from.at + k];
            copied++;
        }
        i += left <= right ? 1U : 0U;
        k += right <= left ? 1U : 0U;
    }
    return copied;
}

/* Two sparse layers of one shape are the same layer drawn twice: the new one takes over which connections there are. */
static void copy_connections(struct plan *plan, const struct plan_op *to, const struct weights *from)
{
    if (!to->sparse || !from->start || to->width != from->shape.width || to->depth != from->shape.depth ||
        to->weight_count != from->shape.factors)
        return;
    const struct plan_sparse *sparse = &plan->sparses[to->sparse - plan->sparses];
    memcpy(sparse->start, from->start, (to->width + (size_t)1) * sizeof *sparse->start);
    memcpy(sparse->input, from->input, to->weight_count * sizeof *sparse->input);
}

/* Rows of values by neuron, as far as both have neurons and rows. */
static size_t copy_rows(float *to, uint32_t to_width, const float *from, size_t from_count, uint32_t from_width, size_t rows)
{
    const uint32_t both = to_width < from_width ? to_width : from_width;
    size_t copied = 0;
    for (size_t row = 0; row < rows && (row + 1) * from_width <= from_count; row++, copied += both)
        copy_floats(to + row * to_width, from + row * from_width, both);
    return copied;
}

static size_t fill_op(struct plan *plan, const struct plan_op *to, float *params, const struct weights *from)
{
    const uint32_t width = from->shape.width, both = to->width < width ? to->width : width;
    size_t copied = 0;
    if (to->kind == PLAN_DENSE || to->kind == PLAN_SPARSE) {
        copy_connections(plan, to, from);
        for (uint32_t o = 0; o < both; o++)
            copied += copy_fan(fan_of(to, o), params, fan_of_weights(from, o), from->factors);
    } else {
        copied += copy_rows(params + to->weights, to->width, from->factors, from->shape.factors, width, 1);
    }
    if (to->bias != PLAN_NONE)
        copied += copy_rows(params + to->bias, to->width, from->shifts, from->shape.shifts, width, 1);
    if (to->running != PLAN_NONE)
        copied += copy_rows(params + to->running, to->width, from->running, from->shape.running, width, 2);
    return copied;
}

void params_copy_own(const struct plan_op *to, float *params, const struct plan_op *from, const float *old)
{
    const uint32_t width = from->width, both = to->width < width ? to->width : width;
    const bool layers =
        (to->kind == PLAN_DENSE || to->kind == PLAN_SPARSE) && (from->kind == PLAN_DENSE || from->kind == PLAN_SPARSE);
    if (layers && !to->sparse && !from->sparse && to->depth == from->depth)
        copy_floats(params + to->weights, old + from->weights, (size_t)both * to->depth);
    else if (layers)
        for (uint32_t o = 0; o < both; o++)
            copy_fan(fan_of(to, o), params, fan_of(from, o), old);
    else if (to->kind == from->kind)
        copy_rows(params + to->weights, to->width, old + from->weights, width, width, 1);
    if (to->bias != PLAN_NONE && from->bias != PLAN_NONE)
        copy_rows(params + to->bias, to->width, old + from->bias, width, width, 1);
    if (to->running != PLAN_NONE && from->running != PLAN_NONE)
        copy_rows(params + to->running, to->width, old + from->running, 2 * (size_t)width, width, 2);
}

void params_copy_learned(const struct plan_op *to, float *params, const struct plan_op *from, const float *old)
{
    copy_rows(params + to->learned, to->width, old + from->learned, (size_t)from->element->learned_count * from->width, from->width,
              to->element->learned_count);
}

/* The weights of a gene that are in place and belong to such an op. */
static const struct weights *carried(const struct molecule *molecule, uint32_t gene)
{
    const struct weights *weights = molecule->genes[gene].weights;
    return weights && weights->values ? weights : NULL;
}

size_t transplant(struct plan *plan, const struct molecule *molecule, float *params)
{
    size_t copied = 0;
    for (uint32_t i = 0; molecule->trained && i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        const struct weights *own = op->weights != PLAN_NONE ? carried(molecule, op->gene) : NULL;
        const struct weights *learned = op->learned != PLAN_NONE ? carried(molecule, op->learned_gene) : NULL;
        if (own && own->factors)
            copied += fill_op(plan, op, params, own);
        if (learned)
            copied += copy_rows(params + op->learned, op->width, learned->learned, learned->shape.learned, learned->shape.width,
                                op->element->learned_count);
    }
    return copied;
}

/* ---- the optimiser's state ---- */

/* What is not new. */
static void put_floats(float *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = isnan(from[i]) ? to[i] : from[i];
}

/* Copies a run of parameters' state to the plan's parameters from `to` on, and says of their span that it took steps. */
static void put_state(const struct plan *plan, const struct weights_state *state, size_t from, size_t to, size_t count,
                      struct optimizer *optimizer, double *starts)
{
    if (count == 0)
        return;
    if (state->first)
        put_floats(optimizer->first + to, state->first + from, count);
    if (state->second)
        put_floats(optimizer->second + to, state->second + from, count);
    for (uint32_t i = 0; i < plan->span_count; i++)
        if (plan->spans[i].start == to) {
            starts[2 * i] = state->power1;
            starts[2 * i + 1] = state->power2;
        }
}

/* The state of a gene's weights where the optimiser takes them up: all of them belong to such a gene. */
static const struct weights_state *state_of(const struct weights *weights, struct holders holders,
                                            const struct optimizer *optimizer)
{
    const struct weights_state *state = weights ? weights->state : NULL;
    if (!state || state->optimizer != optimizer->options->optimizer || !state->first != !optimizer->first ||
        !state->second != !optimizer->second)
        return NULL;
    const struct weights_shape shape = shape_of(holders), *had = &weights->shape;
    const bool same = shape.width == had->width && shape.depth == had->depth && shape.factors == had->factors &&
                      shape.shifts == had->shifts && shape.learned == had->learned && shape.sparse == had->sparse;
    return same ? state : NULL;
}

bool transplant_state(const struct plan *plan, const struct molecule *molecule, struct optimizer *optimizer)
{
    bool any = false;
    for (uint32_t i = 0; i < molecule->count; i++)
        any |= molecule->genes[i].weights && molecule->genes[i].weights->state;
    if (!any)
        return true;
    struct holders *holders = holders_of(plan, molecule->count);
    double *starts = mem_array(2 * (size_t)plan->span_count + 1, sizeof *starts);
    for (uint32_t i = 0; starts && i < 2 * plan->span_count; i++)
        starts[i] = 1;
    for (uint32_t i = 0; holders && starts && i < molecule->count; i++) {
        if (!holders[i].own && !holders[i].learned)
            continue;
        const struct weights *weights = molecule->genes[i].weights;
        const struct weights_state *state = state_of(weights, holders[i], optimizer);
        if (!state)
            continue;
        const struct weights_shape *shape = &weights->shape;
        const struct plan_op *own = holders[i].own, *learned = holders[i].learned;
        if (own) {
            put_state(plan, state, 0, own->weights, shape->factors, optimizer, starts);
            put_state(plan, state, shape->factors, own->bias, shape->shifts, optimizer, starts);
        }
        if (learned)
            put_state(plan, state, shape->factors + shape->shifts, learned->learned, shape->learned, optimizer, starts);
    }
    mem_free(holders);
    if (!holders || !starts) {
        mem_free(starts);
        return false;
    }
    optimizer_start(optimizer, plan, starts);
    return true;
}

/* ---- inputs ---- */

const char *recipe_scaling(const struct recipe *recipe)
{
    if (!recipe || recipe->identity)
        return "not normalised";
    switch (recipe->normalize) {
    case NORMALIZE_NONE:
        for (uint32_t c = 0; c < recipe->columns; c++)
            if (recipe->steps[c].kind == COLUMN_NUMBER && (recipe->steps[c].mean != 0 || recipe->steps[c].scale != 1))
                return NULL;
        return "not normalised";
    case NORMALIZE_STANDARD:
        return "normalised to mean 0 and standard deviation 1";
    case NORMALIZE_RANGE:
        return "normalised to the range from 0 to 1";
    case NORMALIZE_FIXED:
        return "normalised by given figures";
    }
    return NULL;
}

/* Whether what the node gives are values of the input, one by one. */
static bool passes_input(const struct graph_node *node)
{
    return node->op == GRAPH_INPUT || node->op == GRAPH_DROPOUT || node->op == GRAPH_GATHER || node->op == GRAPH_SCATTER;
}

static bool reads_input(const struct graph *graph, const struct graph_node *node)
{
    while (node->input_count > 0) {
        node = &graph->nodes[graph->inputs[node->input_at]];
        if (!passes_input(node))
            return false;
    }
    return true;
}

static void check_inputs(const struct graph *graph, const char *here, struct diags *diags)
{
    for (uint32_t i = 1; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        const struct gene *gene = &graph->molecule->genes[node->gene];
        const struct weights_source *source = node->params > 0 && gene->weights ? gene->weights->source : NULL;
        if (!source || !source->inputs || strcmp(source->inputs, here) == 0 || !reads_input(graph, node))
            continue;
        struct diag *diag = diag_warning(diags, gene->span, "these weights were trained on inputs that were scaled otherwise");
        diag_note(diag, "there they were %s, here they are %s", source->inputs, here);
        diag_help(diag, "`normalize` both data sets alike, or neither");
        return;
    }
}

void transplant_check_inputs(const struct molecule *molecule, const struct recipe *recipe, struct diags *diags)
{
    const char *here = recipe_scaling(recipe);
    if (!molecule->trained || !here)
        return;
    struct diags shapes = {0}; /* the training tells of those */
    struct graph *graph = graph_build(molecule, recipe->width, &shapes);
    if (graph)
        check_inputs(graph, here, diags);
    graph_release(graph);
    diags_release(&shapes);
}
