/* Views of bytes and the growing buffer. */
#include "support/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "support/memory.h"
#include "support/vec.h"

struct str str_of(const char *text)
{
    return (struct str){text, strlen(text)};
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_is(struct str a, const char *b)
{
    return str_equal(a, str_of(b));
}

int str_compare(struct str a, struct str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.at, b.at, shared);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Makes room for `more` bytes and a NUL behind them. */
static bool make_room(struct text *text, size_t more)
{
    if (text->failed || more >= SIZE_MAX - text->len || !vec_grow((void **)&text->at, &text->cap, text->len + more + 1, 1)) {
        text->failed = true;
        return false;
    }
    return true;
}

void text_reserve(struct text *text, size_t more)
{
    make_room(text, more);
}

void text_add(struct text *text, const char *more)
{
    text_add_str(text, str_of(more));
}

void text_add_str(struct text *text, struct str more)
{
    if (!make_room(text, more.len))
        return;
    if (more.len > 0)
        memcpy(text->at + text->len, more.at, more.len);
    text->len += more.len;
    text->at[text->len] = '\0';
}

void text_add_char(struct text *text, char c)
{
    text_add_str(text, (struct str){&c, 1});
}

void text_add_repeat(struct text *text, const char *what, size_t times)
{
    for (size_t i = 0; i < times && !text->failed; i++)
        text_add(text, what);
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_addv(text, format, args);
    va_end(args);
}

void text_addv(struct text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0) {
        text->failed = true;
    } else if (make_room(text, (size_t)length)) {
        vsnprintf(text->at + text->len, (size_t)length + 1, format, again);
        text->len += (size_t)length;
    }
    va_end(again);
}

void text_add_json(struct text *text, struct str value)
{
    text_add_char(text, '"');
    for (size_t at = 0; at < value.len && !text->failed;) {
        size_t length = utf8_length(value.at + at, value.len - at);
        unsigned char c = (unsigned char)value.at[at];
        if (length == 0) {
            text_add(text, "\\ufffd");
            length = 1;
        } else if (c == '"' || c == '\\') {
            text_addf(text, "\\%c", c);
        } else if (c == '\n') {
            text_add(text, "\\n");
        } else if (c < 0x20 || c == 0x7f) {
            text_addf(text, "\\u%04x", c);
        } else {
            text_add_str(text, (struct str){value.at + at, length});
        }
        at += length;
    }
    text_add_char(text, '"');
}

struct str text_str(const struct text *text)
{
    return (struct str){text_chars(text), text->len};
}

const char *text_chars(const struct text *text)
{
    return text->at == NULL ? "" : text->at;
}

void text_clear(struct text *text)
{
    text->len = 0;
    text->failed = false;
    if (text->at != NULL)
        text->at[0] = '\0';
}

void text_release(struct text *text)
{
    mem_free(text->at);
    *text = (struct text){0};
}
