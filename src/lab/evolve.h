/* Evolution: a population of molecules, changed by weighted rules, selected by fitness on validation data. What a rule does is the
   business of whoever supplies it (a callback that uses molecule/rewrite.h); what a fitness is, too. */
#ifndef NEL_LAB_EVOLVE_H
#define NEL_LAB_EVOLVE_H

#include "engine/train.h"
#include "support/random.h"

/* One way to mutate. `apply` returns a changed molecule, or NULL where the rule has no place in `molecule` (no diagnostic) or its
   right side failed (with one). */
struct mutation {
    const char *name;
    double weight;
    struct molecule *(*apply)(void *context, const struct molecule *molecule, struct random *random, struct diags *diags);
    void *context;
};

struct evolve_limits {
    double params;   /* 0: LIMIT_PARAMETERS */
    uint32_t depth;  /* layers in a row, 0: any */
    uint32_t width;  /* 0: any */
    const struct element *const *elements; /* allowed ones; NULL: all */
    size_t element_count;
};

struct evolve_options {
    uint32_t population, generations;
    uint64_t seed;
    uint32_t tournament; /* contestants */
    uint32_t elite;      /* best ones kept as they are */
    const struct mutation *mutations;
    size_t mutation_count;
    struct evolve_limits limits;
    struct train_options train;
    unsigned threads;
    /* Fitness of a trained individual, larger is better; called from one thread at a time. False with a diagnostic. */
    bool (*fitness)(void *context, struct training *training, double *value, struct diags *diags);
    void *fitness_context;
};

struct individual {
    const struct molecule *molecule;
    struct training *training;
    double fitness;
    uint32_t generation; /* of birth */
    int64_t parent;      /* index in `everyone`, -1: a founder */
    const char *by;      /* name of the mutation */
};

struct generation_row {
    uint32_t generation;
    double best, mean, worst;
    uint32_t distinct; /* different molecules in the population */
    uint32_t trained;  /* trainings so far */
};

struct evolution {
    struct individual *everyone; /* each distinct molecule that was trained, in order of birth */
    size_t count;
    size_t best;
    struct generation_row *history; /* [generations + 1] */
    uint32_t generations;
    double seconds;
    bool cancelled;
};

/* Evolves from `founders`. Every molecule is trained once (found again by equality). The outcome does not depend on threads. */
struct evolution *evolve(const struct molecule *const *founders, size_t founder_count, struct prepared *data,
                         const struct evolve_options *options, const struct progress *progress, struct diags *diags);
void evolution_release(struct evolution *evolution);

#endif
