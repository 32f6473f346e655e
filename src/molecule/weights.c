#include "molecule/weights.h"

#include <string.h>

#include "support/hash.h"
#include "support/memory.h"
#include "support/references.h"

/* ---- sources ---- */

struct weights_source *weights_source_new(const char *name, const char *inputs)
{
    struct weights_source *source = mem_alloc(sizeof *source);
    if (!source)
        return NULL;
    source->references = 1;
    source->name = mem_copy_text(name, strlen(name));
    source->inputs = inputs ? mem_copy_text(inputs, strlen(inputs)) : NULL;
    if (source->name && (source->inputs || !inputs))
        return source;
    weights_source_release(source);
    return NULL;
}

struct weights_source *weights_source_retain(struct weights_source *source)
{
    if (source)
        references_add(&source->references);
    return source;
}

void weights_source_release(struct weights_source *source)
{
    if (!source || !references_drop(&source->references))
        return;
    mem_free(source->name);
    mem_free(source->inputs);
    mem_free(source);
}

/* ---- weights ---- */

struct weights *weights_outline(struct weights_shape shape, struct weights_source *source)
{
    struct weights *weights = mem_alloc(sizeof *weights);
    if (!weights)
        return NULL;
    weights->references = 1;
    weights->shape = shape;
    weights->source = weights_source_retain(source);
    return weights;
}

/* The next part of a block; NULL where it has nothing in it. */
static float *part(float **at, size_t count)
{
    float *start = count > 0 ? *at : NULL;
    *at += count;
    return start;
}

struct weights *weights_new(struct weights_shape shape, struct weights_source *source)
{
    struct weights *weights = weights_outline(shape, source);
    if (!weights)
        return NULL;
    float *at = mem_floats(shape.factors + shape.shifts + shape.learned + shape.running + 1);
    weights->values = at;
    bool whole = at;
    if (shape.sparse) {
        weights->start = mem_array((size_t)shape.width + 1, sizeof *weights->start);
        weights->input = mem_array(shape.factors, sizeof *weights->input);
        whole = whole && weights->start && weights->input;
    }
    if (!whole) {
        weights_release(weights);
        return NULL;
    }
    weights->factors = part(&at, shape.factors);
    weights->shifts = part(&at, shape.shifts);
    weights->learned = part(&at, shape.learned);
    weights->running = part(&at, shape.running);
    return weights;
}

static size_t value_count(const struct weights *weights)
{
    const struct weights_shape *shape = &weights->shape;
    return weights->values ? shape->factors + shape->shifts + shape->learned + shape->running : 0;
}

size_t weights_trained(const struct weights_shape *shape)
{
    return shape->factors + shape->shifts + shape->learned;
}

static void state_release(struct weights_state *state)
{
    if (!state)
        return;
    mem_free_floats(state->first);
    mem_free_floats(state->second);
    mem_free(state);
}

bool weights_add_state(struct weights *weights, unsigned optimizer, bool first, bool second)
{
    const size_t count = weights_trained(&weights->shape);
    struct weights_state *state = mem_alloc(sizeof *state);
    if (!state)
        return false;
    *state = (struct weights_state){.optimizer = optimizer, .power1 = 1, .power2 = 1};
    weights->state = state;
    state->first = first ? mem_floats(count + 1) : NULL;
    state->second = second ? mem_floats(count + 1) : NULL;
    return (state->first || !first) && (state->second || !second);
}

bool weights_add_state_like(struct weights *weights, const struct weights_state *other)
{
    if (!other)
        return true;
    if (!weights_add_state(weights, other->optimizer, other->first, other->second))
        return false;
    weights->state->power1 = other->power1;
    weights->state->power2 = other->power2;
    return true;
}

static bool copy_state(struct weights *to, const struct weights *from)
{
    const struct weights_state *old = from->state;
    const size_t bytes = weights_trained(&from->shape) * sizeof(float);
    if (!weights_add_state_like(to, old))
        return false;
    if (old && old->first)
        memcpy(to->state->first, old->first, bytes);
    if (old && old->second)
        memcpy(to->state->second, old->second, bytes);
    return true;
}

struct weights *weights_copy(const struct weights *weights)
{
    struct weights *copy = weights_new(weights->shape, weights->source);
    if (!copy)
        return NULL;
    memcpy(copy->values, weights->values, value_count(weights) * sizeof *copy->values);
    if (weights->start) {
        memcpy(copy->start, weights->start, ((size_t)weights->shape.width + 1) * sizeof *copy->start);
        memcpy(copy->input, weights->input, weights->shape.factors * sizeof *copy->input);
    }
    copy->span = weights->span;
    if (copy_state(copy, weights))
        return copy;
    weights_release(copy);
    return NULL;
}

static uint64_t state_hash(uint64_t hash, const struct weights *weights)
{
    const struct weights_state *state = weights->state;
    const size_t bytes = weights_trained(&weights->shape) * sizeof(float);
    hash = hash_double(hash_double(hash_u64(hash, state->optimizer), state->power1), state->power2);
    hash = state->first ? hash_bytes(hash, state->first, bytes) : hash;
    return state->second ? hash_bytes(hash, state->second, bytes) : hash;
}

void weights_seal(struct weights *weights)
{
    const struct weights_shape *shape = &weights->shape;
    uint64_t hash = hash_u64(HASH_START, (uint64_t)shape->width << 32 | shape->depth);
    hash = hash_bytes(hash, weights->values, value_count(weights) * sizeof *weights->values);
    if (weights->start) {
        hash = hash_bytes(hash, weights->start, ((size_t)shape->width + 1) * sizeof *weights->start);
        hash = hash_bytes(hash, weights->input, shape->factors * sizeof *weights->input);
    }
    weights->hash = weights->state ? state_hash(hash, weights) : hash;
}

const struct weights *weights_retain(const struct weights *weights)
{
    if (weights)
        references_add(&((struct weights *)weights)->references);
    return weights;
}

void weights_release(const struct weights *weights)
{
    struct weights *shared = (struct weights *)weights;
    if (!shared || !references_drop(&shared->references))
        return;
    weights_source_release(shared->source);
    state_release(shared->state);
    mem_free_floats(shared->values);
    mem_free(shared->start);
    mem_free(shared->input);
    mem_free(shared);
}

static bool shapes_equal(const struct weights_shape *a, const struct weights_shape *b)
{
    return a->width == b->width && a->depth == b->depth && a->factors == b->factors && a->shifts == b->shifts &&
           a->learned == b->learned && a->running == b->running && a->sparse == b->sparse;
}

static bool states_equal(const struct weights *x, const struct weights *y)
{
    const struct weights_state *a = x->state, *b = y->state;
    const size_t bytes = weights_trained(&x->shape) * sizeof(float);
    if (!a || !b)
        return a == b;
    return a->optimizer == b->optimizer && a->power1 == b->power1 && a->power2 == b->power2 && !a->first == !b->first &&
           !a->second == !b->second && (!a->first || memcmp(a->first, b->first, bytes) == 0) &&
           (!a->second || memcmp(a->second, b->second, bytes) == 0);
}

bool weights_equal(const struct weights *a, const struct weights *b)
{
    if (a == b || !a || !b)
        return a == b;
    if (a->hash != b->hash || !shapes_equal(&a->shape, &b->shape) || value_count(a) != value_count(b) || !states_equal(a, b))
        return false;
    if (!a->values || !b->values) /* outlines */
        return a->values == b->values;
    if (memcmp(a->values, b->values, value_count(a) * sizeof *a->values) != 0)
        return false;
    return !a->start || (memcmp(a->start, b->start, ((size_t)a->shape.width + 1) * sizeof *a->start) == 0 &&
                         memcmp(a->input, b->input, a->shape.factors * sizeof *a->input) == 0);
}
