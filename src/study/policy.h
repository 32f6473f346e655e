/* Growth policies at work: after each round the measured signals are names in the policy's scope; every `when` that holds fires its
   action, in order, at its place. */
#ifndef NEL_STUDY_POLICY_H
#define NEL_STUDY_POLICY_H

#include "interp/evaluate.h"
#include "lab/grow.h"
#include "support/vec.h"

/* A `when` that came true in a round, and had something to do there or, with a reason in `idle`, nothing. */
struct firing {
    const struct node *when;
    uint32_t round;
    const char *idle;
};

/* Zero-initialise; policy_release. */
struct policy {
    struct eval *eval;
    const struct growth *growth;
    uint32_t input_width;
    uint64_t seed; /* of what the policy leaves to chance */
    struct random random;
    bool checking;                      /* nel check: nothing was measured */
    const struct growth_moment *moment; /* while it acts */
    const struct patch_neuron *neurons; /* while it acts at neurons: of the molecule as it is now */
    size_t neuron_count;
    const char *idle;             /* why an action of the round did nothing; NULL: all did something, or need not … */
    const struct node *idle_when; /* … and which */
    bool fired;                   /* the `when` at hand did something */
    VEC(struct firing) firings;   /* of all rounds */
};

/* The value of a declaration of `growth`; with its parameters given; and the names of signals and actions, NULL ends. */
struct value declare_growth(struct eval *eval, const struct node *node);
struct value growth_call(struct eval *eval, struct value growth, const struct argument *arguments, size_t count, struct span span);
extern const char *const growth_names[];

/* Whether a clause with a length, `every` or `accept`, counts steps of the optimiser; else it counts epochs. */
bool clause_counts_steps(const struct node *clause);

/* The first clause of a kind, such as NODE_STOP; NULL: the policy has none. */
const struct node *policy_clause(const struct growth *growth, enum node_kind kind);

void policy_release(struct policy *policy);

/* Tells, as warnings, of every `when` whose action came to nothing each time, since it was refused or had nothing to do. */
void policy_tell(struct policy *policy, const struct story_row *story, size_t rounds);

/* The callbacks of lab/grow.h; `context` is the policy. */
bool policy_stop(void *context, const struct signals *signals, bool *stop, struct diags *diags);
bool policy_accept(void *context, const struct signals *signals, bool *accepted, struct diags *diags);
struct molecule *policy_act(void *context, const struct growth_moment *moment, struct growth_words *words, struct diags *diags);

/* Their pieces. A frame in which the signals are names, of which nel check knows only how many rounds and epochs there were (0: not
   even that); NULL with a diagnostic. */
struct frame *policy_frame(struct policy *policy, const struct signals *signals);
/* Part of a policy, which sees no test part. */
struct value policy_evaluate(struct eval *eval, const struct node *node, struct frame *frame);
/* A condition; a figure that is not known (NaN) makes it false, and what nel check does not know does, too. */
bool policy_condition(struct eval *eval, const struct node *condition, struct frame *frame, bool *result);
/* What a `when` does, and where (its last item, if it has a place); false with a diagnostic. */
bool policy_action(struct eval *eval, const struct node *when, struct frame *frame, struct value *action, struct value *at);
/* The molecule after the action, at its first place where `gene` is NULL; NULL with a diagnostic, or where `nowhere` was set. */
struct molecule *policy_rewrite(struct policy *policy, const struct node *when, struct value action,
                                const struct molecule *molecule, const uint32_t *gene, bool *nowhere);

#endif
