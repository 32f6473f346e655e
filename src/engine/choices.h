/* What a training can choose from, by name: optimisers, schedules, losses, stops. Each name sets a kind in `struct train_options`, each
   of its parameters a member. Whoever reads options, prints or stores them goes by these tables. */
#ifndef NEL_ENGINE_CHOICES_H
#define NEL_ENGINE_CHOICES_H

#include "engine/train.h"
#include "support/text.h"

extern const char *const optimizer_names[]; /* by enum optimizer_kind; NULL ends, as in the others */
extern const char *const schedule_names[];  /* by enum schedule_kind */
extern const char *const loss_names[];      /* by enum loss_kind: "auto", "cross_entropy" … */
extern const char *const figure_names[];    /* by enum stop_figure */

/* A family of choices: the member of `struct train_options` that tells which one. */
struct choice_family {
    const char *name; /* "optimizer" */
    const char *const *names;
    size_t offset;
};
extern const struct choice_family choice_families[];
extern const size_t choice_family_count;

enum choice_field_kind { CHOICE_NUMBER, CHOICE_COUNT, CHOICE_SWITCH, CHOICE_FIGURE };

/* A parameter of a choice: `lr` of every optimiser. */
struct choice_field {
    const char *family, *name;
    enum choice_field_kind kind; /* double, uint32_t, bool, enum stop_figure */
    size_t offset;
};
extern const struct choice_field choice_fields[];
extern const size_t choice_field_count;

/* What the options have chosen of a family, by name. */
const char *choice_name(const struct train_options *options, const struct choice_family *family);
/* Makes `name` the choice of its family; false where there is none of that name. */
bool choice_set(struct train_options *options, const char *family, struct str name);
/* The parameter of that name; NULL where the family has none. */
const struct choice_field *choice_field_find(const char *family, struct str name);
/* Its value as a number: a switch is 0 or 1, a figure its number. Values past what the member holds become the nearest that it does. */
void choice_field_put(struct train_options *options, const struct choice_field *field, double value);
double choice_field_get(const struct train_options *options, const struct choice_field *field);

#endif
