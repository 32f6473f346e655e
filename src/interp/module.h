/* Modules: `use rules` (of the standard library) and `use "my/file.nel" as m`. Each file is found, read, parsed and checked before
   anything runs, and evaluated once a state, where the first `use` of it stands. What it declares at its top level, names that
   begin with `_` excepted, is what it gives: as names of the user's own, or as members of `m`. Values are given as they are when
   the module has been evaluated; what its functions change later is seen by its functions. */
#ifndef NEL_INTERP_MODULE_H
#define NEL_INTERP_MODULE_H

#include "interp/eval.h"
#include "support/file.h"

enum module_stage {
    MODULE_FOUND,
    MODULE_LOADING, /* it, or what it uses, is being checked: using it now is a cycle */
    MODULE_LOADED,  /* its names are known */
    MODULE_READY,   /* it was evaluated */
    MODULE_FAILED   /* diagnostics told why */
};

struct module {
    struct module *older;
    char *name;                    /* of a library module, or the path that first led to the file */
    bool library;                  /* a part of the standard library */
    bool built_in;                 /* what it gives is known without `use` */
    struct file_identity identity; /* of a file */
    enum module_stage stage;
    const struct node *program;
    struct frame *frame;   /* its own names, retained */
    struct frame *exports; /* the names that it gives, retained; their values from MODULE_READY on */
    struct module *user;   /* while it is being loaded: whose `use` it is */
};

/* A text parsed into the state, its tree kept as long as the state. Statements that could not be read are NODE_ERROR, and were told;
   NULL only where memory or a limit is exhausted, with a diagnostic. */
const struct node *source_read(struct eval *eval, const char *name, struct str text);
/* The tree of a source that was read; NULL where there is none. */
const struct node *source_program(const struct nel_state *state, uint32_t source);
void sources_parsed_release(struct nel_state *state);

/* The module that `use` names, with all that it uses found, parsed and its names checked. NULL where there is none, MODULE_FAILED where
   something is wrong with it: both are told, once a run. */
struct module *module_load(struct eval *eval, const struct node *use);
/* Which module a `use` that was met leads to; false where it was not met. */
bool use_met(const struct nel_state *state, const struct node *use, struct module **module);
/* A file of the standard library, parsed; NULL with a diagnostic. */
struct library_file;
const struct node *library_program(struct eval *eval, const struct library_file *file);
/* Evaluates the module of the standard library `name` and makes what it gives built in. */
bool module_build_in(struct eval *eval, const char *name);
/* A program at work: modules that it uses cannot use it in turn, if `name` is the path of a file. End what was begun. */
bool module_script_begin(struct eval *eval, const char *name, const struct node *program);
void module_script_end(struct nel_state *state);
/* Modules that failed may be used again: at a prompt the file may have been mended. */
void modules_forget_failed(struct nel_state *state);
void modules_release(struct nel_state *state);

/* Runs statement after statement in the evaluation's frame; where `shown`, as at a prompt, the value of an expression is shown. The
   last statement's goes to `last`, where that is not NULL. With `checking` an error does not end it. */
bool program_evaluate(struct eval *eval, const struct node *program, bool shown, struct value *last);

/* module_names.c */
bool program_declares(const struct node *program, struct str name);
/* The names that a module gives: the one near to `wanted`, or else all; a help line. */
void module_names(const struct module *module, struct str wanted, struct text *help);
/* The module whose names or members `exports` holds. */
const struct module *module_of(const struct nel_state *state, const struct frame *exports);

/* What may be meant by an unknown `name` of `program`: a private name or a member of a module that it uses, a name of a module that
   those use, or one of the standard library; a help line, or nothing. */
void module_hint(struct eval *eval, const struct node *program, struct str name, struct text *help);

/* The statement that declares `name` in the standard library, and in which file; NULL: there is none. */
const struct node *library_declaration(struct eval *eval, struct str name, const struct library_file **library);

/* Errors from number `from` on that stand in the standard library, whose text is at hand for nobody, are turned: they stand where the
   user's own text led there, and the place in the library explains them. */
void library_errors_face_user(struct eval *eval, size_t from);

/* module_find.c: what a `use` leads to. */
struct library_file { /* of the standard library, embedded at build time */
    const char *name, *text;
    size_t len;
};
extern const struct library_file library_files[]; /* a NULL name ends it */
const struct library_file *library_find(struct str name);
/* The path of the file that `use` leads to and its identity; false with a diagnostic. */
bool module_path(struct eval *eval, const struct node *use, struct text *path, struct file_identity *identity);

#endif
