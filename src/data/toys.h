/* Toy data sets, by name. Each is a row of `toys`; the evaluator makes a function of every row. */
#ifndef NEL_DATA_TOYS_H
#define NEL_DATA_TOYS_H

#include "data/dataset.h"

struct toy_args {
    uint32_t n;   /* rows, where the toy takes it */
    double noise; /* standard deviation, where it takes it */
    uint64_t seed;
};

struct toy {
    const char *name;
    const char *doc; /* one or two sentences, with the source of the definition */
    uint32_t n;      /* default number of rows; for parity the number of bits; 0: the toy has a fixed size and takes no n */
    uint32_t least_n, most_n;
    double noise; /* default; NaN: the toy takes no noise */
    bool random;  /* takes a seed */
    bool listed;  /* one of `toys`, the planar binary tasks that a sweep runs over */
    struct dataset *(*make)(const struct toy *toy, const struct toy_args *args);
};

extern const struct toy toys[];
extern const size_t toy_count;

const struct toy *toy_find(struct str name);

/* The data set, NULL with a diagnostic (arguments out of range, memory). */
struct dataset *toy_make(const struct toy *toy, const struct toy_args *args, struct span span, struct diags *diags);

#endif
