/* Which line ends count: newlines, `;`, comments, brackets. */
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
    {"sweep w in [1,2], d in toys {\n"
     "  let m = relu(w)\n"
     "  train m on d {\n"
     "    epochs: 5\n"
     "    stop: patience(3)\n"
     "  }\n"
     "}",
     "(sweep (in w (list 1 2)) (in d toys) (block (let m (call relu w)) (train m d (record (: epochs 5) (: stop (call patience 3))))))\n"},
    {"growth G {\n"
     " when extrema.share > 50% => insert(relu(256, density: 2%)) after bottleneck\n"
     " stop when a >= 95%\n"
     "}",
     "(growth G (params) (when after (> (. share extrema) 50%) (call insert (call relu 256 (: density 2%))) bottleneck) (stop (>= a 95%)))\n"},
    {"let r = { fitness: fn(run) = run.accuracy - 1e-4 * run.params\n"
     "  trial: { epochs: 3 } }",
     "(let r (record (: fitness (fn (params (param run)) (- (. accuracy run) (* 1e-4 (. params run))))) (: trial (record (: epochs 3)))))\n"},
    {"element sine \"Si\" (x) = sin(x)  ## doc\n"
     "## more doc\n"
     "let a = 1",
     "(element sine \"Si\" (params (param x)) (call sin x))\n"
     "(let a 1)\n"},
    {"let r = {\n"
     "  a: 1\n"
     "  b: 2,\n"
     "\n"
     "  # comment\n"
     "  c: 3\n"
     "}",
     "(let r (record (: a 1) (: b 2) (: c 3)))\n"},
    {"let m = relu(8)\n"
     "  -> tanh(8)\n"
     "  -> gelu(8)",
     "(let m (-> (call relu 8) (call tanh 8) (call gelu 8)))\n"},
    {"let m = relu(8) # comment\n"
     "\n"
     "  # another\n"
     "  -> tanh(8)",
     "(let m (-> (call relu 8) (call tanh 8)))\n"},
    {"let a = b\n"
     "-c",
     "(let a b)\n"
     "(- c)\n"},
    {"let a = b\n"
     "~c",
     "(let a b)\n"
     "(~ c)\n"},
    {"let a = f\n"
     "(x)",
     "(let a f)\n"
     "x\n"},
    {"let a = f\n"
     "[0]",
     "(let a f)\n"
     "(list 0)\n"},
    {"if a { 1 }\n"
     "else { 2 }",
     "(if a (block 1) (block 2))\n"},
    {"fn f(x) { let y = x + 1\n"
     " y * 2 }",
     "(fn f (params (param x)) (block (let y (+ x 1)) (* y 2)))\n"},
    {"f(fn(x) {\n"
     " let y = x\n"
     " y }, k: 3)",
     "(call f (fn (params (param x)) (block (let y x) y)) (: k 3))\n"},
    {"let at = 3\n"
     "let stop = at + 1",
     "(let at 3)\n"
     "(let stop (+ at 1))\n"},
    {"{ a: 1\n"
     "  in: 2 }",
     "(record (: a 1) (: in 2))\n"},
    {"for i in 1..3 { print i; print i }",
     "(for i (.. 1 3) (block (print i) (print i)))\n"},
    {"let a = 1; a + 1",
     "(let a 1)\n"
     "(+ a 1)\n"},
    {"relu(8)\n"
     "|> dna",
     "(|> (call relu 8) dna)\n"},
    {"a ->\n"
     "\n"
     " b",
     "(-> a b)\n"},
    {"let t = table\n"
     "  |> mean(\"accuracy\",\n"
     "     by: [\"act\"])\n"
     "  |> show",
     "(let t (|> (|> table (call mean \"accuracy\" (: by (list \"act\")))) show))\n"},
    {"let m = a\n"
     ".b\n"
     ".c",
     "(let m (. c (. b a)))\n"},
    {"{ seed, ...lab\n"
     "  epochs: 3 }",
     "(record (: seed seed) (... lab) (: epochs 3))\n"},
    {"let a = 1;let b = 2;;",
     "(let a 1)\n"
     "(let b 2)\n"},
    {"if a { let b = 1; }",
     "(if a (block (let b 1)))\n"},
    {"let assert = 3\n"
     "assert = 4",
     "(let assert 3)\n"
     "(= assert 4)\n"},
    {"molecule Two { let a = relu(2)\n"
     " a -> a }",
     "(molecule Two (params) (block (let a (call relu 2)) (-> a a)))\n"},
    {"growth Careful(k = 3) {\n"
     "  every k epochs\n"
     "  when dead > 0 => widen at busiest\n"
     "  when a => b before c\n"
     "  when a => b\n"
     "  accept after 2 epochs when improvement > 0.1% else undo\n"
     "  stop when accuracy >= 95% or epoch >= 200\n"
     "}",
     "(growth Careful (params (param k 3)) (every epochs k) (when at (> dead 0) widen busiest) (when before a b c) (when a b) (accept epochs 2 (> improvement 0.1%)) (stop (or (>= accuracy 95%) (>= epoch 200))))\n"},
    {"for x in xs { print x\n"
     " show x }",
     "(for x xs (block (print x) (show x)))\n"},
    {"let f = fn(x) { let y = x\n"
     " y }",
     "(let f (fn (params (param x)) (block (let y x) y)))\n"},
    {"print \"{a}{b}\" \n"
     "print \"\"",
     "(print (text a b))\n"
     "(print \"\")\n"},
    {"if a { 1 }\n"
     "(b)",
     "(if a (block 1))\n"
     "b\n"},
    {"let x =\n"
     "\n"
     "  3",
     "(let x 3)\n"},
    {"f(\n"
     "  1,\n"
     "  2\n"
     ")",
     "(call f 1 2)\n"},
    {"{\n"
     "  a: 1\n"
     "\n"
     "  b: 2\n"
     "}",
     "(record (: a 1) (: b 2))\n"},
    {"let a = not\n"
     "b",
     "(let a (not b))\n"},
    {"train m\n"
     "  on d\n"
     "  { epochs: 3 }",
     "(train m d)\n"
     "(record (: epochs 3))\n"},
    {"a # comment\n"
     "# more\n"
     "b",
     "a\n"
     "b\n"},
    {"## doc\n"
     "let a = 1 ## more",
     "(let a 1)\n"},
    {"let rule = 1\n"
     "rule + 1",
     "(let rule 1)\n"
     "(+ rule 1)\n"},
    {"[\n"
     " rule\n"
     " for rule in xs\n"
     " if rule]",
     "(each rule rule xs rule)\n"},
    {"f(\n"
     " show: 3,\n"
     " let: 4)",
     "(call f (: show 3) (: let 4))\n"},
    {"(x |>\n"
     " show)",
     "(|> x show)\n"},
    {"f(fn(x) {\n"
     " let y = 1\n"
     " y },\n"
     " 2)",
     "(call f (fn (params (param x)) (block (let y 1) y)) 2)\n"},
    {"{\n"
     " f: fn(x) {\n"
     " let y = 1\n"
     " y }\n"
     " g: 2\n"
     "}",
     "(record (: f (fn (params (param x)) (block (let y 1) y))) (: g 2))\n"},
};
/* clang-format on */

static void lines_join_and_part(void **state)
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_join_and_part)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
