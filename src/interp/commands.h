/* What the floor above supplies to the language: what its commands do. Evaluation knows their syntax, and asks here. */
#ifndef NEL_INTERP_COMMANDS_H
#define NEL_INTERP_COMMANDS_H

#include "interp/eval.h"

struct commands {
    /* The values of `train`, `grow`, `evolve` and `sweep`; the policy that a `growth` declares. */
    struct value (*train)(struct eval *eval, const struct node *node);
    struct value (*grow)(struct eval *eval, const struct node *node);
    struct value (*evolve)(struct eval *eval, const struct node *node);
    struct value (*sweep)(struct eval *eval, const struct node *node);
    struct value (*growth)(struct eval *eval, const struct node *node);
    /* A policy with its parameters given. */
    struct value (*growth_call)(struct eval *eval, struct value growth, const struct argument *arguments, size_t count,
                                struct span span);
    /* The signature of the options that `train`, `grow` or `evolve` takes. */
    const char *(*options)(enum node_kind command);
    /* The names that a policy's conditions and actions may use: signals and actions; NULL ends. */
    const char *const *growth_names;
    /* The rich view of `show`; false with a diagnostic. */
    bool (*show)(struct eval *eval, struct value value, struct span span, struct text *out);
};

#endif
