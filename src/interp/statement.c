/* Statements: declarations, assignments, output, loops over them. */
#include "interp/commands.h"
#include "interp/evaluate.h"
#include "interp/unknown.h"

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
        if (!eval->state->checking)
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
    bool shown = eval->state->commands->show(eval, value, span, &text);
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
    if (failed(condition))
        return condition;
    bool proves = condition.kind == VALUE_BOOL && eval->uncertain == 0;
    if (proves && condition.boolean)
        return value_none();
    if (!proves) { /* nel check: the message must be right, too */
        struct value why = node->count > 1 ? eval_node(eval, node->items[1]) : value_none();
        return failed(why) ? why : value_none();
    }
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

/* One turn of a `for`, in a scope of its own. */
static struct value for_turn(struct eval *eval, const struct node *node, struct value item)
{
    if (eval_stopped(eval, node->span))
        return value_failed();
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
    const struct list *items;
    if (failed(over) || !items_of(eval, over, node->items[0]->span, &items))
        return value_failed();
    struct value value = value_none();
    bool open = items->open;
    eval->uncertain += open;
    for (size_t i = 0; !failed(value) && i < items->count; i++)
        value = for_turn(eval, node, items->items[i]);
    eval->uncertain -= open;
    return value;
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
    case NODE_LOSS:
        return bind_declared(eval, node, declare_loss(eval, node));
    case NODE_RULE:
        return bind_declared(eval, node, declare_rule(eval, node));
    case NODE_GROWTH:
        return bind_declared(eval, node, eval->state->commands->growth(eval, node));
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
