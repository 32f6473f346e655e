/* What `show` draws: the parts of each view, terminals without Unicode or colours, and memory that ends anywhere. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "library/show.h"
#include "support/memory.h"

#include "script.h"

static struct script script;

static int open_script(void **state)
{
    (void)state;
    script_open(&script);
    return !script_run(&script,
                       "molecule M(w = 4) = tanh(w) -> ~(relu(8) * 3) -> (sine(2) | gelu(2))\n"
                       "let data = moons(n: 60, seed: 1) |> split(60%, 20%, seed: 1)\n"
                       "let run = train M on data { epochs: 12 }\n"
                       "let runs = train M on data { epochs: 4, trials: 3 }\n"
                       "growth Wider {\n every 2 epochs\n when round == 2 => widen at hidden\n stop when round >= 20\n}\n"
                       "let grown = grow tanh(4) on data by Wider\n"
                       "let growths = grow tanh(4) on data by Wider { trials: 3 }\n"
                       "let few = grow tanh(4) on sampled(fn(x) = x * x, n: 20) by Wider { trials: 2 }\n"
                       "let line = train tanh(4) on sampled(fn(x) = x * x, n: 20) { epochs: 4 }\n"
                       "let table1 = sweep act in [relu, tanh], depth in 1..2 { train act(2) * depth on data { epochs: 2 } }");
}

static int close_script(void **state)
{
    (void)state;
    script_close(&script);
    return 0;
}

/* The view holds these words, in this order; NULL ends. */
static void expect_view(const char *source, const char *const *words)
{
    if (!script_run(&script, source))
        fail_msg("%s\nfailed: %s", source, text_chars(&script.told));
    const char *at = text_chars(&script.printed);
    for (; *words; words++) {
        const char *found = strstr(at, *words);
        if (!found)
            fail_msg("%s\n`%s` is not in\n%s", source, *words, at);
        at = found + strlen(*words);
    }
}

#define EXPECT_VIEW(source, ...) expect_view(source, (const char *const[]){__VA_ARGS__, NULL})

static void runs_tell_their_story(void **state)
{
    (void)state;
    EXPECT_VIEW("show run", "M on moons\n", "T4-~(R8*3)-(Si2|G2)-O1", "2 inputs", "parameters", "tanh 4", "12", "│ 4", "relu 8 ×3",
                "projection", "40 + 2 × 72 + 32", "(+)", "│ 8", "sine 2", "gelu 2", "(|)", "out 1[head=sigmoid]", "269 parameters",
                "train", "validation", "test", "accuracy", "loss", "12 epochs", "loss by epoch", "decisions");
    EXPECT_VIEW("show runs", "M on moons, 3 trials\n", "±", "95 % confidence", "seed", "best", "the best trial on validation");
    EXPECT_VIEW("show run", "accuracy", "balanced_accuracy", "f1", "auc", "loss", "on test", "precision", "recall", "support",
                "taken for", "epochs");
    assert_null(strstr(text_chars(&script.printed), "all trials"));
    EXPECT_VIEW("show runs", "on test", "±", "taken for", "all trials together");
    /* Of many classes the worst, and the pairs confused most often. */
    EXPECT_VIEW(
        "show train linear(3) on dataset([[x, x * x] for x in 0..59], [floor(x / 3) for x in 0..59], classes: true) { epochs: 3 }",
        "on train", "the 10 of 20 classes with the least f1", "most often taken: ", " for ", " (3)");
    EXPECT_VIEW("show line", "r2", "mae", "rmse", "what it computes");
    assert_null(strstr(text_chars(&script.printed), "taken for"));
    assert_null(strstr(text_chars(&script.printed), " s\n")); /* no times where nobody looks on */
}

static void divergence_is_told(void **state)
{
    (void)state;
    EXPECT_VIEW("show train relu(8) -> relu(8) on sampled(fn(x) = 1000 * x, n: 20) { epochs: 20, optimizer: sgd(lr: 1e6) }",
                "learning rate 1000000 is too high: loss", "340000", "diverged in epoch 2");
}

static void molecules_and_elements(void **state)
{
    (void)state;
    EXPECT_VIEW("show M(8)", "M  T8-~(R8*3)-(Si2|G2)", "inputs", "tanh 8", "├─────┐", "relu 8 ×3 │", "(+)────┘", "(|)");
    EXPECT_VIEW("show input(2) -> relu(3)", "2 inputs", "relu 3", "9", "│ 3", "9 parameters");
    EXPECT_VIEW("show input(3) -> relu(2) as h -> tanh(4) -> (gelu(2) + h)", "relu 2", "├─▸ a", "tanh 4", "gelu 2", "tap a", "(+)");
    EXPECT_VIEW("show input(4) -> ~relu(6)", "4 inputs", "relu 6", "projection", "30 + 24", "│ 6");
    EXPECT_VIEW("show relu", "relu  R", "f(x) = max(0, x)", "f′(x) =", "its derivative");
    EXPECT_VIEW("show M", "molecule M(w = 4)");
    EXPECT_VIEW("show sqrt", "sqrt(x: number)", "The square root.");
}

static void data_and_tables(void **state)
{
    (void)state;
    EXPECT_VIEW("show data", "moons", "part", "train", "36", "60.0 %", "0: 18, 1: 18", "validation", "test");
    EXPECT_VIEW("show truth(2, fn(a, b) = a and b)", "truth", "4 rows, 2 features, 2 classes", "class", "75.0 %", "x1", "x2");
    EXPECT_VIEW("show table1", "act", "depth", "accuracy", "relu", "tanh", "not shown: run");
    EXPECT_VIEW("show run.history", "epoch", "loss");
    EXPECT_VIEW("show table([{ i: x } for x in 1..100])", "1\n", "20\n", "…\n", "81\n", "100\n", "100 rows");
    EXPECT_VIEW("show [{ a: 1 }, { a: 2, b: \"x\" }]", "a  b", "1  –", "2  x");
    EXPECT_VIEW("show range(1, 100)", "[1, 2, 3", "… 70 more]");
    EXPECT_VIEW("show { alpha: 1, b: run }", "alpha  1", "b      run of M on moons");
    EXPECT_VIEW("show runs.loss", "±", "3 values, 95 % interval");
}

static void pictures(void **state)
{
    (void)state;
    EXPECT_VIEW("plot([1, 4, 2])", "┤", "└");
    EXPECT_VIEW("show curve(table1, x: \"depth\", y: \"loss\", by: \"act\")", "loss by depth", "relu", "tanh");
    EXPECT_VIEW("show heatmap(table1, x: \"act\", y: \"depth\", value: \"accuracy\")", "accuracy by depth and act", "relu", "tanh");
    EXPECT_VIEW("plot(boundary(runs))", "decisions");
    expect_error(&script, "plot(table1)", "several axes");
    expect_error(&script, "plot(1)", "no picture of a number");
    expect_error(&script, "plot(boundary(line))", "classes of two features");
    expect_error(&script, "plot([1], to: \"x.svg\")", "ends in `.txt`");
    expect_error(&script, "show curve(table1, x: \"dept\", y: \"loss\")", "did you mean `depth`?");
    expect_error(&script, "plot([\"a\"])", "lists of numbers");
}

static void plain_terminals_get_plain_text(void **state)
{
    (void)state;
    script.state.output.unicode = false;
    assert_true(script_run(&script, "show run\nshow runs\nshow M(8)\nshow relu\nshow data\nshow table1\nshow runs.loss"));
    script.state.output.unicode = true;
    for (size_t i = 0; i < script.printed.len; i++)
        if ((unsigned char)script.printed.at[i] >= 0x80)
            fail_msg("a byte beyond ASCII in: %.60s", script.printed.at + i);
}

static void colours_only_where_asked_for(void **state)
{
    (void)state;
    assert_true(script_run(&script, "show run"));
    assert_null(strchr(text_chars(&script.printed), '\x1b'));
    script.state.output.colour = true;
    script.state.output.columns = 100;
    assert_true(script_run(&script, "show run"));
    script.state.output.colour = false;
    script.state.output.columns = 0;
    assert_non_null(strchr(text_chars(&script.printed), '\x1b'));
    assert_non_null(strstr(text_chars(&script.printed), " s")); /* a person sees how long it took */
}

/* No line of a view is wider than the terminal. */
static void views_fit_the_terminal(void **state)
{
    (void)state;
    script.state.output.columns = 60;
    assert_true(script_run(&script, "show run\nshow runs\nshow relu\nshow split\nshow data\nshow M(8)"));
    script.state.output.columns = 0;
    const char *line = text_chars(&script.printed);
    while (*line) {
        size_t length = strcspn(line, "\n");
        if (text_columns((struct str){line, length}) > 60)
            fail_msg("wider than the terminal: %.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void growths_are_told_together(void **state)
{
    (void)state;
    EXPECT_VIEW("show grown", "how it grew", "round  1  epoch  2", "round  2  epoch  4", "widen at hidden", "because round == 2",
                "17 → 33 parameters", "rounds without a change", "round 20  epoch 40", "out 1");
    EXPECT_VIEW("show growths", "how they grew", "round", "trials", "accuracy", "parameters", "rewrites", "±", "▒", " 17 ", " 0\n",
                " 33 ", " 3\n", "12 of 20 rounds", "confidence", "the story of the median, seed ", "round  1  epoch  2",
                "3 trials\n", "parameters", "best", "33");
    EXPECT_VIEW("show few", "how they grew", "loss", " 2\n", "the story of the median");
}

/* Showing with memory that ends at any allocation: told, never a crash. */
static void memory_may_end_anywhere(void **state)
{
    (void)state;
    const char *const sources[] = {"show run",
                                   "show runs",
                                   "show growths",
                                   "show table1",
                                   "show data",
                                   "show relu",
                                   "print run, [run.history, M(2)]",
                                   "show ensemble(runs)",
                                   "print score(ensemble(runs, combine: vote), data.test), ensemble([line, line]).r2",
                                   "print run.f1, runs.confusion, runs.classes, line.rmse",
                                   "print score(run, data.train), score(runs, data.test)",
                                   "print predict_proba(run, data.test), predict(line, [[1], [2]]), predict_proba(run, [0, 1])"};
    for (size_t s = 0; s < sizeof sources / sizeof *sources; s++) {
        bool well = false;
        for (long n = 0; !well && n < 4000; n += n < 100 ? 1 : 37) {
            text_release(&script.printed);
            text_release(&script.told);
            mem_fail_after(n);
            well = state_evaluate(&script.state, "test.nel", str_of(sources[s]), &script.diags);
            mem_fail_after(-1);
            if (!well)
                assert_true(script.diags.errors > 0 || script.diags.overflowed);
            diags_release(&script.diags);
            script.diags = (struct diags){0};
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_tell_their_story),
        cmocka_unit_test(growths_are_told_together),
        cmocka_unit_test(divergence_is_told),
        cmocka_unit_test(molecules_and_elements),
        cmocka_unit_test(data_and_tables),
        cmocka_unit_test(pictures),
        cmocka_unit_test(plain_terminals_get_plain_text),
        cmocka_unit_test(colours_only_where_asked_for),
        cmocka_unit_test(views_fit_the_terminal),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, open_script, close_script);
}
