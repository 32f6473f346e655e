#include "engine/cause.h"

#include "support/number.h"

/* A learning rate past which an optimiser rarely stays in the valley it found. rprop's is only where it begins. */
static const double high_rates[] = {
    [OPTIMIZER_SGD] = 1,      [OPTIMIZER_MOMENTUM] = 1, [OPTIMIZER_RMSPROP] = 0.05,   [OPTIMIZER_ADAM] = 0.05,
    [OPTIMIZER_ADAMW] = 0.05, [OPTIMIZER_LION] = 0.02,  [OPTIMIZER_RPROP] = INFINITY,
};

/* Inputs and targets of plain size train without being normalised. */
#define PLAIN_SIZE 100.0

bool rate_is_high(const struct train_options *options)
{
    return options->lr > high_rates[options->optimizer];
}

double floats_largest(const float *values, size_t count)
{
    double largest = 0;
    for (size_t i = 0; values && i < count; i++) {
        const double size = fabs((double)values[i]);
        largest = size > largest ? size : largest; /* with fmax GCC 12 fails for ARM */
    }
    return largest;
}

bool cause_is_size(const struct samples *train, struct cause *cause)
{
    const double inputs = floats_largest(train->x, (size_t)train->count * train->width);
    const double targets = floats_largest(train->y, (size_t)train->count * train->outputs);
    if (inputs <= PLAIN_SIZE && targets <= PLAIN_SIZE)
        return false;
    cause->kind = inputs > PLAIN_SIZE ? CAUSE_INPUTS : CAUSE_TARGETS;
    cause->size = inputs > PLAIN_SIZE ? inputs : targets;
    return true;
}

struct cause cause_find(const struct training *training, const struct train_options *options, const struct samples *train)
{
    struct cause cause = {.kind = CAUSE_RATE, .options = options};
    const bool high = rate_is_high(options);
    if (training->diverged && culprit_find(training->model->molecule, options, train, &cause.culprit) &&
        !(high && cause.culprit.gap.too_large))
        cause.kind = CAUSE_FORMULA;
    else if (options->loss == LOSS_FORMULA && training->divergence.steps == 1)
        cause.kind = CAUSE_LOSS;
    else if (train && !high)
        cause_is_size(train, &cause);
    return cause;
}

void cause_print(const struct cause *cause, struct text *out)
{
    switch (cause->kind) {
    case CAUSE_FORMULA:
        culprit_print(&cause->culprit, out);
        break;
    case CAUSE_LOSS:
        text_addf(out, "the loss `%s` has no finite value at the outputs that the network begins with",
                  cause->options->formula->name);
        break;
    case CAUSE_INPUTS:
    case CAUSE_TARGETS:
        text_addf(out, "the %s reach ", cause->kind == CAUSE_INPUTS ? "inputs" : "targets");
        number_write_figure(out, cause->size);
        text_add(out, ", `normalize` the data");
        break;
    case CAUSE_RATE:
        text_add(out, "learning rate ");
        number_write(out, cause->options->lr);
        text_add(out, rate_is_high(cause->options) ? " is too high" : " is probably too high");
        break;
    }
}

void cause_help(const struct cause *cause, struct text *out)
{
    if (cause->kind == CAUSE_RATE) {
        text_add(out, "try a smaller learning rate than ");
        number_write(out, cause->options->lr);
        return;
    }
    cause_print(cause, out);
    if (cause->kind == CAUSE_FORMULA)
        text_addf(out, "; %s", culprit_help(&cause->culprit));
}
