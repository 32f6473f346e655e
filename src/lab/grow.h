/* Growth: training in rounds; after each, measurements are taken and a policy may rewrite the molecule, weights carried over.

   Measurements are taken on validation data, where there is none on training data. A round of epochs trains with a seed of its own,
   drawn from that of the options and the round's number. Rounds of steps are one training with the options' seed, whose network is
   changed on the way: each goes on in the epoch that the one before it broke off. The optimiser goes on from round to round, but
   for what a rewrite changed; so does the schedule, which is made for options.epochs where it does not say for how many; patience, and
   what it is that a schedule of plateaus waits for, begin anew. */
#ifndef NEL_LAB_GROW_H
#define NEL_LAB_GROW_H

#include "engine/signals.h"
#include "engine/story.h"
#include "engine/train.h"

/* What is measured after a round. What a signal means for neurons stands in engine/signals.h. */
struct signals {
    double accuracy, loss; /* accuracy NaN for values */
    double improvement;    /* against the round before: gained accuracy, for values the share of the loss that was lost */
    double epoch;          /* trained so far; a part of one too, where rounds are of steps */
    uint32_t round;        /* so far, from 1 */
    uint32_t layers;       /* hidden ones */
    uint32_t refused;      /* rewrites so far that were not kept: there was none that could be, or they did not prove themselves */
    double params;
    double dead, saturated; /* shares of the hidden neurons */
    double extrema_share;   /* high and low extrema over hidden neurons */
    uint32_t extrema_high, extrema_low;
    double outlier_share; /* outliers above and below over hidden neurons */
    uint32_t outliers_above, outliers_below;
    double rank;        /* the least effective rank of a hidden layer */
    double vanishing;   /* the least gradient of a hidden layer over the greatest; 1 where there is one layer or none */
    uint32_t busiest;   /* gene of the hidden layer with most extrema (ties: the first); 0 where there is no layer */
    uint32_t narrowest; /* … with the least effective rank */
    uint32_t output;    /* gene of the layer that the network ends in */
    const struct network_signals *network; /* layer by layer, neuron by neuron; valid until it is measured again */
};

/* What a policy acts on: the network at the end of a round, and what it was trained on. */
struct growth_moment {
    const struct molecule *molecule; /* the trained model's, its output stage included, with weights and the optimiser's state */
    const struct molecule *first; /* what the growth began with; its weights are drawn by the options' seed where it carries none */
    const struct training *training;
    struct prepared *data;
    const struct samples *watched; /* what the signals were measured on */
    const struct train_options *options;
    const struct signals *signals;
    const struct progress *progress; /* whether the user cancelled */
};

struct growth_result {
    int references;
    struct training *training; /* of the final network; history, epochs and seconds are those of all rounds */
    uint64_t scheduled;        /* steps of the schedule before those that the training's state counts: what it goes on with */
    struct story_row *story;
    size_t rounds; /* rows of `story` */
    bool cancelled;
};

/* A round in words, as `act` tells it: for the row of the story. `refused`: why there is no rewritten molecule, though something fired. */
struct growth_words {
    struct text measured, what, why, refused;
};

struct growth_length {
    uint32_t count;
    bool steps; /* of the optimiser; else epochs */
};

/* The policy, as callbacks into whoever evaluates it. `act` returns a rewritten molecule whose origins map to the genes of the moment's
   (NULL without diagnostic: nothing fired, or it is refused) and tells of it in `words`. */
struct growth_policy {
    struct growth_length every; /* a round */
    struct growth_length trial; /* in which a rewritten network has to prove itself; a count of 0: every rewrite stays */
    bool bounded;               /* ends after options.epochs at the latest; without `stop` always so */
    /* NULL: never. */
    bool (*stop)(void *context, const struct signals *signals, bool *stop, struct diags *diags);
    /* NULL: never. */
    struct molecule *(*act)(void *context, const struct growth_moment *moment, struct growth_words *words, struct diags *diags);
    /* At the end of a trial: whether the rewrite stays. `improvement` is that against right before the rewrite. Never called with a
       network that diverged: it goes. */
    bool (*accept)(void *context, const struct signals *signals, bool *accepted, struct diags *diags);
    void *context;
};

/* Ends when the policy says so, after options.epochs where these bound it, when the user cancels, when a round diverges or after LIMIT_GROWTH_ROUNDS. `limit_params` 0:
   LIMIT_PARAMETERS. Progress is PROGRESS_GROW: epochs done, total 0 where nobody knows it. NULL with a diagnostic. */
struct growth_result *grow(const struct molecule *molecule, struct prepared *data, const struct growth_policy *policy,
                           const struct train_options *options, double limit_params, const struct progress *progress,
                           struct diags *diags);
/* One of which only the story is left: of a run from a file. It takes the rows over, or releases them where it is NULL, without memory. */
struct growth_result *growth_told(struct story_row *story, size_t rounds);
/* A growth counts its references without a lock: it belongs to one thread at a time. */
struct growth_result *growth_retain(struct growth_result *result);
void growth_release(struct growth_result *result);

#endif
