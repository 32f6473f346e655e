/* The story of a growth: what was measured after each round, what was rewritten, and what became of it. Who grows writes it
   (lab/grow.h); it stays with the run, in memory and in its file. */
#ifndef NEL_ENGINE_STORY_H
#define NEL_ENGINE_STORY_H

#include <stddef.h>
#include <stdint.h>

/* What became of a round's rewrite. */
enum story_outcome {
    STORY_QUIET, /* there was none */
    STORY_KEPT,
    STORY_REFUSED, /* it would have broken a limit, or been no network */
    STORY_UNDONE,  /* it did not prove itself: the network is that of before, and where its optimiser stood */
    STORY_OUTCOMES
};

struct story_row {
    uint32_t round;
    double epoch;
    double accuracy_before, accuracy_after; /* right before and right after the rewrite */
    double loss_before, loss_after;
    double accuracy_end, loss_end; /* at the end of its trial or, without one, of the next round; NaN where there was neither */
    double params_before, params_after;
    double flops_before, flops_after; /* of one sample, forward */
    char *measured;                   /* "improvement 0.3 %": what the policy looked at */
    char *what;                       /* "widen busiest", "" where nothing fired; a refused one with the reason behind it */
    char *why;                        /* the conditions that came true */
    enum story_outcome outcome;
    double difference; /* greatest |f_after - f_before| over the rows measured on; 0 where nothing was changed */
};

/* Stands in `what` of a refused row between what was refused and the reason; and where that reason begins, NULL: there is none. */
#define STORY_REASON ": refused, "
const char *story_reason(const struct story_row *row);

/* The texts of a row; all rows and their room. NULL of 0 rows is none. */
void story_row_release(struct story_row *row);
void story_release(struct story_row *story, size_t rounds);

#endif
