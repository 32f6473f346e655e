#include "engine/report.h"

#include <stdlib.h>

#include "support/limits.h"
#include "support/memory.h"

void report_release(struct report *report)
{
    if (!report)
        return;
    mem_free(report->of_class);
    mem_free(report->confusion);
    mem_free(report);
}

struct report *report_new(uint32_t count, uint32_t classes)
{
    const bool small = classes <= LIMIT_CONFUSION_CLASSES;
    struct report *report = mem_alloc(sizeof *report);
    if (!report)
        return NULL;
    *report = (struct report){.count = count, .classes = classes};
    report->of_class = mem_array(classes + (size_t)1, sizeof *report->of_class);
    report->confusion = small ? mem_array((size_t)classes * classes + 1, sizeof *report->confusion) : NULL;
    if (report->of_class && (report->confusion || !small))
        return report;
    report_release(report);
    return NULL;
}

static uint32_t answer_of(const float *outputs, uint32_t width)
{
    uint32_t best = 0;
    if (width == 1)
        return outputs[0] > 0.5F;
    for (uint32_t i = 1; i < width; i++)
        if (outputs[i] > outputs[best])
            best = i;
    return best;
}

static void count_answers(struct report *report, const float *outputs, uint32_t width, const int32_t *labels)
{
    for (uint32_t i = 0; i < report->count; i++) {
        const uint32_t truth = (uint32_t)labels[i], answer = answer_of(outputs + (size_t)i * width, width);
        report->of_class[truth].support++;
        report->of_class[answer].predicted++;
        report->of_class[truth].hits += truth == answer;
        if (report->confusion)
            report->confusion[(size_t)truth * report->classes + answer]++;
    }
}

/* ---- the area under the ROC curve ---- */

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* How many of the sorted values are less than `bound` or, with `equal`, no greater. */
static uint32_t count_below(const float *sorted, uint32_t count, float bound, bool equal)
{
    uint32_t low = 0;
    while (count > 0) {
        const uint32_t half = count / 2;
        const float middle = sorted[low + half];
        const bool below = middle < bound || (equal && middle == bound);
        low += below ? half + 1 : 0;
        count = below ? count - half - 1 : half;
    }
    return low;
}

/* Of class `positive` against the rest, by the output at `at` of each sample. The outputs of the class are sorted, and each of the
   others looks up how many of them it lies behind; the pairs are counted twice, so that a tie is whole. `sorted` has room for all. */
static double area_under_curve(const float *at, uint32_t width, const int32_t *labels, uint32_t count, int32_t positive,
                               float *sorted)
{
    uint32_t positives = 0;
    for (uint32_t i = 0; i < count; i++) {
        const float output = at[(size_t)i * width];
        if (isnan(output))
            return NAN;
        if (labels[i] == positive)
            sorted[positives++] = output;
    }
    const uint32_t negatives = count - positives;
    if (positives == 0 || negatives == 0)
        return NAN;
    qsort(sorted, positives, sizeof *sorted, ascending);
    uint64_t won = 0;
    for (uint32_t i = 0; i < count; i++)
        if (labels[i] != positive) {
            const float output = at[(size_t)i * width];
            won += 2 * (uint64_t)positives - count_below(sorted, positives, output, false) -
                   count_below(sorted, positives, output, true);
        }
    return (double)won / (2.0 * positives * negatives);
}

static bool find_areas(struct report *report, const float *outputs, uint32_t width, const int32_t *labels)
{
    float *sorted = mem_array(report->count + (size_t)1, sizeof *sorted);
    if (!sorted)
        return false;
    if (report->classes == 2) {
        const double area = area_under_curve(outputs + width - 1, width, labels, report->count, 1, sorted);
        report->of_class[0].auc = report->of_class[1].auc = area;
    } else {
        for (uint32_t c = 0; c < report->classes; c++)
            report->of_class[c].auc = area_under_curve(outputs + c, width, labels, report->count, (int32_t)c, sorted);
    }
    mem_free(sorted);
    return true;
}

/* ---- figures ---- */

/* A mean of those that are numbers. */
struct mean {
    double sum;
    uint32_t count;
};

static void mean_add(struct mean *mean, double figure)
{
    if (isnan(figure))
        return;
    mean->sum += figure;
    mean->count++;
}

static double mean_of(struct mean mean)
{
    return mean.count ? mean.sum / mean.count : NAN;
}

static void class_figures(struct class_report *class)
{
    class->precision = class->recall = class->f1 = NAN;
    if (class->support + class->predicted == 0)
        return;
    class->precision = class->predicted ? (double)class->hits / class->predicted : 0;
    class->recall = class->support ? (double)class->hits / class->support : 0;
    class->f1 = 2.0 * class->hits / ((double)class->support + class->predicted);
}

void report_conclude(struct report *report)
{
    struct mean precision = {0}, recall = {0}, f1 = {0}, auc = {0}, balanced = {0};
    uint64_t hits = 0;
    for (uint32_t c = 0; c < report->classes; c++) {
        struct class_report *class = &report->of_class[c];
        class_figures(class);
        hits += class->hits;
        mean_add(&precision, class->precision);
        mean_add(&recall, class->recall);
        mean_add(&f1, class->f1);
        mean_add(&auc, class->auc);
        mean_add(&balanced, class->support ? class->recall : NAN);
    }
    report->accuracy = report->count ? (double)hits / report->count : NAN;
    report->balanced_accuracy = mean_of(balanced);
    report->precision = mean_of(precision);
    report->recall = mean_of(recall);
    report->f1 = mean_of(f1);
    report->auc = mean_of(auc);
}

struct report *report_of_outputs(const float *outputs, uint32_t width, const int32_t *labels, uint32_t count, uint32_t classes)
{
    struct report *report = report_new(count, classes);
    if (!report)
        return NULL;
    count_answers(report, outputs, width, labels);
    if (!find_areas(report, outputs, width, labels)) {
        report_release(report);
        return NULL;
    }
    report_conclude(report);
    return report;
}

/* The labels that one-hot targets tell; NULL where memory is exhausted. */
static int32_t *labels_of(const struct samples *samples, const struct recipe *recipe)
{
    int32_t *labels = mem_array(samples->count + (size_t)1, sizeof *labels);
    for (uint32_t i = 0; labels && i < samples->count; i++)
        labels[i] = (int32_t)recipe_class_of(recipe, samples->y + (size_t)i * samples->outputs, 1);
    return labels;
}

struct report *report_of_samples(const float *outputs, uint32_t width, const struct samples *samples, const struct recipe *recipe)
{
    int32_t *told = samples->labels ? NULL : labels_of(samples, recipe);
    const int32_t *labels = samples->labels ? samples->labels : told;
    struct report *report = labels ? report_of_outputs(outputs, width, labels, samples->count, samples->outputs) : NULL;
    mem_free(told);
    return report;
}

struct report *report_of(const struct model *model, const struct samples *samples)
{
    const uint32_t width = model_output_width(model);
    float *outputs = mem_floats((size_t)samples->count * width + 1);
    struct report *report = NULL;
    if (outputs && model_predict(model, samples->x, samples->count, outputs))
        report = report_of_samples(outputs, width, samples, model->recipe);
    mem_free_floats(outputs);
    return report;
}

bool training_report(struct training *training, const struct prepared *data, enum sample_set set)
{
    if (training->reports[set] || scores_of(training, set)->count == 0 || !recipe_tells_classes(training->model->recipe))
        return true;
    training->reports[set] = report_of(training->model, samples_of(data, set));
    return training->reports[set];
}

bool training_report_all(struct training *training, const struct prepared *data)
{
    for (enum sample_set set = SET_TRAIN; set < SET_COUNT; set++)
        if (!training_report(training, data, set))
            return false;
    return true;
}
