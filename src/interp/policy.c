/* `growth` policies: values, and their evaluation in one round. An action is a rule or one of the built-in ones, which insert a
   molecule behind a stage. */
#include "interp/policy.h"

#include "interp/resolve.h"
#include "molecule/graph.h"
#include "molecule/trait.h"
#include "support/vec.h"

const char *const growth_names[] = {"accuracy", "loss",      "improvement", "epoch",     "round",   "refused",
                                    "layers",   "params",    "dead",        "saturated", "extrema", "outliers",
                                    "rank",     "vanishing", "busiest",     "narrowest", NULL};

static const struct spec_row action_rows[] = {
    {"insert(molecule: molecule)", "action",
     "Growth: puts a molecule behind a stage; what follows begins anew where widths change."},
    {"graft(molecule: molecule)", "action",
     "Growth: puts a molecule behind a stage, inside a skip whose last layer starts at zero: the network computes the same "
     "function "
     "before and after."},
};

bool growth_actions_add(struct eval *eval)
{
    return specs_add(eval, action_rows, sizeof action_rows / sizeof *action_rows);
}

/* ---- policies as values ---- */

static struct value growth_make(struct eval *eval, const struct node *node, struct frame *frame, bool called)
{
    struct value value = value_object(eval, sizeof(struct growth), VALUE_GROWTH);
    if (failed(value))
        return value;
    value.growth->node = node;
    value.growth->frame = frame_retain(frame);
    value.growth->called = called;
    return value;
}

static const char *const shares[] = {"accuracy", "improvement"};

/* Refuses a share compared with a number above 1, such as `accuracy >= 95`: no round could change the answer. */
static bool share_fits(struct eval *eval, const struct node *name, const struct node *number)
{
    if (name->kind != NODE_NAME || number->kind != NODE_NUMBER || number->number <= 1)
        return true;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        if (!str_is(name->text, shares[i]))
            continue;
        struct text help = {0};
        text_addf(&help, "percent are written with their sign: `%.*s%%`", STR_ARG(number->text));
        eval_error_help(eval, number->span, number->op == OP_NONE && number->number <= 100 ? help.at : NULL,
                        "`%s` is a share, from 0 to 1", shares[i]);
        text_release(&help);
        return false;
    }
    return true;
}

static bool shares_fit(struct eval *eval, const struct node *node)
{
    bool well = true;
    if (node->kind == NODE_BINARY && node->op >= OP_EQ && node->op <= OP_GE)
        well = share_fits(eval, node->items[0], node->items[1]) && share_fits(eval, node->items[1], node->items[0]);
    for (uint32_t i = 0; well && i < node->count; i++)
        well = shares_fit(eval, node->items[i]);
    return well;
}

struct value declare_growth(struct eval *eval, const struct node *node)
{
    const struct node *accept = NULL;
    for (uint32_t i = 1; i < node->count; i++) {
        if (node->items[i]->kind != NODE_ACCEPT)
            continue;
        if (accept) {
            struct diag *diag = diag_error(eval->diags, node->items[i]->span, "a policy has one `accept`");
            diag_label(diag, accept->span, "this is the first");
            diag_help(diag, "join the conditions by `and` or `or`");
            return value_failed();
        }
        accept = node->items[i];
    }
    if (!shares_fit(eval, node))
        return value_failed();
    return growth_make(eval, node, eval->frame, false);
}

struct value growth_call(struct eval *eval, struct value growth, const struct argument *arguments, size_t count, struct span span)
{
    if (growth.growth->called)
        return eval_error(eval, span, "this growth policy has its parameters already");
    struct frame *frame = frame_new(eval->state, growth.growth->frame);
    if (!frame)
        return eval_out_of_memory(eval, span);
    struct value value = value_failed();
    if (bind_parameters(eval, growth.growth->node->items[0], "the growth policy", arguments, count, span, frame))
        value = growth_make(eval, growth.growth->node, frame, true);
    frame_release(frame);
    return value;
}

/* ---- signals as names ---- */

static struct value signal_value(double number, bool known)
{
    return known ? value_number(number) : value_unknown_of(VALUE_NUMBER);
}

static struct value count_record(struct eval *eval, double count, bool known)
{
    struct value record = value_record(eval);
    return !failed(record) && record_set(eval, record.record, STR("count"), signal_value(count, known)) ? record : value_failed();
}

/* `extrema` and `outliers`: their share of the neurons, and how many are on either side. */
static struct value sides_record(struct eval *eval, double share, const char *up, double above, const char *down, double below,
                                 bool known)
{
    struct value record = value_record(eval);
    struct value high = failed(record) ? record : count_record(eval, above, known);
    struct value low = failed(high) ? high : count_record(eval, below, known);
    bool well = !failed(low) && record_set(eval, record.record, STR("share"), signal_value(share, known)) &&
                record_set(eval, record.record, str_of(up), high) && record_set(eval, record.record, str_of(down), low);
    return well ? record : value_failed();
}

/* Where nothing is measured (`known` is false, in nel check) the rounds and epochs can still be counted. */
static bool bind_signals(struct eval *eval, const struct signals *signals, bool known, struct frame *frame)
{
    const struct {
        const char *name;
        double value;
        bool counted;
    } numbers[] = {{"accuracy", signals->accuracy, false},
                   {"loss", signals->loss, false},
                   {"improvement", signals->improvement, false},
                   {"epoch", signals->epoch, signals->epoch > 0},
                   {"round", signals->round, signals->round > 0},
                   {"refused", signals->refused, false},
                   {"layers", signals->layers, false},
                   {"params", signals->params, false},
                   {"dead", signals->dead, false},
                   {"saturated", signals->saturated, false},
                   {"rank", signals->rank, false},
                   {"vanishing", signals->vanishing, false},
                   {"busiest", signals->busiest, false},
                   {"narrowest", signals->narrowest, false}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!frame_bind(eval, frame, str_of(numbers[i].name), signal_value(numbers[i].value, known || numbers[i].counted)))
            return false;
    struct value extrema =
        sides_record(eval, signals->extrema_share, "high", signals->extrema_high, "low", signals->extrema_low, known);
    if (failed(extrema) || !frame_bind(eval, frame, STR("extrema"), extrema))
        return false;
    struct value outliers =
        sides_record(eval, signals->outlier_share, "above", signals->outliers_above, "below", signals->outliers_below, known);
    return !failed(outliers) && frame_bind(eval, frame, STR("outliers"), outliers);
}

/* ---- one round ---- */

struct frame *policy_frame(struct policy *policy, const struct signals *signals)
{
    struct eval *eval = policy->eval;
    struct frame *frame = frame_new(eval->state, policy->growth->frame);
    if (!frame) {
        eval_out_of_memory(eval, policy->growth->node->span);
        return NULL;
    }
    if (bind_signals(eval, signals, !policy->checking, frame))
        return frame;
    frame_release(frame);
    return NULL;
}

bool policy_condition(struct eval *eval, const struct node *condition, struct frame *frame, bool *result)
{
    struct value value = eval_in(eval, condition, frame);
    if (failed(value))
        return false;
    if (value_content(value) != VALUE_BOOL && value_content(value) != VALUE_UNKNOWN)
        return eval_error_condition(eval, condition->span, value), false;
    *result = value.kind == VALUE_BOOL && value.boolean;
    return true;
}

const struct node *policy_clause(const struct growth *growth, enum node_kind kind)
{
    for (uint32_t i = 1; i < growth->node->count; i++)
        if (growth->node->items[i]->kind == kind)
            return growth->node->items[i];
    return NULL;
}

/* Whether the condition, item `item`, of some clause of that kind holds. */
static bool some_holds(struct policy *policy, const struct signals *signals, enum node_kind kind, uint32_t item, bool *holds,
                       struct diags *diags)
{
    struct eval *eval = policy->eval;
    struct diags *outer = eval->diags;
    size_t mark = pool_mark(eval);
    eval->diags = diags;
    struct frame *frame = policy_frame(policy, signals);
    bool well = frame;
    *holds = false;
    for (uint32_t i = 1; well && !*holds && i < policy->growth->node->count; i++)
        if (policy->growth->node->items[i]->kind == kind)
            well = policy_condition(eval, policy->growth->node->items[i]->items[item], frame, holds);
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    eval->diags = outer;
    return well;
}

bool policy_stop(void *context, const struct signals *signals, bool *stop, struct diags *diags)
{
    return some_holds(context, signals, NODE_STOP, 0, stop, diags);
}

bool policy_accept(void *context, const struct signals *signals, bool *accepted, struct diags *diags)
{
    return some_holds(context, signals, NODE_ACCEPT, 1, accepted, diags);
}

/* The width that the stage at `gene` gives: the widest node made from it is its output. */
static uint32_t width_at(const struct molecule *molecule, uint32_t gene, uint32_t input_width, struct diags *diags)
{
    struct graph *graph = graph_build(molecule, input_width, diags);
    uint32_t width = 0;
    for (uint32_t i = 0; graph && i < graph->count; i++)
        if (graph->nodes[i].gene == gene)
            width = graph->nodes[i].width;
    graph_release(graph);
    return width;
}

/* The stage itself, and behind it the molecule, for `insert`; for `graft` inside a skip that starts as the identity. */
static struct molecule *stage_and(struct eval *eval, const struct spec *action, const struct molecule *stage, uint32_t width,
                                  struct span span)
{
    const struct molecule *added = record_get(action->fields, STR("molecule"))->molecule->molecule;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, span);
    builder_copy(&builder, stage, 0);
    if (str_is(action->name, "graft")) {
        struct gene last = gene_layer(elements_by_name(&eval->state->elements, STR("linear")), width, span);
        last.traits.init = INIT_ZERO;
        builder_open(&builder, GENE_SKIP, span);
        builder_open(&builder, GENE_CHAIN, span);
        builder_copy(&builder, added, 0);
        builder_atom(&builder, last, NULL);
        builder_close(&builder);
        builder_close(&builder);
    } else {
        builder_copy(&builder, added, 0);
    }
    builder_close(&builder);
    return builder_finish(&builder, span, eval->diags);
}

static struct molecule *apply_builtin(const struct policy *policy, const struct spec *action, const struct molecule *molecule,
                                      uint32_t gene, const struct node *when)
{
    struct eval *eval = policy->eval;
    struct place place = {gene, 1};
    uint32_t width = width_at(molecule, gene, policy->input_width, eval->diags);
    struct molecule *stage = width ? molecule_slice(molecule, place, eval->diags) : NULL;
    struct molecule *replacement = stage ? stage_and(eval, action, stage, width, when->span) : NULL;
    struct application application = {.span = when->items[1]->span, .input_width = policy->input_width};
    struct molecule *result = replacement ? rewrite_apply(eval, action->name, molecule, place, replacement, &application) : NULL;
    molecule_release(stage);
    molecule_release(replacement);
    return result;
}

/* The rule at the place that `at` names, else at its first. */
static struct molecule *apply_rule(struct policy *policy, const struct rule *rule, const struct molecule *molecule,
                                   const uint32_t *gene, const struct node *when, bool *nowhere)
{
    struct place_list places;
    if (!rule_places(policy->eval, rule, molecule, &places))
        return NULL;
    size_t chosen = 0;
    while (gene && chosen < places.count && places.at[chosen].gene != *gene)
        chosen++;
    *nowhere = chosen >= places.count;
    struct application application = {.random = &policy->random, .span = when->items[1]->span, .input_width = policy->input_width};
    struct molecule *result = *nowhere ? NULL : rule_apply(policy->eval, rule, molecule, places.at[chosen], &application);
    vec_release(&places);
    return result;
}

/* Where gene `gene` of the round's first molecule is in `now`; false where it is gone. */
static bool gene_now(const struct molecule *now, uint32_t gene, bool first, uint32_t *where)
{
    for (uint32_t i = 0; i < now->count; i++)
        if (first ? i == gene : now->genes[i].origin == gene + 1) {
            *where = i;
            return true;
        }
    return false;
}

/* Origins of `after` point into `before`; makes them point where `before`'s own do. */
static void compose_origins(struct molecule *after, const struct molecule *before)
{
    for (uint32_t i = 0; i < after->count; i++)
        if (after->genes[i].origin)
            after->genes[i].origin = before->genes[after->genes[i].origin - 1].origin;
}

/* What one round's rewriting works on. */
struct rewriting {
    const struct molecule *molecule; /* as it is now */
    struct molecule *own;            /* the same where something fired, NULL before */
    struct text *what;
};

static void describe(struct rewriting *rewriting, const struct node *action, const struct node *when)
{
    const struct node *name = action->kind == NODE_CALL ? action->items[0] : action;
    text_addf(rewriting->what, "%s%.*s", rewriting->what->len ? ", " : "", STR_ARG(name->text));
    if (when->count > 2 && when->items[2]->kind == NODE_NAME)
        text_addf(rewriting->what, " %.*s %.*s", STR_ARG(when->text), STR_ARG(when->items[2]->text));
}

bool policy_action(struct eval *eval, const struct node *when, struct frame *frame, struct value *action, struct value *at)
{
    *action = eval_in(eval, when->items[1], frame);
    *at = failed(*action) || when->count < 3 ? *action : eval_in(eval, when->items[2], frame);
    if (failed(*at))
        return false;
    bool builtin = action->kind == VALUE_SPEC && str_is(str_of(action->spec->family), "action");
    if (!builtin && value_content(*action) != VALUE_RULE && value_content(*action) != VALUE_UNKNOWN)
        return eval_error_type(eval, when->items[1]->span, "a rule or an action such as `graft(relu(8))`", *action), false;
    if (builtin && when->count < 3) {
        struct text help = {0};
        text_addf(&help, "write `%.*s(…) after busiest`", STR_ARG(action->spec->name));
        eval_error_help(eval, when->items[1]->span, text_chars(&help), "`%.*s` needs a place", STR_ARG(action->spec->name));
        text_release(&help);
        return false;
    }
    if (when->count > 2 && value_content(*at) != VALUE_NUMBER && value_content(*at) != VALUE_UNKNOWN)
        return eval_error_type(eval, when->items[2]->span, "a place such as `busiest`", *at), false;
    return true;
}

struct molecule *policy_rewrite(struct policy *policy, const struct node *when, struct value action,
                                const struct molecule *molecule, const uint32_t *gene, bool *nowhere)
{
    if (action.kind == VALUE_RULE)
        return apply_rule(policy, action.rule, molecule, gene, when, nowhere);
    return apply_builtin(policy, action.spec, molecule, gene ? *gene : 0, when);
}

/* Fires one `when`; false with a diagnostic. */
static bool fire(struct policy *policy, const struct node *when, struct frame *frame, struct rewriting *rewriting)
{
    struct eval *eval = policy->eval;
    struct value action, at;
    uint32_t gene = 0;
    if (!policy_action(eval, when, frame, &action, &at))
        return false;
    if (when->count > 2) {
        if (!gene_now(rewriting->molecule, (uint32_t)at.number, !rewriting->own, &gene))
            return true; /* an action before this one took the place away */
    }
    bool nowhere = false;
    struct molecule *next = policy_rewrite(policy, when, action, rewriting->molecule, when->count > 2 ? &gene : NULL, &nowhere);
    if (!next)
        return nowhere;
    if (rewriting->own)
        compose_origins(next, rewriting->molecule);
    molecule_release(rewriting->own);
    rewriting->own = next;
    rewriting->molecule = next;
    describe(rewriting, when->items[1], when);
    return true;
}

struct molecule *policy_act(void *context, const struct molecule *molecule, const struct signals *signals, struct text *what,
                            struct diags *diags)
{
    struct policy *policy = context;
    struct eval *eval = policy->eval;
    struct diags *outer = eval->diags;
    size_t mark = pool_mark(eval);
    eval->diags = diags;
    struct rewriting rewriting = {molecule, NULL, what};
    struct frame *frame = policy_frame(policy, signals);
    bool well = frame;
    policy->random = random_stream(policy->seed, RANDOM_GROW, signals->round);
    for (uint32_t i = 1; well && i < policy->growth->node->count; i++) {
        const struct node *when = policy->growth->node->items[i];
        bool fires = false;
        if (when->kind != NODE_WHEN)
            continue;
        well = policy_condition(eval, when->items[0], frame, &fires) && (!fires || fire(policy, when, frame, &rewriting));
    }
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    eval->diags = outer;
    if (well)
        return rewriting.own;
    molecule_release(rewriting.own);
    return NULL;
}
