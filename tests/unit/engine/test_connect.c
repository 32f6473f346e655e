/* Pruning and growing connections: what stays keeps its bits, counts are what densities say, and the right ones go and come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/connect.h"
#include "engine/fan.h"
#include "engine/plan.h"
#include "engine/transplant.h"
#include "fixture.h"
#include "molecule/density.h"
#include "random_molecule.h"
#include "table.h"

static struct train_options options_of(enum optimizer_kind kind, uint32_t epochs)
{
    struct train_options options = train_options_default();
    options.optimizer = kind;
    options.epochs = epochs;
    options.lr = 1e-2;
    return options;
}

/* A trained network as a molecule with weights and the optimiser's state; NULL where the draw is none or it diverged. */
static struct molecule *trained(const struct molecule *molecule, struct prepared *data, const struct train_options *options)
{
    struct diags diags = {0};
    struct training *training = train(molecule, data, options, NULL, &diags);
    struct molecule *result =
        training && !training->diverged ? training_molecule(training, options->optimizer, SPAN_NONE, NULL, &diags) : NULL;
    training_release(training);
    diags_release(&diags);
    return result;
}

static struct molecule *any_molecule(uint64_t seed, double density)
{
    struct generator g = {.elements = &elements, .random = random_stream(seed, RANDOM_TEST, 0)};
    struct molecule *molecule = draw_molecule(&g, 2, fixture_out(1, HEAD_SIGMOID));
    for (uint32_t i = 0; density > 0 && i < molecule->count; i++)
        if (molecule->genes[i].kind == GENE_LAYER)
            molecule->genes[i].traits.density = density;
    return molecule;
}

/* ---- what must hold of every layer ---- */

/* Which connection of neuron `o` reads `input`; SIZE_MAX: none. */
static size_t connection(const struct weights *weights, uint32_t o, uint32_t input)
{
    const struct fan fan = fan_of_weights(weights, o);
    for (uint32_t i = 0; i < fan.count; i++)
        if (fan_input(&fan, i) == input)
            return fan.at + i;
    return SIZE_MAX;
}

static void same_bits(float a, float b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void check_state(const float *now, const float *before, size_t at, size_t from)
{
    if (!now)
        assert_null(before);
    else if (from == SIZE_MAX)
        assert_true(isnan(now[at]));
    else
        same_bits(now[at], before[from]);
}

/* How many connections are new. */
static size_t check_layer(const struct weights *now, const struct weights *before)
{
    size_t grown = 0;
    for (uint32_t o = 0; o < now->shape.width; o++) {
        const struct fan fan = fan_of_weights(now, o);
        for (uint32_t i = 0; i < fan.count; i++) {
            const uint32_t input = fan_input(&fan, i);
            assert_true(input < now->shape.depth && (i == 0 || input > fan_input(&fan, i - 1)));
            const size_t from = connection(before, o, input);
            same_bits(now->factors[fan.at + i], from == SIZE_MAX ? 0 : before->factors[from]);
            check_state(now->state->first, before->state->first, fan.at + i, from);
            check_state(now->state->second, before->state->second, fan.at + i, from);
            grown += from == SIZE_MAX;
        }
    }
    assert_int_equal(now->shape.shifts, before->shape.shifts);
    assert_int_equal(now->shape.learned, before->shape.learned);
    for (size_t i = 0; i < now->shape.shifts; i++)
        same_bits(now->shifts[i], before->shifts[i]);
    for (size_t i = 0; i < now->shape.learned; i++)
        same_bits(now->learned[i], before->learned[i]);
    for (size_t i = 0; i < now->shape.shifts + now->shape.learned; i++)
        check_state(now->state->first, before->state->first, now->shape.factors + i, before->shape.factors + i);
    assert_true(now->state->power1 == before->state->power1 && now->state->power2 == before->state->power2);
    return grown;
}

static bool is_layer(const struct gene *gene)
{
    return gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT;
}

/* The connections that went are not greater than those that stayed, and both are as many as they should be. */
static void check_dropped(const struct weights *now, const struct weights *before, size_t drop)
{
    float least = INFINITY, greatest = 0;
    size_t gone = 0;
    for (uint32_t o = 0; o < before->shape.width; o++) {
        const struct fan fan = fan_of_weights(before, o);
        for (uint32_t i = 0; i < fan.count; i++) {
            const float size = fabsf(before->factors[fan.at + i]);
            const bool stays = connection(now, o, fan_input(&fan, i)) != SIZE_MAX;
            least = stays && size < least ? size : least;
            greatest = !stays && size > greatest ? size : greatest;
            gone += !stays;
        }
    }
    assert_true(gone <= drop && greatest <= least);
}

/* The layers of a whole molecule; how many there are. */
static unsigned check_molecule(const struct molecule *now, const struct molecule *before, double share, bool regrown)
{
    unsigned layers = 0;
    assert_int_equal(now->count, before->count);
    for (uint32_t i = 0; i < now->count; i++) {
        const struct gene *gene = &now->genes[i];
        const struct weights *weights = gene->weights, *old = before->genes[i].weights;
        assert_int_equal(gene->origin, i + 1);
        if (!is_layer(gene) || (regrown && !old->shape.sparse)) {
            assert_true(weights_equal(weights, old));
            continue;
        }
        const uint64_t all = (uint64_t)weights->shape.width * weights->shape.depth;
        const size_t wanted = (size_t)round(share * (double)old->shape.factors);
        const size_t drop = wanted < old->shape.factors ? wanted : old->shape.factors - 1;
        assert_int_equal(density_count(gene->traits.density, all), weights->shape.factors);
        assert_int_equal(weights->shape.factors, regrown ? old->shape.factors : old->shape.factors - drop);
        const size_t grown = check_layer(weights, old);
        assert_true(regrown ? grown <= drop : grown == 0);
        if (!regrown)
            check_dropped(weights, old, drop);
        layers++;
    }
    return layers;
}

/* A network made of the molecule begins with just its weights and state. */
static void check_begins(const struct molecule *molecule, struct prepared *data, const struct train_options *options)
{
    const struct train_options none = options_of(options->optimizer, 0);
    struct molecule *again = trained(molecule, data, &none);
    assert_non_null(again);
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct weights *a = molecule->genes[i].weights, *b = again->genes[i].weights;
        if (!a)
            continue;
        assert_int_equal(a->shape.factors, b->shape.factors);
        assert_memory_equal(a->values, b->values, (a->shape.factors + a->shape.shifts + a->shape.learned) * sizeof *a->values);
        if (a->start)
            assert_memory_equal(a->input, b->input, a->shape.factors * sizeof *a->input);
        const float fresh = options->optimizer == OPTIMIZER_RPROP ? (float)options->lr : 0;
        for (size_t k = 0; a->state && a->state->second && k < weights_trained(&a->shape); k++)
            same_bits(b->state->second[k], isnan(a->state->second[k]) ? fresh : a->state->second[k]);
    }
    molecule_release(again);
}

/* ---- gradients to grow by ---- */

/* Of the places that were free, those with the greatest gradients are taken. */
static void check_grown(const struct weights *now, const struct weights *before, const float *gradient)
{
    float least = INFINITY, greatest = 0;
    for (uint32_t o = 0; o < now->shape.width; o++)
        for (uint32_t i = 0; i < now->shape.depth; i++) {
            if (connection(before, o, i) != SIZE_MAX)
                continue;
            const float size = fabsf(gradient[(size_t)o * now->shape.depth + i]);
            if (connection(now, o, i) != SIZE_MAX)
                least = size < least ? size : least;
            else
                greatest = size > greatest ? size : greatest;
        }
    assert_true(greatest <= least);
}

/* Gradients of any kind, of every second sparse layer. */
static struct dense_gradients any_gradients(const struct molecule *molecule, struct random *random)
{
    struct dense_gradients gradients = {mem_array(molecule->count, sizeof *gradients.at), molecule->count};
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        if (!is_layer(gene) || !gene->weights->shape.sparse || random_below(random, 2) == 0)
            continue;
        const size_t all = (size_t)gene->weights->shape.width * gene->weights->shape.depth;
        gradients.at[i] = mem_floats(all);
        for (size_t k = 0; k < all; k++)
            gradients.at[i][k] = (float)random_normal(random);
    }
    return gradients;
}

static void check_regrown(const struct molecule *before, double share, struct random *random)
{
    struct diags diags = {0};
    struct dense_gradients gradients = any_gradients(before, random);
    struct molecule *now = connections_regrow(before, 0, share, &gradients, random, &diags);
    assert_non_null(now);
    for (uint32_t i = 0; i < now->count; i++)
        if (gradients.at[i])
            check_grown(now->genes[i].weights, before->genes[i].weights, gradients.at[i]);
        else
            assert_true(weights_equal(now->genes[i].weights, before->genes[i].weights));
    molecule_release(now);
    dense_gradients_release(&gradients);
    diags_release(&diags);
}

/* ---- the tests ---- */

static void test_any(void **state)
{
    (void)state;
    static const enum optimizer_kind kinds[] = {OPTIMIZER_ADAM, OPTIMIZER_SGD, OPTIMIZER_RPROP, OPTIMIZER_MOMENTUM};
    static const double shares[] = {0.3, 0.5, 0.9, 1, 0.01};
    struct prepared *data = fixture_moons(60, 0.2);
    struct diags diags = {0};
    unsigned layers = 0, sparse = 0;
    for (uint64_t seed = 0; seed < 150; seed++) {
        const struct train_options options = options_of(kinds[seed % 4], 2);
        struct random random = random_stream(seed, RANDOM_TEST, 1);
        struct molecule *molecule = any_molecule(seed, seed % 3 == 0 ? 0.4 : 0), *before = trained(molecule, data, &options);
        const double share = shares[seed % 5];
        if (before) {
            struct molecule *pruned = connections_prune(before, 0, share, &diags);
            struct molecule *regrown = connections_regrow(before, 0, share, NULL, &random, &diags);
            assert_non_null(pruned);
            assert_non_null(regrown);
            layers += check_molecule(pruned, before, share, false);
            sparse += check_molecule(regrown, before, share, true);
            check_regrown(before, share, &random);
            check_begins(pruned, data, &options);
            check_begins(regrown, data, &options);
            molecule_release(pruned);
            molecule_release(regrown);
        }
        molecule_release(before);
        molecule_release(molecule);
    }
    print_message("%u layers pruned, %u sparse ones\n", layers, sparse);
    assert_true(layers > 300 && sparse > 100);
    prepared_release(data);
    diags_release(&diags);
}

/* New connections begin at zero: the network computes what the pruned one does. */
static void test_function(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(60, 0.2);
    struct diags diags = {0};
    struct random random = random_stream(1, RANDOM_TEST, 1);
    const struct train_options options = options_of(OPTIMIZER_ADAM, 5), none = options_of(OPTIMIZER_ADAM, 0);
    struct gene genes[] = {gene_layer(fixture_element(&elements, "relu"), 20, SPAN_NONE),
                           gene_layer(fixture_element(&elements, "tanh"), 20, SPAN_NONE), fixture_out(1, HEAD_SIGMOID)};
    for (size_t i = 0; i < 3; i++)
        genes[i].traits.density = 0.3;
    struct molecule *molecule = fixture_chain(genes, 3), *before = trained(molecule, data, &options);
    struct molecule *pruned = connections_prune(before, 0, 0.3, &diags);
    struct molecule *regrown = connections_regrow(before, 0, 0.3, NULL, &random, &diags);
    struct training *a = train(pruned, data, &none, NULL, &diags), *b = train(regrown, data, &none, NULL, &diags);
    assert_true(b->params > a->params);
    assert_memory_equal(&a->train.loss, &b->train.loss, sizeof(double));
    training_release(a);
    training_release(b);
    molecule_release(pruned);
    molecule_release(regrown);
    molecule_release(before);
    molecule_release(molecule);
    prepared_release(data);
    diags_release(&diags);
}

/* The first weights again, on the connections that are left. */
static void test_rewind(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(60, 0.2);
    struct diags diags = {0};
    const struct train_options none = options_of(OPTIMIZER_ADAM, 0), some = options_of(OPTIMIZER_ADAM, 3);
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct molecule *molecule = any_molecule(seed, seed % 2 ? 0.5 : 0);
        struct model *model = model_create(molecule, 2, NULL, some.seed, &diags);
        struct molecule *start = model_molecule(model, SPAN_NONE, NULL, &diags), *end = trained(molecule, data, &some);
        if (end) {
            struct molecule *pruned = connections_prune(end, 0, 0.5, &diags), *back = connections_rewind(pruned, start, &diags);
            assert_non_null(back);
            for (uint32_t i = 0; i < back->count; i++) {
                const struct weights *weights = back->genes[i].weights, *first = start->genes[i].weights;
                assert_int_equal(!weights, !first);
                if (!weights)
                    continue;
                assert_null(weights->state);
                assert_int_equal(weights->shape.factors, pruned->genes[i].weights->shape.factors);
                for (uint32_t o = 0; is_layer(&back->genes[i]) && o < weights->shape.width; o++) {
                    const struct fan fan = fan_of_weights(weights, o);
                    for (uint32_t k = 0; k < fan.count; k++) {
                        const size_t was = connection(first, o, fan_input(&fan, k));
                        assert_true(was != SIZE_MAX);
                        assert_int_equal(connection(pruned->genes[i].weights, o, fan_input(&fan, k)), fan.at + k);
                        same_bits(weights->factors[fan.at + k], first->factors[was]);
                    }
                }
                for (size_t k = 0; k < first->shape.shifts; k++)
                    same_bits(weights->shifts[k], first->shifts[k]);
            }
            check_begins(back, data, &none);
            molecule_release(pruned);
            molecule_release(back);
        }
        molecule_release(molecule);
        molecule_release(start);
        molecule_release(end);
        model_release(model);
    }
    struct molecule *one = any_molecule(1, 0), *other = any_molecule(2, 0);
    assert_null(connections_rewind(one, other, &diags));
    assert_int_equal(diags.errors, 1);
    molecule_release(one);
    molecule_release(other);
    prepared_release(data);
    diags_release(&diags);
}

/* One layer of several, a frozen one, and one that was never trained. */
static void test_places(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(60, 0.2);
    struct diags diags = {0};
    const struct train_options options = options_of(OPTIMIZER_ADAM, 1);
    struct gene genes[] = {gene_layer(fixture_element(&elements, "relu"), 10, SPAN_NONE),
                           gene_layer(fixture_element(&elements, "tanh"), 10, SPAN_NONE), fixture_out(1, HEAD_SIGMOID)};
    genes[1].traits.lr_scale = 0;
    struct molecule *molecule = fixture_chain(genes, 3), *before = trained(molecule, data, &options);
    struct molecule *one = connections_prune(before, 1, 0.5, &diags), *all = connections_prune(before, 0, 0.5, &diags);
    struct molecule *fresh = connections_prune(molecule, 0, 0.5, &diags);
    static const double densities[][3] = {{0.5, 1, 1}, {0.5, 1, 0.5}, {0.5, 1, 0.5}};
    const struct molecule *const results[] = {one, all, fresh};
    for (int r = 0; r < 3; r++)
        for (int i = 0; i < 3; i++)
            assert_true(results[r]->genes[i + 1].traits.density == densities[r][i]);
    molecule_release(one);
    molecule_release(all);
    molecule_release(fresh);
    molecule_release(before);
    molecule_release(molecule);
    prepared_release(data);
    diags_release(&diags);
}

/* Every connection that can grow has the same chance. */
static void test_chance(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct gene genes[] = {gene_layer(fixture_element(&elements, "linear"), 4, SPAN_NONE), fixture_out(1, HEAD_LINEAR)};
    genes[0].traits.density = 0.25;
    struct molecule *molecule = fixture_chain(genes, 2);
    struct model *model = model_create(molecule, 5, NULL, 1, &diags);
    struct molecule *before = model_molecule(model, SPAN_NONE, NULL, &diags);
    struct random random = random_stream(1, RANDOM_TEST, 1);
    enum { TIMES = 20000 };
    unsigned times[20] = {0};
    for (int n = 0; n < TIMES; n++) {
        struct molecule *now = connections_regrow(before, 0, 0.4, NULL, &random, &diags);
        for (uint32_t at = 0; at < 20; at++)
            times[at] += connection(now->genes[1].weights, at / 5, at % 5) != SIZE_MAX;
        molecule_release(now);
    }
    unsigned kept = 0;
    for (int at = 0; at < 20; at++) {
        kept += times[at] == TIMES;
        /* 2 of the 17 places that are free; four standard deviations */
        if (times[at] != TIMES)
            assert_true(fabs((double)times[at] / TIMES - 2.0 / 17) < 4 * sqrt(2.0 / 17 * 15 / 17 / TIMES));
    }
    assert_int_equal(kept, 3);
    molecule_release(before);
    molecule_release(molecule);
    model_release(model);
    diags_release(&diags);
}

/* Counts and the densities that mean them. */
static void test_density(void **state)
{
    (void)state;
    static const uint64_t alls[] = {1, 2, 3, 7, 100, 1000, 200704, 1234567, 999983};
    for (size_t i = 0; i < sizeof alls / sizeof *alls; i++)
        for (uint64_t count = 1; count <= alls[i]; count += 1 + count / 3) {
            const double density = density_of_count(count, alls[i]);
            assert_int_equal(density_count(density, alls[i]), count);
            assert_int_equal(density == 1, count == alls[i]);
        }
    assert_true(density_of_count(2007, 200704) == 0.01);
    assert_int_equal(density_least_count(10), 1);
    assert_int_equal(density_least_count(5000000), 5);
    assert_true(density_of_count(1, 1400000) >= 1e-6);
}

static void test_memory(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(60, 0.2);
    struct diags told = {0};
    const struct train_options options = options_of(OPTIMIZER_ADAM, 1);
    struct molecule *molecule = any_molecule(3, 0.4), *before = trained(molecule, data, &options);
    assert_non_null(before);
    for (int regrows = 0; regrows < 2; regrows++) {
        struct molecule *now = NULL;
        for (long n = 0; !now; n++) {
            struct diags diags = {0};
            struct random random = random_stream(1, RANDOM_TEST, 1);
            mem_fail_after(n);
            now = regrows ? connections_regrow(before, 0, 0.8, NULL, &random, &diags) : connections_prune(before, 0, 0.3, &diags);
            mem_fail_after(-1);
            assert_true(now || diags.out_of_memory);
            assert_true(n < 10000);
            diags_release(&diags);
        }
        molecule_release(now);
    }
    molecule_release(before);
    molecule_release(molecule);
    prepared_release(data);
    diags_release(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any),    cmocka_unit_test(test_function), cmocka_unit_test(test_rewind),
        cmocka_unit_test(test_places), cmocka_unit_test(test_chance),   cmocka_unit_test(test_density),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("engine: connections", tests, setup, teardown);
}
