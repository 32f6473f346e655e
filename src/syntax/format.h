/* The canonical layout of a source: what `nel fmt` writes. */
#ifndef NEL_SYNTAX_FORMAT_H
#define NEL_SYNTAX_FORMAT_H

#include "support/diag.h"
#include "support/source.h"

/* Lays source number `source` of `sources` out anew and adds it to `out`. It parses to the same tree, keeps every comment and at
   most one blank line in a row, and is its own layout. False with diagnostics where the source has syntax errors, or memory is
   exhausted; `out` is then of no use. */
bool format_source(const struct sources *sources, uint32_t source, struct text *out, struct diags *diags);

#endif
