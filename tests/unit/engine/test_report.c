/* Figures of predictions: those that scikit-learn finds (scikit_learn.json, made by scikit_learn.py), and what holds of all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cJSON.h>

#include "engine/plan.h"
#include "engine/report.h"
#include "fixture.h"
#include "support/file.h"
#include "support/limits.h"

#define TOLERANCE 1e-6 /* relative, or absolute below 1 */

static const cJSON *part(const cJSON *object, const char *key)
{
    const cJSON *found = cJSON_GetObjectItem(object, key);
    assert_non_null(found);
    return found;
}

static double number_of(const cJSON *item)
{
    return cJSON_IsNull(item) ? NAN : cJSON_GetNumberValue(item);
}

static float *floats_of(const cJSON *list)
{
    float *floats = mem_floats((size_t)cJSON_GetArraySize(list) + 1);
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) floats[count++] = (float)cJSON_GetNumberValue(item);
    return floats;
}

static int32_t *labels_of(const cJSON *list, uint32_t *count)
{
    int32_t *labels = mem_array((size_t)cJSON_GetArraySize(list) + 1, sizeof *labels);
    const cJSON *item;
    *count = 0;
    cJSON_ArrayForEach(item, list) labels[(*count)++] = item->valueint;
    return labels;
}

static void expect(const cJSON *wanted, const char *what, double found, double target)
{
    if (isnan(target) ? !isnan(found) : !(fabs(found - target) <= TOLERANCE * fmax(1, fabs(target))))
        fail_msg("%s: %s is %.9g, scikit-learn's %.9g", part(wanted, "name")->valuestring, what, found, target);
}

static void expect_named(const cJSON *wanted, const char *what, double found)
{
    expect(wanted, what, found, number_of(part(wanted, what)));
}

static void repeat_classes(const cJSON *wanted)
{
    uint32_t count;
    const uint32_t width = (uint32_t)part(wanted, "width")->valueint, classes = (uint32_t)part(wanted, "classes")->valueint;
    float *outputs = floats_of(part(wanted, "outputs"));
    int32_t *labels = labels_of(part(wanted, "labels"), &count);
    struct report *report = report_of_outputs(outputs, width, labels, count, classes);
    assert_non_null(report);
    expect_named(wanted, "accuracy", report->accuracy);
    expect_named(wanted, "balanced_accuracy", report->balanced_accuracy);
    expect_named(wanted, "precision", report->precision);
    expect_named(wanted, "recall", report->recall);
    expect_named(wanted, "f1", report->f1);
    expect_named(wanted, "auc", report->auc);
    for (uint32_t c = 0; c < classes; c++) {
        const struct class_report *class = &report->of_class[c];
        const int at = (int)c;
        expect(wanted, "a class's precision", class->precision, number_of(cJSON_GetArrayItem(part(wanted, "class_precision"), at)));
        expect(wanted, "a class's recall", class->recall, number_of(cJSON_GetArrayItem(part(wanted, "class_recall"), at)));
        expect(wanted, "a class's F1", class->f1, number_of(cJSON_GetArrayItem(part(wanted, "class_f1"), at)));
        expect(wanted, "a class's AUC", class->auc, number_of(cJSON_GetArrayItem(part(wanted, "class_auc"), at)));
        assert_int_equal(class->support, cJSON_GetArrayItem(part(wanted, "support"), at)->valueint);
    }
    const cJSON *cell = part(wanted, "confusion")->child;
    for (uint32_t i = 0; i < classes * classes; i++, cell = cell->next)
        assert_int_equal(report->confusion[i], cell->valueint);
    report_release(report);
    mem_free(labels);
    mem_free_floats(outputs);
}

/* A network that gives back its inputs: they stand for predictions. */
static struct model *identity_model(uint32_t width)
{
    struct diags diags = {0};
    const struct gene out = fixture_out(width, HEAD_LINEAR);
    struct molecule *molecule = fixture_chain(&out, 1);
    struct model *model = model_create(molecule, width, NULL, 0, &diags);
    assert_non_null(model);
    const struct plan_op *op = plan_output(model->plan);
    memset(model->params, 0, model->plan->param_count * sizeof *model->params);
    for (uint32_t i = 0; i < width; i++)
        model->params[op->weights + (size_t)i * width + i] = 1;
    molecule_release(molecule);
    return model;
}

static void repeat_values(const cJSON *wanted)
{
    const uint32_t outputs = (uint32_t)part(wanted, "outputs")->valueint;
    const struct train_options options = train_options_default();
    struct samples samples = {.width = outputs, .outputs = outputs};
    struct scores scores;
    samples.x = floats_of(part(wanted, "predictions"));
    samples.y = floats_of(part(wanted, "targets"));
    samples.count = (uint32_t)cJSON_GetArraySize(part(wanted, "targets")) / outputs;
    struct model *model = identity_model(outputs);
    assert_true(model_score(model, &samples, &options, NULL, &scores));
    expect_named(wanted, "r2", scores.r2);
    expect_named(wanted, "mse", scores.mse);
    expect_named(wanted, "mae", scores.mae);
    expect_named(wanted, "rmse", scores.rmse);
    assert_true(isnan(scores.accuracy) && scores.count == samples.count);
    model_release(model);
    mem_free_floats(samples.x);
    mem_free_floats(samples.y);
}

static void test_beside_sklearn(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct text file = {0};
    assert_true(file_read(NEL_SOURCE "/tests/unit/engine/scikit_learn.json", (size_t)1 << 24, &file, &diags, SPAN_NONE));
    cJSON *json = cJSON_Parse(text_chars(&file));
    assert_non_null(json);
    int cases = 0;
    const cJSON *wanted;
    cJSON_ArrayForEach(wanted, part(json, "classes"))
    {
        repeat_classes(wanted);
        cases++;
    }
    cJSON_ArrayForEach(wanted, part(json, "values"))
    {
        repeat_values(wanted);
        cases++;
    }
    assert_int_equal(cases, 27);
    cJSON_Delete(json);
    text_release(&file);
}

/* ---- properties, on random outputs ---- */

enum { MOST = 400, MOST_CLASSES = 7 };

struct draw {
    uint32_t count, classes, width;
    float outputs[MOST * MOST_CLASSES];
    int32_t labels[MOST];
};

/* Outputs of few levels where `coarse`, so that there are many ties. */
static void draw_case(struct random *random, struct draw *draw)
{
    const bool coarse = random_below(random, 2);
    draw->count = 1 + random_below(random, MOST);
    draw->classes = 2 + random_below(random, MOST_CLASSES - 1);
    draw->width = draw->classes == 2 && random_below(random, 2) ? 1 : draw->classes;
    for (uint32_t i = 0; i < draw->count; i++) {
        draw->labels[i] = (int32_t)random_below(random, draw->classes);
        for (uint32_t k = 0; k < draw->width; k++)
            draw->outputs[i * draw->width + k] =
                coarse ? (float)random_below(random, 5) / 4 : (float)random_below(random, 1 << 20) / (1 << 20);
    }
}

static struct report *report_draw(const struct draw *draw)
{
    struct report *report = report_of_outputs(draw->outputs, draw->width, draw->labels, draw->count, draw->classes);
    assert_non_null(report);
    return report;
}

/* Every pair looked at. */
static double area_by_pairs(const struct draw *draw, uint32_t column, int32_t class)
{
    double won = 0, pairs = 0;
    for (uint32_t i = 0; i < draw->count; i++)
        for (uint32_t k = 0; k < draw->count; k++)
            if (draw->labels[i] == class && draw->labels[k] != class) {
                const float a = draw->outputs[i * draw->width + column], b = draw->outputs[k * draw->width + column];
                won += a > b ? 1 : a == b ? 0.5 : 0;
                pairs++;
            }
    return pairs > 0 ? won / pairs : NAN;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void check_sums(const struct draw *draw, const struct report *report)
{
    uint32_t all = 0, right = 0;
    for (uint32_t c = 0; c < draw->classes; c++) {
        const struct class_report *class = &report->of_class[c];
        uint32_t row = 0, column = 0;
        for (uint32_t k = 0; k < draw->classes; k++) {
            row += report->confusion[c * draw->classes + k];
            column += report->confusion[k * draw->classes + c];
        }
        assert_int_equal(row, class->support);
        assert_int_equal(column, class->predicted);
        assert_int_equal(class->hits, report->confusion[c * draw->classes + c]);
        all += row;
        right += class->hits;
        const double f1 = 2 * class->precision * class->recall / (class->precision + class->recall);
        assert_true(isnan(f1) ? class->hits == 0 : fabs(f1 - class->f1) < 1e-12);
    }
    assert_int_equal(all, draw->count);
    assert_true(report->accuracy == (double)right / draw->count);
}

static void check_areas(const struct draw *draw, const struct report *report)
{
    for (uint32_t c = 0; c < draw->classes; c++) {
        const uint32_t column = draw->classes == 2 ? draw->width - 1 : c;
        const double area = area_by_pairs(draw, column, draw->classes == 2 ? 1 : (int32_t)c);
        assert_true(isnan(area) ? isnan(report->of_class[c].auc) : fabs(area - report->of_class[c].auc) < 1e-12);
    }
}

/* Outputs turned round: each pair that was won is lost. */
static void check_reversed(struct draw *draw, const struct report *report)
{
    for (uint32_t i = 0; i < draw->count * draw->width; i++)
        draw->outputs[i] = -draw->outputs[i];
    struct report *reversed = report_draw(draw);
    for (uint32_t c = 0; c < draw->classes; c++) {
        const double sum = report->of_class[c].auc + reversed->of_class[c].auc;
        assert_true(isnan(sum) || fabs(sum - 1) < 1e-12);
    }
    report_release(reversed);
    for (uint32_t i = 0; i < draw->count * draw->width; i++)
        draw->outputs[i] = -draw->outputs[i];
}

/* The order of the samples changes nothing, to the last bit. */
static void check_permuted(struct random *random, const struct draw *draw, const struct report *report)
{
    static struct draw other;
    uint32_t order[MOST];
    for (uint32_t i = 0; i < draw->count; i++)
        order[i] = i;
    random_shuffle(random, order, draw->count);
    other = *draw;
    for (uint32_t i = 0; i < draw->count; i++) {
        other.labels[i] = draw->labels[order[i]];
        memcpy(other.outputs + (size_t)i * draw->width, draw->outputs + (size_t)order[i] * draw->width,
               draw->width * sizeof *draw->outputs);
    }
    struct report *permuted = report_draw(&other);
    assert_true(same(permuted->accuracy, report->accuracy) && same(permuted->precision, report->precision));
    assert_true(same(permuted->recall, report->recall) && same(permuted->f1, report->f1) && same(permuted->auc, report->auc));
    assert_true(same(permuted->balanced_accuracy, report->balanced_accuracy));
    assert_memory_equal(permuted->confusion, report->confusion, (size_t)draw->classes * draw->classes * sizeof *report->confusion);
    report_release(permuted);
}

static void test_properties(void **state)
{
    (void)state;
    static struct draw draw;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct random random = random_stream(seed, RANDOM_TEST, 0);
        draw_case(&random, &draw);
        struct report *report = report_draw(&draw);
        check_sums(&draw, report);
        check_areas(&draw, report);
        check_reversed(&draw, report);
        check_permuted(&random, &draw, report);
        report_release(report);
    }
}

/* What is no number has no rank; the answers are those that the engine counts as hits. */
static void test_not_a_number(void **state)
{
    (void)state;
    const float outputs[] = {0.1F, 0.9F, NAN, NAN, 0.8F, 0.2F};
    const int32_t labels[] = {1, 0, 1};
    struct report *report = report_of_outputs(outputs, 2, labels, 3, 2);
    assert_non_null(report);
    assert_true(isnan(report->auc) && report->accuracy == 2 / 3.0);
    assert_int_equal(report->of_class[0].support + report->of_class[1].support, 3);
    report_release(report);
}

static void test_no_samples(void **state)
{
    (void)state;
    struct report *report = report_of_outputs(NULL, 3, NULL, 0, 3);
    assert_non_null(report);
    assert_true(isnan(report->accuracy) && isnan(report->f1) && isnan(report->auc) && isnan(report->balanced_accuracy));
    report_release(report);
}

/* Past the limit there is no matrix, and all else. */
static void test_many_classes(void **state)
{
    (void)state;
    enum { CLASSES = LIMIT_CONFUSION_CLASSES + 1 };
    float *outputs = mem_floats((size_t)CLASSES * CLASSES);
    int32_t labels[CLASSES];
    for (int c = 0; c < CLASSES; c++) {
        labels[c] = c;
        outputs[c * CLASSES + c] = 1;
    }
    struct report *report = report_of_outputs(outputs, CLASSES, labels, CLASSES, CLASSES);
    assert_non_null(report);
    assert_null(report->confusion);
    assert_true(report->accuracy == 1 && report->f1 == 1 && report->auc == 1);
    report_release(report);
    mem_free_floats(outputs);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct model *model = identity_model(3);
    float x[] = {1, 2, 3, 3, 2, 1};
    int32_t labels[] = {2, 1};
    const struct samples samples = {.count = 2, .width = 3, .outputs = 3, .x = x, .labels = labels};
    struct report *report = NULL;
    long refused = -1;
    while (!report) {
        mem_fail_after(++refused);
        report = report_of(model, &samples);
        mem_fail_after(-1);
    }
    assert_in_range(refused, 5, 30);
    assert_true(report->accuracy == 0.5);
    report_release(report);
    model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beside_sklearn), cmocka_unit_test(test_properties),   cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_no_samples),     cmocka_unit_test(test_many_classes), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
