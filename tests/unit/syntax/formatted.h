/* What holds of every layout: it parses to the same tree, keeps every comment, and is its own layout. */
#ifndef NEL_TEST_SYNTAX_FORMATTED_H
#define NEL_TEST_SYNTAX_FORMATTED_H

#include "parsed.h"
#include "syntax/comments.h"
#include "syntax/format.h"

/* Adds the layout of `text` to `out`; false where it has errors. */
static inline bool format_text(struct str text, struct text *out)
{
    struct sources sources = {0};
    struct diags diags = {0};
    uint32_t source = sources_add(&sources, "test.nel", text);
    bool well = source && format_source(&sources, source, out, &diags);
    diags_release(&diags);
    sources_release(&sources);
    return well;
}

/* A sum over the comments that does not depend on their order. */
static inline uint64_t comments_sum(struct str text)
{
    struct comments comments;
    uint64_t sum = 0;
    char *copy = mem_copy_text(text.at, text.len); /* the scanner wants a NUL behind the text */
    if (copy && comments_read(&comments, (struct str){copy, text.len})) {
        for (size_t i = 0; i < comments.list.count; i++) {
            uint64_t hash = 14695981039346656037u; /* FNV-1a */
            for (uint32_t at = comments.list.at[i].start; at < comments.list.at[i].end; at++)
                hash = (hash ^ (unsigned char)copy[at]) * 1099511628211u;
            sum += hash;
        }
        comments_release(&comments);
    }
    mem_free(copy);
    return sum;
}

/* NULL where all holds of `text`, which parses; else what does not. `first` becomes its layout. */
static inline const char *format_fault(struct str text, struct text *first)
{
    struct text before = {0}, after = {0}, second = {0};
    const char *fault = NULL;
    if (!format_text(text, first))
        fault = "it is not laid out";
    else if (parse_told(text, &before, NULL) != 0 || parse_told(text_str(first), &after, NULL) != 0)
        fault = "its layout does not parse";
    else if (!str_equal(text_str(&before), text_str(&after)))
        fault = "its layout means something else";
    else if (comments_sum(text) != comments_sum(text_str(first)))
        fault = "a comment was lost or changed";
    else if (!format_text(text_str(first), &second) || !str_equal(text_str(first), text_str(&second)))
        fault = "its layout is not its own layout";
    text_release(&before);
    text_release(&after);
    text_release(&second);
    return fault;
}

#endif
