/* What a session does: texts, files, names, calls, trainings, predictions, runs in files, settings and sinks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "holds.h"

static nel_session *session;

static int open_session(void **state)
{
    (void)state;
    session = nel_open();
    return session == NULL;
}

static int close_session(void **state)
{
    (void)state;
    nel_close(session);
    return 0;
}

/* ---- evaluating ---- */

static void values_of_texts(void **state)
{
    (void)state;
    expect_number(nel_evaluate(session, "a", "let a = 20\na + 1"), 21);
    expect_print(nel_evaluate(session, "b", "let b = a"), "none");
    expect_print(nel_evaluate(session, "c", ""), "none");
    expect_number(nel_get(session, "b"), 20);
    expect_failure(nel_evaluate(session, "d", "1\n2"), NEL_ERROR, "this value is not used");
    expect_failure(nel_get(session, "nobody"), NEL_ERROR, "no name `nobody`");
}

static void errors(void **state)
{
    (void)state;
    nel_value *value = nel_evaluate(session, "bad.nel", "let unused = 1\nshow rellu(8)\nprint 1 +");
    assert_int_equal(nel_status_of(value), NEL_ERROR);
    assert_int_equal(nel_diagnostics(value), 2);
    const nel_diagnostic *first = nel_diagnostic_at(value, 0);
    assert_string_equal(first->file, "bad.nel");
    assert_int_equal(first->line, 2);
    assert_int_equal(first->column, 6);
    assert_int_equal(first->end_column, 11);
    assert_true(first->is_error);
    assert_string_equal(first->help, "did you mean `relu`?");
    assert_null(nel_diagnostic_at(value, 2));
    assert_string_equal(nel_print(value), nel_rendered(value));
    expect_failure(nel_member(value, "x"), NEL_ERROR, "rellu"); /* a failure goes through a chain of calls */
    expect_failure(nel_train(value, value, NULL), NEL_ERROR, "rellu");
    nel_release(value);
    expect_failure(nel_evaluate(session, "deep", "fn f(n) = f(n + 1)\nf(0)"), NEL_ERROR, " deep");
    expect_failure(nel_evaluate_file(session, "/no/such/file.nel"), NEL_ERROR, "/no/such/file.nel");
    expect_failure(nel_evaluate_file(session, "/"), NEL_ERROR, "folder");
}

static void warnings(void **state)
{
    (void)state;
    nel_value *run =
        fine(nel_evaluate(session, "w", "train relu(8) on sampled(fn(x) = x) { epochs: 50, optimizer: sgd(lr: 1e9) }"));
    assert_int_equal(nel_kind_of(run), NEL_RUN);
    assert_int_equal(nel_diagnostics(run), 1);
    assert_false(nel_diagnostic_at(run, 0)->is_error);
    assert_non_null(strstr(nel_rendered(run), "warning: the training diverged"));
    nel_release(run);
}

/* A program with another decimal sign gets the language's numbers, and its sinks see its own. */
static void see_locale(void *context, const char *text, size_t length)
{
    (void)text;
    (void)length;
    snprintf(context, 8, "%.1f", 0.5);
}

static void locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
        print_message("skipped: this machine has no locale with a decimal comma\n");
        skip();
    }
    char seen[8];
    nel_set_output(session, see_locale, seen);
    nel_value *value = nel_evaluate(session, "l", "print 0.5\n[0.5, 1e-9]");
    nel_set_output(session, NULL, NULL);
    bool well = strcmp(nel_print(value), "[0.5, 1e-9]") == 0 && strcmp(seen, "0,5") == 0;
    snprintf(seen, sizeof seen, "%.1f", 0.5);
    setlocale(LC_NUMERIC, "C");
    nel_release(value);
    assert_true(well);
    assert_string_equal(seen, "0,5");
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/nel-api-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    const char text[] = "param width = 4\nlet from_file = width\nfrom_file * 2\n";
    assert_int_equal(write(file, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(file);
    expect_number(nel_evaluate_file(session, path), 8);
    assert_int_equal(nel_set_param(session, "width", "7"), NEL_OK);
    assert_int_equal(nel_set_param(session, "width", "9"), NEL_OK);
    expect_number(nel_evaluate_file(session, path), 18);
    expect_number(nel_evaluate(session, "no params", "1 + 1"), 2);
    assert_int_equal(nel_set_param(session, "widht", "9"), NEL_OK);
    expect_failure(nel_evaluate_file(session, path), NEL_ERROR, "did you mean `--width`?");
    assert_int_equal(nel_set_param(session, "widht", NULL), NEL_OK);
    assert_int_equal(nel_set_param(session, "width", NULL), NEL_OK);
    assert_int_equal(nel_set_param(session, "width", NULL), NEL_OK);
    expect_number(nel_evaluate_file(session, path), 8);
    remove(path);
}

static void names(void **state)
{
    (void)state;
    nel_value *one = nel_number(session, 1), *two = nel_number(session, 2);
    done(nel_set(session, "given", one));
    expect_number(nel_evaluate(session, "n", "given + 1"), 2);
    done(nel_set(session, "given", two));
    expect_number(nel_evaluate(session, "n", "given + 1"), 3);
    expect_failure(nel_set(session, "let", one), NEL_ERROR, "not a name");
    expect_failure(nel_set(session, "a b", one), NEL_ERROR, "not a name");
    expect_failure(nel_set(session, "9", one), NEL_ERROR, "not a name");
    expect_failure(nel_set(session, "", one), NEL_ERROR, "not a name");
    nel_release(one);
    nel_release(two);
}

static void calls(void **state)
{
    (void)state;
    done(nel_evaluate(session, "f", "fn area(w, h = 2) = w * h"));
    nel_value *three = nel_number(session, 3), *five = nel_number(session, 5);
    const char *const keys[] = {"h"};
    nel_value *named = fine(nel_record(session, keys, &five, 1));
    expect_number(nel_call(session, "area", &three, 1, NULL), 6);
    expect_number(nel_call(session, "area", &three, 1, named), 15);
    expect_number(nel_call(session, "max", (nel_value *[]){three, five}, 2, NULL), 5);
    expect_failure(nel_call(session, "area", NULL, 0, NULL), NEL_ERROR, "`area` needs `w`");
    expect_failure(nel_call(session, "area", &three, 1, five), NEL_ERROR, "as a record");
    expect_failure(nel_call(session, "given", &three, 1, NULL), NEL_ERROR, "cannot be called");
    nel_value *square = fine(nel_evaluate(session, "l", "fn(x) = x * x"));
    expect_number(nel_apply(square, &five, 1, NULL), 25);
    size_t sources = session->state.sources.count;
    struct frame *frames = session->state.frames;
    for (int i = 0; i < 1000; i++)
        expect_number(nel_apply(square, &five, 1, NULL), 25);
    assert_int_equal(session->state.sources.count, sources); /* calls leave nothing behind */
    assert_ptr_equal(session->state.frames, frames);
    nel_release(square);
    nel_release(named);
    nel_release(three);
    nel_release(five);
}

/* ---- trainings ---- */

static const float corners[] = {0, 0, 0, 1, 1, 0, 1, 1};
static const int32_t differ[] = {0, 1, 1, 0};

static void trainings(void **state)
{
    (void)state;
    nel_value *data = fine(nel_data_classes(session, corners, 4, 2, differ, 2));
    nel_value *options = fine(nel_evaluate(session, "o", "{ epochs: 200, optimizer: adam(lr: 0.1), batch: full, seed: 3 }"));
    nel_value *dna = nel_text(session, "T4", 2);
    nel_value *run = fine(nel_train(dna, data, options));
    assert_int_equal(nel_kind_of(run), NEL_RUN);
    expect_number(nel_member(run, "accuracy"), 1);
    done(nel_set(session, "gate", data));
    nel_value *same =
        fine(nel_evaluate(session, "s", "train tanh(4) on gate { epochs: 200, optimizer: adam(lr: 0.1), batch: full, seed: 3 }"));
    nel_value *loss = fine(nel_member(run, "loss"));
    expect_number(nel_member(same, "loss"), nel_number_of(loss)); /* the same path as the language's */
    float mine[8], theirs[8];
    assert_int_equal(nel_outputs(run), 2);
    done(nel_predict(run, corners, 4, 2, mine, 8));
    done(nel_predict(same, corners, 4, 2, theirs, 8));
    assert_memory_equal(mine, theirs, sizeof mine);
    done(nel_set(session, "run", run));
    nel_value *said = fine(nel_evaluate(session, "p", "predict_proba(run, gate)"));
    double told[8];
    assert_int_equal(nel_numbers(said, told, 8), 8);
    for (int i = 0; i < 8; i++)
        assert_true((float)told[i] == mine[i]);
    expect_failure(nel_predict(run, corners, 4, 2, mine, 7), NEL_ERROR, "do not fit");
    expect_failure(nel_predict(run, corners, 2, 4, mine, 8), NEL_ERROR, "the model reads 2 features, a row has 4");
    expect_failure(nel_predict(run, (const float[]){NAN, 0}, 1, 2, mine, 8), NEL_ERROR, "`x1` has no value");
    expect_failure(nel_predict(data, corners, 4, 2, mine, 8), NEL_ERROR, "expected a run");
    expect_failure(nel_train(data, run, NULL), NEL_ERROR, "molecule");
    assert_int_equal(nel_outputs(data), 0);
    nel_value *all[] = {data, options, dna, run, same, loss, said};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        nel_release(all[i]);
    nel_value *wrong = nel_text(session, "T4-", 3), *moons = fine(nel_evaluate(session, "m", "moons(n: 20)"));
    expect_failure(nel_train(wrong, moons, NULL), NEL_ERROR, "error");
    nel_release(wrong);
    nel_release(moons);
}

static void many_rows(void **state)
{
    (void)state;
    nel_value *run =
        fine(nel_evaluate(session, "r", "train tanh(5) on (sampled(fn(x) = x * x, n: 50) |> normalize) { epochs: 5, trials: 2 }"));
    enum { ROWS = 2500 };
    static float x[ROWS], all[ROWS];
    for (int i = 0; i < ROWS; i++)
        x[i] = (float)i / ROWS;
    assert_int_equal(nel_outputs(run), 1);
    done(nel_predict(run, x, ROWS, 1, all, ROWS));
    for (int i = 0; i < ROWS; i += 499) { /* each row as if it were alone */
        float one;
        done(nel_predict(run, x + i, 1, 1, &one, 1));
        assert_true(fabsf(one - all[i]) <= 1e-6F);
    }
    done(nel_predict(run, NULL, 0, 1, NULL, 0));
    nel_release(run);
}

/* ---- runs in files ---- */

static void runs_in_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/nel-api-XXXXXX", path[64], broken[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/net.safetensors", folder);
    snprintf(broken, sizeof broken, "%s/half.safetensors", folder);
    nel_value *runs = fine(nel_evaluate(session, "m", "train tanh(4) on xor() { epochs: 30, trials: 2 }"));
    nel_value *run = fine(nel_member(runs, "best"));
    nel_cancel(session); /* what was reached can be saved */
    done(nel_save(run, path));
    nel_resume(session);

    nel_session *other = nel_open();
    nel_value *loaded = fine(nel_load(other, path));
    float here[8], there[8];
    done(nel_predict(run, corners, 4, 2, here, 8));
    done(nel_predict(loaded, corners, 4, 2, there, 8));
    assert_memory_equal(here, there, sizeof here);
    assert_int_equal(nel_kind_of(loaded), NEL_RUN);

    FILE *whole = fopen(path, "rb"), *half = fopen(broken, "wb");
    char bytes[1000];
    assert_int_equal(fread(bytes, 1, sizeof bytes, whole), sizeof bytes);
    assert_int_equal(fwrite(bytes, 1, sizeof bytes, half), sizeof bytes);
    fclose(whole);
    fclose(half);
    expect_failure(nel_load(other, broken), NEL_ERROR, "half.safetensors");
    expect_failure(nel_load(other, folder), NEL_ERROR, ".safetensors");
    expect_failure(nel_load(other, "/no/such/net.safetensors"), NEL_ERROR, "no such file");
    expect_failure(nel_save(loaded, "/no/such/net.safetensors"), NEL_ERROR, "cannot write");
    expect_failure(nel_save(loaded, "net.bin"), NEL_ERROR, ".safetensors");
    done(nel_save(runs, path));
    nel_value *several = fine(nel_load(other, path));
    done(nel_predict(several, corners, 4, 2, there, 8));
    assert_memory_equal(here, there, sizeof here);
    expect_failure(nel_save(NULL, path), NEL_MISUSE, "NULL");
    expect_failure(nel_save(run, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_load(NULL, path), NEL_MISUSE, "NULL");
    expect_failure(nel_load(session, NULL), NEL_MISUSE, "NULL");
    nel_value *number = nel_number(session, 1);
    expect_failure(nel_save(number, path), NEL_ERROR, "a run");
    nel_value *all[] = {number, loaded, run, runs, several};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        nel_release(all[i]);
    nel_close(other);
    remove(path);
    remove(broken);
    remove(folder);
}

/* ---- sinks and misuse ---- */

struct heard {
    char text[256];
    size_t length;
    int reports, finished;
    nel_value *inside; /* what a call from the sink gave */
};

static void hear(void *context, const char *text, size_t length)
{
    struct heard *heard = context;
    memcpy(heard->text + heard->length, text, length);
    heard->length += length;
    if (!heard->inside)
        heard->inside = nel_evaluate(session, "inside", "1");
    assert_int_equal(nel_set_seed(session, 1), NEL_MISUSE);
}

static void follow(void *context, const nel_progress *progress)
{
    struct heard *heard = context;
    assert_string_equal(progress->unit, "epoch");
    assert_int_equal(progress->total, 30);
    heard->reports++;
    heard->finished += progress->finished;
}

static void sinks(void **state)
{
    (void)state;
    struct heard heard = {0};
    done(nel_evaluate(session, "quiet", "print 1")); /* without a sink it goes nowhere */
    nel_set_output(session, hear, &heard);
    nel_set_progress(session, follow, &heard);
    done(nel_evaluate(session, "loud", "print \"a\", 2\nlet r = train relu(2) on xor() { epochs: 30 }\nprint r.epochs"));
    assert_string_equal(heard.text, "a 2\n30\n");
    assert_int_equal(heard.finished, 1);
    expect_failure(heard.inside, NEL_MISUSE, "its own session");
    nel_set_output(session, NULL, NULL);
    nel_set_progress(session, NULL, NULL);
}

static void style(void **state)
{
    (void)state;
    assert_int_equal(nel_set_style(session, true, true, 60), NEL_OK);
    nel_value *table = fine(nel_evaluate(session, "t", "sweep a in 1..2 { a }"));
    assert_non_null(strstr(nel_show(table), "─"));
    nel_value *bad = nel_evaluate(session, "b", "nobody");
    assert_non_null(strstr(nel_rendered(bad), "\033[1;31m"));
    nel_release(bad);
    nel_release(table);
    assert_int_equal(nel_set_style(session, false, false, 0), NEL_OK);
    assert_int_equal(nel_set_seed(session, (UINT64_C(1) << 53) + 1), NEL_MISUSE);
    assert_int_equal(nel_set_threads(session, 1025), NEL_MISUSE);
    assert_int_equal(nel_set_threads(session, 2), NEL_OK);
}

static void misuse(void **state)
{
    (void)state;
    nel_session *other = nel_open();
    nel_value *foreign = nel_number(other, 1);
    expect_failure(nel_list(session, &foreign, 1), NEL_MISUSE, "another");
    expect_failure(nel_set(session, "x", foreign), NEL_MISUSE, "another");
    nel_release(foreign);
    nel_close(other);
    nel_close(NULL);
    nel_cancel(NULL);
    nel_resume(NULL);
    expect_failure(nel_evaluate(NULL, "a", "1"), NEL_MISUSE, "NULL");
    expect_failure(nel_evaluate(session, "a", NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_evaluate_file(session, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_get(session, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_set(session, "a", NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_call(session, NULL, NULL, 0, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_call(session, "max", NULL, 1, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_apply(NULL, NULL, 0, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_train(NULL, NULL, NULL), NEL_MISUSE, "NULL");
    expect_failure(nel_predict(NULL, corners, 4, 2, NULL, 0), NEL_MISUSE, "NULL");
    expect_failure(nel_member(NULL, "a"), NEL_MISUSE, "NULL");
    expect_failure(nel_item(NULL, 0), NEL_MISUSE, "NULL");
    expect_failure(nel_cell(NULL, 0, 0), NEL_MISUSE, "NULL");
    expect_failure(nel_text(session, NULL, 1), NEL_MISUSE, "NULL");
    expect_failure(nel_list(session, NULL, 1), NEL_MISUSE, "NULL");
    expect_failure(nel_list_numbers(session, NULL, 1), NEL_MISUSE, "NULL");
    expect_failure(nel_record(session, NULL, NULL, 1), NEL_MISUSE, "NULL");
    expect_failure(nel_data_classes(session, NULL, 1, 1, NULL, 2), NEL_MISUSE, "NULL");
    expect_failure(nel_data_values(session, NULL, 1, 1, NULL, 0), NEL_MISUSE, "NULL");
    assert_int_equal(nel_kind_of(NULL), NEL_FAILURE);
    assert_int_equal(nel_status_of(NULL), NEL_MISUSE);
    assert_int_equal(nel_count(NULL) + nel_columns(NULL) + nel_numbers(NULL, NULL, 0) + nel_outputs(NULL) + nel_diagnostics(NULL),
                     0);
    assert_null(nel_key(NULL, 0));
    assert_string_equal(nel_print(NULL), "");
    assert_string_equal(nel_show(NULL), "");
    assert_int_equal(nel_set_output(NULL, NULL, NULL), NEL_MISUSE);
    assert_int_equal(nel_set_param(session, NULL, "1"), NEL_MISUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_texts), cmocka_unit_test(errors), cmocka_unit_test(warnings), cmocka_unit_test(locale),
        cmocka_unit_test(files),           cmocka_unit_test(names),  cmocka_unit_test(calls),    cmocka_unit_test(trainings),
        cmocka_unit_test(many_rows),       cmocka_unit_test(sinks),  cmocka_unit_test(style),    cmocka_unit_test(misuse),
        cmocka_unit_test(runs_in_files),
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
