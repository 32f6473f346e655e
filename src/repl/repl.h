/* The prompt: entries are read with libedit (history, completion of names with Tab, several lines where an entry is not complete yet),
   evaluated in one state, and their values shown. */
#ifndef NEL_REPL_REPL_H
#define NEL_REPL_REPL_H

#include "library/session.h"
#include "repl/progress_line.h"

/* Runs until end of input or `:quit`. An error is told and the session goes on; Ctrl-C empties the entry or stops a training. */
void repl_run(struct nel_state *state, struct progress_line *progress);

#endif
