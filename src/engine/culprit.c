#include "engine/culprit.h"

#include "molecule/element.h"
#include "support/number.h"

/* So many targets are tried, evenly from all. */
#define TARGETS_TRIED 64

static bool loss_has_gap(const struct train_options *options, double target, struct culprit *culprit)
{
    double params[1 + LIMIT_LOSS_PARAMETERS] = {target};
    for (size_t i = 0; i < LIMIT_LOSS_PARAMETERS; i++)
        params[1 + i] = options->formula_params[i];
    culprit->loss = options->formula;
    culprit->target = target;
    return formula_gap_find(&options->formula->formula, options->formula->value, options->formula->slope, params, &culprit->gap) &&
           !culprit->gap.too_large;
}

/* Classes have the targets 0 and 1. */
static bool loss_is_guilty(const struct train_options *options, const struct samples *train, struct culprit *culprit)
{
    if (!options->formula || options->loss != LOSS_FORMULA)
        return false;
    if (!train || !train->y)
        return loss_has_gap(options, 0, culprit) || loss_has_gap(options, 1, culprit);
    const size_t count = (size_t)train->count * train->outputs, step = count / TARGETS_TRIED + 1;
    for (size_t i = 0; i < count; i += step)
        if (loss_has_gap(options, (double)train->y[i], culprit))
            return true;
    return false;
}

/* An overflow counts where nobody has a real gap. */
static bool element_is_guilty(const struct molecule *molecule, bool too_large, struct culprit *culprit)
{
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        culprit->element = gene->element;
        if (gene->element &&
            formula_gap_find(&gene->element->formula, gene->element->value, gene->element->slope, gene->traits.params,
                             &culprit->gap) &&
            culprit->gap.too_large == too_large)
            return true;
    }
    return false;
}

bool culprit_find(const struct molecule *molecule, const struct train_options *options, const struct samples *train,
                  struct culprit *culprit)
{
    *culprit = (struct culprit){0};
    if (loss_is_guilty(options, train, culprit))
        return true;
    culprit->loss = NULL;
    return element_is_guilty(molecule, false, culprit) || element_is_guilty(molecule, true, culprit);
}

static void add_place(const struct culprit *culprit, struct text *out)
{
    text_addf(out, "%s = ", culprit->loss ? culprit->loss->output_name : "x");
    number_write_short(out, culprit->gap.x, 3);
    if (!culprit->loss)
        return;
    text_addf(out, " and %s = ", culprit->loss->target_name);
    number_write_short(out, culprit->target, 3);
}

static void add_node(const struct culprit *culprit, struct text *out)
{
    const char *names[LIMIT_ELEMENT_PARAMETERS] = {NULL};
    const struct element *element = culprit->element;
    for (unsigned i = 0; element && i < element->param_count; i++)
        names[i] = element->params[i].name;
    text_add(out, "`");
    if (culprit->loss)
        loss_print(culprit->loss, culprit->gap.node, out);
    else
        formula_print(&element->formula, culprit->gap.node, names, out);
    text_add(out, "`");
}

void culprit_print(const struct culprit *culprit, struct text *out)
{
    const struct formula_gap *gap = &culprit->gap;
    text_addf(out, "%s%s`%s` ", gap->slope ? "the slope of " : "", culprit->loss ? "the loss " : "",
              culprit->loss ? culprit->loss->name : culprit->element->name);
    if (gap->too_large) {
        text_add(out, "is too large for a number from ");
        add_place(culprit, out);
        text_add(out, gap->x < 0 ? " down" : " on");
        return;
    }
    text_add(out, gap->slope ? "has no finite value at " : "has no value at ");
    add_place(culprit, out);
    text_add(out, ", where ");
    add_node(culprit, out);
    text_add(out, " is no number");
}

const char *culprit_help(const struct culprit *culprit)
{
    return culprit->gap.too_large ? "bound it, as in `min(x, 20)`, or take an element that grows more slowly"
                                  : "give it a value everywhere: `max(x, 1e-6)`, `abs(x) + 1e-6` or an `if` keep an argument where "
                                    "the formula has one";
}
