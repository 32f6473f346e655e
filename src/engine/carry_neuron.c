/* What goes with each neuron: norms, and parameters that an element learns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/carrier.h"

uint32_t match_values(struct carrier *carrier, uint32_t node, uint32_t old_node, uint32_t *rows)
{
    const uint32_t width = carrier->now.graph->nodes[node].width, old_width = carrier->old.graph->nodes[old_node].width;
    const uint32_t *numbers = numbers_of(&carrier->now, node), *old = numbers_of(&carrier->old, old_node);
    uint32_t found = 0;
    carrier_look(carrier, &carrier->old, old_node);
    for (uint32_t j = 0; j < width && !carrier->failed; j++) {
        const bool there = where_copies(&carrier->where, numbers[j]) > 0;
        rows[j] = !there ? NO_NODE : j < old_width && old[j] == numbers[j] ? j : carrier->where.first[numbers[j]] - 1;
        found += there;
    }
    return found;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static uint32_t run_of(const uint32_t *sorted, uint32_t at, uint32_t count)
{
    uint32_t run = 1;
    while (at + run < count && sorted[at + run] == sorted[at])
        run++;
    return run;
}

/* Whether two lists have every number equally often for their lengths: then means and variances over them are equal. Sorts them. */
static bool proportional(uint32_t *a, uint32_t a_count, uint32_t *b, uint32_t b_count)
{
    uint32_t i = 0, k = 0;
    qsort(a, a_count, sizeof *a, ascending);
    qsort(b, b_count, sizeof *b, ascending);
    while (i < a_count && k < b_count) {
        const uint32_t run = run_of(a, i, a_count), other = run_of(b, k, b_count);
        if (a[i] != b[k] || (uint64_t)run * b_count != (uint64_t)other * a_count)
            return false;
        i += run;
        k += other;
    }
    return i == a_count && k == b_count;
}

static bool same_statistics(struct carrier *carrier, uint32_t in, uint32_t old_in)
{
    const uint32_t width = carrier->now.graph->nodes[in].width, old_width = carrier->old.graph->nodes[old_in].width;
    memcpy(carrier->scratch, numbers_of(&carrier->now, in), width * sizeof(uint32_t));
    memcpy(carrier->rows, numbers_of(&carrier->old, old_in), old_width * sizeof(uint32_t));
    return proportional(carrier->scratch, width, carrier->rows, old_width);
}

/* Values of neurons `sources` of the old network at `from`, in rows of `old_width` and of `width`; of new ones those of the row that a
   norm begins with, `fresh`. */
static void copy_by_source(float *to, const float *from, const struct neuron_source *sources, size_t rows, uint32_t width,
                           uint32_t old_width, const float *fresh)
{
    for (size_t row = 0; from && row < rows; row++)
        for (uint32_t j = 0; j < width; j++)
            to[row * width + j] = sources[j].node == NO_NODE ? fresh[row] : from[row * old_width + sources[j].row];
}

/* What the optimiser keeps of the norm's scales and shifts, where neurons were chosen. */
static bool fill_norm_state(const struct carrier *carrier, struct weights *made, const struct weights *from)
{
    static const float fresh[] = {NAN, NAN}; /* the optimiser begins with it */
    const struct weights_state *old = carrier->options.choices ? from->state : NULL;
    if (!weights_add_state_like(made, old))
        return false;
    if (old && old->first)
        copy_by_source(made->state->first, old->first, carrier->sources, 2, made->shape.width, from->shape.width, fresh);
    if (old && old->second)
        copy_by_source(made->state->second, old->second, carrier->sources, 2, made->shape.width, from->shape.width, fresh);
    return true;
}

static void fill_norm(struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const struct weights *from = weights_at(carrier, old_node);
    if (!carrier->fills || !from)
        return;
    static const float scale[] = {1}, shift[] = {0}, mean_and_variance[] = {0, 1};
    const size_t running = at->op == GRAPH_BATCHNORM ? 2 : 0;
    struct weights *made = weights_new(
        (struct weights_shape){
            .width = at->width, .depth = at->width, .factors = at->width, .shifts = at->width, .running = running * at->width},
        from->source);
    carrier->failed = carrier->failed || !made;
    carrier->made[at->gene] = made;
    if (!made)
        return;
    made->span = from->span;
    copy_by_source(made->factors, from->factors, carrier->sources, 1, at->width, from->shape.width, scale);
    copy_by_source(made->shifts, from->shifts, carrier->sources, 1, at->width, from->shape.width, shift);
    copy_by_source(made->running, from->running, carrier->sources, running, at->width, from->shape.width, mean_and_variance);
    carrier->failed = carrier->failed || !fill_norm_state(carrier, made, from);
}

/* What a batchnorm gives of a neuron that was not there before, a new number; of one that gives nothing yet, nothing. */
static void number_new(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const uint32_t *arguments = numbers_of(&carrier->now, input_node(carrier->now.graph, node, 0));
    for (uint32_t j = 0; j < at->width; j++)
        if (carrier->sources[j].node == NO_NODE && arguments[j] != NUMBER_ZERO)
            numbers_of(&carrier->now, node)[j] = number_fresh(carrier->numbering, 1);
}

void carry_norm(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const struct gene_nodes *own = origin_of(carrier, node);
    const uint32_t in = input_node(carrier->now.graph, node, 0);
    const uint32_t old_in = own && own->norm != NO_NODE ? input_node(carrier->old.graph, own->norm, 0) : NO_NODE;
    const bool batch = at->op == GRAPH_BATCHNORM;
    const bool fits = old_in != NO_NODE && (batch || carrier->options.choices || same_statistics(carrier, in, old_in));
    const uint32_t found = fits ? match_values(carrier, in, old_in, carrier->rows) : 0;
    if (found == 0 || (!batch && found < at->width)) {
        number_fresh_values(carrier, &carrier->now, node);
        return;
    }
    bool same = at->width == carrier->old.graph->nodes[old_in].width;
    for (uint32_t j = 0; j < at->width; j++) {
        const bool there = carrier->rows[j] != NO_NODE;
        carrier->sources[j] =
            (struct neuron_source){there ? own->norm : NO_NODE, there ? carrier->rows[j] : NUMBER_ZERO, false, false};
        same = same && carrier->rows[j] == j;
    }
    if (same) {
        keep_node(carrier, node, own->norm);
        return;
    }
    fill_norm(carrier, node, own->norm);
    number_sources(carrier, node);
    number_new(carrier, node);
}

/* Neurons of the old network's node that have their own parameters of the same element, by what the element is of. */
static void match_learned(struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const uint32_t in = input_node(carrier->now.graph, node, 0), old_in = input_node(carrier->old.graph, old_node, 0);
    const uint32_t width = carrier->now.graph->nodes[node].width, old_width = carrier->old.graph->nodes[old_in].width;
    const uint32_t *numbers = numbers_of(&carrier->now, in), *old = numbers_of(&carrier->old, old_in);
    if (gene_of_node(&carrier->now, node)->element != gene_of_node(&carrier->old, old_node)->element)
        return;
    carrier_look(carrier, &carrier->old, old_in);
    for (uint32_t j = 0; j < width; j++)
        if (carrier->sources[j].node == NO_NODE && where_copies(&carrier->where, numbers[j]) > 0)
            carrier->sources[j] = (struct neuron_source){
                old_node, j < old_width && old[j] == numbers[j] ? j : carrier->where.first[numbers[j]] - 1, false, false};
}

/* Writes the learned parameters of the neurons as their sources say; `passing` for those without one. */
static void fill_learned(struct carrier *carrier, uint32_t node, const double *passing)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const struct element *element = gene_of_node(&carrier->now, node)->element;
    float *to = carrier->made[at->gene] ? carrier->made[at->gene]->learned : NULL;
    for (unsigned i = 0; to && i < element->param_count; i++) {
        unsigned row = 0;
        for (unsigned k = 0; k < i; k++)
            row += element->params[k].learned;
        for (uint32_t j = 0; element->params[i].learned && j < at->width; j++) {
            const struct neuron_source *source = &carrier->sources[j];
            const struct weights *from = source->node != NO_NODE ? weights_at(carrier, source->node) : NULL;
            to[(size_t)row * at->width + j] =
                from && from->learned ? from->learned[(size_t)row * from->shape.width + source->row] : (float)passing[i];
        }
    }
}

/* How many neurons have a source; those that have none are to begin with the value of no neuron. */
static uint32_t find_learned(struct carrier *carrier, uint32_t node, const struct gene_nodes *own)
{
    const uint32_t width = carrier->now.graph->nodes[node].width;
    uint32_t found = 0;
    for (uint32_t j = 0; j < width; j++)
        carrier->sources[j] = (struct neuron_source){NO_NODE, 0, false, false};
    if (own && own->element != NO_NODE)
        match_learned(carrier, node, own->element);
    for (uint32_t i = 0; i < carrier->before->count; i++)
        if (!carrier->nodes[i].kept && carrier->nodes[i].element != NO_NODE)
            match_learned(carrier, node, carrier->nodes[i].element);
    for (uint32_t j = 0; j < width; j++)
        found += carrier->sources[j].node != NO_NODE;
    return found;
}

static bool all_in_place(const struct carrier *carrier, uint32_t node, const struct gene_nodes *own)
{
    const uint32_t width = carrier->now.graph->nodes[node].width;
    if (!own || own->element == NO_NODE || carrier->old.graph->nodes[own->element].width != width ||
        gene_of_node(&carrier->now, node)->kind != gene_of_node(&carrier->old, own->element)->kind)
        return false;
    for (uint32_t j = 0; j < width; j++)
        if (carrier->sources[j].node != own->element || carrier->sources[j].row != j)
            return false;
    return true;
}

/* An element alone, with parameters to carry. */
static void make_learned(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    if (!carrier->fills)
        return;
    const struct gene *gene = gene_of_node(&carrier->now, node);
    struct weights *made = weights_new(
        (struct weights_shape){.width = at->width, .depth = at->width, .learned = learned_count(gene) * at->width}, NULL);
    carrier->failed = carrier->failed || !made;
    carrier->made[at->gene] = made;
    if (made)
        made->span = gene->span;
}

/* An element with parameters of its own for each neuron: they go with what it is applied to; a new one begins as the identity where
   it can, so that what comes behind reads the same. */
void carry_learned(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const struct gene *gene = gene_of_node(&carrier->now, node);
    const struct gene_nodes *own = origin_of(carrier, node);
    const uint32_t *arguments = numbers_of(&carrier->now, input_node(carrier->now.graph, node, 0));
    const bool layer = gene->kind == GENE_LAYER;
    const enum fate fate = carrier->fates[at->gene];
    double passing[LIMIT_ELEMENT_PARAMETERS];
    const uint32_t found = find_learned(carrier, node, own);
    if (all_in_place(carrier, node, own) && (!layer || fate == FATE_WHOLE)) {
        keep_node(carrier, node, own->element);
        return;
    }
    const bool passes = found == 0 && (layer ? fate == FATE_PASSED : !own) && passing_params(gene, passing);
    const bool whole = passes || found == at->width || carrier->options.choices;
    const bool known = (whole || (found > 0 && !layer)) && (!layer || fate == FATE_MADE || fate == FATE_PASSED);
    if (known && !layer)
        make_learned(carrier, node);
    fill_learned(carrier, node, passes ? passing : gene->traits.params);
    if (!known)
        number_fresh_values(carrier, &carrier->now, node);
    for (uint32_t j = 0; known && j < at->width; j++) {
        const struct neuron_source *source = &carrier->sources[j];
        numbers_of(&carrier->now, node)[j] = source->node != NO_NODE ? numbers_of(&carrier->old, source->node)[source->row]
                                             : whole                 ? arguments[j]
                                                                     : number_fresh(carrier->numbering, 1);
    }
}
