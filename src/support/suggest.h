/* Near misses: which of the known names did the user mean? */
#ifndef NEL_SUPPORT_SUGGEST_H
#define NEL_SUPPORT_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "support/text.h"

/* Collects the best candidate over any number of offers: one that begins with what was written, or is a few slips away from it. Of two that are equally far, the one that begins alike and whose
   difference is the likelier slip of the hand is better; of two that are equally likely, the first offered. */
struct suggestion {
    struct str wanted;
    struct str best; /* empty where nothing is near enough */
    size_t cost;     /* of the best */
    size_t limit;    /* slips that are near enough */
};

void suggest_start(struct suggestion *suggestion, struct str wanted);
void suggest_offer(struct suggestion *suggestion, struct str candidate);
/* The same for a name of a kind that does not fit where it would stand: a fitting one that is nearly as near is better. */
void suggest_offer_unfit(struct suggestion *suggestion, struct str candidate);

/* Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment), case-insensitive, at most `limit` + 1. */
size_t suggest_distance(struct str a, struct str b, size_t limit);

#endif
