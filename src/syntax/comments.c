/* See comments.h. Whatever stands between two tokens is blanks and comments, and only a comment holds a `#`. */
#include "syntax/comments.h"

#include <string.h>

#include "syntax/nel.tab.h"
#include "syntax/scan.h"

static bool read_gap(struct comments *comments, uint32_t start, uint32_t end)
{
    const char *text = comments->text.at;
    for (uint32_t at = start; at < end; at++) {
        if (text[at] != '#')
            continue;
        uint32_t stop = at;
        while (stop < end && text[stop] != '\n')
            stop++;
        uint32_t next = stop;
        while (stop > at && (text[stop - 1] == ' ' || text[stop - 1] == '\t' || text[stop - 1] == '\r'))
            stop--;
        if (!vec_push(&comments->list, ((struct comment){at, stop})))
            return false;
        at = next;
    }
    return true;
}

bool comments_read(struct comments *comments, struct str text)
{
    struct diags ignored = {0};
    struct scanner scanner;
    *comments = (struct comments){.text = text};
    scanner_init(&scanner, text, 0, &ignored);
    uint32_t end = scanner.at;
    bool well = true, more = true;
    while (well && more && !scanner.out_of_memory) {
        struct token token = scan_token(&scanner);
        well = read_gap(comments, end, token.span.start);
        end = token.span.end;
        more = token.kind != TOKEN_END;
    }
    well = well && !scanner.out_of_memory;
    scanner_release(&scanner);
    diags_release(&ignored);
    return well;
}

void comments_release(struct comments *comments)
{
    vec_release(&comments->list);
}

const struct comment *comments_before(struct comments *comments, uint32_t end)
{
    if (comments->next == comments->list.count || comments->list.at[comments->next].start >= end)
        return NULL;
    return &comments->list.at[comments->next++];
}

/* Behind the brackets around a construct that ends at `at`, on whatever line they close. */
static uint32_t behind_brackets(const struct comments *comments, uint32_t at)
{
    for (;;) {
        size_t next = at + strspn(comments->text.at + at, " \t\r\n");
        if (comments->text.at[next] != ')')
            return at;
        at = (uint32_t)next + 1;
    }
}

const struct comment *comments_behind(struct comments *comments, uint32_t after, bool bracketed, const char *between)
{
    if (comments->next == comments->list.count || comments->list.at[comments->next].start < after)
        return NULL;
    const struct comment *comment = &comments->list.at[comments->next];
    if (bracketed)
        after = behind_brackets(comments, after);
    for (uint32_t at = after; at < comment->start; at++)
        if (!strchr(between, comments->text.at[at]) && !strchr(" \t", comments->text.at[at]))
            return NULL;
    comments->next++;
    return comment;
}

bool comments_blank_above(const struct comments *comments, uint32_t at)
{
    unsigned lines = 0;
    while (at > 0 && lines < 2 && strchr(" \t\r\n;,(", comments->text.at[at - 1]))
        lines += comments->text.at[--at] == '\n';
    return lines == 2;
}
