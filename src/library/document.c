/* The manual in the terminal: `nel doc` is its contents, `nel doc NAME` all that bears a name; what the script itself declared comes
   first. */
#include <string.h>

#include "interp/declared.h"
#include "library/manual.h"
#include "library/session.h"
#include "library/show.h"
#include "support/suggest.h"

/* Lines longer than this are hard to read, however wide the terminal is. */
#define COLUMNS_MOST 80

/* ---- pieces ---- */

/* Writes `text` word by word, broken at the width of the view, its lines after the first indented; `column` is where it begins. */
static void add_wrapped(struct show *show, struct str text, size_t indent, size_t column)
{
    bool first = true;
    for (size_t at = 0; at < text.len;) {
        size_t len = 0;
        while (at + len < text.len && text.at[at + len] != ' ' && text.at[at + len] != '\n')
            len++;
        struct str word = {text.at + at, len};
        size_t width = text_columns(word);
        if (len && !first && column + 1 + width > show->style.columns) {
            text_add_char(show->out, '\n');
            text_add_repeat(show->out, " ", indent);
            column = indent;
        } else if (len && !first) {
            text_add_char(show->out, ' ');
            column++;
        }
        if (len)
            first = false;
        text_add_str(show->out, word);
        column += width;
        at += len + 1;
    }
    text_add_char(show->out, '\n');
}

static void add_padded(struct show *show, struct str text, size_t width)
{
    size_t columns = text_columns(text);
    text_add_str(show->out, text);
    text_add_repeat(show->out, " ", columns < width ? width - columns : 1);
}

/* The widest name of rows or entries, with the blanks around it. */
static size_t name_column(size_t widest)
{
    return widest + 4;
}

/* ---- an entry ---- */

static void add_row(struct show *show, const struct manual_row *row, size_t column)
{
    text_add(show->out, "  ");
    if (row->takes.len) { /* an option: its type and default, then its text below */
        text_addf(show->out, "%.*s: %.*s\n      ", STR_ARG(row->name), STR_ARG(row->takes));
        add_wrapped(show, row->doc, 6, 6);
        return;
    }
    add_padded(show, row->name, column - 2);
    add_wrapped(show, row->doc, column, column);
}

static void add_rows(struct show *show, const struct manual_entry *entry)
{
    size_t widest = 0;
    for (size_t i = 0; i < entry->row_count; i++)
        widest = entry->rows[i].name.len > widest ? entry->rows[i].name.len : widest;
    show_gap(show);
    if (strcmp(entry->rows_are, ROWS_FACTS) != 0)
        show_heading(show, "%c%ss", entry->rows_are[0] - 'a' + 'A', entry->rows_are + 1);
    for (size_t i = 0; i < entry->row_count; i++)
        add_row(show, &entry->rows[i], name_column(widest));
}

static void add_indented(struct show *show, struct str lines)
{
    for (size_t at = 0; at < lines.len;) {
        const char *end = memchr(lines.at + at, '\n', lines.len - at);
        const size_t len = end ? (size_t)(end - lines.at) - at : lines.len - at;
        text_addf(show->out, "  %.*s\n", (int)len, lines.at + at);
        at += len + 1;
    }
}

static void add_lines_behind(struct show *show, struct str doc)
{
    struct str text;
    bool first = true;
    for (size_t at = 0; manual_labelled(doc, "Example", &at, &text); first = false) {
        if (first) {
            show_gap(show);
            show_heading(show, "Example");
        }
        add_indented(show, text);
    }
    for (size_t at = 0; manual_labelled(doc, "See", &at, &text);) {
        show_gap(show);
        text_add(show->out, "See also: ");
        add_wrapped(show, text, 10, 10);
    }
}

/* A signature that is wider than the view goes on below, between two parameters. */
static void add_title(struct show *show, struct str title)
{
    enum { INDENT = 4 };
    struct text lines = {0};
    size_t column = 0;
    for (size_t at = 0, len; at < title.len; at += len) {
        const char *comma = memmem(title.at + at, title.len - at, ", ", 2);
        len = comma ? (size_t)(comma + 2 - (title.at + at)) : title.len - at;
        struct str part = {title.at + at, len};
        size_t width = text_columns(part);
        if (column > INDENT && column + width - (comma ? 1 : 0) > show->style.columns) {
            lines.len -= lines.len > 0; /* the blank behind the comma */
            text_add_char(&lines, '\n');
            text_add_repeat(&lines, " ", INDENT);
            column = INDENT;
        }
        text_add_str(&lines, part);
        column += width;
    }
    const bool laid_out = memchr(title.at, '\n', title.len);
    show_heading(show, "%.*s", STR_ARG(laid_out ? title : text_str(&lines)));
    text_release(&lines);
}

static void add_texts(struct show *show, struct str title, struct str doc)
{
    add_title(show, title);
    struct str prose = manual_prose(doc);
    if (prose.len)
        add_wrapped(show, prose, 0, 0);
}

static void add_entry(struct show *show, const struct manual_entry *entry)
{
    show_gap(show);
    struct text title = {0};
    text_add_str(&title, entry->signature.len ? entry->signature : entry->name);
    if (entry->subject == manual_values) /* beside the function or the word of the same name */
        text_add(&title, ", a kind of value");
    add_texts(show, text_str(&title), entry->doc);
    text_release(&title);
    if (entry->row_count)
        add_rows(show, entry);
    if (entry->module)
        text_addf(show->out, "Needs `use %s`.\n", entry->module);
    add_lines_behind(show, entry->doc);
}

/* ---- lists of entries ---- */

/* One line: the name, and as much of its first sentence as fits. */
static void add_line(struct show *show, struct str name, struct str doc, size_t column)
{
    struct str summary = manual_summary(doc);
    size_t left = show->style.columns > column ? show->style.columns - column : 0;
    text_add(show->out, "  ");
    add_padded(show, name, column - 2);
    size_t fits = 0, columns = 0;
    for (size_t at = 0; at < summary.len;) { /* whole words, with room for the mark of what is left out */
        size_t len = strcspn(summary.at + at, " \n");
        len = len > summary.len - at ? summary.len - at : len;
        size_t width = text_columns((struct str){summary.at + at, len});
        bool last = at + len == summary.len;
        if (columns + width + (last ? 0 : 2) > left)
            break;
        columns += width + 1;
        at = fits = at + len + !last;
    }
    for (size_t i = 0; i < fits; i++)
        text_add_char(show->out, summary.at[i] == '\n' ? ' ' : summary.at[i]);
    text_add(show->out, fits < summary.len ? "…\n" : "\n");
}

/* What speaks of something that has no entry; false where nothing does. */
static bool add_hits(struct show *show, const struct manual *manual, struct str words)
{
    struct manual_hits hits;
    struct text names[MANUAL_HITS] = {{0}};
    size_t widest = 0, shown;
    manual_search(manual, words, &hits);
    if (hits.count == 0)
        return false;
    for (shown = 0; shown < hits.count && shown < MANUAL_HITS; shown++) {
        const struct manual_hit *hit = &hits.at[shown];
        text_add_str(&names[shown], hit->entry->name);
        if (hit->row)
            text_addf(&names[shown], ".%.*s", STR_ARG(hit->row->name));
        widest = names[shown].len > widest ? names[shown].len : widest;
    }
    show_heading(show, "No entry is called `%.*s`. These speak of it", STR_ARG(words));
    for (size_t i = 0; i < shown; i++) {
        const struct manual_hit *hit = &hits.at[i];
        add_line(show, text_str(&names[i]), hit->row ? hit->row->doc : hit->entry->doc, name_column(widest));
        text_release(&names[i]);
    }
    if (hits.count > shown)
        text_addf(show->out, "  and %zu more\n", hits.count - shown);
    return true;
}

/* ---- a name ---- */

/* What the script declared itself. */
static bool add_own(struct show *show, struct nel_state *state, struct str name)
{
    struct binding *binding = frame_find_here(state->globals, name);
    const struct node *node = !binding                                ? NULL
                              : binding->value.kind == VALUE_FUNCTION ? binding->value.function->node
                              : binding->value.kind == VALUE_RULE     ? binding->value.rule->node
                              : binding->value.kind == VALUE_GROWTH   ? binding->value.growth->node
                                                                      : NULL;
    struct text signature = {0}, doc = {0};
    bool well = node && manual_declaration(state, node, &signature, &doc);
    if (well) {
        add_texts(show, text_str(&signature), text_str(&doc));
        add_lines_behind(show, text_str(&doc));
    }
    text_release(&signature);
    text_release(&doc);
    return well;
}

static const char *article(const char *noun)
{
    return strchr("aeiou", noun[0]) ? "an" : "a";
}

/* A row as an entry of its own: "epochs, an option of `train`". */
static void add_row_alone(struct show *show, const struct manual_entry *entry, const struct manual_row *row)
{
    show_gap(show);
    show_heading(show, "%.*s%s%.*s", STR_ARG(row->name), row->takes.len ? ": " : "", STR_ARG(row->takes));
    text_addf(show->out, "As %s %s of `%.*s`: ", article(entry->rows_are), entry->rows_are, STR_ARG(entry->name));
    add_wrapped(show, row->doc, 0, (size_t)(strlen(entry->rows_are) + entry->name.len + 13));
}

/* The rows of this name; rows that say the same as the one before are left out. */
static bool add_rows_alone(struct show *show, const struct manual *manual, struct str name)
{
    struct str said = {0};
    for (size_t i = 0; i < manual->count; i++) {
        const struct manual_row *row = manual_row_find(&manual->entries[i], name);
        if (!row || (said.len && str_equal(said, row->doc)))
            continue;
        add_row_alone(show, &manual->entries[i], row);
        said = row->doc;
    }
    return said.len;
}

/* Behind entries of this name: what else bears it. */
static void add_rows_mentioned(struct show *show, const struct manual *manual, struct str name)
{
    struct text also = {0};
    const char *rows_are = NULL;
    for (size_t i = 0; i < manual->count; i++) {
        const struct manual_entry *entry = &manual->entries[i];
        if (!manual_row_find(entry, name))
            continue;
        if (!rows_are || strcmp(rows_are, entry->rows_are) != 0)
            text_addf(&also, "%s %s %s of", also.len ? ";" : "Also", article(entry->rows_are), entry->rows_are);
        else
            text_add_char(&also, ',');
        text_addf(&also, " `%.*s`", STR_ARG(entry->name));
        rows_are = entry->rows_are;
    }
    if (also.len) {
        show_gap(show);
        text_add_char(&also, '.');
        add_wrapped(show, text_str(&also), 0, 0);
    }
    text_release(&also);
}

/* Every entry of this name, or else every row. */
static bool add_all(struct show *show, const struct manual *manual, struct str name)
{
    const struct manual_entry *entry = manual_find(manual, name, NULL);
    if (!entry)
        return add_rows_alone(show, manual, name);
    for (; entry; entry = manual_find(manual, name, entry))
        add_entry(show, entry);
    add_rows_mentioned(show, manual, name);
    return true;
}

/* `run.accuracy`, `train.epochs`: one row. */
static bool add_qualified(struct show *show, const struct manual *manual, struct str name)
{
    const char *point = memchr(name.at, '.', name.len);
    if (!point)
        return false;
    struct str owner = {name.at, (size_t)(point - name.at)}, part = {point + 1, name.len - owner.len - 1};
    for (const struct manual_entry *entry = NULL; (entry = manual_find(manual, owner, entry));) {
        const struct manual_row *row = manual_row_find(entry, part);
        if (row)
            return add_row_alone(show, entry, row), true;
    }
    return false;
}

static void suggest(const struct nel_state *state, const struct manual *manual, struct str name, struct text *help)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, name);
    for (size_t i = 0; i < state->globals->count; i++)
        suggest_offer(&suggestion, state->globals->bindings[i].name);
    for (size_t i = 0; i < manual->count; i++) {
        suggest_offer(&suggestion, manual->entries[i].name);
        for (size_t k = 0; k < manual->entries[i].row_count; k++)
            suggest_offer(&suggestion, manual->entries[i].rows[k].name);
    }
    if (suggestion.best.len)
        text_addf(help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    else
        text_add(help, "`nel doc` lists all entries");
}

static struct show document_start(struct eval *eval, struct text *out)
{
    struct show show = show_start(eval, SPAN_NONE, out);
    if (show.style.columns > COLUMNS_MOST)
        show.style.columns = COLUMNS_MOST;
    return show;
}

bool state_doc(struct nel_state *state, struct str name, struct text *out, struct text *help)
{
    struct eval eval = {.state = state};
    struct manual manual;
    struct show show = document_start(&eval, out);
    bool found = manual_gather(state, &manual) && (add_own(&show, state, name) || add_all(&show, &manual, name) ||
                                                   add_qualified(&show, &manual, name) || add_hits(&show, &manual, name));
    if (!found)
        suggest(state, &manual, name, help);
    manual_release(&manual);
    return found && !out->failed;
}

/* ---- the contents ---- */

bool state_doc_contents(struct nel_state *state, struct text *out)
{
    struct eval eval = {.state = state};
    struct manual manual;
    struct show show = document_start(&eval, out);
    bool well = manual_gather(state, &manual);
    for (size_t i = 0, end; well && i < manual.count; i = end) {
        size_t widest = 0;
        for (end = i; end < manual.count && manual.entries[end].subject == manual.entries[i].subject; end++)
            widest = manual.entries[end].name.len > widest ? manual.entries[end].name.len : widest;
        show_gap(&show);
        show_heading(&show, "%s", manual.entries[i].subject);
        for (size_t k = i; k < end; k++)
            add_line(&show, manual.entries[k].name, manual.entries[k].doc, name_column(widest));
    }
    show_gap(&show);
    text_add(out, "`nel doc NAME` prints an entry.\n");
    manual_release(&manual);
    return well && !out->failed;
}

bool state_doc_page(struct nel_state *state, struct text *out)
{
    struct manual manual;
    bool well = manual_gather(state, &manual);
    if (well)
        manual_page(&manual, out);
    manual_release(&manual);
    return well && !out->failed;
}
