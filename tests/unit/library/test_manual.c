/* The manual: every public name has its text, every text speaks of names that there are, and what is asked for is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "library/builtins.h"
#include "library/manual.h"
#include "script.h"
#include "study/learn.h"
#include "study/policy.h"
#include "support/memory.h"
#include "syntax/parse.h"

static struct script script;
static struct manual manual;

static int open_manual(void **state)
{
    (void)state;
    script_open(&script);
    assert_true(manual_gather(&script.state, &manual));
    return 0;
}

static int close_manual(void **state)
{
    (void)state;
    manual_release(&manual);
    script_close(&script);
    return 0;
}

static bool says_something(struct str doc)
{
    return manual_prose(doc).len > 0;
}

static void nothing_is_without_its_text(void **state)
{
    (void)state;
    assert_true(manual.count > 200);
    for (size_t i = 0; i < manual.count; i++) {
        const struct manual_entry *entry = &manual.entries[i];
        if (!says_something(entry->doc))
            fail_msg("`%.*s` has no text", STR_ARG(entry->name));
        for (size_t k = 0; k < entry->row_count; k++)
            if (!says_something(entry->rows[k].doc))
                fail_msg("`%.*s` of `%.*s` has no text", STR_ARG(entry->rows[k].name), STR_ARG(entry->name));
    }
}

static bool known(struct str name)
{
    if (manual_find(&manual, name, NULL))
        return true;
    for (size_t i = 0; i < manual.count; i++)
        if (manual_row_find(&manual.entries[i], name))
            return true;
    return false;
}

static void every_name_has_an_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < script.state.builtins->count; i++) {
        struct str name = script.state.builtins->bindings[i].name;
        if (!known(name))
            fail_msg("`%.*s` is built in and not in the manual", STR_ARG(name));
    }
    const char *const *const lists[] = {parse_hard_words, parse_soft_words, growth_names};
    for (int list = 0; list < 3; list++)
        for (const char *const *word = lists[list]; *word; word++)
            if (!known(str_of(*word)))
                fail_msg("`%s` is a word and not in the manual", *word);
}

/* A text that speaks of an option, signal or word that is no more. */
static void no_text_is_left_over(void **state)
{
    (void)state;
    const struct {
        const struct doc_row *docs;
        const char *signature;
    } options[] = {{train_docs, TRAIN_SIGNATURE}, {grow_docs, GROW_SIGNATURE}, {evolve_docs, EVOLVE_SIGNATURE}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct signature signature;
        assert_true(signature_read(&signature, options[i].signature));
        for (const struct doc_row *row = options[i].docs; row->name; row++) {
            bool found = false;
            for (size_t k = 0; k < signature.count; k++)
                found = found || str_is(signature.parameters[k].name, row->name);
            if (!found)
                fail_msg("there is no option `%s`", row->name);
        }
        signature_release(&signature);
    }
    for (const struct doc_row *row = signal_docs; row->name; row++) {
        size_t i = 0;
        while (growth_names[i] && strcmp(growth_names[i], row->name) != 0)
            i++;
        if (!growth_names[i])
            fail_msg("there is no signal `%s`", row->name);
    }
}

static void see_names_what_there_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < manual.count; i++) {
        struct str names;
        for (size_t at = 0; manual_labelled(manual.entries[i].doc, "See", &at, &names);)
            for (size_t from = 0; from < names.len;) {
                size_t len = 0;
                while (from + len < names.len && names.at[from + len] != ',')
                    len++;
                struct str name = {names.at + from, len};
                if (!known(name))
                    fail_msg("`%.*s` speaks of `%.*s`", STR_ARG(manual.entries[i].name), STR_ARG(name));
                from += len + 2;
            }
    }
}

/* What `nel doc` says of a name, or which it thinks was meant. */
static void expect_doc(const char *name, const char *words)
{
    struct text out = {0}, help = {0};
    state_doc(&script.state, str_of(name), &out, &help);
    text_add_str(&out, text_str(&help));
    if (!strstr(text_chars(&out), words))
        fail_msg("nel doc %s: %s", name, text_chars(&out));
    text_release(&out);
    text_release(&help);
}

static void names_are_found(void **state)
{
    (void)state;
    expect_doc("relu", "derivative  if x > 0 { 1 } else { 0 }");
    expect_doc("train", "epochs: whole = 100");
    expect_doc("as", "tap");
    expect_doc("epochs", "As an option of `train`:");
    expect_doc("run.accuracy", "Share of right answers");
    expect_doc("busiest", "As a signal of `growth`:");
    expect_doc("mlp", "Needs `use molecules`");
    expect_doc("reluu", "did you mean `relu`?");
    expect_doc("qqqqqqqq", "`nel doc` lists all entries");
    expect_doc("", "`nel doc` lists all entries");
    expect_doc("run.", "did you mean `run`?");
    expect_doc("lr", "\n  adam ");
    expect_doc("Early-Stopping", "\n  train.stop ");
    expect_doc("cross validation", "\n  train.folds ");
    expect_doc("lr_", "did you mean `lr_scale`?");
    assert_true(script_run(&script, "fn mine(x) = x ## Gives it back."));
    expect_doc("mine", "fn mine(x) = x\nGives it back.");
}

static void contents_fit_a_terminal(void **state)
{
    (void)state;
    struct text out = {0};
    assert_true(state_doc_contents(&script.state, &out));
    char *rest = out.at;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (text_columns(str_of(line)) > 80)
            fail_msg("too long: %s", line);
    text_release(&out);
}

/* Each allocation of a look-up fails in turn. */
static void memory_runs_out(void **state)
{
    (void)state;
    for (long i = 0; i < 2000; i += 7) {
        struct text out = {0}, help = {0};
        mem_fail_after(i);
        state_doc(&script.state, STR("train"), &out, &help);
        mem_fail_after(-1);
        text_release(&out);
        text_release(&help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_without_its_text),
        cmocka_unit_test(every_name_has_an_entry),
        cmocka_unit_test(no_text_is_left_over),
        cmocka_unit_test(see_names_what_there_is),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(contents_fit_a_terminal),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, open_manual, close_manual);
}
