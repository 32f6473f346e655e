/* What an evolution goes by: `fitness`, a function of a run, or `objectives`, figures of a run by name. */
#ifndef NEL_STUDY_FITNESS_H
#define NEL_STUDY_FITNESS_H

#include "lab/evolve.h"
#include "study/fitness_program.h"
#include "study/learn.h"
#include "study/setback.h"

struct fitness {
    struct eval *eval;
    struct value function;                             /* VALUE_NONE: validation accuracy, or the validation loss turned round */
    const struct record *objectives;                   /* figures to be had as large or as small as may be; NULL: by the function */
    double signs[OBJECTIVES_MOST];                     /* 1 or -1 */
    uint32_t count;                                    /* of objectives; 1 with a function */
    struct fitness_program *programs[OBJECTIVES_MOST]; /* what it computes, where that is known; NULL: the interpreter does it */
    unsigned figures;                                  /* enum subject_figures: what they read; 0: who knows */
    struct span span;
    struct prepared *prepared; /* without a test part */
    const struct train_options *options;
    struct setback setback; /* judgements that failed; release */
};

/* Reads both options; false with a diagnostic. The caller fills in prepared and options. */
bool fitness_read(struct eval *eval, const struct options *options, struct fitness *fitness);

/* Compiles what can be compiled (fitness_program.h), once `prepared` is known; release it in any case. */
void fitness_compile(struct fitness *fitness);
void fitness_release(struct fitness *fitness);

/* For evolve_options.fitness; `context` is a struct fitness. In nel check `subject` is NULL, and what is not known passes. Where the script's
   function fails on one of the first generation, that is an error; on one born later it is counted, and there is nothing worse than that
   one: hours of work are not lost by it. */
bool fitness_judge(void *context, struct subject *subject, double *objectives, struct diags *diags);
/* Warns of those on whom it failed. */
void fitness_tell(struct fitness *fitness);

#endif
