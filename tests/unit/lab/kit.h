/* What tests of searches need: a few elements, molecules from DNA, small data. */
#ifndef NEL_TESTS_LAB_KIT_H
#define NEL_TESTS_LAB_KIT_H

#include "data/toys.h"
#include "engine/train.h"
#include "molecule/dna.h"
#include "molecule/rewrite.h"
#include "support/memory.h"

struct kit {
    struct elements elements;
    const struct element *relu, *tanh, *linear;
    struct prepared *data;
    struct diags diags;
};

static inline const struct element *kit_element(struct kit *kit, const char *name, const char *symbol, enum formula_op op)
{
    struct element element = {.name = mem_copy_text(name, strlen(name)), .doc = mem_copy_text("", 0)};
    strcpy(element.symbol, symbol);
    formula_id x = formula_x(&element.formula);
    element.value = op == FORMULA_X     ? x
                    : op == FORMULA_MAX ? formula_apply(&element.formula, op, formula_number(&element.formula, 0), x, 0)
                                        : formula_apply(&element.formula, op, x, 0, 0);
    const struct element *added = elements_add(&kit->elements, &element, &kit->diags);
    assert_non_null(added);
    return added;
}

/* A toy, split in 60 % for training, 20 % for validation and the rest. */
static inline void kit_init(struct kit *kit, const char *toy_name, uint32_t n)
{
    *kit = (struct kit){0};
    kit->linear = kit_element(kit, "linear", "L", FORMULA_X);
    kit->relu = kit_element(kit, "relu", "R", FORMULA_MAX);
    kit->tanh = kit_element(kit, "tanh", "T", FORMULA_TANH);
    const struct toy *toy = toy_find(str_of(toy_name));
    assert_non_null(toy);
    struct toy_args args = {.n = n, .noise = toy->noise, .seed = 1};
    struct dataset *dataset = toy_make(toy, &args, SPAN_NONE, &kit->diags);
    assert_non_null(dataset);
    struct split *split = dataset_split(dataset, 0.6, 0.2, 1, SPAN_NONE, &kit->diags);
    assert_non_null(split);
    kit->data = prepare(split, VALIDATION_SHARE, 1, SPAN_NONE, &kit->diags);
    assert_non_null(kit->data);
    split_release(split);
    dataset_release(dataset);
}

static inline void kit_release(struct kit *kit)
{
    prepared_release(kit->data);
    elements_release(&kit->elements);
    diags_release(&kit->diags);
}

static inline struct molecule *kit_molecule(struct kit *kit, const char *dna)
{
    struct molecule *molecule = dna_decode(str_of(dna), &kit->elements, SPAN_NONE, &kit->diags);
    assert_non_null(molecule);
    return molecule;
}

static inline bool says(const struct diags *diags, const char *what)
{
    for (size_t i = 0; i < diags->count; i++)
        if (strstr(diags->at[i].message, what) != NULL)
            return true;
    return false;
}

#endif
