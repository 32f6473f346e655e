/* Numbers are read by hand, since strtod depends on the locale, needs a terminator and takes hexadecimal and "inf". The first 19
   significant digits are gathered exactly in 64 bits and scaled by a power of ten in long double: right to the last bit of a float,
   which is all that a table keeps. */
#include "data/cell.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

/* Digits gathered so far, and the power of ten that they are to be multiplied by. */
struct digits {
    uint64_t mantissa;
    long exponent;
    unsigned significant; /* digits in the mantissa, leading zeros aside */
    bool any;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes a run of digits, before the point or behind it. */
static const char *digits_take(struct digits *digits, const char *at, const char *end, bool fraction)
{
    for (; at < end && is_digit(*at); at++) {
        digits->any = true;
        if (digits->significant < 19) {
            digits->mantissa = digits->mantissa * 10 + (uint64_t)(*at - '0');
            digits->significant += digits->mantissa > 0;
            digits->exponent -= fraction;
        } else {
            digits->exponent += !fraction; /* beyond what counts: only its place matters */
        }
    }
    return at;
}

/* Takes "e-12"; NULL where no digits follow. Exponents past any number's are cut off, so that they cannot overflow. */
static const char *exponent_take(struct digits *digits, const char *at, const char *end)
{
    const long most = 100000;
    long exponent = 0;
    at++;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || !is_digit(*at))
        return NULL;
    for (; at < end && is_digit(*at); at++)
        exponent = exponent < most ? exponent * 10 + (*at - '0') : most;
    digits->exponent += negative ? -exponent : exponent;
    return at;
}

static double digits_value(const struct digits *digits)
{
    long exponent = digits->exponent;
    if (digits->mantissa == 0 || exponent < -400)
        return 0;
    if (exponent > 400)
        return INFINITY;
    long double mantissa = (long double)digits->mantissa;
    long double power = 1, base = 10;
    for (long left = labs(exponent); left > 0; left /= 2) {
        if (left % 2)
            power *= base;
        base *= base;
    }
    return (double)(exponent < 0 ? mantissa / power : mantissa * power);
}

bool cell_number(struct str text, double *value)
{
    struct digits digits = {0};
    const char *at = text.at, *end = text.at + text.len;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    at = digits_take(&digits, at, end, false);
    if (at < end && *at == '.')
        at = digits_take(&digits, at + 1, end, true);
    if (digits.any && at < end && (*at == 'e' || *at == 'E'))
        at = exponent_take(&digits, at, end);
    if (!digits.any || at != end)
        return false;
    *value = negative ? -digits_value(&digits) : digits_value(&digits);
    return true;
}

bool cell_fits(double value)
{
    return fabs(value) <= (double)FLT_MAX;
}

bool cell_missing(struct str text)
{
    switch (text.len) {
    case 0:
        return true;
    case 1:
        return text.at[0] == '?';
    case 2:
        return strncasecmp(text.at, "na", 2) == 0;
    case 3:
        return strncasecmp(text.at, "nan", 3) == 0;
    default:
        return false;
    }
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

bool cell_plain(struct str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_length(text.at + i, text.len - i);
        if (len == 0 || is_control(text.at[i]))
            return false;
        i += len;
    }
    return true;
}

void cell_show(struct text *out, struct str text)
{
    const size_t most = 40;
    size_t i = 0;
    text_add_char(out, '`');
    while (i < text.len && i < most) {
        size_t len = utf8_length(text.at + i, text.len - i);
        if (len == 0 || is_control(text.at[i]))
            text_add_char(out, '?');
        else
            text_add_str(out, (struct str){text.at + i, len});
        i += len ? len : 1;
    }
    text_add(out, i < text.len ? "…`" : "`");
}
