/* Actions on connections and neurons: engine/connect.h and engine/neurons.h in the words of policies. */
#include "engine/connect.h"
#include "engine/neurons.h"
#include "engine/transplant.h"
#include "interp/evaluate.h"
#include "study/action.h"

/* Which of `words` (NULL ends them) the argument is; what follows the last one with a diagnostic where it is none. */
static unsigned word_of(const struct acting *acting, const char *argument, const char *const *words)
{
    struct str word = str_of(words[0]);
    unsigned which = 0;
    value_word(*record_get(acting->action->fields, str_of(argument)), &word);
    while (words[which] && !str_is(word, words[which]))
        which++;
    if (words[which])
        return which;
    struct text list = {0};
    for (unsigned i = 0; words[i]; i++)
        text_addf(&list, "%s`%s`", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    eval_error(acting->eval, acting->span, "`%s` of `%.*s` is %s", argument, STR_ARG(acting->action->name), text_chars(&list));
    text_release(&list);
    return which;
}

/* What is measured needs a network that grows: false tells so. In nel check there is none yet, but there will be. */
static bool has_moment(const struct acting *acting)
{
    if (acting->by_hand)
        eval_error_help(acting->eval, acting->span, "use it in a growth policy: `when true => …`",
                        "what this `%.*s` goes by is measured while a network grows", STR_ARG(acting->action->name));
    return !acting->by_hand;
}

static struct neuron_data data_of(const struct acting *acting)
{
    struct neuron_data data = {.input_width = acting->input_width, .random = acting->random};
    if (acting->moment) {
        data.samples = &acting->moment->data->train;
        data.options = acting->moment->options;
        data.class_weights = acting->moment->data->class_weights;
    }
    return data;
}

/* Whether so large a share is a whole neuron of some layer at the place. */
static bool is_neuron(const struct acting *acting, double share)
{
    const struct gene *genes = acting->molecule->genes;
    bool any = false;
    for (uint32_t i = acting->gene; !any && i < acting->gene + genes[acting->gene].size; i++)
        any = genes[i].kind == GENE_LAYER && genes[i].width > 1 && share * genes[i].width >= 0.5;
    return any;
}

/* The molecule after neurons were to go or come. */
static struct molecule *tell_fixed(const struct acting *acting, struct molecule *after)
{
    if (after && acting->moment && molecule_equal(after, acting->molecule))
        acting->outcome->idle = "the number of these neurons is fixed: their values are added to the data's or to outputs, "
                                "multiplied with others' or frozen";
    return after;
}

struct molecule *act_prune(const struct acting *acting)
{
    static const char *const words[] = {"magnitude", "norm", "activation", NULL};
    const double share = spec_number(acting->action, "share");
    struct eval *eval = acting->eval;
    const unsigned by = word_of(acting, "by", words);
    if (!words[by])
        return NULL;
    if (by == 0)
        return connections_prune(acting->molecule, acting->gene, share, eval->diags);
    if (by == 2 && !has_moment(acting))
        return NULL;
    if (eval->state->checking)
        return molecule_retain(acting->molecule);
    const struct neuron_data data = data_of(acting);
    struct molecule *after = neurons_prune(acting->molecule, acting->gene, share, by == 1 ? NEURON_NORM : NEURON_ACTIVATION, &data,
                                           &eval->state->elements, eval->diags);
    return is_neuron(acting, share) ? tell_fixed(acting, after) : after;
}

struct model *acting_model(const struct acting *acting, const struct molecule *molecule)
{
    struct model *model = model_create(molecule, acting->input_width, NULL, acting->moment->options->seed, acting->eval->diags);
    if (model)
        transplant(model->plan, molecule, model->params);
    return model;
}

static struct molecule *regrow_by_gradient(const struct acting *acting, double share)
{
    const struct growth_moment *moment = acting->moment;
    struct diags *diags = acting->eval->diags;
    struct dense_gradients gradients = {0};
    struct model *model = acting_model(acting, acting->molecule);
    struct molecule *result = NULL;
    if (model && dense_gradients_measure(&gradients, model, acting->gene, &moment->data->train, moment->options,
                                         moment->data->class_weights, acting->random, diags))
        result = connections_regrow(acting->molecule, acting->gene, share, &gradients, acting->random, diags);
    dense_gradients_release(&gradients);
    model_release(model);
    return result;
}

/* Whether a layer at the place is sparse. */
static bool is_sparse(const struct acting *acting)
{
    const struct gene *genes = acting->molecule->genes;
    bool any = false;
    for (uint32_t i = acting->gene; !any && i < acting->gene + genes[acting->gene].size; i++)
        any = (genes[i].kind == GENE_LAYER || genes[i].kind == GENE_OUTPUT) && genes[i].traits.density < 1;
    return any;
}

struct molecule *act_regrow(const struct acting *acting)
{
    static const char *const words[] = {"random", "gradient", NULL};
    const double share = spec_number(acting->action, "share");
    const unsigned by = word_of(acting, "by", words);
    if (!words[by])
        return NULL;
    if (by == 1 && !has_moment(acting))
        return NULL;
    if (!is_sparse(acting))
        acting->outcome->idle = "no layer is sparse: connections come and go where some are absent";
    if (by == 1 && acting->moment)
        return regrow_by_gradient(acting, share);
    return connections_regrow(acting->molecule, acting->gene, share, NULL, acting->random, acting->eval->diags);
}

static struct molecule *rewind_to_first(const struct acting *acting)
{
    struct diags *diags = acting->eval->diags;
    struct model *model = acting_model(acting, acting->moment->first);
    struct molecule *start = model ? model_molecule(model, acting->span, NULL, diags) : NULL;
    struct molecule *result = start ? connections_rewind(acting->molecule, start, diags) : NULL;
    molecule_release(start);
    model_release(model);
    return result;
}

struct molecule *act_rewind(const struct acting *acting)
{
    struct eval *eval = acting->eval;
    const struct value *to = record_get(acting->action->fields, STR("to"));
    if (to->kind == VALUE_MOLECULE)
        return connections_rewind(acting->molecule, to->molecule->molecule, eval->diags);
    if (!acting->by_hand)
        return acting->moment ? rewind_to_first(acting) : molecule_retain(acting->molecule);
    eval_error_help(eval, acting->span, "`snapshots: [0]` keeps it: `rewind(to: run.at(0))`",
                    "only a growth knows by itself what the network began with");
    return NULL;
}

struct molecule *act_gradmax(const struct acting *acting)
{
    struct eval *eval = acting->eval;
    const struct neuron_data data = data_of(acting);
    uint32_t count;
    if (!has_moment(acting) || !action_width(acting, "neurons", &count))
        return NULL;
    return tell_fixed(acting, neurons_gradmax(acting->molecule, acting->gene, count, &data, &eval->state->elements, eval->diags));
}
