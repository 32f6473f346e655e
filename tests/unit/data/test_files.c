/* Real files, those of $NEL_DATA: MNIST, Fashion-MNIST, CIFAR-10, eight CSV tables and six FANN sets. Without NEL_DATA only what needs
   no data runs, and each other test says that it is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "data/readers.h"
#include "data/toys.h"
#include "support/file.h"

/* $NEL_DATA/`name`, or skips the test where it is not there. */
static const char *found(const char *name)
{
    static char path[1000];
    const char *root = getenv("NEL_DATA");
    snprintf(path, sizeof path, "%s/%s", root ? root : "", name);
    if (!root || !*root || !file_exists(path)) {
        print_message("skipped: there is no %s in NEL_DATA (%s)\n", name, root ? root : "not set");
        skip();
    }
    return path;
}

static void check_counts(const struct dataset *data, const uint32_t *counts)
{
    for (int32_t label = 0; label < 10; label++)
        assert_int_equal(count_label(data, label), counts[label]);
}

static void mnist_is_whole(void **state)
{
    (void)state;
    static const uint32_t train[] = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
    static const uint32_t test[] = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
    struct diags diags = {0};
    found("mnist");
    struct split *split = mnist_folder(NULL, "mnist", SPAN_NONE, &diags);
    check_clean(&diags);
    assert_string_equal(split->train->name, "mnist");
    assert_int_equal(split->train->count, 60000);
    assert_int_equal(split->test->count, 10000);
    assert_null(split->validation);
    assert_int_equal(split->train->table->columns, 784);
    assert_int_equal(split->train->table->outputs, 10);
    check_counts(split->train, train);
    check_counts(split->test, test);
    assert_int_equal(dataset_label(split->train, 0), 5);
    /* Mean ink of the training images, a figure that is well known. */
    double ink = 0;
    for (size_t i = 0; i < (size_t)60000 * 784; i++)
        ink += split->train->table->x[i];
    check_near(ink / 60000 / 784, 0.1307, 0.00005);
    split_release(split);
}

static void fashion_mnist_is_whole(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct split *split = mnist_folder(found("fashion-mnist"), "fashion-mnist", SPAN_NONE, &diags);
    check_clean(&diags);
    for (int32_t label = 0; label < 10; label++) {
        assert_int_equal(count_label(split->train, label), 6000);
        assert_int_equal(count_label(split->test, label), 1000);
    }
    assert_string_equal(split->test->table->class_names[9], "ankle boot");
    split_release(split);
}

static void cifar_is_read_from_its_batches(void **state)
{
    (void)state;
    struct diags diags = {0};
    found("cifar-10");
    struct split *split = cifar_folder(NULL, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_true(split->train->count >= 20000 && split->train->count % 10000 == 0);
    assert_int_equal(split->test->count, 10000);
    for (int32_t label = 0; label < 10; label++)
        assert_int_equal(count_label(split->test, label), 1000);
    split_release(split);
}

struct facts {
    const char *path;
    uint32_t rows, columns;
    enum target_kind target;
    uint32_t outputs;
    uint32_t counts[3]; /* of the first classes */
};

static void check_facts(const struct dataset *data, const struct facts *facts)
{
    assert_int_equal(data->count, facts->rows);
    assert_int_equal(data->table->columns, facts->columns);
    assert_int_equal(data->table->target, facts->target);
    assert_int_equal(data->table->outputs, facts->outputs);
    for (uint32_t i = 0; facts->target == TARGET_CLASS && i < 3 && i < facts->outputs; i++)
        if (facts->counts[i])
            assert_int_equal(count_label(data, (int32_t)i), facts->counts[i]);
}

static void tables_are_whole(void **state)
{
    (void)state;
    static const struct facts tables[] = {
        {"csv/iris.csv", 150, 4, TARGET_CLASS, 3, {50, 50, 50}},
        {"csv/wine.csv", 178, 13, TARGET_CLASS, 3, {59, 71, 48}},
        {"csv/breast_cancer_wdbc.csv", 569, 30, TARGET_CLASS, 2, {212, 357}},
        {"csv/digits_8x8.csv", 1797, 64, TARGET_CLASS, 10, {0}},
        {"csv/diabetes_regression.csv", 442, 10, TARGET_VALUE, 1, {0}},
        {"csv/banknote_authentication.csv", 1372, 4, TARGET_CLASS, 2, {762, 610}},
        {"csv/auto_mpg.csv", 392, 7, TARGET_VALUE, 1, {0}},
        {"csv/two_spirals.csv", 193, 2, TARGET_CLASS, 2, {96, 97}},
    };
    static const struct csv_options plain;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct diags diags = {0};
        struct dataset *data = csv_read(found(tables[i].path), &plain, SPAN_NONE, &diags);
        check_clean(&diags);
        assert_string_equal(data->name, strrchr(tables[i].path, '/') + 1);
        assert_null(data->table->class_names);
        check_facts(data, &tables[i]);
        dataset_release(data);
    }
}

static void fann_sets_are_whole(void **state)
{
    (void)state;
    static const struct facts sets[] = {
        {"fann/two-spiral.train", 193, 2, TARGET_CLASS, 2, {96, 97}}, {"fann/parity8.test", 256, 8, TARGET_CLASS, 2, {128, 128}},
        {"fann/diabetes.train", 384, 8, TARGET_CLASS, 2, {0}},        {"fann/gene.train", 1588, 120, TARGET_CLASS, 3, {0}},
        {"fann/mushroom.train", 4062, 125, TARGET_CLASS, 2, {0}},     {"fann/thyroid.train", 3600, 21, TARGET_CLASS, 3, {0}},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct diags diags = {0};
        struct dataset *data = fann_read(found(sets[i].path), SPAN_NONE, &diags);
        check_clean(&diags);
        check_facts(data, &sets[i]);
        dataset_release(data);
    }
}

/* The toy against FANN's file of the benchmark, which is scaled to 0..1, mirrored (x and y exchanged), labelled the other way round
   and lacks one point: each of its points is one of the toy's. */
static void lang_witbrock_is_the_benchmarks_file(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct toy_args args = {0};
    struct dataset *file = fann_read(found("fann/two-spiral.train"), SPAN_NONE, &diags);
    struct dataset *toy = toy_make(toy_find(STR("lang_witbrock")), &args, SPAN_NONE, &diags);
    check_clean(&diags);
    for (uint32_t i = 0; i < file->count; i++) {
        const float *x = dataset_features(file, i);
        double nearest = 1;
        int32_t label = -1;
        for (uint32_t j = 0; j < toy->count; j++) {
            const float *at = dataset_features(toy, j);
            double far = hypot(13 * (x[1] - 0.5) - at[0], 13 * (x[0] - 0.5) - at[1]);
            if (far < nearest) {
                nearest = far;
                label = dataset_label(toy, j);
            }
        }
        check_near(nearest, 0, 1e-4);
        assert_int_equal(label, 1 - dataset_label(file, i));
    }
    dataset_release(file);
    dataset_release(toy);
}

static void a_missing_folder_says_what_to_do(void **state)
{
    (void)state;
    struct diags diags = {0};
    char *kept = getenv("NEL_DATA") ? strdup(getenv("NEL_DATA")) : NULL;
    unsetenv("NEL_DATA");
    assert_null(mnist_folder(NULL, "mnist", SPAN_NONE, &diags));
    assert_string_equal(diags.at[0].note, "NEL_DATA is not set");
    check_error(&diags, "where is the data set mnist?",
                "set NEL_DATA to the folder that holds the folder `mnist`, or give the folder itself");
    setenv("NEL_DATA", "/nowhere", 1);
    assert_null(cifar_folder(NULL, SPAN_NONE, &diags));
    check_error(&diags, "there is no `data_batch_1.bin` in the folder `/nowhere/cifar-10`, plain or gzipped",
                "give the folder that holds it, or set NEL_DATA to the folder above");
    assert_null(mnist_folder("/nowhere/else", "mnist", SPAN_NONE, &diags));
    check_error(&diags, "there is no `train-images-idx3-ubyte` in the folder `/nowhere/else`, plain or gzipped",
                "give the folder that holds it, or set NEL_DATA to the folder above");
    unsetenv("NEL_DATA");
    if (kept)
        setenv("NEL_DATA", kept, 1);
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mnist_is_whole),
        cmocka_unit_test(fashion_mnist_is_whole),
        cmocka_unit_test(cifar_is_read_from_its_batches),
        cmocka_unit_test(tables_are_whole),
        cmocka_unit_test(fann_sets_are_whole),
        cmocka_unit_test(lang_witbrock_is_the_benchmarks_file),
        cmocka_unit_test(a_missing_folder_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
