/* Growth on a small toy, with policies written in C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "lab/grow.h"

#include "kit.h"

static struct kit kit;

static int set_up(void **state)
{
    (void)state;
    kit_init(&kit, "moons", 120);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_release(&kit);
    return 0;
}

/* What a test's policy does and saw. */
struct script {
    uint32_t rounds; /* stops after these */
    struct molecule *(*rewrite)(const struct molecule *molecule, const struct signals *signals, struct diags *diags);
    uint32_t acts;
    struct signals last;
    atomic_bool *cancel; /* set after the first round, where not NULL */
    uint32_t trial;      /* epochs; 0: every rewrite stays */
    bool accepts;
    uint32_t asked;       /* whether a rewrite stays */
    struct signals tried; /* when it was asked last */
};

static bool stop_after(void *context, const struct signals *signals, bool *stop, struct diags *diags)
{
    (void)diags;
    struct script *script = context;
    script->last = *signals;
    *stop = signals->round >= script->rounds;
    if (script->cancel != NULL)
        atomic_store(script->cancel, true);
    return true;
}

static bool accept(void *context, const struct signals *signals, bool *accepted, struct diags *diags)
{
    (void)diags;
    struct script *script = context;
    script->asked++;
    script->tried = *signals;
    *accepted = script->accepts;
    return true;
}

static struct molecule *act(void *context, const struct growth_moment *moment, struct growth_words *words, struct diags *diags)
{
    struct script *script = context;
    script->acts++;
    if (script->rewrite == NULL)
        return NULL;
    text_add(&words->what, "rewrite busiest");
    return script->rewrite(moment->molecule, moment->signals, diags);
}

/* The same network anew. */
static struct molecule *same(const struct molecule *molecule, const struct signals *signals, struct diags *diags)
{
    (void)signals;
    return molecule_slice(molecule, (struct place){0, 1}, diags);
}

static struct molecule *widen_busiest(const struct molecule *molecule, const struct signals *signals, struct diags *diags)
{
    struct gene gene = molecule->genes[signals->busiest];
    assert_int_equal(gene.kind, GENE_LAYER);
    gene.width *= 2;
    gene.origin = signals->busiest + 1;
    gene.label = 0;
    struct molecule *atom = molecule_atom(gene, NULL, SPAN_NONE, diags);
    assert_non_null(atom);
    struct molecule *wide = molecule_replace(molecule, (struct place){signals->busiest, 1}, atom, diags);
    molecule_release(atom);
    return wide;
}

/* Inserts ~L<width>[init=zero] behind the busiest layer: adds nothing to begin with. */
static struct molecule *graft_busiest(const struct molecule *molecule, const struct signals *signals, struct diags *diags)
{
    struct place place = {signals->busiest, 1};
    struct molecule *slice = molecule_slice(molecule, place, diags);
    assert_non_null(slice);
    struct gene zero = gene_layer(kit.linear, molecule->genes[signals->busiest].width, SPAN_NONE);
    zero.traits.init = INIT_ZERO;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_copy(&builder, slice, 0);
    builder_open(&builder, GENE_SKIP, SPAN_NONE);
    builder_atom(&builder, zero, NULL);
    builder_close(&builder);
    builder_close(&builder);
    struct molecule *grafted = builder_finish(&builder, SPAN_NONE, diags);
    assert_non_null(grafted);
    struct molecule *whole = molecule_replace(molecule, place, grafted, diags);
    molecule_release(grafted);
    molecule_release(slice);
    return whole;
}

static struct molecule *failing(const struct molecule *molecule, const struct signals *signals, struct diags *diags)
{
    (void)signals;
    diag_error(diags, molecule->genes[0].span, "the action failed");
    return NULL;
}

static struct growth_result *grow_script(const char *dna, struct script *script, uint32_t every, double limit_params,
                                         const struct progress *progress, struct diags *diags)
{
    struct molecule *molecule = kit_molecule(&kit, dna);
    struct growth_policy policy = {
        .every = {.count = every}, .stop = script->rounds > 0 ? stop_after : NULL, .act = act, .context = script};
    if (script->trial > 0) {
        policy.trial.count = script->trial;
        policy.accept = accept;
    }
    struct train_options options = train_options_default();
    options.epochs = 12;
    options.lr = 0.01;
    options.seed = 5;
    struct growth_result *result = grow(molecule, kit.data, &policy, &options, limit_params, progress, diags);
    molecule_release(molecule);
    return result;
}

/* Without a stop of its own it runs for the epochs of the options, the last round cut short. */
static void test_rounds(void **state)
{
    (void)state;
    struct script script = {0};
    struct growth_result *result = grow_script("R8", &script, 5, 0, NULL, &kit.diags);
    assert_non_null(result);
    assert_int_equal(result->rounds, 3);
    assert_int_equal(script.acts, 2);
    assert_int_equal(result->training->epochs, 12);
    for (uint32_t i = 0; i < 12; i++)
        assert_int_equal(result->training->history[i].epoch, i + 1);
    assert_int_equal(result->story[2].epoch, 12);
    assert_string_equal(result->story[1].what, "");
    assert_true(result->story[1].difference == 0);
    assert_true(result->training->last_loss < result->training->first_loss);
    assert_int_equal(result->training->seed, 5);
    assert_true(result->story[2].accuracy_before == result->training->validation.accuracy);
    growth_release(result);
}

/* One round is one training. */
static void test_first_round(void **state)
{
    (void)state;
    struct script script = {.rounds = 1};
    struct growth_result *result = grow_script("R8", &script, 7, 0, NULL, &kit.diags);
    struct molecule *molecule = kit_molecule(&kit, "R8");
    struct train_options options = train_options_default();
    options.epochs = 7;
    options.lr = 0.01;
    options.seed = 5;
    struct training *training = train(molecule, kit.data, &options, NULL, &kit.diags);
    assert_true(training->last_loss == result->training->last_loss);
    assert_true(training->validation.loss == result->training->validation.loss);
    assert_int_equal(script.last.round, 1);
    assert_int_equal(script.last.epoch, 7);
    assert_int_equal(script.last.layers, 1);
    assert_true(script.last.params == 8 * 3 + 2 * 9 || script.last.params == 8 * 3 + 9);
    /* The first improvement is measured against the untrained network. */
    options.epochs = 0;
    struct training *untrained = train(molecule, kit.data, &options, NULL, &kit.diags);
    assert_true(script.last.improvement == training->validation.accuracy - untrained->validation.accuracy);
    training_release(untrained);
    training_release(training);
    growth_release(result);
    molecule_release(molecule);
}

/* A rewrite that changes nothing carries every weight over. */
static void test_carried(void **state)
{
    (void)state;
    static const char *const dnas[] = {"R8", "T6-~(R6-T6)-(R4|T3)", "R8%50-L4", "R6:a-T6-(R6+:a)"};
    for (size_t i = 0; i < sizeof dnas / sizeof dnas[0]; i++) {
        struct script script = {.rounds = 3, .rewrite = same};
        struct growth_result *result = grow_script(dnas[i], &script, 3, 0, NULL, &kit.diags);
        assert_non_null(result);
        assert_int_equal(result->rounds, 3);
        for (size_t r = 0; r < 2; r++) {
            assert_string_equal(result->story[r].what, "rewrite busiest");
            assert_true(result->story[r].difference == 0);
            assert_true(result->story[r].loss_after == result->story[r].loss_before);
        }
        growth_release(result);
    }
}

static void test_graft_preserves(void **state)
{
    (void)state;
    struct script script = {.rounds = 3, .rewrite = graft_busiest};
    struct growth_result *result = grow_script("R8", &script, 3, 0, NULL, &kit.diags);
    assert_non_null(result);
    for (size_t r = 0; r < 2; r++) {
        assert_true(result->story[r].difference == 0);
        assert_true(result->story[r].params_after == result->story[r].params_before + 72);
    }
    assert_int_equal(script.last.layers, 3);
    growth_release(result);
}

static void test_widen(void **state)
{
    (void)state;
    struct script script = {.rounds = 3, .rewrite = widen_busiest};
    struct growth_result *result = grow_script("R4", &script, 3, 0, NULL, &kit.diags);
    assert_non_null(result);
    assert_true(result->story[0].params_after > result->story[0].params_before);
    assert_true(result->story[1].params_before == result->story[0].params_after);
    assert_true(result->training->params > 16 * 3);
    /* The last round stops before it acts. */
    assert_int_equal(script.acts, 2);
    assert_true(result->story[2].params_after == result->story[2].params_before);
    growth_release(result);
}

static void test_refused(void **state)
{
    (void)state;
    struct script script = {.rounds = 4, .rewrite = widen_busiest};
    struct growth_result *result = grow_script("R4", &script, 2, 50, NULL, &kit.diags);
    assert_non_null(result);
    assert_int_equal(result->story[0].outcome, STORY_KEPT);
    assert_true(result->story[1].outcome == STORY_REFUSED && result->story[2].outcome == STORY_REFUSED);
    assert_non_null(strstr(result->story[1].what, "rewrite busiest: refused, this molecule has "));
    assert_non_null(strstr(result->story[1].what, "parameters, more than the limit of 50"));
    assert_int_equal(script.last.refused, 2);
    assert_true(result->training->params <= 50);
    growth_release(result);
}

/* The same story whenever it is told. */
static void test_repeatable(void **state)
{
    (void)state;
    struct script script = {.rounds = 4, .rewrite = widen_busiest};
    struct growth_result *a = grow_script("R4", &script, 3, 0, NULL, &kit.diags);
    struct growth_result *b = grow_script("R4", &script, 3, 0, NULL, &kit.diags);
    for (size_t i = 0; i < 4; i++)
        assert_true(a->story[i].loss_before == b->story[i].loss_before && a->story[i].loss_after == b->story[i].loss_after);
    growth_release(a);
    growth_release(b);
}

struct watch {
    size_t done, events;
    bool finished;
};

static void watch_event(void *context, const struct progress_event *event)
{
    struct watch *watch = context;
    assert_int_equal(event->kind, PROGRESS_GROW);
    assert_true(event->done >= watch->done && !watch->finished);
    watch->done = event->done;
    watch->finished = event->finished;
    watch->events++;
}

static void test_cancel(void **state)
{
    (void)state;
    atomic_bool cancel = false;
    struct watch watch = {0};
    struct progress progress = {watch_event, &watch, &cancel, NULL};
    struct script script = {.rounds = 1000, .cancel = &cancel};
    struct growth_result *result = grow_script("R4", &script, 3, 0, &progress, &kit.diags);
    assert_non_null(result);
    assert_true(result->cancelled && result->training->cancelled);
    assert_true(watch.finished && watch.done == result->training->epochs);
    assert_int_equal(result->rounds, 2);
    assert_int_equal(result->training->epochs, 3);
    growth_release(result);
}

static void test_failures(void **state)
{
    (void)state;
    struct script script = {.rounds = 3, .rewrite = failing};
    assert_null(grow_script("R4", &script, 3, 0, NULL, &kit.diags));
    assert_true(says(&kit.diags, "the action failed"));
    assert_null(grow_script("R4", &script, 0, 0, NULL, &kit.diags));
    assert_true(says(&kit.diags, "a round of growth has 1 to"));
    assert_null(grow_script("R4", &script, 3, 7, NULL, &kit.diags));
    assert_true(says(&kit.diags, "more than the limit of 7"));
}

/* Rewrites that are not accepted leave nothing behind: each round goes on as if there had been none. */
static void test_undone(void **state)
{
    (void)state;
    struct script script = {.rounds = 3, .rewrite = widen_busiest, .trial = 2};
    struct script quiet = {.rounds = 3};
    struct growth_result *result = grow_script("R4", &script, 3, 0, NULL, &kit.diags);
    struct growth_result *plain = grow_script("R4", &quiet, 3, 0, NULL, &kit.diags);
    assert_non_null(result);
    assert_non_null(plain);
    assert_int_equal(result->rounds, 3);
    assert_int_equal(script.asked, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(result->story[i].outcome, STORY_UNDONE);
        assert_true(result->story[i].params_after > result->story[i].params_before);
        assert_false(isnan(result->story[i].accuracy_end));
    }
    assert_int_equal(script.last.refused, 2);
    assert_int_equal(result->story[2].outcome, STORY_QUIET);
    assert_int_equal(result->training->epochs, 3 * 3 + 2 * 2);
    assert_true(result->training->params == plain->training->params);
    assert_memory_equal(result->training->model->params, plain->training->model->params, plain->training->params * sizeof(float));
    growth_release(result);
    growth_release(plain);
}

/* The trial's improvement is measured against right before the rewrite. */
static void test_accepted(void **state)
{
    (void)state;
    struct script script = {.rounds = 2, .rewrite = widen_busiest, .trial = 4, .accepts = true};
    struct growth_result *result = grow_script("R4", &script, 3, 0, NULL, &kit.diags);
    assert_non_null(result);
    assert_int_equal(result->story[0].outcome, STORY_KEPT);
    assert_int_equal(script.last.refused, 0);
    assert_true(script.tried.params == result->story[0].params_after);
    assert_true(script.tried.improvement == result->story[0].accuracy_end - result->story[0].accuracy_before);
    assert_int_equal(script.tried.epoch, 3 + 4);
    assert_int_equal(result->training->epochs, 3 + 4 + 3);
    growth_release(result);
    /* The epochs of the options bound trials, too. */
    struct script bounded = {.rewrite = widen_busiest, .trial = 100, .accepts = true};
    result = grow_script("R4", &bounded, 5, 0, NULL, &kit.diags);
    assert_int_equal(result->training->epochs, 12);
    growth_release(result);
}

static void test_memory(void **state)
{
    (void)state;
    bool done = false;
    struct molecule *molecule = kit_molecule(&kit, "R4");
    struct train_options options = train_options_default();
    for (long n = 0; !done; n += 1 + n / 50) {
        struct script script = {.rounds = 2, .rewrite = widen_busiest};
        struct growth_policy policy = {
            .every = {.count = 1}, .trial = {.count = 1}, .stop = stop_after, .act = act, .accept = accept, .context = &script};
        script.rewrite = same;
        struct diags diags = {0};
        mem_fail_after(n);
        struct growth_result *result = grow(molecule, kit.data, &policy, &options, 0, NULL, &diags);
        mem_fail_after(-1);
        assert_true(result != NULL || diags.errors > 0 || diags.overflowed);
        done = result != NULL && result->story[0].outcome != STORY_REFUSED;
        growth_release(result);
        diags_release(&diags);
    }
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),          cmocka_unit_test(test_first_round), cmocka_unit_test(test_carried),
        cmocka_unit_test(test_graft_preserves), cmocka_unit_test(test_widen),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_repeatable),      cmocka_unit_test(test_cancel),      cmocka_unit_test(test_failures),
        cmocka_unit_test(test_undone),          cmocka_unit_test(test_accepted),    cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
