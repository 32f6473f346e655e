/* What a growth policy can do beside rules: the built-in actions, a row of the table and a function each. A new action is one of both. */
#ifndef NEL_STUDY_ACTION_H
#define NEL_STUDY_ACTION_H

#include "interp/spec.h"
#include "lab/grow.h"
#include "molecule/patch.h"
#include "molecule/rewrite.h"
#include "support/random.h"

/* What came of it. */
struct action_outcome {
    const char *idle;     /* why it does nothing, where nothing can be done at such a place; else NULL */
    bool preserving;      /* it is proved that the network computes the same, whatever its weights */
    uint32_t projections; /* layers that mend widths which no longer agreed */
    unsigned rewrites;    /* that it is made of, so far */
};

/* What an action works with. Where a policy names several places, it acts at one after the other. */
struct acting {
    struct eval *eval;
    const struct spec *action;          /* its name and arguments */
    const struct molecule *molecule;    /* as it is now, after what fired before in this round */
    uint32_t gene;                      /* of `molecule`: the place; 0, the whole, where none is named */
    const struct patch_neuron *neurons; /* … where the place is neurons, of `molecule`'s genes */
    size_t neuron_count;
    struct str where;                   /* `at`, `after` or `before`; empty where no place is named */
    uint32_t input_width;               /* of the data */
    struct random *random;              /* of what is left to chance in this round */
    const struct growth_moment *moment; /* what was measured, and on what; NULL in nel check, and by hand */
    bool by_hand;                       /* in `rewrite`: nothing grows */
    struct action_outcome *outcome;     /* out */
    struct span span;                   /* of the action in the policy */
};

enum action_place {
    PLACE_MAY,    /* a layer or all of them */
    PLACE_LAYER,  /* it needs a layer, */
    PLACE_BEHIND, /* … behind which it puts something */
    PLACE_NEURONS /* it needs neurons */
};

struct action_row {
    struct spec_row spec;
    enum action_place place;
    /* The molecule after, one reference, whose origins point into that of before; NULL with a diagnostic or, where there is nothing to
       do at such neurons, without. */
    struct molecule *(*act)(const struct acting *acting);
    const char *idle; /* what it works on, for who used it where there is nothing of it; NULL: it always does something */
};

/* The action that a value is; NULL: it is none. */
const struct action_row *action_of(struct value value);

/* Does it: the molecule after, as `act` gives it; what it could not do is told where the action stands, not at the network's layers. */
struct molecule *action_do(const struct acting *acting);

/* Puts `replacement` in its place in `molecule`: the molecule after, and what that means in the outcome; NULL with a diagnostic. */
struct molecule *action_rewrite(const struct acting *acting, const struct molecule *molecule, struct place place,
                                const struct molecule *replacement);

/* An argument of the action that is a number of neurons; false with a diagnostic: no layer can have so many. */
bool action_width(const struct acting *acting, const char *name, uint32_t *width);
/* One that bounds something: the greatest count where it is more. */
uint32_t action_bound(const struct acting *acting, const char *name);

/* All of them, as functions of the language. */
bool growth_actions_add(struct eval *eval);

/* The network that a training of the molecule begins with, to be released; NULL with a diagnostic. */
struct model *acting_model(const struct acting *acting, const struct molecule *molecule);

/* action_connect.c: connections and neurons that go and come. */
struct molecule *act_prune(const struct acting *acting);
struct molecule *act_regrow(const struct acting *acting);
struct molecule *act_rewind(const struct acting *acting);
struct molecule *act_gradmax(const struct acting *acting);
/* action_patch.c: patches on neurons. */
struct molecule *act_patch(const struct acting *acting);

/* action_recruit.c: units of cascade correlation. */
struct molecule *act_recruit(const struct acting *acting);

#endif
