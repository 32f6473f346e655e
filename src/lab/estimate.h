/* Figures over several runs: mean with a 95 % confidence interval (Student's t), and tests of differences. */
#ifndef NEL_LAB_ESTIMATE_H
#define NEL_LAB_ESTIMATE_H

#include <stddef.h>

/* Every figure is NaN where there is no value; a NaN among the values makes a figure NaN: whoever leaves values out says so. */
struct estimate {
    size_t count;
    double mean, sd;  /* sd: of the sample, n - 1; NaN for one value */
    double low, high; /* the interval; NaN for one value */
};
struct estimate estimate_of(const double *values, size_t count);

/* NaN outside 0 <= probability <= 1 and for degrees <= 0; infinite at 0 and 1. */
double student_quantile(double probability, double degrees);
double student_tail(double t, double degrees); /* P(|T| > |t|), the two-sided p */

struct comparison {
    double difference, low, high; /* mean a - mean b with its 95 % interval */
    double p;
    double effect; /* Cohen's d: over the pooled standard deviation (welch), over that of the differences (paired) */
    double t, degrees;
};
/* With fewer than two values on a side (two pairs) only the difference is known; the rest is NaN. */
struct comparison compare_welch(const double *a, size_t count_a, const double *b, size_t count_b);
struct comparison compare_paired(const double *a, const double *b, size_t count);

#endif
