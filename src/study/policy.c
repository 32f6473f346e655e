/* `growth` policies: values, what they are told of a round, and their conditions. What they do is in firing.c. */
#include "study/policy.h"

#include "interp/print.h"
#include "interp/unknown.h"
#include "study/account.h"
#include "study/neurons.h"
#include "support/number.h"
#include "support/vec.h"

const char *const growth_names[] = {"accuracy", "loss",      "improvement", "epoch",    "round",    "refused", "layers",
                                    "params",   "dead",      "saturated",   "extrema",  "outliers", "rank",    "vanishing",
                                    "busiest",  "narrowest", "hidden",      "standing", NULL};

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

/* Refuses a share compared with a number above 1, such as `accuracy >= 95`: no round could change the answer. */
static bool share_fits(struct eval *eval, const struct node *signal, const struct node *number)
{
    const bool names = signal->kind == NODE_NAME || signal->kind == NODE_MEMBER;
    if (!names || !signal_is_share(signal->text) || number->kind != NODE_NUMBER || number->number <= 1)
        return true;
    const struct str written = source_slice(&eval->state->sources, signal->span);
    struct text help = {0};
    text_addf(&help, "percent are written with their sign: `%.*s%%`", STR_ARG(number->text));
    eval_error_help(eval, number->span, number->op == OP_NONE && number->number <= 100 ? help.at : NULL,
                    "`%.*s` is a share, from 0 to 1", STR_ARG(written));
    text_release(&help);
    return false;
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

bool clause_counts_steps(const struct node *clause)
{
    return str_is(clause->text, "steps") || str_is(clause->text, "step");
}

/* Refuses lengths in anything but epochs and steps. */
static bool unit_fits(struct eval *eval, const struct node *clause)
{
    const bool counts = clause->kind == NODE_EVERY || clause->kind == NODE_ACCEPT;
    if (!counts || clause_counts_steps(clause) || str_is(clause->text, "epochs") || str_is(clause->text, "epoch"))
        return true;
    eval_error_help(eval, clause->span, "write `every 5 epochs`, or `every 100 steps` of the optimiser",
                    "`%.*s` is nothing that rounds are counted in", STR_ARG(clause->text));
    return false;
}

struct value declare_growth(struct eval *eval, const struct node *node)
{
    const struct node *accept = NULL;
    for (uint32_t i = 1; i < node->count; i++) {
        if (!unit_fits(eval, node->items[i]))
            return value_failed();
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

/* How many neurons are on one side, and which. */
static struct value side_record(struct eval *eval, const struct signals *signals, enum neuron_side side, bool known)
{
    const double counts[] = {[NEURONS_HIGH] = signals->extrema_high,
                             [NEURONS_LOW] = signals->extrema_low,
                             [NEURONS_ABOVE] = signals->outliers_above,
                             [NEURONS_BELOW] = signals->outliers_below};
    struct value record = value_record(eval);
    struct value neurons = failed(record)     ? record
                           : signals->network ? neurons_list(eval, signals->network, side)
                                              : value_unknown_of(VALUE_LIST);
    const bool well = !failed(neurons) && record_set(eval, record.record, STR("count"), signal_value(counts[side], known)) &&
                      record_set(eval, record.record, STR("neurons"), neurons);
    return well ? record : value_failed();
}

/* `extrema` and `outliers`: their share of the neurons, and those on either side. */
static struct value sides_record(struct eval *eval, const struct signals *signals, enum neuron_side up, bool known)
{
    const bool extrema = up == NEURONS_HIGH;
    const double share = extrema ? signals->extrema_share : signals->outlier_share;
    struct value record = value_record(eval);
    struct value above = failed(record) ? record : side_record(eval, signals, up, known);
    struct value below = failed(above) ? above : side_record(eval, signals, extrema ? NEURONS_LOW : NEURONS_BELOW, known);
    bool well = !failed(below) && record_set(eval, record.record, STR("share"), signal_value(share, known)) &&
                record_set(eval, record.record, extrema ? STR("high") : STR("above"), above) &&
                record_set(eval, record.record, extrema ? STR("low") : STR("below"), below);
    return well ? record : value_failed();
}

/* The places that are several layers: `hidden`, the hidden ones, and `standing`, the output, too; nel check does not know them. */
static bool bind_places(struct eval *eval, const struct signals *signals, struct frame *frame)
{
    const struct network_signals *network = signals->network;
    struct value hidden = network ? value_list(eval) : value_unknown_of(VALUE_LIST);
    struct value standing = network ? value_list(eval) : hidden;
    for (size_t i = 0; !failed(hidden) && !failed(standing) && network && i < network->count; i++)
        if (!list_add(eval, hidden.list, value_number(network->layers[i].gene)) ||
            !list_add(eval, standing.list, value_number(network->layers[i].gene)))
            return false;
    if (failed(hidden) || failed(standing) || (network && !list_add(eval, standing.list, value_number(signals->output))))
        return false;
    return frame_bind(eval, frame, STR("hidden"), hidden) && frame_bind(eval, frame, STR("standing"), standing);
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
    struct value extrema = sides_record(eval, signals, NEURONS_HIGH, known);
    if (failed(extrema) || !frame_bind(eval, frame, STR("extrema"), extrema))
        return false;
    struct value outliers = sides_record(eval, signals, NEURONS_ABOVE, known);
    return !failed(outliers) && frame_bind(eval, frame, STR("outliers"), outliers) && bind_places(eval, signals, frame);
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

struct value policy_evaluate(struct eval *eval, const struct node *node, struct frame *frame)
{
    const bool outer = eval->blind;
    eval->blind = true;
    struct value value = eval_in(eval, node, frame);
    eval->blind = outer;
    return value;
}

bool policy_condition(struct eval *eval, const struct node *condition, struct frame *frame, bool *result)
{
    struct value value = policy_evaluate(eval, condition, frame);
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

void policy_release(struct policy *policy)
{
    vec_release(&policy->firings);
}
