/* What the makers of toys share: points of the plane with noise, and the makers themselves by subject. Private to toys*.c. */
#ifndef NEL_DATA_TOYS_MAKE_H
#define NEL_DATA_TOYS_MAKE_H

#include "data/toys.h"
#include "support/random.h"

/* A table of labelled points being filled. */
struct plane {
    struct table *table; /* NULL where memory is exhausted: additions do nothing */
    uint32_t next;       /* row to be filled */
    struct random place; /* where points lie */
    struct random noise; /* how far they are moved */
    double sd;
};

struct plane plane_start(const struct toy_args *args, uint32_t classes);
/* The next row: (x, y), each moved by normal noise. */
void plane_add(struct plane *plane, double x, double y, int32_t label);
/* The data set, its rows shuffled where `shuffle`; NULL where memory is exhausted. */
struct dataset *plane_finish(struct plane *plane, const struct toy *toy, const struct toy_args *args, bool shuffle);

/* Rows of group `group`, where n rows are dealt to `groups` as evenly as can be, the first ones getting one more. */
uint32_t group_size(uint32_t n, uint32_t groups, uint32_t group);

/* toys_plane.c */
struct dataset *toy_xor(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_moons(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_circles(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_rings(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_annulus(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_gaussian_clusters(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_blobs(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_checkerboard(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_linear_separable(const struct toy *toy, const struct toy_args *args);

/* toys_spirals.c */
struct dataset *toy_spirals(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_two_spirals(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_lang_witbrock(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_three_spirals(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_swiss_roll_2d(const struct toy *toy, const struct toy_args *args);

/* toys_exact.c */
struct dataset *toy_and4(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_or4(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_xor4(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_parity(const struct toy *toy, const struct toy_args *args);
struct dataset *toy_waves(const struct toy *toy, const struct toy_args *args);

#endif
