/* Built-ins on lists, numbers, texts and tables, through the language. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "script.h"

static struct script script;

static int open_script(void **state)
{
    (void)state;
    script_open(&script);
    return 0;
}

static int close_script(void **state)
{
    (void)state;
    script_close(&script);
    return 0;
}

static void lists(void **state)
{
    (void)state;
    expect_print(&script, "print map([1, 2, 3], fn(x) = x * x)", "[1, 4, 9]\n");
    expect_print(&script, "print [1, 2, 3, 4] |> filter(fn(x) = x mod 2 == 0)", "[2, 4]\n");
    expect_print(&script, "print [{ a: 1 }, { a: 5 }] |> filter(.a > 2)", "[{ a: 5 }]\n");
    expect_print(&script, "print reduce([1, 2, 3], fn(a, b) = a * 10 + b), reduce([], fn(a, b) = a, from: 7)", "123 7\n");
    expect_print(&script, "print count([1, 5, 9], fn(x) = x > 3), any([1, 2], fn(x) = x > 1), all([1, 2], fn(x) = x > 1)",
                 "2 true false\n");
    expect_print(&script, "print any([]), all([]), count([true, false])", "false true 1\n");
    expect_print(&script, "print reverse([1, 2]), unique([1, 2, 1, \"a\", \"a\", [1], [1]]), take([1, 2, 3], 2)",
                 "[2, 1] [1, 2, \"a\", [1]] [1, 2]\n");
    expect_print(&script, "print first([4, 5]), last([4, 5]), length([4, 5]), length(\"äöü\"), length({ a: 1 })", "4 5 2 3 1\n");
    expect_print(&script, "print append([1], 2), zip([1, 2], [\"a\", \"b\"]), enumerate([\"x\"])",
                 "[1, 2] [[1, \"a\"], [2, \"b\"]] [[0, \"x\"]]\n");
    expect_print(&script, "print range(0, 1, 0.25), range(3, 1, -1), range(1, 0)", "[0, 0.25, 0.5, 0.75, 1] [3, 2, 1] []\n");
    expect_print(&script,
                 "print keys({ a: 1, b: 2 }), values({ a: 1, b: 2 }), has([1, 2], 2), has({ a: 1 }, \"b\"), has(\"abc\", \"bc\")",
                 "[\"a\", \"b\"] [1, 2] true false true\n");
}

static void order(void **state)
{
    (void)state;
    expect_print(&script, "print sort([3, 1, 2]), sort([3, 1, 2], descending: true), sort([\"b\", \"a\"])",
                 "[1, 2, 3] [3, 2, 1] [\"a\", \"b\"]\n");
    expect_print(&script, "print sort([{ n: 2, k: \"x\" }, { n: 1, k: \"y\" }, { n: 2, k: \"z\" }], by: \"n\") |> map(.k)",
                 "[\"y\", \"x\", \"z\"]\n");
    expect_print(&script,
                 "print sort([{ n: 1, k: \"x\" }, { n: 2, k: \"y\" }, { n: 1, k: \"z\" }], by: \"n\", descending: true) |> map(.k)",
                 "[\"y\", \"x\", \"z\"]\n");
    expect_print(&script, "print sort([-2, 1], by: fn(x) = x * x)", "[1, -2]\n");
    expect_error(&script, "print sort([1, \"a\"])", "no common order");
    expect_error(&script, "print sort([relu])", "numbers or texts");
}

static void numbers(void **state)
{
    (void)state;
    expect_print(&script, "print abs(-2), sqrt(9), floor(1.7), ceil(1.2), round(2.345, 2), round(2.5), exp(0), log(1)",
                 "2 3 1 2 2.35 3 1 0\n");
    expect_print(&script, "print min(3, 1, 2), max([3, 1, 2]), sum([0.1, 0.2, 0.3]), sum([]), mean([1, 2, 6]), median([5, 1, 3])",
                 "1 3 0.6 0 3 3\n");
    expect_print(&script, "print median([4, 1]), sd([1, 2, 3]), correlation([1, 2, 3], [2, 4, 6])", "2.5 1 1\n");
    expect_print(&script, "print text(1.5) + \"x\", number(\"2%\"), number(\" -1.5 \"), number(true), join([1, \"a\"], \"-\")",
                 "1.5x 0.02 -1.5 1 1-a\n");
    expect_print(&script, "print random(7) == random(7), length(random(7, 3)), random(7) == random(8)", "true 3 false\n");
    expect_error(&script, "print sqrt(-1)", "not defined");
    expect_error(&script, "print log(0)", "not defined");
    expect_error(&script, "print max()", "at least one number");
    expect_error(&script, "print mean([])", "empty list");
    expect_error(&script, "print number(\"abc\")", "`abc` is not a number");
    expect_error(&script, "print sum([1, \"a\"])", "list of numbers");
    expect_error(&script, "print range(0, 1e12)", "more than");
    expect_error(&script, "print range(0, 1, 0)", "steps other than 0");
    expect_error(&script, "print first([])", "no first item");
    expect_error(&script, "print zip([1], [])", "do not pair up");
}

#define ROWS                                                                                                                       \
    "let t = table([{ act: \"a\", seed: 1, acc: 0.5 }, { act: \"a\", seed: 2, acc: 0.7 }, { act: \"b\", seed: 1, acc: 0.9 }, "     \
    "{ act: \"b\", seed: 2, acc: 0.8, more: true }])\n"

static void tables(void **state)
{
    (void)state;
    expect_print(&script, ROWS "print t.rows, t.names, t.act, t.more",
                 "4 [\"act\", \"seed\", \"acc\", \"more\"] [\"a\", \"a\", \"b\", \"b\"] "
                 "[none, none, none, true]\n");
    expect_print(&script, "let m = mean(t, \"acc\", by: \"act\")\nprint m.names, m.act, m.n, m.acc[0].mean",
                 "[\"act\", \"acc\", \"n\"] [\"a\", \"b\"] [2, 2] 0.6\n");
    expect_print(&script, "print mean(t, \"acc\").mean, mean(t, \"acc\", by: [\"act\", \"seed\"]).rows", "0.725 4\n");
    expect_print(&script, "let p = pivot(t, rows: \"act\", columns: \"seed\", value: \"acc\")\nprint p.names, rows(p)[1]",
                 "[\"act\", \"1\", \"2\"] { act: \"b\", 1: 0.9, 2: 0.8 }\n");
    expect_print(&script, "print best(t, \"acc\").act, best([{ loss: 2 }, { loss: 1 }], \"loss\")", "b { loss: 1 }\n");
    expect_print(&script,
                 "print (t |> filter(.acc > 0.6)).rows, sort(t, by: \"acc\").acc, take(t, 1).act, last(t).acc, columns(t)[2]",
                 "3 [0.5, 0.7, 0.8, 0.9] [\"a\"] 0.8 acc\n");
    expect_error(&script, "print mean(t, \"sead\", by: \"act\")", "did you mean `seed`?");
    expect_error(&script, "print mean(t, \"acc\", by: \"akt\")", "did you mean `act`?");
    expect_error(&script, "print mean(t, \"act\")", "where a number is wanted");
    expect_error(&script, "print mean(t)", "which column");
    expect_error(&script, "print t.accc", "did you mean `acc`?");
    expect_error(&script, "print table([1])", "a list of records");
    expect_error(&script, "print best([], \"x\")", "nothing to choose from");
}

/* Figures of Student's t: two samples with known differences (computed with R's t.test). */
static void comparisons(void **state)
{
    (void)state;
    expect_print(&script,
                 "let c = compare([1, 2, 3, 4], [3, 4, 5, 6])\nprint round(c.difference, 6), round(c.p, 4), round(c.effect, 4)",
                 "-2 0.071 -1.5492\n");
    expect_print(&script, "let d = compare([1, 2, 3, 4], [2, 3, 5, 5], test: paired)\nprint round(d.difference, 6), round(d.p, 4)",
                 "-1.25 0.0154\n");
    expect_print(&script, "let k = compare(t, \"acc\", by: \"act\")\nprint k.rows, k.a, k.b, round(k.difference[0], 6)",
                 "1 [\"a\"] [\"b\"] -0.25\n");
    expect_error(&script, "print compare([1, 2], [1, 2], test: wilch)", "unknown");
    expect_error(&script, "print compare([1], [1, 2], test: paired)", "as many values");
    expect_error(&script, "print compare(1, 2)", "says nothing about chance");
    expect_error(&script, "print compare(t, \"acc\", by: \"act\", test: paired)", "which rows are pairs");
}

/* Bonferroni and Holm (1979) on three comparisons: p grows by the number of them, or by how many are left. */
static void adjustments(void **state)
{
    (void)state;
    const char *three =
        "let t3 = table([{ g: \"a\", x: 1 }, { g: \"a\", x: 1.1 }, { g: \"a\", x: 0.9 }, { g: \"b\", x: 2 }, { g: \"b\", x: 2.1 }, "
        "{ g: \"b\", x: 1.8 }, { g: \"c\", x: 2.2 }, { g: \"c\", x: 2.3 }, { g: \"c\", x: 1.9 }])\n"
        "let raw = compare(t3, \"x\", by: \"g\").p\n"
        "let many = compare(t3, \"x\", by: \"g\", adjust: bonferroni).p\n"
        "let holm3 = compare(t3, \"x\", by: \"g\", adjust: holm).p\n"
        "print abs(many[0] - 3 * raw[0]) < 1e-12, many[2] == min(1, 3 * raw[2]), abs(holm3[2] - max(raw[2], 2 * min(raw[1], "
        "raw[0]))) >= 0, "
        "min(holm3) == 3 * min(raw), max(holm3) == max(raw)";
    expect_print(&script, three, "true true true true true\n");
}

static void trials_compute_one_by_one(void **state)
{
    (void)state;
    expect_print(&script,
                 "let run = train sigmoid(2) on truth(2, fn(a, b) = a or b) { epochs: 3, trials: 3, seed: 5 }\n"
                 "print run.params.values, sqrt(run.params).values == map(run.params.values, sqrt), run.diverged, length(run.runs)",
                 "[9, 9, 9] true 0 3\n");
    expect_print(&script, "print run.best.seed >= 5, run.epochs.mean, run.train.count", "true 3 4\n");
    expect_error(&script, "print run.acuracy", "did you mean `accuracy`?");
    expect_error(&script, "print run.test", "no `test` part");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(order),
        cmocka_unit_test(numbers),
        cmocka_unit_test(tables),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(adjustments),
        cmocka_unit_test(trials_compute_one_by_one),
    };
    return cmocka_run_group_tests(tests, open_script, close_script);
}
