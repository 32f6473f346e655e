#include "engine/neurons.h"

#include <math.h>
#include <stdlib.h>

#include "engine/fan.h"
#include "engine/gradients.h"
#include "engine/ops.h"
#include "engine/watch.h"
#include "molecule/rewrite.h"
#include "molecule/ties.h"
#include "support/memory.h"

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

/* ---- groups of layers ---- */

/* Layers that lose neurons together: one, and all that are tied to it. */
struct group {
    const struct molecule *molecule;
    struct graph *graph;
    struct ties *ties;
    uint32_t leader; /* the widest of them */
    bool *member;    /* by gene */
    uint32_t *left;  /* by gene: neurons that stay so far */
    double *scores;  /* by what stands for tied neurons: of all of them */
    bool *stays;     /* … whether they have to */
};

static bool group_room(struct group *group, const struct molecule *molecule, uint32_t input_width, struct diags *diags)
{
    group->molecule = molecule;
    group->graph = graph_build(molecule, input_width, diags);
    if (!group->graph)
        return false;
    group->ties = ties_find(group->graph);
    group->member = mem_array(molecule->count, sizeof *group->member);
    group->left = mem_array(molecule->count, sizeof *group->left);
    group->scores = group->ties ? mem_array(group->ties->count, sizeof *group->scores) : NULL;
    group->stays = group->ties ? mem_array(group->ties->count, sizeof *group->stays) : NULL;
    return (group->ties && group->member && group->left && group->scores && group->stays) ||
           diag_out_of_memory(diags, molecule->genes[0].span);
}

static void group_release(struct group *group)
{
    mem_free(group->member);
    mem_free(group->left);
    mem_free(group->scores);
    mem_free(group->stays);
    ties_release(group->ties);
    graph_release(group->graph);
}

/* Everybody who is tied to a neuron of the layer joins; who does so first goes to `to` and is counted. */
static void join(struct group *group, uint32_t gene, uint32_t *to, uint32_t *count)
{
    const struct ties *ties = group->ties;
    for (uint32_t row = 0; row < ties->width[gene]; row++) {
        const uint32_t class = ties_of(ties, gene, row);
        for (uint32_t i = ties->first[class]; class && i; i = ties->next[i]) {
            const uint32_t other = ties->gene_of[i];
            const bool layer = group->molecule->genes[other].kind == GENE_LAYER;
            group->stays[class] = group->stays[class] || (layer && !is_open_layer(group->molecule, other));
            if (layer && ties->width[other] > ties->width[group->leader])
                group->leader = other;
            if (!group->member[other])
                to[(*count)++] = other;
            group->member[other] = true;
        }
    }
}

/* Who is in it; a neuron stays where a frozen one does. False with a diagnostic. */
static bool find_members(struct group *group, uint32_t gene, struct diags *diags)
{
    uint32_t *waiting = mem_array(group->molecule->count + (size_t)1, sizeof *waiting), count = 1;
    if (!waiting)
        return diag_out_of_memory(diags, group->molecule->genes[gene].span);
    waiting[0] = group->leader = gene;
    group->member[gene] = group->stays[0] = true;
    for (uint32_t i = 0; i < count; i++)
        join(group, waiting[i], waiting, &count);
    for (uint32_t i = 0; i < group->molecule->count; i++)
        group->left[i] = group->ties->width[i];
    mem_free(waiting);
    return true;
}

/* What its neurons are worth; false with a diagnostic. */
static bool score_members(struct group *group, enum neuron_score score, const struct neuron_data *data, struct diags *diags)
{
    bool well = true;
    for (uint32_t gene = 0; well && gene < group->molecule->count; gene++) {
        if (!group->member[gene] || !is_open_layer(group->molecule, gene))
            continue;
        double *scores = mem_array(group->ties->width[gene] + (size_t)1, sizeof *scores);
        if (!scores)
            return diag_out_of_memory(diags, group->molecule->genes[gene].span);
        if (score == NEURON_NORM)
            score_by_norm(group->molecule->genes[gene].weights, scores);
        else
            well = score_by_activation(group->molecule, gene, data, scores, diags);
        for (uint32_t row = 0; well && row < group->ties->width[gene]; row++)
            group->scores[ties_of(group->ties, gene, row)] += scores[row];
        mem_free(scores);
    }
    return well;
}

/* Takes tied neurons away, unless a layer would have none left. */
static bool take_away(struct group *group, uint32_t class)
{
    const struct ties *ties = group->ties;
    bool well = class && !group->stays[class];
    for (uint32_t i = ties->first[class]; well && i; i = ties->next[i])
        group->left[ties->gene_of[i]]--;
    for (uint32_t i = ties->first[class]; well && i; i = ties->next[i])
        well = group->left[ties->gene_of[i]] > 0;
    for (uint32_t i = ties->first[class]; class && !group->stays[class] && !well && i; i = ties->next[i])
        group->left[ties->gene_of[i]]++;
    group->stays[class] = true; /* asked once */
    return well;
}

/* Which of the leader's neurons stay when the share of them that scores least goes, ascending; NULL with a diagnostic. */
static uint32_t *neurons_to_keep(struct group *group, double share, uint32_t *count, struct diags *diags)
{
    const uint32_t width = group->ties->width[group->leader];
    struct ranked *ranked = mem_array(width + (size_t)1, sizeof *ranked);
    uint32_t *keep = mem_array(width + (size_t)1, sizeof *keep), left = (uint32_t)round(share * width);
    bool *gone = mem_array(group->ties->count, sizeof *gone);
    const bool room = ranked && keep && gone;
    *count = 0;
    for (uint32_t row = 0; room && row < width; row++)
        ranked[row] = (struct ranked){group->scores[ties_of(group->ties, group->leader, row)], row};
    if (room)
        qsort(ranked, width, sizeof *ranked, by_score);
    for (uint32_t i = 0; room && left > 0 && i < width; i++) {
        const uint32_t class = ties_of(group->ties, group->leader, ranked[i].neuron);
        gone[class] = gone[class] || take_away(group, class);
        left -= gone[class] ? 1 : 0;
    }
    for (uint32_t row = 0; room && row < width; row++)
        if (!gone[ties_of(group->ties, group->leader, row)])
            keep[(*count)++] = row;
    mem_free(ranked);
    mem_free(gone);
    if (room)
        return keep;
    mem_free(keep);
    diag_out_of_memory(diags, group->molecule->genes[group->leader].span);
    return NULL;
}

/* ---- the whole ---- */

/* The molecule before with its origins, where nothing changed yet. */
static struct molecule *with_origins(const struct molecule *molecule, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (uint32_t i = 0; i < builder.count; i++)
        builder.genes[i].origin = i + 1;
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

/* The molecule without the worst neurons of one group of layers; the molecule itself, retained, where none can go. NULL with a
   diagnostic. */
static struct molecule *prune_group(struct group *group, double share, enum neuron_score score, const struct neuron_data *data,
                                    const struct elements *elements, struct diags *diags)
{
    uint32_t count = 0;
    const size_t errors = diags->errors;
    uint32_t *keep = score_members(group, score, data, diags) ? neurons_to_keep(group, share, &count, diags) : NULL;
    struct molecule *after = NULL;
    bool same;
    if (keep && count < group->ties->width[group->leader])
        after = neurons_choose(group->molecule, group->leader, keep, count, data->input_width, 0, elements, &same, diags);
    if (keep && !after && diags->errors == errors && !diags->out_of_memory)
        after = molecule_retain(group->molecule);
    mem_free(keep);
    return after;
}

/* The next layer of the subtree that is to lose neurons; the number of genes where there is none. */
static uint32_t next_layer(const struct molecule *now, uint32_t gene, uint32_t end, const bool *done)
{
    uint32_t i = 0;
    while (i < now->count &&
           (now->genes[i].origin <= gene || now->genes[i].origin > end || done[now->genes[i].origin - 1] || !is_open_layer(now, i)))
        i++;
    return i;
}

struct molecule *neurons_prune(const struct molecule *molecule, uint32_t gene, double share, enum neuron_score score,
                               const struct neuron_data *data, const struct elements *elements, struct diags *diags)
{
    struct molecule *now = with_origins(molecule, diags);
    bool *done = mem_array(molecule->count, sizeof *done);
    if (now && !done) {
        diag_out_of_memory(diags, molecule->genes[0].span);
        molecule_release(now);
        now = NULL;
    }
    for (uint32_t at; now && (at = next_layer(now, gene, gene + molecule->genes[gene].size, done)) < now->count;) {
        struct group group = {0};
        struct molecule *after = NULL;
        if (group_room(&group, now, data->input_width, diags) && find_members(&group, at, diags)) {
            for (uint32_t i = 0; i < now->count; i++)
                if (group.member[i] && now->genes[i].origin > 0)
                    done[now->genes[i].origin - 1] = true;
            after = prune_group(&group, share, score, data, elements, diags);
        }
        group_release(&group);
        if (after && after != now)
            molecule_compose_origins(after, now);
        molecule_release(now);
        now = after;
    }
    mem_free(done);
    return now;
}
