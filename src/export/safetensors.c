/* See safetensors.h. The reader trusts nothing: lengths are compared before they are added, and every tensor's place follows from the
   one before it. */
#include "export/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "export/json.h"
#include "support/limits.h"
#include "support/memory.h"

#define METADATA "__metadata__"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they stand in memory");

/* Types of the format and the bytes of one value, those with a kind of their own first, in its order; the others are skipped over, but
   must fit. */
static const struct {
    const char *name;
    unsigned bytes;
    enum tensor_type type;
} types[] = {
    {"F64", 8, TENSOR_F64},    {"F32", 4, TENSOR_F32},       {"U32", 4, TENSOR_U32},       {"U8", 1, TENSOR_U8},
    {"BF16", 2, TENSOR_OTHER}, {"I64", 8, TENSOR_OTHER},     {"I32", 4, TENSOR_OTHER},     {"I16", 2, TENSOR_OTHER},
    {"I8", 1, TENSOR_OTHER},   {"U64", 8, TENSOR_OTHER},     {"U16", 2, TENSOR_OTHER},     {"F16", 2, TENSOR_OTHER},
    {"BOOL", 1, TENSOR_OTHER}, {"F8_E4M3", 1, TENSOR_OTHER}, {"F8_E5M2", 1, TENSOR_OTHER},
};

void tensors_release(struct tensors *tensors)
{
    for (size_t i = 0; i < tensors->list.count; i++)
        mem_free(tensors->list.at[i].name);
    for (size_t i = 0; i < tensors->notes.count; i++) {
        mem_free(tensors->notes.at[i].key);
        mem_free(tensors->notes.at[i].text);
    }
    vec_release(&tensors->list);
    vec_release(&tensors->notes);
}

/* ---- building and writing ---- */

/* Takes over the tensor's name. */
static bool push_tensor(struct tensors *tensors, struct tensor tensor)
{
    const bool well = tensor.name && vec_push(&tensors->list, tensor);
    if (!well)
        mem_free(tensor.name);
    return well;
}

static bool push_note(struct tensors *tensors, const char *key, struct str text)
{
    const struct tensor_note note = {mem_copy_text(key, strlen(key)), mem_copy_text(text.at, text.len)};
    const bool well = note.key && note.text && vec_push(&tensors->notes, note);
    if (!well) {
        mem_free(note.key);
        mem_free(note.text);
    }
    return well;
}

void tensors_add(struct tensors *tensors, const char *name, enum tensor_type type, uint64_t rows, uint64_t columns,
                 const void *data)
{
    const struct tensor tensor = {.name = mem_copy_text(name, strlen(name)),
                                  .type = type,
                                  .dimensions = rows ? 2 : 1,
                                  .shape = {rows ? rows : columns, columns},
                                  .data = data,
                                  .bytes = (rows ? rows : 1) * columns * types[type].bytes};
    tensors->failed = !push_tensor(tensors, tensor) || tensors->failed;
}

void tensors_note(struct tensors *tensors, const char *key, struct str text)
{
    tensors->failed = !push_note(tensors, key, text) || tensors->failed;
}

static void write_entry(const struct tensor *tensor, size_t begin, struct text *out)
{
    text_add_char(out, ',');
    text_add_json(out, str_of(tensor->name));
    text_addf(out, ":{\"dtype\":\"%s\",\"shape\":[%llu", types[tensor->type].name, (unsigned long long)tensor->shape[0]);
    if (tensor->dimensions == 2)
        text_addf(out, ",%llu", (unsigned long long)tensor->shape[1]);
    text_addf(out, "],\"data_offsets\":[%zu,%zu]}", begin, begin + tensor->bytes);
}

/* Entries of the header, or the data, in the order of types: wide ones first. */
static void write_all(const struct tensors *tensors, bool data, struct text *out)
{
    size_t begin = 0;
    for (int type = TENSOR_F64; type < TENSOR_OTHER; type++)
        for (size_t i = 0; i < tensors->list.count; i++) {
            const struct tensor *tensor = &tensors->list.at[i];
            if ((int)tensor->type != type)
                continue;
            if (data)
                text_add_str(out, (struct str){tensor->data, tensor->bytes});
            else
                write_entry(tensor, begin, out);
            begin += tensor->bytes;
        }
}

static void write_header(const struct tensors *tensors, struct text *out)
{
    text_add(out, "{\"" METADATA "\":{");
    for (size_t i = 0; i < tensors->notes.count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        text_add_json(out, str_of(tensors->notes.at[i].key));
        text_add_char(out, ':');
        text_add_json(out, str_of(tensors->notes.at[i].text));
    }
    text_add_char(out, '}');
    write_all(tensors, false, out);
    text_add_char(out, '}');
    text_add_repeat(out, " ", (8 - out->len % 8) % 8);
}

bool tensors_write(const struct tensors *tensors, struct text *out, struct span span, struct diags *diags)
{
    struct text header = {0};
    write_header(tensors, &header);
    for (int i = 0; i < 8; i++)
        text_add_char(out, (char)((uint64_t)header.len >> (8 * i)));
    text_add_str(out, text_str(&header));
    write_all(tensors, true, out);
    const bool whole = !header.failed && !out->failed && !tensors->failed, fits = header.len <= LIMIT_TENSOR_HEADER_BYTES;
    if (!whole)
        diag_out_of_memory(diags, span);
    else if (!fits)
        diag_help(diag_error(diags, span, "a model's file has room for %zu bytes of names and texts, and this has %zu",
                             LIMIT_TENSOR_HEADER_BYTES, header.len),
                  "columns, classes and elements with shorter names take less");
    text_release(&header);
    return whole && fits;
}

/* ---- reading ---- */

/* A file being read: why it is refused, for the end. */
struct reading {
    struct tensors *tensors;
    struct str data;
    const char *why;  /* static */
    const char *name; /* of the tensor it is about, NULL: none */
    bool no_memory;
};

static bool refuse(struct reading *reading, const char *name, const char *why)
{
    reading->name = name;
    reading->why = why;
    return false;
}

static bool read_shape(struct reading *reading, const struct json *shape, unsigned unit, struct tensor *tensor)
{
    uint64_t bytes = unit;
    if (!json_is_list(shape))
        return refuse(reading, tensor->name, "has no shape");
    for (const struct json *item = json_first(shape); item; item = json_next(item)) {
        uint64_t side;
        if (!json_whole(item, &side))
            return refuse(reading, tensor->name, "has a shape that is not of whole numbers");
        if (side > 0 && bytes > SIZE_MAX / side)
            return refuse(reading, tensor->name, "has a shape too large for any memory");
        bytes *= side;
        if (tensor->dimensions < TENSOR_DIMENSIONS)
            tensor->shape[tensor->dimensions] = side;
        tensor->dimensions++;
    }
    tensor->bytes = bytes;
    return true;
}

static bool read_place(struct reading *reading, const struct json *offsets, struct tensor *tensor)
{
    uint64_t begin, end;
    const struct json *first = json_first(offsets);
    if (!json_is_list(offsets) || json_count(offsets) != 2 || !json_whole(first, &begin) || !json_whole(json_next(first), &end))
        return refuse(reading, tensor->name, "has no data offsets");
    if (begin > end || end > reading->data.len)
        return refuse(reading, tensor->name, "lies outside the file");
    if (end - begin != tensor->bytes)
        return refuse(reading, tensor->name, "is not as long as its shape says");
    tensor->data = reading->data.at + begin;
    return true;
}

static bool read_tensor(struct reading *reading, const struct json *entry)
{
    const char *name = json_name(entry), *dtype = json_text(json_member(entry, "dtype"));
    struct tensor tensor = {.name = (char *)(uintptr_t)name};
    size_t k = 0;
    if (!json_is_object(entry) || json_count(entry) != 3)
        return refuse(reading, name, "is described by more or less than type, shape and offsets");
    while (dtype && k < sizeof types / sizeof *types && strcmp(dtype, types[k].name) != 0)
        k++;
    if (!dtype || k == sizeof types / sizeof *types)
        return refuse(reading, name, "has an unknown type");
    tensor.type = types[k].type;
    if (!read_shape(reading, json_member(entry, "shape"), types[k].bytes, &tensor) ||
        !read_place(reading, json_member(entry, "data_offsets"), &tensor))
        return false;
    tensor.name = mem_copy_text(name, strlen(name));
    reading->no_memory = !push_tensor(reading->tensors, tensor);
    return !reading->no_memory;
}

static bool read_notes(struct reading *reading, const struct json *metadata)
{
    if (!json_is_object(metadata))
        return refuse(reading, NULL, "its metadata is no object");
    for (const struct json *item = json_first(metadata); item; item = json_next(item)) {
        if (!json_text(item))
            return refuse(reading, NULL, "its metadata holds something that is no text");
        reading->no_memory = !push_note(reading->tensors, json_name(item), str_of(json_text(item)));
        if (reading->no_memory)
            return false;
    }
    return true;
}

static bool read_entries(struct reading *reading, const struct json *header)
{
    bool metadata = false;
    if (!json_is_object(header))
        return refuse(reading, NULL, "its header is no object");
    for (const struct json *entry = json_first(header); entry; entry = json_next(entry)) {
        const bool notes = strcmp(json_name(entry), METADATA) == 0;
        if (notes && metadata)
            return refuse(reading, NULL, "it has its metadata twice");
        metadata = metadata || notes;
        if (!(notes ? read_notes(reading, entry) : read_tensor(reading, entry)))
            return false;
    }
    return true;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(((const struct tensor *)a)->name, ((const struct tensor *)b)->name);
}

static int key_order(const void *a, const void *b)
{
    return strcmp(((const struct tensor_note *)a)->key, ((const struct tensor_note *)b)->key);
}

static int place_order(const void *a, const void *b)
{
    const struct tensor *left = a, *right = b;
    if (left->data != right->data)
        return left->data < right->data ? -1 : 1;
    return left->bytes < right->bytes ? -1 : left->bytes > right->bytes;
}

static void sort(void *at, size_t count, size_t size, int (*order)(const void *, const void *))
{
    if (count > 1)
        qsort(at, count, size, order);
}

/* The tensors cover the data from its first byte to its last, and no name comes twice; they are left in the order of their names. */
static bool check_whole(struct reading *reading)
{
    struct tensors *tensors = reading->tensors;
    const char *at = reading->data.at;
    sort(tensors->list.at, tensors->list.count, sizeof *tensors->list.at, place_order);
    for (size_t i = 0; i < tensors->list.count; i++) {
        if (tensors->list.at[i].data != at)
            return refuse(reading, tensors->list.at[i].name,
                          tensors->list.at[i].data < at ? "lies over another one" : "has a hole before it");
        at += tensors->list.at[i].bytes;
    }
    if (at != reading->data.at + reading->data.len)
        return refuse(reading, NULL, "it goes on behind its last tensor");
    sort(tensors->list.at, tensors->list.count, sizeof *tensors->list.at, name_order);
    for (size_t i = 1; i < tensors->list.count; i++)
        if (strcmp(tensors->list.at[i - 1].name, tensors->list.at[i].name) == 0)
            return refuse(reading, tensors->list.at[i].name, "comes twice");
    sort(tensors->notes.at, tensors->notes.count, sizeof *tensors->notes.at, key_order);
    for (size_t i = 1; i < tensors->notes.count; i++)
        if (strcmp(tensors->notes.at[i - 1].key, tensors->notes.at[i].key) == 0)
            return refuse(reading, NULL, "its metadata has a name twice");
    return true;
}

static bool read_file(struct reading *reading, struct str bytes, struct json **header)
{
    uint64_t length = 0;
    if (bytes.len < 8)
        return refuse(reading, NULL, "it is shorter than any");
    for (int i = 0; i < 8; i++)
        length |= (uint64_t)(unsigned char)bytes.at[i] << (8 * i);
    if (length > LIMIT_TENSOR_HEADER_BYTES)
        return refuse(reading, NULL, "its first eight bytes are not the length of a header");
    if (length > bytes.len - 8)
        return refuse(reading, NULL, "its header is cut off");
    if (length == 0 || bytes.at[8] != '{')
        return refuse(reading, NULL, "it has no header");
    reading->data = (struct str){bytes.at + 8 + length, bytes.len - 8 - length};
    *header = json_read((struct str){bytes.at + 8, length}, &reading->why);
    return *header && read_entries(reading, *header) && check_whole(reading);
}

bool tensors_read(struct tensors *tensors, struct str bytes, const char *file, struct span span, struct diags *diags)
{
    struct reading reading = {.tensors = tensors};
    struct json *header = NULL;
    const bool well = read_file(&reading, bytes, &header);
    if (reading.no_memory)
        diag_out_of_memory(diags, span);
    else if (!well && reading.name)
        diag_note(diag_error(diags, span, "`%s` is not a safetensors file, or it is damaged", file), "its tensor `%.100s` %s",
                  reading.name, reading.why);
    else if (!well)
        diag_note(diag_error(diags, span, "`%s` is not a safetensors file, or it is damaged", file), "%s", reading.why);
    json_release(header);
    return well;
}

const struct tensor *tensors_find(const struct tensors *tensors, const char *name)
{
    const struct tensor wanted = {.name = (char *)(uintptr_t)name};
    return tensors->list.count ? bsearch(&wanted, tensors->list.at, tensors->list.count, sizeof *tensors->list.at, name_order)
                               : NULL;
}

const char *tensors_text(const struct tensors *tensors, const char *key)
{
    const struct tensor_note wanted = {.key = (char *)(uintptr_t)key};
    const struct tensor_note *note =
        tensors->notes.count ? bsearch(&wanted, tensors->notes.at, tensors->notes.count, sizeof *tensors->notes.at, key_order)
                             : NULL;
    return note ? note->text : NULL;
}
