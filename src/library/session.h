/* A session: a state opened, sources evaluated in it one after the other, closed. What the faces (and the public library) use. */
#ifndef NEL_LIBRARY_SESSION_H
#define NEL_LIBRARY_SESSION_H

#include "interp/eval.h"

/* Opens a state: built-ins and the standard library's elements. The caller fills output, progress, seed, threads, checking,
   interactive and settings afterwards. False with diagnostics; close it in any case. */
bool state_open(struct nel_state *state, struct diags *diags);
void state_close(struct nel_state *state);

/* An evaluation among the state's own names, on the calling thread: between the two it holds the state's lock, and numbers are
   written as in the C locale, whatever the program's is. False with a diagnostic where the thread has too little stack; then there
   is nothing to end. */
bool state_begin(struct nel_state *state, struct eval *eval, struct diags *diags);
void state_end(struct eval *eval);

/* Parses, checks names and evaluates `text`; the value of its last statement, none where that has no value, failed with diagnostics. */
struct value state_value(struct eval *eval, const char *name, struct str text);

/* Parses, checks names and evaluates `text`; names it makes stay for the next. With `checking`, errors do not end it. At a prompt
   (`interactive`) the value of an expression is shown. False where `diags` gained errors. */
bool state_evaluate(struct nel_state *state, const char *name, struct str text, struct diags *diags);

/* `nel check`: as state_evaluate, but nothing is trained, and what the trainings will cost is gathered (costs.h). */
bool state_check(struct nel_state *state, const char *name, struct str text, struct diags *diags);

/* What `nel check` tells then of the file, with `diags` of its check: for people that it has no errors and a table of its trainings; of
   a file with errors nothing, for diagnostics tell that. As JSON one object a line, whichever of

     {"severity": "error" or "warning", "file", "line", "column", "end_line", "end_column", "message", "note", "help", "labels": […]}
         a diagnostic; lines and columns from 1, columns in code points, the end behind the last; labels have a text and a place
     {"training": "train", "grow" or "evolve", "file", "line", "column", "molecule", "parameters", "flops_per_epoch", "data_bytes",
      "bytes", "seconds_per_epoch", "epochs", "trainings", "cells", "seconds", "at_most"}
         alike trainings of one expression: the network as DNA, with its head; memory of the data and of one training beside it; time on
         one thread; epochs of one; how many trainings (of trials, folds, cells, populations), and in how many cells of a sweep (0: in
         none); wall time of all; whether these are upper bounds. What only training tells is left out
     {"checked", "errors", "warnings", "trainings", "flops", "bytes", "seconds", "at_most", "known", "threads"}
         the last line: the file, and sums over its trainings; `known`: whether all times are. */
void state_check_report(struct nel_state *state, const char *name, const struct diags *diags, bool json, struct text *out);

/* A DNA string explained, as `nel dna` prints it: canonical form and a diagram for `inputs` features (0: some that fit). */
bool state_explain(struct nel_state *state, struct str dna, uint32_t inputs, struct text *out, struct diags *diags);
/* DNA, one string a line, as `nel dna -` prints it: hash and canonical form of each that is well-formed; false where one is not. */
bool state_list_dna(struct nel_state *state, struct str lines, struct text *out, struct diags *diags);

/* The manual's entries of a name: built-ins, elements, options, members, words of the language, what the script declared. False where
   there is none; near names go to `help`. */
bool state_doc(struct nel_state *state, struct str name, struct text *out, struct text *help);
/* Its contents, a line an entry, and all of it as a page of Markdown; false where memory is exhausted. */
bool state_doc_contents(struct nel_state *state, struct text *out);
bool state_doc_page(struct nel_state *state, struct text *out);

/* What a name, as typed so far, may become: calls `offer` for each, built-ins, own names and words alike. */
void state_complete(struct nel_state *state, struct str typed, void (*offer)(void *context, struct str name), void *context);

#endif
