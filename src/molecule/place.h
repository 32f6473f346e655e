/* Places in a molecule: what pattern.c and rewrite.c share. */
#ifndef NEL_MOLECULE_PLACE_H
#define NEL_MOLECULE_PLACE_H

#include "molecule/rewrite.h"

#define NO_PARENT UINT32_MAX

struct surroundings {
    uint32_t parent; /* the composite that the place is in; NO_PARENT: the place is the whole molecule */
    uint32_t end;    /* the gene behind the place */
};

/* Looks a place up; false where the molecule has no such place. */
bool place_find(const struct molecule *molecule, struct place place, struct surroundings *around);

#endif
