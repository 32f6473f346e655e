/* Values of the library: what goes in comes out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "holds.h"

static nel_session *session;

static int open_session(void **state)
{
    (void)state;
    session = nel_open();
    return session == NULL;
}

static int close_session(void **state)
{
    (void)state;
    nel_close(session);
    return 0;
}

static void plain(void **state)
{
    (void)state;
    assert_int_equal(nel_abi(), NEL_ABI);
    assert_string_equal(nel_version(), NEL_VERSION);
    nel_value *none = nel_none(session), *truth = nel_bool(session, true), *number = nel_number(session, 0.1);
    assert_int_equal(nel_kind_of(none), NEL_NONE);
    assert_int_equal(nel_kind_of(truth), NEL_BOOL);
    assert_true(nel_bool_of(truth));
    assert_false(nel_bool_of(none));
    assert_true(nel_number_of(number) == 0.1);
    assert_true(isnan(nel_number_of(truth)));
    assert_null(nel_text_of(number));
    assert_string_equal(nel_kind_name(truth), "true or false");
    assert_int_equal(nel_diagnostics(number), 0);
    assert_string_equal(nel_rendered(number), "");
    nel_release(none);
    nel_release(truth);
    nel_release(number);
    nel_release(NULL);
}

static void texts(void **state)
{
    (void)state;
    nel_value *text = fine(nel_text(session, "gr\0\xc3\xbc\xc3\x9f", 7));
    assert_int_equal(nel_text_length(text), 7);
    assert_memory_equal(nel_text_of(text), "gr\0\xc3\xbc\xc3\x9f", 8);
    nel_release(text);
    expect_text(nel_text(session, NULL, 0), "");
    expect_failure(nel_text(session, "a\xff", 2), NEL_ERROR, "byte 1");
    expect_text(nel_get(session, "full"), "full"); /* a bare word reads as text */
}

static void lists(void **state)
{
    (void)state;
    const double numbers[] = {1, 2.5, -3};
    nel_value *flat = fine(nel_list_numbers(session, numbers, 3));
    nel_value *nested = fine(nel_list(session, (nel_value *[]){flat, flat}, 2));
    double read[8] = {0};
    assert_int_equal(nel_numbers(nested, read, 4), 6);
    assert_true(read[0] == 1 && read[3] == 1 && read[4] == 0);
    assert_int_equal(nel_numbers(nested, NULL, 99), 6);
    assert_int_equal(nel_count(nested), 2);
    expect_print(nel_item(nested, 1), "[1, 2.5, -3]");
    expect_failure(nel_item(nested, 2), NEL_ERROR, "there is no item 2");
    expect_failure(nel_item(nested, SIZE_MAX), NEL_ERROR, "there is no item");
    done(nel_set(session, "xs", nested));
    done(nel_evaluate(session, "change", "xs[0] = 9"));
    assert_string_equal(nel_print(nested), "[[1, 2.5, -3], [1, 2.5, -3]]"); /* a value does not change */
    expect_print(nel_get(session, "xs"), "[9, [1, 2.5, -3]]");
    nel_value *mixed = fine(nel_evaluate(session, "mixed", "[1, \"a\"]"));
    assert_int_equal(nel_numbers(mixed, read, 8), 0);
    nel_release(mixed);
    nel_release(nested);
    nel_release(flat);
    expect_print(nel_list(session, NULL, 0), "[]");
}

static void records(void **state)
{
    (void)state;
    nel_value *one = nel_number(session, 1), *two = nel_number(session, 2);
    const char *const keys[] = {"a", "b", "a"};
    nel_value *record = fine(nel_record(session, keys, (nel_value *[]){one, two, two}, 3));
    assert_int_equal(nel_kind_of(record), NEL_RECORD);
    assert_int_equal(nel_count(record), 2);
    assert_string_equal(nel_key(record, 1), "b");
    assert_null(nel_key(record, 2));
    expect_number(nel_item(record, 0), 2);
    expect_number(nel_member(record, "b"), 2);
    expect_failure(nel_member(record, "c"), NEL_ERROR, "has no `c`");
    expect_failure(nel_item(record, 2), NEL_ERROR, "no field 2");
    nel_release(record);
    nel_release(one);
    nel_release(two);
}

static void tables(void **state)
{
    (void)state;
    nel_value *table = fine(nel_evaluate(session, "t", "sweep a in 1..2, b in 1..3 { a * 10 + b }"));
    assert_int_equal(nel_kind_of(table), NEL_TABLE);
    assert_int_equal(nel_count(table), 6);
    assert_int_equal(nel_columns(table), 3);
    assert_string_equal(nel_key(table, 2), "value");
    expect_number(nel_cell(table, 5, 2), 23);
    expect_print(nel_item(table, 0), "{ a: 1, b: 1, value: 11 }");
    expect_failure(nel_cell(table, 6, 0), NEL_ERROR, "no cell 6, 0");
    nel_value *column = fine(nel_member(table, "value"));
    double values[6];
    assert_int_equal(nel_numbers(column, values, 6), 6);
    assert_true(values[4] == 22);
    nel_release(column);
    assert_non_null(strstr(nel_show(table), "value"));
    assert_ptr_equal(nel_show(table), nel_show(table));
    nel_release(table);
}

static void data(void **state)
{
    (void)state;
    const float x[] = {0, 1, 2, 3, 4, 5}, y[] = {6, 7, 8, 9, 10, 11};
    const int32_t labels[] = {0, 2, 1};
    nel_value *classes = fine(nel_data_classes(session, x, 3, 2, labels, 3));
    assert_int_equal(nel_kind_of(classes), NEL_DATA);
    assert_int_equal(nel_count(classes), 3);
    assert_int_equal(nel_columns(classes), 2);
    expect_number(nel_member(classes, "classes"), 3);
    double read[6];
    assert_int_equal(nel_numbers(classes, read, 6), 6);
    for (int i = 0; i < 6; i++)
        assert_true(read[i] == x[i]);
    nel_release(classes);
    expect_print(nel_data_values(session, x, 2, 3, y, 2), "data: 2 rows, 3 features, 2 targets");
    expect_print(nel_data_values(session, x, 6, 1, NULL, 0), "data: 6 rows, 1 feature");
    expect_failure(nel_data_classes(session, x, 3, 2, labels, 2), NEL_ERROR, "row 1 has the class 2");
    expect_failure(nel_data_classes(session, x, 3, 2, labels, 1), NEL_ERROR, "classes");
    expect_failure(nel_data_values(session, x, 0, 2, y, 1), NEL_ERROR, "no rows");
    expect_failure(nel_data_values(session, x, SIZE_MAX, SIZE_MAX, y, 1), NEL_ERROR, "too large");
    expect_failure(nel_data_values(session, x, 2, 1, (const float[]){0, NAN}, 1), NEL_ERROR, "target of row 1 is missing");
}

static void closed_first(void **state)
{
    (void)state;
    nel_session *other = nel_open();
    nel_value *value = fine(nel_evaluate(other, "v", "{ a: [1, 2], b: relu(8) }"));
    nel_close(other);
    expect_print(nel_member(value, "b"), "R8");
    assert_string_equal(nel_print(value), "{ a: [1, 2], b: R8 }");
    nel_release(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),  cmocka_unit_test(texts), cmocka_unit_test(lists),        cmocka_unit_test(records),
        cmocka_unit_test(tables), cmocka_unit_test(data),  cmocka_unit_test(closed_first),
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
