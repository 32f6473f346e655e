/* Admission: is a molecule within the limits of a search? Evolution asks for each child, growth for each rewrite. */
#ifndef NEL_LAB_ADMIT_H
#define NEL_LAB_ADMIT_H

#include "lab/evolve.h"
#include "molecule/graph.h"

/* Meets the molecule with the data (its head is added where it has none) and looks at parameters, layers in a row, widths and
   elements. False with a diagnostic that says what is too much. */
bool admit(const struct molecule *molecule, const struct prepared *data, enum loss_kind loss, const struct evolve_limits *limits,
           struct diags *diags);
/* The same; gives what it met the data with, the molecule with its head and its graph. NULL with a diagnostic. */
struct molecule *admit_whole(const struct molecule *molecule, const struct prepared *data, enum loss_kind loss,
                             const struct evolve_limits *limits, struct graph **graph, struct diags *diags);

#endif
