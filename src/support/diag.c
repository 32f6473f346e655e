/* Diagnostics are collected here and drawn in diag_render.c. Making one may itself run out of memory: then it is counted, so that
   the run still fails, and `overflowed` says that something is missing. */
#include "support/diag.h"

#include <stdarg.h>
#include <string.h>

#include "support/limits.h"
#include "support/memory.h"
#include "support/vec.h"

/* What is longer is cut where a character ends: names and numbers in a message are as long as their writer liked. */
static void cut(struct text *text)
{
    size_t len = LIMIT_MESSAGE_BYTES;
    if (text->len <= len)
        return;
    while (len > 0 && ((unsigned char)text->at[len] & 0xC0) == 0x80)
        len--;
    text->len = len;
    text_add(text, "…");
}

/* A formatted text of its own, or NULL where memory is exhausted. */
__attribute__((format(printf, 1, 0))) static char *formatted(const char *format, va_list args)
{
    struct text text = {0};
    text_addv(&text, format, args);
    cut(&text);
    if (text.failed)
        text_release(&text);
    return text.at;
}

static void diag_free(struct diag *diag)
{
    for (size_t i = 0; i < diag->label_count; i++)
        mem_free(diag->labels[i].text);
    mem_free(diag->labels);
    mem_free(diag->message);
    mem_free(diag->note);
    mem_free(diag->help);
}

/* Whether the same was said of the same place: a loop's body, and nel check's ways through a function, come by more than once. */
static bool told_already(const struct diags *diags, const struct diag *diag)
{
    for (size_t i = 0; diag->message && i < diags->count; i++) {
        const struct diag *told = &diags->at[i];
        if (told->span.source == diag->span.source && told->span.start == diag->span.start && told->span.end == diag->span.end &&
            told->severity == diag->severity && strcmp(told->message, diag->message) == 0)
            return true;
    }
    return false;
}

__attribute__((format(printf, 4, 0))) static struct diag *diag_add(struct diags *diags, enum severity severity, struct span span,
                                                                   const char *format, va_list args)
{
    diags->errors += severity == DIAG_ERROR;
    struct diag diag = {.severity = severity, .span = span};
    if (diags->count < LIMIT_DIAGS)
        diag.message = formatted(format, args);
    if (told_already(diags, &diag)) {
        diag_free(&diag);
        return NULL;
    }
    if (diag.message == NULL || !vec_push(diags, diag)) {
        diag_free(&diag);
        diags->overflowed = true;
        diags->out_of_memory |= diags->count < LIMIT_DIAGS;
        return NULL;
    }
    return &diags->at[diags->count - 1];
}

struct diag *diag_error(struct diags *diags, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag *diag = diag_add(diags, DIAG_ERROR, span, format, args);
    va_end(args);
    return diag;
}

struct diag *diag_limit(struct diags *diags, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diags->limits++;
    struct diag *diag = diag_add(diags, DIAG_ERROR, span, format, args);
    va_end(args);
    return diag;
}

struct diag *diag_warning(struct diags *diags, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag *diag = diag_add(diags, DIAG_WARNING, span, format, args);
    va_end(args);
    return diag;
}

void diag_note(struct diag *diag, const char *format, ...)
{
    if (diag != NULL) {
        va_list args;
        va_start(args, format);
        mem_free(diag->note);
        diag->note = formatted(format, args);
        va_end(args);
    }
}

void diag_help(struct diag *diag, const char *format, ...)
{
    if (diag != NULL) {
        va_list args;
        va_start(args, format);
        mem_free(diag->help);
        diag->help = formatted(format, args);
        va_end(args);
    }
}

void diag_label(struct diag *diag, struct span span, const char *format, ...)
{
    if (diag == NULL)
        return;
    va_list args;
    va_start(args, format);
    struct diag_label label = {span, formatted(format, args)};
    va_end(args);
    struct diag_label *grown = label.text == NULL ? NULL : mem_resize(diag->labels, diag->label_count + 1, sizeof *grown);
    if (grown == NULL) {
        mem_free(label.text);
        return;
    }
    diag->labels = grown;
    diag->labels[diag->label_count++] = label;
}

bool diag_out_of_memory(struct diags *diags, struct span span)
{
    diag_error(diags, span, "out of memory");
    diags->out_of_memory = true;
    return false;
}

/* A file that another one uses is registered after it; what is wrong there comes first, since the rest may follow from it. */
static bool stands_before(struct span a, struct span b)
{
    return a.source != b.source ? a.source > b.source : a.start < b.start;
}

void diags_sort(struct diags *diags, size_t from)
{
    for (size_t i = from + 1; i < diags->count; i++) { /* few, and mostly in order */
        struct diag diag = diags->at[i];
        size_t at = i;
        for (; at > from && stands_before(diag.span, diags->at[at - 1].span); at--)
            diags->at[at] = diags->at[at - 1];
        diags->at[at] = diag;
    }
}

void diags_place(struct diags *diags, struct span span)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->at[i].span.source == 0)
            diags->at[i].span = span;
}

void diags_move_into(struct diags *diags, size_t from, struct span span)
{
    for (size_t i = from; i < diags->count; i++) {
        const struct span at = diags->at[i].span;
        if (at.source != span.source || at.start < span.start || at.end > span.end)
            diags->at[i].span = span;
    }
}

void diags_move(struct diags *to, struct diags *from)
{
    for (size_t i = 0; i < from->count; i++) {
        bool told = told_already(to, &from->at[i]);
        if (told || to->count >= LIMIT_DIAGS || !vec_push(to, from->at[i])) {
            to->overflowed = to->overflowed || !told;
            diag_free(&from->at[i]);
        }
    }
    to->errors += from->errors;
    to->overflowed |= from->overflowed;
    to->out_of_memory |= from->out_of_memory;
    from->count = 0;
    diags_release(from);
}

void diags_release(struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        diag_free(&diags->at[i]);
    mem_free(diags->at);
    *diags = (struct diags){0};
}
