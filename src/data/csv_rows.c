/* A cursor over the bytes: each call takes one row, cell by cell. Cells are views of the file wherever that is possible, so that a
   file is not copied to be read. */
#include "data/csv_rows.h"

#include "support/limits.h"
#include "support/vec.h"

void csv_rows_start(struct csv_rows *rows, struct str bytes)
{
    *rows = (struct csv_rows){.bytes = bytes, .line = 1};
    if (bytes.len >= 3 && str_equal((struct str){bytes.at, 3}, STR("\xEF\xBB\xBF")))
        rows->at = 3;
}

void csv_rows_release(struct csv_rows *rows)
{
    mem_free(rows->cells);
    text_release(&rows->unquoted);
    *rows = (struct csv_rows){0};
}

static bool at_end(const struct csv_rows *rows)
{
    return rows->at == rows->bytes.len;
}

static char peek(const struct csv_rows *rows)
{
    return rows->bytes.at[rows->at];
}

static bool at_line_end(const struct csv_rows *rows)
{
    return at_end(rows) || peek(rows) == '\n' || peek(rows) == '\r';
}

/* Steps over one line end, if there is one. */
static void line_end_skip(struct csv_rows *rows)
{
    if (at_end(rows))
        return;
    bool cr = peek(rows) == '\r';
    rows->at++;
    if (cr && !at_end(rows) && peek(rows) == '\n')
        rows->at++;
    rows->line++;
}

static void blanks_skip(struct csv_rows *rows)
{
    while (!at_end(rows) && (peek(rows) == ' ' || peek(rows) == '\t'))
        rows->at++;
}

static void blank_lines_skip(struct csv_rows *rows)
{
    for (;;) {
        size_t start = rows->at;
        blanks_skip(rows);
        if (at_end(rows) || !at_line_end(rows)) {
            if (!at_end(rows))
                rows->at = start;
            return;
        }
        line_end_skip(rows);
    }
}

/* From the first byte up to a comma or line end, blanks at both ends dropped. */
static struct str plain_take(struct csv_rows *rows)
{
    const char *start = rows->bytes.at + rows->at;
    while (!at_line_end(rows) && peek(rows) != ',')
        rows->at++;
    const char *end = rows->bytes.at + rows->at;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct str){start, (size_t)(end - start)};
}

/* From the opening quote to behind the closing one; false where that is missing. A text with doubled quotes is rebuilt behind the
   row's others, and its `at` is NULL until texts_settle, since the buffer may still move. */
static bool quoted_take(struct csv_rows *rows, struct str *text)
{
    size_t start = ++rows->at, unquoted = rows->unquoted.len;
    size_t copied = start; /* bytes before it stand in `unquoted` */
    for (; !at_end(rows); rows->at++) {
        bool more = rows->at + 1 < rows->bytes.len;
        char next = more ? rows->bytes.at[rows->at + 1] : 0;
        if (peek(rows) == '"') {
            if (next != '"' || !more)
                break;
            rows->at++; /* onto the second one, which is left out */
            text_add_str(&rows->unquoted, (struct str){rows->bytes.at + copied, rows->at - copied});
            copied = rows->at + 1;
        } else if (peek(rows) == '\n' || (peek(rows) == '\r' && next != '\n')) {
            rows->line++;
        }
    }
    if (at_end(rows))
        return false;
    *text = (struct str){rows->bytes.at + copied, rows->at - copied};
    rows->at++;
    if (copied > start) {
        text_add_str(&rows->unquoted, *text);
        *text = (struct str){NULL, rows->unquoted.len - unquoted};
    }
    return true;
}

/* Texts that were rebuilt get their final place. */
static void texts_settle(struct csv_rows *rows)
{
    size_t offset = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (!rows->cells[i].text.at) {
            rows->cells[i].text.at = text_chars(&rows->unquoted) + offset;
            offset += rows->cells[i].text.len;
        }
}

static enum csv_found broken(struct csv_rows *rows, uint32_t line, const char *error)
{
    rows->line = line;
    rows->error = error;
    return CSV_BROKEN;
}

/* One cell, up to the comma or line end behind it. */
static enum csv_found cell_take(struct csv_rows *rows)
{
    struct csv_cell cell = {.line = rows->line};
    blanks_skip(rows);
    if (!at_end(rows) && peek(rows) == '"') {
        if (!quoted_take(rows, &cell.text))
            return broken(rows, cell.line, "this quote is never closed");
        blanks_skip(rows);
        if (!at_line_end(rows) && peek(rows) != ',')
            return broken(rows, rows->line, "text behind a closing quote (a quote inside quotes is written twice)");
    } else {
        cell.text = plain_take(rows);
    }
    if (rows->count == LIMIT_COLUMNS)
        return broken(rows, cell.line, "too many columns");
    if (!vec_grow((void **)&rows->cells, &rows->cap, rows->count + 1, sizeof *rows->cells))
        return CSV_NO_MEMORY;
    rows->cells[rows->count++] = cell;
    return CSV_ROW;
}

enum csv_found csv_rows_next(struct csv_rows *rows)
{
    rows->count = 0;
    text_clear(&rows->unquoted);
    blank_lines_skip(rows);
    if (at_end(rows))
        return CSV_END;
    for (;;) {
        enum csv_found found = cell_take(rows);
        if (found != CSV_ROW)
            return found;
        if (at_line_end(rows))
            break;
        rows->at++; /* the comma */
    }
    line_end_skip(rows);
    if (rows->unquoted.failed)
        return CSV_NO_MEMORY;
    texts_settle(rows);
    return CSV_ROW;
}
