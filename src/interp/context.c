/* An evaluation: its life, the pool that owns what it makes, and how it tells of errors. */
#include "interp/eval.h"

#include <stdarg.h>

#include "interp/advice.h"
#include "support/memory.h"

/* Stack kept free below the deepest evaluation, for the libraries it calls. */
#define STACK_RESERVE ((size_t)384 << 10)

/* ---- life and pool ---- */

void eval_start(struct eval *eval, struct nel_state *state, struct frame *frame, struct diags *diags, size_t stack)
{
    *eval = (struct eval){.state = state, .frame = frame, .diags = diags, .costs = state->costs};
    char *here = __builtin_frame_address(0);
    eval->stack_limit = here - (stack > 2 * STACK_RESERVE ? stack - STACK_RESERVE : stack / 2);
}

void eval_end(struct eval *eval)
{
    pool_drain(eval, 0, value_none());
    mem_free(eval->pool);
    eval->pool = NULL;
}

bool pool_add(struct eval *eval, struct object *object)
{
    if (eval->pool_count == eval->pool_cap) {
        size_t cap = eval->pool_cap ? eval->pool_cap * 2 : 64;
        struct object **pool = mem_resize(eval->pool, cap, sizeof *pool);
        if (!pool) {
            value_release((struct value){.kind = object->kind, .object = object});
            return diag_out_of_memory(eval->diags, SPAN_NONE);
        }
        eval->pool = pool;
        eval->pool_cap = cap;
    }
    eval->pool[eval->pool_count++] = object;
    return true;
}

size_t pool_mark(const struct eval *eval)
{
    return eval->pool_count;
}

struct value pool_drain(struct eval *eval, size_t mark, struct value keep)
{
    if (eval->pool_count == mark)
        return keep;
    value_retain(keep);
    while (eval->pool_count > mark) {
        struct object *object = eval->pool[--eval->pool_count];
        value_release((struct value){.kind = object->kind, .object = object});
    }
    if (VALUE_IS_OBJECT(keep) && !pool_add(eval, keep.object))
        return value_failed();
    return keep;
}

/* ---- the wish to stop ---- */

bool eval_stopped(struct eval *eval, struct span span)
{
    struct nel_state *state = eval->state;
    if (!progress_cancelled(&state->progress) || (state->outlives_stop && !eval->nested && atomic_load(&state->heeded)))
        return false;
    eval_error(eval, span, "stopped");
    return true;
}

bool eval_may_train(struct eval *eval, struct span span)
{
    if (!progress_cancelled(&eval->state->progress))
        return true;
    eval_error(eval, span, "stopped before this training began");
    return false;
}

void eval_heed_stop(struct eval *eval)
{
    if (!eval->nested && progress_cancelled(&eval->state->progress))
        atomic_store(&eval->state->heeded, true);
}

void state_resume(struct nel_state *state)
{
    atomic_store(&state->heeded, false);
    atomic_store(&state->cancel, false);
}

/* ---- errors ---- */

__attribute__((format(printf, 4, 0))) static struct value error_at(struct eval *eval, struct span span, const char *help,
                                                                   const char *format, va_list args)
{
    struct text message = {0};
    text_addv(&message, format, args);
    struct diag *diag = diag_error(eval->diags, span, "%s", text_chars(&message));
    if (help)
        diag_help(diag, "%s", help);
    text_release(&message);
    return value_failed();
}

struct value eval_error(struct eval *eval, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct value value = error_at(eval, span, NULL, format, args);
    va_end(args);
    return value;
}

struct value eval_error_help(struct eval *eval, struct span span, const char *help, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct value value = error_at(eval, span, help, format, args);
    va_end(args);
    return value;
}

/* Texts up to so many bytes are shown. */
#define TEXT_SHOWN 24

void value_describe(struct eval *eval, struct value value, struct text *out)
{
    const bool plain = value.kind == VALUE_NUMBER || value.kind == VALUE_BOOL || value.kind == VALUE_ESTIMATE;
    if (value.kind == VALUE_STRING && value.string->len <= TEXT_SHOWN) {
        text_add(out, "the text ");
    } else if (!plain) {
        text_add(out, value_article(value));
        return;
    }
    value_print(eval, value, true, out);
}

struct value eval_error_type(struct eval *eval, struct span span, const char *expected, struct value found)
{
    struct text shown = {0};
    value_describe(eval, found, &shown);
    eval_error_help(eval, span, advice_kind(expected, found), "expected %s, found %s", expected, text_chars(&shown));
    text_release(&shown);
    return value_failed();
}

struct value eval_error_condition(struct eval *eval, struct span span, struct value found)
{
    struct text shown = {0};
    const bool number = value_content(found) == VALUE_NUMBER || value_content(found) == VALUE_ESTIMATE;
    value_describe(eval, found, &shown);
    eval_error_help(eval, span, number ? "compare it, as in `x > 0`" : advice_kind("true or false", found),
                    "expected true or false, found %s", text_chars(&shown));
    text_release(&shown);
    return value_failed();
}

struct value eval_out_of_memory(struct eval *eval, struct span span)
{
    diag_out_of_memory(eval->diags, span);
    return value_failed();
}
