/* Rolling: the stages of a chain as tokens, with repeats found again that building unrolled. */
#ifndef NEL_MOLECULE_DNA_ROLL_H
#define NEL_MOLECULE_DNA_ROLL_H

#include "molecule/molecule.h"

/* One stage, or a part repeated. */
struct token {
    uint64_t bare, key;  /* hash; hash with how far the token's own label reaches */
    uint32_t gene, end;  /* the genes it covers */
    uint32_t times;      /* how often the stage or the body stands in a row */
    uint32_t body_count; /* tokens of one repetition; 0: the stage at `gene` */
    const struct token *body;
    uint32_t label; /* that its last stage defines, 0 none */
};

/* What is known of a molecule before its chains are rolled. One block of memory, owned. */
struct roll {
    const struct molecule *molecule;
    uint32_t first;         /* the part's first gene */
    uint64_t *bare;         /* by gene - first: hash of the subtree, its labels left out */
    uint32_t *defined_at;   /* by label: the stage that defines it */
    uint32_t *used_last_at; /* by label: the last tap that uses it */
    struct token *tokens;   /* a stack: two for each stage of the chains being printed */
    size_t token_count;
};

/* Prepares for the subtree at `gene`; false where memory is exhausted. */
bool roll_init(struct roll *roll, const struct molecule *molecule, uint32_t gene);
void roll_release(struct roll *roll);

/* The tokens of the chain at `gene`, on top of the stack; take them off by setting token_count back to what it was. */
struct token *roll_chain(struct roll *roll, uint32_t gene, size_t *count);

#endif
