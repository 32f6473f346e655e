/* The notes "inputs" and "target" of a file: how raw columns become inputs of the network, and what its outputs say. Private to
   model_*.c. */
#ifndef NEL_EXPORT_MODEL_RECIPE_H
#define NEL_EXPORT_MODEL_RECIPE_H

#include "data/recipe.h"
#include "export/json.h"

void recipe_write_inputs(const struct recipe *recipe, struct text *out);
void recipe_write_target(const struct recipe *recipe, struct text *out);

/* The recipe that the two notes tell, one reference. NULL where one of them cannot be used: *wrong is its name; or where memory is
   exhausted. */
struct recipe *recipe_read(const struct json *inputs, const struct json *target, const char **wrong);

#endif
