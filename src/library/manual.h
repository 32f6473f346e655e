/* The manual as data: one entry for every public name, gathered from the tables in which the names live (built-ins, toys, traits,
   options, members, words) and from the comments of the standard library. `nel doc` prints entries, `nel doc --markdown` all of
   them, which is grammar/library.md; a test holds that nothing is without its text.

   A text of the manual is prose, and behind it, each on a line of its own, what stands apart from it:

     Range: from 0 up                       where the values of an element lie
     Example: print sum([1, 2])  # 3        lines that run, each perhaps with what it prints
     See: mean, sd                          other names */
#ifndef NEL_LIBRARY_MANUAL_H
#define NEL_LIBRARY_MANUAL_H

#include "interp/eval.h"
#include "interp/member.h"

/* A text of the manual that stands in a table. */
struct doc_row {
    const char *name, *doc;
};

/* A line of a list that an entry has: an option, a trait, a member, a signal. */
struct manual_row {
    struct str name;
    struct str takes; /* type and default, as in a signature; "" where that says nothing */
    struct str doc;
};

/* Rows that are no names: what an element is like; rows that are entries of their own: the names of a module. */
#define ROWS_FACTS "fact"
#define ROWS_NAMES "name"

struct manual_entry {
    const char *subject; /* the heading that it stands under */
    struct str name;
    struct str signature; /* as a script writes it, perhaps of several lines; "" where the name is all */
    struct str doc;
    const char *module;   /* that has to be used first; NULL: none */
    const char *rows_are; /* "option", "member" …: what the rows list */
    struct manual_row *rows;
    size_t row_count;
};

struct manual {
    struct arena arena;
    struct manual_entry *entries; /* in the order of their subjects */
    size_t count, cap;
};

extern const char manual_values[]; /* the subject of entries that are kinds of values */

/* Gathers all of it; false where memory is exhausted. Release in any case. */
bool manual_gather(struct nel_state *state, struct manual *manual);
void manual_release(struct manual *manual);

/* The entry after `after` (NULL: the first) of this name; NULL: there is no more. */
const struct manual_entry *manual_find(const struct manual *manual, struct str name, const struct manual_entry *after);
/* The row of this name in an entry, where its rows are names that have no entry; NULL: it has none. */
const struct manual_row *manual_row_find(const struct manual_entry *entry, struct str name);

/* manual_search.c: the entries and rows that speak of these words, those first whose signature has them; where nobody does, those that
   speak of each of them somewhere, inflected or not. */
#define MANUAL_HITS 12
struct manual_hit {
    const struct manual_entry *entry;
    const struct manual_row *row; /* of the entry; NULL: the entry itself */
};
struct manual_hits {
    struct manual_hit at[MANUAL_HITS];
    size_t count; /* of all: perhaps more than there is room for */
};
void manual_search(const struct manual *manual, struct str words, struct manual_hits *hits);

/* A declaration as its source has it, and its comment; false where memory is exhausted. */
bool manual_declaration(const struct nel_state *state, const struct node *node, struct text *signature, struct text *doc);

/* The prose of a text, and what it says behind "Example: " and the like, up to the next such line, in order: *at is 0 at first. */
struct str manual_prose(struct str doc);
bool manual_labelled(struct str doc, const char *label, size_t *at, struct str *text);
/* Its first sentence. */
struct str manual_summary(struct str doc);

/* The tables of texts that no other table holds. */
extern const struct doc_row option_words[];  /* words.c: words that options use and that are nothing else */
extern const struct doc_row constant_docs[]; /* words.c: values that have a name */
extern const struct doc_row train_docs[];    /* option_docs.c */
extern const struct doc_row grow_docs[];     /* option_docs.c: options of `grow` beside those of `train` */
extern const struct doc_row evolve_docs[];   /* option_docs.c */
extern const struct doc_row signal_docs[];   /* option_docs.c: what a growth policy may ask */
extern const struct word_doc {
    const char *word, *syntax, *doc;
} word_docs[]; /* word_docs.c: the words of the language */

/* manual_page.c: all of it as a page of Markdown. */
void manual_page(const struct manual *manual, struct text *out);

#endif
