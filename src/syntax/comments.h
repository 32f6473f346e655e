/* The comments of a source, in order, for the formatter: the tree does not hold them. They are handed out as the walk passes their
   places, each once. */
#ifndef NEL_SYNTAX_COMMENTS_H
#define NEL_SYNTAX_COMMENTS_H

#include "support/source.h"
#include "support/vec.h"

struct comment {
    uint32_t start, end; /* from its `#` to its last character that is no blank */
};

struct comments {
    struct str text; /* of the source */
    VEC(struct comment) list;
    size_t next; /* not yet handed out */
};

/* Reads them off a source that parses. False where memory is exhausted; release in any case. */
bool comments_read(struct comments *comments, struct str text);
void comments_release(struct comments *comments);

/* The next one that begins before `end`; NULL where there is none. */
const struct comment *comments_before(struct comments *comments, uint32_t end);

/* The next one where it stands on the line of a construct that ends at `after`, nothing but blanks and the characters of `between`
   in front of it; NULL where there is none. `bracketed`: the brackets that close behind the construct belong to it. */
const struct comment *comments_behind(struct comments *comments, uint32_t after, bool bracketed, const char *between);

/* Whether an empty line stands right above `at`, blanks, separators and opening brackets aside. */
bool comments_blank_above(const struct comments *comments, uint32_t at);

#endif
