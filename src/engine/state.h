/* The state of a training: everything that its next step depends on, beside its molecule, its data and its options. Put back, a
   training goes on with the very same bits, since random numbers are named by seed, purpose and number and not consumed. */
#ifndef NEL_ENGINE_STATE_H
#define NEL_ENGINE_STATE_H

#include <stdint.h>

#include "engine/schedule.h"

/* Sums over samples. */
struct tally {
    double loss;
    uint64_t hits; /* classes: right answers */
};

struct training_state {
    uint64_t step;         /* optimiser steps taken */
    uint64_t chunk;        /* chunks run: names the dropout masks */
    uint32_t position;     /* samples seen of an epoch that was broken off; 0 between epochs */
    struct tally tally;    /* … and their sums */
    double power1, power2; /* of the optimiser's betas */
    double best_figure;    /* of the best epoch: its loss, or 1 - accuracy; infinite before there is one */
    struct schedule_state schedule;
    float *last;           /* [param_count] where the training stands; NULL: at the model's parameters, which are else the best */
    float *first, *second; /* [trained_count] what the optimiser keeps of each parameter; NULL where it keeps nothing */
    double *starts;        /* [2 x spans of the plan] the powers with which each began; NULL: 1, nothing was carried in */
};

/* A network as it was after an epoch. */
struct snapshot {
    uint32_t epoch; /* 0: before the first */
    float *params;  /* [param_count]; NULL: the training has not come to it */
};

#endif
