/* Options with parameters, such as adam(lr: 1e-3). */
#ifndef NEL_INTERP_SPEC_H
#define NEL_INTERP_SPEC_H

#include "interp/eval.h"

/* One of them: a built-in, which gives a VALUE_SPEC. */
struct spec_row {
    const char *signature;
    const char *family; /* what it may be given for */
    const char *doc;
};
bool specs_add(struct eval *eval, const struct spec_row *rows, size_t count);
/* The row that a built-in was made from; NULL: it is no spec's. */
const struct spec_row *spec_row_of(struct value value);

/* Whether it is an action of growth policies, called, or by its bare name (`rewind`). */
bool value_is_action(struct value value);

/* The loss that a built-in was made from, where one was declared; NULL: none. */
const struct loss *loss_of_value(struct value value);

/* The spec that `value` is or, for a bare name such as `adam`, would be with its defaults; NULL with a diagnostic that lists the
   family's members. */
const struct spec *spec_of(struct eval *eval, struct value value, const char *family, struct span span);
/* A number among a spec's fields. */
double spec_number(const struct spec *spec, const char *field);

#endif
