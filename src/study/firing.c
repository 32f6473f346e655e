/* `growth` policies at work: the actions of every `when` that comes true in a round, at their places, and what came of them. An action is
   a rule, a function from molecule to molecule, or one of the built-in ones (action.h). */
#include "study/policy.h"

#include "interp/print.h"
#include "interp/unknown.h"
#include "study/account.h"
#include "study/action.h"
#include "study/neurons.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/vec.h"

/* A built-in action; `gene` as in policy_rewrite. */
static struct molecule *apply_builtin(struct policy *policy, struct value action, const struct molecule *molecule,
                                      const uint32_t *gene, const struct node *when, bool *nowhere)
{
    struct action_outcome outcome;
    const struct acting acting = {
        .eval = policy->eval,
        .action = action.spec,
        .molecule = molecule,
        .gene = gene ? *gene : 0,
        .neurons = policy->neurons,
        .neuron_count = policy->neuron_count,
        .where = gene ? when->text : (struct str){0},
        .input_width = policy->input_width,
        .random = &policy->random,
        .moment = policy->moment,
        .outcome = &outcome,
        .span = when->items[1]->span,
    };
    const size_t errors = policy->eval->diags->errors;
    struct molecule *result = action_do(&acting);
    policy->idle = outcome.idle ? outcome.idle : policy->idle;
    *nowhere = !result && policy->eval->diags->errors == errors;
    return result;
}

/* A function, given what stands at the place: what it gives takes its place. */
static struct molecule *apply_function(struct policy *policy, struct value function, const struct molecule *molecule,
                                       const uint32_t *gene, const struct node *when)
{
    struct eval *eval = policy->eval;
    const struct span span = when->items[1]->span;
    const struct place place = {gene ? *gene : 0, 1};
    struct molecule *stage = molecule_slice(molecule, place, eval->diags);
    struct argument argument = {.value = stage ? value_molecule(eval, stage) : value_failed(), .span = span};
    struct value value = failed(argument.value) ? argument.value : call_value(eval, function, &argument, 1, span);
    const struct molecule *replacement = failed(value) ? NULL : molecule_of_value(eval, value, span);
    struct application application = {.span = span, .input_width = policy->input_width};
    struct molecule *result =
        replacement ? rewrite_apply(eval, when->items[1]->text, molecule, place, replacement, &application) : NULL;
    molecule_release(replacement);
    return result;
}

/* The rule at the place that `at` names, else at its first. */
static struct molecule *apply_rule(struct policy *policy, const struct rule *rule, const struct molecule *molecule,
                                   const uint32_t *gene, const struct node *when, bool *nowhere)
{
    struct place_list places;
    if (!rule_places(policy->eval, rule, molecule, policy->input_width, &places))
        return NULL;
    size_t chosen = 0;
    while (gene && chosen < places.count && places.at[chosen].place.gene != *gene)
        chosen++;
    *nowhere = chosen >= places.count;
    struct application application = {.random = &policy->random, .span = when->items[1]->span, .input_width = policy->input_width};
    struct molecule *result = *nowhere ? NULL : rule_apply(policy->eval, rule, molecule, places.at[chosen].place, &application);
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

/* What one round's rewriting works on. */
struct rewriting {
    const struct molecule *molecule; /* as it is now */
    struct molecule *own;            /* the same where something fired, NULL before */
    struct growth_words *words;
};

/* `at`: what the place stands for; none where that is not to be told. */
static void describe(struct policy *policy, struct rewriting *rewriting, const struct node *when, struct value at)
{
    const struct node *action = when->items[1];
    const struct node *name = action->kind == NODE_CALL ? action->items[0] : action;
    const struct str nameless = source_slice(&policy->eval->state->sources, action->span); /* a function as it is written */
    const struct str what = name->text.len > 0 ? name->text : nameless;
    text_addf(&rewriting->words->what, "%s%.*s", rewriting->words->what.len ? ", " : "", STR_ARG(what));
    const struct node *place = when->count > 2 ? when->items[2] : NULL;
    if (place && place->kind == NODE_NAME)
        text_addf(&rewriting->words->what, " %.*s %.*s", STR_ARG(when->text), STR_ARG(place->text));
    else if (place && place->kind == NODE_MEMBER && place->items[0]->kind == NODE_NAME) /* extrema.high */
        text_addf(&rewriting->words->what, " %.*s %.*s.%.*s", STR_ARG(when->text), STR_ARG(place->items[0]->text),
                  STR_ARG(place->text));
    if (place)
        account_place(policy, at, place->span, &rewriting->words->what);
    account_reason(policy, when->items[0], &rewriting->words->why);
}

/* Whether it makes a molecule of a molecule: rules do, and functions. */
static bool is_rewriter(struct value action)
{
    const enum value_kind kind = value_content(action);
    return kind == VALUE_RULE || kind == VALUE_FUNCTION || (kind == VALUE_BUILTIN && !spec_row_of(action));
}

/* Whether it is the number of a gene, which is what a name such as `busiest` stands for. */
static bool is_gene(struct value at)
{
    return at.kind == VALUE_NUMBER && at.number >= 0 && at.number <= UINT32_MAX && at.number == floor(at.number);
}

/* Whether signals name such a place: a gene, or several. */
static bool is_place(struct value at)
{
    bool well = is_gene(at) ||
                (at.kind == VALUE_UNKNOWN && (at.of == VALUE_NUMBER || at.of == VALUE_UNKNOWN || at.of == VALUE_LIST)) ||
                at.kind == VALUE_LIST;
    for (size_t i = 0; at.kind == VALUE_LIST && i < at.list->count; i++)
        well = well && (is_gene(at.list->items[i]) || unknown_number(at.list->items[i]));
    return well;
}

/* What an action of layers stands at is none. */
static bool refuse_place(struct eval *eval, const struct node *when, const struct value *action, struct value at)
{
    const bool neurons = neurons_named(at) && at.kind != VALUE_UNKNOWN;
    struct text found = {0}, name = {0};
    value_describe(eval, at, &found);
    if (action->kind == VALUE_SPEC)
        text_addf(&name, "`%.*s`", STR_ARG(action->spec->name));
    else
        text_add(&name, value_article(*action));
    if (neurons)
        eval_error_help(eval, when->items[2]->span,
                        "layers are `busiest` and `narrowest`, `hidden` and `standing`; an action on neurons is `patch`",
                        "these are neurons, and %s works on layers", text_chars(&name));
    else
        eval_error_help(eval, when->items[2]->span, "`busiest` and `narrowest` are layers, `hidden` and `standing` several",
                        "expected a place such as `busiest`, found %s", text_chars(&found));
    text_release(&found);
    text_release(&name);
    return false;
}

bool policy_action(struct eval *eval, const struct node *when, struct frame *frame, struct value *action, struct value *at)
{
    *action = policy_evaluate(eval, when->items[1], frame);
    if (action->kind == VALUE_BUILTIN && spec_row_of(*action)) /* by its name alone */
        *action = call_value(eval, *action, NULL, 0, when->items[1]->span);
    *at = failed(*action) || when->count < 3 ? *action : policy_evaluate(eval, when->items[2], frame);
    if (failed(*at))
        return false;
    const struct action_row *builtin = action_of(*action);
    if (!builtin && !is_rewriter(*action) && value_content(*action) != VALUE_UNKNOWN)
        return eval_error_type(eval, when->items[1]->span, "a rule or an action such as `graft(relu(8))`", *action), false;
    if (builtin && builtin->place == PLACE_NEURONS) {
        if (when->count > 2 && neurons_named(*at))
            return true;
        struct text help = {0};
        text_addf(&help, "write `%.*s(…) at extrema.high`", STR_ARG(action->spec->name));
        eval_error_help(eval, when->items[when->count - 1]->span, text_chars(&help), "`%.*s` needs neurons",
                        STR_ARG(action->spec->name));
        text_release(&help);
        return false;
    }
    if (builtin && (builtin->place == PLACE_LAYER || builtin->place == PLACE_BEHIND) && when->count < 3) {
        struct text help = {0};
        text_addf(&help, "write `%.*s(…) %s busiest`", STR_ARG(action->spec->name),
                  builtin->place == PLACE_BEHIND ? "after" : "at");
        eval_error_help(eval, when->items[1]->span, text_chars(&help), "`%.*s` needs a place", STR_ARG(action->spec->name));
        text_release(&help);
        return false;
    }
    if (when->count > 2 && !is_place(*at))
        return refuse_place(eval, when, action, *at);
    return true;
}

struct molecule *policy_rewrite(struct policy *policy, const struct node *when, struct value action,
                                const struct molecule *molecule, const uint32_t *gene, bool *nowhere)
{
    if (action.kind == VALUE_RULE)
        return apply_rule(policy, action.rule, molecule, gene, when, nowhere);
    if (action_of(action))
        return apply_builtin(policy, action, molecule, gene, when, nowhere);
    return apply_function(policy, action, molecule, gene, when);
}

/* Fires one `when` at one place, gene `at` of the round's first molecule, or without one; `fired` is set where it did something. False
   with a diagnostic. */
static bool fire_at(struct policy *policy, const struct node *when, struct value action, const uint32_t *at,
                    struct rewriting *rewriting, bool *fired)
{
    uint32_t gene = 0;
    if (at && !gene_now(rewriting->molecule, *at, !rewriting->own, &gene))
        return true; /* an action before this one took the place away */
    bool nowhere = false;
    struct molecule *next = policy_rewrite(policy, when, action, rewriting->molecule, at ? &gene : NULL, &nowhere);
    if (!next)
        return nowhere;
    if (molecule_equal(next, rewriting->molecule)) { /* there was nothing to do */
        molecule_release(next);
        return true;
    }
    if (rewriting->own)
        molecule_compose_origins(next, rewriting->molecule);
    molecule_release(rewriting->own);
    rewriting->own = next;
    rewriting->molecule = next;
    *fired = true;
    return true;
}

/* Fires one `when` at neurons of the round's first molecule: those whose layer is still there. False with a diagnostic. */
static bool fire_at_neurons(struct policy *policy, const struct node *when, struct value action, struct value at,
                            struct rewriting *rewriting, bool *fired)
{
    const struct network_signals *network = policy->moment->signals->network;
    const struct span span = when->items[2]->span;
    struct neuron_places places = {0};
    bool well = neurons_read(policy->eval, at, span, &places);
    struct patch_neuron *neurons = mem_array(places.count + 1, sizeof *neurons);
    if (!neurons)
        well = !failed(eval_out_of_memory(policy->eval, span));
    policy->neurons = neurons;
    policy->neuron_count = 0;
    for (size_t i = 0; well && i < places.count; i++) {
        const struct neuron_place *place = &places.at[i];
        uint32_t gene;
        if (place->layer > network->count) {
            eval_error(policy->eval, span, "there are %s", counted((double)network->count, "hidden layer", "hidden layers").text);
            well = false;
        } else if (gene_now(rewriting->molecule, network->layers[place->layer - 1].gene, !rewriting->own, &gene)) {
            neurons[policy->neuron_count++] = (struct patch_neuron){gene, place->neuron, place->low};
        }
    }
    well = well && fire_at(policy, when, action, NULL, rewriting, fired);
    policy->neurons = NULL;
    policy->neuron_count = 0;
    mem_free(neurons);
    vec_release(&places);
    return well;
}

/* Fires one `when` at all its places; false with a diagnostic. */
static bool fire(struct policy *policy, const struct node *when, struct frame *frame, struct rewriting *rewriting)
{
    struct value action, at;
    bool fired = false, well = policy_action(policy->eval, when, frame, &action, &at);
    if (!well)
        return false;
    const struct action_row *builtin = action_of(action);
    if (builtin && builtin->place == PLACE_NEURONS) {
        well = fire_at_neurons(policy, when, action, at, rewriting, &fired);
        if (fired)
            describe(policy, rewriting, when, at);
        policy->fired = fired;
        return well;
    }
    const bool placed = when->count > 2;
    const struct value *items = at.kind == VALUE_LIST ? at.list->items : &at;
    const size_t count = at.kind == VALUE_LIST ? at.list->count : 1;
    for (size_t i = 0; well && i < (placed ? count : 1); i++) {
        const uint32_t gene = placed ? (uint32_t)items[i].number : 0;
        well = fire_at(policy, when, action, placed ? &gene : NULL, rewriting, &fired);
    }
    if (fired)
        describe(policy, rewriting, when, at);
    policy->fired = fired;
    return well;
}

/* Whether the action ended in nothing but what is no mistake of the policy: a network past a limit, or none. Then the round is refused
   as a whole, and tells why. */
static bool refused(struct policy *policy, const struct node *when, const struct diags *told, struct rewriting *rewriting)
{
    if (told->errors == 0 || told->errors > told->limits || told->out_of_memory)
        return false;
    size_t first = 0;
    while (told->at[first].severity != DIAG_ERROR)
        first++;
    text_add(&rewriting->words->refused, told->at[first].message);
    describe(policy, rewriting, when, value_none());
    molecule_release(rewriting->own);
    rewriting->own = NULL;
    policy->fired = true;
    return true;
}

/* A `when` that comes true fires. False where it is the last one: the round is refused, or fails with a diagnostic. */
static bool consider(struct policy *policy, const struct node *when, struct frame *frame, struct rewriting *rewriting)
{
    struct eval *eval = policy->eval;
    struct diags *outer = eval->diags, told = {0};
    const char *idle = policy->idle;
    bool fires = false;
    eval->diags = &told;
    policy->fired = false;
    policy->idle = NULL;
    bool well = policy_condition(eval, when->items[0], frame, &fires) && (!fires || fire(policy, when, frame, rewriting));
    eval->diags = outer;
    if (well || !refused(policy, when, &told, rewriting))
        diags_move(outer, &told);
    diags_release(&told);
    if (policy->fired || policy->idle) {
        const struct firing firing = {when, policy->moment->signals->round, policy->fired ? NULL : policy->idle};
        if (!vec_push(&policy->firings, firing))
            well = diag_out_of_memory(outer, when->span);
    }
    if (!idle && policy->idle)
        policy->idle_when = when;
    policy->idle = idle ? idle : policy->idle;
    return well;
}

struct molecule *policy_act(void *context, const struct growth_moment *moment, struct growth_words *words, struct diags *diags)
{
    struct policy *policy = context;
    struct eval *eval = policy->eval;
    struct diags *outer = eval->diags;
    size_t mark = pool_mark(eval);
    eval->diags = diags;
    struct rewriting rewriting = {moment->molecule, NULL, words};
    struct frame *frame = policy_frame(policy, moment->signals);
    bool well = frame && account_measured(policy, frame, &words->measured);
    policy->random = random_stream(policy->seed, RANDOM_GROW, moment->signals->round);
    policy->moment = moment;
    policy->idle = NULL;
    for (uint32_t i = 1; well && i < policy->growth->node->count; i++)
        if (policy->growth->node->items[i]->kind == NODE_WHEN)
            well = consider(policy, policy->growth->node->items[i], frame, &rewriting);
    if (well && !rewriting.own && policy->idle) {
        text_add(&words->refused, policy->idle);
        describe(policy, &rewriting, policy->idle_when, value_none());
    }
    if (frame)
        frame_release(frame);
    policy->moment = NULL;
    pool_drain(eval, mark, value_none());
    eval->diags = outer;
    if (well)
        return rewriting.own;
    molecule_release(rewriting.own);
    return NULL;
}

/* Why the action came to nothing in that round; NULL: it did not. */
static const char *reason_of(const struct firing *firing, const struct story_row *story, size_t rounds)
{
    const bool there = firing->round >= 1 && firing->round <= rounds;
    return firing->idle ? firing->idle : there ? story_reason(&story[firing->round - 1]) : NULL;
}

void policy_tell(struct policy *policy, const struct story_row *story, size_t rounds)
{
    const struct node *node = policy->growth->node;
    for (uint32_t i = 1; i < node->count; i++) {
        const char *reason = NULL;
        size_t times = 0, vain = 0;
        for (size_t k = 0; k < policy->firings.count; k++) {
            const struct firing *firing = &policy->firings.at[k];
            const char *why = firing->when == node->items[i] ? reason_of(firing, story, rounds) : NULL;
            times += firing->when == node->items[i];
            vain += why != NULL;
            reason = why ? why : reason;
        }
        if (times == 0 || vain < times)
            continue;
        struct diag *diag = diag_warning(policy->eval->diags, node->items[i]->items[1]->span, "this came to nothing %s",
                                         times == 1 ? "the one time that it was tried" : "each time that it was tried");
        diag_note(diag, "%s", reason);
        diag_help(diag, "`show run.story` tells round by round what a growth did, and why");
    }
}
