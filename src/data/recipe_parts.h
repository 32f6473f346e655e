/* What the files of recipes share: the bare recipe, and checks of raw rows. Private to recipe*.c. */
#ifndef NEL_DATA_RECIPE_PARTS_H
#define NEL_DATA_RECIPE_PARTS_H

#include "data/recipe.h"

/* The recipe that changes nothing, for the columns and the target of `table`; NULL where memory is exhausted. */
struct recipe *recipe_start(const struct table *table);

/* Row i of the view has finite features; `gaps`: missing ones are allowed. Else an error that names row and column. */
bool row_features_check(const struct dataset *dataset, uint32_t i, bool gaps, struct span span, struct diags *diags);
/* Row i of the view has finite target values. */
bool row_values_check(const struct dataset *dataset, uint32_t i, struct span span, struct diags *diags);

#endif
