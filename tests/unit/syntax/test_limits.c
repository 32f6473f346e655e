/* Bounds and bad bytes: deep nesting of every kind, zeros, broken UTF-8, line ends of other systems, exhausted memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsed.h"
#include "support/memory.h"

/* `open` so many times, the middle, `close` as often. */
static struct text nested(const char *open, const char *middle, const char *close, size_t times)
{
    struct text made = {0};
    text_add_repeat(&made, open, times);
    text_add(&made, middle);
    text_add_repeat(&made, close, times);
    return made;
}

/* It costs its statement, and no other. */
static void deep_nesting_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *open, *middle, *close;
    } cases[] = {
        {"(", "1", ")"},
        {"[", "1", "]"},
        {"{a:", "1", "}"},
        {"f(", "1", ")"},
        {"-", "1", ""},
        {"~", "1", ""},
        {"not ", "a", ""},
        {"", "1", "^1"},
        {"", "f", "(1)"},
        {"", "a", ".b"},
        {"fn(x) = ", "x", ""},
        {"if a { ", "1", " }"},
        {"", "if a { }", " else if a { }"},
        {"\"{", "a", "}\""},
        {"sweep a in ", "x", " { a }"},
        {"[f(x) for x in ", "xs", "]"},
        {"a or not a and a == a -> a | a * -a ^ (", "a", ")"},
        /* rows are wide, not deep */
        {"", "a as b", " -> (a as b)"},
        {"", "1", " + a - 2"},
        {"", "1", " * a / 2 mod 3"},
        {"", "1", " or a"},
        {"", "1", " and a"},
        {"", "a", " | a"},
        {"", "a", " |> f"},
        {"if ", "a", " { }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text tree = {0}, errors = {0}, source = nested(cases[i].open, cases[i].middle, cases[i].close, 10000);
        text_add(&source, "\nlet after = 3");
        bool wide = i >= 17 && i <= 23;
        int found = parse_told(text_str(&source), &tree, &errors);
        if (found != !wide || (!wide && !strstr(text_chars(&errors), "nested more than 1000")))
            fail_msg("`%s`, `%s`, `%s`: %d errors\n%s", cases[i].open, cases[i].middle, cases[i].close, found, text_chars(&errors));
        if (!strstr(text_chars(&tree), "(let after 3)\n"))
            fail_msg("`%s`, `%s`, `%s`: the next statement is lost", cases[i].open, cases[i].middle, cases[i].close);
        text_release(&source);
        text_release(&tree);
        text_release(&errors);
    }
}

static void nesting_up_to_the_limit_is_read(void **state)
{
    (void)state;
    struct text brackets = nested("(", "1", ")", LIMIT_NESTING);
    assert_int_equal(parse_told(text_str(&brackets), NULL, NULL), 0);
    struct text calls = nested("f(", "1", ")", LIMIT_NESTING - 1);
    assert_int_equal(parse_told(text_str(&calls), NULL, NULL), 0);
    struct text minus = nested("-", "1", "", LIMIT_NESTING - 1);
    assert_int_equal(parse_told(text_str(&minus), NULL, NULL), 0);
    text_release(&brackets);
    text_release(&calls);
    text_release(&minus);
}

static void errors_stop_at_their_limit(void **state)
{
    (void)state;
    struct text source = nested("a b\n", "", "", 100000);
    assert_true(parse_told(text_str(&source), NULL, NULL) >= LIMIT_DIAGS);
    text_release(&source);
}

static void bad_bytes_are_told_once(void **state)
{
    (void)state;
    static const struct {
        struct str source;
        const char *error;
    } cases[] = {
        {{"let a = \"\xff\xfe\" # \xff\n", 15}, "9-10 byte 0xFF is not UTF-8 text\n"},
        {{"a\0b", 3}, "1-2 a zero byte is not text\n"},
        {{"a # \xc3", 5}, "4-5 byte 0xC3 is not UTF-8 text\n"},
        {{"\xed\xa0\x80", 3}, "0-1 byte 0xED is not UTF-8 text\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text errors = {0};
        assert_true(parse_told(cases[i].source, NULL, &errors) > 0);
        assert_memory_equal(text_chars(&errors), cases[i].error, strlen(cases[i].error));
        text_release(&errors);
    }
}

static void line_ends_and_marks_of_other_systems(void **state)
{
    (void)state;
    struct text tree = {0}, errors = {0};
    const char *source = "\xEF\xBB\xBFlet a = [1,\r\n 2]\r\n# c\r\nprint \"é\" # d\r\nb\r\n  -> c\r\n";
    assert_int_equal(parse_told(str_of(source), &tree, &errors), 0);
    assert_string_equal(text_chars(&tree), "(let a (list 1 2))\n(print \"é\")\n(-> b c)\n");
    text_release(&tree);
    text_release(&errors);
}

static void exhausted_memory_is_told(void **state)
{
    (void)state;
    struct text source = {0};
    for (int i = 0; i < 50; i++)
        text_add(&source, "let a = f([1, -2], \"a\\n {b}\", { c: .d + 1 }, x: fn(y) { let z = y\n z }) -> (b | c) as h -> d\n");
    text_add(&source, "a b\n\"");
    bool ended = false;
    for (long allowed = 0; allowed < 2000 && !ended; allowed++) {
        mem_fail_after(allowed);
        int result = parse_told(text_str(&source), NULL, NULL);
        mem_fail_after(-1);
        assert_true(result != 0);
        ended = result == 2;
    }
    assert_true(ended);
    text_release(&source);
}

static void spans_point_into_the_source(void **state)
{
    (void)state;
    struct sources sources = {0};
    struct diags diags = {0};
    struct arena arena;
    arena_init(&arena, LIMIT_AST_BYTES);
    uint32_t number = sources_add(&sources, "a.nel", STR("let abc = (1 + 2) * f(x: 3)"));
    const struct node *let = parse_program(&sources, number, &arena, &diags)->items[0];
    const char *text = sources_get(&sources, number)->text;
    assert_int_equal(let->span.start, 0);
    assert_int_equal(let->span.end, 27);
    assert_int_equal(let->span.source, number);
    assert_ptr_equal(let->text.at, text + 4);
    const struct node *product = let->items[0];
    assert_int_equal(product->span.start, 10);
    assert_int_equal(product->items[0]->span.start, 11); /* without its brackets */
    assert_int_equal(product->items[0]->span.end, 16);
    assert_int_equal(product->items[1]->items[1]->span.start, 22);
    assert_int_equal(let->depth, 5);
    arena_release(&arena);
    sources_release(&sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(nesting_up_to_the_limit_is_read),
        cmocka_unit_test(errors_stop_at_their_limit),
        cmocka_unit_test(bad_bytes_are_told_once),
        cmocka_unit_test(line_ends_and_marks_of_other_systems),
        cmocka_unit_test(exhausted_memory_is_told),
        cmocka_unit_test(spans_point_into_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
