/* What went wrong in a training, in words: for `show`, which warns, and for `why`, which is asked. The worst of what is found is told:
   a divergence, a network that is dead, a loss that rose, weights that explode, a loss that leapt, and at last a network that knows no
   more of its training data than its mean or its most frequent class. */
#include <math.h>

#include "engine/choices.h"
#include "engine/culprit.h"
#include "engine/plan.h"
#include "engine/signals.h"
#include "interp/objects.h"
#include "interp/print.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"

/* A learning rate past which an optimiser rarely stays in the valley it found. rprop's is only where it begins. */
static const double high_rates[] = {
    [OPTIMIZER_SGD] = 1,      [OPTIMIZER_MOMENTUM] = 1, [OPTIMIZER_RMSPROP] = 0.05,   [OPTIMIZER_ADAM] = 0.05,
    [OPTIMIZER_ADAMW] = 0.05, [OPTIMIZER_LION] = 0.02,  [OPTIMIZER_RPROP] = INFINITY,
};
/* Inputs and targets of plain size train without being normalised. */
#define PLAIN_SIZE 100.0
/* A loss that ends so many times higher than it began did not learn. */
#define LOSS_ROSE 2.0
/* A loss that ends above this share of where it began may be that of a dead network. */
#define LOSS_STUCK 0.5
/* Weights of a network that learned are within this. */
#define WEIGHT_MOST 1e4
/* A leap: so many times the epoch before, and above the share of the first loss. */
#define LEAP_TIMES 10.0
#define LEAP_SHARE 0.5
/* Epochs after which a network may be asked what it has learned. */
#define LEARN_EPOCHS 10
/* R^2 on training data below which values are no better met than by their mean. */
#define LEARN_R2 0.01
/* Penalties from here on leave weights near 0. */
#define PENALTY_HIGH 0.1
/* Below this learning rate a loss that stands still is the rate's doing. */
#define RATE_LOW 1e-5
/* A share of the most frequent class that drowns the others. */
#define CLASS_DROWNS 0.8
/* Layers behind each other, without a skip, through which a gradient hardly comes. */
#define LAYERS_DEEP 6

static double largest_of(const float *values, size_t count)
{
    double largest = 0;
    for (size_t i = 0; values && i < count; i++) {
        const double size = fabs((double)values[i]);
        largest = size > largest ? size : largest; /* with fmax GCC 12 fails for ARM */
    }
    return largest;
}

static void add_size(const char *what, double size, struct text *out)
{
    text_addf(out, "the %s reach ", what);
    print_figure(size, out);
    text_add(out, ", `normalize` the data");
}

/* The likely cause of a loss that rose. */
static void add_cause(const struct run *run, struct text *out)
{
    const struct train_options *options = &run->options;
    const struct samples *train = run->prepared ? &run->prepared->train : NULL;
    const double input = train ? largest_of(train->x, (size_t)train->count * train->width) : 0;
    const double target = train ? largest_of(train->y, (size_t)train->count * train->outputs) : 0;
    const bool high = options->lr > high_rates[options->optimizer];
    struct culprit culprit;
    const bool guilty = run->training->diverged && culprit_find(run->training->model->molecule, options, train, &culprit);
    if (guilty && !(high && culprit.gap.too_large)) {
        culprit_print(&culprit, out);
    } else if (options->loss == LOSS_FORMULA && run->training->divergence.steps == 1) {
        text_addf(out, "the loss `%s` has no finite value at the outputs that the network begins with", options->formula->name);
    } else if (!high && input > PLAIN_SIZE) {
        add_size("inputs", input, out);
    } else if (!high && target > PLAIN_SIZE) {
        add_size("targets", target, out);
    } else {
        text_add(out, "learning rate ");
        number_write(out, options->lr);
        text_add(out, high ? " is too high" : " is probably too high");
    }
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
        text_add(out, " to what is no number");
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
            text_add(out, isnan(divergence->to) ? "loss was no number" : "loss was infinite");
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
    const double input = largest_of(run->prepared->train.x, (size_t)run->prepared->train.count * run->prepared->train.width);
    const bool dead = i < signals.count;
    if (dead) {
        text_add(out, "dead network: no neuron of ");
        add_layer(model->molecule, signals.layers[i].gene, out);
        text_add(out, ", answers any more; ");
        if (input > PLAIN_SIZE) {
            add_size("inputs", input, out);
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
            op->weights == PLAN_NONE || op->frozen ? 0 : largest_of(model->params + op->weights, op->weight_count);
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

/* ---- what was not learned ---- */

/* How often each class occurs. */
struct shares {
    int32_t label;  /* the most frequent one */
    double most;    /* its share */
    double entropy; /* of the shares, in nats: the cross-entropy of always saying them */
};

static struct shares shares_of(const struct samples *train)
{
    struct shares shares = {0};
    for (int32_t c = 0; train->labels && c < (int32_t)train->outputs; c++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < train->count; i++)
            count += train->labels[i] == c;
        const double share = (double)count / train->count;
        if (share > shares.most)
            shares = (struct shares){c, share, shares.entropy};
        shares.entropy -= share > 0 ? share * log(share) : 0;
    }
    return shares;
}

static bool inputs_alike(const struct samples *train)
{
    for (uint32_t i = 1; i < train->count; i++)
        for (uint32_t f = 0; f < train->width; f++)
            if (train->x[(size_t)i * train->width + f] != train->x[f])
                return false;
    return true;
}

/* Layers in a row, where nothing leads past them. */
static unsigned layers_unbroken(const struct molecule *molecule)
{
    unsigned layers = 0;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const uint8_t kind = molecule->genes[i].kind;
        if (kind == GENE_SKIP || kind == GENE_TAP || kind == GENE_BATCHNORM || kind == GENE_LAYERNORM)
            return 0;
        layers += kind == GENE_LAYER;
    }
    return layers;
}

/* Why a network that ran to its end learned nothing; `share` of the training rows have the most frequent class, 0 of values. */
static void add_obstacle(const struct run *run, double share, struct text *out)
{
    const struct train_options *options = &run->options;
    const struct training *training = run->training;
    const struct samples *train = &run->prepared->train;
    const double input = largest_of(train->x, (size_t)train->count * train->width);
    const double target = largest_of(train->y, (size_t)train->count * train->outputs);
    const bool still = fabs(training->last_loss - training->first_loss) < 0.01 * fabs(training->first_loss);
    if (options->lr > high_rates[options->optimizer]) {
        text_add(out, "learning rate ");
        number_write(out, options->lr);
        text_add(out, " is too high");
    } else if (input > PLAIN_SIZE || target > PLAIN_SIZE) {
        add_size(input > PLAIN_SIZE ? "inputs" : "targets", input > PLAIN_SIZE ? input : target, out);
    } else if (options->l1 >= PENALTY_HIGH || options->l2 >= PENALTY_HIGH) {
        text_addf(out, "`%s: ", options->l1 >= PENALTY_HIGH ? "l1" : "l2");
        number_write(out, options->l1 >= PENALTY_HIGH ? options->l1 : options->l2);
        text_add(out, "` holds the weights near 0");
    } else if (still && options->lr < RATE_LOW) {
        text_add(out, "learning rate ");
        number_write(out, options->lr);
        text_add(out, " is probably too low");
    } else if (share >= CLASS_DROWNS) {
        text_add(out, "the other classes are too few, `class_weights: balanced` makes them count");
    } else if (layers_unbroken(training->model->molecule) >= LAYERS_DEEP) {
        text_add(out,
                 "the gradient hardly reaches the first layers of a network this deep: skips (`~`), `batchnorm` or fewer layers "
                 "let it through");
    } else {
        text_add(out, "more epochs, another learning rate than ");
        number_write(out, options->lr);
        text_add(out, " or a larger network may help");
    }
}

/* "; after 20 epochs it is no better on the training data than always saying `no`" */
static void add_naive(const struct run *run, const char *than, const struct shares *shares, struct text *out)
{
    const struct recipe *recipe = run->training->model->recipe;
    text_addf(out, "; after %u epochs it is no better on the training data than %s", run->training->epochs, than);
    if (shares && recipe->class_names)
        text_addf(out, "`%s`", recipe->class_names[shares->label]);
    else if (shares)
        text_addf(out, "`%d`", (int)shares->label);
}

/* Whether the loss is the plain cross-entropy, in nats. */
static bool plain_entropy(const struct run *run)
{
    const struct train_options *options = &run->options;
    const struct gene *output = molecule_output(run->training->model->molecule);
    return head_tells_probabilities(output->head) && !run->prepared->class_weights && options->smoothing == 0 &&
           (options->loss == LOSS_AUTO || options->loss == LOSS_CROSS_ENTROPY);
}

static bool add_not_learned(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    if (!run->prepared || training->epochs < LEARN_EPOCHS || run->prepared->train.count < 2)
        return false;
    const struct samples *train = &run->prepared->train;
    const struct scores *scores = &training->train;
    const struct shares shares = shares_of(train);
    if (shares.most == 1) {
        text_add(out, "all training rows are of one class: there is nothing to tell apart");
    } else if (inputs_alike(train)) {
        text_add(out, "the inputs are the same in all training rows: there is nothing to tell them apart by");
    } else if (train->labels && scores->accuracy * train->count < shares.most * train->count + 0.5) {
        add_obstacle(run, shares.most, out);
        add_naive(run, "always saying ", &shares, out);
    } else if (train->labels && plain_entropy(run) && scores->loss > shares.entropy) {
        add_obstacle(run, 0, out);
        add_naive(run, "giving each class its share for a probability", NULL, out);
    } else if (!train->labels && scores->r2 < LEARN_R2) {
        add_obstacle(run, 0, out);
        add_naive(run, "always saying the mean", NULL, out);
    } else {
        return false;
    }
    return true;
}

bool run_diagnosis(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    if (training->diverged) {
        add_divergence(run, out);
        return true;
    }
    const bool stuck = !(training->last_loss < LOSS_STUCK * training->first_loss);
    if (stuck && training->epochs > 0 && add_dead(run, out))
        return true;
    if (!(training->last_loss < LOSS_ROSE * fmax(training->first_loss, 1e-3))) {
        add_cause(run, out);
        text_add(out, ": ");
        add_rise(training->first_loss, training->last_loss, out);
        text_addf(out, " in %u epochs; it did not learn", training->epochs);
        return true;
    }
    return add_exploding(run, out) || add_not_learned(run, out) || add_leap(run, out);
}
