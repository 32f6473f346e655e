/* Evolution: a population of molecules, changed by weighted rules and by crossing, selected by one objective (the fitness) or several on
   validation data. What a rule does is the business of whoever supplies it (a callback that uses molecule/rewrite.h); what an objective
   is, too.

   Memory is bounded by the population: the weights and histories of those that are neither in it nor the best so far are given
   back after each generation. Their scores stay. */
#ifndef NEL_LAB_EVOLVE_H
#define NEL_LAB_EVOLVE_H

#include "engine/train.h"
#include "lab/select.h"
#include "support/random.h"

#define TRAINING_GENES_MOST 8
#define HALVINGS_MOST       16

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

/* What a search is known by again: a name for people ("mutate"), and a hash of all that the name stands for. */
struct evolve_mark {
    const char *name;
    uint64_t hash;
};

/* A file that the search is kept in after each generation, and goes on from where it is there. All borrowed. */
struct evolve_checkpoint {
    const char *path;
    struct span span;                /* for messages */
    const struct elements *elements; /* that its DNA is read with */
    const struct evolve_mark *marks; /* [mark_count] they must agree with the file's */
    size_t mark_count;
};

struct evolve_options {
    uint32_t population, generations;
    uint64_t seed;
    struct selection select;
    uint32_t elite;   /* best ones kept as they are, fewer than `population`; NSGA-II and aging have their own way to keep them */
    double crossover; /* share of the children that have two parents, 0 to 1 */
    double species;   /* molecules less than this apart share their fitness (molecule/cross.h); 0: nobody shares */
    bool inherit;     /* children begin with the weights that their parents ended with (Lamarck), not with fresh ones (Baldwin) */
    uint32_t objectives; /* 1 to OBJECTIVES_MOST; several need NSGA-II */
    const struct mutation *mutations;
    size_t mutation_count;
    struct evolve_limits limits;
    struct train_options train; /* every individual with the same seed, train.seed + seed: molecules are compared, not luck */
    /* Genes of the training: each stands for one of gene_sizes[i] choices. An individual's choices are its variant, the digits of a number,
       the first gene's the lowest; `variants` are the options they stand for, one for each. 0 genes: all are trained alike. */
    uint32_t gene_count, gene_sizes[TRAINING_GENES_MOST];
    const struct train_options *variants; /* [variant_count], borrowed */
    uint32_t variant_count;
    double retrain;   /* weight, among those of the mutations, of drawing a training gene anew */
    unsigned halving; /* how often those who are born together are halved before the rest has all the epochs; 0 to HALVINGS_MOST */
    unsigned threads; /* 0: threads_available() */
    /* Objectives of a trained individual [objectives], larger is better, NaN counts as -infinity; called from the calling thread, in
       order of birth. False with a diagnostic. */
    bool (*fitness)(void *context, struct training *training, double *objectives, struct diags *diags);
    void *fitness_context;
    const struct evolve_checkpoint
        *checkpoint; /* NULL: none. Not for founders with weights that nobody inherits: they are nowhere */
};

struct individual {
    const struct molecule *molecule; /* retained */
    struct training *training; /* NULL where its weights were given back: neither `alive` nor the best, or alive again later on */
    struct scores train, validation;
    double params, flops;
    bool diverged;
    bool alive;                         /* in the last population */
    double objectives[OBJECTIVES_MOST]; /* never NaN; the first one is the fitness */
    uint32_t generation;                /* of birth */
    int64_t parent, other;              /* index in `everyone`, -1: a founder; the second one of a crossing, -1: none */
    const char *by;                     /* name of the mutation, "crossover", NULL: a founder */
    uint32_t variant;                   /* of the training */
    uint32_t epochs;    /* that it was trained for, at most: fewer than all where it did not come through a halving */
    uint64_t hash;      /* of the molecule as it was born; 0 where the weights that it was born with were given back */
    uint64_t *ancestry; /* by gene, what genes of one descent share; NULL where the weights were given back */
};

struct generation_row {
    uint32_t generation;      /* 0: the founders and what fills up their number */
    double best, mean, worst; /* of this population; the mean of the finite ones */
    uint32_t distinct;        /* different molecules in the population */
    uint32_t species;         /* of them, where fitness is shared; else 0 */
    uint32_t trained;         /* trainings so far */
};

struct evolution {
    struct individual *everyone; /* each distinct molecule that was trained, in order of birth */
    size_t count;
    size_t best;   /* of `everyone`; of equally fit ones the one with fewest parameters, then the eldest */
    size_t *front; /* the best; with several objectives those alive whom nobody alive surpasses in one without being worse in
                      another, fittest first, who is the best */
    size_t front_count;
    struct generation_row *history; /* [generations + 1] */
    uint32_t generations;           /* completed */
    double seconds;
    bool cancelled; /* ended early; the generation that was interrupted is not in here (but for the first) */
};

/* Where weights are inherited, molecules have their heads, and those that begin alike count as one.

   Evolves from `founders`, at most `population`. `data` has no test part (prepared_blind): nothing here may look at one. Every molecule
   is trained once (found again by equality). The outcome does not depend on threads, nor on where a search that has a checkpoint was
   broken off. Progress is PROGRESS_EVOLVE, one event a generation, `accuracy` being the best fitness. NULL with a diagnostic
   (options, a founder beyond the limits, a failed rule or fitness, another search's checkpoint, memory). */
struct evolution *evolve(const struct molecule *const *founders, size_t founder_count, struct prepared *data,
                         const struct evolve_options *options, const struct progress *progress, struct diags *diags);
void evolution_release(struct evolution *evolution);

/* Whether options and number of founders are ones that `evolve` takes; false with a diagnostic. */
bool evolve_options_valid(const struct evolve_options *options, size_t founder_count, struct diags *diags);

#endif
