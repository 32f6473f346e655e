/* Numbers to text and back. Both directions avoid the process's locale: digits are taken from printf's scientific form without
   looking at its decimal point, and reading names the C locale. */
#include "support/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/memory.h"

enum { MOST_DIGITS = 17, LARGEST_EXPONENT = 1000000, EXPONENT_ROOM = 24 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static double parse_in_c_locale(const char *text)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return NAN;
    double value = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    return value;
}

/* Copies a run of digits with single `_` between them to `*to`, without the `_`; the bytes read, 0 where there is no such run. */
static size_t copy_digits(struct str from, char **to)
{
    size_t at = 0;
    while (at < from.len && (is_digit(from.at[at]) || (from.at[at] == '_' && at > 0 && from.at[at - 1] != '_'))) {
        if (from.at[at] != '_')
            *(*to)++ = from.at[at];
        at++;
    }
    return at > 0 && from.at[at - 1] == '_' ? 0 : at;
}

static struct str rest(struct str s, size_t skip)
{
    return (struct str){s.at + skip, s.len - skip};
}

/* Reads `e`, an optional sign and digits; the bytes read, 0 where there is no exponent. Large ones saturate. */
static size_t read_exponent(struct str s, long *exponent)
{
    if (s.len < 2 || (s.at[0] != 'e' && s.at[0] != 'E'))
        return 0;
    size_t at = s.at[1] == '+' || s.at[1] == '-' ? 2 : 1;
    size_t first = at;
    for (; at < s.len && is_digit(s.at[at]); at++)
        if (*exponent < LARGEST_EXPONENT)
            *exponent = *exponent * 10 + (s.at[at] - '0');
    if (s.at[1] == '-')
        *exponent = -*exponent;
    return at == first ? 0 : at;
}

/* Rewrites `literal` at `to` (at least EXPONENT_ROOM bytes more than it has) as strtod reads it; false where it is no literal. */
static bool plain_form(struct str literal, char *to)
{
    size_t used = copy_digits(literal, &to);
    if (used == 0)
        return false;
    literal = rest(literal, used);
    if (literal.len > 0 && literal.at[0] == '.') {
        *to++ = '.';
        used = copy_digits(rest(literal, 1), &to);
        if (used == 0)
            return false;
        literal = rest(literal, used + 1);
    }
    long exponent = 0;
    literal = rest(literal, read_exponent(literal, &exponent));
    if (literal.len > 0 && literal.at[0] == '%') {
        exponent -= 2;
        literal = rest(literal, 1);
    }
    snprintf(to, EXPONENT_ROOM, "e%ld", exponent);
    return literal.len == 0;
}

/* The plain literals that nearly all are: digits, perhaps a point and a `%`, no more than a double holds exactly; then the one
   division rounds correctly (Clinger: "How to read floating point numbers accurately", PLDI 1990). False: not one of them. */
static bool read_plain(struct str literal, double *value)
{
    enum { EXACT_DIGITS = 15 };
    static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
    uint64_t digits = 0;
    size_t at = 0, point = 0;
    if (literal.len == 0 || literal.len > EXACT_DIGITS || !is_digit(literal.at[0]))
        return false;
    for (; at < literal.len && (is_digit(literal.at[at]) || (literal.at[at] == '.' && point == 0)); at++)
        if (literal.at[at] == '.')
            point = at + 1;
        else
            digits = digits * 10 + (uint64_t)(literal.at[at] - '0');
    size_t decimals = point > 0 ? at - point : 0;
    if (point > 0 && decimals == 0)
        return false;
    if (at < literal.len && literal.at[at] == '%') {
        decimals += 2;
        at++;
    }
    if (at < literal.len)
        return false;
    *value = (double)digits / tens[decimals];
    return true;
}

bool number_read(struct str literal, double *value)
{
    if (read_plain(literal, value))
        return true;
    char small[96];
    char *buffer = literal.len + EXPONENT_ROOM <= sizeof small ? small : mem_array(literal.len + EXPONENT_ROOM, 1);
    if (buffer == NULL)
        return false;
    bool fine = plain_form(literal, buffer);
    if (fine) {
        double read = parse_in_c_locale(buffer);
        fine = isfinite(read);
        if (fine)
            *value = read;
    }
    if (buffer != small)
        mem_free(buffer);
    return fine;
}

/* A positive finite number as decimal digits d.ddd x 10^exponent, without trailing zeros. */
struct decimal {
    char digits[MOST_DIGITS + 1];
    int count, exponent;
};

static struct decimal decimal_of(double value, int digits)
{
    struct decimal decimal = {0};
    char form[64];
    snprintf(form, sizeof form, "%.*e", digits - 1, value);
    const char *at = form;
    for (; *at != 'e'; at++)
        if (is_digit(*at))
            decimal.digits[decimal.count++] = *at;
    decimal.exponent = (int)strtol(at + 1, NULL, 10);
    while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0')
        decimal.digits[--decimal.count] = '\0';
    return decimal;
}

static bool decimal_reads_back(const struct decimal *decimal, double value)
{
    char form[64];
    snprintf(form, sizeof form, "%.1s.%s0e%d", decimal->digits, decimal->digits + 1, decimal->exponent);
    double read = parse_in_c_locale(form);
    return read >= value && read <= value;
}

/* Appends in plain form where -3 <= exponent < `plain_below`, else with an exponent. */
static void decimal_write(struct text *out, const struct decimal *decimal, int plain_below)
{
    const char *digits = decimal->digits;
    int count = decimal->count, exponent = decimal->exponent;
    if (exponent < -3 || exponent >= plain_below) {
        text_addf(out, "%.1s%s%se%d", digits, count > 1 ? "." : "", digits + 1, exponent);
    } else if (exponent < 0) {
        text_add(out, "0.");
        text_add_repeat(out, "0", (size_t)(-exponent - 1));
        text_add(out, digits);
    } else if (count <= exponent + 1) {
        text_add(out, digits);
        text_add_repeat(out, "0", (size_t)(exponent + 1 - count));
    } else {
        text_addf(out, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
    }
}

/* Appends what needs no digits (nan, inf, 0; -0 is written 0, which it equals) or the sign; true where that was all. */
static bool write_special(struct text *out, double value)
{
    if (isnan(value)) {
        text_add(out, "nan");
        return true;
    }
    if (value < 0)
        text_add_char(out, '-');
    if (isinf(value)) {
        text_add(out, "inf");
        return true;
    }
    if (fpclassify(value) == FP_ZERO) {
        text_add_char(out, '0');
        return true;
    }
    return false;
}

void number_write(struct text *out, double value)
{
    if (write_special(out, value))
        return;
    /* Fifteen digits always survive in a normal double, so that a shorter form shows as trailing zeros; a subnormal one has
       fewer, and each length is tried. */
    int digits = isnormal(value) ? DBL_DIG : 1;
    struct decimal decimal = decimal_of(fabs(value), digits);
    while (digits < MOST_DIGITS && !decimal_reads_back(&decimal, fabs(value)))
        decimal = decimal_of(fabs(value), ++digits);
    decimal_write(out, &decimal, DBL_DIG);
}

void number_write_short(struct text *out, double value, int digits)
{
    if (write_special(out, value))
        return;
    digits = digits < 1 ? 1 : digits > MOST_DIGITS ? MOST_DIGITS : digits;
    /* Up to a million people rather read 12300 than 1.23e4. */
    int plain_below = digits < 6 ? 6 : digits;
    struct decimal decimal = decimal_of(fabs(value), digits);
    decimal_write(out, &decimal, plain_below);
}

void number_write_count(struct text *out, double count)
{
    if (!isfinite(count) || fabs(count) >= 1e15) {
        number_write(out, count);
        return;
    }
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%lld", llround(fabs(count)));
    if (count < 0 && digits[0] != '0')
        text_add_char(out, '-');
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text_add_char(out, '_');
        text_add_char(out, digits[i]);
    }
}

void number_write_figure(struct text *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15)
        number_write_count(out, value);
    else
        number_write_short(out, value, 4);
}

struct counted counted(double count, const char *one, const char *many)
{
    struct counted made;
    struct text number = {0};
    number_write_count(&number, count);
    const char *noun = count == 1 ? one : many;
    snprintf(made.text, sizeof made.text, "%s%s%s", text_chars(&number), *noun ? " " : "", noun);
    text_release(&number);
    return made;
}
