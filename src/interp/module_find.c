/* What a `use` leads to. A bare name is a module of the standard library, or a file of that name in a folder of NEL_PATH. A path is
   looked for from the folder of the file that uses it, whatever the working directory, then from each folder of NEL_PATH. */
#include <stdlib.h>
#include <string.h>

#include "interp/module.h"
#include "support/limits.h"
#include "support/suggest.h"

/* Paths that a message lists. */
#define PATHS_LISTED 8

const struct library_file *library_find(struct str name)
{
    for (const struct library_file *file = library_files; file->name; file++)
        if (str_is(name, file->name))
            return file;
    return NULL;
}

/* ---- where it may be ---- */

struct search {
    struct str wanted;  /* as written */
    bool bare;          /* a name, no path */
    struct str folder;  /* of the file that uses it, with its slash; "" is the working directory */
    const char *beyond; /* what NEL_PATH says */
};

/* The folder of a source; of a text that was no file it is the working directory. */
static struct str folder_of(const struct source *source)
{
    const char *slash = source && source->name[0] != '<' ? strrchr(source->name, '/') : NULL;
    return slash ? (struct str){source->name, (size_t)(slash + 1 - source->name)} : STR("");
}

static struct search search_for(const struct eval *eval, const struct node *use)
{
    const char *beyond = getenv("NEL_PATH");
    return (struct search){use->text, use->op != OP_PATH, folder_of(sources_get(&eval->state->sources, use->span.source)),
                           beyond ? beyond : ""};
}

/* The `number`th folder of NEL_PATH, empty ones left out. */
static bool folder_beyond(const char *beyond, size_t number, struct str *folder)
{
    for (const char *at = beyond; *at;) {
        size_t len = strcspn(at, ":");
        if (len > 0 && number-- == 0) {
            *folder = (struct str){at, len};
            return true;
        }
        at += len + (at[len] == ':');
    }
    return false;
}

/* The `number`th path to try, the nearest first; false behind the last. */
static bool path_to_try(const struct search *search, size_t number, struct text *path)
{
    struct str folder;
    text_clear(path);
    if (!search->bare && number == 0) {
        if (search->wanted.at[0] != '/')
            text_add_str(path, search->folder);
        text_add_str(path, search->wanted);
        return true;
    }
    if ((!search->bare && search->wanted.at[0] == '/') ||
        !folder_beyond(search->beyond, search->bare ? number : number - 1, &folder))
        return false;
    text_addf(path, "%.*s/%.*s%s", STR_ARG(folder), STR_ARG(search->wanted), search->bare ? ".nel" : "");
    return true;
}

/* ---- where it is not ---- */

static void add_listed(struct text *text, size_t number, bool last, struct str name)
{
    text_addf(text, "%s`%.*s`", number == 0 ? "" : last ? " and " : ", ", STR_ARG(name));
}

static void add_paths_tried(const struct search *search, struct text *help)
{
    struct text path = {0}, next = {0};
    bool more = path_to_try(search, 0, &path);
    for (size_t i = 0; more && i < PATHS_LISTED; i++) {
        more = path_to_try(search, i + 1, &next);
        if (i == 0)
            text_add(help, "looked for ");
        add_listed(help, i, !more, text_str(&path));
        struct text swap = path;
        path = next;
        next = swap;
    }
    struct str folder;
    if (more)
        text_add(help, " …");
    else if (!folder_beyond(search->beyond, 0, &folder))
        text_addf(help, "%sNEL_PATH names no folder to look in", help->len > 0 && help->at[help->len - 1] != '\n' ? "; " : "");
    text_release(&path);
    text_release(&next);
}

/* The path as it should have been written: with the ending, or with the name that is near in one of the folders. */
static bool add_near_path(const struct search *search, struct text *help)
{
    struct text path = {0}, near = {0};
    bool found = false;
    int above = (int)search->wanted.len; /* the part of what was written that is a folder */
    while (above > 0 && search->wanted.at[above - 1] != '/')
        above--;
    for (size_t i = 0; !found && path_to_try(search, i, &path); i++) {
        struct file_identity unused;
        found = file_near(text_chars(&path), &near);
        text_add(&path, ".nel");
        if (!search->bare && file_look(text_chars(&path), &unused) == FILE_REGULAR) {
            text_addf(help, "did you mean `use \"%.*s.nel\"`?\n", STR_ARG(search->wanted));
            found = true;
        } else if (found && search->bare) {
            size_t len = near.len > 4 && memcmp(near.at + near.len - 4, ".nel", 4) == 0 ? near.len - 4 : near.len;
            text_addf(help, "did you mean `%.*s`?\n", (int)len, near.at);
        } else if (found) {
            text_addf(help, "did you mean `use \"%.*s%s\"`?\n", above, search->wanted.at, text_chars(&near));
        }
    }
    text_release(&path);
    text_release(&near);
    return found;
}

static bool add_near_module(const struct search *search, struct text *help)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, search->wanted);
    for (const struct library_file *file = library_files; file->name; file++)
        suggest_offer(&suggestion, str_of(file->name));
    if (suggestion.best.len)
        text_addf(help, "did you mean `%.*s`?\n", STR_ARG(suggestion.best));
    return suggestion.best.len > 0;
}

/* Whether the file stands beside the one that uses it, where only a path leads to it. */
static bool add_file_beside(const struct search *search, struct text *help)
{
    struct text path = {0};
    struct file_identity unused;
    text_addf(&path, "%.*s%.*s.nel", STR_ARG(search->folder), STR_ARG(search->wanted));
    bool there = !path.failed && file_look(text_chars(&path), &unused) == FILE_REGULAR;
    if (there)
        text_addf(help, "a file is used by its path: `use \"%.*s.nel\"`\n", STR_ARG(search->wanted));
    text_release(&path);
    return there;
}

static void add_library(struct text *help)
{
    text_add(help, "the standard library has ");
    for (size_t i = 0; library_files[i].name; i++)
        add_listed(help, i, !library_files[i + 1].name, str_of(library_files[i].name));
    text_add(help, "\n");
}

static bool report_missing(struct eval *eval, const struct node *use, const struct search *search)
{
    struct text help = {0};
    if (search->bare) {
        if (!add_file_beside(search, &help) && !add_near_module(search, &help))
            add_near_path(search, &help);
        add_library(&help);
    } else {
        add_near_path(search, &help);
    }
    add_paths_tried(search, &help);
    eval_error_help(eval, use->span, text_chars(&help), "there is no %s `%.*s`", search->bare ? "module" : "file",
                    STR_ARG(search->wanted));
    text_release(&help);
    return false;
}

/* ---- finding ---- */

static bool wanted_is_path(struct eval *eval, const struct node *use)
{
    if (use->op == OP_PATH && use->text.len == 0)
        return !failed(eval_error_help(eval, use->span, "such as `use \"my/file.nel\"`", "`use` needs the path of a file"));
    if (memchr(use->text.at, '\0', use->text.len))
        return !failed(eval_error(eval, use->span, "the path of a file has no NUL character"));
    return true;
}

/* Something stands at `path`; whether it can be a module. */
static bool path_serves(struct eval *eval, const struct node *use, const struct text *path, enum file_kind kind)
{
    if (kind == FILE_REGULAR)
        return true;
    if (kind == FILE_SPECIAL)
        return !failed(eval_error(eval, use->span, "`%s` is a device or a pipe, not a file", text_chars(path)));
    struct text unread = {0}; /* the reader says what is wrong */
    file_read(text_chars(path), 0, &unread, eval->diags, use->span);
    text_release(&unread);
    return false;
}

/* The path without `.` and `folder/..`, appended to `tidy`. */
static void add_tidy(struct str path, struct text *tidy)
{
    for (size_t at = 0; at < path.len;) {
        const char *slash = memchr(path.at + at, '/', path.len - at);
        struct str part = {path.at + at, slash ? (size_t)(slash - path.at) + 1 - at : path.len - at};
        at += part.len;
        struct str before = text_str(tidy); /* ends with a slash, or is empty */
        size_t start = before.len ? before.len - 1 : 0;
        while (start > 0 && before.at[start - 1] != '/')
            start--;
        struct str folder = {before.at + start, before.len - start};
        if (str_is(part, "../") && folder.len > 1 && !str_is(folder, "../"))
            tidy->at[tidy->len = start] = '\0';
        else if (!str_is(part, "./") || path.len == part.len)
            text_add_str(tidy, part);
    }
}

/* Makes the path as short as it can be written, where that leads to the same file: a folder may be a link to one elsewhere. */
static void path_tidy(struct text *path, const struct file_identity *identity)
{
    struct text tidy = {0};
    struct file_identity reached;
    add_tidy(text_str(path), &tidy);
    bool same = !tidy.failed && file_look(text_chars(&tidy), &reached) == FILE_REGULAR && reached.device == identity->device &&
                reached.number == identity->number;
    if (same) {
        struct text longer = *path;
        *path = tidy;
        tidy = longer;
    }
    text_release(&tidy);
}

bool module_path(struct eval *eval, const struct node *use, struct text *path, struct file_identity *identity)
{
    if (!wanted_is_path(eval, use))
        return false;
    struct search search = search_for(eval, use);
    for (size_t i = 0; path_to_try(&search, i, path); i++) {
        if (path->failed)
            return diag_out_of_memory(eval->diags, use->span);
        enum file_kind kind = file_look(text_chars(path), identity);
        if (kind == FILE_MISSING)
            continue;
        if (!path_serves(eval, use, path, kind))
            return false;
        path_tidy(path, identity);
        return true;
    }
    return report_missing(eval, use, &search);
}
