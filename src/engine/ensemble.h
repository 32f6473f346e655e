/* Several networks' outputs for the same samples as one answer.

   | rule | an answer is | from |
   |---|---|---|
   | average | the weighted mean of the members' probabilities, or of their values | the linear opinion pool of Stone 1961; of networks
     Hansen and Salamon 1990, Lakshminarayanan, Pritzel and Blundell 2017 |
   | vote | for each class the weighted share of the members that take the sample for it | Hansen and Salamon 1990 |

   The squared error of a mean of values is never above the mean of the members' squared errors (Krogh and Vedelsby 1995). */
#ifndef NEL_ENGINE_ENSEMBLE_H
#define NEL_ENGINE_ENSEMBLE_H

#include <stdint.h>

enum ensemble_rule { ENSEMBLE_AVERAGE, ENSEMBLE_VOTE };

/* Adds what one member says, with its weight (the weights of all members sum to 1): outputs and sums [count x width], a row
   contiguous. ENSEMBLE_VOTE: one output a class, of equal ones the first has the vote. */
void ensemble_add(double *sums, const float *outputs, uint32_t width, uint32_t count, double weight, enum ensemble_rule rule);

#endif
