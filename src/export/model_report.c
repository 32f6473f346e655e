/* See model_report.h. Counts that do not add up to the samples that were scored are no report. */
#include "export/model_report.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "export/model_fields.h"

/* The counts of a class. */
struct count_field {
    const char *name;
    size_t offset;
};
static const struct count_field count_fields[] = {
    {"support", offsetof(struct class_report, support)},
    {"predicted", offsetof(struct class_report, predicted)},
    {"hits", offsetof(struct class_report, hits)},
};
#define COUNT_FIELDS (sizeof count_fields / sizeof *count_fields)

static uint32_t *count_at(const struct report *report, const struct count_field *field, uint32_t class)
{
    return (uint32_t *)((char *)&report->of_class[class] + field->offset);
}

/* ---- writing ---- */

static void write_confusion(const struct report *report, struct text *out)
{
    text_add(out, "\"confusion\":[");
    for (uint32_t row = 0; row < report->classes; row++)
        for (uint32_t column = 0; column < report->classes; column++)
            text_addf(out, "%s%" PRIu32 "%s",
                      column > 0 ? ","
                      : row > 0  ? ",["
                                 : "[",
                      report->confusion[(size_t)row * report->classes + column], column + 1 == report->classes ? "]" : "");
    text_add_char(out, ']');
}

static void write_counts(const struct report *report, struct text *out)
{
    for (size_t i = 0; i < COUNT_FIELDS; i++) {
        text_addf(out, "%s\"%s\":[", i > 0 ? "," : "", count_fields[i].name);
        for (uint32_t class = 0; class < report->classes; class ++)
            text_addf(out, "%s%" PRIu32, class > 0 ? "," : "", *count_at(report, &count_fields[i], class));
        text_add_char(out, ']');
    }
}

void report_write(const struct report *report, struct text *out)
{
    text_add_char(out, '{');
    if (report->confusion)
        write_confusion(report, out);
    else
        write_counts(report, out);
    text_add(out, ",\"auc\":[");
    for (uint32_t class = 0; class < report->classes; class ++) {
        text_add(out, class > 0 ? "," : "");
        json_write_number(out, report->of_class[class].auc);
    }
    text_add(out, "]}");
}

void scores_note(const struct scores *const scores[static SET_COUNT], struct text *out)
{
    const char *before = "{";
    for (enum sample_set set = SET_TRAIN; set < SET_COUNT; set++) {
        if (!scores[set])
            continue;
        text_addf(out, "%s\"%s\":{", before, set_names[set]);
        fields_write(score_fields, scores[set], out);
        text_add_char(out, '}');
        before = ",";
    }
    text_add(out, before[0] == ',' ? "}" : "{}");
}

void reports_note(struct report *const reports[static SET_COUNT], struct text *out)
{
    const char *before = "{";
    for (enum sample_set set = SET_TRAIN; set < SET_COUNT; set++) {
        if (!reports[set])
            continue;
        text_addf(out, "%s\"%s\":", before, set_names[set]);
        report_write(reports[set], out);
        before = ",";
    }
    text_add(out, before[0] == ',' ? "}" : "{}");
}

/* ---- reading ---- */

static bool read_count(const struct json *json, uint32_t most, uint32_t *count)
{
    uint64_t whole;
    if (!json_whole(json, &whole) || whole > most)
        return false;
    *count = (uint32_t)whole;
    return true;
}

static bool has_items(const struct json *list, uint32_t count)
{
    return json_is_list(list) && json_count(list) == count;
}

static bool read_confusion(const struct json *rows, struct report *report)
{
    uint32_t *cell = report->confusion;
    bool well = has_items(rows, report->classes);
    const struct json *row = well ? json_first(rows) : NULL;
    for (uint32_t truth = 0; well && truth < report->classes; truth++, row = json_next(row)) {
        well = has_items(row, report->classes);
        const struct json *item = well ? json_first(row) : NULL;
        for (uint32_t answer = 0; well && answer < report->classes; answer++, item = json_next(item), cell++) {
            well = read_count(item, report->count - report->of_class[truth].support, cell); /* no sum leaves its type */
            well = well && *cell <= report->count - report->of_class[answer].predicted;
            report->of_class[truth].support += well ? *cell : 0;
            report->of_class[answer].predicted += well ? *cell : 0;
            report->of_class[truth].hits += well && truth == answer ? *cell : 0;
        }
    }
    return well;
}

static bool read_counts(const struct json *json, struct report *report)
{
    bool well = true;
    for (size_t i = 0; well && i < COUNT_FIELDS; i++) {
        const struct json *list = json_member(json, count_fields[i].name);
        well = has_items(list, report->classes);
        const struct json *item = well ? json_first(list) : NULL;
        for (uint32_t class = 0; well && class < report->classes; class ++, item = json_next(item))
            well = read_count(item, report->count, count_at(report, &count_fields[i], class));
    }
    return well;
}

static bool read_areas(const struct json *list, struct report *report)
{
    bool well = has_items(list, report->classes);
    const struct json *item = well ? json_first(list) : NULL;
    for (uint32_t class = 0; well && class < report->classes; class ++, item = json_next(item)) {
        double *auc = &report->of_class[class].auc;
        *auc = NAN;
        well = json_is_null(item) || (json_number(item, auc) && *auc >= 0 && *auc <= 1);
    }
    return well;
}

/* Every sample is of one class and was taken for one. */
static bool adds_up(const struct report *report)
{
    uint64_t support = 0, predicted = 0;
    for (uint32_t c = 0; c < report->classes; c++) {
        const struct class_report *class = &report->of_class[c];
        if (class->hits > class->support || class->hits > class->predicted)
            return false;
        support += class->support;
        predicted += class->predicted;
    }
    return support == report->count && predicted == report->count;
}

struct report *report_read(const struct json *json, uint32_t count, uint32_t classes, bool *memory)
{
    struct report *report = report_new(count, classes);
    *memory = report;
    if (!report)
        return NULL;
    const bool counted = report->confusion ? read_confusion(json_member(json, "confusion"), report) : read_counts(json, report);
    if (counted && adds_up(report) && read_areas(json_member(json, "auc"), report)) {
        report_conclude(report);
        return report;
    }
    report_release(report);
    return NULL;
}
