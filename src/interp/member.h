/* Tables of members, one a kind of value: what member.c and the files with the getters share. */
#ifndef NEL_INTERP_MEMBER_H
#define NEL_INTERP_MEMBER_H

#include "interp/objects.h"

/* One member; several share a getter, which is given the name. Tables end with a NULL name. */
struct member {
    const char *name;
    struct value (*get)(struct eval *eval, struct value self, struct str name, struct span span);
    enum value_kind gives; /* what it is in `nel check`, where `self` is not known; VALUE_FAILED: that depends */
    const char *doc;       /* for the manual */
};

/* For getters of a single member. */
#define UNUSED_NAME_SPAN ((void)name, (void)span)

/* In tables: a member of one kind. */
#define MEMBER(name, get, gives, doc)                                                                                              \
    {                                                                                                                              \
        name, get, VALUE_##gives, doc                                                                                              \
    }

/* In tables: figures of how well samples are told. */
#define SCORE_MEMBERS(get, kind, get_classes)                                                                                      \
    MEMBER("accuracy", get, kind,                                                                                                  \
           "Share of right answers: on test data where there is a test part, else on validation, else on training data."),         \
        MEMBER("balanced_accuracy", get, kind,                                                                                     \
               "The mean recall of the classes that occur: what always saying the most frequent class cannot raise."),             \
        MEMBER("precision", get, kind,                                                                                             \
               "Of the samples taken for a class the share that is of it, as a mean over the classes; 0 for a class that is "      \
               "never predicted. `classes` has each."),                                                                            \
        MEMBER("recall", get, kind,                                                                                                \
               "Of a class's samples the share that is taken for it, as a mean over the classes. `classes` has each."),            \
        MEMBER("f1", get, kind, "The harmonic mean of precision and recall, as a mean over the classes. `classes` has each."),     \
        MEMBER("auc", get, kind,                                                                                                   \
               "The area under the ROC curve: how often a sample of a class is given a higher probability of it than one of "      \
               "another class, ties counting half; 0.5 is chance. Of more than two classes the mean of each against the rest; "    \
               "not a number where only one class occurs."),                                                                       \
        MEMBER("classes", get_classes, TABLE,                                                                                      \
               "A table with a row for each class: `class`, `precision`, `recall`, `f1`, `auc`, and `support`, how many samples "  \
               "are of it."),                                                                                                      \
        MEMBER("confusion", get_classes, TABLE,                                                                                    \
               "The confusion matrix as a table: a row for each true class (`truth`), a column for each class it was taken for."), \
        MEMBER("r2", get, kind,                                                                                                    \
               "Coefficient of determination: 1 is perfect, 0 no better than the mean; not a number where the target does not "    \
               "vary. For values."),                                                                                               \
        MEMBER("mae", get, kind, "Mean absolute error, in the target's own unit. For values."),                                    \
        MEMBER("rmse", get, kind,                                                                                                  \
               "Root of the mean squared error, in the target's own unit; of several targets the mean of theirs. For values."),    \
        MEMBER("mse", get, kind, "Mean squared error, in the target's own unit squared. For values.")

/* A test part where a growth policy looks: refused. */
struct value test_refused(struct eval *eval, struct span span);
struct value member_text(struct eval *eval, const char *text); /* none for NULL */
struct value member_name(struct string *name);                 /* none for NULL */
struct value member_dna(struct eval *eval, const struct molecule *molecule);

/* member_result.c */
extern const struct member ensemble_members[]; /* member_ensemble.c */
extern const struct member run_members[], runs_members[], evolution_members[], model_members[];

/* What the manual says of each kind of value. */
extern const struct kind_doc {
    const char *name, *doc;
    const struct member *members;
} kind_docs[];

#endif
