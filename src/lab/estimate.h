/* Figures over several runs: mean with a 95 % confidence interval (Student's t), and tests of differences. */
#ifndef NEL_LAB_ESTIMATE_H
#define NEL_LAB_ESTIMATE_H

#include <stddef.h>

struct estimate {
    size_t count;
    double mean, sd;  /* sd: of the sample, n - 1 */
    double low, high; /* the interval; the mean itself for one value */
};
struct estimate estimate_of(const double *values, size_t count);

double student_quantile(double probability, double degrees);
double student_tail(double t, double degrees); /* two-sided p */

struct comparison {
    double difference, low, high; /* mean a - mean b with its 95 % interval */
    double p;
    double effect; /* Cohen's d */
    double t, degrees;
};
struct comparison compare_welch(const double *a, size_t count_a, const double *b, size_t count_b);
struct comparison compare_paired(const double *a, const double *b, size_t count);

#endif
