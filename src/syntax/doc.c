/* Documentation comments: `##` lines right above a declaration, or one at the end of its last line. The scanner drops comments, so
   they are read off the source when somebody asks. */
#include <string.h>

#include "syntax/ast.h"

static struct str trim(struct str line)
{
    while (line.len && (line.at[0] == ' ' || line.at[0] == '\t'))
        line = (struct str){line.at + 1, line.len - 1};
    while (line.len && strchr(" \t\r", line.at[line.len - 1]))
        line.len--;
    return line;
}

/* The text of a line that is a documentation comment, without mark and blanks; false where it is none. */
static bool doc_line(struct str line, struct str *text)
{
    line = trim(line);
    if (line.len < 2 || memcmp(line.at, "##", 2) != 0)
        return false;
    while (line.len && line.at[0] == '#')
        line = (struct str){line.at + 1, line.len - 1};
    *text = trim(line);
    return true;
}

bool doc_comment(const struct source *source, const struct node *declaration, struct text *out)
{
    uint32_t line = source_position(source, declaration->span.start).line, first = line;
    struct str text;
    bool found = false;
    while (first > 1 && doc_line(source_line(source, first - 1), &text))
        first--;
    for (uint32_t i = first; i < line; i++) {
        doc_line(source_line(source, i), &text);
        text_add(out, found ? "\n" : "");
        text_add_str(out, text);
        found = true;
    }
    const char *after = source->text + declaration->span.end;
    if (doc_line((struct str){after, strcspn(after, "\n")}, &text)) {
        text_add(out, found ? "\n" : "");
        text_add_str(out, text);
        found = true;
    }
    return found;
}
