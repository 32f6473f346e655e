/* The traits of a layer. `struct traits` is what the engine reads; the table says what each of its members is called and may be. */
#include "molecule/trait.h"

#include <math.h>

#include "support/number.h"
#include "support/suggest.h"

#define AT(member) offsetof(struct traits, member)
#define NUMBER(member, initial, low, high, doc)                                                                                    \
    {                                                                                                                              \
#member, TRAIT_NUMBER, AT(member), initial, low, high, doc, NULL, NULL                                                     \
    }
#define SWITCH(member, initial, doc)                                                                                               \
    {                                                                                                                              \
#member, TRAIT_SWITCH, AT(member), initial, 0, 1, doc, NULL, NULL                                                          \
    }
#define WORD(member, initial, last, doc, words, noun)                                                                              \
    {                                                                                                                              \
#member, TRAIT_WORD, AT(member), initial, initial, last, doc, words, noun                                                  \
    }

/* In alphabetical order, as DNA prints them. A density below a millionth leaves a layer of a million squared connections a
   million of them: past that a layer is rather narrower. */
const struct trait_row trait_table[] = {
    SWITCH(bias, 1, "whether each neuron adds a trained constant"),
    NUMBER(density, 1, 1e-6, 1, "share of the connections that exist"),
    WORD(init, INIT_AUTO, INIT_ORTHOGONAL, "how the weights start", init_names, "initialisation"),
    NUMBER(init_scale, 1, 0, 1e6, "factor on the weights that `init` draws"),
    NUMBER(l1, 0, 0, 1e6, "weight of the sum of absolute weights in the loss"),
    NUMBER(l2, 0, 0, 1e6, "weight of the sum of squared weights in the loss"),
    NUMBER(lr_scale, 1, 0, 1e6, "factor on the learning rate; 0 freezes the layer"),
    WORD(share, SHARE_UNIFORM, SHARE_ERK, "whose the density is: the layer's own, or that of all layers with `share: erk` together",
         share_names, "share"),
};
const size_t trait_count = sizeof trait_table / sizeof trait_table[0];

const char *const init_names[] = {"auto", "he", "xavier", "lecun", "zero", "normal", "uniform", "siren", "orthogonal", NULL};
const char *const init_docs[] = {
    "he for elements that rise without bound, selu among them; xavier for the others, sine among them",
    "normal, variance 2 / inputs: for relu and its kin (He and others 2015)",
    "normal, variance 2 / (inputs + outputs): for tanh and its kin (Glorot and Bengio 2010)",
    "normal, variance 1 / inputs: for selu (LeCun and others 1998)",
    "all 0: a layer that begins as nothing, such as the last one of a graft",
    "normal, standard deviation 0.05; `init_scale: 2` makes it 0.1",
    "evenly between -0.05 and 0.05; `init_scale: 2` makes it 0.1",
    "uniform, for sine layers, the first one wider (Sitzmann and others 2020)",
    "orthogonal rows or columns (Saxe, McClelland and Ganguli 2014)",
};
const char *const share_names[] = {"uniform", "erk", NULL};
const char *const share_docs[] = {
    "each layer has that share of its connections",
    "all layers together have that share; a layer's is in proportion to (inputs + outputs) / (inputs x outputs), at most all "
    "(Mocanu "
    "and others 2018; Evci and others 2020)",
};
const char *const head_docs[] = {
    "what fits the data: softmax or sigmoid for classes, linear for values",
    "the values themselves, for regression",
    "one probability of two classes",
    "a probability for each class",
    "0 or 1, trained by the perceptron's rule (Rosenblatt 1958)",
};
const char *const head_names[] = {"auto", "linear", "sigmoid", "softmax", "step", NULL};

const struct trait_row *trait_find(struct str key)
{
    for (size_t i = 0; i < trait_count; i++)
        if (str_is(key, trait_table[i].key))
            return &trait_table[i];
    return NULL;
}

struct traits traits_default(const struct element *element)
{
    struct traits traits = {.density = 1, .lr_scale = 1, .init_scale = 1, .init = INIT_AUTO, .bias = true};
    for (unsigned i = 0; element && i < element->param_count; i++)
        traits.params[i] = element->params[i].initial;
    return traits;
}

bool traits_usual(const struct traits *traits, const struct element *element)
{
    if (traits->density != 1 || traits->lr_scale != 1 || traits->l1 != 0 || traits->l2 != 0 || traits->init != INIT_AUTO ||
        traits->init_scale != 1 || traits->share != SHARE_UNIFORM || !traits->bias)
        return false;
    for (unsigned i = 0; element && i < element->param_count; i++)
        if (traits->params[i] != element->params[i].initial)
            return false;
    return true;
}

double trait_get(const struct traits *traits, const struct trait_row *row)
{
    const char *member = (const char *)traits + row->offset;
    switch (row->kind) {
    case TRAIT_SWITCH:
        return *(const bool *)member;
    case TRAIT_WORD:
        return *(const uint8_t *)member;
    case TRAIT_NUMBER:
        break;
    }
    return *(const double *)member;
}

void trait_put(struct traits *traits, const struct trait_row *row, double value)
{
    char *member = (char *)traits + row->offset;
    switch (row->kind) {
    case TRAIT_SWITCH:
        *(bool *)member = value != 0;
        break;
    case TRAIT_WORD:
        *(uint8_t *)member = (uint8_t)value;
        break;
    case TRAIT_NUMBER:
        *(double *)member = value + 0.0; /* -0 becomes 0 */
        break;
    }
}

const struct trait_row *traits_out_of_range(const struct traits *traits)
{
    for (size_t i = 0; i < trait_count; i++) {
        double value = trait_get(traits, &trait_table[i]);
        if (!(value >= trait_table[i].low && value <= trait_table[i].high))
            return &trait_table[i];
    }
    return NULL;
}

const struct trait_row *traits_first_set(const struct traits *traits)
{
    for (size_t i = 0; i < trait_count; i++)
        if (trait_get(traits, &trait_table[i]) != trait_table[i].initial)
            return &trait_table[i];
    return NULL;
}

/* ---- setting ---- */

static int param_find(const struct element *element, struct str key)
{
    for (unsigned i = 0; element && i < element->param_count; i++)
        if (str_is(key, element->params[i].name))
            return (int)i;
    return -1;
}

static bool report_unknown(const struct element *element, struct str key, struct span span, struct diags *diags)
{
    struct suggestion near;
    struct text all = {0};
    suggest_start(&near, key);
    for (size_t i = 0; i < trait_count; i++) {
        suggest_offer(&near, str_of(trait_table[i].key));
        text_addf(&all, "%s`%s`", i > 0 ? ", " : "", trait_table[i].key);
    }
    for (unsigned i = 0; element && i < element->param_count; i++) {
        suggest_offer(&near, str_of(element->params[i].name));
        text_addf(&all, ", `%s`", element->params[i].name);
    }
    struct diag *diag = diag_error(diags, span, "unknown trait `%.*s`", STR_ARG(key));
    if (near.best.len > 0)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(near.best));
    else
        diag_help(diag, "the traits are %s", text_chars(&all));
    text_release(&all);
    return false;
}

static bool set_word(struct traits *traits, const struct trait_row *row, struct str word, struct span span, struct diags *diags)
{
    struct suggestion near;
    struct text all = {0};
    suggest_start(&near, word);
    for (size_t i = 0; row->words[i]; i++) {
        if (str_is(word, row->words[i])) {
            text_release(&all);
            trait_put(traits, row, (double)i);
            return true;
        }
        suggest_offer(&near, str_of(row->words[i]));
        text_addf(&all, "%s`%s`", i > 0 ? ", " : "", row->words[i]);
    }
    struct diag *diag = word.len > 0 ? diag_error(diags, span, "unknown %s `%.*s`", row->noun, STR_ARG(word))
                                     : diag_error(diags, span, "`%s` is a word", row->key);
    if (near.best.len > 0)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(near.best));
    else
        diag_help(diag, "one of %s", text_chars(&all));
    text_release(&all);
    return false;
}

static bool report_range(struct str key, double low, double high, double number, struct span span, struct diags *diags)
{
    struct text bounds = {0};
    number_write(&bounds, low);
    text_add(&bounds, " to ");
    number_write(&bounds, high);
    text_add(&bounds, ", not ");
    number_write(&bounds, number);
    struct diag *diag = diag_error(diags, span, "`%.*s` is from %s", STR_ARG(key), text_chars(&bounds));
    if (high == 1 && number > 1 && number <= 100) {
        text_clear(&bounds);
        number_write(&bounds, number);
        diag_help(diag, "a share is written with `%%`: `%s%%`", text_chars(&bounds));
    }
    text_release(&bounds);
    return false;
}

bool trait_set(struct traits *traits, const struct element *element, struct str key, double number, struct str word,
               struct span span, struct diags *diags)
{
    const struct trait_row *row = trait_find(key);
    int param = row ? -1 : param_find(element, key);
    if (!row && param < 0)
        return report_unknown(element, key, span, diags);
    if (row && row->kind == TRAIT_WORD)
        return set_word(traits, row, word, span, diags);
    if (word.len > 0 || !isfinite(number)) {
        diag_error(diags, span, "`%.*s` is a number%s", STR_ARG(key), row && row->kind == TRAIT_SWITCH ? ": 1 or 0" : "");
        return false;
    }
    if (param >= 0) {
        traits->params[param] = number + 0.0;
        return true;
    }
    if (row->kind == TRAIT_SWITCH && number != 0 && number != 1) {
        diag_error(diags, span, "`%s` is true or false, in DNA 1 or 0", row->key);
        return false;
    }
    if (number < row->low || number > row->high)
        return report_range(key, row->low, row->high, number, span, diags);
    trait_put(traits, row, number);
    return true;
}
