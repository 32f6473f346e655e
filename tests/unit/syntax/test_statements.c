/* Statements and declarations as trees. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsed.h"

/* clang-format off */
static const struct {
    const char *source, *tree;
} cases[] = {
    {"let x = train a on d |> accuracy > 3",
     "(let x (> (|> (train a d) accuracy) 3))\n"},
    {"let m = if deep { relu(8) * 3 } else { relu(8) } -> linear(2)",
     "(let m (-> (if deep (block (* (call relu 8) 3)) (block (call relu 8))) (call linear 2)))\n"},
    {"print \"acc {run.accuracy} of {\"nested {x}\"} and {f({a: 1}).a} end\"",
     "(print (text \"acc \" (. accuracy run) \" of \" (text \"nested \" x) \" and \" (. a (call f (record (: a 1)))) \" end\"))\n"},
    {"print \"a\", b, 3",
     "(print \"a\" b 3)\n"},
    {"x = 5",
     "(= x 5)\n"},
    {"r.x = 5",
     "(= (. x r) 5)\n"},
    {"xs[0] = 5",
     "(= (index xs 0) 5)\n"},
    {"let b = `T16-~(Si16*2)-(R16|G16)` -> relu(3)",
     "(let b (-> `T16-~(Si16*2)-(R16|G16)` (call relu 3)))\n"},
    {"show a |> b",
     "(show (|> a b))\n"},
    {"show(x) |> f",
     "(show (|> x f))\n"},
    {"print (a) -> b",
     "(print (-> a b))\n"},
    {"rule w: ?a(?n) when n < 512 => ?a(?n * 2)",
     "(rule w (params) (call ?a ?n) (call ?a (* ?n 2)) (< n 512))\n"},
    {"let x = 50% * 2",
     "(let x (* 50% 2))\n"},
    {"use rules",
     "(use rules)\n"},
    {"use \"my/file.nel\" as m",
     "(use path my/file.nel m)\n"},
    {"use rules as r",
     "(use rules r)\n"},
    {"param epochs = 500",
     "(setting epochs 500)\n"},
    {"assert a == b",
     "(assert (== a b))\n"},
    {"assert (a or b) and c, \"not {a}\"",
     "(assert (and (or a b) c) (text \"not \" a))\n"},
    {"assert(a)",
     "(assert a)\n"},
    {"assert -x < 3",
     "(assert (< (- x) 3))\n"},
    {"molecule Coil(w = 16) = tanh(w)",
     "(molecule Coil (params (param w 16)) (call tanh w))\n"},
    {"element leaky \"Lr\" (x; slope = 0.01) = if x > 0 { x } else { slope * x }",
     "(element leaky \"Lr\" (params (param x) (param trait slope 0.01)) (if (> x 0) (block x) (block (* slope x))))\n"},
    {"element prelu \"Pr\" (x; learned slope = 0.25, cut = 0) = max(x, slope * x)",
     "(element prelu \"Pr\" (params (param x) (param learned trait slope 0.25) (param trait cut 0)) (call max x (* slope x)))\n"},
    {"element odd \"Od\" (x; learned = 2) = x",
     "(element odd \"Od\" (params (param x) (param trait learned 2)) x)\n"},
    {"rule widen(k = 2): ?a(?n) => ?a(?n * k)",
     "(rule widen (params (param k 2)) (call ?a ?n) (call ?a (* ?n k)))\n"},
    {"rule retype(to in elements): ?a(?n) => to(?n)",
     "(rule retype (params (param to (in to elements))) (call ?a ?n) (call to ?n))\n"},
    {"rule thin(d = 50%): ?a(?n) when n > 8 => ?a(?n, density: d)",
     "(rule thin (params (param d 50%)) (call ?a ?n) (call ?a ?n (: density d)) (> n 8))\n"},
    {"rule drop: ?A -> ?B => ?B",
     "(rule drop (params) (-> ?A ?B) ?B)\n"},
    {"growth Empty { }",
     "(growth Empty (params))\n"},
    {"fn tower(act, w, d = 3,) = act(w) * d",
     "(fn tower (params (param act) (param w) (param d 3)) (* (call act w) d))\n"},
    {"fn twice(f) = fn(x) = f(f(x))",
     "(fn twice (params (param f)) (fn (params (param x)) (call f (call f x))))\n"},
    {"print \"\\u{e9}\\t\\\"\\\\\\{x\\}\"",
     "(print \"é\\x09\\\"\\\\{x}\")\n"},
    {"x.y = z",
     "(= (. y x) z)\n"},
    {"let x = -1e-3 + 60_000 * 2.5%",
     "(let x (+ (- 1e-3) (* 60_000 2.5%)))\n"},
};
/* clang-format on */

static void statements_read_as_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text tree = {0}, errors = {0};
        parse_told(str_of(cases[i].source), &tree, &errors);
        assert_string_equal(text_chars(&errors), "");
        assert_string_equal(text_chars(&tree), cases[i].tree);
        text_release(&tree);
        text_release(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements_read_as_trees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
