/* Modules: `use rules` (of the standard library) and `use "my/file.nel" as m`. Each file is read, parsed and evaluated once a state. */
#ifndef NEL_INTERP_MODULE_H
#define NEL_INTERP_MODULE_H

#include "interp/eval.h"

struct module {
    struct module *older;
    char *path; /* or the name of a library module */
    const struct node *program;
    struct frame *frame; /* its names, retained; NULL until it was evaluated */
    bool running;        /* evaluation has begun and not ended: using it now is a cycle */
};

/* A text parsed into the state, its tree kept as long as the state; NULL with diagnostics. */
const struct node *source_parse(struct eval *eval, const char *name, struct str text);
/* The same, but statements that could not be read are NODE_ERROR; NULL only where memory or a limit is exhausted. */
const struct node *source_read(struct eval *eval, const char *name, struct str text);
void sources_parsed_release(struct nel_state *state);

/* The module's tree; NULL with diagnostics. */
const struct node *module_parse(struct eval *eval, const struct node *use);
/* Evaluates the module of the standard library `name` into `frame` (start-up: the elements). */
bool module_load_library(struct eval *eval, const char *name, struct frame *frame);
void modules_release(struct nel_state *state);

#endif
