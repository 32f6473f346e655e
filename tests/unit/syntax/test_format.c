/* The canonical layout, case by case, and what holds of all layouts on random programs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "formatted.h"
#include "program.h"

/* clang-format off */
static const struct {
    const char *source, *layout;
} cases[] = {
    {"", ""},
    {"\n\n", ""},
    {"let   x=1;;let y  =2", "let x = 1\nlet y = 2\n"},
    {"let x = 1\r\n\r\n\r\n\r\nlet y = 2\r\n", "let x = 1\n\nlet y = 2\n"},
    {"\xEF\xBB\xBFprint 1", "print 1\n"},
    /* brackets: those that mean nothing go, those that are easily overlooked come */
    {"print ((1 + 2)) * (3 * 4), (a), -(b^2), (-b)^2, (2^3)^4, 2^3^4", "print (1 + 2) * (3 * 4), a, -b^2, (-b)^2, (2^3)^4, 2^3^4\n"},
    {"let m = a -> b|c -> (d -> e) | f", "let m = a -> (b | c) -> ((d -> e) | f)\n"},
    {"let m = a|b as h -> ~(c)*3 + h", "let m = (a | b) as h -> ~c * 3 + h\n"},
    {"let m = (a + b) | c", "let m = (a + b) | c\n"},
    {"if (train a on d) { 1 }", "if (train a on d) { 1 }\n"},
    {"map(xs, (.loss)) |> filter((.a < 1))", "map(xs, .loss) |> filter(.a < 1)\n"},
    {"1; .loss", "1\n(.loss)\n"},
    {"f( (fn(x)=x) , ( if a {1} else {2} ))", "f(fn(x) = x, if a { 1 } else { 2 })\n"},
    {"let y = (if a {1} else {2}) + 1", "let y = (if a { 1 } else { 2 }) + 1\n"},
    /* braces */
    {"let r={a:1,\"two words\":2,seed,...b}", "let r = { a: 1, \"two words\": 2, seed, ...b }\n"},
    {"let r={\na:1,b:2}", "let r = {\n  a: 1\n  b: 2\n}\n"},
    {"let r={ }\nfor x in xs { }", "let r = {}\nfor x in xs {}\n"},
    {"fn f(x){let y=x;y*2}", "fn f(x) {\n  let y = x\n  y * 2\n}\n"},
    {"if a {b} else if c {d} else {\ne}", "if a {\n  b\n} else if c {\n  d\n} else {\n  e\n}\n"},
    {"growth G { every 5 epochs; when a>1=>widen at busiest; stop when x }",
     "growth G {\n  every 5 epochs\n  when a > 1 => widen at busiest\n  stop when x\n}\n"},
    {"map(xs,fn(x){\nprint x\n})", "map(xs, fn(x) {\n  print x\n})\n"},
    /* what is too long for a line */
    {"let network = relu(width: 128, init: he) -> dropout(10%) -> tanh(64, density: 10%) -> layernorm -> sigmoid(32)",
     "let network = relu(width: 128, init: he)\n  -> dropout(10%)\n  -> tanh(64, density: 10%)\n  -> layernorm\n  -> sigmoid(32)\n"},
    {"let data = csv(\"measurements/of/the/first/week.csv\", target: \"fault\") |> normalize |> split(60%, 20%) |> shuffle",
     "let data = csv(\"measurements/of/the/first/week.csv\", target: \"fault\")\n  |> normalize\n  |> split(60%, 20%)\n  |> shuffle\n"},
    {"let data = csv(\"measurements/of/the/first/week.csv\", target: \"fault\", drop: [\"name\", \"date\"], missing: median)",
     "let data = csv(\n  \"measurements/of/the/first/week.csv\",\n  target: \"fault\",\n  drop: [\"name\", \"date\"],\n  missing: median\n)\n"},
    {"let primes = [2,3,5,7,11,13,17,19,23,29,31,37,41,43,47,53,59,61,67,71,73,79,83,89,97,101,103,107,109,113]",
     "let primes = [\n  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,\n"
     "  101, 103, 107, 109, 113\n]\n"},
    /* comments */
    {"# above\n\n\n#two\nlet x = 1   # behind\n\n# end\n", "# above\n\n#two\nlet x = 1  # behind\n\n# end\n"},
    {"let a = 1 # one\nlet long = 2 # two\n\nlet b = 3 # three",
     "let a = 1     # one\nlet long = 2  # two\n\nlet b = 3  # three\n"},
    {"f(a, # one\nb)", "f(\n  a,  # one\n  b\n)\n"},
    {"f(a,\n# one\nb)", "f(\n  a,\n  # one\n  b\n)\n"},
    {"f(a\n# one\n)", "f(\n  a\n  # one\n)\n"},
    {"let m = a # one\n  -> b -> # two\n c", "let m = a  # one\n  -> b  # two\n  -> c\n"},
    {"(a -> b) # c", "a -> b  # c\n"},
    {"f([1, # one\n2])", "f([\n  1,  # one\n  2\n])\n"},
    {"let x = # why\n 5", "# why\nlet x = 5\n"},
    {"fn f(x) { # why\n x }", "fn f(x) {  # why\n  x\n}\n"},
    {"train m on d { epochs: 5 # few\n # seeds\n seed: 3 }", "train m on d {\n  epochs: 5  # few\n  # seeds\n  seed: 3\n}\n"},
    {"let r = {\n # nothing yet\n}", "let r = {\n  # nothing yet\n}\n"},
    {"# only this", "# only this\n"},
    {"## doc\nelement bell \"Be\"(x;spread=1)=exp(-(x/spread)^2)   ## A bell.",
     "## doc\nelement bell \"Be\" (x; spread = 1) = exp(-(x / spread)^2)  ## A bell.\n"},
};
/* clang-format on */

static void lays_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text layout = {0};
        const char *fault = format_fault(str_of(cases[i].source), &layout);
        if (fault)
            print_error("%s\n----\n%s----\n%s\n", cases[i].source, text_chars(&layout), fault);
        assert_null(fault);
        assert_string_equal(text_chars(&layout), cases[i].layout);
        text_release(&layout);
    }
}

static void refuses_errors(void **state)
{
    (void)state;
    struct text layout = {0};
    assert_false(format_text(STR("let = 3\n"), &layout));
    assert_int_equal(layout.len, 0);
    text_release(&layout);
}

static void holds_for_random_programs(void **state)
{
    (void)state;
    size_t bytes = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        struct text program = {0}, layout = {0}, errors = {0};
        program_make(1, i, &program);
        bytes += program.len;
        const char *fault =
            parse_told(text_str(&program), NULL, &errors) == 0 ? format_fault(text_str(&program), &layout) : "it does not parse";
        if (fault)
            print_error("program %d\n%s\n---- %s\n%s\n%s\n", (int)i, text_chars(&program), fault, text_chars(&errors),
                        text_chars(&layout));
        text_release(&program);
        text_release(&layout);
        text_release(&errors);
        assert_null(fault);
    }
    assert_true(bytes > 1000000);
}

/* A deep and a long one: in time and memory that grow with them. */
static void survives_size(void **state)
{
    (void)state;
    struct text program = {0}, layout = {0};
    text_add(&program, "let x = ");
    text_add_repeat(&program, "[", 900);
    text_add_repeat(&program, "]", 900);
    text_add(&program, "\nlet y = [");
    for (int i = 0; i < 200000; i++)
        text_addf(&program, "%s%d", i ? ", " : "", i);
    text_add(&program, "]\nlet z = f(");
    for (int i = 0; i < 50000; i++)
        text_addf(&program, "%sg(%d)", i ? ", " : "", i);
    text_add(&program, ")\nlet m = a");
    text_add_repeat(&program, " -> relu(8)", 50000);
    assert_null(format_fault(text_str(&program), &layout));
    text_release(&program);
    text_release(&layout);
}

static void survives_exhausted_memory(void **state)
{
    (void)state;
    struct str program = STR("# a\nlet x = f(a, # one\n b) -> c # two\ngrowth G { every 5 epochs }\ntrain m on d { epochs: 5 }\n");
    bool well = false;
    for (long n = 0; !well; n++) {
        struct text layout = {0};
        mem_fail_after(n);
        well = format_text(program, &layout);
        mem_fail_after(-1);
        text_release(&layout);
        assert_true(n < 10000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lays_out),
        cmocka_unit_test(refuses_errors),
        cmocka_unit_test(holds_for_random_programs),
        cmocka_unit_test(survives_size),
        cmocka_unit_test(survives_exhausted_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
