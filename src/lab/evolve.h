/* Evolution: a population of molecules, changed by weighted rules and by crossing, selected by one objective (the fitness) or several on
   validation data. What a rule does is the business of whoever supplies it (a callback that uses molecule/rewrite.h); what an objective
   is, too.

   An individual is a vector of weights and a form (form.h), shared with all who differ from it in weights alone. Memory is bounded by the
   population: the weights and histories of those that are neither in it nor the best so far are given back after each generation. What is
   remembered of the dead is a row of the lineage, thirty-two bytes, and, where no weights are inherited, what it takes to know them again. */
#ifndef NEL_LAB_EVOLVE_H
#define NEL_LAB_EVOLVE_H

#include "engine/train.h"
#include "lab/select.h"
#include "support/random.h"

#define TRAINING_GENES_MOST 8
#define HALVINGS_MOST       16

/* A mutation changes a molecule in one of several ways, which are numbered: the same way makes the same of the same molecule, always.
   Called from the calling thread only. Without functions it moves the weights that are inherited (engine/perturb.h). */
struct mutation {
    const char *name; /* lives at least as long as the evolution */
    double weight;    /* >= 0; drawn with this share of the sum of all */
    /* How many ways there are with this molecule; 0: it has no place in it. False with a diagnostic: the evolution ends. */
    bool (*ways)(void *context, const struct molecule *molecule, uint32_t *count, struct diags *diags);
    /* The molecule changed. `seed` draws what becomes of its weights. NULL where that is no molecule (no diagnostic: something else is
       drawn) or the right side failed (with one: the evolution ends). */
    struct molecule *(*apply)(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed, struct diags *diags);
    void *context;
};

/* Who is to be judged. */
struct subject {
    double params, flops;
    uint32_t epochs; /* that it was trained for, at most */
    bool diverged;   /* … and in vain */
    const struct scores *train,
        *validation;           /* at least loss and accuracy of those that options.figures names; of the others count 0 */
    struct training *training; /* NULL: nobody has asked for it (subject_training) */
    struct individual *individual;
    struct search *search;
};
/* Its training, made where there is none yet: the subject's. NULL with a diagnostic. */
struct training *subject_training(struct subject *subject, struct diags *diags);

/* Of which sets a fitness reads loss and accuracy without asking for the training. */
enum subject_figures { FIGURES_OF_TRAIN = 1, FIGURES_OF_VALIDATION = 2 };

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
    size_t lineage;   /* bytes that rows and forms may take; 0: LIMIT_LINEAGE_BYTES */
    /* Objectives of an individual [objectives], larger is better, NaN counts as -infinity; called from the calling thread, in order of
       birth. False with a diagnostic. */
    bool (*fitness)(void *context, struct subject *subject, double *objectives, struct diags *diags);
    void *fitness_context;
    unsigned figures; /* enum subject_figures: what it reads */
    const struct evolve_checkpoint
        *checkpoint; /* NULL: none. Not for founders with weights that nobody inherits: they are nowhere */
};

/* What individuals share that differ in weights alone (form.h). */
struct form {
    const struct molecule *molecule; /* as it evolves: where weights are inherited, with its head and without weights */
    uint64_t hash;
    double params, flops;
    uint32_t holders; /* individuals who are held (search.h) */
    uint32_t species; /* … and the ranking that it was found in */
    uint64_t ranking;
    uint32_t number;        /* index in the evolution's forms */
    uint32_t rows;          /* of everyone, that tell of it */
    struct traces *traces;  /* by which it is told from other species; NULL: nobody asked yet */
    struct form_work *work; /* what it takes to work with it; NULL: nobody needs it */
};

struct descent;

/* Who is kept: whoever lives, and the best; where weights are not inherited everyone, to be known again. */
struct individual {
    struct form *form;                  /* its molecule and what comes of that (form.h); the evolution's */
    struct descent *descent;            /* of its genes (search.h). This and the following two: NULL where it was given back */
    float *weights;                     /* [the form's param_count] that it was born with, where weights are inherited */
    struct training *training;          /* where it was trained; in the end, of the front */
    double objectives[OBJECTIVES_MOST]; /* never NaN; the first one is the fitness */
    uint64_t hash;                      /* of form, weights and variant as it was born */
    size_t index;                       /* in `everyone` */
    uint32_t generation;                /* of birth */
    uint32_t variant;                   /* of the training */
    uint32_t epochs; /* that it was trained for, at most: fewer than all where it did not come through a halving */
    bool diverged;
    bool held;  /* in the search: what it is made of is kept */
    bool alive; /* in the last population */
};

#define NOBODY UINT32_MAX

/* What individuals come by that come of no mutation; of one: its number behind these. */
enum cause_of_birth { BORN_FOUNDER, BORN_BY_CROSSING, BORN_BY_TRAINING, BORN_BY_MUTATION };

/* What is remembered of everyone. Searches make millions: thirty-two bytes. */
struct lineage_row {
    double fitness;
    uint32_t form;          /* number of it */
    uint32_t parent, other; /* index in `everyone`, NOBODY: a founder; the second one of a crossing, NOBODY: none */
    uint32_t generation;    /* of birth */
    uint32_t by;            /* enum cause_of_birth, or more */
    uint32_t place;         /* in `individuals`, NOBODY: it was given back */
};

struct generation_row {
    uint32_t generation;      /* 0: the founders and what fills up their number */
    double best, mean, worst; /* of this population; the mean of the finite ones */
    uint32_t distinct;        /* different molecules in the population */
    uint32_t species;         /* of them, where fitness is shared; else 0 */
    uint64_t trained;         /* trainings so far */
};

struct evolution {
    struct lineage_row *everyone; /* each distinct molecule that was trained, in order of birth */
    size_t count;
    uint64_t forgotten; /* … and how many more there were: the dead without descendants, where they came to take too much memory */
    struct individual *individuals; /* those who are kept; places that are free have no training */
    size_t individual_count;
    const char **causes; /* [BORN_BY_MUTATION + mutations] names for record.by */
    struct form **forms; /* each molecule once, or once for each choice of sparse connections */
    size_t form_count;
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
/* Who it is; NULL where nothing is kept of it but the record. */
struct individual *evolution_individual(const struct evolution *evolution, size_t index);
const struct form *evolution_form(const struct evolution *evolution, size_t index);

/* The option that `evolve` does not take like this, or with this number of founders, after a diagnostic at no place; NULL: it takes
   them all. */
const char *evolve_options_wrong(const struct evolve_options *options, size_t founder_count, struct diags *diags);

#endif
