/* The table of elements. */
#include "molecule/element.h"

#include <math.h>
#include <string.h>

#include "support/hash.h"
#include "support/memory.h"
#include "support/vec.h"

/* Symbols that name other genes (dna.h). */
static const char *const reserved[] = {"I", "O", "D", "Bn", "Ln", "Gt", "Sc"};

static bool symbol_is_formed(const char *symbol)
{
    bool capital = symbol[0] >= 'A' && symbol[0] <= 'Z';
    bool small = symbol[1] == '\0' || (symbol[1] >= 'a' && symbol[1] <= 'z' && symbol[2] == '\0');
    return capital && small;
}

static bool symbol_is_reserved(const char *symbol)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], symbol) == 0)
            return true;
    return false;
}

static bool check_symbol(const struct elements *elements, const struct element *element, struct diags *diags)
{
    if (!symbol_is_formed(element->symbol)) {
        diag_help(diag_error(diags, element->span, "`%s` is no DNA symbol", element->symbol),
                  "a capital letter, or one and a small letter: \"R\", \"Lr\"");
        return false;
    }
    if (symbol_is_reserved(element->symbol)) {
        diag_help(diag_error(diags, element->span, "the symbol `%s` is reserved", element->symbol),
                  "I, O, D, Bn, Ln, Gt and Sc name other genes");
        return false;
    }
    const struct element *holder = elements_by_symbol(elements, str_of(element->symbol));
    if (holder && strcmp(holder->name, element->name) != 0) {
        diag_help(diag_error(diags, element->span, "the symbol `%s` belongs to `%s`", element->symbol, holder->name),
                  "choose another symbol");
        return false;
    }
    return true;
}

/* Slopes by x and by every learned parameter. */
static bool derive_slopes(struct element *element)
{
    element->slope = formula_derive(&element->formula, element->value, FORMULA_X, 0);
    bool well = element->slope != FORMULA_FAILED;
    for (unsigned i = 0; well && i < element->param_count; i++) {
        element->param_slope[i] = formula_derive(&element->formula, element->value, FORMULA_PARAM, i);
        well = element->param_slope[i] != FORMULA_FAILED;
    }
    return well;
}

static double at(const struct element *element, formula_id node, double x)
{
    double params[LIMIT_ELEMENT_PARAMETERS];
    for (unsigned i = 0; i < element->param_count; i++)
        params[i] = element->params[i].initial;
    return formula_evaluate(&element->formula, node, x, params);
}

/* Rectified elements pass what is far above 0 as it is and little of what is far below: half the variance is lost, which He's
   initialisation makes good (He et al. 2015). SELU keeps the variance by itself and its slope above 0 is not 1. */
#define FAR 20.0
static bool is_rectified(const struct element *element)
{
    return fabs(at(element, element->slope, FAR) - 1) < 0.01 &&
           fabs(at(element, element->value, -FAR)) < 0.5 * fabs(at(element, element->value, FAR));
}

static bool is_flat(const struct element *element)
{
    const struct formula_node *slope = &element->formula.nodes[element->slope];
    return slope->op == FORMULA_NUMBER && slope->value == 0;
}

static uint64_t hash_of(const struct element *element)
{
    uint64_t hash = hash_bytes(HASH_START, element->name, strlen(element->name));
    hash = hash_bytes(hash, element->symbol, strlen(element->symbol));
    hash = hash_u64(hash, formula_hash(&element->formula, element->value));
    for (unsigned i = 0; i < element->param_count; i++) {
        hash = hash_bytes(hash, element->params[i].name, strlen(element->params[i].name));
        hash = hash_double(hash, element->params[i].initial);
        hash = hash_u64(hash, element->params[i].learned);
    }
    return hash;
}

static bool finish(const struct elements *elements, struct element *element, struct diags *diags)
{
    if (!check_symbol(elements, element, diags))
        return false;
    if (!derive_slopes(element)) {
        diag_error(diags, element->span, "the derivative of `%s` has more than %d operations", element->name, LIMIT_FORMULA_NODES);
        return false;
    }
    element->rectified = is_rectified(element);
    element->flat = is_flat(element);
    element->hash = hash_of(element);
    return true;
}

const struct element *elements_add(struct elements *elements, struct element *element, struct diags *diags)
{
    if (!finish(elements, element, diags)) {
        element_clear(element);
        return NULL;
    }
    struct element *own = mem_alloc(sizeof *own);
    if (!own || !vec_push(elements, own)) {
        diag_out_of_memory(diags, element->span);
        mem_free(own);
        element_clear(element);
        return NULL;
    }
    *own = *element;
    *element = (struct element){0};
    return own;
}

/* The latest of a name or symbol counts: it shadows those before it. */
const struct element *elements_by_name(const struct elements *elements, struct str name)
{
    for (size_t i = elements->count; i-- > 0;)
        if (str_is(name, elements->at[i]->name))
            return elements->at[i];
    return NULL;
}

const struct element *elements_by_symbol(const struct elements *elements, struct str symbol)
{
    for (size_t i = elements->count; i-- > 0;)
        if (str_is(symbol, elements->at[i]->symbol))
            return elements->at[i];
    return NULL;
}

void element_clear(struct element *element)
{
    formula_release(&element->formula);
    for (unsigned i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        mem_free(element->params[i].name);
    mem_free(element->name);
    mem_free(element->doc);
    *element = (struct element){0};
}

void elements_release(struct elements *elements)
{
    for (size_t i = 0; i < elements->count; i++) {
        element_clear(elements->at[i]);
        mem_free(elements->at[i]);
    }
    vec_release(elements);
}
