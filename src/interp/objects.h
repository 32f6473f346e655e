/* Objects of the floors below, as values of the language. Each holds one reference to what it wraps. */
#ifndef NEL_INTERP_OBJECTS_H
#define NEL_INTERP_OBJECTS_H

#include "data/dataset.h"
#include "engine/ensemble.h"
#include "engine/train.h"
#include "export/model_file.h"
#include "interp/eval.h"
#include "lab/evolve.h"
#include "lab/grow.h"
#include "molecule/rewrite.h"

/* An element as a value. One that a rule's ?a stands for also carries the layer it was found in, whose traits and origin a layer
   made from it takes over. */
struct element_object {
    struct object object;
    const struct element *element;
    bool has_layer;
    struct gene layer;
};

struct molecule_object {
    struct object object;
    const struct molecule *molecule;
    struct string *name; /* of the `molecule` declaration that made it, or NULL; retained */
    struct run *run;     /* whose network it is, or was before a rewrite: `continue` goes on with it; NULL: nobody's; retained */
    bool rewritten;      /* … and its genes carry what their optimiser kept of them */
    struct {             /* what `rewrite` tells of the molecule that it made */
        bool told, preserving;
        uint32_t projections;
    } change;
};

struct dataset_object {
    struct object object;
    struct dataset *dataset;
};

struct split_object {
    struct object object;
    struct split *split;
};

struct model_object {
    struct object object;
    struct model *model;
    struct run *run; /* where it comes from, NULL; not retained by figures that do not need it */
};

/* One training. In `nel check` there is no training, and figures are unknown. */
struct run {
    struct object object;
    struct training *training;       /* NULL in `nel check` */
    struct prepared *prepared;       /* NULL in `nel check` of unknown data */
    const struct molecule *molecule; /* with its head; NULL in `nel check` where only training tells it */
    struct string *name;             /* of the molecule or NULL */
    struct string *data_name;        /* or NULL */
    struct train_options options;
    double params, flops;
    struct list *snapshots;       /* epochs that were to be kept, retained; NULL: none, or not known */
    struct data_note *data;       /* of a run from a file: what the file says of its data; NULL: it was trained here */
    bool past;                    /* one of them: it has nothing to go on from */
    bool grown;                   /* by `grow`: its history is that of all rounds */
    struct growth_result *growth; /* … and the story of these, its training taken out; NULL in `nel check` */
};

/* Trials of one training, at least one. */
struct runs {
    struct object object;
    struct run **items; /* retained */
    size_t count;
    size_t best;   /* by validation loss, training loss where there is none; diverged ones last */
    size_t wanted; /* so many were asked for; more than `count`: they were interrupted, and those that ended are here */
    bool folds;    /* of a cross-validation: each was tested on another part of the data */
};

/* Runs that answer as one. Their data has the same features and the same target. */
struct ensemble {
    struct object object;
    struct run **members; /* retained, at least one; in nel check those that are known */
    double *weights;      /* [count], their sum is 1 */
    size_t count;
    enum ensemble_rule rule;
    bool open; /* `nel check`: how many members there are is not known */
    struct scores
        *own[SET_COUNT]; /* on the parts that all members were trained and judged on, made when somebody asks; NULL until */
    struct report *reports[SET_COUNT]; /* then. Of values there are no reports */
};

/* A rule: its parameters' values, and the tree of its right side, evaluated anew at each place. */
struct rule {
    struct object object;
    const struct node *node; /* NODE_RULE */
    struct frame *frame;     /* its parameters and where it was defined, retained */
    struct pattern *pattern;
    struct str variables[LIMIT_PATTERN_VARIABLES]; /* names by number */
    size_t variable_count;
    bool bare; /* not called yet: parameters with a domain are still free */
};

struct growth {
    struct object object;
    const struct node *node; /* NODE_GROWTH */
    struct frame *frame;     /* where it was defined or, once it was called, its parameters; retained */
    bool called;
};

struct evolution_object {
    struct object object;
    struct evolution *evolution; /* NULL in `nel check` */
    struct prepared *prepared;
    struct value best;     /* a run or, finished with trials, several; retained */
    struct value front;    /* a table; retained */
    struct value train;    /* what evolved of the best one's training: a record; retained */
    struct record *mutate; /* the rules' weights, retained: individuals point at the rules' names in it */
};

/* Makers: each takes over one reference to what it wraps, also on failure; owned by the pool. */
struct value value_element(struct eval *eval, const struct element *element);
struct value value_molecule(struct eval *eval, const struct molecule *molecule);
struct value value_dataset(struct eval *eval, struct dataset *dataset);
struct value value_split(struct eval *eval, struct split *split);
struct value value_model(struct eval *eval, struct model *model);
struct value run_model(struct eval *eval, struct run *run); /* the model of a run, as a value; in nel check an unknown one */

/* What went wrong in a training and what to do, in words; false where nothing did. */
bool run_diagnosis(const struct run *run, struct text *out);

/* The history of a run as a table: epoch, loss, accuracy, validation.loss, validation.accuracy (columns that were measured). */
struct value run_history(struct eval *eval, const struct run *run);
/* Tables of results: growth round by round; evolution generation by generation; everyone who was trained; how the best came to be, from
   its founder on. */
struct value run_story(struct eval *eval, const struct run *run);
struct value evolution_history(struct eval *eval, const struct evolution *evolution);
struct value evolution_lineage(struct eval *eval, const struct evolution *evolution);
struct value evolution_descent(struct eval *eval, const struct evolution *evolution);

/* Whether it stands for a trained model: a run, the best of several, what grew or evolved, a model. */
bool value_is_trained(struct value value);
/* nel check knows of the value only that it stands for a trained model, or may do so; may_answer: or is an ensemble. */
bool may_be_trained(struct value value);
bool may_answer(struct value value);
/* The run that a value stands for: itself, or the best of several trials, of a growth, of an evolution; NULL with a diagnostic. */
struct run *run_of(struct eval *eval, struct value value, struct span span);
/* A trained model as the molecule that it is, with its weights; in nel check an unknown one where only training tells it. Any other
   value as it is. `span` is where it is used. */
struct value value_atom(struct eval *eval, struct value value, struct span span);

/* The network of a run as value_atom makes it, its genes with the state of their optimiser: what a rewrite begins with. Any other molecule as
   it is. */
struct value value_standing(struct eval *eval, struct value molecule, struct span span);

/* The molecule that a value can stand for (an element: its activation; a `molecule` without required parameters: its default; a
   trained model: itself, with its weights), new or retained, NULL where it cannot, with a diagnostic that says so at `span`. */
const struct molecule *molecule_of_value(struct eval *eval, struct value value, struct span span);

/* The same as a part of a larger molecule: molecule_part with something before and behind it. */
const struct molecule *molecule_part_of_value(struct eval *eval, struct value value, struct span span);

#endif
