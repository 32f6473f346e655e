/* The CSV reader: what it accepts, what it makes of it, and how it refuses the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "data/cell.h"
#include "data/readers.h"
#include "support/limits.h"
#include "support/memory.h"

static const struct csv_options plain;

static struct dataset *decoded(const char *text, const struct csv_options *options)
{
    struct diags diags = {0};
    struct dataset *data = csv_decode(str_of(text), "t.csv", options, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_non_null(data);
    return data;
}

static void refused(const char *text, const struct csv_options *options, const char *message, const char *help)
{
    struct diags diags = {0};
    assert_null(csv_decode(str_of(text), "t.csv", options, SPAN_NONE, &diags));
    check_error(&diags, message, help);
}

static void numbers_and_classes_are_read(void **state)
{
    (void)state;
    struct dataset *data = decoded("a,b,class\n1,2,0\n-3.5,4e2,1\n+.5,1E-1,0\n", &plain);
    const struct table *table = data->table;
    assert_string_equal(data->name, "t.csv");
    assert_int_equal(data->count, 3);
    assert_int_equal(table->columns, 2);
    assert_string_equal(table->column[0].name, "a");
    assert_string_equal(table->column[1].name, "b");
    assert_string_equal(table->target_name, "class");
    assert_int_equal(table->target, TARGET_CLASS);
    assert_int_equal(table->outputs, 2);
    assert_null(table->class_names);
    static const float x[] = {1, 2, -3.5f, 400, 0.5f, 0.1f};
    assert_memory_equal(table->x, x, sizeof x);
    static const int32_t labels[] = {0, 1, 0};
    assert_memory_equal(table->labels, labels, sizeof labels);
    dataset_release(data);
}

static void quotes_line_ends_and_marks_are_understood(void **state)
{
    (void)state;
    struct dataset *data = decoded(
        "\xEF\xBB\xBF\"a, \"\"b\"\"\" ,c d,y\r\n\r\n 1 ,\"2\",\"x, \"\"y\"\"\"\r\n3,4,  z\n   \n5,6,\"\"\"\"\r7,8,z", &plain);
    const struct table *table = data->table;
    assert_string_equal(table->column[0].name, "a, \"b\"");
    assert_int_equal(data->count, 4);
    assert_int_equal(table->outputs, 3);
    assert_string_equal(table->class_names[0], "\"");
    assert_string_equal(table->class_names[1], "x, \"y\"");
    assert_string_equal(table->class_names[2], "z");
    static const int32_t labels[] = {1, 2, 0, 2};
    assert_memory_equal(table->labels, labels, sizeof labels);
    dataset_release(data);
}

static void names_must_be_plain(void **state)
{
    (void)state;
    refused("a,\"b\nc\",y\n1,2,0\n", &plain, "t.csv:1: the name of column 2 is not text in UTF-8", NULL);
    refused("a,b\xff,y\n1,2,0\n", &plain, "t.csv:1: the name of column 2 is not text in UTF-8", NULL);
    refused("a,y\n1,u\n2,\xe4\n", &plain, "t.csv:3: column `y`: this is not text in UTF-8", NULL);
    refused("\xff\xfe"
            "a",
            &plain, "t.csv is UTF-16 text", "save it as UTF-8");
}

static void columns_of_text_become_categories(void **state)
{
    (void)state;
    struct dataset *data = decoded("site,n,y\nnorth,1,0.5\nsouth,2,1.5\n\"east\",3,2.5\nnorth,4,3.5\n", &plain);
    const struct column *site = &data->table->column[0];
    assert_int_equal(site->kind, COLUMN_CATEGORY);
    assert_int_equal(site->category_count, 3);
    assert_string_equal(site->categories[0], "east");
    assert_string_equal(site->categories[1], "north");
    assert_string_equal(site->categories[2], "south");
    static const float x[] = {1, 1, 2, 2, 0, 3, 1, 4};
    assert_memory_equal(data->table->x, x, sizeof x);
    assert_int_equal(data->table->target, TARGET_VALUE);
    check_near(dataset_values(data, 2)[0], 2.5, 0);
    dataset_release(data);
}

static void named_columns_become_categories_by_number(void **state)
{
    (void)state;
    const struct column_wish categories[] = {{.name = STR("origin")}};
    struct csv_options options = {.categories = categories, .category_count = 1};
    struct dataset *data = decoded("origin,y\n10,0.5\n2,1\n2.0,2\n1,3\n", &options);
    const struct column *origin = &data->table->column[0];
    assert_int_equal(origin->category_count, 3);
    assert_string_equal(origin->categories[0], "1");
    assert_string_equal(origin->categories[1], "2");
    assert_string_equal(origin->categories[2], "10");
    static const float x[] = {2, 1, 1, 0};
    assert_memory_equal(data->table->x, x, sizeof x);
    dataset_release(data);
}

static void target_and_drop_choose_columns(void **state)
{
    (void)state;
    const struct column_wish drop[] = {{.name = STR("id")}, {.name = STR("note")}};
    struct csv_options options = {.target = {.name = STR("t")}, .drop = drop, .drop_count = 2};
    struct dataset *data = decoded("id,t,a,note\n7,1.5,2,?\n8,2.5,3,bad\n", &options);
    assert_int_equal(data->table->columns, 1);
    assert_string_equal(data->table->column[0].name, "a");
    assert_string_equal(data->table->target_name, "t");
    check_near(dataset_values(data, 1)[0], 2.5, 0);
    dataset_release(data);
    options = (struct csv_options){.no_target = true};
    data = decoded("a,b\n1,2\n", &options);
    assert_int_equal(data->table->target, TARGET_NONE);
    assert_int_equal(data->table->columns, 2);
    dataset_release(data);
}

static enum target_kind target_of(const char *rows, const char *name, const struct csv_options *options)
{
    char text[200];
    snprintf(text, sizeof text, "a,%s\n%s", name, rows);
    struct dataset *data = decoded(text, options);
    enum target_kind kind = data->table->target;
    dataset_release(data);
    return kind;
}

static void kinds_of_target_are_recognised(void **state)
{
    (void)state;
    static const struct csv_options values = {.values = true}, classes = {.classes = true};
    assert_int_equal(target_of("1,0\n1,1\n1,2\n", "y", &plain), TARGET_CLASS);
    assert_int_equal(target_of("1,0\n1,2\n", "y", &plain), TARGET_VALUE); /* 1 is not there */
    assert_int_equal(target_of("1,0\n1,0\n", "y", &plain), TARGET_VALUE); /* one class is none */
    assert_int_equal(target_of("1,0\n1,1.5\n", "y", &plain), TARGET_VALUE);
    assert_int_equal(target_of("1,0\n1,20\n", "y", &plain), TARGET_VALUE);
    assert_int_equal(target_of("1,-1\n1,1\n", "Class", &plain), TARGET_CLASS);
    assert_int_equal(target_of("1,3\n1,100\n", "label", &plain), TARGET_CLASS);
    assert_int_equal(target_of("1,3.5\n1,4\n", "class", &plain), TARGET_VALUE);
    assert_int_equal(target_of("1,0\n1,1\n", "y", &values), TARGET_VALUE);
    assert_int_equal(target_of("1,0.5\n1,7\n", "y", &classes), TARGET_CLASS);
    assert_int_equal(target_of("1,a\n1,b\n", "y", &plain), TARGET_CLASS);
    refused("a,y\n1,u\n1,v\n", &values, "t.csv: the target `y` holds names, not values", "names are classes: leave `values` out");
    refused("a,class\n1,3\n1,3\n", &plain, "t.csv: the target `class` has only one class, `3`", NULL);
}

static void numeric_labels_keep_their_names(void **state)
{
    (void)state;
    struct dataset *data = decoded("a,class\n1,10\n1,-1\n1,2\n", &plain);
    assert_string_equal(data->table->class_names[0], "-1");
    assert_string_equal(data->table->class_names[1], "2");
    assert_string_equal(data->table->class_names[2], "10");
    static const int32_t labels[] = {2, 0, 1};
    assert_memory_equal(data->table->labels, labels, sizeof labels);
    dataset_release(data);
}

static void gaps_follow_the_policy(void **state)
{
    (void)state;
    static const char text[] = "a,b,y\n1,,0.5\n2,NA,1\nnan,3,2\n4,5,3\n?,6,4\n";
    static const char help[] = "fill gaps with `missing: median`, or leave such rows out with `missing: drop`";
    refused(text, &plain, "t.csv:2: column `b`: the value is missing", help);
    struct csv_options options = {.missing = MISSING_MEAN};
    struct dataset *data = decoded(text, &options);
    assert_int_equal(data->count, 5);
    assert_int_equal(data->spec.missing, MISSING_MEAN);
    assert_true(isnan(dataset_features(data, 0)[1]) && isnan(dataset_features(data, 1)[1]) && isnan(dataset_features(data, 2)[0]));
    assert_true(dataset_features(data, 3)[1] == 5);
    dataset_release(data);
    options.missing = MISSING_DROP;
    data = decoded(text, &options);
    assert_int_equal(data->count, 1);
    assert_true(dataset_features(data, 0)[0] == 4);
    dataset_release(data);
    refused("a,y\n,1\n,2\n", &options, "t.csv has no rows without missing values", NULL);
    options.missing = MISSING_ZERO;
    refused("a,y\n1,1.5\n2,\n", &options, "t.csv:3: column `y`: the target is missing", "leave such rows out with `missing: drop`");
}

/* Categories that stand only in rows that are left out are none. */
static void dropped_rows_leave_no_categories(void **state)
{
    (void)state;
    struct csv_options options = {.missing = MISSING_DROP};
    struct dataset *data = decoded("a,b,y\nu,,0.5\nv,1,1\nw,2,2\n", &options);
    assert_int_equal(data->table->column[0].category_count, 2);
    assert_string_equal(data->table->column[0].categories[0], "v");
    dataset_release(data);
}

static void broken_files_are_refused_at_their_place(void **state)
{
    (void)state;
    refused("", &plain, "t.csv is empty, where a header line with names of columns is expected", NULL);
    refused("\n  \n", &plain, "t.csv is empty, where a header line with names of columns is expected", NULL);
    refused("a,b,y\n", &plain, "t.csv has no rows behind its header", NULL);
    refused("1,2,0\n3,4,1\n", &plain, "t.csv:1: the first line holds numbers, not names of columns",
            "put a header line before it, such as `x1,x2,class`");
    refused("a,b,y\n1,2,0\n1,2\n", &plain, "t.csv:3: 2 cells, where the header has 3 columns", NULL);
    refused("a,y\n1,2\n\"1\n\",2\n1,2,3\n", &plain, "t.csv:5: 3 cells, where the header has 2 columns", NULL);
    refused("y\n1,2\n", &(struct csv_options){.no_target = true}, "t.csv:2: 2 cells, where the header has 1 column", NULL);
    refused("a;b;y\n1;2;0\n", &plain, "t.csv:1: the columns are separated by `;`, where commas are expected", NULL);
    refused("a\tb\ty\n1\t2\t0\n", &plain, "t.csv:1: the columns are separated by tabs, where commas are expected", NULL);
    refused("a,b,a\n1,2,0\n", &plain, "t.csv:1: the header names two columns `a`, number 1 and number 3", NULL);
    refused("a,y\n1,\"2\n3,4\n", &plain, "t.csv:2: this quote is never closed", NULL);
    refused("a,y\n1,2\n\"1\"0,4\n", &plain, "t.csv:3: text behind a closing quote (a quote inside quotes is written twice)", NULL);
    refused("y\n1\n", &plain, "t.csv: no column is left as a feature", NULL);
}

static void bad_numbers_are_refused_at_their_place(void **state)
{
    (void)state;
    refused("a,b,y\n1,2,0\n1,2,1\n1,3x,1\n", &plain, "t.csv:4: column `b`: `3x` is not a number",
            "for a column of names say `categories: [\"b\"]`");
    refused("a,y\n1,0.5\n2,0.5\n1e39,1\n", &plain, "t.csv:4: column `a`: `1e39` is too large a number", NULL);
    refused("a,y\n1,0.5\n2,1\ninf,1\n", &plain, "t.csv:4: column `a`: `inf` is not a number",
            "for a column of names say `categories: [\"a\"]`");
    refused("a,y\n1,0.5\n2,1\n1,-infinity\n", &plain, "t.csv:4: column `y`: `-infinity` is not a number",
            "for a column of names say `categories: [\"y\"]`");
    /* A slip among labels is no class of its own. */
    refused("a,class\n1,0\n2,1\n1,O\n", &plain, "t.csv:4: column `class`: `O` is not a number",
            "for a column of names say `categories: [\"class\"]`");
    refused("a,y\n1,0.5\n2,1\nthe quick brown fox jumps over the lazy dog\033[31m,1\n", &plain,
            "t.csv:4: column `a`: `the quick brown fox jumps over the lazy …` is not a number",
            "for a column of names say `categories: [\"a\"]`");
}

static void unknown_columns_get_a_suggestion(void **state)
{
    (void)state;
    static const char text[] = "sepal_length,sepal_width,class\n1,2,0\n1,2,1\n";
    struct csv_options options = {.target = {.name = STR("clas")}};
    refused(text, &options, "t.csv has no column `clas`", "did you mean `class`?");
    const struct column_wish names[] = {{.name = STR("sepal_widht")}};
    options = (struct csv_options){.drop = names, .drop_count = 1};
    refused(text, &options, "t.csv has no column `sepal_widht`", "did you mean `sepal_width`?");
    options = (struct csv_options){.categories = names, .category_count = 1};
    refused(text, &options, "t.csv has no column `sepal_widht`", "did you mean `sepal_width`?");
    const struct column_wish far[] = {{.name = STR("zzz")}};
    options = (struct csv_options){.drop = far, .drop_count = 1};
    refused(text, &options, "t.csv has no column `zzz`", "there are `sepal_length`, `sepal_width`, `class`");
    const struct column_wish last[] = {{.name = STR("class")}};
    options = (struct csv_options){.drop = last, .drop_count = 1};
    refused(text, &options, "t.csv: column `class` is the target and dropped too",
            "the last column is the target unless another is named, as in `target: \"…\"`");
}

static void columns_without_a_name_get_a_number(void **state)
{
    (void)state;
    struct dataset *data = decoded(",a,\n1,2,0.5\n", &plain);
    assert_string_equal(data->table->column[0].name, "x1");
    assert_string_equal(data->table->target_name, "x3");
    dataset_release(data);
}

static void too_many_columns_or_names_are_refused(void **state)
{
    (void)state;
    struct text text = {0};
    for (int i = 0; i < LIMIT_COLUMNS; i++)
        text_addf(&text, "c%d,", i);
    refused(text_chars(&text), &plain, "t.csv:1: too many columns", NULL);
    text_clear(&text);
    text_add(&text, "a,y\n");
    for (int i = 0; i <= LIMIT_CLASSES; i++)
        text_addf(&text, "n%d,0.5\n", i);
    refused(text_chars(&text), &plain, "t.csv:10002: column `a`: more than 10000 different values",
            "names that hardly repeat tell a network nothing: `drop: [\"a\"]`");
    text_release(&text);
}

static double number(const char *text)
{
    double value = NAN;
    assert_true(cell_number(str_of(text), &value));
    return value;
}

static void numbers_are_read_to_the_last_bit(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",      "-0",    "1",          "0.1",   "3.14159265358979", "1e10",     "123456789012345678901234567890", "1e-40",
        "3.4e38", "5.e-1", "0.00000123", "1e-45", "1e-400",           "00012.500"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true((float)number(texts[i]) == strtof(texts[i], NULL));
    assert_true(isinf(number("1e999999999999999999999")));
    assert_true(number("0e999999999999999999999") == 0);
    assert_true(number("1e-999999999999999999999") == 0);
    static const char *const wrong[] = {"",     "-",     ".",   "e5",  "1e",  "1e+",   "1 2",
                                        "0x10", "1_000", "inf", "nan", "--1", "1.2.3", "5%"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double value;
        assert_false(cell_number(str_of(wrong[i]), &value));
    }
    /* Numbers of six digits and any exponent, against the C library. */
    uint32_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        char text[40];
        seed = seed * 1664525 + 1013904223;
        snprintf(text, sizeof text, "%u.%ue%d", seed >> 20, seed & 0xfff, (int)(seed >> 12 & 63) - 32);
        assert_true((float)number(text) == strtof(text, NULL));
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static const char text[] = "site,\"a \"\"b\"\"\",class\nnorth,1,u\nsouth,2,\"v \"\"w\"\"\"\n";
    struct dataset *data = NULL;
    for (long n = 0; !data && n < 500; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        data = csv_decode(str_of(text), "t.csv", &plain, SPAN_NONE, &diags);
        mem_fail_after(-1);
        assert_true(data || diags.errors > 0);
        diags_release(&diags);
    }
    assert_non_null(data);
    dataset_release(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_classes_are_read),
        cmocka_unit_test(quotes_line_ends_and_marks_are_understood),
        cmocka_unit_test(names_must_be_plain),
        cmocka_unit_test(columns_of_text_become_categories),
        cmocka_unit_test(named_columns_become_categories_by_number),
        cmocka_unit_test(target_and_drop_choose_columns),
        cmocka_unit_test(kinds_of_target_are_recognised),
        cmocka_unit_test(numeric_labels_keep_their_names),
        cmocka_unit_test(gaps_follow_the_policy),
        cmocka_unit_test(dropped_rows_leave_no_categories),
        cmocka_unit_test(broken_files_are_refused_at_their_place),
        cmocka_unit_test(bad_numbers_are_refused_at_their_place),
        cmocka_unit_test(unknown_columns_get_a_suggestion),
        cmocka_unit_test(columns_without_a_name_get_a_number),
        cmocka_unit_test(too_many_columns_or_names_are_refused),
        cmocka_unit_test(numbers_are_read_to_the_last_bit),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
