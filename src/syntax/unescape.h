/* From the spelling of a string to its content. */
#ifndef NEL_SYNTAX_UNESCAPE_H
#define NEL_SYNTAX_UNESCAPE_H

#include "support/arena.h"
#include "support/diag.h"
#include "support/source.h"

/* The content of the piece of a string at `piece` of `source`, its delimiters included: \n \t \r \" \\ \{ \} \u{…} are read, other
   escapes reported. Points into `source` where nothing is escaped, else into the arena. False: out of memory. */
bool string_unescape(struct str source, struct span piece, struct arena *arena, struct diags *diags, struct str *content);

#endif
