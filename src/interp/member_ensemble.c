/* What an ensemble has: its members, its figures, what they cost together. */
#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "interp/member.h"
#include "interp/panel.h"

static struct value get_members(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    const struct ensemble *ensemble = self.ensemble;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < ensemble->count; i++)
        if (!list_add(eval, list.list, (struct value){.kind = VALUE_RUN, .run = ensemble->members[i]}))
            return value_failed();
    if (!failed(list))
        list.list->open = ensemble->open;
    return list;
}

static struct value get_weights(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    const struct ensemble *ensemble = self.ensemble;
    if (!ensemble->members[0]->training)
        return value_unknown_of(VALUE_LIST);
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < ensemble->count; i++)
        if (!list_add(eval, list.list, value_number(ensemble->weights[i])))
            return value_failed();
    return list;
}

static struct value get_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    return ensemble_figure(eval, self.ensemble, name, span);
}

static struct value get_classes(struct eval *eval, struct value self, struct str name, struct span span)
{
    return ensemble_classes(eval, self.ensemble, name, span);
}

static struct value get_set(struct eval *eval, struct value self, struct str name, struct span span)
{
    return ensemble_scores(eval, self.ensemble, set_named(name), span);
}

/* What the members cost together. */
static struct value get_cost(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    double sum = 0;
    for (size_t i = 0; i < self.ensemble->count; i++) {
        if (!run_figure_known(self.ensemble->members[i], name) || self.ensemble->open)
            return value_unknown_of(VALUE_NUMBER);
        sum += str_is(name, "params") ? self.ensemble->members[i]->params : self.ensemble->members[i]->flops;
    }
    return value_number(sum);
}

const struct member ensemble_members[] = {
    MEMBER("members", get_members, LIST, "The runs that it is made of."),
    MEMBER("weights", get_weights, LIST, "How much each of them has to say; their sum is 1."),
    SCORE_MEMBERS(get_figure, NUMBER, get_classes),
    MEMBER("train", get_set, RECORD, "A record of the figures on the training part, where its members share it."),
    MEMBER("validation", get_set, RECORD, "A record of the figures on the validation part, where its members share it."),
    MEMBER("test", get_set, RECORD, "A record of the figures on the test part, where its members share it."),
    MEMBER("params", get_cost, NUMBER, "Trainable parameters of all members."),
    MEMBER("flops", get_cost, NUMBER, "Floating-point operations of one sample forwards, through all members."),
    {0},
};
