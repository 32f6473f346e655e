/* Rules: `rule name(k = 2): pattern when guard => replacement`. The pattern is lowered once, for the rewrite engine; guard and
   replacement stay trees and are evaluated anew at each place, with the variables bound to what they stand for there: a width is a
   number, an element is an element that remembers its layer (traits carry over), anything else is a molecule. */
#include <math.h>

#include "engine/rewriting.h"
#include "interp/evaluate.h"
#include "support/hash.h"
#include "support/number.h"
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

/* `?A | ?B | ?C` is nested to the left in the tree and flat in the pattern. */
static bool add_operands(struct eval *eval, struct rule *rule, struct pattern *whole, const struct node *node, uint8_t op)
{
    if (node->kind == NODE_BINARY && node->op == op)
        return add_operands(eval, rule, whole, node->items[0], op) && add_part(eval, rule, whole, node->items[1]);
    return add_part(eval, rule, whole, node);
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
    if (well && node->kind == NODE_BINARY)
        well = add_operands(eval, rule, whole, node, node->op);
    else
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

/* `density: ?d`, `bias: false`, `init: he`: of the traits that every layer has. */
static bool layer_trait(struct eval *eval, struct rule *rule, struct pattern *pattern, const struct node *node)
{
    const struct trait_row *row = node->kind == NODE_ARGUMENT ? trait_find(node->text) : NULL;
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
    const struct node *width = node->items[1];
    if (well && width->kind == NODE_VARIABLE) {
        pattern->width_variable = variable_number(eval, rule, width);
        well = pattern->width_variable >= 0;
    } else if (well) {
        struct value number = eval_node(eval, width);
        well = number.kind == VALUE_NUMBER && number.number >= 1 && number.number <= LIMIT_WIDTH &&
               number.number == floor(number.number);
        if (well)
            pattern->width = (uint32_t)number.number;
        else if (!failed(number))
            eval_error_type(eval, width->span, "a width or a variable such as `?n`", number);
    }
    for (uint32_t i = 2; well && i < node->count; i++)
        well = layer_trait(eval, rule, pattern, node->items[i]);
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

static struct pattern *pattern_of(struct eval *eval, struct rule *rule, const struct node *node)
{
    if (!holds_variable(node))
        return ground(eval, node);
    bool infix = node->kind == NODE_BINARY && (node->op == OP_BRANCH || node->op == OP_ADD || node->op == OP_MUL);
    if (node->kind == NODE_CHAIN || infix || (node->kind == NODE_UNARY && node->op == OP_SKIP))
        return composite(eval, rule, node);
    if (node->kind == NODE_CALL)
        return layer(eval, rule, node);
    if (node->kind != NODE_VARIABLE) {
        eval_error_help(eval, node->span, "patterns are made of `?a(?n)`, `?A`, `->`, `|`, `+`, `*`, `~` and molecules",
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
    bool well = true;
    for (uint32_t i = 2; i < node->count; i++)
        well = check_variables(eval, value.rule, node->items[i]) && well;
    if (node->count > 3)
        well = check_guard(eval, node->items[0], node->items[3]) && well;
    return well ? value : value_failed();
}

struct value rule_call(struct eval *eval, struct value rule, const struct argument *arguments, size_t count, struct span span)
{
    if (!rule.rule->bare)
        return eval_error(eval, span, "this rule has its parameters already");
    return rule_make(eval, rule.rule->node, rule.rule->frame->parent, arguments, count, span);
}

struct value eval_variable(struct eval *eval, const struct node *node)
{
    struct binding *binding = frame_find(eval->frame, node->text);
    return binding ? binding->value
                   : eval_error_help(eval, node->span, "`?name` is a variable of a rule's pattern",
                                     "`?%.*s` has no meaning outside a rule", STR_ARG(node->text));
}

/* ---- applying ---- */

static struct value trait_value(struct eval *eval, const struct traits *traits, const struct trait_row *row)
{
    const double number = trait_get(traits, row);
    switch (row->kind) {
    case TRAIT_SWITCH:
        return value_bool(number != 0);
    case TRAIT_WORD:
        return value_string(eval, str_of(row->words[(size_t)number]));
    case TRAIT_NUMBER:
        break;
    }
    return value_number(number);
}

/* What variable `number` stands for at a place: a value by the position it has in the pattern. */
static struct value variable_value(struct eval *eval, const struct pattern *pattern, int number, const struct molecule *molecule,
                                   const struct bindings *bindings)
{
    uint32_t gene = bindings->at[number].gene;
    if (pattern->width_variable == number)
        return value_number(molecule->genes[gene].width);
    for (size_t i = 0; i < pattern->trait_count; i++)
        if (pattern->traits[i].variable == number)
            return trait_value(eval, &molecule->genes[gene].traits, pattern->traits[i].row);
    if (pattern->element_variable == number) {
        struct value value = value_element(eval, molecule->genes[gene].element);
        if (failed(value))
            return value;
        value.element->has_layer = true;
        value.element->layer = molecule->genes[gene];
        value.element->layer.origin = gene + 1;
        value.element->layer.label = 0;
        weights_retain(value.element->layer.weights);
        return value;
    }
    if (pattern->molecule_variable == number) {
        struct molecule *slice = molecule_slice(molecule, (struct place){gene, bindings->at[number].count}, eval->diags);
        return slice ? value_molecule(eval, slice) : value_failed();
    }
    for (size_t i = 0; i < pattern->part_count; i++) {
        struct value value = variable_value(eval, pattern->parts[i], number, molecule, bindings);
        if (value.kind != VALUE_NONE)
            return value;
    }
    return value_none();
}

static bool bind_variables(struct eval *eval, const struct rule *rule, const struct molecule *molecule,
                           const struct bindings *bindings, struct frame *frame)
{
    for (size_t i = 0; i < rule->variable_count; i++) {
        struct value value = variable_value(eval, rule->pattern, (int)i, molecule, bindings);
        if (failed(value) || !frame_bind(eval, frame, rule->variables[i], value))
            return false;
    }
    return true;
}

/* Draws every parameter that has a domain and no value. */
static bool draw_parameters(struct eval *eval, const struct rule *rule, struct random *random, struct frame *frame)
{
    const struct node *params = rule->node->items[0];
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (frame_find_here(rule->frame, param->text))
            continue;
        const struct node *domain = param->items[0]->items[0];
        struct value value = eval_node(eval, domain);
        const struct list *items;
        if (failed(value) || !items_of(eval, value, domain->span, &items))
            return false;
        if (items->count == 0) {
            eval_error(eval, domain->span, "there is nothing to draw `%.*s` from", STR_ARG(param->text));
            return false;
        }
        if (!frame_bind(eval, frame, param->text, items->items[random_below(random, (uint32_t)items->count)]))
            return false;
    }
    return true;
}

/* A frame in which the rule's trees are evaluated at one place; NULL with a diagnostic. */
static struct frame *place_frame(struct eval *eval, const struct rule *rule, const struct molecule *molecule,
                                 const struct bindings *bindings)
{
    struct frame *frame = frame_new(eval->state, rule->frame);
    if (!frame) {
        eval_out_of_memory(eval, rule->node->span);
        return NULL;
    }
    if (bind_variables(eval, rule, molecule, bindings, frame))
        return frame;
    frame_release(frame);
    return NULL;
}

struct search {
    struct eval *eval;
    const struct rule *rule;
    const struct molecule *molecule;
    struct place_list *places;
    bool well;
};

static bool guard_holds(struct search *search, const struct bindings *bindings)
{
    if (search->rule->node->count < 4)
        return true;
    struct eval *eval = search->eval;
    size_t mark = pool_mark(eval);
    struct frame *frame = place_frame(eval, search->rule, search->molecule, bindings);
    const struct node *guard = search->rule->node->items[3];
    struct value value = frame ? eval_in(eval, guard, frame) : value_failed();
    if (!failed(value) && value.kind != VALUE_BOOL)
        value = eval_error_condition(eval, guard->span, value);
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    search->well = !failed(value);
    return search->well && value.boolean;
}

static bool place_found(void *context, struct place place, const struct bindings *bindings)
{
    struct search *search = context;
    if (guard_holds(search, bindings) && !vec_push(search->places, place)) {
        diag_out_of_memory(search->eval->diags, search->rule->node->span);
        search->well = false;
    }
    return search->well;
}

bool rule_places(struct eval *eval, const struct rule *rule, const struct molecule *molecule, struct place_list *places)
{
    struct search search = {eval, rule, molecule, places, true};
    *places = (struct place_list){0};
    pattern_places(rule->pattern, molecule, place_found, &search);
    if (!search.well)
        vec_release(places);
    return search.well;
}

/* Tells why there is no molecule after: first what does it, then what is wrong with what it gives. */
static void tell_refused(struct eval *eval, struct str name, const struct diags *reasons, uint32_t assumed, struct span span)
{
    const struct diag *reason = &reasons->at[0];
    struct text inputs = {0};
    if (assumed)
        text_addf(&inputs, "for %s, ", counted(assumed, "feature", "features").text);
    struct diag *diag =
        diag_error(eval->diags, span, "`%.*s` gives no network here: %s%s", STR_ARG(name), text_chars(&inputs), reason->message);
    text_release(&inputs);
    if (reason->note)
        diag_label(diag, reason->span, "%s", reason->note);
    for (size_t i = 0; i < reason->label_count; i++)
        diag_label(diag, reason->labels[i].span, "%s", reason->labels[i].text);
    diag_help(diag, assumed ? "begin the molecule with `input(n)`, so that a projection can join what differs"
                            : "`places` lists where else it matches");
}

struct molecule *rewrite_apply(struct eval *eval, struct str name, const struct molecule *molecule, struct place place,
                               const struct molecule *replacement, struct application *application)
{
    const struct carry_options options = {
        .input_width = application->input_width, .seed = hash_u64(molecule->hash, place.gene), .noise = application->noise};
    struct diags told = {0};
    struct rewriting rewriting;
    struct molecule *result = molecule_rewrite(molecule, place, replacement, &eval->state->elements, options, &rewriting, &told);
    application->preserving = rewriting.preserving;
    application->refused = !result && !told.out_of_memory;
    if (application->refused && told.count > 0)
        tell_refused(eval, name, &told, rewriting.assumed, application->span);
    else
        diags_move(eval->diags, &told);
    diags_release(&told);
    return result;
}

struct molecule *rule_apply(struct eval *eval, const struct rule *rule, const struct molecule *molecule, struct place place,
                            struct application *application)
{
    struct bindings bindings;
    application->preserving = application->refused = false;
    if (!pattern_match(rule->pattern, molecule, place, &bindings)) {
        eval_error(eval, application->span, "the rule `%.*s` does not match at this place", STR_ARG(rule->node->text));
        return NULL;
    }
    size_t mark = pool_mark(eval);
    struct molecule *result = NULL;
    struct frame *frame = place_frame(eval, rule, molecule, &bindings);
    if (frame && draw_parameters(eval, rule, application->random, frame)) {
        const struct node *right = rule->node->items[2];
        struct value value = eval_in(eval, right, frame);
        const struct molecule *replacement = failed(value) ? NULL : molecule_of_value(eval, value, right->span);
        if (replacement)
            result = rewrite_apply(eval, rule->node->text, molecule, place, replacement, application);
        molecule_release(replacement);
    }
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    return result;
}
