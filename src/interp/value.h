/* Values: what expressions give. A value is small and passed by copy; larger things are reference-counted objects behind it.

   Who owns what. Every new object belongs at first to the pool of the evaluation that made it, so a value that is handed about is
   borrowed and nobody has to release it, on success or on failure. Whoever keeps one beyond the statement (a variable, a list, a
   record, a closure) retains it, and releases it when it lets go. The pool is drained when a statement ends; a call drains what its
   body made, except for its result. */
#ifndef NEL_INTERP_VALUE_H
#define NEL_INTERP_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

struct eval;

enum value_kind {
    VALUE_FAILED, /* evaluation failed; its diagnostic is in the list already */
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_UNKNOWN, /* `nel check`: what only a training would tell; see unknown.h */
    /* objects from here on */
    VALUE_STRING,
    VALUE_WORD, /* a bare word that options use: full, he, erk */
    VALUE_LIST,
    VALUE_RECORD,
    VALUE_ESTIMATE, /* one figure of several trials */
    VALUE_FUNCTION, /* fn, molecule, lambda, predicate */
    VALUE_BUILTIN,
    VALUE_SPEC, /* an option with parameters: adam(lr: 1e-3), patience(50), tournament(3) */
    VALUE_ELEMENT,
    VALUE_MOLECULE,
    VALUE_DATASET,
    VALUE_SPLIT,
    VALUE_MODEL,
    VALUE_RUN,      /* one training */
    VALUE_RUNS,     /* several trials of one training */
    VALUE_ENSEMBLE, /* trained networks that answer as one */
    VALUE_TABLE,
    VALUE_RULE,
    VALUE_GROWTH,    /* a growth policy with its arguments */
    VALUE_EVOLUTION, /* what `evolve` gives */
    VALUE_MODULE     /* use "file.nel" as m */
};

struct object {
    int references;
    uint8_t kind; /* enum value_kind */
};

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        double number;
        enum value_kind of; /* VALUE_UNKNOWN: the kind it has; VALUE_UNKNOWN where that is not known either */
        struct object *object;
        struct string *string;
        struct list *list;
        struct record *record;
        struct estimate_object *estimate;
        struct function *function;
        struct builtin *builtin;
        struct spec *spec;
        struct element_object *element;
        struct molecule_object *molecule;
        struct dataset_object *dataset;
        struct split_object *split;
        struct model_object *model;
        struct run *run;
        struct runs *runs;
        struct ensemble *ensemble;
        struct table_object *table;
        struct rule *rule;
        struct growth *growth;
        struct evolution_object *evolution;
        struct frame *module;
    };
};

struct string {
    struct object object;
    size_t len;
    char at[]; /* UTF-8, NUL behind it */
};

struct list {
    struct object object;
    struct value *items; /* each retained */
    size_t count, cap;
    bool open; /* `nel check`: how many there are is not known; the one item is what each of them is like */
};

struct field {
    struct string *key;
    struct value value;
};
struct record {
    struct object object;
    struct field *fields; /* in the order written, keys distinct, both retained */
    size_t count, cap;
};

struct estimate_object {
    struct object object;
    size_t count;
    double values[]; /* trial by trial; NaN where a trial has none */
};

/* A table: named columns of equal length. */
struct table_object {
    struct object object;
    struct string **names; /* [columns] */
    struct value *cells;   /* [rows x columns], row by row, each retained */
    size_t columns, rows, cap;
    size_t axes; /* the first columns that are a sweep's axes */
    bool open;   /* `nel check`: how many rows there are is not known; the one row is what each of them is like */
};

/* An option with parameters. */
struct spec {
    struct object object;
    const char *family;      /* "optimizer", "stop", "select": what it may be given for */
    struct str name;         /* "adam"; lives as long as the built-in that made it */
    struct record *fields;   /* retained */
    const struct loss *loss; /* of a loss that is a formula; NULL: of none */
};

#define VALUE_IS_OBJECT(v) ((v).kind >= VALUE_STRING)

/* Constructors of plain values. */
static inline struct value value_failed(void)
{
    return (struct value){.kind = VALUE_FAILED};
}
static inline struct value value_none(void)
{
    return (struct value){.kind = VALUE_NONE};
}
static inline struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_BOOL, .boolean = b};
}
static inline struct value value_number(double n)
{
    return (struct value){.kind = VALUE_NUMBER, .number = n};
}
static inline struct value value_unknown_of(enum value_kind kind)
{
    return (struct value){.kind = VALUE_UNKNOWN, .of = kind};
}
static inline struct value value_unknown(void)
{
    return value_unknown_of(VALUE_UNKNOWN);
}
/* What kind of thing it is, whether its content is known or not. */
static inline enum value_kind value_content(struct value value)
{
    return value.kind == VALUE_UNKNOWN ? value.of : value.kind;
}
static inline bool failed(struct value v)
{
    return v.kind == VALUE_FAILED;
}

/* Counting. */
struct value value_retain(struct value value);
void value_release(struct value value);

/* New objects, owned by the pool of `eval`. VALUE_FAILED (with a diagnostic) where memory is exhausted. */
struct value value_object(struct eval *eval, size_t size, enum value_kind kind); /* zeroed, `size` bytes in all */
struct value value_string(struct eval *eval, struct str text);
struct value value_text(struct eval *eval, struct text *text); /* takes the text's content and releases it */
struct value value_list(struct eval *eval);
struct value value_record(struct eval *eval);
struct value value_estimate(struct eval *eval, const double *values, size_t count);
struct value value_table(struct eval *eval, const char *const *names, size_t columns);

/* Changes while a value is being built, before anybody else sees it; false (with a diagnostic) where memory or a limit is exhausted.
   Each retains what it is given. */
bool list_add(struct eval *eval, struct list *list, struct value item);
bool record_set(struct eval *eval, struct record *record, struct str key, struct value value); /* replaces an equal key */
bool table_add_row(struct eval *eval, struct table_object *table, const struct value *cells);  /* [columns] */

/* Looking in. */
const struct value *record_get(const struct record *record, struct str key); /* NULL: no such field */
int table_column(const struct table_object *table, struct str name);         /* -1: no such column */
struct str string_str(const struct string *string);

/* Deep equality; values of different kinds differ. An estimate compares by its mean. */
bool value_equal(struct value a, struct value b);

/* Equal values hash equally. */
uint64_t value_hash(struct value value);

/* "number", "text", "molecule": how messages name kinds. With article: "a number". */
const char *value_kind_name(enum value_kind kind);
const char *value_kind_article(enum value_kind kind);
const char *value_article(struct value value); /* of its kind, known or not */

/* The word that an option value stands for: a word, a text, or the name of an element, a built-in or a declared function. */
bool value_word(struct value value, struct str *word);

/* The number of a number or the mean of an estimate. */
bool value_as_number(struct value value, double *number);

#endif
