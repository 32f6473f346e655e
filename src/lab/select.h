/* Selection: who has children, and who lives on. Individuals are put in an order of merit; every way to select reads that order. */
#ifndef NEL_LAB_SELECT_H
#define NEL_LAB_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/random.h"

/* Objectives of one evolution, at most. */
#define OBJECTIVES_MOST 4

enum selection_kind {
    SELECT_TOURNAMENT, /* the fittest of `size` drawn (Goldberg and Deb, FOGA 1991) */
    SELECT_RANK, /* chances fall evenly from the fittest, who expects `pressure` children, to the least fit (Baker, ICGA 1985) */
    SELECT_TRUNCATION, /* all of the fittest `share` alike (Muehlenbein and Schlierkamp-Voosen 1993) */
    SELECT_NSGA2,      /* fronts, then crowding; parents and children compete (Deb, Pratap, Agarwal and Meyarivan 2002) */
    SELECT_AGING,      /* the fittest of `size` drawn; the oldest dies (Real, Aggarwal, Huang and Le, AAAI 2019) */
    SELECT_RANDOM,     /* nobody is selected: children are samples of what the rules can reach, independent of each other */
    SELECT_CLIMB /* the fittest so far, who gives way to a fitter one alone: steepest ascent among neighbours that are drawn */
};

struct selection {
    enum selection_kind kind;
    uint32_t size;   /* tournament, aging: how many are drawn, at least 1 */
    double pressure; /* rank: 1 (no selection) to 2 */
    double share;    /* truncation: above 0, at most 1 */
    uint32_t batch;  /* aging: children at a time, made before any of them is judged, so that threads have work; at least 1 */
};

/* What selection sees of an individual. */
struct merit {
    double objectives[OBJECTIVES_MOST]; /* larger is better; never NaN */
    double params;                      /* of equally good ones that with fewer comes first, then the elder */
    size_t age;                         /* number of birth */
};

/* An order of merit. With one objective by it; with several by fronts of those whom nobody surpasses in one objective without being
   worse in another, and within a front by the room around each. */
struct ranking {
    const struct merit *merits; /* [count], the caller's */
    uint32_t count, objectives;
    bool ordered;          /* order and place are there */
    uint32_t *order;       /* [count] members, fittest first */
    uint32_t *place;       /* [count] by member: where it stands in the order */
    uint32_t *front;       /* [count] by member, from 0; with one objective all 0 */
    double *crowding;      /* [count] by member */
    double *fitness;       /* [count] by member, with one objective: it, side by side */
    struct rank_key *keys; /* [2 * most] room to sort in */
    uint32_t most;         /* room */
};

/* Room for up to `most` members; false where memory is exhausted. */
bool ranking_init(struct ranking *ranking, uint32_t most);
void ranking_release(struct ranking *ranking);
/* Orders `count` members. Several objectives cost time with the square of the count. */
void ranking_make(struct ranking *ranking, const struct merit *merits, uint32_t count, uint32_t objectives);
/* Puts them in order as far as parents that are drawn so are drawn by it: a tournament of one objective only compares. */
void ranking_make_for(struct ranking *ranking, const struct merit *merits, uint32_t count, uint32_t objectives,
                      enum selection_kind kind);

/* Number of a member that has a child. */
uint32_t select_parent(const struct ranking *ranking, const struct selection *selection, struct random *random);

#endif
