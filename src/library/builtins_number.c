/* Built-ins on numbers and texts. What takes a number takes an estimate, too, and computes it trial by trial. */
#include <math.h>
#include <stdlib.h>

#include "interp/evaluate.h"
#include "interp/unknown.h"
#include "lab/estimate.h"
#include "library/builtins.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- functions of one number ---- */

struct number_function {
    const char *name;
    double (*compute)(double);
};

static const struct number_function number_functions[] = {
    {"abs", fabs}, {"sqrt", sqrt}, {"exp", exp},     {"log", log},   {"sin", sin},
    {"cos", cos},  {"tanh", tanh}, {"floor", floor}, {"ceil", ceil},
};

static double (*function_of(struct str name))(double)
{
    for (size_t i = 0; i < sizeof number_functions / sizeof *number_functions; i++)
        if (str_is(name, number_functions[i].name))
            return number_functions[i].compute;
    return NULL;
}

static struct value call_number(struct eval *eval, const struct builtin *self, const struct args *args)
{
    double (*compute)(double) = function_of(self->signature.name);
    if (args->at[0].kind == VALUE_ESTIMATE) {
        const struct estimate_object *trials = args->at[0].estimate;
        struct value result = value_estimate(eval, trials->values, trials->count);
        for (size_t i = 0; !failed(result) && i < trials->count; i++)
            result.estimate->values[i] = compute(trials->values[i]);
        return result;
    }
    double x = args->at[0].number, y = compute(x);
    if ((isnan(y) && !isnan(x)) || (x == 0 && isinf(y)))
        return eval_error(eval, args->span[0], "`%.*s` of %g is not defined", STR_ARG(self->signature.name), x);
    return value_number(y);
}

static double round_to(double x, double digits)
{
    double scale = pow(10, fmin(digits, 17));
    double rounded = round(x * scale) / scale;
    return isfinite(rounded) ? rounded : x;
}

static struct value call_round(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    double digits = args->at[1].number;
    if (args->at[0].kind == VALUE_NUMBER)
        return value_number(round_to(args->at[0].number, digits));
    const struct estimate_object *trials = args->at[0].estimate;
    struct value result = value_estimate(eval, trials->values, trials->count);
    for (size_t i = 0; !failed(result) && i < trials->count; i++)
        result.estimate->values[i] = round_to(trials->values[i], digits);
    return result;
}

/* ---- functions of many numbers ---- */

/* Numbers gathered from arguments: a list, an estimate, or several numbers. */
struct numbers {
    double *at;
    size_t count;
    bool unknown; /* nel check: some of them are not known */
};

/* The next of the numbers; false where the value is none and cannot be one. */
static bool numbers_add(struct numbers *numbers, struct value value)
{
    double number = NAN;
    if (unknown_number(value))
        numbers->unknown = true;
    else if (!value_as_number(value, &number))
        return false;
    numbers->at[numbers->count++] = number;
    return true;
}

static bool gather_list(struct eval *eval, const struct list *list, struct span span, struct numbers *numbers)
{
    numbers->at = mem_array(list->count + 1, sizeof *numbers->at);
    if (!numbers->at)
        return diag_out_of_memory(eval->diags, span);
    numbers->unknown = list->open;
    for (size_t i = 0; i < list->count; i++)
        if (!numbers_add(numbers, list->items[i])) {
            eval_error_type(eval, span, "a list of numbers", list->items[i]);
            return false;
        }
    return true;
}

static bool gather(struct eval *eval, struct value value, struct span span, struct numbers *numbers)
{
    *numbers = (struct numbers){0};
    if (value.kind == VALUE_ESTIMATE)
        value = value_member(eval, value, STR("values"), span);
    const enum value_kind kind = value_content(value);
    if (value.kind == VALUE_UNKNOWN && (kind == VALUE_LIST || kind == VALUE_ESTIMATE || kind == VALUE_UNKNOWN))
        return numbers->unknown = true;
    if (value.kind != VALUE_LIST) {
        if (!failed(value))
            eval_error_type(eval, span, "a list of numbers", value);
        return false;
    }
    if (gather_list(eval, value.list, span, numbers))
        return true;
    mem_free(numbers->at);
    return false;
}

static bool gather_rest(struct eval *eval, const struct args *args, struct numbers *numbers)
{
    *numbers = (struct numbers){0};
    if (args->rest_count == 1 && value_content(args->rest[0].value) != VALUE_NUMBER)
        return gather(eval, args->rest[0].value, args->rest[0].span, numbers);
    numbers->at = mem_array(args->rest_count + 1, sizeof *numbers->at);
    if (!numbers->at)
        return diag_out_of_memory(eval->diags, args->call);
    for (size_t i = 0; i < args->rest_count; i++) {
        const struct argument *argument = &args->rest[i];
        if (!numbers_add(numbers, argument->value)) {
            eval_error_type(eval, argument->span, "a number", argument->value);
            mem_free(numbers->at);
            return false;
        }
    }
    return true;
}

static struct value call_extreme(struct eval *eval, const struct builtin *self, const struct args *args)
{
    struct numbers numbers;
    if (!gather_rest(eval, args, &numbers))
        return value_failed();
    bool least = str_is(self->signature.name, "min");
    double extreme = numbers.count ? numbers.at[0] : NAN;
    for (size_t i = 1; i < numbers.count; i++) /* what is not a number wins, so that it is not overlooked */
        if (isnan(numbers.at[i]) || (least ? numbers.at[i] < extreme : numbers.at[i] > extreme))
            extreme = numbers.at[i];
    mem_free(numbers.at);
    if (numbers.unknown)
        return value_unknown_of(VALUE_NUMBER);
    if (numbers.count == 0)
        return eval_error(eval, args->call, "`%.*s` needs at least one number", STR_ARG(self->signature.name));
    return value_number(extreme);
}

static double sum_of(const struct numbers *numbers)
{
    double sum = 0, lost = 0; /* Neumaier's compensated sum */
    for (size_t i = 0; i < numbers->count; i++) {
        double next = sum + numbers->at[i];
        lost += fabs(sum) >= fabs(numbers->at[i]) ? (sum - next) + numbers->at[i] : (numbers->at[i] - next) + sum;
        sum = next;
    }
    return isfinite(sum) ? sum + lost : sum;
}

static int number_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median_of(struct numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++)
        if (isnan(numbers->at[i]))
            return NAN;
    qsort(numbers->at, numbers->count, sizeof *numbers->at, number_order);
    size_t half = numbers->count / 2;
    return numbers->count % 2 ? numbers->at[half] : (numbers->at[half - 1] + numbers->at[half]) / 2;
}

static struct value call_statistic(struct eval *eval, const struct builtin *self, const struct args *args)
{
    struct numbers numbers;
    if (!gather(eval, args->at[0], args->span[0], &numbers))
        return value_failed();
    if (numbers.unknown) {
        mem_free(numbers.at);
        return value_unknown_of(VALUE_NUMBER);
    }
    struct str name = self->signature.name;
    if (numbers.count == 0 && !str_is(name, "sum")) {
        mem_free(numbers.at);
        return eval_error(eval, args->span[0], "an empty list has no %.*s", STR_ARG(name));
    }
    double figure = str_is(name, "sum")  ? sum_of(&numbers)
                    : str_is(name, "sd") ? estimate_of(numbers.at, numbers.count).sd
                                         : median_of(&numbers);
    mem_free(numbers.at);
    return value_number(figure);
}

/* Pearson's, by sums of deviations from the means. */
static double correlation(const struct numbers *x, const struct numbers *y)
{
    double mean_x = estimate_of(x->at, x->count).mean, mean_y = estimate_of(y->at, y->count).mean;
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < x->count; i++) {
        double dx = x->at[i] - mean_x, dy = y->at[i] - mean_y;
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    return xy / sqrt(xx * yy);
}

static struct value call_correlation(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct numbers x, y;
    if (!gather(eval, args->at[0], args->span[0], &x))
        return value_failed();
    if (!gather(eval, args->at[1], args->span[1], &y)) {
        mem_free(x.at);
        return value_failed();
    }
    const bool unknown = x.unknown || y.unknown;
    double r = !unknown && x.count == y.count ? correlation(&x, &y) : NAN;
    mem_free(x.at);
    mem_free(y.at);
    if (unknown)
        return value_unknown_of(VALUE_NUMBER);
    if (x.count != y.count)
        return eval_error(eval, args->call, "the lists have %zu and %zu numbers: they do not pair up", x.count, y.count);
    return value_number(r);
}

/* ---- texts ---- */

static struct value call_text(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct text text = {0};
    value_print(eval, args->at[0], false, &text);
    return value_text(eval, &text);
}

static struct value call_number_of(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value value = args->at[0];
    double number;
    if (value_as_number(value, &number))
        return value_number(number);
    if (value.kind == VALUE_BOOL)
        return value_number(value.boolean);
    const enum value_kind kind = value_content(value);
    if (unknown_number(value) || (value.kind == VALUE_UNKNOWN && (kind == VALUE_BOOL || kind == VALUE_STRING)))
        return value_unknown_of(VALUE_NUMBER);
    if (value.kind != VALUE_STRING)
        return eval_error_type(eval, args->span[0], "a text", value);
    struct str text = string_str(value.string);
    while (text.len && text.at[0] == ' ')
        text.at++, text.len--;
    while (text.len && text.at[text.len - 1] == ' ')
        text.len--;
    bool minus = text.len && text.at[0] == '-';
    if (number_read((struct str){text.at + minus, text.len - minus}, &number))
        return value_number(minus ? -number : number);
    return eval_error_help(eval, args->span[0], "such as `1.5`, `2%` or `1e-3`", "`%.*s` is not a number", STR_ARG(text));
}

static struct value call_join(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct text text = {0};
    for (size_t i = 0; i < args->at[0].list->count && text.len <= LIMIT_STRING_BYTES; i++) {
        if (i > 0 && args->at[1].kind == VALUE_STRING)
            text_add_str(&text, string_str(args->at[1].string));
        value_print(eval, args->at[0].list->items[i], false, &text);
    }
    return value_text(eval, &text);
}

const struct builtin_row builtins_number[] = {
    {"abs(x: number)", "The number without its sign.", call_number},
    {"sqrt(x: number)", "The square root.", call_number},
    {"exp(x: number)", "e to the power of x.", call_number},
    {"log(x: number)", "The natural logarithm.", call_number},
    {"sin(x: number)", "The sine of an angle in radians.", call_number},
    {"cos(x: number)", "The cosine of an angle in radians.", call_number},
    {"tanh(x: number)", "The hyperbolic tangent.", call_number},
    {"floor(x: number)", "The greatest whole number not above x.", call_number},
    {"ceil(x: number)", "The least whole number not below x.", call_number},
    {"round(x: number, digits: whole = 0)", "The nearest number with so many decimals; halves go away from 0.", call_round},
    {"min(xs…: any): number", "The least of several numbers, of a list or of an estimate's trials.", call_extreme},
    {"max(xs…: any): number", "The greatest of several numbers, of a list or of an estimate's trials.", call_extreme},
    {"sum(xs: any): number", "The sum of a list of numbers.", call_statistic},
    {"sd(xs: any): number", "The standard deviation of a sample (n - 1); of a single value there is none, `nan`.", call_statistic},
    {"median(xs: any): number", "The middle number, or the mean of the two middle ones.", call_statistic},
    {"correlation(xs: any, ys: any): number", "Pearson's correlation of two lists of numbers.", call_correlation},
    {"text(x: any): text", "The value as `print` writes it.", call_text},
    {"number(x: any): number", "The number that a text spells; 1 and 0 for true and false; the mean of an estimate.",
     call_number_of},
    {"join(xs: list, by: text?): text", "The items as one text, `by` between them.", call_join},
};
const size_t builtins_number_count = sizeof builtins_number / sizeof *builtins_number;
