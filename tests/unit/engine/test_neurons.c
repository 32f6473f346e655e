/* Neurons that go and come: readers follow them, what stays keeps its bits, and those that come by gradient speak loudest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/carry.h"
#include "engine/fan.h"
#include "engine/gradients.h"
#include "engine/neurons.h"
#include "engine/transplant.h"
#include "fixture.h"
#include "molecule/density.h"
#include "molecule/dna.h"
#include "random_molecule.h"
#include "table.h"

static struct prepared *data;

static int begin(void **state)
{
    setup(state);
    data = fixture_moons(100, 0.2);
    return 0;
}

static int end(void **state)
{
    prepared_release(data);
    return teardown(state);
}

static struct train_options options_of(uint32_t epochs)
{
    struct train_options options = train_options_default();
    options.epochs = epochs;
    options.lr = 1e-2;
    return options;
}

/* A trained network as a molecule with weights and the optimiser's state; NULL where the draw is none or it diverged. */
static struct molecule *trained(const struct molecule *molecule, uint32_t epochs)
{
    struct diags diags = {0};
    const struct train_options options = options_of(epochs);
    struct training *training = train(molecule, data, &options, NULL, &diags);
    struct molecule *result =
        training && !training->diverged ? training_molecule(training, options.optimizer, SPAN_NONE, NULL, &diags) : NULL;
    training_release(training);
    diags_release(&diags);
    return result;
}

static struct molecule *decoded(const char *dna)
{
    struct diags diags = {0};
    struct molecule *molecule = dna_decode(str_of(dna), &elements, SPAN_NONE, &diags);
    assert_non_null(molecule);
    return molecule;
}

static float *outputs_of(const struct molecule *molecule)
{
    struct diags diags = {0};
    struct model *model = model_create(molecule, 2, NULL, 77, &diags);
    assert_non_null(model);
    transplant(model->plan, molecule, model->params);
    float *out = mem_floats((size_t)data->train.count * model_output_width(model));
    assert_true(model_predict(model, data->train.x, data->train.count, out));
    model_release(model);
    diags_release(&diags);
    return out;
}

static double difference(const struct molecule *a, const struct molecule *b)
{
    float *x = outputs_of(a), *y = outputs_of(b);
    double most = 0;
    for (uint32_t i = 0; i < data->train.count; i++) {
        const double apart = fabs((double)x[i] - (double)y[i]);
        most = apart > most ? apart : most;
    }
    mem_free_floats(x);
    mem_free_floats(y);
    return most;
}

static bool all_finite(const struct molecule *molecule)
{
    float *x = outputs_of(molecule);
    bool finite = true;
    for (uint32_t i = 0; i < data->train.count; i++)
        finite = finite && isfinite(x[i]);
    mem_free_floats(x);
    return finite;
}

/* All weights of layers and norms and what the optimiser keeps of them, whatever their order. */
static double sum_of_bits(const struct molecule *molecule)
{
    double sum = 0;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct weights *weights = molecule->genes[i].kind == GENE_ACTIVATION ? NULL : molecule->genes[i].weights;
        for (size_t k = 0; weights && k < weights_trained(&weights->shape); k++) {
            sum += fabs((double)weights->values[k]);
            if (weights->state && weights->state->first && isfinite(weights->state->first[k]))
                sum += fabs((double)weights->state->first[k]);
            if (weights->state && weights->state->second && isfinite(weights->state->second[k]))
                sum += (double)weights->state->second[k];
        }
    }
    return sum;
}

/* The neurons of any layer of any network in another order, and with new ones among them: the same function, and nothing lost. */
static void test_order(void **state)
{
    (void)state;
    struct diags diags = {0};
    unsigned changed = 0, fixed = 0, kept = 0;
    for (uint64_t seed = 0; seed < 250; seed++) {
        struct generator g = {.elements = &elements, .random = random_stream(seed, RANDOM_TEST, 0)};
        struct molecule *molecule = draw_molecule(&g, 2, fixture_out(1, HEAD_SIGMOID)), *before = trained(molecule, 2);
        const uint32_t gene = before ? random_below(&g.random, before->count) : 0;
        if (before && before->genes[gene].kind == GENE_LAYER && all_finite(before)) {
            const uint32_t width = before->genes[gene].width, added = seed % 3 == 0 ? 2 : 0;
            uint32_t neurons[64];
            assert_true(width + added <= 64);
            for (uint32_t i = 0; i < width; i++)
                neurons[i] = i;
            for (uint32_t i = width; i < width + added; i++)
                neurons[i] = NEURON_NEW;
            random_shuffle(&g.random, neurons, width + added);
            bool same = false;
            struct molecule *after = neurons_choose(before, gene, neurons, width + added, 2, seed, &elements, &same, &diags);
            fixed += !after;
            changed += after != NULL;
            if (after && same) {
                assert_true(difference(before, after) < 1e-5);
                assert_true(fabs(sum_of_bits(before) - sum_of_bits(after)) < 1e-6 * (1 + sum_of_bits(before)));
                for (uint32_t i = 0; i < after->count; i++) {
                    const struct weights *weights = after->genes[i].weights;
                    if (weights && (after->genes[i].kind == GENE_LAYER || after->genes[i].kind == GENE_OUTPUT))
                        assert_int_equal(
                            weights->shape.factors,
                            density_count(after->genes[i].traits.density, (uint64_t)weights->shape.width * weights->shape.depth));
                }
            }
            kept += after && same;
            molecule_release(after);
        }
        molecule_release(before);
        molecule_release(molecule);
    }
    print_message("%u keep the function\n", kept);
    print_message("%u layers changed, %u of fixed width\n", changed, fixed);
    assert_true(changed > 60 && fixed > 5 && kept > 40);
    diags_release(&diags);
}

/* The network without some neurons is that in which nobody reads them. */
static void test_gone(void **state)
{
    (void)state;
    static const char *const dnas[] = {"T6-R5-O1[head=sigmoid]", "T6%50-R5%70-O1[head=sigmoid]", "(T6|R3)-R5-O1[head=sigmoid]",
                                       "T6-D%20-(R4|S3)-O1[head=sigmoid]",
                                       "T6-(L4+(Gt[1,4]-R3-L2-Sc4[0,2])+(Gt[2]-R3-L1-Sc4[1]))-R-O1[head=sigmoid]"};
    struct diags diags = {0};
    for (size_t n = 0; n < sizeof dnas / sizeof *dnas; n++) {
        struct molecule *molecule = decoded(dnas[n]), *before = trained(molecule, 3);
        uint32_t gene = 0;
        while (before->genes[gene].kind != GENE_LAYER || before->genes[gene].width != 6)
            gene++;
        /* The neurons that are to go say nothing: tanh of no weights. */
        struct molecule_builder builder = {0};
        builder_copy(&builder, before, 0);
        struct weights *silent = weights_copy(before->genes[gene].weights);
        for (uint32_t o = 1; o < 6; o += 2) {
            const struct fan fan = fan_of_weights(silent, o);
            for (uint32_t i = 0; i < fan.count; i++)
                silent->factors[fan.at + i] = 0;
            silent->shifts[o] = 0;
        }
        weights_seal(silent);
        builder.genes[gene].weights = silent;
        struct molecule *masked = builder_finish(&builder, SPAN_NONE, &diags);
        const uint32_t neurons[] = {0, 2, 4};
        bool same = true;
        struct molecule *after = neurons_choose(before, gene, neurons, 3, 2, 0, &elements, &same, &diags);
        assert_non_null(after);
        assert_false(same);
        assert_true(difference(masked, after) < 1e-6);
        /* Silent neurons are the ones that go by either score. */
        struct random random = random_stream(1, RANDOM_TEST, 0);
        const struct train_options options = options_of(1);
        const struct neuron_data where = {&data->train, &options, NULL, 2, &random};
        for (int score = NEURON_NORM; score <= NEURON_ACTIVATION; score++) {
            struct molecule *pruned = neurons_prune(masked, gene, 0.5, (enum neuron_score)score, &where, &elements, &diags);
            assert_int_equal(pruned->genes[gene].width, 3);
            assert_true(difference(masked, pruned) < 1e-6);
            molecule_release(pruned);
        }
        molecule_release(after);
        molecule_release(masked);
        weights_release(silent);
        molecule_release(before);
        molecule_release(molecule);
    }
    diags_release(&diags);
}

/* ---- growth by gradient ---- */

/* The length of the gradient of the outgoing weights of the last `count` neurons of the first layer, which the output reads. */
static double outgoing_gradient(const struct molecule *molecule, uint32_t count)
{
    struct diags diags = {0};
    const struct train_options options = options_of(1);
    struct model *model = model_create(molecule, 2, NULL, 1, &diags);
    transplant(model->plan, molecule, model->params);
    struct gradient_pass pass;
    uint32_t rows[100];
    for (uint32_t i = 0; i < data->train.count; i++)
        rows[i] = i;
    assert_true(gradient_pass_init(&pass, model, &data->train, &options, NULL, data->train.count, true));
    gradient_pass_run(&pass, rows, data->train.count, NULL, NULL);
    const struct plan_op *output = &model->plan->ops[model->plan->op_count - 1];
    double squares = 0;
    for (uint32_t o = 0; o < output->width; o++)
        for (uint32_t k = 0; k < count; k++) {
            const double g =
                (double)pass.workspace.gradient[output->weights + (size_t)o * output->depth + output->depth - count + k];
            squares += g * g;
        }
    gradient_pass_release(&pass);
    model_release(model);
    diags_release(&diags);
    return sqrt(squares);
}

/* The same molecule with other weights of its last neuron, as long as they are. */
static struct molecule *with_direction(const struct molecule *molecule, uint32_t gene, double angle)
{
    struct diags diags = {0};
    struct weights *weights = weights_copy(molecule->genes[gene].weights);
    float *row = weights->factors + 2 * (size_t)(weights->shape.width - 1);
    const double length = sqrt((double)row[0] * (double)row[0] + (double)row[1] * (double)row[1]);
    row[0] = (float)(length * cos(angle));
    row[1] = (float)(length * sin(angle));
    weights_seal(weights);
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    builder.genes[gene].weights = weights;
    struct molecule *result = builder_finish(&builder, SPAN_NONE, &diags);
    weights_release(weights);
    diags_release(&diags);
    return result;
}

/* For a linear element no other direction has a longer gradient; for others hardly any. */
static void test_gradmax(void **state)
{
    (void)state;
    static const struct {
        const char *dna;
        double share; /* of the longest that there is */
    } cases[] = {{"L4-O1[head=sigmoid]", 0.9999}, {"T4-O1[head=sigmoid]", 0.9}, {"R4-O1[head=sigmoid]", 0.8}};
    struct diags diags = {0};
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct molecule *molecule = decoded(cases[n].dna), *before = trained(molecule, 3);
        struct random random = random_stream(1, RANDOM_TEST, 0);
        const struct train_options options = options_of(1);
        const struct neuron_data where = {&data->train, &options, NULL, 2, &random};
        struct molecule *after = neurons_gradmax(before, 1, 1, &where, &elements, &diags);
        assert_non_null(after);
        assert_int_equal(after->genes[1].width, 5);
        assert_true(difference(before, after) < 1e-7);
        const double found = outgoing_gradient(after, 1);
        double most = 0;
        for (int i = 0; i < 360; i++) {
            struct molecule *other = with_direction(after, 1, i * 3.14159265358979 / 180);
            most = fmax(most, outgoing_gradient(other, 1));
            molecule_release(other);
        }
        print_message("%s: gradient %g, longest of all directions %g\n", cases[n].dna, found, most);
        assert_true(found >= cases[n].share * most);
        molecule_release(after);
        molecule_release(before);
        molecule_release(molecule);
    }
    diags_release(&diags);
}

/* Layers of any network: nothing changes in what it computes, counts are right, fixed widths stay. */
static void test_gradmax_any(void **state)
{
    (void)state;
    struct diags diags = {0};
    unsigned grown = 0, stayed = 0;
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct generator g = {.elements = &elements, .random = random_stream(seed, RANDOM_TEST, 0)};
        struct molecule *molecule = draw_molecule(&g, 2, fixture_out(1, HEAD_SIGMOID)), *before = trained(molecule, 2);
        const uint32_t gene = before ? random_below(&g.random, before->count) : 0;
        if (before && before->genes[gene].kind == GENE_LAYER && all_finite(before)) {
            const struct train_options options = options_of(1);
            const struct neuron_data where = {&data->train, &options, NULL, 2, &g.random};
            struct molecule *after = neurons_gradmax(before, gene, 3, &where, &elements, &diags);
            assert_non_null(after);
            if (molecule_equal(before, after)) {
                stayed++;
            } else {
                grown++;
                assert_int_equal(after->genes[gene].width, before->genes[gene].width + 3);
                assert_true(difference(before, after) < 1e-6);
            }
            molecule_release(after);
        }
        molecule_release(before);
        molecule_release(molecule);
    }
    print_message("%u layers grew, %u cannot\n", grown, stayed);
    assert_true(grown > 30 && stayed > 5);
    diags_release(&diags);
}

static void test_memory(void **state)
{
    (void)state;
    struct molecule *molecule = decoded("T6%50-(R5|T4)-O1[head=sigmoid]"), *before = trained(molecule, 1);
    const struct train_options options = options_of(1);
    for (int what = 0; what < 3; what++) {
        struct molecule *now = NULL;
        for (long n = 0; !now; n++) {
            struct diags diags = {0};
            struct random random = random_stream(1, RANDOM_TEST, 1);
            const struct neuron_data where = {&data->train, &options, NULL, 2, &random};
            mem_fail_after(n);
            now = what == 2 ? neurons_gradmax(before, 1, 2, &where, &elements, &diags)
                            : neurons_prune(before, 0, 0.5, (enum neuron_score)what, &where, &elements, &diags);
            mem_fail_after(-1);
            assert_true(now || diags.out_of_memory);
            assert_true(n < 20000);
            diags_release(&diags);
        }
        assert_false(molecule_equal(now, before));
        molecule_release(now);
    }
    molecule_release(before);
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),       cmocka_unit_test(test_gone),   cmocka_unit_test(test_gradmax),
        cmocka_unit_test(test_gradmax_any), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("engine: neurons", tests, begin, end);
}
