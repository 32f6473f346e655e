/* What went wrong in a training, in words: for `show`, which warns, and for `why`, which is asked. */
#include <math.h>

#include "engine/choices.h"
#include "interp/objects.h"
#include "interp/print.h"
#include "support/number.h"

/* A learning rate past which an optimiser rarely stays in the valley it found. */
static bool rate_is_high(const struct train_options *options)
{
    return options->lr > (options->optimizer == OPTIMIZER_ADAM ? 0.05 : 1.0);
}

static double largest_input(const struct run *run)
{
    double largest = 0;
    const struct samples *train = &run->prepared->train;
    for (size_t i = 0; i < (size_t)train->count * train->width; i++)
        largest = fmax(largest, fabs((double)train->x[i]));
    return largest;
}

static void add_cause(const struct run *run, struct text *out)
{
    const struct train_options *options = &run->options;
    double largest = run->prepared ? largest_input(run) : 0;
    if (rate_is_high(options)) {
        text_addf(out, "; %s's learning rate ", optimizer_names[options->optimizer]);
        number_write(out, options->lr);
        text_add(out, " is probably too high");
    } else if (largest > 100) {
        text_add(out, "; the inputs reach ");
        print_figure(largest, out);
        text_add(out, ": `normalize` the data");
    } else {
        text_add(out, "; try a lower learning rate than ");
        number_write(out, options->lr);
    }
}

/* A loss that ends so many times higher than it began did not learn. */
#define LOSS_ROSE 2.0

bool run_diagnosis(const struct run *run, struct text *out)
{
    const struct training *training = run->training;
    bool rose = !(training->last_loss < LOSS_ROSE * fmax(training->first_loss, 1e-3));
    if (!training->diverged && !rose)
        return false;
    if (training->diverged)
        text_addf(out, "diverged in epoch %u", training->epochs);
    else
        text_add(out, "did not learn");
    if (isfinite(training->first_loss)) {
        text_add(out, ": the loss went from ");
        number_write_short(out, training->first_loss, 3);
        text_add(out, " to ");
        number_write_short(out, training->last_loss, 3);
    }
    add_cause(run, out);
    return true;
}
