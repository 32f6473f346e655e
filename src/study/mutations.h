/* The option `mutate` of `evolve`: weights by rule name, or a list of rules, as mutations of lab/evolve.h. */
#ifndef NEL_STUDY_MUTATIONS_H
#define NEL_STUDY_MUTATIONS_H

#include "lab/evolve.h"
#include "study/learn.h"
#include "study/tune.h"

struct rule_mutation;

struct mutations {
    struct mutation *at; /* [count] */
    size_t count;
    double retrain;              /* the weight of drawing a gene of the training */
    struct rule_mutation *rules; /* [count], what the mutations work with */
    struct value given;          /* a record whose keys are their names */
    struct span span;            /* of the option */
    uint32_t input_width;        /* of the data; 0: not known */
};

/* Reads the option; the names are looked up where the expression stands. Release in any case. False with a diagnostic. */
bool mutations_read(struct eval *eval, const struct options *options, const struct tuning *tuning, uint32_t input_width,
                    struct mutations *mutations);
void mutations_release(struct mutations *mutations);

/* Tries each rule at its first place in each founder: what its right side does wrong, it does wrong there. False with diagnostics. */
bool mutations_try(const struct mutations *mutations, const struct molecule *const *founders, size_t count, struct diags *diags);

/* From now on a rule that fails on a molecule makes none of it, like one that is refused, and is counted: a search that has run for hours
   is not lost by one molecule of thousands. */
void mutations_begin(struct mutations *mutations);
/* Warns of those that failed, with the first reason; and, with what stood in each one's way, where none could change anything and
   nobody but the founders, `founders` at most, was ever trained. */
void mutations_tell(struct eval *eval, struct mutations *mutations, const struct evolution *evolution, size_t founders);

#endif
