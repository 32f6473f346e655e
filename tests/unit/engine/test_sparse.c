/* Sparse layers, multiplied by whichever kernels are faster: what comes out does not tell which, and what is absent stays so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table.h"

#include "engine/blas.h"
#include "engine/gradients.h"
#include "engine/plan.h"
#include "engine/sparse.h"
#include "molecule/dna.h"

enum { SAMPLES = 600, WIDTH = 70, CLASSES = 4 };

static struct model *model_of(const char *dna)
{
    struct diags diags = {0};
    struct molecule *molecule = dna_decode(str_of(dna), &elements, SPAN_NONE, &diags);
    assert_non_null(molecule);
    struct model *model = model_create(molecule, WIDTH, NULL, 7, &diags);
    assert_non_null(model);
    molecule_release(molecule);
    diags_release(&diags);
    return model;
}

/* The same with every connection of sparse layers multiplied by itself; returns how many layers that changed. */
static unsigned store_connections(struct model *model)
{
    unsigned changed = 0;
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        struct plan_op *op = &model->plan->ops[i];
        changed += op->kind == PLAN_SPARSE && op->kernel != PLAN_KERNEL_STORED;
        if (op->kind == PLAN_SPARSE)
            op->kernel = PLAN_KERNEL_STORED;
    }
    return changed;
}

static void test_plan_takes_the_faster(void **state)
{
    (void)state;
    struct model *model = model_of("R100%30-R100%50-R100-O4%90[head=softmax]");
    const struct plan *plan = model->plan;
    const uint8_t wanted[] = {PLAN_KERNEL_STORED, PLAN_KERNEL_OWN, PLAN_KERNEL_OWN, PLAN_KERNEL_OWN};
    const uint64_t live[] = {2100, 5000, 10000, 360};
    for (uint32_t i = 0; i < 4; i++) {
        const struct plan_op *op = &plan->ops[i + 1];
        assert_int_equal(op->kind, op->weight_count < (uint64_t)op->width * op->depth ? PLAN_SPARSE : PLAN_DENSE);
        if (op->kernel != PLAN_KERNEL_BLAS) /* where registers are narrow, the library's begins early */
            assert_int_equal(op->kernel, wanted[i]);
        assert_int_equal(op->weight_count, live[i]);
    }
    assert_int_equal(plan->trained_count, 2100 + 5000 + 10000 + 360 + 304); /* only what exists is counted, learns, and is saved */
    model_release(model);
    for (int side = -1; side <= 1; side += 2) { /* on either side of the border */
        char dna[64];
        snprintf(dna, sizeof dna, "R100%%%d-O4[head=softmax]", (int)lround(100 * SPARSE_MOST) + (side < 0 ? 0 : 1));
        model = model_of(dna);
        assert_true((model->plan->ops[1].kernel == PLAN_KERNEL_STORED) == (side < 0));
        model_release(model);
    }
}

/* Largest difference, by the largest size. */
static double apart(const float *a, const float *b, size_t n)
{
    double most = 0, size = 1e-30;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)a[i] - (double)b[i]));
        size = fmax(size, fabs((double)a[i]));
    }
    return most / size;
}

/* Layers of all kinds in all places: in a chain, in branches, behind a sum, in a skip with a projection, before what looks at
   batches, frozen, with an element that learns, at the end. The second is so wide that the matrix library multiplies it. */
static const char *const networks[] = {
    "R40%50-T33%95-O4[head=softmax]",
    "(R31%60|T20%10|Pr17%45)-Bn-(G24%80+W24)-Ln-~S15%70-T30%50[lr_scale=0]-~(R30%40-T30)-O4%75[head=softmax]",
    "R1200%50-R1100%45-O4%60[head=softmax]",
};

static void test_gradients_agree(void **state)
{
    (void)state;
    blas_single_thread();
    struct prepared *data = fixture_noise(SAMPLES, WIDTH, CLASSES);
    const struct train_options options = train_options_default();
    uint32_t rows[SAMPLES];
    for (uint32_t i = 0; i < SAMPLES; i++)
        rows[i] = i;
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++) {
        struct model *models[] = {model_of(networks[n]), model_of(networks[n])};
        assert_true(store_connections(models[1]) >= 2);
        struct gradient_pass passes[2];
        const uint32_t count = n == 2 ? 100 : SAMPLES; /* in several chunks, whose gradients are added */
        for (int i = 0; i < 2; i++) {
            assert_true(gradient_pass_init(&passes[i], models[i], &data->train, &options, NULL, count, true));
            gradient_pass_run(&passes[i], rows, count, NULL, NULL);
        }
        assert_true(apart(passes[0].workspace.gradient, passes[1].workspace.gradient, models[0]->plan->trained_count) < 2e-5);
        for (int i = 0; i < 2; i++) {
            gradient_pass_release(&passes[i]);
            model_release(models[i]);
        }
    }
    prepared_release(data);
}

/* Decay, penalties and moments are of stored weights alone, so that no step wakes what is absent. */
static void test_trainings_agree(void **state)
{
    (void)state;
    struct prepared *data = fixture_noise(SAMPLES, WIDTH, CLASSES);
    static const enum optimizer_kind kinds[] = {OPTIMIZER_SGD,   OPTIMIZER_MOMENTUM, OPTIMIZER_RMSPROP, OPTIMIZER_ADAM,
                                                OPTIMIZER_ADAMW, OPTIMIZER_LION,     OPTIMIZER_RPROP};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct train_options options = train_options_default();
        options.optimizer = kinds[k];
        options.epochs = kinds[k] == OPTIMIZER_LION || kinds[k] == OPTIMIZER_RPROP ? 1 : 3; /* they step by signs: noise grows */
        options.batch = k % 2 ? 100 : 0;
        options.l1 = 1e-4;
        options.l2 = 1e-3;
        options.weight_decay = 0.05;
        struct training *trainings[2];
        for (int i = 0; i < 2; i++) {
            struct diags diags = {0};
            struct model *model = model_of(networks[0]);
            if (i == 1)
                assert_int_equal(store_connections(model), 2);
            trainings[i] = train_model(model, data, &options, NULL, &diags);
            assert_non_null(trainings[i]);
        }
        const size_t count = trainings[0]->model->plan->param_count;
        assert_true(apart(trainings[0]->model->params, trainings[1]->model->params, count) < 1e-4);
        for (int i = 0; i < 2; i++)
            training_release(trainings[i]);
    }
    prepared_release(data);
}

/* A product with a row of zeros between others adds nothing, not even rounding. */
static void test_same_bits_forward(void **state)
{
    (void)state;
    struct prepared *data = fixture_noise(SAMPLES, WIDTH, CLASSES);
    struct model *models[] = {model_of(networks[0]), model_of(networks[0])};
    assert_int_equal(store_connections(models[1]), 2);
    float *out[] = {mem_floats(SAMPLES * CLASSES), mem_floats(SAMPLES * CLASSES)};
    for (int i = 0; i < 2; i++) {
        assert_true(model_predict(models[i], data->train.x, SAMPLES, out[i]));
        model_release(models[i]);
    }
    assert_memory_equal(out[0], out[1], SAMPLES * CLASSES * sizeof(float));
    mem_free_floats(out[0]);
    mem_free_floats(out[1]);
    prepared_release(data);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct model *model = model_of(networks[0]);
    struct workspace workspace;
    assert_true(workspace_init(&workspace, model->plan, 64, true));
    assert_non_null(workspace.spread);
    workspace_release(&workspace);
    for (long n = 0; n < 5; n++) {
        mem_fail_after(n);
        assert_false(workspace_init(&workspace, model->plan, 64, true));
        mem_fail_after(-1);
        workspace_release(&workspace);
    }
    model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plan_takes_the_faster), cmocka_unit_test(test_gradients_agree),
                                       cmocka_unit_test(test_trainings_agree), cmocka_unit_test(test_same_bits_forward),
                                       cmocka_unit_test(test_memory_is_bounded)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
