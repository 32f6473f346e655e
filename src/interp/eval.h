/* Evaluation: the state of a script, and what the files of this floor share. A `nel_state` holds what lives as long as the session;
   an `eval` is one thread's evaluation in it. Evaluation runs under the state's lock, which is given up only around trainings: so
   values need no atomic counts, and a sweep's trainings still use every core. */
#ifndef NEL_INTERP_EVAL_H
#define NEL_INTERP_EVAL_H

#include <locale.h>
#include <pthread.h>

#include "interp/value.h"
#include "molecule/element.h"
#include "molecule/loss.h"
#include "support/arena.h"
#include "support/diag.h"
#include "support/progress.h"
#include "support/source.h"
#include "syntax/ast.h"

/* One scope: names and what they stand for. Frames are shared by closures. */
struct binding {
    struct str name; /* in a source or static, lives as long as the state */
    struct value value;
    const struct module *from; /* where a `use` brought it from; NULL: from nowhere */
};
struct index_entry {
    uint32_t hash, number; /* 1 + that of the binding; 0: free */
};
struct frame {
    struct object object; /* VALUE_MODULE, so that a module is a frame */
    struct frame *parent; /* retained */
    struct binding *bindings;
    size_t count, cap;
    struct index_entry *index; /* of `bindings`, by the name's hash, once there are many */
    size_t index_size;
    int closures;    /* living functions made here: each holds one of the references */
    uint64_t number; /* frames of the state are counted as they are made, from 1 */
    struct nel_state *state;
    struct frame *older, *newer; /* every frame of the state, so that cycles with closures end with it */
};

/* A function of the language: fn, molecule, lambda or predicate. */
struct function {
    struct object object;
    const struct node *node; /* NODE_FN, NODE_MOLECULE or NODE_PREDICATE */
    struct frame *frame;     /* where it was made, retained */
    struct str name;         /* "" for lambdas */
};

/* Where text goes. */
struct output {
    void (*write)(void *context, struct str text);
    void *context;
    bool colour, unicode; /* for `show` */
    unsigned columns;     /* width of the terminal, 0: not a terminal */
};

struct commands;   /* commands.h */
struct costs;      /* costs.h */
struct checkpoint; /* checkpoint.c */
struct parsed;     /* a source that was parsed, with its arena */

struct nel_state {
    const struct commands *commands; /* commands.h */
    pthread_mutex_t lock;
    struct sources sources;
    struct elements elements;
    struct losses losses;        /* that are formulas */
    struct elements loaded;      /* those that came with models from files, and that differ from the session's */
    struct losses loaded_losses; /* … and losses, each with the parameters that it was used with */
    struct frame *builtins;      /* outermost scope */
    struct frame *globals;       /* the script's own names */
    struct frame *frames;        /* every living frame, newest first */
    uint64_t frame_count;        /* frames made so far */
    struct parsed *parsed;       /* every parse, newest first: closures point into their trees */
    struct output output;
    struct progress progress;
    pthread_mutex_t report_lock; /* progress.lock points here */
    atomic_bool cancel;          /* progress.cancel points here */
    atomic_bool heeded;          /* a training ended by it, see eval_heed_stop */
    bool outlives_stop;          /* a script goes on behind such a training: a person looks on, who can stop it again */
    uint64_t seed;               /* default seed of everything that takes one */
    unsigned threads;            /* 0: all cores */
    bool checking;               /* `nel check`: nothing is trained; see unknown.h */
    struct costs *costs;         /* beside `checking`: gathers what the trainings will cost; else NULL */
    struct text *ir;             /* `nel ir`, beside `checking`: gathers the graph and plan of each training; else NULL */
    bool interactive;            /* a prompt: unused values are shown instead of refused */
    const char *const *settings; /* "name", "value" … of the command line; for `param` */
    size_t setting_count;
    struct checkpoint *checkpoints; /* those that trainings have open now, newest first */
    bool settings_optional;         /* they need not fit a text that has no `param` at all */
    struct module *modules;         /* files and parts of the standard library that were used, newest first */
    struct module_use *uses;        /* a table: which `use` leads to which */
    size_t use_count, use_cap;
    struct module *loading; /* whose names are being checked; its `user` asked for it */
};

/* One link of the call chain, for messages. */
struct call {
    const struct call *outer;
    struct str name; /* "" for a function without one */
    struct span span;
    const struct node *node; /* of the function; NULL for a built-in */
    unsigned uncertain;      /* eval->uncertain where it was called */
    int depth;               /* calls around, this one included */
};

struct eval {
    struct nel_state *state;
    struct diags *diags;
    bool gives_last;        /* whoever evaluates a script takes its last value, so it is not lost */
    struct diags *warnings; /* of names: what is odd and no error; NULL: nobody asks */
    struct frame *frame;
    struct object **pool; /* objects whose first reference is the pool's */
    size_t pool_count, pool_cap;
    struct text *out; /* where print and show go; NULL: the state's output */
    const struct call *call;
    struct costs *costs;           /* where `nel check` notes trainings, NULL: nowhere */
    const struct value *self;      /* the argument of the predicate being evaluated */
    char *stack_limit;             /* evaluation must not reach below this address */
    locale_t locale, outer_locale; /* while it runs, and before (state_begin) */
    uint64_t outside;              /* names of frames up to this number cannot be assigned: they lie outside a sweep's cell */
    unsigned uncertain;            /* `nel check`: inside so many places that a run may not come to; see unknown.h */
    bool blind;                    /* a growth policy looks: nothing of a test part is shown to it */
    bool nested; /* one of many at work side by side (a sweep's cell): trains on this thread only, reports nothing */
};

/* Life of an evaluation on the calling thread, with `stack` bytes of stack to use. */
void eval_start(struct eval *eval, struct nel_state *state, struct frame *frame, struct diags *diags, size_t stack);
void eval_end(struct eval *eval);

/* The wish to stop (state->cancel). It ends the training, growth or evolution that runs, which gives the best it has and says so with
   eval_heed_stop; the script goes on with that, loops and calls included, but nothing trains any more. Where nothing trains, the wish
   ends the script at the next turn of a loop or call; so it does everywhere where nobody could ask again, or in a sweep's cell. */
bool eval_stopped(struct eval *eval, struct span span);   /* whether evaluation is to end here, which is then told at `span` */
bool eval_may_train(struct eval *eval, struct span span); /* whether a training may begin; false with a diagnostic */
void eval_heed_stop(struct eval *eval);                   /* a training has ended: by that wish, where there is one */
void state_resume(struct nel_state *state);               /* takes the wish back */

/* The value of an expression, or of a block (its last statement's). */
struct value eval_node(struct eval *eval, const struct node *node);
/* One statement; its value where it is an expression. */
struct value eval_statement(struct eval *eval, const struct node *node);

/* Gives the pool the first reference of a new object; frees it and tells of exhausted memory where that fails. */
bool pool_add(struct eval *eval, struct object *object);
/* Pool marks: what was made since `mark` is dropped, `keep` excepted (it moves to the pool at `mark`). */
size_t pool_mark(const struct eval *eval);
struct value pool_drain(struct eval *eval, size_t mark, struct value keep);

/* Frames. */
struct frame *frame_new(struct nel_state *state, struct frame *parent); /* one reference; NULL where memory is exhausted */
struct frame *frame_retain(struct frame *frame);
void frame_release(struct frame *frame);
void frames_release_all(struct nel_state *state);
bool frame_bind(struct eval *eval, struct frame *frame, struct str name, struct value value); /* new or replaced in this frame */
struct binding *frame_find(struct frame *frame, struct str name);                             /* here and outwards; NULL */
struct binding *frame_find_here(struct frame *frame, struct str name);                        /* in this frame only; NULL */

/* Errors: adds a diagnostic, returns VALUE_FAILED. */
struct value eval_error(struct eval *eval, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct value eval_error_help(struct eval *eval, struct span span, const char *help, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* What a message calls a value: a number, truth value or short text as it is, others by their kind ("a data set"). */
void value_describe(struct eval *eval, struct value value, struct text *out);
/* "expected a data set, found 5" */
struct value eval_error_type(struct eval *eval, struct span span, const char *expected, struct value found);
/* The same of a condition. */
struct value eval_error_condition(struct eval *eval, struct span span, struct value found);
struct value eval_out_of_memory(struct eval *eval, struct span span);

/* ---- calls ---------------------------------------------------------------------------------------------------------- */

/* An argument as it was given. */
struct argument {
    struct str label; /* "" where none was written */
    struct value value;
    struct span span;       /* of the value */
    struct span label_span; /* of the label, where one was written */
};

struct value call_value(struct eval *eval, struct value callee, const struct argument *arguments, size_t count, struct span span);
/* One positional argument: what map, filter, fitness and predicates need. */
struct value call_one(struct eval *eval, struct value callee, struct value argument, struct span span);
/* Names of a callable's parameters, for asking whether it takes a `seed`. */
bool callable_takes(struct value callee, struct str parameter);
bool value_callable(struct value value);
/* operator.c: what an operator of arithmetic, order or logic makes of two numbers; a truth is 1 or 0, any other operator NaN. */
double operator_compute(enum op op, double a, double b);

/* What a built-in receives: values in the order of its parameters, defaults filled in. */
struct args {
    struct span call;            /* the whole call */
    const struct value *at;      /* [parameter_count] */
    const struct span *span;     /* [parameter_count]; the call's where not given */
    const bool *given;           /* [parameter_count] */
    const struct argument *rest; /* what a last parameter `…` collects */
    size_t rest_count;
};

/* Parameter types of signatures. */
enum parameter_type {
    TYPE_ANY,
    TYPE_NUMBER,
    TYPE_WHOLE,    /* a number without fraction, >= 0 */
    TYPE_COUNT,    /* a whole number, >= 1 */
    TYPE_POSITIVE, /* a number > 0 */
    TYPE_AMOUNT,   /* a number >= 0 */
    TYPE_SHARE,    /* a number of 0..1, as 20% */
    TYPE_PART,     /* a number of 0 to below 1 */
    TYPE_BOOL,
    TYPE_TEXT,
    TYPE_WORD, /* see value_word */
    TYPE_LIST,
    TYPE_RECORD,
    TYPE_FUNCTION, /* anything callable */
    TYPE_ELEMENT,
    TYPE_MOLECULE, /* comes as VALUE_MOLECULE, elements and the like turned into one */
    TYPE_DATA,     /* a data set or a split */
    TYPE_RUN,      /* a run or runs */
    TYPE_TABLE,
    TYPE_RULE,
    TYPE_CHANGE, /* a rule or an action */
    TYPE_SPEC
};

struct parameter {
    struct str name;
    enum parameter_type type;
    bool optional;        /* `type?`: none where not given */
    bool rest;            /* `…` */
    struct value initial; /* VALUE_FAILED: must be given */
};

/* A signature is read from its text, which is also what the manual prints:
   "split(data: data, train: share = 80%, validation: share?, seed: whole?)", "length(xs: any): number". */
struct signature {
    struct str name;
    struct parameter *parameters;
    size_t count;
    enum value_kind result; /* what a call gives; VALUE_UNKNOWN where the signature does not say, or it depends */
    char *text;             /* owned copy that names point into */
};

struct builtin {
    struct object object;
    struct signature signature;
    const char *doc;
    const void *context; /* a toy, say */
    struct value bound;  /* of a method: the value that it was reached through, retained */
    bool carries;        /* see unknowns_carried */
    struct value (*call)(struct eval *eval, const struct builtin *self, const struct args *args);
};

/* A row of a table of built-ins. */
struct builtin_row {
    const char *signature;
    const char *doc; /* one sentence or more; shown by `nel doc` and hover */
    struct value (*call)(struct eval *eval, const struct builtin *self, const struct args *args);
};

/* A table of them, named by its subject. */
#define BUILTIN_TABLE(subject)                                                                                                     \
    extern const struct builtin_row builtins_##subject[];                                                                          \
    extern const size_t builtins_##subject##_count

/* Whether a number is in the range of the type; any number is of a type that has none. */
bool number_fits(double number, enum parameter_type type);

/* Reads a signature; false, and nothing to release, where memory is exhausted. A malformed one is a programming error (assert). */
bool signature_read(struct signature *signature, const char *text);
void signature_release(struct signature *signature);
/* Whether it has a parameter of this name; `help`: what to say where it has not. */
bool signature_has(const struct signature *signature, struct str name, struct text *help);

/* An argument gives `name` of `what` once more; false, with a diagnostic. */
bool argument_twice(struct eval *eval, const struct argument *argument, struct str name, const char *what);

/* Binds arguments to a signature; false with diagnostics (unknown label with a near name, surplus, missing, wrong type). `values`,
   `spans` and `given` hold signature->count entries. `what` names the callee in messages: "`split`", "the options of `train`". */
bool bind_arguments(struct eval *eval, const struct signature *signature, const char *what, const struct argument *arguments,
                    size_t count, struct span span, struct value *values, struct span *spans, bool *given,
                    const struct argument **rest, size_t *rest_count);

bool builtins_add(struct eval *eval, const struct builtin_row *rows, size_t count);
/* A method of `self`, such as `run.at`. */
struct value value_method(struct eval *eval, struct value self, const char *signature, const char *doc,
                          struct value (*call)(struct eval *eval, const struct builtin *self, const struct args *args));
bool builtin_add(struct eval *eval, const char *signature, const char *doc, const void *context, bool carries,
                 struct value (*call)(struct eval *eval, const struct builtin *self, const struct args *args));

/* ---- printing (print.c, show.c) --------------------------------------------------------------------------------------- */

/* A value on one line, as `print` and interpolation write it; `quoted`: texts in quotes, as inside a list. */
void value_print(struct eval *eval, struct value value, bool quoted, struct text *out);
/* The rich view of `show`. */
bool value_show(struct eval *eval, struct value value, struct span span, struct text *out);
/* Sends text to the output of this evaluation. */
void eval_write(struct eval *eval, struct str text);

/* ---- members (member.c) ------------------------------------------------------------------------------------------------- */

/* value.name, VALUE_FAILED with a diagnostic that lists or suggests members. */
struct value value_member(struct eval *eval, struct value object, struct str name, struct span span);

#endif
