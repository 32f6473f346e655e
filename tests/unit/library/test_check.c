/* nel check: typed unknowns, what is found without training, and what trainings cost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "interp/unknown.h"
#include "script.h"
#include "study/costs.h"
#include "support/memory.h"

/* ---- unknowns as values ---- */

static void test_join(void **unused)
{
    (void)unused;
    struct script script;
    struct eval eval;
    script_open(&script);
    eval_start(&eval, &script.state, script.state.globals, &script.diags, 1 << 20);
    struct value one = value_number(1), two = value_number(2), number = value_unknown_of(VALUE_NUMBER);
    assert_int_equal(value_join(&eval, one, one).kind, VALUE_NUMBER);
    assert_int_equal(value_join(&eval, one, two).kind, VALUE_UNKNOWN);
    assert_int_equal(value_join(&eval, one, two).of, VALUE_NUMBER);
    assert_int_equal(value_join(&eval, one, number).of, VALUE_NUMBER);
    assert_int_equal(value_join(&eval, one, value_none()).of, VALUE_UNKNOWN);
    assert_int_equal(value_join(&eval, value_bool(true), value_bool(false)).of, VALUE_BOOL);
    assert_true(value_known(one));
    assert_false(value_known(number));

    struct value list = value_list(&eval);
    assert_true(list_add(&eval, list.list, one) && list_add(&eval, list.list, two));
    struct value open = list_open(&eval, list.list);
    assert_true(value_known(list));
    assert_false(value_known(open));
    assert_true(open.list->open);
    assert_int_equal(open.list->count, 1);
    assert_int_equal(open.list->items[0].of, VALUE_NUMBER);

    struct value a = value_record(&eval), b = value_record(&eval);
    assert_true(record_set(&eval, a.record, STR("x"), one) && record_set(&eval, b.record, STR("x"), two));
    struct value both = value_join(&eval, a, b);
    assert_int_equal(both.kind, VALUE_RECORD);
    assert_int_equal(record_get(both.record, STR("x"))->of, VALUE_NUMBER);
    assert_true(record_set(&eval, b.record, STR("y"), one));
    assert_int_equal(value_join(&eval, a, b).kind, VALUE_UNKNOWN); /* a record, but of which fields? */
    eval_end(&eval);
    script_close(&script);
}

/* Values nest as deep as memory allows. */
static void test_deep(void **unused)
{
    (void)unused;
    struct script script;
    script_open(&script);
    assert_true(state_check(&script.state, "deep.nel",
                            STR("let xs = []\nfor i in 1..50000 { xs = [xs] }\nassert length([length(xs)]) == 1\n"),
                            &script.diags));
    script_close(&script);
}

/* ---- what is found ---- */

static bool check(struct script *script, const char *source)
{
    script_open(script);
    script->state.costs = costs_new();
    assert_non_null(script->state.costs);
    script->state.costs->measuring = 1e9; /* nothing is measured here */
    return state_check(&script->state, "test.nel", str_of(source), &script->diags);
}

#define DATA "let d = moons(n: 40, seed: 1) |> split(60%, 20%)\nlet run = train relu(4) on d { epochs: 1_000_000 }\n"

static void expect_found(const char *line, const char *words)
{
    struct script script;
    struct text source = {0};
    text_addf(&source, "%s%s\n", DATA, line);
    if (check(&script, text_chars(&source)))
        fail_msg("nothing was found in: %s", line);
    bool told = false;
    for (size_t i = 0; i < script.diags.count; i++)
        told = told || strstr(script.diags.at[i].message, words);
    if (!told)
        fail_msg("%s\nwas told: %s", line, script.diags.count ? script.diags.at[0].message : "");
    text_release(&source);
    script_close(&script);
}

static void expect_fine(const char *line)
{
    struct script script;
    struct text source = {0};
    text_addf(&source, "%s%s\n", DATA, line);
    if (!check(&script, text_chars(&source)))
        fail_msg("%s\nwas told: %s", line, script.diags.at[0].message);
    text_release(&source);
    script_close(&script);
}

static void test_found(void **unused)
{
    (void)unused;
    expect_found("print run.acuracy", "no `acuracy`");
    expect_found("print run.accuracy.mean", "has no `mean`");
    expect_found("print run.history.los", "no `los`");
    expect_found("print run.loss + relu(4)", "does not work between a number and a molecule");
    expect_found("print run.loss < \"1\"", "does not work between a number and a text");
    expect_found("print if run.loss { 1 } else { 2 }", "expected true or false, found a number");
    expect_found("print not run.loss", "expected true or false");
    expect_found("print -run.diverged", "expected a number, found true or false");
    expect_found("print run.accuracy(1)", "a number cannot be called");
    expect_found("print length(run.dna + 1)", "between a text and a number");
    expect_found("print sqrt(run.history)", "must be a number");
    expect_found("print (train run.accuracy on d { epochs: 1 }).loss", "expected a molecule");
    expect_found("print (train relu(4) on run.loss { epochs: 1 }).loss", "expected a data set");
    expect_found("print (train relu(4) on d { epochs: run.diverged }).loss", "must be a whole number");
    expect_found("print (train relu(4) on d { optimizer: run.loss }).loss", "optimizer");
    expect_found("print relu(run.dna)", "expected a width");
    expect_found("print relu(run.epochs, initt: he)", "initt");
    expect_found("for x in run.loss { print x }", "cannot go over a number");
    expect_found("print [1, 2][run.diverged]", "expected a number");
    expect_found("fn f(r) = if r.loss < 1 { r.x } else { f(r) }\nprint f(run)", "no `x`");
    expect_found("print run.loss\nprint run.los\nprint run.epoch", "no `epoch`"); /* the second error, too */
    expect_found("run.accuracy", "not used");
    expect_found("print compare(run, run, \"accuracy\")", "one value says nothing");
}

static void test_fine(void **unused)
{
    (void)unused;
    expect_fine("assert run.accuracy > 99%, \"only {run.accuracy}\"");
    expect_fine("if run.accuracy < 50% { assert false }");
    expect_fine("let n = 0\nif run.loss < 1 { n = 5 }\nprint [1, 2][n]");
    expect_fine("fn f(r) = if r.loss < 1 { r } else { f(train relu(4) on d { epochs: 9 }) }\nprint f(run).loss");
    expect_fine("let best = none\nfor r in [run] { if best == none or r.loss < best.loss { best = r } }\nprint best.loss");
    expect_fine("print relu(max(1, run.epochs)) -> tanh(4)");
    expect_fine("print run.loss / run.accuracy ^ 2");
    expect_fine("print (train relu(run.epochs) on d { epochs: run.epochs, trials: round(run.loss) }).loss.mean");
}

/* ---- costs ---- */

static void test_costs(void **unused)
{
    (void)unused;
    struct script script;
    assert_true(check(&script, DATA "let t = sweep w in 1..3, seed in 1..500 {\n"
                                    "train relu(w) on d { epochs: 7, seed, trials: 2 } }\nprint run.loss, t.rows\n"));
    const struct costs *costs = script.state.costs;
    assert_int_equal(costs->rows.count, 4);
    const struct cost_row *row = &costs->rows.at[0];
    assert_int_equal(row->kind, COST_TRAIN);
    assert_true(row->cost.params == 17 && row->epochs == 1000000 && row->trainings == 1 && row->cells == 0);
    for (size_t i = 1; i < 4; i++) {
        row = &costs->rows.at[i];
        assert_true(row->epochs == 7 && row->cells == 500 && row->trainings == 1000);
        assert_true(row->cost.params == 4 * (double)i + 1);
    }
    struct text out = {0};
    state_check_report(&script.state, "test.nel", &script.diags, false, &out);
    assert_non_null(strstr(out.at, "test.nel: no errors"));
    assert_non_null(strstr(out.at, "R1-O1"));
    text_clear(&out);
    state_check_report(&script.state, "test.nel", &script.diags, true, &out);
    assert_non_null(strstr(out.at, "{\"training\":\"train\",\"file\":\"test.nel\",\"line\":2,\"column\":11,"));
    assert_non_null(strstr(out.at, "\"errors\":0,\"warnings\":0,\"trainings\":3001,"));
    text_release(&out);
    script_close(&script);
}

/* ---- memory ---- */

static void test_out_of_memory(void **unused)
{
    (void)unused;
    static const char source[] =
        DATA "let t = sweep w in 1..2, s in 1..40 { train relu(w) on d { epochs: 1, seed: s } }\n"
             "let e = evolve relu(2) on d { mutate: { widen: 1 }, fitness: fn(r) = r.loss }\n"
             "growth G { every 1 epochs\n when loss < 1 => widen at busiest\n stop when round > 3 }\n"
             "let g = grow relu(2) on d by G\n"
             "print mean(t, \"loss\", by: \"w\"), sort(t, by: \"loss\")[0].w, e.best.loss, g.story.rows\n"
             "print [r.loss for r in rows(run.history)] + [run.loss], if run.loss < 1 { [1] } else { [2] }\n";
    bool well = false;
    long step = 1;
    for (long allocation = 0; !well; allocation += step) {
        struct script script;
        script_open(&script);
        script.state.costs = costs_new();
        script.state.costs->measuring = 1e9;
        mem_fail_after(allocation);
        well = state_check(&script.state, "memory.nel", str_of(source), &script.diags);
        mem_fail_after(-1);
        if (!well)
            assert_true(script.diags.errors > 0);
        script_close(&script);
        step = 1 + allocation / 200; /* all of the first ones, then ever fewer */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join), cmocka_unit_test(test_deep),  cmocka_unit_test(test_found),
        cmocka_unit_test(test_fine), cmocka_unit_test(test_costs), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
