/* Answers of several networks as one, and the scores of values that nobody trained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/ensemble.h"
#include "engine/metrics.h"
#include "support/memory.h"

static void means_and_votes(void **state)
{
    (void)state;
    const float first[] = {0.9F, 0.1F, 0.4F, 0.6F}, second[] = {0.2F, 0.8F, 0.5F, 0.5F};
    double mean[4] = {0}, votes[4] = {0};
    ensemble_add(mean, first, 2, 2, 0.25, ENSEMBLE_AVERAGE);
    ensemble_add(mean, second, 2, 2, 0.75, ENSEMBLE_AVERAGE);
    const double expected[] = {0.375, 0.625, 0.475, 0.525};
    for (int i = 0; i < 4; i++)
        assert_true(fabs(mean[i] - expected[i]) < 1e-7);
    ensemble_add(votes, first, 2, 2, 0.25, ENSEMBLE_VOTE);
    ensemble_add(votes, second, 2, 2, 0.75, ENSEMBLE_VOTE); /* the first of equal ones has the vote */
    assert_true(votes[0] == 0.25 && votes[1] == 0.75 && votes[2] == 0.75 && votes[3] == 0.25);
    ensemble_add(votes, first, 2, 0, 1, ENSEMBLE_VOTE);
    assert_true(votes[0] == 0.25);
}

/* Targets 1, 2, 3, 6 in a recipe that trained on (y - 3) * 2; values 1, 2, 4, 4. */
static void scores_in_original_units(void **state)
{
    (void)state;
    float mean = 3, scale = 2, targets[] = {-4, -2, 0, 6}, values[] = {1, 2, 4, 4};
    struct recipe recipe = {.outputs = 1, .target = TARGET_VALUE, .target_mean = &mean, .target_scale = &scale};
    struct samples samples = {.count = 4, .outputs = 1, .y = targets};
    struct scores scores;
    assert_true(scores_of_values(values, &samples, &recipe, &scores));
    assert_true(scores.count == 4 && isnan(scores.loss) && isnan(scores.accuracy));
    assert_true(fabs(scores.mse - 1.25) < 1e-12 && fabs(scores.mae - 0.75) < 1e-12);
    assert_true(fabs(scores.rmse - sqrt(1.25)) < 1e-12 && fabs(scores.r2 - (1 - 5.0 / 14)) < 1e-12);
    mem_fail_after(0);
    assert_false(scores_of_values(values, &samples, &recipe, &scores));
    mem_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_and_votes),
        cmocka_unit_test(scores_in_original_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
