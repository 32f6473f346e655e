/* What the files of the resolver share; see resolve.h. Scopes are frames, as the evaluator's, that hold names and no values; the
   outermost stands in the frame that the program will run in. Inside functions every name that the program declares at its top level
   counts as known, since a call comes later; elsewhere a name must have been made before.

   Where the parser could not read a statement, any word in it may be a name that it makes or uses. Where that would have been a
   `use`, any name at all may come from it, and unknown ones are no longer told. */
#ifndef NEL_INTERP_RESOLVER_H
#define NEL_INTERP_RESOLVER_H

#include "interp/declared.h"
#include "interp/eval.h"

/* What a name would stand for. */
enum stage {
    STAGE_NONE,
    STAGE_ANY,  /* a stage of a molecule */
    STAGE_LAYER /* called to be one */
};

struct resolver {
    struct eval *eval;
    const struct node *program;
    struct frame *outside;    /* where the program will run */
    struct frame *top;        /* its top level, as far as it has been read */
    struct frame *whole;      /* all names of its top level */
    struct declared declared; /* scopes bind names to numbers of these */
    unsigned inside;          /* functions around */
    bool shown;               /* a prompt: values at the top level are not lost */
    enum stage stage;         /* what is resolved next */
    bool pattern;             /* within a rule */
    bool broken;              /* the program has syntax errors, and statements may be pieces of others */
    bool blind;               /* names may come from what could not be read */
    bool well;                /* false: an error was told, or memory is exhausted */
};

/* ---- resolve_scope.c: scopes, and the names in them ---- */

/* A scope inside `outer`; without memory, which is told, `outer` itself serves. Closed by frame_release. */
struct frame *scope_open(struct resolver *resolver, struct frame *outer);

/* Binds the name of `declaration` in `scope` to its number; whatever made the name there before and is of interest is the same
   declaration. */
void scope_declare_as(struct resolver *resolver, struct frame *scope, struct declaration declaration);
void scope_declare_node(struct resolver *resolver, struct frame *scope, const struct node *node);
void scope_declare(struct resolver *resolver, struct frame *scope, struct str name); /* one that is no matter of `declared` */
void scope_declare_missing(struct resolver *resolver, struct frame *scope, struct str name);
void scope_declare_variables(struct resolver *resolver, const struct node *pattern, struct frame *scope); /* `?A` and the like */
void scope_declare_words(struct resolver *resolver, const struct node *error, struct frame *scope); /* those of what was not read */
void scope_declare_all(struct resolver *resolver, bool exported); /* of the top level, before any statement is looked at */

/* What the name is bound to, in the program (`own`) or outside it; NULL: unknown. */
const struct binding *scope_find(const struct resolver *resolver, struct frame *scope, struct str name, bool *own);
bool scope_knows(const struct resolver *resolver, struct frame *scope, struct str name);

/* The program's declaration that the name stands for; NULL where it stands for none. */
struct declaration *scope_declaration(struct resolver *resolver, struct frame *scope, struct str name);

/* Notes that the name is used, and that what the statement `node` makes is not used by what stands in it. */
void scope_use(struct resolver *resolver, struct frame *scope, struct str name);
void scope_set_open(struct resolver *resolver, struct frame *scope, const struct node *node, bool open);

/* Of parts that make names, such as parameters, no two make the same. `what` says where they stand. */
void scope_check_distinct(struct resolver *resolver, const struct node *node, enum node_kind kind, const char *what);

/* ---- resolve_unknown.c: what is said about a name that is unknown ---- */

/* Tells it, with the name that was meant where one is near; `stage`: what it would stand for. */
void resolve_unknown(struct resolver *resolver, struct frame *scope, const struct node *node, enum stage stage);

/* What to do about it, where anything can be told. */
void resolve_help_unknown(struct resolver *resolver, struct frame *scope, const struct node *node, enum stage stage,
                          struct diag *diag);

/* ---- resolve_use.c: names between files; each is false where it told an error ---- */

/* A `use` in `scope`, the program's top level. `blind`: names that are unknown from here on may be the module's. */
bool resolve_use(struct eval *eval, const struct node *program, const struct node *use, struct frame *scope, bool *blind);

/* A declaration at the top level, before its name is bound in `scope`. */
bool resolve_declared(struct eval *eval, const struct node *program, const struct node *statement, struct frame *scope);

/* `object.member`, where `object` is a name; `target = …`, where its name is bound so. */
bool resolve_member(struct eval *eval, const struct node *member, const struct binding *object);
bool resolve_assigned(struct eval *eval, const struct node *target, const struct binding *binding);

#endif
