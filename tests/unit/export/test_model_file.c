/* A training as bytes: what is written is read again, to the last bit, whatever its options; and each allocation on the way fails in
   turn. Files as a script sees them: tests/command/save.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "data/toys.h"
#include "engine/choices.h"
#include "engine/fixture.h"
#include "engine/plan.h"
#include "export/model_fields.h"
#include "export/model_file.h"
#include "export/model_report.h"
#include "export/model_story.h"

static struct elements elements;
static struct prepared *data;
static struct molecule *molecule;

static int setup(void **state)
{
    (void)state;
    struct diags diags = {0};
    elements = fixture_elements();
    struct gene sparse = gene_layer(fixture_element(&elements, "tanh"), 6, SPAN_NONE);
    sparse.traits.density = 0.5;
    const struct gene genes[] = {gene_layer(fixture_element(&elements, "prelu"), 5, SPAN_NONE), gene_of(GENE_BATCHNORM, SPAN_NONE),
                                 sparse};
    molecule = fixture_chain(genes, sizeof genes / sizeof *genes);
    struct dataset *dataset =
        toy_make(toy_find(STR("moons")), &(struct toy_args){.n = 60, .noise = 0.2, .seed = 1}, SPAN_NONE, &diags);
    struct split *split = dataset_split(dataset, 0.6, 0.2, 1, SPAN_NONE, &diags);
    data = prepare(split, 0, 0, SPAN_NONE, &diags);
    split_release(split);
    dataset_release(dataset);
    return data && molecule ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    prepared_release(data);
    molecule_release(molecule);
    elements_release(&elements);
    return 0;
}

/* ---- a training, there and back ---- */

static struct training *trained(struct train_options *options)
{
    static const uint32_t epochs[] = {0, 2, 9};
    static const struct train_watch watch = {.snapshots = epochs, .snapshot_count = 3};
    struct diags diags = {0};
    *options = train_options_default();
    options->epochs = 5;
    options->patience = 50;
    options->watch = &watch;
    struct training *training = train(molecule, data, options, NULL, &diags);
    assert_non_null(training);
    assert_true(training_report_all(training, data));
    options->watch = NULL;
    return training;
}

#define WORDS(text) (char *)(uintptr_t)(text)
static struct story_row story[] = {
    {.round = 1,
     .epoch = 2.5,
     .accuracy_before = 0.75,
     .accuracy_after = NAN,
     .loss_before = INFINITY,
     .loss_end = 0.1,
     .params_after = 1e9,
     .measured = WORDS("improvement 0.3 %"),
     .what = WORDS("fn(m) =\n  \"m\" → m"),
     .why = WORDS(""),
     .outcome = STORY_UNDONE,
     .difference = 1e-8},
    {.round = 2, .epoch = 5, .accuracy_end = NAN, .measured = WORDS(""), .what = WORDS("widen"), .why = WORDS("true")},
};

static struct kept kept_of(struct training *training, const struct train_options *options)
{
    return (struct kept){.training = training,
                         .options = *options,
                         .name = (char *)(uintptr_t) "Net \"one\"",
                         .data_name = (char *)(uintptr_t) "moons",
                         .data = {.hash = prepared_hash(data)},
                         .story = story,
                         .rounds = 2};
}

/* False where memory is exhausted: then it is told. */
static bool write_bytes(const struct kept *kept, struct text *bytes)
{
    struct diags diags = {0};
    const bool well = model_file_write(kept, bytes, SPAN_NONE, &diags);
    assert_int_equal(diags.errors, !well);
    assert_true(well || diags.out_of_memory);
    diags_release(&diags);
    return well;
}

/* What reading may fail for. */
enum allowed { NOTHING, NO_MEMORY, ANYTHING };

static bool read_bytes(const struct text *bytes, struct kept *kept, enum allowed allowed)
{
    struct model_file file = {0};
    struct diags diags = {0};
    *kept = (struct kept){0};
    const bool well =
        model_file_open(&file, text_str(bytes), "net", SPAN_NONE, &diags) && model_file_read(&file, &elements, NULL, kept, &diags);
    if (!well && (allowed == NOTHING || (allowed == NO_MEMORY && !diags.out_of_memory)))
        fail_msg("%s: %s", diags.at[0].message, diags.at[0].note);
    assert_int_equal(diags.errors > 0, !well);
    model_file_close(&file);
    diags_release(&diags);
    return well;
}

static void same_floats(const float *a, const float *b, size_t count)
{
    assert_int_equal(!a, !b);
    if (a)
        assert_memory_equal(a, b, count * sizeof *a);
}

static void same_report(const struct report *a, const struct report *b)
{
    assert_int_equal(!a, !b);
    if (!a)
        return;
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->classes, b->classes);
    assert_memory_equal(a->of_class, b->of_class, a->classes * sizeof *a->of_class);
    assert_int_equal(!a->confusion, !b->confusion);
    if (a->confusion)
        assert_memory_equal(a->confusion, b->confusion, (size_t)a->classes * a->classes * sizeof *a->confusion);
    assert_memory_equal(&a->accuracy, &b->accuracy, 6 * sizeof a->accuracy);
}

static void same_training(const struct training *a, const struct training *b)
{
    const struct plan *plan = a->model->plan;
    assert_true(molecule_equal(a->model->molecule, b->model->molecule));
    for (const struct figure_field *field = training_fields; field->name; field++)
        if (!field_equal(field, a, b))
            fail_msg("`%s` is another", field->name);
    same_floats(a->model->params, b->model->params, plan->param_count);
    same_floats(a->state.last, b->state.last, plan->param_count);
    same_floats(a->state.first, b->state.first, plan->trained_count);
    same_floats(a->state.second, b->state.second, plan->trained_count);
    assert_memory_equal(a->history, b->history, a->epochs * sizeof *a->history);
    assert_int_equal(a->snapshot_count, b->snapshot_count);
    for (uint32_t i = 0; i < a->snapshot_count; i++) {
        assert_int_equal(a->snapshots[i].epoch, b->snapshots[i].epoch);
        if (a->snapshots[i].epoch <= a->epochs)
            same_floats(a->snapshots[i].params, b->snapshots[i].params, plan->param_count);
    }
    assert_memory_equal(&a->train.loss, &b->train.loss, sizeof a->train.loss);
    assert_memory_equal(&a->test.accuracy, &b->test.accuracy, sizeof a->test.accuracy);
    for (enum sample_set set = SET_TRAIN; set < SET_COUNT; set++)
        same_report(a->reports[set], b->reports[set]);
}

static void test_there_and_back(void **state)
{
    (void)state;
    struct train_options options;
    struct training *training = trained(&options);
    const struct kept kept = kept_of(training, &options);
    struct text bytes = {0}, again = {0};
    struct kept read;
    assert_true(write_bytes(&kept, &bytes));
    assert_true(read_bytes(&bytes, &read, NOTHING));
    same_training(training, read.training);
    assert_null(options_difference(&options, &read.options));
    assert_int_equal(options.epochs, read.options.epochs);
    assert_int_equal(read.data.hash, kept.data.hash);
    assert_string_equal(read.name, kept.name);
    assert_string_equal(read.data_name, "moons");
    assert_int_equal(read.rounds, 2);
    assert_true(read.story[0].epoch == 2.5 && isnan(read.story[0].accuracy_after) && isinf(read.story[0].loss_before));
    assert_int_equal(read.story[0].outcome, STORY_UNDONE);
    assert_string_equal(read.story[0].what, story[0].what);
    assert_string_equal(read.story[1].why, "true");
    assert_true(write_bytes(&read, &again));
    assert_true(str_equal(text_str(&bytes), text_str(&again)));
    kept_release(&read);
    text_release(&bytes);
    text_release(&again);
    training_release(training);
}

/* What no number of JSON says: a training that diverged. */
static void test_diverged(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct train_options options = train_options_default();
    options.optimizer = OPTIMIZER_SGD;
    options.lr = 1e30;
    struct training *training = train(molecule, data, &options, NULL, &diags);
    assert_true(training && training->diverged);
    const struct kept kept = kept_of(training, &options);
    struct text bytes = {0};
    struct kept read;
    assert_true(write_bytes(&kept, &bytes));
    assert_true(read_bytes(&bytes, &read, NOTHING));
    same_training(training, read.training);
    kept_release(&read);
    text_release(&bytes);
    training_release(training);
    diags_release(&diags);
}

/* Neither direction leaks, crashes, or stays silent where memory ends. The parser of JSON has memory of its own. */
static void test_memory(void **state)
{
    (void)state;
    struct train_options options;
    struct training *training = trained(&options);
    const struct kept kept = kept_of(training, &options);
    struct text whole = {0};
    long writing = 0, reading = 0;
    for (bool well = false; !well; writing++) {
        text_release(&whole);
        mem_fail_after(writing);
        well = write_bytes(&kept, &whole);
        mem_fail_after(-1);
    }
    for (bool well = false; !well; reading++) {
        struct kept read;
        mem_fail_after(reading);
        well = read_bytes(&whole, &read, NO_MEMORY);
        mem_fail_after(-1);
        if (well)
            same_training(training, read.training);
        kept_release(&read);
    }
    assert_true(writing > 50 && reading > 100);
    text_release(&whole);
    training_release(training);
}

/* A file that is cut off anywhere is refused. */
static void test_cut_off(void **state)
{
    (void)state;
    struct train_options options;
    struct training *training = trained(&options);
    const struct kept kept = kept_of(training, &options);
    struct text bytes = {0};
    assert_true(write_bytes(&kept, &bytes));
    for (size_t length = 0; length < bytes.len; length += 1 + length / 50) {
        struct kept read;
        const struct text part = {.at = mem_copy_text(bytes.at, length), .len = length}; /* no byte more: a sanitizer looks on */
        assert_false(read_bytes(&part, &read, ANYTHING));
        mem_free(part.at);
    }
    text_release(&bytes);
    training_release(training);
}

/* ---- stories ---- */

/* What is no story is refused, at whichever round, and gives back what was read of it. */
static void test_stories(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } slips[] = {{"\"round\":2", "\"round\":-2"},
                 {"\"round\":2", "\"round\":1e12"},
                 {"\"epoch\":5", "\"epoch\":null"},
                 {"\"epoch\":5", "\"epoch\":\"inf\""},
                 {"\"epoch\":5", "\"epoch\":-1"},
                 {"\"outcome\":\"\"", "\"outcome\":\"won\""},
                 {"\"outcome\":\"\"", "\"outcome\":7"},
                 {"\"why\":\"true\"", "\"why\":true"},
                 {"\"what\":\"widen\"", "\"wha\":\"widen\""},
                 {"\"loss\":0", "\"los\":0"}};
    struct text text = {0};
    story_write(story, 2, &text);
    for (size_t i = 0; i <= sizeof slips / sizeof *slips; i++) {
        const bool whole = i == sizeof slips / sizeof *slips;
        const char *at = whole ? NULL : text_chars(&text), *next = at;
        while (next && (next = strstr(next, slips[i].from))) /* the last one */
            at = next++;
        assert_true(whole || strncmp(at, slips[i].from, strlen(slips[i].from)) == 0);
        struct text edited = {0};
        if (whole)
            text_add(&edited, text_chars(&text));
        else
            text_addf(&edited, "%.*s%s%s", (int)(at - text_chars(&text)), text_chars(&text), slips[i].to,
                      at + strlen(slips[i].from));
        const char *why;
        struct json *json = json_read(text_str(&edited), &why);
        struct story_row *rows;
        size_t rounds;
        bool memory;
        assert_non_null(json);
        assert_int_equal(story_read(json, &rows, &rounds, &memory), whole);
        assert_true(memory && rounds == (whole ? 2 : 0));
        story_release(rows, rounds);
        json_release(json);
        text_release(&edited);
    }
    text_release(&text);
}

/* ---- reports ---- */

static void expect_report(const char *json, uint32_t count, uint32_t classes, bool holds)
{
    const char *why;
    bool memory;
    struct json *read = json_read(str_of(json), &why);
    struct report *report = report_read(read, count, classes, &memory);
    assert_true(memory);
    if (!report == holds)
        fail_msg("%s %s", json, holds ? "is refused" : "is believed");
    report_release(report);
    json_release(read);
}

/* What a file says of its data must hang together: the counts are of as many samples as were scored. */
static void test_reports(void **state)
{
    (void)state;
    expect_report("{\"confusion\":[[3,1],[0,2]],\"auc\":[0.9,null]}", 6, 2, true);
    static const char *const wrong[] = {
        "{}",
        "{\"confusion\":[[3,1],[0,2]]}",
        "{\"confusion\":[[3,1],[0,3]],\"auc\":[0.9,0.9]}",
        "{\"confusion\":[[3,1],[0]],\"auc\":[0.9,0.9]}",
        "{\"confusion\":[[3,1],[0,2],[0,0]],\"auc\":[0.9,0.9]}",
        "{\"confusion\":[[3,1],[-1,3]],\"auc\":[0.9,0.9]}",
        "{\"confusion\":[[3,1.5],[0,1.5]],\"auc\":[0.9,0.9]}",
        "{\"confusion\":[[4294967295,4294967295],[4294967295,9]],\"auc\":[0.9,0.9]}",
        "{\"confusion\":[[3,1],[0,2]],\"auc\":[0.9,1.1]}",
        "{\"confusion\":[[3,1],[0,2]],\"auc\":[0.9]}",
        "{\"confusion\":[[3,1],[0,2]],\"auc\":[\"inf\",0.9]}",
        "{\"support\":[4,2],\"predicted\":[3,3],\"hits\":[3,2],\"auc\":[0.9,0.9]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_report(wrong[i], 6, 2, false);
}

/* More classes than a matrix has room for: each has its counts. */
static void test_many_classes(void **state)
{
    (void)state;
    enum { CLASSES = LIMIT_CONFUSION_CLASSES + 44 };
    static float outputs[CLASSES * CLASSES];
    static int32_t labels[CLASSES];
    for (int32_t i = 0; i < CLASSES; i++) {
        labels[i] = i;
        outputs[i * CLASSES + i * 7 / 8] = 1;
    }
    struct report *report = report_of_outputs(outputs, CLASSES, labels, CLASSES, CLASSES);
    struct text text = {0};
    const char *why;
    bool memory;
    assert_true(report && !report->confusion);
    report_write(report, &text);
    struct json *json = json_read(text_str(&text), &why);
    struct report *read = report_read(json, CLASSES, CLASSES, &memory);
    assert_non_null(read);
    assert_int_equal(read->of_class[7].support, 1);
    assert_float_equal(read->f1, report->f1, 0);
    assert_float_equal(read->auc, report->auc, 0);
    report_release(read);
    read = report_read(json, CLASSES - 1, CLASSES, &memory);
    assert_null(read);
    json_release(json);
    text_release(&text);
    report_release(report);
}

/* ---- options ---- */

static void expect_difference(const struct train_options *a, const struct train_options *b, const char *name)
{
    const char *found = options_difference(a, b);
    if (!found || strcmp(found, name) != 0)
        fail_msg("`%s` instead of `%s`", found ? found : "none", name);
}

/* Every choice of every family, and each of their parameters, goes through JSON and counts in comparisons. */
static void test_options(void **state)
{
    (void)state;
    const struct train_options plain = train_options_default();
    for (size_t f = 0; f < choice_family_count; f++)
        for (int kind = 0; choice_families[f].names[kind]; kind++) {
            struct train_options options = plain, read = train_options_default();
            struct text text = {0};
            const char *name = NULL, *why;
            assert_true(choice_set(&options, choice_families[f].name, str_of(choice_families[f].names[kind])));
            const bool formula = options.loss == LOSS_FORMULA;
            options_write(&options, &text);
            struct json *json = json_read(text_str(&text), &why);
            assert_true(options_read(json, &read, &name));
            assert_true(formula || !options_difference(&options, &read));
            if (options.optimizer != plain.optimizer || options.schedule.kind != plain.schedule.kind || options.loss != plain.loss)
                expect_difference(&plain, &options, choice_families[f].name);
            json_release(json);
            text_release(&text);
        }
    for (size_t i = 0; i < choice_field_count; i++) {
        struct train_options options = plain;
        const double value = choice_field_get(&plain, &choice_fields[i]);
        choice_field_put(&options, &choice_fields[i], value == 1 ? 0 : 1);
        expect_difference(&plain, &options, choice_fields[i].family);
    }
    struct train_options options = plain;
    options.seed = UINT64_MAX;
    expect_difference(&plain, &options, "seed");
    options = plain;
    options.epochs = 7;
    assert_null(options_difference(&plain, &options));
}

/* Losses that are formulas are equal by formula and parameters, whichever table they stand in. */
static void test_formulas(void **state)
{
    (void)state;
    struct loss cubed = {.hash = 3, .param_count = 1}, same = {.hash = 3, .param_count = 1}, other = {.hash = 4, .param_count = 1};
    struct train_options a = train_options_default(), b = a;
    a.loss = b.loss = LOSS_FORMULA;
    a.formula = &cubed;
    b.formula = &same;
    assert_null(options_difference(&a, &b));
    b.formula_params[0] = 1;
    expect_difference(&a, &b, "loss");
    b = a;
    b.formula = &other;
    expect_difference(&a, &b, "loss");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_diverged), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_cut_off),        cmocka_unit_test(test_options),  cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_stories),        cmocka_unit_test(test_reports),  cmocka_unit_test(test_many_classes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
