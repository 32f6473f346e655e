/* Evaluation of the tree: names, values made of others, control and statements. Calls are in call.c, operators in operator.c, molecules
   in chemistry.c, declarations of elements, rules and growth in declare.c, trainings in learn.c and study.c. */
#include "interp/evaluate.h"

#include <stdarg.h>
#include <string.h>

#include "support/limits.h"
#include "support/memory.h"
#include "support/suggest.h"

/* Stack kept free below the deepest evaluation, for the libraries it calls. */
#define STACK_RESERVE ((size_t)384 << 10)

/* ---- life and pool ---- */

void eval_start(struct eval *eval, struct nel_state *state, struct frame *frame, struct diags *diags, size_t stack)
{
    *eval = (struct eval){.state = state, .frame = frame, .diags = diags};
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

/* ---- errors ---- */

/* How many calls of the chain a message shows. */
#define CALLS_SHOWN 4

__attribute__((format(printf, 4, 0))) static struct value error_at(struct eval *eval, struct span span, const char *help,
                                                                   const char *format, va_list args)
{
    struct text message = {0};
    text_addv(&message, format, args);
    struct diag *diag = diag_error(eval->diags, span, "%s", text_chars(&message));
    if (help)
        diag_help(diag, "%s", help);
    int shown = 0;
    uint32_t last = UINT32_MAX; /* a function that calls itself is shown once */
    for (const struct call *call = eval->call; call && shown < CALLS_SHOWN; call = call->outer) {
        if (!call->name.len || call->span.start == last)
            continue;
        diag_label(diag, call->span, "in `%.*s`, called here", STR_ARG(call->name));
        last = call->span.start;
        shown++;
    }
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

struct value eval_error_type(struct eval *eval, struct span span, const char *expected, struct value found)
{
    return eval_error(eval, span, "expected %s, found %s", expected, value_kind_article(found.kind));
}

struct value eval_out_of_memory(struct eval *eval, struct span span)
{
    diag_out_of_memory(eval->diags, span);
    return value_failed();
}

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
        value_print(eval, value, false, &text);
    }
    return value_text(eval, &text);
}

static bool add_items(struct eval *eval, struct list *list, const struct node *node)
{
    if (node->kind != NODE_SPREAD) {
        struct value value = eval_node(eval, node);
        return !failed(value) && list_add(eval, list, value);
    }
    struct value spread = eval_node(eval, node->items[0]);
    if (failed(spread) || spread.kind == VALUE_UNKNOWN)
        return !failed(spread);
    if (spread.kind != VALUE_LIST)
        return eval_error_type(eval, node->items[0]->span, "a list", spread), false;
    for (size_t i = 0; i < spread.list->count; i++)
        if (!list_add(eval, list, spread.list->items[i]))
            return false;
    return true;
}

static struct value eval_list(struct eval *eval, const struct node *node)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < node->count; i++)
        if (!add_items(eval, list.list, node->items[i]))
            return value_failed();
    return list;
}

static bool add_fields(struct eval *eval, struct record *record, const struct node *node)
{
    struct value value = eval_node(eval, node->items[0]);
    if (failed(value))
        return false;
    if (node->kind == NODE_FIELD)
        return record_set(eval, record, node->text, value);
    if (value.kind == VALUE_UNKNOWN)
        return true;
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
    for (uint32_t i = 0; !failed(record) && i < node->count; i++)
        if (!add_fields(eval, record.record, node->items[i]))
            return value_failed();
    return record;
}

static struct value eval_range(struct eval *eval, const struct node *node)
{
    struct value from = eval_node(eval, node->items[0]);
    struct value to = failed(from) ? from : eval_node(eval, node->items[1]);
    if (failed(to))
        return to;
    if (from.kind == VALUE_UNKNOWN || to.kind == VALUE_UNKNOWN)
        return value_unknown();
    if (from.kind != VALUE_NUMBER)
        return eval_error_type(eval, node->items[0]->span, "a number", from);
    if (to.kind != VALUE_NUMBER)
        return eval_error_type(eval, node->items[1]->span, "a number", to);
    if (to.number - from.number >= LIMIT_LIST_ITEMS)
        return eval_error(eval, node->span, "this range has more than %d items", LIMIT_LIST_ITEMS);
    struct value list = value_list(eval);
    for (double x = from.number; !failed(list) && x <= to.number; x += 1)
        if (!list_add(eval, list.list, value_number(x)))
            return value_failed();
    return list;
}

/* The items of what `for`, a comprehension or an axis goes over. `list` borrows. */
bool items_of(struct eval *eval, struct value value, struct span span, const struct list **list)
{
    if (value.kind == VALUE_LIST) {
        *list = value.list;
        return true;
    }
    eval_error_help(eval, span, "a range such as `1..5` and a list such as `[relu, tanh]` have items", "cannot go over %s",
                    value_kind_article(value.kind));
    return false;
}

static struct value eval_comprehension(struct eval *eval, const struct node *node)
{
    struct value over = eval_node(eval, node->items[1]);
    const struct list *items;
    if (failed(over) || over.kind == VALUE_UNKNOWN)
        return over;
    if (!items_of(eval, over, node->items[1]->span, &items))
        return value_failed();
    struct frame *outer = eval->frame;
    struct frame *frame = frame_new(eval->state, outer);
    struct value list = frame ? value_list(eval) : eval_out_of_memory(eval, node->span);
    eval->frame = frame ? frame : outer;
    for (size_t i = 0; !failed(list) && i < items->count; i++) {
        struct value keep = value_bool(true);
        if (!frame_bind(eval, frame, node->text, items->items[i]))
            list = value_failed();
        else if (node->count > 2)
            keep = eval_truth(eval, node->items[2]);
        if (failed(keep))
            list = keep;
        if (failed(list) || (keep.kind == VALUE_BOOL && !keep.boolean))
            continue;
        struct value value = eval_node(eval, node->items[0]);
        if (failed(value) || !list_add(eval, list.list, value))
            list = value_failed();
    }
    eval->frame = outer;
    if (frame)
        frame_release(frame);
    return list;
}

static struct value eval_index(struct eval *eval, const struct node *node)
{
    struct value object = eval_node(eval, node->items[0]);
    struct value index = failed(object) ? object : eval_node(eval, node->items[1]);
    if (failed(index))
        return index;
    if (object.kind == VALUE_UNKNOWN || index.kind == VALUE_UNKNOWN)
        return value_unknown();
    return value_index(eval, object, index, node->items[0]->span, node->items[1]->span);
}

/* ---- control ---- */

struct value eval_truth(struct eval *eval, const struct node *node)
{
    struct value value = eval_node(eval, node);
    if (failed(value) || value.kind == VALUE_BOOL || value.kind == VALUE_UNKNOWN)
        return value;
    return eval_error_type(eval, node->span, "true or false", value);
}

static struct value eval_if(struct eval *eval, const struct node *node)
{
    struct value condition = eval_truth(eval, node->items[0]);
    if (failed(condition))
        return condition;
    if (condition.kind == VALUE_UNKNOWN) { /* nel check: both ways must be right */
        struct value first = eval_node(eval, node->items[1]);
        struct value second = failed(first) || node->count < 3 ? first : eval_node(eval, node->items[2]);
        return failed(second) ? second : value_unknown();
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
    for (uint32_t i = 0; !failed(value) && i < node->count; i++) {
        size_t mark = pool_mark(eval);
        value = eval_statement(eval, node->items[i]);
        value = pool_drain(eval, mark, value);
    }
    eval->frame = outer;
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

/* One turn of a `for`, in a scope of its own. */
static struct value for_turn(struct eval *eval, const struct node *node, struct value item)
{
    if (progress_cancelled(&eval->state->progress))
        return eval_error(eval, node->span, "stopped");
    struct frame *frame = frame_new(eval->state, eval->frame);
    if (!frame)
        return eval_out_of_memory(eval, node->span);
    size_t mark = pool_mark(eval);
    struct value value = frame_bind(eval, frame, node->text, item) ? eval_block_in(eval, node->items[1], frame) : value_failed();
    frame_release(frame);
    return pool_drain(eval, mark, failed(value) ? value : value_none());
}

static struct value eval_for(struct eval *eval, const struct node *node)
{
    struct value over = eval_node(eval, node->items[0]);
    if (failed(over))
        return over;
    if (over.kind == VALUE_UNKNOWN)
        return for_turn(eval, node, over);
    const struct list *items;
    if (!items_of(eval, over, node->items[0]->span, &items))
        return value_failed();
    struct value value = value_none();
    for (size_t i = 0; !failed(value) && i < items->count; i++)
        value = for_turn(eval, node, items->items[i]);
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
        return failed(object) ? object : value_member(eval, object, node->text, node->span);
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
        return eval_train(eval, node);
    case NODE_GROW:
        return eval_grow(eval, node);
    case NODE_EVOLVE:
        return eval_evolve(eval, node);
    case NODE_SWEEP:
        return eval_sweep(eval, node);
    default:
        return eval_error(eval, node->span, "this cannot be used as a value");
    }
}

struct value eval_node(struct eval *eval, const struct node *node)
{
    if ((char *)__builtin_frame_address(0) < eval->stack_limit)
        return eval_error(eval, node->span, "calls or brackets are nested too deeply here");
    return eval_expression(eval, node);
}

/* ---- statements ---- */

static struct value bind_declared(struct eval *eval, const struct node *node, struct value value)
{
    if (failed(value)) {
        if (eval->state->checking) /* so that what follows from one error is not told as others */
            frame_bind(eval, eval->frame, node->text, value_unknown());
        return value;
    }
    return frame_bind(eval, eval->frame, node->text, value) ? value_none() : value_failed();
}

static struct value eval_print(struct eval *eval, const struct node *node)
{
    struct text text = {0};
    for (uint32_t i = 0; i < node->count; i++) {
        struct value value = eval_node(eval, node->items[i]);
        if (failed(value)) {
            text_release(&text);
            return value;
        }
        if (i > 0)
            text_add_char(&text, ' ');
        value_print(eval, value, false, &text);
    }
    text_add_char(&text, '\n');
    if (!eval->state->checking)
        eval_write(eval, text_str(&text));
    text_release(&text);
    return value_none();
}

struct value show_value(struct eval *eval, struct value value, struct span span)
{
    if (eval->state->checking || failed(value))
        return failed(value) ? value : value_none();
    struct text text = {0};
    bool shown = value_show(eval, value, span, &text);
    if (shown)
        eval_write(eval, text_str(&text));
    text_release(&text);
    return shown ? value_none() : value_failed();
}

static struct value eval_show(struct eval *eval, const struct node *node)
{
    struct value result = value_none();
    for (uint32_t i = 0; !failed(result) && i < node->count; i++) {
        struct value value = eval_node(eval, node->items[i]);
        result = show_value(eval, value, node->items[i]->span);
    }
    return result;
}

/* What both sides of a failed comparison were: " (0.91 against 0.95)". */
static void add_sides(struct eval *eval, const struct node *condition, struct text *text)
{
    if (condition->kind != NODE_BINARY || condition->op < OP_EQ || condition->op > OP_GE)
        return;
    struct value left = eval_node(eval, condition->items[0]);
    struct value right = eval_node(eval, condition->items[1]);
    if (failed(left) || failed(right))
        return;
    text_add(text, "the left side is ");
    value_print(eval, left, true, text);
    text_add(text, ", the right side ");
    value_print(eval, right, true, text);
}

static struct value eval_assert(struct eval *eval, const struct node *node)
{
    struct value condition = eval_truth(eval, node->items[0]);
    if (failed(condition) || condition.kind == VALUE_UNKNOWN || condition.boolean)
        return failed(condition) ? condition : value_none();
    struct text message = {0};
    if (node->count > 1) {
        struct value why = eval_node(eval, node->items[1]);
        if (failed(why))
            return why;
        text_add(&message, ": ");
        value_print(eval, why, false, &message);
    }
    struct text help = {0};
    add_sides(eval, node->items[0], &help);
    struct value value = eval_error_help(eval, node->items[0]->span, help.at, "assertion failed%s", text_chars(&message));
    text_release(&message);
    text_release(&help);
    return value;
}

/* `param epochs = 500`: the command line's --epochs, of the default's kind, or the default. */
static struct value eval_setting(struct eval *eval, const struct node *node)
{
    struct value value = eval_node(eval, node->items[0]);
    if (failed(value))
        return value;
    struct str given;
    if (setting_find(eval->state, node->text, &given)) {
        value = setting_read(eval, node, value, given);
        if (failed(value))
            return value;
    }
    return bind_declared(eval, node, value);
}

struct value eval_statement(struct eval *eval, const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_LET:
        return bind_declared(eval, node, eval_node(eval, node->items[0]));
    case NODE_FN:
    case NODE_MOLECULE:
        if (node->text.len == 0)
            return eval_node(eval, node);
        return bind_declared(eval, node, function_make(eval, node));
    case NODE_ELEMENT:
        return bind_declared(eval, node, declare_element(eval, node));
    case NODE_RULE:
        return bind_declared(eval, node, declare_rule(eval, node));
    case NODE_GROWTH:
        return bind_declared(eval, node, declare_growth(eval, node));
    case NODE_SETTING:
        return eval_setting(eval, node);
    case NODE_USE:
        return eval_use(eval, node);
    case NODE_ASSIGN:
        return eval_assign(eval, node);
    case NODE_SHOW:
        return eval_show(eval, node);
    case NODE_PRINT:
        return eval_print(eval, node);
    case NODE_FOR:
        return eval_for(eval, node);
    case NODE_ASSERT:
        return eval_assert(eval, node);
    case NODE_ERROR:
        return value_failed();
    default:
        return eval_node(eval, node);
    }
}
