/* Which entries of the manual speak of something that has no entry of its own: "learning rate", `warmup`. */
#include <ctype.h>
#include <string.h>

#include "library/manual.h"

static int plain(char c)
{
    return c == '_' || c == '-' || c == '\n' ? ' ' : tolower((unsigned char)c);
}

/* Whether prose has these words side by side, the first from its beginning; case, and how words are joined, are no matter. */
static bool speaks_of(struct str prose, struct str words)
{
    for (size_t at = 0; at + words.len <= prose.len; at++) {
        size_t same = 0;
        while (same < words.len && plain(prose.at[at + same]) == plain(words.at[same]))
            same++;
        if (same == words.len && (at == 0 || !isalnum((unsigned char)prose.at[at - 1])))
            return true;
    }
    return false;
}

/* Whether a signature has a parameter of this name. */
static bool takes_it(struct str signature, struct str name)
{
    for (size_t at = 0; at + name.len < signature.len; at++)
        if (at > 0 && signature.at[at + name.len] == ':' && strchr("( ", signature.at[at - 1]) &&
            memcmp(signature.at + at, name.at, name.len) == 0)
            return true;
    return false;
}

static void add_hit(struct manual_hits *hits, const struct manual_entry *entry, const struct manual_row *row)
{
    for (size_t i = 0; row && i < hits->count && i < MANUAL_HITS; i++) /* `grow` has the options of `train` */
        if (hits->at[i].row && str_equal(hits->at[i].row->doc, row->doc))
            return;
    if (hits->count < MANUAL_HITS)
        hits->at[hits->count] = (struct manual_hit){entry, row};
    hits->count++;
}

/* A word without what inflects it, where enough is left to be found by. */
static struct str stem_of(struct str word)
{
    static const char *const endings[] = {"ing", "ies", "es", "ed", "s", "ry"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t length = strlen(endings[i]);
        bool ends = word.len >= length + 4;
        for (size_t k = 0; ends && k < length; k++)
            ends = plain(word.at[word.len - length + k]) == endings[i][k];
        if (ends)
            return (struct str){word.at, word.len - length};
    }
    return word;
}

/* Whether each of the words, or what begins as it does, is in the name or in the text, wherever. */
static bool speaks_of_each(struct str name, struct str prose, struct str words)
{
    bool each = true;
    for (size_t at = 0; each && at < words.len;) {
        size_t end = at;
        while (end < words.len && plain(words.at[end]) != ' ')
            end++;
        const struct str stem = stem_of((struct str){words.at + at, end - at});
        each = stem.len == 0 || speaks_of(name, stem) || speaks_of(prose, stem);
        at = end + 1;
    }
    return each;
}

/* Of words that nothing says side by side: who speaks of all of them. */
static void search_each(const struct manual *manual, struct str words, struct manual_hits *hits)
{
    for (size_t i = 0; i < manual->count; i++) {
        const struct manual_entry *entry = &manual->entries[i];
        if (speaks_of_each(entry->name, entry->doc, words))
            add_hit(hits, entry, NULL);
        for (size_t k = 0; k < entry->row_count; k++)
            if (manual_row_find(entry, entry->rows[k].name) && speaks_of_each(entry->rows[k].name, entry->rows[k].doc, words))
                add_hit(hits, entry, &entry->rows[k]);
    }
}

void manual_search(const struct manual *manual, struct str words, struct manual_hits *hits)
{
    *hits = (struct manual_hits){0};
    if (words.len < 2 || !isalnum((unsigned char)words.at[words.len - 1]))
        return;
    for (int doc = 0; doc < 2; doc++) /* those who take it as a parameter come first */
        for (size_t i = 0; i < manual->count; i++) {
            const struct manual_entry *entry = &manual->entries[i];
            const bool takes = takes_it(entry->signature, words);
            if (doc ? !takes && speaks_of(manual_prose(entry->doc), words) : takes)
                add_hit(hits, entry, NULL);
            for (size_t k = 0; doc && k < entry->row_count; k++)
                if (manual_row_find(entry, entry->rows[k].name) && speaks_of(entry->rows[k].doc, words))
                    add_hit(hits, entry, &entry->rows[k]);
        }
    if (hits->count == 0)
        search_each(manual, words, hits);
}
