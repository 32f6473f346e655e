/* See format.h. Statement by statement: each becomes a document (format_node.h), which is laid out (pretty.c) and let go, so that
   memory does not grow with the file. In the end the comments behind the code of neighbouring lines are put into one column. */
#include "syntax/format.h"

#include "support/limits.h"
#include "syntax/format_node.h"
#include "syntax/parse.h"

/* Columns that code is laid out in, and those that a comment pushed to the right may use. */
#define WIDTH         100
#define COMMENT_WIDTH 120

static size_t columns(const struct text *text, size_t start, size_t end)
{
    return text_columns((struct str){text->at + start, end - start});
}

static size_t line_end(const struct text *text, size_t at)
{
    while (at < text->len && text->at[at] != '\n')
        at++;
    return at;
}

static size_t indent_of(const struct text *text, const struct pretty_comment *comment)
{
    size_t at = comment->line;
    while (at < comment->code && text->at[at] == ' ')
        at++;
    return at - comment->line;
}

/* Comments [first, result) stand behind lines that follow each other, equally indented. */
static size_t run_end(const struct text *text, const struct pretty_comments *comments, size_t first)
{
    size_t end = first + 1;
    while (end < comments->list.count) {
        const struct pretty_comment *above = &comments->list.at[end - 1], *below = &comments->list.at[end];
        if (line_end(text, above->comment) + 1 != below->line || indent_of(text, above) != indent_of(text, below))
            break;
        end++;
    }
    return end;
}

/* The column that the comments [first, end) begin in; 0 where some would stand too far to the right. */
static size_t run_column(const struct text *text, const struct pretty_comments *comments, size_t first, size_t end)
{
    size_t code = 0, widest = 0;
    for (size_t i = first; i < end; i++) {
        const struct pretty_comment *comment = &comments->list.at[i];
        size_t before = columns(text, comment->line, comment->code);
        size_t behind = columns(text, comment->comment, line_end(text, comment->comment));
        code = before > code ? before : code;
        widest = behind > widest ? behind : widest;
    }
    return code + 2 + widest <= COMMENT_WIDTH ? code + 2 : 0;
}

static void align_comments(const struct text *text, const struct pretty_comments *comments, struct text *out)
{
    size_t done = 0;
    for (size_t first = 0; first < comments->list.count;) {
        size_t end = run_end(text, comments, first);
        size_t column = run_column(text, comments, first, end);
        for (; first < end; first++) {
            const struct pretty_comment *comment = &comments->list.at[first];
            size_t code = columns(text, comment->line, comment->code);
            text_add_str(out, (struct str){text->at + done, comment->code - done});
            text_add_repeat(out, " ", column > code ? column - code : 2);
            done = comment->comment;
        }
    }
    if (text->len)
        text_add_str(out, (struct str){text->at + done, text->len - done});
}

/* Prints what a statement became, and lets go of its arena. */
static bool print(struct formatter *formatter, document whole, struct text *out, struct pretty_comments *comments)
{
    bool well = !formatter->maker.failed && pretty_print(whole, WIDTH, out, comments);
    arena_release(formatter->maker.arena);
    arena_init(formatter->maker.arena, LIMIT_AST_BYTES);
    return well;
}

static bool format_program(struct formatter *formatter, const struct node *program, struct text *out)
{
    struct pretty_comments comments = {0};
    struct text laid = {0};
    bool well = true;
    for (uint32_t i = 0; well && i < program->count; i++) {
        well = print(formatter, format_statement(formatter, program, i), &laid, &comments);
        text_add_char(&laid, '\n');
    }
    well = well && print(formatter, format_end(formatter, program), &laid, &comments);
    align_comments(&laid, &comments, out);
    well = well && !laid.failed && !out->failed;
    text_release(&laid);
    vec_release(&comments.list);
    return well;
}

bool format_source(const struct sources *sources, uint32_t source, struct text *out, struct diags *diags)
{
    const struct source *text = sources_get(sources, source);
    struct arena tree, documents;
    size_t errors = diags->errors;
    arena_init(&tree, LIMIT_AST_BYTES);
    arena_init(&documents, LIMIT_AST_BYTES);
    const struct node *program = parse_program(sources, source, &tree, diags);
    bool well = program && diags->errors == errors;
    if (well) {
        struct formatter formatter = {.maker = {.arena = &documents}, .text = {text->text, text->len}};
        well = comments_read(&formatter.comments, formatter.text) && format_program(&formatter, program, out);
        comments_release(&formatter.comments);
        if (!well)
            diag_out_of_memory(diags, (struct span){source, 0, 0});
    }
    arena_release(&documents);
    arena_release(&tree);
    return well;
}
