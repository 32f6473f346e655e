/* Trainings: what `train`, `grow` and `evolve` share: their options (options.c), the data they accept and the runs they give
   (learn.c). */
#ifndef NEL_STUDY_LEARN_H
#define NEL_STUDY_LEARN_H

#include "interp/evaluate.h"
#include "interp/run.h"
#include "interp/spec.h"

struct trial; /* trials.h */

/* A training as its options describe it. */
struct lesson {
    struct train_options options;
    uint32_t trials;         /* 0: a single run */
    uint32_t folds;          /* 0: none */
    struct value validation; /* a data set, or none */
    double validation_share; /* 0: not given */
    struct value class_weights;
    struct value snapshots;  /* a list of epochs, or none */
    struct value checkpoint; /* a path, or none */
    struct span validation_span, class_weights_span, stop_span, smoothing_span, optimizer_span, schedule_span, folds_span,
        checkpoint_span, loss_span;
    bool optimizer_given; /* else a `step` head trains with plain sgd(lr: 1) */
};

/* Data as `train` and the like accept it: a data set, a split, or an unknown of these in nel check; what a function makes with this
   seed is called for. VALUE_FAILED with a diagnostic. */
struct value data_of_value(struct eval *eval, struct value value, uint64_t seed, struct span span);

/* Whether nel check knows of the value only that it can be a molecule. */
bool molecule_unknown(struct value value);

/* Option blocks are bound like arguments, to a signature. What each option means stands in option_docs.c. */
#define LEARNING_OPTIONS                                                                                                           \
    "epochs: whole = 100, batch: any = 32, optimizer: any = adam, schedule: any = constant, clip: positive?, loss: any = auto, "   \
    "smoothing: part = 0, class_weights: any?, stop: any?, validation: any?, shuffle: bool = true, noise: amount = 0, "            \
    "l1: amount = 0, l2: amount = 0, seed: whole?"
#define TRAIN_SIGNATURE "train(" LEARNING_OPTIONS ", trials: count?, folds: count?, snapshots: list?, checkpoint: text?)"
#define GROW_SIGNATURE  "grow(limits: record?, " LEARNING_OPTIONS ", trials: count?)"
#define EVOLVE_SIGNATURE                                                                                                           \
    "evolve(population: count = 30, generations: count = 20, mutate: any?, crossover: share = 0, select: any = tournament, "       \
    "elite: whole = 1, species: share = 0, inherit: bool = false, fitness: function?, objectives: record?, train: record?, "       \
    "halving: whole = 0, limits: record?, finish: record?, checkpoint: text?, seed: whole?)"

/* The split that a data set or a split stands for; one reference, NULL with a diagnostic. */
struct split *split_of_data(struct eval *eval, struct value data, struct span span);

/* Option blocks' most entries. */
#define OPTIONS_MOST 40

/* Options of one expression, bound to a signature. */
struct options {
    struct signature signature;
    struct value values[OPTIONS_MOST];
    struct span spans[OPTIONS_MOST];
    bool given[OPTIONS_MOST];
};
/* Binds the record at `node` (NULL: none) to the signature with this text, "evolve(population: count = 50, …)"; false with
   diagnostics. Release in any case. */
bool options_bind(struct eval *eval, struct options *options, const char *signature, const struct node *node, struct span span);
void options_release(struct options *options);
/* The value of an option, by name; asserts that there is one. */
struct value option_value(const struct options *options, const char *name);
bool option_given(const struct options *options, const char *name);
struct span option_span(const struct options *options, const char *name);

/* The number; `other` where there is none, or nel check does not know it. */
double number_or(struct value value, double other);

/* The options of learning among bound options; and with them those that `train` alone has: what is made of a training. */
bool lesson_of(struct eval *eval, const struct options *options, struct lesson *lesson);
/* How many trials are wanted, for what makes several runs. */
bool lesson_trials(struct eval *eval, const struct options *options, struct lesson *lesson);
bool lesson_of_train(struct eval *eval, const struct options *options, struct lesson *lesson);
/* The latter from a record value (`train: { epochs: 60 }` of evolve); none: the defaults. */
bool lesson_of_record(struct eval *eval, struct value record, struct span span, struct lesson *lesson);
/* Whether a record of them has none that are about one training to look back at; else an error: in an evolution there are many. */
bool lesson_keeps_nothing(struct eval *eval, struct value record, struct span span);

/* lesson_data.c: prepares a split as the options want it. Where something `selects` and there is no validation part, one is taken from
   the training part. NULL with a diagnostic. */
struct prepared *lesson_prepare(struct eval *eval, const struct lesson *lesson, struct split *split, bool selects, uint64_t seed,
                                struct span span);

/* A `train molecule on data { options }` of values; options none: the defaults. The spans are where they were written. */
struct training_wish {
    struct value molecule, data, options;
    struct span data_span, options_span;
};
/* What it gives. */
struct value train_value(struct eval *eval, const struct training_wish *wish);
/* Whether it would begin: all is made ready, and nothing is trained or kept. False with the diagnostic that train_value would give. */
bool train_ready(struct eval *eval, const struct training_wish *wish);

/* compiled.c: graph and plan of a training as text; false with diagnostics. */
bool explain_training(struct eval *eval, const struct molecule *molecule, uint32_t input_width, struct text *out);

/* further.c: whether the epochs of the option `snapshots` are such; and the trial's own array of them. False with a diagnostic. */
bool snapshots_check(struct eval *eval, struct value snapshots, struct span span);
bool trial_watch(struct eval *eval, const struct lesson *lesson, struct trial *trial);

/* The values of commands: learn.c, grow.c, evolve.c, sweep.c. */
struct value eval_train(struct eval *eval, const struct node *node);
struct value eval_grow(struct eval *eval, const struct node *node);
struct value eval_evolve(struct eval *eval, const struct node *node);
struct value eval_sweep(struct eval *eval, const struct node *node);

bool learn_specs_add(struct eval *eval);

/* Functions on what trainings give. */
BUILTIN_TABLE(signals);  /* what is measured in networks */
BUILTIN_TABLE(predict);  /* what trained networks say */
BUILTIN_TABLE(ensemble); /* several that answer as one */
BUILTIN_TABLE(further);  /* trainings that go on */
BUILTIN_TABLE(save);     /* runs in files */

#endif
