/* Pictures, character by character. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "picture/plot.h"
#include "support/limits.h"
#include "support/memory.h"

static const struct plot_style plain = {.unicode = true};
static const struct plot_style coloured = {.unicode = true, .colour = true};
static const struct plot_style ascii = {0};

static void assert_picture(struct text *out, const char *expected)
{
    assert_false(out->failed);
    assert_string_equal(text_chars(out), expected);
    text_release(out);
}

static const double rising[] = {0, 1, 2, 3, 4};
static const double falling[] = {4, 3, NAN, 1, 0};

static void test_curves_braille(void **state)
{
    (void)state;
    struct text out = {0};
    struct plot_series series = {"rise", NULL, rising, 5};
    plot_curves(&out, &series, 1, NULL, (struct plot_style){.unicode = true, .columns = 24, .rows = 5});
    assert_picture(&out, "   rise\n"
                         "4 ┤                ⢀⡠⠤⠒⠉\n"
                         "  │            ⢀⡠⠔⠊⠁\n"
                         "2 ┤        ⣀⠤⠒⠊⠁\n"
                         "  │    ⣀⠤⠒⠉\n"
                         "0 ┤⣀⠤⠒⠉\n"
                         "  └─────┬─────────┬─────\n"
                         "        2         4\n");
}

static void test_curves_ascii(void **state)
{
    (void)state;
    struct text out = {0};
    struct plot_series series[] = {{"rise", NULL, rising, 5}, {"fall", NULL, falling, 5}};
    plot_curves(&out, series, 2, "two", (struct plot_style){.columns = 24, .rows = 5});
    assert_picture(&out, "   two\n"
                         "   ****** rise\n"
                         "   oooooo fall\n"
                         "4 +ooo               ***\n"
                         "  |   ooo       *****\n"
                         "2 +        *****\n"
                         "  |   *****       ooo\n"
                         "0 +***               ooo\n"
                         "  +-----+---------+-----\n"
                         "        2         4\n");
}

/* Without colours the second series is dashed, with colours it is drawn whole in a colour of its own. */
static void test_curves_apart(void **state)
{
    (void)state;
    static const double low[] = {0, 0, 0}, high[] = {1, 1, 1};
    struct plot_series series[] = {{"a", NULL, low, 3}, {"b", NULL, high, 3}};
    struct text out = {0};
    plot_curves(&out, series, 2, NULL, (struct plot_style){.unicode = true, .columns = 20, .rows = 2});
    assert_picture(&out, "   ⠤⠤⠤⠤⠤⠤ a\n"
                         "   ⠤⠤  ⠤⠤ b\n"
                         "1 ┤⠉⠉  ⠉⠉  ⠉⠉  ⠉⠉  ⠉\n"
                         "0 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀\n"
                         "  └┬───────┬───────┬\n"
                         "   1       2       3\n");
    plot_curves(&out, series, 2, NULL, (struct plot_style){.unicode = true, .colour = true, .columns = 20, .rows = 2});
    assert_picture(&out, "   \x1b[38;5;33m⠤⠤⠤⠤⠤⠤\x1b[0m a\n"
                         "   \x1b[38;5;208m⠤⠤⠤⠤⠤⠤\x1b[0m b\n"
                         "\x1b[38;5;244m1 ┤\x1b[0m\x1b[38;5;208m⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉\x1b[0m\n"
                         "\x1b[38;5;244m0 ┤\x1b[0m\x1b[38;5;33m⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀\x1b[0m\n"
                         "\x1b[38;5;244m  └┬───────┬───────┬\x1b[0m\n"
                         "\x1b[38;5;244m   1       2       3\x1b[0m\n");
}

/* Whatever the values are, every line but the titles fits the width, and something is drawn. */
static void test_curves_odd_values(void **state)
{
    (void)state;
    static const double odd[][4] = {
        {NAN, NAN, NAN, NAN},           {INFINITY, -INFINITY, NAN, 0},  {5, 5, 5, 5},
        {-DBL_MAX, DBL_MAX, 0, 1},      {DBL_MIN, 0, DBL_TRUE_MIN, 0},  {1e15, 1e15 + 1, 1e15, 1e15 + 2},
        {1e-300, 2e-300, 3e-300, 4e-9}, {-1e9, 1e9, 123456789, -1e-20}, {1, 1 + 1e-15, 1, 1},
    };
    static const unsigned sizes[] = {0, 1, 5, 40, UINT32_MAX};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        for (size_t count = 0; count <= 4; count++) {
            for (size_t size = 0; size < 4; size++) {
                struct plot_series series[] = {{"y", NULL, odd[i], count}, {NULL, odd[i], odd[8 - i], count}};
                for (size_t used = 0; used <= 2; used++) {
                    struct text out = {0};
                    plot_curves(&out, series, used, NULL, (struct plot_style){true, true, sizes[size], sizes[size]});
                    assert_false(out.failed);
                    assert_true(out.len > 0 && out.at[out.len - 1] == '\n');
                    text_release(&out);
                }
            }
        }
    }
    struct text out = {0};
    struct plot_series series = {"y", NULL, rising, 5};
    plot_curves(&out, &series, 1, NULL, (struct plot_style){true, true, UINT32_MAX, UINT32_MAX});
    size_t lines = 0;
    for (const char *at = strchr(text_chars(&out), '\n'); at != NULL; at = strchr(at + 1, '\n'))
        lines++;
    assert_int_equal(lines, LIMIT_PICTURE_ROWS + 3);
    text_release(&out);
}

/* Labels have as many decimals as their step. */
static void test_labels(void **state)
{
    (void)state;
    static const struct {
        double low, high;
        const char *first; /* of the line that begins with the top tick */
    } rows[] = {{0, 1, "1.00 ┤"}, {0, 5, "4 ┤"}, {-1e7, 1e7, "1e7 ┤"}, {0, 2e-5, "2e-5 ┤"}, {0, 10, "10.0 ┤"}, {12, 13, "13.00 ┤"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text out = {0};
        double values[] = {rows[i].low, rows[i].high};
        struct plot_series series = {"", NULL, values, 2};
        plot_curves(&out, &series, 1, "", (struct plot_style){.unicode = true, .rows = 10});
        if (strstr(text_chars(&out), rows[i].first) == NULL)
            fail_msg("no %s in\n%s", rows[i].first, text_chars(&out));
        text_release(&out);
    }
}

static void test_sparkline(void **state)
{
    (void)state;
    struct text out = {0};
    static const double values[] = {0, 1, 2, 3, 4, 5, 6, 7, NAN, 7};
    plot_sparkline(&out, values, 10, 0, plain);
    assert_picture(&out, "▁▂▃▄▅▆▇█ █");
    plot_sparkline(&out, values, 10, 0, ascii);
    assert_picture(&out, "_.:-=+*# #");
    plot_sparkline(&out, values, 8, 4, plain); /* means of pairs */
    assert_picture(&out, "▁▃▆█");
    plot_sparkline(&out, values + 8, 1, 4, plain);
    assert_picture(&out, " ");
    plot_sparkline(&out, NULL, 0, 4, plain);
    assert_picture(&out, "");
    static const double far[] = {-DBL_MAX, 0, DBL_MAX};
    plot_sparkline(&out, far, 3, 0, plain);
    assert_picture(&out, "▁▅█");
    static const double same[] = {3, 3, INFINITY};
    plot_sparkline(&out, same, 3, 0, plain);
    assert_picture(&out, "▅▅ ");
    plot_sparkline(&out, same, 1, 0, coloured);
    assert_picture(&out, "\x1b[38;5;33m▅\x1b[0m");
}

static void test_bar(void **state)
{
    (void)state;
    struct text out = {0};
    plot_bar(&out, 0.68, 11, plain);
    assert_picture(&out, "███████▌░░░");
    plot_bar(&out, 0.5, 10, ascii);
    assert_picture(&out, "#####.....");
    plot_bar(&out, 7, 3, plain);
    assert_picture(&out, "███");
    plot_bar(&out, NAN, 3, plain);
    assert_picture(&out, "░░░");
    plot_bar(&out, -INFINITY, 0, ascii);
    assert_picture(&out, "....................");
}

static const int three_classes[] = {
    0, 0, 0, 0, 1, 1, 1, 1, /**/ 0, 0, 0, 1, 1, 1, 1, 1, /**/ 0, 0, 1, 1, 1, 1, 1, 1,
    0, 0, 1, 1, 1, 1, 1, 2, /**/ 0, 1, 1, 1, 1, 1, 2, 2, /**/ 1, 1, 1, 1, 1, 2, 2, 2,
};

static void test_regions(void **state)
{
    (void)state;
    struct text out = {0};
    static const struct plot_point points[] = {{0.5, 2.5, 0}, {5.5, 2.5, 1}, {6.5, 0.5, 1}, {9, 1, 1}, {1, 1, 7}, {NAN, 1, 1}};
    plot_regions(&out, three_classes, 8, 6, 3, 0, 8, 0, 3, points, 6, plain);
    assert_picture(&out, "  │○   ░●░░\n"
                         "  │  ░░░░░░\n"
                         "0 ┤ ░░░░░●▒\n"
                         "  └┬───────\n"
                         "   0\n"
                         "    ○ 0   ░●░ 1   ▒△▒ 2\n");
    plot_regions(&out, three_classes, 8, 6, 3, 0, 8, 0, 3, points, 6, ascii);
    assert_picture(&out, "  |0   .1..\n"
                         "  |  ......\n"
                         "0 + .....1:\n"
                         "  ++-------\n"
                         "   0\n"
                         "    0 0   .1. 1   :2: 2\n");
    plot_regions(&out, three_classes, 8, 5, 3, 0, 8, 0, 3, points, 6, coloured);
    assert_picture(
        &out, "\x1b[38;5;244m  │\x1b[0m\x1b[38;5;123;48;5;24m●\x1b[0m\x1b[48;5;24m  "
              "\x1b[0m\x1b[38;5;24;48;5;130m▀\x1b[0m\x1b[48;5;130m \x1b[0m\x1b[38;5;222;48;5;130m●\x1b[0m\x1b[48;5;130m  \x1b[0m\n"
              "\x1b[38;5;244m  │\x1b[0m\x1b[48;5;24m  \x1b[0m\x1b[48;5;130m     \x1b[0m\x1b[38;5;130;48;5;29m▀\x1b[0m\n"
              "\x1b[38;5;244m0 "
              "┤\x1b[0m\x1b[38;5;24m▀\x1b[0m\x1b[38;5;130m▀▀▀▀▀\x1b[0m\x1b[38;5;222;48;5;29m●\x1b[0m\x1b[38;5;29m▀\x1b[0m\n"
              "\x1b[38;5;244m  └┬───────\x1b[0m\n"
              "\x1b[38;5;244m   0\x1b[0m\n"
              "   \x1b[48;5;24m \x1b[0m\x1b[38;5;123;48;5;24m●\x1b[0m\x1b[48;5;24m \x1b[0m 0   \x1b[48;5;130m "
              "\x1b[0m\x1b[38;5;222;48;5;130m●\x1b[0m\x1b[48;5;130m \x1b[0m 1   \x1b[48;5;29m "
              "\x1b[0m\x1b[38;5;120;48;5;29m●\x1b[0m\x1b[48;5;29m \x1b[0m 2\n");
}

static void test_regions_odd(void **state)
{
    (void)state;
    struct text out = {0};
    plot_regions(&out, three_classes, 0, 6, 2, 0, 1, 0, 1, NULL, 0, plain);
    plot_regions(&out, three_classes, 8, 0, 2, 0, 1, 0, 1, NULL, 0, plain);
    plot_regions(&out, three_classes, LIMIT_PICTURE_COLUMNS + 1, 6, 2, 0, 1, 0, 1, NULL, 0, plain);
    plot_regions(&out, three_classes, 8, 2 * LIMIT_PICTURE_ROWS + 1, 2, 0, 1, 0, 1, NULL, 0, plain);
    assert_int_equal(out.len, 0);
    static const struct plot_point points[] = {{0, 0, 0}, {1, 1, 1}, {INFINITY, 0, 0}};
    static const double ends[][4] = {{0, 0, 0, 0}, {NAN, NAN, NAN, NAN}, {1, -1, 5, 2}, {-DBL_MAX, DBL_MAX, -INFINITY, INFINITY}};
    for (size_t i = 0; i < 4; i++) {
        plot_regions(&out, three_classes, 8, 6, 2, ends[i][0], ends[i][1], ends[i][2], ends[i][3], points, 3, coloured);
        assert_true(!out.failed && out.len > 0);
        text_clear(&out);
    }
    text_release(&out);
}

static const char *const header[] = {"act", "accuracy", "dna"};
static const bool right[] = {false, true, false};

static void test_table(void **state)
{
    (void)state;
    struct text out = {0};
    static const struct str cells[] = {{"relu", 4}, {"0.967 ± 0.012", 14}, {"R8-R8", 5}, {"tanh\x1b[1m\n", 9}, {"0.9", 3},
                                       {"", 0},     {"日本", 6},           {"1", 1},     {"\xff", 1}};
    plot_table(&out, header, right, 3, cells, 3, plain);
    assert_picture(&out, "act             accuracy  dna\n"
                         "─────────  ─────────────  ─────\n"
                         "relu       0.967 ± 0.012  R8-R8\n"
                         "tanh [1m             0.9\n"
                         "日本                   1   \n");
    plot_table(&out, header, NULL, 1, cells, 0, ascii);
    assert_picture(&out, "act\n"
                         "---\n");
    plot_table(&out, header, right, 2, cells, 0, coloured);
    assert_picture(&out, "\x1b[1mact  accuracy\x1b[0m\n"
                         "\x1b[38;5;244m───  ────────\x1b[0m\n");
    plot_table(&out, header, right, 0, cells, 0, plain);
    assert_picture(&out, "");
}

static void test_table_cut(void **state)
{
    (void)state;
    struct text out = {0};
    static const char *const names[] = {"a", "b"};
    static const struct str cells[] = {{"a long text of words", 20}, {"short", 5}, {"日本日本日本日本日本", 30}, {"", 0}};
    plot_table(&out, names, NULL, 2, cells, 2, (struct plot_style){.unicode = true, .columns = 20});
    assert_picture(&out, "a              b\n"
                         "─────────────  ─────\n"
                         "a long text …  short\n"
                         "日本日本日本…\n");
    /* Less than the least that a column is cut to: it stays readable and is wider than wanted. */
    plot_table(&out, names, NULL, 2, cells, 1, (struct plot_style){.columns = 1});
    assert_picture(&out, "a         b\n"
                         "--------  -----\n"
                         "a long ~  short\n");
}

static void test_heatmap(void **state)
{
    (void)state;
    static const double values[] = {0.5, 0.75, 1, NAN, 0.9, INFINITY};
    static const char *const rows[] = {"relu", "sine"};
    static const char *const columns[] = {"1", "2", "deep"};
    struct text out = {0};
    plot_heatmap(&out, values, rows, 2, columns, 3, "accuracy", plain);
    assert_picture(&out, "      accuracy\n"
                         "          1        2     deep\n"
                         "relu    0.5 ░░  0.75 ▓▓     1 ██\n"
                         "sine             0.9 ██\n"
                         "      0.5 ░░░░░▒▒▒▒▒▓▓▓▓▓█████ 1\n");
    plot_heatmap(&out, values, rows, 2, columns, 3, NULL, (struct plot_style){.columns = 12});
    assert_picture(&out, "     1 2 deep\n"
                         "relu ..++##\n"
                         "sine   ##\n"
                         "      0.5 .....:::::+++++##### 1\n");
    plot_heatmap(&out, values, rows, 1, columns, 2, NULL, coloured);
    assert_picture(&out, "         1     2\n"
                         "relu \x1b[38;5;231;48;5;53m  0.5 \x1b[0m\x1b[38;5;16;48;5;227m 0.75 \x1b[0m\n"
                         "      0.5 \x1b[48;5;53m \x1b[0m\x1b[48;5;53m \x1b[0m\x1b[48;5;54m \x1b[0m\x1b[48;5;54m "
                         "\x1b[0m\x1b[48;5;61m \x1b[0m\x1b[48;5;61m \x1b[0m\x1b[48;5;25m \x1b[0m\x1b[48;5;25m \x1b[0m\x1b[48;5;31m "
                         "\x1b[0m\x1b[48;5;31m \x1b[0m\x1b[48;5;36m \x1b[0m\x1b[48;5;36m \x1b[0m\x1b[48;5;72m \x1b[0m\x1b[48;5;72m "
                         "\x1b[0m\x1b[48;5;113m \x1b[0m\x1b[48;5;113m \x1b[0m\x1b[48;5;149m \x1b[0m\x1b[48;5;149m "
                         "\x1b[0m\x1b[48;5;227m \x1b[0m\x1b[48;5;227m \x1b[0m 0.75\n");
    plot_heatmap(&out, values + 3, rows, 1, columns, 1, NULL, plain);
    assert_picture(&out, "       1\n"
                         "relu \n");
    plot_heatmap(&out, NULL, NULL, 0, NULL, 0, NULL, plain);
    assert_picture(&out, " \n");
}

/* Every allocation fails in turn: the text says so and nothing leaks. */
static void test_memory(void **state)
{
    (void)state;
    static const struct plot_point points[] = {{1, 1, 1}};
    static const struct str cells[] = {{"x", 1}, {"1", 1}, {"y", 1}};
    static const double values[] = {1, 2};
    struct plot_series series[] = {{"rise", NULL, rising, 5}, {"fall", NULL, falling, 5}};
    for (int which = 0; which < 4; which++) {
        bool failed = true;
        for (long n = 0; failed; n++) {
            assert_true(n < 10000);
            struct text out = {0};
            mem_fail_after(n);
            if (which == 0)
                plot_curves(&out, series, 2, "title", coloured);
            else if (which == 1)
                plot_regions(&out, three_classes, 8, 6, 3, 0, 8, 0, 3, points, 1, coloured);
            else if (which == 2)
                plot_table(&out, header, right, 3, cells, 1, coloured);
            else
                plot_heatmap(&out, values, header, 1, header, 2, "title", coloured);
            mem_fail_after(-1);
            failed = out.failed;
            text_release(&out);
        }
    }
}

static void test_confusion(void **state)
{
    (void)state;
    const double counts[] = {18, 2, 0, 1, 1200, 0, 0, 0, 0};
    const char *const names[] = {"ill", "quite well", "away"};
    struct text out = {0};
    assert_true(plot_confusion(&out, counts, names, 3, plain));
    assert_picture(&out, "taken for         ill  quite well        away\n"
                         "ill                18           2           ·\n"
                         "quite well          1       1_200           ·\n"
                         "away                ·           ·           ·\n");
    assert_true(plot_confusion(&out, counts, names, 3, (struct plot_style){.columns = 34}));
    assert_picture(&out, "taken for     ill  quite~    away\n"
                         "ill            18       2       .\n"
                         "quite well      1   1_200       .\n"
                         "away            .       .       .\n");
    assert_false(plot_confusion(&out, counts, names, 3, (struct plot_style){.columns = 30}));
    assert_int_equal(out.len, 0);
    assert_true(plot_confusion(&out, counts, names, 2, coloured));
    assert_non_null(strstr(text_chars(&out), "48;5;")); /* shaded by the share of the row */
    assert_null(strstr(text_chars(&out), "nan"));
    text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confusion),
        cmocka_unit_test(test_curves_braille),
        cmocka_unit_test(test_curves_ascii),
        cmocka_unit_test(test_curves_apart),
        cmocka_unit_test(test_curves_odd_values),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_sparkline),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_regions_odd),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_table_cut),
        cmocka_unit_test(test_heatmap),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
