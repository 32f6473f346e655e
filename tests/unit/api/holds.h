/* For tests of the library: expectations on values, which release what they are given. Include after cmocka.h. */
#ifndef NEL_TEST_HOLDS_H
#define NEL_TEST_HOLDS_H

#include <math.h>
#include <string.h>

#include "api/nel.h"

static inline nel_value *fine(nel_value *value)
{
    if (nel_status_of(value) != NEL_OK)
        fail_msg("status %d: %s", nel_status_of(value), nel_rendered(value));
    return value;
}

/* It went well, and its value is of no interest. */
static inline void done(nel_value *value)
{
    nel_release(fine(value));
}

static inline void expect_number(nel_value *value, double number)
{
    assert_int_equal(nel_kind_of(fine(value)), NEL_NUMBER);
    if (nel_number_of(value) != number)
        fail_msg("%.17g is not %.17g", nel_number_of(value), number);
    nel_release(value);
}

static inline void expect_text(nel_value *value, const char *text)
{
    assert_int_equal(nel_kind_of(fine(value)), NEL_TEXT);
    assert_string_equal(nel_text_of(value), text);
    nel_release(value);
}

static inline void expect_print(nel_value *value, const char *text)
{
    assert_string_equal(nel_print(fine(value)), text);
    nel_release(value);
}

/* A failure of this status, of which one message holds these words. */
static inline void expect_failure(nel_value *value, nel_status status, const char *words)
{
    assert_non_null(value);
    assert_int_equal(nel_kind_of(value), NEL_FAILURE);
    if (nel_status_of(value) != status)
        fail_msg("status %d: %s", nel_status_of(value), nel_rendered(value));
    assert_true(nel_diagnostics(value) > 0);
    if (!strstr(nel_rendered(value), words))
        fail_msg("was told: %s", nel_rendered(value));
    nel_release(value);
}

#endif
