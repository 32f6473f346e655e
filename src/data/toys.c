/* The table of toys.

   The planar binary tasks are those of the Neural Elements laboratory (mgmacleod/incubator, projects/neural-elements), with its
   constants; where n does not divide evenly by the number of groups, NEL still gives n rows and the first groups get one more. */
#include "data/toys.h"

#include <math.h>

#include "data/toys_make.h"
#include "support/limits.h"
#include "support/number.h"

/* clang-format off */
/* What most rows have in common: as many rows as asked for, noise, a seed. */
#define SAMPLED  .most_n = LIMIT_TOY_ROWS, .random = true
#define NO_NOISE .noise = NAN

/* In the manual's order: the planar binary tasks, other points of the plane, a curve, exact tables. */
const struct toy toys[] = {
    {.name = "xor",
     .doc = "Four Gaussian clouds of n/4 points, their standard deviation the noise: around (-1, 1) and (1, -1) class 0, around "
            "(1, 1) and (-1, -1) class 1.",
     .make = toy_xor, .n = 200, .least_n = 4, .noise = 0.1, .listed = true, SAMPLED},
    {.name = "moons",
     .doc = "Two half circles that reach into each other: (cos t, sin t) class 0 and (1 - cos t, 0.5 - sin t) class 1, t evenly "
            "over [0, pi], both coordinates with normal noise.",
     .make = toy_moons, .n = 200, .least_n = 2, .noise = 0.1, .listed = true, SAMPLED},
    {.name = "circles",
     .doc = "Two circles around the origin: radius 1 class 0, radius 0.5 class 1, the angle uniform, normal noise on the radius.",
     .make = toy_circles, .n = 200, .least_n = 2, .noise = 0.1, .listed = true, SAMPLED},
    {.name = "spirals",
     .doc = "Two arms of one and a half turns: t = sqrt(u) * 3 pi with u uniform, radius 2 t / (3 pi), class 1 turned by 180 "
            "degrees, both coordinates with normal noise. Near the centre the arms overlap.",
     .make = toy_spirals, .n = 200, .least_n = 2, .noise = 0.2, .listed = true, SAMPLED},
    {.name = "gaussian_clusters",
     .doc = "Four Gaussian clouds, their standard deviation the noise, on a circle of radius 1.5 at 0, 90, 180 and 270 degrees, "
            "labelled 0, 1, 0, 1.",
     .make = toy_gaussian_clusters, .n = 200, .least_n = 4, .noise = 0.3, .listed = true, SAMPLED},
    {.name = "checkerboard",
     .doc = "Points uniform in the square [-1, 1] x [-1, 1], cut into 2 x 2 fields that alternate between the classes; the lower "
            "left one is class 0. Noise moves a point after it was labelled.",
     .make = toy_checkerboard, .n = 200, .least_n = 2, .noise = 0, .listed = true, SAMPLED},
    {.name = "rings",
     .doc = "Three circles around the origin, of radius 1/3, 2/3 and 1, labelled 0, 1, 0; the angle uniform, the radius with normal "
            "noise of half the given standard deviation.",
     .make = toy_rings, .n = 200, .least_n = 3, .noise = 0.1, .listed = true, SAMPLED},
    {.name = "swiss_roll_2d",
     .doc = "The spiral (t cos t, t sin t), t = 1.5 pi (1 + 2 u) with u uniform, both coordinates with normal noise, centred and "
            "divided by their common standard deviation; class 1 is the outer half, t above its median.",
     .make = toy_swiss_roll_2d, .n = 200, .least_n = 2, .noise = 0.1, .listed = true, SAMPLED},
    {.name = "linear_separable",
     .doc = "Two Gaussian clouds, their standard deviation the noise, around (0, -0.5) class 0 and around (0, 0.5) class 1.",
     .make = toy_linear_separable, .n = 200, .least_n = 2, .noise = 0.1, .listed = true, SAMPLED},

    {.name = "two_spirals",
     .doc = "Two arms that wind around each other twice, after Lang and Witbrock (1988): the inner two of the three turns of their "
            "curve, evenly sampled, from radius 4.5 inwards to 0.5. Neighbouring arms are 1 apart, and both coordinates have "
            "normal noise in this unit: at 50% the arms run together. The arms take turns, from the outside inwards.",
     .make = toy_two_spirals, .n = 200, .least_n = 4, .noise = 0, SAMPLED},
    {.name = "lang_witbrock",
     .doc = "The benchmark of Lang and Witbrock (1988), \"Learning to tell two spirals apart\": two arms of three turns, 97 points "
            "each, the i-th at angle i pi / 16 and radius 6.5 (104 - i) / 104, the second arm opposite to the first. It takes "
            "thousands of epochs; `two_spirals` is the kind one.",
     .make = toy_lang_witbrock, NO_NOISE},
    {.name = "three_spirals",
     .doc = "Three arms of n/3 points, one class each, as create_data(100, 3) makes them in courses on networks from scratch (after "
            "Karpathy's case study for CS231n): r evenly over [0, 1], t evenly over [4 j, 4 (j + 1)] plus normal noise for arm j, "
            "the point (r sin 2.5 t, r cos 2.5 t). Rows stand arm after arm.",
     .make = toy_three_spirals, .n = 300, .least_n = 6, .noise = 0.2, SAMPLED},
    {.name = "blobs",
     .doc = "Two Gaussian clouds of n/2 points, their standard deviation the noise, around (2, 2) class 0 and around (5, 5) class 1.",
     .make = toy_blobs, .n = 50, .least_n = 2, .noise = 0.8, SAMPLED},
    {.name = "annulus",
     .doc = "A disc of radius 1.5, class 0, in a ring from radius 2.5 to 4, class 1; both uniform over their area.",
     .make = toy_annulus, .n = 200, .least_n = 2, NO_NOISE, SAMPLED},
    {.name = "waves",
     .doc = "Regression: y = sin x + 0.5 cos 2x plus normal noise, x evenly over [-2 pi, 2 pi], rows in the order of x.",
     .make = toy_waves, .n = 200, .least_n = 2, .noise = 0.1, SAMPLED},
    {.name = "and4", .doc = "The truth table of AND: four points, class 1 where both are 1.", .make = toy_and4, NO_NOISE},
    {.name = "or4", .doc = "The truth table of OR: four points, class 1 where any is 1.", .make = toy_or4, NO_NOISE},
    {.name = "xor4", .doc = "The truth table of XOR: four points, class 1 where exactly one is 1.", .make = toy_xor4, NO_NOISE},
    {.name = "parity",
     .doc = "All 2^n patterns of n bits, in counting order; class 1 where the number of ones is odd.",
     .make = toy_parity, .n = 4, .least_n = 1, .most_n = LIMIT_PARITY_BITS, NO_NOISE},
};
/* clang-format on */
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
