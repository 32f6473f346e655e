/* Reading DNA byte by byte: where the decoder stands, and the words and numbers that atoms are made of. */
#ifndef NEL_MOLECULE_DNA_READ_H
#define NEL_MOLECULE_DNA_READ_H

#include "molecule/molecule.h"

struct reader {
    const char *begin, *at, *end;
    const struct elements *elements;
    struct span place; /* of `begin` */
    struct diags *diags;
    struct molecule_builder builder;
};

static inline bool reader_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool reader_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Whether the next byte is `c`; whether the next two are `c` and a digit. */
bool reader_at(const struct reader *reader, char c);
bool reader_at_count(const struct reader *reader, char c);

struct span reader_span(const struct reader *reader, const char *from, const char *to);

/* Reports an error about the bytes from `from` to `to`; false, so that callers can return it. */
#define FAIL(reader, from, to, ...) (diag_error((reader)->diags, reader_span(reader, from, to), __VA_ARGS__), false)

/* Reports what stands here in place of what was expected. */
struct diag *reader_expected(struct reader *reader, const char *what);
/* Behind an error in the atom (or tap) that is being read: goes on behind it, with another atom in its place; false where its end
   cannot be told. Its first byte is where the reader stands, or any one before its `[`. */
bool reader_step_over(struct reader *reader);
/* Remembered by the builder, which tells it; false. */
bool reader_out_of_memory(struct reader *reader);

/* The run of [a-z][a-z0-9]* here, with `_` where `underscore`; empty where it does not begin with a letter. */
struct str reader_word(struct reader *reader, bool underscore);
/* A whole number from `low` to `limit` without leading zeros; `what` is for the error. */
bool reader_natural(struct reader *reader, uint32_t low, uint32_t limit, const char *what, uint32_t *number);
/* The bytes of a decimal here: digits, a fraction, an exponent. Empty where there is none. */
struct str reader_decimal(struct reader *reader);

/* Reads an atom into the builder (dna_atom.c). */
bool dna_atom(struct reader *reader);

#endif
