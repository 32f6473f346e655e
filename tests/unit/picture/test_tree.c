/* Family trees, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "picture/tree.h"
#include "support/memory.h"

enum { most = 2000 };

static void assert_tree(const int64_t *parents, size_t count, size_t best, bool unicode, const char *expected)
{
    struct tree_line lines[most];
    struct text leads = {0}, picture = {0};
    tree_layout(parents, count, best, unicode, lines, &leads);
    assert_false(leads.failed);
    for (size_t i = 0; i < count; i++)
        text_addf(&picture, "%.*s%zu\n", (int)(lines[i].to - lines[i].from), text_chars(&leads) + lines[i].from, lines[i].node);
    assert_string_equal(text_chars(&picture), expected);
    text_release(&leads);
    text_release(&picture);
}

static void test_line_of_descent_goes_straight_down(void **state)
{
    (void)state;
    const int64_t parents[] = {-1, 0, 1, 2, 3};
    assert_tree(parents, 5, 4, true, "0\n1\n2\n3\n4\n");
}

static void test_others_branch_off_above(void **state)
{
    (void)state;
    const int64_t parents[] = {-1, 0, 0, 1, 1, 2, 5, 0};
    assert_tree(parents, 8, 4, true, "0\n├─2\n│ 5\n│ 6\n├─7\n1\n├─3\n4\n");
    assert_tree(parents, 8, 6, false, "0\n|-1\n| |-3\n| 4\n|-7\n2\n5\n6\n");
}

static void test_families_stand_below_each_other(void **state)
{
    (void)state;
    const int64_t parents[] = {-1, -1, 0, 1, 1};
    assert_tree(parents, 5, 0, true, "0\n2\n1\n├─3\n4\n");
    assert_tree(parents, 0, 0, true, "");
}

/* However a family is made, few lines stand beside each other. */
static void test_depth_is_bounded(void **state)
{
    (void)state;
    static int64_t parents[most];
    static struct tree_line lines[most];
    for (uint32_t kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < most; i++)
            parents[i] = kind == 0 ? (int64_t)(i + 1) / 2 - 1 : kind == 1 ? (int64_t)i - 1 : (int64_t)i - 1 - (int64_t)(i % 7) / 3;
        struct text leads = {0};
        tree_layout(parents, most, most - 1, false, lines, &leads);
        bool seen[most] = {false};
        for (size_t i = 0; i < most; i++) {
            assert_true(lines[i].to - lines[i].from <= 2 * (11 + 1));
            assert_false(seen[lines[i].node]);
            seen[lines[i].node] = true;
        }
        text_release(&leads);
    }
}

static void test_out_of_memory(void **state)
{
    (void)state;
    const int64_t parents[] = {-1, 0, 0, 1};
    for (long n = 0; n < 3; n++) {
        struct tree_line lines[4];
        struct text leads = {0};
        mem_fail_after(n);
        tree_layout(parents, 4, 3, true, lines, &leads);
        mem_fail_after(-1);
        assert_true(leads.failed);
        text_release(&leads);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_of_descent_goes_straight_down),
        cmocka_unit_test(test_others_branch_off_above),
        cmocka_unit_test(test_families_stand_below_each_other),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
