/* Figures over several runs.

   Everything rests on one function, the two-sided tail of Student's t distribution,

       p(t, v) = P(|T| > |t|) = I_x(v/2, 1/2),   x = v / (v + t^2)         (Abramowitz and Stegun 26.7.1, 26.5.27)

   with the regularised incomplete beta function I, computed by its continued fraction (DLMF 8.17.22) with Lentz's algorithm in
   the form of Thompson and Barnett (J. Comput. Phys. 64, 1986). The quantile is found from the tail by Newton's method inside a
   bracket, the derivative of the tail being the density. */
#include "lab/estimate.h"

#include <math.h>
#include <stdbool.h>

/* The interval that every estimate and comparison gives. */
static const double confidence = 0.95;

/* Above this many degrees of freedom the logarithms of the gamma function cancel too much; A&S 26.7.8 errs by O(1/v^2) there. */
static const double many_degrees = 1e6;

static const double pi = 3.14159265358979323846;

/* The continued fraction of I_x(a, b), which converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300; /* stands for 0, which Lentz's recurrences must not divide by */
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    /* The number of terms grows with sqrt(max(a, b)): some 1,000 at most below `many_degrees`. */
    for (int m = 1; m <= 10000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step = 1;
        for (int half = 0; half < 2; half++) {
            double term = half == 0 ? even : odd;
            d = 1 + term * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + term / c;
            if (fabs(c) < tiny)
                c = tiny;
            step = c * d;
            value *= step;
        }
        if (fabs(step - 1) < 1e-16)
            break;
    }
    return value;
}

/* I_x(a, b); `y` is 1 - x, given apart because it is known without cancellation. */
static double beta_regularised(double a, double b, double x, double y)
{
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, y) / b;
}

double student_tail(double t, double degrees)
{
    if (isnan(t) || !(degrees > 0))
        return NAN;
    if (isinf(t))
        return 0;
    if (degrees > many_degrees) {
        double z = fabs(t) * (1 - 1 / (4 * degrees)) / sqrt(1 + t * t / (2 * degrees));
        return erfc(z / sqrt(2));
    }
    /* As shares of v / t^2 or t^2 / v, so that a huge t does not overflow. */
    double ratio = t / sqrt(degrees);
    double x = 1 / (1 + ratio * ratio);
    double y = fabs(ratio) > 1 ? 1 / (1 + 1 / (ratio * ratio)) : ratio * ratio * x;
    return beta_regularised(degrees / 2, 0.5, x, y);
}

static double student_density(double t, double degrees)
{
    if (degrees > many_degrees)
        return exp(-t * t / 2) / sqrt(2 * pi);
    double front = lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - 0.5 * log(degrees * pi);
    return exp(front - (degrees + 1) / 2 * log1p(t * t / degrees));
}

/* The t > 0 whose two-sided tail is `p` in (0, 1). */
static double tail_inverse(double p, double degrees)
{
    double low = 0;
    double high = 1;
    while (student_tail(high, degrees) > p && high < 1e300) {
        low = high;
        high *= 2;
    }
    double t = low + (high - low) / 2;
    for (int i = 0; i < 200; i++) {
        double excess = student_tail(t, degrees) - p;
        if (excess > 0)
            low = t;
        else
            high = t;
        double next = t + excess / (2 * student_density(t, degrees));
        if (!(next > low && next < high))
            next = low + (high - low) / 2;
        if (fabs(next - t) <= 1e-15 * t)
            return next;
        t = next;
    }
    return t;
}

double student_quantile(double probability, double degrees)
{
    if (!(probability >= 0 && probability <= 1) || !(degrees > 0))
        return NAN;
    if (probability == 0.5)
        return 0;
    double p = 2 * fmin(probability, 1 - probability);
    double t = p > 0 ? tail_inverse(p, degrees) : INFINITY;
    return probability < 0.5 ? -t : t;
}

/* Value i of a sample or, where `minus` is given, of the differences of two. */
static double sample_at(const double *values, const double *minus, size_t i)
{
    return minus != NULL ? values[i] - minus[i] : values[i];
}

/* Mean and sample standard deviation of at least one value, in two passes; measured from the first value, so that equal values
   have exactly no spread. */
static void mean_and_sd(const double *values, const double *minus, size_t count, double *mean, double *sd)
{
    double first = sample_at(values, minus, 0);
    double shift = 0;
    for (size_t i = 1; i < count; i++)
        shift += sample_at(values, minus, i) - first;
    *mean = first + shift / (double)count;
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        double off = sample_at(values, minus, i) - *mean;
        squares += off * off;
    }
    *sd = count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
}

/* Half of the interval around a mean whose standard error is `error`. */
static double half_interval(double error, double degrees)
{
    return error == 0 ? 0 : student_quantile(0.5 + confidence / 2, degrees) * error;
}

struct estimate estimate_of(const double *values, size_t count)
{
    struct estimate estimate = {.count = count, .mean = NAN, .sd = NAN, .low = NAN, .high = NAN};
    if (count == 0)
        return estimate;
    mean_and_sd(values, NULL, count, &estimate.mean, &estimate.sd);
    if (count == 1) { /* says nothing of how others would fall */
        estimate.sd = NAN;
        return estimate;
    }
    double half = half_interval(estimate.sd / sqrt((double)count), (double)count - 1);
    estimate.low = estimate.mean - half;
    estimate.high = estimate.mean + half;
    return estimate;
}

/* Fills in what follows from a difference, its standard error and the degrees of freedom. Without any spread the difference is
   certain: t is infinite and p 0, or t is 0 and p 1 where there is no difference. */
static struct comparison compare_by(double difference, double error, double degrees, double effect_sd)
{
    struct comparison comparison = {.difference = difference, .degrees = degrees};
    double half = half_interval(error, degrees);
    comparison.low = difference - half;
    comparison.high = difference + half;
    comparison.t = difference == 0 ? 0 : difference / error;
    comparison.effect = difference == 0 ? 0 : difference / effect_sd;
    comparison.p = student_tail(comparison.t, degrees);
    return comparison;
}

/* What too few values allow to say. */
static struct comparison compare_unknown(double difference)
{
    return (struct comparison){
        .difference = difference, .low = NAN, .high = NAN, .p = NAN, .effect = NAN, .t = NAN, .degrees = NAN};
}

struct comparison compare_welch(const double *a, size_t count_a, const double *b, size_t count_b)
{
    if (count_a == 0 || count_b == 0)
        return compare_unknown(NAN);
    double mean_a, sd_a, mean_b, sd_b;
    mean_and_sd(a, NULL, count_a, &mean_a, &sd_a);
    mean_and_sd(b, NULL, count_b, &mean_b, &sd_b);
    if (count_a < 2 || count_b < 2)
        return compare_unknown(mean_a - mean_b);
    double free_a = (double)(count_a - 1);
    double free_b = (double)(count_b - 1);
    double variance_a = sd_a * sd_a / (double)count_a;
    double variance_b = sd_b * sd_b / (double)count_b;
    double error = sqrt(variance_a + variance_b);
    /* Welch (Biometrika 34, 1947), Satterthwaite (Biometrics Bulletin 2, 1946): as shares of the whole variance, which cannot
       underflow as the squares of tiny variances would. */
    double share_a = error == 0 ? 0.5 : variance_a / (variance_a + variance_b);
    double share_b = 1 - share_a;
    double degrees = 1 / (share_a * share_a / free_a + share_b * share_b / free_b);
    double pooled = sqrt((free_a * sd_a * sd_a + free_b * sd_b * sd_b) / (free_a + free_b));
    return compare_by(mean_a - mean_b, error, degrees, pooled);
}

struct comparison compare_paired(const double *a, const double *b, size_t count)
{
    if (count == 0)
        return compare_unknown(NAN);
    double mean, sd;
    mean_and_sd(a, b, count, &mean, &sd);
    return count < 2 ? compare_unknown(mean) : compare_by(mean, sd / sqrt((double)count), (double)count - 1, sd);
}
