/* Growth: training in rounds; after each, measurements are taken and a policy may rewrite the molecule, weights carried over. */
#ifndef NEL_LAB_GROW_H
#define NEL_LAB_GROW_H

#include "engine/train.h"

/* What is measured after a round, on validation data. */
struct signals {
    double accuracy, loss, improvement; /* improvement: accuracy (or relative loss) against the round before, as a share */
    uint32_t epoch, round, layers;
    double params;
    double dead, saturated; /* shares of the hidden neurons */
    double extrema_share;   /* high and low extrema over hidden neurons */
    uint32_t extrema_high, extrema_low;
    uint32_t busiest;       /* gene of the hidden layer with most extrema (ties: the first) */
};

struct story_row {
    uint32_t round, epoch;
    double accuracy_before, accuracy_after; /* right before and right after the rewrite */
    double params_before, params_after;
    char *what;  /* "widen busiest", "" where nothing fired */
    double difference; /* greatest |f_after - f_before| over validation rows */
};

struct growth_result {
    struct training *training; /* of the final network; history over all rounds */
    struct story_row *story;
    size_t rounds;
    bool cancelled;
};

/* The policy, as callbacks into whoever evaluates it. `act` returns a rewritten molecule whose origins map to `molecule`'s genes
   (NULL without diagnostic: nothing fired) and describes it in `what`. */
struct growth_policy {
    uint32_t every; /* epochs a round */
    bool (*stop)(void *context, const struct signals *signals, bool *stop, struct diags *diags);
    struct molecule *(*act)(void *context, const struct molecule *molecule, const struct signals *signals, struct text *what,
                            struct diags *diags);
    void *context;
};

struct growth_result *grow(const struct molecule *molecule, struct prepared *data, const struct growth_policy *policy,
                           const struct train_options *options, double limit_params, const struct progress *progress,
                           struct diags *diags);
void growth_release(struct growth_result *result);

#endif
