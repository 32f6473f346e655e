/* Syntax errors: the exact place, what would fit, and what to do about it; and none that only follows from another. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsed.h"

/* clang-format off */
static const struct {
    const char *source, *errors;
} cases[] = {
    {"a -> b | c + d * 2 -> e",
     "9-18 `|` and `+` stand side by side without brackets\n"
     "  help: bracket what belongs together, as in `(c + d * 2)`\n"},
    {"fn f(x)\n"
     "{ x }",
     "8-9 this `{` is on a line of its own\n"
     "  help: it stands at the end of the line before: a statement ends with its line\n"},
    {"a < b < c",
     "6-7 comparisons do not chain\n"
     "  help: compare twice: `a < b and b < c`\n"},
    {"a - > b",
     "2-5 an arrow is written in one piece\n"
     "  help: write `->`\n"},
    {"relu(8) | as h",
     "10-12 expected an expression, found `as`\n"
     "  help: a value is missing behind `|`\n"},
    {"f(a b)",
     "4-5 expected `)`, `,` or an operator, found `b`\n"
     "  help: put a `,` between the two\n"},
    {"{ a: 1 b: 2 }",
     "7-8 expected `,`, `}`, an operator or the end of the line, found `b`\n"
     "  help: put a `,` or a line break between the two\n"},
    {"f(a: 1,, b)",
     "7-8 expected an expression or `)`, found `,`\n"
     "  help: one `,` too many\n"},
    {"a + b as h | c",
     "11-12 `|` cannot follow here without brackets\n"
     "  help: put what belongs to it in brackets: `( … ) | …`\n"},
    {"x |> f as h",
     "7-9 `as` cannot follow here without brackets\n"
     "  help: put what belongs to it in brackets: `( … ) as …`\n"},
    {"let x = (1 + 2\n"
     "let y = 3\n"
     "print x",
     "8-9 this `(` is never closed\n"
     "  15-18 this begins a statement\n"},
    {"f(1, [2, 3)",
     "5-6 this `[` is never closed\n"
     "  10-11 this closes a bracket further out\n"},
    {"f(1, 2]]",
     "6-7 this `]` does not close `(`\n"
     "  1-2 `(` opened here\n"
     "7-8 this `]` closes nothing\n"},
    {"fn f(x: 3) = x",
     "6-7 a value is given with `=` here, not with `:`\n"
     "  help: a parameter is `x`, or `x = …` with a default; types are not written\n"},
    {"f(a = 1)",
     "4-5 a named argument is given with `:`, not with `=`\n"
     "  help: write `a: …`; to compare, write `==`\n"},
    {"{ a = 1 }",
     "4-5 a field is given with `:`, not with `=`\n"
     "  help: write `a: …`\n"},
    {"if a = b { 1 }",
     "5-6 `=` cannot stand in an expression\n"
     "  help: to compare, write `==`\n"},
    {"if a: b",
     "4-5 a block stands in braces\n"
     "  help: write `{ … }` instead of `:`\n"},
    {"if a { 1 };\n"
     "else { 2 }",
     "12-16 this `else` follows no `if`\n"
     "  help: `else` stands right behind the block of its `if`: `if a { b } else { c }`\n"},
    {"def f(x) { x }",
     "0-3 `def` is not a word of the language\n"
     "  help: a function is written `fn f(x) = …`, or `fn f(x) { … }`\n"},
    {"while x { }",
     "0-5 `while` is not a word of the language\n"
     "  help: loops are written `for x in xs { … }`\n"},
    {"train m d { epochs: 3 }",
     "8-9 `train` needs data, behind `on`\n"
     "  help: write `train M on data { … }`\n"},
    {"let run = train m on d {\n"
     "  epochs: 5\n"
     "  batch: 3\n"
     "\n"
     "let y = 3\n"
     "print y",
     "23-24 this `{` is never closed\n"
     "  49-52 this begins a statement\n"},
    {"fn f(x) {\n"
     "  let y = 2\n"
     "  y\n"
     "\n"
     "let z = 3\n"
     "print z",
     "8-9 this `{` is never closed\n"
     "  44-44 the file ends here\n"
     "  27-28 the indentation suggests that it ends before this\n"},
    {"growth G {\n"
     " evry 5 epochs\n"
     " when a -> b\n"
     "}",
     "12-16 expected `}`, `every`, `when`, `accept` or `stop`, found `evry`\n"
     "  help: did you mean `every`?\n"
     "39-40 expected `=>` or an operator, found `}`\n"
     "  help: write `when condition => action`\n"},
    {"rule r: ?A -> ?B",
     "16-16 expected `when`, `=>` or an operator, found the end of the file\n"
     "  help: write `rule name: pattern => replacement`\n"},
    {"rule r(k = 2) ?A => ?B",
     "14-16 expected `:`, found `?A`\n"
     "  help: write `rule name: pattern => replacement`\n"},
    {"element foo (x) = x",
     "12-13 the symbol of `foo` in DNA is missing\n"
     "  help: write `element foo \"X\" (x) = …`\n"},
    {"sweep a [1,2] { a }",
     "8-9 expected `in`, found `[`\n"
     "  help: write `sweep x in xs { … }`\n"},
    {"sweep a in [1,2]",
     "16-16 a block stands in braces\n"
     "  help: write `sweep x in xs { … }`\n"},
    {"for x xs { }",
     "6-8 expected `in`, found `xs`\n"
     "  help: write `for x in xs { … }`\n"},
    {"print",
     "5-5 expected an expression, found the end of the file\n"},
    {"[f(x) for x in xs when c]",
     "18-22 expected `]`, `if` or an operator, found `when`\n"
     "  help: a condition comes behind the values: `[f(x) for x in xs if c]`\n"},
    {"[1 2 3]",
     "3-4 expected `,`, `]`, `for` or an operator, found `2`\n"
     "  help: put a `,` between the two\n"},
    {"{ a: 1, , b: 2 }",
     "8-9 expected a field or `}`, found `,`\n"
     "  help: one `,` too many\n"},
    {"a + * b\n"
     "let y = )\n"
     "let z = 3 4\n"
     "print z",
     "4-5 expected an expression, found `*`\n"
     "  help: a value is missing behind `+`\n"
     "16-17 this `)` closes nothing\n"
     "28-29 expected an operator or the end of the line, found `4`\n"},
    {"f(1;2)",
     "3-4 expected `)`, `,` or an operator, found `;`\n"
     "  help: arguments are separated by `,`\n"},
    {"(a; b)",
     "2-3 expected `)` or an operator, found `;`\n"},
    {"f(",
     "1-2 this `(` is never closed\n"
     "  2-2 the file ends here\n"},
    {"param x",
     "7-7 the value of `x` is missing\n"
     "  help: write `param x = …`\n"},
    {"a.",
     "2-2 expected a name, found the end of the file\n"},
    {"a b",
     "2-3 expected an operator or the end of the line, found `b`\n"},
    {"~",
     "1-1 expected an expression, found the end of the file\n"},
    {"-",
     "1-1 expected an expression, found the end of the file\n"
     "  help: a value is missing behind `-`\n"},
    {"a\n"
     "b c\n"
     "d\n"
     "let x = * 3\n"
     "e",
     "4-5 expected an operator or the end of the line, found `c`\n"
     "16-17 expected an expression, found `*`\n"
     "  help: a value is missing behind `=`\n"},
    {"growth G {\n"
     " evry 5 epochs\n"
     " stop when x\n"
     "}",
     "12-16 expected `}`, `every`, `when`, `accept` or `stop`, found `evry`\n"
     "  help: did you mean `every`?\n"},
    {"f(1,\n"
     "  2 3)",
     "9-10 expected `)`, `,` or an operator, found `3`\n"
     "  1-2 opened here\n"
     "  help: put a `,` between the two\n"},
    {"[1, 2\n"
     "fn f(x) = x\n"
     "f(2)",
     "0-1 this `[` is never closed\n"
     "  6-8 this begins a statement\n"},
    {"{ a: 1,\n"
     "\n"
     "molecule M(w) = w",
     "0-1 this `{` is never closed\n"
     "  9-17 this begins a statement\n"},
    {"if x {\n"
     " let y 3\n"
     " z\n"
     "}",
     "14-15 a `=` is missing behind `y`\n"
     "  help: write `let y = …`\n"},
    {"train m |> f on d",
     "8-10 `|>` cannot follow here without brackets\n"
     "  help: what stands before `on` may be a molecule; put anything else in brackets\n"},
    {"(a\n"
     "\n"
     " b)",
     "5-6 expected `)` or an operator, found `b`\n"
     "  0-1 opened here\n"
     "  help: put an operator between the two: `->` joins stages\n"},
};
/* clang-format on */

static void errors_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text tree = {0}, errors = {0};
        assert_true(parse_told(str_of(cases[i].source), &tree, &errors) > 0);
        assert_string_equal(text_chars(&errors), cases[i].errors);
        text_release(&tree);
        text_release(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
