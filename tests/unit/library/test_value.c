/* Values by themselves: counting, limits, equality and hashing of deep and wide ones, failing memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "interp/groups.h"
#include "interp/objects.h"
#include "support/limits.h"
#include "support/memory.h"

struct bench {
    struct nel_state state;
    struct diags diags;
    struct eval eval;
};

static int bench_open(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);
    eval_start(&bench->eval, &bench->state, NULL, &bench->diags, (size_t)1 << 20);
    *state = bench;
    return 0;
}

static int bench_close(void **state)
{
    struct bench *bench = *state;
    eval_end(&bench->eval);
    diags_release(&bench->diags);
    test_free(bench);
    return 0;
}

static struct value text_of(struct bench *bench, const char *text)
{
    return value_string(&bench->eval, str_of(text));
}

static void lists_keep_their_items(void **state)
{
    struct bench *bench = *state;
    struct value list = value_list(&bench->eval), text = text_of(bench, "a");
    assert_true(list_add(&bench->eval, list.list, text));
    assert_int_equal(text.object->references, 2);
    value_retain(list);
    pool_drain(&bench->eval, 0, value_none());
    assert_int_equal(list.object->references, 1);
    assert_int_equal(list.list->items[0].object->references, 1);
    assert_true(str_is(string_str(list.list->items[0].string), "a"));
    value_release(list);
}

static void records_replace_equal_keys(void **state)
{
    struct bench *bench = *state;
    struct value record = value_record(&bench->eval);
    assert_true(record_set(&bench->eval, record.record, STR("a"), value_number(1)));
    assert_true(record_set(&bench->eval, record.record, STR("b"), value_number(2)));
    assert_true(record_set(&bench->eval, record.record, STR("a"), text_of(bench, "x")));
    assert_int_equal(record.record->count, 2);
    assert_int_equal(record_get(record.record, STR("a"))->kind, VALUE_STRING);
    assert_null(record_get(record.record, STR("c")));
}

static void records_have_a_greatest_size(void **state)
{
    struct bench *bench = *state;
    struct value record = value_record(&bench->eval);
    char key[16];
    for (int i = 0; i < LIMIT_RECORD_FIELDS; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(record_set(&bench->eval, record.record, str_of(key), value_none()));
    }
    assert_false(record_set(&bench->eval, record.record, STR("more"), value_none()));
    assert_int_equal(bench->diags.errors, 1);
    assert_true(record_set(&bench->eval, record.record, STR("k7"), value_number(7)));
}

static void lists_have_a_greatest_size(void **state)
{
    struct bench *bench = *state;
    struct value list = value_list(&bench->eval);
    for (size_t i = 0; i < LIMIT_LIST_ITEMS; i++)
        assert_true(list_add(&bench->eval, list.list, value_number(1)));
    assert_false(list_add(&bench->eval, list.list, value_number(1)));
    assert_int_equal(bench->diags.errors, 1);
}

static void texts_have_a_greatest_size(void **state)
{
    struct bench *bench = *state;
    char *long_text = mem_alloc(LIMIT_STRING_BYTES + 1);
    assert_non_null(long_text);
    assert_int_equal(value_string(&bench->eval, (struct str){long_text, LIMIT_STRING_BYTES}).kind, VALUE_STRING);
    assert_true(failed(value_string(&bench->eval, (struct str){long_text, LIMIT_STRING_BYTES + 1})));
    mem_free(long_text);
}

static void tables_have_a_greatest_size(void **state)
{
    struct bench *bench = *state;
    const char *const names[] = {"a"};
    struct value table = value_table(&bench->eval, names, 1), cell = value_number(0);
    for (size_t i = 0; i < LIMIT_LIST_ITEMS; i++)
        assert_true(table_add_row(&bench->eval, table.table, &cell));
    assert_false(table_add_row(&bench->eval, table.table, &cell));
}

/* [[[…]]]: neither comparing nor letting go may use a stack as deep. */
static struct value nested(struct bench *bench, size_t depth)
{
    struct value value = value_list(&bench->eval);
    for (size_t i = 0; i < depth; i++) {
        struct value outer = value_list(&bench->eval);
        assert_true(list_add(&bench->eval, outer.list, value));
        value = pool_drain(&bench->eval, 0, outer);
    }
    return value_retain(value);
}

static void deep_values_compare_and_end(void **state)
{
    struct bench *bench = *state;
    struct value a = nested(bench, 500), b = nested(bench, 500), c = nested(bench, 501);
    assert_true(value_equal(a, b));
    assert_int_equal(value_hash(a), value_hash(b));
    assert_false(value_equal(a, c));
    struct value deep = nested(bench, 1000000), other = nested(bench, 1000000);
    assert_true(value_equal(deep, deep));
    assert_false(value_equal(deep, other)); /* deeper than anything is compared */
    value_release(a);
    value_release(b);
    value_release(c);
    value_release(deep);
    value_release(other);
    pool_drain(&bench->eval, 0, value_none());
}

/* A list that holds the one before it twice: 2^60 items in all. */
static void wide_values_end(void **state)
{
    struct bench *bench = *state;
    struct value ends[2];
    for (int side = 0; side < 2; side++) {
        struct value value = value_number(1);
        for (int i = 0; i < 60; i++) {
            struct value outer = value_list(&bench->eval);
            assert_true(list_add(&bench->eval, outer.list, value) && list_add(&bench->eval, outer.list, value));
            value = outer;
        }
        ends[side] = value;
    }
    assert_false(value_equal(ends[0], ends[1]));
    struct text text = {0};
    value_print(&bench->eval, ends[0], false, &text);
    assert_true(text.len > LIMIT_STRING_BYTES && text.len < LIMIT_STRING_BYTES + 100000);
    text_release(&text);
}

static void equality_is_by_content(void **state)
{
    struct bench *bench = *state;
    struct value a = value_record(&bench->eval), b = value_record(&bench->eval);
    assert_true(record_set(&bench->eval, a.record, STR("x"), value_number(1)));
    assert_true(record_set(&bench->eval, a.record, STR("y"), text_of(bench, "t")));
    assert_true(record_set(&bench->eval, b.record, STR("y"), text_of(bench, "t")));
    assert_true(record_set(&bench->eval, b.record, STR("x"), value_number(1)));
    assert_true(value_equal(a, b));
    assert_int_equal(value_hash(a), value_hash(b));
    assert_true(record_set(&bench->eval, b.record, STR("x"), value_number(2)));
    assert_false(value_equal(a, b));
    assert_false(value_equal(value_number(NAN), value_number(NAN)));
    assert_false(value_equal(value_number(1), value_bool(true)));
    assert_true(value_equal(value_none(), value_none()));
    assert_int_equal(value_hash(value_number(0.0)), value_hash(value_number(-0.0)));
    double first[] = {1, 3}, second[] = {2, 2, 2};
    assert_true(value_equal(value_estimate(&bench->eval, first, 2), value_estimate(&bench->eval, second, 3)));
}

static void groups_number_keys_as_they_come(void **state)
{
    struct bench *bench = *state;
    struct groups groups = {.key_count = 1};
    struct value keys[] = {value_number(3),   text_of(bench, "a"), value_number(3),
                           value_number(NAN), text_of(bench, "a"), value_number(NAN)};
    const size_t expected[] = {0, 1, 0, 2, 1, 2};
    size_t number;
    for (size_t i = 0; i < 6; i++) {
        assert_true(groups_number(&groups, &keys[i], &number));
        assert_int_equal(number, expected[i]);
    }
    for (int i = 0; i < 10000; i++) {
        struct value key = value_number(i);
        assert_true(groups_number(&groups, &key, &number));
    }
    assert_int_equal(groups.count, 3 + 10000 - 1);
    groups_release(&groups);
    groups.key_count = 0; /* no key: all in one */
    assert_true(groups_number(&groups, NULL, &number) && number == 0);
    assert_true(groups_number(&groups, NULL, &number) && number == 0);
    groups_release(&groups);
}

/* Every allocation fails once; nothing leaks or crashes, and it is told. */
static void memory_may_end_anywhere(void **state)
{
    struct bench *bench = *state;
    for (long n = 0; n < 40; n++) {
        mem_fail_after(n);
        const char *const names[] = {"a", "b"};
        struct value list = value_list(&bench->eval);
        struct value text = failed(list) ? list : text_of(bench, "text");
        struct value record = failed(text) ? text : value_record(&bench->eval);
        bool well = !failed(record) && record_set(&bench->eval, record.record, STR("key"), text) &&
                    list_add(&bench->eval, list.list, record);
        struct value table = well ? value_table(&bench->eval, names, 2) : value_failed();
        struct value cells[] = {text, list};
        well = !failed(table) && table_add_row(&bench->eval, table.table, cells);
        struct groups groups = {.key_count = 1};
        size_t number;
        well = well && groups_number(&groups, &text, &number);
        groups_release(&groups);
        mem_fail_after(-1);
        assert_true(well || bench->diags.errors > 0 || bench->diags.overflowed || n > 0);
        pool_drain(&bench->eval, 0, value_none());
        diags_release(&bench->diags);
        bench->diags = (struct diags){0};
    }
}

static void words_and_numbers(void **state)
{
    struct bench *bench = *state;
    struct str word;
    double number, trials[] = {1, 2, 6};
    assert_true(value_word(text_of(bench, "adam"), &word) && str_is(word, "adam"));
    assert_false(value_word(value_number(1), &word));
    assert_true(value_as_number(value_estimate(&bench->eval, trials, 3), &number));
    assert_true(fabs(number - 3) < 1e-12);
    assert_false(value_as_number(value_bool(true), &number));
    for (int kind = 0; kind <= VALUE_MODULE; kind++) {
        assert_non_null(value_kind_name((enum value_kind)kind));
        assert_non_null(value_kind_article((enum value_kind)kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_keep_their_items, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(records_replace_equal_keys, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(records_have_a_greatest_size, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(lists_have_a_greatest_size, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(texts_have_a_greatest_size, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(tables_have_a_greatest_size, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(deep_values_compare_and_end, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(wide_values_end, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(equality_is_by_content, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(groups_number_keys_as_they_come, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(memory_may_end_anywhere, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(words_and_numbers, bench_open, bench_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
