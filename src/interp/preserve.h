/* Whether a rule keeps what a network computes, found by trying it. Of one place in one network molecule_rewrite knows; a rule is tried
   on layers of every element, alone and among others. */
#ifndef NEL_INTERP_PRESERVE_H
#define NEL_INTERP_PRESERVE_H

#include "interp/eval.h"

struct rule;

enum preserving { PRESERVES_NEVER, PRESERVES_SOME, PRESERVES_ALWAYS };

/* For how many elements `rule` keeps the function, `normalised`: also with a layernorm behind it; their names go to `elements` (may be
   NULL). PRESERVES_NEVER also where the rule matches nothing that is tried. No diagnostics. */
enum preserving rule_preserving(struct eval *eval, const struct rule *rule, bool normalised, struct text *elements);

#endif
