/* See model_fields.h. */
#include "export/model_fields.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/choices.h"
#include "export/model_file.h"
#include "support/number.h"

#define OF(type, name, kind)                                                                                                       \
    {                                                                                                                              \
#name, FIELD_##kind, offsetof(struct type, name)                                                                           \
    }
#define AS(type, text, name, kind)                                                                                                 \
    {                                                                                                                              \
        text, FIELD_##kind, offsetof(struct type, name)                                                                            \
    }

const struct figure_field training_fields[] = {
    OF(training, epochs, COUNT),
    OF(training, best_epoch, COUNT),
    OF(training, seconds, NUMBER),
    OF(training, stopped, SWITCH),
    OF(training, diverged, SWITCH),
    OF(training, first_loss, NUMBER),
    OF(training, last_loss, NUMBER),
    OF(training, begin, HASH),
    AS(training, "divergence.from", divergence.from, NUMBER),
    AS(training, "divergence.to", divergence.to, NUMBER),
    AS(training, "divergence.steps", divergence.steps, LONG),
    AS(training, "divergence.gene", divergence.gene, COUNT),
    AS(training, "steps", state.step, LONG),
    AS(training, "chunks", state.chunk, LONG),
    AS(training, "position", state.position, COUNT),
    AS(training, "position.loss", state.tally.loss, NUMBER),
    AS(training, "position.hits", state.tally.hits, LONG),
    AS(training, "power1", state.power1, NUMBER),
    AS(training, "power2", state.power2, NUMBER),
    AS(training, "best_figure", state.best_figure, NUMBER),
    AS(training, "schedule.plateau", state.schedule.plateau, NUMBER),
    AS(training, "schedule.best", state.schedule.best, NUMBER),
    AS(training, "schedule.waited", state.schedule.waited, COUNT),
    {0},
};
const struct figure_field data_fields[] = {
    OF(data_note, hash, HASH),
    AS(data_note, "validation", share, NUMBER),
    OF(data_note, seed, LONG),
    {0},
};
const struct figure_field fold_fields[] = {
    OF(fold, number, COUNT),
    OF(fold, of, COUNT),
    OF(fold, seed, LONG),
    {0},
};
const struct figure_field score_fields[] = {
    OF(scores, count, COUNT), OF(scores, loss, NUMBER), OF(scores, accuracy, NUMBER), OF(scores, r2, NUMBER),
    OF(scores, mse, NUMBER),  OF(scores, mae, NUMBER),  OF(scores, rmse, NUMBER),     {0},
};
const struct figure_field option_fields[] = {
    OF(train_options, epochs, COUNT),
    OF(train_options, batch, COUNT),
    OF(train_options, shuffle, SWITCH),
    OF(train_options, clip, NUMBER),
    OF(train_options, smoothing, NUMBER),
    OF(train_options, noise, NUMBER),
    OF(train_options, l1, NUMBER),
    OF(train_options, l2, NUMBER),
    OF(train_options, seed, LONG),
    OF(train_options, scheduled, LONG),
    {0},
};

/* ---- one value ---- */

void json_write_number(struct text *out, double value)
{
    if (isfinite(value))
        number_write(out, value);
    else
        text_add(out, isnan(value) ? "null" : value > 0 ? "\"inf\"" : "\"-inf\"");
}

void json_write_floats(struct text *out, const float *values, uint32_t count)
{
    text_add_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        json_write_number(out, (double)values[i]);
    }
    text_add_char(out, ']');
}

bool json_floats(const struct json *list, float *values, uint32_t count)
{
    const struct json *item = json_is_list(list) && json_count(list) == count ? json_first(list) : NULL;
    for (uint32_t i = 0; i < count; i++, item = json_next(item)) {
        double number;
        if (!json_number(item, &number) || fabs(number) > (double)FLT_MAX)
            return false;
        values[i] = (float)number;
    }
    return json_is_list(list) && json_count(list) == count;
}

static bool read_long(const struct json *json, uint64_t *value)
{
    const char *text = json_text(json);
    char *end = NULL;
    if (!text || strspn(text, "0123456789") != strlen(text) || strlen(text) == 0 || strlen(text) > 19)
        return false;
    *value = strtoull(text, &end, 10);
    return true;
}

static bool read_hash(const struct json *json, uint64_t *hash)
{
    const char *text = json_text(json);
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return false;
    *hash = strtoull(text, NULL, 16);
    return true;
}

static bool read_number(const struct json *json, double *value)
{
    const char *text = json_text(json);
    if (json && json_is_null(json))
        return *value = NAN, true;
    if (text && (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0))
        return *value = text[0] == '-' ? -INFINITY : INFINITY, true;
    return json_number(json, value);
}

static bool field_read(const struct figure_field *field, const struct json *json, char *to)
{
    uint64_t whole;
    switch (field->kind) {
    case FIELD_NUMBER:
        return read_number(json, (double *)(to + field->offset));
    case FIELD_COUNT:
        if (!json_whole(json, &whole) || whole > UINT32_MAX)
            return false;
        *(uint32_t *)(to + field->offset) = (uint32_t)whole;
        return true;
    case FIELD_LONG:
        return read_long(json, (uint64_t *)(to + field->offset));
    case FIELD_HASH:
        return read_hash(json, (uint64_t *)(to + field->offset));
    case FIELD_SWITCH:
        break;
    }
    return json_bool(json, (bool *)(to + field->offset));
}

static void field_write(const struct figure_field *field, const char *from, struct text *out)
{
    switch (field->kind) {
    case FIELD_NUMBER:
        json_write_number(out, *(const double *)(from + field->offset));
        break;
    case FIELD_COUNT:
        text_addf(out, "%" PRIu32, *(const uint32_t *)(from + field->offset));
        break;
    case FIELD_LONG:
        text_addf(out, "\"%" PRIu64 "\"", *(const uint64_t *)(from + field->offset));
        break;
    case FIELD_HASH:
        text_addf(out, "\"%016" PRIx64 "\"", *(const uint64_t *)(from + field->offset));
        break;
    case FIELD_SWITCH:
        text_add(out, *(const bool *)(from + field->offset) ? "true" : "false");
        break;
    }
}

size_t field_bytes(const struct figure_field *field)
{
    static const size_t sizes[] = {[FIELD_NUMBER] = sizeof(double),
                                   [FIELD_COUNT] = sizeof(uint32_t),
                                   [FIELD_LONG] = sizeof(uint64_t),
                                   [FIELD_HASH] = sizeof(uint64_t),
                                   [FIELD_SWITCH] = sizeof(bool)};
    return sizes[field->kind];
}

bool field_equal(const struct figure_field *field, const void *a, const void *b)
{
    const char *left = (const char *)a + field->offset, *right = (const char *)b + field->offset;
    const bool number = field->kind == FIELD_NUMBER;
    return memcmp(left, right, field_bytes(field)) == 0 ||
           (number && isnan(*(const double *)left) && isnan(*(const double *)right));
}

/* ---- tables of them ---- */

void fields_write(const struct figure_field *fields, const void *from, struct text *out)
{
    for (const struct figure_field *field = fields; field->name; field++) {
        text_addf(out, "%s\"%s\":", field == fields ? "" : ",", field->name);
        field_write(field, from, out);
    }
}

bool fields_read(const struct figure_field *fields, const struct json *json, void *to, const char **name)
{
    for (const struct figure_field *field = fields; field->name; field++)
        if (!field_read(field, json_member(json, field->name), to)) {
            *name = field->name;
            return false;
        }
    return true;
}

/* ---- options ---- */

void options_write(const struct train_options *options, struct text *out)
{
    text_add_char(out, '{');
    fields_write(option_fields, options, out);
    for (size_t i = 0; i < choice_family_count; i++)
        text_addf(out, ",\"%s\":\"%s\"", choice_families[i].name, choice_name(options, &choice_families[i]));
    for (size_t i = 0; i < choice_field_count; i++) {
        text_addf(out, ",\"%s.%s\":", choice_fields[i].family, choice_fields[i].name);
        json_write_number(out, choice_field_get(options, &choice_fields[i]));
    }
    text_add_char(out, '}');
}

bool options_read(const struct json *json, struct train_options *options, const char **name)
{
    if (!fields_read(option_fields, json, options, name))
        return false;
    for (size_t i = 0; i < choice_family_count; i++) {
        *name = choice_families[i].name;
        const char *choice = json_text(json_member(json, *name));
        if (!choice || !choice_set(options, *name, str_of(choice)))
            return false;
    }
    for (size_t i = 0; i < choice_field_count; i++) {
        struct text key = {0};
        double value;
        text_addf(&key, "%s.%s", choice_fields[i].family, choice_fields[i].name);
        const bool well = json_number(json_member(json, text_chars(&key)), &value);
        text_release(&key);
        *name = choice_fields[i].name;
        if (!well)
            return false;
        choice_field_put(options, &choice_fields[i], value);
    }
    return true;
}

/* Losses that are formulas, with their parameters. */
static bool formulas_equal(const struct train_options *a, const struct train_options *b)
{
    bool equal = a->formula->hash == b->formula->hash;
    for (unsigned i = 0; equal && i < a->formula->param_count; i++)
        equal = a->formula_params[i] == b->formula_params[i];
    return equal;
}

const char *options_difference(const struct train_options *a, const struct train_options *b)
{
    for (const struct figure_field *field = option_fields; field->name; field++)
        if (strcmp(field->name, "epochs") != 0 && !field_equal(field, a, b))
            return field->name;
    for (size_t i = 0; i < choice_family_count; i++)
        if (choice_name(a, &choice_families[i]) != choice_name(b, &choice_families[i]))
            return choice_families[i].name;
    for (size_t i = 0; i < choice_field_count; i++)
        if (choice_field_get(a, &choice_fields[i]) != choice_field_get(b, &choice_fields[i]))
            return choice_fields[i].family;
    return a->loss == LOSS_FORMULA && !formulas_equal(a, b) ? "loss" : NULL;
}
