#include "engine/numbering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/hash.h"
#include "support/memory.h"
#include "support/vec.h"

/* Where functions are compared: evenly, and in magnitudes, both ways from 0. */
enum { EVEN_POINTS = 33, MAGNITUDES = 16, POINTS = EVEN_POINTS + 2 * MAGNITUDES };

/* Functions told apart at most; those beyond are all different. A network has few elements, but stacks of bare ones are functions of
   functions, each compared with all before. */
enum { MOST_FUNCTIONS = 256 };

/* What a number is made of: a function of one other value, or two values joined. */
enum { JOIN_SUM = MOST_FUNCTIONS, JOIN_PRODUCT };

struct function {
    const struct element *element; /* the outermost … */
    double params[LIMIT_ELEMENT_PARAMETERS];
    uint32_t inner; /* … of this function */
    double samples[POINTS];
    uint32_t same; /* the first function that agrees with it at all points: itself, or one before */
};

/* `of` = what(a, b). */
struct entry {
    uint32_t what, a, b;
    uint32_t of; /* 1 + number; 0: free */
};

/* How a number was made: function `function` of `argument`; of itself by function 0, the identity. */
struct making {
    uint32_t function, argument;
};

struct numbering {
    VEC(struct function) functions; /* 0: the identity */
    VEC(struct making) makings;     /* by number */
    struct entry *entries;          /* a hash table, at most half full */
    size_t entry_count, capacity;
    bool failed;
};

static void sample_points(double *at)
{
    for (int i = 0; i < EVEN_POINTS; i++)
        at[i] = (i - EVEN_POINTS / 2) * 0.73;
    for (int i = 0; i < MAGNITUDES; i++) {
        at[EVEN_POINTS + 2 * i] = 1.37e-5 * pow(3.1, i);
        at[EVEN_POINTS + 2 * i + 1] = -1.61e-5 * pow(3.1, i);
    }
}

static bool samples_agree(const double *a, const double *b)
{
    for (int i = 0; i < POINTS; i++)
        if (a[i] != b[i] && !(fabs(a[i] - b[i]) <= 1e-12 * fmax(fabs(a[i]), fabs(b[i]))))
            return false;
    return true;
}

struct numbering *numbering_new(void)
{
    struct numbering *numbering = mem_alloc(sizeof *numbering);
    struct function identity = {0};
    sample_points(identity.samples);
    if (numbering && vec_push(&numbering->functions, identity) && vec_push(&numbering->makings, ((struct making){0, NUMBER_ZERO})))
        return numbering;
    numbering_release(numbering);
    return NULL;
}

void numbering_release(struct numbering *numbering)
{
    if (!numbering)
        return;
    vec_release(&numbering->functions);
    vec_release(&numbering->makings);
    mem_free(numbering->entries);
    mem_free(numbering);
}

uint32_t numbering_count(const struct numbering *numbering)
{
    return (uint32_t)numbering->makings.count;
}

bool numbering_failed(const struct numbering *numbering)
{
    return numbering->failed;
}

uint32_t number_fresh(struct numbering *numbering, uint32_t count)
{
    const size_t first = numbering->makings.count;
    if (numbering->failed || first + count >= UINT32_MAX || !vec_reserve(&numbering->makings, first + count)) {
        numbering->failed = true;
        return NUMBER_ZERO;
    }
    for (uint32_t i = 0; i < count; i++)
        numbering->makings.at[first + i] = (struct making){0, (uint32_t)first + i};
    numbering->makings.count += count;
    return (uint32_t)first;
}

/* ---- the table of what was made ---- */

static struct entry *entry_find(const struct numbering *numbering, uint32_t what, uint32_t a, uint32_t b)
{
    const uint64_t hash = hash_u64(hash_u64(HASH_START, (uint64_t)what << 32 | a), b);
    size_t at = (size_t)hash & (numbering->capacity - 1);
    while (numbering->entries[at].of &&
           (numbering->entries[at].what != what || numbering->entries[at].a != a || numbering->entries[at].b != b))
        at = (at + 1) & (numbering->capacity - 1);
    return &numbering->entries[at];
}

static bool entries_grow(struct numbering *numbering)
{
    if (2 * (numbering->entry_count + 1) <= numbering->capacity)
        return true;
    struct numbering larger = {.capacity = numbering->capacity ? 2 * numbering->capacity : 64};
    larger.entries = mem_array(larger.capacity, sizeof *larger.entries);
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < numbering->capacity; i++)
        if (numbering->entries[i].of)
            *entry_find(&larger, numbering->entries[i].what, numbering->entries[i].a, numbering->entries[i].b) =
                numbering->entries[i];
    mem_free(numbering->entries);
    numbering->entries = larger.entries;
    numbering->capacity = larger.capacity;
    return true;
}

/* The number of what(a, b), a fresh one where it is met for the first time. */
static uint32_t number_made(struct numbering *numbering, uint32_t what, uint32_t a, uint32_t b)
{
    if (numbering->failed || !entries_grow(numbering)) {
        numbering->failed = true;
        return NUMBER_ZERO;
    }
    struct entry *entry = entry_find(numbering, what, a, b);
    if (!entry->of) {
        const uint32_t number = number_fresh(numbering, 1);
        *entry = (struct entry){what, a, b, number + 1};
        numbering->entry_count++;
    }
    return entry->of - 1;
}

/* ---- functions ---- */

/* The function that `element` makes of the results of function `inner`; MOST_FUNCTIONS where there is no room to tell. */
static uint32_t function_of(struct numbering *numbering, const struct element *element, const double *params, uint32_t inner)
{
    const struct function *known = numbering->functions.at;
    const size_t count = numbering->functions.count, bytes = element->param_count * sizeof *params;
    for (size_t i = 1; i < count; i++)
        if (known[i].element == element && known[i].inner == inner && memcmp(known[i].params, params, bytes) == 0)
            return known[i].same;
    if (count == MOST_FUNCTIONS)
        return MOST_FUNCTIONS;
    struct function made = {.element = element, .inner = inner, .same = (uint32_t)count};
    memcpy(made.params, params, bytes);
    for (int i = 0; i < POINTS; i++)
        made.samples[i] = formula_evaluate(&element->formula, element->value, known[inner].samples[i], params);
    for (uint32_t i = 0; i < count && made.same == count; i++)
        if (samples_agree(known[i].samples, made.samples))
            made.same = known[i].same;
    if (!vec_push(&numbering->functions, made))
        numbering->failed = true;
    return made.same;
}

uint32_t number_element(struct numbering *numbering, const struct element *element, const double *params, uint32_t argument)
{
    if (numbering->failed || argument >= numbering->makings.count)
        return NUMBER_ZERO;
    if (argument == NUMBER_ZERO && formula_evaluate(&element->formula, element->value, 0, params) == 0)
        return NUMBER_ZERO;
    const struct making made = numbering->makings.at[argument];
    const uint32_t function = function_of(numbering, element, params, made.function);
    if (function == MOST_FUNCTIONS)
        return number_fresh(numbering, 1);
    if (function == 0)
        return made.argument;
    const uint32_t number = number_made(numbering, function, made.argument, 0);
    if (!numbering->failed)
        numbering->makings.at[number] = (struct making){function, made.argument};
    return number;
}

bool element_is_identity(const struct element *element, const double *params)
{
    double points[POINTS], samples[POINTS];
    sample_points(points);
    for (int i = 0; i < POINTS; i++)
        samples[i] = formula_evaluate(&element->formula, element->value, points[i], params);
    return samples_agree(points, samples);
}

/* ---- values joined ---- */

static int ascending(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static uint32_t number_join(struct numbering *numbering, uint32_t what, uint32_t *values, uint32_t count)
{
    qsort(values, count, sizeof *values, ascending);
    uint32_t number = values[0];
    for (uint32_t i = 1; i < count; i++)
        number = number_made(numbering, what, number, values[i]);
    return number;
}

uint32_t number_sum(struct numbering *numbering, uint32_t *values, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (values[i] != NUMBER_ZERO)
            values[kept++] = values[i];
    return kept > 0 ? number_join(numbering, JOIN_SUM, values, kept) : NUMBER_ZERO;
}

uint32_t number_product(struct numbering *numbering, uint32_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (values[i] == NUMBER_ZERO)
            return NUMBER_ZERO;
    return number_join(numbering, JOIN_PRODUCT, values, count);
}
