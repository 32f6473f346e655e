/* Numbers: the shortest text that reads back, for doubles drawn from all of their range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/memory.h"
#include "support/number.h"
#include "support/random.h"

static void assert_writes(double value, const char *expected)
{
    struct text text = {0};
    number_write(&text, value);
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
}

static void assert_writes_short(double value, int digits, const char *expected)
{
    struct text text = {0};
    number_write_short(&text, value, digits);
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
}

static void assert_writes_count(double value, const char *expected)
{
    struct text text = {0};
    number_write_count(&text, value);
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void assert_reads(const char *literal, double expected)
{
    double value = -1;
    if (!number_read(str_of(literal), &value) || !same_bits(value, expected))
        fail_msg("`%s` read as %.17g, not %.17g", literal, value, expected);
}

static void shortest_forms(void **state)
{
    (void)state;
    assert_writes(0, "0");
    assert_writes(-0.0, "0");
    assert_writes(24, "24");
    assert_writes(-24.5, "-24.5");
    assert_writes(0.1, "0.1");
    assert_writes(0.1 + 0.2, "0.30000000000000004");
    assert_writes(1.0 / 3, "0.3333333333333333");
    assert_writes(0.003, "0.003");
    assert_writes(0.001, "0.001");
    assert_writes(0.00099, "9.9e-4");
    assert_writes(1e-4, "1e-4");
    assert_writes(100, "100");
    assert_writes(123456789012345, "123456789012345");
    assert_writes(1e15, "1e15");
    assert_writes(2.5e20, "2.5e20");
    assert_writes(-1.5e-300, "-1.5e-300");
    assert_writes(5e-324, "5e-324");
    assert_writes(1.7976931348623157e308, "1.7976931348623157e308");
    assert_writes(9007199254740992, "9.007199254740992e15");
    assert_writes(INFINITY, "inf");
    assert_writes(-INFINITY, "-inf");
    assert_writes(NAN, "nan");
}

static void short_forms(void **state)
{
    (void)state;
    assert_writes_short(0.96666, 3, "0.967");
    assert_writes_short(12.34, 3, "12.3");
    assert_writes_short(1.2e-5, 3, "1.2e-5");
    assert_writes_short(0.0012345, 3, "0.00123");
    assert_writes_short(0.5, 3, "0.5");
    assert_writes_short(9.999, 3, "10");
    assert_writes_short(1000, 3, "1000");
    assert_writes_short(12345, 3, "12300");
    assert_writes_short(1234567, 3, "1.23e6");
    assert_writes_short(-2, 3, "-2");
    assert_writes_short(0, 3, "0");
    assert_writes_short(NAN, 3, "nan");
    assert_writes_short(0.1, 100, "0.10000000000000001");
    assert_writes_short(0.17, 0, "0.2");
}

static void counts(void **state)
{
    (void)state;
    assert_writes_count(0, "0");
    assert_writes_count(999, "999");
    assert_writes_count(1000, "1_000");
    assert_writes_count(60000, "60_000");
    assert_writes_count(-1234567, "-1_234_567");
    assert_writes_count(-0.2, "0");
    assert_writes_count(1e300, "1e300");
    assert_writes_count(INFINITY, "inf");
}

static void literals_are_read(void **state)
{
    (void)state;
    assert_reads("0", 0);
    assert_reads("24", 24);
    assert_reads("60_000", 60000);
    assert_reads("3e-3", 3e-3);
    assert_reads("3E+3", 3000);
    assert_reads("0.5", 0.5);
    assert_reads("1_0.2_5e1", 102.5);
    assert_reads("7%", 0.07);
    assert_reads("0.1%", 0.001);
    assert_reads("5e1%", 0.5);
    assert_reads("1e-999999999999", 0);
    assert_reads("1.7976931348623157e308", 1.7976931348623157e308);
    char longest[5000];
    memset(longest, '0', sizeof longest);
    memcpy(longest + sizeof longest - 4, "12%", 4);
    assert_reads(longest, 0.12);
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "_1",
                                      "1_",
                                      "1__0",
                                      ".5",
                                      "5.",
                                      "1.e5",
                                      "1e",
                                      "1e+",
                                      "1e5_",
                                      "x",
                                      "0x10",
                                      "%",
                                      "1%%",
                                      "1 ",
                                      " 1",
                                      "-1",
                                      "1._5",
                                      "nan",
                                      "inf",
                                      "1,5",
                                      "1e999",
                                      "1e99999999999999999999",
                                      NULL};
    for (int i = 0; bad[i] != NULL; i++) {
        double value = 7;
        if (number_read(str_of(bad[i]), &value) || !same_bits(value, 7))
            fail_msg("`%s` was read as %g", bad[i], value);
    }
    char longest[200];
    memset(longest, '1', sizeof longest);
    double value;
    mem_fail_after(0);
    bool read = number_read((struct str){longest, sizeof longest}, &value);
    mem_fail_after(-1);
    assert_false(read);
}

/* Random bit patterns: what is written reads back as the same bits, and one digit fewer would not. */
static void everything_reads_back(void **state)
{
    (void)state;
    struct random random = random_stream(1, RANDOM_TEST, 0);
    struct text text = {0};
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = (uint64_t)random_u32(&random) << 32 | random_u32(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        value = fabs(i % 2 == 0 ? value : random_between(&random, 0, 1000));
        if (!isfinite(value))
            continue;
        text_clear(&text);
        number_write(&text, value);
        assert_reads(text_chars(&text), value);
        int digits = 0;
        for (const char *at = text_chars(&text); *at != '\0' && *at != 'e'; at++)
            digits += *at >= '0' && *at <= '9' && (digits > 0 || *at != '0');
        char fewer[64];
        if (digits > 1 && text.at[text.len - 1] != '0') {
            snprintf(fewer, sizeof fewer, "%.*e", digits - 2, value);
            double back = -1;
            assert_false(number_read(str_of(fewer), &back) && same_bits(back, value));
        }
    }
    text_release(&text);
}

/* Plain literals of every length, with and without a point and `%`, are the doubles that the C library reads. */
static void plain_literals_are_exact(void **state)
{
    (void)state;
    struct random random = random_stream(2, RANDOM_TEST, 0);
    for (int i = 0; i < 200000; i++) {
        char literal[32], plain[40];
        size_t len = 0, digits = 1 + random_below(&random, 18), point = random_below(&random, 2 * (uint32_t)digits);
        for (size_t digit = 0; digit < digits; digit++) {
            if (digit == point && digit > 0)
                literal[len++] = '.';
            literal[len++] = (char)('0' + random_below(&random, 10));
        }
        literal[len] = '\0';
        bool percent = i % 3 == 0;
        snprintf(plain, sizeof plain, "%s%s", literal, percent ? "e-2" : "");
        if (percent)
            memcpy(literal + len, "%", 2);
        assert_reads(literal, strtod(plain, NULL));
    }
}

/* A locale whose decimal point is a comma, where the machine has one. */
static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "cs_CZ.UTF-8", "nl_NL.UTF-8", NULL};
    bool found = false;
    for (int i = 0; names[i] != NULL && !found; i++)
        found = setlocale(LC_ALL, names[i]) != NULL;
    if (!found) {
        print_message("skipped: this machine has no locale with a decimal comma\n");
        skip();
    }
    shortest_forms(state);
    short_forms(state);
    literals_are_read(state);
    other_texts_are_refused(state);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortest_forms),
        cmocka_unit_test(short_forms),
        cmocka_unit_test(counts),
        cmocka_unit_test(literals_are_read),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(everything_reads_back),
        cmocka_unit_test(plain_literals_are_exact),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
