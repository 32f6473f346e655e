/* A set of names, each with the number of its first appearance: columns of a header, categories of a column. Found by hash, so that
   a hundred thousand columns are no quadratic matter. */
#ifndef NEL_DATA_NAMES_H
#define NEL_DATA_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "support/text.h"

struct name_set {
    char **at; /* [count], owned */
    uint32_t count;
    uint32_t *slots; /* [slot_count], a power of two; number + 1, 0: free */
    size_t slot_count, cap;
};

#define NAMES_NONE UINT32_MAX

/* The number of `name`, added where it is new; NAMES_NONE where memory is exhausted. */
uint32_t name_set_add(struct name_set *names, struct str name);
/* The number of `name`, or NAMES_NONE. */
uint32_t name_set_find(const struct name_set *names, struct str name);
/* The known name that is nearest to `wanted`, "" where none is near. */
struct str name_set_nearest(const struct name_set *names, struct str wanted);
/* Hands over the array of names, [count], and empties the set. */
char **name_set_take(struct name_set *names);
void name_set_release(struct name_set *names);

/* Plain lists of names, as tables and recipes own them. */
char **names_copy(char *const *names, uint32_t count); /* NULL where memory is exhausted */
void names_free(char **names, uint32_t count);         /* accepts NULL */

#endif
