/* Scopes. A frame holds the names of one block, call or module. Small ones are searched in a row; past INDEX_FROM names a hash index
   is kept. A closure retains its frame and a frame retains its closures: such cycles are found when one of the two is let go (all
   remaining references come from the frame's own closures), and whatever is left ends with the state. */
#include <string.h>

#include "interp/eval.h"
#include "support/hash.h"
#include "support/memory.h"

#define INDEX_FROM 12

struct frame *frame_new(struct nel_state *state, struct frame *parent)
{
    struct frame *frame = mem_alloc(sizeof *frame);
    if (!frame)
        return NULL;
    frame->object = (struct object){1, VALUE_MODULE};
    frame->parent = parent ? frame_retain(parent) : NULL;
    frame->state = state;
    frame->number = ++state->frame_count;
    frame->older = state->frames;
    if (frame->older)
        frame->older->newer = frame;
    state->frames = frame;
    return frame;
}

struct frame *frame_retain(struct frame *frame)
{
    frame->object.references++;
    return frame;
}

/* Lets go of everything the frame names. */
static void frame_clear(struct frame *frame)
{
    while (frame->count > 0)
        value_release(frame->bindings[--frame->count].value);
}

static void frame_destroy(struct frame *frame)
{
    frame_clear(frame);
    if (frame->older)
        frame->older->newer = frame->newer;
    if (frame->newer)
        frame->newer->older = frame->older;
    else
        frame->state->frames = frame->older;
    struct frame *parent = frame->parent;
    mem_free(frame->bindings);
    mem_free(frame->index);
    mem_free(frame);
    if (parent)
        frame_release(parent);
}

/* Frees the frame where only its own closures, which it names itself, still hold it. */
static void frame_collect(struct frame *frame)
{
    int own = 0;
    if (frame->object.references > frame->closures) /* somebody else does */
        return;
    for (size_t i = 0; i < frame->count; i++) {
        struct value value = frame->bindings[i].value;
        if (value.kind == VALUE_FUNCTION && value.function->frame == frame && value.function->object.references == 1)
            own++;
    }
    if (own == 0 || own != frame->object.references)
        return;
    frame_retain(frame);
    frame_clear(frame);
    frame_release(frame);
}

void frame_release(struct frame *frame)
{
    if (--frame->object.references == 0)
        frame_destroy(frame);
    else
        frame_collect(frame);
}

/* Nothing is evaluated any more. First every frame lets go of what it names, so that no closure is left that could hold one; then
   only parents and the state count them, and they are freed without counting. */
void frames_release_all(struct nel_state *state)
{
    for (struct frame *frame = state->frames; frame; frame = frame->older)
        frame_retain(frame); /* so that none goes while another is cleared */
    for (struct frame *frame = state->frames; frame; frame = frame->older)
        frame_clear(frame);
    while (state->frames) {
        struct frame *frame = state->frames;
        state->frames = frame->older;
        mem_free(frame->bindings);
        mem_free(frame->index);
        mem_free(frame);
    }
}

/* ---- names ---- */

static uint64_t name_hash(struct str name)
{
    return hash_bytes(HASH_START, name.at, name.len);
}

static void index_put(struct frame *frame, uint32_t number)
{
    size_t at = name_hash(frame->bindings[number].name) & (frame->index_size - 1);
    while (frame->index[at])
        at = (at + 1) & (frame->index_size - 1);
    frame->index[at] = number + 1;
}

/* Keeps the index at most half full. */
static bool index_grow(struct frame *frame)
{
    if (frame->count < INDEX_FROM || frame->count * 2 < frame->index_size)
        return true;
    size_t size = frame->index_size ? frame->index_size * 2 : 64;
    uint32_t *index = mem_array(size, sizeof *index);
    if (!index)
        return false;
    mem_free(frame->index);
    frame->index = index;
    frame->index_size = size;
    for (uint32_t i = 0; i < frame->count; i++)
        index_put(frame, i);
    return true;
}

static struct binding *find_here(struct frame *frame, struct str name)
{
    if (!frame->index) {
        for (size_t i = frame->count; i-- > 0;)
            if (str_equal(frame->bindings[i].name, name))
                return &frame->bindings[i];
        return NULL;
    }
    for (size_t at = name_hash(name) & (frame->index_size - 1); frame->index[at]; at = (at + 1) & (frame->index_size - 1)) {
        struct binding *binding = &frame->bindings[frame->index[at] - 1];
        if (str_equal(binding->name, name))
            return binding;
    }
    return NULL;
}

struct binding *frame_find_here(struct frame *frame, struct str name)
{
    return find_here(frame, name);
}

struct binding *frame_find(struct frame *frame, struct str name)
{
    for (; frame; frame = frame->parent) {
        struct binding *binding = find_here(frame, name);
        if (binding)
            return binding;
    }
    return NULL;
}

bool frame_bind(struct eval *eval, struct frame *frame, struct str name, struct value value)
{
    struct binding *old = find_here(frame, name);
    if (old) {
        struct value before = old->value;
        old->name = name; /* the old one may go with what it named */
        old->value = value_retain(value);
        old->from = NULL;
        value_release(before);
        return true;
    }
    if (frame->count == frame->cap) {
        size_t cap = frame->cap ? frame->cap * 2 : 4;
        struct binding *bindings = mem_resize(frame->bindings, cap, sizeof *bindings);
        if (!bindings)
            return diag_out_of_memory(eval->diags, SPAN_NONE);
        frame->bindings = bindings;
        frame->cap = cap;
    }
    frame->bindings[frame->count++] = (struct binding){name, value_retain(value), NULL};
    if (frame->index)
        index_put(frame, (uint32_t)frame->count - 1);
    return index_grow(frame) || diag_out_of_memory(eval->diags, SPAN_NONE);
}
