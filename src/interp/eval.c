/* Evaluation of expressions: names, values made of others, control. Statements are in statement.c, calls in call.c, operators in
   operator.c, molecules in chemistry.c, declarations of elements and rules in declare.c and rule.c, trainings in learn.c, sweep.c,
   evolve.c and grow.c. */
#include <math.h>

#include "interp/advice.h"
#include "interp/commands.h"
#include "interp/evaluate.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/number.h"
#include "support/suggest.h"

/* ---- names ---- */

static struct value unknown_name(struct eval *eval, const struct node *node)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, node->text);
    for (struct frame *frame = eval->frame; frame; frame = frame->parent)
        for (size_t i = 0; i < frame->count; i++)
            suggest_offer(&suggestion, frame->bindings[i].name);
    struct text help = {0};
    if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    struct value value = eval_error_help(eval, node->span, help.at, "unknown name `%.*s`", STR_ARG(node->text));
    text_release(&help);
    return value;
}

static struct value eval_name(struct eval *eval, const struct node *node)
{
    struct binding *binding = frame_find(eval->frame, node->text);
    return binding ? binding->value : unknown_name(eval, node);
}

/* ---- values made of others ---- */

static struct value eval_interpolation(struct eval *eval, const struct node *node)
{
    struct text text = {0};
    bool known = true;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *part = node->items[i];
        if (part->kind == NODE_STRING) {
            text_add_str(&text, part->text);
            continue;
        }
        struct value value = eval_node(eval, part);
        if (failed(value)) {
            text_release(&text);
            return value;
        }
        known = known && (!eval->state->checking || value_known(value));
        if (known)
            value_print(eval, value, false, &text);
    }
    if (known)
        return value_text(eval, &text);
    text_release(&text);
    return value_unknown_of(VALUE_STRING);
}

static bool add_items(struct eval *eval, struct list *list, const struct node *node)
{
    if (node->kind != NODE_SPREAD) {
        struct value value = eval_node(eval, node);
        return !failed(value) && list_add(eval, list, value);
    }
    struct value spread = eval_node(eval, node->items[0]);
    if (failed(spread))
        return false;
    if (value_content(spread) == VALUE_UNKNOWN || (spread.kind == VALUE_UNKNOWN && spread.of == VALUE_LIST))
        spread = list_of_unknown(eval, value_unknown());
    if (spread.kind != VALUE_LIST)
        return eval_error_type(eval, node->items[0]->span, "a list", spread), false;
    list->open = list->open || spread.list->open;
    for (size_t i = 0; i < spread.list->count; i++)
        if (!list_add(eval, list, spread.list->items[i]))
            return false;
    return true;
}

/* A list that an open one went into has no length either. */
static struct value finish_list(struct eval *eval, struct value list)
{
    if (!list.list->open || list.list->count == 1)
        return list;
    list.list->open = false; /* its items are not joined yet */
    return list_open(eval, list.list);
}

static struct value eval_list(struct eval *eval, const struct node *node)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < node->count; i++)
        if (!add_items(eval, list.list, node->items[i]))
            return value_failed();
    return failed(list) ? list : finish_list(eval, list);
}

/* `open` is set where a spread brings fields that nel check does not know. */
static bool add_fields(struct eval *eval, struct record *record, const struct node *node, bool *open)
{
    struct value value = eval_node(eval, node->items[0]);
    if (failed(value))
        return false;
    if (node->kind == NODE_FIELD)
        return record_set(eval, record, node->text, value);
    if (value_content(value) == VALUE_UNKNOWN || (value.kind == VALUE_UNKNOWN && value.of == VALUE_RECORD))
        return *open = true;
    if (value.kind != VALUE_RECORD)
        return eval_error_type(eval, node->items[0]->span, "a record", value), false;
    for (size_t i = 0; i < value.record->count; i++)
        if (!record_set(eval, record, string_str(value.record->fields[i].key), value.record->fields[i].value))
            return false;
    return true;
}

static struct value eval_record(struct eval *eval, const struct node *node)
{
    struct value record = value_record(eval);
    bool open = false;
    for (uint32_t i = 0; !failed(record) && i < node->count; i++)
        if (!add_fields(eval, record.record, node->items[i], &open))
            return value_failed();
    return open ? value_unknown_of(VALUE_RECORD) : record;
}

/* Whether it may be a number, for what nel check does not know. */
static bool may_be_number(struct value value)
{
    return value_content(value) == VALUE_NUMBER || value_content(value) == VALUE_UNKNOWN;
}

static struct value eval_range(struct eval *eval, const struct node *node)
{
    struct value from = eval_node(eval, node->items[0]);
    struct value to = failed(from) ? from : eval_node(eval, node->items[1]);
    if (failed(to))
        return to;
    if (!may_be_number(from))
        return eval_error_type(eval, node->items[0]->span, "a number", from);
    if (!may_be_number(to))
        return eval_error_type(eval, node->items[1]->span, "a number", to);
    if (from.kind == VALUE_UNKNOWN || to.kind == VALUE_UNKNOWN)
        return list_of_unknown(eval, value_unknown_of(VALUE_NUMBER));
    if (to.number - from.number >= LIMIT_LIST_ITEMS)
        return eval_error(eval, node->span, "this range has more than %s", counted(LIMIT_LIST_ITEMS, "item", "items").text);
    struct value list = value_list(eval);
    double last = floor(to.number - from.number); /* counted, since past 2^53 adding 1 changes nothing */
    for (double i = 0; !failed(list) && i <= last; i++)
        if (!list_add(eval, list.list, value_number(from.number + i)))
            return value_failed();
    return list;
}

/* The items of what `for`, a comprehension or an axis goes over: those of a list, the rows of a table. `list` borrows. */
bool items_of(struct eval *eval, struct value value, struct span span, const struct list **list)
{
    if (value.kind == VALUE_UNKNOWN && (value.of == VALUE_UNKNOWN || value.of == VALUE_LIST || value.of == VALUE_TABLE))
        value = list_of_unknown(eval, value_unknown());
    if (value.kind == VALUE_TABLE)
        value = table_rows(eval, value);
    if (value.kind == VALUE_LIST || failed(value)) {
        *list = failed(value) ? NULL : value.list;
        return *list;
    }
    const char *advice = advice_kind("a list, a record or a table", value);
    eval_error_help(eval, span, advice ? advice : "a range such as `1..5` and a list such as `[relu, tanh]` have items",
                    "cannot go over %s", value_article(value));
    return false;
}

/* One turn of a comprehension, in a scope of its own, so that a closure keeps its item; false where it failed. Where nel check does
   not know how many turns there are, or which keep their item, the list is open. */
static bool comprehension_turn(struct eval *eval, const struct node *node, struct value item, struct list *list)
{
    if (eval_stopped(eval, node->span))
        return false;
    struct frame *outer = eval->frame;
    struct frame *frame = frame_new(eval->state, outer);
    if (!frame)
        return diag_out_of_memory(eval->diags, node->span);
    size_t mark = pool_mark(eval);
    eval->frame = frame;
    bool well = frame_bind(eval, frame, node->text, item);
    struct value keep = well && node->count > 2 ? eval_truth(eval, node->items[2]) : value_bool(true);
    well = well && !failed(keep);
    if (well && (keep.kind != VALUE_BOOL || keep.boolean)) {
        eval->uncertain += keep.kind != VALUE_BOOL;
        struct value value = eval_node(eval, node->items[0]);
        eval->uncertain -= keep.kind != VALUE_BOOL;
        list->open = list->open || keep.kind != VALUE_BOOL;
        well = !failed(value) && list_add(eval, list, value);
    }
    eval->frame = outer;
    frame_release(frame);
    pool_drain(eval, mark, value_none());
    return well;
}

static struct value eval_comprehension(struct eval *eval, const struct node *node)
{
    struct value over = eval_node(eval, node->items[1]);
    const struct list *items;
    if (failed(over) || !items_of(eval, over, node->items[1]->span, &items))
        return value_failed();
    struct value list = value_list(eval);
    if (failed(list))
        return list;
    list.list->open = items->open;
    eval->uncertain += items->open;
    bool well = true;
    for (size_t i = 0; well && i < items->count; i++)
        well = comprehension_turn(eval, node, items->items[i], list.list);
    eval->uncertain -= items->open;
    return well ? finish_list(eval, list) : value_failed();
}

static struct value eval_index(struct eval *eval, const struct node *node)
{
    struct value object = eval_node(eval, node->items[0]);
    struct value index = failed(object) ? object : eval_node(eval, node->items[1]);
    if (failed(index))
        return index;
    return value_index(eval, object, index, node->items[0]->span, node->items[1]->span);
}

/* ---- control ---- */

struct value eval_truth(struct eval *eval, const struct node *node)
{
    struct value value = eval_node(eval, node);
    if (failed(value) || value_content(value) == VALUE_BOOL || value_content(value) == VALUE_UNKNOWN)
        return value;
    return eval_error_condition(eval, node->span, value);
}

static struct value eval_if(struct eval *eval, const struct node *node)
{
    struct value condition = eval_truth(eval, node->items[0]);
    if (failed(condition))
        return condition;
    if (condition.kind == VALUE_UNKNOWN) { /* nel check: both ways must be right */
        eval->uncertain++;
        struct value first = eval_node(eval, node->items[1]);
        struct value second = node->count < 3 ? value_none() : eval_node(eval, node->items[2]);
        eval->uncertain--;
        return failed(first) ? first : value_join(eval, first, second);
    }
    if (condition.boolean)
        return eval_node(eval, node->items[1]);
    return node->count > 2 ? eval_node(eval, node->items[2]) : value_none();
}

struct value eval_block_in(struct eval *eval, const struct node *node, struct frame *frame)
{
    struct frame *outer = eval->frame;
    eval->frame = frame;
    struct value value = value_none();
    bool well = true;
    for (uint32_t i = 0; (well || eval->state->checking) && i < node->count; i++) { /* nel check finds them all */
        size_t mark = pool_mark(eval);
        value = eval_statement(eval, node->items[i]);
        value = pool_drain(eval, mark, value);
        well = well && !failed(value);
    }
    eval->frame = outer;
    if (!well)
        return value_failed();
    if (VALUE_IS_OBJECT(value) && !pool_add(eval, value_retain(value).object)) /* the frame may be all that holds it */
        return value_failed();
    return value;
}

static struct value eval_block(struct eval *eval, const struct node *node)
{
    struct frame *frame = frame_new(eval->state, eval->frame);
    if (!frame)
        return eval_out_of_memory(eval, node->span);
    struct value value = eval_block_in(eval, node, frame);
    frame_release(frame);
    return value;
}

/* ---- expressions ---- */

static struct value eval_expression(struct eval *eval, const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_NUMBER:
        return value_number(node->number);
    case NODE_STRING:
        return value_string(eval, node->text);
    case NODE_BOOL:
        return value_bool(node->number != 0);
    case NODE_NONE:
        return value_none();
    case NODE_NAME:
        return eval_name(eval, node);
    case NODE_VARIABLE:
        return eval_variable(eval, node);
    case NODE_DNA:
        return eval_dna(eval, node);
    case NODE_SELF:
        return *eval->self;
    case NODE_INTERPOLATION:
        return eval_interpolation(eval, node);
    case NODE_LIST:
        return eval_list(eval, node);
    case NODE_COMPREHENSION:
        return eval_comprehension(eval, node);
    case NODE_RECORD:
        return eval_record(eval, node);
    case NODE_PREDICATE:
    case NODE_FN:
    case NODE_MOLECULE:
        return function_make(eval, node);
    case NODE_BLOCK:
        return eval_block(eval, node);
    case NODE_CALL:
        return eval_call(eval, node, NULL);
    case NODE_PIPE:
        return eval_pipe(eval, node);
    case NODE_INDEX:
        return eval_index(eval, node);
    case NODE_MEMBER: {
        struct value object = eval_node(eval, node->items[0]);
        return failed(object) ? object : value_member(eval, object, node->text, node_name_span(&eval->state->sources, node));
    }
    case NODE_UNARY:
        return eval_unary(eval, node);
    case NODE_BINARY:
        return eval_binary(eval, node);
    case NODE_CHAIN:
        return eval_chain(eval, node);
    case NODE_AS:
        return eval_node(eval, node->items[0]);
    case NODE_RANGE:
        return eval_range(eval, node);
    case NODE_IF:
        return eval_if(eval, node);
    case NODE_TRAIN:
        return eval->state->commands->train(eval, node);
    case NODE_GROW:
        return eval->state->commands->grow(eval, node);
    case NODE_EVOLVE:
        return eval->state->commands->evolve(eval, node);
    case NODE_SWEEP:
        return eval->state->commands->sweep(eval, node);
    default:
        return eval_error(eval, node->span, "this cannot be used as a value");
    }
}

struct value eval_node(struct eval *eval, const struct node *node)
{
    if ((char *)__builtin_frame_address(0) < eval->stack_limit)
        return eval_error(eval, node->span, "calls or brackets are nested too deep here");
    struct value value = eval_expression(eval, node);
    if (failed(value)) /* the floors below do not know places: the innermost expression around is theirs */
        diags_place(eval->diags, node->span);
    return value;
}

struct value eval_in(struct eval *eval, const struct node *node, struct frame *frame)
{
    struct frame *outer = eval->frame;
    eval->frame = frame;
    struct value value = eval_node(eval, node);
    eval->frame = outer;
    return value;
}
