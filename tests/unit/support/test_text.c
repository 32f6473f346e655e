/* Views, the growing text, columns on a terminal, JSON strings, near misses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/memory.h"
#include "support/suggest.h"
#include "support/text.h"

static void views_compare(void **state)
{
    (void)state;
    assert_true(str_equal(STR("ab"), str_of("ab")));
    assert_false(str_equal(STR("ab"), STR("abc")));
    assert_true(str_equal((struct str){NULL, 0}, STR("")));
    assert_true(str_is(STR("relu"), "relu"));
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_true(str_compare(STR("\xc3"), STR("z")) > 0);
    assert_int_equal(str_compare(STR("ab"), STR("ab")), 0);
}

static void text_grows(void **state)
{
    (void)state;
    struct text text = {0};
    assert_string_equal(text_chars(&text), "");
    text_add(&text, "a");
    text_add_char(&text, 'b');
    text_add_str(&text, STR("cd"));
    text_add_repeat(&text, "-=", 3);
    text_addf(&text, "%d|%s", 42, "x");
    assert_string_equal(text_chars(&text), "abcd-=-=-=42|x");
    assert_int_equal(text_str(&text).len, 14);
    text_clear(&text);
    assert_string_equal(text_chars(&text), "");
    text_release(&text);
}

static void text_remembers_a_failure(void **state)
{
    (void)state;
    struct text text = {0};
    text_add(&text, "kept");
    mem_fail_after(0);
    text_add_repeat(&text, "more than fits", 100);
    mem_fail_after(-1);
    text_add(&text, "ignored");
    assert_true(text.failed);
    assert_string_equal(text_chars(&text), "kept");
    text_release(&text);
}

static void utf8_is_checked(void **state)
{
    (void)state;
    assert_int_equal(utf8_length("a", 1), 1);
    assert_int_equal(utf8_length("\xc3\xa9", 2), 2);
    assert_int_equal(utf8_length("\xe2\x82\xac", 3), 3);
    assert_int_equal(utf8_length("\xf0\x9f\x99\x82", 4), 4);
    assert_int_equal(utf8_length("", 0), 0);
    assert_int_equal(utf8_length("\xc3\xa9", 1), 0);         /* cut */
    assert_int_equal(utf8_length("\x80", 1), 0);             /* continuation first */
    assert_int_equal(utf8_length("\xc0\x80", 2), 0);         /* overlong */
    assert_int_equal(utf8_length("\xe0\x80\x80", 3), 0);     /* overlong */
    assert_int_equal(utf8_length("\xed\xa0\x80", 3), 0);     /* surrogate */
    assert_int_equal(utf8_length("\xf0\x80\x80\x80", 4), 0); /* overlong */
    assert_int_equal(utf8_length("\xf4\x90\x80\x80", 4), 0); /* past U+10FFFF */
    assert_int_equal(utf8_length("\xff", 1), 0);
}

static void columns_are_counted(void **state)
{
    (void)state;
    assert_int_equal(text_columns(STR("")), 0);
    assert_int_equal(text_columns(STR("caf\xc3\xa9")), 4);
    assert_int_equal(text_columns(STR("cafe\xcc\x81")), 4);             /* combining acute */
    assert_int_equal(text_columns(STR("\xe5\xb1\x82\xe5\xb1\x82")), 4); /* two wide ones */
    assert_int_equal(text_columns(STR("\xf0\x9f\x99\x82")), 2);         /* an emoji */
    assert_int_equal(text_columns(STR("\xe2\xa0\x81\xe2\x94\x80")), 2); /* braille, box drawing */
    assert_int_equal(text_columns(STR("a\xff\xfe")), 3);                /* bytes that are no UTF-8 */
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    struct text text = {0};
    text_add_json(&text, STR("a\"b\\c\nd\t\x01\xff\xc3\xa9"));
    assert_string_equal(text_chars(&text), "\"a\\\"b\\\\c\\nd\\u0009\\u0001\\ufffd\xc3\xa9\"");
    text_release(&text);
}

static void distances_count_slips(void **state)
{
    (void)state;
    assert_int_equal(suggest_distance(STR("relu"), STR("relu"), 3), 0);
    assert_int_equal(suggest_distance(STR("relu"), STR("RELU"), 3), 0);
    assert_int_equal(suggest_distance(STR("rellu"), STR("relu"), 3), 1);
    assert_int_equal(suggest_distance(STR("tahn"), STR("tanh"), 3), 1);
    assert_int_equal(suggest_distance(STR("kitten"), STR("sitting"), 5), 3);
    assert_int_equal(suggest_distance(STR("kitten"), STR("sitting"), 2), 3);
    assert_int_equal(suggest_distance(STR("kitten"), STR("sitting"), 1), 2);
    assert_int_equal(suggest_distance(STR("ca"), STR("abc"), 5), 3); /* string alignment touches each place once */
    assert_int_equal(suggest_distance(STR(""), STR("abc"), 5), 3);
    char longer[200];
    for (int i = 0; i < 200; i++)
        longer[i] = 'a';
    assert_int_equal(suggest_distance((struct str){longer, 200}, (struct str){longer, 199}, 3), 4);
    assert_int_equal(suggest_distance((struct str){longer, 200}, (struct str){longer, 200}, 3), 0);
}

static struct str best_of(const char *wanted, const char *const *offers)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, str_of(wanted));
    for (; *offers != NULL; offers++)
        suggest_offer(&suggestion, str_of(*offers));
    return suggestion.best;
}

static void the_nearest_name_wins(void **state)
{
    (void)state;
    const char *const names[] = {"elu", "relu", "gelu", "sigmoid", "tanh", "learning_rate", "R", NULL};
    assert_true(str_is(best_of("rellu", names), "relu"));
    assert_true(str_is(best_of("sigmiod", names), "sigmoid"));
    assert_true(str_is(best_of("Tanh", names), "tanh"));
    assert_true(str_is(best_of("learning_raet", names), "learning_rate"));
    assert_true(str_is(best_of("r", names), "R"));
    assert_int_equal(best_of("x", names).len, 0);
    assert_int_equal(best_of("softplus", names).len, 0);
    assert_int_equal(best_of("", names).len, 0);
}

/* One slip each: the likelier one wins, whatever the order of the offers. */
static void the_likelier_slip_wins(void **state)
{
    (void)state;
    assert_true(str_is(best_of("sinn", (const char *const[]){"sine", "sign", "sin", NULL}), "sin"));
    assert_true(str_is(best_of("tahn", (const char *const[]){"tan", "tanh", NULL}), "tanh"));
    assert_true(str_is(best_of("melu", (const char *const[]){"relu", "gelu", "mel", NULL}), "mel"));
    assert_true(str_is(best_of("nax", (const char *const[]){"max", "na", NULL}), "na"));
    struct suggestion suggestion;
    suggest_start(&suggestion, STR("sinn"));
    suggest_offer_unfit(&suggestion, STR("sin"));
    suggest_offer(&suggestion, STR("sine"));
    assert_true(str_is(suggestion.best, "sine"));
    suggest_start(&suggestion, STR("cosin"));
    suggest_offer_unfit(&suggestion, STR("cos"));
    assert_int_equal(suggestion.best.len, 0);
    suggest_start(&suggestion, STR("coss"));
    suggest_offer_unfit(&suggestion, STR("cos"));
    assert_true(str_is(suggestion.best, "cos"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare),
        cmocka_unit_test(text_grows),
        cmocka_unit_test(text_remembers_a_failure),
        cmocka_unit_test(utf8_is_checked),
        cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(distances_count_slips),
        cmocka_unit_test(the_nearest_name_wins),
        cmocka_unit_test(the_likelier_slip_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
