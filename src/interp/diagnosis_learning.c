/* What a training should have learned, and whether it did. */
#include <math.h>

#include "engine/cause.h"
#include "engine/plan.h"
#include "interp/diagnosis.h"
#include "interp/print.h"
#include "support/number.h"

/* Epochs after which a network may be asked what it has learned. */
#define LEARN_EPOCHS 10
/* R^2 on training data below which values are no better met than by their mean. */
#define LEARN_R2 0.01
/* Noise so many times as large as the spread of the inputs leaves nothing of them. */
#define NOISE_DROWNS 10.0
/* A penalty so many times as large as the loss is what is trained for. */
#define PENALTY_OUTWEIGHS 10.0
/* Penalties from here on leave weights near 0. */
#define PENALTY_HIGH 0.1
/* Below this learning rate a loss that stands still (it moved by less than the share) is the rate's doing. */
#define RATE_LOW   1e-5
#define LOSS_STILL 0.01
/* A share of the most frequent class that drowns the others. */
#define CLASS_DROWNS 0.8
/* Layers behind each other, without a skip, through which a gradient hardly comes. */
#define LAYERS_DEEP 6

/* ---- what nobody could learn ---- */

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

/* That every layer is frozen. A grown network's last round may have been so. */
static bool add_frozen(const struct run *run, struct text *out)
{
    const struct plan *plan = run->training->model->plan;
    bool trained = run->grown;
    for (uint32_t i = 0; !trained && i < plan->span_count; i++)
        trained = plan->spans[i].count > 0 && plan->spans[i].lr_scale != 0;
    if (!trained)
        text_add(out, plan->param_count > 0 ? "every layer is frozen: no weight was trained"
                                            : "the network has no weights: there is nothing to train");
    return !trained;
}

static bool add_alike(const struct samples *train, struct text *out)
{
    if (train->count < 2)
        return false;
    const bool one = shares_of(train).most == 1, alike = inputs_alike(train);
    if (one)
        text_add(out, "all training rows are of one class: there is nothing to tell apart");
    else if (alike)
        text_add(out, "the inputs are the same in all training rows: there is nothing to tell them apart by");
    return one || alike;
}

/* The standard deviation of the input that varies most. */
static double spread_of(const struct samples *train)
{
    double spread = 0;
    for (uint32_t f = 0; f < train->width; f++) {
        double sum = 0, squares = 0;
        for (uint32_t i = 0; i < train->count; i++)
            sum += (double)train->x[(size_t)i * train->width + f];
        for (uint32_t i = 0; i < train->count; i++) {
            const double away = (double)train->x[(size_t)i * train->width + f] - sum / train->count;
            squares += away * away;
        }
        const double own = sqrt(squares / train->count);
        spread = own > spread ? own : spread;
    }
    return spread;
}

static bool add_drowned(const struct run *run, struct text *out)
{
    const double noise = run->options.noise, spread = noise > 0 ? spread_of(&run->prepared->train) : 0;
    if (!(noise > NOISE_DROWNS * spread))
        return false;
    text_add(out, "`noise: ");
    number_write(out, noise);
    text_add(out, "` drowns the inputs, whose standard deviation is ");
    number_write_short(out, spread, 2);
    return true;
}

/* The penalties of the trained weights as they are in the end. */
static bool add_outweighed(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    const struct plan *plan = training->model->plan;
    double l1 = 0, l2 = 0;
    for (uint32_t i = 0; i < plan->span_count; i++) {
        const struct plan_span *span = &plan->spans[i];
        double sizes = 0, squares = 0;
        for (size_t k = 0; span->lr_scale != 0 && k < span->count; k++) {
            const double weight = (double)training->model->params[span->start + k];
            sizes += fabs(weight);
            squares += weight * weight;
        }
        l1 += ((double)span->l1 + (span->weights ? run->options.l1 : 0)) * sizes;
        l2 += ((double)span->l2 + (span->weights ? run->options.l2 : 0)) * squares;
    }
    if (!(fmax(l1, l2) > PENALTY_OUTWEIGHS * fabs(training->last_loss)))
        return false;
    text_addf(out, "`%s` outweighs the loss, ", l1 > l2 ? "l1" : "l2");
    number_write_short(out, fmax(l1, l2), 2);
    text_add(out, " beside ");
    number_write_short(out, training->last_loss, 2);
    text_add(out, ": the network is trained for small weights, not for its data");
    return true;
}

bool diagnose_task(const struct run *run, struct text *out)
{
    if (add_frozen(run, out))
        return true;
    return run->prepared && (add_alike(&run->prepared->train, out) || add_drowned(run, out) || add_outweighed(run, out));
}

/* ---- what was not learned ---- */

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

/* The loss stood still, and so low a rate moves nothing. A network that came with weights may have been at its best. */
static bool rate_is_low(const struct run *run)
{
    const struct training *training = run->training;
    return run->options.optimizer != OPTIMIZER_RPROP && run->options.lr < RATE_LOW && !run->molecule->trained &&
           fabs(training->last_loss - training->first_loss) < LOSS_STILL * fabs(training->first_loss);
}

static void add_low_rate(const struct train_options *options, struct text *out)
{
    text_add(out, "learning rate ");
    number_write(out, options->lr);
    text_add(out, " is probably too low");
}

/* Why a network that ran to its end learned nothing; `share` of the training rows have the most frequent class, 0 of values. */
static void add_obstacle(const struct run *run, double share, struct text *out)
{
    const struct train_options *options = &run->options;
    const struct training *training = run->training;
    struct cause cause = {.kind = CAUSE_RATE, .options = options};
    if (rate_is_high(options) || cause_is_size(&run->prepared->train, &cause)) {
        cause_print(&cause, out);
    } else if (options->l1 >= PENALTY_HIGH || options->l2 >= PENALTY_HIGH) {
        text_addf(out, "`%s: ", options->l1 >= PENALTY_HIGH ? "l1" : "l2");
        number_write(out, options->l1 >= PENALTY_HIGH ? options->l1 : options->l2);
        text_add(out, "` holds the weights near 0");
    } else if (rate_is_low(run)) {
        add_low_rate(options, out);
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

/* "; after 20 epochs the loss is 0.69 as before" */
static void add_still(const struct training *training, struct text *out)
{
    text_addf(out, "; after %u epochs the loss is ", training->epochs);
    number_write_short(out, training->last_loss, 2);
    text_add(out, " as before");
}

bool diagnose_learning(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    if (!run->prepared || run->prepared->train.count < 2)
        return false;
    const struct samples *train = &run->prepared->train;
    const struct scores *scores = &training->train;
    const struct shares shares = shares_of(train);
    const bool asked = training->epochs >= LEARN_EPOCHS;
    if (asked && train->labels && scores->accuracy * train->count < shares.most * train->count + 0.5) {
        add_obstacle(run, shares.most, out);
        add_naive(run, "always saying ", &shares, out);
    } else if (asked && train->labels && plain_entropy(run) && scores->loss > shares.entropy) {
        add_obstacle(run, 0, out);
        add_naive(run, "giving each class its share for a probability", NULL, out);
    } else if (asked && !train->labels && scores->r2 < LEARN_R2) {
        add_obstacle(run, 0, out);
        add_naive(run, "always saying the mean", NULL, out);
    } else if (rate_is_low(run)) {
        add_low_rate(&run->options, out);
        add_still(training, out);
    } else {
        return false;
    }
    return true;
}
