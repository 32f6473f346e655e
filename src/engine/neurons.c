#include "engine/neurons.h"

#include <math.h>
#include <stdlib.h>

#include "engine/fan.h"
#include "engine/gradients.h"
#include "engine/ops.h"
#include "engine/rewriting.h"
#include "engine/watch.h"
#include "support/memory.h"

/* ---- a layer with other neurons ---- */

/* Whether two networks have the same nodes, and sums and products are of the same width. */
static bool same_form(const struct graph *a, const struct graph *b)
{
    bool same = a->count == b->count && a->output_width == b->output_width;
    for (uint32_t i = 0; same && i < a->count; i++) {
        const struct graph_node *x = &a->nodes[i], *y = &b->nodes[i];
        const bool counted = x->op == GRAPH_SUM || x->op == GRAPH_PRODUCT || x->projection;
        same = x->op == y->op && (!counted || x->width == y->width);
    }
    return same;
}

static bool keeps_form(const struct molecule *before, const struct molecule *after, uint32_t input_width, struct diags *told)
{
    struct graph *a = graph_build(before, input_width, told), *b = graph_build(after, input_width, told);
    const bool same = a && b && same_form(a, b);
    graph_release(a);
    graph_release(b);
    return same;
}

struct molecule *neurons_choose(const struct molecule *molecule, uint32_t gene, const uint32_t *neurons, uint32_t count,
                                uint32_t input_width, uint64_t seed, const struct elements *elements, bool *preserving,
                                struct diags *diags)
{
    struct gene layer = molecule->genes[gene];
    layer.width = count;
    layer.origin = gene + 1;
    layer.label = 0;
    struct molecule *atom = molecule_atom(layer, NULL, layer.span, diags);
    const struct carry_options options = {.input_width = input_width, .seed = seed, .chosen = neurons, .chosen_gene = gene};
    struct rewriting rewriting = {0};
    struct diags refused = {0};
    struct molecule *after =
        atom ? molecule_rewrite(molecule, (struct place){gene, 1}, atom, elements, options, &rewriting, &refused) : NULL;
    const bool keeps = after && keeps_form(molecule, after, input_width, &refused);
    if (refused.out_of_memory)
        diags_move(diags, &refused);
    diags_release(&refused);
    molecule_release(atom);
    *preserving = rewriting.preserving;
    if (keeps)
        return after;
    molecule_release(after);
    return NULL;
}

static bool is_open_layer(const struct molecule *molecule, uint32_t gene)
{
    const struct gene *at = &molecule->genes[gene];
    return at->kind == GENE_LAYER && at->traits.lr_scale != 0 && at->weights && at->weights->values;
}

/* ---- who goes ---- */

static void score_by_norm(const struct weights *weights, double *scores)
{
    for (uint32_t o = 0; o < weights->shape.width; o++) {
        const struct fan fan = fan_of_weights(weights, o);
        for (uint32_t i = 0; i < fan.count; i++)
            scores[o] += (double)weights->factors[fan.at + i] * (double)weights->factors[fan.at + i];
    }
}

/* The rows of the values that come out of the layer's element: those of the layer, or of the element where it runs apart. */
static size_t value_row(const struct plan *plan, const struct plan_op *layer)
{
    for (uint32_t i = 0; i < plan->op_count; i++)
        if (plan->ops[i].kind == PLAN_ACTIVATION && plan->ops[i].gene == layer->gene)
            return plan->ops[i].value;
    return layer->value;
}

struct outputs {
    uint32_t gene;
    double *scores;
};

static void add_squares(void *context, const struct workspace *workspace, bool add)
{
    const struct outputs *outputs = context;
    const struct plan_op *op = layer_op(workspace->plan, outputs->gene);
    const size_t row = op ? value_row(workspace->plan, op) : 0;
    (void)add;
    for (uint32_t o = 0; op && o < op->width; o++)
        for (uint32_t s = 0; s < workspace->count; s++) {
            const double value = (double)workspace_row(workspace, row + o)[s];
            outputs->scores[o] += value * value;
        }
}

static bool score_by_activation(const struct molecule *molecule, uint32_t gene, const struct neuron_data *data, double *scores,
                                struct diags *diags)
{
    struct outputs outputs = {gene, scores};
    struct watch watch;
    const bool well = watch_open(&watch, molecule, data, diags);
    if (well)
        gradient_pass_run(&watch.pass, watch.rows, watch.count, add_squares, &outputs);
    watch_close(&watch);
    return well;
}

struct ranked {
    double score;
    uint32_t neuron;
};

/* The worst first; of two as good, the first. */
static int by_score(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->score != right->score)
        return left->score < right->score ? -1 : 1;
    return (left->neuron > right->neuron) - (left->neuron < right->neuron);
}

static int ascending(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Which `count` neurons of the layer stay, ascending; NULL with a diagnostic. */
static uint32_t *neurons_to_keep(const struct molecule *molecule, uint32_t gene, uint32_t count, enum neuron_score score,
                                 const struct neuron_data *data, struct diags *diags)
{
    const struct weights *weights = molecule->genes[gene].weights;
    const uint32_t width = weights->shape.width;
    double *scores = mem_array(width + (size_t)1, sizeof *scores);
    struct ranked *ranked = mem_array(width + (size_t)1, sizeof *ranked);
    uint32_t *keep = mem_array(count + (size_t)1, sizeof *keep);
    bool well = scores && ranked && keep;
    if (!well)
        diag_out_of_memory(diags, molecule->genes[gene].span);
    else if (score == NEURON_NORM)
        score_by_norm(weights, scores);
    else
        well = score_by_activation(molecule, gene, data, scores, diags);
    for (uint32_t o = 0; well && o < width; o++)
        ranked[o] = (struct ranked){scores[o], o};
    if (well) {
        qsort(ranked, width, sizeof *ranked, by_score);
        for (uint32_t i = 0; i < count; i++)
            keep[i] = ranked[width - count + i].neuron;
        qsort(keep, count, sizeof *keep, ascending);
    }
    mem_free(scores);
    mem_free(ranked);
    if (well)
        return keep;
    mem_free(keep);
    return NULL;
}

/* The molecule before with its origins, where nothing changed yet. */
static struct molecule *with_origins(const struct molecule *molecule, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (uint32_t i = 0; i < builder.count; i++)
        builder.genes[i].origin = i + 1;
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

/* One layer of it without its worst neurons; the molecule itself, retained, where its width is fixed. NULL with a diagnostic. */
static struct molecule *prune_layer(const struct molecule *molecule, uint32_t gene, uint32_t count, enum neuron_score score,
                                    const struct neuron_data *data, const struct elements *elements, struct diags *diags)
{
    uint32_t *keep = neurons_to_keep(molecule, gene, count, score, data, diags);
    const size_t errors = diags->errors;
    bool same;
    struct molecule *after =
        keep ? neurons_choose(molecule, gene, keep, count, data->input_width, 0, elements, &same, diags) : NULL;
    if (keep && !after && diags->errors == errors)
        after = molecule_retain(molecule);
    mem_free(keep);
    return after;
}

struct molecule *neurons_prune(const struct molecule *molecule, uint32_t gene, double share, enum neuron_score score,
                               const struct neuron_data *data, const struct elements *elements, struct diags *diags)
{
    /* Genes stay where they are, as long as no layer goes or comes. */
    struct molecule *now = with_origins(molecule, diags);
    for (uint32_t i = gene; now && i < gene + molecule->genes[gene].size; i++) {
        if (!is_open_layer(now, i))
            continue;
        const uint32_t width = now->genes[i].width, drop = (uint32_t)round(share * width), count = drop < width ? width - drop : 1;
        if (count == width)
            continue;
        struct molecule *after = prune_layer(now, i, count, score, data, elements, diags);
        molecule_release(now);
        now = after;
    }
    for (uint32_t i = 0; now && i < now->count; i++)
        now->genes[i].origin = i + 1;
    return now;
}
