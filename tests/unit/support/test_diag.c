/* Diagnostics: collecting, and the exact drawing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/diag.h"
#include "support/limits.h"
#include "support/memory.h"

static struct sources sources;

static uint32_t source_of(const char *name, const char *text)
{
    return sources_add(&sources, name, str_of(text));
}

/* The span of the first `piece` in the source. */
static struct span find(uint32_t source, const char *piece)
{
    const char *text = sources_get(&sources, source)->text;
    const char *at = strstr(text, piece);
    assert_non_null(at);
    return (struct span){source, (uint32_t)(at - text), (uint32_t)(at - text + (ptrdiff_t)strlen(piece))};
}

/* Draws and empties `diags`. */
static void assert_drawn(struct diags *diags, const char *expected)
{
    struct text text = {0};
    diags_render(diags, &sources, false, &text);
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
    diags_release(diags);
}

static void one_place(void **state)
{
    (void)state;
    uint32_t source = source_of("script.nel", "# a\n\nlet m = rellu(8)\n");
    struct diags diags = {0};
    struct diag *diag = diag_error(&diags, find(source, "rellu"), "unknown element `%s`", "rellu");
    diag_note(diag, "not an %s", "element");
    diag_help(diag, "did you mean `%s`?", "relu");
    assert_int_equal(diags.errors, 1);
    assert_drawn(&diags, "error: unknown element `rellu`\n"
                         "  --> script.nel:3:9\n"
                         "   |\n"
                         " 3 | let m = rellu(8)\n"
                         "   |         ^^^^^ not an element\n"
                         "   = help: did you mean `relu`?\n");
}

static void nowhere(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct diag *diag = diag_warning(&diags, SPAN_NONE, "no data");
    diag_note(diag, "looked in `.`");
    diag_help(diag, "set NEL_DATA\nor give a folder");
    assert_int_equal(diags.errors, 0);
    assert_drawn(&diags, "warning: no data\n"
                         "   = note: looked in `.`\n"
                         "   = help: set NEL_DATA\n"
                         "           or give a folder\n");
}

static void labels_stand_in_the_order_of_lines(void **state)
{
    (void)state;
    uint32_t source = source_of("a.nel", "let a = relu(16)\nlet b = relu(8)\n\n\n\n\n\n\nlet m = a + b\nlet z = 1\n");
    uint32_t other = source_of("b.nel", "rule x: ?a => ?b\n");
    struct diags diags = {0};
    struct diag *diag = diag_error(&diags, find(source, "a + b"), "these are summed");
    diag_label(diag, find(source, "b\nlet z"), "this one");
    diag_label(diag, find(other, "?b"), "asked for here");
    diag_label(diag, find(source, "relu(8)"), "%d values", 8);
    diag_label(diag, find(source, "relu(16)"), "16 values");
    diag_label(diag, find(source, "m = a"), "named here");
    diag_label(diag, find(other, "?a"), "and here");
    diag_label(diag, SPAN_NONE, "nowhere");
    assert_drawn(&diags, "error: these are summed\n"
                         "  --> a.nel:9:9\n"
                         "   |\n"
                         " 1 | let a = relu(16)\n"
                         "   |         -------- 16 values\n"
                         " 2 | let b = relu(8)\n"
                         "   |         ------- 8 values\n"
                         "...\n"
                         " 9 | let m = a + b\n"
                         "   |         ^^^^^\n"
                         "   |     ----- named here\n"
                         "   |             - this one\n"
                         "  ::: b.nel:1:15\n"
                         "   |\n"
                         " 1 | rule x: ?a => ?b\n"
                         "   |         -- and here\n"
                         "   |               -- asked for here\n");
}

static void tabs_and_wide_characters(void **state)
{
    (void)state;
    uint32_t source = source_of("t.nel", "\tx\tlet \xe5\xb1\x82 = e\xcc\x81 + \x1b[31m \xff !\n");
    struct diags diags = {0};
    diag_error(&diags, find(source, "x"), "tab");
    diag_error(&diags, find(source, "\xe5\xb1\x82"), "wide");
    diag_error(&diags, find(source, "!"), "behind all");
    const char *line = " 1 |     x   let \xe5\xb1\x82 = e\xcc\x81 + \xef\xbf\xbd[31m \xef\xbf\xbd !\n";
    struct text expected = {0};
    text_addf(&expected, "error: tab\n  --> t.nel:1:2\n   |\n%s   |     ^\n", line);
    text_addf(&expected, "error: wide\n  --> t.nel:1:8\n   |\n%s   |             ^^\n", line);
    text_addf(&expected, "error: behind all\n  --> t.nel:1:25\n   |\n%s   |                              ^\n", line);
    assert_drawn(&diags, text_chars(&expected));
    text_release(&expected);
}

static void ends_of_input_and_of_lines(void **state)
{
    (void)state;
    uint32_t source = source_of("e.nel", "let a = (1 +\n  2\nlet");
    uint32_t empty = source_of("none.nel", "");
    uint32_t newline = source_of("nl.nel", "x\r\n");
    struct diags diags = {0};
    diag_error(&diags, (struct span){source, 21, 21}, "at the end");
    diag_error(&diags, (struct span){source, 8, 21}, "several lines");
    diag_error(&diags, (struct span){source, 12, 13}, "a newline");
    diag_error(&diags, (struct span){empty, 0, 0}, "nothing");
    diag_error(&diags, (struct span){newline, 3, 3}, "after the last newline");
    diag_error(&diags, (struct span){newline, 500, 7}, "past the end");
    diag_error(&diags, (struct span){99, 1, 2}, "an unknown text");
    assert_drawn(&diags, "error: at the end\n  --> e.nel:3:4\n   |\n 3 | let\n   |    ^\n"
                         "error: several lines\n  --> e.nel:1:9\n   |\n 1 | let a = (1 +\n   |         ^^^^\n"
                         "error: a newline\n  --> e.nel:1:13\n   |\n 1 | let a = (1 +\n   |             ^\n"
                         "error: nothing\n  --> none.nel:1:1\n   |\n 1 |\n   | ^\n"
                         "error: after the last newline\n  --> nl.nel:2:1\n   |\n 2 |\n   | ^\n"
                         "error: past the end\n  --> nl.nel:2:1\n   |\n 2 |\n   | ^\n"
                         "error: an unknown text\n");
}

static void line_numbers_share_a_gutter(void **state)
{
    (void)state;
    uint32_t source = source_of("g.nel", "first\n\n\n\n\n\n\n\n\ntenth\neleventh\n");
    struct diags diags = {0};
    diag_label(diag_error(&diags, find(source, "tenth"), "two digits"), find(source, "first"), "since here");
    assert_drawn(&diags, "error: two digits\n"
                         "   --> g.nel:10:1\n"
                         "    |\n"
                         "  1 | first\n"
                         "    | ----- since here\n"
                         "...\n"
                         " 10 | tenth\n"
                         "    | ^^^^^\n");
}

/* A line of `count` digits, 0 to 9 over and over. */
static uint32_t long_source(size_t count)
{
    struct text text = {0};
    for (size_t i = 0; i < count; i++)
        text_add_char(&text, "0123456789"[i % 10]);
    uint32_t source = sources_add(&sources, "long.nel", text_str(&text));
    text_release(&text);
    return source;
}

/* The line and the underline as drawn, without the gutters; both at most 120 columns and what is underlined is `piece`. */
static void assert_window(struct span span, const char *piece)
{
    struct diags diags = {0};
    struct text text = {0};
    diag_error(&diags, span, "far away");
    diags_render(&diags, &sources, false, &text);
    const char *line = strstr(text_chars(&text), "\n 1 | ") + 6;
    const char *under = strstr(line, "\n   | ") + 6;
    size_t line_len = strcspn(line, "\n"), under_len = strcspn(under, "\n");
    assert_in_range(line_len, 110, 120);
    assert_true(under_len <= 120);
    size_t from = strspn(under, " "), carets = strspn(under + from, "^");
    assert_int_equal(from + carets, under_len);
    assert_int_equal(carets, strlen(piece));
    assert_memory_equal(line + from, piece, carets);
    text_release(&text);
    diags_release(&diags);
}

static void long_lines_are_windowed(void **state)
{
    (void)state;
    uint32_t source = long_source(100000);
    assert_window((struct span){source, 0, 3}, "012");
    assert_window((struct span){source, 5, 6}, "5");
    assert_window((struct span){source, 50003, 50007}, "3456");
    assert_window((struct span){source, 99998, 100000}, "89");
    /* Longer than the window: underlined to its edge. */
    struct text all = {0};
    text_add_repeat(&all, "0123456789", 11);
    text_add(&all, "0123");
    assert_window((struct span){source, 0, 100000}, text_chars(&all));
    text_release(&all);
    /* At its end. */
    struct diags diags = {0};
    diag_label(diag_error(&diags, (struct span){source, 100000, 100000}, "end"), (struct span){source, 2, 4}, "start");
    struct text text = {0};
    diags_render(&diags, &sources, false, &text);
    const char *under = strstr(text_chars(&text), "\n   |   ") + 6;
    assert_int_equal(strspn(under, " "), 116);
    assert_non_null(strstr(under, "\n   |    - start\n"));
    text_release(&text);
    diags_release(&diags);
}

static void colours(void **state)
{
    (void)state;
    uint32_t source = source_of("c.nel", "x\n");
    struct diags diags = {0};
    diag_error(&diags, find(source, "x"), "red");
    struct text text = {0};
    diags_render(&diags, &sources, true, &text);
    assert_string_equal(text_chars(&text), "\033[1;31merror\033[0m\033[1m: red\033[0m\n"
                                           "  \033[1;34m-->\033[0m c.nel:1:1\n"
                                           "\033[1;34m   |\033[0m\n"
                                           "\033[1;34m 1 |\033[0m x\n"
                                           "\033[1;34m   |\033[0m \033[1;31m^\033[0m\n");
    text_release(&text);
    diags_release(&diags);
}

static void as_json(void **state)
{
    (void)state;
    uint32_t source = source_of("j \"1\".nel", "let x\n= 2\n");
    struct diags diags = {0};
    struct diag *diag = diag_error(&diags, find(source, "x\n= 2"), "bad");
    diag_help(diag, "do");
    diag_label(diag, find(source, "let"), "l");
    diag_warning(&diags, SPAN_NONE, "w");
    struct text text = {0};
    diags_render_json(&diags, &sources, &text);
    assert_string_equal(
        text_chars(&text),
        "{\"severity\":\"error\",\"file\":\"j \\\"1\\\".nel\",\"line\":1,\"column\":5,\"end_line\":2,\"end_column\":4,"
        "\"message\":\"bad\",\"help\":\"do\",\"labels\":[{\"text\":\"l\",\"file\":\"j \\\"1\\\".nel\",\"line\":1,"
        "\"column\":1,\"end_line\":1,\"end_column\":4}]}\n"
        "{\"severity\":\"warning\",\"message\":\"w\",\"labels\":[]}\n");
    text_release(&text);
    diags_release(&diags);
}

static void only_so_many_are_kept(void **state)
{
    (void)state;
    struct diags diags = {0}, more = {0};
    for (int i = 0; i < LIMIT_DIAGS; i++)
        assert_non_null(diag_error(&diags, SPAN_NONE, "number %d", i));
    assert_false(diags.overflowed);
    assert_null(diag_error(&diags, SPAN_NONE, "one too many"));
    diag_note(NULL, "ignored");
    diag_help(NULL, "ignored");
    diag_label(NULL, SPAN_NONE, "ignored");
    assert_true(diags.overflowed);
    assert_int_equal(diags.count, LIMIT_DIAGS);
    assert_int_equal(diags.errors, LIMIT_DIAGS + 1);
    struct text text = {0};
    diags_render(&diags, &sources, false, &text);
    assert_non_null(strstr(text_chars(&text), "error: number 99\nerror: too many errors, the rest is not shown\n"));
    text_release(&text);
    diag_note(diag_error(&more, SPAN_NONE, "moved"), "with its note");
    diags_move(&more, &diags);
    assert_int_equal(diags.count, 0);
    assert_int_equal(more.count, LIMIT_DIAGS);
    assert_int_equal(more.errors, LIMIT_DIAGS + 2);
    assert_true(more.overflowed);
    assert_string_equal(more.at[0].message, "moved");
    assert_string_equal(more.at[1].message, "number 0");
    diags_release(&more);
}

/* Every allocation of making and drawing a diagnostic fails in turn: each time the error is counted, and something is drawn. */
static void memory_runs_out(void **state)
{
    (void)state;
    uint32_t source = source_of("m.nel", "let m = relu(8)\n");
    for (long n = 0; n < 30; n++) {
        struct diags diags = {0}, moved = {0};
        mem_fail_after(n);
        struct diag *diag = diag_error(&diags, find(source, "relu"), "message");
        diag_note(diag, "note");
        diag_help(diag, "help");
        diag_label(diag, find(source, "m"), "label");
        diag_label(diag, find(source, "8"), "label");
        assert_false(diag_out_of_memory(&diags, SPAN_NONE));
        diags_move(&moved, &diags);
        mem_fail_after(-1);
        assert_int_equal(moved.errors, 2);
        assert_true(moved.overflowed || moved.count == 2);
        struct text text = {0};
        diags_render(&moved, &sources, false, &text);
        assert_non_null(strstr(text_chars(&text), "error: out of memory\n"));
        text_release(&text);
        mem_fail_after(n);
        diags_render(&moved, &sources, true, &text);
        diags_render_json(&moved, &sources, &text);
        mem_fail_after(-1);
        text_release(&text);
        diags_release(&moved);
        diags_release(&diags);
    }
}

static int release_sources(void **state)
{
    (void)state;
    sources_release(&sources);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_place),
        cmocka_unit_test(nowhere),
        cmocka_unit_test(labels_stand_in_the_order_of_lines),
        cmocka_unit_test(tabs_and_wide_characters),
        cmocka_unit_test(ends_of_input_and_of_lines),
        cmocka_unit_test(line_numbers_share_a_gutter),
        cmocka_unit_test(long_lines_are_windowed),
        cmocka_unit_test(colours),
        cmocka_unit_test(as_json),
        cmocka_unit_test(only_so_many_are_kept),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, release_sources);
}
