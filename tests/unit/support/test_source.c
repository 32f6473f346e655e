/* Source texts: lines, columns, spans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/limits.h"
#include "support/memory.h"
#include "support/source.h"

static void assert_position(const struct source *source, uint32_t offset, uint32_t line, uint32_t column)
{
    struct position position = source_position(source, offset);
    assert_int_equal(position.line, line);
    assert_int_equal(position.column, column);
}

static void positions_and_lines(void **state)
{
    (void)state;
    struct sources sources = {0};
    assert_int_equal(sources_add(&sources, "one", STR("")), 1);
    assert_int_equal(sources_add(&sources, "two", STR("ab\n\xc3\xa9z\r\n\nlast\r")), 2);
    const struct source *empty = sources_get(&sources, 1), *two = sources_get(&sources, 2);
    assert_position(empty, 0, 1, 1);
    assert_position(empty, 99, 1, 1);
    assert_int_equal(source_line(empty, 1).len, 0);
    assert_position(two, 0, 1, 1);
    assert_position(two, 2, 1, 3);
    assert_position(two, 3, 2, 1);
    assert_position(two, 5, 2, 2);
    assert_position(two, 8, 3, 1);
    assert_position(two, 9, 4, 1);
    assert_position(two, 4000000000, 4, 6);
    assert_true(str_is(source_line(two, 1), "ab"));
    assert_true(str_is(source_line(two, 2), "\xc3\xa9z"));
    assert_true(str_is(source_line(two, 3), ""));
    assert_true(str_is(source_line(two, 4), "last\r"));
    assert_int_equal(source_line(two, 0).len, 0);
    assert_int_equal(source_line(two, 5).len, 0);
    assert_null(sources_get(&sources, 0));
    assert_null(sources_get(&sources, 3));
    sources_release(&sources);
}

static void spans_join(void **state)
{
    (void)state;
    struct span a = {1, 4, 6}, b = {1, 1, 5}, other = {2, 0, 9};
    struct span joined = span_join(a, b);
    assert_int_equal(joined.start, 1);
    assert_int_equal(joined.end, 6);
    assert_int_equal(span_join(SPAN_NONE, b).start, 1);
    assert_int_equal(span_join(a, SPAN_NONE).start, 4);
    assert_int_equal(span_join(a, other).source, 1);
    assert_int_equal(span_join(SPAN_NONE, SPAN_NONE).source, 0);
}

static void limits_and_memory(void **state)
{
    (void)state;
    struct sources sources = {0};
    assert_int_equal(sources_add(&sources, "huge", (struct str){"", LIMIT_SOURCE_BYTES + 1}), 0);
    for (long n = 0; n < 5; n++) {
        mem_fail_after(n);
        assert_int_equal(sources_add(&sources, "none", STR("a\nb")), 0);
    }
    mem_fail_after(-1);
    assert_int_equal(sources_add(&sources, "fine", STR("a\nb")), 1);
    sources_release(&sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_and_lines),
        cmocka_unit_test(spans_join),
        cmocka_unit_test(limits_and_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
