/* See repl.h. The parser itself says whether an entry is complete; libedit is seen in this file only. */
#include "repl/repl.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/vec.h"
#include "syntax/parse.h"

#define HISTORY_ENTRIES 1000

struct repl {
    struct nel_state *state;
    struct progress_line *progress;
    EditLine *edit;
    History *history;
    struct text entry; /* lines of the entry so far */
    char history_path[4096];
    unsigned number; /* of the entry, as diagnostics name it */
    bool quit;
};

static const char greeting[] = "nel " NEL_VERSION ", the Neural Element Language. :help explains, Ctrl-D ends.\n";

static const char help[] = "  an expression      is evaluated and shown: relu(8) -> tanh(4)\n"
                           "  a statement        let, fn, molecule, element, rule, for … as in a file\n"
                           "  :doc NAME          one entry of the manual: :doc relu\n"
                           "  :names             your own names\n"
                           "  :quit              ends (so does Ctrl-D)\n"
                           "  Tab completes names; Ctrl-C stops a training; an open bracket or operator goes on in the next line\n";

static struct repl *repl_of(EditLine *edit)
{
    void *data = NULL;
    el_get(edit, EL_CLIENTDATA, &data);
    return data;
}

static char *prompt(EditLine *edit)
{
    static char first[] = "nel> ", more[] = "...> ";
    return repl_of(edit)->entry.len ? more : first;
}

/* ---- completion ---- */

struct completion {
    VEC(struct str) names;
    struct str typed;
};

static void offer(void *context, struct str name)
{
    struct completion *completion = context;
    for (size_t i = 0; i < completion->names.count; i++)
        if (str_equal(completion->names.at[i], name))
            return;
    (void)vec_push(&completion->names, name); /* without memory there is one candidate less */
}

/* How far all candidates agree. */
static size_t common_length(const struct completion *completion)
{
    struct str first = completion->names.at[0];
    size_t common = first.len;
    for (size_t i = 1; i < completion->names.count; i++) {
        size_t same = 0;
        struct str name = completion->names.at[i];
        while (same < common && same < name.len && name.at[same] == first.at[same])
            same++;
        common = same;
    }
    return common;
}

static void list_candidates(const struct completion *completion)
{
    putchar('\n');
    for (size_t i = 0; i < completion->names.count; i++)
        printf("%.*s%s", STR_ARG(completion->names.at[i]), i + 1 < completion->names.count ? "  " : "\n");
    fflush(stdout);
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static unsigned char complete(EditLine *edit, int key)
{
    (void)key;
    const LineInfo *line = el_line(edit);
    const char *start = line->cursor;
    while (start > line->buffer && name_char(start[-1]))
        start--;
    struct completion completion = {.typed = {start, (size_t)(line->cursor - start)}};
    state_complete(repl_of(edit)->state, completion.typed, offer, &completion);
    unsigned char result = CC_ERROR;
    if (completion.names.count > 0) {
        size_t common = common_length(&completion);
        struct text rest = {0};
        text_add_str(&rest, (struct str){completion.names.at[0].at + completion.typed.len, common - completion.typed.len});
        if (rest.len && el_insertstr(edit, rest.at) == 0)
            result = CC_REFRESH;
        text_release(&rest);
        if (completion.names.count > 1 && result == CC_ERROR) {
            list_candidates(&completion);
            result = CC_REDISPLAY;
        }
    }
    vec_release(&completion.names);
    return result;
}

/* ---- history ---- */

static void history_open(struct repl *repl)
{
    HistEvent event;
    const char *home = getenv("HOME");
    repl->history = history_init();
    history(repl->history, &event, H_SETSIZE, HISTORY_ENTRIES);
    history(repl->history, &event, H_SETUNIQUE, 1);
    el_set(repl->edit, EL_HIST, history, repl->history);
    if (!home || snprintf(repl->history_path, sizeof repl->history_path, "%s/.nel_history", home) >= (int)sizeof repl->history_path)
        repl->history_path[0] = '\0';
    if (repl->history_path[0])
        history(repl->history, &event, H_LOAD, repl->history_path);
}

static void history_close(struct repl *repl)
{
    HistEvent event;
    if (repl->history_path[0]) {
        mode_t mask = umask(077); /* entries may hold what is nobody else's business */
        history(repl->history, &event, H_SAVE, repl->history_path);
        umask(mask);
    }
    history_end(repl->history);
}

/* ---- entries ---- */

static void tell(struct repl *repl, struct diags *diags)
{
    struct text text = {0};
    progress_line_clear(repl->progress);
    diags_render(diags, &repl->state->sources, isatty(STDERR_FILENO) && !getenv("NO_COLOR"), &text);
    fflush(stdout);
    fputs(text_chars(&text), stderr);
    fflush(stderr);
    text_release(&text);
}

static void names_print(const struct nel_state *state)
{
    for (size_t i = 0; i < state->globals->count; i++)
        printf("%.*s  %s\n", STR_ARG(state->globals->bindings[i].name), value_kind_name(state->globals->bindings[i].value.kind));
}

static void doc_print(struct repl *repl, struct str name)
{
    struct text out = {0}, near = {0};
    if (state_doc(repl->state, name, &out, &near))
        fputs(text_chars(&out), stdout);
    else
        printf("there is no entry `%.*s`: %s\n", STR_ARG(name), text_chars(&near));
    text_release(&out);
    text_release(&near);
}

/* `:word …`: what is not the language. */
static void run_command(struct repl *repl, struct str line)
{
    while (line.len && (line.at[line.len - 1] == '\n' || line.at[line.len - 1] == ' '))
        line.len--;
    if (str_is(line, ":quit") || str_is(line, ":q"))
        repl->quit = true;
    else if (str_is(line, ":names"))
        names_print(repl->state);
    else if (line.len > 5 && strncmp(line.at, ":doc ", 5) == 0)
        doc_print(repl, (struct str){line.at + 5, line.len - 5});
    else
        fputs(help, stdout);
}

static void evaluate(struct repl *repl)
{
    struct diags diags = {0};
    char name[32];
    snprintf(name, sizeof name, "<prompt:%u>", ++repl->number);
    state_resume(repl->state);
    state_evaluate(repl->state, name, text_str(&repl->entry), &diags);
    state_resume(repl->state);
    tell(repl, &diags);
    diags_release(&diags);
}

static bool blank(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != ' ' && text.at[i] != '\t' && text.at[i] != '\n')
            return false;
    return true;
}

/* One more line: evaluates the entry once it is complete. An empty line ends an entry whatever is open. */
static void take_line(struct repl *repl, struct str line)
{
    HistEvent event;
    bool empty = blank(line);
    if (repl->entry.len == 0 && (empty || line.at[0] == ':')) {
        if (!empty)
            run_command(repl, line);
        return;
    }
    text_add_str(&repl->entry, line);
    if (!empty && parse_completeness(text_str(&repl->entry)) == INPUT_INCOMPLETE)
        return;
    while (repl->entry.len && repl->entry.at[repl->entry.len - 1] == '\n')
        repl->entry.at[--repl->entry.len] = '\0';
    history(repl->history, &event, H_ENTER, text_chars(&repl->entry));
    evaluate(repl);
    text_clear(&repl->entry);
}

static bool open_edit(struct repl *repl)
{
    repl->edit = el_init("nel", stdin, stdout, stderr);
    if (!repl->edit)
        return false;
    el_set(repl->edit, EL_CLIENTDATA, repl);
    el_set(repl->edit, EL_PROMPT, prompt);
    el_set(repl->edit, EL_EDITOR, "emacs");
    el_set(repl->edit, EL_SIGNAL, 0); /* signals are ours: a training must be stopped without ending the editor */
    el_set(repl->edit, EL_ADDFN, "nel-complete", "completes a name", complete);
    el_set(repl->edit, EL_BIND, "\t", "nel-complete", NULL);
    el_set(repl->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(repl->edit, NULL);
    return true;
}

void repl_run(struct nel_state *state, struct progress_line *progress)
{
    struct repl repl = {.state = state, .progress = progress};
    if (!open_edit(&repl))
        return;
    history_open(&repl);
    if (isatty(STDIN_FILENO))
        fputs(greeting, stdout);
    while (!repl.quit) {
        int count = 0;
        errno = 0;
        const char *line = el_gets(repl.edit, &count);
        if (!line && atomic_exchange(&state->cancel, false)) { /* Ctrl-C: a new entry */
            text_clear(&repl.entry);
            el_reset(repl.edit);
            putchar('\n');
            continue;
        }
        if (!line || count <= 0)
            break;
        take_line(&repl, (struct str){line, (size_t)count});
    }
    if (repl.entry.len)
        evaluate(&repl); /* what a pipe left unfinished is told as the error it is */
    if (isatty(STDIN_FILENO))
        putchar('\n');
    history_close(&repl);
    el_end(repl.edit);
    text_release(&repl.entry);
}
