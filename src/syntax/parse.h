/* The parser's narrow door: text in, tree and diagnostics out. Bison's and re2c's types stay behind it. */
#ifndef NEL_SYNTAX_PARSE_H
#define NEL_SYNTAX_PARSE_H

#include "support/arena.h"
#include "support/diag.h"
#include "support/source.h"
#include "syntax/ast.h"

/* Parses source number `source` of `sources` into `arena`. Always returns a NODE_PROGRAM unless memory is exhausted (NULL);
   where `diags` gained errors, statements that could not be read are NODE_ERROR and the rest is whole. */
struct node *parse_program(const struct sources *sources, uint32_t source, struct arena *arena, struct diags *diags);

/* Whether a prompt should run `text`, wait for more lines, or show an error: asked of the same parser. */
enum completeness { INPUT_COMPLETE, INPUT_INCOMPLETE, INPUT_ERROR };
enum completeness parse_completeness(struct str text);

/* The reserved and the contextual words, for completion and editors; NULL ends each list. */
extern const char *const parse_hard_words[];
extern const char *const parse_soft_words[];

#endif
