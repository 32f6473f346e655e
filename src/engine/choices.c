#include "engine/choices.h"

#include <stddef.h>
#include <string.h>

const char *const optimizer_names[] = {
    [OPTIMIZER_SGD] = "sgd",     [OPTIMIZER_MOMENTUM] = "momentum", [OPTIMIZER_RMSPROP] = "rmsprop", [OPTIMIZER_ADAM] = "adam",
    [OPTIMIZER_ADAMW] = "adamw", [OPTIMIZER_LION] = "lion",         [OPTIMIZER_RPROP] = "rprop",     NULL,
};
const char *const schedule_names[] = {
    [SCHEDULE_CONSTANT] = "constant",
    [SCHEDULE_STEPWISE] = "stepwise",
    [SCHEDULE_EXPONENTIAL] = "exponential",
    [SCHEDULE_COSINE] = "cosine",
    [SCHEDULE_ONE_CYCLE] = "one_cycle",
    [SCHEDULE_PLATEAU] = "plateau",
    NULL,
};
const char *const loss_names[] = {
    [LOSS_AUTO] = "auto",
    [LOSS_CROSS_ENTROPY] = "cross_entropy",
    [LOSS_BINARY_CROSS_ENTROPY] = "binary_cross_entropy",
    [LOSS_MSE] = "mse",
    [LOSS_MAE] = "mae",
    [LOSS_HUBER] = "huber",
    [LOSS_PERCEPTRON] = "perceptron",
    [LOSS_HINGE] = "hinge",
    [LOSS_FORMULA] = "formula",
    NULL,
};
const char *const figure_names[] = {[STOP_BY_LOSS] = "loss", [STOP_BY_ACCURACY] = "accuracy", NULL};

#define MEMBER(member) offsetof(struct train_options, member)

const struct choice_family choice_families[] = {
    {"optimizer", optimizer_names, MEMBER(optimizer)},
    {"schedule", schedule_names, MEMBER(schedule.kind)},
    {"loss", loss_names, MEMBER(loss)},
};
const size_t choice_family_count = sizeof choice_families / sizeof *choice_families;

_Static_assert(sizeof(enum optimizer_kind) == sizeof(int) && sizeof(enum schedule_kind) == sizeof(int) &&
                   sizeof(enum loss_kind) == sizeof(int) && sizeof(enum stop_figure) == sizeof(int),
               "kinds are written as ints");

const struct choice_field choice_fields[] = {
    {"optimizer", "lr", CHOICE_NUMBER, MEMBER(lr)},
    {"optimizer", "momentum", CHOICE_NUMBER, MEMBER(momentum)},
    {"optimizer", "nesterov", CHOICE_SWITCH, MEMBER(nesterov)},
    {"optimizer", "beta1", CHOICE_NUMBER, MEMBER(beta1)},
    {"optimizer", "beta2", CHOICE_NUMBER, MEMBER(beta2)},
    {"optimizer", "epsilon", CHOICE_NUMBER, MEMBER(epsilon)},
    {"optimizer", "weight_decay", CHOICE_NUMBER, MEMBER(weight_decay)},
    {"optimizer", "grow", CHOICE_NUMBER, MEMBER(grow)},
    {"optimizer", "shrink", CHOICE_NUMBER, MEMBER(shrink)},
    {"optimizer", "least", CHOICE_NUMBER, MEMBER(least)},
    {"optimizer", "most", CHOICE_NUMBER, MEMBER(most)},
    {"schedule", "factor", CHOICE_NUMBER, MEMBER(schedule.factor)},
    {"schedule", "every", CHOICE_NUMBER, MEMBER(schedule.every)},
    {"schedule", "floor", CHOICE_NUMBER, MEMBER(schedule.floor)},
    {"schedule", "epochs", CHOICE_NUMBER, MEMBER(schedule.span)},
    {"schedule", "patience", CHOICE_NUMBER, MEMBER(schedule.patience)},
    {"schedule", "warmup", CHOICE_NUMBER, MEMBER(schedule.warmup)},
    {"loss", "delta", CHOICE_NUMBER, MEMBER(huber_delta)},
    {"stop", "epochs", CHOICE_COUNT, MEMBER(patience)},
    {"stop", "min_delta", CHOICE_NUMBER, MEMBER(min_delta)},
    {"stop", "by", CHOICE_FIGURE, MEMBER(stop_by)},
};
const size_t choice_field_count = sizeof choice_fields / sizeof *choice_fields;

const char *choice_name(const struct train_options *options, const struct choice_family *family)
{
    int kind;
    memcpy(&kind, (const char *)options + family->offset, sizeof kind);
    return family->names[kind];
}

bool choice_set(struct train_options *options, const char *family, struct str name)
{
    for (size_t i = 0; i < choice_family_count; i++)
        for (int kind = 0; strcmp(choice_families[i].name, family) == 0 && choice_families[i].names[kind]; kind++)
            if (str_is(name, choice_families[i].names[kind])) {
                memcpy((char *)options + choice_families[i].offset, &kind, sizeof kind);
                return true;
            }
    return false;
}

const struct choice_field *choice_field_find(const char *family, struct str name)
{
    for (size_t i = 0; i < choice_field_count; i++)
        if (strcmp(choice_fields[i].family, family) == 0 && str_is(name, choice_fields[i].name))
            return &choice_fields[i];
    return NULL;
}

void choice_field_put(struct train_options *options, const struct choice_field *field, double value)
{
    char *member = (char *)options + field->offset;
    switch (field->kind) {
    case CHOICE_NUMBER:
        *(double *)member = value;
        break;
    case CHOICE_COUNT:
        *(uint32_t *)member = value >= UINT32_MAX ? UINT32_MAX : value > 0 ? (uint32_t)value : 0;
        break;
    case CHOICE_SWITCH:
        *(bool *)member = value != 0;
        break;
    case CHOICE_FIGURE:
        *(enum stop_figure *)member = value != 0 ? STOP_BY_ACCURACY : STOP_BY_LOSS;
        break;
    }
}

double choice_field_get(const struct train_options *options, const struct choice_field *field)
{
    const char *member = (const char *)options + field->offset;
    switch (field->kind) {
    case CHOICE_COUNT:
        return *(const uint32_t *)member;
    case CHOICE_SWITCH:
        return *(const bool *)member;
    case CHOICE_FIGURE:
        return *(const enum stop_figure *)member;
    case CHOICE_NUMBER:
        break;
    }
    return *(const double *)member;
}
