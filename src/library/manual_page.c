/* The manual as a page of Markdown: grammar/library.md. Examples become blocks that the tests run, with what they print. */
#include <string.h>

#include "library/manual.h"

static const char intro[] =
    "# Library\n"
    "\n"
    "Every public name of the language: words, elements, functions, options, rules, signals, members. This page is what\n"
    "`nel doc --markdown` prints (`ninja library-update` writes it), `nel doc NAME` prints one entry, and the\n"
    "[reference](reference.md) tells how the parts go together.\n"
    "\n"
    "In a signature `x: type` must be given, `x: type?` may be left out, `x: type = 1` has a default, `xs…: type` takes any\n"
    "number of arguments; what stands behind the bracket is the kind of the result. A *count* is a whole number from 1, a *whole*\n"
    "one from 0, a *positive* a number above 0, an *amount* one from 0. A *share* lies between 0 and 1 and is best written in\n"
    "percent, a *part* is a share below 1.\n";

/* Signs that Markdown would take for its own, outside of `code`. */
static void add_prose(struct text *out, struct str text, bool in_table)
{
    bool code = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '`')
            code = !code;
        if ((!code && strchr("*_<", c)) || (in_table && c == '|'))
            text_add_char(out, '\\');
        text_add_char(out, c == '\n' ? ' ' : c);
    }
}

static void add_signature(const struct manual_entry *entry, struct text *out)
{
    if (memchr(entry->signature.at, '\n', entry->signature.len))
        text_addf(out, "\n```\n%.*s\n```\n", STR_ARG(entry->signature));
    else if (memchr(entry->signature.at, '`', entry->signature.len))
        text_addf(out, "\n`` %.*s ``\n", STR_ARG(entry->signature));
    else if (entry->signature.len)
        text_addf(out, "\n`%.*s`\n", STR_ARG(entry->signature));
}

static void add_rows(const struct manual_entry *entry, struct text *out)
{
    bool takes = entry->rows[0].takes.len;
    text_addf(out, "\n| %s |%s |\n|---|%s---|\n", strcmp(entry->rows_are, ROWS_FACTS) == 0 ? "" : entry->rows_are,
              takes ? " takes |" : "", takes ? "---|" : "");
    for (size_t i = 0; i < entry->row_count; i++) {
        const struct manual_row *row = &entry->rows[i];
        bool fact = strcmp(entry->rows_are, ROWS_FACTS) == 0;
        text_addf(out, fact ? "| %.*s | " : "| `%.*s` | ", STR_ARG(row->name));
        if (takes)
            text_addf(out, "`%.*s` | ", STR_ARG(row->takes));
        if (fact && !str_is(row->name, "range"))
            text_addf(out, "`%.*s`", STR_ARG(row->doc));
        else
            add_prose(out, row->doc, true);
        text_add(out, " |\n");
    }
}

/* What a line of an example prints stands behind two blanks and `#`. */
static struct str printed(struct str line)
{
    for (size_t i = line.len; i-- > 0;)
        if (i + 4 <= line.len && memcmp(line.at + i, "  # ", 4) == 0)
            return (struct str){line.at + i, line.len - i};
    return (struct str){line.at + line.len, 0};
}

static void add_example(const struct manual_entry *entry, struct str example, struct text *out)
{
    struct text prints = {0};
    text_add(out, "\n```nel\n");
    if (entry->module)
        text_addf(out, "use %s\n", entry->module);
    for (size_t at = 0; at < example.len;) {
        const char *end = memchr(example.at + at, '\n', example.len - at);
        const struct str line = {example.at + at, end ? (size_t)(end - example.at) - at : example.len - at}, said = printed(line);
        text_addf(out, "%.*s\n", (int)(line.len - said.len), line.at);
        if (said.len)
            text_addf(&prints, "%.*s\n", (int)said.len - 4, said.at + 4);
        at += line.len + 1;
    }
    text_add(out, "```\n");
    if (prints.len)
        text_addf(out, "\n```text\n%s```\n", text_chars(&prints));
    text_release(&prints);
}

static void add_entry(const struct manual_entry *entry, struct text *out)
{
    struct str text, prose = manual_prose(entry->doc);
    text_addf(out, "\n### %.*s\n", STR_ARG(entry->name));
    add_signature(entry, out);
    if (prose.len) {
        text_add_char(out, '\n');
        add_prose(out, prose, false);
        text_add_char(out, '\n');
    }
    if (entry->row_count && strcmp(entry->rows_are, ROWS_NAMES) != 0) /* the names of a module follow anyway */
        add_rows(entry, out);
    for (size_t at = 0; manual_labelled(entry->doc, "Example", &at, &text);)
        add_example(entry, text, out);
    for (size_t at = 0; manual_labelled(entry->doc, "See", &at, &text);)
        text_addf(out, "\nSee also: %.*s.\n", STR_ARG(text));
}

void manual_page(const struct manual *manual, struct text *out)
{
    text_add(out, intro);
    for (size_t i = 0; i < manual->count; i++) {
        if (i == 0 || manual->entries[i].subject != manual->entries[i - 1].subject)
            text_addf(out, "\n## %s\n", manual->entries[i].subject);
        add_entry(&manual->entries[i], out);
    }
}
