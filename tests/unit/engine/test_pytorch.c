/* The engine beside an independent framework: from the same weights on the same batches the losses of fifty steps are those that
   PyTorch found (pytorch.json, made by pytorch.py), for every element, loss, norm, optimiser and schedule that both have; and, of some,
   what the trained network says in inference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cJSON.h>

#include "engine/objective.h"
#include "engine/optimizer.h"
#include "fixture.h"
#include "molecule/dna.h"
#include "some_losses.h"
#include "support/file.h"

#define TOLERANCE 1e-4 /* relative, or of a thousandth of the first loss where that is more */

static const struct {
    const char *name;
    enum loss_kind loss;
    enum head head;
    const char *values; /* which targets of the file; NULL: labels */
    float smoothing;
    bool weighted;
} losses[] = {
    {"cross_entropy", LOSS_CROSS_ENTROPY, HEAD_SOFTMAX, NULL, 0, false},
    {"smoothed", LOSS_CROSS_ENTROPY, HEAD_SOFTMAX, NULL, 0.1F, false},
    {"weighted", LOSS_CROSS_ENTROPY, HEAD_SOFTMAX, NULL, 0, true},
    {"shares", LOSS_CROSS_ENTROPY, HEAD_SOFTMAX, "shares", 0, false},
    {"binary_cross_entropy", LOSS_BINARY_CROSS_ENTROPY, HEAD_SIGMOID, NULL, 0, false},
    {"binary_smoothed", LOSS_BINARY_CROSS_ENTROPY, HEAD_SIGMOID, NULL, 0.1F, false},
    {"binary_weighted", LOSS_BINARY_CROSS_ENTROPY, HEAD_SIGMOID, NULL, 0, true},
    {"binary_shares", LOSS_BINARY_CROSS_ENTROPY, HEAD_SIGMOID, "shares", 0, false},
    {"brier", LOSS_MSE, HEAD_SOFTMAX, NULL, 0, false},
    {"sigmoid_mae", LOSS_MAE, HEAD_SIGMOID, "shares", 0, false},
    {"hinge", LOSS_HINGE, HEAD_LINEAR, NULL, 0, false},
    {"mse", LOSS_MSE, HEAD_LINEAR, "values", 0, false},
    {"mae", LOSS_MAE, HEAD_LINEAR, "values", 0, false},
    {"huber", LOSS_HUBER, HEAD_LINEAR, "values", 0, false},
    {"pinball", LOSS_FORMULA, HEAD_LINEAR, "values", 0, false},
    {"log_cosh", LOSS_FORMULA, HEAD_LINEAR, "values", 0, false},
};

static const struct {
    const char *name;
    enum optimizer_kind kind;
    double beta2;
    bool nesterov;
} optimizers[] = {
    {"sgd", OPTIMIZER_SGD, 0, false},          {"momentum", OPTIMIZER_MOMENTUM, 0, false},
    {"nesterov", OPTIMIZER_MOMENTUM, 0, true}, {"rmsprop", OPTIMIZER_RMSPROP, 0.99, false},
    {"adam", OPTIMIZER_ADAM, 0.999, false},    {"adamw", OPTIMIZER_ADAMW, 0.999, false},
    {"rprop", OPTIMIZER_RPROP, 0, false},
};

static const struct {
    const char *name;
    struct schedule schedule;
} schedules[] = {
    {"constant", {.kind = SCHEDULE_CONSTANT}},
    {"stepwise", {.kind = SCHEDULE_STEPWISE, .factor = 0.5, .every = 10}},
    {"exponential", {.kind = SCHEDULE_EXPONENTIAL, .factor = 0.95}},
    {"cosine", {.kind = SCHEDULE_COSINE}},
    {"cosine_warmup", {.kind = SCHEDULE_COSINE, .warmup = 10}},
    {"one_cycle", {.kind = SCHEDULE_ONE_CYCLE}},
    {"plateau", {.kind = SCHEDULE_PLATEAU, .factor = 0.5, .patience = 2}},
};

#define FIND(table, wanted)                                                                                                        \
    ({                                                                                                                             \
        size_t found = 0;                                                                                                          \
        while (found < sizeof(table) / sizeof *(table) && strcmp((table)[found].name, (wanted)) != 0)                              \
            found++;                                                                                                               \
        assert_true(found < sizeof(table) / sizeof *(table));                                                                      \
        found;                                                                                                                     \
    })

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

static double number_of(const cJSON *object, const char *key)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItem(object, key));
}

static size_t read_floats(const cJSON *list, float *to)
{
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) to[count++] = (float)cJSON_GetNumberValue(item);
    return count;
}

static struct plan *read_plan(const cJSON *wanted, enum head head, const struct elements *elements, struct molecule **molecule)
{
    struct diags diags = {0};
    struct molecule *body = dna_decode(str_of(text_of(wanted, "dna")), elements, SPAN_NONE, &diags);
    assert_non_null(body);
    *molecule = molecule_with_output(body, fixture_out((uint32_t)number_of(wanted, "outputs"), head), &diags);
    struct graph *graph = graph_build(*molecule, 3, &diags);
    struct plan *plan = plan_compile(graph, 0, &diags);
    assert_non_null(plan);
    graph_release(graph);
    molecule_release(body);
    return plan;
}

/* The tensors of the file in the order of the ops. */
static float *read_params(const cJSON *wanted, const struct plan *plan)
{
    float *params = mem_floats(plan->param_count);
    const cJSON *tensor = cJSON_GetObjectItem(wanted, "tensors")->child;
    plan_initialise(plan, 0, params);
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const size_t parts[] = {plan->ops[i].weights, plan->ops[i].bias, plan->ops[i].learned};
        for (size_t k = 0; k < 3; k++)
            if (parts[k] != PLAN_NONE && (k < 2 || (plan->ops[i].element && plan->ops[i].element->learned_count))) {
                read_floats(tensor, params + parts[k]);
                tensor = tensor->next;
            }
    }
    assert_null(tensor);
    return params;
}

static struct samples read_samples(const cJSON *data, const char *values, uint32_t outputs, float *x, float *y, int32_t *labels)
{
    struct samples samples = {.width = 3, .outputs = outputs, .x = x};
    samples.count = (uint32_t)(read_floats(cJSON_GetObjectItem(data, "x"), x) / 3);
    const cJSON *label = cJSON_GetObjectItem(data, "labels")->child;
    for (uint32_t i = 0; i < samples.count; i++, label = label->next)
        labels[i] = outputs == 1 ? label->valueint == 1 : label->valueint;
    if (values)
        read_floats(cJSON_GetObjectItem(data, values), y);
    samples.labels = values ? NULL : labels;
    samples.y = values ? y : NULL;
    return samples;
}

/* The losses that are formulas. */
static void choose_formula(const char *name, struct losses *losses_made, struct train_options *options)
{
    if (strcmp(name, "pinball") == 0)
        loss_choose(options, losses_add_pinball(losses_made), (const double[]){0.9});
    if (strcmp(name, "log_cosh") == 0)
        loss_choose(options, losses_add_log_cosh(losses_made), NULL);
}

/* What the trained network says of all samples, its norms by their running figures. */
static void compare_trained(const cJSON *wanted, const struct molecule *molecule, struct plan *plan, float *params,
                            const struct samples *samples)
{
    const cJSON *expected = cJSON_GetObjectItem(wanted, "outputs_trained");
    float found[120];
    if (!expected)
        return;
    const struct model model = {.molecule = molecule, .plan = plan, .params = params};
    assert_true(model_predict(&model, samples->x, samples->count, found));
    assert_int_equal(cJSON_GetArraySize(expected), samples->count * samples->outputs);
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, expected)
    {
        if (!(fabs((double)found[i] - item->valuedouble) <= TOLERANCE * fmax(fabs(item->valuedouble), 0.1)))
            fail_msg("%s: output %zu of the trained network is %.7g, PyTorch's %.7g", text_of(wanted, "name"), i, (double)found[i],
                     item->valuedouble);
        i++;
    }
}

static void repeat(const cJSON *data, const cJSON *wanted, const struct elements *elements)
{
    const size_t loss = FIND(losses, text_of(wanted, "loss")), kind = FIND(optimizers, text_of(wanted, "optimizer"));
    const uint32_t batch = (uint32_t)number_of(wanted, "batch");
    float x[120], y[120], class_weights[3];
    int32_t labels[40];
    const struct samples samples = read_samples(data, losses[loss].values, (uint32_t)number_of(wanted, "outputs"), x, y, labels);
    read_floats(cJSON_GetObjectItem(data, "class_weights"), class_weights);
    struct train_options options = train_options_default();
    options.optimizer = optimizers[kind].kind;
    options.beta2 = optimizers[kind].beta2;
    options.nesterov = optimizers[kind].nesterov;
    options.lr = number_of(wanted, "lr");
    options.clip = number_of(wanted, "clip");
    options.l2 = number_of(wanted, "l2");
    options.l1 = cJSON_GetObjectItem(wanted, "l1") ? number_of(wanted, "l1") : 0;
    options.weight_decay = 0.1;
    options.schedule = schedules[FIND(schedules, text_of(wanted, "schedule"))].schedule;
    struct losses formulas = {0};
    struct loss_kernel loss_kernel;
    choose_formula(losses[loss].name, &formulas, &options);
    assert_true(loss_kernel_init(&loss_kernel, &options));
    const struct objective objective = {.head = losses[loss].head,
                                        .loss = losses[loss].loss,
                                        .huber_delta = 0.7F,
                                        .smoothing = losses[loss].smoothing,
                                        .class_weights = losses[loss].weighted ? class_weights : NULL,
                                        .formula = &loss_kernel};
    struct molecule *molecule;
    struct plan *plan = read_plan(wanted, objective.head, elements, &molecule);
    float *params = read_params(wanted, plan);
    struct workspace workspace;
    struct targets targets;
    struct optimizer optimizer;
    struct schedule_state schedule = schedule_begin();
    assert_true(workspace_init(&workspace, plan, batch, true) && targets_init(&targets, &workspace, &objective, samples.labels) &&
                optimizer_init(&optimizer, plan, &options));
    workspace.params = workspace.running = params;
    const cJSON *expected = cJSON_GetObjectItem(wanted, "losses")->child;
    const double scale = fabs(expected->valuedouble);
    for (uint32_t step = 0; expected; step++, expected = expected->next) {
        uint32_t rows[40];
        struct tally tally = {0};
        for (uint32_t i = 0; i < batch; i++)
            rows[i] = (step * batch + i) % samples.count;
        workspace_load(&workspace, samples.x, rows, batch);
        targets_load(&targets, &workspace, &objective, &samples, rows);
        workspace_forward(&workspace);
        objective_run(&objective, &workspace, &targets, 1.0F / (float)batch, &tally);
        workspace_backward(&workspace, false);
        optimizer_step(&optimizer, params, workspace.gradient, schedule_factor(&options.schedule, &schedule, step, 1, 50));
        const double found = tally.loss / batch, target = expected->valuedouble;
        schedule_look(&options.schedule, &schedule, found);
        if (!(fabs(found - target) <= TOLERANCE * fmax(fabs(target), 1e-3 * scale)))
            fail_msg("%s: the loss of step %u is %.7g, PyTorch's %.7g", text_of(wanted, "name"), step, found, target);
    }
    compare_trained(wanted, molecule, plan, params, &samples);
    optimizer_release(&optimizer);
    targets_release(&targets);
    loss_kernel_release(&loss_kernel);
    losses_release(&formulas);
    workspace_release(&workspace);
    mem_free_floats(params);
    plan_release(plan);
    molecule_release(molecule);
}

static void test_cases(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    struct diags diags = {0};
    struct text file = {0};
    assert_true(file_read(NEL_SOURCE "/tests/unit/engine/pytorch.json", (size_t)1 << 24, &file, &diags, SPAN_NONE));
    cJSON *json = cJSON_Parse(text_chars(&file));
    assert_non_null(json);
    int cases = 0;
    const cJSON *wanted;
    cJSON_ArrayForEach(wanted, cJSON_GetObjectItem(json, "cases"))
    {
        repeat(cJSON_GetObjectItem(json, "data"), wanted, &elements);
        cases++;
    }
    assert_true(cases >= 60);
    cJSON_Delete(json);
    text_release(&file);
    elements_release(&elements);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
