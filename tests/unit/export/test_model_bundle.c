/* Several files in one: what is written is read again; what does not hold together is refused with a word that says why; and each
   allocation on the way fails in turn. The members are any bytes here: nobody looks into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "export/model_bundle.h"
#include "support/memory.h"

/* How an ensemble does on two parts of data with two classes. */
static const struct scores test_scores = {.count = 6, .loss = NAN, .accuracy = 5.0 / 6},
                           train_scores = {.count = 2, .loss = NAN, .accuracy = 0.5};
static const struct recipe recipe = {.target = TARGET_CLASS, .outputs = 2};

static struct report *report_with(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    struct report *report = report_new(a + b + c + d, 2);
    if (!report)
        return NULL;
    const uint32_t counts[] = {a, b, c, d};
    memcpy(report->confusion, counts, sizeof counts);
    report->of_class[0] = (struct class_report){.support = a + b, .predicted = a + c, .hits = a, .auc = 0.75};
    report->of_class[1] = (struct class_report){.support = c + d, .predicted = b + d, .hits = d, .auc = NAN};
    report_conclude(report);
    return report;
}

static const double weights[] = {0.5, 0.125, 0.375};
static const struct str members[] = {{"first", 5}, {"", 0}, {"the third", 9}};

static bool write_bytes(enum bundle_kind kind, struct text *bytes)
{
    struct diags diags = {0};
    struct bundle bundle = {.kind = kind, .members = members, .count = 3, .wanted = 4};
    const bool ensemble = kind == BUNDLE_AVERAGE || kind == BUNDLE_VOTE;
    if (ensemble) {
        bundle.weights = weights;
        bundle.scores[SET_TEST] = &test_scores;
        bundle.scores[SET_TRAIN] = &train_scores;
        bundle.reports[SET_TEST] = report_with(3, 1, 0, 2);
        bundle.reports[SET_TRAIN] = report_with(1, 1, 0, 0);
    }
    const bool made = !ensemble || (bundle.reports[SET_TEST] && bundle.reports[SET_TRAIN]) || diag_out_of_memory(&diags, SPAN_NONE);
    const bool well = made && bundle_write(&bundle, bytes, SPAN_NONE, &diags);
    report_release(bundle.reports[SET_TEST]);
    report_release(bundle.reports[SET_TRAIN]);
    assert_true(well || diags.errors > 0 || diags.overflowed);
    bundle_close(&bundle);
    diags_release(&diags);
    return well;
}

/* Whether the figures of an ensemble were read; what was is as it was written. */
static bool check_judged(const struct bundle *bundle, struct diags *diags)
{
    struct scores *scores[SET_COUNT] = {0};
    struct report *reports[SET_COUNT] = {0};
    const bool well = bundle_judged(bundle, &recipe, "b", scores, reports, SPAN_NONE, diags);
    if (well) {
        assert_null(scores[SET_VALIDATION]);
        assert_int_equal(scores[SET_TEST]->count, 6);
        assert_true(scores[SET_TEST]->accuracy == test_scores.accuracy && isnan(scores[SET_TEST]->loss));
        assert_int_equal(reports[SET_TEST]->confusion[1], 1);
        assert_int_equal(reports[SET_TRAIN]->of_class[0].hits, 1);
        assert_true(reports[SET_TEST]->of_class[0].auc == 0.75);
    }
    for (int set = 0; set < SET_COUNT; set++) {
        mem_free(scores[set]);
        report_release(reports[set]);
    }
    return well;
}

static void check_read(const struct text *bytes, enum bundle_kind kind, bool memory)
{
    struct diags diags = {0};
    struct bundle bundle = {0};
    const bool ensemble = kind == BUNDLE_AVERAGE || kind == BUNDLE_VOTE;
    const bool read = bundle_read(&bundle, text_str(bytes), "b", SPAN_NONE, &diags);
    const bool well = read && (!ensemble || check_judged(&bundle, &diags));
    mem_fail_after(-1);
    assert_true(well ? diags.errors == 0 : !memory && (diags.errors > 0 || diags.overflowed));
    if (well) {
        assert_int_equal(bundle.kind, kind);
        assert_int_equal(bundle.count, 3);
        for (size_t i = 0; i < 3; i++)
            assert_true(str_equal(bundle.members[i], members[i]));
        if (kind == BUNDLE_AVERAGE || kind == BUNDLE_VOTE)
            assert_memory_equal(bundle.weights, weights, sizeof weights);
        else
            assert_int_equal(bundle.wanted, 4);
    }
    bundle_close(&bundle);
    diags_release(&diags);
}

static void test_there_and_back(void **state)
{
    (void)state;
    for (enum bundle_kind kind = 0; kind < BUNDLE_KINDS; kind++) {
        struct text bytes = {0};
        assert_true(write_bytes(kind, &bytes));
        check_read(&bytes, kind, true);
        text_release(&bytes);
    }
}

static void test_memory(void **state)
{
    (void)state;
    struct text bytes = {0};
    long count = 0;
    for (bool well = false; !well; count++) {
        text_release(&bytes);
        mem_fail_after(count);
        well = write_bytes(BUNDLE_VOTE, &bytes);
        mem_fail_after(-1);
    }
    assert_true(count > 10);
    for (long i = 0; i < 80; i++) {
        mem_fail_after(i);
        check_read(&bytes, BUNDLE_VOTE, false);
    }
    text_release(&bytes);
}

/* ---- what does not hold together ---- */

struct edit {
    const char *key, *text; /* of the metadata; text NULL: there is none */
    const double *weights;
    size_t weight_count;
    const char *names[3];
    enum tensor_type type;
    const char *scores, *reports;
    const char *why;
};

#define SCORES  "{\"test\":{\"count\":6,\"loss\":null,\"accuracy\":0.5,\"r2\":null,\"mse\":null,\"mae\":null,\"rmse\":null}}"
#define MEMBERS .names = {"member.0", "member.1", NULL}, .type = TENSOR_U8

static void check_refused(const struct edit *edit)
{
    struct tensors tensors = {0};
    struct text bytes = {0};
    struct diags diags = {0};
    struct bundle bundle = {0};
    static const uint32_t data[] = {1};
    const char *const notes[][2] = {{"nel", "1"}, {"together", edit->weights ? "vote" : "trials"}, {"wanted", "2"}};
    for (size_t i = 0; i < 3; i++) {
        const char *text = edit->key && strcmp(edit->key, notes[i][0]) == 0 ? edit->text : notes[i][1];
        if (text)
            tensors_note(&tensors, notes[i][0], str_of(text));
    }
    for (size_t i = 0; i < 3 && edit->names[i]; i++)
        tensors_add(&tensors, edit->names[i], edit->type, 0, 1, data);
    if (edit->weights)
        tensors_add(&tensors, "weights", TENSOR_F64, 0, edit->weight_count, edit->weights);
    if (edit->scores)
        tensors_note(&tensors, "scores", str_of(edit->scores));
    if (edit->reports)
        tensors_note(&tensors, "reports", str_of(edit->reports));
    assert_true(tensors_write(&tensors, &bytes, SPAN_NONE, &diags));
    struct scores *scores[SET_COUNT] = {0};
    struct report *reports[SET_COUNT] = {0};
    const bool well = bundle_read(&bundle, text_str(&bytes), "b", SPAN_NONE, &diags) &&
                      bundle_judged(&bundle, &recipe, "b", scores, reports, SPAN_NONE, &diags);
    assert_int_equal(well, !edit->why);
    for (int set = 0; set < SET_COUNT; set++) {
        mem_free(scores[set]);
        report_release(reports[set]);
    }
    if (edit->why) {
        const struct diag *diag = &diags.at[0];
        assert_non_null(strstr(diag->note ? diag->note : diag->message, edit->why));
    }
    bundle_close(&bundle);
    tensors_release(&tensors);
    text_release(&bytes);
    diags_release(&diags);
}

static void test_refused(void **state)
{
    (void)state;
    static const double well[] = {0.25, 0.75}, more[] = {0.5, 0.75}, below[] = {-1, 2}, none[] = {NAN, 1};
    const struct edit edits[] = {
        {MEMBERS},
        {MEMBERS, .weights = well, .weight_count = 2},
        {MEMBERS, .weights = more, .weight_count = 2, .why = "do not sum to 1"},
        {MEMBERS, .weights = below, .weight_count = 2, .why = "from 0 to 1"},
        {MEMBERS, .weights = none, .weight_count = 2, .why = "from 0 to 1"},
        {MEMBERS, .weights = well, .weight_count = 1, .why = "a number for each member"},
        {MEMBERS, .key = "together", .text = "circus", .why = "not known"},
        {MEMBERS, .key = "nel", .text = "2", .why = "newer NEL"},
        {MEMBERS, .key = "nel", .text = NULL, .why = "not written by NEL"},
        {MEMBERS, .key = "wanted", .text = NULL, .why = "wanted"},
        {MEMBERS, .key = "wanted", .text = "-3", .why = "wanted"},
        {MEMBERS, .key = "wanted", .text = "1", .why = "more runs than"},
        {MEMBERS, .scores = SCORES, .reports = "{\"test\":{\"confusion\":[[3,1],[0,2]],\"auc\":[0.9,null]}}"},
        {MEMBERS, .scores = SCORES, .reports = "{\"test\":{\"confusion\":[[3,1],[0,3]],\"auc\":[0.9,null]}}", .why = "`reports`"},
        {MEMBERS, .scores = SCORES, .why = "not of one kind"},
        {MEMBERS, .scores = "{\"test\":{\"count\":6}}", .why = "`scores`"},
        {MEMBERS, .scores = "{\"test\":7}", .why = "`scores`"},
        {MEMBERS, .scores = "{\"test\":", .why = "not JSON"},
        {MEMBERS, .scores = "{}", .reports = "{\"test\":{}}", .why = "no `scores` of"},
        {.names = {"member.0", "member.2"}, .type = TENSOR_U8, .why = "`member.0`, `member.1`"},
        {.names = {"member.0", "other"}, .type = TENSOR_U8, .why = "`member.0`, `member.1`"},
        {.names = {"member.0"}, .type = TENSOR_F32, .why = "of bytes"},
        {.names = {NULL}, .why = "no members"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        check_refused(&edits[i]);
}

/* A file of one network is none of several, and is left to who reads these. */
static void test_alone(void **state)
{
    (void)state;
    struct tensors tensors = {0};
    struct text bytes = {0};
    struct diags diags = {0};
    struct bundle bundle = {0};
    tensors_note(&tensors, "nel", STR("1"));
    assert_true(tensors_write(&tensors, &bytes, SPAN_NONE, &diags));
    assert_true(bundle_read(&bundle, text_str(&bytes), "b", SPAN_NONE, &diags));
    assert_int_equal(bundle.count, 0);
    bundle_close(&bundle);
    tensors_release(&tensors);
    text_release(&bytes);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
