/* Selection: orders of merit, fronts against their definition, and how often whom is drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "lab/select.h"

enum { MOST = 200, DRAWS = 200000 };

static struct random chance;

static void random_merits(struct merit *merits, uint32_t count, uint32_t objectives, uint32_t values)
{
    for (uint32_t i = 0; i < count; i++) {
        merits[i] = (struct merit){.params = random_below(&chance, 3), .age = i};
        for (uint32_t k = 0; k < objectives; k++)
            merits[i].objectives[k] = random_below(&chance, 20) == 0 ? -(double)INFINITY : (double)random_below(&chance, values);
    }
}

static bool dominates(const struct merit *a, const struct merit *b, uint32_t objectives)
{
    bool better = false;
    for (uint32_t i = 0; i < objectives; i++) {
        if (a->objectives[i] < b->objectives[i])
            return false;
        better = better || a->objectives[i] > b->objectives[i];
    }
    return better;
}

/* The fronts by definition: what nobody dominates is the first, and so on with the rest. */
static void fronts_by_definition(const struct merit *merits, uint32_t count, uint32_t objectives, uint32_t *front)
{
    uint32_t left = count;
    for (uint32_t i = 0; i < count; i++)
        front[i] = UINT32_MAX;
    for (uint32_t number = 0; left > 0; number++) {
        bool in[MOST] = {false};
        for (uint32_t i = 0; i < count; i++) {
            in[i] = front[i] == UINT32_MAX;
            for (uint32_t k = 0; in[i] && k < count; k++)
                in[i] = front[k] != UINT32_MAX || !dominates(&merits[k], &merits[i], objectives);
        }
        for (uint32_t i = 0; i < count; i++)
            if (in[i]) {
                front[i] = number;
                left--;
            }
    }
}

static void assert_is_order(const struct ranking *ranking)
{
    bool seen[MOST] = {false};
    for (uint32_t i = 0; i < ranking->count; i++) {
        assert_false(seen[ranking->order[i]]);
        seen[ranking->order[i]] = true;
        assert_int_equal(ranking->place[ranking->order[i]], i);
    }
}

static void test_one_objective(void **state)
{
    (void)state;
    struct ranking ranking;
    struct merit merits[MOST];
    assert_true(ranking_init(&ranking, MOST));
    for (uint32_t count = 1; count <= MOST; count += 7) {
        random_merits(merits, count, 1, 9);
        ranking_make(&ranking, merits, count, 1);
        assert_is_order(&ranking);
        for (uint32_t i = 1; i < count; i++) {
            const struct merit *a = &merits[ranking.order[i - 1]], *b = &merits[ranking.order[i]];
            assert_true(
                a->objectives[0] > b->objectives[0] ||
                (a->objectives[0] == b->objectives[0] && (a->params < b->params || (a->params == b->params && a->age < b->age))));
        }
    }
    ranking_release(&ranking);
}

static void test_fronts(void **state)
{
    (void)state;
    struct ranking ranking;
    struct merit merits[MOST];
    uint32_t front[MOST];
    assert_true(ranking_init(&ranking, MOST));
    for (uint32_t objectives = 2; objectives <= OBJECTIVES_MOST; objectives++)
        for (uint32_t count = 1; count <= MOST; count += 11) {
            random_merits(merits, count, objectives, count % 2 ? 5 : 1000);
            ranking_make(&ranking, merits, count, objectives);
            assert_is_order(&ranking);
            fronts_by_definition(merits, count, objectives, front);
            for (uint32_t i = 0; i < count; i++)
                assert_int_equal(ranking.front[i], front[i]);
            for (uint32_t i = 1; i < count; i++) {
                const uint32_t a = ranking.order[i - 1], b = ranking.order[i];
                assert_true(front[a] < front[b] || (front[a] == front[b] && ranking.crowding[a] >= ranking.crowding[b]));
            }
        }
    ranking_release(&ranking);
}

/* Five on a line: ends without bound, the others by the width of the gap around them over the range. */
static void test_crowding(void **state)
{
    (void)state;
    static const double xs[] = {0, 1, 4, 5, 10};
    struct merit merits[5] = {{.age = 0}};
    struct ranking ranking;
    assert_true(ranking_init(&ranking, 5));
    for (uint32_t i = 0; i < 5; i++)
        merits[i] = (struct merit){.objectives = {xs[i], -2 * xs[i]}, .age = i};
    ranking_make(&ranking, merits, 5, 2);
    assert_true(isinf(ranking.crowding[0]) && isinf(ranking.crowding[4]));
    assert_true(fabs(ranking.crowding[1] - 0.8) < 1e-12);
    assert_true(fabs(ranking.crowding[2] - 0.8) < 1e-12);
    assert_true(fabs(ranking.crowding[3] - 1.2) < 1e-12);
    assert_int_equal(ranking.order[2], 3);
    ranking_release(&ranking);
}

static void draw(const struct selection *selection, uint32_t count, double *share)
{
    struct ranking ranking;
    struct merit merits[10];
    assert_true(ranking_init(&ranking, count));
    for (uint32_t i = 0; i < count; i++) { /* member 0 is the fittest */
        merits[i] = (struct merit){.objectives = {-(double)i}, .age = i};
        share[i] = 0;
    }
    ranking_make(&ranking, merits, count, 1);
    for (uint32_t i = 0; i < DRAWS; i++)
        share[select_parent(&ranking, selection, &chance)] += 1.0 / DRAWS;
    ranking_release(&ranking);
}

static void test_chances(void **state)
{
    (void)state;
    double share[10];
    draw(&(struct selection){.kind = SELECT_TOURNAMENT, .size = 3}, 10, share);
    for (int i = 0; i < 10; i++) /* all three at place i or behind, and not all behind */
        assert_true(fabs(share[i] - (pow(10 - i, 3) - pow(9 - i, 3)) / 1000) < 0.005);
    draw(&(struct selection){.kind = SELECT_AGING, .size = 2}, 10, share);
    for (int i = 0; i < 10; i++)
        assert_true(fabs(share[i] - (pow(10 - i, 2) - pow(9 - i, 2)) / 100) < 0.005);
    for (double pressure = 1; pressure <= 2; pressure += 0.25) {
        draw(&(struct selection){.kind = SELECT_RANK, .pressure = pressure}, 10, share);
        for (int i = 0; i < 10; i++) /* the middle of each tenth of a line from pressure to 2 - pressure */
            assert_true(fabs(share[i] - (pressure - 2 * (pressure - 1) * (i + 0.5) / 10) / 10) < 0.005);
    }
    draw(&(struct selection){.kind = SELECT_TRUNCATION, .share = 0.35}, 10, share);
    for (int i = 0; i < 10; i++)
        assert_true(fabs(share[i] - (i < 3 ? 1.0 / 3 : 0)) < 0.005);
    draw(&(struct selection){.kind = SELECT_TRUNCATION, .share = 0.001}, 10, share);
    assert_true(share[0] > 0.999);
    draw(&(struct selection){.kind = SELECT_RANDOM}, 10, share);
    for (int i = 0; i < 10; i++)
        assert_true(fabs(share[i] - 0.1) < 0.005);
    draw(&(struct selection){.kind = SELECT_CLIMB}, 10, share);
    assert_true(share[0] > 0.999);
}

int main(void)
{
    chance = random_stream(3, RANDOM_TEST, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_objective),
        cmocka_unit_test(test_fronts),
        cmocka_unit_test(test_crowding),
        cmocka_unit_test(test_chances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
