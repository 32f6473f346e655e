/* Recipes: preprocessing fitted on training rows, kept with the model, and applied to whatever meets the model later. */
#ifndef NEL_DATA_RECIPE_H
#define NEL_DATA_RECIPE_H

#include "data/dataset.h"

/* How one raw column becomes `width` inputs (one-hot for categories). */
struct recipe_step {
    char *name;
    enum column_kind kind;
    uint32_t width;
    char **categories; /* COLUMN_CATEGORY */
    float fill;        /* put where a value is missing; NaN: a missing value is an error */
    float mean, scale; /* input = (value - mean) * scale */
};

struct recipe {
    int references;
    struct recipe_step *steps;     /* [columns] */
    uint32_t columns;              /* raw columns */
    uint32_t width;                /* inputs of the network */
    enum normalize_kind normalize; /* how the numbers were scaled */
    bool identity;                 /* nothing to do: the raw rows are the inputs */
    bool reconstruct;
    enum target_kind target;
    bool
        one_hot; /* TARGET_VALUE: the training rows are 1 in one place and 0 elsewhere, so that the values tell one of `outputs` classes */
    uint32_t outputs;
    float *target_mean, *target_scale; /* [outputs], TARGET_VALUE: trained on (y - mean) * scale; NULL: on y */
    char **class_names;                /* [outputs] or NULL */
    char *target_name;
};

/* Fits `train`'s spec on its rows. NULL with a diagnostic (a missing value where none is allowed names row and column). */
struct recipe *recipe_fit(const struct dataset *train, struct span span, struct diags *diags);
/* The recipe of inputs that are read as they are, named x1, x2 …, and of `outputs` values; NULL where memory is exhausted. */
struct recipe *recipe_plain(uint32_t inputs, uint32_t outputs);
/* The recipe of a table's columns as they are, for its target; NULL where memory is exhausted. */
struct recipe *recipe_as_it_is(const struct table *table);
/* Whether its target tells one of `outputs` classes, as a label or one-hot. */
static inline bool recipe_tells_classes(const struct recipe *recipe)
{
    return recipe->target == TARGET_CLASS || recipe->one_hot;
}
/* The class that values [outputs] tell, the place of the greatest (the first of equal ones): of one-hot targets as they are trained on,
   or of predictions in the same scale. */
uint32_t recipe_class_of(const struct recipe *recipe, const float *values, size_t step);
struct recipe *recipe_retain(struct recipe *recipe);
void recipe_release(struct recipe *recipe);

/* Writes the inputs of every row: out [count x width], a row contiguous. Unknown categories become all zeros. */
bool recipe_inputs(const struct recipe *recipe, const struct dataset *dataset, float *out, struct span span, struct diags *diags);
/* Writes the trained-on targets: out [count x outputs] (reconstruct: the inputs). TARGET_VALUE only. */
bool recipe_targets(const struct recipe *recipe, const struct dataset *dataset, float *out, struct span span, struct diags *diags);
/* Writes the labels of every row in the recipe's classes: out [count]. Another file's classes are found by their names; one that the
   model does not know is an error. TARGET_CLASS only. */
bool recipe_labels(const struct recipe *recipe, const struct dataset *dataset, int32_t *out, struct span span, struct diags *diags);
/* One raw row (values [columns], category codes already looked up by recipe_category) to inputs [width]. */
bool recipe_row(const struct recipe *recipe, const float *raw, float *out, struct span span, struct diags *diags);
float recipe_category(const struct recipe_step *step, struct str text); /* the code, -1 unknown */

#endif
