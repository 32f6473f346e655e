/* What a classifier gets right and wrong on a set of samples: the confusion matrix and the figures that come from it, and the area
   under the ROC curve. Computed from predictions when somebody asks, never while training.

   With n_ij samples of class i that were taken for class j:

   | figure of class c | is | where it has no value |
   |---|---|---|
   | precision | n_cc / sum_i n_ic | 0 where c occurs but is never predicted |
   | recall | n_cc / sum_j n_cj | 0 where c is predicted but never occurs |
   | F1 | 2 n_cc / (sum_i n_ic + sum_j n_cj): the harmonic mean of both | |
   | AUC | the share of pairs of a sample of c and one of another class in which c's output is greater for the first, ties counting
     one half (Mann and Whitney 1947; that it is the area under the ROC curve: Hanley and McNeil 1982) | NaN without such a pair, or
     where an output is not a number |

   A class that neither occurs nor is predicted says nothing: its figures are NaN. The figures of the whole are plain means over the
   classes whose figure is a number (macro averages); the balanced accuracy is the mean recall of those that occur. These are
   the conventions of scikit-learn with zero_division=0.

   For more than two classes the AUC is the mean of each class against the rest. Hand and Till's mean over pairs of classes (2001)
   depends less on how often each occurs; this one was chosen because its parts are figures of single classes, which stand beside
   their precision and recall. Of two classes both have the AUC of the second one's output. */
#ifndef NEL_ENGINE_REPORT_H
#define NEL_ENGINE_REPORT_H

#include "engine/train.h"

struct class_report {
    uint32_t support, predicted, hits; /* samples of it, taken for it, and both */
    double precision, recall, f1, auc;
};

struct report {
    uint32_t count, classes;
    struct class_report *of_class; /* [classes] */
    uint32_t *confusion;           /* [classes x classes], a row a true class; NULL past LIMIT_CONFUSION_CLASSES */
    double accuracy, balanced_accuracy, precision, recall, f1, auc;
};

/* The report on outputs [count x width], a row contiguous, as model_predict gives them: one a class, or a single one that stands for
   the second of two. The answer is the class of the greatest output (the first of equal ones), or whether a single one is past one
   half. NULL where memory is exhausted. */
struct report *report_of_outputs(const float *outputs, uint32_t width, const int32_t *labels, uint32_t count, uint32_t classes);

/* The same on samples with labels, or with one-hot targets as the recipe has them. */
struct report *report_of_samples(const float *outputs, uint32_t width, const struct samples *samples, const struct recipe *recipe);

/* The report on what a model says of samples. NULL where memory is exhausted. */
struct report *report_of(const struct model *model, const struct samples *samples);

/* Makes the report on one part of the training's data, and on each: where the part has scores, its target is classes, and there is no
   report yet. They stay with the training. False where memory is exhausted. */
bool training_report(struct training *training, const struct prepared *data, enum sample_set set);
bool training_report_all(struct training *training, const struct prepared *data);

/* A report that has no counts yet, and the figures that come from its counts (of_class's support, predicted and hits) and areas (its
   auc): for who has them from elsewhere. NULL where memory is exhausted. */
struct report *report_new(uint32_t count, uint32_t classes);
void report_conclude(struct report *report);

void report_release(struct report *report);

#endif
