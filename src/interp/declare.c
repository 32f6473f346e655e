/* Declarations of elements and losses: a formula in source becomes a formula of scalar operations. */
#include <math.h>
#include <string.h>

#include "interp/evaluate.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"

/* A name that `let` gives to a part of a formula. */
struct local {
    struct str name;
    formula_id id;
};
#define LOCALS_MOST 32

struct lowering {
    struct eval *eval;
    struct formula *formula;
    const struct node *const *names; /* NODE_PARAMs: the first is x, the others are parameters 0, 1 … */
    uint32_t name_count;
    struct local locals[LOCALS_MOST];
    size_t local_count;
};

static formula_id lower(struct lowering *lowering, const struct node *node);

static formula_id refuse(struct lowering *lowering, const struct node *node, const char *message)
{
    eval_error_help(
        lowering->eval, node->span,
        "a formula uses its parameters, numbers, `+ - * / ^`, comparisons, `if`, and functions such as `exp` and `tanh`", "%s",
        message);
    return FORMULA_FAILED;
}

static formula_id lower_name(struct lowering *lowering, const struct node *node)
{
    for (size_t i = lowering->local_count; i-- > 0;)
        if (str_equal(lowering->locals[i].name, node->text))
            return lowering->locals[i].id;
    struct suggestion suggestion;
    suggest_start(&suggestion, node->text);
    for (uint32_t i = 0; i < lowering->name_count; i++) {
        struct str name = lowering->names[i]->text;
        if (str_equal(name, node->text))
            return i == 0 ? formula_x(lowering->formula) : formula_param(lowering->formula, i - 1);
        suggest_offer(&suggestion, name);
    }
    if (str_is(node->text, "pi"))
        return formula_number(lowering->formula, M_PI);
    struct text help = {0};
    if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    eval_error_help(lowering->eval, node->span, help.at, "unknown name `%.*s` in a formula", STR_ARG(node->text));
    text_release(&help);
    return FORMULA_FAILED;
}

static const struct formula_function *function_find(struct str name, struct suggestion *suggestion)
{
    for (size_t i = 0; i < FORMULA_OP_COUNT; i++) {
        if (!formula_functions[i].name)
            continue;
        if (str_is(name, formula_functions[i].name))
            return &formula_functions[i];
        suggest_offer(suggestion, str_of(formula_functions[i].name));
    }
    return NULL;
}

static formula_id lower_call(struct lowering *lowering, const struct node *node)
{
    const struct node *callee = node->items[0];
    if (callee->kind != NODE_NAME)
        return refuse(lowering, callee, "this cannot be called in a formula");
    struct suggestion suggestion;
    suggest_start(&suggestion, callee->text);
    const struct formula_function *function = function_find(callee->text, &suggestion);
    if (!function) {
        struct text help = {0};
        if (suggestion.best.len)
            text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
        eval_error_help(lowering->eval, callee->span, help.at, "unknown function `%.*s` in a formula", STR_ARG(callee->text));
        text_release(&help);
        return FORMULA_FAILED;
    }
    if (node->count - 1 != function->arity) {
        eval_error(lowering->eval, node->span, "`%s` takes %d argument%s, found %u", function->name, function->arity,
                   function->arity == 1 ? "" : "s", node->count - 1);
        return FORMULA_FAILED;
    }
    formula_id operands[3] = {0, 0, 0};
    for (uint32_t i = 0; i + 1 < node->count; i++) {
        operands[i] = lower(lowering, node->items[i + 1]);
        if (operands[i] == FORMULA_FAILED)
            return FORMULA_FAILED;
    }
    return formula_apply(lowering->formula, (enum formula_op)(function - formula_functions), operands[0], operands[1], operands[2]);
}

/* What operators are in formulas. */
static const struct lowered {
    uint8_t op; /* 0: nothing */
    bool swapped;
} lowered_ops[] = {
    [OP_ADD] = {FORMULA_ADD, false}, [OP_SUB] = {FORMULA_SUB, false}, [OP_MUL] = {FORMULA_MUL, false},
    [OP_DIV] = {FORMULA_DIV, false}, [OP_POW] = {FORMULA_POW, false}, [OP_LT] = {FORMULA_LT, false},
    [OP_LE] = {FORMULA_LE, false},   [OP_GT] = {FORMULA_LT, true},    [OP_GE] = {FORMULA_LE, true},
    [OP_EQ] = {FORMULA_EQ, false},   [OP_AND] = {FORMULA_MUL, false}, [OP_OR] = {FORMULA_MAX, false},
};

static formula_id lower_binary(struct lowering *lowering, const struct node *node)
{
    formula_id left = FORMULA_FAILED;
    for (uint32_t i = 1; i < node->count; i++) {
        enum op op = node_joint(node, i).op;
        if (op >= sizeof lowered_ops / sizeof *lowered_ops || lowered_ops[op].op == 0)
            return refuse(lowering, node, "this operator has no place in a formula");
        if (i == 1)
            left = lower(lowering, node->items[0]);
        formula_id right = left == FORMULA_FAILED ? left : lower(lowering, node->items[i]);
        if (right == FORMULA_FAILED)
            return right;
        struct lowered made = lowered_ops[op];
        left = formula_apply(lowering->formula, made.op, made.swapped ? right : left, made.swapped ? left : right, 0);
    }
    return left;
}

static formula_id lower_if(struct lowering *lowering, const struct node *node)
{
    if (node->count < 3)
        return refuse(lowering, node, "an `if` in a formula needs an `else`");
    formula_id ids[3];
    for (int i = 0; i < 3; i++) {
        ids[i] = lower(lowering, node->items[i]);
        if (ids[i] == FORMULA_FAILED)
            return FORMULA_FAILED;
    }
    return formula_apply(lowering->formula, FORMULA_SELECT, ids[0], ids[1], ids[2]);
}

/* `{ let e = exp(x)  e / (1 + e) }` */
static formula_id lower_block(struct lowering *lowering, const struct node *node)
{
    size_t outer = lowering->local_count;
    formula_id result = FORMULA_FAILED;
    if (node->count == 0)
        return refuse(lowering, node, "an empty block has no value");
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *statement = node->items[i];
        bool last = i + 1 == node->count;
        if (last && statement->kind != NODE_LET) {
            result = lower(lowering, statement);
            break;
        }
        if (last || statement->kind != NODE_LET)
            return refuse(lowering, statement, "a block in a formula has `let`s and then one expression");
        formula_id id = lower(lowering, statement->items[0]);
        if (id == FORMULA_FAILED)
            return id;
        if (lowering->local_count == LOCALS_MOST)
            return refuse(lowering, statement, "too many names in one formula");
        lowering->locals[lowering->local_count++] = (struct local){statement->text, id};
    }
    lowering->local_count = outer;
    return result;
}

static formula_id lower(struct lowering *lowering, const struct node *node)
{
    if ((char *)__builtin_frame_address(0) < lowering->eval->stack_limit)
        return refuse(lowering, node, "this formula is nested too deeply");
    formula_id id = FORMULA_FAILED;
    size_t errors = lowering->eval->diags->errors;
    switch ((enum node_kind)node->kind) {
    case NODE_NUMBER:
        id = formula_number(lowering->formula, node->number);
        break;
    case NODE_NAME:
        id = lower_name(lowering, node);
        break;
    case NODE_CALL:
        id = lower_call(lowering, node);
        break;
    case NODE_BINARY:
        id = lower_binary(lowering, node);
        break;
    case NODE_UNARY:
        if (node->op != OP_NEGATE)
            return refuse(lowering, node, "this operator has no place in a formula");
        id = lower(lowering, node->items[0]);
        if (id != FORMULA_FAILED)
            id = formula_apply(lowering->formula, FORMULA_NEGATE, id, 0, 0);
        break;
    case NODE_IF:
        id = lower_if(lowering, node);
        break;
    case NODE_BLOCK:
        id = lower_block(lowering, node);
        break;
    default:
        return refuse(lowering, node, "this has no place in a formula");
    }
    if (id == FORMULA_FAILED && lowering->eval->diags->errors == errors)
        eval_error(lowering->eval, node->span, "this formula has more than %d operations", LIMIT_FORMULA_NODES);
    return id;
}

static bool element_params(struct eval *eval, const struct node *params, struct element *element)
{
    if (params->count == 0) {
        eval_error_help(eval, params->span, "write the argument first: `(x)` or `(x; slope = 0.01)`",
                        "an element needs an argument");
        return false;
    }
    if (params->count - 1 > LIMIT_ELEMENT_PARAMETERS) {
        eval_error(eval, params->items[LIMIT_ELEMENT_PARAMETERS + 1]->span, "an element has at most %d parameters",
                   LIMIT_ELEMENT_PARAMETERS);
        return false;
    }
    for (uint32_t i = 1; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (param->count == 0) {
            eval_error_help(eval, param->span, "as in `(x; slope = 0.01)`", "the parameter `%.*s` of an element needs a default",
                            STR_ARG(param->text));
            return false;
        }
        struct value initial = eval_node(eval, param->items[0]);
        if (failed(initial))
            return false;
        if (initial.kind != VALUE_NUMBER)
            return eval_error_type(eval, param->items[0]->span, "a number", initial), false;
        struct element_param *made = &element->params[element->param_count++];
        made->name = mem_copy_text(param->text.at, param->text.len);
        made->initial = initial.number;
        made->learned = param->op == OP_LEARNED;
        made->span = node_name_span(&eval->state->sources, param);
        if (!made->name)
            return diag_out_of_memory(eval->diags, param->span);
    }
    return true;
}

static bool element_names(struct eval *eval, const struct node *node, struct element *element)
{
    struct str symbol = node->items[0]->text;
    struct text doc = {0};
    if (symbol.len == 0 || symbol.len > 2) {
        eval_error_help(eval, node->items[0]->span, "a capital letter, or one and a small letter: \"R\", \"Lr\"",
                        "`%.*s` is no DNA symbol", STR_ARG(symbol));
        return false;
    }
    memcpy(element->symbol, symbol.at, symbol.len);
    doc_comment(sources_get(&eval->state->sources, node->span.source), node, &doc);
    element->name = mem_copy_text(node->text.at, node->text.len);
    element->doc = mem_copy_text(text_chars(&doc), doc.len);
    text_release(&doc);
    return (element->name && element->doc) || diag_out_of_memory(eval->diags, node->span);
}

const struct element *element_add(struct eval *eval, const struct node *node, struct elements *elements)
{
    struct element element = {.span = node->span, .symbol_span = node->items[0]->span};
    struct lowering lowering = {.eval = eval, .formula = &element.formula};
    lowering.names = (const struct node *const *)node->items[1]->items;
    lowering.name_count = node->items[1]->count;
    bool well = element_names(eval, node, &element) && element_params(eval, node->items[1], &element);
    element.value = well ? lower(&lowering, node->items[2]) : FORMULA_FAILED;
    if (element.value == FORMULA_FAILED) {
        element_clear(&element);
        return NULL;
    }
    return elements_add(elements, &element, eval->diags);
}

struct value declare_element(struct eval *eval, const struct node *node)
{
    const struct element *added = element_add(eval, node, &eval->state->elements);
    return added ? value_element(eval, added) : value_failed();
}

/* ---- losses ---- */

/* The value of a parameter's default; NaN where it has none. */
static bool loss_default(struct eval *eval, const struct node *param, double *initial)
{
    *initial = NAN;
    if (param->count == 0)
        return true;
    struct value value = eval_node(eval, param->items[0]);
    if (failed(value))
        return false;
    if (value.kind != VALUE_NUMBER || !isfinite(value.number))
        return eval_error_type(eval, param->items[0]->span, "a finite number", value), false;
    *initial = value.number;
    return true;
}

static bool loss_params(struct eval *eval, const struct node *params, struct loss *loss)
{
    if (params->count > LIMIT_LOSS_PARAMETERS) {
        eval_error(eval, params->items[LIMIT_LOSS_PARAMETERS]->span, "a loss has at most %d parameters", LIMIT_LOSS_PARAMETERS);
        return false;
    }
    for (uint32_t i = 0; i < params->count; i++) {
        struct loss_param *made = &loss->params[loss->param_count++];
        made->name = mem_copy_text(params->items[i]->text.at, params->items[i]->text.len);
        if (!made->name)
            return diag_out_of_memory(eval->diags, params->items[i]->span);
        if (!loss_default(eval, params->items[i], &made->initial))
            return false;
    }
    return true;
}

/* `(y, t)`, and neither of them a name of the first brackets too. */
static bool loss_arguments(struct eval *eval, const struct node *node, struct loss *loss)
{
    const struct node *params = node->items[0], *arguments = node->items[1];
    if (arguments->count != 2) {
        eval_error_help(eval, arguments->span,
                        params->count
                            ? "write `loss name(parameters) (y, t) = …`: the last brackets name the two"
                            : "write `loss name (y, t) = …`; its own parameters stand in brackets of their own before these",
                        "a loss is a formula of the output and the target, found %u name%s", arguments->count,
                        arguments->count == 1 ? "" : "s");
        return false;
    }
    for (uint32_t i = 0; i < 2; i++) {
        const struct node *argument = arguments->items[i];
        if (argument->count > 0) {
            eval_error_help(eval, argument->items[0]->span, "defaults are for the parameters in the first brackets",
                            "`%.*s` stands for a value of each sample and has no default", STR_ARG(argument->text));
            return false;
        }
        for (uint32_t p = 0; p < params->count; p++)
            if (str_equal(params->items[p]->text, argument->text)) {
                eval_error(eval, argument->span, "`%.*s` is a parameter of the loss already", STR_ARG(argument->text));
                return false;
            }
    }
    loss->output_name = mem_copy_text(arguments->items[0]->text.at, arguments->items[0]->text.len);
    loss->target_name = mem_copy_text(arguments->items[1]->text.at, arguments->items[1]->text.len);
    return (loss->output_name && loss->target_name) || diag_out_of_memory(eval->diags, node->span);
}

/* Its name, its comment and how it is called. */
static bool loss_texts(struct eval *eval, const struct node *node, struct loss *loss)
{
    struct text doc = {0}, signature = {0};
    doc_comment(sources_get(&eval->state->sources, node->span.source), node, &doc);
    text_addf(&signature, "%.*s(", STR_ARG(node->text));
    for (unsigned i = 0; i < loss->param_count; i++) {
        text_addf(&signature, "%s%s: number", i ? ", " : "", loss->params[i].name);
        if (!isnan(loss->params[i].initial)) {
            text_add(&signature, " = ");
            number_write(&signature, loss->params[i].initial);
        }
    }
    text_add(&signature, ")");
    loss->name = mem_copy_text(node->text.at, node->text.len);
    loss->doc = mem_copy_text(text_chars(&doc), doc.len);
    loss->signature = mem_copy_text(text_chars(&signature), signature.len);
    text_release(&doc);
    text_release(&signature);
    return (loss->name && loss->doc && loss->signature) || diag_out_of_memory(eval->diags, node->span);
}

const struct loss *loss_add(struct eval *eval, const struct node *node, struct losses *losses)
{
    const struct node *params = node->items[0], *arguments = node->items[1], *names[2 + LIMIT_LOSS_PARAMETERS];
    struct loss loss = {.span = node->span, .name_span = node_name_span(&eval->state->sources, node)};
    struct lowering lowering = {.eval = eval, .formula = &loss.formula, .names = names, .name_count = 2 + params->count};
    loss.value = FORMULA_FAILED;
    if (loss_arguments(eval, node, &loss) && loss_params(eval, params, &loss) && loss_texts(eval, node, &loss)) {
        memcpy(names, arguments->items, 2 * sizeof *names);
        for (uint32_t i = 0; i < params->count; i++)
            names[2 + i] = params->items[i];
        loss.value = lower(&lowering, node->items[2]);
    }
    if (loss.value == FORMULA_FAILED) {
        loss_clear(&loss);
        return NULL;
    }
    return losses_add(losses, &loss, eval->diags);
}

struct value declare_loss(struct eval *eval, const struct node *node)
{
    const struct loss *added = loss_add(eval, node, &eval->state->losses);
    return added ? value_loss(eval, added) : value_failed();
}
