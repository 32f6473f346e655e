/* The head that fits the data, and what to say where a network's own does not. */
#include "engine/choices.h"
#include "engine/objective.h"
#include "engine/train.h"
#include "molecule/graph.h"
#include "molecule/trait.h"
#include "support/number.h"

/* What the data asks of a network's end. */
struct demand {
    bool classes;
    uint32_t outputs;
    enum loss_kind loss;
    struct span loss_span; /* where it was asked for, else the output's */
};

static enum head head_for(struct demand demand, uint32_t width)
{
    const enum loss_kind loss = demand.loss;
    if (loss == LOSS_PERCEPTRON)
        return HEAD_STEP;
    if (loss == LOSS_HINGE)
        return HEAD_LINEAR;
    if (demand.classes)
        return width == 1 ? HEAD_SIGMOID : HEAD_SOFTMAX;
    return loss == LOSS_BINARY_CROSS_ENTROPY ? HEAD_SIGMOID : loss == LOSS_CROSS_ENTROPY ? HEAD_SOFTMAX : HEAD_LINEAR;
}

/* Two classes need one output only; softmax and linear heads may still give one each. The hinge compares outputs: it needs both. */
static bool one_will_do(struct demand demand)
{
    return demand.classes && demand.outputs == 2 && demand.loss != LOSS_HINGE;
}

static bool width_fits(struct demand demand, uint32_t width)
{
    return width == demand.outputs || (width == 1 && one_will_do(demand));
}

/* A bare head takes what comes. */
static bool bare_refuse(struct demand demand, const struct gene *head, uint32_t width, struct diags *diags)
{
    struct diag *diag = diag_error(
        diags, head->span, "the head gets %s, but the data has %s", counted(width, "value", "values").text,
        counted(demand.outputs, demand.classes ? "class" : "target value", demand.classes ? "classes" : "target values").text);
    diag_help(diag, "let what stands before it give %s%u, or write `out(%u)` in its place", one_will_do(demand) ? "1 or " : "",
              demand.outputs, demand.outputs);
    return false;
}

static bool width_refuse(struct demand demand, const struct gene *output, struct diags *diags)
{
    struct diag *diag = diag_error(
        diags, output->span, "out(%u), but the data has %s", output->width,
        counted(demand.outputs, demand.classes ? "class" : "target value", demand.classes ? "classes" : "target values").text);
    diag_note(diag, "this gives %s", counted(output->width, "value", "values").text);
    if (output->weights)
        diag_help(diag, "`body(…)` leaves the trained head out: a network without one gets the output that fits");
    else if (demand.loss == LOSS_HINGE && demand.classes && output->width == 1)
        diag_help(diag, "the loss `hinge` compares the outputs of the classes: write `out(%u)`, or leave it out", demand.outputs);
    else if (one_will_do(demand))
        diag_help(diag, "write `out(1)` or `out(2)`, or leave it out: a network without one gets the output that fits");
    else
        diag_help(diag, "write `out(%u)`, or leave it out: a network without one gets the output that fits", demand.outputs);
    return false;
}

static bool loss_refuse(struct demand demand, const struct gene *output, struct diags *diags)
{
    const enum head head = output->head;
    struct diag *diag =
        demand.loss == LOSS_FORMULA
            ? diag_error(diags, demand.loss_span, "a loss that is a formula does not go with a %s output", head_names[head])
            : diag_error(diags, demand.loss_span, "the loss `%s` does not go with a %s output", loss_names[demand.loss],
                         head_names[head]);
    if (output->span.source != demand.loss_span.source || output->span.start != demand.loss_span.start)
        diag_label(diag, output->span, "this output");
    struct text fitting = {0};
    for (int kind = LOSS_CROSS_ENTROPY; kind < LOSS_FORMULA; kind++)
        if (loss_for_head(head, kind) == (enum loss_kind)kind)
            text_addf(&fitting, "%s`%s`", fitting.len ? ", " : "", loss_names[kind]);
    diag_help(diag, "with a %s output the loss can be %s", head_names[head], text_chars(&fitting));
    text_release(&fitting);
    return false;
}

static bool head_fits(struct demand demand, const struct gene *output, uint32_t width, struct diags *diags)
{
    const enum head head = output->head;
    const enum loss_kind loss = demand.loss;
    if (loss == LOSS_HINGE && !demand.classes) {
        struct diag *diag =
            diag_error(diags, demand.loss_span, "the loss `hinge` is for classes, but the target of this data is a value");
        diag_help(diag, "write `loss: mse`, `mae` or `huber`");
        return false;
    }
    if (loss_for_head(head, loss) == LOSS_AUTO)
        return loss_refuse(demand, output, diags);
    if (loss == LOSS_CROSS_ENTROPY && !demand.classes && width == 1) {
        struct diag *diag =
            diag_error(diags, demand.loss_span, "the loss `cross_entropy` is for classes, but the target of this data is a value");
        diag_help(diag, "write `loss: mse`, `mae` or `huber`, or leave it out");
        return false;
    }
    if (head == HEAD_SOFTMAX && width == 1) {
        diag_help(diag_error(diags, output->span, "softmax over a single output is always 1"),
                  demand.classes ? "write `out(1, sigmoid)` or `out(2)`" : "write `out(1, sigmoid)` or `out(1, linear)`");
        return false;
    }
    return true;
}

/* Cross-entropies of values take them for probabilities. */
static bool targets_fit(const struct samples *samples, struct demand demand, const struct gene *output, struct diags *diags)
{
    const enum loss_kind meant = loss_for_head(output->head, demand.loss);
    if (samples->labels || (meant != LOSS_CROSS_ENTROPY && meant != LOSS_BINARY_CROSS_ENTROPY))
        return true;
    for (size_t i = 0; i < (size_t)samples->count * samples->outputs; i++) {
        if (samples->y[i] >= 0.0F && samples->y[i] <= 1.0F)
            continue;
        struct diag *diag = diag_error(diags, demand.loss_span, "the loss `%s` needs targets from 0 to 1, but row %zu has %.4g",
                                       loss_names[meant], i / samples->outputs + 1, (double)samples->y[i]);
        diag_help(diag, "train with `loss: mse` and a linear output, or bring the target into that range");
        return false;
    }
    return true;
}

/* Slopes that are zero everywhere: told once, where the molecule meets its data. */
static void warn_of_flat(const struct molecule *molecule, struct diags *diags)
{
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        if ((gene->kind != GENE_LAYER && gene->kind != GENE_ACTIVATION) || !gene->element || !gene->element->flat)
            continue;
        struct diag *diag =
            diag_warning(diags, gene->span, "`%s` has slope 0 everywhere: no gradient passes it", gene->element->name);
        diag_note(diag, "what comes up to here keeps its first weights");
        diag_help(diag, "only an output trains through a step, by the perceptron rule: `out(1, step)`");
        return;
    }
}

/* What a bare head gets is what the network gives: `width` is set. */
static bool bare_fits(const struct molecule *molecule, struct demand demand, uint32_t inputs, uint32_t *width, struct diags *diags)
{
    struct graph *graph = graph_build(molecule, inputs, diags);
    if (!graph)
        return false;
    *width = graph->output_width;
    graph_release(graph);
    return width_fits(demand, *width) || bare_refuse(demand, molecule_output(molecule), *width, diags);
}

struct molecule *molecule_for_data(const struct molecule *molecule, const struct prepared *data, enum loss_kind loss,
                                   struct span loss_span, struct diags *diags)
{
    const struct gene *output = molecule_output(molecule);
    struct gene fitted = output ? *output : gene_of(GENE_OUTPUT, molecule->genes[0].span);
    const struct demand demand = {.classes = data->train.labels != NULL,
                                  .outputs = data->train.outputs,
                                  .loss = loss,
                                  .loss_span = loss_span.source ? loss_span : fitted.span};
    uint32_t width = fitted.width;
    if (fitted.kind == GENE_HEAD && !bare_fits(molecule, demand, data->train.width, &width, diags))
        return NULL;
    if (width > 0 && !width_fits(demand, width)) {
        width_refuse(demand, output, diags);
        return NULL;
    }
    if (width == 0)
        width = fitted.width = one_will_do(demand) ? 1 : demand.outputs;
    if (fitted.head == HEAD_AUTO)
        fitted.head = (uint8_t)head_for(demand, width);
    if (!head_fits(demand, &fitted, width, diags) || !targets_fit(&data->train, demand, &fitted, diags))
        return NULL;
    warn_of_flat(molecule, diags);
    if (output && output->head == fitted.head && output->width == fitted.width)
        return molecule_settle_densities(molecule, data->train.width, diags);
    struct molecule *whole = molecule_with_output(molecule, fitted, diags);
    struct molecule *settled = whole ? molecule_settle_densities(whole, data->train.width, diags) : NULL;
    molecule_release(whole);
    return settled;
}
