/* IDX, CIFAR-10 and FANN files, from bytes written here: what is read, and what is refused before anything is allocated for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check.h"
#include "data/readers.h"
#include "support/memory.h"

#define IMAGE_HEADER(count, rows, columns) "\0\0\x08\x03" count rows columns
#define LABEL_HEADER(count)                "\0\0\x08\x01" count
#define ONE                                "\0\0\0\x01"
#define TWO                                "\0\0\0\x02"
#define HUGE                               "\xff\xff\xff\xff"

static void idx_refused(struct str images, struct str labels, const char *message, const char *help)
{
    struct diags diags = {0};
    assert_null(idx_decode(images, labels, "i", SPAN_NONE, &diags));
    check_error(&diags, message, help);
}

static void idx_pictures_are_read(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct str images = STR(IMAGE_HEADER(TWO, ONE, TWO) "\x00\xff\x33\x66"), labels = STR(LABEL_HEADER(TWO) "\x03\x00");
    struct dataset *data = idx_decode(images, labels, "i", SPAN_NONE, &diags);
    check_clean(&diags);
    assert_int_equal(data->count, 2);
    assert_int_equal(data->table->columns, 2);
    assert_int_equal(data->table->outputs, 4);
    assert_memory_equal(data->table->x, ((float[]){0, 1, 0.2f, 0.4f}), 4 * sizeof(float));
    assert_int_equal(dataset_label(data, 0), 3);
    assert_int_equal(dataset_label(data, 1), 0);
    dataset_release(data);
}

static void broken_idx_is_refused(void **state)
{
    (void)state;
    struct str good = STR(IMAGE_HEADER(ONE, ONE, ONE) "a"), label = STR(LABEL_HEADER(ONE) "\x01");
    idx_refused(STR(""), label, "i: the images file ends after 0 bytes, within its header of 16", NULL);
    idx_refused(STR("\0\0\x08\x03\0\0"), label, "i: the images file ends after 6 bytes, within its header of 16", NULL);
    idx_refused(STR("PNG..............."), label, "i: the images file does not begin as an IDX file of images does", NULL);
    idx_refused(label, good, "i: the images file does not begin as an IDX file of images does",
                "it is a file of labels: are the two exchanged?");
    idx_refused(good, good, "i: the labels file does not begin as an IDX file of labels does",
                "it is a file of images: are the two exchanged?");
    idx_refused(STR(IMAGE_HEADER(ONE, TWO, TWO) "abc"), label,
                "i: the images file has 3 bytes behind its header, where 1 x 2 x 2 are 4", NULL);
    idx_refused(STR(IMAGE_HEADER(ONE, ONE, ONE) "abc"), label,
                "i: the images file has 3 bytes behind its header, where 1 x 1 x 1 are 1", NULL);
    idx_refused(good, STR(LABEL_HEADER(TWO) "\x01"), "i: the labels file has 1 bytes behind its header, where 2 x 1 x 1 are 2",
                NULL);
    idx_refused(good, STR(LABEL_HEADER(TWO) "\x01\x01"), "i: there are 1 images, but 2 labels", NULL);
    idx_refused(STR(IMAGE_HEADER("\0\0\0\0", ONE, ONE)), label, "i holds no rows", NULL);
    idx_refused(STR(IMAGE_HEADER(ONE, "\0\0\0\0", ONE)), label, "i holds no values", NULL);
    idx_refused(STR(IMAGE_HEADER(HUGE, HUGE, HUGE) "a"), label,
                "i claims to hold 4_294_967_295 x 1.8446744065119617e19 values, which is too large",
                "a data set holds at most 268_435_456 values in rows of at most 1_000_000");
}

/* `count` records, of which record i has the label i and the byte i everywhere. */
static char *records(int count)
{
    char *bytes = mem_alloc((size_t)count * 3073);
    for (int i = 0; i < count; i++)
        memset(bytes + (size_t)i * 3073, i, 3073);
    return bytes;
}

static void cifar_records_are_read(void **state)
{
    (void)state;
    struct diags diags = {0};
    char *bytes = records(10);
    struct dataset *data = cifar_decode((struct str){bytes, 30730}, "c", SPAN_NONE, &diags);
    check_clean(&diags);
    assert_int_equal(data->count, 10);
    assert_int_equal(data->table->columns, 3072);
    assert_int_equal(data->table->outputs, 10);
    assert_string_equal(data->table->class_names[3], "cat");
    assert_int_equal(dataset_label(data, 7), 7);
    check_near(dataset_features(data, 9)[3071], 9 / 255.0, 1e-7);
    mem_free(bytes);
    dataset_release(data);
}

static void broken_cifar_is_refused(void **state)
{
    (void)state;
    struct diags diags = {0};
    char *bytes = records(11);
    assert_null(cifar_decode((struct str){bytes, 11 * 3073}, "c", SPAN_NONE, &diags));
    check_error(&diags, "c: record 11 has the label 10; labels go from 0 to 9", NULL);
    assert_null(cifar_decode((struct str){bytes, 3072}, "c", SPAN_NONE, &diags));
    check_error(&diags, "c: 3072 bytes are no whole number of records of 3073", NULL);
    assert_null(cifar_decode((struct str){bytes, 0}, "c", SPAN_NONE, &diags));
    check_error(&diags, "c: 0 bytes are no whole number of records of 3073", NULL);
    mem_free(bytes);
}

static struct dataset *fann(const char *text)
{
    struct diags diags = {0};
    struct dataset *data = fann_decode(str_of(text), "f", SPAN_NONE, &diags);
    check_clean(&diags);
    return data;
}

static void fann_refused(const char *text, const char *message)
{
    struct diags diags = {0};
    assert_null(fann_decode(str_of(text), "f", SPAN_NONE, &diags));
    assert_int_equal(diags.errors, 1);
    assert_string_equal(diags.at[0].message, message);
    diags_release(&diags);
}

static void fann_patterns_are_read(void **state)
{
    (void)state;
    struct dataset *data = fann("3 2 3\n1 2\n0 0 1\r\n-3.5e0 4 1 0 0\n5 6\n0 1.0 0");
    assert_int_equal(data->table->target, TARGET_CLASS);
    assert_int_equal(data->table->outputs, 3);
    assert_memory_equal(data->table->x, ((float[]){1, 2, -3.5f, 4, 5, 6}), 6 * sizeof(float));
    assert_memory_equal(data->table->labels, ((int32_t[]){2, 0, 1}), 3 * sizeof(int32_t));
    dataset_release(data);
    data = fann("2 1 1\n5\n0\n6\n1\n");
    assert_int_equal(data->table->target, TARGET_CLASS);
    assert_int_equal(data->table->outputs, 2);
    assert_int_equal(dataset_label(data, 1), 1);
    dataset_release(data);
}

static void fann_values_stay_values(void **state)
{
    (void)state;
    static const char *const texts[] = {"1 1 1\n5\n0.5\n", "1 1 1\n5\n-1\n", "1 1 2\n5\n1 1\n", "1 1 2\n5\n0 0\n",
                                        "1 1 2\n5\n0.2 0.8\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct dataset *data = fann(texts[i]);
        assert_int_equal(data->table->target, TARGET_VALUE);
        dataset_release(data);
    }
}

static void broken_fann_is_refused(void **state)
{
    (void)state;
    fann_refused("", "f:1: the file ends before the number of patterns");
    fann_refused("2 x 1\n", "f:1: the number of inputs is `x`, which is not a sensible count");
    fann_refused("2 0 1\n", "f:1: the number of inputs is `0`, which is not a sensible count");
    fann_refused("2 1.5 1\n", "f:1: the number of inputs is `1.5`, which is not a sensible count");
    fann_refused("2 1e300 1\n", "f:1: the number of inputs is `1e300`, which is not a sensible count");
    fann_refused("2 1 1\n1\n0\n", "f: the file is too short for 2 patterns of 1 inputs and 1 outputs");
    fann_refused("2 1 1\n1.000\n0\n22\n", "f:5: the file ends before output 1 of pattern 2");
    fann_refused("2 1 1\n1\n0\n2\nyes\n", "f:5: output 1 of pattern 2 is `yes`, which is not a number");
    fann_refused("2 1 1\n1\n0\n1e39\n1\n", "f:4: input 1 of pattern 2 is `1e39`, which is too large");
    fann_refused("1 1 1\n1\n0\n2\n1\n", "f:4: more follows behind the last of 1 patterns");
    fann_refused("200 1000000 2\n", "f claims to hold 200 x 1_000_002 values, which is too large");
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct str images = STR(IMAGE_HEADER(ONE, ONE, ONE) "a"), labels = STR(LABEL_HEADER(ONE) "\x01");
    char *bytes = records(1);
    bool done = false;
    for (long n = 0; !done && n < 5000; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        struct dataset *a = idx_decode(images, labels, "i", SPAN_NONE, &diags);
        struct dataset *b = fann_decode(STR("2 1 1\n1 0\n2 1\n"), "f", SPAN_NONE, &diags);
        struct dataset *c = n > 50 && n < 3000 ? NULL : cifar_decode((struct str){bytes, 3073}, "c", SPAN_NONE, &diags);
        mem_fail_after(-1);
        done = a && b && c;
        assert_true(done || diags.errors > 0 || (n > 50 && n < 3000));
        dataset_release(a);
        dataset_release(b);
        dataset_release(c);
        diags_release(&diags);
    }
    assert_true(done);
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idx_pictures_are_read),  cmocka_unit_test(broken_idx_is_refused),
        cmocka_unit_test(cifar_records_are_read), cmocka_unit_test(broken_cifar_is_refused),
        cmocka_unit_test(fann_patterns_are_read), cmocka_unit_test(fann_values_stay_values),
        cmocka_unit_test(broken_fann_is_refused), cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
