/* Declarations and other statements as documents (see format_node.h). */
#include "syntax/format_node.h"

#include <string.h>

/* ---- statements ---- */

static document format_clause(struct formatter *formatter, const struct node *node)
{
    document first = part_word(formatter, "stop when "), condition = NULL;
    switch ((enum node_kind)node->kind) {
    case NODE_EVERY:
        return JOIN(formatter, part_word(formatter, "every "), format_value(formatter, node->items[0]), part_word(formatter, " "),
                    part_words(formatter, node->text));
    case NODE_ACCEPT:
        first = JOIN(formatter, part_word(formatter, "accept after "), format_value(formatter, node->items[0]),
                     part_word(formatter, " "), part_words(formatter, node->text), part_word(formatter, " when "));
        return JOIN(formatter, first, format_closed(formatter, node->items[1], LEVEL_VALUE), part_word(formatter, " else undo"));
    case NODE_STOP:
        return JOIN(formatter, first, format_value(formatter, node->items[0]));
    default:
        break;
    }
    condition = JOIN(formatter, part_word(formatter, "when "), format_value(formatter, node->items[0]));
    document action = JOIN(formatter, part_line(formatter), part_word(formatter, "=> "), format_value(formatter, node->items[1]));
    if (node->count > 2)
        action = JOIN(formatter, action, part_word(formatter, " "), part_words(formatter, node->text), part_word(formatter, " "),
                      format_value(formatter, node->items[2]));
    return part_group(formatter, JOIN(formatter, condition, part_nest(formatter, action)));
}

static document format_growth(struct formatter *formatter, const struct node *node)
{
    const char *brace = memchr(node->text.at, '{', formatter->text.len - (size_t)(node->text.at - formatter->text.at));
    document head = JOIN(formatter, part_word(formatter, "growth "), part_words(formatter, node->text),
                         format_optional_params(formatter, node->items[0]), part_word(formatter, " "));
    return JOIN(formatter, head,
                part_braces(formatter, node, 1, (uint32_t)(brace - formatter->text.at), format_clause, STR(""), true));
}

static document format_rule(struct formatter *formatter, const struct node *node)
{
    document head = JOIN(formatter, part_word(formatter, "rule "), part_words(formatter, node->text),
                         format_optional_params(formatter, node->items[0]), part_word(formatter, ": "),
                         format_value(formatter, node->items[1]));
    if (node->count > 3)
        head = JOIN(formatter, head, part_word(formatter, " when "), format_value(formatter, node->items[3]));
    document made = JOIN(formatter, part_line(formatter), part_word(formatter, "=> "), format_value(formatter, node->items[2]));
    return part_group(formatter, JOIN(formatter, head, part_nest(formatter, made)));
}

static document format_element(struct formatter *formatter, const struct node *node)
{
    return part_group(formatter,
                      JOIN(formatter, part_word(formatter, "element "), part_words(formatter, node->text),
                           part_word(formatter, " "), part_verbatim(formatter, node->items[0]->span), part_word(formatter, " "),
                           format_params(formatter, node->items[1]), format_body(formatter, node->items[2])));
}

static document format_loss(struct formatter *formatter, const struct node *node)
{
    return part_group(formatter, JOIN(formatter, part_word(formatter, "loss "), part_words(formatter, node->text),
                                      format_optional_params(formatter, node->items[0]), part_word(formatter, " "),
                                      format_params(formatter, node->items[1]), format_body(formatter, node->items[2])));
}

static document format_use(struct formatter *formatter, const struct node *node)
{
    struct str module = node->text;
    if (node->op == OP_PATH)
        module = part_string_literal(memchr(formatter->text.at + node->span.start, '"', node->span.end - node->span.start));
    document head = JOIN(formatter, part_word(formatter, "use "), part_words(formatter, module));
    return node->count ? JOIN(formatter, head, part_word(formatter, " as "), part_words(formatter, node->items[0]->text)) : head;
}

/* `show` and the like: their values, with commas. */
static document listed(struct formatter *formatter, const char *keyword, const struct node *node)
{
    document values = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        document item = format_value(formatter, node->items[i]);
        values = i ? JOIN(formatter, values, part_word(formatter, ","), part_line(formatter), item) : item;
    }
    return part_group(formatter, JOIN(formatter, part_word(formatter, keyword), part_nest(formatter, values)));
}

/* Whether its first token would say something else at the start of a statement: a leading dot would go on with the line before. */
static bool begins_oddly(const struct node *node)
{
    while (node->count && (node->kind == NODE_PREDICATE || format_level(node) < LEVEL_PRIMARY) && node->kind != NODE_FN &&
           node->kind != NODE_IF && node->kind != NODE_UNARY && node->kind < NODE_LET && node->kind != NODE_TRAIN &&
           node->kind != NODE_GROW && node->kind != NODE_EVOLVE && node->kind != NODE_SWEEP)
        node = node->items[0];
    return node->kind == NODE_SELF || (node->kind == NODE_NAME && str_is(node->text, "assert"));
}

document format_block_statement(struct formatter *formatter, const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_LET:
        return JOIN(formatter, part_word(formatter, "let "), part_words(formatter, node->text), part_word(formatter, " = "),
                    format_value(formatter, node->items[0]));
    case NODE_SETTING:
        return JOIN(formatter, part_word(formatter, "param "), part_words(formatter, node->text), part_word(formatter, " = "),
                    format_value(formatter, node->items[0]));
    case NODE_ASSIGN:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_OR), part_word(formatter, " = "),
                    format_value(formatter, node->items[1]));
    case NODE_MOLECULE:
        return part_group(formatter,
                          JOIN(formatter, part_word(formatter, "molecule "), part_words(formatter, node->text),
                               format_optional_params(formatter, node->items[0]), format_body(formatter, node->items[1])));
    case NODE_ELEMENT:
        return format_element(formatter, node);
    case NODE_LOSS:
        return format_loss(formatter, node);
    case NODE_RULE:
        return format_rule(formatter, node);
    case NODE_GROWTH:
        return format_growth(formatter, node);
    case NODE_USE:
        return format_use(formatter, node);
    case NODE_SHOW:
        return listed(formatter, "show ", node);
    case NODE_PRINT:
        return listed(formatter, "print ", node);
    case NODE_ASSERT:
        return listed(formatter, "assert ", node);
    case NODE_FOR:
        return part_group(formatter, JOIN(formatter, part_word(formatter, "for "), part_words(formatter, node->text),
                                          part_word(formatter, " in "), format_closed(formatter, node->items[0], LEVEL_VALUE),
                                          part_word(formatter, " "), format_block(formatter, node->items[1])));
    default:
        return begins_oddly(node) ? part_in_brackets(formatter, format_value(formatter, node)) : format_value(formatter, node);
    }
}

document format_statement(struct formatter *formatter, const struct node *program, uint32_t i)
{
    return part_spaced_row(formatter, program->items[i], format_block_statement, i == 0);
}

document format_end(struct formatter *formatter, const struct node *program)
{
    return part_comments_above(formatter, (uint32_t)formatter->text.len, program->count == 0, true);
}
