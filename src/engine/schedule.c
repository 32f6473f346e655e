/* See schedule.h. */
#include "engine/schedule.h"

#include <math.h>

/* Shape of the one cycle: the authors' proposal as frameworks have settled on it. */
#define CYCLE_RISE  0.3
#define CYCLE_START (1.0 / 25)
#define CYCLE_END   (CYCLE_START / 1e4)
/* A loss must be better by this share to count as progress. */
#define PLATEAU_THRESHOLD 1e-4

/* From `a` to `b` along half a cosine, `share` of the way. */
static double half_cosine(double a, double b, double share)
{
    return b + (a - b) * (1 + cos(M_PI * share)) / 2;
}

/* The last step of the rise has the full rate, the last step of all the least. */
static double one_cycle(double step, double steps)
{
    const double peak = CYCLE_RISE * steps - 1, end = steps - 1;
    if (step <= peak)
        return half_cosine(CYCLE_START, 1, peak > 0 ? step / peak : 1);
    return half_cosine(1, CYCLE_END, end > peak ? fmin(1, (step - peak) / (end - peak)) : 1);
}

static double factor_after_warmup(const struct schedule *schedule, const struct schedule_state *state, double step,
                                  double per_epoch, double steps)
{
    const double epochs = step / per_epoch, all = steps / per_epoch;
    switch (schedule->kind) {
    case SCHEDULE_STEPWISE:
        return pow(schedule->factor, floor(epochs / schedule->every));
    case SCHEDULE_EXPONENTIAL:
        return pow(schedule->factor, epochs);
    case SCHEDULE_COSINE:
        return half_cosine(1, schedule->floor, all > 0 ? fmin(1, epochs / all) : 1);
    case SCHEDULE_ONE_CYCLE:
        return one_cycle(step, steps);
    case SCHEDULE_PLATEAU:
        return state->plateau;
    case SCHEDULE_CONSTANT:
        break;
    }
    return 1;
}

struct schedule_state schedule_begin(void)
{
    return (struct schedule_state){.plateau = 1, .best = INFINITY};
}

bool schedule_spans_training(const struct schedule *schedule)
{
    return (schedule->kind == SCHEDULE_COSINE || schedule->kind == SCHEDULE_ONE_CYCLE) && !(schedule->span > 0);
}

double schedule_factor(const struct schedule *schedule, const struct schedule_state *state, uint64_t step, uint64_t per_epoch,
                       uint64_t steps)
{
    const double warmup = floor(schedule->warmup * (double)per_epoch), at = (double)step;
    if (at < warmup)
        return (at + 1) / (warmup + 1) * factor_after_warmup(schedule, state, 0, (double)per_epoch, (double)steps - warmup);
    return factor_after_warmup(schedule, state, at - warmup, (double)per_epoch, (double)steps - warmup);
}

void schedule_look(const struct schedule *schedule, struct schedule_state *state, double loss)
{
    if (schedule->kind != SCHEDULE_PLATEAU)
        return;
    if (loss < state->best * (1 - PLATEAU_THRESHOLD) || !isfinite(state->best)) {
        state->best = loss;
        state->waited = 0;
    } else if (++state->waited > schedule->patience) {
        state->plateau *= schedule->factor;
        state->waited = 0;
    }
}
