/* See resolve.h. Scopes are frames, as the evaluator's, that hold names and no values; the outermost stands in the frame that the
   program will run in. Inside functions every name that the program declares at its top level counts as known, since a call comes
   later; elsewhere a name must have been made before.

   Where the parser could not read a statement, any word in it may be a name that it makes or uses. Where that would have been a
   `use`, any name at all may come from it, and unknown ones are no longer told. */
#include "interp/resolve.h"

#include <math.h>
#include <string.h>

#include "interp/commands.h"
#include "interp/declared.h"
#include "interp/module.h"
#include "support/limits.h"
#include "support/suggest.h"
#include "syntax/foreign.h"

/* What a name would stand for. */
enum stage {
    STAGE_NONE,
    STAGE_ANY,  /* a stage of a molecule */
    STAGE_LAYER /* called to be one */
};

struct resolver {
    struct eval *eval;
    const struct node *program;
    struct frame *outside;    /* where the program will run */
    struct frame *top;        /* its top level, as far as it has been read */
    struct frame *whole;      /* all names of its top level */
    struct declared declared; /* scopes bind names to numbers of these */
    unsigned inside;          /* functions around */
    bool shown;               /* a prompt: values at the top level are not lost */
    enum stage stage;         /* what is resolved next */
    bool pattern;             /* within a rule */
    bool broken;              /* the program has syntax errors, and statements may be pieces of others */
    bool blind;               /* names may come from what could not be read */
    bool well;
};

static void resolve(struct resolver *resolver, const struct node *node, struct frame *scope);

static void out_of_memory(struct resolver *resolver)
{
    resolver->well = diag_out_of_memory(resolver->eval->diags, SPAN_NONE);
}

/* A name that is no matter of `declared`. */
static void declare(struct resolver *resolver, struct frame *scope, struct str name)
{
    frame_bind(resolver->eval, scope, name, value_none());
}

/* Binds the name of `declaration` in `scope` to its number; whatever made the name there before and is of interest is the same
   declaration. */
static void declare_as(struct resolver *resolver, struct frame *scope, struct declaration declaration)
{
    struct str name = declaration.node->text;
    const struct binding *before = frame_find_here(scope, name);
    if (!before && scope == resolver->top)
        before = frame_find_here(resolver->whole, name);
    if (before && before->value.kind == VALUE_NUMBER) {
        declared_again(&resolver->declared, (uint32_t)before->value.number, declaration.node);
        frame_bind(resolver->eval, scope, name, before->value);
        return;
    }
    struct value number = value_number((double)resolver->declared.list.count);
    if (!declared_add(&resolver->declared, declaration))
        out_of_memory(resolver);
    else
        frame_bind(resolver->eval, scope, name, number);
}

static void declare_node(struct resolver *resolver, struct frame *scope, const struct node *node)
{
    declare_as(resolver, scope, (struct declaration){.node = node});
}

/* A scope inside `outer`; without memory, which is told, `outer` itself serves. Closed by frame_release. */
static struct frame *scope_open(struct resolver *resolver, struct frame *outer)
{
    struct frame *scope = frame_new(resolver->eval->state, outer);
    if (scope)
        return scope;
    out_of_memory(resolver);
    return frame_retain(outer);
}

/* What the name is bound to, in the program or outside it; NULL: unknown. */
static const struct binding *find(const struct resolver *resolver, struct frame *scope, struct str name, bool *own)
{
    const struct binding *binding = NULL;
    for (; scope && scope != resolver->outside; scope = scope->parent)
        if ((binding = frame_find_here(scope, name)))
            break;
    if (!binding && resolver->inside > 0)
        binding = frame_find_here(resolver->whole, name);
    *own = binding != NULL;
    return binding ? binding : frame_find(resolver->outside, name);
}

/* The program's declaration that the name stands for; NULL where it stands for none. */
static struct declaration *declaration_of(struct resolver *resolver, struct frame *scope, struct str name)
{
    bool own;
    const struct binding *binding = find(resolver, scope, name, &own);
    return own && binding->value.kind == VALUE_NUMBER ? &resolver->declared.list.at[(size_t)binding->value.number] : NULL;
}

static bool known(const struct resolver *resolver, struct frame *scope, struct str name)
{
    bool own;
    return find(resolver, scope, name, &own);
}

static void declare_missing(struct resolver *resolver, struct frame *scope, struct str name)
{
    if (!known(resolver, scope, name))
        declare(resolver, scope, name);
}

static void use(struct resolver *resolver, struct frame *scope, struct str name)
{
    struct declaration *declaration = declaration_of(resolver, scope, name);
    if (declaration && !declaration->open)
        declaration->used = true;
}

/* What the statement itself makes is not used by what stands in it. */
static void set_open(struct resolver *resolver, struct frame *scope, const struct node *node, bool open)
{
    struct declaration *declaration = node->text.len ? declaration_of(resolver, scope, node->text) : NULL;
    if (declaration && declaration->node == node)
        declaration->open = open;
}

/* The stage of the program that is named so; NULL: none. */
static const struct node *tap_of(const struct node *node, struct str name)
{
    const struct node *tap = node->kind == NODE_AS && str_equal(node->text, name) ? node : NULL;
    for (uint32_t i = 0; !tap && i < node->count; i++)
        tap = tap_of(node->items[i], name);
    return tap;
}

/* Whether the value may be, or make, a stage of a molecule; a function of numbers never is. */
static bool fits_stage(struct value value)
{
    if (value.kind != VALUE_BUILTIN)
        return value.kind != VALUE_WORD && value.kind != VALUE_STRING;
    const struct signature *signature = &value.builtin->signature;
    return signature->result != VALUE_NUMBER && signature->result != VALUE_STRING &&
           (signature->count == 0 || signature->parameters[0].type != TYPE_NUMBER);
}

static void offer(struct suggestion *suggestion, const struct binding *binding, bool stage)
{
    if (stage && !fits_stage(binding->value))
        suggest_offer_unfit(suggestion, binding->name);
    else
        suggest_offer(suggestion, binding->name);
}

static void help_elements(struct resolver *resolver, struct diag *diag)
{
    const struct elements *elements = &resolver->eval->state->elements;
    struct text names = {0};
    for (size_t i = 0; i < elements->count; i++)
        text_addf(&names, "%s`%s`", i ? ", " : "", elements->at[i]->name);
    diag_help(diag, "the elements are %s", text_chars(&names));
    text_release(&names);
}

/* What to do about a name that is unknown, where anything can be told. */
static void help_unknown(struct resolver *resolver, struct frame *scope, const struct node *node, enum stage stage,
                         struct diag *diag)
{
    struct str name = node->text;
    const char *foreign = foreign_name(name);
    struct suggestion suggestion;
    if (foreign) {
        diag_help(diag, "%s", foreign);
    } else {
        suggest_start(&suggestion, name);
        for (struct frame *frame = scope; frame; frame = frame->parent)
            for (size_t i = 0; i < frame->count; i++)
                offer(&suggestion, &frame->bindings[i], stage != STAGE_NONE);
        if (suggestion.best.len)
            diag_help(diag, "did you mean `%.*s`?", STR_ARG(suggestion.best));
        else if (resolver->pattern && stage == STAGE_NONE)
            diag_help(diag, "a variable of a rule is written `?%.*s`", STR_ARG(name));
        else if (stage == STAGE_LAYER)
            help_elements(resolver, diag);
    }
}

/* A name that exists, but not here: a tap before its stage or outside of its bracket, a name before the statement that makes it.
   False where the name is neither. */
static bool out_of_place(struct resolver *resolver, const struct node *node)
{
    const struct sources *sources = &resolver->eval->state->sources;
    const struct node *tap = tap_of(resolver->program, node->text);
    const struct binding *later = frame_find_here(resolver->whole, node->text);
    const struct node *made = tap;
    if (!tap && later && later->value.kind == VALUE_NUMBER)
        made = resolver->declared.list.at[(size_t)later->value.number].node;
    if (!made)
        return false;
    bool early = made->span.source == node->span.source && node_name_span(sources, made).start > node->span.start;
    struct diag *diag =
        diag_error(resolver->eval->diags, node->span, early ? "`%.*s` is used before it is %s" : "`%.*s` is unknown here",
                   STR_ARG(node->text), tap ? "named" : "made");
    diag_label(diag, node_name_span(sources, made), tap ? "the tap is named here" : "made here");
    if (tap)
        diag_help(diag, "a tap is known in later stages of its own bracket, and in brackets within them");
    return true;
}

static void unknown(struct resolver *resolver, struct frame *scope, const struct node *node, enum stage stage)
{
    resolver->well = false;
    if (resolver->blind)
        return;
    if (resolver->eval->diags->count >= LIMIT_DIAGS) { /* it would not be kept, and the search for a near name is long */
        resolver->eval->diags->overflowed = true;
        return;
    }
    if (out_of_place(resolver, node))
        return;
    struct text hint = {0};
    module_hint(resolver->eval, resolver->program, node->text, &hint);
    struct diag *diag = diag_error(resolver->eval->diags, node->span, "unknown name `%.*s`", STR_ARG(node->text));
    if (hint.len)
        diag_help(diag, "%s", text_chars(&hint));
    else
        help_unknown(resolver, scope, node, stage, diag);
    text_release(&hint);
}

static void resolve_items(struct resolver *resolver, const struct node *node, uint32_t from, struct frame *scope)
{
    for (uint32_t i = from; i < node->count; i++)
        resolve(resolver, node->items[i], scope);
}

static void resolve_stage(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    resolver->stage = STAGE_ANY;
    resolve(resolver, node, scope);
    resolver->stage = STAGE_NONE;
}

/* Operands are stages where the whole is one, and where the operator joins nothing else. */
static void resolve_operands(struct resolver *resolver, const struct node *node, enum stage stage, struct frame *scope)
{
    for (uint32_t i = 0; i < node->count; i++)
        if (stage || node->op == OP_BRANCH || node->op == OP_SKIP)
            resolve_stage(resolver, node->items[i], scope);
        else
            resolve(resolver, node->items[i], scope);
}

/* `relu(8)`, `relu([32, 8])`, `relu(w, init: he)`: as layers are called, and hardly anything else. */
static bool called_with_width(const struct node *call)
{
    if (call->count < 2 || call->items[1]->kind == NODE_ARGUMENT)
        return false;
    const struct node *width = call->items[1];
    for (uint32_t i = 2; i < call->count; i++)
        if (call->items[i]->kind != NODE_ARGUMENT)
            return false;
    return call->count > 2 ||
           (width->kind == NODE_NUMBER && width->op == OP_NONE && width->number >= 2 && floor(width->number) == width->number);
}

/* The part before number `i` that makes the same name; NULL: none. Few are searched in a row, many by way of `names`. */
static const struct node *made_before(const struct node *node, uint32_t i, struct frame *names)
{
    const struct node *part = node->items[i];
    if (names) {
        const struct binding *before = frame_find_here(names, part->text);
        return before ? node->items[(size_t)before->value.number] : NULL;
    }
    for (uint32_t before = 0; before < i; before++)
        if (node->items[before]->kind == part->kind && str_equal(node->items[before]->text, part->text))
            return node->items[before];
    return NULL;
}

/* Of parts that make names, such as parameters, no two make the same. `what` says where they stand. */
static void check_distinct(struct resolver *resolver, const struct node *node, enum node_kind kind, const char *what)
{
    enum { FEW = 16 };
    const struct sources *sources = &resolver->eval->state->sources;
    struct frame *names = node->count > FEW ? frame_new(resolver->eval->state, NULL) : NULL;
    if (node->count > FEW && !names)
        out_of_memory(resolver);
    for (uint32_t i = 0; i < node->count && (names || node->count <= FEW); i++) {
        const struct node *part = node->items[i], *first = part->kind == kind ? made_before(node, i, names) : NULL;
        if (first) {
            struct diag *diag = diag_error(resolver->eval->diags, node_name_span(sources, part), "`%.*s` stands twice in %s",
                                           STR_ARG(part->text), what);
            diag_label(diag, node_name_span(sources, first), "here first");
            resolver->well = false;
        } else if (part->kind == kind && names) {
            frame_bind(resolver->eval, names, part->text, value_number(i));
        }
    }
    if (names)
        frame_release(names);
}

/* The words of what could not be read become known names. */
static void resolve_error(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const struct source *source = sources_get(&resolver->eval->state->sources, node->span.source);
    resolver->well = false;
    for (size_t at = node->span.start; source && at < node->span.end; at++) {
        size_t start = at;
        while (at < node->span.end && (strchr(letters, source->text[at]) || (unsigned char)source->text[at] >= 0x80))
            at++;
        struct str word = {source->text + start, at - start};
        if (word.len == 0 || (word.at[0] >= '0' && word.at[0] <= '9'))
            continue;
        resolver->blind |= start == node->span.start && (str_is(word, "use") || str_is(word, "import") || str_is(word, "from"));
        if (!known(resolver, scope, word))
            declare(resolver, scope, word);
        if (scope == resolver->top && !frame_find_here(resolver->whole, word))
            declare(resolver, resolver->whole, word);
    }
}

/* Parameters, each seen by the defaults after it. */
static void resolve_params(struct resolver *resolver, const struct node *params, const struct node *of, struct frame *scope)
{
    check_distinct(resolver, params, NODE_PARAM, "these parameters");
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (param->kind == NODE_ERROR) {
            resolve_error(resolver, param, scope);
            continue;
        }
        if (param->count > 0) {
            const struct node *initial = param->items[0];
            resolve(resolver, initial->kind == NODE_AXIS ? initial->items[0] : initial, scope);
        }
        if (of->text.len)
            declare_as(resolver, scope, (struct declaration){.node = param, .of = of});
        else
            declare(resolver, scope, param->text);
    }
}

/* A function, rule or growth policy: its parameters and `names`, then its parts, in a scope of their own. */
static void resolve_body(struct resolver *resolver, const struct node *node, const char *const *names, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolver->inside++;
    set_open(resolver, outer, node, true);
    resolve_params(resolver, node->items[0], node, scope);
    for (; names && *names; names++)
        declare(resolver, scope, str_of(*names));
    resolve_items(resolver, node, 1, scope);
    set_open(resolver, outer, node, false);
    resolver->inside--;
    frame_release(scope);
}

static void declare_variables(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if (node->kind == NODE_VARIABLE)
        declare(resolver, scope, node->text);
    for (uint32_t i = 0; i < node->count; i++)
        declare_variables(resolver, node->items[i], scope);
}

static void resolve_rule(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve_params(resolver, node->items[0], node, scope);
    declare_variables(resolver, node->items[1], scope);
    resolver->pattern = true;
    resolve_items(resolver, node, 1, scope);
    resolver->pattern = false;
    frame_release(scope);
}

static void resolve_chain(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *stage = node->items[i];
        bool arrow = i == 0 && stage->kind == NODE_NAME && !known(resolver, scope, stage->text);
        size_t told = resolver->eval->diags->count;
        resolve_stage(resolver, stage, scope);
        if (arrow) { /* (x) -> x + 1 */
            struct diags *diags = resolver->eval->diags;
            if (diags->count > told && !diags->at[told].help)
                diag_help(&diags->at[told], "a function without a name is written `fn(%.*s) = …`", STR_ARG(stage->text));
            declare(resolver, scope, stage->text);
        }
        if (stage->kind == NODE_AS)
            declare(resolver, scope, stage->text);
    }
    frame_release(scope);
}

static void resolve_block(struct resolver *resolver, const struct node *node, bool result, struct frame *outer);

static void resolve_for(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve(resolver, node->items[0], outer);
    declare(resolver, scope, node->text);
    resolve_block(resolver, node->items[1], false, scope);
    frame_release(scope);
}

static void resolve_comprehension(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve(resolver, node->items[1], outer);
    declare(resolver, scope, node->text);
    resolve(resolver, node->items[0], scope);
    resolve_items(resolver, node, 2, scope);
    frame_release(scope);
}

static void resolve_sweep(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    check_distinct(resolver, node, NODE_AXIS, "this sweep");
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *part = node->items[i];
        if (part->kind != NODE_AXIS) {
            resolve(resolver, part, scope);
            continue;
        }
        resolve(resolver, part->items[0], scope);
        declare(resolver, scope, part->text);
    }
    frame_release(scope);
}

static bool is_value_statement(const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_CALL:
    case NODE_PIPE:
    case NODE_IF:
    case NODE_BLOCK:
    case NODE_ERROR:
        return false;
    case NODE_FN:
    case NODE_MOLECULE:
        return node->text.len == 0;
    default:
        return node->kind < NODE_LET;
    }
}

/* `let run = train M on data`, without options. */
static bool ends_in_training(const struct node *node)
{
    while (node->kind >= NODE_LET && node->count > 0)
        node = node->items[node->count - 1];
    return node->kind == NODE_TRAIN || node->kind == NODE_GROW || node->kind == NODE_EVOLVE;
}

/* Statements in a row. A value in the middle is lost; so is one at the end, unless the row is a block's result. */
static void resolve_statements(struct resolver *resolver, const struct node *node, bool result, struct frame *scope)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *statement = node->items[i];
        size_t errors = resolver->eval->diags->errors;
        if (scope == resolver->top && declares(statement))
            resolver->well = resolve_declared(resolver->eval, resolver->program, statement, scope) && resolver->well;
        resolve(resolver, statement, scope);
        if (resolver->eval->diags->errors > errors) /* what is wrong with it says enough */
            continue;
        bool lost =
            is_value_statement(statement) && !(result && i + 1 == node->count) && !(resolver->shown && scope == resolver->top);
        if (!lost || resolver->broken)
            continue;
        struct diag *diag = diag_error(resolver->eval->diags, statement->span, "this value is not used");
        if (i > 0 && statement->kind == NODE_RECORD && ends_in_training(node->items[i - 1]))
            diag_help(diag, "options begin on the line of their data: `train M on data {`");
        else
            diag_help(diag, "`show` or `print` it, or keep it with `let`");
        resolver->well = false;
    }
}

static void resolve_block(struct resolver *resolver, const struct node *node, bool result, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve_statements(resolver, node, result, scope);
    frame_release(scope);
}

static void resolve_use_here(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if (scope == resolver->top) {
        resolver->well = resolve_use(resolver->eval, resolver->program, node, scope, &resolver->blind) && resolver->well;
        return;
    }
    struct diag *diag = diag_error(resolver->eval->diags, node->span, "`use` stands in a block here");
    diag_help(diag, "put it at the top of the file: what a file uses does not depend on what it does");
    resolver->blind = true;
    resolver->well = false;
}

/* Of `m.member` and `m = …` that m may have it, or be changed. */
static void resolve_module_of(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    const struct node *name = node->items[0];
    while (node->kind == NODE_ASSIGN && (name->kind == NODE_INDEX || name->kind == NODE_MEMBER))
        name = name->items[0];
    bool own;
    const struct binding *binding = name->kind == NODE_NAME ? find(resolver, scope, name->text, &own) : NULL;
    if (!binding)
        return;
    bool well = node->kind == NODE_ASSIGN ? resolve_assigned(resolver->eval, node->items[0], binding)
                                          : resolve_member(resolver->eval, node, binding);
    resolver->well = resolver->well && well;
}

/* `x = 3` makes no name, and does not use the one it changes. */
static void resolve_assign(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    const struct node *target = node->items[0];
    resolve(resolver, node->items[1], scope);
    if (target->kind != NODE_NAME) {
        resolve(resolver, target, scope);
    } else if (!known(resolver, scope, target->text)) {
        struct diag *diag =
            resolver->blind ? NULL : diag_error(resolver->eval->diags, target->span, "unknown name `%.*s`", STR_ARG(target->text));
        help_unknown(resolver, scope, target, STAGE_NONE, diag);
        if (diag && !diag->help)
            diag_help(diag, "a new name is made by `let %.*s = …`", STR_ARG(target->text));
        resolver->well = false;
        declare(resolver, scope, target->text); /* told once */
    }
    resolve_module_of(resolver, node, scope);
}

/* Rules are given to an evolution by the keys of a record. */
static void resolve_record(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    check_distinct(resolver, node, NODE_FIELD, "this record");
    for (uint32_t i = 0; i < node->count; i++) {
        struct declaration *declaration =
            node->items[i]->kind == NODE_FIELD ? declaration_of(resolver, scope, node->items[i]->text) : NULL;
        if (declaration && declaration->node->kind == NODE_RULE)
            declaration->used = true;
    }
    resolve_items(resolver, node, 0, scope);
}

static void resolve_pipe(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    const struct node *target = node->items[1];
    resolve(resolver, node->items[0], scope);
    if (target->kind == NODE_NAME && (str_is(target->text, "show") || str_is(target->text, "print")))
        return;
    resolve(resolver, target, scope);
}

static void resolve(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if ((char *)__builtin_frame_address(0) < resolver->eval->stack_limit) {
        diag_error(resolver->eval->diags, node->span, "brackets are nested too deep here");
        resolver->well = false;
        return;
    }
    enum stage stage = resolver->stage;
    resolver->stage = STAGE_NONE;
    switch ((enum node_kind)node->kind) {
    case NODE_NAME:
        if (known(resolver, scope, node->text))
            use(resolver, scope, node->text);
        else
            unknown(resolver, scope, node, stage);
        if (resolver->pattern) /* told once, on the left side */
            declare_missing(resolver, scope, node->text);
        break;
    case NODE_ERROR:
        resolve_error(resolver, node, scope);
        break;
    case NODE_ASSIGN:
        resolve_assign(resolver, node, scope);
        break;
    case NODE_FN:
    case NODE_MOLECULE:
        if (node->text.len) /* known in its own body */
            declare_node(resolver, scope, node);
        resolve_body(resolver, node, NULL, scope);
        break;
    case NODE_GROWTH:
        declare_node(resolver, scope, node);
        resolve_body(resolver, node, resolver->eval->state->commands->growth_names, scope);
        break;
    case NODE_RULE:
        declare_node(resolver, scope, node);
        resolve_rule(resolver, node, scope);
        break;
    case NODE_ELEMENT: /* its formula has names of its own, checked where it is lowered */
        check_distinct(resolver, node->items[1], NODE_PARAM, "these parameters");
        declare_node(resolver, scope, node);
        break;
    case NODE_LOSS:
        check_distinct(resolver, node->items[0], NODE_PARAM, "these parameters");
        check_distinct(resolver, node->items[1], NODE_PARAM, "these parameters");
        declare_node(resolver, scope, node);
        break;
    case NODE_LET:
    case NODE_SETTING:
        resolve_items(resolver, node, 0, scope);
        declare_node(resolver, scope, node);
        break;
    case NODE_RECORD:
        resolve_record(resolver, node, scope);
        break;
    case NODE_CHAIN:
        resolve_chain(resolver, node, scope);
        break;
    case NODE_COMPREHENSION:
        resolve_comprehension(resolver, node, scope);
        break;
    case NODE_FOR:
        resolve_for(resolver, node, scope);
        break;
    case NODE_SWEEP:
        resolve_sweep(resolver, node, scope);
        break;
    case NODE_BLOCK:
        resolve_block(resolver, node, true, scope);
        break;
    case NODE_USE:
        resolve_use_here(resolver, node, scope);
        break;
    case NODE_MEMBER:
        resolve_items(resolver, node, 0, scope);
        resolve_module_of(resolver, node, scope);
        break;
    case NODE_PIPE:
        resolve_pipe(resolver, node, scope);
        break;
    case NODE_CALL:
        resolver->stage = stage || called_with_width(node) ? STAGE_LAYER : STAGE_NONE;
        resolve(resolver, node->items[0], scope);
        resolve_items(resolver, node, 1, scope);
        break;
    case NODE_AS:
    case NODE_UNARY:
    case NODE_BINARY:
        resolve_operands(resolver, node, stage, scope);
        break;
    case NODE_TRAIN:
    case NODE_GROW:
        resolve_stage(resolver, node->items[0], scope);
        resolve_items(resolver, node, 1, scope);
        break;
    default:
        resolve_items(resolver, node, 0, scope);
        break;
    }
}

/* What a `use` will bring, for functions that stand before it. */
static void declare_used(struct resolver *resolver, const struct node *use)
{
    const struct module *module = module_load(resolver->eval, use);
    if (use->count > 0) {
        struct value value = {.kind = VALUE_MODULE, .module = module ? module->exports : NULL};
        frame_bind(resolver->eval, resolver->whole, use->items[0]->text, value.module ? value : value_unknown());
    }
    for (size_t i = 0; module && module->exports && use->count == 0 && i < module->exports->count; i++)
        if (!frame_find_here(resolver->whole, module->exports->bindings[i].name))
            declare(resolver, resolver->whole, module->exports->bindings[i].name);
}

/* Every name of the program's top level, before any statement is looked at. */
static void declare_all(struct resolver *resolver, bool exported)
{
    const struct node *program = resolver->program;
    for (uint32_t i = 0; i < program->count; i++) {
        const struct node *statement = program->items[i];
        if (declares(statement))
            declare_as(resolver, resolver->whole, (struct declaration){.node = statement, .exported = exported});
        else if (statement->kind == NODE_USE)
            declare_used(resolver, statement);
    }
}

bool resolve_program(struct eval *eval, const struct node *program, struct frame *frame, bool module)
{
    struct resolver resolver = {
        .eval = eval, .program = program, .outside = frame, .broken = eval->diags->errors > 0, .well = true};
    resolver.shown = eval->state->interactive && !module;
    resolver.whole = frame_new(eval->state, NULL);
    resolver.top = resolver.whole ? frame_new(eval->state, frame) : NULL;
    if (!resolver.top) {
        if (resolver.whole)
            frame_release(resolver.whole);
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    }
    declare_all(&resolver, module || is_module(program));
    resolve_statements(&resolver, program, eval->gives_last && !module, resolver.top);
    if (eval->warnings && resolver.well)
        declared_warn(&resolver.declared, eval->state, eval->warnings);
    declared_release(&resolver.declared);
    frame_release(resolver.top);
    frame_release(resolver.whole);
    return resolver.well;
}
