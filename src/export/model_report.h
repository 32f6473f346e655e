/* The note "reports" of a file: what the network got right and wrong on each part of its data, so that its figures are there without the
   data. Of each part that had rows, {"confusion": [[18, 2], [0, 20]], "auc": [0.97, 0.97]}: a row a true class, a column each that it
   was taken for; past LIMIT_CONFUSION_CLASSES the counts of each class instead, "support", "predicted" and "hits". All other figures
   follow from these. Private to model_*.c. */
#ifndef NEL_EXPORT_MODEL_REPORT_H
#define NEL_EXPORT_MODEL_REPORT_H

#include "engine/report.h"
#include "engine/train.h"
#include "export/json.h"

/* The notes themselves, of those parts that there is something of: scores are written field by field (score_fields). */
void scores_note(const struct scores *const scores[static SET_COUNT], struct text *out);
void reports_note(struct report *const reports[static SET_COUNT], struct text *out);

void report_write(const struct report *report, struct text *out);

/* The report on `count` samples of so many classes. NULL where it cannot be used, or (*memory is false then) memory is exhausted. */
struct report *report_read(const struct json *json, uint32_t count, uint32_t classes, bool *memory);

#endif
