/* A rewrite from beginning to end: a part replaced, widths mended, weights carried. What comes out is a valid molecule, or a reason why
   there is none. People, growth and evolution all rewrite through here. */
#ifndef NEL_ENGINE_REWRITING_H
#define NEL_ENGINE_REWRITING_H

#include "engine/carry.h"
#include "molecule/rewrite.h"

/* What came of it. */
struct rewriting {
    bool preserving;      /* the molecule after computes the same */
    uint32_t projections; /* layers that mend widths which no longer agreed */
    uint32_t assumed;     /* width of the input that nobody said, and that reasons against it may speak of; 0: none */
};

/* `molecule` with `replacement` in `place` (molecule_replace), mended (molecule_mend) and with the weights that it is to begin with
   (molecule_carry). Where options.input_width is 0, it is what the molecule says, else any for which it is a network.

   Refused is what is no network where the molecule was one. One reference, NULL with a diagnostic. */
struct molecule *molecule_rewrite(const struct molecule *molecule, struct place place, const struct molecule *replacement,
                                  const struct elements *elements, struct carry_options options, struct rewriting *rewriting,
                                  struct diags *diags);

#endif
