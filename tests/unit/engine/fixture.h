/* What the engine's tests share: the periodic table built by hand (stdlib/elements.nel is written in NEL, above this
   floor), and data made on the spot. */
#ifndef NEL_TESTS_ENGINE_FIXTURE_H
#define NEL_TESTS_ENGINE_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "data/toys.h"
#include "engine/train.h"
#include "molecule/element.h"
#include "support/memory.h"
#include "support/random.h"

/* Moons, 60 % to train on, a fifth each to validate and to test; the caller's reference. */
static inline struct prepared *fixture_moons(uint32_t n, double noise)
{
    struct diags diags = {0};
    struct dataset *dataset =
        toy_make(toy_find(STR("moons")), &(struct toy_args){.n = n, .noise = noise, .seed = 1}, SPAN_NONE, &diags);
    struct split *split = dataset_split(dataset, 0.6, 0.2, 1, SPAN_NONE, &diags);
    struct prepared *prepared = prepare(split, 0, 0, SPAN_NONE, &diags);
    assert_non_null(prepared);
    split_release(split);
    dataset_release(dataset);
    return prepared;
}

/* Samples that tell nothing: inputs from -1 to 1 and classes, all drawn; no validation and no test part. The caller's reference. */
static inline struct prepared *fixture_noise(uint32_t count, uint32_t width, uint32_t classes)
{
    struct prepared *data = mem_alloc(sizeof *data);
    assert_non_null(data);
    data->references = 1;
    data->train = (struct samples){.count = count, .width = width, .outputs = classes};
    data->train.x = mem_floats((size_t)count * width);
    data->train.labels = mem_array(count, sizeof *data->train.labels);
    assert_true(data->train.x && data->train.labels);
    struct random random = random_stream(1, RANDOM_TEST, 0);
    for (size_t i = 0; i < (size_t)count * width; i++)
        data->train.x[i] = (float)random_between(&random, -1, 1);
    for (uint32_t i = 0; i < count; i++)
        data->train.labels[i] = (int32_t)random_below(&random, classes);
    return data;
}

#define NODE(op, a, b, c) formula_apply(f, op, a, b, c)
#define NUMBER(value)     formula_number(f, value)

static inline void fixture_add(struct elements *table, const char *name, const char *symbol, formula_id (*make)(struct formula *f),
                               double param, bool learned)
{
    struct element element = {.name = mem_copy_text(name, strlen(name)), .doc = mem_copy_text("", 0)};
    struct diags diags = {0};
    snprintf(element.symbol, sizeof element.symbol, "%s", symbol);
    element.value = make(&element.formula);
    if (!isnan(param)) {
        element.params[0] = (struct element_param){.name = mem_copy_text("a", 1), .initial = param, .learned = learned};
        element.param_count = 1;
    }
    assert_non_null(elements_add(table, &element, &diags));
    assert_int_equal(diags.errors, 0);
    diags_release(&diags);
}

static inline formula_id make_linear(struct formula *f)
{
    return formula_x(f);
}
static inline formula_id make_relu(struct formula *f)
{
    return NODE(FORMULA_MAX, NUMBER(0), formula_x(f), 0);
}
static inline formula_id make_leaky_relu(struct formula *f)
{
    const formula_id x = formula_x(f);
    return NODE(FORMULA_SELECT, NODE(FORMULA_LT, NUMBER(0), x, 0), x, NODE(FORMULA_MUL, formula_param(f, 0), x, 0));
}
static inline formula_id below_zero(struct formula *f)
{
    return NODE(FORMULA_SUB, NODE(FORMULA_EXP, formula_x(f), 0, 0), NUMBER(1), 0);
}
static inline formula_id make_elu(struct formula *f)
{
    const formula_id x = formula_x(f);
    return NODE(FORMULA_SELECT, NODE(FORMULA_LT, NUMBER(0), x, 0), x, NODE(FORMULA_MUL, formula_param(f, 0), below_zero(f), 0));
}
static inline formula_id make_selu(struct formula *f)
{
    const formula_id x = formula_x(f), below = NODE(FORMULA_MUL, NUMBER(1.6732632423543772), below_zero(f), 0);
    return NODE(FORMULA_MUL, NUMBER(1.0507009873554805), NODE(FORMULA_SELECT, NODE(FORMULA_LT, NUMBER(0), x, 0), x, below), 0);
}
static inline formula_id make_gelu(struct formula *f)
{
    const formula_id x = formula_x(f), erf_ = NODE(FORMULA_ERF, NODE(FORMULA_DIV, x, NODE(FORMULA_SQRT, NUMBER(2), 0, 0), 0), 0, 0);
    return NODE(FORMULA_MUL, NODE(FORMULA_MUL, NUMBER(0.5), x, 0), NODE(FORMULA_ADD, NUMBER(1), erf_, 0), 0);
}
static inline formula_id make_swish(struct formula *f)
{
    return NODE(FORMULA_MUL, formula_x(f), NODE(FORMULA_SIGMOID, formula_x(f), 0, 0), 0);
}
static inline formula_id make_mish(struct formula *f)
{
    return NODE(FORMULA_MUL, formula_x(f), NODE(FORMULA_TANH, NODE(FORMULA_SOFTPLUS, formula_x(f), 0, 0), 0, 0), 0);
}
static inline formula_id make_softplus(struct formula *f)
{
    return NODE(FORMULA_SOFTPLUS, formula_x(f), 0, 0);
}
static inline formula_id make_sigmoid(struct formula *f)
{
    return NODE(FORMULA_SIGMOID, formula_x(f), 0, 0);
}
static inline formula_id make_tanh(struct formula *f)
{
    return NODE(FORMULA_TANH, formula_x(f), 0, 0);
}
static inline formula_id make_softsign(struct formula *f)
{
    return NODE(FORMULA_DIV, formula_x(f), NODE(FORMULA_ADD, NUMBER(1), NODE(FORMULA_ABS, formula_x(f), 0, 0), 0), 0);
}
static inline formula_id make_sine(struct formula *f)
{
    return NODE(FORMULA_SIN, formula_x(f), 0, 0);
}
static inline formula_id make_gaussian(struct formula *f)
{
    return NODE(FORMULA_EXP, NODE(FORMULA_NEGATE, NODE(FORMULA_POW, formula_x(f), NUMBER(2), 0), 0, 0), 0, 0);
}
static inline formula_id make_step(struct formula *f)
{
    return NODE(FORMULA_SELECT, NODE(FORMULA_LT, NUMBER(0), formula_x(f), 0), NUMBER(1), NUMBER(0));
}
/* Nobody's element: only the register program can run it. */
static inline formula_id make_wild(struct formula *f)
{
    const formula_id x = formula_x(f),
                     root = NODE(FORMULA_SQRT, NODE(FORMULA_ADD, NUMBER(1), NODE(FORMULA_POW, x, NUMBER(2), 0), 0), 0, 0);
    const formula_id bent = NODE(FORMULA_DIV, NODE(FORMULA_COS, NODE(FORMULA_MUL, NUMBER(2), x, 0), 0, 0), root, 0);
    return NODE(FORMULA_ADD, NODE(FORMULA_MUL, bent, NODE(FORMULA_LOG, NODE(FORMULA_ADD, root, NUMBER(1), 0), 0, 0), 0),
                NODE(FORMULA_MIN, NODE(FORMULA_ABS, x, 0, 0), NUMBER(1.5), 0), 0);
}

static inline struct elements fixture_elements(void)
{
    struct elements table = {0};
    fixture_add(&table, "linear", "L", make_linear, NAN, false);
    fixture_add(&table, "relu", "R", make_relu, NAN, false);
    fixture_add(&table, "leaky_relu", "Lr", make_leaky_relu, 0.01, false);
    fixture_add(&table, "prelu", "Pr", make_leaky_relu, 0.25, true);
    fixture_add(&table, "elu", "E", make_elu, 1, false);
    fixture_add(&table, "selu", "Se", make_selu, NAN, false);
    fixture_add(&table, "gelu", "G", make_gelu, NAN, false);
    fixture_add(&table, "swish", "Sw", make_swish, NAN, false);
    fixture_add(&table, "mish", "M", make_mish, NAN, false);
    fixture_add(&table, "softplus", "Sp", make_softplus, NAN, false);
    fixture_add(&table, "sigmoid", "S", make_sigmoid, NAN, false);
    fixture_add(&table, "tanh", "T", make_tanh, NAN, false);
    fixture_add(&table, "softsign", "Ss", make_softsign, NAN, false);
    fixture_add(&table, "sine", "Si", make_sine, NAN, false);
    fixture_add(&table, "gaussian", "Ga", make_gaussian, NAN, false);
    fixture_add(&table, "step", "St", make_step, NAN, false);
    fixture_add(&table, "wild", "W", make_wild, NAN, false);
    return table;
}

#undef NODE
#undef NUMBER

static inline const struct element *fixture_element(const struct elements *table, const char *name)
{
    const struct element *element = elements_by_name(table, str_of(name));
    assert_non_null(element);
    return element;
}

static inline struct gene fixture_out(uint32_t width, enum head head)
{
    struct gene gene = gene_of(GENE_OUTPUT, SPAN_NONE);
    gene.width = width;
    gene.head = (uint8_t)head;
    return gene;
}

/* A chain of atoms without indices. */
static inline struct molecule *fixture_chain(const struct gene *genes, size_t count)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    for (size_t i = 0; i < count; i++)
        builder_atom(&builder, genes[i], NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    assert_non_null(molecule);
    diags_release(&diags);
    return molecule;
}

#endif
