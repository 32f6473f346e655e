/* Growth in rounds. A network is trained for some epochs, looked at, and perhaps rewritten; the rewritten one begins with the
   weights that the rewrite carries over (engine/transplant.h, molecule/weights.h).

   Every change of the network goes through train(): a rewrite is a training of no epochs that starts from the model before, so that
   there is one way in which weights are carried, and the figures right after a rewrite are those that every training reports. */
#include "lab/grow.h"

#include "engine/transplant.h"
#include "lab/admit.h"
#include "molecule/rewrite.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/random.h"
#include "support/vec.h"

struct growing {
    const struct molecule *first;
    struct prepared *data;
    const struct samples *watched; /* what is measured on */
    const struct growth_policy *policy;
    const struct train_options *options;
    struct evolve_limits limits;
    const struct progress *progress;
    struct diags *diags;
    struct training *training; /* the present network */
    struct training *fallback; /* the one before a rewrite that has to prove itself; else NULL */
    VEC(struct history_row) history;
    VEC(struct story_row) story;
    struct signals signals;         /* of the last round … */
    struct network_signals network; /* … which point here */
    double seconds;
    double first_loss;
    uint64_t steps; /* of the optimiser, in all rounds */
    uint32_t epochs;
    uint64_t every, trial;  /* epochs, or steps where `by_steps` */
    uint32_t per_epoch;     /* steps */
    bool by_steps;          /* rounds, or trials, are counted in steps */
    struct train_part part; /* … where the next one begins; its epochs are `epochs` */
    bool cancelled;
};

static bool out_of_memory(const struct growing *growing)
{
    return diag_out_of_memory(growing->diags, SPAN_NONE);
}

static const struct scores *watched_scores(const struct growing *growing)
{
    bool validated = growing->watched == &growing->data->validation;
    return validated ? &growing->training->validation : &growing->training->train;
}

/* Steps that so many samples take. */
static uint32_t steps_of(const struct growing *growing, uint32_t samples)
{
    const uint32_t all = growing->data->train.count, asked = growing->options->batch;
    const uint32_t batch = asked == 0 || asked > all ? all : asked;
    return batch > 0 ? (samples + batch - 1) / batch : 0;
}

/* Whether it ends after options.epochs at the latest. */
static bool is_bounded(const struct growing *growing)
{
    return growing->policy->bounded || growing->policy->stop == NULL;
}

/* Passes on what a round's training reports, its epochs counted from the first round. */
static void relay_progress(void *context, const struct progress_event *event)
{
    const struct growing *growing = context;
    struct progress_event whole = *event;
    whole.kind = PROGRESS_GROW;
    whole.done = growing->epochs + event->done;
    whole.total = is_bounded(growing) ? growing->options->epochs : 0;
    whole.seconds = growing->seconds + event->seconds;
    whole.finished = false;
    progress_report(growing->progress, &whole);
}

static void report_end(const struct growing *growing)
{
    struct progress_event event = {
        .kind = PROGRESS_GROW,
        .done = growing->epochs,
        .total = growing->epochs,
        .seconds = growing->seconds,
        .loss = growing->training->last_loss,
        .accuracy = watched_scores(growing)->accuracy,
        .what = "epoch",
        .finished = true,
    };
    progress_report(growing->progress, &event);
}

/* A round is its training, and perhaps the trial of what it was rewritten to. */
enum phase { PHASE_ROUND = 1, PHASE_TRIAL };

/* The first round has the seed of the options, so that a growth that never rewrites begins as a training does. The index keeps apart
   from the streams of policies that draw, whose index is the round. */
static uint64_t round_seed(uint64_t seed, uint32_t round, enum phase phase)
{
    if (round <= 1 && phase == PHASE_ROUND)
        return seed;
    struct random random = random_stream(seed, RANDOM_GROW, (uint64_t)phase << 32 | round);
    uint64_t high = random_u32(&random);
    return high << 32 | random_u32(&random);
}

/* The present network's molecule with its weights and where its optimiser stands; NULL with a diagnostic. */
static struct molecule *present(const struct growing *growing)
{
    return training_molecule(growing->training, growing->options->optimizer, SPAN_NONE, NULL, growing->diags);
}

/* Of the next training: so many epochs or steps, as `growing` counts. */
static struct train_options next_options(const struct growing *growing, uint64_t count, uint32_t round, enum phase phase)
{
    struct train_options options = *growing->options;
    options.epochs = (uint32_t)count;
    if (growing->by_steps) {
        options.epochs = count > 0 ? (uint32_t)(count / growing->per_epoch + 2) : 0; /* more than the steps come to */
        options.steps = count;
        options.part = growing->part;
        options.part.epochs = growing->epochs;
    } else {
        options.seed = round_seed(growing->options->seed, round, phase);
    }
    options.scheduled = growing->steps;
    if (options.schedule.span == 0)
        options.schedule.span = growing->options->epochs;
    options.unscored = ~(1U << (growing->watched == &growing->data->validation ? SET_VALIDATION : SET_TRAIN));
    return options;
}

/* Trains `molecule`, which carries the present network's weights, and puts it in its place. */
static bool train_on(struct growing *growing, const struct molecule *molecule, uint64_t count, uint32_t round, enum phase phase)
{
    const struct train_options options = next_options(growing, count, round, phase);
    struct progress relay = {relay_progress, growing, growing->progress != NULL ? growing->progress->cancel : NULL, NULL};
    struct training *next = train(molecule, growing->data, &options, count > 0 ? &relay : NULL, growing->diags);
    if (next == NULL)
        return false;
    if (growing->training != growing->fallback)
        training_release(growing->training);
    growing->training = next;
    growing->seconds += next->seconds;
    growing->steps += next->state.step;
    growing->cancelled = growing->cancelled || next->cancelled;
    return true;
}

static bool keep_history(struct growing *growing)
{
    const struct training *training = growing->training;
    if (!vec_reserve(&growing->history, growing->history.count + training->epochs))
        return out_of_memory(growing);
    for (uint32_t i = 0; i < training->epochs; i++) {
        struct history_row row = training->history[i];
        row.epoch += growing->epochs;
        growing->history.at[growing->history.count++] = row;
    }
    if (growing->epochs == 0 && training->epochs > 0)
        growing->first_loss = training->first_loss;
    growing->epochs += training->epochs;
    const struct training_state *state = &training->state;
    growing->part = (struct train_part){.position = state->position, .tally = state->tally, .chunk = state->chunk};
    return true;
}

/* Epochs so far, with the part of one that was broken off. */
static double epochs_so_far(const struct growing *growing)
{
    const double part = growing->by_steps ? (double)growing->part.position / growing->data->train.count : 0;
    return growing->epochs + part;
}

/* What is left of options.epochs, in epochs or steps. */
static uint64_t left(const struct growing *growing)
{
    const uint64_t epochs = growing->options->epochs - growing->epochs;
    if (!growing->by_steps)
        return epochs;
    const uint32_t behind = growing->part.position; /* whole batches, but for the last of an epoch */
    return epochs * growing->per_epoch - (behind > 0 ? steps_of(growing, behind) : 0);
}

/* Trains the network as it is for so many epochs or steps, or for those that are left. */
static bool train_more(struct growing *growing, uint64_t count, uint32_t round, enum phase phase)
{
    if (is_bounded(growing) && left(growing) < count)
        count = left(growing);
    struct molecule *same = present(growing);
    bool trained = same != NULL && train_on(growing, same, count, round, phase);
    molecule_release(same);
    return trained && keep_history(growing);
}

static double improvement(const struct scores *before, const struct scores *now)
{
    if (!isnan(now->accuracy))
        return now->accuracy - before->accuracy;
    return before->loss > 0 ? (before->loss - now->loss) / before->loss : 0;
}

/* Sums up the layers; `signals` has figures of the whole already. */
static void sum_up(struct signals *signals, const struct network_signals *network)
{
    double neurons = 0, dead = 0, saturated = 0, least = INFINITY, greatest = 0;
    uint32_t most = 0;
    for (size_t i = 0; i < network->count; i++) {
        const struct layer_signals *layer = &network->layers[i];
        uint32_t extrema = layer->high + layer->low;
        neurons += layer->width;
        dead += layer->dead;
        saturated += layer->saturated;
        signals->extrema_high += layer->high;
        signals->extrema_low += layer->low;
        signals->outliers_above += layer->above;
        signals->outliers_below += layer->below;
        least = fmin(least, layer->gradient);
        greatest = fmax(greatest, layer->gradient);
        if (i == 0 || extrema > most) {
            most = extrema;
            signals->busiest = layer->gene;
        }
        if (i == 0 || layer->rank < signals->rank) {
            signals->rank = layer->rank;
            signals->narrowest = layer->gene;
        }
    }
    signals->vanishing = greatest > 0 ? least / greatest : 1;
    if (neurons > 0) {
        signals->dead = dead / neurons;
        signals->saturated = saturated / neurons;
        signals->extrema_share = (signals->extrema_high + signals->extrema_low) / neurons;
        signals->outlier_share = (signals->outliers_above + signals->outliers_below) / neurons;
    }
}

/* Measures the present network; `before` are the scores at the end of the round before. */
static bool take_signals(struct growing *growing, uint32_t round, const struct scores *before)
{
    signals_release(&growing->network);
    if (!signals_measure(growing->training->model, growing->watched, growing->options, growing->data->class_weights,
                         &growing->network))
        return out_of_memory(growing);
    const struct scores *scores = watched_scores(growing);
    growing->signals = (struct signals){
        .accuracy = scores->accuracy,
        .loss = scores->loss,
        .improvement = improvement(before, scores),
        .epoch = epochs_so_far(growing),
        .round = round,
        .layers = (uint32_t)growing->network.count,
        .refused = growing->signals.refused,
        .params = (double)growing->training->params,
        .output = growing->network.output,
        .network = &growing->network,
    };
    sum_up(&growing->signals, &growing->network);
    return true;
}

/* Outputs of the present network on what is watched; NULL with a diagnostic. */
static float *outputs(const struct growing *growing)
{
    const struct model *model = growing->training->model;
    uint32_t count = growing->watched->count;
    float *out = mem_floats((size_t)count * model_output_width(model) + 1);
    if (out != NULL && model_predict(model, growing->watched->x, count, out))
        return out;
    mem_free_floats(out);
    out_of_memory(growing);
    return NULL;
}

static double greatest_difference(const float *before, const float *after, size_t count)
{
    double greatest = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = fabs((double)after[i] - (double)before[i]);
        greatest = difference > greatest || isnan(difference) ? difference : greatest;
    }
    return greatest;
}

/* Puts the rewritten network in place and tells the story. */
static bool rewrite_network(struct growing *growing, const struct molecule *rewritten, uint32_t round, struct story_row *row)
{
    float *before = outputs(growing);
    if (growing->trial > 0)
        growing->fallback = growing->training;
    bool done = before != NULL && train_on(growing, rewritten, 0, round, PHASE_ROUND);
    float *after = done ? outputs(growing) : NULL;
    if (after != NULL) {
        size_t values = (size_t)growing->watched->count * model_output_width(growing->training->model);
        row->difference = greatest_difference(before, after, values);
        row->accuracy_after = watched_scores(growing)->accuracy;
        row->loss_after = watched_scores(growing)->loss;
        row->params_after = (double)growing->training->params;
        row->flops_after = growing->training->flops;
    }
    mem_free_floats(before);
    mem_free_floats(after);
    return after != NULL;
}

/* Whether the network that was just tried stays. */
static bool judge(struct growing *growing, uint32_t round, const struct scores *before, bool *stays)
{
    *stays = false;
    if (growing->cancelled || growing->training->diverged)
        return true;
    return take_signals(growing, round, before) &&
           growing->policy->accept(growing->policy->context, &growing->signals, stays, growing->diags);
}

/* Trains the rewritten network for the epochs of its trial; where it does not prove itself, the one before takes its place again, with
   its weights and the state of its optimiser. */
static bool prove(struct growing *growing, uint32_t round, struct story_row *row)
{
    struct training *fallback = growing->fallback;
    const bool validated = growing->watched == &growing->data->validation;
    const struct scores before = validated ? fallback->validation : fallback->train;
    bool stays = false, done = train_more(growing, growing->trial, round, PHASE_TRIAL);
    row->accuracy_end = watched_scores(growing)->accuracy;
    row->loss_end = watched_scores(growing)->loss;
    done = done && judge(growing, round, &before, &stays);
    growing->fallback = NULL;
    if (stays || !done) {
        training_release(fallback);
        return done;
    }
    training_release(growing->training);
    growing->training = fallback;
    growing->signals.refused++;
    row->outcome = STORY_UNDONE;
    return true;
}

static void refuse(struct growing *growing, struct story_row *row, struct growth_words *words, const char *reason)
{
    row->outcome = STORY_REFUSED;
    growing->signals.refused++;
    text_addf(&words->what, STORY_REASON "%s", reason);
}

/* Asks the policy for a rewrite and carries it out. One that breaks a limit is refused: the network stays as it is. */
static bool act(struct growing *growing, uint32_t round, struct growth_words *words, struct story_row *row)
{
    struct diags told = {0};
    struct molecule *molecule = present(growing);
    if (molecule == NULL)
        return false;
    const struct growth_moment moment = {
        molecule,         growing->first,   growing->training, growing->data,
        growing->watched, growing->options, &growing->signals, growing->progress,
    };
    struct molecule *rewritten = growing->policy->act(growing->policy->context, &moment, words, &told);
    bool failed = rewritten == NULL && told.errors > 0;
    diags_move(growing->diags, &told);
    diags_release(&told);
    molecule_release(molecule);
    if (rewritten == NULL && words->refused.len > 0)
        refuse(growing, row, words, text_chars(&words->refused));
    if (rewritten == NULL)
        return !failed;
    struct diags reasons = {0};
    bool done = true;
    if (admit(rewritten, growing->data, growing->options->loss, &growing->limits, &reasons)) {
        row->outcome = STORY_KEPT;
        done = rewrite_network(growing, rewritten, round, row) && (growing->fallback == NULL || prove(growing, round, row));
    } else {
        refuse(growing, row, words, reasons.count > 0 ? reasons.at[0].message : "out of memory");
    }
    diags_release(&reasons);
    molecule_release(rewritten);
    return done;
}

static char *copy_words(const struct text *text)
{
    return text->failed ? NULL : mem_copy_text(text_chars(text), text->len);
}

/* Adds the row of a round, and tells the one before it how its rewrite went on. */
static bool tell(struct growing *growing, struct story_row row, const struct growth_words *words)
{
    struct story_row *last = growing->story.count > 0 ? &growing->story.at[growing->story.count - 1] : NULL;
    if (last && isnan(last->loss_end)) {
        last->accuracy_end = row.accuracy_before;
        last->loss_end = row.loss_before;
    }
    row.measured = copy_words(&words->measured);
    row.what = copy_words(&words->what);
    row.why = copy_words(&words->why);
    if (row.measured && row.what && row.why && vec_push(&growing->story, row))
        return true;
    story_row_release(&row);
    return out_of_memory(growing);
}

static bool should_stop(struct growing *growing, bool *stop)
{
    *stop =
        growing->cancelled || growing->training->diverged || (is_bounded(growing) && growing->epochs >= growing->options->epochs);
    if (*stop || growing->policy->stop == NULL)
        return true;
    return growing->policy->stop(growing->policy->context, &growing->signals, stop, growing->diags);
}

/* One round after its training: look, decide, act, tell. */
static bool end_round(struct growing *growing, uint32_t round, const struct scores *before, bool *stop)
{
    if (!take_signals(growing, round, before) || !should_stop(growing, stop))
        return false;
    const struct signals *signals = &growing->signals;
    struct story_row row = {
        .round = round,
        .epoch = growing->signals.epoch,
        .accuracy_before = signals->accuracy,
        .accuracy_after = signals->accuracy,
        .loss_before = signals->loss,
        .loss_after = signals->loss,
        .params_before = signals->params,
        .params_after = signals->params,
        .flops_before = growing->training->flops,
        .flops_after = growing->training->flops,
        .accuracy_end = NAN,
        .loss_end = NAN,
    };
    struct growth_words words = {0};
    bool done = *stop || growing->policy->act == NULL || act(growing, round, &words, &row);
    done = done && tell(growing, row, &words);
    text_release(&words.measured);
    text_release(&words.what);
    text_release(&words.why);
    text_release(&words.refused);
    return done;
}

static bool run(struct growing *growing, const struct molecule *molecule)
{
    /* The untrained network: what the first round's improvement is measured against. */
    if (!train_on(growing, molecule, 0, 1, PHASE_ROUND))
        return false;
    bool stop = is_bounded(growing) && growing->options->epochs == 0;
    struct scores before = *watched_scores(growing);
    for (uint32_t round = 1; !stop && round <= LIMIT_GROWTH_ROUNDS; round++) {
        if (!train_more(growing, growing->every, round, PHASE_ROUND))
            return false;
        struct scores now = *watched_scores(growing);
        if (!end_round(growing, round, &before, &stop))
            return false;
        before = now;
    }
    report_end(growing);
    return true;
}

/* Scores on the parts of the data that nothing was decided by. */
static bool score_rest(const struct growing *growing)
{
    struct training *training = growing->training;
    struct scores *const scores[SET_COUNT] = {&training->train, &training->validation, &training->test};
    bool well = true;
    for (int set = 0; well && set < SET_COUNT; set++) {
        const struct samples *samples = samples_of(growing->data, set);
        if (samples != growing->watched)
            well = model_score(training->model, samples, growing->options, growing->data->class_weights, scores[set]);
    }
    return well;
}

/* The result takes over training, history and story. */
static struct growth_result *finish(struct growing *growing)
{
    struct growth_result *result = mem_alloc(sizeof *result);
    /* A training always has a history, if an empty one. */
    if (result == NULL || !vec_reserve(&growing->history, 1) || !score_rest(growing)) {
        mem_free(result);
        out_of_memory(growing);
        return NULL;
    }
    struct training *training = growing->training;
    mem_free(training->history);
    training->history = growing->history.at;
    training->epochs = growing->epochs;
    training->seconds = growing->seconds;
    training->first_loss = growing->first_loss;
    training->seed = growing->options->seed;
    training->cancelled = growing->cancelled;
    if (growing->by_steps) { /* also where the network is an earlier one again */
        training->state.position = growing->part.position;
        training->state.tally = growing->part.tally;
        training->state.chunk = growing->part.chunk;
    }
    *result = (struct growth_result){.references = 1,
                                     .training = training,
                                     .scheduled = growing->steps - training->state.step,
                                     .story = growing->story.at,
                                     .rounds = growing->story.count,
                                     .cancelled = growing->cancelled};
    return result;
}

/* A policy that counts anything in steps has all of it counted so. */
static void count_rounds(struct growing *growing)
{
    const struct growth_length *every = &growing->policy->every, *trial = &growing->policy->trial;
    growing->by_steps = every->steps || trial->steps;
    growing->per_epoch = steps_of(growing, growing->data->train.count);
    growing->every = (uint64_t)every->count * (growing->by_steps && !every->steps ? growing->per_epoch : 1);
    growing->trial = (uint64_t)trial->count * (growing->by_steps && !trial->steps ? growing->per_epoch : 1);
}

struct growth_result *grow(const struct molecule *molecule, struct prepared *data, const struct growth_policy *policy,
                           const struct train_options *options, double limit_params, const struct progress *progress,
                           struct diags *diags)
{
    if (policy->every.count == 0 || policy->every.count > LIMIT_EPOCHS) {
        diag_error(diags, SPAN_NONE, "a round of growth has 1 to %d epochs or steps", LIMIT_EPOCHS);
        return NULL;
    }
    struct growing growing = {
        .first = molecule,
        .data = data,
        .watched = data->validation.count > 0 ? &data->validation : &data->train,
        .policy = policy,
        .options = options,
        .limits = {.params = limit_params},
        .progress = progress,
        .diags = diags,
        .first_loss = NAN,
    };
    count_rounds(&growing);
    bool admitted = admit(molecule, data, options->loss, &growing.limits, diags);
    struct growth_result *result = admitted && run(&growing, molecule) ? finish(&growing) : NULL;
    signals_release(&growing.network);
    if (result == NULL) {
        if (growing.fallback != growing.training)
            training_release(growing.fallback);
        training_release(growing.training);
        vec_release(&growing.history);
        story_release(growing.story.at, growing.story.count);
    }
    return result;
}

struct growth_result *growth_told(struct story_row *story, size_t rounds)
{
    struct growth_result *result = mem_alloc(sizeof *result);
    if (result)
        *result = (struct growth_result){.references = 1, .story = story, .rounds = rounds};
    else
        story_release(story, rounds);
    return result;
}

struct growth_result *growth_retain(struct growth_result *result)
{
    result->references++;
    return result;
}

void growth_release(struct growth_result *result)
{
    if (result == NULL || --result->references > 0)
        return;
    training_release(result->training);
    story_release(result->story, result->rounds);
    mem_free(result);
}
