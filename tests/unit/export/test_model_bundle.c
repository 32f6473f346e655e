/* Several files in one: what is written is read again; what does not hold together is refused with a word that says why; and each
   allocation on the way fails in turn. The members are any bytes here: nobody looks into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "export/model_bundle.h"
#include "support/memory.h"

static const double weights[] = {0.5, 0.125, 0.375};
static const struct str members[] = {{"first", 5}, {"", 0}, {"the third", 9}};

static bool write_bytes(enum bundle_kind kind, struct text *bytes)
{
    struct diags diags = {0};
    struct bundle bundle = {.kind = kind, .members = members, .count = 3, .wanted = 4};
    if (kind == BUNDLE_AVERAGE || kind == BUNDLE_VOTE)
        bundle.weights = weights;
    const bool well = bundle_write(&bundle, bytes, SPAN_NONE, &diags);
    assert_true(well || diags.errors > 0 || diags.overflowed);
    bundle_close(&bundle);
    diags_release(&diags);
    return well;
}

static void check_read(const struct text *bytes, enum bundle_kind kind, bool memory)
{
    struct diags diags = {0};
    struct bundle bundle = {0};
    const bool well = bundle_read(&bundle, text_str(bytes), "b", SPAN_NONE, &diags);
    mem_fail_after(-1);
    assert_true(well ? diags.errors == 0 : !memory && (diags.errors > 0 || diags.overflowed));
    if (well) {
        assert_int_equal(bundle.kind, kind);
        assert_int_equal(bundle.count, 3);
        for (size_t i = 0; i < 3; i++)
            assert_true(str_equal(bundle.members[i], members[i]));
        if (kind == BUNDLE_AVERAGE || kind == BUNDLE_VOTE)
            assert_memory_equal(bundle.weights, weights, sizeof weights);
        else
            assert_int_equal(bundle.wanted, 4);
    }
    bundle_close(&bundle);
    diags_release(&diags);
}

static void test_there_and_back(void **state)
{
    (void)state;
    for (enum bundle_kind kind = 0; kind < BUNDLE_KINDS; kind++) {
        struct text bytes = {0};
        assert_true(write_bytes(kind, &bytes));
        check_read(&bytes, kind, true);
        text_release(&bytes);
    }
}

static void test_memory(void **state)
{
    (void)state;
    struct text bytes = {0};
    long count = 0;
    for (bool well = false; !well; count++) {
        text_release(&bytes);
        mem_fail_after(count);
        well = write_bytes(BUNDLE_VOTE, &bytes);
        mem_fail_after(-1);
    }
    assert_true(count > 10);
    for (long i = 0; i < 40; i++) {
        mem_fail_after(i);
        check_read(&bytes, BUNDLE_VOTE, false);
    }
    text_release(&bytes);
}

/* ---- what does not hold together ---- */

struct edit {
    const char *key, *text; /* of the metadata; text NULL: there is none */
    const double *weights;
    size_t weight_count;
    const char *names[3];
    enum tensor_type type;
    const char *why;
};

#define MEMBERS .names = {"member.0", "member.1", NULL}, .type = TENSOR_U8

static void check_refused(const struct edit *edit)
{
    struct tensors tensors = {0};
    struct text bytes = {0};
    struct diags diags = {0};
    struct bundle bundle = {0};
    static const uint32_t data[] = {1};
    const char *const notes[][2] = {{"nel", "1"}, {"together", edit->weights ? "vote" : "trials"}, {"wanted", "2"}};
    for (size_t i = 0; i < 3; i++) {
        const char *text = edit->key && strcmp(edit->key, notes[i][0]) == 0 ? edit->text : notes[i][1];
        if (text)
            tensors_note(&tensors, notes[i][0], str_of(text));
    }
    for (size_t i = 0; i < 3 && edit->names[i]; i++)
        tensors_add(&tensors, edit->names[i], edit->type, 0, 1, data);
    if (edit->weights)
        tensors_add(&tensors, "weights", TENSOR_F64, 0, edit->weight_count, edit->weights);
    assert_true(tensors_write(&tensors, &bytes, SPAN_NONE, &diags));
    const bool well = bundle_read(&bundle, text_str(&bytes), "b", SPAN_NONE, &diags);
    assert_int_equal(well, !edit->why);
    if (edit->why) {
        const struct diag *diag = &diags.at[0];
        assert_non_null(strstr(diag->note ? diag->note : diag->message, edit->why));
    }
    bundle_close(&bundle);
    tensors_release(&tensors);
    text_release(&bytes);
    diags_release(&diags);
}

static void test_refused(void **state)
{
    (void)state;
    static const double well[] = {0.25, 0.75}, more[] = {0.5, 0.75}, below[] = {-1, 2}, none[] = {NAN, 1};
    const struct edit edits[] = {
        {MEMBERS},
        {MEMBERS, .weights = well, .weight_count = 2},
        {MEMBERS, .weights = more, .weight_count = 2, .why = "do not sum to 1"},
        {MEMBERS, .weights = below, .weight_count = 2, .why = "from 0 to 1"},
        {MEMBERS, .weights = none, .weight_count = 2, .why = "from 0 to 1"},
        {MEMBERS, .weights = well, .weight_count = 1, .why = "a number for each member"},
        {MEMBERS, .key = "together", .text = "circus", .why = "not known"},
        {MEMBERS, .key = "nel", .text = "2", .why = "newer NEL"},
        {MEMBERS, .key = "nel", .text = NULL, .why = "not written by NEL"},
        {MEMBERS, .key = "wanted", .text = NULL, .why = "wanted"},
        {MEMBERS, .key = "wanted", .text = "-3", .why = "wanted"},
        {MEMBERS, .key = "wanted", .text = "1", .why = "more runs than"},
        {.names = {"member.0", "member.2"}, .type = TENSOR_U8, .why = "`member.0`, `member.1`"},
        {.names = {"member.0", "other"}, .type = TENSOR_U8, .why = "`member.0`, `member.1`"},
        {.names = {"member.0"}, .type = TENSOR_F32, .why = "of bytes"},
        {.names = {NULL}, .why = "no members"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        check_refused(&edits[i]);
}

/* A file of one network is none of several, and is left to who reads these. */
static void test_alone(void **state)
{
    (void)state;
    struct tensors tensors = {0};
    struct text bytes = {0};
    struct diags diags = {0};
    struct bundle bundle = {0};
    tensors_note(&tensors, "nel", STR("1"));
    assert_true(tensors_write(&tensors, &bytes, SPAN_NONE, &diags));
    assert_true(bundle_read(&bundle, text_str(&bytes), "b", SPAN_NONE, &diags));
    assert_int_equal(bundle.count, 0);
    bundle_close(&bundle);
    tensors_release(&tensors);
    text_release(&bytes);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
