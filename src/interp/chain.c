/* The chain of calls that led to an error, as labels of its message. They are put on where the innermost call returns and the chain is
   still whole, so that errors of lower floors, which know nothing of calls, have them too.

   A chain can be as long as LIMIT_CALLS, and its places few: a function that calls itself comes by the same place each time. So each
   place is told once, with how often it was come by, and of many places those nearest to the error and those where it all began. */
#include "interp/evaluate.h"
#include "support/number.h"

enum { INNER_SHOWN = 4, OUTER_SHOWN = 2, PLACES_SHOWN = INNER_SHOWN + OUTER_SHOWN };

struct call_place {
    const struct call *call;
    size_t times;
};

struct call_places {
    struct call_place at[PLACES_SHOWN];
    size_t count;
    size_t left_out; /* calls between the inner and the outer places */
};

static bool same_place(struct span a, struct span b)
{
    return a.source == b.source && a.start == b.start && a.end == b.end;
}

static bool encloses(struct span outer, struct span inner)
{
    return outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

static void places_add(struct call_places *places, const struct call *call)
{
    for (size_t i = 0; i < places->count; i++)
        if (same_place(places->at[i].call->span, call->span)) {
            places->at[i].times++;
            return;
        }
    if (places->count == PLACES_SHOWN) { /* the outer ones move up */
        places->left_out += places->at[INNER_SHOWN].times;
        for (size_t i = INNER_SHOWN; i + 1 < PLACES_SHOWN; i++)
            places->at[i] = places->at[i + 1];
        places->count--;
    }
    places->at[places->count++] = (struct call_place){call, 1};
}

/* A function without a name is known by who calls it; and a built-in around a lambda is seen where the lambda is. */
static struct call_places places_of(const struct call *innermost, struct span error)
{
    struct call_places places = {.count = 0};
    struct span inner = error;
    for (const struct call *call = innermost; call; call = call->outer) {
        if (call->name.len && (call->node || !encloses(call->span, inner)))
            places_add(&places, call);
        inner = call->span;
    }
    return places;
}

static void label_place(struct diag *diag, const struct call_place *place, size_t left_out)
{
    struct text times = {0}, more = {0};
    if (place->times > 1)
        text_addf(&times, " %s", counted((double)place->times, "time", "times").text);
    if (left_out > 0)
        text_addf(&more, ", by way of %s more", counted((double)left_out, "call", "calls").text);
    diag_label(diag, place->call->span, "in `%.*s`, called here%s%s", STR_ARG(place->call->name), text_chars(&times),
               text_chars(&more));
    text_release(&times);
    text_release(&more);
}

void calls_label(struct diags *diags, size_t from, const struct call *innermost)
{
    for (size_t i = from; i < diags->count; i++) {
        struct diag *diag = &diags->at[i];
        if (diag->traced || diag->severity != DIAG_ERROR)
            continue;
        const struct call_places places = places_of(innermost, diag->span);
        for (size_t k = 0; k < places.count; k++)
            label_place(diag, &places.at[k], k + 1 == INNER_SHOWN ? places.left_out : 0);
        diag->traced = true;
    }
}
