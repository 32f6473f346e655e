/* Rules as values: `rule name(k = 2): pattern when guard => replacement`. The pattern is lowered once, for the rewrite engine; guard
   and replacement stay trees (rule_apply.c). */
#include <math.h>

#include "interp/evaluate.h"
#include "support/memory.h"
#include "support/vec.h"

/* ---- lowering of patterns ---- */

static int variable_number(struct eval *eval, struct rule *rule, const struct node *node)
{
    for (size_t i = 0; i < rule->variable_count; i++)
        if (str_equal(rule->variables[i], node->text))
            return (int)i;
    if (rule->variable_count == LIMIT_PATTERN_VARIABLES) {
        eval_error(eval, node->span, "a pattern has at most %d variables", LIMIT_PATTERN_VARIABLES);
        return -1;
    }
    if (frame_find_here(rule->frame, node->text)) {
        eval_error(eval, node->span, "`?%.*s` has the name of a parameter of the rule", STR_ARG(node->text));
        return -1;
    }
    rule->variables[rule->variable_count] = node->text;
    return (int)rule->variable_count++;
}

static struct pattern *pattern_new(struct eval *eval, enum pattern_kind kind, const struct node *node)
{
    struct pattern *pattern = mem_alloc(sizeof *pattern);
    if (!pattern) {
        eval_out_of_memory(eval, node->span);
        return NULL;
    }
    pattern->kind = (uint8_t)kind;
    pattern->span = node->span;
    pattern->element_variable = pattern->width_variable = pattern->molecule_variable = -1;
    pattern->reads_variable = pattern->index_variable = -1;
    return pattern;
}

static struct pattern *pattern_of(struct eval *eval, struct rule *rule, const struct node *node);

static bool holds_variable(const struct node *node)
{
    if (node->kind == NODE_VARIABLE)
        return true;
    for (uint32_t i = 0; i < node->count; i++)
        if (holds_variable(node->items[i]))
            return true;
    return false;
}

static bool add_part(struct eval *eval, struct rule *rule, struct pattern *whole, const struct node *node)
{
    struct pattern *part = pattern_of(eval, rule, node);
    struct pattern **parts = part ? mem_resize(whole->parts, whole->part_count + 1, sizeof(struct pattern *)) : NULL;
    if (!parts) {
        pattern_release(part);
        return part ? diag_out_of_memory(eval->diags, node->span) : false;
    }
    whole->parts = parts;
    whole->parts[whole->part_count++] = part;
    return true;
}

static struct pattern *composite(struct eval *eval, struct rule *rule, const struct node *node)
{
    enum pattern_kind kind = node->kind == NODE_CHAIN   ? PATTERN_CHAIN
                             : node->kind == NODE_UNARY ? PATTERN_SKIP
                             : node->op == OP_BRANCH    ? PATTERN_BRANCH
                             : node->op == OP_ADD       ? PATTERN_SUM
                                                        : PATTERN_PRODUCT;
    struct pattern *whole = pattern_new(eval, kind, node);
    bool well = whole;
    for (uint32_t i = 0; well && i < node->count; i++)
        well = add_part(eval, rule, whole, node->items[i]);
    if (well)
        return whole;
    pattern_release(whole);
    return NULL;
}

static bool unknown_trait(struct eval *eval, const struct node *node)
{
    struct text help = {0};
    text_add(&help, "a pattern asks for");
    for (size_t i = 0; i < trait_count; i++)
        text_addf(&help, "%s `%s`", i ? "," : "", trait_table[i].key);
    if (node->kind == NODE_ARGUMENT)
        eval_error_help(eval, span_of_key(node), text_chars(&help), "`%.*s` is no trait that every layer has", STR_ARG(node->text));
    else
        eval_error_help(eval, node->span, text_chars(&help), "behind the width stand traits, as in `density: ?d`");
    text_release(&help);
    return false;
}

/* A width, a number of values: a variable or a number from 1. */
static bool pattern_number(struct eval *eval, struct rule *rule, const struct node *node, const char *expected, uint32_t *number,
                           int *variable)
{
    if (node->kind == NODE_VARIABLE) {
        *variable = variable_number(eval, rule, node);
        return *variable >= 0;
    }
    const struct value value = eval_node(eval, node);
    const bool well =
        value.kind == VALUE_NUMBER && value.number >= 1 && value.number <= LIMIT_WIDTH && value.number == floor(value.number);
    if (well)
        *number = (uint32_t)value.number;
    else if (!failed(value))
        eval_error_type(eval, node->span, expected, value);
    return well;
}

/* `of: ?n`: how many values are read. */
static bool pattern_reads(struct eval *eval, struct rule *rule, struct pattern *pattern, const struct node *node)
{
    return pattern_number(eval, rule, node->items[0], "a number of values or a variable such as `?n`", &pattern->reads,
                          &pattern->reads_variable);
}

/* `density: ?d`, `bias: false`, `init: he`: of the traits that every layer has. */
static bool layer_trait(struct eval *eval, struct rule *rule, struct pattern *pattern, const struct node *node)
{
    const struct trait_row *row = node->kind == NODE_ARGUMENT ? trait_find(node->text) : NULL;
    if (node->kind == NODE_ARGUMENT && str_is(node->text, "of"))
        return pattern_reads(eval, rule, pattern, node);
    if (!row)
        return unknown_trait(eval, node);
    struct pattern_trait *traits = mem_resize(pattern->traits, pattern->trait_count + 1, sizeof *traits);
    if (!traits)
        return diag_out_of_memory(eval->diags, node->span);
    pattern->traits = traits;
    struct pattern_trait *trait = &traits[pattern->trait_count++];
    *trait = (struct pattern_trait){row, 0, -1};
    if (node->items[0]->kind == NODE_VARIABLE) {
        trait->variable = variable_number(eval, rule, node->items[0]);
        return trait->variable >= 0;
    }
    struct gene gene = gene_of(GENE_LAYER, node->span); /* what the trait would be in a call */
    struct argument argument = {node->text, eval_node(eval, node->items[0]), node->items[0]->span, span_of_key(node)};
    if (failed(argument.value) || !layer_set_trait(eval, &gene, &argument))
        return false;
    trait->value = trait_get(&gene.traits, row);
    return true;
}

/* `?a(?n)`, `relu(?n)`, `?a(8)`, `?a(?n, density: ?d)`. */
static struct pattern *layer(struct eval *eval, struct rule *rule, const struct node *node)
{
    const struct node *callee = node->items[0];
    if (node->count < 2 || node->items[1]->kind == NODE_ARGUMENT) {
        eval_error_help(eval, node->span, "write an element and a width: `?a(?n)`, `relu(?n)` or `?a(8)`",
                        "a layer in a pattern has a width");
        return NULL;
    }
    struct pattern *pattern = pattern_new(eval, PATTERN_LAYER, node);
    bool well = pattern;
    if (well && callee->kind == NODE_VARIABLE) {
        pattern->element_variable = variable_number(eval, rule, callee);
        well = pattern->element_variable >= 0;
    } else if (well) {
        struct value element = eval_node(eval, callee);
        well = element.kind == VALUE_ELEMENT;
        if (well)
            pattern->element = element.element->element;
        else if (!failed(element))
            eval_error_type(eval, callee->span, "an element or a variable such as `?a`", element);
    }
    well = well && pattern_number(eval, rule, node->items[1], "a width or a variable such as `?n`", &pattern->width,
                                  &pattern->width_variable);
    for (uint32_t i = 2; well && i < node->count; i++)
        well = layer_trait(eval, rule, pattern, node->items[i]);
    if (well)
        return pattern;
    pattern_release(pattern);
    return NULL;
}

/* Which of the two a call is of; false: of neither. */
static bool picks(const struct node *node, enum gene_kind *kind)
{
    const struct node *callee = node->kind == NODE_CALL ? node->items[0] : NULL;
    const bool gathers = callee && callee->kind == NODE_NAME && str_is(callee->text, "gather");
    *kind = gathers ? GENE_GATHER : GENE_SCATTER;
    return gathers || (callee && callee->kind == NODE_NAME && str_is(callee->text, "scatter"));
}

/* `gather(?i)`, `gather(?i, of: ?n)`, `scatter(?i, of: ?n)`. */
static struct pattern *pick(struct eval *eval, struct rule *rule, const struct node *node, enum gene_kind kind)
{
    const bool gathers = kind == GENE_GATHER, sized = node->count == 3;
    const struct node *of = sized ? node->items[2] : NULL;
    if (node->count < 2 || node->items[1]->kind != NODE_VARIABLE || node->count > 3 ||
        (of && (of->kind != NODE_ARGUMENT || !str_is(of->text, "of")))) {
        eval_error_help(eval, node->span, gathers ? "write `gather(?i)` or `gather(?i, of: ?n)`" : "write `scatter(?i, of: ?n)`",
                        gathers ? "a pattern asks which values are gathered, and of how many"
                                : "a pattern asks where values are scattered, and into how many");
        return NULL;
    }
    struct pattern *pattern = pattern_new(eval, PATTERN_PICK, node);
    bool well = pattern;
    if (well) {
        pattern->picks = (uint8_t)kind;
        pattern->index_variable = variable_number(eval, rule, node->items[1]);
        well = pattern->index_variable >= 0;
    }
    if (well && of)
        well = gathers ? pattern_reads(eval, rule, pattern, of)
                       : pattern_number(eval, rule, of->items[0], "a width or a variable such as `?n`", &pattern->width,
                                        &pattern->width_variable);
    if (well)
        return pattern;
    pattern_release(pattern);
    return NULL;
}

static struct pattern *ground(struct eval *eval, const struct node *node)
{
    struct value value = eval_node(eval, node);
    const struct molecule *molecule = failed(value) ? NULL : molecule_of_value(eval, value, node->span);
    struct pattern *pattern = molecule ? pattern_new(eval, PATTERN_EXACT, node) : NULL;
    if (pattern)
        pattern->exact = molecule;
    else
        molecule_release(molecule);
    return pattern;
}

/* `?A | ?B | ?C`: parts of one composite, with the same operator between all of them. */
static bool joins_parts(const struct node *node)
{
    bool joins = node->kind == NODE_BINARY && (node->op == OP_BRANCH || node->op == OP_ADD || node->op == OP_MUL);
    for (uint32_t i = 1; joins && i < node->count; i++)
        joins = node_joint(node, i).op == (enum op)node->op;
    return joins;
}

static struct pattern *pattern_of(struct eval *eval, struct rule *rule, const struct node *node)
{
    if (!holds_variable(node))
        return ground(eval, node);
    if (node->kind == NODE_CHAIN || joins_parts(node) || (node->kind == NODE_UNARY && node->op == OP_SKIP))
        return composite(eval, rule, node);
    enum gene_kind kind;
    if (picks(node, &kind))
        return pick(eval, rule, node, kind);
    if (node->kind == NODE_CALL)
        return layer(eval, rule, node);
    if (node->kind != NODE_VARIABLE) {
        eval_error_help(eval, node->span,
                        "patterns are made of `?a(?n)`, `?A`, `gather(?i)`, `->`, `|`, `+`, `*`, `~` and molecules",
                        "this has no place in a pattern");
        return NULL;
    }
    struct pattern *pattern = pattern_new(eval, PATTERN_ANY, node);
    if (!pattern)
        return NULL;
    pattern->molecule_variable = variable_number(eval, rule, node);
    if (pattern->molecule_variable >= 0)
        return pattern;
    pattern_release(pattern);
    return NULL;
}

/* ---- rules as values ---- */

static struct value rule_make(struct eval *eval, const struct node *node, struct frame *outer, const struct argument *arguments,
                              size_t count, struct span span)
{
    struct value value = value_object(eval, sizeof(struct rule), VALUE_RULE);
    if (failed(value))
        return value;
    struct rule *rule = value.rule;
    rule->node = node;
    rule->frame = frame_new(eval->state, outer);
    if (!rule->frame)
        return eval_out_of_memory(eval, span);
    if (!bind_parameters(eval, node->items[0], "the rule", arguments, count, span, rule->frame))
        return value_failed();
    struct frame *before = eval->frame;
    eval->frame = rule->frame;
    rule->pattern = pattern_of(eval, rule, node->items[1]);
    eval->frame = before;
    return rule->pattern ? value : value_failed();
}

/* A variable of the right side or the guard that the pattern does not bind. */
static bool check_variables(struct eval *eval, const struct rule *rule, const struct node *node)
{
    bool well = true;
    if (node->kind == NODE_VARIABLE) {
        well = false;
        for (size_t i = 0; i < rule->variable_count; i++)
            well = well || str_equal(rule->variables[i], node->text);
        if (!well)
            eval_error_help(eval, node->span, "every variable of the right side stands in the pattern too",
                            "`?%.*s` is not bound by the pattern", STR_ARG(node->text));
    }
    for (uint32_t i = 0; i < node->count; i++)
        well = check_variables(eval, rule, node->items[i]) && well;
    return well;
}

static bool has_domain(const struct node *param)
{
    return param->count > 0 && param->items[0]->kind == NODE_AXIS;
}

bool rule_domain_varies(const struct node *param)
{
    return has_domain(param) && holds_variable(param);
}

/* A guard says where a rule fits, and a parameter with a domain is drawn once a place was chosen: it has no value before. */
static bool check_guard(struct eval *eval, const struct node *params, const struct node *node)
{
    bool well = true;
    for (uint32_t i = 0; node->kind == NODE_NAME && i < params->count; i++)
        if (str_equal(params->items[i]->text, node->text) && has_domain(params->items[i])) {
            eval_error_help(eval, node->span, "bound it on the right side, as in `max(1, ?n - k)`",
                            "`%.*s` is drawn after the guard has chosen a place", STR_ARG(node->text));
            well = false;
        }
    for (uint32_t i = 0; i < node->count; i++)
        well = check_guard(eval, params, node->items[i]) && well;
    return well;
}

/* A rule must fit without a call, as `mutate: { widen: 3 }` uses it. */
static bool check_defaults(struct eval *eval, const struct node *params)
{
    bool well = true;
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (param->count > 0)
            continue;
        struct text help = {0};
        text_addf(&help, "write `%.*s = 2`, or `%.*s in [2, 3]` to have it drawn", STR_ARG(param->text), STR_ARG(param->text));
        eval_error_help(eval, param->span, text_chars(&help), "the parameter `%.*s` of a rule needs a default",
                        STR_ARG(param->text));
        text_release(&help);
        well = false;
    }
    return well;
}

struct value declare_rule(struct eval *eval, const struct node *node)
{
    if (!check_defaults(eval, node->items[0]))
        return value_failed();
    struct value value = rule_make(eval, node, eval->frame, NULL, 0, node->span);
    if (failed(value))
        return value;
    value.rule->bare = true;
    bool well;
    well = check_variables(eval, value.rule, node->items[0]);
    for (uint32_t i = 2; i < node->count; i++)
        well = check_variables(eval, value.rule, node->items[i]) && well;
    if (node->count > 3)
        well = check_guard(eval, node->items[0], node->items[3]) && well;
    return well ? value : value_failed();
}

/* A value like those that a parameter has: its default, or the first of its domain. */
static struct value usual_argument(struct eval *eval, const struct rule *rule, const struct node *param)
{
    if (!has_domain(param))
        return eval_in(eval, param->items[0], rule->frame);
    if (rule_domain_varies(param)) /* known at a place */
        return value_none();
    const struct node *domain = param->items[0]->items[0];
    struct value value = eval_in(eval, domain, rule->frame);
    const struct list *items;
    return failed(value) || !items_of(eval, value, domain->span, &items) ? value_failed()
           : items->count > 0                                            ? items->items[0]
                                                                         : value_none();
}

/* What a right side would stumble over is told where it was given. */
static bool check_argument(struct eval *eval, const struct rule *rule, const struct node *param, const struct argument *argument)
{
    const struct value usual = usual_argument(eval, rule, param);
    const enum value_kind wanted = value_content(usual), given = value_content(argument->value);
    if (failed(usual))
        return false;
    if (wanted == VALUE_NONE || wanted == VALUE_UNKNOWN || given == VALUE_UNKNOWN || wanted == given ||
        (wanted == VALUE_MOLECULE && given == VALUE_ELEMENT))
        return true;
    struct text help = {0};
    text_addf(&help, has_domain(param) ? "it is drawn from values such as `" : "its default is `");
    value_print(eval, usual, true, &help);
    text_add(&help, "`");
    eval_error_help(eval, argument->span, text_chars(&help), "`%.*s` of the rule `%.*s` is %s, not %s", STR_ARG(param->text),
                    STR_ARG(rule->node->text), value_article(usual), value_article(argument->value));
    text_release(&help);
    return false;
}

static bool check_arguments(struct eval *eval, const struct rule *rule, const struct argument *arguments, size_t count)
{
    const struct node *params = rule->node->items[0];
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < params->count; k++)
            if ((arguments[i].label.len ? str_equal(arguments[i].label, params->items[k]->text) : i == k) &&
                !check_argument(eval, rule, params->items[k], &arguments[i]))
                return false;
    return true;
}

struct value rule_call(struct eval *eval, struct value rule, const struct argument *arguments, size_t count, struct span span)
{
    if (!rule.rule->bare)
        return eval_error(eval, span, "this rule has its parameters already");
    struct value called = rule_make(eval, rule.rule->node, rule.rule->frame->parent, arguments, count, span);
    return failed(called) || check_arguments(eval, called.rule, arguments, count) ? called : value_failed();
}

struct value eval_variable(struct eval *eval, const struct node *node)
{
    struct binding *binding = frame_find(eval->frame, node->text);
    return binding ? binding->value
                   : eval_error_help(eval, node->span, "`?name` is a variable of a rule's pattern",
                                     "`?%.*s` has no meaning outside a rule", STR_ARG(node->text));
}
