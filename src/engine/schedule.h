/* Schedules: what becomes of the learning rate in the course of a training. Each is a factor that the optimiser's rate is
   multiplied by. With t the epochs gone by (a fraction inside an epoch) since the warm-up, T all of them after it:

   constant      1
   stepwise      factor ^ floor(t / every)
   exponential   factor ^ t
   cosine        floor + (1 - floor) (1 + cos(pi t / T)) / 2                      (Loshchilov and Hutter 2017, arXiv:1608.03983)
   one_cycle     from 1/25 up to 1 in the first 30 % of the steps, then down to 1/250,000, along half a cosine each
                                                                                  (Smith and Topin 2018, arXiv:1708.07120)
   plateau       `factor` times itself whenever the validation loss has not become better by 0.01 % for `patience` epochs

   During the warm-up the factor rises in a straight line from nothing to that of t = 0 (Goyal et al. 2017, arXiv:1706.02677). */
#ifndef NEL_ENGINE_SCHEDULE_H
#define NEL_ENGINE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum schedule_kind {
    SCHEDULE_CONSTANT,
    SCHEDULE_STEPWISE,
    SCHEDULE_EXPONENTIAL,
    SCHEDULE_COSINE,
    SCHEDULE_ONE_CYCLE,
    SCHEDULE_PLATEAU
};

struct schedule {
    enum schedule_kind kind;
    double factor;   /* stepwise, exponential, plateau */
    double every;    /* stepwise: epochs */
    double floor;    /* cosine: the share of the rate that is left in the end */
    double patience; /* plateau: epochs */
    double warmup;   /* epochs, any kind */
    double span;     /* cosine, one_cycle: epochs that it is made for, the warm-up included; 0: those of the training */
};

/* What a schedule remembers of a training. */
struct schedule_state {
    double plateau; /* the factor so far */
    double best;    /* loss */
    uint32_t waited;
};

struct schedule_state schedule_begin(void);

/* The factor is 1 in every step: a tiny network's step is short enough to notice the question. */
static inline bool schedule_is_constant(const struct schedule *schedule)
{
    return schedule->kind == SCHEDULE_CONSTANT && !(schedule->warmup > 0);
}

/* Whether it depends on how many epochs the training has in all. */
bool schedule_spans_training(const struct schedule *schedule);

/* The factor of step number `step`, from 0, of `steps` in all, `per_epoch` of them an epoch. */
double schedule_factor(const struct schedule *schedule, const struct schedule_state *state, uint64_t step, uint64_t per_epoch,
                       uint64_t steps);

/* An epoch ended with this loss. */
void schedule_look(const struct schedule *schedule, struct schedule_state *state, double loss);

#endif
