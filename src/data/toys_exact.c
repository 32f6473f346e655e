/* Toys that are tables of exact cases, and the regression curve. The definitions stand with the table in toys.c. */
#include <math.h>

#include "data/streams.h"
#include "data/toys_make.h"

/* All patterns of `bits` bits in counting order, the first column the highest bit; class 1 where `truth` says so. */
static struct dataset *patterns_make(const struct toy *toy, uint32_t bits, bool (*truth)(uint32_t pattern))
{
    struct table *table = table_new(1u << bits, bits, TARGET_CLASS, 2);
    if (!table)
        return NULL;
    for (uint32_t pattern = 0; pattern < table->rows; pattern++) {
        for (uint32_t bit = 0; bit < bits; bit++)
            table->x[(size_t)pattern * bits + bit] = (float)(pattern >> (bits - 1 - bit) & 1);
        table->labels[pattern] = truth(pattern);
    }
    if (!table_name_target(table, STR("class"))) {
        table_release(table);
        return NULL;
    }
    return dataset_of(table, toy->name);
}

static bool pattern_all(uint32_t pattern)
{
    return pattern == 3;
}

static bool pattern_any(uint32_t pattern)
{
    return pattern != 0;
}

static bool pattern_odd(uint32_t pattern)
{
    return __builtin_parity(pattern);
}

struct dataset *toy_and4(const struct toy *toy, const struct toy_args *args)
{
    (void)args;
    return patterns_make(toy, 2, pattern_all);
}

struct dataset *toy_or4(const struct toy *toy, const struct toy_args *args)
{
    (void)args;
    return patterns_make(toy, 2, pattern_any);
}

struct dataset *toy_xor4(const struct toy *toy, const struct toy_args *args)
{
    (void)args;
    return patterns_make(toy, 2, pattern_odd);
}

struct dataset *toy_parity(const struct toy *toy, const struct toy_args *args)
{
    return patterns_make(toy, args->n, pattern_odd);
}

struct dataset *toy_waves(const struct toy *toy, const struct toy_args *args)
{
    struct table *table = table_new(args->n, 1, TARGET_VALUE, 1);
    if (!table)
        return NULL;
    struct random noise = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_NOISE);
    for (uint32_t i = 0; i < args->n; i++) {
        double x = 2 * M_PI * (2.0 * i / (args->n - 1) - 1);
        table->x[i] = (float)x;
        table->y[i] = (float)(sin(x) + 0.5 * cos(2 * x) + args->noise * random_normal(&noise));
    }
    if (!table_name_column(table, 0, STR("x")) || !table_name_target(table, STR("y"))) {
        table_release(table);
        return NULL;
    }
    return dataset_of(table, toy->name);
}
