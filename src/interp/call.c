/* Calls: arguments are evaluated once, then bound to whatever is called — a function of the language, a built-in, an element, a rule
   or a growth policy. */
#include <stdio.h>
#include <string.h>

#include "interp/advice.h"
#include "interp/commands.h"
#include "interp/evaluate.h"
#include "interp/unknown.h"
#include "molecule/trait.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"

/* How messages name what is called: "`split`", "this function". Longer names are cut. */
#define WHAT_MOST 80

static void name_callee(struct str name, char what[static WHAT_MOST])
{
    if (name.len)
        snprintf(what, WHAT_MOST, "`%.*s`", name.len < WHAT_MOST - 4 ? (int)name.len : WHAT_MOST - 4, name.at);
    else
        snprintf(what, WHAT_MOST, "this function");
}

/* ---- making ---- */

struct value function_make(struct eval *eval, const struct node *node)
{
    struct value value = value_object(eval, sizeof(struct function), VALUE_FUNCTION);
    if (failed(value))
        return value;
    value.function->node = node;
    value.function->frame = frame_retain(eval->frame);
    eval->frame->closures++;
    value.function->name = node->kind == NODE_PREDICATE ? STR("") : node->text;
    return value;
}

/* ---- functions of the language ---- */

static const struct node *function_params(const struct function *function)
{
    return function->node->kind == NODE_PREDICATE ? NULL : function->node->items[0];
}

static int node_param_number(const struct node *params, struct str name)
{
    for (uint32_t i = 0; i < params->count; i++)
        if (str_equal(params->items[i]->text, name))
            return (int)i;
    return -1;
}

static bool unknown_parameter(struct eval *eval, const struct node *params, const char *what, const struct argument *argument)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, argument->label);
    struct text help = {0};
    for (uint32_t i = 0; i < params->count; i++) {
        suggest_offer(&suggestion, params->items[i]->text);
        text_addf(&help, "%s`%.*s`", i == 0 ? "it takes " : ", ", STR_ARG(params->items[i]->text));
    }
    if (suggestion.best.len) {
        text_clear(&help);
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    }
    eval_error_help(eval, argument->label_span, help.at, "%s has no parameter `%.*s`", what, STR_ARG(argument->label));
    text_release(&help);
    return false;
}

/* The expression after `=` in `k = 2`; a domain (NODE_AXIS) is none. */
static const struct node *param_default(const struct node *param)
{
    return param->count > 0 && param->items[0]->kind != NODE_AXIS ? param->items[0] : NULL;
}

static bool bind_given(struct eval *eval, const struct node *params, const char *what, const struct argument *arguments,
                       size_t count, struct frame *frame)
{
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const struct argument *argument = &arguments[i];
        int number = argument->label.len ? node_param_number(params, argument->label) : (int)next++;
        if (number < 0)
            return unknown_parameter(eval, params, what, argument);
        if ((uint32_t)number >= params->count) {
            eval_error(eval, argument->span, "one argument too many for %s, which takes %u", what, params->count);
            return false;
        }
        struct str name = params->items[number]->text;
        if (frame_find_here(frame, name))
            return argument_twice(eval, argument, name, what);
        if (!frame_bind(eval, frame, name, argument->value))
            return false;
    }
    return true;
}

/* A parameter that has no default was not given: the help shows them all, as they are declared. */
static void needs_parameter(struct eval *eval, const struct node *params, const char *what, const struct node *param,
                            struct span span)
{
    struct text help = {0};
    text_addf(&help, "it takes `(");
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *at = params->items[i];
        const struct source *source = sources_get(&eval->state->sources, at->span.source);
        struct str written = {source ? source->text + at->span.start : "", source ? at->span.end - at->span.start : 0};
        text_addf(&help, "%s%.*s", i ? ", " : "", STR_ARG(written.len && written.len <= WHAT_MOST ? written : at->text));
    }
    text_add(&help, ")`");
    eval_error_help(eval, span, text_chars(&help), "%s needs `%.*s`", what, STR_ARG(param->text));
    text_release(&help);
}

bool bind_parameters(struct eval *eval, const struct node *params, const char *what, const struct argument *arguments, size_t count,
                     struct span span, struct frame *frame)
{
    if (!bind_given(eval, params, what, arguments, count, frame))
        return false;
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (frame_find_here(frame, param->text))
            continue;
        const struct node *initial = param_default(param);
        if (!initial) {
            if (param->count > 0) /* a domain: stays free until something is drawn from it */
                continue;
            needs_parameter(eval, params, what, param, span);
            return false;
        }
        struct frame *outer = eval->frame;
        eval->frame = frame; /* a default sees the parameters before it */
        struct value value = eval_node(eval, initial);
        eval->frame = outer;
        if (failed(value) || !frame_bind(eval, frame, param->text, value))
            return false;
    }
    return true;
}

/* The body of a `molecule` must be one; its name goes with it. */
static struct value finish_molecule(struct eval *eval, const struct function *function, struct value value, struct span span)
{
    enum value_kind kind = value_content(value);
    if (failed(value) || kind == VALUE_UNKNOWN ||
        (value.kind == VALUE_UNKNOWN && (kind == VALUE_MOLECULE || kind == VALUE_ELEMENT)))
        return failed(value) ? value : value_unknown_of(VALUE_MOLECULE);
    if (!value_is_chemical(value))
        return eval_error(eval, function->node->items[1]->span, "`%.*s` is declared as a molecule, but gives %s",
                          STR_ARG(function->name), value_article(value));
    const struct molecule *molecule = molecule_of_value(eval, value, span);
    struct value named = molecule ? value_molecule(eval, molecule) : value_failed();
    struct value name = failed(named) ? named : value_string(eval, function->name);
    if (failed(name))
        return name;
    named.molecule->name = value_retain(name).string;
    return named;
}

static struct value predicate_call(struct eval *eval, const struct function *function, const struct argument *arguments,
                                   size_t count, struct span span)
{
    if (count != 1)
        return eval_error(eval, span, "a condition such as `.loss < 0.1` takes one argument");
    const struct value *outer_self = eval->self;
    struct frame *outer = eval->frame;
    eval->self = &arguments[0].value;
    eval->frame = function->frame;
    struct value value = eval_node(eval, function->node->items[0]);
    eval->self = outer_self;
    eval->frame = outer;
    return value;
}

/* nel check: a function that calls itself where it is not known whether a run comes to that would call itself without end. */
static bool recurs_uncertainly(const struct eval *eval, const struct node *node)
{
    if (eval->uncertain == 0)
        return false;
    for (const struct call *call = eval->call; call; call = call->outer)
        if (call->node == node && call->uncertain < eval->uncertain)
            return true;
    return false;
}

static struct value function_call(struct eval *eval, const struct function *function, const struct argument *arguments,
                                  size_t count, struct span span)
{
    if (eval_stopped(eval, span)) /* a function can go on for ever without any loop */
        return value_failed();
    if (function->node->kind == NODE_PREDICATE)
        return predicate_call(eval, function, arguments, count, span);
    if (recurs_uncertainly(eval, function->node))
        return value_unknown();
    struct call call = {eval->call, function->name, span, function->node, eval->uncertain, eval->call ? eval->call->depth + 1 : 1};
    if (call.depth > LIMIT_CALLS)
        return eval_error_help(eval, span, "a function that calls itself needs a case in which it does not",
                               "calls are nested more than %s deep", counted(LIMIT_CALLS, "", "").text);
    const size_t told = eval->diags->count;
    struct frame *frame = frame_new(eval->state, function->frame);
    if (!frame)
        return eval_out_of_memory(eval, span);
    char what[WHAT_MOST];
    name_callee(function->name, what);
    size_t mark = pool_mark(eval);
    struct frame *outer = eval->frame;
    struct value value = value_failed();
    if (bind_parameters(eval, function_params(function), what, arguments, count, span, frame)) {
        eval->call = &call;
        eval->frame = frame;
        value = eval_node(eval, function->node->items[1]);
        if (function->node->kind == NODE_MOLECULE)
            value = finish_molecule(eval, function, value, span);
        eval->frame = outer;
        eval->call = call.outer;
        calls_label(eval->diags, told, &call);
    }
    value = pool_drain(eval, mark, value);
    frame_release(frame);
    return value;
}

/* ---- built-ins ---- */

/* More parameters than any signature has. */
#define PARAMETERS_MOST 40

/* Whether nel check knows enough of the arguments to call the built-in: all, or what its signature says where it carries unknowns. */
static bool computes(const struct builtin *builtin, const struct args *args)
{
    if (!builtin->carries) {
        for (size_t i = 0; i < builtin->signature.count; i++) /* as they were bound: a run for a molecule is its molecule */
            if (args->given[i] && !builtin->signature.parameters[i].rest && !value_known(args->at[i]))
                return false;
        for (size_t i = 0; i < args->rest_count; i++)
            if (!value_known(args->rest[i].value))
                return false;
        return true;
    }
    for (size_t i = 0; i < builtin->signature.count; i++)
        if (args->at[i].kind == VALUE_UNKNOWN && builtin->signature.parameters[i].type != TYPE_ANY)
            return false;
    return true;
}

static struct value builtin_call(struct eval *eval, const struct builtin *builtin, const struct argument *arguments, size_t count,
                                 struct span span)
{
    struct value values[PARAMETERS_MOST];
    struct span spans[PARAMETERS_MOST];
    bool given[PARAMETERS_MOST];
    struct args args = {.call = span, .at = values, .span = spans, .given = given};
    char what[WHAT_MOST];
    name_callee(builtin->signature.name, what);
    if (!bind_arguments(eval, &builtin->signature, what, arguments, count, span, values, spans, given, &args.rest,
                        &args.rest_count))
        return value_failed();
    if (eval->state->checking && !computes(builtin, &args))
        return value_unknown_of(builtin->signature.result);
    struct call call = {eval->call, builtin->signature.name, span, NULL, eval->uncertain, eval->call ? eval->call->depth : 0};
    const size_t told = eval->diags->count;
    eval->call = &call; /* told where the built-in calls a function in which an error is */
    struct value value = builtin->call(eval, builtin, &args);
    eval->call = call.outer;
    calls_label(eval->diags, told, call.outer);
    return value;
}

bool builtin_add(struct eval *eval, const char *signature, const char *doc, const void *context, bool carries,
                 struct value (*call)(struct eval *eval, const struct builtin *self, const struct args *args))
{
    struct value value = value_object(eval, sizeof(struct builtin), VALUE_BUILTIN);
    if (failed(value))
        return false;
    value.builtin->doc = doc;
    value.builtin->context = context;
    value.builtin->carries = carries;
    value.builtin->call = call;
    if (!signature_read(&value.builtin->signature, signature))
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    return frame_bind(eval, eval->state->builtins, value.builtin->signature.name, value);
}

struct value value_method(struct eval *eval, struct value self, const char *signature, const char *doc,
                          struct value (*call)(struct eval *eval, const struct builtin *self, const struct args *args))
{
    struct value value = value_object(eval, sizeof(struct builtin), VALUE_BUILTIN);
    if (failed(value))
        return value;
    value.builtin->doc = doc;
    value.builtin->carries = true;
    value.builtin->call = call;
    value.builtin->bound = value_retain(self);
    return signature_read(&value.builtin->signature, signature) ? value : eval_out_of_memory(eval, SPAN_NONE);
}

bool builtins_add(struct eval *eval, const struct builtin_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!builtin_add(eval, rows[i].signature, rows[i].doc, NULL, unknowns_carried(rows[i].signature), rows[i].call))
            return false;
    return true;
}

/* ---- any call ---- */

bool value_callable(struct value value)
{
    return value.kind == VALUE_FUNCTION || value.kind == VALUE_BUILTIN || value.kind == VALUE_ELEMENT || value.kind == VALUE_RULE ||
           value.kind == VALUE_GROWTH;
}

struct value call_value(struct eval *eval, struct value callee, const struct argument *arguments, size_t count, struct span span)
{
    if ((char *)__builtin_frame_address(0) < eval->stack_limit)
        return eval_error(eval, span, "calls are nested too deep here");
    switch (callee.kind) {
    case VALUE_FUNCTION:
        return function_call(eval, callee.function, arguments, count, span);
    case VALUE_BUILTIN:
        return builtin_call(eval, callee.builtin, arguments, count, span);
    case VALUE_ELEMENT:
        return element_call(eval, callee.element, arguments, count, span);
    case VALUE_RULE:
        return rule_call(eval, callee, arguments, count, span);
    case VALUE_GROWTH:
        return eval->state->commands->growth_call(eval, callee, arguments, count, span);
    case VALUE_UNKNOWN:
        if (callee.of == VALUE_UNKNOWN || value_callable((struct value){.kind = callee.of}))
            return value_unknown();
        __attribute__((fallthrough));
    default:
        return eval_error_help(eval, span, advice_call(callee), "%s cannot be called", value_article(callee));
    }
}

struct value call_one(struct eval *eval, struct value callee, struct value argument, struct span span)
{
    struct argument one = {.value = argument, .span = span};
    return call_value(eval, callee, &one, 1, span);
}

bool callable_takes(struct value callee, struct str parameter)
{
    if (callee.kind == VALUE_FUNCTION)
        return callee.function->node->kind != NODE_PREDICATE && node_param_number(callee.function->node->items[0], parameter) >= 0;
    if (callee.kind == VALUE_BUILTIN)
        for (size_t i = 0; i < callee.builtin->signature.count; i++)
            if (str_equal(callee.builtin->signature.parameters[i].name, parameter))
                return true;
    return false;
}

/* ---- calls in the tree ---- */

/* The key at the start of `key: value`. */
struct span span_of_key(const struct node *node)
{
    struct span span = node->span;
    span.end = span.start + (uint32_t)node->text.len;
    return span;
}

static bool may_be_called(struct value callee)
{
    enum value_kind kind = value_content(callee);
    return kind == VALUE_UNKNOWN || value_callable((struct value){.kind = kind});
}

static bool word_is_init(struct str word)
{
    for (size_t i = 0; init_names[i]; i++)
        if (str_is(word, init_names[i]))
            return true;
    return false;
}

static struct value not_callable(struct eval *eval, struct value callee, const struct node *node)
{
    struct text what = {0};
    if (node->kind == NODE_NAME && callee.kind != VALUE_WORD)
        text_addf(&what, "`%.*s` is %s and", STR_ARG(node->text), value_article(callee));
    else if (node->kind == NODE_NAME)
        text_addf(&what, "`%.*s`", STR_ARG(node->text));
    else
        text_add(&what, value_article(callee));
    const bool init = callee.kind == VALUE_WORD && word_is_init(string_str(callee.string));
    const bool atom =
        node->kind == NODE_NAME && callee.kind == VALUE_MOLECULE && frame_find_here(eval->state->builtins, node->text);
    eval_error_help(eval, node->span,
                    atom   ? "it stands without brackets: it has nothing to be told"
                    : init ? "`init_scale` is a factor on the weights: `relu(8, init: normal, init_scale: 2)`"
                           : advice_call(callee),
                    "%s cannot be called", text_chars(&what));
    text_release(&what);
    return value_failed();
}

/* Arguments of one call; most have few. */
#define ARGUMENTS_INLINE 8

struct value eval_call(struct eval *eval, const struct node *node, const struct argument *piped)
{
    struct value callee = eval_node(eval, node->items[0]);
    if (failed(callee))
        return callee;
    if (!may_be_called(callee))
        return not_callable(eval, callee, node->items[0]);
    size_t lead = piped ? 1 : 0;
    size_t count = node->count - 1 + lead;
    struct argument few[ARGUMENTS_INLINE];
    struct argument *arguments = count <= ARGUMENTS_INLINE ? few : mem_array(count, sizeof *arguments);
    if (!arguments)
        return eval_out_of_memory(eval, node->span);
    if (piped)
        arguments[0] = *piped;
    struct value value = value_none();
    for (size_t i = lead; !failed(value) && i < count; i++) {
        const struct node *given = node->items[i - lead + 1];
        bool labelled = given->kind == NODE_ARGUMENT;
        const struct node *what = labelled ? given->items[0] : given;
        value = eval_node(eval, what);
        arguments[i] = (struct argument){.value = value, .span = what->span};
        if (labelled) {
            arguments[i].label = given->text;
            arguments[i].label_span = span_of_key(given);
        }
    }
    if (!failed(value))
        value = call_value(eval, callee, arguments, count, node->span);
    if (arguments != few)
        mem_free(arguments);
    return value;
}

/* `x |> f(a)` is f(x, a); `x |> f` is f(x); `x |> show` shows x. `span`: of all up to the target. */
static struct value feed(struct eval *eval, struct argument piped, const struct node *target, struct span span)
{
    if (target->kind == NODE_CALL)
        return eval_call(eval, target, &piped);
    if (target->kind == NODE_NAME && str_is(target->text, "show"))
        return show_value(eval, piped.value, piped.span);
    if (target->kind == NODE_NAME && str_is(target->text, "print")) {
        if (eval->state->checking)
            return value_none();
        struct text text = {0};
        value_print(eval, piped.value, false, &text);
        text_add_char(&text, '\n');
        eval_write(eval, text_str(&text));
        text_release(&text);
        return value_none();
    }
    struct value callee = eval_node(eval, target);
    return failed(callee) ? callee : call_value(eval, callee, &piped, 1, span);
}

struct value eval_pipe(struct eval *eval, const struct node *node)
{
    struct value value = eval_node(eval, node->items[0]);
    struct span span = node->items[0]->span;
    for (uint32_t i = 1; !failed(value) && i < node->count; i++) {
        struct joint joint = node_joint(node, i);
        value = feed(eval, (struct argument){.value = value, .span = span}, node->items[i], joint.span);
        span = joint.span;
    }
    return value;
}
