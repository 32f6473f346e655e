/* What a program's names are for: each that it makes, whether it is used, and what else is odd about it. These are warnings, and
   no errors: the program runs, but a name made for nothing, or one that hides an element, is a slip more often than not.

   Exempt are names that begin with `_`, those that a construct must have (of loops, axes, taps, lambdas), and the top level of a
   file that does nothing but declare: such a file is a module, and its names are for others. An element is never unused: DNA and
   rules know it by its symbol. */
#ifndef NEL_INTERP_DECLARED_H
#define NEL_INTERP_DECLARED_H

#include "interp/eval.h"
#include "support/vec.h"

struct declaration {
    const struct node *node;  /* the statement or parameter that makes the name; NULL: of no interest */
    const struct node *again; /* a statement that makes it anew, where one of the two is no `let` */
    const struct node *of;    /* of a parameter: whose it is */
    bool used;
    bool open;     /* what it stands for is being resolved: a use there is none */
    bool exported; /* of a module */
};

/* All of a program, by number. Scopes bind names to numbers. */
struct declared {
    VEC(struct declaration) list;
};

/* Whether the statement makes a name. */
bool declares(const struct node *statement);
/* Whether the program does nothing but declare. */
bool is_module(const struct node *program);

/* Adds one, or returns false where memory is exhausted. */
bool declared_add(struct declared *declared, struct declaration declaration);
/* Its statement makes the name of declaration `number` once more. */
void declared_again(struct declared *declared, uint32_t number, const struct node *statement);
/* Adds the warnings to `diags`, in the order of the source. */
void declared_warn(struct declared *declared, const struct nel_state *state, struct diags *diags);
void declared_release(struct declared *declared);

#endif
