/* What the tests of this floor share: diagnostics as texts, and small data sets. */
#ifndef NEL_TESTS_DATA_CHECK_H
#define NEL_TESTS_DATA_CHECK_H

#include <math.h>
#include <string.h>

#include "data/dataset.h"

/* In double precision, which assert_float_equal is not. */
#define check_near(a, b, tolerance) assert_true(fabs((double)(a) - (double)(b)) <= (tolerance))

/* Exactly one error, with that message and help (NULL: none); releases the list. */
static inline void check_error(struct diags *diags, const char *message, const char *help)
{
    assert_int_equal(diags->errors, 1);
    assert_string_equal(diags->at[0].message, message);
    if (help) {
        assert_non_null(diags->at[0].help);
        assert_string_equal(diags->at[0].help, help);
    } else {
        assert_null(diags->at[0].help);
    }
    diags_release(diags);
}

static inline void check_clean(struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        print_error("unexpected: %s\n", diags->at[i].message);
    assert_int_equal(diags->count, 0);
    diags_release(diags);
}

/* How many rows of the view have the label. */
static inline uint32_t count_label(const struct dataset *dataset, int32_t label)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < dataset->count; i++)
        count += dataset_label(dataset, i) == label;
    return count;
}

/* `rows` rows, x1 = row number, labelled by `labels` (repeated) of `classes` classes. */
static inline struct dataset *numbered(uint32_t rows, const int32_t *labels, uint32_t label_count, uint32_t classes)
{
    struct table *table = table_new(rows, 1, TARGET_CLASS, classes);
    assert_non_null(table);
    for (uint32_t i = 0; i < rows; i++) {
        table->x[i] = (float)i;
        table->labels[i] = labels[i % label_count];
    }
    struct dataset *dataset = dataset_of(table, "numbered");
    assert_non_null(dataset);
    return dataset;
}

#endif
