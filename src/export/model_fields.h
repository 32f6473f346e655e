/* The plain figures of a training as tables: one row says what a figure is called in a file and where it stands in its struct, for
   writing, reading and comparing alike. Private to model_*.c. */
#ifndef NEL_EXPORT_MODEL_FIELDS_H
#define NEL_EXPORT_MODEL_FIELDS_H

#include "engine/train.h"
#include "export/json.h"

enum field_kind {
    FIELD_NUMBER, /* double; NaN is null, infinity the text "inf" */
    FIELD_COUNT,  /* uint32_t */
    FIELD_LONG,   /* uint64_t, as a text of digits: JSON's numbers end at 2^53 */
    FIELD_HASH,   /* uint64_t, as a text of 16 hexadecimal digits */
    FIELD_SWITCH  /* bool */
};

struct figure_field {
    const char *name;
    enum field_kind kind;
    size_t offset;
};

/* Each ends with a NULL name. */
extern const struct figure_field training_fields[], score_fields[], option_fields[], data_fields[], fold_fields[];

/* Appends `"name": value` for each field, separated by commas. */
void fields_write(const struct figure_field *fields, const void *from, struct text *out);
/* Reads every field; false where one is missing or of another kind, then *name is its name. */
bool fields_read(const struct figure_field *fields, const struct json *json, void *to, const char **name);
size_t field_bytes(const struct figure_field *field);
bool field_equal(const struct figure_field *field, const void *a, const void *b);

/* The options: those fields, and choices with their parameters as "optimizer" and "optimizer.lr". */
void options_write(const struct train_options *options, struct text *out);
bool options_read(const struct json *json, struct train_options *options, const char **name);

/* Appends a number, as FIELD_NUMBER says; a list of floats. */
void json_write_number(struct text *out, double value);
void json_write_floats(struct text *out, const float *values, uint32_t count);
/* Reads a list of exactly `count` finite floats; false where it is none. */
bool json_floats(const struct json *list, float *values, uint32_t count);

#endif
