/* The table of elements: what may be added, and what is derived from an element's formula. */
#include "molecule/element.h"

#include <math.h>
#include <string.h>

#include "molecule/trait.h"
#include "support/hash.h"
#include "support/memory.h"
#include "support/vec.h"

/* Symbols that name other genes (dna.h). */
static const char *const reserved[] = {"H", "I", "O", "D", "Bn", "Ln", "Gt", "Sc"};

static bool symbol_is_formed(struct str symbol)
{
    return symbol.len > 0 && symbol.len <= 2 && symbol.at[0] >= 'A' && symbol.at[0] <= 'Z' &&
           (symbol.len == 1 || (symbol.at[1] >= 'a' && symbol.at[1] <= 'z'));
}

/* The place of a well-formed symbol in the table of them. */
static size_t symbol_slot(struct str symbol)
{
    return (size_t)(symbol.at[0] - 'A') * 27 + (symbol.len == 2 ? (size_t)(symbol.at[1] - 'a') + 1 : 0);
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
    if (!symbol_is_formed(str_of(element->symbol))) {
        diag_help(diag_error(diags, element->symbol_span, "`%s` is no DNA symbol", element->symbol),
                  "a capital letter, or one and a small letter: \"R\", \"Lr\"");
        return false;
    }
    if (symbol_is_reserved(element->symbol)) {
        diag_help(diag_error(diags, element->symbol_span, "the symbol `%s` is reserved", element->symbol),
                  "H, I, O, D, Bn, Ln, Gt and Sc name other genes");
        return false;
    }
    const struct element *holder = elements_by_symbol(elements, str_of(element->symbol));
    if (holder && strcmp(holder->name, element->name) != 0) {
        diag_help(diag_error(diags, element->symbol_span, "the symbol `%s` belongs to `%s`", element->symbol, holder->name),
                  "choose another symbol");
        return false;
    }
    return true;
}

/* A parameter is written as `relu(8, slope: 0.1)` and as `[slope=0.1]`, beside the traits that every layer has. */
static bool check_param(const struct element *element, unsigned index, struct diags *diags)
{
    const struct element_param *param = &element->params[index];
    bool formed = param->name[0] >= 'a' && param->name[0] <= 'z';
    for (const char *c = param->name; *c; c++)
        formed = formed && ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_');
    if (!formed) {
        diag_help(diag_error(diags, param->span, "`%s` cannot be the name of a parameter", param->name),
                  "small letters, digits and `_`: it is a trait in DNA");
        return false;
    }
    if (trait_find(str_of(param->name)) || strcmp(param->name, "width") == 0) {
        diag_help(diag_error(diags, param->span, "every layer has a trait `%s` already", param->name),
                  "choose another name for the parameter");
        return false;
    }
    for (unsigned i = 0; i < index; i++)
        if (strcmp(element->params[i].name, param->name) == 0) {
            diag_error(diags, param->span, "two parameters of `%s` are called `%s`", element->name, param->name);
            return false;
        }
    return true;
}

static bool check_params(const struct element *element, struct diags *diags)
{
    bool well = true;
    for (unsigned i = 0; i < element->param_count; i++)
        well = check_param(element, i, diags) && well;
    return well;
}

/* Slopes by x and by each learned parameter; what simplifying left behind is dropped before and after. */
static bool derive_slopes(struct element *element, struct diags *diags)
{
    formula_id roots[2 + LIMIT_ELEMENT_PARAMETERS];
    size_t count = 0;
    struct formula *formula = &element->formula;
    formula_trim(formula, &element->value, 1);
    roots[count++] = element->value;
    roots[count++] = formula_derive(formula, element->value, FORMULA_X, 0);
    for (unsigned i = 0; i < element->param_count; i++)
        if (element->params[i].learned)
            roots[count++] = formula_derive(formula, element->value, FORMULA_PARAM, i);
    for (size_t i = 0; i < count; i++) {
        if (roots[i] != FORMULA_FAILED)
            continue;
        if (formula->count < LIMIT_FORMULA_NODES)
            return diag_out_of_memory(diags, element->span);
        diag_error(diags, element->span, "the derivative of `%s` has more than %d operations", element->name, LIMIT_FORMULA_NODES);
        return false;
    }
    formula_trim(formula, roots, count);
    element->value = roots[0];
    element->slope = roots[1];
    for (unsigned i = 0, next = 2; i < element->param_count; i++)
        if (element->params[i].learned)
            element->param_slope[i] = roots[next++];
    return true;
}

static double at(const struct element *element, formula_id node, double x)
{
    double params[LIMIT_ELEMENT_PARAMETERS];
    for (unsigned i = 0; i < element->param_count; i++)
        params[i] = element->params[i].initial;
    return formula_evaluate(&element->formula, node, x, params);
}

/* Rectified elements pass what is far above 0 as it is and little of what is far below: half the variance is lost, which He's
   initialisation makes good (He et al. 2015). Decided at two points: relu, leaky_relu, elu, gelu, swish, mish and softplus are;
   selu, which keeps the variance by itself, has a slope of 1.05 and is not. */
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
    bool named = check_symbol(elements, element, diags);
    if (!check_params(element, diags) || !named || !derive_slopes(element, diags))
        return false;
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
    elements->by_symbol[symbol_slot(str_of(own->symbol))] = own;
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
    return symbol_is_formed(symbol) ? elements->by_symbol[symbol_slot(symbol)] : NULL;
}

void elements_borrow(struct elements *elements, const struct element *element)
{
    elements->by_symbol[symbol_slot(str_of(element->symbol))] = element;
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

bool element_is_linear(const struct element *element)
{
    return element->formula.nodes[element->value].op == FORMULA_X;
}

bool element_learns(const struct element *element)
{
    for (unsigned i = 0; i < element->param_count; i++)
        if (element->params[i].learned)
            return true;
    return false;
}
