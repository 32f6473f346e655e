/* Text that is no token, and brackets, strings and numbers gone wrong: each told once, with its place and what to write. */
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
    {"1 = 2",
     "0-1 only a name, a member or an item can be assigned to\n"
     "  help: to compare, write `==`\n"},
    {"3 |> fn(x) = x",
     "5-7 `fn` cannot stand inside another expression bare\n"
     "  help: put it in brackets: `(fn …)`\n"},
    {"let train = 3",
     "4-9 `train` is a word of the language and cannot be a name\n"
     "  help: choose another name; as a label or a member the word may stand: `train: 3`\n"},
    {"a as h * 2",
     "7-8 `*` cannot follow here without brackets\n"
     "  help: put what belongs to it in brackets: `( … ) * …`\n"},
    {"train m on two_spirals() |> split(80%) { epochs: 5 }",
     "39-40 expected an operator or the end of the line, found `{`\n"
     "  help: options follow the data at once; a pipe in the data stands in brackets: `on (d |> f) { … }`\n"},
    {"let x = 5 %",
     "10-11 `%` stands right behind a number\n"
     "  help: write `5%`\n"},
    {"let x = .5",
     "8-10 a number begins with a digit\n"
     "  help: write `0.5`\n"},
    {"1...5",
     "1-4 expected an operator or the end of the line, found `...`\n"
     "  help: a range is written `1..5`\n"},
    {"a)",
     "1-2 this `)` closes nothing\n"},
    {"let s = \"abc\n"
     "let y = 1",
     "8-12 this string is never closed\n"
     "  help: end it with `\"` on the same line; a line break in a string is written `\\n`\n"},
    {"print \"acc {x\"\n"
     "let y = 1",
     "11-12 this `{` opens an expression in a string and is never closed\n"
     "  help: close it with `}`; a brace as such is written `\\{`\n"},
    {"print \"acc {x\n"
     "let y = 1",
     "11-12 this `{` opens an expression in a string and is never closed\n"
     "  help: close it with `}`; a brace as such is written `\\{`\n"},
    {"print \"a {f(1} b\"",
     "11-12 this `(` is never closed\n"
     "  13-14 this closes a bracket further out\n"},
    {"print \"a {b)} c\"",
     "11-12 this `)` closes nothing\n"},
    {"let d = `R8-\n"
     "let y = 1",
     "8-12 this DNA is never closed\n"
     "  help: end it with a backtick on the same line\n"},
    {"let s = “hello”",
     "8-19 a string stands in straight quotes\n"
     "  help: write `\"…\"`\n"},
    {"let s = 'hello'",
     "8-15 a string stands in double quotes\n"
     "  help: write `\"…\"`\n"},
    {"a → b",
     "2-5 `→` is not an operator of the language\n"
     "  help: write `->`\n"},
    {"a ≤ b",
     "2-5 `≤` is not an operator of the language\n"
     "  help: write `<=`\n"},
    {"x && y || !z",
     "2-4 `&&` is not an operator of the language\n"
     "  help: write `and`\n"
     "7-9 `||` is not an operator of the language\n"
     "  help: write `or`; branches stand side by side with `|`\n"
     "10-11 `!` is not an operator of the language\n"
     "  help: write `not`\n"},
    {"2x",
     "0-2 `2x` is not a number\n"
     "  help: to multiply, write `2 * x`; a name does not begin with a digit\n"},
    {"0x10",
     "0-4 `0x10` is not a number\n"
     "  help: numbers are written in decimal: `16`\n"},
    {"1__0",
     "0-4 `1__0` is not a number\n"
     "  help: a `_` stands between two digits, as in `60_000`\n"},
    {"1e",
     "0-2 `1e` is not a number\n"
     "  help: an exponent is written `1e-3`\n"},
    {"1_",
     "0-2 `1_` is not a number\n"
     "  help: a `_` stands between two digits, as in `60_000`\n"},
    {"5 % 3",
     "2-3 `%` stands right behind a number\n"
     "  help: `5%` is a share; the remainder of a division is `a mod b`\n"},
    {"7%3",
     "2-3 expected an operator or the end of the line, found `3`\n"
     "  help: `%` makes a percentage; the remainder is `mod`\n"},
    {"1e999",
     "0-5 `1e999` is too large for a number\n"},
    {"§ + 1",
     "0-2 unexpected character `§` (U+00A7)\n"},
    {"let a = §",
     "8-10 unexpected character `§` (U+00A7)\n"},
    {"x ? 1 : 2",
     "2-3 unexpected character `?`\n"
     "  help: a choice is written `if a { b } else { c }`; a pattern variable is `?name`\n"},
    {"\"bad \\q escape\"",
     "5-7 `\\q` is not an escape\n"
     "  help: the escapes are \\n \\t \\r \\\" \\\\ \\{ \\} and \\u{…}; a backslash is written `\\\\`\n"},
    {"\"\\u{110000} \\u{e9}\"",
     "1-3 this is not a character\n"
     "  help: a character by its number is written `\\u{e9}`\n"},
    {"let x: 3",
     "5-6 a value is given with `=` here, not with `:`\n"
     "  help: write `let x = …`\n"},
    {"x: 3",
     "1-2 a value is given with `=` here, not with `:`\n"
     "  help: write `let x = …`\n"},
    {"lett x = 3",
     "0-4 `lett` does not begin a statement\n"
     "  help: did you mean `let`?\n"},
    {"return 3",
     "0-6 `return` is not a word of the language\n"
     "  help: the last value of a block is its result\n"},
    {"let f(x) = 3",
     "0-3 a function is defined by `fn`\n"
     "  help: write `fn f(…) = …`\n"},
    {"1 + train m on d",
     "4-9 `train` cannot stand inside another expression bare\n"
     "  help: put it in brackets: `(train …)`\n"},
    {"growth G {\n"
     " every 5 epochs\n"
     " foo bar\n"
     " stop when x\n"
     "}\n"
     "let y = 1",
     "28-31 expected `every`, `when`, `accept` or `stop`, found `foo`\n"},
    {"x => x + 1",
     "2-4 `=>` stands only in rules and in growth\n"
     "  help: stages are joined by `->`, a function is `fn(x) = …`, at least is `>=`\n"},
    {"1..2..3",
     "4-6 a range has two ends\n"
     "  help: `range(from, to, step)` goes in other steps than 1\n"},
    {"let = 3",
     "4-5 expected a name, found `=`\n"},
    {"let x 3",
     "6-7 a `=` is missing behind `x`\n"
     "  help: write `let x = …`\n"},
    {"lett run = train m on d {\n"
     "  epochs: 5\n"
     "  batch: 3\n"
     "}\n"
     "let y = 3",
     "0-4 `lett` does not begin a statement\n"
     "  help: did you mean `let`?\n"},
    {"foo bar {\n"
     " a: 1\n"
     " b: (2\n"
     "}\n"
     "let y = 3",
     "0-3 `foo` does not begin a statement\n"
     "  help: did you mean `for`?\n"},
    {"a b \"x {f(1,2)} y\"\n"
     "let y = 1",
     "2-3 expected an operator or the end of the line, found `b`\n"},
    {"(",
     "0-1 this `(` is never closed\n"
     "  1-1 the file ends here\n"},
    {"((((",
     "3-4 this `(` is never closed\n"
     "  4-4 the file ends here\n"},
    {"\"{",
     "1-2 this `{` opens an expression in a string and is never closed\n"
     "  help: close it with `}`; a brace as such is written `\\{`\n"},
    {"\"{\"",
     "1-2 this `{` opens an expression in a string and is never closed\n"
     "  help: close it with `}`; a brace as such is written `\\{`\n"},
    {"\"{\"{\"",
     "3-4 this `{` opens an expression in a string and is never closed\n"
     "  help: close it with `}`; a brace as such is written `\\{`\n"
     "1-2 this `{` opens an expression in a string and is never closed\n"
     "  help: close it with `}`; a brace as such is written `\\{`\n"},
    {"}",
     "0-1 this `}` closes nothing\n"},
    {"assert x == 1 \"message\"",
     "14-23 expected `,`, an operator or the end of the line, found a string\n"
     "  help: put a `,` between the two\n"},
    {"let x = if a { 1 } else 3",
     "24-25 a block stands in braces\n"
     "  help: write `else { … }`\n"},
    {"a.1",
     "1-3 an item is taken by its number in brackets\n"
     "  help: write `[1]`\n"},
    {"let x = 3 // comment",
     "10-12 `//` does not begin a comment\n"
     "  help: comments begin with `#`; a division is written `a / b`\n"},
    {"let a = ​3",
     "8-11 an unusual blank (U+200B) stands here\n"
     "  help: write a plain space\n"},
    {"x.5",
     "1-3 an item is taken by its number in brackets\n"
     "  help: write `[5]`\n"},
    {"a * \"x {b c} d\"",
     "10-11 expected the `}` of the string or an operator, found `c`\n"
     "  help: put an operator between the two: `->` joins stages\n"},
    {"use \"a{b}\"",
     "4-7 expected a name, a string, an operator or the end of the line, found a string\n"},
    {"\"a\" = 3",
     "0-3 only a name, a member or an item can be assigned to\n"
     "  help: to compare, write `==`\n"},
    {"let a = 1 else 2",
     "10-14 this `else` follows no `if`\n"
     "  help: `else` stands right behind the block of its `if`: `if a { b } else { c }`\n"},
};
/* clang-format on */

static void stray_text_is_told(void **state)
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(stray_text_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
