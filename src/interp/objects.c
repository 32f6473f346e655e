/* Data sets and splits as values; see objects.h. */
#include "interp/objects.h"

struct value value_dataset(struct eval *eval, struct dataset *dataset)
{
    struct value value = dataset ? value_object(eval, sizeof(struct dataset_object), VALUE_DATASET) : value_failed();
    if (failed(value))
        dataset_release(dataset);
    else
        value.dataset->dataset = dataset;
    return value;
}

struct value value_split(struct eval *eval, struct split *split)
{
    struct value value = split ? value_object(eval, sizeof(struct split_object), VALUE_SPLIT) : value_failed();
    if (failed(value))
        split_release(split);
    else
        value.split->split = split;
    return value;
}
