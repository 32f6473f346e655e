/* See account.h. */
#include "study/account.h"

#include <inttypes.h>
#include <math.h>

#include "interp/print.h"
#include "interp/resolve.h"
#include "study/neurons.h"
#include "support/number.h"
#include "support/vec.h"

/* Signals that are shares of something, as the name of a signal or of its last member. */
static const char *const shares[] = {"accuracy", "improvement", "dead", "saturated", "share"};

/* More are never asked for by one policy that a person wrote. */
enum { SIGNALS_MOST = 32 };

struct account {
    struct policy *policy;
    struct frame *frame;
    struct text *out;
    struct str told[SIGNALS_MOST];
    size_t count;
};

/* The name that `extrema.high.count` begins with; NULL where no name does. */
static const struct node *root_of(const struct node *node)
{
    while (node->kind == NODE_MEMBER)
        node = node->items[0];
    return node->kind == NODE_NAME ? node : NULL;
}

static bool is_signal(struct str name)
{
    for (size_t i = 0; growth_names[i]; i++)
        if (str_is(name, growth_names[i]))
            return !str_is(name, "round") && !str_is(name, "epoch");
    return false;
}

bool signal_is_share(struct str name)
{
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (str_is(name, shares[i]))
            return true;
    return false;
}

static bool was_told(const struct account *account, struct str text)
{
    for (size_t i = 0; i < account->count; i++)
        if (str_equal(account->told[i], text))
            return true;
    return account->count == SIGNALS_MOST;
}

/* One signal and its value; what is no number, such as a place, is nothing to tell. */
static bool tell_signal(struct account *account, const struct node *node)
{
    struct eval *eval = account->policy->eval;
    const struct str text = source_slice(&eval->state->sources, node->span);
    if (was_told(account, text))
        return true;
    const struct value value = eval_in(eval, node, account->frame);
    if (value.kind != VALUE_NUMBER || isnan(value.number))
        return !failed(value);
    account->told[account->count++] = text;
    text_addf(account->out, "%s%.*s ", account->out->len ? ", " : "", STR_ARG(text));
    const bool share = signal_is_share(node->text);
    number_write_short(account->out, share ? 100 * value.number : value.number, 3);
    if (share)
        text_add(account->out, " %");
    return true;
}

static bool tell_signals(struct account *account, const struct node *node)
{
    const struct node *root = node->kind == NODE_MEMBER || node->kind == NODE_NAME ? root_of(node) : NULL;
    if (root)
        return !is_signal(root->text) || tell_signal(account, node);
    bool well = true;
    for (uint32_t i = 0; well && i < node->count; i++)
        well = tell_signals(account, node->items[i]);
    return well;
}

bool account_measured(struct policy *policy, struct frame *frame, struct text *out)
{
    struct account account = {.policy = policy, .frame = frame, .out = out};
    const struct node *node = policy->growth->node;
    bool well = true;
    for (uint32_t i = 1; well && i < node->count; i++)
        if (node->items[i]->kind == NODE_WHEN)
            well = tell_signals(&account, node->items[i]->items[0]);
    return well;
}

void account_reason(struct policy *policy, const struct node *condition, struct text *out)
{
    const struct str text = source_slice(&policy->eval->state->sources, condition->span);
    struct str all = text_str(out);
    const size_t at = all.len < text.len ? 0 : all.len - text.len; /* the same condition may stand before several actions */
    if (all.len >= text.len && str_equal((struct str){all.at + at, text.len}, text))
        return;
    text_addf(out, "%s%.*s", out->len ? "; " : "", STR_ARG(text));
}

/* ---- places ---- */

/* Of layers and of neurons, so many are told. */
enum { PLACES_TOLD = 4 };

/* Layers by their numbers, as the table of `signals` counts them: " (layers 1, 2)". */
static void tell_layers(const struct policy *policy, struct value at, struct text *out)
{
    const struct network_signals *network = policy->moment->signals->network;
    const struct value *items = at.kind == VALUE_LIST ? at.list->items : &at;
    const size_t count = at.kind == VALUE_LIST ? at.list->count : 1;
    struct text numbers = {0};
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t l = 0; l < network->count; l++)
            if (items[i].kind == VALUE_NUMBER && items[i].number == network->layers[l].gene && found++ < PLACES_TOLD)
                text_addf(&numbers, found > 1 ? ", %zu" : "%zu", l + 1);
    if (found > 0)
        text_addf(out, " (%s %s%s)", found > 1 ? "layers" : "layer", text_chars(&numbers), found > PLACES_TOLD ? " …" : "");
    text_release(&numbers);
}

/* Neurons by their layers, the first ones: " (layer 1: 3, 7 …; layer 2: 5)". */
static void tell_neurons(const struct policy *policy, struct value at, struct span span, struct text *out)
{
    struct neuron_places places = {0};
    uint32_t layer = 0;
    size_t told = 0;
    if (!neurons_read(policy->eval, at, span, &places) || places.count == 0) {
        vec_release(&places);
        return;
    }
    for (size_t i = 0; i < places.count; i++) {
        const struct neuron_place *place = &places.at[i];
        told = place->layer == layer ? told + 1 : 1;
        if (place->layer != layer)
            text_addf(out, "%s%" PRIu32 ": %" PRIu32, layer ? "; layer " : " (layer ", place->layer, place->neuron);
        else if (told <= PLACES_TOLD)
            text_addf(out, ", %" PRIu32, place->neuron);
        else if (told == PLACES_TOLD + 1)
            text_add(out, " …");
        layer = place->layer;
    }
    text_add_char(out, ')');
    vec_release(&places);
}

void account_place(struct policy *policy, struct value at, struct span span, struct text *out)
{
    if (neurons_named(at))
        tell_neurons(policy, at, span, out);
    else
        tell_layers(policy, at, out);
}
