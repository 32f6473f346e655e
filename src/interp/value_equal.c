/* Equality by content, and the hash that goes with it. */
#include "interp/objects.h"
#include "support/hash.h"
#include "support/limits.h"

/* Comparing is bounded: lists can hold themselves many times over, so that their trees are far larger than memory. Two values whose
   comparison does not end within these steps count as different. */
#define EQUAL_STEPS 50000000ul

struct equality {
    unsigned long steps;
    int depth;
};

static bool equal(struct equality *equality, struct value a, struct value b);

static bool equal_records(struct equality *equality, const struct record *a, const struct record *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) { /* whatever order their fields were written in */
        const struct value *other = record_get(b, string_str(a->fields[i].key));
        if (!other || !equal(equality, a->fields[i].value, *other))
            return false;
    }
    return true;
}

static bool equal_cells(struct equality *equality, const struct value *a, const struct value *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!equal(equality, a[i], b[i]))
            return false;
    return true;
}

static bool equal_tables(struct equality *equality, const struct table_object *a, const struct table_object *b)
{
    if (a->columns != b->columns || a->rows != b->rows)
        return false;
    for (size_t c = 0; c < a->columns; c++)
        if (!str_equal(string_str(a->names[c]), string_str(b->names[c])))
            return false;
    return equal_cells(equality, a->cells, b->cells, a->rows * a->columns);
}

static bool equal_estimates(struct value a, struct value b)
{
    double first = 0, second = 0;
    value_as_number(a, &first);
    value_as_number(b, &second);
    return first == second;
}

/* Objects of one kind that are not the same one. Kinds without a case are equal only to themselves. */
static bool equal_objects(struct equality *equality, struct value a, struct value b)
{
    switch (a.kind) {
    case VALUE_STRING:
    case VALUE_WORD:
        return str_equal(string_str(a.string), string_str(b.string));
    case VALUE_LIST:
        return a.list->count == b.list->count && equal_cells(equality, a.list->items, b.list->items, a.list->count);
    case VALUE_RECORD:
        return equal_records(equality, a.record, b.record);
    case VALUE_ESTIMATE:
        return equal_estimates(a, b);
    case VALUE_SPEC:
        return str_equal(a.spec->name, b.spec->name) && a.spec->loss == b.spec->loss &&
               equal_records(equality, a.spec->fields, b.spec->fields);
    case VALUE_ELEMENT:
        return a.element->element == b.element->element;
    case VALUE_MOLECULE:
        return molecule_equal(a.molecule->molecule, b.molecule->molecule);
    case VALUE_DATASET:
        return a.dataset->dataset == b.dataset->dataset;
    case VALUE_SPLIT:
        return a.split->split == b.split->split;
    case VALUE_MODEL:
        return a.model->model == b.model->model;
    case VALUE_TABLE:
        return equal_tables(equality, a.table, b.table);
    default:
        return false;
    }
}

static bool equal(struct equality *equality, struct value a, struct value b)
{
    if (a.kind != b.kind || ++equality->steps > EQUAL_STEPS)
        return false;
    if (a.kind == VALUE_BOOL)
        return a.boolean == b.boolean;
    if (a.kind == VALUE_NUMBER)
        return a.number == b.number;
    if (!VALUE_IS_OBJECT(a))
        return a.kind == VALUE_NONE;
    if (a.object == b.object && a.kind != VALUE_ESTIMATE)
        return true;
    if (equality->depth == LIMIT_NESTING)
        return false;
    equality->depth++;
    bool same = equal_objects(equality, a, b);
    equality->depth--;
    return same;
}

bool value_equal(struct value a, struct value b)
{
    struct equality equality = {0};
    return equal(&equality, a, b);
}

/* ---- hashing ---- */

/* Items of a list that enter its hash: enough to tell keys apart. What they hold in turn does not, so that nesting costs nothing. */
#define HASHED_ITEMS 64

static uint64_t hash_plain(uint64_t hash, struct value value)
{
    double number = 0;
    switch (value.kind) {
    case VALUE_BOOL:
        return hash_u64(hash, value.boolean);
    case VALUE_NUMBER:
    case VALUE_ESTIMATE:
        value_as_number(value, &number);
        return hash_double(hash, number);
    case VALUE_STRING:
    case VALUE_WORD:
        return hash_bytes(hash, value.string->at, value.string->len);
    case VALUE_ELEMENT:
        return hash_u64(hash, value.element->element->hash);
    case VALUE_MOLECULE:
        return hash_u64(hash, value.molecule->molecule->hash);
    default:
        return hash;
    }
}

uint64_t value_hash(struct value value)
{
    uint64_t hash = hash_u64(HASH_START, value.kind);
    uint64_t sum = 0;
    switch (value.kind) {
    case VALUE_LIST:
        hash = hash_u64(hash, value.list->count);
        for (size_t i = 0; i < value.list->count && i < HASHED_ITEMS; i++)
            hash = hash_plain(hash, value.list->items[i]);
        return hash;
    case VALUE_RECORD: /* whatever the order of its fields */
        for (size_t i = 0; i < value.record->count; i++)
            sum += hash_plain(hash_bytes(HASH_START, value.record->fields[i].key->at, value.record->fields[i].key->len),
                              value.record->fields[i].value);
        return hash_u64(hash, sum);
    case VALUE_RUN: /* equal only to themselves */
    case VALUE_RUNS:
    case VALUE_FUNCTION:
        return hash_u64(hash, (uintptr_t)value.object);
    default:
        return hash_plain(hash, value);
    }
}
