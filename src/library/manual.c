/* Gathers the manual; see manual.h. Each subject has a function that reads the tables of its names. */
#include "library/manual.h"

#include <string.h>

#include "data/toys.h"
#include "interp/declared.h"
#include "interp/member.h"
#include "interp/module.h"
#include "interp/preserve.h"
#include "library/builtins.h"
#include "molecule/trait.h"
#include "study/learn.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- entries ---- */

/* Texts of one manual: some hundred entries of some hundred bytes. */
#define MANUAL_BYTES ((size_t)16 << 20)

static struct str keep(struct manual *manual, struct str text)
{
    const char *copy = arena_copy_text(&manual->arena, text.at, text.len);
    return copy ? (struct str){copy, text.len} : (struct str){0};
}

static struct manual_entry *entry_add(struct manual *manual, const char *subject, struct str name, struct str signature,
                                      struct str doc)
{
    if (!vec_grow((void **)&manual->entries, &manual->cap, manual->count + 1, sizeof *manual->entries))
        return NULL;
    struct manual_entry *entry = &manual->entries[manual->count++];
    *entry = (struct manual_entry){subject, keep(manual, name), keep(manual, signature), keep(manual, doc), NULL, NULL, NULL, 0};
    return entry->name.at && entry->signature.at && entry->doc.at ? entry : NULL;
}

/* Room for `count` rows. */
static bool rows_open(struct manual *manual, struct manual_entry *entry, const char *are, size_t count)
{
    entry->rows_are = are;
    entry->rows = arena_alloc(&manual->arena, (count + 1) * sizeof *entry->rows);
    return entry->rows;
}

static bool row_add(struct manual *manual, struct manual_entry *entry, struct str name, struct str takes, struct str doc)
{
    struct manual_row row = {keep(manual, name), keep(manual, takes), keep(manual, doc)};
    entry->rows[entry->row_count++] = row;
    return row.name.at && row.takes.at && row.doc.at;
}

static size_t docs_count(const struct doc_row *docs)
{
    size_t count = 0;
    while (docs[count].name)
        count++;
    return count;
}

static const char *doc_of(const struct doc_row *docs, struct str name)
{
    for (; docs->name; docs++)
        if (str_is(name, docs->name))
            return docs->doc;
    return "";
}

static bool rows_of_docs(struct manual *manual, struct manual_entry *entry, const char *are, const struct doc_row *docs)
{
    bool well = rows_open(manual, entry, are, docs_count(docs));
    for (; well && docs->name; docs++)
        well = row_add(manual, entry, str_of(docs->name), STR(""), str_of(docs->doc));
    return well;
}

/* ---- options ---- */

/* Rows of the parameters of a signature, their texts looked up in two tables. */
static bool rows_of_signature(struct manual *manual, struct manual_entry *entry, const char *text, const struct doc_row *first,
                              const struct doc_row *second)
{
    struct signature signature;
    if (!signature_read(&signature, text))
        return false;
    bool well = rows_open(manual, entry, "option", signature.count);
    const char *at = strchr(text, '(');
    for (size_t i = 0; well && i < signature.count; i++) {
        struct str name = signature.parameters[i].name;
        const char *takes = strchr(at, ':') + 2;
        size_t len = strcspn(takes, ",)");
        const char *doc = doc_of(first, name);
        well = row_add(manual, entry, name, (struct str){takes, len}, str_of(doc[0] ? doc : doc_of(second, name)));
        at = takes + len;
    }
    signature_release(&signature);
    return well;
}

/* ---- the words of the language ---- */

static bool word_rows(struct manual *manual, struct manual_entry *entry)
{
    if (str_is(entry->name, "train"))
        return rows_of_signature(manual, entry, TRAIN_SIGNATURE, train_docs, train_docs);
    if (str_is(entry->name, "grow"))
        return rows_of_signature(manual, entry, GROW_SIGNATURE, grow_docs, train_docs);
    if (str_is(entry->name, "evolve"))
        return rows_of_signature(manual, entry, EVOLVE_SIGNATURE, evolve_docs, evolve_docs);
    return !str_is(entry->name, "growth") || rows_of_docs(manual, entry, "signal", signal_docs);
}

static bool gather_words(struct manual *manual)
{
    for (const struct word_doc *word = word_docs; word->word; word++) {
        struct manual_entry *entry = entry_add(manual, "The language", str_of(word->word), str_of(word->syntax), str_of(word->doc));
        if (!entry || !word_rows(manual, entry))
            return false;
    }
    return true;
}

/* ---- elements, molecules, rules ---- */

static bool element_facts(struct manual *manual, struct manual_entry *entry, const struct element *element)
{
    const char *names[LIMIT_ELEMENT_PARAMETERS] = {0};
    for (unsigned i = 0; i < element->param_count; i++)
        names[i] = element->params[i].name;
    struct text slope = {0};
    formula_print(&element->formula, element->slope, names, &slope);
    size_t at = 0;
    struct str range = STR("any value");
    manual_labelled(entry->doc, "Range", &at, &range);
    bool well = rows_open(manual, entry, ROWS_FACTS, 4) &&
                row_add(manual, entry, STR("symbol"), STR(""), str_of(element->symbol)) &&
                row_add(manual, entry, STR("derivative"), STR(""), text_str(&slope)) &&
                row_add(manual, entry, STR("range"), STR(""), range) &&
                row_add(manual, entry, STR("weights"), STR(""), element->rectified ? STR("he") : STR("xavier"));
    text_release(&slope);
    return well;
}

static void element_signature(const struct element *element, struct text *out)
{
    const char *names[LIMIT_ELEMENT_PARAMETERS] = {0};
    text_addf(out, "element %s \"%s\" (x", element->name, element->symbol);
    for (unsigned i = 0; i < element->param_count; i++) {
        names[i] = element->params[i].name;
        text_addf(out, "%s%s%s = ", i == 0 ? "; " : ", ", element->params[i].learned ? "learned " : "", names[i]);
        number_write(out, element->params[i].initial);
    }
    text_add(out, ") = ");
    formula_print(&element->formula, element->value, names, out);
}

static bool gather_elements(struct nel_state *state, struct manual *manual)
{
    bool well = true;
    for (size_t i = 0; well && i < state->elements.count; i++) {
        const struct element *element = state->elements.at[i];
        struct text signature = {0};
        element_signature(element, &signature);
        struct manual_entry *entry =
            entry_add(manual, "Elements", str_of(element->name), text_str(&signature), str_of(element->doc));
        well = entry && element_facts(manual, entry, element);
        text_release(&signature);
    }
    return well;
}

static bool gather_traits(struct manual *manual)
{
    struct manual_entry *entry =
        entry_add(manual, "Traits of layers", STR("traits"), STR("relu(8, TRAIT: VALUE)"),
                  STR("What a layer can be told beside its width. An element's own parameters are traits too.\n"
                      "Example: print dna(relu(8, init: he, bias: false))  # R8[bias=0,init=he]\nSee: init, element"));
    bool well = entry && rows_open(manual, entry, "trait", trait_count);
    for (size_t i = 0; well && i < trait_count; i++) {
        const struct trait_row *row = &trait_table[i];
        struct text takes = {0};
        if (row->kind == TRAIT_SWITCH)
            text_addf(&takes, "bool = %s", row->initial != 0 ? "true" : "false");
        else if (row->words)
            text_addf(&takes, "word = %s", row->words[0]);
        else
            text_addf(&takes, "number = %g", row->initial);
        well = row_add(manual, entry, str_of(row->key), text_str(&takes), str_of(row->doc));
        text_release(&takes);
    }
    return well;
}

static bool gather_names(struct manual *manual, const char *name, const char *signature, const char *doc, const char *const *names,
                         const char *const *docs)
{
    size_t count = 0;
    while (names[count])
        count++;
    struct manual_entry *entry = entry_add(manual, "Traits of layers", str_of(name), str_of(signature), str_of(doc));
    bool well = entry && rows_open(manual, entry, "value", count);
    for (size_t i = 0; well && i < count; i++)
        well = row_add(manual, entry, str_of(names[i]), STR(""), str_of(docs[i]));
    return well;
}

static bool gather_traits_words(struct manual *manual)
{
    return gather_names(manual, "init", "relu(8, init: WORD)", "How the weights of a layer start; biases start at 0.\nSee: traits",
                        init_names, init_docs) &&
           gather_names(
               manual, "share", "sparse(relu(64), density: 5%, share: WORD)",
               "How a density falls to the layers of a molecule, once the data says how wide its ends are.\nSee: sparse, traits",
               share_names, share_docs) &&
           gather_names(manual, "head", "out(1, WORD)", "What the last layer ends in.\nSee: out", head_names, head_docs);
}

/* ---- declarations of the standard library ---- */

/* Lines of a declaration that its entry shows; of a longer one only the first. */
#define LINES_SHOWN 8

bool manual_declaration(const struct nel_state *state, const struct node *node, struct text *signature, struct text *doc)
{
    const struct source *source = sources_get(&state->sources, node->span.source);
    struct str lines = {source->text + node->span.start, node->span.end - node->span.start};
    unsigned count = source_position(source, node->span.end).line - source_position(source, node->span.start).line + 1;
    if (count > LINES_SHOWN)
        lines.len = strcspn(lines.at, "\n");
    text_add_str(signature, lines);
    text_add(signature, count > LINES_SHOWN ? " …" : "");
    doc_comment(source, node, doc);
    return !signature->failed && !doc->failed;
}

static struct manual_entry *gather_declaration(struct nel_state *state, struct manual *manual, const char *subject,
                                               const struct node *node)
{
    struct text signature = {0}, doc = {0};
    struct manual_entry *entry = NULL;
    if (manual_declaration(state, node, &signature, &doc))
        entry = entry_add(manual, subject, node->text, text_str(&signature), text_str(&doc));
    text_release(&signature);
    text_release(&doc);
    return entry;
}

/* Whether it keeps the function, as far as trying it tells. */
static bool rule_facts(struct eval *eval, struct manual *manual, struct manual_entry *entry, const struct rule *rule)
{
    struct text names = {0}, kept = {0};
    enum preserving preserving = rule_preserving(eval, rule, true, &names);
    const bool normalised = preserving != PRESERVES_NEVER;
    if (!normalised)
        preserving = rule_preserving(eval, rule, false, &names);
    text_add(&kept, preserving == PRESERVES_NEVER ? "changed" : "kept");
    if (preserving == PRESERVES_SOME)
        text_addf(&kept, " for %s", text_chars(&names));
    if (preserving == PRESERVES_ALWAYS)
        text_add(&kept, ": a trained network computes the same after it");
    if (preserving != PRESERVES_NEVER && !normalised)
        text_add(&kept, ", but for a layernorm behind it");
    const bool well = rows_open(manual, entry, ROWS_FACTS, 1) && row_add(manual, entry, STR("function"), STR(""), text_str(&kept));
    text_release(&names);
    text_release(&kept);
    return well;
}

static bool gather_rules(struct nel_state *state, struct manual *manual)
{
    struct diags unused = {0};
    struct eval eval;
    bool well = true;
    eval_start(&eval, state, state->builtins, &unused, (size_t)1 << 20);
    for (size_t i = 0; well && i < state->builtins->count; i++) {
        const struct value value = state->builtins->bindings[i].value;
        if (value.kind != VALUE_RULE)
            continue;
        struct manual_entry *entry = gather_declaration(state, manual, "Rules", value.rule->node);
        well = entry && rule_facts(&eval, manual, entry, value.rule);
    }
    eval_end(&eval);
    diags_release(&unused);
    return well;
}

/* The comment that a file begins with. */
static void top_comment(const struct library_file *file, struct text *out)
{
    for (const char *line = file->text; line[0] == '#'; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        text_addf(out, "%s%.*s", out->len ? " " : "", len > 2 ? (int)len - 2 : 0, line + 2);
    }
}

static bool public(const struct node *statement)
{
    return declares(statement) && statement->text.at[0] != '_';
}

/* The module itself, with its names. */
static bool gather_module_entry(struct nel_state *state, struct manual *manual, const char *subject,
                                const struct library_file *file, const struct node *program)
{
    struct text comment = {0}, use = {0};
    text_addf(&use, "use %s", file->name);
    top_comment(file, &comment);
    struct manual_entry *entry = entry_add(manual, subject, str_of(file->name), text_str(&use), text_str(&comment));
    bool well = entry && rows_open(manual, entry, ROWS_NAMES, program->count);
    for (uint32_t i = 0; well && i < program->count; i++) {
        struct text signature = {0}, doc = {0};
        if (public(program->items[i]))
            well = manual_declaration(state, program->items[i], &signature, &doc) &&
                   row_add(manual, entry, program->items[i]->text, STR(""), manual_summary(text_str(&doc)));
        text_release(&signature);
        text_release(&doc);
    }
    text_release(&comment);
    text_release(&use);
    return well;
}

static bool gather_module(struct nel_state *state, struct manual *manual, const struct library_file *file,
                          const struct node *program)
{
    struct text title = {0};
    text_addf(&title, "Module %s", file->name);
    const char *subject = keep(manual, text_str(&title)).at;
    bool well = subject && gather_module_entry(state, manual, subject, file, program);
    for (uint32_t i = 0; well && i < program->count; i++) {
        if (!public(program->items[i]))
            continue;
        struct manual_entry *entry = gather_declaration(state, manual, subject, program->items[i]);
        if (entry)
            entry->module = file->name;
        well = entry;
    }
    text_release(&title);
    return well;
}

static bool is_built_in(const struct library_file *file)
{
    return strcmp(file->name, "elements") == 0 || strcmp(file->name, "rules") == 0;
}

/* Modules that are known without `use`, whose names have subjects of their own, and then the others. */
static bool gather_modules(struct nel_state *state, struct manual *manual)
{
    struct diags unused = {0};
    struct eval eval;
    bool well = true;
    eval_start(&eval, state, state->builtins, &unused, 0);
    for (int built_in = 1; built_in >= 0; built_in--)
        for (const struct library_file *file = library_files; well && file->name; file++) {
            const struct node *program = is_built_in(file) == built_in ? library_program(&eval, file) : NULL;
            if (program && built_in)
                well = gather_module_entry(state, manual, "Modules that are built in", file, program);
            else if (program)
                well = gather_module(state, manual, file, program);
        }
    eval_end(&eval);
    diags_release(&unused);
    return well;
}

/* ---- built-in functions ---- */

static bool gather_builtins(struct manual *manual)
{
    for (const struct builtin_subject *subject = builtin_subjects; subject->title; subject++)
        for (size_t i = 0; i < *subject->count; i++) {
            const char *signature = subject->rows[i].signature;
            if (!entry_add(manual, subject->title, (struct str){signature, strcspn(signature, "(")}, str_of(signature),
                           str_of(subject->rows[i].doc)))
                return false;
        }
    return true;
}

static bool gather_toys(struct nel_state *state, struct manual *manual)
{
    for (size_t i = 0; i < toy_count; i++) {
        const struct binding *made = frame_find_here(state->builtins, str_of(toys[i].name));
        const char *signature = made && made->value.kind == VALUE_BUILTIN ? made->value.builtin->signature.text : "";
        if (!entry_add(manual, "Toy data sets", str_of(toys[i].name), str_of(signature), str_of(toys[i].doc)))
            return false;
    }
    return true;
}

/* The headings of families, in the manual's order. A family without one would be missed, which the test of the manual finds. */
static const struct {
    const char *family, *title;
} families[] = {
    {"optimizer", "Optimisers"}, {"schedule", "Schedules"},    {"loss", "Losses"},      {"stop", "Stops"},
    {"selection", "Selections"}, {"action", "Growth actions"}, {"picture", "Pictures"},
};

static bool gather_family(struct nel_state *state, struct manual *manual, const char *family, const char *title)
{
    for (size_t i = 0; i < state->builtins->count; i++) {
        const struct spec_row *row = spec_row_of(state->builtins->bindings[i].value);
        if (row && strcmp(row->family, family) == 0 &&
            !entry_add(manual, title, state->builtins->bindings[i].name, str_of(row->signature), str_of(row->doc)))
            return false;
    }
    return true;
}

static bool gather_families(struct nel_state *state, struct manual *manual)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (!gather_family(state, manual, families[i].family, families[i].title))
            return false;
    return true;
}

static bool gather_docs(struct manual *manual, const char *subject, const struct doc_row *docs)
{
    for (; docs->name; docs++)
        if (!entry_add(manual, subject, str_of(docs->name), STR(""), str_of(docs->doc)))
            return false;
    return true;
}

/* ---- members ---- */

const char manual_values[] = "Values and their members";

static bool gather_kinds(struct manual *manual)
{
    for (const struct kind_doc *kind = kind_docs; kind->name; kind++) {
        struct manual_entry *entry = entry_add(manual, manual_values, str_of(kind->name), STR(""), str_of(kind->doc));
        size_t count = 0;
        while (kind->members && kind->members[count].name)
            count++;
        bool well = entry && rows_open(manual, entry, "member", count);
        for (size_t i = 0; well && i < count; i++)
            well = row_add(manual, entry, str_of(kind->members[i].name), STR(""), str_of(kind->members[i].doc));
        if (!well)
            return false;
    }
    return true;
}

/* ---- the whole ---- */

bool manual_gather(struct nel_state *state, struct manual *manual)
{
    *manual = (struct manual){0};
    arena_init(&manual->arena, MANUAL_BYTES);
    return gather_words(manual) && gather_elements(state, manual) && gather_traits(manual) && gather_traits_words(manual) &&
           gather_builtins(manual) && gather_docs(manual, "Values with a name", constant_docs) && gather_rules(state, manual) &&
           gather_toys(state, manual) && gather_families(state, manual) && gather_kinds(manual) &&
           gather_docs(manual, "Words of options", option_words) && gather_modules(state, manual);
}

void manual_release(struct manual *manual)
{
    mem_free(manual->entries);
    arena_release(&manual->arena);
    *manual = (struct manual){0};
}

/* ---- finding ---- */

const struct manual_entry *manual_find(const struct manual *manual, struct str name, const struct manual_entry *after)
{
    for (size_t i = after ? (size_t)(after - manual->entries) + 1 : 0; i < manual->count; i++)
        if (str_equal(manual->entries[i].name, name))
            return &manual->entries[i];
    return NULL;
}

const struct manual_row *manual_row_find(const struct manual_entry *entry, struct str name)
{
    bool own = entry->rows_are && (strcmp(entry->rows_are, ROWS_FACTS) == 0 || strcmp(entry->rows_are, ROWS_NAMES) == 0);
    for (size_t i = 0; !own && i < entry->row_count; i++)
        if (str_equal(entry->rows[i].name, name))
            return &entry->rows[i];
    return NULL;
}

/* ---- texts ---- */

static const char *const labels[] = {"Range: ", "Example: ", "See: "};

/* The length of the label that a line begins with, 0 where it is prose; `label` the one that is asked for, NULL any. */
static size_t label_length(struct str line, const char *label)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t len = strlen(labels[i]);
        if (line.len >= len && memcmp(line.at, labels[i], len) == 0)
            return !label || strncmp(label, labels[i], len - 2) == 0 ? len : 0;
    }
    return 0;
}

static struct str line_at(struct str doc, size_t at)
{
    struct str line = {doc.at + at, doc.len - at};
    const char *end = memchr(line.at, '\n', line.len);
    return end ? (struct str){line.at, (size_t)(end - line.at)} : line;
}

struct str manual_prose(struct str doc)
{
    for (size_t at = 0; at < doc.len; at += line_at(doc, at).len + 1)
        if (label_length(line_at(doc, at), NULL))
            return (struct str){doc.at, at ? at - 1 : 0};
    return doc;
}

bool manual_labelled(struct str doc, const char *label, size_t *at, struct str *text)
{
    while (*at < doc.len) {
        struct str line = line_at(doc, *at);
        size_t len = label_length(line, label);
        *at += line.len + 1;
        if (!len)
            continue;
        *text = (struct str){line.at + len, line.len - len};
        while (*at < doc.len && !label_length(line_at(doc, *at), NULL)) { /* what goes on below it */
            line = line_at(doc, *at);
            text->len = (size_t)(line.at + line.len - text->at);
            *at += line.len + 1;
        }
        return true;
    }
    return false;
}

struct str manual_summary(struct str doc)
{
    struct str prose = manual_prose(doc);
    for (size_t i = 0; i + 1 < prose.len; i++)
        if (prose.at[i] == '.' && (prose.at[i + 1] == ' ' || prose.at[i + 1] == '\n') &&
            !(i >= 5 && memcmp(prose.at + i - 5, "et al", 5) == 0))
            return (struct str){prose.at, i + 1};
    return prose;
}
