/* The format, byte by byte as its description has it, and what is refused; JSON that no parser should be given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "export/json.h"
#include "export/safetensors.h"
#include "support/limits.h"
#include "support/memory.h"

/* ---- writing ---- */

static const float row[] = {1, -2, 0.5F};
static const double wide[] = {3.25};
static const uint32_t places[] = {7, 0x01020304};

static void build(struct tensors *tensors)
{
    tensors_add(tensors, "a", TENSOR_F32, 0, 3, row);
    tensors_add(tensors, "p", TENSOR_U32, 2, 1, places);
    tensors_add(tensors, "w", TENSOR_F64, 0, 1, wide);
    tensors_add(tensors, "none", TENSOR_F32, 0, 0, NULL);
    tensors_note(tensors, "key \"1\"", STR("é\n"));
}

static void test_bytes(void **state)
{
    (void)state;
    static const char header[] = "{\"__metadata__\":{\"key \\\"1\\\"\":\"é\\n\"},"
                                 "\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                                 "\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[8,20]},"
                                 "\"none\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[20,20]},"
                                 "\"p\":{\"dtype\":\"U32\",\"shape\":[2,1],\"data_offsets\":[20,28]}}";
    struct tensors tensors = {0};
    struct text out = {0};
    struct diags diags = {0};
    build(&tensors);
    assert_true(tensors_write(&tensors, &out, SPAN_NONE, &diags));
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | (unsigned char)out.at[i];
    assert_int_equal(length % 8, 0);
    assert_true(length >= strlen(header) && length < strlen(header) + 8);
    assert_memory_equal(out.at + 8, header, strlen(header));
    for (size_t i = strlen(header); i < length; i++)
        assert_int_equal(out.at[8 + i], ' ');
    const char *data = out.at + 8 + length;
    assert_int_equal(out.len, 8 + length + 28);
    assert_memory_equal(data, wide, 8);
    assert_memory_equal(data + 8, row, 12);
    assert_memory_equal(data + 20, "\7\0\0\0\4\3\2\1", 8);
    tensors_release(&tensors);
    text_release(&out);
}

/* A header that no reader of the format would take is not written. */
static void test_long_header(void **state)
{
    (void)state;
    struct tensors tensors = {0};
    struct text out = {0}, name = {0};
    struct diags diags = {0};
    text_add_repeat(&name, "x", LIMIT_TENSOR_HEADER_BYTES);
    tensors_note(&tensors, "name", text_str(&name));
    assert_false(tensors_write(&tensors, &out, SPAN_NONE, &diags));
    assert_true(diags.errors == 1 && !diags.out_of_memory);
    tensors_release(&tensors);
    text_release(&out);
    text_release(&name);
    diags_release(&diags);
}

/* Each allocation of both directions, made to fail in turn: told, and nothing leaks. */
static void test_memory(void **state)
{
    (void)state;
    bool well = false;
    for (long n = 0; !well; n++) {
        struct tensors written = {0}, read = {0};
        struct text out = {0};
        struct diags diags = {0};
        mem_fail_after(n);
        build(&written);
        well = tensors_write(&written, &out, SPAN_NONE, &diags) && tensors_read(&read, text_str(&out), "f", SPAN_NONE, &diags);
        mem_fail_after(-1);
        assert_true(well || diags.out_of_memory);
        if (well) {
            assert_string_equal(tensors_text(&read, "key \"1\""), "é\n");
            assert_null(tensors_text(&read, "key"));
            assert_int_equal(tensors_find(&read, "p")->shape[0], 2);
            assert_memory_equal(tensors_find(&read, "a")->data, row, sizeof row);
            assert_null(tensors_find(&read, "b"));
            assert_true(n > 10);
        }
        tensors_release(&written);
        tensors_release(&read);
        text_release(&out);
        diags_release(&diags);
    }
}

/* ---- reading ---- */

#define A(dtype, shape, offsets) "{\"a\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static const struct {
    const char *header;
    size_t data; /* bytes behind it */
    const char *why;
} refusals[] = {
    {"", 0, "no header"},
    {" {}", 0, "no header"},
    {"[]", 0, "no header"},
    {"{", 0, "not JSON"},
    {"{} {}", 0, "not JSON"},
    {"{\"a\":5}", 0, "more or less than"},
    {A("\"F32\"", "[1]", "[0,4]"), 3, "outside the file"},
    {A("\"F32\"", "[1]", "[0,4]"), 5, "behind its last tensor"},
    {A("\"F32\"", "[1]", "[4,8]"), 8, "a hole before it"},
    {A("\"F32\"", "[1]", "[4,0]"), 8, "outside the file"},
    {A("\"F32\"", "[2]", "[0,4]"), 4, "as its shape says"},
    {A("\"F32\"", "[-1]", "[0,4]"), 4, "whole numbers"},
    {A("\"F32\"", "[0.5]", "[0,4]"), 4, "whole numbers"},
    {A("\"F32\"", "1", "[0,4]"), 4, "no shape"},
    {A("\"F32\"", "[1]", "[0]"), 4, "no data offsets"},
    {A("\"F32\"", "[1]", "[0,4,8]"), 4, "no data offsets"},
    {A("\"F32\"", "[1]", "\"0,4\""), 4, "no data offsets"},
    {A("\"F31\"", "[1]", "[0,4]"), 4, "unknown type"},
    {A("4", "[1]", "[0,4]"), 4, "unknown type"},
    {A("\"F32\"", "[4294967296,4294967296,4294967296]", "[0,4]"), 4, "too large"},
    {A("\"F32\"", "[9007199254740994]", "[0,4]"), 4, "whole numbers"},
    {"{\"__metadata__\":5}", 0, "metadata is no object"},
    {"{\"__metadata__\":{\"a\":5}}", 0, "no text"},
    {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "a name twice"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "its metadata twice"},
    {"{\"\\u0000\":5}", 0, "NUL"},
    {"{\"\xff\":5}", 0, "UTF-8"},
    {"{\"a\nb\":5}", 0, "control character"},
};

/* The file with this header and so many bytes of data. */
static void put_file(struct text *file, struct str header, size_t data)
{
    for (int i = 0; i < 8; i++)
        text_add_char(file, (char)((uint64_t)header.len >> (8 * i)));
    text_add_str(file, header);
    for (size_t i = 0; i < data; i++)
        text_add_char(file, 0);
}

static void expect_refusal(struct str bytes, const char *why)
{
    struct tensors tensors = {0};
    struct diags diags = {0};
    assert_false(tensors_read(&tensors, bytes, "net", SPAN_NONE, &diags));
    assert_int_equal(diags.errors, 1);
    if (!strstr(diags.at[0].note, why))
        fail_msg("`%s` instead of `%s`", diags.at[0].note, why);
    tensors_release(&tensors);
    diags_release(&diags);
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct text file = {0};
        put_file(&file, str_of(refusals[i].header), refusals[i].data);
        expect_refusal(text_str(&file), refusals[i].why);
        text_release(&file);
    }
    expect_refusal(STR("1234567"), "shorter");
    expect_refusal((struct str){"\3\0\0\0\0\0\0\0{}", 10}, "cut off");
    expect_refusal((struct str){"\0\0\0\0\0\0\0\200{}", 10}, "not the length");
}

/* Tensors of types that NEL has no use for, and of more dimensions, are admitted where they are whole. */
static void test_foreign(void **state)
{
    (void)state;
    struct tensors tensors = {0};
    struct diags diags = {0};
    struct text file = {0};
    put_file(&file,
             STR("{\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2,1],\"data_offsets\":[1,5]},"
                 "\"c\":{\"data_offsets\":[0,1],\"shape\":[],\"dtype\":\"U8\"}}"),
             5);
    assert_true(tensors_read(&tensors, text_str(&file), "net", SPAN_NONE, &diags));
    assert_int_equal(tensors_find(&tensors, "b")->dimensions, 3);
    assert_int_equal(tensors_find(&tensors, "b")->type, TENSOR_OTHER);
    assert_int_equal(tensors_find(&tensors, "c")->type, TENSOR_U8);
    text_release(&file);
    tensors_release(&tensors);
    diags_release(&diags);
}

/* ---- JSON ---- */

static const char *why_not(struct str text)
{
    const char *why = NULL;
    struct json *json = json_read(text, &why);
    json_release(json);
    return json ? "accepted" : why;
}

static void test_json(void **state)
{
    (void)state;
    struct text text = {0};
    text_add_repeat(&text, "[", LIMIT_JSON_DEPTH);
    text_add_repeat(&text, "]", LIMIT_JSON_DEPTH);
    assert_string_equal(why_not(text_str(&text)), "accepted");
    text_clear(&text);
    text_add_repeat(&text, "[", 100000);
    assert_string_equal(why_not(text_str(&text)), "it is nested too deep");
    text_clear(&text);
    text_add(&text, "[0");
    text_add_repeat(&text, ",0", LIMIT_JSON_VALUES);
    text_add(&text, "]");
    assert_string_equal(why_not(text_str(&text)), "it holds too many values");
    text_release(&text);
    assert_string_equal(why_not(STR("[1e999]")), "accepted");
    assert_string_equal(why_not(STR("\"\\")), "it is not JSON");
    assert_string_equal(why_not(STR("")), "it is not JSON");
    const char *why;
    struct json *json = json_read(STR("{\"n\":1e999,\"w\":4.5,\"t\":\"x\",\"A\":null,\"b\":true}"), &why);
    double number = 0;
    uint64_t whole = 0;
    bool truth = false;
    assert_false(json_number(json_member(json, "n"), &number));
    assert_true(json_number(json_member(json, "w"), &number) && number == 4.5);
    assert_false(json_whole(json_member(json, "w"), &whole));
    assert_null(json_member(json, "a"));
    assert_true(json_is_null(json_member(json, "A")));
    assert_true(json_bool(json_member(json, "b"), &truth) && truth);
    assert_null(json_text(json_member(json, "none")));
    json_release(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),    cmocka_unit_test(test_long_header), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_foreign),     cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
