/* Figures of what was judged on a set of samples: a run, several runs of one training, an ensemble. A panel holds the judgements, and
   gives them as numbers, estimates, records and tables. */
#ifndef NEL_INTERP_PANEL_H
#define NEL_INTERP_PANEL_H

#include "engine/report.h"
#include "interp/objects.h"

/* A figure of how well samples are told, such as accuracy. */
struct score_row {
    const char *name;
    uint8_t kind_of_data;
    bool reported; /* it needs every sample's answer: a figure of struct report, else of struct scores */
    size_t offset;
};
const struct score_row *score_row_named(struct str name); /* NULL: it is no such figure */
bool score_row_applies(const struct score_row *row,
                       const struct recipe *recipe); /* to a target of this kind; one-hot values are both */

/* What there is to know of a run on a set; both are borrowed. */
struct judged {
    const struct scores *scores;
    const struct report *report; /* NULL for values */
};
double score_at(const struct judged *judged, const struct score_row *row); /* NaN where it was not judged */

struct panel {
    const struct recipe *recipe; /* of all of them: of what kind the data is */
    struct judged *judged;       /* [count]; NULL in nel check */
    double *values;              /* [count] room for one figure of each; NULL in nel check */
    size_t count;
    bool several;  /* trials: figures are estimates, also of a single one */
    bool lossless; /* an ensemble: there is no loss */
};

/* All figures that apply, how many samples they are of (the first one's), and of classes their tables: a record. */
struct value panel_record(struct eval *eval, const struct panel *panel);
/* The tables of its classes. Of a matrix that would have too many rows, an error at `span`. */
struct value panel_classes(struct eval *eval, const struct panel *panel);
struct value panel_confusion(struct eval *eval, const struct panel *panel, struct span span);

/* The error that says a figure does not go with this kind of data, and which do. `what` has them: "this run". */
struct value panel_refuse(struct eval *eval, const struct panel *panel, struct str name, const char *what, struct span span);

/* A part of prepared data by its name: train, validation, test. */
enum sample_set set_named(struct str name);

#endif
