/* Evolution: a population of molecules, changed by weighted rules, selected by fitness on validation data. What a rule does is the
   business of whoever supplies it (a callback that uses molecule/rewrite.h); what a fitness is, too.

   Memory is bounded by the population: the weights and histories of those that are neither in it nor the best so far are given
   back after each generation. Their scores stay. */
#ifndef NEL_LAB_EVOLVE_H
#define NEL_LAB_EVOLVE_H

#include "engine/train.h"
#include "support/random.h"

/* One way to mutate. `apply` returns a changed molecule, or NULL where the rule has no place in `molecule` (no diagnostic: another
   one is drawn) or its right side failed (with one: the evolution ends). Called from the calling thread only. */
struct mutation {
    const char *name; /* lives at least as long as the evolution */
    double weight;    /* >= 0; drawn with this share of the sum of all */
    struct molecule *(*apply)(void *context, const struct molecule *molecule, struct random *random, struct diags *diags);
    void *context;
};

struct evolve_limits {
    double params;                         /* 0: LIMIT_PARAMETERS */
    uint32_t depth;                        /* layers in a row, 0: any */
    uint32_t width;                        /* of a layer, 0: any */
    const struct element *const *elements; /* allowed ones; NULL: all */
    size_t element_count;
};

struct evolve_options {
    uint32_t population, generations;
    uint64_t seed;
    uint32_t tournament; /* contestants, at least 1 */
    uint32_t elite;      /* best ones kept as they are, fewer than `population` */
    const struct mutation *mutations;
    size_t mutation_count;
    struct evolve_limits limits;
    struct train_options train; /* every individual with the same seed, train.seed + seed: molecules are compared, not luck */
    unsigned threads;           /* 0: threads_available() */
    /* Fitness of a trained individual, larger is better, NaN counts as -infinity; called from the calling thread, in order of
       birth. False with a diagnostic. */
    bool (*fitness)(void *context, struct training *training, double *value, struct diags *diags);
    void *fitness_context;
};

struct individual {
    const struct molecule *molecule; /* retained */
    struct training *training; /* NULL where its weights were given back: neither `alive` nor the best, or alive again later on */
    struct scores train, validation, test;
    double params, flops;
    bool diverged;
    bool alive;          /* in the last population */
    double fitness;      /* never NaN */
    uint32_t generation; /* of birth */
    int64_t parent;      /* index in `everyone`, -1: a founder */
    const char *by;      /* name of the mutation, NULL: a founder */
};

struct generation_row {
    uint32_t generation;      /* 0: the founders and what fills up their number */
    double best, mean, worst; /* of this population; the mean of the finite ones */
    uint32_t distinct;        /* different molecules in the population */
    uint32_t trained;         /* trainings so far */
};

struct evolution {
    struct individual *everyone; /* each distinct molecule that was trained, in order of birth */
    size_t count;
    size_t best;                    /* of `everyone`; of equally fit ones the one with fewest parameters, then the eldest */
    struct generation_row *history; /* [generations + 1] */
    uint32_t generations;           /* completed */
    double seconds;
    bool cancelled; /* ended early; the generation that was interrupted is not in here (but for the first) */
};

/* Evolves from `founders`, at most `population`. Every molecule is trained once (found again by equality). The outcome does not
   depend on threads. Progress is PROGRESS_EVOLVE, one event a generation, `accuracy` being the best fitness. NULL with a diagnostic
   (options, a founder beyond the limits, a failed rule or fitness, memory). */
struct evolution *evolve(const struct molecule *const *founders, size_t founder_count, struct prepared *data,
                         const struct evolve_options *options, const struct progress *progress, struct diags *diags);
void evolution_release(struct evolution *evolution);

/* Whether options and number of founders are ones that `evolve` takes; false with a diagnostic. */
bool evolve_options_valid(const struct evolve_options *options, size_t founder_count, struct diags *diags);

#endif
