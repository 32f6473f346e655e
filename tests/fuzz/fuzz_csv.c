/* links: nel_data */
/* Any bytes as a CSV file, with the options chosen by the first byte; what was read is fitted and applied. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "data/readers.h"
#include "data/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Everything a training does with the data. */
static void prepare(struct dataset *data, struct diags *diags)
{
    struct recipe *recipe = recipe_fit(data, SPAN_NONE, diags);
    float *inputs = recipe ? malloc((size_t)recipe->width * data->count * sizeof *inputs) : NULL;
    if (inputs)
        recipe_inputs(recipe, data, inputs, SPAN_NONE, diags);
    free(inputs);
    recipe_release(recipe);
    split_release(dataset_split(data, 0.8, 0, 1, SPAN_NONE, diags));
    dataset_release(dataset_concat(data, data, SPAN_NONE, diags));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct column_wish names[] = {{.name = STR("a")}, {.name = STR("b")}};
    struct diags diags = {0};
    unsigned wish = len ? bytes[0] : 0;
    struct csv_options options = {
        .missing = (enum missing_kind)(wish % (MISSING_DROP + 1)),
        .no_target = wish & 8,
        .classes = wish & 16,
        .values = wish & 32,
        .category_count = wish >> 6 & 1,
        .categories = names,
        .drop_count = wish >> 7 & 1,
        .drop = names + 1,
    };
    struct str text = {(const char *)bytes + (len > 0), len - (len > 0)};
    struct dataset *data = csv_decode(text, "fuzz.csv", &options, SPAN_NONE, &diags);
    if (!data && diags.errors == 0)
        abort();
    if (data) {
        struct recipe_spec spec = data->spec;
        spec.normalize = (enum normalize_kind)(wish % NORMALIZE_FIXED);
        struct dataset *scaled = dataset_with_spec(data, spec, SPAN_NONE, &diags);
        if (scaled)
            prepare(scaled, &diags);
        dataset_release(scaled);
    }
    dataset_release(data);
    diags_release(&diags);
    return 0;
}
