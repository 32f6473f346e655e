/* Parts of a data set: sizes exact, classes in their due shares, nothing lost or doubled, repeatable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check.h"
#include "support/memory.h"

static const int32_t three[] = {0, 1, 2};

/* Marks the rows of a part (x1 is the row's number); none may have been marked before. */
static void mark(const struct dataset *part, unsigned char *seen)
{
    for (uint32_t i = 0; part && i < part->count; i++)
        assert_int_equal(seen[(uint32_t)dataset_features(part, i)[0]]++, 0);
}

static void split_has_exact_shares_of_every_class(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(150, three, 3, 3);
    struct split *split = dataset_split(data, 0.6, 0.2, 7, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_int_equal(split->train->count, 90);
    assert_int_equal(split->validation->count, 30);
    assert_int_equal(split->test->count, 30);
    for (int32_t label = 0; label < 3; label++) {
        assert_int_equal(count_label(split->train, label), 30);
        assert_int_equal(count_label(split->validation, label), 10);
        assert_int_equal(count_label(split->test, label), 10);
    }
    unsigned char seen[150] = {0};
    mark(split->train, seen);
    mark(split->validation, seen);
    mark(split->test, seen);
    for (int i = 0; i < 150; i++)
        assert_int_equal(seen[i], 1);
    split_release(split);
    dataset_release(data);
}

static void split_is_near_the_share_of_uneven_classes(void **state)
{
    (void)state;
    static const int32_t uneven[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0};
    struct diags diags = {0};
    struct dataset *data = numbered(1000, uneven, 17, 3);
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct split *split = dataset_split(data, 0.8, 0, seed, SPAN_NONE, &diags);
        assert_int_equal(split->train->count, 800);
        assert_int_equal(split->test->count, 200);
        assert_null(split->validation);
        for (int32_t label = 0; label < 3; label++) {
            double due = 0.8 * count_label(data, label);
            assert_true(count_label(split->train, label) > due - 1.01 && count_label(split->train, label) < due + 1.01);
        }
        split_release(split);
    }
    check_clean(&diags);
    dataset_release(data);
}

static void split_depends_on_the_seed_alone(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(60, three, 3, 3);
    struct split *a = dataset_split(data, 0.5, 0, 1, SPAN_NONE, &diags), *b = dataset_split(data, 0.5, 0, 1, SPAN_NONE, &diags);
    struct split *c = dataset_split(data, 0.5, 0, 2, SPAN_NONE, &diags);
    assert_memory_equal(a->train->rows, b->train->rows, 30 * sizeof(uint32_t));
    assert_memory_not_equal(a->train->rows, c->train->rows, 30 * sizeof(uint32_t));
    check_clean(&diags);
    split_release(a);
    split_release(b);
    split_release(c);
    dataset_release(data);
}

static void split_without_test_gives_all_to_validation(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(10, three, 3, 3);
    struct split *split = dataset_split(data, 0.7, 0.3, 1, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_int_equal(split->train->count, 7);
    assert_int_equal(split->validation->count, 3);
    assert_null(split->test);
    split_release(split);
    dataset_release(data);
}

static void split_refuses_shares_that_cannot_be(void **state)
{
    (void)state;
    static const char help[] = "shares are of the whole, as in `split(80%)` or `split(60%, 20%)`; what they leave is for testing";
    struct diags diags = {0};
    struct dataset *data = numbered(3, three, 3, 3);
    assert_null(dataset_split(data, 1, 0, 1, SPAN_NONE, &diags));
    check_error(&diags, "split(100%) needs a training share above 0% and below 100%", help);
    assert_null(dataset_split(data, 0.8, 0.3, 1, SPAN_NONE, &diags));
    check_error(&diags, "split(80%, 30%) shares out more than there is", help);
    assert_null(dataset_split(data, 0.9, 0, 1, SPAN_NONE, &diags));
    check_error(&diags, "split(90%) of 3 rows leaves none for testing", help);
    assert_null(dataset_split(data, 0.5, 0.1, 1, SPAN_NONE, &diags));
    check_error(&diags, "split(50%, 10%) of 3 rows leaves none for validation", help);
    assert_null(dataset_split(data, 0.1, 0, 1, SPAN_NONE, &diags));
    check_error(&diags, "split(10%) of 3 rows leaves none for training", help);
    dataset_release(data);
}

static void folds_are_a_partition(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(103, three, 3, 3);
    unsigned char seen[103] = {0};
    for (uint32_t k = 0; k < 10; k++) {
        struct split *fold = dataset_fold(data, 10, k, 3, SPAN_NONE, &diags);
        assert_int_equal(fold->train->count + fold->test->count, 103);
        assert_true(fold->test->count == 10 || fold->test->count == 11);
        for (int32_t label = 0; label < 3; label++)
            assert_in_range(count_label(fold->test, label), 3, 4);
        unsigned char whole[103] = {0};
        mark(fold->train, whole);
        mark(fold->test, whole);
        mark(fold->test, seen);
        split_release(fold);
    }
    check_clean(&diags);
    for (int i = 0; i < 103; i++)
        assert_int_equal(seen[i], 1);
    assert_null(dataset_fold(data, 104, 0, 3, SPAN_NONE, &diags));
    check_error(&diags, "cannot make 104 folds of 103 rows", "from 2 to as many folds as rows");
    assert_null(dataset_fold(data, 1, 0, 3, SPAN_NONE, &diags));
    check_error(&diags, "cannot make 1 folds of 103 rows", "from 2 to as many folds as rows");
    assert_null(dataset_fold(data, 10, 10, 3, SPAN_NONE, &diags));
    check_error(&diags, "fold 11 of 10 does not exist", NULL);
    dataset_release(data);
}

static void values_are_split_without_classes(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct table *table = table_new(50, 1, TARGET_VALUE, 2);
    for (uint32_t i = 0; i < 50; i++)
        table->x[i] = (float)i;
    struct dataset *data = dataset_of(table, "values");
    struct split *split = dataset_split(data, 0.5, 0, 1, SPAN_NONE, &diags);
    unsigned char seen[50] = {0};
    mark(split->train, seen);
    mark(split->test, seen);
    assert_int_equal(split->train->count, 25);
    check_clean(&diags);
    split_release(split);
    dataset_release(data);
}

static void shuffle_and_take_are_views(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(20, three, 3, 3);
    struct dataset *mixed = dataset_shuffle(data, 5, SPAN_NONE, &diags);
    unsigned char seen[20] = {0};
    mark(mixed, seen);
    assert_int_equal(mixed->count, 20);
    assert_ptr_equal(mixed->table, data->table);
    assert_memory_not_equal(mixed->rows, data->rows, 20 * sizeof(uint32_t));
    struct dataset *few = dataset_take(mixed, 4, SPAN_NONE, &diags);
    assert_int_equal(few->count, 4);
    assert_memory_equal(few->rows, mixed->rows, 4 * sizeof(uint32_t));
    check_clean(&diags);
    assert_null(dataset_take(data, 21, SPAN_NONE, &diags));
    assert_string_equal(diags.at[0].note, "it has 20");
    check_error(&diags, "cannot take 21 rows of `numbered`", NULL);
    assert_null(dataset_take(data, 0, SPAN_NONE, &diags));
    check_error(&diags, "cannot take 0 rows of `numbered`", NULL);
    dataset_release(few);
    dataset_release(mixed);
    dataset_release(data);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct dataset *data = numbered(12, three, 3, 3);
    bool done = false;
    for (long n = 0; !done && n < 200; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        struct split *split = dataset_split(data, 0.5, 0.25, 1, SPAN_NONE, &diags);
        struct split *fold = dataset_fold(data, 3, 1, 1, SPAN_NONE, &diags);
        struct dataset *mixed = dataset_shuffle(data, 1, SPAN_NONE, &diags);
        mem_fail_after(-1);
        done = split && fold && mixed;
        assert_true(done || diags.errors > 0);
        split_release(split);
        split_release(fold);
        dataset_release(mixed);
        diags_release(&diags);
    }
    assert_true(done);
    dataset_release(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_has_exact_shares_of_every_class), cmocka_unit_test(split_is_near_the_share_of_uneven_classes),
        cmocka_unit_test(split_depends_on_the_seed_alone),       cmocka_unit_test(split_without_test_gives_all_to_validation),
        cmocka_unit_test(split_refuses_shares_that_cannot_be),   cmocka_unit_test(folds_are_a_partition),
        cmocka_unit_test(values_are_split_without_classes),      cmocka_unit_test(shuffle_and_take_are_views),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
