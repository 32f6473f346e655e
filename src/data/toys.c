/* The table of toys, and what their makers share.

   The planar binary tasks are those of the Neural Elements laboratory (mgmacleod/incubator, projects/neural-elements), with its
   constants; where n does not divide evenly by the number of groups, NEL still gives n rows and the first groups get one more. */
#include "data/toys.h"

#include <math.h>

#include "data/streams.h"
#include "data/toys_make.h"
#include "support/limits.h"
#include "support/number.h"

#define ROWS    LIMIT_TOY_ROWS
#define NOTHING NAN /* takes no noise */

/* Sorted as the manual lists them: the planar binary tasks, other points of the plane, the rest. */
const struct toy toys[] = {
    {"xor",
     "Four Gaussian clouds of n/4 points (sd: noise): around (-1, 1) and (1, -1) class 0, around (1, 1) and (-1, -1) class 1.", 200,
     4, ROWS, 0.1, true, true, toy_xor},
    {"moons",
     "Two half circles that reach into each other: (cos t, sin t) class 0 and (1 - cos t, 0.5 - sin t) class 1, t evenly over "
     "[0, pi], both coordinates with normal noise.",
     200, 2, ROWS, 0.1, true, true, toy_moons},
    {"circles",
     "Two circles around the origin: radius 1 class 0, radius 0.5 class 1, the angle uniform, normal noise on the radius.", 200, 2,
     ROWS, 0.1, true, true, toy_circles},
    {"spirals",
     "Two arms of one and a half turns: t = sqrt(u) * 3 pi with u uniform, radius 2 t / (3 pi), class 1 turned by 180 degrees, "
     "both coordinates with normal noise. Near the centre the arms overlap.",
     200, 2, ROWS, 0.2, true, true, toy_spirals},
    {"gaussian_clusters",
     "Four Gaussian clouds (sd: noise) on a circle of radius 1.5, at 0, 90, 180 and 270 degrees, labelled 0, 1, 0, 1.", 200, 4,
     ROWS, 0.3, true, true, toy_gaussian_clusters},
    {"checkerboard",
     "Points uniform in the square [-1, 1] x [-1, 1], cut into 2 x 2 fields that alternate between the classes; the lower left one "
     "is class 0. Noise moves a point after it was labelled.",
     200, 2, ROWS, 0.0, true, true, toy_checkerboard},
    {"rings",
     "Three circles around the origin, of radius 1/3, 2/3 and 1, labelled 0, 1, 0; the angle uniform, the radius with normal noise "
     "of half the given standard deviation.",
     200, 3, ROWS, 0.1, true, true, toy_rings},
    {"swiss_roll_2d",
     "The spiral (t cos t, t sin t), t = 1.5 pi (1 + 2 u) with u uniform, both coordinates with normal noise, centred and divided "
     "by their common standard deviation; class 1 is the outer half, t above its median.",
     200, 2, ROWS, 0.1, true, true, toy_swiss_roll_2d},
    {"linear_separable", "Two Gaussian clouds (sd: noise), around (0, -0.5) class 0 and around (0, 0.5) class 1.", 200, 2, ROWS,
     0.1, true, true, toy_linear_separable},

    {"two_spirals",
     "The benchmark of Lang and Witbrock (1988): two arms of three turns, 97 points each, the i-th at angle i pi / 16 and radius "
     "6.5 (104 - i) / 104, the second arm opposite to the first; here divided by 6.5, so that it lies within [-1, 1]. Another n "
     "samples the same curve evenly. Noise is in the benchmark's own unit, the distance between neighbouring arms: at 50% they "
     "run together. Rows go from the outside inwards, the arms taking turns.",
     194, 4, ROWS, 0.0, true, false, toy_two_spirals},
    {"three_spirals",
     "Three arms, n/3 points each, as create_data(100, 3) of CS231n's case study in the form \"Neural Networks from Scratch\" gave "
     "it: r evenly over [0, 1], t evenly over [4 j, 4 (j + 1)] plus normal noise for arm j, the point (r sin 2.5 t, r cos 2.5 t). "
     "Rows stand arm after arm.",
     300, 6, ROWS, 0.2, true, false, toy_three_spirals},
    {"blobs", "Two Gaussian clouds (sd: noise) of n/2 points, around (2, 2) class 0 and around (5, 5) class 1.", 50, 2, ROWS, 0.8,
     true, false, toy_blobs},
    {"annulus", "A disc of radius 1.5, class 0, in a ring from radius 2.5 to 4, class 1; both uniform over their area.", 200, 2,
     ROWS, NOTHING, true, false, toy_annulus},
    {"waves", "Regression: y = sin x + 0.5 cos 2x plus normal noise, x evenly over [-2 pi, 2 pi], rows in the order of x.", 200, 2,
     ROWS, 0.1, true, false, toy_waves},
    {"and4", "The truth table of AND: four points, class 1 where both are 1.", 0, 0, 0, NOTHING, false, false, toy_and4},
    {"or4", "The truth table of OR: four points, class 1 where any is 1.", 0, 0, 0, NOTHING, false, false, toy_or4},
    {"xor4", "The truth table of XOR: four points, class 1 where exactly one is 1.", 0, 0, 0, NOTHING, false, false, toy_xor4},
    {"parity", "All 2^n patterns of n bits, in counting order; class 1 where the number of ones is odd.", 4, 1, LIMIT_PARITY_BITS,
     NOTHING, false, false, toy_parity},
};
const size_t toy_count = sizeof toys / sizeof *toys;

const struct toy *toy_find(struct str name)
{
    for (size_t i = 0; i < toy_count; i++)
        if (str_is(name, toys[i].name))
            return &toys[i];
    return NULL;
}

struct dataset *toy_make(const struct toy *toy, const struct toy_args *args, struct span span, struct diags *diags)
{
    if (toy->n > 0 && (args->n < toy->least_n || args->n > toy->most_n)) {
        struct text bounds = {0};
        number_write_count(&bounds, toy->least_n);
        text_add(&bounds, " to ");
        number_write_count(&bounds, toy->most_n);
        struct diag *diag = diag_error(diags, span, "%s cannot be made with n = %u", toy->name, args->n);
        diag_note(diag, "n goes from %s", text_chars(&bounds));
        text_release(&bounds);
        return NULL;
    }
    if (!isnan(toy->noise) && !(args->noise >= 0 && args->noise <= LIMIT_NOISE)) {
        diag_error(diags, span, "the noise of %s is a standard deviation, from 0 to %g", toy->name, LIMIT_NOISE);
        return NULL;
    }
    struct dataset *dataset = toy->make(toy, args);
    if (!dataset)
        diag_out_of_memory(diags, span);
    return dataset;
}

struct plane plane_start(const struct toy_args *args, uint32_t classes)
{
    struct table *table = table_new(args->n, 2, TARGET_CLASS, classes);
    if (table && !table_name_target(table, STR("class"))) {
        table_release(table);
        table = NULL;
    }
    return (struct plane){
        .table = table,
        .place = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_PLACES),
        .noise = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_NOISE),
        .sd = args->noise,
    };
}

void plane_add(struct plane *plane, double x, double y, int32_t label)
{
    if (!plane->table)
        return;
    float *row = plane->table->x + 2 * (size_t)plane->next;
    if (plane->sd > 0) {
        x += plane->sd * random_normal(&plane->noise);
        y += plane->sd * random_normal(&plane->noise);
    }
    row[0] = (float)x;
    row[1] = (float)y;
    plane->table->labels[plane->next++] = label;
}

struct dataset *plane_finish(struct plane *plane, const struct toy *toy, const struct toy_args *args, bool shuffle)
{
    struct dataset *dataset = dataset_of(plane->table, toy->name);
    if (dataset && shuffle) {
        struct random order = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_ORDER);
        random_shuffle(&order, dataset->rows, dataset->count);
    }
    return dataset;
}

uint32_t group_size(uint32_t n, uint32_t groups, uint32_t group)
{
    return n / groups + (group < n % groups);
}
