/* `grow molecule on data by policy { options }`: the language's side of lab/grow.h. Policies are in policy.c and firing.c. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "interp/unknown.h"
#include "lab/admit.h"
#include "molecule/patch.h"
#include "study/costs.h"
#include "study/learn.h"
#include "study/limits.h"
#include "study/policy.h"
#include "study/trials.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/threads.h"

/* The epochs or steps of a clause; left as they are where there is none, or where nel check does not know them. */
static bool read_length(struct eval *eval, const struct growth *growth, enum node_kind kind, struct growth_length *length)
{
    const struct node *clause = policy_clause(growth, kind);
    if (clause)
        length->steps = clause_counts_steps(clause);
    struct value count = clause ? eval_in(eval, clause->items[0], growth->frame) : value_none();
    if (failed(count))
        return false;
    if (!clause || (count.kind == VALUE_UNKNOWN && (count.of == VALUE_NUMBER || count.of == VALUE_UNKNOWN)))
        return true;
    if (count.kind != VALUE_NUMBER || !(count.number >= 1 && count.number <= LIMIT_EPOCHS) || count.number != floor(count.number))
        return eval_error_type(eval, clause->items[0]->span, length->steps ? "a count of steps" : "a count of epochs", count),
               false;
    length->count = (uint32_t)count.number;
    return true;
}

/* Growing goes on with the lock of the state let go of; the policy is evaluated with it. */
static bool stop_locked(void *context, const struct signals *signals, bool *stop, struct diags *diags)
{
    struct policy *policy = context;
    state_lock(policy->eval);
    const bool well = policy_stop(policy, signals, stop, diags);
    state_unlock(policy->eval);
    return well;
}

static bool accept_locked(void *context, const struct signals *signals, bool *accepted, struct diags *diags)
{
    struct policy *policy = context;
    state_lock(policy->eval);
    const bool well = policy_accept(policy, signals, accepted, diags);
    state_unlock(policy->eval);
    return well;
}

static struct molecule *act_locked(void *context, const struct growth_moment *moment, struct growth_words *words,
                                   struct diags *diags)
{
    struct policy *policy = context;
    state_lock(policy->eval);
    struct molecule *molecule = policy_act(policy, moment, words, diags);
    state_unlock(policy->eval);
    return molecule;
}

/* What the policy says of rounds; 10 epochs each where it does not. */
static bool read_rounds(struct eval *eval, const struct growth *growth, bool bounded, struct growth_policy *callbacks)
{
    callbacks->every.count = 10;
    callbacks->bounded = bounded;
    if (policy_clause(growth, NODE_STOP)) /* else the option `epochs` says when it ends */
        callbacks->stop = stop_locked;
    if (policy_clause(growth, NODE_ACCEPT)) {
        callbacks->accept = accept_locked;
        callbacks->trial.count = 1;
    }
    return read_length(eval, growth, NODE_EVERY, &callbacks->every) && read_length(eval, growth, NODE_ACCEPT, &callbacks->trial);
}

static struct value result_make(struct eval *eval, struct growth_result *result, struct prepared *prepared, struct value named,
                                const struct train_options *options, struct value data)
{
    struct training *training = result->training;
    struct train_options onward = *options; /* what `continue` goes on with */
    onward.scheduled = result->scheduled;
    struct value run = run_make(eval, training, prepared, training->model->molecule, named, &onward, data);
    result->training = NULL;
    if (failed(run)) {
        growth_release(result);
        return run;
    }
    run.run->grown = true;
    run.run->growth = result;
    return run;
}

struct wish {
    struct value named, data;
    const struct growth *growth;
    struct lesson lesson;
    double limit_params;
    bool bounded; /* `epochs` was given, which are the most then */
    struct span named_span, data_span, span;
};

/* ---- nel check ---- */

/* nel check: the molecule after an action. What is no mistake of the policy (diag_limit) goes to `refused`. False with a diagnostic. */
static bool try_rewrite(struct policy *policy, const struct node *when, struct value action, const struct molecule *whole,
                        uint32_t gene, struct molecule **after, bool *nowhere, struct diags *refused)
{
    const struct patch_neuron first = {.gene = gene};
    struct diags *outer = policy->eval->diags, told = {0};
    policy->eval->diags = &told;
    policy->neurons = &first;
    policy->neuron_count = 1;
    *after = policy_rewrite(policy, when, action, whole, when->count > 2 ? &gene : NULL, nowhere);
    policy->neurons = NULL;
    policy->neuron_count = 0;
    policy->eval->diags = outer;
    const bool excused = told.errors > 0 && told.errors == told.limits && !told.out_of_memory;
    diags_move(excused ? refused : outer, &told);
    diags_release(&told);
    return *after || *nowhere || excused;
}

/* nel check: an action that the network refuses at every place would never do anything. */
static bool check_rewrites(struct policy *policy, const struct node *when, struct value action, const struct molecule *whole,
                           const struct wish *wish, const struct prepared *prepared)
{
    const struct evolve_limits none = {0};
    struct diags refused = {0};
    bool well = true, fits = false;
    for (uint32_t gene = 0; well && !fits && gene < whole->count; gene++) {
        if (whole->genes[gene].kind != GENE_LAYER) /* the places that signals name */
            continue;
        bool nowhere = false;
        struct molecule *after = NULL;
        well = try_rewrite(policy, when, action, whole, gene, &after, &nowhere, &refused);
        fits = nowhere || (after && admit(after, prepared, wish->lesson.options.loss, &none, &refused));
        molecule_release(after);
    }
    if (well && !fits && refused.count > 0)
        diag_help(diag_warning(policy->eval->diags, when->items[1]->span, "this rewrite is refused wherever it is tried: %s",
                               refused.at[0].message),
                  "let what it puts in keep the width, or change all that follows");
    diags_release(&refused);
    return well;
}

/* nel check: a signal that is never measured makes a condition that never holds. */
static void check_signals(struct eval *eval, const struct node *node, const struct frame *frame, const struct prepared *prepared)
{
    bool signal = node->kind == NODE_NAME && str_is(node->text, "accuracy") && frame_find_here((struct frame *)frame, node->text);
    if (signal && !prepared->train.labels)
        diag_help(diag_warning(eval->diags, node->span, "`accuracy` is measured for classes only, and this data has values"),
                  "`loss` and `improvement` are measured for values");
    for (uint32_t i = 0; i < node->count; i++)
        check_signals(eval, node->items[i], frame, prepared);
}

/* nel check: every clause of the policy, as if every condition came true. */
static bool check_policy(struct policy *policy, const struct wish *wish, const struct prepared *prepared,
                         const struct molecule *whole)
{
    struct eval *eval = policy->eval;
    const struct signals nothing = {0};
    struct frame *frame = policy_frame(policy, &nothing);
    bool well = frame;
    policy->random = random_stream(eval->state->seed, RANDOM_GROW, 1);
    eval->uncertain++;
    for (uint32_t i = 1; frame && i < wish->growth->node->count; i++) {
        const struct node *clause = wish->growth->node->items[i];
        struct value action, at;
        bool holds;
        if (clause->kind != NODE_WHEN && clause->kind != NODE_STOP && clause->kind != NODE_ACCEPT)
            continue;
        const struct node *condition = clause->items[clause->kind == NODE_ACCEPT];
        well = policy_condition(eval, condition, frame, &holds) && well;
        if (prepared)
            check_signals(eval, condition, frame, prepared);
        if (clause->kind != NODE_WHEN)
            continue;
        bool acts = policy_action(eval, clause, frame, &action, &at);
        if (acts && whole && action.kind != VALUE_UNKNOWN && value_known(action))
            acts = check_rewrites(policy, clause, action, whole, wish, prepared);
        well = well && acts;
    }
    eval->uncertain--;
    if (frame)
        frame_release(frame);
    return well;
}

/* nel check: whether the policy stops after so many rounds, whatever is measured. */
static bool stops_by(struct policy *policy, uint32_t rounds, double every)
{
    const struct signals counted = {.round = rounds, .epoch = rounds * every};
    struct diags told = {0};
    bool stop;
    bool well = policy_stop(policy, &counted, &stop, &told);
    diags_release(&told);
    return well && stop;
}

/* The epochs after which it stops at the latest; 0: nobody knows. A stop by rounds or epochs goes on to hold once it does. */
static double most_epochs(struct policy *policy, const struct wish *wish, const struct prepared *prepared,
                          const struct growth_length *length)
{
    const struct train_options *options = &wish->lesson.options;
    const double bound = wish->bounded ? options->epochs : 0;
    if (!policy_clause(wish->growth, NODE_STOP) || (wish->bounded && options->epochs == 0))
        return options->epochs;
    if (length->steps && !prepared)
        return bound;
    const double samples = length->steps ? prepared->train.count : 1;
    const double batch = length->steps && options->batch > 0 ? fmin(options->batch, samples) : samples;
    const double every = length->count / ceil(samples / batch);
    uint32_t most = LIMIT_GROWTH_ROUNDS < UINT32_MAX / every ? LIMIT_GROWTH_ROUNDS : (uint32_t)(UINT32_MAX / every), least = 0;
    if (!stops_by(policy, most, every))
        return bound;
    while (most - least > 1) {
        uint32_t middle = least + (most - least) / 2;
        if (stops_by(policy, middle, every))
            most = middle;
        else
            least = middle;
    }
    return bound > 0 ? fmin(bound, ceil(most * every)) : ceil(most * every);
}

/* nel check: the policy is walked through, the first network's cost is noted, and what comes out is a grown network of which only the
   data is known. */
static struct value check_grow(struct eval *eval, const struct wish *wish, struct prepared *prepared, const struct molecule *whole,
                               const struct growth_length *every)
{
    struct policy policy = {
        .eval = eval, .growth = wish->growth, .input_width = prepared ? prepared->train.width : 0, .checking = true};
    const struct evolve_limits limits = {.params = wish->limit_params};
    struct training_plan plan = {.kind = COST_GROW,
                                 .span = wish->span,
                                 .molecule = whole,
                                 .prepared = prepared,
                                 .options = &wish->lesson.options,
                                 .trainings = fmax(1, wish->lesson.trials),
                                 .most_params = wish->limit_params,
                                 .most = true};
    bool well = !whole || admit(whole, prepared, wish->lesson.options.loss, &limits, eval->diags);
    if (!well || !check_policy(&policy, wish, prepared, whole))
        return value_failed();
    plan.epochs = most_epochs(&policy, wish, prepared, every);
    if (!costs_note(eval, &plan))
        return value_failed();
    struct value run = run_make(eval, NULL, prepared, NULL, wish->named, &wish->lesson.options, wish->data);
    if (failed(run))
        return run;
    run.run->grown = true;
    return wish->lesson.trials ? runs_alike(eval, run, wish->lesson.trials) : run;
}

/* ---- grow ---- */

/* What is grown, and how. */
struct growing {
    const struct wish *wish;
    struct prepared *prepared;
    const struct molecule *whole; /* the first network's, with its head */
    struct growth_policy policy;  /* its context is set for each growth */
};

/* One growth, its networks and its choices drawn by `seed`. */
static struct value grow_once(struct eval *eval, const struct growing *growing, uint64_t seed)
{
    const struct wish *wish = growing->wish;
    if (!eval_may_train(eval, wish->span))
        return value_failed();
    struct policy policy = {.eval = eval, .growth = wish->growth, .input_width = growing->prepared->train.width, .seed = seed};
    struct growth_policy callbacks = growing->policy;
    callbacks.context = &policy;
    struct train_options options = wish->lesson.options;
    options.seed = seed;
    options.threads = training_threads(eval);
    struct progress progress = eval->state->progress;
    progress.report = eval->nested ? NULL : progress.report;
    struct molecule *whole = molecule_private(growing->whole, eval->diags);
    if (!whole)
        return value_failed();
    state_unlock(eval);
    struct growth_result *result = grow(whole, growing->prepared, &callbacks, &options, wish->limit_params, &progress, eval->diags);
    state_lock(eval);
    molecule_release(whole);
    eval_heed_stop(eval);
    if (result)
        policy_tell(&policy, result->story, result->rounds);
    policy_release(&policy);
    return result ? result_make(eval, result, growing->prepared, wish->named, &options, wish->data) : value_failed();
}

/* ---- trials ---- */

struct grow_trial {
    struct value run; /* retained; none where it did not begin */
    struct diags diags;
    struct text printed;
};

struct grow_trials {
    struct eval *eval;
    const struct growing *growing;
    struct grow_trial *at;
    size_t count, done;
    size_t outside; /* frames from which on a policy's functions may assign variables */
    pthread_t caller;
    double began;
    atomic_bool stop; /* one failed */
};

/* Called with the lock. */
static void report_trial(struct grow_trials *trials)
{
    trials->done++;
    const struct progress_event event = {.kind = PROGRESS_SWEEP,
                                         .done = trials->done,
                                         .total = trials->count,
                                         .seconds = clock_seconds() - trials->began,
                                         .loss = NAN,
                                         .accuracy = NAN,
                                         .what = "trial",
                                         .finished = trials->done == trials->count};
    if (!trials->eval->nested)
        progress_report(&trials->eval->state->progress, &event);
}

/* One trial on one thread, in an evaluation of its own, as a sweep's cell is. A wish to stop ends those at work; the first one begins
   in any case. */
static void run_trial(void *context, size_t index)
{
    struct grow_trials *trials = context;
    struct grow_trial *trial = &trials->at[index];
    struct nel_state *state = trials->eval->state;
    if (atomic_load(&trials->stop) || (index > 0 && progress_cancelled(&state->progress)))
        return;
    const char *here = __builtin_frame_address(0);
    const bool caller = pthread_equal(pthread_self(), trials->caller);
    struct eval eval;
    pthread_mutex_lock(&state->lock);
    eval_start(&eval, state, trials->eval->frame, &trial->diags,
               caller ? (size_t)(here - trials->eval->stack_limit) : LIMIT_THREAD_STACK);
    eval.nested = true;
    eval.out = &trial->printed;
    eval.call = trials->eval->call;
    eval.outside = trials->eval->nested ? trials->eval->outside : trials->outside;
    trial->run = value_retain(grow_once(&eval, trials->growing, trials->growing->wish->lesson.options.seed + index));
    if (failed(trial->run))
        atomic_store(&trials->stop, true);
    eval_end(&eval);
    report_trial(trials);
    pthread_mutex_unlock(&state->lock);
}

/* What they printed and told, in their order, and their runs up to the first that did not begin; false where one failed. */
static bool collect_trials(struct eval *eval, struct grow_trials *trials, struct list *runs)
{
    for (size_t i = 0; i < trials->count; i++) {
        struct grow_trial *trial = &trials->at[i];
        if (trial->printed.len)
            eval_write(eval, text_str(&trial->printed));
        diags_move(eval->diags, &trial->diags);
        if (failed(trial->run))
            return false;
        if (trial->run.kind == VALUE_NONE)
            return true;
        if (!list_add(eval, runs, trial->run))
            return false;
    }
    return true;
}

static struct value grow_trials(struct eval *eval, const struct growing *growing)
{
    struct grow_trials trials = {.eval = eval,
                                 .growing = growing,
                                 .at = mem_array(growing->wish->lesson.trials, sizeof *trials.at),
                                 .count = growing->wish->lesson.trials,
                                 .outside = eval->state->frame_count,
                                 .caller = pthread_self(),
                                 .began = clock_seconds()};
    struct value runs = trials.at ? value_list(eval) : eval_out_of_memory(eval, growing->wish->span);
    for (size_t i = 0; trials.at && i < trials.count; i++)
        trials.at[i].run = value_none();
    if (!failed(runs)) {
        state_unlock(eval);
        threads_each(training_threads(eval), trials.count, run_trial, &trials);
        state_lock(eval);
    }
    if (!failed(runs) && !collect_trials(eval, &trials, runs.list))
        runs = value_failed();
    for (size_t i = 0; trials.at && i < trials.count; i++) {
        value_release(trials.at[i].run);
        diags_release(&trials.at[i].diags);
        text_release(&trials.at[i].printed);
    }
    mem_free(trials.at);
    return failed(runs) ? runs : trials_value(eval, runs.list, growing->wish->lesson.trials, growing->wish->span);
}

static struct value grow_prepared(struct eval *eval, const struct wish *wish, struct prepared *prepared)
{
    const struct lesson *lesson = &wish->lesson;
    const struct molecule *molecule = molecule_of_value(eval, wish->named, wish->named_span);
    struct molecule *whole =
        molecule ? molecule_for_data(molecule, prepared, lesson->options.loss, lesson->loss_span, eval->diags) : NULL;
    struct growing growing = {.wish = wish, .prepared = prepared, .whole = whole, .policy = {.act = act_locked}};
    struct value value;
    if (!whole || !read_rounds(eval, wish->growth, wish->bounded, &growing.policy))
        value = value_failed();
    else if (eval->state->checking)
        value = check_grow(eval, wish, prepared, whole, &growing.policy.every);
    else if (lesson->trials)
        value = grow_trials(eval, &growing);
    else
        value = grow_once(eval, &growing, lesson->options.seed);
    molecule_release(whole);
    molecule_release(molecule);
    return value;
}

static bool read_wish(struct eval *eval, const struct node *node, struct wish *wish)
{
    struct options options;
    bool well = options_bind(eval, &options, GROW_SIGNATURE, node->count > 3 ? node->items[3] : NULL, node->span) &&
                lesson_of(eval, &options, &wish->lesson) && lesson_trials(eval, &options, &wish->lesson);
    static const char *const names[] = {"params", NULL};
    struct evolve_limits limits = {0};
    well = well && limits_read(eval, &options, names, &limits);
    wish->limit_params = limits.params;
    wish->bounded = well && option_given(&options, "epochs");
    options_release(&options);
    return well;
}

struct value eval_grow(struct eval *eval, const struct node *node)
{
    struct wish wish = {.span = node->span, .named_span = node->items[0]->span, .data_span = node->items[1]->span};
    wish.named = value_atom(eval, eval_node(eval, node->items[0]), node->items[0]->span);
    wish.data = failed(wish.named) ? wish.named : eval_node(eval, node->items[1]);
    struct value policy = failed(wish.data) ? wish.data : eval_node(eval, node->items[2]);
    if (failed(policy))
        return policy;
    if (policy.kind == VALUE_UNKNOWN && (policy.of == VALUE_GROWTH || policy.of == VALUE_UNKNOWN))
        return !read_wish(eval, node, &wish) ? value_failed() : value_unknown_of(wish.lesson.trials ? VALUE_RUNS : VALUE_RUN);
    if (policy.kind != VALUE_GROWTH)
        return eval_error_type(eval, node->items[2]->span, "a growth policy", policy);
    if (!policy.growth->called)
        policy = growth_call(eval, policy, NULL, 0, node->items[2]->span);
    if (failed(policy) || !read_wish(eval, node, &wish))
        return value_failed();
    wish.growth = policy.growth;
    uint64_t seed = wish.lesson.options.seed;
    wish.data = data_of_value(eval, wish.data, seed, wish.data_span);
    if (failed(wish.data))
        return wish.data;
    if (molecule_unknown(wish.named) || wish.data.kind == VALUE_UNKNOWN)
        return check_grow(eval, &wish, NULL, NULL, &(struct growth_length){.count = 1});
    struct split *split = split_of_data(eval, wish.data, wish.data_span);
    struct prepared *prepared = split ? lesson_prepare(eval, &wish.lesson, split, true, seed, wish.data_span) : NULL;
    struct value value = prepared ? grow_prepared(eval, &wish, prepared) : value_failed();
    prepared_release(prepared);
    split_release(split);
    return value;
}
