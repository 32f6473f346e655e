#ifndef NEL_MOLECULE_CANONICAL_H
#define NEL_MOLECULE_CANONICAL_H

#include "molecule/molecule.h"

/* The molecule of a builder that holds one whole gene tree, with one reference. NULL where it is none, with a diagnostic, or with the
   builder's `failed`, `too_large` or `too_deep` set. Uses the builder's genes up. */
struct molecule *builder_canonical(struct molecule_builder *builder, struct span span, struct diags *diags);

#endif
