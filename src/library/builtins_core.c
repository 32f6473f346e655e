/* Built-ins on lists, records and whatever has items. A table is gone over row by row, each a record. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interp/evaluate.h"
#include "interp/groups.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "library/builtins.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/random.h"

/* The items of a list, the rows of a table or the values of an estimate, as a list; an open one where nel check does not know them. */
static struct value items_value(struct eval *eval, const struct args *args, size_t number)
{
    struct value value = args->at[number];
    if (value.kind == VALUE_LIST)
        return value;
    if (value.kind == VALUE_TABLE)
        return table_rows(eval, value);
    if (value.kind == VALUE_UNKNOWN && (value.of == VALUE_UNKNOWN || value.of == VALUE_LIST || value.of == VALUE_TABLE ||
                                        value.of == VALUE_ESTIMATE || value.of == VALUE_RUNS))
        return list_of_unknown(eval, value.of == VALUE_ESTIMATE ? value_unknown_of(VALUE_NUMBER)
                                     : value.of == VALUE_RUNS   ? value_unknown_of(VALUE_RUN)
                                                                : value_unknown());
    if (value.kind == VALUE_ESTIMATE || value.kind == VALUE_RUNS)
        return value_member(eval, value, value.kind == VALUE_RUNS ? STR("runs") : STR("values"), args->span[number]);
    return eval_error_type(eval, args->span[number], "a list or a table", value);
}

/* f(item), what it made along the way dropped. */
static struct value call_item(struct eval *eval, struct value function, struct value item, struct span span)
{
    size_t mark = pool_mark(eval);
    return pool_drain(eval, mark, call_one(eval, function, item, span));
}

/* Whether the test holds for the item: true, false, VALUE_UNKNOWN or VALUE_FAILED. */
static struct value test_item(struct eval *eval, struct value test, struct value item, struct span span)
{
    struct value value = call_item(eval, test, item, span);
    if (failed(value) || value_content(value) == VALUE_BOOL || value_content(value) == VALUE_UNKNOWN)
        return value;
    return eval_error(eval, span, "this test must give true or false, found %s", value_article(value));
}

/* ---- with functions ---- */

static struct value call_map(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = items_value(eval, args, 0);
    struct value list = failed(items) ? items : value_list(eval);
    for (size_t i = 0; !failed(list) && i < items.list->count; i++) {
        struct value value = call_item(eval, args->at[1], items.list->items[i], args->span[1]);
        if (failed(value) || !list_add(eval, list.list, value))
            return value_failed();
    }
    if (!failed(list))
        list.list->open = items.list->open;
    return list;
}

/* A list or a table made of items of `items`: open where that is. */
static struct value as_open_as(struct eval *eval, struct value whole, struct value items)
{
    bool open = !failed(whole) && items.list->open;
    return !open                       ? whole
           : whole.kind == VALUE_LIST  ? list_open(eval, whole.list)
           : whole.kind == VALUE_TABLE ? table_open(eval, whole.table)
                                       : whole;
}

static struct value call_filter(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = items_value(eval, args, 0);
    bool table = args->at[0].kind == VALUE_TABLE;
    struct value kept = failed(items) ? items : table ? table_like(eval, args->at[0].table) : value_list(eval);
    bool sure = true;
    for (size_t i = 0; !failed(kept) && i < items.list->count; i++) {
        struct value keep = test_item(eval, args->at[1], items.list->items[i], args->span[1]);
        if (failed(keep))
            return keep;
        sure = sure && keep.kind == VALUE_BOOL;
        if (keep.kind == VALUE_BOOL && !keep.boolean)
            continue;
        if (!(table ? table_add_row(eval, kept.table, &args->at[0].table->cells[i * kept.table->columns])
                    : list_add(eval, kept.list, items.list->items[i])))
            return value_failed();
    }
    if (failed(kept) || sure)
        return as_open_as(eval, kept, items);
    return table ? table_open(eval, kept.table) : list_open(eval, kept.list);
}

/* nel check: the function is right for an item and for what it made of one; what comes out of so many is not known. */
static struct value reduce_unknown(struct eval *eval, const struct args *args, struct value item)
{
    struct value sum = args->given[2] ? args->at[2] : item;
    eval->uncertain++;
    for (int turn = 0; !failed(sum) && turn < 2; turn++) {
        struct argument pair[2] = {{.value = sum, .span = args->span[1]}, {.value = item, .span = args->span[1]}};
        sum = value_join(eval, sum, call_value(eval, args->at[1], pair, 2, args->span[1]));
    }
    eval->uncertain--;
    return failed(sum) ? sum : value_like(eval, sum);
}

static struct value call_reduce(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = items_value(eval, args, 0);
    if (failed(items))
        return items;
    size_t next = args->given[2] ? 0 : 1;
    if (items.list->open)
        return reduce_unknown(eval, args, items.list->items[0]);
    if (items.list->count < next)
        return eval_error_help(eval, args->span[0], "give a start: `reduce(xs, f, from: 0)`", "an empty list cannot be reduced");
    struct value sum = args->given[2] ? args->at[2] : items.list->items[0];
    for (; !failed(sum) && next < items.list->count; next++) {
        struct argument pair[2] = {{.value = sum, .span = args->span[1]},
                                   {.value = items.list->items[next], .span = args->span[1]}};
        size_t mark = pool_mark(eval);
        sum = pool_drain(eval, mark, call_value(eval, args->at[1], pair, 2, args->span[1]));
    }
    return sum;
}

/* How many items pass the test (all true ones where none is given), ending early at the first that settles `any` or `all`. `known` is
   unset where nel check does not know. */
static struct value count_passing(struct eval *eval, const struct args *args, const bool *settles, size_t *passing, bool *settled,
                                  bool *known)
{
    struct value items = items_value(eval, args, 0);
    *passing = 0;
    *settled = false;
    *known = failed(items) || !items.list->open;
    for (size_t i = 0; !failed(items) && !*settled && i < items.list->count; i++) {
        struct value item = items.list->items[i];
        struct value keep = args->at[1].kind == VALUE_NONE ? item : test_item(eval, args->at[1], item, args->span[1]);
        if (failed(keep))
            return keep;
        if (keep.kind == VALUE_UNKNOWN && (keep.of == VALUE_BOOL || keep.of == VALUE_UNKNOWN)) {
            *known = false;
            continue;
        }
        if (keep.kind != VALUE_BOOL)
            return eval_error_type(eval, args->span[0], "true or false in each item", keep);
        *passing += keep.boolean;
        *settled = settles && keep.boolean == *settles;
    }
    return items;
}

static struct value call_count(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    size_t passing;
    bool settled, known;
    struct value items = count_passing(eval, args, NULL, &passing, &settled, &known);
    return failed(items) ? items : known ? value_number((double)passing) : value_unknown_of(VALUE_NUMBER);
}

static struct value call_any_all(struct eval *eval, const struct builtin *self, const struct args *args)
{
    bool settles = str_is(self->signature.name, "any"), settled, known;
    size_t passing;
    struct value items = count_passing(eval, args, &settles, &passing, &settled, &known);
    return failed(items) ? items : known || settled ? value_bool(settled == settles) : value_unknown_of(VALUE_BOOL);
}

/* ---- order ---- */

struct sort_item {
    struct value key;
    double number; /* the key's, where keys are numbers */
    size_t at;
};

/* Ascending; figures that are not numbers come last either way; equal keys keep their order. */
static int by_number(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    if (isnan(x->number) || isnan(y->number))
        return isnan(x->number) != isnan(y->number) ? (isnan(x->number) ? 1 : -1) : x->at < y->at ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static int by_text(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    int order = str_compare(string_str(x->key.string), string_str(y->key.string));
    return order ? order : x->at < y->at ? -1 : 1;
}

static struct value sort_key(struct eval *eval, const struct args *args, struct value item)
{
    if (args->at[1].kind == VALUE_NONE)
        return item;
    if (args->at[1].kind == VALUE_UNKNOWN)
        return args->at[1].of == VALUE_STRING ? value_unknown() : args->at[1];
    if (args->at[1].kind == VALUE_STRING)
        return value_path(eval, item, string_str(args->at[1].string), args->span[1]);
    if (!value_callable(args->at[1]))
        return eval_error_type(eval, args->span[1], "a column's name or a function", args->at[1]);
    return call_item(eval, args->at[1], item, args->span[1]);
}

/* Keys of all items: numbers or texts, not both. `known` is unset where nel check does not know them. */
static bool sort_keys(struct eval *eval, const struct args *args, const struct list *items, struct sort_item *sorted, bool *known)
{
    *known = !items->open;
    for (size_t i = 0; i < items->count; i++) {
        struct value key = sort_key(eval, args, items->items[i]);
        sorted[i] = (struct sort_item){key, 0, i};
        if (failed(key))
            return false;
        if (key.kind == VALUE_UNKNOWN &&
            (key.of == VALUE_NUMBER || key.of == VALUE_ESTIMATE || key.of == VALUE_STRING || key.of == VALUE_UNKNOWN)) {
            *known = false;
            continue;
        }
        bool number = value_as_number(key, &sorted[i].number);
        if (!number && key.kind != VALUE_STRING)
            return eval_error_type(eval, args->span[0], "numbers or texts to sort by", key), false;
        if (i > 0 && *known && number == (sorted[0].key.kind == VALUE_STRING)) {
            eval_error(eval, args->span[0], "numbers and texts have no common order");
            return false;
        }
        if (number && args->at[2].boolean)
            sorted[i].number = -sorted[i].number;
    }
    return true;
}

static struct value sorted_value(struct eval *eval, const struct args *args, const struct list *items,
                                 const struct sort_item *sorted)
{
    bool table = args->at[0].kind == VALUE_TABLE;
    struct value result = table ? table_like(eval, args->at[0].table) : value_list(eval);
    bool backwards = args->at[2].boolean && items->count && sorted[0].key.kind == VALUE_STRING;
    for (size_t i = 0; !failed(result) && i < items->count; i++) {
        size_t at = sorted[backwards ? items->count - 1 - i : i].at;
        bool well = table ? table_add_row(eval, result.table, &args->at[0].table->cells[at * result.table->columns])
                          : list_add(eval, result.list, items->items[at]);
        if (!well)
            return value_failed();
    }
    return result;
}

static struct value call_sort(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = items_value(eval, args, 0);
    if (failed(items))
        return items;
    struct sort_item *sorted = mem_array(items.list->count + 1, sizeof *sorted);
    if (!sorted)
        return eval_out_of_memory(eval, args->call);
    struct value result = value_failed();
    bool known;
    if (!sort_keys(eval, args, items.list, sorted, &known)) {
        mem_free(sorted);
        return result;
    }
    if (!known) { /* nel check: the same items in whatever order */
        bool table = args->at[0].kind == VALUE_TABLE;
        result = table ? table_open(eval, args->at[0].table) : list_open(eval, items.list);
    } else {
        bool numbers = items.list->count == 0 || sorted[0].key.kind != VALUE_STRING;
        qsort(sorted, items.list->count, sizeof *sorted, numbers ? by_number : by_text);
        result = sorted_value(eval, args, items.list, sorted);
    }
    mem_free(sorted);
    return result;
}

static struct value call_reverse(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = items_value(eval, args, 0);
    struct value list = failed(items) ? items : value_list(eval);
    for (size_t i = 0; !failed(list) && i < items.list->count; i++)
        if (!list_add(eval, list.list, items.list->items[items.list->count - 1 - i]))
            return value_failed();
    return as_open_as(eval, list, items);
}

static struct value call_unique(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = items_value(eval, args, 0);
    if (eval->state->checking && !failed(items) && !value_known(items))
        return list_open(eval, items.list);
    struct value list = failed(items) ? items : value_list(eval);
    struct groups groups = {.key_count = 1};
    for (size_t i = 0; !failed(list) && i < items.list->count; i++) {
        size_t number, before = groups.count;
        if (!groups_number(&groups, &items.list->items[i], &number))
            list = eval_out_of_memory(eval, args->call);
        else if (groups.count > before && !list_add(eval, list.list, items.list->items[i]))
            list = value_failed();
    }
    groups_release(&groups);
    return list;
}

/* ---- parts ---- */

static struct value call_take(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value from = args->at[0];
    double count = args->at[1].number;
    if (value_content(from) == VALUE_DATASET && from.kind == VALUE_UNKNOWN)
        return from;
    if (from.kind == VALUE_DATASET)
        return value_dataset(eval,
                             dataset_take(from.dataset->dataset, (uint32_t)fmin(count, UINT32_MAX), args->span[1], eval->diags));
    struct value items = items_value(eval, args, 0);
    struct value taken = failed(items) ? items : from.kind == VALUE_TABLE ? table_like(eval, from.table) : value_list(eval);
    for (size_t i = 0; !failed(taken) && i < items.list->count && (double)i < count; i++) {
        bool well = from.kind == VALUE_TABLE ? table_add_row(eval, taken.table, &from.table->cells[i * taken.table->columns])
                                             : list_add(eval, taken.list, items.list->items[i]);
        if (!well)
            return value_failed();
    }
    if (!failed(taken) && items.list->open && from.kind == VALUE_TABLE)
        taken = table_open(eval, from.table);
    return from.kind == VALUE_TABLE ? taken : as_open_as(eval, taken, items);
}

static struct value call_end(struct eval *eval, const struct builtin *self, const struct args *args)
{
    struct value items = items_value(eval, args, 0);
    if (failed(items))
        return items;
    if (items.list->open)
        return list_item_join(eval, items.list);
    if (items.list->count == 0)
        return eval_error(eval, args->span[0], "an empty list has no %.*s item", STR_ARG(self->signature.name));
    return items.list->items[str_is(self->signature.name, "first") ? 0 : items.list->count - 1];
}

static struct value call_length(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value value = args->at[0];
    bool open = (value.kind == VALUE_LIST && value.list->open) || (value.kind == VALUE_TABLE && value.table->open);
    if (open || value.kind == VALUE_UNKNOWN)
        return value_unknown_of(VALUE_NUMBER);
    switch (value.kind) {
    case VALUE_RECORD:
        return value_number((double)value.record->count);
    case VALUE_DATASET:
        return value_number(value.dataset->dataset->count);
    case VALUE_TABLE:
        return value_number((double)value.table->rows);
    case VALUE_STRING:
    case VALUE_LIST:
        return value_member(eval, value, STR("length"), args->span[0]);
    default: {
        struct value items = items_value(eval, args, 0);
        return failed(items) ? items : value_number((double)items.list->count);
    }
    }
}

/* ---- putting together ---- */

static struct value call_append(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < args->at[0].list->count; i++)
        if (!list_add(eval, list.list, args->at[0].list->items[i]))
            return value_failed();
    if (failed(list) || !list_add(eval, list.list, args->at[1]))
        return value_failed();
    return args->at[0].list->open ? list_open(eval, list.list) : list;
}

static bool add_pair(struct eval *eval, struct list *list, struct value a, struct value b)
{
    struct value pair = value_list(eval);
    return !failed(pair) && list_add(eval, pair.list, a) && list_add(eval, pair.list, b) && list_add(eval, list, pair);
}

static struct value call_zip(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct list *a = args->at[0].list, *b = args->at[1].list;
    if (a->open || b->open) {
        struct value x = list_item_join(eval, a), y = failed(x) ? x : list_item_join(eval, b);
        struct value pairs = failed(y) ? y : value_list(eval);
        bool well = !failed(pairs) && add_pair(eval, pairs.list, x, y);
        return well ? list_of_unknown(eval, pairs.list->items[0]) : value_failed();
    }
    if (a->count != b->count)
        return eval_error(eval, args->call, "the lists have %zu and %zu items: they do not pair up", a->count, b->count);
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < a->count; i++)
        if (!add_pair(eval, list.list, a->items[i], b->items[i]))
            return value_failed();
    return list;
}

static struct value call_enumerate(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < args->at[0].list->count; i++)
        if (!add_pair(eval, list.list, args->at[0].list->open ? value_unknown_of(VALUE_NUMBER) : value_number((double)i),
                      args->at[0].list->items[i]))
            return value_failed();
    if (!failed(list))
        list.list->open = args->at[0].list->open;
    return list;
}

static struct value call_range(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    double from = 0, to = 0, step = 1;
    value_as_number(args->at[0], &from);
    value_as_number(args->at[1], &to);
    value_as_number(args->at[2], &step);
    if (step == 0 || !isfinite(from) || !isfinite(to) || !isfinite(step))
        return eval_error(eval, args->call, "a range goes from one finite number to another in steps other than 0");
    double steps = floor((to - from) / step + 1e-9); /* 0.1 * 3 is a little more than 0.3 */
    if (steps >= LIMIT_LIST_ITEMS)
        return eval_error(eval, args->call, "this range has more than %d items", LIMIT_LIST_ITEMS);
    struct value list = value_list(eval);
    for (double i = 0; !failed(list) && i <= steps; i++)
        if (!list_add(eval, list.list, value_number(from + i * step)))
            return value_failed();
    return list;
}

/* ---- records ---- */

static struct value call_keys(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct record *record = args->at[0].record;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < record->count; i++)
        if (!list_add(eval, list.list, (struct value){.kind = VALUE_STRING, .string = record->fields[i].key}))
            return value_failed();
    return list;
}

static struct value call_values(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct record *record = args->at[0].record;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < record->count; i++)
        if (!list_add(eval, list.list, record->fields[i].value))
            return value_failed();
    return list;
}

static struct value call_has(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value in = args->at[0], what = args->at[1];
    const enum value_kind kind = value_content(in), of = value_content(what);
    const bool named = kind == VALUE_RECORD || kind == VALUE_TABLE || kind == VALUE_STRING;
    if (!named && kind != VALUE_LIST && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[0], "a list, a record, a table or a text", in);
    if (named && of != VALUE_STRING && of != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[1], "a text", what);
    if (!value_known(in) || !value_known(what))
        return value_unknown_of(VALUE_BOOL);
    if (in.kind == VALUE_LIST) {
        for (size_t i = 0; i < in.list->count; i++)
            if (value_equal(in.list->items[i], what))
                return value_bool(true);
        return value_bool(false);
    }
    struct str text = string_str(what.string);
    if (in.kind == VALUE_RECORD)
        return value_bool(record_get(in.record, text));
    if (in.kind == VALUE_TABLE)
        return value_bool(table_column(in.table, text) >= 0);
    return value_bool(text.len == 0 || memmem(in.string->at, in.string->len, text.at, text.len));
}

/* ---- chance ---- */

static struct value call_random(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct random random = random_stream((uint64_t)args->at[0].number, RANDOM_SCRIPT, 0);
    if (args->at[1].kind == VALUE_NONE)
        return value_number(random_unit(&random));
    if (args->at[1].number > LIMIT_LIST_ITEMS)
        return eval_error(eval, args->span[1], "a list has at most %s", counted(LIMIT_LIST_ITEMS, "item", "items").text);
    struct value list = value_list(eval);
    for (double i = 0; !failed(list) && i < args->at[1].number; i++)
        if (!list_add(eval, list.list, value_number(random_unit(&random))))
            return value_failed();
    return list;
}

const struct builtin_row builtins_core[] = {
    {"map(xs: any, f: function): list", "The list of `f(x)` for every item of a list, or every row of a table.", call_map},
    {"filter(xs: any, test: function)",
     "The items of a list, or the rows of a table, for which the test holds: `filter(.loss < 0.1)`.", call_filter},
    {"reduce(xs: any, f: function, from: any?)",
     "All items made into one from the left: `reduce([1, 2, 3], fn(a, b) = a + b)` is 6.", call_reduce},
    {"count(xs: any, test: function?): number", "How many items pass the test, or are true.", call_count},
    {"any(xs: any, test: function?): bool", "Whether an item passes the test, or is true.", call_any_all},
    {"all(xs: any, test: function?): bool", "Whether every item passes the test, or is true.", call_any_all},
    {"sort(xs: any, by: any?, descending: bool = false)",
     "Items or rows in ascending order, of themselves or by a column's name, a path such as \"test.accuracy\" or a function. Equal "
     "ones "
     "keep their order.",
     call_sort},
    {"reverse(xs: any): list", "The items from last to first.", call_reverse},
    {"unique(xs: any): list", "The items without those that equal an earlier one.", call_unique},
    {"take(xs: any, n: whole)", "The first `n` items of a list, rows of a table or rows of a data set.", call_take},
    {"first(xs: any)", "The first item of a list, or row of a table.", call_end},
    {"last(xs: any)", "The last item of a list, or row of a table.", call_end},
    {"length(xs: any): number", "How many items a list, letters a text, fields a record or rows a table or a data set has.",
     call_length},
    {"append(xs: list, x: any): list", "The list with one more item at its end.", call_append},
    {"zip(xs: list, ys: list): list", "Pairs of the items of two lists of equal length.", call_zip},
    {"enumerate(xs: list): list", "Pairs of a number, from 0, and an item.", call_enumerate},
    {"range(from: number, to: number, step: number = 1): list",
     "Numbers from one to the other, both included, in steps: `range(0, 1, 0.25)`.", call_range},
    {"keys(record: record): list", "The names of a record's fields.", call_keys},
    {"values(record: record): list", "The values of a record's fields.", call_values},
    {"has(xs: any, x: any): bool", "Whether a list has the item, a record the field, a table the column, or a text the text.",
     call_has},
    {"random(seed: whole, n: count?)", "A number between 0 and 1 drawn by the seed, or a list of `n`; the same for the same seed.",
     call_random},
};
const size_t builtins_core_count = sizeof builtins_core / sizeof *builtins_core;
