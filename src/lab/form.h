/* Forms: what networks of a search have in common that differ in their weights alone. A form is made once: its molecule admitted, met with
   the data, compiled. Whoever has it is a vector of parameters over its plan and no more.

   A form is a molecule and, where weights are inherited, which connections its sparse layers have. It stays as long as the evolution,
   since the dead are told of by their forms; what is needed to work with one (struct form_work) is made when somebody has it and goes
   with the last who does. */
#ifndef NEL_LAB_FORM_H
#define NEL_LAB_FORM_H

#include "engine/plan.h"
#include "lab/admit.h"

/* A stage of the molecule's chain, for crossing. */
struct form_stage {
    uint32_t gene; /* its first */
    uint64_t hash; /* of its genes, weights left out */
};

/* Ops of the plan that hold a gene's parameters. */
struct form_gene {
    const struct plan_op *own, *learned; /* NULL: none */
};

struct form_work {
    const struct molecule *whole; /* with its head and without weights: a model's */
    struct plan *plan;
    float *start;              /* [param_count] what a network begins with whose weights nobody hands on */
    struct form_gene *genes;   /* [molecule's count] */
    struct form_stage *stages; /* of the top chain; the only one where there is none */
    uint32_t stage_count;
    uint32_t *ways;    /* [mutation_count] 1 + in how many ways each changes the molecule; 0: not asked yet */
    bool side_by_side; /* engine/cohort.h */
    size_t group;      /* rear.c: 1 + the first of a generation who has the form; 0: nobody */
};

struct search;

/* The form of `molecule` (retained as far as it is wanted), an old one or a new one, at work. Weights on its genes are left out where they are
   inherited, but for the connections of sparse layers. Where weights are inherited it must have its head. NULL with a diagnostic: it is
   beyond the limits, it does not fit the data, or memory is exhausted. */
struct form *form_of(struct search *search, const struct molecule *molecule, struct diags *diags);
/* The form of one who is told of and not worked with: nothing is compiled. NULL where memory is exhausted, with a diagnostic. */
struct form *form_of_dead(struct search *search, const struct molecule *molecule, double params, double flops);
/* Makes it ready to work with; false with a diagnostic. */
bool form_wake(struct search *search, struct form *form);
/* The work of forms that nobody has goes where it came to take much memory: somebody may be born into one again. */
void forms_shed(struct search *search);
/* The table by which forms are found, made anew of those that there are. */
void forms_index(struct search *search);
/* Gives back its work. */
void form_rest(struct form *form);
void form_release(struct form *form);

#endif
