/* See place.h. */
#include "interp/place.h"

#include "interp/evaluate.h"
#include "interp/module.h"

static bool holds(struct span outer, struct span inner)
{
    return outer.start <= inner.start && inner.end <= outer.end;
}

/* The node of this kind and span, at or below `node`; NULL. */
static const struct node *find(const struct node *node, enum node_kind kind, struct span span)
{
    while (node && !(node->kind == kind && node->span.start == span.start && node->span.end == span.end)) {
        const struct node *next = NULL;
        for (uint32_t i = 0; i < node->count && !next; i++)
            if (holds(node->items[i]->span, span))
                next = node->items[i];
        node = next;
    }
    return node;
}

struct span span_of_item(struct eval *eval, struct span whole, size_t index)
{
    const struct node *list = find(source_program(eval->state, whole.source), NODE_LIST, whole);
    for (uint32_t i = 0; list && i < list->count && i <= index; i++)
        if (list->items[i]->kind == NODE_SPREAD) /* nobody knows which one it is */
            return whole;
    return list && index < list->count ? list->items[index]->span : whole;
}

static const struct node *field_at(struct eval *eval, struct span whole, struct str key)
{
    const struct node *record = find(source_program(eval->state, whole.source), NODE_RECORD, whole);
    for (uint32_t i = 0; record && i < record->count; i++)
        if (record->items[i]->kind == NODE_FIELD && str_equal(record->items[i]->text, key))
            return record->items[i];
    return NULL;
}

struct span span_of_field(struct eval *eval, struct span whole, struct str key)
{
    const struct node *field = field_at(eval, whole, key);
    return field ? field->items[0]->span : whole;
}

struct span span_of_field_key(struct eval *eval, struct span whole, struct str key)
{
    const struct node *field = field_at(eval, whole, key);
    return field ? span_of_key(field) : whole;
}
