/* Scopes. A frame holds the names of one block, call or module. Small ones are searched in a row; past INDEX_FROM names a hash index
   is kept. A closure retains its frame and a frame retains its closures: such cycles are found when one of the two is let go (all
   remaining references come from the frame's own closures), and whatever is left ends with the state. */
#include <string.h>

#include "interp/eval.h"
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

/* Not that of support/hash.h, which is for files and takes three times as long: a name is hashed wherever it stands. */
static uint32_t name_hash(struct str name)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = name.len, eight;
    for (; name.len >= sizeof eight; name.at += sizeof eight, name.len -= sizeof eight) {
        memcpy(&eight, name.at, sizeof eight);
        hash = (hash ^ eight) * factor;
        hash ^= hash >> 32;
    }
    eight = 0;
    for (size_t i = 0; i < name.len; i++)
        eight = eight << 8 | (unsigned char)name.at[i];
    hash = (hash ^ eight) * factor;
    return (uint32_t)(hash >> 32);
}

static void index_put(struct frame *frame, uint32_t hash, uint32_t number)
{
    size_t at = hash & (frame->index_size - 1);
    while (frame->index[at].number)
        at = (at + 1) & (frame->index_size - 1);
    frame->index[at] = (struct index_entry){hash, number + 1};
}

/* Keeps the index at most half full. */
static bool index_grow(struct frame *frame)
{
    if (frame->count < INDEX_FROM || frame->count * 2 < frame->index_size)
        return true;
    struct index_entry *before = frame->index;
    size_t size_before = frame->index_size, size = size_before ? size_before * 2 : 64;
    struct index_entry *index = mem_array(size, sizeof *index);
    if (!index)
        return false;
    frame->index = index;
    frame->index_size = size;
    for (size_t i = 0; i < size_before; i++)
        if (before[i].number)
            index_put(frame, before[i].hash, before[i].number - 1);
    for (uint32_t i = 0; !before && i < frame->count; i++)
        index_put(frame, name_hash(frame->bindings[i].name), i);
    mem_free(before);
    return true;
}

/* `hash` is that of the name where the frame has an index. */
static struct binding *find_here(const struct frame *frame, struct str name, uint32_t hash)
{
    if (!frame->index) {
        for (size_t i = frame->count; i-- > 0;) {
            struct binding *binding = &frame->bindings[i];
            if (binding->name.len == name.len && binding->name.at[0] == name.at[0] && str_equal(binding->name, name))
                return binding;
        }
        return NULL;
    }
    for (size_t at = hash & (frame->index_size - 1); frame->index[at].number; at = (at + 1) & (frame->index_size - 1)) {
        struct binding *binding = &frame->bindings[frame->index[at].number - 1];
        if (frame->index[at].hash == hash && str_equal(binding->name, name))
            return binding;
    }
    return NULL;
}

struct binding *frame_find_here(struct frame *frame, struct str name)
{
    return find_here(frame, name, frame->index ? name_hash(name) : 0);
}

struct binding *frame_find(struct frame *frame, struct str name)
{
    struct binding *binding = NULL;
    for (; frame && !frame->index && !binding; frame = frame->parent)
        binding = find_here(frame, name, 0);
    uint32_t hash = frame && !binding ? name_hash(name) : 0;
    for (; frame && !binding; frame = frame->parent)
        binding = find_here(frame, name, hash);
    return binding;
}

bool frame_bind(struct eval *eval, struct frame *frame, struct str name, struct value value)
{
    uint32_t hash = frame->index ? name_hash(name) : 0;
    struct binding *old = find_here(frame, name, hash);
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
        index_put(frame, hash, (uint32_t)frame->count - 1);
    return index_grow(frame) || diag_out_of_memory(eval->diags, SPAN_NONE);
}
