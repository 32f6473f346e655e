/* What went wrong in a training, in words: for `show`, which warns, and for `why`, which is asked. The worst of what is found is told:
   a divergence, a task that nobody could learn, a network that is dead, a loss that rose, weights that explode, a network that learned
   nothing, a loss that leapt. What a training should have learned is judged in diagnosis_learning.c. */
#include <math.h>

#include "engine/cause.h"
#include "engine/plan.h"
#include "engine/signals.h"
#include "interp/diagnosis.h"
#include "interp/objects.h"
#include "interp/print.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"

/* A loss that ends so many times higher than it began did not learn. */
#define LOSS_ROSE 2.0
/* A loss that ends above this share of where it began may be that of a dead network. */
#define LOSS_STUCK 0.5
/* Weights of a network that learned are within this. */
#define WEIGHT_MOST 1e4
/* A leap: so many times the epoch before, and above the share of the first loss. */
#define LEAP_TIMES 10.0
#define LEAP_SHARE 0.5

/* The likely cause of a loss that rose. */
static void add_cause(const struct run *run, struct text *out)
{
    const struct cause cause = cause_find(run->training, &run->options, run->prepared ? &run->prepared->train : NULL);
    cause_print(&cause, out);
}

/* "layer 2, `relu(8)`" */
static void add_layer(const struct molecule *molecule, uint32_t number, struct text *out)
{
    const struct gene *gene = &molecule->genes[number];
    unsigned layer = 0;
    for (uint32_t i = 0; i <= number; i++)
        layer += molecule->genes[i].kind == GENE_LAYER;
    if (gene->kind == GENE_LAYER)
        text_addf(out, "layer %u, `%s(%u)`", layer, gene->element->name, gene->width);
    else if (gene->kind == GENE_OUTPUT)
        text_add(out, "the output");
    else
        text_addf(out, "what follows layer %u", layer);
}

/* "loss rose from 0.7 to inf in 3 steps" */
static void add_rise(double from, double to, struct text *out)
{
    if (to > from) {
        text_add(out, "loss rose from ");
        number_write_short(out, from, 2);
        text_add(out, " to ");
        number_write_short(out, to, 2);
    } else if (isnan(to)) {
        text_add(out, "loss went from ");
        number_write_short(out, from, 2);
        text_add(out, " to NaN");
    } else {
        text_add(out, "the weights grew without bound");
    }
}

static void add_divergence(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    const struct divergence *divergence = &training->divergence;
    const struct molecule *molecule = training->model->molecule;
    add_cause(run, out);
    if (divergence->steps > 0) {
        text_add(out, ": ");
        if (isfinite(divergence->from))
            add_rise(divergence->from, divergence->to, out);
        else
            text_add(out, isnan(divergence->to) ? "loss was NaN" : "loss was infinite");
        text_addf(out, divergence->steps == 1 ? " in the first step" : " in %llu steps", (unsigned long long)divergence->steps);
    }
    text_addf(out, "; diverged in epoch %u", training->epochs);
    if (divergence->steps > 0 && divergence->gene < molecule->count) {
        text_add(out, ", first in ");
        add_layer(molecule, divergence->gene, out);
    }
}

/* A layer whose neurons answer the same to everything leaves those before it without a gradient. */
static bool add_dead(const struct run *run, struct text *out)
{
    struct network_signals signals;
    const struct model *model = run->training->model;
    if (!run->prepared || !signals_measure(model, &run->prepared->train, NULL, NULL, &signals))
        return false;
    size_t i = 0;
    while (i < signals.count && (signals.layers[i].width == 0 || signals.layers[i].dead < signals.layers[i].width))
        i++;
    struct cause size = {0};
    const bool dead = i < signals.count;
    if (dead) {
        text_add(out, "dead network: no neuron of ");
        add_layer(model->molecule, signals.layers[i].gene, out);
        text_add(out, ", answers any more; ");
        if (cause_is_size(&run->prepared->train, &size)) {
            cause_print(&size, out);
        } else {
            text_add(out, "take a lower learning rate than ");
            number_write(out, run->options.lr);
            text_add(out, ", or an element with a slope everywhere, such as leaky_relu");
        }
    }
    signals_release(&signals);
    return dead;
}

static bool add_exploding(const struct run *run, struct text *out)
{
    const struct model *model = run->training->model;
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        const double largest =
            op->weights == PLAN_NONE || op->frozen ? 0 : floats_largest(model->params + op->weights, op->weight_count);
        if (largest <= WEIGHT_MOST)
            continue;
        text_add(out, "exploding weights: those of ");
        add_layer(model->molecule, op->gene, out);
        text_add(out, ", reach ");
        print_figure(largest, out);
        text_add(out, "; ");
        add_cause(run, out);
        return true;
    }
    return false;
}

static bool add_leap(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    for (uint32_t i = 1; i < training->epochs; i++) {
        const double before = training->history[i - 1].loss, loss = training->history[i].loss;
        if (!(loss > LEAP_TIMES * before && loss > LEAP_SHARE * training->first_loss))
            continue;
        text_addf(out, "the loss leapt in epoch %u, from ", training->history[i].epoch);
        number_write_short(out, before, 2);
        text_add(out, " to ");
        number_write_short(out, loss, 2);
        text_add(out, "; `clip: 1` or a lower learning rate than ");
        number_write(out, run->options.lr);
        text_add(out, " would hold it");
        return true;
    }
    return false;
}

bool run_diagnosis(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    if (training->diverged) {
        add_divergence(run, out);
        return true;
    }
    if (training->epochs == 0) /* nothing can have gone wrong */
        return false;
    if (diagnose_task(run, out))
        return true;
    const bool stuck = !(training->last_loss < LOSS_STUCK * training->first_loss);
    if (stuck && add_dead(run, out))
        return true;
    if (!(training->last_loss < LOSS_ROSE * fmax(training->first_loss, 1e-3))) {
        add_cause(run, out);
        text_add(out, ": ");
        add_rise(training->first_loss, training->last_loss, out);
        text_addf(out, " in %u epochs; it did not learn", training->epochs);
        return true;
    }
    return add_exploding(run, out) || diagnose_learning(run, out) || add_leap(run, out);
}
