/* Source texts and places in them. A span is a byte range in one registered text: a file, a REPL entry, a DNA string, a
   command-line expression. Values may carry spans without knowing what they point into; only diagnostics look. */
#ifndef NEL_SUPPORT_SOURCE_H
#define NEL_SUPPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

/* Bytes [start, end) of source number `source`; source 0 means "nowhere". */
struct span {
    uint32_t source;
    uint32_t start, end;
};

#define SPAN_NONE ((struct span){0, 0, 0})

/* The smallest span that holds both; where one is nowhere or they lie in different texts, the first that is somewhere. */
struct span span_join(struct span a, struct span b);

struct source {
    char *name; /* as shown: "script.nel", "<repl:3>" */
    char *text; /* NUL-terminated copy, owned */
    size_t len;
    uint32_t *line_start; /* byte offset of each line */
    uint32_t line_count;
};

/* Every text of one state, numbered from 1; texts live as long as the registry, since values point into them. */
struct sources {
    struct source **at;
    size_t count, cap;
};

/* Registers a copy of `text` and returns its number, 0 where memory or a limit is exhausted. */
uint32_t sources_add(struct sources *sources, const char *name, struct str text);
const struct source *sources_get(const struct sources *sources, uint32_t number); /* NULL for 0 or unknown */
void sources_release(struct sources *sources);

/* Line and column of a byte offset, both from 1; a column counts code points. */
struct position {
    uint32_t line, column;
};
struct position source_position(const struct source *source, uint32_t offset);
struct str source_line(const struct source *source, uint32_t line); /* without its newline (and CR) */

#endif
