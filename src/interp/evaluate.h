/* What the files of the evaluator share among themselves: one function a kind of node. Each returns a borrowed value, VALUE_FAILED
   with a diagnostic. */
#ifndef NEL_INTERP_EVALUATE_H
#define NEL_INTERP_EVALUATE_H

#include "interp/eval.h"
#include "interp/objects.h"
#include "support/random.h"

/* statement.c */
struct value show_value(struct eval *eval, struct value value, struct span span); /* shows it, gives none */

/* eval.c */
struct value eval_truth(struct eval *eval, const struct node *node); /* VALUE_BOOL or VALUE_UNKNOWN */
struct value eval_in(struct eval *eval, const struct node *node, struct frame *frame);
struct value eval_block_in(struct eval *eval, const struct node *block, struct frame *frame);
bool items_of(struct eval *eval, struct value value, struct span span, const struct list **list);

/* assign.c */
struct value eval_assign(struct eval *eval, const struct node *node);
struct value value_index(struct eval *eval, struct value object, struct value index, struct span object_span,
                         struct span index_span);

/* call.c; `piped` goes before the arguments, NULL where there is none */
struct value eval_call(struct eval *eval, const struct node *node, const struct argument *piped);
struct value eval_pipe(struct eval *eval, const struct node *node);
struct span span_of_key(const struct node *node); /* of NODE_ARGUMENT and NODE_FIELD */
struct value function_make(struct eval *eval, const struct node *node);

/* chain.c: labels the errors from number `from` on, as far as no inner call has, with the calls that led to them. */
void calls_label(struct diags *diags, size_t from, const struct call *innermost);

/* operator.c */
struct value eval_unary(struct eval *eval, const struct node *node);
struct value eval_binary(struct eval *eval, const struct node *node);

/* chemistry.c */
/* One trait as a call gives it: a number, a switch or a word; false with a diagnostic. */
bool layer_set_trait(struct eval *eval, struct gene *gene, const struct argument *argument);
struct value eval_chain(struct eval *eval, const struct node *node);
struct value eval_dna(struct eval *eval, const struct node *node);
struct value element_call(struct eval *eval, const struct element_object *element, const struct argument *arguments, size_t count,
                          struct span span);
bool value_is_chemical(struct value value); /* can stand for a molecule without being called */

/* A value that an operator works on, and where it was written. */
struct operand {
    struct value value;
    struct span span;
};
/* `a | b | c`, `a + b`, `a * b` of what can stand for molecules. */
struct value molecule_operator(struct eval *eval, enum gene_kind kind, const struct operand *operands, size_t count,
                               struct span span);

/* declare.c */
struct value declare_element(struct eval *eval, const struct node *node);
struct value declare_loss(struct eval *eval, const struct node *node);

/* spec.c: what a declared loss is called by: a built-in that gives an option of the family "loss". */
struct value value_loss(struct eval *eval, const struct loss *loss);
/* The element of the declaration, added to a table; NULL with a diagnostic. */
const struct element *element_add(struct eval *eval, const struct node *node, struct elements *elements);
const struct loss *loss_add(struct eval *eval, const struct node *node, struct losses *losses);

/* rule.c. A rule is applied at places where its pattern matches and its guard holds; parameters that nobody gave are drawn from
   their domains by `random`. */
struct value declare_rule(struct eval *eval, const struct node *node);
struct value eval_variable(struct eval *eval, const struct node *node); /* ?name in a rule */
struct value rule_call(struct eval *eval, struct value rule, const struct argument *arguments, size_t count, struct span span);
/* Whether a parameter is drawn from what depends on the place: there are variables of the pattern in its domain. */
bool rule_domain_varies(const struct node *param);
/* A place, and with how many values together the parameters that are drawn can be drawn there, at least 1. */
struct rule_place {
    struct place place;
    uint32_t choices;
};
struct place_list {
    struct rule_place *at;
    size_t count, cap;
};
/* All places, in printed order; `places` is released by the caller. `input_width`: values that the molecule reads; 0: as it says. A place
   where there is nothing to draw from, or where what was given could not be drawn, is none. False with a diagnostic. */
bool rule_places(struct eval *eval, const struct rule *rule, const struct molecule *molecule, uint32_t input_width,
                 struct place_list *places);
/* All choices at all places are ways to apply a rule; of way `way`, below places_ways, the place and the choice there. */
uint64_t places_ways(const struct place_list *places);
struct place places_way(const struct place_list *places, uint64_t way, uint64_t *choice);
/* How a rule is applied, and what came of it. */
struct application {
    struct random *random; /* draws parameters that have a domain and no value; NULL: `choice` does */
    uint64_t choice;       /* one of those at the place */
    uint64_t seed;         /* draws what becomes of weights; 0: the molecule names it */
    struct span span;      /* for messages */
    uint32_t input_width;  /* values that the molecule reads; 0: not known */
    double noise;          /* engine/carry.h */
    bool preserving;       /* out: the molecule after computes the same, whatever its weights */
    uint32_t projections;  /* out: layers that mend widths which no longer agreed */
    bool refused; /* out: there is no molecule after, since it would not be a valid one, or a larger one than there can be */
};
/* The molecule after the rule at `place`; NULL with a diagnostic. */
struct molecule *rule_apply(struct eval *eval, const struct rule *rule, const struct molecule *molecule, struct place place,
                            struct application *application);
/* What molecule_rewrite makes of it for `application`; what is refused is told as the doing of `name`. */
struct molecule *rewrite_apply(struct eval *eval, struct str name, const struct molecule *molecule, struct place place,
                               const struct molecule *replacement, struct application *application);

/* module.c */
struct value eval_use(struct eval *eval, const struct node *node);

/* setting.c */
bool settings_check(struct eval *eval,
                    const struct node *program); /* each option of the command line is a `param`, its own or of what it uses */
bool setting_find(const struct nel_state *state, struct str name, struct str *given);
struct value setting_read(struct eval *eval, const struct node *node, struct value initial, struct str given);

/* Binds the parameters of a declaration (NODE_PARAMS) in `frame`, from arguments and defaults. `what` names it in messages. */
bool bind_parameters(struct eval *eval, const struct node *params, const char *what, const struct argument *arguments, size_t count,
                     struct span span, struct frame *frame);

#endif
