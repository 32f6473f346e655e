/* Text: a view of bytes that somebody else owns (`str`), and a growing buffer (`text`). */
#ifndef NEL_SUPPORT_TEXT_H
#define NEL_SUPPORT_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes, UTF-8 unless said, not NUL-terminated. */
struct str {
    const char *at;
    size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).at

struct str str_of(const char *text); /* a view of a NUL-terminated text */
bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *b);
int str_compare(struct str a, struct str b); /* by bytes, as strcmp orders */

/* A growing buffer, always NUL-terminated once something was added. A failed allocation sets `failed` and later additions
   do nothing, so that a long run of additions needs one check at its end. Zero-initialise; release once. */
struct text {
    char *at;
    size_t len, cap;
    bool failed;
};

void text_reserve(struct text *text, size_t more); /* room for so many bytes, so that they come without copying what is there */
void text_add(struct text *text, const char *more);
void text_add_str(struct text *text, struct str more);
void text_add_char(struct text *text, char c);
void text_add_repeat(struct text *text, const char *what, size_t times);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_addv(struct text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void text_add_json(struct text *text, struct str value); /* as a JSON string, quotes included; bytes that are not UTF-8 as U+FFFD */
struct str text_str(const struct text *text);
const char *text_chars(const struct text *text); /* never NULL: "" where empty */
void text_clear(struct text *text);              /* empties it, keeps the memory */
void text_release(struct text *text);

/* Columns that `s` takes on a terminal: code points, wide East Asian ones twice, combining ones not at all. Bytes that are
   not UTF-8 count one each. */
size_t text_columns(struct str s);

/* Length in bytes of the UTF-8 sequence at `at` (1..4), 0 where the bytes are not valid UTF-8. */
size_t utf8_length(const char *at, size_t available);
/* The code point of a sequence of that length, from 1, which utf8_length found. */
uint32_t utf8_decode(const char *at, size_t length);

#endif
