/* The line of progress keeps to the width of its terminal, and what matters most comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repl/progress_line.h"
#include "support/memory.h"
#include "support/text.h"

/* What a report in the middle of a search writes; the caller frees it. */
static char *drawn(enum progress_style style, unsigned columns)
{
    char *bytes = NULL;
    size_t size = 0;
    const struct progress_search search = {.best = 0.961, .mean = 0.8935, .distinct = 17, .population = 20, .trained = 312};
    const struct progress_event event = {.kind = PROGRESS_EVOLVE,
                                         .done = 12,
                                         .total = 3000,
                                         .seconds = 12,
                                         .loss = NAN,
                                         .accuracy = NAN,
                                         .search = &search,
                                         .what = "generation"};
    struct progress_line line = {.file = open_memstream(&bytes, &size), .style = style, .columns = columns};
    assert_non_null(line.file);
    progress_line_report(&line, &event);
    fclose(line.file);
    return bytes;
}

static size_t columns_of(const char *line)
{
    static const char start[] = "\r\033[K";
    assert_memory_equal(line, start, sizeof start - 1);
    return text_columns(str_of(line + sizeof start - 1));
}

static void time_left_comes_first(void **state)
{
    (void)state;
    char *line = drawn(PROGRESS_TERMINAL, 200);
    assert_non_null(strstr(
        line, "generation 12 of 3000, 49:48 min left, best 0.961, mean 0.8935, 17 of 20 different, 312 trained, 26 a second"));
    free(line);
    line = drawn(PROGRESS_PLAIN, 0);
    assert_string_equal(
        line, "generation 12 of 3000, 49:48 min left, best 0.961, mean 0.8935, 17 of 20 different, 312 trained, 26 a second\n");
    free(line);
}

static void a_line_never_wraps(void **state)
{
    (void)state;
    for (unsigned columns = 1; columns < 150; columns++) {
        char *line = drawn(PROGRESS_TERMINAL, columns);
        assert_true(columns_of(line) < columns);
        free(line);
    }
}

static void parts_are_whole(void **state)
{
    (void)state;
    char *line = drawn(PROGRESS_TERMINAL, 80);
    assert_non_null(strstr(line, "generation 12 of 3000, 49:48 min left, best 0.961"));
    assert_null(strstr(line, "mean"));
    free(line);
    line = drawn(PROGRESS_TERMINAL, 40);
    assert_string_equal(line, "\r\033[Kgeneration 12 of 3000, 49:48 min left");
    free(line);
    line = drawn(PROGRESS_TERMINAL, 12);
    assert_string_equal(line, "\r\033[Kgeneration ");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_left_comes_first),
        cmocka_unit_test(a_line_never_wraps),
        cmocka_unit_test(parts_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
