/* What a policy saw and why it acted, in words: for the story of a growth. */
#ifndef NEL_STUDY_ACCOUNT_H
#define NEL_STUDY_ACCOUNT_H

#include "study/policy.h"

/* Whether the signal of this name, or with this last member, is a share of something, from 0 to 1. */
bool signal_is_share(struct str name);

/* The signals that the policy's conditions ask for, with their values: "improvement 0.3 %, extrema.share 12 %". What rounds and epochs
   tell is left out. False with a diagnostic. */
bool account_measured(struct policy *policy, struct frame *frame, struct text *out);

/* Where an action was: layers and neurons by their numbers, as the table of `signals` counts them, " (layers 1, 2)" or
   " (layer 1: 3, 7 …; layer 2: 5)"; nothing where the place is none of these. */
void account_place(struct policy *policy, struct value at, struct span span, struct text *out);

/* A condition that came true, as it is written, behind those that did before it. */
void account_reason(struct policy *policy, const struct node *condition, struct text *out);

#endif
