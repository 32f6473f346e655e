/* Data sets: immutable, reference-counted. A `table` holds values; a `dataset` is a view of some of its rows together with the
   preprocessing that was asked for. Preprocessing is not done here but fitted on the training rows when a training begins
   (recipe.h), so that nothing leaks from validation or test rows, whatever order `normalize` and `split` were called in. */
#ifndef NEL_DATA_DATASET_H
#define NEL_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "support/diag.h"

enum column_kind { COLUMN_NUMBER, COLUMN_CATEGORY };

struct column {
    char *name;
    enum column_kind kind;
    char **categories; /* COLUMN_CATEGORY: the value's text by code */
    uint32_t category_count;
};

enum target_kind {
    TARGET_NONE,  /* features only */
    TARGET_CLASS, /* labels 0..outputs-1 */
    TARGET_VALUE  /* `outputs` numbers a row */
};

/* The values. Shared by every view of them. */
struct table {
    int references;
    uint32_t rows, columns;
    struct column *column; /* [columns] */
    float *x;              /* [rows x columns], a row contiguous; category codes as numbers; NaN: missing */
    enum target_kind target;
    uint32_t outputs;   /* classes, or values a row */
    int32_t *labels;    /* [rows], TARGET_CLASS */
    float *y;           /* [rows x outputs], TARGET_VALUE */
    char **class_names; /* [outputs], TARGET_CLASS; NULL: the labels are numbers */
    char *target_name;
};

enum normalize_kind {
    NORMALIZE_NONE,
    NORMALIZE_STANDARD, /* mean 0, standard deviation 1; a value target too */
    NORMALIZE_RANGE,    /* least 0, greatest 1 */
    NORMALIZE_FIXED     /* (x - mean) / std with given figures */
};
/* What becomes of missing values. MISSING_DROP acts at once, when it is asked for (readers, dataset_with_spec); the others are fitted
   like the rest, and gaps that are met later are filled too. */
enum missing_kind { MISSING_REFUSE, MISSING_MEAN, MISSING_MEDIAN, MISSING_MOST_COMMON, MISSING_ZERO, MISSING_DROP };

/* What was asked for; fitted later. */
struct recipe_spec {
    enum normalize_kind normalize;
    double fixed_mean, fixed_std;
    enum missing_kind missing;
    bool reconstruct; /* the target is the (preprocessed) input itself */
};

struct dataset {
    int references;
    char *name; /* "moons", "iris.csv" */
    struct table *table;
    uint32_t count;
    uint32_t *rows; /* [count], rows of the table in this view's order */
    struct recipe_spec spec;
    bool judges; /* a test part, or made of one: nothing is selected by it */
};

/* Parts of one data set; validation and test may be NULL. */
/* Which part of a cross-validation is the test part. */
struct fold {
    uint32_t number, of; /* from 1, of so many; 0: it is of none */
    uint64_t seed;       /* the parts were drawn by */
};

struct split {
    int references;
    struct dataset *train, *validation, *test;
    struct fold fold;
};

/* Columns named x1, x2 …, all values 0; NULL where memory is exhausted or the size is not allowed. */
struct table *table_new(uint32_t rows, uint32_t columns, enum target_kind target, uint32_t outputs);
struct table *table_retain(struct table *table);
void table_release(struct table *table);

/* Whether a table of this size may be made; else an error that names the data. For counts that a file claims. */
bool table_size_allowed(const char *name, uint64_t rows, uint64_t columns, struct span span, struct diags *diags);

/* Replace a name by a copy; false where memory is exhausted (the old name stays). */
bool table_name_column(struct table *table, uint32_t column, struct str name);
bool table_name_target(struct table *table, struct str name);
bool table_name_classes(struct table *table, const char *const *names); /* [outputs] */

/* A view of all rows; takes over the reference to `table`, also on failure. */
struct dataset *dataset_of(struct table *table, const char *name);
bool dataset_name(struct dataset *dataset, const char *name); /* of one just made; false where memory is exhausted */
struct dataset *dataset_retain(struct dataset *dataset);
void dataset_release(struct dataset *dataset);
struct split *split_retain(struct split *split);
void split_release(struct split *split);

/* The target of row i of the view. */
int32_t dataset_label(const struct dataset *dataset, uint32_t i);
const float *dataset_values(const struct dataset *dataset, uint32_t i);
const float *dataset_features(const struct dataset *dataset, uint32_t i);

/* The rows at `positions` of the view, in that order; positions NULL: its first `count`. NULL with a diagnostic where memory is
   exhausted. */
struct dataset *dataset_pick(struct dataset *dataset, const uint32_t *positions, uint32_t count, struct span span,
                             struct diags *diags);

/* New views and copies; NULL with a diagnostic at `span`. Stratified by class where the target is one; the rest is drawn by
   (seed, RANDOM_SPLIT). Shares are of the whole; what train and validation leave goes to test (validation 0: none). */
struct split *dataset_split(struct dataset *dataset, double train, double validation, uint64_t seed, struct span span,
                            struct diags *diags);
/* Fold `k` of `folds` as test, the rest as train; the same partition for the same seed. */
struct split *dataset_fold(struct dataset *dataset, uint32_t folds, uint32_t k, uint64_t seed, struct span span,
                           struct diags *diags);
/* Whether `part` has the features and the kind of target of `train`; else a diagnostic. */
bool dataset_fits(const struct dataset *train, const struct dataset *part, struct span span, struct diags *diags);
/* Parts that are data sets of their own, whose references it takes over; NULL, also where train or test is. */
struct split *split_join(struct dataset *train, struct dataset *validation, struct dataset *test, struct span span,
                         struct diags *diags);
struct dataset *dataset_shuffle(struct dataset *dataset, uint64_t seed, struct span span, struct diags *diags);
struct dataset *dataset_take(struct dataset *dataset, uint32_t count, struct span span, struct diags *diags);
struct dataset *dataset_noise(struct dataset *dataset, double sd, uint64_t seed, struct span span, struct diags *diags);
struct dataset *dataset_one_hot(struct dataset *dataset, struct span span, struct diags *diags); /* class target -> 0/1 values */
struct dataset *dataset_with_spec(struct dataset *dataset, struct recipe_spec spec, struct span span, struct diags *diags);
struct dataset *dataset_concat(struct dataset *a, struct dataset *b, struct span span, struct diags *diags);

#endif
