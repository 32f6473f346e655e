/* Near misses: which of the known names did the user mean? */
#ifndef NEL_SUPPORT_SUGGEST_H
#define NEL_SUPPORT_SUGGEST_H

#include <stddef.h>

#include "support/text.h"

/* Collects the best candidate over any number of offers. */
struct suggestion {
    struct str wanted;
    struct str best; /* empty where nothing is near enough */
    size_t distance;
};

void suggest_start(struct suggestion *suggestion, struct str wanted);
void suggest_offer(struct suggestion *suggestion, struct str candidate);

/* Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment), case-insensitive, at most `limit` + 1. */
size_t suggest_distance(struct str a, struct str b, size_t limit);

#endif
