/* Toys that wind. The definitions stand with the table in toys.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/toys_make.h"
#include "support/memory.h"

struct dataset *toy_spirals(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    for (int32_t label = 0; label < 2; label++) {
        double side = label == 0 ? 1 : -1;
        for (uint32_t i = group_size(args->n, 2, (uint32_t)label); i > 0; i--) {
            double t = sqrt(random_unit(&plane.place)) * 3 * M_PI;
            double r = side * 2 * t / (3 * M_PI);
            plane_add(&plane, r * cos(t), r * sin(t), label);
        }
    }
    return plane_finish(&plane, toy, args, true);
}

/* Lang and Witbrock, "Learning to tell two spirals apart", Proceedings of the 1988 Connectionist Models Summer School. A place on
   the curve is their index, 0 outside to 96 inside; a turn is 32 steps, in which the radius falls by 2, so that neighbouring arms
   are 1 apart. The arms take turns, both being sampled evenly from `first` to 96. */
static struct dataset *arms_make(const struct toy *toy, const struct toy_args *args, double first)
{
    const double last = 96;
    struct plane plane = plane_start(args, 2);
    for (uint32_t i = 0; i < args->n; i++) {
        int32_t label = (int32_t)(i % 2);
        double step = (last - first) / (group_size(args->n, 2, (uint32_t)label) - 1);
        uint32_t along = i / 2; /* of its arm */
        double at = first + step * along;
        double angle = at * M_PI / 16, r = 6.5 * (104 - at) / 104;
        double side = label == 0 ? 1 : -1;
        plane_add(&plane, side * r * sin(angle), side * r * cos(angle), label);
    }
    return plane_finish(&plane, toy, args, false);
}

/* The outermost turn is left out: with all three, a network of a hundred neurons needs thousands of epochs for a few hundred
   points, and early stopping ends on the plateau before it. */
struct dataset *toy_two_spirals(const struct toy *toy, const struct toy_args *args)
{
    return arms_make(toy, args, 32);
}

struct dataset *toy_lang_witbrock(const struct toy *toy, const struct toy_args *args)
{
    const struct toy_args exact = {.n = 2 * 97, .seed = args->seed};
    return arms_make(toy, &exact, 0);
}

struct dataset *toy_three_spirals(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 3);
    plane.sd = 0; /* noise is on the angle */
    for (uint32_t arm = 0; arm < 3; arm++) {
        uint32_t count = group_size(args->n, 3, arm);
        for (uint32_t i = 0; i < count; i++) {
            double r = (double)i / (count - 1);
            double t = 4 * (arm + r) + args->noise * random_normal(&plane.noise);
            plane_add(&plane, r * sin(2.5 * t), r * cos(2.5 * t), (int32_t)arm);
        }
    }
    return plane_finish(&plane, toy, args, false);
}

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Puts class 1 where t [rows] is above its median (of two middle ones, their mean); `sorted` [rows] is scratch. */
static void roll_label(struct table *table, const double *t, double *sorted)
{
    uint32_t rows = table->rows;
    memcpy(sorted, t, rows * sizeof *t);
    qsort(sorted, rows, sizeof *sorted, double_compare);
    double median = (sorted[(rows - 1) / 2] + sorted[rows / 2]) / 2;
    for (uint32_t i = 0; i < rows; i++)
        table->labels[i] = t[i] > median;
}

/* Centres both columns and divides them by the standard deviation of all coordinates taken together, before centring. */
static void roll_scale(struct table *table)
{
    size_t rows = table->rows, all = 2 * rows;
    double mean[2] = {0, 0}, square = 0;
    for (size_t i = 0; i < all; i++)
        mean[i % 2] += (double)table->x[i] / (double)rows;
    double middle = (mean[0] + mean[1]) / 2;
    for (size_t i = 0; i < all; i++)
        square += (table->x[i] - middle) * (table->x[i] - middle);
    double sd = sqrt(square / (double)all);
    for (size_t i = 0; i < all; i++)
        table->x[i] = (float)((table->x[i] - mean[i % 2]) / sd);
}

struct dataset *toy_swiss_roll_2d(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    double *t = mem_array(2 * (size_t)args->n, sizeof *t);
    if (!plane.table || !t) {
        mem_free(t);
        table_release(plane.table);
        return NULL;
    }
    for (uint32_t i = 0; i < args->n; i++) {
        t[i] = 1.5 * M_PI * (1 + 2 * random_unit(&plane.place));
        plane_add(&plane, t[i] * cos(t[i]), t[i] * sin(t[i]), 0);
    }
    roll_label(plane.table, t, t + args->n);
    roll_scale(plane.table);
    mem_free(t);
    return plane_finish(&plane, toy, args, false);
}
