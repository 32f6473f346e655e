/* Traits of a layer, one row each: its key in DNA and in a call, what it holds, its default. The printer, the decoder, the
   evaluator's `relu(8, init: he)` and the manual all read this table; a new trait is a new row. */
#ifndef NEL_MOLECULE_TRAIT_H
#define NEL_MOLECULE_TRAIT_H

#include "molecule/molecule.h"

enum trait_kind { TRAIT_NUMBER, TRAIT_SWITCH, TRAIT_WORD };

struct trait_row {
    const char *key;
    enum trait_kind kind;
    size_t offset; /* in struct traits */
    double initial;
    double low, high; /* a number's valid range, inclusive */
    const char *doc;
    const char *const *words; /* TRAIT_WORD: by the number that is kept; NULL ends */
    const char *noun;         /* what a message calls the word */
};

extern const struct trait_row trait_table[];
extern const size_t trait_count;

const struct trait_row *trait_find(struct str key); /* NULL: not a trait common to all elements */
struct traits traits_default(const struct element *element);
double trait_get(const struct traits *traits, const struct trait_row *row);
void trait_put(struct traits *traits, const struct trait_row *row, double value); /* one that was got, or that is in its range */

/* Whether every trait of a layer of `element` is at its default. */
bool traits_usual(const struct traits *traits, const struct element *element);

/* The first common trait that is outside its range, that is not at its default; NULL where there is none. */
const struct trait_row *traits_out_of_range(const struct traits *traits);
const struct trait_row *traits_first_set(const struct traits *traits);

/* Sets one trait (common, or a parameter of `element`) from a number or, for words, from `word`; false with a diagnostic at `span`
   that lists the valid ones or suggests a near one. */
bool trait_set(struct traits *traits, const struct element *element, struct str key, double number, struct str word,
               struct span span, struct diags *diags);

extern const char *const init_names[]; /* by enum initial: "auto", "he" …; NULL ends */
extern const char *const init_docs[];
extern const char *const share_names[]; /* by enum share */
extern const char *const share_docs[];
extern const char *const head_names[]; /* by enum head */
/* Whether what comes out is the probability of each class. */
static inline bool head_tells_probabilities(uint8_t head)
{
    return head == HEAD_SOFTMAX || head == HEAD_SIGMOID;
}
extern const char *const head_docs[];

#endif
