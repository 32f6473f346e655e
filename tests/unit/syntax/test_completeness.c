/* What the prompt does with a text: run it, wait for another line, or show its error. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support/memory.h"
#include "syntax/parse.h"

static void all_are(enum completeness wanted, const char *const *texts)
{
    for (size_t i = 0; texts[i]; i++)
        if (parse_completeness(str_of(texts[i])) != wanted)
            fail_msg("judged wrongly: %s", texts[i]);
}

static void whole_input_is_complete(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n\n",
        "# comment",
        "let a = 1",
        "let a = 1\n",
        "relu(8) -> tanh(8)",
        "{ a: 1 }",
        "if a { 1 }",
        "train m on d",
        "\"abc {x}\"",
        "growth G { every 5 epochs }",
        "f(\n1\n)",
        "fn f(x) {\n  x\n}",
        "a;",
        "print \"{f(\n1)}\"",
        NULL,
    };
    all_are(INPUT_COMPLETE, texts);
}

static void open_input_waits(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "let a = ",
        "let a =\n",
        "let a",
        "relu(8) ->",
        "f(1,",
        "f(1,\n",
        "{ a: 1",
        "{",
        "[1, 2\n",
        "if a {",
        "if a { 1 } else",
        "train m on",
        "train m",
        "train m on d { epochs: 5",
        "growth G { every 5 epochs",
        "growth G {\n every 5 epochs\n",
        "fn f(x) =",
        "fn f(x)",
        "molecule M",
        "rule r: ?A =>",
        "rule r: ?A",
        "sweep a in [1]",
        "sweep a in [1],",
        "sweep a in [1] {",
        "for x in",
        "for x",
        "~",
        "-",
        "not",
        "1..",
        "x |>",
        "if a { let b = (1 +",
        "print \"{f(",
        "a.",
        NULL,
    };
    all_are(INPUT_INCOMPLETE, texts);
}

static void wrong_input_is_told(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"abc",           "\"abc {x",       "`R8",     "let let", "-> b",      "a b",  ")",    "f(1]", "let", "let a = 1 2",
        "(let\nlet a = 1", "fn f(x)\n{ x }", "\"\\q\"", "1e999",   "a | b + c", "\xff", "(\n§", NULL,
    };
    all_are(INPUT_ERROR, texts);
    assert_int_equal(parse_completeness((struct str){"a\0b", 3}), INPUT_ERROR);
}

static void exhausted_memory_is_no_crash(void **state)
{
    (void)state;
    for (long allowed = 0; allowed < 40; allowed++) {
        mem_fail_after(allowed);
        enum completeness answer = parse_completeness(STR("f([1, 2], \"a {b}\", { c: .d })"));
        mem_fail_after(-1);
        assert_true(answer == INPUT_ERROR || answer == INPUT_COMPLETE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_input_is_complete),
        cmocka_unit_test(open_input_waits),
        cmocka_unit_test(wrong_input_is_told),
        cmocka_unit_test(exhausted_memory_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
