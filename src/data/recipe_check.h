/* Checks of raw rows, shared by fitting and applying. Private to recipe*.c. */
#ifndef NEL_DATA_RECIPE_CHECK_H
#define NEL_DATA_RECIPE_CHECK_H

#include "data/dataset.h"

/* Row i of the view has finite features; `gaps`: missing ones are allowed. Else an error that names row and column. */
bool row_features_check(const struct dataset *dataset, uint32_t i, bool gaps, struct span span, struct diags *diags);
/* Row i of the view has finite target values. */
bool row_values_check(const struct dataset *dataset, uint32_t i, struct span span, struct diags *diags);

#endif
