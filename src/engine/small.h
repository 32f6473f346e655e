/* Small networks: chains of dense layers of so few parameters that the work around a kernel would cost more than the kernel. Forward
   and backward pass are one function each, one register of samples runs through a layer with the layer's inputs in registers, and the
   gradient is kept as sixteen partial sums a parameter, which are added up for all parameters at once.

   The naive twin is the general way of workspace.c over dense.h, whose results are the same to the last bit. */
#ifndef NEL_ENGINE_SMALL_H
#define NEL_ENGINE_SMALL_H

#include "engine/workspace.h"

/* Networks of up to so many parameters: the partial sums are 32 KB then, which the first-level cache holds beside the rows. */
enum { SMALL_PARAMETERS = 512 };

/* Whether `plan` is such a network. */
bool small_fits(const struct plan *plan);

/* As workspace_forward and workspace_backward. */
void small_forward(struct workspace *workspace);
void small_backward(struct workspace *workspace, bool add);

#endif
