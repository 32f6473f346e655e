/* Names of taps while DNA is read: what each means at this point, scope by scope. */
#ifndef NEL_MOLECULE_DNA_NAMES_H
#define NEL_MOLECULE_DNA_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "support/text.h"
#include "support/vec.h"

/* A label's name and what it means at this point: a builder label, 0 nothing (its scope has ended). */
struct name {
    struct str text;
    uint32_t label;
};

struct hidden {
    uint32_t name, label;
};

/* Names of labels: a list with a hash table over it, and what to restore when a scope ends. */
struct names {
    VEC(struct name) list;
    VEC(struct hidden) hidden;
    uint32_t *table; /* 1 + index in `list`, 0 free; a power of two of slots, at most half of them used */
    size_t slots;
};

/* The builder label that a name means here, 0 none. */
uint32_t names_find(const struct names *names, struct str text);
/* Lets `text` mean `label` until its scope ends; false where memory is exhausted. */
bool names_define(struct names *names, struct str text, uint32_t label);
/* Ends a scope that began when names->hidden.count was `mark`. */
void names_leave(struct names *names, size_t mark);
void names_release(struct names *names);

#endif
